"""`werkpod serve`: opens the house, listens, says where, and closes it in order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
from collections.abc import Awaitable, Callable, Sequence

import uvicorn
import uvloop
from starlette.types import ASGIApp

from werkpod import chores
from werkpod.compose import opened
from werkpod.config import SettingError, Settings
from werkpod.demo import DEMO_PASSPHRASE, DemoPerson, ensure_demo
from werkpod.site import build_site
from werkpod.web.connections import BoundedProtocol, BoundedWebSocket
from werkpod.web.https import HttpsOnly
from werkpod.web.logs import LOG_CONFIG, configure_logs

MESSAGE_LIMIT = 1024
"""Bytes of a message that a WebSocket client may send; none is expected."""
PING_SECONDS = 20.0
"""How often a WebSocket is asked whether it is still there, and how long it may take to answer."""
SHUTDOWN_SECONDS = 5
"""How long requests that are under way may take when the server is told to stop."""

COLLECT = 20_000, 20, 20
"""When garbage is collected. A request leaves next to none: counting references frees nearly all of it. Looking for it
after each 700 objects, as is usual, took 8% of the time; going through so many takes a millisecond or two."""


def serve(settings: Settings) -> None:
    """Run the server until a signal ends it. Raises SettingError where the address cannot be listened on."""
    configure_logs()
    uvloop.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    listening = _listen(settings)
    async with opened(settings) as house:
        await house.accounts.sweep()  # what a killed sign-up left half-made
        await house.storage.sweep()  # and what bodies that were coming in then left
        taxonomy = house.taxonomy()
        people = await ensure_demo(house, taxonomy) if settings.demo else ()
        welcome = _welcome(settings, people)
        await house.notifications.start()
        app = build_site(house, taxonomy)
        server = _Server(configuration(settings, app), welcome, before_stop=house.notifications.close)
        watching = asyncio.create_task(house.authorization.parts.keys.watch())
        tidying = asyncio.create_task(house.service.profiles.sweep(house.pods))  # earlier versions, crashes
        doing = asyncio.create_task(chores.do(house.chores))
        preparing = asyncio.create_task(asyncio.to_thread(taxonomy.prepare, settings.data))  # before somebody looks
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await server.serve(sockets=[listening])
        finally:
            watching.cancel()
            tidying.cancel()
            doing.cancel()
            preparing.cancel()


class _Server(uvicorn.Server):
    """Says where it is once it listens; ends the answers that go on for ever before it waits for the others."""

    def __init__(self, config: uvicorn.Config, welcome: str, *, before_stop: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._welcome, self._before_stop = welcome, before_stop

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._before_stop()
        await super().shutdown(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            gc.collect()
            gc.freeze()  # what start-up made stays; collections need not walk it again and again
            gc.set_threshold(*COLLECT)
            print(self._welcome, flush=True)


def _listen(settings: Settings) -> socket.socket:
    """The socket, before anything else: a port that is taken is said at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise SettingError(f"Cannot listen on {settings.host}:{settings.port} ({error.strerror}).") from error
    listening.set_inheritable(True)
    return listening


def configuration(settings: Settings, app: ASGIApp) -> uvicorn.Config:
    """How uvicorn serves the application: our protocol, our logs, nothing that a request pays for and nobody reads."""
    secure = settings.base_url.startswith("https://") and bool(settings.trusted_proxies)
    return uvicorn.Config(
        HttpsOnly(app, base_url=settings.base_url) if secure else app,
        http=BoundedProtocol,
        ws=BoundedWebSocket,
        ws_max_size=MESSAGE_LIMIT,
        ws_per_message_deflate=False,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        lifespan="off",
        access_log=False,
        log_config=LOG_CONFIG,
        log_level="warning",
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


def _welcome(settings: Settings, people: Sequence[DemoPerson]) -> str:
    lines = [f"Werkpod runs on {settings.base_url}"]
    if people:
        lines += ["", "Demo people (all invented). Sign in with:", ""]
        lines += [f"  {person.slug:<10} {DEMO_PASSPHRASE}    {person.about}" for person in people]
        lines += ["", "Stop with Ctrl-C."]
    return "\n".join(lines)
