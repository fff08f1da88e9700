"""Acts of consent in the log: that a grant was given or stopped, a request answered, a mandate accepted, a link opened.

What happens and the log are in two databases, so an act is first a row of consent.db, written in the unit of what
happens (an outbox); then a line of the log, at once; then the row is deleted. What a crash left in between the chore
finds, and it looks in the log before it writes, so that no act is lost and none is there twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import msgspec
import structlog

from werkpod.consent.grants import GrantEvent
from werkpod.consent.ledger.index import Facts
from werkpod.consent.ledger.ledger import Ledger
from werkpod.pod.access.model import AccessEntry
from werkpod.pod.errors import PodUnavailable
from werkpod.pod.store import Database, Statement
from werkpod.pod.vault import Vault
from werkpod.web.errors import WerkpodError
from werkpod.web.ids import ulid

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


@dataclass(frozen=True, slots=True)
class Act:
    """Something that is about to happen. `statement`: what to write in its unit; then tell `Acts.done`."""

    pod: str
    row: str
    entry: AccessEntry
    statement: Statement


class Acts:
    """Writes acts of consent in the log; of grants as their witness, of others by `begin` and `done`."""

    def __init__(self, database: Database, vault: Vault, ledger: Ledger) -> None:
        self._database, self._vault, self._ledger = database, vault, ledger
        self._seen: set[tuple[str, str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self, pod: str, entry: AccessEntry, row: str = "") -> Act:
        """The act that `entry` tells of; `row`: its id where one act may be prepared more than once."""
        row = row or ulid(entry.at)
        vault = await self._vault.open(pod)
        sealed = vault.seal_record(_PURPOSE, row, msgspec.msgpack.encode(entry))
        return Act(pod, row, entry, Statement(_INSERT, (pod, row, sealed), rows=1))

    def done(self, act: Act) -> None:
        """The unit of the act is on disk: write the line. Where that cannot be, the row stays for the chore."""
        self._line(act.pod, act.row, act.entry)

    def record(self, pod: str, entry: AccessEntry) -> None:
        """A line of what has no unit of its own. Raises Unavailable."""
        self._ledger.record(pod, entry)

    async def statements(self, event: GrantEvent) -> Sequence[Statement]:
        """The row of what happens to a grant."""
        return [(await self.begin(event.record.pod, _entry(event), _row(event))).statement]

    def written(self, event: GrantEvent) -> None:
        """The line of it."""
        self._line(event.record.pod, _row(event), _entry(event))

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

    def _line(self, pod: str, row: str, entry: AccessEntry) -> None:
        try:
            self._write(pod, entry)
        except WerkpodError as error:
            log.warning("act_not_logged_yet", error=error.code)
            return
        task = asyncio.get_running_loop().create_task(self._delete(pod, row))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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
        if entry.agent is not None and entry.action.startswith("grant:"):
            self._ledger.given(pod, entry.agent)
        self._ledger.record(pod, entry)

    async def _logged(self, pod: str, entry: AccessEntry) -> bool:
        """Whether this very line is there: the same facts at the same moment."""
        wanted = Facts.of(entry)
        async for part in self._ledger.looking.index.newest_first(pod):
            same = {number for number, facts in enumerate(part.facts) if facts == wanted}
            if same and any(at == entry.at and w in same for w, at in zip(part.which, part.at, strict=True)):
                return True
        return False

    async def _delete(self, pod: str, row: str) -> None:
        try:
            await self._database.write(Statement(_DELETE, (pod, row)))
        except WerkpodError as error:  # the chore deletes it
            log.warning("act_row_left", error=error.code)


def _entry(event: GrantEvent) -> AccessEntry:
    record = event.record
    return AccessEntry(
        at=event.at, action=f"grant:{event.kind}", path="", outcome="allowed", agent=record.agent,
        client=record.client, grant=record.id, purpose=record.purpose, version=record.version, by=event.by,
    )  # fmt: skip


def _row(event: GrantEvent) -> str:
    return f"{event.record.id}.{event.record.version}.{event.kind}"
