"""The token endpoint from outside: codes, client authentication, refresh, and what is not spoken (checklist 25-46).

**Profile.** Client assertions are ES256 and nothing else, which fits FAPI 2.0 (PS256, ES256 or EdDSA) and not the RS256
that NL GOV OAuth 1.1 also takes: one algorithm, and keys of one kind, is less to get wrong (number 36).
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc.jwk import OctKey, RSAKey
from support.oauth import BASE, App, OAuthServer, claims_of, oauth_server
from support.site import Site
from support.tokens import Device, sign

from werkpod.consent.oauth.details import TYPE
from werkpod.consent.oauth.store import CODE_SECONDS, FAMILY_SECONDS, REFRESH_SECONDS

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[OAuthServer]:
    """An authorization server."""
    async with oauth_server(tmp_path) as started:
        yield started


def error_of(response: httpx2.Response) -> tuple[int, str]:
    """Status and OAuth error."""
    return response.status_code, response.json().get("error", "")


async def active(app: App, token: str) -> bool:
    """Whether introspection calls a token active."""
    response = await app.server.http.post("/oauth/introspect", data={**app.authentication(), "token": token})
    found: bool = response.json()["active"]
    return found


async def test_a_code_that_comes_again_ends_what_came_of_it(server: OAuthServer) -> None:
    """Checklist 25: a second later it is invalid_grant, and the tokens of the first use are dead."""
    anna, app = await server.citizen(), server.app()
    code = await server.code(app, anna)
    first = (await app.redeem(code)).json()
    assert await active(app, first["access_token"])
    server.clock.now += 1
    assert error_of(await app.redeem(code)) == (400, "invalid_grant")
    assert not await active(app, first["access_token"])
    assert error_of(await app.refresh(first["refresh_token"])) == (400, "invalid_grant")


async def test_of_twenty_at_once_one_succeeds(server: OAuthServer) -> None:
    """Checklist 26: twenty parallel redemptions, one success; a code that came again leaves nothing behind."""
    anna, app = await server.citizen(), server.app()
    code = await server.code(app, anna)
    found = await asyncio.gather(*(app.redeem(code) for _ in range(20)))
    assert sorted(one.status_code for one in found) == [200] + [400] * 19
    good = next(one.json() for one in found if one.status_code == 200)
    assert not await active(app, good["access_token"])


async def test_a_code_is_for_one_minute(server: OAuthServer) -> None:
    """Checklist 27: at 59 seconds it works, at 60 it does not; the server's clock is the one that a test moves."""
    anna, app = await server.citizen(), server.app()
    assert CODE_SECONDS == 60
    code = await server.code(app, anna)
    server.clock.now += 59
    assert (await app.redeem(code)).status_code == 200
    late = await server.code(app, anna, prompt="consent")
    server.clock.now += 60
    assert error_of(await app.redeem(late)) == (400, "invalid_grant")


async def test_a_code_needs_its_verifier_client_address_and_a_proof(server: OAuthServer) -> None:
    """Checklist 28, 30, 31: without or with another of each there is nothing, and the code is still its client's."""
    anna, app, other = await server.citizen(), server.app(), server.app("ander")
    code = await server.code(app, anna)
    other.verifier = app.verifier
    assert error_of(await app.redeem(code, code_verifier=None)) == (400, "invalid_grant")
    assert error_of(await app.redeem(code, code_verifier="x" * 43)) == (400, "invalid_grant")
    assert error_of(await other.redeem(code)) == (400, "invalid_grant")
    assert error_of(await other.redeem(code, redirect_uri=app.redirect_uri)) == (400, "invalid_grant")
    assert error_of(await app.redeem(code, redirect_uri=app.redirect_uri + "/")) == (400, "invalid_grant")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": app.redirect_uri}
    assert error_of(await app.token({**form, "code_verifier": app.verifier}, proof=None)) == (400, "invalid_request")
    assert (await app.redeem(code)).status_code == 200


async def pushed_with(app: App, assertion: str) -> httpx2.Response:
    """A pushed request with this assertion."""
    sent = {"client_id": app.id, "client_assertion_type": ASSERTION, "client_assertion": assertion}
    return await app.push(authentication=sent)


async def test_an_assertion_is_for_the_issuer_by_name(server: OAuthServer) -> None:
    """Checklist 34: neither the endpoint that it is sent to nor a list will do, at the push and the token endpoint."""
    app = server.app()
    for audience in (f"{BASE}/oauth/token", f"{BASE}/oauth/par", f"{BASE}/", [BASE], [BASE, "https://x.example"], None):
        assert error_of(await pushed_with(app, app.assertion(aud=audience))) == (401, "invalid_client")
        refresh = {"grant_type": "refresh_token", "refresh_token": "x"}
        assert error_of(await app.token(refresh, aud=audience)) == (401, "invalid_client")
    assert (await pushed_with(app, app.assertion())).status_code == 201


async def test_an_assertion_is_of_this_minute_and_used_once(server: OAuthServer) -> None:
    """Checklist 35: 8 seconds ahead is fine; a minute ahead, over, of another, without or with a used jti is not."""
    app, other, now = server.app(), server.app("ander"), int(server.clock())
    assert (await pushed_with(app, app.assertion(iat=now + 8, nbf=now + 8))).status_code == 201
    wrong: tuple[dict[str, Any], ...] = (
        {"iat": now + 61}, {"nbf": now + 61}, {"exp": now - 61}, {"exp": None}, {"sub": other.id}, {"iss": other.id},
        {"jti": None}, {"jti": "short"},
    )  # fmt: skip
    for changes in wrong:
        assert error_of(await pushed_with(app, app.assertion(**changes))) == (401, "invalid_client"), changes
    once = app.assertion()
    assert (await pushed_with(app, once)).status_code == 201
    assert error_of(await pushed_with(app, once)) == (401, "invalid_client")


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    """A compact JWS with any signature."""
    parts = [json.dumps(part).encode() for part in (header, claims)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (*parts, signature))


async def test_an_assertion_is_es256_by_a_key_of_the_client(server: OAuthServer) -> None:
    """Checklist 36, 37, 38: none, HS256 by the public key, RS256, keys in the header, crit, a megabyte, a JWE: all 4xx,
    and nobody calls at an address that a header names."""
    app = server.app()
    claims, rsa = claims_of(app.assertion()), RSAKey.generate_key(2048)
    secret = OctKey.import_key(json.dumps(app.key.as_dict(private=False)).encode())
    mallory = Device()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        address = f"https://127.0.0.1:{listener.getsockname()[1]}/keys"
        made = (
            unsigned({"alg": "none"}, claims),
            unsigned({"alg": "none", "typ": "JWT"}, claims, b"x" * 64),
            sign({"kid": "app-1"}, claims, secret, "HS256"),
            sign({"kid": "app-1"}, claims, rsa, "RS256"),
            sign({"jwk": mallory.public}, claims, mallory.key),
            sign({"jku": address}, claims, mallory.key),
            sign({"x5u": address, "kid": "app-1"}, claims, mallory.key),
            sign({"kid": "app-1", "crit": ["exp"]}, claims, app.key),
            sign({"kid": "app-1", "crit": ["b64"], "b64": False}, claims, app.key),
            unsigned({"alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2**31, "p2s": "AA"}, claims, b"x")
            + ".AA.AA",
        )
        for assertion in made:
            assert error_of(await pushed_with(app, assertion)) == (401, "invalid_client"), assertion[:60]
        large = await pushed_with(app, f"{app.assertion().split('.')[0]}.{'A' * 1_000_000}.AA")
        assert error_of(large) == (400, "invalid_request")
        with pytest.raises(BlockingIOError):
            listener.accept()


async def test_a_refresh_token_needs_its_client_and_key(server: OAuthServer) -> None:
    """Checklist 39: of another client, without authentication, without a proof or with another key: refused, unused."""
    anna, app, other = await server.citizen(), server.app(), server.app("ander")
    token = (await server.tokens(app, anna))["refresh_token"]
    form = {"grant_type": "refresh_token", "refresh_token": token}
    assert error_of(await other.refresh(token)) == (400, "invalid_grant")
    bare = await server.http.post("/oauth/token", data={**form, "client_id": app.id}, headers={"DPoP": app.proof()})
    assert error_of(bare) == (401, "invalid_client")
    assert error_of(await app.token(form, proof=None)) == (400, "invalid_request")
    mine, app.device = app.device, Device()
    assert error_of(await app.refresh(token)) == (400, "invalid_grant")
    app.device = mine
    assert (await app.refresh(token)).status_code == 200


async def test_a_refresh_token_that_comes_again_ends_the_family(server: OAuthServer) -> None:
    """Checklist 40: of a client without a secret, later or twice at once: nothing of the family works after it."""
    anna, app = await server.citizen(), server.app(method="none")
    first = await server.tokens(app, anna)
    second = (await app.refresh(first["refresh_token"])).json()
    assert error_of(await app.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert error_of(await app.refresh(second["refresh_token"])) == (400, "invalid_grant")
    assert first["access_token"] != second["access_token"]
    for token in (first["access_token"], second["access_token"]):
        assert await server.parts.store.revoked(claims_of(token)["family"])
    other = await server.tokens(app, anna, prompt="consent")
    at_once = await asyncio.gather(*(app.refresh(other["refresh_token"]) for _ in range(2)))
    assert sorted(one.status_code for one in at_once) == [200, 400]
    won = next(one.json() for one in at_once if one.status_code == 200)
    assert error_of(await app.refresh(won["refresh_token"])) == (400, "invalid_grant")


async def test_a_refresh_gives_no_more_than_was_granted(server: OAuthServer) -> None:
    """Checklist 41: a wider scope is invalid_scope, wider details invalid_authorization_details; neither uses it up."""
    anna, app = await server.citizen(), server.app()
    token = (await server.tokens(app, anna, scope="webid offline_access"))["refresh_token"]
    assert error_of(await app.refresh(token, scope="webid openid offline_access")) == (400, "invalid_scope")
    wider = ([{"sections": ["contact"]}], [{"sections": ["experience"], "actions": ["read", "write"]}])
    for element in wider:
        details = json.dumps([{"type": TYPE, **element[0]}])
        found = await app.refresh(token, authorization_details=details)
        assert error_of(found) == (400, "invalid_authorization_details")
    assert (await app.refresh(token)).status_code == 200


async def test_a_refresh_ends_with_what_it_rests_on(server: OAuthServer) -> None:
    """Checklist 42: a grant that is stopped or over; a token that lay too long; a year, however often it was used."""
    anna, app = await server.citizen(), server.app()
    stopped = await server.tokens(app, anna)
    await server.grants.revoke(anna.id, (await server.grants.list(anna.id))[0].id, by=anna.id)
    assert error_of(await app.refresh(stopped["refresh_token"])) == (400, "invalid_grant")
    assert not await active(app, stopped["access_token"])
    over = await server.tokens(app, anna)
    server.clock.now += REFRESH_SECONDS + 1
    assert error_of(await app.refresh(over["refresh_token"])) == (400, "invalid_grant")
    ending = await server.tokens(app, anna, prompt="consent")
    server.clock.now += 29 * 86400
    for _ in range(3):
        ending = (await app.refresh(ending["refresh_token"])).json()
        server.clock.now += 25 * 86400
    assert error_of(await app.refresh(ending["refresh_token"])) == (400, "invalid_grant")
    code = await server.code(app, anna, prompt="consent")
    await server.grants.change(replace((await server.grants.list(anna.id, active_only=True))[0], until=None))
    token = (await app.redeem(code)).json()["refresh_token"]
    began = server.clock.now
    while server.clock.now + 29 * 86400 < began + FAMILY_SECONDS:
        server.clock.now += 29 * 86400
        token = (await app.refresh(token)).json()["refresh_token"]
    server.clock.now = began + FAMILY_SECONDS
    assert error_of(await app.refresh(token)) == (400, "invalid_grant")


async def test_stopping_while_an_app_refreshes(server: OAuthServer) -> None:
    """Checklist 42: whichever is first, after the stop nothing works: no token is active, no refresh is answered."""
    anna, app = await server.citizen(), server.app()
    for _ in range(5):
        tokens = await server.tokens(app, anna)
        grant = (await server.grants.list(anna.id, active_only=True))[0]
        found, _ = await asyncio.gather(
            app.refresh(tokens["refresh_token"]), server.grants.revoke(anna.id, grant.id, by=anna.id)
        )
        assert found.status_code in (200, 400)
        if found.status_code == 200:
            assert not await active(app, found.json()["access_token"])
            assert error_of(await app.refresh(found.json()["refresh_token"])) == (400, "invalid_grant")


async def test_ways_to_a_token_that_are_not_spoken(server: OAuthServer) -> None:
    """Checklist 43, 45, 46: password, implicit, token exchange and the device flow are unsupported_grant_type, have no
    endpoint, and are not in the metadata."""
    app = server.app()
    exchange, device = "urn:ietf:params:oauth:grant-type:token-exchange", "urn:ietf:params:oauth:grant-type:device_code"
    forms: tuple[dict[str, str], ...] = (
        {"grant_type": "password", "username": "anna", "password": "x"},
        {"grant_type": "implicit"},
        {"grant_type": exchange, "subject_token": "x", "resource": "https://elsewhere.example/"},
        {"grant_type": device, "device_code": "x"},
        {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "x"},
    )
    for form in forms:
        assert error_of(await app.token(form)) == (400, "unsupported_grant_type"), form
    said = (await server.http.get("/.well-known/oauth-authorization-server")).json()
    assert not {form["grant_type"] for form in forms} & set(said["grant_types_supported"])
    assert "device_authorization_endpoint" not in said
    assert (await server.http.post("/oauth/device_authorization", data={"client_id": app.id})).status_code == 404


async def test_an_app_by_itself_reads_nothing_of_a_citizen(site: Site) -> None:
    """Checklist 44: what an app gets with client_credentials is for managing its grants, and is 401 at every pod."""
    sanne, app = (
        await site.person("Sanne"),
        site.app(document={"grant_types": ["authorization_code", "client_credentials"]}),
    )
    form = {"grant_type": "client_credentials"}
    sent = {**app.authentication(), **form}
    bare = await site.http.post("/oauth/token", data=sent, headers={"DPoP": app.proof()})
    assert error_of(bare) == (400, "invalid_scope")
    sent = {**app.authentication(), **form, "scope": "grant_management_query webid openid"}
    body = (await site.http.post("/oauth/token", data=sent, headers={"DPoP": app.proof()})).json()
    assert body["scope"] == "grant_management_query"
    assert not {"webid", "storage", "id_token", "refresh_token", "authorization_details"} & set(body)
    for path in ("", "cv/experience", "profile/card", "consent/"):
        url = f"{sanne.account.storage}{path}"
        found = await site.http.get(url, headers=app.device.headers("GET", url, body["access_token"]))
        assert found.status_code == 401, path
