"""Client id documents: what one must say, and what happens with one that does not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from joserfc.jwk import ECKey
from support.oauth import BASE, OAuthServer

from werkpod.consent.oauth.details import TYPE
from werkpod.consent.oauth.documents import parse_document
from werkpod.consent.oauth.errors import InvalidClient

ID = "https://app.example/client.jsonld"
KEY = {k: v for k, v in ECKey.generate_key("P-256").as_dict(private=False).items() if k in ("kty", "crv", "x", "y")}


def parse(*, loopback: bool = False, **changes: Any):  # type: ignore[no-untyped-def]
    """A good document but for `changes`; None leaves a member out."""
    document = {"client_id": ID, "client_name": "App", "redirect_uris": ["https://app.example/cb"], **changes}
    kept = {name: value for name, value in document.items() if value is not None}
    return parse_document(ID, json.dumps(kept).encode(), allow_loopback=loopback)


@pytest.mark.duty(94, 95)
def test_a_solid_oidc_document_is_a_public_client() -> None:
    """What Solid apps publish today is enough: id, name and redirect_uris; offline_access means refreshing."""
    client = parse(scope="openid webid offline_access", grant_types=["authorization_code"])
    assert client.auth_method == "none"
    assert client.grant_types == ("authorization_code", "refresh_token")
    assert client.label("nl") == "App"


@pytest.mark.duty(95)
@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "https://other.example/client.jsonld"},
        {"client_id": None},
        {"client_secret": "x"},
        {"token_endpoint_auth_method": "client_secret_basic"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": []}},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [{**KEY, "d": "x"}]}},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [{"kty": "RSA", "n": "x", "e": "AQAB"}]}},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [{**KEY, "x": "AAAA"}]}},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://app.example/jwks"},
        {"redirect_uris": None},
        {"redirect_uris": []},
        {"redirect_uris": "https://app.example/cb"},
        {"redirect_uris": ["http://app.example/cb"]},
        {"redirect_uris": ["http://localhost/cb"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": ["data:text/html,x"]},
        {"redirect_uris": ["com.example.app:/cb"]},
        {"redirect_uris": ["https://app.example/cb#fragment"]},
        {"redirect_uris": ["https://user@app.example/cb"]},
        {"redirect_uris": ["https:///cb"]},
        {"redirect_uris": ["/cb"]},
        {"client_name": ["a"]},
        {"client_name": "x" * 101},
        {"scope": ["webid"]},
    ],
)
def test_an_unfit_document_is_refused(changes: dict[str, Any]) -> None:
    """Another id, a secret, another method, no usable key, an unfit redirect_uri: no client."""
    with pytest.raises(InvalidClient):
        parse(**changes)


@pytest.mark.parametrize("body", [b"", b"[]", b"x", b'"x"', b"[" * 5000])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    """Garbage is refused in one way."""
    with pytest.raises(InvalidClient):
        parse_document(ID, body, allow_loopback=False)


def test_http_on_loopback_is_for_tests_and_demo() -> None:
    """http redirect_uris work on this machine where that was allowed, and nowhere else."""
    assert parse(loopback=True, redirect_uris=["http://localhost:8080/cb"]).redirect_uris
    with pytest.raises(InvalidClient):
        parse(loopback=True, redirect_uris=["http://localhost.evil.example/cb"])


@pytest.mark.duty(96)
def test_an_address_that_is_not_fit_is_none_of_the_apps() -> None:
    """A document that names its maker's own machine beside the real address is of use, for the real address."""
    client = parse(redirect_uris=["http://localhost:3000/cb", "https://app.example/cb", "https://app.example/cb#x"])
    assert client.redirect_uris == ("https://app.example/cb",)
    assert not client.check_redirect_uri("http://localhost:3000/cb")


def test_a_name_is_shown_without_tricks() -> None:
    """Characters that turn text round or are not seen are left out of the name."""
    assert parse(client_name="Bank\u202eknaB\u200b ").name == "BankknaB"


def test_what_the_document_asks_by_default_is_checked_like_a_request() -> None:
    """`werkpod:access` gives purpose, texts and duration; unknown sections in it are refused."""
    access = {"type": TYPE, "sections": ["experience"], "purpose_text": {"nl": "Om te zoeken"}, "duration": "P30D"}
    client = parse(**{"werkpod:access": access})
    assert client.access.text("en") == "Om te zoeken"
    assert client.access.seconds == 30 * 86400


async def test_a_document_is_kept_for_five_minutes_and_an_error_not_at_all(server: OAuthServer) -> None:
    """A good document is believed for a while; a bad one is asked for again at once."""
    app = server.app()
    clients = server.parts.clients
    app.document["client_name"] = ["unfit"]
    with pytest.raises(InvalidClient):
        await clients.get(app.id)
    app.document["client_name"] = "Goed"
    found = await clients.get(app.id)
    assert found is not None
    assert found.name == "Goed"
    app.document["client_name"] = "Anders"
    assert await clients.get(app.id) == found
    server.clock.now += 301
    renewed = await clients.get(app.id)
    assert renewed is not None
    assert renewed.name == "Anders"
    assert renewed.snapshot != found.snapshot


async def test_a_document_that_is_too_large_is_refused(server: OAuthServer) -> None:
    """Five kilobytes are the end."""
    app = server.app(document={"note": "x" * 6000})
    with pytest.raises(InvalidClient, match="larger than"):
        await server.parts.clients.get(app.id)


@pytest.mark.parametrize(
    "client_id",
    [
        "ftp://app.example/x", "https://app.example", "https://app.example/", "https://app.example/x#y",
        "https://user:pw@app.example/x", "https://app.example/a/../b", "https://app.example:8443/x",
        "http://app.example/x", "file:///etc/passwd", "client", "", BASE, f"{BASE}/",
    ],
)  # fmt: skip
async def test_an_id_that_is_no_address_of_a_document_is_refused(server: OAuthServer, client_id: str) -> None:
    """An id must be an https address with a path, without tricks; nothing is fetched for another."""
    with pytest.raises(InvalidClient):
        await server.parts.clients.get(client_id)


async def test_an_unknown_credential_is_no_client(server: OAuthServer) -> None:
    """An id in the form of a credential that does not exist is nobody's."""
    assert await server.parts.clients.get("0" * 26 + "." + "0" * 26) is None
