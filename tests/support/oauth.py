"""An authorization server in one process on real files: accounts, grants, links, and apps as OAuth clients."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from argon2 import PasswordHasher
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from support.pods import Parts as PodParts
from support.pods import open_parts
from support.regie import Clock
from support.tokens import Device
from werkpod.consent.accounts import Account, Accounts, Limiter, Sessions, ViewerMiddleware
from werkpod.consent.accounts.passphrases import Hasher
from werkpod.consent.grants import GrantRecord, Grants
from werkpod.consent.ledger import Acts, Ledger
from werkpod.consent.links import ShareLinks
from werkpod.consent.oauth.browser import cookie_name
from werkpod.consent.oauth.carrier import Parts
from werkpod.consent.oauth.client_model import LINK_GRANT
from werkpod.consent.oauth.clients import Clients
from werkpod.consent.oauth.credentials import Credentials
from werkpod.consent.oauth.details import TYPE
from werkpod.consent.oauth.flow import Authorization
from werkpod.consent.oauth.keys import SigningKeys
from werkpod.consent.oauth.routes import oauth_routes
from werkpod.consent.oauth.store import TokenStore
from werkpod.pod.provision import provision
from werkpod.pod.store import SqliteDatabase, open_database
from werkpod.web.client import OwnApp, guarded_client
from werkpod.web.failures import exception_handlers
from werkpod.web.pages import Pages

BASE = "http://localhost:8080"
PASSPHRASE = "paarse fiets rijdt hard"
QUICK = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
"""argon2id with parameters for tests: the work, not the weight."""


@dataclass
class App:
    """An app with a client id document on the server's own origin, its keys, and a browser to walk through."""

    server: OAuthServer
    slug: str = "test"
    method: str = "private_key_jwt"
    document: dict[str, Any] = field(default_factory=dict)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", parameters={"kid": "app-1"}))
    device: Device = field(default_factory=Device)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str = "application/ld+json"
    served: list[int] = field(default_factory=list)
    """The status of each answer with the client id document; `headers` go along."""

    @property
    def id(self) -> str:
        """The client id."""
        return f"{BASE}/apps/{self.slug}/client.jsonld"

    @property
    def redirect_uri(self) -> str:
        """Where the browser comes back."""
        return f"{BASE}/apps/{self.slug}/terug"

    def client_document(self) -> dict[str, Any]:
        """The client id document; `document` changes or (None) leaves out members."""
        public = {k: v for k, v in self.key.as_dict(private=False).items() if k in ("kty", "crv", "x", "y", "kid")}
        document = {
            "@context": ["https://www.w3.org/ns/solid/oidc-context.jsonld"],
            "client_id": self.id,
            "client_name": f"App {self.slug}",
            "redirect_uris": [self.redirect_uri],
            "grant_types": ["authorization_code", "refresh_token", LINK_GRANT],
            "scope": "webid offline_access",
            "token_endpoint_auth_method": self.method,
            "jwks": {"keys": [public]},
            **self.document,
        }
        return {name: value for name, value in document.items() if value is not None}

    def query(self, **changes: str | None) -> dict[str, str]:
        """The parameters of a good authorization request; `changes` replace or (None) leave out."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        details = [{"type": TYPE, "sections": ["experience", "competences"], "actions": ["read"], "duration": "P90D"}]
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid webid offline_access",
            "state": "a state",
            "nonce": "a nonce",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "authorization_details": json.dumps(details),
            **changes,
        }
        return {name: value for name, value in parameters.items() if value is not None}

    def assertion(self, *, header: dict[str, Any] | None = None, key: Any = None, **changes: Any) -> str:
        """A client assertion; `changes` to its claims, None leaves one out."""
        now = int(self.server.clock())
        claims = {
            "iss": self.id, "sub": self.id, "aud": BASE, "iat": now, "exp": now + 60,
            "jti": secrets.token_urlsafe(16), **changes,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        head = {"alg": "ES256", "kid": "app-1", **(header or {})}
        return jwt.encode(head, claims, key or self.key, algorithms=[head["alg"]])

    def authentication(self, **changes: Any) -> dict[str, str]:
        """The parameters that show who the client is."""
        if self.method == "none":
            return {"client_id": self.id}
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return {"client_id": self.id, "client_assertion_type": kind, "client_assertion": self.assertion(**changes)}

    def proof(self, **changes: Any) -> str:
        """A DPoP proof for the token endpoint."""
        return self.device.proof("POST", f"{BASE}/oauth/token", None, now=self.server.clock(), **changes)

    async def token(self, form: dict[str, str], *, proof: str | None = "", **authentication: Any) -> httpx2.Response:
        """A token request, authenticated and with a proof (None: without)."""
        headers = {} if proof is None else {"DPoP": proof or self.proof()}
        sent = {**self.authentication(**authentication), **form}
        return await self.server.http.post("/oauth/token", data=sent, headers=headers)

    async def push(
        self, *, proof: str | None = None, authentication: dict[str, str] | None = None, **changes: str | None
    ) -> httpx2.Response:
        """Push an authorization request; `authentication` instead of the client's own."""
        sent = {**self.query(**changes), **(self.authentication() if authentication is None else authentication)}
        headers = {"DPoP": proof} if proof else {}
        return await self.server.http.post("/oauth/par", data=sent, headers=headers)

    async def pushed(self, **changes: str | None) -> str:
        """The request_uri of a request that was pushed."""
        response = await self.push(**changes)
        assert response.status_code == 201, response.text
        found: str = response.json()["request_uri"]
        return found

    async def redeem(self, code: str, **changes: str | None) -> httpx2.Response:
        """Redeem a code."""
        form: dict[str, str | None] = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier, **changes,
        }  # fmt: skip
        return await self.token({name: value for name, value in form.items() if value is not None})

    async def refresh(self, refresh_token: str, **changes: str) -> httpx2.Response:
        """Refresh."""
        return await self.token({"grant_type": "refresh_token", "refresh_token": refresh_token, **changes})


@dataclass
class OAuthServer:
    """The parts, an HTTP client that speaks to them, and what the dashboard would do."""

    folder: Path
    clock: Clock
    pods: PodParts
    consent: SqliteDatabase
    accounts: Accounts
    sessions: Sessions
    grants: Grants
    links: ShareLinks
    credentials: Credentials
    authorization: Authorization
    limiter: Limiter
    http: httpx2.AsyncClient
    apps: dict[str, App]

    @property
    def parts(self) -> Parts:
        """What the authorization server is made of."""
        return self.authorization.parts

    def app(self, slug: str = "test", **changes: Any) -> App:
        """A new app."""
        self.apps[slug] = App(self, slug, **changes)
        return self.apps[slug]

    async def citizen(self, name: str = "Anna de Vries", **more: Any) -> Account:
        """A new citizen."""
        return (await self.accounts.sign_up(name, PASSPHRASE, **more))[0]

    async def ask(
        self, app: App, account: Account | None = None, *, session: str = "", **changes: str | None
    ) -> httpx2.Response:
        """The browser at /oauth/authorize, signed in as `account` just now, or with an older `session`."""
        cookies = {}
        if account is not None or session:
            cookies[self.sessions.cookie] = session or await self.sessions.start(account.id)  # type: ignore[union-attr]
        header = {"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())} if cookies else {}
        return await self.http.get(f"/oauth/authorize?{urlencode(app.query(**changes))}", headers=header)

    async def come_with(
        self, client_id: str, request_uri: str, account: Account | None = None, **more: str
    ) -> httpx2.Response:
        """The browser at /oauth/authorize with a pushed request."""
        header = {"Cookie": f"{self.sessions.cookie}={await self.sessions.start(account.id)}"} if account else {}
        query = urlencode({"client_id": client_id, "request_uri": request_uri, **more})
        return await self.http.get(f"/oauth/authorize?{query}", headers=header)

    def grant_for(self, account: Account, app: App, **changes: Any) -> GrantRecord:
        """The grant that the consent page would make."""
        now = self.clock()
        fields: dict[str, Any] = {
            "id": "", "pod": account.id, "agent": account.webid, "client": app.id, "receiver_name": app.slug,
            "receiver_kind": "app", "created": now, "not_before": now, "until": now + 90 * 86400,
            "sections": ("experience", "competences"), **changes,
        }  # fmt: skip
        return GrantRecord(**fields)

    async def say_yes(self, app: App, account: Account, **changes: str | None) -> dict[str, str]:
        """Ask, consent and come back: the parameters of the authorization response."""
        asked = await self.ask(app, account, **changes)
        request_id, browser = waiting(asked)
        grant = await self.grants.create(self.grant_for(account, app))
        url = await self.authorization.approve(request_id, account, grant, browser=browser)
        return answer(url)

    async def code(self, app: App, account: Account, **changes: str | None) -> str:
        """A fresh code."""
        return (await self.say_yes(app, account, **changes))["code"]

    async def tokens(self, app: App, account: Account, **changes: str | None) -> dict[str, Any]:
        """A token response, by the whole way."""
        response = await app.redeem(await self.code(app, account, **changes))
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found


def waiting(response: httpx2.Response) -> tuple[str, str]:
    """The id of the request that waits, and the browser's secret, of a redirect to the consent page."""
    assert response.status_code == 302, response.text
    parts = urlsplit(response.headers["location"])
    assert parts.path == "/oauth/toestemming"
    cookie = response.headers["set-cookie"]
    return dict(parse_qsl(parts.query))["verzoek"], cookie.split(f"{cookie_name(BASE)}=")[1].split(";")[0]


def answer(url: str) -> dict[str, str]:
    """The parameters of an authorization response."""
    return dict(parse_qsl(urlsplit(url).query))


def claims_of(token: str) -> dict[str, Any]:
    """The claims of a JWT, unverified."""
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


@asynccontextmanager
async def oauth_server(
    folder: Path,
    *,
    limits: dict[str, str] | None = None,
    make: Callable[..., Any] | None = None,
    require_par: bool = False,
) -> AsyncIterator[OAuthServer]:
    """The server on fresh files in `folder`."""
    clock, apps = Clock(), {}  # type: ignore[var-annotated]
    own = OwnApp(BASE)
    outside = guarded_client(own)
    consent = open_database(folder / "consent.db", "werkpod.consent.migrations")
    log = open_database(folder / "ledger.db", "werkpod.consent.ledger.migrations", durable=False)
    limiter = Limiter(limits)

    async def document(request: Request) -> Response:
        app: App | None = apps.get(request.path_params["slug"])
        if app is None:
            return Response(status_code=404)
        etag = app.headers.get("etag")
        app.served.append(304 if etag and request.headers.get("if-none-match") == etag else 200)
        if app.served[-1] == 304:
            return Response(status_code=304, headers=app.headers)
        return Response(json.dumps(app.client_document()), media_type=app.media_type, headers=app.headers)

    try:
        async with open_parts(folder) as pods:
            grants = Grants(consent, pods.vault, clock=clock)
            links = ShareLinks(
                consent, pods.vault, grants, Acts(consent, pods.vault, Ledger(log, pods.vault)), base_url=BASE,
                hasher=Hasher(QUICK),
                employer_client=f"{BASE}/apps/werkgever/client.jsonld", clock=clock,
            )  # fmt: skip
            accounts = Accounts(
                consent, pods.vault, pods.directory, erase_resources=pods.storage.erase, base_url=BASE,
                provision=make or functools.partial(provision, pods.storage, issuer=BASE),
                limiter=limiter, hasher=Hasher(QUICK), clock=clock,
            )  # fmt: skip
            sessions = Sessions(consent, accounts, base_url=BASE, clock=clock)
            authorization = Authorization(
                Parts(
                    issuer=BASE, accounts=accounts, grants=grants, links=links, clock=clock,
                    clients=Clients(consent, pods.vault, outside, base_url=BASE, allow_loopback=True, clock=clock),
                    store=TokenStore(consent, pods.vault, clock=clock),
                    keys=await SigningKeys.load(consent, pods.vault, clock=clock), require_par=require_par,
                )
            )  # fmt: skip
            routes = oauth_routes(authorization, limiter=limiter, auth_time=sessions.began)
            pages = Pages(["werkpod.consent"], base_url=BASE)
            app = Starlette(
                routes=[*routes, Route("/apps/{slug}/client.jsonld", document)],
                exception_handlers=exception_handlers(pages),
            )
            own.bind(ViewerMiddleware(app, sessions=sessions))
            http = httpx2.AsyncClient(transport=httpx2.ASGITransport(own), base_url=BASE)
            async with http, outside:
                yield OAuthServer(
                    folder, clock, pods, consent, accounts, sessions, grants, links,
                    Credentials(consent, pods.vault, grants, clock=clock), authorization, limiter, http, apps,
                )  # fmt: skip
    finally:
        await log.close()
        await consent.close()
