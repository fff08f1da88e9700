"""Redeeming codes: once, soon, by whom they were given to."""

from __future__ import annotations

import asyncio
import secrets

import pytest
from support.oauth import BASE, OAuthServer, answer, claims_of
from support.tokens import Device

from werkpod.pod.authn.authenticate import Authenticator
from werkpod.pod.authn.errors import InvalidToken
from werkpod.pod.authn.tokens import OwnKeys


async def test_of_twenty_at_once_exactly_one_succeeds(server: OAuthServer) -> None:
    """Twenty parallel redemptions of one code: one success, nineteen invalid_grant (Authlib deletes the code last)."""
    anna, app = await server.citizen(), server.app()
    code = await server.code(app, anna)
    answers = await asyncio.gather(*(app.redeem(code) for _ in range(20)))
    assert [r.status_code for r in answers].count(200) == 1
    assert {r.json()["error"] for r in answers if r.status_code != 200} == {"invalid_grant"}


async def test_using_a_code_again_ends_the_tokens_of_the_first_use(server: OAuthServer) -> None:
    """A reused code is refused, and the refresh token and the access token of its first use stop working."""
    anna, app = await server.citizen(), server.app()
    code = await server.code(app, anna)
    first = (await app.redeem(code)).json()
    keys = OwnKeys(BASE, lambda: list(server.parts.keys.all()), base_url=BASE)
    pod = Authenticator(keys, issuer=BASE, clock=server.clock, revoked=server.parts.store.revoked)
    url = f"{anna.storage}cv/experience"

    async def read() -> None:
        token = first["access_token"]
        proof = app.device.proof("GET", url, token, now=server.clock())
        await pod([(b"authorization", f"DPoP {token}".encode()), (b"dpop", proof.encode())], "GET", url)

    await read()
    server.clock.now += 1
    assert (await app.redeem(code)).json()["error"] == "invalid_grant"
    assert (await app.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    with pytest.raises(InvalidToken, match="revoked"):
        await read()


async def test_a_reused_code_is_noticed_with_a_wrong_verifier_and_after_its_minute_too(server: OAuthServer) -> None:
    """Whoever shows a used code shows that it leaked, right verifier or not, in time or not."""
    anna, app = await server.citizen(), server.app()
    for verifier, later in ((secrets.token_urlsafe(48), 0), (None, 3600)):
        code = await server.code(app, anna, prompt="consent")
        first = (await app.redeem(code)).json()
        server.clock.now += later
        await app.redeem(code, **({"code_verifier": verifier} if verifier else {}))
        assert (await app.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_code_is_good_for_a_minute(server: OAuthServer) -> None:
    """At 59 seconds it works, at 60 it is over."""
    anna, app = await server.citizen(), server.app()
    code = await server.code(app, anna)
    server.clock.now += 59
    assert (await app.redeem(code)).status_code == 200
    late = await server.code(app, anna, prompt="consent")
    server.clock.now += 60
    assert (await app.redeem(late)).json()["error"] == "invalid_grant"


@pytest.mark.duty(108)
@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": None},
        {"code_verifier": "w" * 64},
        {"redirect_uri": f"{BASE}/apps/other/terug"},
        {"redirect_uri": None},
        {"code": "0" * 26 + "." + "x" * 43},
        {"code": "nonsense"},
        {"code": '"; DROP TABLE auth_code'},
    ],
)
async def test_a_code_needs_its_verifier_and_its_redirect_uri(
    server: OAuthServer, changes: dict[str, str | None]
) -> None:
    """Without the verifier, or with another one or another redirect_uri, it is invalid_grant; the code stays good."""
    anna, app = await server.citizen(), server.app()
    code = await server.code(app, anna)
    response = await app.redeem(**{"code": code, **changes})  # type: ignore[arg-type]
    assert response.status_code == 400
    assert response.json()["error"] == "invalid_grant"
    assert (await app.redeem(code)).status_code == 200


@pytest.mark.parametrize("method", ["private_key_jwt", "none"])
async def test_another_client_cannot_redeem_a_code(server: OAuthServer, method: str) -> None:
    """A code of app A is worth nothing to app B, though B knows its verifier."""
    anna, app = await server.citizen(), server.app("a", method=method)
    other = server.app("b", method=method, verifier=app.verifier)
    code = await server.code(app, anna)
    response = await other.redeem(code, redirect_uri=app.redirect_uri)
    assert response.json()["error"] == "invalid_grant"
    assert (await app.redeem(code)).status_code == 200


async def test_a_public_client_redeems_with_its_id(server: OAuthServer) -> None:
    """A client without keys names itself; PKCE and DPoP do the rest."""
    anna, app = await server.citizen(), server.app(method="none")
    body = await server.tokens(app, anna)
    assert claims_of(body["access_token"])["cnf"]["jkt"] == app.device.thumbprint


@pytest.mark.duty(100, 109)
async def test_a_proof_of_possession_is_needed(server: OAuthServer) -> None:
    """Without a DPoP proof there are no tokens, and the code is not used up."""
    anna, app = await server.citizen(), server.app()
    code = await server.code(app, anna)
    form = {
        "grant_type": "authorization_code", "code": code, "redirect_uri": app.redirect_uri,
        "code_verifier": app.verifier,
    }  # fmt: skip
    assert (await app.token(form, proof=None)).json()["error"] == "invalid_request"
    for proof in (
        app.device.proof("POST", f"{BASE}/oauth/revoke", None, now=server.clock()),
        app.device.proof("GET", f"{BASE}/oauth/token", None, now=server.clock()),
        app.device.proof("POST", "https://evil.example/oauth/token", None, now=server.clock()),
        app.proof(iat=int(server.clock()) - 3600),
        app.proof(header={"typ": "jwt"}),
        "nonsense",
    ):
        response = await app.token(form, proof=proof)
        assert response.json()["error"] == "invalid_dpop_proof"
        assert response.status_code == 400
    assert (await app.token(form)).status_code == 200


@pytest.mark.duty(109)
async def test_a_proof_is_taken_once(server: OAuthServer) -> None:
    """A DPoP proof that was used is refused, whatever else is right."""
    anna, app = await server.citizen(), server.app()
    first = await server.tokens(app, anna)
    proof = app.proof()
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = (await app.token(form, proof=proof)).json()
    form["refresh_token"] = second["refresh_token"]
    assert (await app.token(form, proof=proof)).json()["error"] == "invalid_dpop_proof"
    assert (await app.token(form)).status_code == 200


@pytest.mark.duty(109)
async def test_two_proofs_are_one_too_many(server: OAuthServer) -> None:
    """Two DPoP headers are refused (RFC 9449, 4.3)."""
    app = server.app()
    headers = [("DPoP", app.proof()), ("DPoP", app.proof())]
    response = await server.http.post("/oauth/token", data={"grant_type": "refresh_token"}, headers=headers)
    assert response.json()["error"] == "invalid_dpop_proof"


async def test_a_code_can_be_bound_to_a_key_before(server: OAuthServer) -> None:
    """With dpop_jkt in the request only that key redeems the code (RFC 9449, 10)."""
    anna, app = await server.citizen(), server.app()
    code = await server.code(app, anna, dpop_jkt=app.device.thumbprint)
    right, app.device = app.device, Device()
    assert (await app.redeem(code)).json()["error"] == "invalid_grant"
    app.device = right
    assert (await app.redeem(code)).status_code == 200


async def test_after_the_grant_is_stopped_the_code_is_worth_nothing(server: OAuthServer) -> None:
    """Stopping between yes and redemption holds."""
    anna, app = await server.citizen(), server.app()
    code = await server.code(app, anna)
    await server.grants.revoke(anna.id, (await server.grants.list(anna.id))[0].id, by=anna.id)
    assert (await app.redeem(code)).json()["error"] == "invalid_grant"


async def test_a_token_never_outlives_its_grant(server: OAuthServer) -> None:
    """Where the grant ends sooner than in five minutes, so does the token, and expires_in says it."""
    anna, app = await server.citizen(), server.app()
    await server.say_yes(app, anna)
    grant = (await server.grants.list(anna.id))[0]
    assert grant.until is not None
    server.clock.now = grant.until - 100
    found = answer((await server.ask(app, anna)).headers["location"])
    redeemed = await app.redeem(found["code"])
    body = redeemed.json()
    assert body["expires_in"] == 100
    assert claims_of(body["access_token"])["exp"] == int(grant.until)
