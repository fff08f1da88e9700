"""How long the event loop was held: the longest that others had to wait for something that takes no time itself."""

from __future__ import annotations

import asyncio
import contextlib
import time
from types import TracebackType

from bench.client import Connection, request
from bench.operations import Person


class LoopLag:
    """`async with LoopLag() as lag:` in the process itself; `lag.longest` is the longest stretch, in seconds.

    A task that wants its turn each millisecond; what it gets its turn too late by, the loop was held.
    """

    STEP = 0.001

    def __init__(self) -> None:
        self.longest = 0.0
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> LoopLag:
        self._task = asyncio.create_task(self._watch())
        await asyncio.sleep(0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.sleep(2 * self.STEP)
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        while True:
            wanted = time.perf_counter() + self.STEP
            await asyncio.sleep(self.STEP)
            self.longest = max(self.longest, time.perf_counter() - wanted)


async def list_beside(person: Person, children: int, times: int = 10) -> str:
    """List a large container on one connection while somebody reads something small on another; what both waited."""
    await person.prepare(children)
    lister, reader = Connection(person.base), Connection(person.base)
    small = request("GET", person.owner.storage + "bench/public", {})
    await reader.send(small)
    waits: list[float] = []
    done = False

    async def read() -> None:
        while not done:
            started = time.perf_counter()
            await reader.send(small)
            waits.append(time.perf_counter() - started)

    listed: list[float] = []
    reading = asyncio.create_task(read())
    for i in range(times):
        change = person.signed("PUT", f"bench/list/{i}", b"<#a> <#b> 1 .", Content_Type="text/turtle")
        assert (await lister.send(change)).status in (201, 204)  # so that no listing was kept
        started = time.perf_counter()
        answer = await lister.send(person.signed("GET", "bench/list/", Accept="text/turtle"))
        listed.append(time.perf_counter() - started)
        assert answer.status == 200, answer
    done = True
    await reading
    await lister.close()
    await reader.close()
    return (
        f"a listing of {children:,} that was just changed: first {listed[0] * 1e3:.0f} ms, median"
        f" {sorted(listed)[times // 2] * 1e3:.0f} ms, longest {max(listed) * 1e3:.0f} ms; somebody else's public GET"
        f" waited {max(waits) * 1e3:.0f} ms at most ({sorted(waits)[len(waits) // 2] * 1e3:.1f} ms in the middle)"
    )
