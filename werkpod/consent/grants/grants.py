"""The store of grants, and the one place where a grant begins and ends.

Nothing readable is kept: a record is sealed under the key of its pod, agent and client are keyed hashes. Records are
immutable and versioned, so an opened version may be remembered; which version is current is asked of the store at each
call, and that is why a revocation is immediate.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

import msgspec

from werkpod.consent.grants.errors import GrantNotFound
from werkpod.consent.grants.events import GrantEvent, Happening, Witness
from werkpod.consent.grants.record import GrantRecord, check, to_access
from werkpod.pod.access.model import Grant, Requester
from werkpod.pod.errors import PodUnavailable
from werkpod.pod.store.protocol import Database, ExpectationFailed, Row, Statement
from werkpod.pod.vault import SERVER, PodVault, Vault
from werkpod.web.ids import ulid

_INSERT = (
    "INSERT INTO grants (pod, id, version, agent, client, until, revoked_at, sealed) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
)
_SUPERSEDE = "UPDATE grants SET superseded = 1 WHERE pod = ?1 AND id = ?2 AND version = ?3 AND superseded = 0"
_STILL = "SELECT 1 FROM grants WHERE pod = ?1 AND id = ?2 AND version = ?3 AND superseded = 0"
_STOP_LINK = "UPDATE share_links SET stopped_at = ?3 WHERE pod = ?1 AND grant_id = ?2 AND stopped_at IS NULL"
_RECEIVER = "INSERT INTO grant_receivers (pod, receiver, id, giver) VALUES (?1, ?2, ?3, ?4)"
_CURRENT = "SELECT id, version, sealed FROM grants WHERE pod = ?1 AND superseded = 0"
_CONCERNING = _CURRENT + (
    " AND (id = ?4 OR (agent = ?2 AND (client IS NULL OR client = ?3)"
    " AND revoked_at IS NULL AND (until IS NULL OR until > ?5)))"
)
_REMEMBERED = 4096


class Grants:
    """Grants of all pods; the `GrantSource` of the access decision."""

    def __init__(self, database: Database, vault: Vault, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._opened: OrderedDict[tuple[str, str, int], tuple[GrantRecord, Grant]] = OrderedDict()
        self._witnesses: list[Witness] = []

    def tell(self, witness: Witness) -> None:
        """From now on `witness` writes down what happens to grants; for the composition root."""
        self._witnesses.append(witness)

    @staticmethod
    def to_access(record: GrantRecord) -> Grant:
        """The grant as the access decision sees it."""
        return to_access(record)

    async def create(self, record: GrantRecord, *beside: Statement) -> GrantRecord:
        """Keep a new grant; `beside` is written in the same unit. An empty `id` gets a new one. Raises InvalidGrant."""
        record = replace(record, id=record.id or ulid(self._clock()))
        check(record)
        vault = await self._vault.open(record.pod)
        if record.agent is not None:
            # First, and apart: a unit touches one pod. Should the next step fail, this row leads to no grant.
            server = await self._vault.open(SERVER)
            receiver = server.lookup("grant-receiver", record.agent)
            await self._database.write(Statement(_RECEIVER, (SERVER, receiver, record.id, record.pod)))
        event = GrantEvent("renewed" if record.renews else "given", record, None, self._clock())
        await self._written(event, self._insert(vault, record), *beside)
        return record

    async def change(self, record: GrantRecord) -> GrantRecord:
        """Make `record` the next version of the grant of its id: tokens that rest on it give what it says, at once.

        Raises GrantNotFound: there is none in force to this agent and client; InvalidGrant.
        """
        check(record)
        vault = await self._vault.open(record.pod)
        while True:
            now = await self.get(record.pod, record.id)
            if not now.active(self._clock()) or (now.agent, now.client) != (record.agent, record.client):
                raise GrantNotFound(f"There is no grant {record.id} in force to change.")
            changed = replace(record, version=now.version + 1)
            try:
                await self._written(
                    GrantEvent(_kind_of(now, changed), changed, now, self._clock()),
                    Statement(_SUPERSEDE, (record.pod, record.id, now.version), rows=1),
                    self._insert(vault, changed),
                )
            except ExpectationFailed:  # somebody else made a new version in between: look again
                continue
            return changed

    async def revoke(self, pod: str, grant_id: str, *, by: str) -> GrantRecord:
        """End a grant now, and the link that it belongs to; the ended version. Ending it twice changes nothing.

        `by` is the id of the account that stops it: the pod's own, nobody else's. Raises GrantNotFound.
        """
        if by != pod:
            raise GrantNotFound(f"Account {by} has no grant {grant_id}.")
        vault = await self._vault.open(pod)
        while True:
            record = await self.get(pod, grant_id)
            if record.revoked_at is not None:
                return record
            now = self._clock()
            ended = replace(record, version=record.version + 1, revoked_at=now)
            try:
                await self._written(
                    GrantEvent("stopped", ended, record, now),
                    Statement(_SUPERSEDE, (pod, grant_id, record.version), rows=1),
                    self._insert(vault, ended),
                    Statement(_STOP_LINK, (pod, grant_id, now)),
                )
            except ExpectationFailed:  # somebody else made a new version in between: look again
                continue
            return ended

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
        return self._open(vault, rows[0])[0]

    async def list(self, pod: str, *, active_only: bool = False) -> list[GrantRecord]:
        """The current versions of all grants of a pod, newest first."""
        vault = await self._vault.open(pod)
        rows = await self._database.fetch(_CURRENT + " ORDER BY id DESC", pod)
        records = [self._open(vault, row)[0] for row in rows]
        now = self._clock()
        return [record for record in records if record.active(now)] if active_only else records

    async def history(self, pod: str, grant_id: str) -> Sequence[GrantRecord]:
        """All versions of a grant, oldest first; empty when there is none."""
        vault = await self._vault.open(pod)
        sql = "SELECT id, version, sealed FROM grants WHERE pod = ?1 AND id = ?2 ORDER BY version"
        return [self._open(vault, row)[0] for row in await self._database.fetch(sql, pod, grant_id)]

    async def covering(
        self,
        pod: str,
        *,
        agent: str,
        client: str,
        sections: Sequence[str],
        actions: Sequence[str],
        optional: Sequence[str] = (),
    ) -> GrantRecord | None:
        """The active grant to this client that gives at least these sections and actions, unfiltered; or None.

        Of several, the one with the most of `optional`, and of those the newest.
        """
        found = [
            record
            for record in await self.standing(pod, agent=agent, client=client)
            if (record.everything or set(sections) <= set(record.sections))
            and not record.hidden_entries
            and not record.hidden_predicates
            and set(actions) <= set(record.actions)
        ]
        return max(found, key=lambda r: (r.everything, len(set(optional) & set(r.sections)), r.id), default=None)

    async def standing(self, pod: str, *, agent: str, client: str) -> Sequence[GrantRecord]:
        """The active grants to this client for this agent, oldest first."""
        vault, now = await self._vault.open(pod), self._clock()
        rows = await self._concerning(vault, Requester(agent=agent, client=client), now)
        records = [self._open(vault, row)[0] for row in rows]
        return sorted((r for r in records if r.client == client and r.active(now)), key=lambda record: record.id)

    async def received(self, webid: str) -> Sequence[tuple[str, GrantRecord]]:
        """Who shares with `webid`: (pod, grant) of every active grant to that agent by another's pod, newest first."""
        server = await self._vault.open(SERVER)
        sql = "SELECT giver, id FROM grant_receivers WHERE pod = ?1 AND receiver = ?2 ORDER BY id DESC"
        found = []
        for giver, grant_id in await self._database.fetch(sql, SERVER, server.lookup("grant-receiver", webid)):
            try:
                record = await self.get(str(giver), str(grant_id))
            except (GrantNotFound, PodUnavailable):  # never finished, or the pod was erased since
                continue
            if record.active(self._clock()) and record.receiver_kind in ("coach", "employer"):
                found.append((str(giver), record))
        return found

    async def grants_for(self, pod: str, requester: Requester) -> Sequence[Grant]:
        """The active grants that concern `requester`, and the one that its token names, active or not."""
        try:
            vault = await self._vault.open(pod)
        except PodUnavailable:
            return ()
        return [self._open(vault, row)[1] for row in await self._concerning(vault, requester, self._clock())]

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

    def _insert(self, vault: PodVault, record: GrantRecord) -> Statement:
        sealed = vault.seal_record("grant", f"{record.id}.{record.version}", msgspec.msgpack.encode(record))
        agent = record.agent and vault.lookup("grant-agent", record.agent)
        client = record.client and vault.lookup("grant-client", record.client)
        values = (record.pod, record.id, record.version, agent, client, record.until, record.revoked_at, sealed)
        return Statement(_INSERT, values)

    def _open(self, vault: PodVault, row: Row) -> tuple[GrantRecord, Grant]:
        grant_id, version, sealed = cast("tuple[str, int, bytes]", row)
        key = (vault.pod, grant_id, version)
        if key in self._opened:
            self._opened.move_to_end(key)
            return self._opened[key]
        plain = vault.open_record("grant", f"{grant_id}.{version}", sealed)
        record = msgspec.msgpack.decode(plain, type=GrantRecord)
        self._opened[key] = opened = (record, to_access(record))
        if len(self._opened) > _REMEMBERED:
            self._opened.popitem(last=False)
        return opened


def _kind_of(before: GrantRecord, after: GrantRecord) -> Happening:
    """What a change is called: only a later end is a renewal."""
    same = replace(after, version=before.version, until=before.until) == before
    later = before.until is not None and (after.until is None or after.until > before.until)
    return "renewed" if same and later else "changed"
