"""An OpenID provider of somebody else, small and whole, with knobs to make it go wrong."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

ISSUER = "https://inlog.example/realms/werk"
SECRET = "een geheim van twee: met dubbele punt"


class OtherProvider:
    """`claims` go into the ID token, `more` only into userinfo; `changed` replaces claims at the last moment."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"sub": "persoon-1", "name": "Anouk Voorbeeld"}
        self.more: dict[str, Any] = {}
        self.changed: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.answer: dict[str, str] = {}
        self.key = RSAKey.generate_key(2048, {"kid": "eerste"}, private=True)
        self.signing: Any = None
        self.algorithm = "RS256"
        self.client_key: ECKey | None = None
        self.down = False
        self.asked: dict[str, str] = {}
        self.seen: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}
        self.app = Starlette(
            routes=[
                Route("/realms/werk/.well-known/openid-configuration", self._discovery),
                Route("/realms/werk/jwks", self._jwks),
                Route("/realms/werk/token", self._token, methods=["POST"]),
                Route("/realms/werk/userinfo", self._userinfo),
            ]
        )

    @property
    def transport(self) -> httpx2.AsyncBaseTransport:
        """The way to it."""
        return httpx2.ASGITransport(self.app)

    def sign_in(self, url: str) -> str:
        """What a browser is sent back to after somebody signed in at `url`."""
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{ISSUER}/auth"
        self.asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        code = secrets.token_urlsafe(16)
        self._codes[code] = self.asked
        answer = {"code": code, "state": self.asked["state"], "iss": ISSUER, **self.answer}
        return f"{self.asked['redirect_uri']}?{urlencode({k: v for k, v in answer.items() if v})}"

    async def _discovery(self, request: Request) -> Response:
        if self.down:
            return Response(status_code=503)
        found = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/auth",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/jwks",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "authorization_response_iss_parameter_supported": True,
        }
        return JSONResponse({**found, **self.metadata})

    async def _jwks(self, request: Request) -> Response:
        return JSONResponse({"keys": [dict(self.key.as_dict(private=False, use="sig"))]})

    async def _token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        self.seen.append(form)
        asked = self._codes.pop(form.get("code", ""), None)
        if not self._is_client(request, form):
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        proof = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or form.get("redirect_uri") != asked["redirect_uri"]
            or asked["code_challenge"] != proof.decode().rstrip("=")
        ):
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        now = int(time.time())
        claims = {
            "iss": ISSUER, "aud": "werkpod", "iat": now, "exp": now + 300, "nonce": asked["nonce"],
            **self.claims, **self.changed,
        }  # fmt: skip
        header = {"alg": self.algorithm, "kid": (self.signing or self.key).kid}
        token = jwt.encode(header, claims, self.signing or self.key, algorithms=[self.algorithm])
        return JSONResponse({"access_token": "toegang", "token_type": "Bearer", "expires_in": 60, "id_token": token})

    def _is_client(self, request: Request, form: dict[str, str]) -> bool:
        if self.client_key is not None:
            said = jwt.decode(form["client_assertion"], self.client_key, algorithms=["ES256"]).claims
            return said["iss"] == said["sub"] == "werkpod" and said["aud"] == f"{ISSUER}/token" and bool(said["jti"])
        expected = base64.b64encode(f"werkpod:{SECRET}".encode()).decode()
        return request.headers.get("authorization") == f"Basic {expected}"

    async def _userinfo(self, request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer toegang":
            return Response(status_code=401)
        return JSONResponse({"sub": self.claims["sub"], **self.more})


def a_secret_key() -> OctKey:
    """The client secret as a symmetric key: what HS256 would be signed with."""
    return OctKey.import_key(SECRET)
