"""How long the citizen's pages take with many grants and a long access log in one store: `python -m bench --pages`.

Most grants and lines belong to pods without an account, as many as it takes; one citizen has a heavy pod and one coach
receives from all. Their pages are asked for over HTTP, one after the other, without anything else going on. With
`--keep DIR` DIR is filled where nothing is in it, used as it is else, and left: to find out what takes time.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import msgspec

from bench.filling import DAY, PASSPHRASE, Filled, Load, fill
from bench.server import Server
from werkpod.consent.dashboard.picture import agent_key

TIMES = 15
MARK_MS = 200.0
FULL = Load(grants=100_000, lines=1_000_000, own_grants=2_000, own_lines=200_000)
_READY = "bench.json"


def prepared(keep: Path | None, load: Load = FULL) -> tuple[Server, Filled, str]:
    """A server with a full store that does not run yet; what is in it; how long filling it took, in words."""
    said = keep / _READY if keep is not None else None
    if said is not None and said.exists():
        filled = msgspec.json.decode(said.read_bytes(), type=Filled)
        return Server(keep, filled.port), filled, "filled before"
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    server = Server(keep)
    started, cpu = time.perf_counter(), time.process_time()
    filled = asyncio.run(fill(server, load))
    took = f"filled in {time.perf_counter() - started:.0f} s ({time.process_time() - cpu:.0f} s of CPU)"
    if said is not None:
        said.write_bytes(msgspec.json.encode(filled))
    return server, filled, took


async def pages(server: Server, filled: Filled) -> str:
    """Every page some times; as a table: the first time, the median and the slowest in milliseconds, CPU of the
    server for one (median of the rest: what it takes where nothing else uses the machine), and whether it is met."""
    sharing, log, grant, load = "/regie/delen", "/regie/delen/logboek", filled.grant, filled.load
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 100 * DAY))
    lines = [f"{load.grants:,} grants, {load.own_grants:,} of this citizen; {load.lines:,} lines of the log, "
             f"{load.own_lines:,} of this citizen.", "",
             "| page | first ms | median ms | slowest ms | CPU ms | under 200 |",
             "|---|---:|---:|---:|---:|---|"]  # fmt: skip
    async with _signed_in(server, "bank") as client:
        who = agent_key(filled.agent)
        wanted = {
            "home": "/",
            "who sees what": sharing,
            "the same, of one section": f"{sharing}?deel=experience",
            "the same, of one receiver": f"{sharing}?van={who}",
            "one grant": f"{sharing}/{grant}",
            "what ended": f"{sharing}/gestopt",
            "could it be less": "/regie/delen/minder",
            "who looked": log,
            "who looked, one day": f"{log}?dag={day}",
            "who looked, one section": f"{log}?deel=experience",
            "who looked, one receiver": f"{log}?wie={who}",
            "who looked, refusals": f"{log}?soort=geweigerd",
            "stop everything (the question)": f"{sharing}/stop-alles",
        }
        for title, address in wanted.items():
            lines.append(await _timed(server, client, title, address))
    async with _signed_in(server, "coach") as client:
        lines.append(await _timed(server, client, "home of a coach", "/"))
    return "\n".join(lines)


@contextlib.asynccontextmanager
async def _signed_in(server: Server, name: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser in which somebody signed in."""
    async with httpx2.AsyncClient(base_url=server.base, timeout=120, headers={"Origin": server.base}) as client:
        await client.post("/inloggen", data={"naam": name, "wachtzin": PASSPHRASE})
        yield client


async def _timed(server: Server, client: httpx2.AsyncClient, title: str, address: str) -> str:
    took, cpu = [], 0.0
    for turn in range(TIMES + 1):
        if turn == 1:
            cpu = server.cpu_seconds()
        started = time.perf_counter()
        answer = await client.get(address)
        took.append((time.perf_counter() - started) * 1e3)
        if answer.status_code != 200:
            return f"| {title} | {answer.status_code} | | | | no |"
    first, *rest = took
    each = (server.cpu_seconds() - cpu) / TIMES * 1e3
    good = "yes" if max(took) < MARK_MS else "once warm" if max(rest) < MARK_MS else "no"
    return f"| {title} | {first:.0f} | {statistics.median(rest):.0f} | {max(rest):.0f} | {each:.0f} | {good} |"
