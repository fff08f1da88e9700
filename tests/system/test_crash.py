"""A power cut, as near as a test can come: kill -9 of the server in the middle of writes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from support.pod_client import OwnPod
from support.running import RunningServer

from bench.client import Connection

WRITERS = 8


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
