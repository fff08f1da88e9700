"""Wie kan nu wat zien: what is gathered for the list, by page, by receiver and by section.

A pod may have thousands of grants, so the list is read in pieces, newest first: a page costs what is on it. Only a
filter, and stopping all of one receiver, look further.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard import wording
from werkpod.consent.dashboard.parts import DashboardParts
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.grants import GrantRecord
from werkpod.consent.links import ShareLink

PAGE = 25
"""Grants on a page of the list."""
CHUNK = 200
"""Grants that are read at a time."""
RECEIVERS = 50
"""Receivers that the page offers to choose from; each line leads to its own receiver all the same."""


@dataclass(frozen=True, slots=True)
class Row:
    """One grant in the list, in words. `last_read`: Unix seconds; `times`: how often it was read, 0 also where
    that is not counted; `link`: the link, where it is one."""

    grant: GrantRecord
    name: str
    who: str
    what: str
    may: str
    until: str
    partly: bool
    last_read: float | None = None
    link: ShareLink | None = None
    times: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """One receiver with what is shared with it, on this page. `key` names the receiver in addresses of pages."""

    key: str
    name: str
    who: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the list. `older`: where the next part begins, None: there is none."""

    groups: tuple[Group, ...]
    older: str | None

    @property
    def rows(self) -> tuple[Row, ...]:
        """All lines, in order."""
        return tuple(row for group in self.groups for row in group.rows)


def receiver_key(grant: GrantRecord) -> str:
    """What names the receiver of a grant in the addresses of the citizen's pages: no name or WebID stands there.

    A person or organisation is the same whatever app they use; an app is one receiver; each link is one of its own.
    """
    if grant.link is not None:
        return key_of("link", grant.id)
    if grant.receiver_kind in ("app", "tool"):
        return key_of("client", grant.client or "")
    return agent_key(grant.agent or grant.client or "")


def agent_key(webid: str) -> str:
    """The same for somebody of whom only the WebID is known: an access rule names nothing more."""
    return key_of("agent", webid)


def key_of(kind: str, value: str) -> str:
    """The key of a receiver: `kind` is "agent" (a WebID), "client" (a client id) or "link" (the id of its grant)."""
    return hashlib.sha256(f"werkpod/receiver/{kind}\n{value}".encode()).hexdigest()[:20]


class Picture:
    """What one citizen shares, in the language of the page."""

    def __init__(self, parts: DashboardParts, account: Account, lang: str, say: Say) -> None:
        self._parts, self._account, self._lang, self._say = parts, account, lang, say
        self._links: Mapping[str, ShareLink] | None = None

    async def part(self, *, receiver: str = "", section: str = "", before: str | None = None) -> Part:
        """A page of what is shared now: of one receiver, of one section, older than the grant `before`."""
        found: list[GrantRecord] = []
        async for grant in self.active(before):
            if (receiver and receiver_key(grant) != receiver) or (section and not about(grant, section)):
                continue
            found.append(grant)
            if len(found) > PAGE:
                break
        here, older = found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None
        return Part(grouped(await self.rows(here)), older)

    async def active(self, before: str | None = None) -> AsyncIterator[GrantRecord]:
        """What is shared now, newest first; of links only those that still open."""
        now = self._parts.clock()
        while True:
            chunk = await self._parts.grants.list(self._account.id, active_only=True, limit=CHUNK, before=before)
            for grant in chunk:
                if grant.link is None or await self._opens(grant, now):
                    yield grant
            if len(chunk) < CHUNK:
                return
            before = chunk[-1].id

    async def receivers(self) -> dict[str, str]:
        """With whom there is sharing now: names by key; of very many, the newest."""
        found: dict[str, str] = {}
        seen = 0
        async for grant in self.active():
            found.setdefault(receiver_key(grant), wording.called(grant, self._say))
            seen += 1
            if len(found) >= RECEIVERS or seen >= 2 * CHUNK:
                break
        return found

    async def rows(self, grants: Sequence[GrantRecord]) -> Sequence[Row]:
        """Grants as lines of the list."""
        read = await self._parts.ledger.last_reads(self._account.id, [grant.id for grant in grants]) if grants else {}
        return [await self.row(grant, *read.get(grant.id, (None, 0))) for grant in grants]

    async def row(self, grant: GrantRecord, last_read: float | None = None, times: int = 0) -> Row:
        """One grant as a line."""
        say, lang = self._say, self._lang
        return Row(
            grant, wording.called(grant, say), wording.who(grant, say), wording.what_shortly(grant, lang, say),
            wording.may_shortly(grant, say), wording.until(grant, lang, say), wording.partly(grant), last_read,
            await self.link(grant), times,
        )  # fmt: skip

    async def link(self, grant: GrantRecord) -> ShareLink | None:
        """The link of a grant, None where it is no link's."""
        if grant.link is None:
            return None
        if self._links is None:
            self._links = {link.id: link for link in await self._parts.links.list(self._account.id)}
        return self._links.get(grant.link)

    async def used_up(self, before: str | None = None) -> Sequence[GrantRecord]:
        """The grants of links that open nothing any more, though their time is not over, newest first."""
        if self._links is None:
            self._links = {link.id: link for link in await self._parts.links.list(self._account.id)}
        now, found = self._parts.clock(), list[GrantRecord]()
        for link in self._links.values():
            if (
                not link.open(now)
                and link.stopped_at is None
                and now < link.until
                and (before is None or link.grant < before)
            ):
                grant = await self._parts.grants.get(self._account.id, link.grant)
                found += [grant] if grant.active(now) else []
        return sorted(found, key=lambda grant: grant.id, reverse=True)

    async def _opens(self, grant: GrantRecord, now: float) -> bool:
        link = await self.link(grant)
        return link is not None and link.open(now)


def about(grant: GrantRecord, section: str) -> bool:
    """Whether a grant gives anything of a section."""
    return grant.everything or section in grant.sections


def grouped(rows: Sequence[Row]) -> tuple[Group, ...]:
    """Lines by receiver, in the order of each receiver's first."""
    by: dict[str, list[Row]] = {}
    for row in rows:
        by.setdefault(receiver_key(row.grant), []).append(row)
    return tuple(Group(key, some[0].name, some[0].who, tuple(some)) for key, some in by.items())
