"""The CV-bouwer before a real pod: a browser with a session, and a way to break the pod's writes from outside."""

from __future__ import annotations

import html
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from support.podapp import Person, Server, pod_server
from support.pods import BASE
from support.tokens import Device
from werkpod.apps.cv_builder import CARD, routes
from werkpod.apps.kit import CitizenApp
from werkpod.apps.kit.dpop import ProofKey
from werkpod.apps.kit.keys import p256
from werkpod.apps.kit.session import SESSION_SECONDS, Session
from werkpod.vocab.cv import Cv, read_cv
from werkpod.vocab.sections import CV_SECTIONS
from werkpod.vocab.taxonomy import Taxonomy
from werkpod.web.pages import Pages

CLIENT = f"{BASE}/apps/cv/client.jsonld"
SECRET = b"c" * 32
STATIC = Path(__file__).resolve().parents[2] / "werkpod/static"
ALL = tuple(section.key for section in CV_SECTIONS)


@dataclass
class Between:
    """What stands between the app and the pod, as a network does: it may answer in the pod's place or act before it."""

    pod: ASGIApp
    refuse: Callable[[str, str], int | None] = field(default=lambda method, path: None)
    before: Callable[[str, str], Any] = field(default=lambda method, path: None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the status that `refuse` gives for (method, path), else let the pod answer."""
        if (waiting := self.before(scope["method"], scope["path"])) is not None:
            await waiting
        status = self.refuse(scope["method"], scope["path"])
        await (Response(status_code=status) if status else self.pod)(scope, receive, send)


@dataclass
class Builder:
    """A citizen at the CV-bouwer."""

    server: Server
    person: Person
    between: Between
    http: httpx2.AsyncClient

    async def get(self, place: str = "", **params: str) -> str:
        """The text of a page; fails on anything but 200."""
        response = await self.http.get(f"/apps/cv/{place}", params=params or None)
        assert response.status_code == 200, response.text
        return response.text

    async def post(self, place: str, form: dict[str, Any] | None = None, **more: Any) -> httpx2.Response:
        """Send a form as a browser does."""
        return await self.http.post(f"/apps/cv/{place}", data=form or {}, headers={"Origin": BASE}, **more)

    async def cv(self) -> Cv:
        """The CV as it is in the pod, read over HTTP by another app of the owner."""
        bodies = {}
        for section in CV_SECTIONS:
            response = await self.person.get(self.person.url(section.path))
            assert response.status_code == 200, response.text
            bodies[section.key] = response.content
        return read_cv(self.person.pod.storage, bodies)


def hidden(page: str, name: str) -> str:
    """The value of a hidden field in a page."""
    found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
    assert found, f"no hidden field {name!r}"
    return html.unescape(found[1])


@asynccontextmanager
async def cv_builder(folder: Path, taxonomy: Taxonomy, *, sections: tuple[str, ...] = ALL) -> AsyncIterator[Builder]:
    """The app with a citizen who said yes to `sections`; the pod is real, on files in `folder`."""
    async with pod_server(folder) as server:
        person = await server.person("lina")
        grant = await server.give(person, client=CLIENT, sections=sections, actions=("read", "write"))
        between = Between(server.app)
        pages = Pages(["werkpod.apps"], base_url=BASE)
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=between), base_url=BASE) as to_pod:
            given = {"base_url": BASE, "http": to_pod, "keys": SECRET, "pages": pages}
            kit = CitizenApp(CARD, **given)  # type: ignore[arg-type]
            proof = ProofKey.generate()
            device = Device(p256(int.from_bytes(_number(proof.text), "big")))
            session = Session(
                time.time(), proof.text,
                server.issuer.token(device, webid=person.pod.webid, client=CLIENT, grant=grant.id),
                time.time() + 300, "", person.pod.webid, person.pod.storage, sections, ("read", "write"),
            )  # fmt: skip

            async def sign_in(request: Request) -> Response:
                response = Response("in")
                kit.cookie("session", "/apps/cv", SESSION_SECONDS).write(response, session)
                return response

            app = Starlette(
                routes=[
                    *routes(**given, taxonomy=taxonomy),  # type: ignore[arg-type]
                    Route("/apps/cv/test-in", sign_in),
                    Mount("/static", StaticFiles(directory=STATIC)),
                ]
            )
            async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=BASE) as http:
                await http.get("/apps/cv/test-in")
                yield Builder(server, person, between, http)


def _number(text: str) -> bytes:
    import base64

    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
