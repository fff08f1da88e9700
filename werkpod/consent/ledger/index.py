"""What makes a log quick to look up: for each `SIZE` lines a sealed summary of what they say (record 31).

A part names each combination of (what, where, outcome, who, ...) once, and says for each line which it was and when. So
a question is answered by looking at a few combinations in each part, and only the lines that are shown are opened.
Parts are made of the lines, lazily and by a chore, never on the way of a request to a pod.
"""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import cast

import msgspec

from werkpod.consent.ledger.chain import LogLine, readable
from werkpod.consent.ledger.rows import Rows
from werkpod.pod.access.model import AccessEntry
from werkpod.pod.errors import IntegrityError
from werkpod.pod.store import Statement
from werkpod.pod.vault import PodVault, Vault

SIZE = 512
"""Lines in a part."""
_KEPT = 1024  # parts kept in memory, some 8 KB each
_LINES = "SELECT seq, sealed FROM ledger WHERE pod = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq"
_LAST = "SELECT seq FROM ledger WHERE pod = ?1 ORDER BY seq DESC LIMIT 1"
_PARTS = "SELECT part FROM ledger_index WHERE pod = ?1 ORDER BY part DESC LIMIT 1"
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

    async def newest_first(self, pod: str) -> AsyncIterator[Part]:
        """All lines of a pod in parts, the newest part first; in each the oldest line first. Lines that do not open are
        left out. Raises PodUnavailable."""
        vault = await self._vault.open(pod)
        full = await self.catch_up(pod)
        lines = readable(vault, self._database.fetch_now(_LINES, pod, full * SIZE, full * SIZE + SIZE))
        if lines:
            yield Part.of(lines)
        for number in range(full - 1, -1, -1):
            if number % 64 == 63:
                await asyncio.sleep(0)  # others are served in between
            yield self._part(vault, number)

    async def catch_up(self, pod: str) -> int:
        """Make the parts that are wanting; how many there are."""
        vault = await self._vault.open(pod)
        kept = self._database.fetch_now(_PARTS, pod)
        start = int(cast(int, kept[0][0])) + 1 if kept else 0
        last = self._database.fetch_now(_LAST, pod)
        full = max(start, int(cast(int, last[0][0])) // SIZE if last else 0)
        for number in range(start, full):
            self._make(vault, number)
            await asyncio.sleep(0)
        return full

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
        found: Part = self._parts.put((vault.pod, number), part)
        return found


def _row(number: int) -> str:
    """What a part is sealed for: lines have a bare number."""
    return f"part/{number}"
