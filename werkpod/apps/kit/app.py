"""What every app of Werkpod does the same way: ask in plain words, come back, keep a sealed session, stop.

An app is a party of its own. It gives `CitizenApp` its name, what it does and what it asks; its pages get a `Visit`
with a client for the pod, and never see a cookie, a token or a key.
"""

from __future__ import annotations

import contextlib
import re
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import httpx2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from werkpod.apps.kit.errors import AccessRefused, AuthorizationFailed, NotShared, PodUnavailable, Stopped
from werkpod.apps.kit.keys import AppKeys
from werkpod.apps.kit.oauth import OAuthClient
from werkpod.apps.kit.podclient import JSON_LD, PodClient
from werkpod.apps.kit.session import (
    SESSION_SECONDS,
    TRANSACTION_SECONDS,
    SealedCookie,
    Session,
    Transaction,
)
from werkpod.apps.kit.wire import AccessRequest, Text, client_document
from werkpod.vocab.sections import SECTIONS
from werkpod.web.forms import read_form, require_same_origin
from werkpod.web.pages import Pages, language_of

_ONWARD_LIMIT, _ONWARD_PACKED_LIMIT = 8000, 1800
"""Characters of an address in the app that is come back to, and bytes of it that fit in the cookie."""


@dataclass(frozen=True, slots=True)
class AppCard:
    """What an app says of itself. `slug` is its place (`/apps/{slug}/`) and its colour (`wp-app--{slug}`).

    `what`: what it does for a person, one or two short sentences. `reasons`: why it needs each section.
    `access` None: the app asks for nothing in particular and the citizen chooses on the consent page.
    """

    slug: str
    name: Text
    what: Text
    access: AccessRequest | None
    reasons: Mapping[str, Text] = field(default_factory=dict)
    grant_types: tuple[str, ...] = ("authorization_code", "refresh_token")


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a person with a session. `pod` reaches the pod with their token; `lang` is "nl" or "en"."""

    pod: PodClient
    lang: str

    @property
    def webid(self) -> str:
        """Who the token is of."""
        return self.pod.session.webid

    def may(self, section: str) -> bool:
        """Whether this section was granted, as far as the app was told; the pod decides at each request."""
        return section in self.pod.session.sections


Handler = Callable[[Request, Visit], Awaitable[Response]]


class CitizenApp:
    """An app's doors: start page, authorization, way back, sign-off; `page` makes a route that needs a session.

    `base_url` is where the app lives, `issuer` the authorization server (an origin each, no trailing slash);
    `keys` are 32 random bytes or more that only this app has.
    """

    def __init__(
        self, card: AppCard, *, base_url: str, http: httpx2.AsyncClient, keys: bytes, pages: Pages,
        issuer: str | None = None, clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.card, self.base_url, self.issuer, self.pages = card, base_url, issuer or base_url, pages
        self.home = f"/apps/{card.slug}/"
        self.client_id = f"{base_url}{self.home}client.jsonld"
        self.http, self.clock = http, clock
        self.keys = AppKeys(keys, card.slug)
        self.oauth = OAuthClient(
            http, issuer=self.issuer, client_id=self.client_id, redirect_uri=f"{base_url}{self.home}terug",
            keys=self.keys, clock=clock,
        )  # fmt: skip
        self._sessions = self.cookie("session", self.home.rstrip("/"), SESSION_SECONDS)
        self._transactions = self.cookie("vraag", self.home.rstrip("/"), TRANSACTION_SECONDS)

    def cookie(self, kind: str, path: str, lifetime: float) -> SealedCookie:
        """A sealed cookie of this app; `path` is where browsers send it, `lifetime` in seconds."""
        return SealedCookie(
            f"wp-{self.card.slug}-{kind}", self.keys.cookie, path, secure=self.base_url.startswith("https:"),
            kind=kind, lifetime=lifetime, clock=self.clock,
        )  # fmt: skip

    def routes(self) -> list[BaseRoute]:
        """The doors that every app has."""
        return [
            self.client_route(),
            Route(f"{self.home}vraag", self._ask, methods=["POST"]),
            Route(f"{self.home}terug", self._come_back, methods=["GET"]),
            Route(f"{self.home}weg", self._leave, methods=["POST"]),
        ]

    def client_route(self) -> Route:
        """The client id document alone, for an app that signs nobody in."""
        return Route(f"{self.home}client.jsonld", self._client_document, methods=["GET"])

    def page(self, path: str, handler: Handler, *, methods: Sequence[str] = ("GET",)) -> Route:
        """A route under the app's home that needs a session; without one the start page is shown instead.

        `path` is relative: "" is the app's home. A form (any method but GET) must come from our own page.
        """

        async def endpoint(request: Request) -> Response:
            return await self.visit(request, handler)

        return Route(f"{self.home}{path}", endpoint, methods=list(methods), name=f"{self.card.slug}:{path}")

    def has_session(self, request: Request) -> bool:
        """Whether this browser has a session with this app."""
        return self._sessions.read(request, Session) is not None

    async def visit(self, request: Request, handler: Handler) -> Response:
        """Answer a request with `handler` in the person's session; the start page when there is none."""
        if request.method not in ("GET", "HEAD"):
            require_same_origin(request, self.base_url)
        session = self._sessions.read(request, Session)
        if session is None:
            return self.start(request)
        pod = PodClient(self.http, session, self.oauth.renew, clock=self.clock)
        try:
            response = await handler(request, Visit(pod, language_of(request)))
        except (Stopped, NotShared) as error:
            return self._stopped(request, pod.session, error)
        except PodUnavailable:
            response = self.render(request, "kit/unavailable.html", status=503)
        if pod.session is not session:
            self._sessions.write(response, pod.session)
        return response

    def render(self, request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
        """A page in the app's own layout and colour. The template extends `kit/layout.html`."""
        # A form may lead to the authorization server: browsers hold redirects after a form to form-action too.
        form_action = "'self'" if self.issuer == self.base_url else f"'self' {self.issuer}"
        values = {
            "app_name": self.card.name(language_of(request)), "app_slug": self.card.slug,
            "signed_in": self.has_session(request), **context,
        }  # fmt: skip
        return self.pages.render(request, template, status=status, form_action=form_action, **values)

    def start(self, request: Request, *, onward: str | None = None) -> Response:
        """The page that says what the app asks and why, with one button."""
        if onward is None:
            query = request.scope["query_string"].decode("latin-1")
            here = request.scope["path"] + (f"?{query}" if query else "")
            onward = here if request.method == "GET" else self.home
        lang, access = language_of(request), self.card.access
        return self.render(
            request, "kit/start.html", what=self.card.what(lang),
            asked=self._labelled(access.sections if access else (), lang),
            optional=self._labelled(access.optional if access else (), lang),
            writes=bool(access and set(access.actions) - {"read"}), days=_days(access.duration if access else ""),
            once=bool(access and access.duration == "once"), onward=self._own(onward), home=self.home,
        )  # fmt: skip

    async def _client_document(self, request: Request) -> Response:
        card = self.card
        body = client_document(
            client_id=self.client_id, name=card.name, description=card.what, redirect_uri=self.oauth.redirect_uri,
            home=f"{self.base_url}{self.home}", jwks=self.keys.public_jwks(), access=card.access,
            grant_types=card.grant_types, reasons=card.reasons,
        )  # fmt: skip
        return Response(body, media_type=JSON_LD, headers={"Cache-Control": "public, max-age=300"})

    async def _ask(self, request: Request) -> Response:
        """Send the browser to the authorization server, with a fresh transaction in its cookie.

        With `meer` in the form the person is asked again, for the sections that they did not share before.
        """
        form = await read_form(request, self.base_url)
        onward, more = self._own(str(form.get("verder") or self.home)), "meer" in form
        access, session = self.card.access, self._sessions.read(request, Session)
        if more and access is not None and session is not None:
            left = tuple(key for key in access.optional if key not in session.sections)
            access = replace(access, optional=left)
        try:
            url, transaction = await self.oauth.begin(access, onward=self._packed(onward), again=more)
        except PodUnavailable:
            return self.render(request, "kit/unavailable.html", status=503)
        response = _see(url)
        self._transactions.write(response, transaction)
        return response

    async def _come_back(self, request: Request) -> Response:
        """The redirect address: make a session of a good answer, and say plainly what happened otherwise."""
        transaction = self._transactions.read(request, Transaction)
        response: Response
        try:
            session = await self.oauth.finish(transaction, request.query_params)
        except AccessRefused:
            response = self.render(request, "kit/refused.html", home=self.home)
        except AuthorizationFailed as error:
            response = self.render(request, "kit/failed.html", status=400, reason=error.reason, home=self.home)
        except PodUnavailable:
            response = self.render(request, "kit/unavailable.html", status=503)
        else:
            onward = zlib.decompress(transaction.onward).decode() if transaction else self.home
            response = _see(onward)
            self._sessions.write(response, session)
        if transaction is not None:
            self._transactions.clear(response)
        return response

    async def _leave(self, request: Request) -> Response:
        """Sign off from the app: tokens back, cookie gone. What is shared stays shared until the citizen stops it."""
        require_same_origin(request, self.base_url)
        session = self._sessions.read(request, Session)
        response = _see("/")
        if session is not None:
            # No answer: the session ends here all the same, and its tokens end by themselves.
            with contextlib.suppress(PodUnavailable):
                await self.oauth.end(session)
            self._sessions.clear(response)
        return response

    def _stopped(self, request: Request, session: Session, error: Stopped | NotShared) -> Response:
        """The pod or the authorization server says no: say so plainly; the cookie is of no use any more."""
        response = self.render(request, "kit/stopped.html", status=403, signed_in=False, home=self.home)
        self._sessions.clear(response)
        return response

    def _labelled(self, sections: Sequence[str], lang: str) -> list[tuple[str, str]]:
        """Section and reason as a person reads them."""
        reasons = self.card.reasons
        return [(SECTIONS[key].label(lang), reasons[key](lang) if key in reasons else "") for key in sections]

    def _packed(self, onward: str) -> bytes:
        """The address for the cookie; the home when it does not fit."""
        packed = zlib.compress(onward.encode(), 9)
        return packed if len(packed) <= _ONWARD_PACKED_LIMIT else zlib.compress(self.home.encode())

    def _own(self, onward: str) -> str:
        """`onward` when it is a path of this app, else the app's home."""
        parts = urlsplit(onward)
        good = (
            len(onward) <= _ONWARD_LIMIT and not parts.scheme and not parts.netloc
            and parts.path.startswith(self.home) and ".." not in parts.path
            and re.fullmatch(r"[\x21-\x5b\x5d-\x7e]+", onward) is not None
        )  # fmt: skip
        return onward if good else self.home


def _see(url: str) -> Response:
    """Go there; kept nowhere, because it may carry a code or set a session."""
    return RedirectResponse(url, status_code=303, headers={"Cache-Control": "no-store"})


def _days(duration: str) -> int:
    """The days of an ISO 8601 duration that is written in days ("P90D"); 0 for any other."""
    found = re.fullmatch(r"P(\d{1,4})D", duration)
    return int(found[1]) if found else 0
