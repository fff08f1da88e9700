"""The access log: who looked at what, when, with which app, under which grant, and what was refused. Never values.

Each pod has a chain (`chain.py`). A line that is changed, taken out or moved breaks the chain at its place; lines cut
off at the end are found by comparing the head with one that was noted elsewhere (`Ledger.head`, `heads.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import cast

import structlog

from werkpod.consent.ledger.chain import ChainLine, Head, LogLine, chained, opened, plain_of
from werkpod.consent.ledger.folding import Folds
from werkpod.consent.ledger.journal import Journal
from werkpod.consent.ledger.looking import Looking, Receiver, Wanted
from werkpod.consent.ledger.rows import Rows, at_once
from werkpod.consent.ledger.verifying import Verdict, walk
from werkpod.pod.access.model import AccessEntry
from werkpod.pod.store import Statement
from werkpod.pod.store.sqlite import SqliteDatabase
from werkpod.pod.vault import SERVER, Vault
from werkpod.web.errors import WerkpodError

_PAGE = "SELECT seq, sealed FROM ledger WHERE pod = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3"
_CHAIN = "SELECT seq, sealed, hash FROM ledger WHERE pod = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4"
_PODS = (  # the pods one by one along the primary key: the rows between are not read
    "WITH RECURSIVE p (pod) AS (SELECT MIN(pod) FROM ledger WHERE pod > ?1"
    " UNION ALL SELECT (SELECT MIN(pod) FROM ledger WHERE pod > p.pod) FROM p WHERE p.pod IS NOT NULL)"
    " SELECT pod FROM p WHERE pod IS NOT NULL LIMIT ?2"
)
_GIVEN = "INSERT INTO ledger_givers (pod, receiver, giver) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"
_GIVERS = "SELECT giver FROM ledger_givers WHERE pod = ?1 AND receiver = ?2 AND giver >= ?3 ORDER BY giver LIMIT ?4"
_NOTICE = (
    "INSERT INTO ledger_noticed (pod, seq) VALUES (?1, ?2)"
    " ON CONFLICT (pod) DO UPDATE SET seq = MAX(ledger_noticed.seq, excluded.seq)"
)
_LAST = 1 << 62
log = structlog.get_logger("werkpod.consent.ledger")


class Ledger:
    """The log of all pods, in a database of its own: written at once, on disk within a second.

    `journal`: where lines wait some milliseconds for the database (`journal.py`); None: they go there one by one.
    """

    def __init__(
        self,
        database: SqliteDatabase,
        vault: Vault,
        *,
        clock: Callable[[], float] = time.time,
        journal: Journal | None = None,
    ) -> None:
        self.database, self.vault = Rows(database, vault, journal), vault
        self._clock = clock
        self._folds = Folds()
        self.looking = Looking(self.database, vault)

    def record(self, pod: str, entry: AccessEntry) -> None:
        """Write a line; it survives a crash of the process when this returns. Raises Unavailable: read nothing.

        Of refusals without end some are counted and written together (`folding.py`).
        """
        if entry.outcome != "refused" and not self._folds:
            return self._write(pod, entry)
        for whose, line in self._folds.admit(pod, entry):
            if whose == pod:
                self._write(pod, line)
            else:
                self._write_if_possible(whose, line)

    async def entries(self, pod: str, limit: int = 100, before: int | None = None) -> Sequence[LogLine]:
        """Lines of a pod, newest first, numbered below `before`. Raises IntegrityError (a line does not open)."""
        vault = await self.vault.open(pod)
        return opened(vault, await self.database.fetch(_PAGE, pod, _LAST if before is None else before, limit))

    async def search(
        self, pod: str, wanted: Wanted, *, owner: str = "", limit: int = 100, before: int | None = None
    ) -> Sequence[LogLine]:
        """The lines that are wanted, newest first, numbered below `before`; `owner`: the WebID of whose pod it is."""
        return await self.looking.search(pod, wanted, owner=owner, limit=limit, before=before)

    async def last_reads(self, pod: str, grants: Iterable[str]) -> dict[str, tuple[float, int]]:
        """When each of these grants was last used to read (Unix seconds), and how often; without those never used."""
        return await self.looking.last_reads(pod, frozenset(grants))

    async def agent_reads(self, pod: str, agents: Iterable[str]) -> dict[str, tuple[float, int]]:
        """The same by WebID, whatever it rested on: a grant, or an access rule."""
        return await self.looking.agent_reads(pod, frozenset(agents))

    async def sections_read(self, pod: str, grant: str) -> dict[str, tuple[float, int]]:
        """What was read under a grant: of each section (its key; "": what is in none) when last, and how often."""
        return await self.looking.sections_read(pod, grant)

    async def read_by(self, pod: str, who: str, owner: str) -> dict[str, tuple[float, float, int]]:
        """What a receiver (`Receiver.key`) read: of each section the first time, the last, and how often."""
        return await self.looking.read_by(pod, who, owner)

    async def receivers(self, pod: str, owner: str) -> Sequence[Receiver]:
        """Who is in the log of a pod, who looked last first; `owner`: the WebID of whose pod it is."""
        return await self.looking.receivers(pod, owner)

    async def chain(self, pod: str, after: int, upto: int, limit: int = 500) -> Sequence[ChainLine]:
        """Lines as the chain has them, oldest first, numbered from above `after` to `upto`."""
        vault = await self.vault.open(pod)
        return chained(vault, await self.database.fetch(_CHAIN, pod, after, upto, limit))

    async def head(self, pod: str) -> Head:
        """Where the chain of a pod stands now."""
        return self.database.head(pod)

    def given(self, giver: str, receiver: str) -> None:
        """Remember that a pod gives to this WebID, for `givers`. Raises Unavailable."""
        key = at_once(self.vault.open(SERVER)).lookup("ledger-receiver", receiver)
        self.database.execute_now(Statement(_GIVEN, (SERVER, key, giver)))

    async def givers(self, receiver: str, start: str = "", limit: int = 50) -> Sequence[str]:
        """The pods that give or gave to this WebID, by id, from `start` on; some may be gone."""
        key = (await self.vault.open(SERVER)).lookup("ledger-receiver", receiver)
        return [str(row[0]) for row in await self.database.fetch(_GIVERS, SERVER, key, start, limit)]

    async def pseudonym(self, pod: str) -> str:
        """What stands for the citizen in an export that is shown to others: the same each time, and nobody's name."""
        return (await self.vault.open(pod)).lookup("ledger-subject", pod).hex()

    async def notice(self, pod: str) -> None:
        """Remember that the citizen has seen the log up to here."""
        seq = self.database.head(pod).seq
        if seq != await self.noticed(pod):
            self.database.execute_now(Statement(_NOTICE, (pod, seq)))

    async def noticed(self, pod: str) -> int:
        """Up to which line the citizen has seen the log; 0: it was not opened yet."""
        rows = self.database.fetch_now("SELECT seq FROM ledger_noticed WHERE pod = ?1", pod)
        return int(cast(int, rows[0][0])) if rows else 0

    async def verify(self, pod: str, heads: Iterable[Head] = ()) -> Verdict:
        """Walk the whole chain of a pod (`verifying.py`); `heads`: where it stood before, noted elsewhere."""
        return await walk(self.database, await self.vault.open(pod), heads)

    async def pods(self, after: str = "", limit: int = 200) -> Sequence[str]:
        """The next pods that have a log, by id."""
        return [str(row[0]) for row in await self.database.fetch(_PODS, after, limit)]

    async def keep_up(self) -> None:
        """Bring the index of the logs that grew up to date (a chore)."""
        await self.looking.index.keep_up()

    async def settle(self) -> None:
        """Write what was counted for hours that are over (a chore)."""
        for pod, line in self._folds.over(self._clock()):
            self._write_if_possible(pod, line)

    async def close(self) -> None:
        """Write all that is counted; before the database is closed."""
        for pod, line in self._folds.rest():
            self._write_if_possible(pod, line)
        self.database.close()

    def recover(self) -> int:
        """Take over the lines of processes that were killed; how many."""
        return self.database.recover()

    def _write(self, pod: str, entry: AccessEntry) -> None:
        self.database.write(self.vault.at_hand(pod) or at_once(self.vault.open(pod)), plain_of(entry))

    def _write_if_possible(self, pod: str, entry: AccessEntry) -> None:
        """A line for what was counted, in a pod that may be gone."""
        try:
            self._write(pod, entry)
        except WerkpodError as error:
            log.warning("ledger_count_lost", times=entry.times, error=error.code)
