"""The load: prepared requests over kept-alive connections, timed; one generator for every server.

Signing happens between the timed parts. Each operation starts with a part that only warms up and tells how many
requests the next part takes, so that a fast and a slow server are measured for the same time.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.client import Connection
from bench.operations import Operation
from bench.processes import ServerProcess

_MOST = 4000  # requests signed at once: 5 MB, and half a second of signing; proofs hold for a minute


@dataclass(frozen=True, slots=True)
class Figures:
    """One operation on one server. Times in milliseconds, CPU in microseconds of the server a request, memory in MB."""

    rate: float
    p50: float
    p99: float
    cpu: float
    errors: int
    requests: int
    memory: float


@dataclass(slots=True)
class _Part:
    times: list[float] = field(default_factory=list)
    errors: int = 0
    seconds: float = 0.0
    cpu: float = 0.0


async def measure(server: ServerProcess, operation: Operation, *, seconds: float, concurrency: int) -> Figures:
    """Load a server with one operation for about `seconds`. Errors count as requests, and not in the times."""
    total, size, start = _Part(), 2 * concurrency, 0
    warm = False
    while not warm or total.seconds < seconds:
        part = await _part(server, operation, range(start, start + size), concurrency)
        start += size
        if warm:
            total.times += part.times
            total.errors += part.errors
            total.seconds += part.seconds
            total.cpu += part.cpu
        warm = warm or part.seconds > 0.3 or size >= 500
        size = max(concurrency, min(_MOST, int(size / part.seconds * min(1.0, seconds))))
    done, times = len(total.times) + total.errors, sorted(total.times) or [0.0]
    return Figures(
        rate=len(total.times) / total.seconds,
        p50=statistics.median(times) * 1e3,
        p99=times[min(len(times) - 1, int(len(times) * 0.99))] * 1e3,
        cpu=total.cpu / done * 1e6,
        errors=total.errors,
        requests=done,
        memory=server.memory_mb(),
    )


async def _part(server: ServerProcess, operation: Operation, numbers: Sequence[int], concurrency: int) -> _Part:
    part, raws = _Part(), iter([operation.make(n) for n in numbers])

    async def work(connection: Connection) -> None:
        for raw in raws:
            started = time.perf_counter()
            try:
                status = (await connection.send(raw)).status
            except OSError:
                status = 0
            if status in operation.expect:
                part.times.append(time.perf_counter() - started)
            else:
                part.errors += 1

    connections = [Connection(server.base) for _ in range(concurrency)]
    mending = asyncio.create_task(_mend(server))
    cpu, started = server.cpu_seconds(), time.perf_counter()
    await asyncio.gather(*(work(connection) for connection in connections))
    part.seconds, part.cpu = time.perf_counter() - started, server.cpu_seconds() - cpu
    mending.cancel()
    for connection in connections:
        await connection.close()
    return part


async def _mend(server: ServerProcess) -> None:
    while True:
        server.mend()
        await asyncio.sleep(0.02)


def middle(rounds: Sequence[Figures]) -> Figures:
    """The median of each figure over rounds; errors and requests are summed, memory is that of the last round."""
    return Figures(
        rate=statistics.median(f.rate for f in rounds),
        p50=statistics.median(f.p50 for f in rounds),
        p99=statistics.median(f.p99 for f in rounds),
        cpu=statistics.median(f.cpu for f in rounds),
        errors=sum(f.errors for f in rounds),
        requests=sum(f.requests for f in rounds),
        memory=rounds[-1].memory,
    )
