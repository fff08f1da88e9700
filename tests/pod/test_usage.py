"""What a pod uses: counted in each write, never past what is allowed, whoever writes at the same time."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from support.pods import Parts, open_parts

from werkpod.pod import usage
from werkpod.pod.errors import OverQuota
from werkpod.pod.storage import ResourceStorage
from werkpod.pod.usage import QUOTA, ROW, Miscount, Used
from werkpod.web.ids import ulid

TEXT = "text/plain"


async def test_what_is_stored_is_counted_and_what_is_deleted_is_not(storage: ResourceStorage, pod: str) -> None:
    """Bytes of bodies, and every row with those that come and go along with it: made, replaced, deleted."""
    assert await storage.usage.of(pod) == Used(0, QUOTA)
    for path, size, used, rows in (
        ("a", 100, 100, 2), ("a", 300, 300, 2), ("a", 20, 20, 2), ("b/c", 50, 70, 4), ("a.meta", 7, 77, 5),
        ("a.acl", 3, 80, 6), ("b/c", 50, 80, 6), ("d", 0, 80, 7), ("b/", 0, 80, 7), ("e/f/", 0, 80, 9),
    ):  # fmt: skip
        await storage.put(pod, path, bytes(size), TEXT)
        assert (await storage.usage.of(pod)).bytes == used + rows * ROW
    await storage.delete(pod, "a")
    assert (await storage.usage.of(pod)).bytes == 50 + 6 * ROW
    for path in ("b/c", "b/", "d", "e/f/", "e/"):
        await storage.delete(pod, path)
    assert (await storage.usage.of(pod)).bytes == ROW
    assert await storage.usage.miscounts() == []


async def test_a_full_pod_takes_nothing_more_until_something_goes(storage: ResourceStorage, pod: str) -> None:
    """What does not fit changes nothing; replacing by less, deleting and access rules are always possible."""
    allowed = 100 + 3 * ROW
    await storage.usage.allow(pod, allowed)
    await storage.put(pod, "a", bytes(90), TEXT)
    with pytest.raises(OverQuota) as caught:
        await storage.put(pod, "b", bytes(11), TEXT)
    assert caught.value.members == {"used": 90 + 2 * ROW, "allowed": allowed}
    assert await storage.head(pod, "b") is None
    await storage.put(pod, "b", bytes(10), TEXT)
    with pytest.raises(OverQuota) as caught:
        await storage.put(pod, "a", bytes(91), TEXT)
    assert caught.value.members == {"used": allowed, "allowed": allowed}
    await storage.put(pod, "a.acl", bytes(50), TEXT)
    assert await storage.usage.of(pod) == Used(150 + 4 * ROW, allowed)
    with pytest.raises(OverQuota):
        await storage.put(pod, "b", bytes(11), TEXT)
    await storage.put(pod, "a", bytes(30), TEXT)
    await storage.delete(pod, "a")
    await storage.put(pod, "b", bytes(100), TEXT)
    await storage.usage.allow(pod, None)
    assert await storage.usage.of(pod) == Used(100 + 2 * ROW, QUOTA)


async def test_what_is_empty_fills_a_pod_too(storage: ResourceStorage, pod: str) -> None:
    """Documents, containers and descriptions without a byte, many at once; what the server keeps up is let in."""
    await storage.put(pod, "", b"", TEXT)
    await storage.usage.allow(pod, 4 * ROW)
    paths = [f"{n}{slash}" for n in range(10) for slash in ("", "a/")]
    outcomes = await asyncio.gather(*(storage.put(pod, path, b"", TEXT) for path in paths), return_exceptions=True)
    assert sum(isinstance(outcome, OverQuota) for outcome in outcomes) == 17
    assert len(await storage.children(pod, "")) == 3
    for path in (".meta", "x/y/z/", "new/.acl"):  # the container of a rule that is not there yet has no extra room
        with pytest.raises(OverQuota) as caught:
            await storage.put(pod, path, b"", TEXT)
        assert caught.value.members == {"used": 4 * ROW, "allowed": 4 * ROW}
    assert len(await storage.children(pod, "")) == 3
    await storage.put(pod, ".acl", b"", TEXT)
    await storage.put(pod, "kept/up", b"", TEXT, limited=False)
    assert (await storage.usage.of(pod)).bytes == 7 * ROW
    assert await storage.usage.miscounts() == []


async def test_counters_of_before_rows_counted_are_brought_up_to_date(tmp_path: Path) -> None:
    """Also that of a pod with nothing but empty containers, which had none; what was allowed is kept."""
    async with open_parts(tmp_path) as parts:
        pods = [ulid(), ulid()]
        for pod in pods:
            await parts.vault.create(pod)
            await parts.storage.put(pod, "a/", b"", TEXT)
        await parts.storage.put(pods[0], "a/b", bytes(90), TEXT)
        await parts.storage.usage.allow(pods[0], 500)
    connection = sqlite3.connect(tmp_path / "pods.db", timeout=5)
    connection.execute("UPDATE usage SET bytes = 90 WHERE pod = ?", (pods[0],))
    connection.execute("DELETE FROM usage WHERE pod = ?", (pods[1],))
    connection.execute("DELETE FROM schema_version WHERE version = 4")
    connection.commit()
    connection.close()
    async with open_parts(tmp_path) as parts:
        assert await parts.storage.usage.of(pods[0]) == Used(90 + 3 * ROW, 500)
        assert await parts.storage.usage.of(pods[1]) == Used(2 * ROW, QUOTA)
        assert await parts.storage.usage.miscounts() == []


async def test_nobody_fills_a_disk_with_access_rules(
    storage: ResourceStorage, pod: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a full pod there is room for so many rules; with less of them, and in one with room, it goes on."""
    monkeypatch.setattr(usage, "RULES", 100 + 2 * ROW)
    for path in ("a", "b", "c"):
        await storage.put(pod, path, bytes(10), TEXT)
    await storage.put(pod, "c.acl", bytes(60), TEXT)
    await storage.usage.allow(pod, 10)  # less than is in use
    await storage.put(pod, "a.acl", bytes(40), TEXT)
    for path, size in (("a.acl", 41), ("b.acl", 0)):
        with pytest.raises(OverQuota):
            await storage.put(pod, path, bytes(size), TEXT)
    await storage.put(pod, "c.acl", bytes(50), TEXT)
    await storage.put(pod, "a.acl", bytes(41), TEXT)
    await storage.delete(pod, "c.acl")
    await storage.put(pod, "b.acl", bytes(1), TEXT)
    await storage.usage.allow(pod, 10_000)
    await storage.put(pod, "b.acl", bytes(200), TEXT)
    assert await storage.usage.miscounts() == []


async def test_writers_at_the_same_time_do_not_pass_it_together(parts: Parts, pod: str) -> None:
    """Forty writers in two storages on the same files: as many succeed as fit, and the counter is right."""
    async with open_parts(parts.folder) as others:
        storages = [parts.storage, others.storage]
        await parts.storage.usage.allow(pod, 1000 + 12 * ROW)
        outcomes = await asyncio.gather(
            *(storages[n % 2].put(pod, f"a/{n % 30}", bytes(100), TEXT) for n in range(40)), return_exceptions=True
        )
        assert all(not isinstance(outcome, BaseException) or isinstance(outcome, OverQuota) for outcome in outcomes)
        assert await parts.storage.usage.of(pod) == Used(1000 + 12 * ROW, 1000 + 12 * ROW)
        assert len(await parts.storage.children(pod, "a/")) == 10
        await asyncio.gather(*(storages[n % 2].delete(pod, child.path) for n, child in
                               enumerate(await parts.storage.children(pod, "a/"))))  # fmt: skip
        assert (await others.storage.usage.of(pod)).bytes == 2 * ROW


async def test_a_counter_that_is_wrong_is_found_and_mended(storage: ResourceStorage, parts: Parts, pod: str) -> None:
    """Whatever happened to it, counting again sets it right and keeps what was allowed."""
    await storage.put(pod, "a", bytes(90), TEXT)
    await storage.usage.allow(pod, 500)
    connection = sqlite3.connect(parts.folder / "pods.db", timeout=5)
    connection.execute("UPDATE usage SET bytes = 7")
    connection.commit()
    connection.close()
    assert await storage.usage.miscounts() == [Miscount(pod, 7, 90 + 2 * ROW)]
    await storage.usage.recount(pod)
    assert await storage.usage.miscounts() == []
    assert await storage.usage.of(pod) == Used(90 + 2 * ROW, 500)


async def test_an_erased_pod_uses_nothing(storage: ResourceStorage, parts: Parts, pod: str) -> None:
    """The counter goes with the rest of the pod."""
    await storage.put(pod, "a", bytes(900_000), TEXT)
    await parts.vault.erase(pod)
    await storage.erase(pod)
    for table in ("usage", "part", "loose", "resource", "blob"):
        assert list(await parts.pods.fetch(f"SELECT COUNT(*) FROM {table}")) == [(0,)]
