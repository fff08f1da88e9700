"""Who receives: which grants lead to somebody, kept under the server's own pseudo-pod since it is asked by receiver.

A row is a hint and no grant: each is looked up in the pod of its giver before anything is said of it. So it may be
there without its grant (a crash between the two units), and one that is gone only shortens a list.
"""

from __future__ import annotations

from collections.abc import Sequence

from werkpod.consent.grants.record import GrantRecord
from werkpod.pod.store.protocol import Database, Statement
from werkpod.pod.vault import SERVER, Vault

_ADD = "INSERT INTO grant_receivers (pod, receiver, id, giver, until) VALUES (?1, ?2, ?3, ?4, ?5)"
_MOVE = "UPDATE grant_receivers SET until = ?4 WHERE pod = ?1 AND receiver = ?2 AND id = ?3"
_DROP = "DELETE FROM grant_receivers WHERE pod = ?1 AND receiver = ?2 AND id = ?3"
_OPEN = " FROM grant_receivers WHERE pod = ?1 AND receiver = ?2 AND (until IS NULL OR until > ?3)"
_LIST = "SELECT giver, id" + _OPEN + " AND id < ?4 ORDER BY id DESC LIMIT ?5"
_COUNT = "SELECT COUNT(*)" + _OPEN
_GIVERS = "SELECT COUNT(DISTINCT giver)" + _OPEN
LAST = "~"
"""Sorts after every id (ULIDs are digits and capitals)."""


class Receivers:
    """The rows of all receivers."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    async def _key(self, webid: str) -> bytes:
        return (await self._vault.open(SERVER)).lookup("grant-receiver", webid)

    async def add(self, record: GrantRecord) -> None:
        """Before a grant is written: should that fail, this row leads to no grant."""
        for statement in await self.rows(record):
            await self._database.write(statement)

    async def rows(self, record: GrantRecord) -> Sequence[Statement]:
        """The row of a grant, none for one to no agent."""
        if record.agent is None:
            return ()
        return (Statement(_ADD, (SERVER, await self._key(record.agent), record.id, record.pod, record.until)),)

    async def moved(self, record: GrantRecord) -> None:
        """The grant ends at another moment: written before that holds where it is later, and after it where earlier."""
        if record.agent is not None:
            key = await self._key(record.agent)
            await self._database.write(Statement(_MOVE, (SERVER, key, record.id, record.until)))

    async def ended(self, record: GrantRecord) -> None:
        """After a grant was stopped."""
        if record.agent is not None:
            await self._database.write(Statement(_DROP, (SERVER, await self._key(record.agent), record.id)))

    async def of(self, webid: str, now: float, before: str | None, limit: int) -> Sequence[tuple[str, str]]:
        """(pod of the giver, grant) of what may be shared with `webid` at `now`, newest first, older than `before`."""
        rows = await self._database.fetch(_LIST, SERVER, await self._key(webid), now, before or LAST, limit)
        return [(str(giver), str(grant)) for giver, grant in rows]

    async def count(self, webid: str, now: float, *, givers: bool = False) -> int:
        """How many grants that may be; `givers`: from how many pods."""
        rows = await self._database.fetch(_GIVERS if givers else _COUNT, SERVER, await self._key(webid), now)
        return int(str(rows[0][0]))
