"""The rows of ledger.db, those that wait in the journal included: whoever reads has them brought in first."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar, cast

import structlog

from werkpod.consent.ledger.chain import Head, next_hash, origin
from werkpod.consent.ledger.journal import Journal, Line
from werkpod.pod.errors import IntegrityError, PodUnavailable
from werkpod.pod.store import Duplicate, Row, Statement, Value
from werkpod.pod.store.sqlite import SqliteDatabase
from werkpod.pod.vault import PodVault, Vault
from werkpod.web.errors import Unavailable, WerkpodError

WAIT = 0.1
"""Seconds that a line waits in the journal at most."""
MOST = 256
"""Lines that wait at most; the next one brings them in first, some 2 ms."""
INSERT = "INSERT INTO ledger (pod, seq, sealed, hash) VALUES (?1, ?2, ?3, ?4)"
_HEAD = "SELECT seq, hash FROM ledger WHERE pod = ?1 ORDER BY seq DESC LIMIT 1"
_SAME = "SELECT 1 FROM ledger WHERE pod = ?1 AND seq = ?2 AND hash = ?3"
_TRIES = 5
PART = 512
"""Lines in a part of the index (`index.py`)."""
_HEADS = 16_384  # heads remembered, some 300 bytes each

_T = TypeVar("_T")
log = structlog.get_logger("werkpod.consent.ledger")


class Rows:
    """`journal` None: each line goes to the database at once (and to the disk, where that is durable)."""

    def __init__(self, database: SqliteDatabase, vault: Vault, journal: Journal | None) -> None:
        self._database, self._vault, self._journal = database, vault, journal
        self._heads: OrderedDict[str, Head] = OrderedDict()
        self._waiting: list[Line] = []
        self._timer: asyncio.TimerHandle | None = None
        self.full = set[str]()
        """Pods in whose log this process filled a part of the index, until the chore has made it."""

    async def fetch(self, sql: str, *params: Value) -> Sequence[Row]:
        """The rows of a query. Raises StoreFailure."""
        return self.fetch_now(sql, *params)

    def fetch_now(self, sql: str, *params: Value) -> Sequence[Row]:
        """`fetch` for a caller that cannot await. Raises StoreFailure."""
        self.settle()
        return self._database.fetch_now(sql, *params)

    def execute_now(self, *statements: Statement) -> None:
        """Carry out one unit that is about something else than lines. Raises StoreFailure."""
        self._database.execute_now(*statements)

    def head(self, pod: str) -> Head:
        """Where the chain of a pod stands."""
        self.settle()
        return self._stored(pod)

    def write(self, vault: PodVault, plain: bytes) -> None:
        """Add a line to a pod's chain; it survives the end of the process when this returns. Raises Unavailable."""
        if self._journal is None:
            return self._add(vault, plain)
        if len(self._waiting) >= MOST:
            self.settle()
        line = line_after(self._heads.get(vault.pod) or self.head(vault.pod), vault, plain)
        if not self._journal.append(line):
            self.settle()
            return self._add(vault, plain)
        self._waiting.append(line)
        self._remember(line)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(WAIT, self._settle_later)

    def settle(self) -> None:
        """Bring what waits to the database. Raises StoreFailure: then it waits on."""
        if not self._waiting or self._journal is None:
            return
        try:
            self._database.execute_many_now(INSERT, self._waiting)
        except Duplicate:  # another process wrote to one of these logs
            self._take_over(self._waiting)
        self._waiting = []
        self._journal.clear()

    def recover(self) -> int:
        """Take over what processes left that were killed; how many lines. Raises Unavailable."""
        count = 0
        if self._journal is not None:
            for lines in self._journal.left():
                self._take_over(lines)
                count += len(lines)
        return count

    def close(self) -> None:
        """Bring in what waits and let go of the journal; before the database is closed."""
        if self._timer is not None:
            self._timer.cancel()
        if self._journal is not None:
            try:
                self.settle()
            except WerkpodError as error:  # the lines stay in the journal, for who starts next
                log.warning("ledger_waits", lines=len(self._waiting), error=error.code)
                return
            self._journal.close()

    def _settle_later(self) -> None:
        self._timer = None
        try:
            self.settle()
        except WerkpodError as error:  # the next line, or the next reader, tries again, and says so to who waits
            log.warning("ledger_waits", lines=len(self._waiting), error=error.code)

    def _take_over(self, lines: Sequence[Line]) -> None:
        """Lines whose numbers may be taken: those that are there are left, those that are not get the next number."""
        for pod, seq, sealed, digest in lines:
            if self._database.fetch_now(_SAME, pod, seq, digest):
                continue
            try:
                vault = at_once(self._vault.look(pod))
                self._heads.pop(pod, None)
                self._add(vault, vault.open_entry(str(seq), sealed))
            except (PodUnavailable, IntegrityError):  # erased meanwhile: so is its log
                continue

    def _add(self, vault: PodVault, plain: bytes) -> None:
        for _ in range(_TRIES):
            line = line_after(self._heads.get(vault.pod) or self._stored(vault.pod), vault, plain)
            try:
                self._database.execute_now(Statement(INSERT, line))
            except Duplicate:  # another process wrote a line in between
                self._heads.pop(vault.pod, None)
                continue
            self._remember(line)
            return
        raise Unavailable("The access log could not be written; nothing was read.")

    def _stored(self, pod: str) -> Head:
        rows = self._database.fetch_now(_HEAD, pod)
        return Head(*cast("tuple[int, bytes]", rows[0])) if rows else origin(pod)

    def _remember(self, line: Line) -> None:
        self._heads[line[0]] = Head(line[1], line[3])
        if line[1] % PART == 0:
            self.full.add(line[0])
        if len(self._heads) > _HEADS:
            self._heads.popitem(last=False)


def line_after(head: Head, vault: PodVault, plain: bytes) -> Line:
    """The line after a head: what a row of the table `ledger` holds."""
    last, before = head
    sealed = vault.seal_entry(str(last + 1), plain)
    return vault.pod, last + 1, sealed, next_hash(before, plain, sealed)


def at_once(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """The result of a coroutine that does not wait: reads of SQLite are answered in the event loop (`Database`).

    Raises Unavailable for one that does wait, because the log is written before the answer leaves or not at all.
    """
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: _T = done.value
        return result
    coroutine.close()
    raise Unavailable("The keys of the access log did not answer at once; nothing was read.")
