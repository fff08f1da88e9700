"""The one ASGI application: the site (pages, OAuth, JSON services) under the reserved names, pods everywhere else."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from werkpod.apps.coach import pages as coach
from werkpod.apps.competentnl import api as competentnl_api
from werkpod.apps.competentnl import pages as competentnl
from werkpod.apps.cv_builder import pages as cv_builder
from werkpod.apps.employer import pages as employer
from werkpod.apps.improver import api as improver_api
from werkpod.apps.improver import pages as improver
from werkpod.apps.instruments import api as instruments_api
from werkpod.apps.instruments import editor_pages as instruments_editing
from werkpod.apps.instruments import pages as instruments
from werkpod.apps.instruments.editing import Editing
from werkpod.apps.instruments.editors import Editors
from werkpod.apps.instruments.pdc import Publisher
from werkpod.apps.isco import api as isco_api
from werkpod.apps.isco import pages as isco
from werkpod.apps.matcher import api as matcher_api
from werkpod.apps.matcher import pages as matcher
from werkpod.apps.wish import api as wish_api
from werkpod.apps.wish import pages as wish
from werkpod.compose import House
from werkpod.consent import dashboard
from werkpod.consent.accounts import ViewerMiddleware
from werkpod.consent.oauth.routes import oauth_routes
from werkpod.consent.proof.http import proof_routes
from werkpod.pod.addresses import RESERVED
from werkpod.pod.http import PodApp
from werkpod.pod.notify.http import is_for_notifications
from werkpod.vocab import publish
from werkpod.vocab.taxonomy import Taxonomy
from werkpod.web.failures import exception_handlers
from werkpod.web.pages import Pages
from werkpod.web.slashes import SlashRedirect
from werkpod.web.static import StaticFiles


class Front:
    """Sends a request to the site, the pods or their notifications, by its path; WebSockets go to the last alone."""

    def __init__(self, site: ASGIApp, pods: ASGIApp, notifications: ASGIApp) -> None:
        self._site, self._pods, self._notifications = site, pods, notifications

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes of the site, in their order."""
        found: list[BaseRoute] = getattr(self._site, "routes", [])
        return found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket":
            await self._notifications(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        first = raw[1:].split(b"/", 1)[0].split(b"?", 1)[0].decode("latin-1")
        target = self._site if raw == b"/" or first in RESERVED else self._pods
        if target is self._pods and is_for_notifications(raw):
            target = self._notifications
        await target(scope, receive, send)


def build_site(house: House, taxonomy: Taxonomy) -> ASGIApp:
    """The application of a house; requests of our own apps to our base URL go to it from now on."""
    static = StaticFiles()
    pages = Pages(["werkpod.consent", "werkpod.apps"], base_url=house.settings.base_url, asset_version=static.version)
    parts = _dashboard_parts(house, pages)
    house.links.tell(dashboard.FirstOpened(parts))
    site = Starlette(
        routes=[
            *_plain(static),
            *oauth_routes(
                house.authorization,
                limiter=house.limiter,
                replay=house.replay,
                error_page=dashboard.error_page(pages),
                auth_time=house.sessions.began,
            ),
            *dashboard.routes(parts),
            *publish.routes(),
            *proof_routes(house.proof),
            *_apps(house, taxonomy, pages),
        ],
        middleware=[Middleware(ViewerMiddleware, sessions=house.sessions, mandates=house.mandates)],
        exception_handlers=exception_handlers(pages),
    )
    site.router.default = SlashRedirect(site.router)
    pods = PodApp(house.service, house.authenticator, body_limit=house.settings.body_limit_mb << 20)
    front = Front(site, pods, house.notifications.app(house.authenticator))
    house.own.bind(front)
    return front


def _plain(static: StaticFiles) -> list[BaseRoute]:
    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})

    async def robots(request: Request) -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /\n")

    async def favicon(request: Request) -> Response:
        return RedirectResponse("/static/icon.svg", status_code=308)

    return [
        Route("/health", health),
        Route("/robots.txt", robots),
        Route("/favicon.ico", favicon),
        Route("/static/{path:path}", static),
    ]


def _dashboard_parts(house: House, pages: Pages) -> dashboard.DashboardParts:
    return dashboard.DashboardParts(
        pages=pages,
        base_url=house.settings.base_url,
        organisation=house.settings.organisation,
        accounts=house.accounts,
        sessions=house.sessions,
        credentials=house.credentials,
        authorization=house.authorization,
        authenticator=house.authenticator,
        grants=house.grants,
        ledger=house.ledger,
        heads=house.heads,
        links=house.links,
        mandates=house.mandates,
        receipts=house.receipts,
        outside=house.outside,
        reminders=house.reminders,
        asking=house.asking,
        sharing=house.coach_sharing(pages),
        pods=house.pods,
        service=house.service,
    )


def _apps(house: House, taxonomy: Taxonomy, pages: Pages) -> list[BaseRoute]:
    """Pages and JSON services. An app that needs a pod gets a client for HTTP and its keys, nothing else."""
    base, catalogue = house.settings.base_url, house.instruments.catalogue
    if taxonomy.id == "starter":
        house.instruments.competences.take(taxonomy)
    house.instruments.load(quick=True)
    settings = house.settings
    # the demo's coach edits the catalogue where nobody else was named
    editors = Editors(
        settings.editors or ("carla" if settings.demo else ""), base_url=base, token_file=settings.editor_token_file
    )
    editing = Editing(house.instruments)
    publisher = Publisher(f"{base}/apps/gids/", house.settings.organisation)
    http, keys = house.http, house.apps_secret
    return [
        *isco_api.routes(taxonomy.isco, base_url=base, pages=pages),
        *isco.routes(taxonomy.isco, pages=pages),
        *competentnl_api.routes(taxonomy, base_url=base, pages=pages),
        *competentnl.routes(taxonomy, pages=pages),
        *instruments_api.routes(
            catalogue, base_url=base, publisher=publisher, editing=editing, editors=editors, pages=pages
        ),
        *instruments_editing.routes(
            base_url=base, http=http, keys=keys, pages=pages, editing=editing, editors=editors, isco=taxonomy.isco
        ),
        *instruments.routes(catalogue, pages=pages),
        *matcher_api.routes(taxonomy, base_url=base, pages=pages),
        *matcher.routes(base_url=base, http=http, keys=keys, pages=pages, taxonomy=taxonomy),
        *wish_api.routes(taxonomy, base_url=base, pages=pages),
        *wish.routes(base_url=base, http=http, keys=keys, pages=pages, taxonomy=taxonomy),
        *improver_api.routes(taxonomy, catalogue, base_url=base, pages=pages),
        *improver.routes(base_url=base, http=http, keys=keys, pages=pages, taxonomy=taxonomy, catalogue=catalogue),
        *cv_builder.routes(base_url=base, http=http, keys=keys, pages=pages, taxonomy=taxonomy),
        *coach.routes(base_url=base, http=http, keys=keys, pages=pages),
        *employer.routes(base_url=base, http=http, keys=keys, pages=pages, tries=house.limiter),
    ]
