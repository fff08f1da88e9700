"""A Community Solid Server beside ours: its people read our pods, ours read theirs, each with tokens of their own."""

from __future__ import annotations

import asyncio
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.foreign_software import FOLDER, Report, Script
from support.running import RunningServer, free_port
from support.walking import PASSPHRASE

from werkpod.compose import opened
from werkpod.config import Settings
from werkpod.consent.grants import GrantRecord

SCRIPT = Script("neighbours.mjs")
SERVERS = FOLDER.with_name("interop_servers")
NEIGHBOUR = "dora"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Community Solid Server in its default configuration, in memory."""
    port = free_port()
    base, log = f"http://localhost:{port}/", tmp_path_factory.mktemp("elsewhere") / "log"
    server = SERVERS / "node_modules/@solid/community-server/bin/server.js"
    words = ["--port", str(port), "--baseUrl", base, "--config", "@css:config/default.json", "--loggingLevel", "warn"]
    with log.open("wb") as output:
        process = subprocess.Popen(["node", str(server), *words], cwd=SERVERS, stdout=output, stderr=output)
    try:
        _until_it_answers(base, process, log)
        yield base
    finally:
        process.terminate()
        process.wait(20)


def _until_it_answers(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(base, timeout=5).read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the other server did not start:\n{log.read_text('utf-8')}")


async def _gives(server: RunningServer, webid: str) -> str:
    """The storage of a new citizen who has given a person elsewhere one section."""
    async with opened(Settings(data=server.data, base_url=server.base)) as house:
        account, _ = await house.accounts.sign_up("Gerda Gever", PASSPHRASE)
        now = time.time()
        record = GrantRecord(
            id="", pod=account.id, agent=webid, client=None, receiver_name="Dora", receiver_kind="coach", created=now,
            not_before=now, until=now + 3600, sections=("experience",),
        )  # fmt: skip
        await house.grants.create(record)
        return account.storage


@pytest.fixture(scope="module")
def report(werkpod: RunningServer, elsewhere: str) -> Report:
    """What the script told."""
    granted = asyncio.run(_gives(werkpod, f"{elsewhere}{NEIGHBOUR}/profile/card#me"))
    return SCRIPT.run(werkpod.base, elsewhere, granted)


@pytest.mark.duty(83, 85, 90, 110, 111, 113, 115, 138)
@pytest.mark.parametrize("check", SCRIPT.checks)
def test_neighbours(report: Report, check: str) -> None:
    """By access rules and by a grant, both ways; what is taken back is gone at once."""
    report.shows(check)
