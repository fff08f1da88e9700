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

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc7636 import CodeChallenge

from werkpod.consent.accounts.model import Account
from werkpod.consent.errors import RequestGone
from werkpod.consent.grants import GrantRecord
from werkpod.consent.oauth.carrier import Answer, Carrier, Parts
from werkpod.consent.oauth.code_grant import Approval, CodeGrant
from werkpod.consent.oauth.endpoints import Introspection, Revocation
from werkpod.consent.oauth.errors import (
    AccessDenied,
    AuthorizationPageError,
    ConsentRequired,
    InvalidAuthorizationDetails,
    InvalidGrantId,
    LoginRequired,
    Unfit,
    WireError,
    WrongRedirectUri,
)
from werkpod.consent.oauth.hints import read_hint
from werkpod.consent.oauth.prompts import prompts_of, signed_in_since
from werkpod.consent.oauth.pushed import PREFIX
from werkpod.consent.oauth.question import AuthorizationRequest, GrantTooWide
from werkpod.consent.oauth.redirects import is_local
from werkpod.consent.oauth.requests import Request, read_parameters, unique
from werkpod.consent.oauth.standing import answers, changed_since, kept_of, standing_answer
from werkpod.consent.oauth.store import WaitingRequest
from werkpod.consent.oauth.token_grants import LinkGrant, RefreshGrant, S256Challenge, ToolGrant

AUTHORIZE_PATH = "/oauth/authorize"
CONSENT_PATH = "/oauth/toestemming"
__all__ = [
    "AUTHORIZE_PATH",
    "CONSENT_PATH",
    "Authorization",
    "AuthorizationRequest",
    "GrantTooWide",
    "Redirect",
    "Waiting",
]


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
        parameters: dict[str, str] = {}
        pushed = b""
        try:
            parameters, pushed = await self._pushed(read_parameters(query))
            grant = await self._validated(parameters, pushed)
            now = self._clock()
            since = self._since(parameters, account, now)
            known = account if since < now and auth_time >= since else None
            found = await self._standing(grant, known)
            prompts = prompts_of(parameters)
            if known is not None and found is not None and "consent" not in prompts:
                if pushed and not await self.parts.store.pushed.finish(pushed):
                    raise _used_up()
                return Redirect(await self._code(parameters, Approval(known, found, auth_time), pushed))
            if "none" in prompts:
                raise self._silent_error(known, grant.redirect_uri)
        except OAuth2Error as error:
            if pushed:
                await self.parts.store.pushed.finish(pushed)
            # Of what comes beside a pushed request nothing counts, its state neither (RFC 9126, section 4).
            return self._refused(error, parameters.get("state") if pushed else read_state(query))
        said = grant.request.client.snapshot
        waiting = WaitingRequest(tuple(parameters.items()), now, since, pushed, said)
        return Waiting(await self.parts.store.save_request(waiting, browser))

    async def pending(
        self, request_id: str, *, browser: str | None, account: Account | None = None
    ) -> AuthorizationRequest:
        """The request that waits under this id in this browser. Raises RequestGone, AuthorizationPageError.

        `account`: who is asked, for `changed`: what the app changed since the last yes.
        """
        waiting = await self._waiting(request_id, browser)
        try:
            grant = await self._validated(unique(waiting.parameters), waiting.pushed)
        except OAuth2Error as error:  # the app changed its document meanwhile
            raise AuthorizationPageError(_sentence(error), unfit="changed") from None
        client = grant.request.client
        if client.snapshot != waiting.said:
            raise _changed()
        return AuthorizationRequest(
            id=request_id,
            client=client,
            redirect_uri=str(grant.redirect_uri),
            scope=tuple((grant.request.scope or "").split()),
            access=grant.access,
            started=waiting.started,
            since=waiting.since,
            action=grant.request.payload.data.get("grant_management_action", ""),
            has=grant.has,
            changed=await changed_since(self.parts, account, client) if account is not None else (),
        )

    async def settled(
        self, request_id: str, account: Account, *, browser: str | None, auth_time: float = 0.0
    ) -> str | None:
        """The address to send the browser to where nothing has to be asked after all: who signed in meanwhile has given
        this app what it asks for, or is not who it asks about. None where the person is asked. Raises RequestGone.
        """
        waiting = await self._waiting(request_id, browser)
        parameters = unique(waiting.parameters)
        if auth_time < waiting.since:
            return None
        try:
            found = await self._standing(await self._validated(parameters, waiting.pushed), account)
        except OAuth2Error as error:
            # Without an address to tell it at, `pending` says what is wrong.
            if not error.redirect_uri or not await self.parts.store.finish_request(request_id, waiting.pushed):
                return None
            return self._refused(error, parameters.get("state")).url
        if found is None or "consent" in prompts_of(parameters):
            return None
        if not await self.parts.store.finish_request(request_id, waiting.pushed):
            return None
        return await self._code(parameters, Approval(account, found, auth_time), waiting.pushed)

    async def approve(
        self, request_id: str, account: Account, grant: GrantRecord, *, browser: str | None, auth_time: float = 0.0
    ) -> str:
        """The address to send the browser to, with a code for `grant`. Raises RequestGone, GrantTooWide."""
        request = await self.pending(request_id, browser=browser)
        request.check(account, grant, self._clock())
        waiting = await self._waiting(request_id, browser)
        if not await self.parts.store.finish_request(request_id, waiting.pushed):
            raise RequestGone("This request was answered already. Start again at the app.")
        await self.parts.store.consented.remember(account.id, grant.id, request.client, request.access)
        if request.client.registered:
            await self.parts.clients.registered.keep(request.client.id, grant.until)
        return await self._code(unique(waiting.parameters), Approval(account, grant, auth_time), waiting.pushed)

    async def refuse(self, request_id: str, account: Account | None = None, *, browser: str | None) -> str:
        """The address to send the browser to, with `access_denied`. Raises RequestGone."""
        waiting = await self._waiting(request_id, browser)
        request = await self.pending(request_id, browser=browser)
        if not await self.parts.store.finish_request(request_id, waiting.pushed):
            raise RequestGone("This request was answered already. Start again at the app.")
        error = AccessDenied("The citizen said no.", redirect_uri=request.redirect_uri)
        answer = self._refused(error, unique(waiting.parameters).get("state"))
        return answer.url

    async def _waiting(self, request_id: str, browser: str | None) -> WaitingRequest:
        found = await self.parts.store.waiting(request_id, browser) if browser else None
        if found is None:
            raise RequestGone("This request is not waiting here (any more). Start again at the app.")
        return found

    async def _pushed(self, sent: dict[str, str]) -> tuple[dict[str, str], bytes]:
        """The parameters of a request, and the hash of the pushed request that they came from, b"" for none.

        Of what comes with the request_uri of a pushed one only the client_id counts (RFC 9126, 4; RFC 9101, 5). Another
        request_uri is refused with the request that it is in: nothing is ever fetched.
        """
        uri = sent.get("request_uri", "")
        if not uri.startswith(PREFIX):
            return sent, b""
        found = await self.parts.store.pushed.find(uri, sent.get("client_id", ""))
        if found is None:
            raise _used_up()
        key, parameters = found
        return parameters, key

    async def _validated(self, parameters: Mapping[str, str], pushed: bytes = b"") -> CodeGrant:
        """Authlib's grant for a valid request. Raises OAuth2Error, with redirect_uri where the client may be told."""
        request = self._request(parameters, pushed)
        return await self.carrier.run(self.carrier.get_consent_grant, request)

    def _request(self, parameters: Mapping[str, str], pushed: bytes) -> Request:
        return Request("GET", f"{self.parts.issuer}{AUTHORIZE_PATH}", parameters, {}, pushed=bool(pushed))

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
        if account is None:
            return None
        if access.locations and set(access.locations) != {account.storage}:
            raise InvalidAuthorizationDetails("locations names another pod.", redirect_uri=grant.redirect_uri)
        if access.assignee not in ("", account.webid, client.id):
            raise InvalidAuthorizationDetails("assignee is somebody else.", redirect_uri=grant.redirect_uri)
        if grant.has is not None and grant.has.pod != account.id:
            raise InvalidGrantId("There is no such grant by this citizen.", redirect_uri=grant.redirect_uri)
        action = grant.request.payload.data.get("grant_management_action")
        if (client.registered and is_local(str(grant.redirect_uri))) or action in ("create", "replace"):
            return None
        if grant.has is None:
            return await standing_answer(self.parts, account, client, access)
        kept = await kept_of(self.parts, grant.has, client)
        return grant.has if kept is not None and not kept[0] and answers(grant.has, access, kept[1]) else None

    async def _code(self, parameters: Mapping[str, str], approval: Approval, pushed: bytes) -> str:
        request = self._request(parameters, pushed)

        def answer() -> Answer:
            grant = self.carrier.get_consent_grant(request, approval)  # type: ignore[no-untyped-call]
            return self.carrier.create_authorization_response(request, approval, grant)  # type: ignore[no-any-return]

        found = await self.carrier.run(answer)
        if found.location is None:
            raise _changed()
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


def _changed() -> AuthorizationPageError:
    """The app says something else of itself, or asks for something else, than when the request came."""
    return AuthorizationPageError(
        "The app changed its client id document meanwhile. Start again at the app.", unfit="changed"
    )


def _used_up() -> AuthorizationPageError:
    """One sentence for each reason: nobody is told whether a request_uri was ever there."""
    return AuthorizationPageError(
        "The pushed request is over, was answered, or is another app's. Start again at the app.", unfit="over"
    )


def _unfit(error: OAuth2Error) -> Unfit:
    """Why a request cannot be answered to its client. Authlib says "invalid_client" of an id that is missing too."""
    if isinstance(error, WrongRedirectUri):
        return "wrong_address"
    return "unknown_app" if error.error == "invalid_client" else "unclear"


def _sentence(error: OAuth2Error) -> str:
    return str(error.get_error_description() or error.error)  # type: ignore[no-untyped-call]
