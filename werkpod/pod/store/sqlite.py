"""SQLite behind the `Database` protocol, with the standard library.

WAL, so a reader never waits for the writer. Reads run in the event loop: 10-20 us, where a hop to a thread costs more
than the query. So do small writes, and wait for the disk elsewhere (`committer.py`); what may take long goes to one
thread (`writer.py`). Both put many units in one transaction. Another process may write to the same file: it
waits up to five seconds for its turn, and what it committed is seen by the next read.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from werkpod.pod.errors import SchemaRefused, StoreFailure
from werkpod.pod.store import migrate
from werkpod.pod.store.committer import Committer, is_small
from werkpod.pod.store.flusher import Flusher
from werkpod.pod.store.protocol import Database, Duplicate, Row, Statement, Value
from werkpod.pod.store.writer import BUSY_SECONDS, Writer, carry_out, is_duplicate

_SCRUB_SECONDS = 2.0  # how long scrubbing keeps other writes waiting when somebody reads from the WAL
_PAGES_GIVEN_BACK = 512  # 2 MB
_JOURNAL_LIMIT = 32 << 20  # bytes that a WAL keeps on disk after it was moved into the database


class SqliteDatabase(Database):
    """One SQLite file. Made by `open_database`; all methods belong to the event loop's thread."""

    def __init__(self, path: Path, *, durable: bool, secure_delete: bool, inline: bool) -> None:
        self.path = path
        self._durable = durable
        self._secure_delete = secure_delete
        self._closed = False
        self._reader = self._connect()
        self._writer = Writer(self._connect(), path.name)
        self._committer: Committer | None = None
        if durable:
            self._reader.execute("PRAGMA synchronous = NORMAL")  # the committer syncs, outside the event loop
            self._reader.execute("PRAGMA wal_autocheckpoint = 0")  # and moves the WAL
            self._committer = Committer(path, self._reader, self._writer, self._connect)
        else:
            self._reader.execute("PRAGMA query_only = ON")
        self._now: sqlite3.Connection | None = None
        self._flusher: Flusher | None = None
        if inline or not durable:
            self._now = self._connect()
        if self._now is not None and not durable:
            self._now.execute("PRAGMA wal_autocheckpoint = 0")  # the flusher does it, outside the event loop
            self._flusher = Flusher(path, self._connect)

    async def fetch(self, sql: str, *params: Value) -> Sequence[Row]:
        """The rows of a query. Raises StoreFailure."""
        return self.fetch_now(sql, *params)

    def fetch_now(self, sql: str, *params: Value) -> Sequence[Row]:
        """`fetch` for a caller that cannot await (the ledger). Raises StoreFailure."""
        try:
            return self._reader.execute(sql, params).fetchall()
        except sqlite3.Error as error:
            raise StoreFailure(f"{self.path.name} did not answer: {error}") from error

    async def write(self, *statements: Statement) -> list[Sequence[Row]]:
        """Carry out one unit, on disk when it returns. Raises ExpectationFailed, Duplicate, StoreFailure."""
        if self._committer is not None:
            if is_small(statements):
                return await self._committer.submit(statements)
            self._committer.check()
        return await self._writer.submit(statements)

    def execute_now(self, *statements: Statement) -> list[Sequence[Row]]:
        """Carry out one unit in the event loop; only where the database was opened `inline` or not durable.

        Not durable: without waiting for the disk; it survives a crash of the process when this returns, and of the
        machine after the next flush. Durable: it is on disk when this returns, and everybody waits for the disk.
        Raises ExpectationFailed, Duplicate, and StoreFailure also when the last flush did not succeed.
        """
        if self._now is None:
            raise StoreFailure(f"{self.path.name} was opened durable; use write")
        if self._flusher is not None and self._flusher.failed is not None:
            raise StoreFailure(f"{self.path.name} could not be brought to the disk: {self._flusher.failed}")
        connection = self._now
        try:
            if len(statements) == 1 and statements[0].rows is None:  # a transaction by itself, 5 us less
                return carry_out(connection, statements)
            connection.execute("BEGIN IMMEDIATE")
            try:
                results = carry_out(connection, statements)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise StoreFailure(f"{self.path.name} did not carry it out, nothing was written: {error}") from error
        return results

    def execute_many_now(self, sql: str, rows: Sequence[tuple[Value, ...]]) -> None:
        """`execute_now` for one statement with the values of many rows, in one transaction: all of them, or none.

        Raises Duplicate (its index is not told), StoreFailure.
        """
        if self._now is None:
            raise StoreFailure(f"{self.path.name} was opened durable; use write")
        if self._flusher is not None and self._flusher.failed is not None:
            raise StoreFailure(f"{self.path.name} could not be brought to the disk: {self._flusher.failed}")
        try:
            self._now.execute("BEGIN IMMEDIATE")
            try:
                self._now.executemany(sql, rows)
                self._now.execute("COMMIT")
            except BaseException:
                if self._now.in_transaction:
                    self._now.execute("ROLLBACK")
                raise
        except sqlite3.IntegrityError as error:
            if is_duplicate(error):
                raise Duplicate(0) from None
            raise StoreFailure(f"{self.path.name} did not carry it out, nothing was written: {error}") from error
        except sqlite3.Error as error:
            raise StoreFailure(f"{self.path.name} did not carry it out, nothing was written: {error}") from error

    async def scrub(self) -> None:
        """Move the WAL into the database and empty it, so that with `secure_delete` a deleted row is gone from disk.

        Raises StoreFailure when another process reads from the WAL all the time; try again then.
        """
        await self._writer.submit(job=_truncate_wal)

    async def shrink(self) -> bool:
        """Give back some MB that are free; False when nothing is, or the file was made without that ability.

        Other writers wait some 10 ms. The file is shorter after the next checkpoint.
        """
        ((free,),) = self.fetch_now("PRAGMA freelist_count")
        if not free:
            return False
        await self._writer.submit(job=_give_back)
        return self.fetch_now("PRAGMA freelist_count")[0][0] != free

    async def close(self) -> None:
        """Finish what is queued, bring it to the disk and let go of the files. Idempotent."""
        if self._closed:
            return
        self._closed = True
        if self._committer is not None:
            self._committer.finish()
            await asyncio.to_thread(self._committer.join)
        await asyncio.to_thread(self._writer.close)
        if self._flusher is not None:
            await asyncio.to_thread(self._flusher.close)
        if self._now is not None:
            self._now.close()
        self._reader.close()

    def _connect(self) -> sqlite3.Connection:
        return _connect(self.path, durable=self._durable, secure_delete=self._secure_delete)


def open_database(
    path: str | os.PathLike[str],
    migrations: str,
    *,
    durable: bool = True,
    secure_delete: bool = False,
    inline: bool = False,
    shrinks: bool = False,
) -> SqliteDatabase:
    """Open a database file, made (mode 0600) where there is none, and bring it to the schema of `migrations`.

    `migrations` is the name of a package with files NNNN_name.sql; `inline` allows `execute_now` on a durable database;
    `shrinks`: a new file keeps the book that `shrink` needs, which makes writing megabytes a quarter dearer.
    Blocks; meant for start-up. Raises SchemaRefused (also for a file that is not a database) and StoreFailure (the
    file cannot be opened).
    """
    file = Path(path)
    steps = migrate.load(migrations)
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.close(descriptor)
        connection = _connect(file, durable=durable, secure_delete=secure_delete, shrinks=shrinks)
    except (OSError, sqlite3.OperationalError) as error:
        raise StoreFailure(f"{file} cannot be opened: {error}") from error
    except sqlite3.DatabaseError as error:
        raise SchemaRefused(f"{file} is not a database that Werkpod made: {error}") from error
    try:
        migrate.apply(connection, steps, str(file))
    finally:
        connection.close()
    _sync_directory(file.parent)
    return SqliteDatabase(file, durable=durable, secure_delete=secure_delete, inline=inline)


def _connect(path: Path, *, durable: bool, secure_delete: bool, shrinks: bool = False) -> sqlite3.Connection:
    """A connection with our settings. Checked for threads by us: each connection is used by one thread at a time."""
    connection = sqlite3.connect(
        path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=512
    )
    if shrinks:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of no effect where the file has tables already
    _use_wal(connection)
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    connection.execute(f"PRAGMA secure_delete = {'ON' if secure_delete else 'OFF'}")
    connection.execute(f"PRAGMA journal_size_limit = {_JOURNAL_LIMIT}")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _use_wal(connection: sqlite3.Connection) -> None:
    """Turn WAL on. SQLite does not wait for its turn here, and two processes may start at once, so we do."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _give_back(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA incremental_vacuum({_PAGES_GIVEN_BACK})").fetchall()


def _truncate_wal(connection: sqlite3.Connection) -> None:
    """Empty the WAL. Where another process is just doing the same SQLite says so at once, so the waiting is ours."""
    deadline = time.monotonic() + _SCRUB_SECONDS
    while True:
        try:
            ((busy, _, _),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise
            busy = 1
        if not busy:
            return
        if time.monotonic() > deadline:
            raise sqlite3.OperationalError("the write-ahead log is in use and could not be emptied")
        time.sleep(0.01)


def _sync_directory(directory: Path) -> None:
    """Bring the names of new files to the disk (fsync(2): a file's entry needs an fsync of its directory)."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
