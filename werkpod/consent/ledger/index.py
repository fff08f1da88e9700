"""What makes a log quick to look up: for each `SIZE` lines a sealed summary of what they say (record 31).

A part names each combination of (what, where, outcome, who, ...) once, and says for each line which it was and when. So
a question is answered by looking at a few combinations in each part, and only the lines that are shown are opened.
Parts are made of the lines, lazily and by a chore, never on the way of a request to a pod. What all parts come to is
kept beside them (`totals.py`), so that few of them have to be opened.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import cast
from weakref import WeakValueDictionary

import msgspec

from werkpod.consent.ledger.chain import LogLine, readable
from werkpod.consent.ledger.rows import PART, Rows
from werkpod.consent.ledger.totals import Sum, Totals
from werkpod.pod.access.model import AccessEntry
from werkpod.pod.errors import IntegrityError, PodUnavailable
from werkpod.pod.store import Statement
from werkpod.pod.vault import PodVault, Vault

SIZE = PART
"""Lines in a part."""
SECONDS = 60.0
"""How often the chore looks for parts that were filled."""
_KEPT = 60_000  # facts of parts that are kept in memory, some 450 bytes each
_SUMS = 60_000  # sums that are kept in memory, some 400 bytes each
_TOTALS = -1  # the number under which totals are kept
_TOTALS_AFTER = 16  # parts more than those that are kept: then they are kept anew; where there are very many, an eighth
_TOTALS_MOST = 20_000  # sums that are kept in the database: some 3 MB, 10 ms
_AT_ONCE = 2  # parts that are opened before others get their turn: at worst some 8 ms
_LINES = "SELECT seq, sealed FROM ledger WHERE pod = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq"
_LAST = "SELECT seq FROM ledger WHERE pod = ?1 ORDER BY seq DESC LIMIT 1"
_PARTS = "SELECT part FROM ledger_index WHERE pod = ?1 AND part >= 0 ORDER BY part DESC LIMIT 1"
_PART = "SELECT sealed FROM ledger_index WHERE pod = ?1 AND part = ?2"
_KEEP = (
    "INSERT INTO ledger_index (pod, part, sealed) VALUES (?1, ?2, ?3)"
    " ON CONFLICT (pod, part) DO UPDATE SET sealed = excluded.sealed"
)


class Facts(msgspec.Struct, frozen=True, array_like=True):
    """What several lines have in common: all but the time, the purpose and the reason."""

    action: str
    path: str
    outcome: str
    agent: str | None
    client: str | None
    grant: str | None
    version: int
    by: str | None
    times: int

    @classmethod
    def of(cls, entry: AccessEntry) -> Facts:
        """The facts of a line."""
        return cls(
            entry.action, entry.path, entry.outcome, entry.agent, entry.client, entry.grant, entry.version, entry.by,
            entry.times,
        )  # fmt: skip

    @property
    def act(self) -> bool:
        """Whether it is something that was done with what is shared, rather than a look."""
        return ":" in self.action


class _Kept(msgspec.Struct, array_like=True):
    """A part as it is sealed: `which` of the facts each line has (16 bits each), and `at` (64-bit floats)."""

    facts: list[Facts]
    which: bytes
    at: bytes


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines in a row. `which`, `at`, `numbers` have one value a line; `tally`: of each fact how many lines, and
    the places of the first and the last of them in the part."""

    facts: Sequence[Facts]
    which: array[int]
    at: array[float]
    numbers: Sequence[int]
    tally: Sequence[tuple[int, int, int]]

    @classmethod
    def of(cls, lines: Sequence[LogLine]) -> Part:
        """The part of these lines, which are in order."""
        known: dict[Facts, int] = {}
        which = array("H", (known.setdefault(Facts.of(line.entry), len(known)) for line in lines))
        numbers = [line.seq for line in lines]
        return cls(
            list(known), which, array("d", (line.entry.at for line in lines)), numbers, _tally(which, len(known))
        )

    @classmethod
    def read(cls, plain: bytes, first: int) -> Part:
        """A part whose first line has the number `first`. Raises IntegrityError."""
        try:
            kept = msgspec.msgpack.decode(plain, type=_Kept)
        except msgspec.DecodeError as error:
            raise IntegrityError("A part of the index of an access log cannot be read") from error
        which, at = array("H", kept.which), array("d", kept.at)
        return cls(kept.facts, which, at, range(first, first + len(which)), _tally(which, len(kept.facts)))

    def plain(self) -> bytes:
        """What is sealed."""
        return msgspec.msgpack.encode(_Kept(list(self.facts), self.which.tobytes(), self.at.tobytes()))


def _tally(which: Sequence[int], facts: int) -> list[tuple[int, int, int]]:
    counts, first, last = [0] * facts, [-1] * facts, [-1] * facts
    for place, fact in enumerate(which):
        counts[fact] += 1
        last[fact] = place
        if first[fact] < 0:
            first[fact] = place
    return list(zip(counts, first, last, strict=True))


class Index:
    """The parts of all pods."""

    def __init__(self, database: Rows, vault: Vault) -> None:
        self._database, self._vault = database, vault
        self._parts = vault.memory(_KEPT)
        self._totals = vault.memory(_SUMS)
        self._making: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def newest_first(
        self, pod: str, *, since: float | None = None, until: float | None = None, lines: tuple[int, int] | None = None
    ) -> AsyncIterator[Part]:
        """All lines of a pod in parts, the newest part first; in each the oldest line first. Lines that do not open are
        left out. Parts without a line between `since` and `until` (Unix seconds), or with a number between those of
        `lines`, may be left out. Raises PodUnavailable."""
        vault = await self._vault.open(pod)
        full = await self.catch_up(pod)
        totals = await self._whole(vault, full) if since is not None or until is not None else Totals()
        rest = self._rest(vault, full)
        if rest is not None:
            yield rest
        first, last = (0, full) if lines is None else ((lines[0] - 1) // SIZE, (lines[1] - 1) // SIZE + 1)
        opened = 0
        for number in range(min(last, full) - 1, first - 1, -1):
            if not totals.within(number, since, until):
                continue
            opened += 1
            if opened % _AT_ONCE == 0:
                await asyncio.sleep(0)  # others are served in between
            yield self._part(vault, number)

    async def sums(self, pod: str) -> Sequence[Sum]:
        """What the log of a pod comes to; those of the newest lines apart. Raises PodUnavailable."""
        vault = await self._vault.open(pod)
        full = await self.catch_up(pod)
        found = (await self._whole(vault, full)).sums()
        rest = self._rest(vault, full)
        if rest is not None:
            newest = Totals()
            newest.add(rest)
            found += newest.sums()
        return found

    async def behind(self, pod: str) -> int:
        """How many parts are still to be made."""
        start, full = self._made(pod)
        return full - start

    async def keep_up(self) -> None:
        """Make the parts that this process filled (a chore), so that no page has to."""
        while self._database.full:
            pod = self._database.full.pop()
            try:
                await self.sums(pod)
            except PodUnavailable:  # erased meanwhile
                continue

    async def catch_up(self, pod: str) -> int:
        """Make the parts that are wanting; how many there are."""
        vault = await self._vault.open(pod)
        start, full = self._made(pod)
        if start == full:
            return full
        lock = self._making.setdefault(pod, asyncio.Lock())
        async with lock:  # a second one finds them made
            start, full = self._made(pod)
            for number in range(start, full):
                self._make(vault, number)
                await asyncio.sleep(0)
        return full

    def _made(self, pod: str) -> tuple[int, int]:
        """How many parts there are, and how many there could be."""
        kept = self._database.fetch_now(_PARTS, pod)
        start = int(cast(int, kept[0][0])) + 1 if kept else 0
        last = self._database.fetch_now(_LAST, pod)
        return start, max(start, int(cast(int, last[0][0])) // SIZE if last else 0)

    async def _whole(self, vault: PodVault, full: int) -> Totals:
        """The totals of at least `full` parts."""
        totals: Totals | None = self._totals.get((vault.pod,))
        if totals is not None and totals.parts >= full:
            return totals
        async with self._making.setdefault(vault.pod, asyncio.Lock()):  # they change nowhere else
            totals = self._totals.get((vault.pod,))
            if totals is None:
                totals = await self._kept_totals(vault)
            for number in range(totals.parts, full):
                totals.add(self._part(vault, number))
                if number % _AT_ONCE == 0:
                    await asyncio.sleep(0)
            await self._vault.open(vault.pod)  # nothing is remembered of one that was erased meanwhile
            self._totals.put((vault.pod,), totals, cost=len(totals) + 1)
            if totals.parts - totals.kept >= max(_TOTALS_AFTER, totals.kept // 8) and len(totals) <= _TOTALS_MOST:
                plain = await asyncio.to_thread(totals.plain)
                sealed = vault.seal_entry(_row(_TOTALS), plain)
                self._database.execute_now(Statement(_KEEP, (vault.pod, _TOTALS, sealed)))
                totals.kept = totals.parts
        return totals

    async def _kept_totals(self, vault: PodVault) -> Totals:
        rows = self._database.fetch_now(_PART, vault.pod, _TOTALS)
        try:
            plain = vault.open_entry(_row(_TOTALS), cast(bytes, rows[0][0])) if rows else None
            return Totals() if plain is None else await asyncio.to_thread(Totals.read, plain)
        except IntegrityError:  # it was made of the parts, so it can be made again
            return Totals()

    def _rest(self, vault: PodVault, full: int) -> Part | None:
        """The lines after the last whole part."""
        last = self._database.fetch_now(_LAST, vault.pod)
        place = full, cast(int, last[0][0]) if last else 0
        known: tuple[tuple[int, int], Part] | None = self._parts.get((vault.pod, "rest"))
        if known is not None and known[0] == place:
            return known[1]
        lines = readable(vault, self._database.fetch_now(_LINES, vault.pod, full * SIZE, full * SIZE + SIZE))
        if not lines:
            return None
        part = Part.of(lines)
        self._parts.put((vault.pod, "rest"), (place, part), cost=len(part.facts) + 16)
        return part

    def _part(self, vault: PodVault, number: int) -> Part:
        known: Part | None = self._parts.get((vault.pod, number))
        if known is not None:
            return known
        rows = self._database.fetch_now(_PART, vault.pod, number)
        try:
            plain = vault.open_entry(_row(number), cast(bytes, rows[0][0])) if rows else None
            part = None if plain is None else Part.read(plain, number * SIZE + 1)
        except IntegrityError:  # it was made of the lines, so it can be made again
            part = None
        return self._make(vault, number) if part is None else self._remember(vault, number, part)

    def _make(self, vault: PodVault, number: int) -> Part:
        """Make a part; it is kept where all its lines are there."""
        rows = self._database.fetch_now(_LINES, vault.pod, number * SIZE, number * SIZE + SIZE)
        part = Part.of(readable(vault, rows))
        if len(part.numbers) < SIZE:
            return part
        sealed = vault.seal_entry(_row(number), part.plain())
        self._database.execute_now(Statement(_KEEP, (vault.pod, number, sealed)))
        return self._remember(vault, number, part)

    def _remember(self, vault: PodVault, number: int, part: Part) -> Part:
        found: Part = self._parts.put((vault.pod, number), part, cost=len(part.facts) + 16)
        return found


def _row(number: int) -> str:
    """What a part is sealed for: lines have a bare number."""
    return f"part/{number}"
