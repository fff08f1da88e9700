"""The write-ahead log stays short though writes never pause."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from werkpod.pod.store import Statement, checkpoint, open_database
from werkpod.pod.store import committer as committing

SCHEMA = "support.schemas.conformance"
LIMIT = 1 << 20
INSERT = "INSERT INTO item (pod, id, bytes) VALUES (?1, ?2, ?3)"
BODY = b"x" * 2000


class Reader:
    """Somebody else who reads from the log, for moments, all the time: `with Reader(path):`."""

    def __init__(self, path: Path) -> None:
        self._path, self._stop = path, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        connection = sqlite3.connect(self._path)
        while not self._stop.is_set():
            rows = connection.execute("SELECT id FROM item LIMIT 200")
            rows.fetchone()  # a snapshot of the log is held until the rest is fetched
            self._stop.wait(0.001)
            rows.fetchall()
        connection.close()

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def size(path: Path) -> int:
    return path.with_name(path.name + "-wal").stat().st_size


async def test_a_log_that_is_written_to_all_the_time_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not durable (the access log): written to without a pause, with a reader, it begins anew again and again."""
    monkeypatch.setattr(checkpoint, "LIMIT", LIMIT)
    database = open_database(tmp_path / "a.db", SCHEMA, durable=False)
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None, check_same_thread=False)
    done, anew, before, written = threading.Event(), 0, 0, 0

    def mover() -> None:
        while not done.is_set():
            checkpoint.checkpoint(connection, tmp_path / "a.db-wal")

    thread = threading.Thread(target=mover)
    with Reader(tmp_path / "a.db"):
        thread.start()
        while anew < 3 and written < 30_000:
            database.execute_now(Statement(INSERT, ("p", str(written), BODY)))
            written += 1
            now = size(database.path)
            anew, before = anew + (now < before), now
        done.set()
        thread.join()
    assert anew == 3
    assert len(await database.fetch("SELECT id FROM item")) == written
    connection.close()
    await database.close()


async def test_so_does_that_of_a_durable_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Units one after the other and many at once; nothing is lost by beginning anew."""
    monkeypatch.setattr(checkpoint, "LIMIT", LIMIT)
    monkeypatch.setattr(committing, "CHECKPOINT_STATEMENTS", 128)
    database = open_database(tmp_path / "a.db", SCHEMA)
    anew, before, turns = 0, 0, 0
    with Reader(tmp_path / "a.db"):
        while anew < 2 and turns < 400:
            units = [Statement(INSERT, ("p", f"{turns}-{number}", BODY), rows=1) for number in range(64)]
            await asyncio.gather(*(database.write(unit) for unit in units))
            turns += 1
            now = size(database.path)
            anew, before = anew + (now < before), now
    assert anew == 2
    assert len(await database.fetch("SELECT id FROM item")) == turns * 64
    await database.close()
