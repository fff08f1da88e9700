"""Races between two storages on the same files, as between a server and a command line: the tree holds together."""

from __future__ import annotations

import asyncio

import pytest
from support.pods import Parts, open_parts

from werkpod.pod.errors import NotEmpty, VersionConflict
from werkpod.pod.storage import ANY, ResourceStorage

TURTLE = "text/turtle"


async def paths(storage: ResourceStorage, pod: str, container: str) -> list[str]:
    return [child.path for child in await storage.children(pod, container)]


@pytest.mark.parametrize("exists", [False, True])
async def test_of_many_writers_from_one_version_one_wins(parts: Parts, pod: str, exists: bool) -> None:
    """Of writers that expect the same, in two storages on the same files, one succeeds and its body stays."""
    async with open_parts(parts.folder) as others:
        storages = [parts.storage, others.storage]
        expected = (await parts.storage.put(pod, "a", b"0", TURTLE)).version if exists else None
        outcomes = await asyncio.gather(
            *(storages[n % 2].put(pod, "a", b"%d" % n, TURTLE, expected=expected) for n in range(20)),
            return_exceptions=True,
        )
        winners = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
        assert all(isinstance(outcome, VersionConflict) for outcome in outcomes if outcome not in winners)
        assert [await parts.storage.get(pod, "a")] == winners


async def test_many_writers_that_expect_nothing_all_succeed(parts: Parts, pod: str) -> None:
    """Writers that take any version all succeed, in two storages on the same files, and the last one counts."""
    async with open_parts(parts.folder) as others:
        storages = [parts.storage, others.storage]
        puts = await asyncio.gather(
            *(storages[n % 2].put(pod, "a/b", b"%d" % n, TURTLE, expected=ANY) for n in range(20))
        )
        found = await parts.storage.get(pod, "a/b")
        assert found == max(puts, key=lambda put: put.version)
        assert len({put.version for put in puts}) == 20


async def test_no_child_is_orphaned_when_its_container_is_deleted_meanwhile(parts: Parts, pod: str) -> None:
    """Deletes racing with creates, in two storages on the same files: each child that was put is listed."""
    async with open_parts(parts.folder) as others:
        for turn in range(40):
            await parts.storage.put(pod, f"x/{turn}/", b"", TURTLE)
            outcomes = await asyncio.gather(
                others.storage.put(pod, f"x/{turn}/child", b"1", TURTLE),
                parts.storage.delete(pod, f"x/{turn}/"),
                others.storage.put(pod, f"x/{turn}/deeper/child", b"1", TURTLE),
                return_exceptions=True,
            )
            assert not isinstance(outcomes[0], BaseException)
            assert outcomes[1] is None or isinstance(outcomes[1], NotEmpty)
            assert not isinstance(outcomes[2], BaseException)
            assert f"x/{turn}/" in await paths(parts.storage, pod, "x/")
            assert await paths(parts.storage, pod, f"x/{turn}/") == [f"x/{turn}/child", f"x/{turn}/deeper/"]
            assert await paths(parts.storage, pod, f"x/{turn}/deeper/") == [f"x/{turn}/deeper/child"]


@pytest.mark.duty(31, 46)
async def test_no_rules_outlive_a_subject_that_is_deleted_meanwhile(parts: Parts, pod: str) -> None:
    """Rules that are put while their subject is deleted are refused or go with it; none stay behind."""
    async with open_parts(parts.folder) as others:
        for turn in range(40):
            await parts.storage.put(pod, f"{turn}", b"1", TURTLE)
            outcomes = await asyncio.gather(
                others.storage.put(pod, f"{turn}.acl", b"1", TURTLE),
                parts.storage.delete(pod, f"{turn}"),
                return_exceptions=True,
            )
            assert outcomes[1] is None
            assert await parts.storage.get(pod, f"{turn}.acl") is None
        assert list(await parts.pods.fetch("SELECT COUNT(*) FROM resource")) == [(1,)]


async def test_no_rules_outlive_a_container_that_is_deleted_meanwhile(parts: Parts, pod: str) -> None:
    """Rules that are put while their container is deleted go with it, or make it again; none stay without it."""
    async with open_parts(parts.folder) as others:
        for turn in range(40):
            await parts.storage.put(pod, f"{turn}/", b"", TURTLE)
            await asyncio.gather(
                others.storage.put(pod, f"{turn}/.acl", b"1", TURTLE), parts.storage.delete(pod, f"{turn}/")
            )
            rules = await parts.storage.get(pod, f"{turn}/.acl")
            container = await parts.storage.head(pod, f"{turn}/")
            assert (rules is None) == (container is None)
