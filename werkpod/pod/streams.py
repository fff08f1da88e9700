"""Large bodies: taken in and given out part by part, in a bounded amount of memory.

What comes in is sealed and written at once, as parts that belong to nothing yet ("loose"); the write that makes a
version of them takes one transaction, in which the version before loses its parts. Loose parts are cleared away a few
at a time, so that no other write waits for it: when a body broke off, when a version was replaced or deleted and nobody
here still reads it, and at the start of a server, for what a crash left.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import cast

from werkpod.pod import units
from werkpod.pod.errors import Replaced, StoreFailure
from werkpod.pod.store.protocol import Database, ExpectationFailed, Statement
from werkpod.pod.usage import Room
from werkpod.pod.vault import PART_BYTES, PodVault, StreamOpener, StreamSealer

_CLEARED_AT_ONCE = 16  # parts in one unit of clearing away: 4 MB, some 10 ms
_NO_END = 1 << 62  # also a part that came in while the others were cleared away


@dataclass(slots=True)
class Staged:
    """A large body that came in whole. `kept`: whether it has become a version of something."""

    sealer: StreamSealer
    kept: bool = False

    @property
    def size(self) -> int:
        """Bytes of the plaintext."""
        return self.sealer.size


class Streams:
    """The parts of all pods."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock
        self._readers: Counter[bytes] = Counter()
        self._due: dict[bytes, str] = {}
        self._clearing: set[asyncio.Task[None]] = set()
        self._shrinking: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def staging(self, vault: PodVault, pieces: AsyncIterable[bytes], room: Room) -> AsyncIterator[bytes | Staged]:
        """Take a body in; give it as it is where it is no larger than one part.

        At the end of the block what has not become a version is cleared away. Raises what `pieces` raises, OverQuota,
        StoreFailure. Holds two parts and a piece in memory, whatever the size.
        """
        with room:
            coming, body = _Coming(self._database, vault, self._clock), None
            try:
                body = await coming.take(pieces, room)
                yield body
            finally:
                if coming.sealer is not None and not (isinstance(body, Staged) and body.kept):
                    await asyncio.shield(self._start_clearing(vault.pod, coming.sealer.stream))
                    self._start_shrinking()

    async def check(self, pod: str, body: Staged) -> None:
        """Raise StoreFailure where the parts of a body are no longer there to become a version."""
        if not await self._database.fetch(units.IS_LOOSE, pod, body.sealer.stream):
            raise _cleared_away()

    def content(self, vault: PodVault, stream: bytes, opener: StreamOpener, size: int) -> StreamContent:
        """The body of one version."""
        return StreamContent(self, vault, stream, opener, size)

    async def part(self, pod: str, stream: bytes, number: int) -> bytes:
        """One sealed part. Raises Replaced when it is not there any more."""
        rows = await self._database.fetch(units.PART, pod, stream, number)
        if not rows:
            raise Replaced("This was replaced or deleted while it was read; read it again")
        return cast("bytes", rows[0][0])

    @contextmanager
    def reading(self, pod: str, stream: bytes) -> Iterator[None]:
        """Keep the parts of a stream until the end of the block, also when it is replaced meanwhile by this process."""
        self._readers[stream] += 1
        try:
            yield
        finally:
            self._readers[stream] -= 1
            if not self._readers[stream]:
                del self._readers[stream]
                if self._due.pop(stream, None) is not None:
                    self._start_clearing(pod, stream)

    async def clear(self, pod: str, stream: bytes) -> None:
        """Clear away the parts of a stream that is loose, now or when its last reader here is done. Idempotent."""
        if stream in self._readers:
            self._due[stream] = pod
            return
        ((last,),) = await self._database.fetch(units.LAST_PART, pod, stream)
        end = 0 if last is None else cast("int", last) + 1
        for below in range(_CLEARED_AT_ONCE, end, _CLEARED_AT_ONCE):
            await self._database.write(units.clear_parts(pod, stream, below))
        await self._database.write(units.clear_parts(pod, stream, _NO_END), units.forget_stream(pod, stream))

    async def sweep(self, pod: str | None = None) -> int:
        """Clear away every stream that is loose (of one pod); how many there were.

        For the start of a server: a body that another process is taking in is cleared away too, and its write fails.
        """
        rows = cast("Sequence[tuple[str, bytes]]", await self._database.fetch(units.LOOSE))
        found = [row for row in rows if pod in (None, row[0])]
        for of, stream in found:
            await self.clear(of, stream)
        if found:
            self._start_shrinking()
        return len(found)

    async def settled(self) -> None:
        """Wait for what is being cleared away; stop giving space back."""
        while self._clearing:
            await asyncio.wait(self._clearing)
        if self._shrinking is not None:
            self._shrinking.cancel()
            await asyncio.wait([self._shrinking])

    def _start_shrinking(self) -> None:
        """What broke off leaves free space at the end of the file: it is given back, little by little.

        Not after a replacement: what is behind the free space would have to be moved, and the space is used again.
        """
        if self._shrinking is None or self._shrinking.done():
            self._shrinking = asyncio.create_task(self._shrink())

    async def _shrink(self) -> None:
        with contextlib.suppress(StoreFailure):
            more = True
            while more:
                more = await self._database.shrink()

    def _start_clearing(self, pod: str, stream: bytes) -> asyncio.Task[None]:
        task = asyncio.create_task(self._clear_quietly(pod, stream))
        self._clearing.add(task)
        task.add_done_callback(self._clearing.discard)
        return task

    async def _clear_quietly(self, pod: str, stream: bytes) -> None:
        with contextlib.suppress(StoreFailure):  # the next start does it
            await self.clear(pod, stream)


class _Coming:
    """One body that is coming in. While a part is written, the next one is gathered."""

    def __init__(self, database: Database, vault: PodVault, clock: Callable[[], float]) -> None:
        self._database, self._vault, self._clock = database, vault, clock
        self.sealer: StreamSealer | None = None
        self._writing: asyncio.Task[None] | None = None

    async def take(self, pieces: AsyncIterable[bytes], room: Room) -> bytes | Staged:
        gathered = bytearray()
        try:
            async for piece in pieces:
                room.take(len(piece))
                gathered += piece
                while len(gathered) > PART_BYTES:  # not when it is full: the last part is never empty
                    await self._write(bytes(memoryview(gathered)[:PART_BYTES]), last=False)
                    del gathered[:PART_BYTES]
            if self.sealer is None:
                return bytes(gathered)
            await self._write(bytes(gathered), last=True)
            await self._written()
        finally:
            await self._settle()
        return Staged(self.sealer)

    async def _write(self, part: bytes, *, last: bool) -> None:
        """Seal a part and begin to write it, when the one before is on disk."""
        self._vault.check()
        unit = []
        if self.sealer is None:
            self.sealer = StreamSealer(self._vault.pod)
            unit.append(units.expect_parts(self._vault.pod, self.sealer.stream, self._clock()))
        number, sealed = self.sealer.parts, self.sealer.seal(part, last=last)
        unit.append(units.store_part(self._vault.pod, self.sealer.stream, number, sealed))
        await self._written()
        self._writing = asyncio.create_task(self._carry_out(unit))

    async def _carry_out(self, unit: Sequence[Statement]) -> None:
        try:
            await self._database.write(*unit)
        except ExpectationFailed:
            raise _cleared_away() from None

    async def _written(self) -> None:
        if self._writing is not None:
            writing, self._writing = self._writing, None
            await writing

    async def _settle(self) -> None:
        """After a failure: let what is being written end, whatever comes of it; it is cleared away after that."""
        if self._writing is not None:
            await asyncio.wait([self._writing])
            if not self._writing.cancelled():
                self._writing.exception()


def _cleared_away() -> StoreFailure:
    return StoreFailure("What was sent was cleared away before it was written; send it again")


@dataclass(frozen=True, slots=True)
class StreamContent:
    """The body of one version; see `stored.Content`."""

    _streams: Streams
    _vault: PodVault
    _stream: bytes
    _opener: StreamOpener
    _size: int

    async def read(self, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """See `stored.Content`."""
        last = self._size - 1 if last is None else last
        width = self._opener.part_bytes
        with self._streams.reading(self._vault.pod, self._stream):
            for number in range(first // width, last // width + 1):
                if number > first // width:
                    await asyncio.sleep(0)  # others get their turn
                sealed = await self._streams.part(self._vault.pod, self._stream, number)
                self._vault.check()
                start = number * width
                yield self._opener.open(number, sealed)[max(0, first - start) : last + 1 - start]
