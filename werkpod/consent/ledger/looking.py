"""Questions to a pod's log: which lines, who looked, what a grant was last used for. Answered from the index.

Who receives is one key: the WebID of somebody else; for an app in the citizen's own name the app; for a link the grant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from werkpod.consent.ledger.chain import LogLine, readable
from werkpod.consent.ledger.index import Facts, Index, Part
from werkpod.consent.ledger.rows import Rows
from werkpod.pod.access.model import AccessEntry
from werkpod.pod.vault import Vault
from werkpod.vocab.sections import section_of

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
    where there was none; `first`, `first_seq`: when and on which line they first read a section. `entry`: one of their
    lines, to name them by."""

    key: str
    entry: Facts
    looks: int
    refused: int
    first_seq: int | None
    first: float | None
    last: float | None


def receiver_key(entry: AccessEntry | Facts, owner: str) -> str:
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
        async for part in self.index.newest_first(pod):
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
        return await self._reads(pod, lambda facts: section_key(facts.path) if facts.grant == grant else None)

    async def read_by(self, pod: str, who: str, owner: str) -> dict[str, tuple[float, float, int]]:
        """What somebody (a key of `Receiver`) read: of each section the first time, the last, and how often."""
        found: dict[str, tuple[float, float, int]] = {}
        async for part in self.index.newest_first(pod):
            for facts, (count, first, last) in zip(part.facts, part.tally, strict=True):
                if (facts.action, facts.outcome) != ("read", "allowed") or receiver_key(facts, owner) != who:
                    continue
                key = section_key(facts.path)
                start, end, before = found.get(key, (part.at[first], 0.0, 0))
                found[key] = min(start, part.at[first]), max(end, part.at[last]), before + count
        return found

    async def _reads(self, pod: str, group: Callable[[Facts], str | None]) -> dict[str, tuple[float, int]]:
        found: dict[str, tuple[float, int]] = {}
        async for part in self.index.newest_first(pod):
            for facts, (count, _, last) in zip(part.facts, part.tally, strict=True):
                if facts.action != "read" or facts.outcome != "allowed" or (key := group(facts)) is None:
                    continue
                at, before = found.get(key, (0.0, 0))
                found[key] = max(at, part.at[last]), before + count
        return found

    async def receivers(self, pod: str, owner: str) -> Sequence[Receiver]:
        """Everybody in the log but the citizen's own acts, who looked last first."""
        found: dict[_Key, _Tally] = {}
        async for part in self.index.newest_first(pod):
            for facts, (count, first, last) in zip(part.facts, part.tally, strict=True):
                if not facts.act:
                    key = _key(facts, owner)
                    tally = found.get(key) or found.setdefault(key, _Tally(facts))
                    tally.add(facts, count, part.numbers[first], part.at[first], part.at[last])
        receivers = [tally.receiver(who) for tally in found.values() if (who := receiver_key(tally.entry, owner))]
        return sorted(receivers, key=lambda receiver: receiver.last or 0.0, reverse=True)


def section_key(path: str) -> str:
    """The key of the section that a path is in, "" for none."""
    section = section_of(path)
    return "" if section is None else section.key


def _matcher(wanted: Wanted, owner: str) -> Callable[[Facts], bool]:
    kinds: Mapping[Kind, Callable[[Facts], bool]] = {
        "looks": lambda facts: facts.outcome == "allowed" and not facts.act,
        "refused": lambda facts: facts.outcome == "refused",
        "acts": lambda facts: facts.act,
    }

    def matches(facts: Facts) -> bool:
        return (
            (wanted.kind is None or kinds[wanted.kind](facts))
            and (wanted.who is None or receiver_key(facts, owner) == wanted.who)
            and (wanted.section is None or (not facts.act and section_key(facts.path) == wanted.section))
            and (wanted.client is None or facts.client == wanted.client)
        )

    return matches


def _found(part: Part, matches: Callable[[Facts], bool], wanted: Wanted, before: int | None) -> list[int]:
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


_Key = tuple[str | None, str | None, str | None]


def _key(facts: Facts, owner: str) -> _Key:
    """`receiver_key`, quicker: a log may have as many combinations as lines."""
    if facts.agent is not None and facts.agent != owner:
        return facts.agent, None, None
    if facts.agent is None and facts.grant is not None:
        return None, None, facts.grant
    return None, facts.client, None


@dataclass(slots=True)
class _Tally:
    """A receiver that is being counted; parts come newest first."""

    entry: Facts
    looks: int = 0
    refused: int = 0
    first_seq: int | None = None
    first: float | None = None
    last: float | None = None

    def add(self, facts: Facts, count: int, seq: int, first: float, last: float) -> None:
        """`count` lines more, from line `seq` on; times of the first and the last of them."""
        if facts.outcome != "allowed":
            self.refused += count * facts.times
            return
        if not self.looks:
            self.entry = facts
        self.looks += count
        looked = facts.action == "read" and section_of(facts.path) is not None
        if looked and (self.first_seq is None or seq < self.first_seq):
            self.first_seq, self.first = seq, first
        if self.last is None or last > self.last:
            self.last = last

    def receiver(self, key: str) -> Receiver:
        """What was counted."""
        return Receiver(key, self.entry, self.looks, self.refused, self.first_seq, self.first, self.last)


__all__ = ["Kind", "Looking", "Receiver", "Wanted", "receiver_key", "section_key"]
