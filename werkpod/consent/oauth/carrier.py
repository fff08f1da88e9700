"""Authlib's authorization server as our carrier: its grants and endpoints, our store, our defaults.

Authlib is synchronous. It runs in worker threads of its own (`Carrier.run`) and reaches the asynchronous store through
`Carrier.wait`. The threads are not anyio's shared ones: what a request waits for may need one of those itself.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any, ParamSpec, Protocol, TypeVar
from urllib.parse import quote

import anyio
import anyio.from_thread
import anyio.to_thread
from authlib.oauth2.rfc6749 import AuthorizationServer

from werkpod.consent.accounts.model import Account
from werkpod.consent.grants import GrantNotFound, GrantRecord
from werkpod.consent.oauth.assertion import ASSERTION_TYPE, claimed_client, verify_assertion
from werkpod.consent.oauth.client_model import Client
from werkpod.consent.oauth.clients import Clients
from werkpod.consent.oauth.errors import (
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    UnsupportedGrantType,
    UnsupportedResponseType,
)
from werkpod.consent.oauth.keys import SigningKeys
from werkpod.consent.oauth.ports import GrantStore, LinkOpener
from werkpod.consent.oauth.requests import Request, basic_credentials
from werkpod.consent.oauth.store import TokenStore

P = ParamSpec("P")
T = TypeVar("T")
THREADS = 16


class AccountSource(Protocol):
    """Where accounts are found."""

    async def get(self, account_id: str) -> Account | None:
        """The account of this id, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What the authorization server is made of. `issuer` is the base URL byte for byte. `require_par`: every client has
    to push its requests (RFC 9126, 5), also those that never heard of it."""

    issuer: str
    accounts: AccountSource
    clients: Clients
    grants: GrantStore
    store: TokenStore
    keys: SigningKeys
    links: LinkOpener | None = None
    clock: Callable[[], float] = time.time
    require_par: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as Authlib builds it."""

    status: int
    body: Any
    headers: Sequence[tuple[str, str]] = field(default=())

    @property
    def location(self) -> str | None:
        """Where it redirects to."""
        return next((value for name, value in self.headers if name.lower() == "location"), None)


class Carrier(AuthorizationServer):
    """Authlib's server with our parts. Call its methods through `run` only."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(scopes_supported=None)  # type: ignore[no-untyped-call]
        self.parts = parts
        self._threads = anyio.CapacityLimiter(THREADS)

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call synchronous code of Authlib in a worker thread."""
        return await anyio.to_thread.run_sync(functools.partial(call, *args, **kwargs), limiter=self._threads)

    def wait(self, call: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Await our own asynchronous code from within such a thread."""
        return anyio.from_thread.run(functools.partial(call, *args, **kwargs))

    # What Authlib asks of an integration

    def query_client(self, client_id: str) -> Client | None:
        """The client of this id."""
        return self.wait(self.parts.clients.get, client_id)

    def create_oauth2_request(self, request: Request) -> Request:
        """Ours is one already."""
        return request

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def handle_response(self, status: int, body: Any, headers: Sequence[tuple[str, str]]) -> Answer:
        """The answer; the one place that all go through, so that each redirect to a client says who answers.

        RFC 9207, 2: `iss` in every authorization response, errors too. (Authlib's extension edits `response.location`,
        which Starlette's responses do not have, and is then lost without a word.)
        """
        marked = [(k, self._with_issuer(v) if k.lower() == "location" else v) for k, v in headers]
        return Answer(status, body, marked)

    def _with_issuer(self, location: str) -> str:
        return f"{location}{'&' if '?' in location else '?'}iss={quote(self.parts.issuer, safe='')}"

    # What we ask of Authlib to do otherwise

    def get_authorization_grant(self, request: Request) -> Any:
        """The grant for a response type. Authlib's own error would quote the parameter and fail on a quote in it."""
        if request.payload.response_type == "code":
            return super().get_authorization_grant(request)
        client_id, redirect_uri = request.payload.client_id, request.payload.redirect_uri
        client = self.query_client(client_id) if client_id else None
        known = client is not None and redirect_uri is not None and client.check_redirect_uri(redirect_uri)
        raise UnsupportedResponseType(
            "Only response_type=code is spoken here.", redirect_uri=redirect_uri if known else None
        )

    def get_token_grant(self, request: Request) -> Any:
        """The grant for a grant type; a missing one is a malformed request."""
        if not request.payload.grant_type:
            raise UnsupportedGrantType("grant_type is missing.")
        for grant, _ in self._token_grants:
            if grant.check_token_endpoint(request):
                return super().get_token_grant(request)  # type: ignore[no-untyped-call]
        raise UnsupportedGrantType(f"grant_type {request.payload.grant_type[:60]} is not spoken here.")

    def create_token_response(self, request: Request | None = None) -> Answer:
        """The token endpoint's answer; Authlib lets our error for an unknown grant type pass, so it is caught here."""
        if request is None:
            raise TypeError("a request is needed")
        try:
            return super().create_token_response(request)  # type: ignore[no-untyped-call,no-any-return]
        except UnsupportedGrantType as error:
            return self.handle_error_response(request, error)  # type: ignore[no-untyped-call,no-any-return]

    def authenticate_client(self, request: Request, methods: Sequence[str], endpoint: str = "token") -> Client:
        """The client that sends it, by exactly one way (RFC 6749, 2.3). Raises InvalidClient, InvalidRequest."""
        form = request.form
        ways = [
            way
            for way, used in (
                ("client_secret_basic", "authorization" in request.headers),
                ("client_secret_post", "client_secret" in form),
                ("private_key_jwt", "client_assertion" in form or "client_assertion_type" in form),
            )
            if used
        ]
        if len(ways) > 1:
            raise InvalidRequest("Use one way of client authentication, not more.")
        way = ways[0] if ways else "none"
        basic = {"WWW-Authenticate": 'Basic realm="werkpod"'} if way == "client_secret_basic" else {}
        if way not in methods:
            raise InvalidClient(f"This needs client authentication by {' or '.join(methods)}.", headers=basic)
        client = self._by_assertion(form) if way == "private_key_jwt" else self._by_secret(way, request)
        if client is None or not client.check_endpoint_auth_method(way, endpoint):
            raise InvalidClient("The client is unknown or did not show who it is.", headers=basic)
        if form.get("client_id", client.id) != client.id:
            raise InvalidClient("client_id is another than that of the client that authenticated.", headers=basic)
        request.auth_method = way
        # Anybody can register an app, as often as they like: that it has a secret shows nothing.
        request.proven_client = None if way == "none" or client.registered else client.id
        return client

    def _by_secret(self, way: str, request: Request) -> Client | None:
        """The client by secret, or by its mere id where it is a public one."""
        if way == "client_secret_basic":
            client_id, secret = basic_credentials(request.headers.get("authorization")) or ("", "")
        else:
            client_id, secret = request.form.get("client_id", ""), request.form.get("client_secret", "")
        client = self.query_client(client_id) if client_id else None
        if client is None or (way != "none" and not client.check_client_secret(secret)):
            return None
        return client

    def _by_assertion(self, form: dict[str, str]) -> Client | None:
        assertion = form.get("client_assertion", "")
        if form.get("client_assertion_type") != ASSERTION_TYPE or not assertion:
            raise InvalidClient(f"client_assertion needs client_assertion_type {ASSERTION_TYPE}.")
        client = self.query_client(claimed_client(assertion))
        if client is None:
            return None
        jti, expires = verify_assertion(assertion, client, issuer=self.parts.issuer, clock=self.parts.clock)
        if not self.wait(self.parts.store.first_sight, client.id, jti, expires):
            raise InvalidClient("The client assertion was used before.")
        return client

    # For the grants

    def holder(self, pod: str, grant_id: str) -> tuple[Account, GrantRecord]:
        """Account and grant behind a code, refresh token or tool. Raises InvalidGrant when either is over."""
        account = self.wait(self.parts.accounts.get, pod)
        try:
            grant = self.wait(self.parts.grants.get, pod, grant_id)
        except GrantNotFound:
            raise InvalidGrant("What this rests on is not there any more.") from None
        if account is None or not grant.active(self.parts.clock()):
            raise InvalidGrant("The citizen stopped sharing, or the time is over.")
        return account, grant
