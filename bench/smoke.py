"""Each operation a few times against the whole site in this process: that the bench itself still works."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import tempfile
from pathlib import Path

import uvicorn

from bench.client import Connection, Key, token
from bench.lag import LoopLag
from bench.operations import Person, match
from bench.server import Owner
from werkpod.compose import opened
from werkpod.config import Settings
from werkpod.serve import configuration
from werkpod.site import build_site
from werkpod.vocab.taxonomy import starter

_TIMES = 3


async def run() -> str:
    """What was done, in one line. Raises AssertionError at the first answer that is not as expected."""
    folder = Path(tempfile.mkdtemp(prefix="werkpod-bench-"))
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    base = f"http://localhost:{listening.getsockname()[1]}"
    settings = Settings(data=folder, base_url=base)
    try:
        async with opened(settings) as house, contextlib.AsyncExitStack() as stack:
            server = uvicorn.Server(configuration(settings, build_site(house, starter())))
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            stack.push_async_callback(_stop, server, serving)
            account, _ = await house.accounts.sign_up("bench", "een lange zin voor de bank", slug="bench")
            made = await house.credentials.create(account, "bench")
            owner = Owner(account.webid, account.storage, base, *made)
            async with LoopLag() as lag:
                done = await _all(base, owner)
        return f"{done} requests as expected; the loop was held {lag.longest * 1e3:.0f} ms at most"
    finally:
        listening.close()
        shutil.rmtree(folder, ignore_errors=True)


async def _stop(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    server.should_exit = True
    await serving


async def _all(base: str, owner: Owner) -> int:
    key = Key()
    access = await token(owner, base, key)
    person = Person(base, owner, lambda _: access, key=key)
    await person.prepare(4, documents=_TIMES)
    connection, done = Connection(base), 0
    for operation in [*person.operations(), match(base)]:
        for n in range(_TIMES):
            answer = await connection.send(operation.make(n))
            assert answer.status in operation.expect, (operation.name, answer)
            done += 1
    await connection.close()
    return done
