"""Small units, carried out in the event loop, many in one transaction, and answered when they are on the disk.

A thread that writes costs more than the writing: each of its statements takes the interpreter from the event loop and
gives it back, and each of its commits makes SQLite drop what the reading connection had in memory. So a small unit is
carried out on the connection that reads, with the others of the same turn of the loop; what takes long, the fsync, is
left to a thread, once for all that was committed meanwhile. A caller is answered after that: what was acknowledged is
on the disk. A reader may see a little earlier what is about to be acknowledged.
"""

from __future__ import annotations

import asyncio
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from werkpod.pod.errors import StoreFailure
from werkpod.pod.store.checkpoint import checkpoint
from werkpod.pod.store.protocol import Statement
from werkpod.pod.store.writer import BUSY_SECONDS, Answers, Outcome, Rows, Unit, Writer, carry_out_all, deliver, failed

SMALL = 64 << 10
"""Bytes that one value of a small unit may have: at some 3 GB/s the loop is held 20 microseconds by it."""
MOST = 64
"""Units in one turn of the loop: some milliseconds; the others wait for the next turn."""
CHECKPOINT_STATEMENTS = 8192
"""Statements after which the WAL is moved into the database; each adds a page to it at most, in a group far less."""
_WAIT = f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}"


def is_small(statements: Sequence[Statement]) -> bool:
    """Whether a unit can be carried out in the loop: it says of each statement how many rows it touches, and is short.

    A statement that does not say may touch any number of rows (clearing away a pod), and so take any time.
    """
    for statement in statements:
        if statement.rows is None:
            return False
        for value in statement.params:
            if type(value) is bytes and len(value) > SMALL:
                return False
    return True


class Committer:
    """Carries out small units on `connection`, which belongs to the event loop's thread. `writer` takes what must wait.

    `connect` makes a connection for the thread that syncs, which also moves the WAL into the database.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, writer: Writer, connect: Callable[[], sqlite3.Connection]
    ) -> None:
        self._wal = path.with_name(path.name + "-wal")
        self._name, self._connection, self._writer, self._connect = path.name, connection, writer, connect
        self._pending: list[Unit] = []
        self._failed: Exception | None = None
        self._closed = False
        self._turning: asyncio.AbstractEventLoop | None = None
        self._statements = 0
        self._committed: queue.SimpleQueue[Answers | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"werkpod-syncer-{path.name}", daemon=True)
        self._thread.start()

    def submit(self, statements: Sequence[Statement]) -> asyncio.Future[Rows]:
        """Carry out a unit at the end of this turn of the loop; the future has its rows when they are on the disk."""
        if self._closed:
            raise StoreFailure(f"{self._name} is closed; nothing was written")
        self.check()
        loop = asyncio.get_running_loop()
        unit = Unit(loop, loop.create_future(), statements)
        self._pending.append(unit)
        if self._turning is not loop:
            self._turning = loop
            loop.call_soon(self._turn)
        return unit.future

    def check(self) -> None:
        """Raise StoreFailure when a sync has failed: nothing is acknowledged from then on, whoever writes it."""
        if self._failed is not None:
            raise StoreFailure(f"{self._name} could not be brought to the disk: {self._failed}")

    def finish(self) -> None:
        """Carry out what is left; then `join`. Idempotent."""
        if not self._closed:
            self._closed = True
            while self._pending:
                self._commit()
            self._committed.put(None)

    def join(self) -> None:
        """Wait until all is on the disk and the thread has ended. Blocks; idempotent."""
        self._thread.join()

    def _turn(self) -> None:
        loop, self._turning = self._turning, None
        if self._pending:
            self._commit()
        if self._pending and loop is not None:
            self._turning = loop
            loop.call_soon(self._turn)

    def _commit(self) -> None:
        """One transaction. Where somebody else is writing, the thread that can wait takes the units instead."""
        units, self._pending = self._pending[:MOST], self._pending[MOST:]
        connection = self._connection
        try:
            connection.execute("PRAGMA busy_timeout = 0")  # also where a unit that fails makes it begin anew
            try:
                connection.execute("BEGIN IMMEDIATE")
                outcomes = carry_out_all(connection, units, self._name)
            finally:
                connection.execute(_WAIT)
        except sqlite3.Error as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                self._writer.take(units)
                return
            outcomes = [failed(self._name, error) for _ in units]
        answers: Answers = list(zip(units, outcomes, strict=True))
        self._statements += sum(len(unit.statements) for unit in units)
        if any(not isinstance(outcome, BaseException) for outcome in outcomes):
            self._committed.put(answers)
        else:
            deliver(answers)

    # The thread that syncs

    def _run(self) -> None:
        connection, descriptor, going = self._connect(), None, True
        try:
            while going:
                answers, going = self._next()
                if not answers:
                    continue
                try:
                    if descriptor is None:
                        descriptor = os.open(self._wal, os.O_RDONLY | os.O_CLOEXEC)
                        _sync_folder(self._wal.parent)  # the WAL is a new file, and its name has to last as well
                    if self._failed is None:  # a second try would succeed, and bring back nothing of what was lost
                        os.fdatasync(descriptor)
                except OSError as error:
                    self._failed = error
                if self._failed is not None:
                    # What the file holds is not known any more; nothing is acknowledged from now on.
                    answers = [(unit, self._not_synced(outcome, self._failed)) for unit, outcome in answers]
                deliver(answers)
                self._checkpoint(connection)
        finally:
            if descriptor is not None:
                os.close(descriptor)
            connection.close()

    def _next(self) -> tuple[Answers, bool]:
        """All that was committed and is not yet on the disk; False where this is the end."""
        found: Answers = []
        answers = self._committed.get()
        while answers is not None:
            found += answers
            try:
                answers = self._committed.get_nowait()
            except queue.Empty:
                return found, True
        return found, False

    def _not_synced(self, outcome: Outcome, error: Exception) -> Outcome:
        if isinstance(outcome, BaseException):
            return outcome
        failure = StoreFailure(f"{self._name} could not be brought to the disk: {error}")
        failure.__cause__ = error
        return failure

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        """Move the WAL into the database where it has become long: here, because the loop would be held by it."""
        if self._statements < CHECKPOINT_STATEMENTS:
            return
        self._statements = 0
        try:
            checkpoint(connection, self._wal)
        except sqlite3.Error:  # somebody else does it, or it is done the next time; the WAL only grows
            return


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
