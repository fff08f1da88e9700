"""The whole site in one process, as `werkpod serve` builds it, on files of a test; and people at browsers."""

from __future__ import annotations

import functools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from support.oauth import BASE, QUICK, App
from werkpod.compose import House, opened
from werkpod.config import Settings
from werkpod.consent.accounts import Account, Role
from werkpod.consent.accounts.passphrases import Hasher
from werkpod.pod.access.model import Requester
from werkpod.site import build_site
from werkpod.vocab.cv import Entry, section_iri, serialise_section
from werkpod.vocab.sections import SECTIONS
from werkpod.vocab.taxonomy import Taxonomy, starter

PASSPHRASE = "vier rustige blauwe fietsen"


class TestApps:
    """The site, with client id documents of test apps beside its own apps."""

    __test__ = False

    def __init__(self, site: ASGIApp) -> None:
        self._site = site
        self.apps: dict[str, App] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a test app's document, else what the site answers."""
        for slug, app in self.apps.items():
            if scope["type"] == "http" and scope["path"] == f"/apps/{slug}/client.jsonld":
                document = json.dumps(app.client_document())
                answer = Response(document, media_type="application/ld+json", headers=app.headers)
                return await answer(scope, receive, send)
        await self._site(scope, receive, send)


@dataclass
class Site:
    """The house, its application, and a folder with its files."""

    house: House
    front: TestApps
    folder: Path
    visitors: list[Visitor] = field(default_factory=list)

    def visitor(self, account: Account | None = None, lang: str = "nl") -> Visitor:
        """A browser of its own; nobody is signed in yet."""
        self.visitors.append(Visitor(self, account, lang))
        return self.visitors[-1]

    async def person(self, name: str, role: Role = "citizen", lang: str = "nl") -> Visitor:
        """A new account, signed in."""
        account, _ = await self.house.accounts.sign_up(name, PASSPHRASE, role=role, lang=lang)
        visitor = self.visitor(account, lang)
        visitor.client.cookies.set(self.house.sessions.cookie, await self.house.sessions.start(account.id))
        return visitor

    def app(self, slug: str = "proef", **changes: Any) -> App:
        """A test app with a client id document on the site's origin."""
        self.front.apps[slug] = App(self, slug, **changes)  # type: ignore[arg-type]
        return self.front.apps[slug]

    @property
    def http(self) -> httpx2.AsyncClient:
        """A client without cookies, for apps."""
        return self.visitor().client

    def clock(self) -> float:
        """Now."""
        return time.time()

    def raw(self) -> bytes:
        """Every byte of the database files, WAL included."""
        files = [path for path in sorted(self.folder.iterdir()) if ".db" in path.name]
        return b"".join(path.read_bytes() for path in files)


class Visitor:
    """Somebody at a browser: keeps cookies, sends forms as browsers do, follows no redirect."""

    def __init__(self, site: Site, account: Account | None, lang: str) -> None:
        self.site, self._account = site, account
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(site.front), base_url=BASE,
            headers={"Accept": "text/html", "Accept-Language": lang},
        )  # fmt: skip

    @property
    def account(self) -> Account:
        """Who sits here."""
        assert self._account is not None
        return self._account

    async def get(self, url: str) -> httpx2.Response:
        """Open a page."""
        return await self.client.get(url)

    async def page(self, url: str) -> str:
        """The text of a page that opens."""
        response = await self.get(url)
        assert response.status_code == 200, (response.status_code, response.headers, response.text)
        return response.text

    async def post(self, url: str, fields: dict[str, str | list[str]] | None = None, **headers: str) -> httpx2.Response:
        """Send a form as our own page does; `headers` with underscores replace or (empty) leave out."""
        sent = {"Origin": BASE, **{name.replace("_", "-"): value for name, value in headers.items()}}
        content = urlencode(fields or {}, doseq=True)
        sent["Content-Type"] = "application/x-www-form-urlencoded"
        return await self.client.post(url, content=content, headers={k: v for k, v in sent.items() if v})

    async def write(self, section: str, *entries: Entry) -> None:
        """Put entries in a section of the own CV."""
        body = serialise_section(section, entries, section_iri(self.account.storage, section))
        await self.put(SECTIONS[section].path, body)

    async def put(self, path: str, body: bytes) -> None:
        """Put Turtle in the own pod, as the owner in Werkpod's own pages."""
        pod = await self.site.house.pods.by_id(self.account.id)
        assert pod is not None
        owner = Requester(agent=self.account.webid, own_pages=True)
        await self.site.house.service.put(owner, pod, path, body, "text/turtle")

    async def asked(self, app: App, **changes: str | None) -> str:
        """Come from an app with its request: the address of the consent page."""
        response = await self.get(f"/oauth/authorize?{urlencode(app.query(**changes))}")
        assert response.status_code == 302, response.text
        location = response.headers["location"]
        parts = urlsplit(location)
        assert parts.path == "/oauth/toestemming", location
        return location


@functools.cache
def _taxonomy() -> Taxonomy:
    """The starter taxonomy: read once, never changed."""
    return starter()


@asynccontextmanager
async def whole_site(folder: Path, *, allow_loopback: bool = True, **more: Any) -> AsyncIterator[Site]:
    """The site on fresh files in `folder`, with the starter taxonomy; `more` settings."""
    settings = Settings(data=folder, base_url=BASE, allow_loopback=allow_loopback, **more)
    async with opened(settings) as house:
        house.accounts._hasher = house.links._hasher = Hasher(QUICK)  # argon2id all the same: the work, not the weight
        front = TestApps(build_site(house, _taxonomy()))
        house.own.bind(front)
        site = Site(house, front, folder)
        yield site
        for visitor in site.visitors:
            await visitor.client.aclose()
