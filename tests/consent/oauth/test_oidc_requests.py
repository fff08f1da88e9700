"""OpenID Connect's ways to ask: prompt, max_age, id_token_hint; and what ID tokens and userinfo say."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from support.oauth import BASE, OAuthServer, answer, claims_of, waiting

from werkpod.consent.errors import RequestGone


async def session_of(server: OAuthServer, account: Any, *, seconds_ago: float) -> str:
    """A session that began so long ago."""
    server.clock.now -= seconds_ago
    value = await server.sessions.start(account.id)
    server.clock.now += seconds_ago
    return value


@pytest.mark.duty(98, 100, 101)
async def test_the_id_token_has_every_claim_that_solid_and_openid_ask(server: OAuthServer) -> None:
    """webid, iss, aud with the app and "solid", azp, cnf.jkt, nonce, at_hash, auth_time; signed by a published key."""
    anna, app = await server.citizen(), server.app()
    session = await session_of(server, anna, seconds_ago=100)
    await server.tokens(app, anna)
    code = answer((await server.ask(app, anna, session=session)).headers["location"])["code"]
    tokens = (await app.redeem(code)).json()
    jwks = (await server.http.get("/oauth/jwks")).json()
    claims = jwt.decode(tokens["id_token"], KeySet.import_key_set(jwks), algorithms=["ES256"]).claims
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims["webid"] == claims["sub"] == anna.webid
    assert (claims["iss"], claims["aud"], claims["azp"]) == (BASE, [app.id, "solid"], app.id)
    assert claims["cnf"] == {"jkt": app.device.thumbprint}
    assert claims["nonce"] == "a nonce"
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert claims["auth_time"] == int(server.clock() - 100)
    assert 0 < claims["exp"] - claims["iat"] <= 300


async def test_a_refreshed_id_token_is_about_the_same_sign_in(server: OAuthServer) -> None:
    """OpenID Connect Core, 12.2: the same sub, aud and auth_time, and no nonce."""
    anna, app = await server.citizen(), server.app()
    await server.tokens(app, anna)
    session = await session_of(server, anna, seconds_ago=500)
    code = answer((await server.ask(app, anna, session=session)).headers["location"])["code"]
    first = (await app.redeem(code)).json()
    server.clock.now += 200
    second = claims_of((await app.refresh(first["refresh_token"])).json()["id_token"])
    same = claims_of(first["id_token"])
    assert {name: second[name] for name in ("sub", "aud", "azp", "auth_time", "webid")} == {
        name: same[name] for name in ("sub", "aud", "azp", "auth_time", "webid")
    }
    assert "nonce" not in second


@pytest.mark.parametrize(("scope", "given"), [("openid profile email webid", "openid webid"), ("x y", ""), (None, "")])
async def test_scopes_that_are_not_known_are_left_out(server: OAuthServer, scope: str | None, given: str) -> None:
    """OpenID Connect Core, 3.1.2.1: they are ignored; the answer says what was given."""
    anna, app = await server.citizen(), server.app()
    tokens = await server.tokens(app, anna, scope=scope)
    assert tokens["scope"] == given
    assert ("id_token" in tokens) == ("openid" in given)


@pytest.mark.parametrize("name", ["display", "ui_locales", "login_hint", "acr_values", "claims", "resource", "x"])
async def test_parameters_that_change_nothing_are_taken(server: OAuthServer, name: str) -> None:
    """An app that sends more than is understood here is asked about as if it had not."""
    anna, app = await server.citizen(), server.app()
    waiting(await server.ask(app, anna, **{name: "popup"}))


@pytest.mark.parametrize(
    "changes",
    [{"prompt": "none login"}, {"prompt": "dance"}, {"max_age": "-1"}, {"max_age": "soon"}, {"max_age": "1.5"},
     {"max_age": "9" * 40}, {"response_mode": "fragment"}, {"response_mode": "form_post"}],
)  # fmt: skip
async def test_values_that_cannot_be_are_named(server: OAuthServer, changes: dict[str, str]) -> None:
    """The app is told which parameter is wrong; nobody is asked anything."""
    anna, app = await server.citizen(), server.app()
    said = answer((await server.ask(app, anna, **changes)).headers["location"])
    assert said["error"] == "invalid_request"
    assert next(iter(changes)) in said["error_description"]
    assert (said["iss"], said["state"]) == (BASE, "a state")


async def test_silence_is_answered_with_what_is_missing(server: OAuthServer) -> None:
    """prompt=none: login_required, consent_required, and a code where nothing has to be asked."""
    anna, app = await server.citizen(), server.app()
    assert answer((await server.ask(app, prompt="none")).headers["location"])["error"] == "login_required"
    assert answer((await server.ask(app, anna, prompt="none")).headers["location"])["error"] == "consent_required"
    await server.tokens(app, anna)
    assert "code" in answer((await server.ask(app, anna, prompt="none")).headers["location"])
    old = await session_of(server, anna, seconds_ago=1000)
    said = answer((await server.ask(app, session=old, prompt="none", max_age="999")).headers["location"])
    assert said["error"] == "login_required"
    assert "code" in answer((await server.ask(app, session=old, prompt="none", max_age="1001")).headers["location"])


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "60"}])
async def test_who_signed_in_long_ago_is_asked_to_again(server: OAuthServer, changes: dict[str, str]) -> None:
    """prompt=login, select_account and max_age: the request waits for somebody who signs in now."""
    anna, app = await server.citizen(), server.app()
    await server.tokens(app, anna)
    old = await session_of(server, anna, seconds_ago=61)
    request_id, browser = waiting(await server.ask(app, session=old, **changes))
    pending = await server.authorization.pending(request_id, browser=browser)
    assert pending.since > server.clock() - 61
    if "max_age" in changes:
        fresh = await session_of(server, anna, seconds_ago=59)
        assert "code" in answer((await server.ask(app, session=fresh, **changes)).headers["location"])


async def test_consent_is_asked_anew_when_the_app_says_so(server: OAuthServer) -> None:
    """prompt=consent shows the page although the same was given before, to who is signed in already."""
    anna, app = await server.citizen(), server.app()
    await server.tokens(app, anna)
    request_id, browser = waiting(await server.ask(app, anna, prompt="consent"))
    assert (await server.authorization.pending(request_id, browser=browser)).since == 0


async def test_a_hint_about_somebody_else_is_heeded(server: OAuthServer) -> None:
    """id_token_hint: silently only for whom it is about; one that is not ours means nothing."""
    anna, bert, app = await server.citizen(), await server.citizen("Bert Bakker"), server.app()
    hint = (await server.tokens(app, anna))["id_token"]
    await server.tokens(app, bert)
    server.clock.now += 3000
    assert "code" in answer((await server.ask(app, anna, prompt="none", id_token_hint=hint)).headers["location"])
    said = answer((await server.ask(app, bert, prompt="none", id_token_hint=hint)).headers["location"])
    assert said["error"] == "login_required"
    request_id, browser = waiting(await server.ask(app, bert, id_token_hint=hint))
    assert (await server.authorization.pending(request_id, browser=browser)).since == server.clock()
    for other in (hint[:-4] + "AAAA", "x", "a.b.c", "x" * 9000):
        assert "code" in answer((await server.ask(app, bert, id_token_hint=other)).headers["location"])


async def test_an_access_token_is_no_hint(server: OAuthServer) -> None:
    """Only an ID token is; an access token of the same key says nothing here."""
    anna, bert, app = await server.citizen(), await server.citizen("Bert Bakker"), server.app()
    token = (await server.tokens(app, anna))["access_token"]
    await server.tokens(app, bert)
    assert "code" in answer((await server.ask(app, bert, id_token_hint=token)).headers["location"])


@pytest.mark.duty(99)
async def test_every_way_back_says_who_answers(server: OAuthServer) -> None:
    """RFC 9207: `iss` is the issuer, in a code's answer, in a refusal and in an error."""
    anna, app = await server.citizen(), server.app()
    assert (await server.say_yes(app, anna))["iss"] == BASE
    request_id, browser = waiting(await server.ask(app, anna, prompt="consent"))
    assert answer(await server.authorization.refuse(request_id, anna, browser=browser))["iss"] == BASE
    assert answer((await server.ask(app, anna, response_type="token")).headers["location"])["iss"] == BASE
    with pytest.raises(RequestGone):
        await server.authorization.refuse(request_id, anna, browser=browser)


async def ask_userinfo(server: OAuthServer, app: Any, token: str, method: str = "GET", **proof: Any) -> httpx2.Response:
    """Userinfo with a token and a proof of the app's key."""
    made = app.device.proof(method, f"{BASE}/oauth/userinfo", token, now=server.clock(), **proof)
    headers = {"Authorization": f"DPoP {token}", "DPoP": made}
    return await server.http.request(method, "/oauth/userinfo", headers=headers)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_userinfo_says_who_the_token_is_about(server: OAuthServer, method: str) -> None:
    """sub and webid, as in the ID token; for pages of any origin."""
    anna, app = await server.citizen(), server.app()
    tokens = await server.tokens(app, anna)
    response = await ask_userinfo(server, app, tokens["access_token"], method)
    assert response.json() == {"sub": anna.webid, "webid": anna.webid}
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["cache-control"] == "no-store"


async def test_userinfo_takes_no_token_that_does_not_hold(server: OAuthServer) -> None:
    """Without a token, with a bearer, another key, another proof, an ID token, after revocation, without openid."""
    anna, app, other = await server.citizen(), server.app(), server.app("ander")
    tokens = await server.tokens(app, anna)
    token = tokens["access_token"]

    async def refused(response: httpx2.Response, status: int, error: str) -> None:
        assert (response.status_code, response.json()["error"]) == (status, error), response.text
        assert response.headers["www-authenticate"].startswith("DPoP ")

    await refused(await server.http.get("/oauth/userinfo"), 401, "unauthorized")
    bearer = {"Authorization": f"Bearer {token}"}
    await refused(await server.http.get("/oauth/userinfo", headers=bearer), 401, "invalid_token")
    await refused(
        await server.http.get("/oauth/userinfo", headers={"Authorization": f"DPoP {token}"}), 401, "invalid_dpop_proof"
    )
    await refused(await ask_userinfo(server, other, token), 401, "invalid_dpop_proof")
    await refused(await ask_userinfo(server, app, tokens["id_token"]), 401, "invalid_token")
    await refused(await ask_userinfo(server, app, tokens["refresh_token"]), 401, "invalid_token")
    without = (await server.tokens(app, anna, scope="webid", prompt="consent"))["access_token"]
    await refused(await ask_userinfo(server, app, without), 403, "insufficient_scope")
    form = {"token": token, **app.authentication()}
    assert (await server.http.post("/oauth/revoke", data=form)).status_code == 200
    await refused(await ask_userinfo(server, app, token), 401, "invalid_token")


async def test_the_token_of_a_webhook_is_none_here(server: OAuthServer) -> None:
    """Receivers of notifications hold tokens of ours for the sender: no fault, and never in force here."""
    app, now = server.app(), int(server.clock())
    said = {"iss": BASE, "sub": f"{BASE}/x#it", "webid": f"{BASE}/x#it", "client_id": app.id, "aud": ["solid"],
            "iat": now, "exp": now + 300, "jti": "j", "cnf": {"jkt": app.device.thumbprint}}  # fmt: skip
    token = server.authorization.parts.keys.sign(said, typ="at+jwt")
    response = await ask_userinfo(server, app, token)
    assert (response.status_code, response.json()["error"]) == (401, "invalid_token")
    form = {"token": token, **app.authentication()}
    assert (await server.http.post("/oauth/introspect", data=form)).json() == {"active": False}
    assert (await server.http.post("/oauth/revoke", data={"token": token, **app.authentication()})).status_code == 200


@pytest.mark.duty(103, 104, 105)
async def test_a_tool_that_asks_openid_gets_an_id_token(server: OAuthServer) -> None:
    """Solid libraries log scripts in with `openid offline_access webid`: an ID token, no refresh token."""
    anna, app = await server.citizen(), server.app()
    name, secret = await server.credentials.create(anna, "script")
    data = {"grant_type": "client_credentials", "scope": "openid offline_access webid"}
    headers = {"DPoP": app.proof()}
    response = await server.http.post("/oauth/token", data=data, auth=(name, secret), headers=headers)
    said = response.json()
    assert (said["token_type"], said["scope"]) == ("DPoP", "openid webid")
    assert "refresh_token" not in said
    claims = claims_of(said["id_token"])
    assert (claims["webid"], claims["azp"], claims["aud"]) == (anna.webid, name, [name, "solid"])
    assert claims["cnf"] == {"jkt": app.device.thumbprint}
    plain = await server.http.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, auth=(name, secret), headers={"DPoP": app.proof()}
    )
    assert "id_token" not in plain.json()
    wrong = await server.http.post("/oauth/token", data=data, auth=(name, "x"), headers={"DPoP": app.proof()})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
