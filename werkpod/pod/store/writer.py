"""The one thread that writes to a SQLite file: it drains a queue into one transaction (group commit).

A unit is a SAVEPOINT in that transaction, so that one that fails is rolled back alone. A caller is answered after the
COMMIT, which with `synchronous=FULL` is after the fsync of the WAL.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from werkpod.pod.errors import StoreFailure
from werkpod.pod.store.protocol import Duplicate, ExpectationFailed, Row, Statement

Rows = list[Sequence[Row]]

MAX_BATCH = 256
"""Units in one transaction. More gains nothing (the fsync is shared already) and lets the first one wait longer."""

_DUPLICATE = frozenset({sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE})


def carry_out(connection: sqlite3.Connection, statements: Sequence[Statement]) -> Rows:
    """Carry out the statements of a unit in the open transaction.

    Raises ExpectationFailed, Duplicate, sqlite3.Error.
    """
    results: Rows = []
    for index, statement in enumerate(statements):
        try:
            cursor = connection.execute(statement.sql, statement.params)
            rows: Sequence[Row] = cursor.fetchall() if cursor.description else ()
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorcode in _DUPLICATE:
                raise Duplicate(index) from None
            raise
        touched = len(rows) if cursor.description else cursor.rowcount
        if statement.rows is not None and touched != statement.rows:
            raise ExpectationFailed(index)
        results.append(rows)
    return results


@dataclass(frozen=True, slots=True, eq=False)
class _Unit:
    """What one caller waits for. `job` is work outside a transaction (a checkpoint)."""

    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Rows]
    statements: Sequence[Statement] = ()
    job: Callable[[sqlite3.Connection], None] | None = None


_Outcome = Rows | BaseException


class Writer:
    """The writing thread of one database. `submit` may be called from any event loop; `close` waits for the queue."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self._queue: queue.SimpleQueue[_Unit | None] = queue.SimpleQueue()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"werkpod-writer-{name}", daemon=True)
        self._thread.start()

    def submit(
        self, statements: Sequence[Statement] = (), job: Callable[[sqlite3.Connection], None] | None = None
    ) -> asyncio.Future[Rows]:
        """Queue a unit; the future has its rows after the commit. A cancelled caller's unit may still be written."""
        if self._closed:
            raise StoreFailure(f"{self._name} is closed; nothing was written")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Rows] = loop.create_future()
        self._queue.put(_Unit(loop, future, statements, job))
        return future

    def close(self) -> None:
        """Finish what is queued, then end the thread and its connection. Blocks; idempotent."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        going = True
        while going:
            batch, last = self._next_batch()
            _deliver(batch, self._settle(batch))
            if last is not None and last.job is not None:
                _deliver([last], [self._carry_out_job(last.job)])
            going = last is not None
        self._connection.close()

    def _next_batch(self) -> tuple[list[_Unit], _Unit | None]:
        """The units for one transaction, and what comes after it: a job, the end (None), or nothing (the last unit)."""
        unit = self._queue.get()
        batch: list[_Unit] = []
        while unit is not None and unit.job is None:
            batch.append(unit)
            if len(batch) == MAX_BATCH:
                break
            try:
                unit = self._queue.get_nowait()
            except queue.Empty:
                break
        return batch, unit

    def _settle(self, batch: list[_Unit]) -> list[_Outcome]:
        """The outcome of each unit: written together, or, where the transaction itself failed, none of them."""
        if not batch:
            return []
        try:
            return self._commit(batch)
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            return [self._failure(error) for _ in batch]

    def _carry_out_job(self, job: Callable[[sqlite3.Connection], None]) -> _Outcome:
        try:
            job(self._connection)
        except sqlite3.Error as error:
            return self._failure(error)
        return []

    def _commit(self, units: list[_Unit]) -> list[_Outcome]:
        connection = self._connection
        outcomes: list[_Outcome] = []
        connection.execute("BEGIN IMMEDIATE")
        if len(units) == 1:  # most batches of a quiet server: the transaction is the unit
            try:
                outcomes.append(carry_out(connection, units[0].statements))
            except Exception as error:  # noqa: BLE001 - as below
                connection.execute("ROLLBACK")
                return [error if isinstance(error, ExpectationFailed | Duplicate) else self._failure(error)]
            connection.execute("COMMIT")
            return outcomes
        for unit in units:
            connection.execute("SAVEPOINT unit")
            try:
                outcomes.append(carry_out(connection, unit.statements))
            except Exception as error:  # noqa: BLE001 - the thread's edge: it belongs to this unit's caller
                # Where SQLite has undone the whole transaction (a full disk), this raises, and all units have failed.
                connection.execute("ROLLBACK TO unit")
                outcomes.append(error if isinstance(error, ExpectationFailed | Duplicate) else self._failure(error))
            connection.execute("RELEASE unit")
        connection.execute("COMMIT")
        return outcomes

    def _failure(self, error: Exception) -> StoreFailure:
        failure = StoreFailure(f"{self._name} did not carry it out, nothing was written: {error}")
        failure.__cause__ = error
        return failure


def _deliver(units: list[_Unit], outcomes: list[_Outcome]) -> None:
    """Wake the callers, one wake-up an event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Rows], _Outcome]]] = {}
    for unit, outcome in zip(units, outcomes, strict=True):
        by_loop.setdefault(unit.loop, []).append((unit.future, outcome))
    for loop, answers in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_answer, answers)


def _answer(answers: list[tuple[asyncio.Future[Rows], _Outcome]]) -> None:
    for future, outcome in answers:
        if future.done():  # the caller was cancelled
            continue
        if isinstance(outcome, BaseException):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
