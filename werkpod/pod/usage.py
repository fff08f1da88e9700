"""What each pod uses of what it may: one counter a pod, changed in the unit of every write.

Bytes of bodies, as they were sent, are counted, and `ROW` for each resource; nothing is walked. A unit that would go
over what is allowed is rolled back whole, so that writes at the same time cannot pass it together. Access rules are
counted and let in where there is no room, up to so many bytes of them: who has no room left must still be able to stop
sharing.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import cast

from werkpod.pod.errors import OverQuota
from werkpod.pod.store.protocol import Database, Statement

QUOTA = 1 << 30
"""Bytes that a pod may use where nothing else is said."""
ROW = 512
"""Bytes that every document, container and auxiliary counts for beside its body: about what its row takes, so that
empty ones fill a pod too. It is in the counters that are stored: another number needs a migration (`migrations/pods`).
"""
RULES = 16 << 20
"""Bytes of access rules and descriptions up to which there is room for access rules in a pod that is full."""

_USED = "SELECT bytes, COALESCE(allowed, ?2) FROM usage WHERE pod = ?1"
_ADD = """INSERT INTO usage (pod, bytes) VALUES (?1, ?2)
    ON CONFLICT (pod) DO UPDATE SET bytes = usage.bytes + excluded.bytes"""
_ADD_WITHIN = """INSERT INTO usage (pod, bytes)
    SELECT ?1, ?2 WHERE ?2 <= ?3 OR EXISTS (SELECT 1 FROM usage WHERE pod = ?1)
    ON CONFLICT (pod) DO UPDATE SET bytes = usage.bytes + excluded.bytes
    WHERE usage.bytes + excluded.bytes <= COALESCE(usage.allowed, ?3)"""
_TAKE_DELETED = """UPDATE usage SET bytes = bytes - (SELECT COALESCE(SUM(size + ?3), 0) FROM resource
    WHERE pod = ?1 AND (id = ?2 OR subject = ?2)) WHERE pod = ?1"""
_RULES = "SELECT COALESCE(SUM(size + ?2), 0) FROM resource WHERE pod = ?1 AND subject IS NOT NULL"
_ALLOW = "INSERT INTO usage (pod, bytes, allowed) VALUES (?1, 0, ?2) ON CONFLICT (pod) DO UPDATE SET allowed = ?2"
_WRONG = """SELECT pod, SUM(bytes), SUM(counted) FROM (
    SELECT pod, bytes, 0 AS counted FROM usage UNION ALL SELECT pod, 0, size + ?1 FROM resource)
    GROUP BY pod HAVING SUM(bytes) <> SUM(counted)"""
_MEND = """INSERT INTO usage (pod, bytes) SELECT ?1, COALESCE(SUM(size + ?2), 0) FROM resource WHERE pod = ?1
    ON CONFLICT (pod) DO UPDATE SET bytes = excluded.bytes"""


@dataclass(frozen=True, slots=True)
class Used:
    """What a pod uses and what it may use, in bytes."""

    bytes: int
    allowed: int


@dataclass(frozen=True, slots=True)
class Miscount:
    """A counter that is not what its resources add up to, both in bytes."""

    pod: str
    counter: int
    counted: int


class Usage:
    """The counters of all pods. `quota`: bytes that a pod may use where nothing was set for it."""

    def __init__(self, database: Database, quota: int = QUOTA) -> None:
        self._database, self._quota = database, quota
        self._coming: dict[str, int] = {}

    async def of(self, pod: str) -> Used:
        """What a pod uses and may use."""
        rows = await self._database.fetch(_USED, pod, self._quota)
        return Used(*cast("tuple[int, int]", rows[0])) if rows else Used(0, self._quota)

    async def allow(self, pod: str, allowed: int | None) -> None:
        """Set what a pod may use, in bytes; None: what the server allows. Less than what is used stops only adding."""
        await self._database.write(Statement(_ALLOW, (pod, allowed)))

    async def check(self, pod: str, more: int) -> None:
        """Raise OverQuota where `more` bytes do not fit."""
        used = await self.of(pod)
        if more > 0 and used.bytes + more > used.allowed:
            raise _over(used)

    async def check_rules(self, pod: str, more: int) -> None:
        """Raise OverQuota where `more` bytes of access rules do not fit, and there are many in this pod already."""
        used = await self.of(pod)
        if more > 0 and used.bytes + more > used.allowed:
            ((rules,),) = await self._database.fetch(_RULES, pod, ROW)
            if cast("int", rules) + more > RULES:
                raise _over(used)

    async def room(self, pod: str, replaces: int, length: int | None = None) -> Room:
        """Room for a body that is coming in, in the place of one of `replaces` bytes.

        `length`: bytes that it is said to have. Raises OverQuota where those do not fit.
        """
        room = Room(pod, await self.of(pod), replaces, self._coming)
        room.check(length or 0)
        return room

    async def miscounts(self) -> list[Miscount]:
        """The counters that are wrong; reads every resource's row."""
        rows = await self._database.fetch(_WRONG, ROW)
        return [Miscount(*cast("tuple[str, int, int]", row)) for row in rows]

    async def recount(self, pod: str) -> None:
        """Set the counter of a pod to what its resources add up to, in one unit."""
        await self._database.write(Statement(_MEND, (pod, ROW)))

    def change(self, pod: str, more: int, *, limited: bool = True) -> list[Statement]:
        """The statement that counts `more` bytes (fewer where negative). It loses where `limited` and over."""
        if not more:
            return []
        if more > 0 and limited:
            return [Statement(_ADD_WITHIN, (pod, more, self._quota), rows=1)]
        return [Statement(_ADD, (pod, more), rows=1)]


class Room:
    """What one body that is coming in takes, together with the others of its pod that are coming in here."""

    def __init__(self, pod: str, used: Used, replaces: int, coming: dict[str, int]) -> None:
        self._pod, self._used, self._replaces, self._coming = pod, used, replaces, coming
        self._taken = 0

    def check(self, more: int) -> None:
        """Raise OverQuota where `more` bytes do not fit. In a pod that is over, what is no larger than before does."""
        coming, used = self._coming.get(self._pod, 0), self._used
        if more > 0 and used.bytes + coming + more - self._replaces > max(used.allowed, used.bytes):
            raise _over(used)

    def take(self, more: int) -> None:
        """Count `more` bytes. Raises OverQuota."""
        self.check(more)
        self._taken += more
        self._coming[self._pod] = self._coming.get(self._pod, 0) + more

    def __enter__(self) -> Room:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        left = self._coming.get(self._pod, 0) - self._taken
        if left > 0:
            self._coming[self._pod] = left
        else:
            self._coming.pop(self._pod, None)


def deleted(pod: str, resource: bytes) -> Statement:
    """The statement that takes off what a resource and its auxiliaries count for; before they are deleted."""
    return Statement(_TAKE_DELETED, (pod, resource, ROW))


def _over(used: Used) -> OverQuota:
    return OverQuota(
        f"There is no room for this: {used.bytes} of the {used.allowed} bytes of this pod are in use. "
        "Delete something first, or send less.",
        used=used.bytes,
        allowed=used.allowed,
    )
