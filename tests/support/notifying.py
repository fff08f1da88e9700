"""A pod server with its notifications behind a real uvicorn, configured as `werkpod serve` does it, and receivers."""

from __future__ import annotations

import asyncio
import functools
import json
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import uvicorn
import websockets
from starlette.types import Receive, Scope, Send

from support.podapp import Person, Server, pod_server
from support.pods import BASE
from support.tokens import Issuer, sign
from werkpod.config import Settings
from werkpod.pod.authn.authenticate import Authenticator
from werkpod.pod.notify.http import NotifyApp
from werkpod.pod.notify.hub import Room
from werkpod.pod.notify.notifications import Notifications
from werkpod.serve import configuration
from werkpod.site import Front
from werkpod.web.client import guarded_client

CONTEXT = "https://www.w3.org/ns/solid/notifications-context/v1"
LD_JSON = "application/ld+json"


class IssuerSigner:
    """The test issuer as what signs the sender's tokens."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer

    def sign(self, claims: Mapping[str, Any], *, typ: str) -> str:
        """A JWT of the issuer."""
        return sign({"typ": typ, "kid": "test-1"}, claims, self._issuer.key)


class _Elsewhere(httpx2.AsyncBaseTransport):
    """Carries requests for the base URL to the port where the server really is."""

    def __init__(self, port: int) -> None:
        self._port, self._inner = port, httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.url = request.url.copy_with(host="127.0.0.1", port=self._port)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


@dataclass
class Notifying:
    """The parts, the running server's port, and an HTTP client that reaches it."""

    server: Server
    notifications: Notifications
    port: int
    http: httpx2.AsyncClient
    uvicorn: uvicorn.Server

    async def subscribe(
        self, person: Person | None, topic: str, kind: str = "WebSocketChannel2023", *, origin: str = "", **fields: Any
    ) -> httpx2.Response:
        """POST a subscription as this person (None: nobody), from a page of `origin`."""
        storage = "/".join(topic.split("/")[:4])
        url = f"{storage}/.well-known/notifications/{kind}"
        body = {"@context": [CONTEXT], "type": kind, "topic": topic, **fields}
        return await self.ask(
            person,
            "POST",
            url,
            content=json.dumps(body),
            headers={"Content-Type": LD_JSON} | ({"Origin": origin} if origin else {}),
        )

    async def ask(self, person: Person | None, method: str, url: str, **more: Any) -> httpx2.Response:
        """One request, authenticated where somebody asks."""
        headers = dict(more.pop("headers", {}))
        if person is not None:
            headers |= person.device.headers(method, url.partition("?")[0], person.token())
        return await self.http.request(method, url, headers=headers, **more)

    async def channel(
        self, person: Person | None, topic: str, kind: str = "WebSocketChannel2023", **fields: Any
    ) -> Any:
        """The channel that a subscription gives."""
        answer = await self.subscribe(person, topic, kind, **fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def settled(self) -> None:
        """Wait until every change so far was told, or was found to be none of anybody's business."""
        hub = self.notifications.hub
        async with asyncio.timeout(10):
            while hub.busy:  # noqa: ASYNC110 - the hub has no event for it
                await asyncio.sleep(0.001)

    @asynccontextmanager
    async def socket(self, receive_from: str, **more: Any) -> AsyncIterator[websockets.ClientConnection]:
        """A WebSocket to the address that a channel has."""
        raw = socket.create_connection(("127.0.0.1", self.port))
        raw.setblocking(False)
        async with websockets.connect(receive_from, sock=raw, proxy=None, compression=None, **more) as connection:
            yield connection


@asynccontextmanager
async def notifying(
    folder: Path, *, room: Room | None = None, delays: Sequence[float] = (0.01,) * 3
) -> AsyncIterator[Notifying]:
    """A pod server with notifications on fresh files in `folder`, on a free port."""
    async with pod_server(folder) as server:
        parts = server.parts
        client = functools.partial(guarded_client, allow_loopback=True)
        signer = IssuerSigner(server.issuer)
        notifications = Notifications(
            server.service, parts.pods, parts.vault, signer, client, room=room, allow_loopback=True
        )
        notifications.webhooks.delays = tuple(delays)
        app = notifications.app(Authenticator(server.issuer.keys(), issuer=BASE))
        async with listening(Front(server.app, server.app, app)) as (port, running):
            await notifications.start()
            async with httpx2.AsyncClient(transport=_Elsewhere(port), base_url=BASE) as http:
                yield Notifying(server, notifications, port, http, running)
            await notifications.close()


@asynccontextmanager
async def listening(app: Any) -> AsyncIterator[tuple[int, uvicorn.Server]]:
    """An application behind uvicorn with the settings of the real server: its port, and the server."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = configuration(Settings(), app)
    config.log_config, config.log_level = None, "critical"
    running = uvicorn.Server(config)
    running.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(running.serve(sockets=[listener]))
    while not running.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.005)
    try:
        yield listener.getsockname()[1], running
    finally:
        running.should_exit = True
        await task
        listener.close()


@dataclass
class Delivery:
    """A request that a webhook got."""

    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The message."""
        return json.loads(self.body)


@dataclass
class Hook:
    """A receiver of webhooks. `statuses`: what it answers, one after another, and then 200."""

    deliveries: asyncio.Queue[Delivery] = field(default_factory=asyncio.Queue)
    statuses: list[int] = field(default_factory=list)
    url: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        status = self.statuses.pop(0) if self.statuses else 200
        self.deliveries.put_nowait(Delivery(headers, body))
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def hook(*statuses: int) -> AsyncIterator[Hook]:
    """A receiver of webhooks on a free port."""
    receiver = Hook(statuses=list(statuses))
    async with listening(receiver) as (port, _):
        receiver.url = f"http://127.0.0.1:{port}/hook"
        yield receiver


async def heard(connection: websockets.ClientConnection) -> Any:
    """The next message of a WebSocket."""
    async with asyncio.timeout(10):
        return json.loads(await connection.recv())


def path_of(url: str) -> str:
    """The path of a URL."""
    return urlsplit(url).path


__all__ = [
    "CONTEXT",
    "Delivery",
    "Hook",
    "NotifyApp",
    "Notifying",
    "heard",
    "hook",
    "listening",
    "notifying",
    "path_of",
]
