"""An app on another origin than the pods: the same code, across a network."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from support.apphouse import BASE, app_house
from support.running import free_port

from werkpod.apps.kit import AccessRequest, AppCard, CitizenApp, Text, Visit
from werkpod.vocab.cv import Experience

CARD = AppCard(
    slug="ver",
    name=Text("Verre app", "Far app"),
    what=Text("Verre app woont elders.", "Far app lives elsewhere."),
    access=AccessRequest(("experience",), ("read",), "https://w3id.org/dpv#ServiceProvision", Text("Kijken.", "Look.")),
)


async def experience(request: Request, visit: Visit) -> Response:
    """The section experience as it came."""
    return PlainTextResponse((await visit.pod.get("cv/experience")).body)


@asynccontextmanager
async def served(app: Starlette, port: int) -> AsyncIterator[None]:
    """`app` on a real socket."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        await task


async def test_an_app_on_another_origin_works_the_same(tmp_path: Path) -> None:
    """The server fetches the far app's document over the network, the citizen says yes, the app reads the section."""
    port = free_port()
    far = f"http://localhost:{port}"
    async with app_house(tmp_path, allow_loopback=True) as house:
        app = CitizenApp(CARD, base_url=far, issuer=BASE, http=house.http, keys=b"v" * 32, pages=house.pages)
        site = Starlette(routes=[*app.routes(), app.page("", experience)])
        async with served(site, port), httpx2.AsyncClient(base_url=far) as outside:
            noor = await house.person("Noor Zandstra")
            await noor.write("experience", Experience("kok", label="Kok bij De Pan"))
            start = await outside.get("/apps/ver/")
            assert f"form-action 'self' {BASE}" in start.headers["content-security-policy"]
            there = await outside.post("/apps/ver/vraag", data={"verder": "/apps/ver/"}, headers={"Origin": far})
            back = await noor.answer(there.headers["location"])
            assert back.startswith(f"{far}/apps/ver/terug?")
            landed = await outside.get(back)
            assert landed.headers["location"] == "/apps/ver/"
            assert "Kok bij De Pan" in (await outside.get("/apps/ver/")).text
