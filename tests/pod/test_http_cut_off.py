"""A write that breaks off half way, over real TCP: what was there stays, and nothing half is anywhere."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from support.podapp import Person, Server, pod_server

from werkpod.web.connections import BoundedProtocol

OLD = b"what was there before\n" * 4000


@asynccontextmanager
async def listening(server: Server) -> AsyncIterator[int]:
    """The pod behind our own protocol on a free port."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            server.app, http=BoundedProtocol, log_config=None, lifespan="off", access_log=False, ws="none"
        )
        running = uvicorn.Server(config)
        task = asyncio.create_task(running.serve(sockets=[place]))
        while not running.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        try:
            yield place.getsockname()[1]
        finally:
            running.should_exit = True
            await task  # it ends when every request that came in is done with


@pytest.fixture
async def anna(tmp_path: Path) -> AsyncIterator[Person]:
    async with pod_server(tmp_path) as server:
        yield await server.person("anna")


async def send_half(
    port: int, person: Person, method: str, path: str, kind: str, *, chunked: bool, reset: bool
) -> None:
    """The head and half of the body; then the connection is closed, in order or not."""
    signed = person.device.headers(method, person.url(path), person.token())
    body = b"<#a> <http://e.test/p> 1 .\n" * (6000 if kind == "text/turtle" else 60_000)
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    head = [f"{method} /anna/{path} HTTP/1.1", "Host: localhost:8080", f"Content-Type: {kind}", length]
    head += [f"{name}: {value}" for name, value in signed.items()]
    half = body[: len(body) // 2]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write("\r\n".join([*head, "", ""]).encode())
    writer.write(f"{len(half):x}\r\n".encode() + half + b"\r\n" if chunked else half)
    await writer.drain()
    if reset:
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()
        return
    writer.write_eof()
    assert b" 20" not in await reader.read()
    writer.close()


@pytest.mark.duty(1, 3)
@pytest.mark.parametrize("kind", ["text/plain", "text/turtle", "video/mp4"])
async def test_a_body_that_breaks_off_changes_nothing(anna: Person, kind: str) -> None:
    """With a length and in chunks, closed and reset, on something and on nothing, small and large."""
    stored = "text/plain" if kind == "text/turtle" else kind
    await anna.put(anna.url("box/old"), OLD, stored)
    tag = (await anna.get(anna.url("box/old"))).headers["etag"]
    async with listening(anna.server) as port:
        for chunked in (False, True):
            for reset in (False, True):
                for method, path in (("PUT", "box/old"), ("PUT", "box/new"), ("POST", "box/"), ("PUT", "else/new")):
                    await send_half(port, anna, method, path, kind, chunked=chunked, reset=reset)
    found = await anna.get(anna.url("box/old"))
    assert (found.content, found.headers["etag"]) == (OLD, tag)
    assert (await anna.get(anna.url("box/"))).text.count("ldp:contains") == 1
    assert anna.url("box/old") in (await anna.get(anna.url("box/"))).text
    for path in ("box/new", "else/new", "else/"):
        assert (await anna.get(anna.url(path))).status_code == 404
