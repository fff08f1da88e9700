"""What a pod uses: counted in each write, never past what is allowed, whoever writes at the same time."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
from support.pods import Parts, open_parts

from werkpod.pod import usage
from werkpod.pod.errors import OverQuota
from werkpod.pod.storage import ResourceStorage
from werkpod.pod.usage import QUOTA, Miscount, Used

TEXT = "text/plain"


async def test_what_is_stored_is_counted_and_what_is_deleted_is_not(storage: ResourceStorage, pod: str) -> None:
    """Bytes of bodies: made, replaced by more and by less, with what goes along when it is deleted."""
    assert await storage.usage.of(pod) == Used(0, QUOTA)
    for path, size, used in (
        ("a", 100, 100), ("a", 300, 300), ("a", 20, 20), ("b/c", 50, 70), ("a.meta", 7, 77), ("a.acl", 3, 80),
        ("b/c", 50, 80),
    ):  # fmt: skip
        await storage.put(pod, path, bytes(size), TEXT)
        assert (await storage.usage.of(pod)).bytes == used
    await storage.delete(pod, "a")
    assert (await storage.usage.of(pod)).bytes == 50
    await storage.delete(pod, "b/c")
    await storage.delete(pod, "b/")
    assert (await storage.usage.of(pod)).bytes == 0
    assert await storage.usage.miscounts() == []


async def test_a_full_pod_takes_nothing_more_until_something_goes(storage: ResourceStorage, pod: str) -> None:
    """What does not fit changes nothing; replacing by less, deleting and access rules are always possible."""
    await storage.usage.allow(pod, 100)
    await storage.put(pod, "a", bytes(90), TEXT)
    for path, size in (("b", 11), ("a", 101)):
        with pytest.raises(OverQuota) as caught:
            await storage.put(pod, path, bytes(size), TEXT)
        assert caught.value.members == {"used": 90, "allowed": 100}
    assert await storage.head(pod, "b") is None
    await storage.put(pod, "b", bytes(10), TEXT)
    await storage.put(pod, "a.acl", bytes(50), TEXT)
    assert await storage.usage.of(pod) == Used(150, 100)
    with pytest.raises(OverQuota):
        await storage.put(pod, "b", bytes(11), TEXT)
    await storage.put(pod, "a", bytes(30), TEXT)
    await storage.delete(pod, "a")
    await storage.put(pod, "b", bytes(100), TEXT)
    await storage.usage.allow(pod, None)
    assert await storage.usage.of(pod) == Used(100, QUOTA)


async def test_nobody_fills_a_disk_with_access_rules(
    storage: ResourceStorage, pod: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a full pod there is room for so many rules; with less of them, and in one with room, it goes on."""
    monkeypatch.setattr(usage, "RULES", 100)
    for path in ("a", "b", "c"):
        await storage.put(pod, path, bytes(10), TEXT)
    await storage.put(pod, "c.acl", bytes(60), TEXT)
    await storage.usage.allow(pod, 10)  # less than is in use
    await storage.put(pod, "a.acl", bytes(40), TEXT)
    with pytest.raises(OverQuota):
        await storage.put(pod, "b.acl", bytes(1), TEXT)
    await storage.put(pod, "c.acl", bytes(50), TEXT)
    await storage.put(pod, "b.acl", bytes(1), TEXT)
    await storage.usage.allow(pod, 1000)
    await storage.put(pod, "b.acl", bytes(200), TEXT)
    assert await storage.usage.miscounts() == []


async def test_writers_at_the_same_time_do_not_pass_it_together(parts: Parts, pod: str) -> None:
    """Forty writers in two storages on the same files: as many succeed as fit, and the counter is right."""
    async with open_parts(parts.folder) as others:
        storages = [parts.storage, others.storage]
        await parts.storage.usage.allow(pod, 1000)
        outcomes = await asyncio.gather(
            *(storages[n % 2].put(pod, f"a/{n % 30}", bytes(100), TEXT) for n in range(40)), return_exceptions=True
        )
        assert all(not isinstance(outcome, BaseException) or isinstance(outcome, OverQuota) for outcome in outcomes)
        assert await parts.storage.usage.of(pod) == Used(1000, 1000)
        assert len(await parts.storage.children(pod, "a/")) == 10
        await asyncio.gather(*(storages[n % 2].delete(pod, child.path) for n, child in
                               enumerate(await parts.storage.children(pod, "a/"))))  # fmt: skip
        assert (await others.storage.usage.of(pod)).bytes == 0


async def test_a_counter_that_is_wrong_is_found_and_mended(storage: ResourceStorage, parts: Parts, pod: str) -> None:
    """Whatever happened to it, counting again sets it right and keeps what was allowed."""
    await storage.put(pod, "a", bytes(90), TEXT)
    await storage.usage.allow(pod, 500)
    connection = sqlite3.connect(parts.folder / "pods.db", timeout=5)
    connection.execute("UPDATE usage SET bytes = 7")
    connection.commit()
    connection.close()
    assert await storage.usage.miscounts() == [Miscount(pod, 7, 90)]
    await storage.usage.recount(pod)
    assert await storage.usage.miscounts() == []
    assert await storage.usage.of(pod) == Used(90, 500)


async def test_an_erased_pod_uses_nothing(storage: ResourceStorage, parts: Parts, pod: str) -> None:
    """The counter goes with the rest of the pod."""
    await storage.put(pod, "a", bytes(900_000), TEXT)
    await parts.vault.erase(pod)
    await storage.erase(pod)
    for table in ("usage", "part", "loose", "resource", "blob"):
        assert list(await parts.pods.fetch(f"SELECT COUNT(*) FROM {table}")) == [(0,)]
