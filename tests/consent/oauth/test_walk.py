"""The main ways through the authorization server, end to end, and what comes out."""

from __future__ import annotations

import pytest
from support.oauth import BASE, OAuthServer, answer, claims_of, waiting
from support.tokens import Device

from werkpod.consent.oauth.client_model import LINK_GRANT
from werkpod.pod.authn.authenticate import Authenticator
from werkpod.pod.authn.errors import InvalidToken
from werkpod.pod.authn.tokens import OwnKeys


async def test_a_code_becomes_tokens_that_say_what_was_given(server: OAuthServer) -> None:
    """The whole way gives tokens, what was granted, whose pod it is and where."""
    anna, app = await server.citizen(), server.app()
    came_back = await server.say_yes(app, anna)
    assert came_back["state"] == "a state"
    assert came_back["iss"] == BASE
    response = await app.redeem(came_back["code"])
    body = response.json()
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert body["token_type"] == "DPoP"
    assert body["expires_in"] == 300
    assert (body["webid"], body["storage"]) == (anna.webid, anna.storage)
    assert body["authorization_details"][0]["sections"] == ["experience", "competences"]
    assert body["authorization_details"][0]["actions"] == ["read"]
    assert body["authorization_details"][0]["locations"] == [anna.storage]


async def test_access_tokens_live_five_minutes_and_name_their_grant(server: OAuthServer) -> None:
    """An access token has the claims of the blueprint, 300 seconds, and is bound to the proof's key."""
    anna, app = await server.citizen(), server.app()
    body = await server.tokens(app, anna)
    claims = claims_of(body["access_token"])
    grant = (await server.grants.list(anna.id))[0]
    assert claims["exp"] - claims["iat"] == 300
    assert claims["iss"] == BASE
    assert claims["aud"] == "solid"
    assert claims["sub"] == claims["webid"] == anna.webid
    assert claims["client_id"] == claims["azp"] == app.id
    assert claims["cnf"] == {"jkt": app.device.thumbprint}
    assert claims["grant"] == grant.id
    assert claims["confined"] is False


@pytest.mark.duty(100, 101)
async def test_the_id_token_is_for_the_client_and_bound_to_its_key(server: OAuthServer) -> None:
    """An ID token has the WebID, the nonce, both audiences of Solid-OIDC and the key."""
    anna, app = await server.citizen(), server.app()
    claims = claims_of((await server.tokens(app, anna))["id_token"])
    assert claims["aud"] == [app.id, "solid"]
    assert claims["azp"] == app.id
    assert claims["webid"] == claims["sub"] == anna.webid
    assert claims["nonce"] == "a nonce"
    assert claims["cnf"] == {"jkt": app.device.thumbprint}


async def test_the_pod_takes_the_token_and_no_other_kind(server: OAuthServer) -> None:
    """The pod's authenticator knows the requester by an access token; an ID token is refused there."""
    anna, app = await server.citizen(), server.app()
    body = await server.tokens(app, anna)
    keys = OwnKeys(BASE, lambda: list(server.parts.keys.all()), base_url=BASE)
    authenticator = Authenticator(keys, issuer=BASE, clock=server.clock)
    url = f"{anna.storage}cv/experience"

    async def show(token: str) -> str | None:
        proof = app.device.proof("GET", url, token, now=server.clock())
        headers = [(b"authorization", f"DPoP {token}".encode()), (b"dpop", proof.encode())]
        try:
            return (await authenticator(headers, "GET", url)).grant
        except InvalidToken as error:
            return error.code

    assert await show(body["access_token"]) == (await server.grants.list(anna.id))[0].id
    assert await show(body["id_token"]) == "invalid_token"


async def test_a_refresh_token_gives_new_tokens_and_a_new_refresh_token(server: OAuthServer) -> None:
    """Refreshing rotates, and stays in the same family."""
    anna, app = await server.citizen(), server.app()
    first = await server.tokens(app, anna)
    response = await app.refresh(first["refresh_token"])
    second = response.json()
    assert response.status_code == 200
    assert second["refresh_token"] != first["refresh_token"]
    assert claims_of(second["access_token"])["family"] == claims_of(first["access_token"])["family"]
    assert (await app.refresh(second["refresh_token"])).status_code == 200


async def test_without_offline_access_there_is_nothing_to_refresh(server: OAuthServer) -> None:
    """A refresh token comes only where it was asked for; an ID token likewise."""
    anna, app = await server.citizen(), server.app()
    body = await server.tokens(app, anna, scope="webid")
    assert "refresh_token" not in body
    assert "id_token" not in body


@pytest.mark.duty(103, 104)
async def test_a_tool_gets_a_token_with_its_secret_in_header_or_form(server: OAuthServer) -> None:
    """Client credentials work with client_secret_basic and client_secret_post, and name the credential's grant."""
    anna = await server.citizen()
    client_id, secret = await server.credentials.create(anna, "Mijn script")
    grant = (await server.grants.list(anna.id))[0]
    assert grant.everything
    device = Device()

    async def ask(**how: object) -> dict[str, object]:
        proof = device.proof("POST", f"{BASE}/oauth/token", None, now=server.clock())
        response = await server.http.post("/oauth/token", headers={"DPoP": proof}, **how)  # type: ignore[arg-type]
        assert response.status_code == 200, response.text
        found: dict[str, object] = response.json()
        return found

    by_header = await ask(data={"grant_type": "client_credentials"}, auth=(client_id, secret))
    by_form = await ask(data={"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret})
    for body in (by_header, by_form):
        claims = claims_of(str(body["access_token"]))
        assert claims["grant"] == grant.id
        assert claims["webid"] == anna.webid
        assert claims["client_id"] == client_id
        assert "refresh_token" not in body


async def test_a_share_link_gives_a_confined_token_to_the_employers_app(server: OAuthServer) -> None:
    """A share link becomes a token that carries no WebID and is confined to the link's grant."""
    anna, employer = await server.citizen(), server.app("werkgever")
    link = await server.links.create(anna, ["experience"], days=7, views=1, label="Bakker")
    secret = link.url.rpartition("/")[2]
    response = await employer.token({"grant_type": LINK_GRANT, "link": secret})
    claims = claims_of(response.json()["access_token"])
    assert claims["confined"] is True
    assert "webid" not in claims
    assert "webid" not in response.json()
    assert claims["sub"] == employer.id
    again = await employer.token({"grant_type": LINK_GRANT, "link": secret})
    assert again.json()["error"] == "invalid_grant"


async def test_saying_no_sends_access_denied(server: OAuthServer) -> None:
    """A refusal goes back to the app with error, state and issuer; the request is then answered."""
    anna, app = await server.citizen(), server.app()
    request_id, browser = waiting(await server.ask(app, anna))
    came_back = answer(await server.authorization.refuse(request_id, anna, browser=browser))
    assert came_back["error"] == "access_denied"
    assert came_back["state"] == "a state"
    assert came_back["iss"] == BASE
