"""Request lines as bytes on a socket, through uvicorn: never another resource, never a 500 (checklist 74 and 75)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from support.podapp import Server, pod_server


@asynccontextmanager
async def listening(server: Server) -> AsyncIterator[int]:
    """The pod behind uvicorn on a free port of the loopback interface."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        config = uvicorn.Config(server.app, log_level="critical", lifespan="off", access_log=False, ws="none")
        running = uvicorn.Server(config)
        task = asyncio.create_task(running.serve(sockets=[place]))
        while not running.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        try:
            yield place.getsockname()[1]
        finally:
            running.should_exit = True
            await task


async def ask(port: int, line: bytes, *headers: bytes) -> bytes:
    """What is answered to a request line."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\r\n".join([line, b"Host: localhost:8080", b"Connection: close", *headers, b"", b""]))
    await writer.drain()
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with pod_server(tmp_path) as started:
        await started.person("anna")
        yield started


@pytest.mark.duty(3, 16)
async def test_odd_request_lines(server: Server) -> None:
    """Each is a 4xx, and none of them shows a document."""
    lines = [
        b"GET @evil.test HTTP/1.1", b"GET //evil.test/anna/profile/card HTTP/1.1", b"GET /a%2f..%2fanna/ HTTP/1.1",
        b"GET /anna/%2e%2e/anna/profile/card HTTP/1.1", b"GET /anna/../anna/profile/card HTTP/1.1",
        b"GET /anna/profile%2Fcard HTTP/1.1", b"GET /anna/profile\\card HTTP/1.1",
        b"GET /anna/profile/card%00 HTTP/1.1",
        b"GET /anna/./profile/card HTTP/1.1", b"GET * HTTP/1.1", b"GET /anna/profile/ca\xff HTTP/1.1",
    ]  # fmt: skip
    async with listening(server) as port:
        for line in lines:
            answer = await ask(port, line)
            assert answer.startswith(b"HTTP/1.1 4"), (line, answer[:80])
            assert b"oidcIssuer" not in answer
        good = await ask(port, b"GET /anna/profile/card HTTP/1.1")
        assert good.startswith(b"HTTP/1.1 200")


async def test_the_host_header_names_nothing(server: Server) -> None:
    """Links, issuer and htu come from the configuration, whatever Host and X-Forwarded-Host say."""
    async with listening(server) as port:
        line = b"GET /anna/cv/ HTTP/1.1"
        answer = await ask(port, line, b"X-Forwarded-Host: evil.test", b"Forwarded: host=evil.test")
        assert b"evil.test" not in answer
        anna = await server.parts.directory.find("anna")
        assert anna is not None
    device = (await server.person("bob")).device
    evil = "http://evil.test/bob/cv/"
    token = server.issuer.token(device, webid="http://localhost:8080/bob/profile/card#me", client="tool-1")
    signed = {"Authorization": f"DPoP {token}", "DPoP": device.proof("GET", evil, token), "Host": "evil.test"}
    assert (await server.http.get("/bob/cv/", headers=signed)).status_code == 401


async def test_a_large_body_of_a_stranger_is_not_read(server: Server) -> None:
    """Without a length, 401 comes before the body has."""
    async with listening(server) as port:
        line = b"PUT /anna/cv/x HTTP/1.1"
        answer = await asyncio.wait_for(ask(port, line, b"Transfer-Encoding: chunked", b"Content-Type: text/plain"), 10)
        assert answer.startswith(b"HTTP/1.1 401")
