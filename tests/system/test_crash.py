"""A power cut, as near as a test can come: kill -9 of the server in the middle of writes."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.pod_client import OwnPod
from support.running import RunningServer

from bench.client import Connection
from werkpod.compose import opened
from werkpod.config import Settings

WRITERS = 8
READS = 60
"""Answered before the kill."""


@pytest.mark.slow
def test_every_acknowledged_write_survives_a_kill(tmp_path: Path) -> None:
    """What was answered with 201 before the kill is there, whole, after the restart; and the server starts."""
    server = RunningServer(tmp_path / "data")
    with server:
        server.json("account", "create", "crash", "--password", "een lange zin om te breken")
        made = server.json("credentials", "create", "crash", "--label", "writer")
        acknowledged: dict[str, bytes] = {}
        for round_ in range(2):
            acknowledged |= _write_until_killed(server, OwnPod(server, "crash", made), round_)
            server.start()
        pod = OwnPod(server, "crash", made)
        assert len(acknowledged) > 50
        lost = {path for path, body in acknowledged.items() if pod.send("GET", path).body != body}
        assert lost == set()
        listed = pod.send("GET", "crash/").body.decode()
        assert [path for path in acknowledged if path.rsplit("/", 1)[1] not in listed] == []


def _write_until_killed(server: RunningServer, pod: OwnPod, round_: int) -> dict[str, bytes]:
    """Write over several connections, kill the server once enough is acknowledged; what was acknowledged."""
    acknowledged: dict[str, bytes] = {}

    async def writer(name: int) -> None:
        connection = Connection(server.base)
        for i in range(10_000):
            path = f"crash/r{round_}-{name}-{i}"
            body = f"ronde {round_} schrijver {name} nummer {i} ".encode() * 40
            try:
                answer = await connection.send(pod.prepared("PUT", pod.storage + path, body, "text/plain"))
            except (OSError, asyncio.IncompleteReadError):
                await connection.close()
                return
            assert answer.status == 201, answer
            acknowledged[path] = body

    async def run() -> None:
        writers = [asyncio.create_task(writer(name)) for name in range(WRITERS)]
        while len(acknowledged) < 60:
            done, _ = await asyncio.wait(writers, timeout=0.01, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        server.kill()
        await asyncio.gather(*writers)

    asyncio.run(run())
    return acknowledged


@pytest.mark.slow
@pytest.mark.parametrize("sync", ["normal", "full"])
def test_every_answered_read_has_its_line_after_a_kill(tmp_path: Path, sync: str) -> None:
    """An app reads over HTTP with DPoP; killed right after an answer. The next start takes over what waited in the
    journal: each read that was answered has a line, and `werkpod verify` finds a whole chain. With `ledger_sync=full`
    the lines are in the database before the answers, and there is no journal."""
    server = RunningServer(tmp_path / "data", environ={"WERKPOD_LEDGER_SYNC": sync})
    made = asyncio.run(_citizen(server))
    with server:
        pod = OwnPod(server, "crash", made)
        assert pod.send("PUT", "brief", b"van mij", "text/plain").status == 201
        answered = _read_until_killed(server, pod)
        journals = list(server.data.glob("ledger.db.*.waiting"))
        assert len(journals) == (1 if sync == "normal" else 0)
        with closing(sqlite3.connect(server.data / "ledger.db")) as log:
            stored = log.execute("SELECT COUNT(*) FROM ledger").fetchone()[0]
        said = json.loads(server.run("verify", "--json", "--base-url", server.base).stdout)
    assert said["broken"] == []
    assert said["lines"] >= answered + 1  # the PUT too; and what was written but not answered any more
    assert sync == "normal" or stored == said["lines"]
    assert not list(server.data.glob("ledger.db.*.waiting"))
    assert asyncio.run(_reads(server)) >= answered


async def _citizen(server: RunningServer) -> dict[str, str]:
    """A citizen with client credentials, made before the server starts: what `credentials create` prints."""
    async with opened(Settings(data=server.data, base_url=server.base)) as house:
        account, _ = await house.accounts.sign_up("Crash", "een lange zin om te breken", slug="crash")
        client_id, secret = await house.credentials.create(account, "reader")
        return {
            "client_id": client_id, "client_secret": secret, "issuer": house.settings.base_url, "webid": account.webid,
        }  # fmt: skip


async def _reads(server: RunningServer) -> int:
    """How many reads of the document the log tells of."""
    async with opened(Settings(data=server.data, base_url=server.base)) as house:
        account = await house.account_named("crash")
        entries = [line.entry for line in await house.ledger.entries(account.id, 10_000)]
        return sum((e.action, e.path, e.outcome) == ("read", "brief", "allowed") for e in entries)


def _read_until_killed(server: RunningServer, pod: OwnPod) -> int:
    """Read over several connections, kill the server in the turn of an answer; how many reads were answered."""
    answered = 0
    requests = [[pod.prepared("GET", pod.storage + "brief") for _ in range(READS)] for _ in range(WRITERS)]

    async def reader(prepared: list[bytes]) -> None:
        nonlocal answered
        connection = Connection(server.base)
        try:
            for request in prepared:
                answer = await connection.send(request)
                assert answer.status == 200, answer
                answered += 1
                if answered == READS:
                    server.kill()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            await connection.close()

    async def run() -> None:
        await asyncio.gather(*(reader(prepared) for prepared in requests))

    asyncio.run(run())
    assert answered >= READS
    return answered
