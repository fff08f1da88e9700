"""What the server says of itself is so: every address answers, every promise is kept, nothing is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from support.oauth import BASE, OAuthServer, answer, claims_of, waiting

from werkpod.config import SettingError, load
from werkpod.consent.oauth.flow import Authorization
from werkpod.consent.oauth.metadata import metadata
from werkpod.consent.oauth.routes import oauth_routes

OPENID = "/.well-known/openid-configuration"


async def found(server: OAuthServer) -> dict[str, Any]:
    """The metadata."""
    said: dict[str, Any] = (await server.http.get(OPENID)).json()
    return said


@pytest.mark.duty(98, 102, 105)
async def test_it_says_what_solid_asks_for(server: OAuthServer) -> None:
    """webid among the scopes, client_credentials among the grant types, and where Solid-OIDC is described."""
    said = await found(server)
    assert {"openid", "webid", "offline_access"} <= set(said["scopes_supported"])
    assert {"authorization_code", "refresh_token", "client_credentials"} <= set(said["grant_types_supported"])
    assert {"webid", "azp", "cnf", "aud", "auth_time", "at_hash"} <= set(said["claims_supported"])
    assert said["solid_oidc_supported"] == "https://solidproject.org/TR/solid-oidc"
    assert (await server.http.get("/.well-known/oauth-authorization-server")).json() == said


async def test_what_openid_requires_is_there(server: OAuthServer) -> None:
    """OpenID Connect Discovery, 3, and RFC 8414, 2: every required member, of the right kind."""
    said = await found(server)
    endpoints = ("authorization", "token", "registration", "userinfo", "end_session", "revocation", "introspection")
    for name in ("issuer", "jwks_uri", *(f"{name}_endpoint" for name in endpoints)):
        assert said[name].startswith(BASE), name
    for name in ("response_types_supported", "subject_types_supported", "id_token_signing_alg_values_supported",
                 "token_endpoint_auth_methods_supported", "claims_supported", "prompt_values_supported"):  # fmt: skip
        assert said[name], name


@pytest.mark.duty(101)
async def test_an_id_token_has_the_claims_that_are_promised_and_no_others(server: OAuthServer) -> None:
    """But for jti, which says nothing of anybody."""
    anna, app = await server.citizen(), server.app()
    await server.tokens(app, anna)
    code = answer((await server.ask(app, anna)).headers["location"])["code"]
    tokens = (await app.redeem(code)).json()
    assert set(claims_of(tokens["id_token"])) - {"jti"} == set((await found(server))["claims_supported"])


async def test_every_prompt_that_is_promised_is_taken(server: OAuthServer) -> None:
    """No value of prompt_values_supported is malformed."""
    anna, app = await server.citizen(), server.app()
    for prompt in (await found(server))["prompt_values_supported"]:
        response = await server.ask(app, anna, prompt=prompt)
        if prompt == "none":
            assert answer(response.headers["location"])["error"] == "consent_required"
        else:
            waiting(response)


async def test_pages_of_other_origins_may_use_every_endpoint_of_apps(server: OAuthServer) -> None:
    """Preflight and answer, errors too, let any origin read them; credentials of the browser are never let along."""
    said = await found(server)
    asked = {"Origin": "https://app.example", "Access-Control-Request-Headers": "authorization,content-type,dpop"}
    gets = [OPENID, said["jwks_uri"], said["userinfo_endpoint"], "/.well-known/oauth-protected-resource"]
    posts = [said[f"{name}_endpoint"] for name in ("token", "revocation", "introspection", "registration", "userinfo")]
    for path in (*gets, *posts):
        preflight = await server.http.options(path, headers=asked)
        assert preflight.status_code in (200, 204), path
        allowed = preflight.headers["access-control-allow-headers"].lower()
        assert all(name in allowed for name in ("authorization", "content-type", "dpop")), path
    answers = [await server.http.get(path, headers=asked) for path in gets]
    answers += [await server.http.post(path, headers=asked) for path in posts]
    for response in answers:
        assert response.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in response.headers
        assert "dpop-nonce" in response.headers["access-control-expose-headers"].lower()


@pytest.mark.parametrize("path", ["", "/anna/", "/anna/cv/experience", "/bestaat/niet"])
async def test_a_resource_says_whose_tokens_it_takes(server: OAuthServer, path: str) -> None:
    """RFC 9728, for every address alike, whether there is anything or not: our issuer, tokens bound to a key."""
    said = (await server.http.get(f"/.well-known/oauth-protected-resource{path}")).json()
    assert said["resource"] == f"{BASE}{path}"
    assert said["authorization_servers"] == [BASE]
    assert said["dpop_bound_access_tokens_required"] is True
    assert said["bearer_methods_supported"] == []


@pytest.mark.duty(106)
@pytest.mark.parametrize("base_url", ["http://werkpod.example", "http://10.0.0.1:8080", "http://[2001:db8::1]"])
def test_a_server_for_others_has_an_https_address(base_url: str) -> None:
    """So all its endpoints have; plain http is for one's own machine."""
    with pytest.raises(SettingError, match="https"):
        load({"base_url": base_url}, {})
    secure = metadata(load({"base_url": "https://werkpod.example"}, {}).base_url)
    assert all(value.startswith("https://") for name, value in secure.items() if name.endswith(("_endpoint", "_uri")))


@pytest.mark.duty(106)
async def test_what_came_in_the_clear_is_refused(server: OAuthServer) -> None:
    """Where the web server in front says that a request came by http, no token, secret or answer about one is given."""
    issuer = "https://werkpod.example"
    authorization = Authorization(replace(server.parts, issuer=issuer))
    app = Starlette(routes=oauth_routes(authorization, limiter=server.limiter))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=issuer) as http:
        body = {"redirect_uris": ["https://app.example/"]}
        for path in ("token", "revoke", "introspect", "register", "userinfo"):
            for proto in ("http", "HTTP", "http, https"):
                response = await http.post(f"/oauth/{path}", json=body, headers={"X-Forwarded-Proto": proto})
                assert (response.status_code, response.json()["error"]) == (400, "invalid_request"), path
                assert "https only" in response.json()["error_description"]
        for headers in ({}, {"X-Forwarded-Proto": "https"}):
            assert (await http.post("/oauth/register", json=body, headers=headers)).status_code == 201
