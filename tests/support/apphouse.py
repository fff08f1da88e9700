"""Apps, authorization server and pods in one process on real files; people with browsers.

The consent page is a page of the dashboard and not of the apps; here a person's answer goes to the authorization server
as that page gives it.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount

from support.pods import BASE, Parts, open_parts
from werkpod.consent.accounts.accounts import Accounts
from werkpod.consent.accounts.model import Account, Role
from werkpod.consent.accounts.outside import outside_door
from werkpod.consent.accounts.passphrases import Hasher
from werkpod.consent.accounts.sessions import Sessions
from werkpod.consent.accounts.viewer import ViewerMiddleware
from werkpod.consent.asking import Asking, AskingApi, Delivery
from werkpod.consent.dashboard import CoachSharing, DashboardParts
from werkpod.consent.dashboard.api import Api
from werkpod.consent.grants import GrantRecord, Grants
from werkpod.consent.ledger import Acts, Ledger, SignedHeads
from werkpod.consent.links import ShareLinks
from werkpod.consent.mandates import Mandates
from werkpod.consent.oauth.browser import cookie_name
from werkpod.consent.oauth.carrier import Parts as OAuthParts
from werkpod.consent.oauth.clients import Clients
from werkpod.consent.oauth.credentials import Credentials
from werkpod.consent.oauth.flow import Authorization
from werkpod.consent.oauth.keys import SigningKeys
from werkpod.consent.oauth.routes import oauth_routes
from werkpod.consent.oauth.store import TokenStore
from werkpod.consent.proof import ProofKeys
from werkpod.consent.publishing import Publications
from werkpod.consent.receipts.receipts import Receipts
from werkpod.consent.reminding import Reminders
from werkpod.pod.access.model import Requester
from werkpod.pod.authn.authenticate import Authenticator
from werkpod.pod.authn.tokens import OwnKeys
from werkpod.pod.directory import Pod
from werkpod.pod.http import PodApp
from werkpod.pod.provision import provision
from werkpod.pod.service import PodService
from werkpod.pod.store import open_database
from werkpod.vocab.cv import Entry, section_iri, serialise_section
from werkpod.vocab.sections import SECTIONS
from werkpod.web.client import OwnApp, guarded_client
from werkpod.web.pages import Pages

DAY = 86400.0
PASSPHRASE = "vier rustige blauwe fietsen"


class Clock:
    """The time, which a test may move forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class House:
    """Everything that an app meets."""

    parts: Parts
    accounts: Accounts
    sessions: Sessions
    grants: Grants
    ledger: Ledger
    links: ShareLinks
    authorization: Authorization
    service: PodService
    http: httpx2.AsyncClient
    pages: Pages
    sharing: CoachSharing
    clock: Clock
    app: Starlette

    def give_routes(self, routes: Sequence[BaseRoute]) -> None:
        """Let these routes answer too, before the pods do."""
        self.app.router.routes[-1:-1] = list(routes)

    async def person(self, name: str, *, role: Role = "citizen") -> Browser:
        """A new account, signed in at a browser of its own."""
        account, _ = await self.accounts.sign_up(name, PASSPHRASE, role=role)
        browser = Browser(self, account)
        browser.client.cookies.set(self.sessions.cookie, await self.sessions.start(account.id))
        return browser

    def stranger(self) -> Browser:
        """A browser in which nobody is signed in."""
        return Browser(self, None)


class Browser:
    """Somebody at a browser: keeps cookies, sends forms as browsers do, follows no redirect unless told."""

    def __init__(self, house: House, account: Account | None) -> None:
        self.house, self._account = house, account
        transport = httpx2.ASGITransport(house.app)
        self.client = httpx2.AsyncClient(transport=transport, base_url=BASE, follow_redirects=False)

    @property
    def account(self) -> Account:
        """Who sits here."""
        assert self._account is not None
        return self._account

    async def get(self, url: str) -> httpx2.Response:
        """Open a page."""
        return await self.client.get(url)

    async def post(self, url: str, origin: str = BASE, **fields: str | list[str]) -> httpx2.Response:
        """Send a form of one of our own pages."""
        return await self.client.post(url, data=fields, headers={"Origin": origin})

    async def back(self, slug: str, onward: str = "", *, yes: bool = True, sections: Sequence[str] = ()) -> str:
        """Press the app's button and answer on the consent page; the address that leads back to the app."""
        there = await self.post(f"/apps/{slug}/vraag", verder=onward)
        assert there.status_code == 303, there.text
        return await self.answer(there.headers["location"], yes=yes, sections=sections)

    async def answer(self, url: str, *, yes: bool = True, sections: Sequence[str] = ()) -> str:
        """Follow an app's request to `url` and answer it; the address that leads back to the app."""
        waiting = await self.get(url)
        assert waiting.status_code == 302, waiting.text
        request_id = parse_qs(urlsplit(waiting.headers["location"]).query)["verzoek"][0]
        secret = self.client.cookies[cookie_name(BASE)]
        server, now = self.house.authorization, self.house.clock()
        if not yes:
            return await server.refuse(request_id, self.account, browser=secret)
        request = await server.pending(request_id, browser=secret)
        grant = await self.house.grants.create(
            GrantRecord(
                id="", pod=self.account.id, agent=self.account.webid, client=request.client.id,
                receiver_name=request.client.name, receiver_kind="app", created=now, not_before=now,
                until=now + (request.access.seconds or DAY), sections=tuple(sections) or request.access.possible,
                actions=request.access.actions, purpose=request.access.purpose,
            )
        )  # fmt: skip
        return await server.approve(request_id, self.account, grant, browser=secret)

    async def share(self, slug: str, onward: str = "", **answer: object) -> httpx2.Response:
        """Say yes to an app and come back to it; its answer at the redirect address."""
        return await self.get(await self.back(slug, onward, **answer))  # type: ignore[arg-type]

    async def write(self, section: str, *entries: Entry) -> None:
        """Put entries in a section of the own CV, as the owner in Werkpod's own pages."""
        body = serialise_section(section, entries, section_iri(self.account.storage, section))
        await self.put(SECTIONS[section].path, body)

    async def put(self, path: str, body: bytes) -> None:
        """Put Turtle in the own pod, as the owner in Werkpod's own pages."""
        await self.house.service.put(self.owner, self.pod, path, body, "text/turtle")

    @property
    def owner(self) -> Requester:
        """The person in Werkpod's own pages."""
        return Requester(agent=self.account.webid, own_pages=True)

    @property
    def pod(self) -> Pod:
        """The person's pod."""
        account = self.account
        return Pod(id=account.id, slug=account.slug, webid=account.webid, storage=account.storage)

    async def share_with(self, coach: Account, *sections: str) -> GrantRecord:
        """Share sections of the own CV with a coach, as the dashboard does."""
        now = self.house.clock()
        record = GrantRecord(
            id="", pod=self.account.id, agent=coach.webid, client=None, receiver_name=coach.name,
            receiver_kind="coach", created=now, not_before=now, until=now + 90 * DAY, sections=sections,
        )  # fmt: skip
        return await self.house.sharing.with_coach(self.account, coach, record)

    async def stop(self, slug: str) -> None:
        """Stop sharing with an app."""
        for grant in await self.house.grants.list(self.account.id, active_only=True):
            if grant.client == f"{BASE}/apps/{slug}/client.jsonld":
                await self.house.grants.revoke(self.account.id, grant.id, by=self.account.id)

    async def log(self) -> list[tuple[str, str, str]]:
        """The access log of the own pod, oldest first: action, path, outcome."""
        lines = await self.house.ledger.entries(self.account.id, limit=500)
        return [(line.entry.action, line.entry.path, line.entry.outcome) for line in reversed(lines)]


@asynccontextmanager
async def app_house(folder: Path, *, allow_loopback: bool = False) -> AsyncIterator[House]:
    """The house on fresh files in `folder`, without apps; `give_routes` adds them."""
    clock = Clock()
    consent = open_database(folder / "consent.db", "werkpod.consent.migrations")
    log = open_database(folder / "ledger.db", "werkpod.consent.ledger.migrations", durable=False)
    own = OwnApp(BASE)
    http = guarded_client(own, allow_loopback=allow_loopback)
    async with open_parts(folder) as parts:

        async def first_resources(pod: Pod, *, name: str, role: Role) -> None:
            await provision(parts.storage, pod, name=name, role=role, issuer=BASE)

        accounts = Accounts(
            consent, parts.vault, parts.directory, provision=first_resources,
            erase_resources=parts.storage.erase, base_url=BASE, clock=clock,
        )  # fmt: skip
        sessions = Sessions(consent, accounts, base_url=BASE, clock=clock)
        grants, ledger = Grants(consent, parts.vault, clock=clock), Ledger(log, parts.vault)
        acts = Acts(consent, parts.vault, ledger)
        employer = f"{BASE}/apps/werkgever/client.jsonld"
        links = ShareLinks(
            consent,
            parts.vault,
            grants,
            acts,
            base_url=BASE,
            employer_client=employer,
            clock=clock,
            hasher=Hasher(PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)),
        )
        keys = await SigningKeys.load(consent, parts.vault, clock=clock)
        authorization = Authorization(
            OAuthParts(
                issuer=BASE, accounts=accounts, clients=Clients(
                    consent, parts.vault, http, base_url=BASE, allow_loopback=True, clock=clock
                ),
                grants=grants, store=TokenStore(consent, parts.vault, clock=clock), keys=keys, links=links, clock=clock,
            )
        )  # fmt: skip
        service = PodService(
            pods=parts.directory, storage=parts.storage, grants=grants, log=ledger, base_url=BASE, clock=clock
        )
        authenticator = Authenticator(OwnKeys(BASE, keys.all, base_url=BASE), issuer=BASE, clock=clock)
        app = Starlette(
            routes=[*oauth_routes(authorization), Mount("", app=PodApp(service, authenticator))],
            middleware=[Middleware(ViewerMiddleware, sessions=sessions)],
        )
        own.bind(app)
        pages = Pages(["werkpod.consent", "werkpod.apps"], base_url=BASE)
        sharing = CoachSharing(
            grants=grants, pods=parts.directory, service=service, pages=pages, base_url=BASE, clock=clock
        )
        credentials = Credentials(consent, parts.vault, grants, clock=clock)
        proof = await ProofKeys.load(consent, parts.vault, clock=clock)
        receipts = Receipts(
            consent, parts.vault, pods=parts.directory, keys=proof,
            ledger_head=ledger.head, base_url=BASE, organisation="Gemeente Voorbeeldstad", clock=clock,
            publications=Publications(consent, parts.vault, parts.directory, parts.storage, service.changes),
        )  # fmt: skip
        delivery = Delivery(
            accounts=accounts, pods=parts.directory, service=service, pages=pages, base_url=BASE, clock=clock
        )
        asking = Asking(consent, parts.vault, accounts=accounts, acts=acts, delivery=delivery, clock=clock)
        dashboard = DashboardParts(
            pages=pages, base_url=BASE, organisation="Gemeente Voorbeeldstad", accounts=accounts, sessions=sessions,
            credentials=credentials, authorization=authorization, authenticator=authenticator, grants=grants,
            ledger=ledger, heads=SignedHeads(ledger, parts.directory, proof, issuer=BASE, clock=clock), links=links,
            mandates=Mandates(consent, parts.vault, accounts, acts, clock=clock),
            pods=parts.directory, service=service, sharing=sharing, asking=asking, clock=clock,
            reminders=Reminders(consent),
            outside=outside_door((), http._transport, database=consent, vault=parts.vault, base_url=BASE),
            receipts=receipts,
        )  # fmt: skip
        app.router.routes[-1:-1] = [*Api(dashboard).routes(), *AskingApi(dashboard).routes()]
        yield House(
            parts, accounts, sessions, grants, ledger, links, authorization, service, http, pages, sharing, clock, app
        )
    await http.aclose()
    await consent.close()
    await log.close()
