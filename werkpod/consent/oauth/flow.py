"""The way of an authorization request: validated, waiting for the citizen's answer, answered with one redirect.

begin    the browser comes with the app's request    -> Redirect to the app, or Waiting for the consent page
pending  the consent page asks what it should show   -> AuthorizationRequest
settled  after a sign-in there is nothing to ask     -> address to redirect to, with a code
approve  the citizen said yes, the grant exists      -> address to redirect to, with a code
refuse   the citizen said no                         -> address to redirect to, with access_denied
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc7636 import CodeChallenge

from werkpod.consent.accounts.model import Account
from werkpod.consent.errors import RequestGone
from werkpod.consent.grants import GrantRecord
from werkpod.consent.oauth.carrier import Answer, Carrier, Parts
from werkpod.consent.oauth.client_model import Client
from werkpod.consent.oauth.code_grant import Approval, CodeGrant
from werkpod.consent.oauth.details import AccessRequest
from werkpod.consent.oauth.endpoints import Introspection, Revocation
from werkpod.consent.oauth.errors import (
    AccessDenied,
    AuthorizationPageError,
    ConsentRequired,
    InvalidAuthorizationDetails,
    LoginRequired,
    Unfit,
    WireError,
    WrongRedirectUri,
)
from werkpod.consent.oauth.hints import read_hint
from werkpod.consent.oauth.prompts import prompts_of, signed_in_since
from werkpod.consent.oauth.redirects import is_local
from werkpod.consent.oauth.requests import Request, read_parameters, unique
from werkpod.consent.oauth.store import WaitingRequest
from werkpod.consent.oauth.token_grants import LinkGrant, RefreshGrant, S256Challenge, ToolGrant
from werkpod.web.errors import Forbidden

AUTHORIZE_PATH = "/oauth/authorize"
CONSENT_PATH = "/oauth/toestemming"
_SLACK = 3600.0
"""Seconds between reading the page and pressing the button, for a grant's end."""


class GrantTooWide(Forbidden):
    """A grant that gives more than was asked, or gives it to another: a form that was tampered with."""

    code, title = "grant_too_wide", "This is not what the app asked for"


@dataclass(frozen=True, slots=True)
class Redirect:
    """The browser goes back to the app; `url` has code or error, state and iss."""

    url: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """The browser goes to the consent page of request `id`."""

    id: str

    @property
    def path(self) -> str:
        """Where the consent page is."""
        return f"{CONSENT_PATH}?verzoek={self.id}"


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A valid request that waits for an answer. `access.sections` empty: the citizen chooses, nothing is ticked.

    Show `client.label(lang)` and `host`; `redirect_origin` is what the page's form-action must let through.
    Who signed in before `since` has to do so again first (prompt, max_age).
    """

    id: str
    client: Client
    redirect_uri: str
    scope: tuple[str, ...]
    access: AccessRequest
    started: float
    since: float = 0.0

    @property
    def host(self) -> str:
        """Who asks, as far as anybody can check: the host of the client id; of an app that registered itself the host
        that the answer goes to, "" for a program on the person's own device."""
        if not self.client.registered:
            return self.client.host
        return "" if is_local(self.redirect_uri) else urlsplit(self.redirect_uri).netloc

    @property
    def redirect_origin(self) -> str:
        """Scheme and host of the redirect_uri."""
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def chooses(self) -> bool:
        """Whether the citizen picks the sections, because the app asked for nothing in particular."""
        return not self.access.sections

    def check(self, account: Account, grant: GrantRecord, now: float) -> None:
        """Make sure that a grant answers this request. Raises GrantTooWide that says in what it does not.

        Call it before the grant is created; `approve` does so again.
        """
        access = self.access
        if grant.pod != account.id or grant.agent != account.webid or grant.client != self.client.id:
            raise GrantTooWide("The grant is of another pod, or for another app, than the request.")
        if access.locations and set(access.locations) != {account.storage}:
            raise GrantTooWide("The app asks for another pod than yours.")
        if not self.chooses and (grant.everything or not set(grant.sections) <= set(access.possible)):
            raise GrantTooWide("The grant has sections that the app did not ask for.")
        if not self.chooses and not set(grant.actions) <= set(access.actions):
            raise GrantTooWide("The grant allows what the app did not ask for.")
        if access.seconds is not None and (grant.until is None or grant.until > now + access.seconds + _SLACK):
            raise GrantTooWide("The grant lasts longer than the app asked for.")


class Authorization:
    """The authorization server's conversation with the citizen."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.carrier = build_carrier(parts)
        self._clock: Callable[[], float] = parts.clock

    async def begin(
        self, query: bytes, account: Account | None, *, browser: str, auth_time: float = 0.0
    ) -> Redirect | Waiting:
        """Take an authorization request (RFC 6749, 4.1.1). `browser`: the secret of the cookie (`browser.py`).

        Straight to the code where an equal grant is in force and the app is still what it was. Raises
        AuthorizationPageError where the app cannot be answered: its id or redirect_uri is not known to be right.
        """
        try:
            parameters = read_parameters(query)
            grant = await self._validated(parameters)
            now = self._clock()
            since = self._since(parameters, account, now)
            known = account if since < now and auth_time >= since else None
            found = await self._standing(grant, known)
            prompts = prompts_of(parameters)
            if known is not None and found is not None and "consent" not in prompts:
                return Redirect(await self._code(parameters, Approval(known, found, auth_time)))
            if "none" in prompts:
                raise self._silent_error(known, grant.redirect_uri)
        except OAuth2Error as error:
            return self._refused(error, read_state(query))
        waiting = WaitingRequest(tuple(parameters.items()), now, since)
        return Waiting(await self.parts.store.save_request(waiting, browser))

    async def pending(self, request_id: str, *, browser: str | None) -> AuthorizationRequest:
        """The request that waits under this id in this browser. Raises RequestGone, AuthorizationPageError."""
        waiting = await self._waiting(request_id, browser)
        try:
            grant = await self._validated(unique(waiting.parameters))
        except OAuth2Error as error:  # the app changed its document meanwhile
            raise AuthorizationPageError(_sentence(error), unfit="changed") from None
        return AuthorizationRequest(
            id=request_id,
            client=grant.request.client,
            redirect_uri=str(grant.redirect_uri),
            scope=tuple((grant.request.scope or "").split()),
            access=grant.access,
            started=waiting.started,
            since=waiting.since,
        )

    async def settled(
        self, request_id: str, account: Account, *, browser: str | None, auth_time: float = 0.0
    ) -> str | None:
        """The address to send the browser to where nothing has to be asked after all: who signed in meanwhile has given
        this app what it asks for. None where the person is asked. Raises RequestGone.
        """
        waiting = await self._waiting(request_id, browser)
        parameters = unique(waiting.parameters)
        if auth_time < waiting.since or "consent" in prompts_of(parameters):
            return None
        try:
            found = await self._standing(await self._validated(parameters), account)
        except OAuth2Error:  # `pending` says what is wrong
            return None
        if found is None or not await self.parts.store.finish_request(request_id):
            return None
        return await self._code(parameters, Approval(account, found, auth_time))

    async def approve(
        self, request_id: str, account: Account, grant: GrantRecord, *, browser: str | None, auth_time: float = 0.0
    ) -> str:
        """The address to send the browser to, with a code for `grant`. Raises RequestGone, GrantTooWide."""
        request = await self.pending(request_id, browser=browser)
        request.check(account, grant, self._clock())
        waiting = await self._waiting(request_id, browser)
        if not await self.parts.store.finish_request(request_id):
            raise RequestGone("This request was answered already. Start again at the app.")
        await self.parts.store.remember_client(account.id, grant.id, request.client.snapshot)
        if request.client.registered:
            await self.parts.clients.registered.keep(request.client.id, grant.until)
        return await self._code(unique(waiting.parameters), Approval(account, grant, auth_time))

    async def refuse(self, request_id: str, account: Account | None = None, *, browser: str | None) -> str:
        """The address to send the browser to, with `access_denied`. Raises RequestGone."""
        waiting = await self._waiting(request_id, browser)
        request = await self.pending(request_id, browser=browser)
        if not await self.parts.store.finish_request(request_id):
            raise RequestGone("This request was answered already. Start again at the app.")
        error = AccessDenied("The citizen said no.", redirect_uri=request.redirect_uri)
        answer = self._refused(error, unique(waiting.parameters).get("state"))
        return answer.url

    async def _waiting(self, request_id: str, browser: str | None) -> WaitingRequest:
        found = await self.parts.store.waiting(request_id, browser) if browser else None
        if found is None:
            raise RequestGone("This request is not waiting here (any more). Start again at the app.")
        return found

    async def _validated(self, parameters: Mapping[str, str]) -> CodeGrant:
        """Authlib's grant for a valid request. Raises OAuth2Error, with redirect_uri where the client may be told."""
        request = self._request(parameters)
        return await self.carrier.run(self.carrier.get_consent_grant, request)

    def _request(self, parameters: Mapping[str, str]) -> Request:
        return Request("GET", f"{self.parts.issuer}{AUTHORIZE_PATH}", parameters, {})

    def _since(self, parameters: Mapping[str, str], account: Account | None, now: float) -> float:
        """Since when who is signed in must have been for this request; see `prompts.signed_in_since`."""
        hint = read_hint(parameters.get("id_token_hint", ""), self.parts.keys, self.parts.issuer)
        other = hint is not None and account is not None and hint.webid != account.webid
        return signed_in_since(parameters, now, other=other)

    async def _standing(self, grant: CodeGrant, account: Account | None) -> GrantRecord | None:
        """The grant in force that answers this request already, given when the app's document said the same.

        None where the answer goes to a program on the person's device that registered itself: any program there can
        say that it is this one, so the person is asked each time (RFC 8252, 8.6).
        """
        client, access = grant.request.client, grant.access
        if account is None or (client.registered and is_local(str(grant.redirect_uri))):
            return None
        if access.locations and set(access.locations) != {account.storage}:
            raise InvalidAuthorizationDetails("locations names another pod.", redirect_uri=grant.redirect_uri)
        found = await self.parts.grants.covering(
            account.id, agent=account.webid, client=client.id, sections=access.sections, optional=access.optional,
            actions=access.actions if access.sections else (),
        )  # fmt: skip
        if found is None or access.once or (access.purpose and found.purpose != access.purpose):
            return None
        return found if await self.parts.store.same_client(account.id, found.id, client.snapshot) else None

    async def _code(self, parameters: Mapping[str, str], approval: Approval) -> str:
        request = self._request(parameters)

        def answer() -> Answer:
            grant = self.carrier.get_consent_grant(request, approval)  # type: ignore[no-untyped-call]
            return self.carrier.create_authorization_response(request, approval, grant)  # type: ignore[no-any-return]

        found = await self.carrier.run(answer)
        if found.location is None:
            raise AuthorizationPageError(
                "The app changed its client id document meanwhile. Start again at the app.", unfit="changed"
            )
        return found.location

    def _silent_error(self, account: Account | None, redirect_uri: str | None) -> WireError:
        """Why `prompt=none` cannot be answered with a code (OIDC Core, 3.1.2.6)."""
        if account is None:
            return LoginRequired("Nobody is signed in.", redirect_uri=redirect_uri)
        return ConsentRequired("The citizen has not said yes to this.", redirect_uri=redirect_uri)

    def _refused(self, error: OAuth2Error, state: str | None) -> Redirect:
        """The error as a redirect where the client may be told; else raises AuthorizationPageError."""
        if not error.redirect_uri:
            raise AuthorizationPageError(_sentence(error), unfit=_unfit(error)) from None
        error.state = state
        answer: Answer = self.carrier.handle_error_response(None, error)  # type: ignore[no-untyped-call]
        return Redirect(answer.location or "")


def build_carrier(parts: Parts) -> Carrier:
    """Authlib's server with the grants and endpoints that are spoken here."""
    carrier = Carrier(parts)
    challenge: CodeChallenge = S256Challenge(required=True)  # type: ignore[no-untyped-call]
    carrier.register_grant(CodeGrant, [challenge])  # type: ignore[no-untyped-call]
    carrier.register_grant(RefreshGrant)  # type: ignore[no-untyped-call]
    carrier.register_grant(ToolGrant)  # type: ignore[no-untyped-call]
    carrier.register_grant(LinkGrant)  # type: ignore[no-untyped-call]
    carrier.register_endpoint(Revocation)
    carrier.register_endpoint(Introspection)
    return carrier


def read_state(query: bytes) -> str | None:
    """The state of a request, where its parameters can be read at all."""
    try:
        return read_parameters(query).get("state")
    except WireError:
        return None


def _unfit(error: OAuth2Error) -> Unfit:
    """Why a request cannot be answered to its client. Authlib says "invalid_client" of an id that is missing too."""
    if isinstance(error, WrongRedirectUri):
        return "wrong_address"
    return "unknown_app" if error.error == "invalid_client" else "unclear"


def _sentence(error: OAuth2Error) -> str:
    return str(error.get_error_description() or error.error)  # type: ignore[no-untyped-call]
