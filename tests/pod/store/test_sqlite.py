"""What is SQLite's own: other processes beside us, crashes, full disks, migrations, what stays in the files."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from werkpod.pod.errors import SchemaRefused, StoreFailure
from werkpod.pod.store import Duplicate, ExpectationFailed, SqliteDatabase, Statement, open_database

SCHEMA = "support.schemas.conformance"
COUNT = "SELECT COUNT(*) FROM item WHERE pod = ?1"


def insert(identity: str, raw: bytes | None = None) -> Statement:
    return Statement("INSERT INTO item (pod, id, bytes) VALUES (?1, ?2, ?3)", ("p", identity, raw), rows=1)


def run(script: str, *arguments: object) -> subprocess.Popen[str]:
    """A Python process of its own, with our packages on its path."""
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    opened = open_database(tmp_path / "a.db", SCHEMA)
    yield opened
    await opened.close()


WRITE_UNTIL_KILLED = """
    import asyncio, itertools, os, sys
    from werkpod.pod.store import Statement, open_database

    async def main(path, how):
        durable = how != "not-durable"
        database = open_database(path, "support.schemas.conformance", durable=durable)
        numbers = itertools.count()
        sql = "INSERT INTO item (pod, id, bytes) VALUES ('p', ?1, ?2)"

        async def writer():
            while True:
                identity = f"{next(numbers):08}"
                statement = Statement(sql, (identity, os.urandom(700)), rows=1 if how == "small" else None)
                if durable:
                    await database.write(statement)
                else:
                    database.execute_now(statement)
                    await asyncio.sleep(0)
                os.write(1, identity.encode() + b"\\n")

        await asyncio.gather(*(writer() for _ in range(16)))

    asyncio.run(main(sys.argv[1], sys.argv[2]))
"""


@pytest.mark.parametrize("durability", ["durable", "small", "not-durable"])
async def test_every_acknowledged_write_survives_kill_9(tmp_path: Path, durability: str) -> None:
    """After kill -9 in the middle of writing, each row whose write returned is there and the file is sound."""
    process = run(WRITE_UNTIL_KILLED, tmp_path / "a.db", durability)
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(400)]
    process.send_signal(signal.SIGKILL)
    acknowledged += [line.strip() for line in process.stdout if line.endswith("\n")]
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    database = open_database(tmp_path / "a.db", SCHEMA)
    found = {row[0] for row in await database.fetch("SELECT id FROM item WHERE pod = 'p'")}
    assert set(acknowledged) <= found
    assert list(await database.fetch("PRAGMA integrity_check")) == [("ok",)]
    await database.close()


async def test_what_another_process_wrote_is_seen_by_the_next_read(database: SqliteDatabase) -> None:
    """A command line beside a running server: its row is there as soon as it has ended."""
    await database.write(insert("ours"))
    other = run(
        """
        import asyncio, sys
        from werkpod.pod.store import Statement, open_database
        async def main():
            database = open_database(sys.argv[1], "support.schemas.conformance")
            await database.write(Statement("INSERT INTO item (pod, id) VALUES ('p', 'theirs')"))
            await database.close()
        asyncio.run(main())
        """,
        database.path,
    )
    assert await asyncio.to_thread(other.wait) == 0
    assert other.stdout is not None
    other.stdout.close()
    assert list(await database.fetch(COUNT, "p")) == [(2,)]


async def test_a_writer_waits_for_another_process_and_readers_do_not(database: SqliteDatabase) -> None:
    """While somebody else holds the write lock reads are answered, and the write succeeds when the lock is free."""
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO item (pod, id) VALUES ('p', 'theirs')")
    writing = asyncio.ensure_future(database.write(insert("ours")))
    await asyncio.sleep(0.1)
    assert not writing.done()
    assert list(await database.fetch(COUNT, "p")) == [(0,)]
    other.execute("COMMIT")
    other.close()
    await writing
    assert list(await database.fetch(COUNT, "p")) == [(2,)]


async def test_processes_that_start_at_once_make_one_schema(tmp_path: Path) -> None:
    """Several processes that find no database make one, together, and all go on."""
    script = """
        import asyncio, sys
        from werkpod.pod.store import open_database
        async def main():
            await open_database(sys.argv[1], "support.schemas.conformance").close()
        asyncio.run(main())
        """
    processes = [run(script, tmp_path / "a.db") for _ in range(4)]
    for process in processes:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait() == 0
    database = open_database(tmp_path / "a.db", SCHEMA)
    assert list(await database.fetch("SELECT version, name FROM schema_version")) == [(1, "item")]
    await database.close()


async def test_a_full_disk_is_an_error_for_whom_it_hits_and_for_nobody_else(database: SqliteDatabase) -> None:
    """When the file cannot grow, refused writes are absent, acknowledged ones present, and small ones work again."""
    await database.write(insert("before"))

    def no_more(connection: sqlite3.Connection) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 3}")

    await database._writer.submit(job=no_more)
    units = [database.write(insert(f"{n:02}", bytes(100_000) if n == 5 else None)) for n in range(10)]
    outcomes = await asyncio.gather(*units, return_exceptions=True)
    assert isinstance(outcomes[5], StoreFailure)
    acknowledged = {f"{n:02}" for n, outcome in enumerate(outcomes) if isinstance(outcome, list)}
    found = {row[0] for row in await database.fetch("SELECT id FROM item WHERE pod = 'p'")}
    assert found == {"before", *acknowledged}
    await database.write(insert("after"))


async def test_a_durable_commit_waits_for_the_disk(database: SqliteDatabase, tmp_path: Path) -> None:
    """The writing connection of a durable database syncs at each commit (FULL, 2), the other's does not (NORMAL, 1)."""
    relaxed = open_database(tmp_path / "b.db", SCHEMA, durable=False)
    levels: list[int] = []

    def note(connection: sqlite3.Connection) -> None:
        levels.extend(connection.execute("PRAGMA synchronous").fetchone())

    await database._writer.submit(job=note)
    await relaxed._writer.submit(job=note)
    await relaxed.close()
    assert levels == [2, 1]


async def test_execute_now_is_for_databases_that_need_not_be_durable(database: SqliteDatabase, tmp_path: Path) -> None:
    """A write in the event loop is seen at once, keeps its expectations, and is refused on a durable database."""
    with pytest.raises(StoreFailure):
        database.execute_now(insert("a"))
    relaxed = open_database(tmp_path / "b.db", SCHEMA, durable=False)
    relaxed.execute_now(insert("a"))
    with pytest.raises(Duplicate):
        relaxed.execute_now(insert("b"), insert("a"))
    with pytest.raises(ExpectationFailed):
        relaxed.execute_now(insert("b"), Statement("DELETE FROM item WHERE pod = 'q'", rows=1))
    with pytest.raises(StoreFailure):
        relaxed.execute_now(insert("b"), Statement("DELETE FROM nowhere"))
    await asyncio.gather(*(relaxed.write(insert(f"w{n}")) for n in range(20)))
    (rows,) = relaxed.execute_now(Statement("INSERT INTO item (pod, id) VALUES ('p', 'c') RETURNING id"))
    assert list(rows) == [("c",)]
    assert relaxed.fetch_now(COUNT, "p") == [(22,)]
    await relaxed.close()


async def test_the_files_are_for_their_owner_only(database: SqliteDatabase) -> None:
    """Database, WAL and index of the WAL have mode 0600."""
    await database.write(insert("a"))
    files = sorted(database.path.parent.iterdir())
    assert [file.name for file in files] == ["a.db", "a.db-shm", "a.db-wal"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


async def test_scrub_leaves_nothing_of_a_deleted_row(tmp_path: Path) -> None:
    """With secure_delete a deleted row is found in no file after a scrub; before it, it is found."""
    database = open_database(tmp_path / "a.db", SCHEMA, secure_delete=True)
    marker = os.urandom(24)

    def found() -> bool:
        return any(marker in file.read_bytes() for file in tmp_path.iterdir())

    await database.write(insert("a", marker))
    assert found()
    await database.write(Statement("DELETE FROM item WHERE pod = 'p'"))
    await database.scrub()
    assert not found()
    await database.close()


async def test_a_scrub_that_did_not_succeed_says_so(database: SqliteDatabase) -> None:
    """While somebody reads an older state the WAL cannot be emptied: that is an error, and works again afterwards."""
    await database.write(insert("a"))
    await database._writer.submit(job=lambda connection: connection.execute("PRAGMA busy_timeout = 50").close())
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN")
    other.execute("SELECT * FROM item").fetchall()
    await database.write(insert("b"))
    with pytest.raises(StoreFailure, match="in use"):
        await database.scrub()
    other.execute("COMMIT")
    other.close()
    await database.scrub()
    assert list(await database.fetch(COUNT, "p")) == [(2,)]


def package(folder: Path, name: str, **files: str) -> str:
    """A package with migrations, importable under `name`."""
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text("")
    for file, text in files.items():
        (folder / name / f"{file.removeprefix('m')}.sql").write_text(text)
    return name


async def test_migrations_are_applied_once_and_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer Werkpod brings the database of an older one up to date and keeps what is in it."""
    monkeypatch.syspath_prepend(tmp_path)
    one = "-- first; with a semicolon here\nCREATE TABLE a (x TEXT DEFAULT ';');\nINSERT INTO a VALUES ('one');\n"
    old = package(tmp_path, "migrations_old", m0001_one=one)
    new = package(tmp_path, "migrations_new", m0001_one=one, m0002_two="INSERT INTO a VALUES ('two'); -- the end\n")
    for schema in (old, old, new, new):
        await open_database(tmp_path / "a.db", schema).close()
    database = open_database(tmp_path / "a.db", new)
    assert list(await database.fetch("SELECT x FROM a")) == [("one",), ("two",)]
    await database.close()


async def test_a_database_of_a_newer_werkpod_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the file, its schema and the newest one that is known; the file stays usable."""
    monkeypatch.syspath_prepend(tmp_path)
    one = "CREATE TABLE a (x TEXT);"
    old = package(tmp_path, "migrations_older", m0001_one=one)
    new = package(tmp_path, "migrations_newer", m0001_one=one, m0007_seven="CREATE TABLE b (x TEXT);")
    await open_database(tmp_path / "a.db", new).close()
    with pytest.raises(SchemaRefused, match=r"a\.db has schema 7, this Werkpod knows schemas up to 1"):
        open_database(tmp_path / "a.db", old)
    await open_database(tmp_path / "a.db", new).close()


async def test_a_migration_that_fails_leaves_the_database_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the migration, and neither it nor those with it have left anything."""
    monkeypatch.syspath_prepend(tmp_path)
    bad = package(
        tmp_path,
        "migrations_bad",
        m0001_one="CREATE TABLE a (x TEXT);",
        m0002_two="CREATE TABLE b (x TEXT); INSERT INTO nowhere VALUES (1);",
    )
    with pytest.raises(SchemaRefused, match="0002_two failed"):
        open_database(tmp_path / "a.db", bad)
    connection = sqlite3.connect(tmp_path / "a.db")
    assert connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize(
    ("name", "files", "complaint"),
    [
        ("migrations_none", {}, "holds no migrations"),
        ("migrations_half", {"m0001_one": "CREATE TABLE a (x TEXT"}, "middle of a statement"),
        ("migrations_twice", {"m0001_one": "SELECT 1;", "m0001_uno": "SELECT 1;"}, "two migrations with number 0001"),
    ],
)
def test_migrations_that_are_not_sound_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, files: dict[str, str], complaint: str
) -> None:
    """A package of migrations with a mistake is refused with what is wrong, before there is a file."""
    monkeypatch.syspath_prepend(tmp_path)
    package(tmp_path, name, **files)
    with pytest.raises(SchemaRefused, match=complaint):
        open_database(tmp_path / "a.db", name)
    assert not (tmp_path / "a.db").exists()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    """Some other file in that place is an error that names it, and keeps its bytes."""
    path = tmp_path / "a.db"
    path.write_bytes(b"a shopping list, by no means a database. " * 100)
    before = path.read_bytes()
    with pytest.raises(SchemaRefused, match=r"a\.db is not a database"):
        open_database(path, SCHEMA)
    assert path.read_bytes() == before
    with pytest.raises(StoreFailure, match="nowhere"):
        open_database(tmp_path / "nowhere" / "a.db", SCHEMA)
