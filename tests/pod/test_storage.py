"""Resources: what is stored comes back, whole and untampered, and the tree holds together under races."""

from __future__ import annotations

import asyncio
import random
import sqlite3

import pytest
from support.pods import Parts

from werkpod.pod.addresses import BadAddress
from werkpod.pod.errors import (
    ContainerBody,
    IntegrityError,
    NoSubject,
    NotEmpty,
    PodUnavailable,
    SlashConflict,
    VersionConflict,
)
from werkpod.pod.storage import ResourceStorage
from werkpod.web.errors import NotFound
from werkpod.web.ids import ulid

TURTLE = "text/turtle"


async def paths(storage: ResourceStorage, pod: str, container: str) -> list[str]:
    return [child.path for child in await storage.children(pod, container)]


async def test_what_was_put_comes_back(storage: ResourceStorage, pod: str) -> None:
    """A resource has its path, media type, body, size and version, and `head` says the same of it."""
    put = await storage.put(pod, "cv/experience", b"<#a> a <#b> .", TURTLE)
    assert (put.path, put.media_type, put.body, put.size, put.container) == (
        "cv/experience", TURTLE, b"<#a> a <#b> .", 13, False,
    )  # fmt: skip
    assert await storage.get(pod, "cv/experience") == put
    head = await storage.head(pod, "cv/experience")
    assert head is not None
    assert (head.etag, head.version, head.size, head.modified) == (put.etag, put.version, put.size, put.modified)


@pytest.mark.parametrize("path", ["a", "é/ü", "a b/c%2Fd", "a/b/c/d/e", "profile/card", "x" * 200, "100%/#?&"])
async def test_any_name_can_be_used(storage: ResourceStorage, pod: str, path: str) -> None:
    """Names are stored as they are, whatever letters they have."""
    put = await storage.put(pod, path, b"1", "text/plain")
    assert await storage.get(pod, path) == put


@pytest.mark.parametrize("size", [0, 1, 262_000, 262_144, 262_145, 1_048_576, 5_000_000])
async def test_a_body_of_any_size_comes_back(storage: ResourceStorage, pod: str, size: int) -> None:
    """Small bodies, bodies of some chunks and bodies sealed in a thread come back byte for byte."""
    body = random.Random(size).randbytes(size)
    put = await storage.put(pod, "photo", body, "image/png")
    found = await storage.get(pod, "photo")
    assert found == put
    assert put.size == size


async def test_a_large_body_is_replaced_and_deleted_with_all_its_rows(
    storage: ResourceStorage, parts: Parts, pod: str
) -> None:
    """Nothing of a large version stays when a small one takes its place, nor when it is deleted."""
    count = "SELECT COUNT(*) FROM part"
    for body in (bytes(1_000_000), b"small", bytes(700_000), bytes(300_000)):
        await storage.put(pod, "photo", body, "image/png")
        found = await storage.get(pod, "photo")
        assert found is not None
        assert found.body == body
        expected = 0 if len(body) <= 262_144 else -(-len(body) // 262_144)
        assert list(await parts.pods.fetch(count)) == [(expected,)]
    await storage.delete(pod, "photo")
    for table in ("part", "loose", "blob"):
        assert list(await parts.pods.fetch(f"SELECT COUNT(*) FROM {table}")) == [(0,)]


async def test_a_large_body_is_read_whole_while_it_is_replaced(storage: ResourceStorage, pod: str) -> None:
    """A reader of a body in many rows gets one version or the other, never a mixture and never an error."""
    bodies = [bytes([n]) * 6_000_000 for n in range(4)]
    await storage.put(pod, "film", bodies[0], "video/mp4")

    async def read() -> None:
        found = await storage.get(pod, "film")
        assert found is not None
        assert found.body in bodies

    async def write() -> None:
        for body in bodies:
            await storage.put(pod, "film", body, "video/mp4")

    await asyncio.gather(write(), *(read() for _ in range(6)))


async def test_a_large_body_that_is_replaced_between_two_reads_is_read_anew(
    storage: ResourceStorage, parts: Parts, pod: str
) -> None:
    """When another process puts another version after the first rows were read, the reader gets that version, whole."""
    connection = sqlite3.connect(parts.folder / "pods.db", timeout=5)
    tables = ("resource", "blob", "part")
    one = await storage.put(pod, "film", b"1" * 6_000_000, "video/mp4")
    connection.executescript(";".join(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}" for table in tables))
    await storage.put(pod, "film", b"2" * 6_000_000, "video/mp4")
    reading = asyncio.ensure_future(storage.get(pod, "film"))
    await asyncio.sleep(0)
    assert not reading.done()
    changes = (f"DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}" for table in tables)
    connection.executescript(f"BEGIN; {';'.join(changes)}; COMMIT")
    connection.close()
    assert await reading == one


async def test_nothing_there_is_none(storage: ResourceStorage, pod: str) -> None:
    """What does not exist is None, for a document and a container, and a container that is not there has no members."""
    for path in ("cv", "cv/", "cv/experience", ""):
        assert await storage.get(pod, path) is None
        assert await storage.head(pod, path) is None
        assert await storage.children(pod, path) == []


@pytest.mark.duty(36)
async def test_containers_above_are_made(storage: ResourceStorage, pod: str) -> None:
    """Putting a resource makes every container above it, up to the root, each a member of the next."""
    await storage.put(pod, "a/b/c", b"1", TURTLE)
    for path in ("", "a/", "a/b/"):
        found = await storage.get(pod, path)
        assert found is not None
        assert (found.container, found.body, found.media_type) == (True, b"", TURTLE)
    assert await paths(storage, pod, "") == ["a/"]
    assert await paths(storage, pod, "a/") == ["a/b/"]
    assert await paths(storage, pod, "a/b/") == ["a/b/c"]


async def test_a_listing_says_what_is_in_a_container(storage: ResourceStorage, pod: str) -> None:
    """Members are listed by path with type, size and time; what is deeper and what is auxiliary is not."""
    await storage.put(pod, "cv/b", b"12345", "text/plain")
    deep = await storage.put(pod, "cv/a/deep", b"1", TURTLE)
    await storage.put(pod, "cv/.acl", b"1", TURTLE)
    await storage.put(pod, "cv/b.meta", b"1", TURTLE)
    one, two = await storage.children(pod, "cv/")
    assert (one.path, one.container, one.media_type, one.size) == ("cv/a/", True, TURTLE, 0)
    assert (two.path, two.container, two.media_type, two.size) == ("cv/b", False, "text/plain", 5)
    assert one.modified == deep.modified
    assert await storage.children(pod, "cv/b") == []


@pytest.mark.duty(15)
async def test_each_version_has_a_tag_of_its_own(storage: ResourceStorage, pod: str) -> None:
    """A tag is never used twice: not for equal bodies, and not when a resource is deleted and made anew."""
    tags, versions = set(), set()
    for _ in range(10):
        for _ in range(3):
            put = await storage.put(pod, "cv/experience", b"same", TURTLE)
            tags.add(put.etag)
            versions.add(put.version)
        await storage.delete(pod, "cv/experience")
    assert len(tags) == len(versions) == 30
    assert all(tag.startswith('"') and tag.endswith('"') and len(tag) == 24 for tag in tags)


async def test_a_container_has_another_tag_when_its_listing_changes(storage: ResourceStorage, pod: str) -> None:
    """A member that comes, changes or goes changes the tag; only one that comes or goes changes the time."""
    states = []

    async def note() -> None:
        found = await storage.head(pod, "cv/")
        assert found is not None
        states.append((found.etag, found.modified))

    await storage.put(pod, "cv/", b"", TURTLE)
    await note()
    await asyncio.sleep(0.002)
    await storage.put(pod, "cv/a", b"1", TURTLE)
    await note()
    await asyncio.sleep(0.002)
    await storage.put(pod, "cv/a", b"2", TURTLE)
    await note()
    await storage.put(pod, "cv/.acl", b"2", TURTLE)
    await note()
    await asyncio.sleep(0.002)
    await storage.delete(pod, "cv/a")
    await note()
    empty, added, changed, with_rules, removed = states
    assert len({state[0] for state in states}) == 4
    assert changed == with_rules
    assert empty[1] < added[1] == changed[1] < removed[1]


async def test_a_version_must_be_the_expected_one(storage: ResourceStorage, pod: str) -> None:
    """Putting and deleting succeed from the expected version only; a conflict changes nothing."""
    with pytest.raises(VersionConflict):
        await storage.put(pod, "a", b"1", TURTLE, expected=1)
    first = await storage.put(pod, "a", b"1", TURTLE, expected=None)
    for expected in (None, 0, first.version + 1, first.version - 1):
        with pytest.raises(VersionConflict):
            await storage.put(pod, "a", b"2", TURTLE, expected=expected)
        with pytest.raises(VersionConflict):
            await storage.delete(pod, "a", expected=expected)
    assert await storage.get(pod, "a") == first
    second = await storage.put(pod, "a", b"2", "text/plain", expected=first.version)
    assert await storage.get(pod, "a") == second
    with pytest.raises(VersionConflict):
        await storage.delete(pod, "a", expected=first.version)
    await storage.delete(pod, "a", expected=second.version)
    with pytest.raises(VersionConflict):
        await storage.delete(pod, "a", expected=second.version)
    with pytest.raises(NotFound):
        await storage.delete(pod, "a")


async def test_a_resource_made_anew_is_not_the_one_that_was_expected(storage: ResourceStorage, pod: str) -> None:
    """A version that was read before a delete does not match what is made there afterwards."""
    before = await storage.put(pod, "a", b"1", TURTLE)
    await storage.delete(pod, "a")
    await storage.put(pod, "a", b"1", TURTLE)
    with pytest.raises(VersionConflict):
        await storage.put(pod, "a", b"2", TURTLE, expected=before.version)


@pytest.mark.duty(17)
async def test_a_document_and_a_container_do_not_share_a_name(storage: ResourceStorage, pod: str) -> None:
    """Where "cv" exists "cv/" cannot be made, nor anything in it, and the other way round."""
    await storage.put(pod, "a", b"1", TURTLE)
    for path in ("a/", "a/b", "a/b/c", "a/.acl"):
        with pytest.raises(SlashConflict):
            await storage.put(pod, path, b"", TURTLE)
    await storage.put(pod, "b/c", b"1", TURTLE)
    with pytest.raises(SlashConflict):
        await storage.put(pod, "b", b"1", TURTLE)
    assert await storage.get(pod, "a/") is await storage.get(pod, "b") is None
    with pytest.raises(NotFound):
        await storage.delete(pod, "a/")
    assert await paths(storage, pod, "") == ["a", "b/"]
    outcomes = await asyncio.gather(
        storage.put(pod, "c", b"1", TURTLE), storage.put(pod, "c/d", b"1", TURTLE), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["SlashConflict", "Stored"]


async def test_a_container_is_put_without_a_body(storage: ResourceStorage, pod: str) -> None:
    """Putting a container makes it once, leaves one that exists as it is, and refuses a body."""
    made = await storage.put(pod, "a/b/", b"", TURTLE, expected=None)
    assert await storage.put(pod, "a/b/", b"", TURTLE) == made
    with pytest.raises(VersionConflict):
        await storage.put(pod, "a/b/", b"", TURTLE, expected=None)
    with pytest.raises(ContainerBody):
        await storage.put(pod, "a/c/", b"<> a <> .", TURTLE)
    assert await paths(storage, pod, "a/") == ["a/b/"]


@pytest.mark.duty(31, 46)
async def test_an_auxiliary_needs_its_subject_and_goes_with_it(storage: ResourceStorage, pod: str) -> None:
    """Rules for nothing are refused, so that none wait for what is made there later; deleting takes them along."""
    for path in ("a.acl", "cv/experience.meta"):
        with pytest.raises(NoSubject):
            await storage.put(pod, path, b"1", TURTLE)
    for path in ("a", "a.acl", "a.meta", "b", "b.acl"):
        await storage.put(pod, path, b"1", TURTLE)
    await storage.delete(pod, "a")
    for path in ("a", "a.acl", "a.meta"):
        assert await storage.get(pod, path) is None
    for path in ("b", "b.acl"):
        assert await storage.get(pod, path) is not None
    await storage.delete(pod, "b.acl")
    assert await storage.get(pod, "b") is not None


@pytest.mark.duty(46, 47)
async def test_a_container_with_only_auxiliaries_is_empty(storage: ResourceStorage, parts: Parts, pod: str) -> None:
    """Rules and description of a container make the container, do not keep it from being deleted, and go with it."""
    await storage.put(pod, "cv/.acl", b"1", TURTLE)
    await storage.put(pod, "cv/.meta", bytes(600_000), TURTLE)
    assert await storage.children(pod, "cv/") == []
    await storage.delete(pod, "cv/")
    for path in ("cv/", "cv/.acl", "cv/.meta"):
        assert await storage.get(pod, path) is None
    for table in ("blob", "part", "loose"):
        assert list(await parts.pods.fetch(f"SELECT COUNT(*) FROM {table}")) == [(0,)]


@pytest.mark.duty(43, 48)
async def test_a_container_with_members_is_not_deleted(storage: ResourceStorage, pod: str) -> None:
    """A container that is not empty, and the root, stay with all that is in them."""
    await storage.put(pod, "a/b/c", b"1", TURTLE)
    for path in ("a/b/", "a/", ""):
        with pytest.raises(NotEmpty):
            await storage.delete(pod, path)
    await storage.delete(pod, "a/b/c")
    await storage.delete(pod, "a/b/")
    await storage.delete(pod, "a/")
    assert await paths(storage, pod, "") == []
    with pytest.raises(NotEmpty):
        await storage.delete(pod, "")


async def test_a_path_that_is_none_is_refused(storage: ResourceStorage, pod: str) -> None:
    """Rules of rules are no address, and nothing is written for them."""
    await storage.put(pod, "a", b"1", TURTLE)
    await storage.put(pod, "a.acl", b"1", TURTLE)
    for path in ("a.acl.acl", "a.acl.meta", "b.acl/", "b.meta/c"):
        with pytest.raises(BadAddress):
            await storage.put(pod, path, b"", TURTLE)
    assert await paths(storage, pod, "") == ["a"]


async def test_pods_do_not_see_each_other(parts: Parts, pod: str) -> None:
    """The same path in two pods is two resources, and erasing one pod leaves the other."""
    other = ulid()
    await parts.vault.create(other)
    mine = await parts.storage.put(pod, "cv/experience", b"mine", TURTLE)
    theirs = await parts.storage.put(other, "cv/experience", b"theirs", TURTLE)
    assert mine.etag != theirs.etag
    await parts.vault.erase(pod)
    await parts.storage.erase(pod)
    await parts.storage.erase(pod)
    for attempt in (parts.storage.get, parts.storage.head, parts.storage.children, parts.storage.delete):
        with pytest.raises(PodUnavailable):
            await attempt(pod, "cv/experience")
    with pytest.raises(PodUnavailable):
        await parts.storage.put(pod, "cv/experience", b"again", TURTLE)
    assert list(await parts.pods.fetch("SELECT COUNT(*) FROM resource WHERE pod = ?1", pod)) == [(0,)]
    assert await parts.storage.get(other, "cv/experience") == theirs


async def test_a_listing_of_ten_thousand_unwraps_no_key_for_each(storage: ResourceStorage, parts: Parts) -> None:
    """Ten thousand members are listed although every body's key is destroyed: only names are opened."""
    pod = ulid()
    await parts.vault.create(pod)
    await asyncio.gather(*(storage.put(pod, f"many/{n:05}", b"%d" % n, TURTLE) for n in range(10_000)))
    connection = sqlite3.connect(parts.folder / "pods.db", timeout=5)
    connection.execute("UPDATE blob SET wrapped = zeroblob(40)")
    connection.commit()
    connection.close()
    children = await storage.children(pod, "many/")
    assert [child.path for child in children] == [f"many/{n:05}" for n in range(10_000)]
    with pytest.raises(IntegrityError):
        await storage.get(pod, "many/00000")
