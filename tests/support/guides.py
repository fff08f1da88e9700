"""A guide of instruments behind a real server, and the ways in which one fails."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from support.running import free_port
from support.site import _taxonomy
from werkpod.apps.instruments.competences import Competences
from werkpod.apps.instruments.decisions import Decisions
from werkpod.apps.instruments.guide_server import GuideServer, starter_items
from werkpod.apps.instruments.guides import starter_instruments
from werkpod.apps.instruments.proposing import Proposer
from werkpod.apps.instruments.reading import GuideReader
from werkpod.apps.instruments.sources import GuideSource

TOKEN = "een-token-voor-de-gids"

Answer = tuple[int, dict[str, str], bytes]


class Failing:
    """Stands before a guide and answers some requests itself. `plan`: an answer for each next request, None lets it
    through, a coroutine function is awaited first; when the plan is over `always` is asked."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.plan: list[Answer | None] = []
        self.always: Answer | None = None
        self.hold: asyncio.Event | None = None
        self.asked: list[tuple[str, dict[str, str]]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        query = scope["query_string"].decode()
        self.asked.append((scope["path"] + (f"?{query}" if query else ""), headers))
        if self.hold is not None:
            await self.hold.wait()
        answer = self.plan.pop(0) if self.plan else self.always
        if answer is None:
            await self._app(scope, receive, send)
            return
        status, extra, body = answer
        lines = [(name.encode(), value.encode()) for name, value in extra.items()]
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": body})


class RunningGuide:
    """A guide that listens. `source` is what the settings would say of it."""

    def __init__(self, server: GuideServer, front: Failing, port: int, kind: Any, name: str) -> None:
        self.server, self.front = server, front
        self.source = GuideSource(name=name, kind=kind, url=f"http://127.0.0.1:{port}", token=TOKEN)
        self.pauses: list[float] = []

    def reader(self, source: GuideSource, http: Any) -> GuideReader:
        """A reader that notes its pauses instead of waiting."""

        async def pause(seconds: float) -> None:
            self.pauses.append(seconds)

        return GuideReader(source, http, pause=pause)


@functools.cache
def proposer() -> Proposer:
    """Made once a process: it reads every name of the starter taxonomy, and remembers what words lead to."""
    return Proposer(_taxonomy(), starter_instruments())


def competences(path: Path) -> Competences:
    """What instruments develop, with decisions in a file of a test."""
    made = Competences(Decisions(path), _taxonomy)
    made._proposer = proposer()
    return made


@asynccontextmanager
async def guide(kind: Any = "eva", *, name: str = "", items: Any = None, **how: Any) -> AsyncIterator[RunningGuide]:
    """A guide with the starter catalogue, or `items`, on this machine."""
    server = GuideServer(starter_items(kind) if items is None else items, token=TOKEN, **how)
    front = Failing(server.app())
    async with listening(front) as port:
        yield RunningGuide(server, front, port, kind, name or kind)


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[int]:
    """An application behind uvicorn; its port."""
    port = free_port()
    running = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", lifespan="off", access_log=False)
    )
    task = asyncio.create_task(running.serve())
    while not running.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.005)
    try:
        yield port
    finally:
        running.should_exit = True
        running.force_exit = True
        await task
