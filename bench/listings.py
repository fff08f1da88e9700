"""`python -m bench.listings`: 10,000 members: how long a listing takes, and how long it holds the event loop.

In one process, the storage and the decision as they are, without HTTP. A probe asks for its turn again and again; the
longest wait is the longest stretch in which nobody else was served.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from werkpod.compose import House, opened
from werkpod.config import Settings
from werkpod.pod.access.model import Requester
from werkpod.pod.directory import Pod
from werkpod.serve import COLLECT

NOTE = b'<#it> <https://schema.org/name> "een aantekening" .'


@dataclass(slots=True)
class Held:
    """Longest stretch in milliseconds."""

    longest: float = 0.0


@asynccontextmanager
async def probe() -> AsyncIterator[Held]:
    """Measure how long the loop is held within the block."""
    held = Held()

    async def ask() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            held.longest, last = max(held.longest, (now - last) * 1e3), now

    task = asyncio.create_task(ask())
    await asyncio.sleep(0)
    try:
        yield held
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def timed(name: str, work: Callable[[], Awaitable[object]], times: int = 5) -> None:
    """Do it some times alone, then once beside the probe; print the fastest time and the longest stretch."""
    took, cpu = [], []
    for _ in range(times):
        started, used = time.perf_counter(), time.process_time()
        await work()
        took.append((time.perf_counter() - started) * 1e3)
        cpu.append((time.process_time() - used) * 1e3)
    async with probe() as held:
        await work()
    print(f"{name:<34}{min(took):>10.2f}{min(cpu):>10.2f}{held.longest:>14.2f}")


async def run(house: House, pod: Pod, members: int) -> None:
    """Every case."""
    owner = Requester(agent=pod.webid, own_pages=True)
    service, storage = house.service, house.storage
    for start in range(0, members, 500):
        await asyncio.gather(
            *(storage.put(pod.id, f"many/{n:06}", NOTE, "text/turtle") for n in range(start, start + 500))
        )

    async def cold() -> None:
        vault = house.storage._vault
        for memory in vault._memories:
            memory.forget(pod.id)
        await service.read(owner, pod, "many/")

    async def changed() -> None:
        await service.put(owner, pod, "many/000500", NOTE, "text/turtle")
        await service.read(owner, pod, "many/")

    async def come_and_gone() -> None:
        await service.put(owner, pod, "many/new", NOTE, "text/turtle")
        await service.delete(owner, pod, "many/new")
        await service.read(owner, pod, "many/")

    title = b'<.> <http://purl.org/dc/terms/title> "Veel" .'
    gc.collect()
    gc.freeze()  # as the server does once it listens
    gc.set_threshold(*COLLECT)
    size = len((await service.read(owner, pod, "many/")).body)
    print(f"{members} members, {size / 1e6:.1f} MB of Turtle")
    print(f"{'':<34}{'ms':>10}{'CPU ms':>10}{'held ms':>14}")
    await timed("nothing known", cold, 3)
    await timed("nothing changed", lambda: service.read(owner, pod, "many/"))
    await timed("a member replaced, then listed", changed)
    await timed("one made, deleted, then listed", come_and_gone)
    await timed("as JSON-LD", lambda: service.read(owner, pod, "many/", accept="application/ld+json"), 2)
    await timed("a member replaced", lambda: service.put(owner, pod, "many/000500", NOTE, "text/turtle"))
    await timed("its description replaced", lambda: service.put(owner, pod, "many/", title, "text/turtle"))


async def main(members: int) -> None:
    """Make the container in a folder of its own, measure, throw it away."""
    with tempfile.TemporaryDirectory(prefix="werkpod-bench-") as folder:
        async with opened(Settings(data=Path(folder))) as house:
            account, _ = await house.accounts.sign_up("Lijst Proef", "een lange zin voor de bank", role="citizen")
            pod = await house.pods.find(account.slug)
            assert pod is not None
            await run(house, pod, members)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="bench.listings", description=__doc__)
    parser.add_argument("--members", type=int, default=10_000)
    uvloop.run(main(parser.parse_args().members))
