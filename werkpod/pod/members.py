"""Members of containers: what is known of each is kept, and only what changed is read again.

A member's row says at which version of its container it last changed (`touched`). Who knows the members of one version
reads, in one statement, the version of now, how many members there are and the rows that changed since; where the
numbers differ, something was deleted, and the ids are gone through. What is kept therefore never differs from what is
stored, whoever wrote it, and a change of one member in ten thousand costs the reading of one row.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import cast
from weakref import WeakValueDictionary

from werkpod.pod import units
from werkpod.pod.errors import StoreFailure
from werkpod.pod.opened import OpenPod
from werkpod.pod.store.protocol import Database, Row, Value
from werkpod.pod.stored import Child, Head
from werkpod.pod.units import HeadRow
from werkpod.pod.vault import Vault

_AT_ONCE = 200
"""Members read, opened and written out before other requests get their turn: 1 to 2 ms."""
_KEPT = 40_000  # members, of all pods together, about 1 KB each
_TRIES = 50

Write = Callable[[Child], tuple[str, str]]
"""What a listing says of a member: its reference, and its own lines."""


class Entry:
    """A member, and what a listing says of it once that was asked for. Replaced when the member changes."""

    __slots__ = ("child", "lines", "reference")

    def __init__(self, child: Child) -> None:
        self.child, self.reference, self.lines = child, "", ""


class _Known:
    """The members of one container as they were at one version."""

    def __init__(self, stamp: bytes) -> None:
        self.stamp, self.version = stamp, -1
        self.paths: list[str] = []
        self.by_path: dict[str, Entry] = {}
        self.path_of: dict[bytes, str] = {}

    def take(self, found: Sequence[tuple[bytes, Child]]) -> None:
        """Members that are new or changed. A member's path never changes: its id is made of it."""
        fresh = []
        for identity, child in found:
            if child.path not in self.by_path:
                fresh.append(child.path)
                self.path_of[identity] = child.path
            self.by_path[child.path] = Entry(child)
        if len(fresh) == 1:
            self.paths.insert(bisect_left(self.paths, fresh[0]), fresh[0])
        elif fresh:
            self.paths += sorted(fresh)
            self.paths.sort()  # two runs: a merge

    def keep(self, there: set[bytes]) -> None:
        """Drop what is not there any more."""
        for identity in [identity for identity in self.path_of if identity not in there]:
            path = self.path_of.pop(identity)
            del self.by_path[path]
            del self.paths[bisect_left(self.paths, path)]


class Members:
    """The members of the containers of all pods. What is kept of a pod is forgotten with its keys."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._kept = vault.memory(_KEPT)
        self._locks: WeakValueDictionary[tuple[str, bytes], asyncio.Lock] = WeakValueDictionary()

    async def of(self, opened: OpenPod, path: str, write: Write | None = None) -> tuple[Head, list[Entry]] | None:
        """A container and its members by path, both of one version; None where there is no such container.

        With `write` the entries have their lines. Raises IntegrityError.
        """
        pod, row = opened.vault.pod, opened.id(path)
        lock = self._locks.setdefault((pod, row), asyncio.Lock())
        async with lock:
            known: _Known | None = self._kept.get((pod, row))
            for _ in range(_TRIES):
                found = await self._changes(pod, row, known)
                if found is None:
                    return None
                head = opened.head(row, found[0])
                if head.path != path:
                    return None
                if known is None or known.stamp != found[0].stamp:
                    known = await self._load(opened, path, row, found[0])
                    continue
                known.take([(cast("bytes", each[0]), opened.child(path, each)) for each in found[2]])
                known.version = head.version
                if len(known.paths) != found[1]:
                    known.keep(await self._ids(pod, row))
                    await asyncio.sleep(0)
                elif write is None or await _written(known, write):
                    self._kept.put((pod, row), known, cost=len(known.paths) + 1)
                    return head, [known.by_path[each] for each in known.paths]
        raise StoreFailure("This container was changed each time that it was read; try again")

    async def _changes(self, pod: str, row: bytes, known: _Known | None) -> tuple[HeadRow, int, list[Row]] | None:
        """The container's row, how many members it has and those that changed since, in one state; None: none such."""
        if known is None:
            rows = await self._database.fetch(units.HEAD, pod, row)
            return (HeadRow(*rows[0]), 0, []) if rows else None  # type: ignore[arg-type]
        rows = await self._database.fetch(units.CHANGED_MEMBERS, pod, row, known.version)
        if not rows:
            return None
        head, count = HeadRow(*rows[0][:6]), cast("int", rows[0][6])  # type: ignore[arg-type]
        return head, count, [each[7:] for each in rows if each[7] is not None]

    async def _load(self, opened: OpenPod, path: str, row: bytes, found: HeadRow) -> _Known:
        """All members, a page at a time. What changes meanwhile has a higher number, and is read after that."""
        known = _Known(found.stamp)
        last: Sequence[Value] = (-1, b"")
        while True:
            rows = await self._database.fetch(units.MEMBERS, opened.vault.pod, row, *last, _AT_ONCE)
            known.take([(cast("bytes", each[1]), opened.child(path, each[1:])) for each in rows])
            if len(rows) < _AT_ONCE:
                known.version = found.version
                return known
            last = rows[-1][:2]
            await asyncio.sleep(0)

    async def _ids(self, pod: str, row: bytes) -> set[bytes]:
        there: set[bytes] = set()
        last: Sequence[Value] = (-1, b"")
        while True:
            rows = await self._database.fetch(units.MEMBER_IDS, pod, row, *last, 10 * _AT_ONCE)
            there.update(cast("bytes", each[1]) for each in rows)
            if len(rows) < 10 * _AT_ONCE:
                return there
            last = rows[-1]
            await asyncio.sleep(0)


async def _written(known: _Known, write: Write) -> bool:
    """Write out what was not yet; False where that took turns, in which something may have changed."""
    count = 0
    for entry in known.by_path.values():
        if not entry.reference:
            entry.reference, entry.lines = write(entry.child)
            count += 1
            if count % _AT_ONCE == 0:
                await asyncio.sleep(0)
    return count < _AT_ONCE
