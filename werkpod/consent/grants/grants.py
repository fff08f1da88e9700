"""The store of grants, and the one place where a grant begins and ends.

Nothing readable is kept: a record is sealed under the key of its pod, agent and client are keyed hashes. Records are
immutable and versioned, so an opened version may be remembered; which version is current is asked of the store at each
call, and that is why a revocation is immediate.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from weakref import WeakValueDictionary

from werkpod.consent.grants.compiling import to_access
from werkpod.consent.grants.errors import GrantChanged, GrantNotFound, InvalidGrant
from werkpod.consent.grants.events import GrantEvent, Happening, Witness
from werkpod.consent.grants.received import LAST, Receivers
from werkpod.consent.grants.record import GrantRecord, check
from werkpod.consent.grants.sealed import Sealing
from werkpod.pod.access.model import Grant, Requester
from werkpod.pod.errors import PodUnavailable
from werkpod.pod.store.protocol import Database, ExpectationFailed, Row, Statement, Value
from werkpod.pod.vault import PodVault, Vault
from werkpod.web.ids import ulid

_SUPERSEDE = "UPDATE grants SET superseded = 1 WHERE pod = ?1 AND id = ?2 AND version = ?3 AND superseded = 0"
_STILL = "SELECT 1 FROM grants WHERE pod = ?1 AND id = ?2 AND version = ?3 AND superseded = 0"
_STOP_LINK = "UPDATE share_links SET stopped_at = ?3 WHERE pod = ?1 AND grant_id = ?2 AND stopped_at IS NULL"
_COLUMNS = "SELECT id, version, sealed FROM grants"
_COUNT = "SELECT COUNT(*) FROM grants WHERE pod = ?1 AND superseded = 0"
_CURRENT = _COLUMNS + " WHERE pod = ?1 AND superseded = 0"
_IN_FORCE = " AND revoked_at IS NULL AND (until IS NULL OR until > ?2)"
_ENDED = " AND (revoked_at IS NOT NULL OR until <= ?2)"
_PAGE = " AND id < ?3 ORDER BY id DESC LIMIT ?4"
_HELD = (
    "SELECT g.id, g.version, g.sealed FROM grant_held AS h CROSS JOIN grants AS g WHERE h.pod = ?1 AND h.agent = ?2"
    " AND g.pod = ?1 AND g.id = h.id AND g.superseded = 0 AND g.revoked_at IS NULL"
    " AND (g.client IS NULL OR g.client = ?3) AND (g.until IS NULL OR g.until > ?5) AND g.id <> COALESCE(?4, '')"
)
_CONCERNING = f"{_CURRENT} AND id = ?4 UNION ALL {_HELD}"
"""The grant that a token names, and those that its agent holds; without going through the others of the pod."""
_AT_ONCE = 500
"""Grants read and opened before other requests get their turn: some 5 ms."""
_TRIES = 50


class Grants:
    """Grants of all pods; the `GrantSource` of the access decision.

    `acting`: the WebID of who acts for the citizen in the request that is being answered, None: nobody. `less`: told of
    a pod in which somebody may do less from now on, when that is on disk and before anybody hears it
    (`ResourceStorage.move_on`): so that no write that was decided on before comes after it.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        *,
        clock: Callable[[], float] = time.time,
        acting: Callable[[], str | None] = lambda: None,
        less: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        self._less = less
        self._database = database
        self._acting = acting
        self._vault = vault
        self._clock = clock
        self._sealing = Sealing()
        self._receivers = Receivers(database, vault)
        self._witnesses: list[Witness] = []
        self._renewing: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def tell(self, witness: Witness) -> None:
        """From now on `witness` writes down what happens to grants; for the composition root."""
        self._witnesses.append(witness)

    @staticmethod
    def to_access(record: GrantRecord) -> Grant:
        """The grant as the access decision sees it."""
        return to_access(record)

    async def create(self, record: GrantRecord, *beside: Statement) -> GrantRecord:
        """Keep a new grant; `beside` is written in the same unit. An empty `id` gets a new one. Raises InvalidGrant."""
        by = record.given_by or self._acting()
        record = replace(record, id=record.id or ulid(self._clock()), by=by)
        check(record)
        vault = await self._vault.open(record.pod)
        await self._receivers.add(record)  # first, and apart: a unit touches one pod
        event = GrantEvent("renewed" if record.renews else "given", record, None, self._clock())
        await self._written(event, self._sealing.insert(vault, record), *self._sealing.hold(vault, record), *beside)
        return record

    async def change(self, record: GrantRecord, *, expect: int | None = None, actor: str | None = None) -> GrantRecord:
        """Make `record` the next version of the grant of its id: tokens that rest on it give what it says, at once.

        `expect`: the version that somebody was shown; where another is in force by now, GrantChanged. `actor`: the
        client id of the app that does this itself. Raises GrantNotFound: there is none in force to this agent and
        client; InvalidGrant.
        """
        check(record)
        vault = await self._vault.open(record.pod)
        for _ in range(_TRIES):
            now = await self.get(record.pod, record.id)
            if not now.active(self._clock()) or (now.agent, now.client) != (record.agent, record.client):
                raise GrantNotFound(f"There is no grant {record.id} in force to change.")
            if expect is not None and now.version != expect:
                raise GrantChanged(f"Grant {record.id} is at version {now.version}, not {expect}.")
            changed = replace(record, version=now.version + 1, by=actor or self._acting())
            if _later(changed.until, now.until):
                await self._receivers.moved(changed)
            try:
                await self._written(
                    GrantEvent(_kind_of(now, changed), changed, now, self._clock()),
                    Statement(_SUPERSEDE, (record.pod, record.id, now.version), rows=1),
                    self._sealing.insert(vault, changed),
                )
            except ExpectationFailed:  # somebody else made a new version in between: look again
                continue
            if _later(now.until, changed.until):
                await self._receivers.moved(changed)
            return changed
        raise GrantChanged(f"Grant {record.id} was changed each time that it was to be changed; try again.")

    async def renew(self, pod: str, grant_id: str, *, until: float | None, given_by: str | None = None) -> GrantRecord:
        """Give again what ended, until `until` (Unix seconds; None: until stopped): a new grant, from now on.

        Asked twice it gives once: the one in force that came after `grant_id` is the answer. Raises GrantNotFound;
        InvalidGrant for one that is in force (change it), for a link (make a new one), and for what cannot be given.
        """
        async with self._renewing.setdefault((pod, grant_id), asyncio.Lock()):
            old, now = await self.get(pod, grant_id), self._clock()
            if old.revoked_at is None and (old.until is None or now < old.until):
                raise InvalidGrant(f"Grant {grant_id} did not end; change it instead.")
            if old.link is not None:
                raise InvalidGrant("A share link that ended opens nothing again; make a new one.")
            for record in await self.of_receiver(pod, agent=old.agent, client=old.client):
                if record.renews == grant_id:
                    return record
            return await self.create(
                replace(
                    old,
                    id="",
                    version=1,
                    created=now,
                    not_before=now,
                    until=until,
                    revoked_at=None,
                    request=None,
                    given_by=given_by,
                    renews=grant_id,
                )
            )

    async def revoke(self, pod: str, grant_id: str, *, by: str, actor: str | None = None) -> GrantRecord:
        """End a grant now, and the link that it belongs to; the ended version. Ending it twice changes nothing.

        `by` is the id of the account that stops it: the pod's own, nobody else's. `actor`: the client id of the app
        that does so itself. Raises GrantNotFound.
        """
        if by != pod:
            raise GrantNotFound(f"Account {by} has no grant {grant_id}.")
        vault = await self._vault.open(pod)
        while True:
            record = await self.get(pod, grant_id)
            if record.revoked_at is not None:
                await self._told(pod)  # who ended it may have got no further yet
                return record
            now = self._clock()
            ended = replace(record, version=record.version + 1, revoked_at=now, by=actor or self._acting())
            try:
                await self._written(
                    GrantEvent("stopped", ended, record, now),
                    Statement(_SUPERSEDE, (pod, grant_id, record.version), rows=1),
                    self._sealing.insert(vault, ended),
                    *self._sealing.let_go(vault, ended),
                    Statement(_STOP_LINK, (pod, grant_id, now)),
                )
            except ExpectationFailed:  # somebody else made a new version in between: look again
                continue
            await self._receivers.ended(ended)
            return ended

    async def revoke_all(
        self, pod: str, *, by: str, agent: str | None = None, client: str | None = None
    ) -> Sequence[GrantRecord]:
        """End every grant in force or still to begin: all, or those to one agent, client or both; the ended versions.

        Newest first, one after the other: what was ended when this breaks off stays ended. Raises GrantNotFound (`by`).
        """
        if by != pod:
            raise GrantNotFound(f"Account {by} has no grants in this pod.")
        found = await self._select(pod, _IN_FORCE, agent=agent, client=client)
        return [await self.revoke(pod, record.id, by=by) for record in found]

    async def expire(self, pod: str, grant_id: str) -> bool:
        """Have it written down that the time of a grant is over; False where it is not, or where that was done before.

        There is no new version; what makes it happen once is what the witnesses write. Raises GrantNotFound.
        """
        record = await self.get(pod, grant_id)
        if record.revoked_at is not None or record.until is None or record.until > self._clock():
            return False
        event = GrantEvent("expired", record, record, record.until)
        try:
            await self._written(event, Statement(_STILL, (pod, grant_id, record.version), rows=1))
        except ExpectationFailed:
            return False
        return True

    async def get(self, pod: str, grant_id: str) -> GrantRecord:
        """The current version of a grant. Raises GrantNotFound."""
        vault = await self._vault.open(pod)
        rows = await self._database.fetch(_CURRENT + " AND id = ?2", pod, grant_id)
        if not rows:
            raise GrantNotFound(f"There is no grant {grant_id} in this pod.")
        return self._sealing.open(vault, rows[0]).record

    async def list(
        self,
        pod: str,
        *,
        active_only: bool = False,
        ended_only: bool = False,
        limit: int | None = None,
        before: str | None = None,
    ) -> list[GrantRecord]:
        """The current versions of the grants of a pod, newest first.

        `active_only`: those in force now; `ended_only`: those that were stopped or whose time is over. `limit`: so many
        at most; `before`: those older than this one (an id), for the next page.
        """
        which = _IN_FORCE if active_only else _ENDED if ended_only else " AND ?2 IS NOT NULL"
        return [*await self._select(pod, which, limit=limit, before=before, begun=active_only)]

    async def of_receiver(
        self, pod: str, *, agent: str | None = None, client: str | None = None, active_only: bool = True
    ) -> Sequence[GrantRecord]:
        """The grants of a pod to an agent, a client, or one through the other, newest first."""
        which = _IN_FORCE if active_only else " AND ?2 IS NOT NULL"
        return await self._select(pod, which, agent=agent, client=client, begun=active_only)

    async def count(self, pod: str, *, active_only: bool = False, ended_only: bool = False) -> int:
        """How many grants a pod has; of those in force, with those that are still to begin."""
        which = _IN_FORCE if active_only else _ENDED if ended_only else " AND ?2 IS NOT NULL"
        sql = _COUNT + which
        return int(str((await self._database.fetch(sql, pod, self._clock()))[0][0]))

    async def _select(
        self,
        pod: str,
        which: str,
        *,
        agent: str | None = None,
        client: str | None = None,
        limit: int | None = None,
        before: str | None = None,
        begun: bool = False,
    ) -> Sequence[GrantRecord]:
        """Current versions, newest first; `begun`: without those that are still to begin."""
        vault, now = await self._vault.open(pod), self._clock()
        found: list[GrantRecord] = []
        receiver: list[Value] = []
        to = ""
        for column, value in (("agent", agent), ("client", client)):
            if value is not None:
                receiver.append(vault.lookup(f"grant-{column}", value))
                to += f" AND {column} = ?{len(receiver) + 4}"
        sql = _CURRENT + which + to + _PAGE
        while limit is None or len(found) < limit:
            size = _AT_ONCE if limit is None else min(_AT_ONCE, limit - len(found))
            rows = await self._database.fetch(sql, pod, now, before or LAST, size, *receiver)
            records = [self._sealing.open(vault, row).record for row in rows]
            found += [record for record in records if not begun or record.not_before <= now]
            if len(rows) < size:
                break
            before = records[-1].id
            await asyncio.sleep(0)
        return found

    async def history(self, pod: str, grant_id: str) -> Sequence[GrantRecord]:
        """All versions of a grant, oldest first; empty when there is none."""
        vault = await self._vault.open(pod)
        sql = "SELECT id, version, sealed FROM grants WHERE pod = ?1 AND id = ?2 ORDER BY version"
        return [self._sealing.open(vault, row).record for row in await self._database.fetch(sql, pod, grant_id)]

    async def standing(self, pod: str, *, agent: str, client: str) -> Sequence[GrantRecord]:
        """The active grants to this client for this agent, oldest first."""
        vault, now = await self._vault.open(pod), self._clock()
        rows = await self._concerning(vault, Requester(agent=agent, client=client), now)
        records = [self._sealing.open(vault, row).record for row in rows]
        return sorted((r for r in records if r.client == client and r.active(now)), key=lambda record: record.id)

    async def received(
        self, webid: str, *, limit: int | None = None, before: str | None = None
    ) -> Sequence[tuple[str, GrantRecord]]:
        """Who shares with `webid`: (pod, grant) of every active grant to that agent by another's pod, newest first.

        `limit`: so many at most; `before`: those older than this one (an id), for the next page.
        """
        found: list[tuple[str, GrantRecord]] = []
        now = self._clock()
        while limit is None or len(found) < limit:
            rows = await self._receivers.of(webid, now, before, _AT_ONCE if limit is None else min(_AT_ONCE, limit))
            for giver, grant_id in rows:
                try:
                    record = await self.get(giver, grant_id)
                except (GrantNotFound, PodUnavailable):  # never finished, or the pod was erased since
                    continue
                if record.active(now) and record.receiver_kind in ("coach", "employer"):
                    found.append((giver, record))
            if not rows:
                break
            before = rows[-1][1]
            await asyncio.sleep(0)
        return found if limit is None else found[:limit]

    async def givers(self, webid: str) -> set[str]:
        """The pods of all that share with `webid` now: `received`, without opening more than one grant of each."""
        found, now, before = set[str](), self._clock(), None
        while rows := await self._receivers.of(webid, now, before, _AT_ONCE):
            for giver, grant_id in rows:
                if giver in found:
                    continue
                try:
                    record = await self.get(giver, grant_id)
                except (GrantNotFound, PodUnavailable):
                    continue
                if record.active(now) and record.receiver_kind in ("coach", "employer"):
                    found.add(giver)
            before = rows[-1][1]
            await asyncio.sleep(0)
        return found

    async def received_count(self, webid: str) -> int:
        """How many people share with `webid`; an upper bound, told without opening anything."""
        return await self._receivers.count(webid, self._clock(), givers=True)

    async def grants_for(self, pod: str, requester: Requester) -> Sequence[Grant]:
        """The active grants that concern `requester`, and the one that its token names, active or not."""
        try:
            vault = await self._vault.open(pod)
        except PodUnavailable:
            return ()
        return [
            self._sealing.open(vault, row).access for row in await self._concerning(vault, requester, self._clock())
        ]

    async def _concerning(self, vault: PodVault, requester: Requester, now: float) -> Sequence[Row]:
        agent = requester.agent and vault.lookup("grant-agent", requester.agent)
        client = requester.client and vault.lookup("grant-client", requester.client)
        return await self._database.fetch(_CONCERNING, vault.pod, agent, client, requester.grant, now)

    async def _written(self, event: GrantEvent, *statements: Statement) -> None:
        """Write a new version, and in the same unit what the witnesses say of it."""
        beside = [one for witness in self._witnesses for one in await witness.statements(event)]
        await self._database.write(*statements, *beside)
        for witness in self._witnesses:
            witness.written(event)
        if event.kind in ("changed", "stopped"):
            await self._told(event.record.pod)

    async def _told(self, pod: str) -> None:
        if self._less is not None:
            await self._less(pod)


def _kind_of(before: GrantRecord, after: GrantRecord) -> Happening:
    """What a change is called: only a later end is a renewal."""
    same = replace(after, version=before.version, until=before.until, by=before.by) == before
    return "renewed" if same and _later(after.until, before.until) else "changed"


def _later(one: float | None, other: float | None) -> bool:
    """Whether one end comes after another."""
    return other is not None and (one is None or one > other)
