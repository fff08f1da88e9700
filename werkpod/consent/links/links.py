"""Share links: an address that shows some sections to whoever has it, for some days and some views.

The secret of the address is kept nowhere: its hash finds the link. Each opening counts a view in the same statement
that checks that one is left, so that two readers cannot have the last view both. A wrong passcode counts as a try;
after `TRIES` the link opens nothing, also with the right one. Whatever does not open costs the same work: one passcode
is looked at, or one that nobody has. An opening is written down in the unit that counts it, for the ledger.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, cast

import msgspec

from werkpod.consent.accounts.passphrases import Hasher
from werkpod.consent.errors import LinkGone
from werkpod.consent.grants import GrantNotFound, GrantRecord, Grants
from werkpod.consent.ledger import Acts
from werkpod.consent.links.errors import LinkNotFound, LinkRefused
from werkpod.pod.access.model import AccessEntry
from werkpod.pod.errors import PodUnavailable
from werkpod.pod.store.protocol import Database, ExpectationFailed, Row, Statement
from werkpod.pod.vault import SERVER, PodVault, Vault
from werkpod.vocab.sections import CV_SECTIONS
from werkpod.web.ids import secret as new_secret
from werkpod.web.ids import secret_hash, ulid

MAX_DAYS, MAX_VIEWS, TRIES = 365, 1000, 10
AT_ONCE, A_DAY = 50, 100
"""Links of a pod that are open at most, and that are made in 24 hours."""
PURPOSE = "https://w3id.org/dpv#PersonnelHiring"
"""DPV 2 `dpv:PersonnelHiring`: what a link to a CV is for."""

_INSERT = "INSERT INTO share_links (pod, id, grant_id, until, views, sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
_POINTER = "INSERT INTO link_secrets (pod, secret, giver, link) VALUES (?1, ?2, ?3, ?4)"
_FIND = "SELECT giver, link FROM link_secrets WHERE pod = ?1 AND secret = ?2"
_ROW = (
    "SELECT id, grant_id, until, views, used, stopped_at, first_opened, last_opened, sealed"
    " FROM share_links WHERE pod = ?1"
)
_OPEN = "pod = ?1 AND id = ?2 AND stopped_at IS NULL AND until > ?3 AND used < views AND tries < ?4"
_STANDING = f"{_ROW} AND id = ?2 AND {_OPEN}"
_TRY = f"UPDATE share_links SET tries = tries + 1 WHERE {_OPEN}"  # noqa: S608 (no value in it)
_USE = (
    "UPDATE share_links SET used = used + 1, tries = 0, first_opened = COALESCE(first_opened, ?3), last_opened = ?3"  # noqa: S608
    f" WHERE {_OPEN} RETURNING used"
)
_OPEN_ONES = "SELECT COUNT(*) FROM share_links WHERE pod = ?1 AND stopped_at IS NULL AND until > ?2 AND used < views"
_LATELY = "SELECT COUNT(*) FROM share_links WHERE pod = ?1 AND id > ?2"


class Sharer(Protocol):
    """Who makes a link: the citizen's account."""

    @property
    def id(self) -> str:
        """The account, which is the pod."""
        ...


@dataclass(frozen=True, slots=True)
class ShareLink:
    """A link as its maker sees it. Times are Unix seconds; `url` is there only when the link has just been made."""

    id: str
    grant: str
    label: str
    until: float
    views: int
    used: int = 0
    stopped_at: float | None = None
    passcode: bool = False
    first_opened: float | None = None
    last_opened: float | None = None
    url: str | None = None

    def open(self, now: float) -> bool:
        """Whether it still opens something at `now`."""
        return self.stopped_at is None and now < self.until and self.used < self.views


Opened = Callable[[str, ShareLink], Awaitable[None]]
"""Told of the first opening of a link, by pod. Must not raise; the reader waits for it."""
Narrow = Callable[[GrantRecord], GrantRecord]
"""What else a link's grant says (entries and fields left out): the record that it makes of one with sections."""


class _Sealed(msgspec.Struct, frozen=True):
    label: str
    passcode: str | None


class ShareLinks:
    """All share links. `employer_client` is the client id of the employer's app: only it can open a link.

    `acts`: to the ledger, which gets a line for each opening and each wrong passcode.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        grants: Grants,
        acts: Acts,
        *,
        base_url: str,
        employer_client: str,
        hasher: Hasher | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._vault = vault
        self._grants = grants
        self._acts = acts
        self._base_url = base_url
        self.employer_client = employer_client
        self._clock = clock
        self._hasher = hasher or Hasher()
        self._opened: list[Opened] = []

    def tell(self, opened: Opened) -> None:
        """From now on `opened` hears of each first opening; for the composition root."""
        self._opened.append(opened)

    async def create(
        self,
        account: Sharer,
        sections: Sequence[str],
        *,
        days: int,
        views: int,
        passcode: str | None = None,
        label: str = "",
        purpose_text: str = "",
        narrow: Narrow = lambda record: record,
    ) -> ShareLink:
        """Make a link and its grant, in one unit; `url` is in this answer and nowhere else. Raises LinkRefused."""
        _check(sections, days, views)
        now = self._clock()
        await self._bounded(account.id, now)
        link_id, grant_id, value, until = ulid(now), ulid(now), new_secret(), now + days * 86400
        hashed = await self._hasher.hash(passcode) if passcode else None
        vault = await self._vault.open(account.id)
        sealed = vault.seal_record("link", link_id, msgspec.msgpack.encode(_Sealed(label, hashed)))
        # First, and apart: a unit touches one pod. Should the next step fail, this row leads to no link.
        await self._database.write(Statement(_POINTER, (SERVER, secret_hash(value), account.id, link_id)))
        record = GrantRecord(
            id=grant_id, pod=account.id, agent=None, client=self.employer_client, receiver_name=label,
            receiver_kind="link", sections=tuple(sections), purpose=PURPOSE, purpose_text=purpose_text, created=now,
            not_before=now, until=until, link=link_id,
        )  # fmt: skip
        row = (account.id, link_id, grant_id, until, views, sealed)
        await self._grants.create(narrow(record), Statement(_INSERT, row))
        url = f"{self._base_url}/k/{value}"
        return ShareLink(link_id, grant_id, label, until, views, passcode=hashed is not None, url=url)

    async def open(self, secret: str, passcode: str | None = None) -> tuple[str, GrantRecord]:
        """Count a view; the pod and the grant that is opened. Raises LinkGone: one answer for every reason."""
        found = await self._database.fetch(_FIND, SERVER, secret_hash(secret))
        pod, link_id = (str(found[0][0]), str(found[0][1])) if found else ("", "")
        kept, grant = await self._standing(pod, link_id)
        if kept is None or grant is None:
            await self._hasher.verify(None, passcode or "")
            raise LinkGone
        if kept.passcode is not None and not await self._knows(pod, link_id, kept.passcode, passcode):
            self._acts.record(pod, self._entry(grant, refused="passcode"))
            raise LinkGone
        act = await self._acts.begin(pod, self._entry(grant))
        try:
            used = await self._count(_USE, pod, link_id, act.statement)
        except LinkGone:  # somebody else had the last view at this moment
            if kept.passcode is None:
                await self._hasher.verify(None, passcode or "")
            raise
        self._acts.done(act)
        if used == 1:
            link = await self._get(pod, link_id)
            for opened in self._opened:
                await opened(pod, link)
        return pod, grant

    async def list(self, pod: str) -> Sequence[ShareLink]:
        """All links of a pod, newest first, stopped and past ones too."""
        vault = await self._vault.open(pod)
        rows = await self._database.fetch(_ROW + " ORDER BY id DESC", pod)
        return [self._open(vault, row)[0] for row in rows]

    async def stop(self, pod: str, link_id: str, *, by: str) -> ShareLink:
        """Stop a link and its grant, now. Twice changes nothing. Raises LinkNotFound."""
        vault = await self._vault.open(pod)
        rows = await self._database.fetch(_ROW + " AND id = ?2", pod, link_id)
        if not rows or by != pod:
            raise LinkNotFound(f"There is no link {link_id} in this pod.")
        link, _ = self._open(vault, rows[0])
        ended = await self._grants.revoke(pod, link.grant, by=by)
        return replace(link, stopped_at=ended.revoked_at)

    async def _get(self, pod: str, link_id: str) -> ShareLink:
        vault = await self._vault.open(pod)
        return self._open(vault, (await self._database.fetch(_ROW + " AND id = ?2", pod, link_id))[0])[0]

    async def _standing(self, pod: str, link_id: str) -> tuple[_Sealed | None, GrantRecord | None]:
        """What is kept of a link that can be opened, and its grant; None and None for every other."""
        try:
            rows = await self._database.fetch(_STANDING, pod, link_id, self._clock(), TRIES)
            if not rows:
                return None, None
            link, kept = self._open(await self._vault.open(pod), rows[0])
            grant = await self._grants.get(pod, link.grant)
        except (PodUnavailable, GrantNotFound):  # erased, or never finished
            return None, None
        return (kept, grant) if grant.active(self._clock()) else (None, None)

    async def _knows(self, pod: str, link_id: str, hashed: str, passcode: str | None) -> bool:
        """Whether the passcode is right; the try is counted first, so that many at once cannot have one too many."""
        try:
            await self._count(_TRY, pod, link_id)
        except LinkGone:
            await self._hasher.verify(None, passcode or "")
            return False
        return await self._hasher.verify(hashed, passcode or "")

    async def _count(self, sql: str, pod: str, link_id: str, *beside: Statement) -> int:
        """Count a try or a view of a link that is open; what it returned, if anything. Raises LinkGone."""
        try:
            statement = Statement(sql, (pod, link_id, self._clock(), TRIES), rows=1)
            rows, *_ = await self._database.write(statement, *beside)
        except ExpectationFailed:
            raise LinkGone from None
        return int(cast("int", rows[0][0])) if rows else 0

    async def _bounded(self, pod: str, now: float) -> None:
        """Raises LinkRefused when there are too many."""
        if int(cast("int", (await self._database.fetch(_OPEN_ONES, pod, now))[0][0])) >= AT_ONCE:
            raise LinkRefused(f"A pod has at most {AT_ONCE} links that open; stop one first.")
        since = ulid(now - 86400)[:10] + "0" * 16
        if int(cast("int", (await self._database.fetch(_LATELY, pod, since))[0][0])) >= A_DAY:
            raise LinkRefused(f"A pod makes at most {A_DAY} links in a day; try again tomorrow.")

    def _entry(self, grant: GrantRecord, *, refused: str = "") -> AccessEntry:
        return AccessEntry(
            at=self._clock(), action="link:opened", path="", outcome="refused" if refused else "allowed",
            client=grant.client, grant=grant.id, purpose=grant.purpose, reason=refused, version=grant.version,
        )  # fmt: skip

    @staticmethod
    def _open(vault: PodVault, row: Row) -> tuple[ShareLink, _Sealed]:
        values = cast("tuple[str, str, float, int, int, float | None, float | None, float | None, bytes]", row)
        link_id, grant_id, until, views, used, stopped_at, first, last, sealed = values
        kept = msgspec.msgpack.decode(vault.open_record("link", link_id, sealed), type=_Sealed)
        link = ShareLink(
            link_id, grant_id, kept.label, until, views, used, stopped_at, kept.passcode is not None, first, last
        )
        return link, kept


def _check(sections: Sequence[str], days: int, views: int) -> None:
    known = [section.key for section in CV_SECTIONS]
    if not sections:
        raise LinkRefused("A link shows at least one section.")
    if unknown := [key for key in sections if key not in known]:
        raise LinkRefused(f"A link shows sections of the CV: {', '.join(known)}; not {', '.join(unknown)}.")
    if not 1 <= days <= MAX_DAYS:
        raise LinkRefused(f"A link lasts 1 to {MAX_DAYS} days, not {days}.")
    if not 1 <= views <= MAX_VIEWS:
        raise LinkRefused(f"A link is for 1 to {MAX_VIEWS} views, not {views}.")
