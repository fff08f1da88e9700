"""Apps register themselves (RFC 7591, OpenID Connect Registration 1.0): what they may say, and what they are worth."""

from __future__ import annotations

import base64
from typing import Any

import httpx2
import pytest
from support.oauth import App, OAuthServer, claims_of

CALLBACK = "https://app.example/terug"
SOLID_APP = {
    "client_name": "Zomaar een app",
    "application_type": "web",
    "redirect_uris": [CALLBACK],
    "subject_type": "public",
    "token_endpoint_auth_method": "client_secret_basic",
    "id_token_signed_response_alg": "ES256",
    "grant_types": ["authorization_code", "refresh_token"],
}
"""What a Solid app in a browser sends today."""


async def register(server: OAuthServer, **changes: Any) -> httpx2.Response:
    """A registration; `changes` replace members or (None) leave them out."""
    body = {name: value for name, value in {**SOLID_APP, **changes}.items() if value is not None}
    return await server.http.post("/oauth/register", json=body)


class Registered(App):
    """An app that registered itself."""

    def __init__(self, server: OAuthServer, said: dict[str, Any]) -> None:
        super().__init__(server, method=said["token_endpoint_auth_method"])
        self.said = said

    @property
    def id(self) -> str:
        """The client id that it was given."""
        return str(self.said["client_id"])

    @property
    def redirect_uri(self) -> str:
        """The first address that it registered."""
        return str(self.said["redirect_uris"][0])

    async def token(self, form: dict[str, str], *, proof: str | None = "", **_: Any) -> httpx2.Response:
        """A token request, as the app authenticates."""
        headers = {} if proof is None else {"DPoP": proof or self.proof()}
        secret = self.said.get("client_secret", "")
        if self.method == "client_secret_basic":
            headers["Authorization"] = "Basic " + base64.b64encode(f"{self.id}:{secret}".encode()).decode()
        sent = {"client_id": self.id, **form}
        if self.method == "client_secret_post":
            sent["client_secret"] = secret
        if self.method == "private_key_jwt":
            sent |= self.authentication()
        return await self.server.http.post("/oauth/token", data=sent, headers=headers)


async def app_of(server: OAuthServer, **changes: Any) -> Registered:
    """A registered app."""
    response = await register(server, **changes)
    assert response.status_code == 201, response.text
    return Registered(server, response.json())


@pytest.mark.duty(97, 98, 100, 101)
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
async def test_a_registered_app_signs_a_citizen_in(server: OAuthServer, method: str) -> None:
    """Register, ask for nothing in particular, be let in by a choice of the citizen, refresh."""
    app, anna = await app_of(server, token_endpoint_auth_method=method), await server.citizen()
    tokens = await server.tokens(app, anna, authorization_details=None)
    assert claims_of(tokens["access_token"])["client_id"] == app.id
    claims = claims_of(tokens["id_token"])
    assert (claims["aud"], claims["azp"], claims["webid"]) == ([app.id, "solid"], app.id, anna.webid)
    refreshed = await app.refresh(tokens["refresh_token"])
    assert refreshed.status_code == 200, refreshed.text
