"""Small units: carried out in the event loop, acknowledged when on the disk, never waiting for another process."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from werkpod.pod.errors import StoreFailure
from werkpod.pod.store import Duplicate, SqliteDatabase, Statement, committer, open_database, writer

SCHEMA = "support.schemas.conformance"
IDS = "SELECT id FROM item WHERE pod = ?1 ORDER BY id"


def insert(identity: str, raw: bytes | None = None, rows: int | None = 1) -> Statement:
    return Statement("INSERT INTO item (pod, id, bytes) VALUES (?1, ?2, ?3)", ("p", identity, raw), rows=rows)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    opened = open_database(tmp_path / "a.db", SCHEMA)
    yield opened
    await opened.close()


async def ids(database: SqliteDatabase) -> list[object]:
    return [row[0] for row in await database.fetch(IDS, "p")]


def test_only_units_that_say_how_much_they_touch_are_small() -> None:
    """A statement that may touch any number of rows, or carries a large body, is for the thread that can wait."""
    assert committer.is_small([insert("a", b"x" * committer.SMALL)])
    assert not committer.is_small([insert("a"), insert("b", rows=None)])
    assert not committer.is_small([insert("a", b"x" * (committer.SMALL + 1))])


async def test_acknowledged_after_the_sync(database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is answered before fdatasync has returned; what is about to be acknowledged can be read meanwhile."""
    synced, go = threading.Event(), threading.Event()
    real = os.fdatasync

    def slow(descriptor: int) -> None:
        synced.set()
        assert go.wait(10)
        real(descriptor)

    monkeypatch.setattr(os, "fdatasync", slow)
    writing = asyncio.create_task(database.write(insert("a")))
    await asyncio.to_thread(synced.wait, 10)
    assert not writing.done()
    assert await ids(database) == ["a"]
    go.set()
    await writing


async def test_the_name_of_the_log_is_on_the_disk_before_the_first_answer(
    database: SqliteDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The WAL is made with the first connection; who syncs a file has not synced the folder that names it."""
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (synced.append(os.fstat(descriptor).st_ino), real(descriptor)))
    await database.write(insert("a"))
    assert synced == [os.stat(tmp_path).st_ino]
    await database.write(insert("b"))
    assert len(synced) == 1


async def test_one_sync_for_all_of_a_turn(database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Units of one turn of the loop share a transaction and a sync; one that fails is undone alone."""
    calls: list[int] = []
    real = os.fdatasync
    monkeypatch.setattr(os, "fdatasync", lambda descriptor: (calls.append(descriptor), real(descriptor))[1])
    answers = await asyncio.gather(
        *(database.write(insert(name)) for name in ("a", "b", "a", "c")), return_exceptions=True
    )
    assert [isinstance(answer, Duplicate) for answer in answers] == [False, False, True, False]
    assert await ids(database) == ["a", "b", "c"]
    assert len(calls) == 1


async def test_more_than_a_turn_takes_goes_over_several(database: SqliteDatabase) -> None:
    """The loop is given back between groups, and everybody is answered."""
    count = 2 * committer.MOST + 3
    await asyncio.gather(*(database.write(insert(f"{i:04}")) for i in range(count)))
    assert len(await ids(database)) == count


async def test_the_loop_does_not_wait_for_another_process(tmp_path: Path, database: SqliteDatabase) -> None:
    """While somebody else holds the write lock the loop goes on, and the unit is written when they are done."""
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writing = asyncio.create_task(database.write(insert("a")))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not writing.done()
    assert await ids(database) == []
    other.execute("COMMIT")
    other.close()
    await writing
    assert await ids(database) == ["a"]


async def test_what_could_not_be_synced_is_not_acknowledged(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk refuses, the caller is told, and no later write is acknowledged either."""

    def broken(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", broken)
    with pytest.raises(StoreFailure, match="could not be brought to the disk"):
        await database.write(insert("a"))
    monkeypatch.undo()
    with pytest.raises(StoreFailure, match="could not be brought to the disk"):
        await database.write(insert("b"))
    with pytest.raises(StoreFailure, match="could not be brought to the disk"):
        await database.write(insert("c", rows=None))


async def test_what_waited_for_a_sync_that_failed_is_not_acknowledged(
    database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk says once that it failed: what is behind the gap in the log is lost too, whatever the next sync says."""
    begun, go = threading.Event(), threading.Event()

    def broken_once(descriptor: int) -> None:
        if not begun.is_set():
            begun.set()
            assert go.wait(10)
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", broken_once)
    first = asyncio.create_task(database.write(insert("a")))
    await asyncio.to_thread(begun.wait, 10)
    second = asyncio.create_task(database.write(insert("b")))
    await asyncio.sleep(0)
    go.set()
    for outcome in await asyncio.gather(first, second, return_exceptions=True):
        assert isinstance(outcome, StoreFailure)


async def test_the_loop_does_not_wait_where_it_begins_anew(
    tmp_path: Path, database: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit that fails has the others carried out one by one; who takes the write lock between does not hold us up."""
    await database.write(insert("a"))
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    real, taken = writer.carry_out, False

    def meanwhile(connection: sqlite3.Connection, statements: Sequence[Statement]) -> object:
        try:
            return real(connection, statements)
        except Duplicate:
            nonlocal taken
            if not taken:
                taken = True
                assert connection.execute("PRAGMA busy_timeout").fetchall() == [(0,)]
                connection.execute("ROLLBACK")
                other.execute("BEGIN IMMEDIATE")
            raise

    monkeypatch.setattr(writer, "carry_out", meanwhile)
    writing = [asyncio.create_task(database.write(insert(name))) for name in ("b", "a")]
    for _ in range(3):
        await asyncio.sleep(0)
    assert taken
    assert not any(task.done() for task in writing)
    other.execute("COMMIT")
    other.close()
    outcomes = await asyncio.gather(*writing, return_exceptions=True)
    assert isinstance(outcomes[1], Duplicate)
    assert await ids(database) == ["a", "b"]


async def test_closing_finishes_what_was_asked(tmp_path: Path) -> None:
    """What was queued in the turn in which the database is closed is on disk, and acknowledged."""
    database = open_database(tmp_path / "a.db", SCHEMA)
    writing = asyncio.create_task(database.write(insert("a")))
    await asyncio.sleep(0)
    await database.close()
    await writing
    again = open_database(tmp_path / "a.db", SCHEMA)
    assert await ids(again) == ["a"]
    await again.close()


async def test_the_wal_is_moved_by_the_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After enough statements what the WAL holds is moved into the database, outside the event loop."""
    monkeypatch.setattr(committer, "CHECKPOINT_STATEMENTS", 4)
    database = open_database(tmp_path / "a.db", SCHEMA)
    before = (tmp_path / "a.db").stat().st_size
    await asyncio.gather(*(database.write(insert(f"{i}", os.urandom(9000))) for i in range(16)))
    await database.write(insert("last"))  # synced by the same thread, after it moved the others
    assert (tmp_path / "a.db").stat().st_size > before
    await database.close()
