"""The public keys that a client publishes for private_key_jwt (RFC 7517, RFC 7523): P-256, for ES256."""

from __future__ import annotations

from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from werkpod.consent.oauth.errors import InvalidClient

MOST_KEYS = 5


def public_keys(jwks: object) -> tuple[dict[str, Any], ...]:
    """The keys in a `jwks` member. `jwks_uri` is not followed: one statement, one truth. Raises InvalidClient."""
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not 1 <= len(keys) <= MOST_KEYS:
        raise InvalidClient("private_key_jwt needs jwks, with one to five keys; jwks_uri is not followed.")
    for key in keys:
        if not isinstance(key, dict) or key.get("kty") != "EC" or key.get("crv") != "P-256" or "d" in key:
            raise InvalidClient("jwks must hold public P-256 keys (for ES256) only.")
        try:
            ECKey.import_key(key)
        except (JoseError, ValueError, TypeError):
            raise InvalidClient("jwks holds a key that cannot be read.") from None
    return tuple(keys)
