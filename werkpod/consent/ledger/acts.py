"""Acts of consent in the log: that a grant was given, changed, renewed, stopped, or came to its end.

Grants and the log are in two databases, so an act is first a row of consent.db, written in the unit of the grant (an
outbox); then a line of the log, at once; then the row is deleted. What a crash left in between the chore finds, and it
looks in the log before it writes, so that no act is lost and none is there twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import cast

import msgspec
import structlog

from werkpod.consent.grants import GrantEvent
from werkpod.consent.ledger.ledger import Ledger
from werkpod.pod.access.model import AccessEntry
from werkpod.pod.errors import PodUnavailable
from werkpod.pod.store import Database, Statement
from werkpod.pod.vault import Vault
from werkpod.web.errors import WerkpodError

SECONDS = 60.0
"""How often the chore looks for what was left."""
_PURPOSE = "act"
_INSERT = (
    "INSERT INTO acts (pod, id, sealed) VALUES (?1, ?2, ?3)"
    " ON CONFLICT (pod, id) DO UPDATE SET sealed = excluded.sealed"
)
_DELETE = "DELETE FROM acts WHERE pod = ?1 AND id = ?2"
_LEFT = "SELECT pod, id, sealed FROM acts ORDER BY pod, id LIMIT 500"

log = structlog.get_logger("werkpod.consent.ledger")


class Acts:
    """The witness that writes acts of consent in the log. `by`: the WebID of who acts for the citizen just now."""

    def __init__(self, database: Database, vault: Vault, ledger: Ledger, by: Callable[[], str | None]) -> None:
        self._database, self._vault, self._ledger, self._by = database, vault, ledger, by
        self._seen: set[tuple[str, str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def statements(self, event: GrantEvent) -> Sequence[Statement]:
        """The row of the outbox."""
        entry, row = self._entry(event), _row(event)
        vault = await self._vault.open(event.record.pod)
        sealed = vault.seal_record(_PURPOSE, row, msgspec.msgpack.encode(entry))
        return [Statement(_INSERT, (vault.pod, row, sealed), rows=1)]

    def written(self, event: GrantEvent) -> None:
        """Write the line. Where that cannot be, the row stays, and the chore does it."""
        try:
            self._write(event.record.pod, self._entry(event))
        except WerkpodError as error:
            log.warning("act_not_logged_yet", error=error.code)
            return
        task = asyncio.get_running_loop().create_task(self._delete(event.record.pod, _row(event)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def catch_up(self) -> None:
        """Write what was left. A row that was not there the last time may be in the hands of who wrote it: wait."""
        found = set()
        for pod, row, sealed in await self._database.fetch(_LEFT):
            key = (str(pod), str(row))
            if key in self._seen:
                await self._finish(*key, cast(bytes, sealed))
            else:
                found.add(key)
        self._seen = found

    async def settled(self) -> None:
        """When all rows whose lines were written are deleted; before the database is closed."""
        await asyncio.gather(*self._tasks)

    async def _finish(self, pod: str, row: str, sealed: bytes) -> None:
        try:
            vault = await self._vault.open(pod)
        except PodUnavailable:  # erased since: so is its log
            return await self._delete(pod, row)
        entry = msgspec.msgpack.decode(vault.open_record(_PURPOSE, row, sealed), type=AccessEntry)
        if not await self._logged(pod, entry):
            self._write(pod, entry)
        await self._delete(pod, row)

    def _write(self, pod: str, entry: AccessEntry) -> None:
        if entry.agent is not None:
            self._ledger.given(pod, entry.agent)
        self._ledger.record(pod, entry)

    async def _logged(self, pod: str, entry: AccessEntry) -> bool:
        async for part in self._ledger.looking.index.newest_first(pod):
            for facts in part.facts:
                if (facts.action, facts.grant, facts.version) == (entry.action, entry.grant, entry.version):
                    return True
        return False

    async def _delete(self, pod: str, row: str) -> None:
        try:
            await self._database.write(Statement(_DELETE, (pod, row)))
        except WerkpodError as error:  # the chore deletes it
            log.warning("act_row_left", error=error.code)

    def _entry(self, event: GrantEvent) -> AccessEntry:
        record = event.record
        # Of a grant that is there `given_by` says who gave it, not who changes it now.
        given = record.given_by if event.before is None else None
        return AccessEntry(
            at=event.at, action=f"grant:{event.kind}", path="", outcome="allowed", agent=record.agent,
            client=record.client, grant=record.id, purpose=record.purpose, version=record.version,
            by=None if event.kind == "expired" else self._by() or given,
        )  # fmt: skip


def _row(event: GrantEvent) -> str:
    return f"{event.record.id}.{event.record.version}.{event.kind}"
