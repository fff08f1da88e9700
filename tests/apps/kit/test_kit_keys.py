"""The keys of an app, made from one secret."""

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from werkpod.apps.kit.keys import AppKeys


def test_the_same_secret_gives_the_same_keys() -> None:
    """An app that starts again with its secret opens its old cookies and keeps its public key."""
    first, second = AppKeys(b"s" * 32, "beroep"), AppKeys(b"s" * 32, "beroep")
    assert first.public_jwks() == second.public_jwks()
    assert first.cookie.raw_value == second.cookie.raw_value


def test_each_app_has_other_keys() -> None:
    """Two apps that were given one secret by mistake still cannot read each other's cookies or sign for each other."""
    one, other = AppKeys(b"s" * 32, "beroep"), AppKeys(b"s" * 32, "wens")
    assert one.cookie.raw_value != other.cookie.raw_value
    assert one.key_id != other.key_id


def test_the_published_key_verifies_and_holds_nothing_private() -> None:
    """What the client id document publishes checks the app's signatures and contains no private number."""
    keys = AppKeys(b"s" * 32, "beroep")
    published = keys.public_jwks()
    assert all("d" not in key for key in published["keys"])
    token = jwt.encode({"alg": "ES256", "kid": keys.key_id}, {"sub": "x"}, keys.signing, algorithms=["ES256"])
    assert jwt.decode(token, KeySet.import_key_set(published), algorithms=["ES256"]).claims == {"sub": "x"}


def test_a_short_secret_is_refused() -> None:
    """A secret of fewer than 32 bytes is refused with its length and the length that is needed."""
    with pytest.raises(ValueError, match="'beroep' has 31 bytes; it needs at least 32"):
        AppKeys(b"s" * 31, "beroep")
