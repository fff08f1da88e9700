"""Plain http beside https: every address only leads to the same one under https (Solid Protocol, 2.1.1)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from werkpod.config import Settings
from werkpod.serve import configuration


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers everything."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


@asynccontextmanager
async def served(app: ASGIApp, **settings: Any) -> AsyncIterator[int]:
    """The application, served as `werkpod serve` does, on a free port."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        config = configuration(Settings(**settings), app)
        config.log_config = None
        running = uvicorn.Server(config)
        task = asyncio.create_task(running.serve(sockets=[place]))
        while not running.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        try:
            yield place.getsockname()[1]
        finally:
            running.should_exit = True
            await task


async def ask(port: int, target: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer to a request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"{method} {target} HTTP/1.1", "Host: evil.test", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    head = (await reader.read()).split(b"\r\n\r\n", 1)[0].decode()
    writer.close()
    await writer.wait_closed()
    status, *rest = head.split("\r\n")
    return int(status.split()[1]), {k.lower(): v for k, v in (line.split(": ", 1) for line in rest)}


BEHIND = {"base_url": "https://werkpod.example", "trusted_proxies": "127.0.0.1"}


@pytest.mark.duty(6)
async def test_who_came_by_http_is_led_to_https() -> None:
    """301 for every method, to the same path and query at the configured address, whatever Host says; kept nowhere."""
    async with served(hello, **BEHIND) as port:
        for method in ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"):
            status, headers = await ask(port, "/anna/a%20b?c=d", method, X_Forwarded_Proto="http")
            assert (status, headers["location"]) == (301, "https://werkpod.example/anna/a%20b?c=d"), method
            assert headers["cache-control"] == "no-store"
        status, headers = await ask(port, "//evil.test/", X_Forwarded_Proto="http")
        assert (status, headers["location"]) == (301, "https://werkpod.example//evil.test/")


@pytest.mark.duty(6)
async def test_who_came_by_https_is_answered() -> None:
    """So is who comes past a web server that says nothing: it would be a circle."""
    async with served(hello, **BEHIND) as port:
        assert (await ask(port, "/", X_Forwarded_Proto="https"))[0] == 200
        assert (await ask(port, "/"))[0] == 200


@pytest.mark.parametrize(
    "settings", [{"base_url": "https://werkpod.example"}, {"base_url": "http://localhost:8080", "trusted_proxies": "*"}]
)
async def test_only_a_trusted_web_server_is_believed(settings: dict[str, str]) -> None:
    """Without one configured, or without https at all, nobody is led anywhere."""
    async with served(hello, **settings) as port:
        assert (await ask(port, "/", X_Forwarded_Proto="http"))[0] == 200
