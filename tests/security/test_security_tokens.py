"""The authorization server asked by apps that want more than they may have (checklist sections 1 and 2)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from support.oauth import BASE, OAuthServer, answer, claims_of, oauth_server
from support.tokens import Device, sign

from werkpod.consent.oauth.details import TYPE


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[OAuthServer]:
    """An authorization server."""
    async with oauth_server(tmp_path) as started:
        yield started


async def test_the_metadata_promises_no_weak_way(server: OAuthServer) -> None:
    """Checklist 1, 2: the issuer byte for byte, S256 only, `iss` in answers, no implicit or password, no `none`."""
    for path in ("openid-configuration", "oauth-authorization-server"):
        found = (await server.http.get(f"/.well-known/{path}", headers={"X-Forwarded-Host": "evil.test"})).json()
        assert found["issuer"] == BASE
        assert found["code_challenge_methods_supported"] == ["S256"]
        assert found["authorization_response_iss_parameter_supported"] is True
        assert not {"implicit", "password"} & set(found["grant_types_supported"])
        assert found["response_types_supported"] == ["code"]
        assert not any("none" in value for name, value in found.items() if name.endswith("alg_values_supported"))


BAD_REQUESTS: list[dict[str, str | None]] = [
    {"code_challenge": None}, {"code_challenge_method": "plain"}, {"code_challenge_method": None},
    {"response_type": "token"}, {"response_type": "code id_token"}, {"response_mode": "fragment"}, {"request": "x"},
    {"request_uri": "https://evil.test/r"}, {"state": "s" * 3000}, {"prompt": "none consent"}, {"dpop_jkt": "x"},
    *({"authorization_details": json.dumps(details)} for details in (
        [{"type": "x"}], [{"type": TYPE, "sections": ["nothing"]}], [{"type": TYPE, "sections": ["summary"],
        "evil": 1}],
        [{"type": TYPE, "sections": ["summary"], "actions": ["control"]}], [{"type": TYPE}] * 50, {}, "x",
        [{"type": TYPE, "sections": ["summary"], "purpose": "x" * 20_000}],
        [{"type": TYPE, "sections": ["summary"], "duration": "P9999Y"}],
    )),
]  # fmt: skip


async def test_requests_that_are_not_right_get_no_code(server: OAuthServer) -> None:
    """Checklist 5, 6, 13, 15, 17, 21, 22: each error goes back with `iss` and without a code, and nothing waits."""
    anna, app = await server.citizen(), server.app()
    for changes in BAD_REQUESTS:
        found = await server.ask(app, anna, **changes)
        assert found.status_code == 302, changes
        said = answer(found.headers["location"])
        assert found.headers["location"].startswith(app.redirect_uri + "?"), changes
        assert said["iss"] == BASE
        assert "error" in said
        assert "code" not in said
    twice = urlencode(app.query()) + "&scope=webid"
    assert (await server.http.get(f"/oauth/authorize?{twice}")).status_code == 400


async def test_without_a_yes_there_is_no_silent_code(server: OAuthServer) -> None:
    """Checklist 23: prompt=none asks nobody, and the error goes back with state and issuer."""
    anna, app = await server.citizen(), server.app()
    for account, error in ((None, "login_required"), (anna, "consent_required")):
        said = answer((await server.ask(app, account, prompt="none")).headers["location"])
        assert (said["error"], said["state"], said["iss"]) == (error, "a state", BASE)


async def test_a_code_is_for_one_client_once(server: OAuthServer) -> None:
    """Checklist 25, 26, 28, 30, 31: of twenty at once one gets a token; another client, verifier or no proof none."""
    anna, app, other = await server.citizen(), server.app(), server.app("ander")
    code = await server.code(app, anna)
    other.verifier = app.verifier
    wrong = [
        await other.redeem(code), await app.redeem(code, redirect_uri=other.redirect_uri),
        await app.redeem(code, code_verifier="x" * 43), await app.redeem(code, code_verifier=None),
        await app.token({"grant_type": "authorization_code", "code": code, "redirect_uri": app.redirect_uri,
                         "code_verifier": app.verifier}, proof=None),
    ]  # fmt: skip
    assert {found.status_code for found in wrong} == {400}
    found = await asyncio.gather(*(app.redeem(code) for _ in range(20)))
    assert sorted(one.status_code for one in found) == [200] + [400] * 19
    good = next(one.json() for one in found if one.status_code == 200)
    assert (await app.refresh(good["refresh_token"])).status_code == 400


async def test_a_refresh_token_is_for_one_client_and_key_once(server: OAuthServer) -> None:
    """Checklist 39, 40, 41: another client, key, or wider request is refused, and a second use ends the family."""
    anna, app, other = await server.citizen(), server.app(), server.app("ander")
    first = await server.tokens(app, anna)
    wider = json.dumps([{"type": TYPE, "sections": ["contact"], "actions": ["read"]}])
    assert (await other.refresh(first["refresh_token"])).status_code == 400
    assert (await app.refresh(first["refresh_token"], authorization_details=wider)).status_code == 400
    device, app.device = app.device, Device()
    assert (await app.refresh(first["refresh_token"])).status_code == 400
    app.device = device
    second = await app.refresh(first["refresh_token"])
    assert second.status_code == 200
    assert (await app.refresh(first["refresh_token"])).status_code == 400
    assert (await app.refresh(second.json()["refresh_token"])).status_code == 400


async def test_tokens_say_what_they_are_for(server: OAuthServer) -> None:
    """Checklist 32, 43, 77, 78: five minutes, one audience, the proven key; other grant types are not spoken."""
    anna, app = await server.citizen(), server.app()
    claims = claims_of((await server.tokens(app, anna))["access_token"])
    assert claims["aud"] == "solid"
    assert claims["exp"] - claims["iat"] == 300
    assert claims["cnf"] == {"jkt": app.device.thumbprint}
    code = await server.code(server.app("sleutel"), anna, dpop_jkt=Device().thumbprint)
    assert (await server.apps["sleutel"].redeem(code)).status_code == 400
    for kind in ("password", "implicit", "urn:ietf:params:oauth:grant-type:token-exchange", "client_credentials"):
        assert (await app.token({"grant_type": kind, "username": "anna", "password": "x"})).status_code in (400, 401)


async def test_an_assertion_of_an_attacker_is_no_client(server: OAuthServer) -> None:
    """Checklist 34-38: another audience, key, algorithm, time, header or subject is a 401, and none is used twice."""
    anna, app, other = await server.citizen(), server.app(), server.app("ander")
    token, now = await server.tokens(app, anna), int(server.clock())
    wrong = [
        {"aud": f"{BASE}/oauth/token"}, {"aud": [BASE]}, {"aud": None}, {"sub": other.id}, {"iss": other.id},
        {"exp": now - 61},
        {"exp": now + 99_999}, {"iat": now + 90}, {"nbf": now + 90}, {"jti": None}, {"jti": "x"}, {"key": other.key},
        {"header": {"jwk": other.key.as_dict(private=False)}, "key": other.key},
        {"header": {"jku": "https://evil.test/jwks"}, "key": other.key},
    ]  # fmt: skip
    for changes in wrong:
        form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
        found = await app.token(form, **changes)
        assert found.status_code == 401, changes
    deep = "eyJhIjpb" + "W1tb" * 1500
    claims = claims_of(app.assertion())
    critical = sign({"kid": "app-1", "crit": ["x"], "x": 1}, claims, app.key)
    for text in (critical, "", "a.b.c", f"{deep}.{deep}.AA", "e30.e30.", "x" * 20_000):
        sent = {"grant_type": "refresh_token", "refresh_token": "x", "client_assertion": text,
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}  # fmt: skip
        found = await server.http.post("/oauth/token", data=sent, headers={"DPoP": app.proof()})
        assert found.status_code in (400, 401), text[:20]
    assert (await app.refresh(token["refresh_token"])).status_code == 200


async def test_other_clients_learn_and_end_nothing(server: OAuthServer) -> None:
    """Checklist 99: introspection of another's token says inactive, its revocation changes nothing, junk is junk."""
    anna, app, other = await server.citizen(), server.app(), server.app("ander")
    tokens = await server.tokens(app, anna)
    deep = "eyJhIjpb" + "W1tb" * 1500
    for token in (tokens["access_token"], tokens["refresh_token"], "x", f"{deep}.e30.AA", "a.b.c"):
        asked = await server.http.post("/oauth/introspect", data={**other.authentication(), "token": token})
        assert (asked.status_code, asked.json()) == (200, {"active": False})
        ended = await server.http.post("/oauth/revoke", data={**other.authentication(), "token": token})
        assert ended.status_code == 200
    assert (await server.http.post("/oauth/introspect", data={"token": "x", "client_id": app.id})).status_code == 401
    mine = await server.http.post("/oauth/introspect", data={**app.authentication(), "token": tokens["access_token"]})
    assert mine.json()["active"] is True
