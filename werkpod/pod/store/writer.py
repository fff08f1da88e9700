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

BUSY_SECONDS = 5.0
"""How long one process waits for another's transaction."""

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
            if is_duplicate(error):
                raise Duplicate(index) from None
            raise
        touched = len(rows) if cursor.description else cursor.rowcount
        if statement.rows is not None and touched != statement.rows:
            raise ExpectationFailed(index)
        results.append(rows)
    return results


def is_duplicate(error: sqlite3.Error) -> bool:
    """Whether a row with the same key was there."""
    return error.sqlite_errorcode in _DUPLICATE


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """What one caller waits for, in one event loop. `job` is work outside a transaction (a checkpoint)."""

    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Rows]
    statements: Sequence[Statement] = ()
    job: Callable[[sqlite3.Connection], None] | None = None


Outcome = Rows | BaseException
Answers = list[tuple[Unit, Outcome]]


class Writer:
    """The writing thread of one database. `submit` may be called from any event loop; `close` waits for the queue."""

    def __init__(self, connection: sqlite3.Connection, name: str) -> None:
        self._connection = connection
        self._name = name
        self._queue: queue.SimpleQueue[Unit | None] = queue.SimpleQueue()
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
        self._queue.put(Unit(loop, future, statements, job))
        return future

    def take(self, units: Sequence[Unit]) -> None:
        """Queue units that somebody waits for already."""
        for unit in units:
            self._queue.put(unit)

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
            deliver(list(zip(batch, self._settle(batch), strict=True)))
            if last is not None and last.job is not None:
                deliver([(last, self._carry_out_job(last.job))])
            going = last is not None
        self._connection.close()

    def _next_batch(self) -> tuple[list[Unit], Unit | None]:
        """The units for one transaction, and what comes after it: a job, the end (None), or nothing (the last unit)."""
        unit = self._queue.get()
        batch: list[Unit] = []
        while unit is not None and unit.job is None:
            batch.append(unit)
            if len(batch) == MAX_BATCH:
                break
            try:
                unit = self._queue.get_nowait()
            except queue.Empty:
                break
        return batch, unit

    def _settle(self, batch: list[Unit]) -> list[Outcome]:
        """The outcome of each unit: written together, or, where the transaction itself failed, none of them."""
        if not batch:
            return []
        try:
            return self._commit(batch)
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            return [failed(self._name, error) for _ in batch]

    def _carry_out_job(self, job: Callable[[sqlite3.Connection], None]) -> Outcome:
        try:
            job(self._connection)
        except sqlite3.Error as error:
            return failed(self._name, error)
        return []

    def _commit(self, units: list[Unit]) -> list[Outcome]:
        self._connection.execute("BEGIN IMMEDIATE")
        return carry_out_all(self._connection, units, self._name)


def carry_out_all(connection: sqlite3.Connection, units: Sequence[Unit], name: str) -> list[Outcome]:
    """Carry out units in the open transaction and commit it; a unit that fails is rolled back alone.

    `name` of the database, for errors. Raises sqlite3.Error where the transaction itself fails, and nothing is written.
    """
    try:  # nearly always nobody loses, and a savepoint for each unit costs as much as two statements
        outcomes: list[Outcome] = [carry_out(connection, unit.statements) for unit in units]
    except Exception as error:  # noqa: BLE001 - as below
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if len(units) == 1:
            return [error if isinstance(error, ExpectationFailed | Duplicate) else failed(name, error)]
        connection.execute("BEGIN IMMEDIATE")
        return _one_by_one(connection, units, name)
    connection.execute("COMMIT")
    return outcomes


def _one_by_one(connection: sqlite3.Connection, units: Sequence[Unit], name: str) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for unit in units:
        connection.execute("SAVEPOINT unit")
        try:
            outcomes.append(carry_out(connection, unit.statements))
        except Exception as error:  # noqa: BLE001 - the edge of what writes: it belongs to this unit's caller
            # Where SQLite has undone the whole transaction (a full disk), this raises, and all units have failed.
            connection.execute("ROLLBACK TO unit")
            outcomes.append(error if isinstance(error, ExpectationFailed | Duplicate) else failed(name, error))
        connection.execute("RELEASE unit")
    connection.execute("COMMIT")
    return outcomes


def failed(name: str, error: Exception) -> StoreFailure:
    """What a caller is told where `error` kept a unit from being written."""
    failure = StoreFailure(f"{name} did not carry it out, nothing was written: {error}")
    failure.__cause__ = error
    return failure


def deliver(answers: Answers) -> None:
    """Wake the callers, one wake-up an event loop. From any thread."""
    by_loop: dict[asyncio.AbstractEventLoop, Answers] = {}
    for answer in answers:
        by_loop.setdefault(answer[0].loop, []).append(answer)
    for loop, some in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_answer, some)


def _answer(answers: Answers) -> None:
    for unit, outcome in answers:
        if unit.future.done():  # the caller was cancelled
            continue
        if isinstance(outcome, BaseException):
            unit.future.set_exception(outcome)
        else:
            unit.future.set_result(outcome)
