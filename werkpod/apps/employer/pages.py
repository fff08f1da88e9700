"""The employer's pages: a CV that somebody shares by link, or after a request (`asking.py`), and nothing else.

Looking at the first page counts no view: link previews and virus scanners open links too. Only the button does. The
session that follows lives as long as its token (minutes), is bound to this one link, and cannot be renewed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Protocol
from urllib.parse import urlsplit

import httpx2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from werkpod.apps.employer.asking import asking_pages
from werkpod.apps.kit import (
    AccessRequest,
    AppCard,
    CitizenApp,
    LinkClosed,
    NotShared,
    PodClient,
    PodUnavailable,
    Stopped,
    Text,
    read_shared_cv,
)
from werkpod.apps.kit.oauth import SHARE_LINK_GRANT
from werkpod.apps.kit.session import SealedCookie, Session
from werkpod.web.errors import TooManyRequests
from werkpod.web.forms import read_form
from werkpod.web.pages import Pages

LOOK_SECONDS = 300.0
"""How long an opened link stays open in the browser that opened it: the life of its token."""

CARD = AppCard(
    slug="werkgever",
    name=Text("Werkgever", "Employer"),
    what=Text(
        "Hier bekijkt u een cv dat iemand met u deelt. U kunt er hier ook om vragen.",
        "Here you look at a CV that somebody shares with you. You can also ask for one here.",
    ),
    access=AccessRequest(
        sections=("inbox",),
        actions=("read",),
        purpose="https://w3id.org/dpv#PersonnelHiring",
        purpose_text=Text("De antwoorden laten zien die u krijgt.", "To show the answers that you get."),
        duration="P365D",
    ),
    reasons={"inbox": Text("Om de antwoorden te laten zien die u krijgt.", "To show the answers that you get.")},
    grant_types=("authorization_code", "refresh_token", SHARE_LINK_GRANT),
)
_SECRET = re.compile(r"[A-Za-z0-9_-]{20,200}")
# A link is a key: search engines must not keep it. (That it goes along to no other site, `page_headers` sees to.)
_PRIVATE = {"X-Robots-Tag": "noindex, nofollow, noarchive"}


class Tries(Protocol):
    """Counts tries; the composition root has it. `what` is "link-address" here."""

    async def full(self, what: str, whom: str) -> int:
        """Seconds to wait when `whom` has no try left, else 0; counts nothing."""
        ...

    async def wait(self, what: str, whom: str) -> int:
        """Count a try; seconds to wait when there were too many, else 0."""
        ...


class Employer:
    """The app: a page before the CV, the CV, and one answer for every link that does not open.

    The authorization server sees one app ask for every browser; so it is here that who tries out links is slowed down.
    """

    def __init__(self, app: CitizenApp, tries: Tries | None) -> None:
        self._app, self._tries = app, tries

    async def home(self, request: Request) -> Response:
        """What this is, and a field for a link that was received on paper."""
        return self._page(request, "employer/home.html")

    async def find(self, request: Request) -> Response:
        """Lead a pasted link to its own page; only the path of one of our links is taken from it."""
        form = await read_form(request, self._app.base_url)
        parts = urlsplit(str(form.get("link", "")).strip())
        secret = parts.path.removeprefix("/k/")
        if not parts.path.startswith("/k/") or not _SECRET.fullmatch(secret):
            return self._page(request, "employer/home.html", status=400, invalid=True)
        return RedirectResponse(f"/k/{secret}", status_code=303)

    async def before(self, request: Request) -> Response:
        """The page before the CV. Says nothing of the link, not even whether it opens; uses no view."""
        secret = request.path_params["secret"]
        return self._page(request, "employer/before.html", secret=secret)

    async def open(self, request: Request) -> Response:
        """Open the link: one view. The CV is at the next address, so that a reload counts no other view."""
        secret = request.path_params["secret"]
        form = await read_form(request, self._app.base_url)
        address = request.client.host if request.client else ""
        if self._tries and (seconds := await self._tries.full("link-address", address)):
            raise TooManyRequests("Too many links that do not open.", headers={"Retry-After": str(seconds), **_PRIVATE})
        try:
            if not _SECRET.fullmatch(secret):
                raise LinkClosed
            session = await self._app.oauth.open_link(secret, str(form.get("code", "")).strip()[:200])
        except LinkClosed:
            if self._tries:
                await self._tries.wait("link-address", address)
            return self._closed(request)
        except PodUnavailable:
            return self._page(request, "kit/unavailable.html", status=503)
        response = RedirectResponse(f"/k/{secret}/cv", status_code=303, headers=_PRIVATE)
        self._cookie(secret).write(response, session)
        return response

    async def cv(self, request: Request) -> Response:
        """The CV: the sections that were shared, and nothing else."""
        secret = request.path_params["secret"]
        session = self._cookie(secret).read(request, Session)
        if session is None:
            return RedirectResponse(f"/k/{secret}", status_code=303, headers=_PRIVATE)
        pod = PodClient(self._app.http, session, self._app.oauth.renew, clock=self._app.clock)
        try:
            cv = await read_shared_cv(pod, session.sections)
        except (NotShared, Stopped):
            return self._closed(request)
        except PodUnavailable:
            return self._page(request, "kit/unavailable.html", status=503)
        return self._page(request, "employer/cv.html", cv=cv, sections=session.sections, today=self._app.clock())

    def _closed(self, request: Request) -> Response:
        """The one answer for a link that does not open, whatever the cause."""
        return self._page(request, "employer/closed.html", status=404)

    def _cookie(self, secret: str) -> SealedCookie:
        """The cookie of one link; browsers send it to that link's own addresses only."""
        return self._app.cookie("link", f"/k/{secret}", LOOK_SECONDS)

    def _page(self, request: Request, template: str, *, status: int = 200, **context: object) -> Response:
        values = {"invalid": False, **context}
        response = self._app.render(request, template, status=status, **values)
        response.headers.update(_PRIVATE)
        return response


def routes(
    *, base_url: str, http: httpx2.AsyncClient, keys: bytes, pages: Pages,
    issuer: str | None = None, clock: Callable[[], float] = time.time, tries: Tries | None = None,
) -> list[BaseRoute]:  # fmt: skip
    """The employer's app at `/apps/werkgever/` and the share links at `/k/{secret}`. `keys`: 32 bytes or more."""
    app = CitizenApp(CARD, base_url=base_url, http=http, keys=keys, pages=pages, issuer=issuer, clock=clock)
    employer = Employer(app, tries)
    return [
        *app.routes(),
        Route(app.home, employer.home, methods=["GET"]),
        Route(app.home, employer.find, methods=["POST"]),
        Route("/k/{secret}", employer.before, methods=["GET"]),
        Route("/k/{secret}", employer.open, methods=["POST"]),
        Route("/k/{secret}/cv", employer.cv, methods=["GET"]),
        *asking_pages(app).routes(),
    ]
