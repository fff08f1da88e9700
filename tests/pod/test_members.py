"""Members of containers: kept, and of a change only that change is read; never out of date, whoever wrote."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from importlib import resources
from pathlib import Path

import pytest
from support.pods import Parts, open_parts

from werkpod.pod.errors import IntegrityError
from werkpod.pod.storage import ResourceStorage
from werkpod.pod.usage import ROW
from werkpod.web.ids import ulid

TEXT = "text/plain"


async def filled(storage: ResourceStorage, pod: str, count: int) -> None:
    await asyncio.gather(*(storage.put(pod, f"many/{n:04}", b"x", TEXT) for n in range(count)))


def changed(parts: Parts, statement: str) -> None:
    """Change the database behind the storage's back."""
    connection = sqlite3.connect(parts.folder / "pods.db", timeout=5)
    connection.execute(statement)
    connection.commit()
    connection.close()


async def seen(storage: ResourceStorage, pod: str) -> dict[str, tuple[int, float]]:
    return {child.path: (child.size, child.modified) for child in await storage.children(pod, "many/")}


async def test_of_a_change_only_that_member_is_read(storage: ResourceStorage, parts: Parts, pod: str) -> None:
    """After one listing every other name may be destroyed: changes are listed without opening any of those again."""
    await filled(storage, pod, 1500)
    before = await seen(storage, pod)
    changed(parts, "UPDATE resource SET name = zeroblob(60) WHERE kind = 0")
    await storage.put(pod, "many/new", b"1", TEXT)
    await storage.put(pod, "many/new", b"12345", TEXT)
    now = await seen(storage, pod)
    assert now.pop("many/new")[0] == 5
    assert now == before
    await storage.delete(pod, "many/new")
    assert await seen(storage, pod) == before
    async with open_parts(parts.folder) as others:  # who knows nothing yet reads all, and meets what was destroyed
        with pytest.raises(IntegrityError):
            await others.storage.children(pod, "many/")


async def test_what_another_process_does_is_in_the_next_listing(
    storage: ResourceStorage, parts: Parts, pod: str
) -> None:
    """Any row of changes, here and there, one by one or many at once: both list the same, in order."""
    draw = random.Random(4)
    await filled(storage, pod, 300)
    there = {f"many/{n:04}" for n in range(300)}
    async with open_parts(parts.folder) as others:
        for _ in range(60):
            who = draw.choice((storage, others.storage))
            paths = [f"many/{draw.randrange(400):04}" for _ in range(draw.choice((1, 1, 2, 30)))]
            if draw.random() < 0.5:
                await asyncio.gather(*(who.put(pod, path, b"y" * draw.randrange(9), TEXT) for path in set(paths)))
                there.update(paths)
            else:
                doomed = there & set(paths)
                await asyncio.gather(*(who.delete(pod, path) for path in doomed))
                there -= doomed
            for asked in (storage, others.storage):
                assert list(await seen(asked, pod)) == sorted(there)
        assert await seen(storage, pod) == await seen(others.storage, pod)


async def test_a_listing_is_of_one_state_while_others_write(storage: ResourceStorage, parts: Parts, pod: str) -> None:
    """Two members that come and go together are both listed or neither, also while the listing is being read."""
    await filled(storage, pod, 600)
    counts = set()
    async with open_parts(parts.folder) as others:

        async def write() -> None:
            for n in range(12):
                await storage.put(pod, f"many/{n}-pair/a", b"1", TEXT)

        async def read(who: ResourceStorage) -> None:
            for _ in range(12):
                found = await who.members(pod, "many/")
                assert found is not None
                head, entries = found
                counts.add((head.version, len(entries)))

        await asyncio.gather(write(), read(storage), read(others.storage))
    assert len({version for version, _ in counts}) == len(counts)  # one version, one listing


async def test_a_container_made_anew_starts_empty(storage: ResourceStorage, pod: str) -> None:
    """What was known of the container of that name before does not come back."""
    await storage.put(pod, "many/a", b"1", TEXT)
    assert list(await seen(storage, pod)) == ["many/a"]
    await storage.delete(pod, "many/a")
    await storage.delete(pod, "many/")
    assert await storage.members(pod, "many/") is None
    await storage.put(pod, "many/b", b"1", TEXT)
    assert list(await seen(storage, pod)) == ["many/b"]


async def test_a_container_in_a_container_shows_its_new_date(storage: ResourceStorage, pod: str) -> None:
    """A member that is a container changes when something comes into it; one that changes deeper down does not."""
    await storage.put(pod, "many/in/x", b"1", TEXT)
    first = await seen(storage, pod)
    await asyncio.sleep(0.002)
    await storage.put(pod, "many/in/y", b"1", TEXT)
    second = await seen(storage, pod)
    assert second["many/in/"][1] > first["many/in/"][1]


async def test_a_database_of_before_is_brought_up_to_date(tmp_path: Path) -> None:
    """Made by the first schema: what each pod uses is counted once, and its members are listed."""
    async with open_parts(tmp_path) as parts:
        pods = [ulid(), ulid()]
        for pod in pods:
            await parts.vault.create(pod)
            for n in range(3):
                await parts.storage.put(pod, f"many/{n}", bytes(100 * (n + 1)), TEXT)
    old = tmp_path / "old.db"
    connection = sqlite3.connect(old)
    script = resources.files("werkpod.pod.migrations.pods").joinpath("0001_directory_resources.sql").read_text("utf-8")
    connection.executescript(script)
    connection.execute("CREATE TABLE schema_version (version INTEGER PRIMARY KEY, name TEXT, applied REAL)")
    connection.execute("INSERT INTO schema_version VALUES (1, 'directory_resources', 0)")
    connection.execute("ATTACH ? AS new", (str(tmp_path / "pods.db"),))
    for table in ("directory", "resource", "blob"):
        names = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
        connection.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM new.{table}")
    connection.commit()
    connection.close()
    for ending in ("", "-wal", "-shm"):
        (tmp_path / f"pods.db{ending}").unlink(missing_ok=True)
    old.rename(tmp_path / "pods.db")
    async with open_parts(tmp_path) as parts:
        for pod in pods:
            assert (await parts.storage.usage.of(pod)).bytes == 600 + 5 * ROW
            assert list(await seen(parts.storage, pod)) == [f"many/{n}" for n in range(3)]
            await parts.storage.put(pod, "many/3", b"1", TEXT)
            assert len(await seen(parts.storage, pod)) == 4
        assert await parts.storage.usage.miscounts() == []
