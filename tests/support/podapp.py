"""A pod server in one process on real files: the real grants and ledger, the ASGI transport, and people with keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from support.pods import BASE, Parts, open_parts
from support.tokens import Device, Issuer
from werkpod.consent.grants import GrantRecord, Grants
from werkpod.consent.ledger import Ledger
from werkpod.pod.access.model import Requester
from werkpod.pod.authn.authenticate import Authenticator
from werkpod.pod.authn.issuers import ForeignIssuers
from werkpod.pod.directory import Pod
from werkpod.pod.elsewhere import Elsewhere
from werkpod.pod.http import PodApp
from werkpod.pod.provision import provision
from werkpod.pod.service import PodService
from werkpod.pod.store import open_database
from werkpod.web.ids import ulid

TOOL = "tool-1"
MATCHER = f"{BASE}/apps/beroep/client.jsonld"


@dataclass
class Person:
    """Somebody with a pod, at the keys of one app."""

    server: Server
    pod: Pod
    client: str
    device: Device
    grant: str | None = None

    def url(self, path: str = "") -> str:
        """The URL of a path in this person's own pod."""
        return self.pod.storage + path

    def token(self, **claims: Any) -> str:
        """An access token for this person through this app."""
        return self.server.issuer.token(
            self.device, webid=self.pod.webid, client=self.client, **{"grant": self.grant, **claims}
        )

    async def request(
        self, method: str, url: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx2.Response:
        """One authenticated request."""
        signed = self.device.headers(method, url.partition("?")[0], self.token())
        return await self.server.http.request(method, url, headers={**signed, **(headers or {})}, **more)

    async def put(
        self, url: str, body: str | bytes, media_type: str = "text/turtle", **headers: str
    ) -> httpx2.Response:
        """PUT a body."""
        sent = {"Content-Type": media_type, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self.request("PUT", url, headers=sent, content=body)

    async def get(self, url: str, **headers: str) -> httpx2.Response:
        """GET."""
        return await self.request("GET", url, headers={n.replace("_", "-"): v for n, v in headers.items()})


@dataclass
class Server:
    """The parts and the HTTP client."""

    parts: Parts
    grants: Grants
    ledger: Ledger
    issuer: Issuer
    service: PodService
    app: PodApp
    http: httpx2.AsyncClient

    async def person(self, slug: str, *, client: str = TOOL, everything: bool = True) -> Person:
        """A new person with a pod and, where `everything`, an app that may do everything in it."""
        pod = await self.parts.directory.create(slug, pod_id=ulid())
        await provision(self.parts.storage, pod, name=slug.title(), role="citizen", issuer=BASE)
        person = Person(self, pod, client, Device())
        if everything:
            person.grant = (await self.give(person, client=client, everything=True)).id
        return person

    async def give(self, giver: Person, *, client: str | None, agent: str | None = None, **fields: Any) -> GrantRecord:
        """A grant by `giver` to `agent` (None: the giver) through `client`; `fields` of GrantRecord."""
        record: dict[str, Any] = {
            "id": "", "actions": ("read", "append", "write"), "pod": giver.pod.id, "agent": agent or giver.pod.webid,
            "client": client, "receiver_name": "Test",
            "receiver_kind": "tool", "created": 1.0, "not_before": 1.0, "until": None, **fields,
        }  # fmt: skip
        return await self.grants.create(GrantRecord(**record))

    def app_of(self, person: Person, client: str, grant: str | None = None) -> Person:
        """The same person at another app."""
        return Person(self, person.pod, client, Device(), grant)

    def owner(self, person: Person) -> Requester:
        """The owner in Werkpod's own pages."""
        return Requester(agent=person.pod.webid, own_pages=True)


@asynccontextmanager
async def pod_server(folder: Path, *, elsewhere: Elsewhere | None = None) -> AsyncIterator[Server]:
    """A pod server on fresh files in `folder`; with `elsewhere`, one that looks at documents of other servers."""
    consent = open_database(folder / "consent.db", "werkpod.consent.migrations")
    log = open_database(folder / "ledger.db", "werkpod.consent.ledger.migrations", durable=False)
    async with open_parts(folder) as parts:
        grants, ledger, issuer = (
            Grants(consent, parts.vault, less=parts.storage.move_on),
            Ledger(log, parts.vault),
            Issuer(BASE),
        )
        service = PodService(
            pods=parts.directory, storage=parts.storage, grants=grants, log=ledger, base_url=BASE, elsewhere=elsewhere
        )
        foreign = elsewhere and ForeignIssuers(elsewhere)
        app = PodApp(service, Authenticator(issuer.keys(), issuer=BASE, foreign=foreign))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE) as http:
            yield Server(parts, grants, ledger, issuer, service, app, http)
    await consent.close()
    await log.close()
