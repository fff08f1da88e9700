"""What a whole log comes to: of each asker, grant, section and outcome how many lines, when first and when last.

A log has very many lines and few of such sums, so what a page asks (who looked at all, when was this grant last used,
who is new) is answered from them. They are made of the parts of the index, and kept sealed beside those.
"""

from __future__ import annotations

import bisect
import heapq
import itertools
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from werkpod.pod.errors import IntegrityError
from werkpod.vocab.sections import section_of

if TYPE_CHECKING:
    from werkpod.consent.ledger.index import Part


@dataclass(slots=True)
class Sum:
    """Lines that have these in common. `section`: a key, "" for none; `lines`: how many; `times`: how many refusals
    they stand for; `numbers`: of each line, oldest first; `first`, `last`: when, in Unix seconds."""

    agent: str | None
    client: str | None
    grant: str | None
    action: str
    outcome: str
    section: str
    lines: int
    times: int
    first: float
    last: float
    numbers: array[int]

    @property
    def act(self) -> bool:
        """Whether it is something that was done with what is shared, rather than a look."""
        return ":" in self.action

    @property
    def read(self) -> bool:
        """Whether these were let in to read."""
        return self.action == "read" and self.outcome == "allowed"


class _Row(msgspec.Struct, array_like=True):
    """A sum as it is sealed: `numbers` of 32 bits each."""

    agent: str | None
    client: str | None
    grant: str | None
    action: str
    outcome: str
    section: str
    lines: int
    times: int
    first: float
    last: float
    numbers: bytes

    @classmethod
    def of(cls, s: Sum) -> _Row:
        return cls(
            s.agent, s.client, s.grant, s.action, s.outcome, s.section, s.lines, s.times, s.first, s.last,
            s.numbers.tobytes(),
        )  # fmt: skip

    def sum(self) -> Sum:
        return Sum(
            self.agent, self.client, self.grant, self.action, self.outcome, self.section, self.lines, self.times,
            self.first, self.last, array("I", self.numbers),
        )  # fmt: skip


class _Kept(msgspec.Struct, array_like=True):
    parts: int
    spans: bytes
    sums: list[_Row]


class Totals:
    """The sums of the first `parts` parts of a log. `kept`: how many parts those had that are in the database."""

    def __init__(self) -> None:
        self.parts = 0
        self.kept = 0
        self._spans = array("d")
        self._sums: dict[tuple[str | None, ...], Sum] = {}

    @classmethod
    def read(cls, plain: bytes) -> Totals:
        """Those that are kept. Raises IntegrityError."""
        try:
            kept = msgspec.msgpack.decode(plain, type=_Kept)
            sums = [row.sum() for row in kept.sums]
            spans = array("d", kept.spans)
        except (msgspec.DecodeError, ValueError) as error:
            raise IntegrityError("The sums of an access log cannot be read") from error
        totals = cls()
        totals.parts = totals.kept = kept.parts
        totals._spans = spans
        totals._sums = {(s.agent, s.client, s.grant, s.action, s.outcome, s.section): s for s in sums}
        return totals

    def plain(self) -> bytes:
        """What is sealed."""
        rows = [_Row.of(one) for one in self._sums.values()]
        return msgspec.msgpack.encode(_Kept(self.parts, self._spans.tobytes(), rows))

    def __len__(self) -> int:
        return len(self._sums)

    def sums(self) -> list[Sum]:
        """All of them."""
        return list(self._sums.values())

    def add(self, part: Part) -> None:
        """Count the next part."""
        self.parts += 1
        self._spans.extend((min(part.at, default=0.0), max(part.at, default=0.0)))
        sections, sums = dict[str, str](), list[Sum]()
        for facts, (count, first, last) in zip(part.facts, part.tally, strict=True):
            if (section := sections.get(facts.path)) is None:
                section = sections[facts.path] = section_key(facts.path)
            key = facts.agent, facts.client, facts.grant, facts.action, facts.outcome, section
            known = self._sums.get(key)
            if known is None:
                known = self._sums[key] = Sum(*key, 0, 0, part.at[first], part.at[last], array("I"))
            known.lines += count
            known.times += count * facts.times
            known.first = min(known.first, part.at[first])
            known.last = max(known.last, part.at[last])
            sums.append(known)
        for fact, number in zip(part.which, part.numbers, strict=True):
            sums[fact].numbers.append(number)

    def within(self, number: int, since: float | None, until: float | None) -> bool:
        """Whether a part has a line from `since` to before `until`; True also where it is not counted yet."""
        if number >= self.parts:
            return True
        first, last = self._spans[2 * number], self._spans[2 * number + 1]
        return (since is None or last >= since) and (until is None or first < until)


def newest(sums: Iterable[Sum], limit: int, before: int | None) -> list[int]:
    """The numbers of the newest `limit` lines of some sums below `before`, newest first."""
    found = []
    for one in sums:
        end = len(one.numbers) if before is None else bisect.bisect_left(one.numbers, before)
        if end:
            found.append(itertools.islice(reversed(one.numbers), len(one.numbers) - end, None))
    return list(itertools.islice(heapq.merge(*found, reverse=True), limit))


def bounds(sums: Iterable[Sum]) -> tuple[int, int] | None:
    """The numbers of the first and the last line of some sums; None where there is no line."""
    found = [(one.numbers[0], one.numbers[-1]) for one in sums]
    return (min(first for first, _ in found), max(last for _, last in found)) if found else None


def section_key(path: str) -> str:
    """The key of the section that a path is in, "" for none."""
    section = section_of(path)
    return "" if section is None else section.key


__all__ = ["Sum", "Totals", "bounds", "newest", "section_key"]
