"""The whole site, as `werkpod serve` builds it, on fresh files.

Numbers in the docstrings here are those of the project's security checklist. What is tried at the place itself is not
tried again here: DPoP proofs one by one (tests/pod/authn), codes, refresh and client authentication
(tests/consent/oauth), encryption, tampering and erasure (tests/pod/vault, tests/pod/test_storage_tampering,
tests/system/test_plaintext), the guarded client (tests/web/test_guarded_client).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.types import ASGIApp
from support.site import Site, whole_site

from werkpod.web.connections import BoundedProtocol


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A site of the test's own. As on a real server, nothing on this machine is fetched for strangers."""
    async with whole_site(tmp_path, allow_loopback=False) as started:
        yield started


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncIterator[int]:
    """An application behind the server's own protocol, on a free port of the loopback interface."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app, http=BoundedProtocol, log_config=None, lifespan="off", access_log=False, ws="none", proxy_headers=False
        )
        running = uvicorn.Server(config)
        task = asyncio.create_task(running.serve(sockets=[place]))
        while not running.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        try:
            yield place.getsockname()[1]
        finally:
            running.should_exit = True
            await task


@pytest.fixture
async def port(site: Site) -> AsyncIterator[int]:
    """The site on a port."""
    async with listening(site.front) as number:
        yield number
