"""Questions to a pod's log: which lines, who looked, what a grant was last used for. Answered from the index.

Who receives is one key: the WebID of somebody else; for an app in the citizen's own name the app; for a link the grant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from werkpod.consent.ledger.chain import LogLine, readable
from werkpod.consent.ledger.index import Facts, Index, Part
from werkpod.consent.ledger.rows import Rows
from werkpod.consent.ledger.totals import Sum, bounds, newest, section_key
from werkpod.pod.access.model import AccessEntry
from werkpod.pod.vault import Vault

Kind = Literal["looks", "refused", "acts"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines; None: all. `since`, `until`: Unix seconds, from the first to just before the second. `who`: a key of
    `Receiver`; `section`: a key of `SECTIONS`, "" for what is in none. `kind`: looks that were let in, what was
    refused, or acts of consent. `client`: through this app alone."""

    since: float | None = None
    until: float | None = None
    who: str | None = None
    section: str | None = None
    kind: Kind | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody in a log. `key`: for `Wanted.who`; `looks`, `refused`: how often; times in Unix seconds, of looks, None
    where there was none; `first`, `first_seq`: when and on which line they first read a section. `entry`: lines of
    theirs, to name them by."""

    key: str
    entry: Sum
    looks: int
    refused: int
    first_seq: int | None
    first: float | None
    last: float | None


@dataclass(frozen=True, slots=True)
class Used:
    """What a grant was used for. `last`: when last to read, Unix seconds; `sections`: keys of what was read; `wrote`:
    whether anything was changed by it."""

    last: float | None = None
    sections: frozenset[str] = frozenset()
    wrote: bool = False


def receiver_key(entry: AccessEntry | Facts | Sum, owner: str) -> str:
    """Who it was: "agent:" and a WebID, "client:" and a client id, or "grant:" and the grant of a link; "" for nobody
    in particular. `owner`: the WebID of whose pod it is."""
    if entry.agent is not None and entry.agent != owner:
        return f"agent:{entry.agent}"
    if entry.agent is None and entry.grant is not None:
        return f"grant:{entry.grant}"
    return f"client:{entry.client}" if entry.client else ""


class Looking:
    """Answers questions about the logs of all pods."""

    def __init__(self, database: Rows, vault: Vault) -> None:
        self._database, self._vault = database, vault
        self.index = Index(database, vault)

    async def search(
        self, pod: str, wanted: Wanted, *, owner: str = "", limit: int = 100, before: int | None = None
    ) -> Sequence[LogLine]:
        """The newest `limit` lines that are wanted, numbered below `before`, newest first. Lines that do not open are
        left out. `owner`: the pod's WebID, where `who` is asked for."""
        numbers: list[int] = []
        matches = _matcher(wanted, owner)
        lines = None
        if (wanted.who, wanted.section, wanted.kind, wanted.client) != (None,) * 4:
            sums = [one for one in await self.index.sums(pod) if matches(one)]
            if wanted.since is None and wanted.until is None:
                return await self.lines(pod, newest(sums, limit, before))
            lines = bounds(sums)
            if lines is None:
                return ()
        if before is not None:
            lines = (lines[0] if lines else 1, min(lines[1] if lines else before, before))
        async for part in self.index.newest_first(pod, since=wanted.since, until=wanted.until, lines=lines):
            numbers += _found(part, matches, wanted, before)[: limit - len(numbers)]
            if len(numbers) >= limit:
                break
        return await self.lines(pod, numbers)

    async def lines(self, pod: str, numbers: Sequence[int]) -> Sequence[LogLine]:
        """The lines with these numbers, in that order."""
        vault = await self._vault.open(pod)
        found: list[LogLine] = []
        for start in range(0, len(numbers), 200):
            some = numbers[start : start + 200]
            places = ", ".join(f"?{place}" for place in range(2, len(some) + 2))
            sql = f"SELECT seq, sealed FROM ledger WHERE pod = ?1 AND seq IN ({places})"  # noqa: S608 - numbers of places
            found += readable(vault, self._database.fetch_now(sql, pod, *some))
        by_number = {line.seq: line for line in found}
        return [by_number[number] for number in numbers if number in by_number]

    async def last_reads(self, pod: str, grants: Collection[str]) -> dict[str, tuple[float, int]]:
        """When each of these grants was last used to read (Unix seconds), and how often; without those never used."""
        wanted = frozenset(grants)
        return await self._reads(pod, lambda facts: facts.grant if facts.grant in wanted else None)

    async def agent_reads(self, pod: str, agents: Collection[str]) -> dict[str, tuple[float, int]]:
        """The same by WebID, whatever it rested on."""
        wanted = frozenset(agents)
        return await self._reads(pod, lambda facts: facts.agent if facts.agent in wanted else None)

    async def sections_read(self, pod: str, grant: str) -> dict[str, tuple[float, int]]:
        """What was read under a grant: of each section (its key; "": what is in none) when last, and how often."""
        return await self._reads(pod, lambda facts: facts.section if facts.grant == grant else None)

    async def read_by(self, pod: str, who: str, owner: str) -> dict[str, tuple[float, float, int]]:
        """What somebody (a key of `Receiver`) read: of each section the first time, the last, and how often."""
        found: dict[str, tuple[float, float, int]] = {}
        for one in await self.index.sums(pod):
            if one.read and receiver_key(one, owner) == who:
                start, end, before = found.get(one.section, (one.first, 0.0, 0))
                found[one.section] = min(start, one.first), max(end, one.last), before + one.lines
        return found

    async def used(self, pod: str, grants: Collection[str]) -> dict[str, Used]:
        """What each of these grants was used for so far; without those that never were."""
        found: dict[str, Used] = {}
        for one in await self.index.sums(pod):
            if one.grant is None or one.grant not in grants or one.outcome != "allowed" or one.act:
                continue
            used = found.get(one.grant) or Used()
            if one.read:
                sections = used.sections | {one.section} if one.section else used.sections
                used = Used(max(used.last or 0.0, one.last), sections, used.wrote)
            elif one.action not in ("subscribe", "notify"):
                used = Used(used.last, used.sections, True)
            found[one.grant] = used
        return found

    async def newest_reads(self, pod: str, parts: int = 4) -> Sequence[tuple[float, Facts]]:
        """Who was let in to read lately without a grant, and where, each once, newest first: of the last `parts` parts
        of the index, some 2,000 lines. Times in Unix seconds."""
        found: dict[tuple[str | None, str], tuple[float, Facts]] = {}
        left = parts
        async for part in self.index.newest_first(pod):
            for facts, (_, _, last) in zip(part.facts, part.tally, strict=True):
                if facts.grant is None and facts.action == "read" and facts.outcome == "allowed":
                    at, _ = found.get((facts.agent, facts.path), (0.0, facts))
                    found[facts.agent, facts.path] = max(at, part.at[last]), facts
            left -= 1
            if not left:
                break
        return sorted(found.values(), key=lambda read: read[0], reverse=True)

    async def _reads(self, pod: str, group: Callable[[Sum], str | None]) -> dict[str, tuple[float, int]]:
        found: dict[str, tuple[float, int]] = {}
        for one in await self.index.sums(pod):
            if one.read and (key := group(one)) is not None:
                at, before = found.get(key, (0.0, 0))
                found[key] = max(at, one.last), before + one.lines
        return found

    async def receivers(self, pod: str, owner: str) -> Sequence[Receiver]:
        """Everybody in the log but the citizen's own acts, who looked last first."""
        found: dict[str, _Tally] = {}
        for one in await self.index.sums(pod):
            if one.act:
                continue
            key = receiver_key(one, owner)
            (found.get(key) or found.setdefault(key, _Tally(one))).add(one)
        receivers = [tally.receiver(key) for key, tally in found.items() if key]
        return sorted(receivers, key=lambda receiver: receiver.last or 0.0, reverse=True)


def _section(facts: Facts | Sum) -> str:
    return facts.section if isinstance(facts, Sum) else section_key(facts.path)


def _is(facts: Facts | Sum, kind: Kind) -> bool:
    if kind == "refused":
        return facts.outcome == "refused"
    return facts.act == (kind == "acts") and (kind == "acts" or facts.outcome == "allowed")


def _matcher(wanted: Wanted, owner: str) -> Callable[[Facts | Sum], bool]:
    """Whether facts, or a sum, are wanted."""

    def matches(facts: Facts | Sum) -> bool:
        return (
            (wanted.kind is None or _is(facts, wanted.kind))
            and (wanted.client is None or facts.client == wanted.client)
            and (wanted.who is None or receiver_key(facts, owner) == wanted.who)
            and (wanted.section is None or (not facts.act and _section(facts) == wanted.section))
        )

    return matches


def _found(part: Part, matches: Callable[[Facts | Sum], bool], wanted: Wanted, before: int | None) -> list[int]:
    """The numbers of the lines of a part that are wanted, newest first."""
    fit = [matches(facts) for facts in part.facts]
    if not any(fit):
        return []
    since = wanted.since if wanted.since is not None else float("-inf")
    until = wanted.until if wanted.until is not None else float("inf")
    numbers = [
        number
        for number, which, at in zip(part.numbers, part.which, part.at, strict=True)
        if fit[which] and since <= at < until and (before is None or number < before)
    ]
    return numbers[::-1]


@dataclass(slots=True)
class _Tally:
    """A receiver that is being counted. `entry`: a sum to name them by, of looks the last."""

    entry: Sum
    looks: int = 0
    refused: int = 0
    first_seq: int | None = None
    first: float | None = None
    last: float | None = None

    def add(self, one: Sum) -> None:
        """A sum more."""
        if one.outcome != "allowed":
            self.refused += one.times
            return
        if self.last is None or one.last > self.last:
            self.entry, self.last = one, one.last
        self.looks += one.lines
        if one.read and one.section and (self.first_seq is None or one.numbers[0] < self.first_seq):
            self.first_seq, self.first = one.numbers[0], one.first

    def receiver(self, key: str) -> Receiver:
        """What was counted."""
        return Receiver(key, self.entry, self.looks, self.refused, self.first_seq, self.first, self.last)


__all__ = ["Kind", "Looking", "Receiver", "Used", "Wanted", "receiver_key", "section_key"]
