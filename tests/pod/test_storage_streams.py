"""Large bodies in parts: they come in whole or not at all, and go out as they came in, or break off."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator

import pytest
from support.pods import Parts, open_parts

from werkpod.pod.errors import IntegrityError, OverQuota, PodUnavailable, Replaced, StoreFailure, VersionConflict
from werkpod.pod.storage import Large, ResourceStorage, Staged
from werkpod.pod.usage import ROW
from werkpod.pod.vault import PART_BYTES

FILM = "video/mp4"
MB = 1 << 20


def body(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)


async def pieces(whole: bytes, width: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(whole), width):
        yield whole[start : start + width]


async def rows(parts: Parts) -> tuple[int, int]:
    """How many rows there are of parts and of streams that are no body."""
    ((found, loose),) = await parts.pods.fetch("SELECT (SELECT COUNT(*) FROM part), (SELECT COUNT(*) FROM loose)")
    return int(str(found)), int(str(loose))


async def large(storage: ResourceStorage, pod: str, path: str) -> Large:
    found = await storage.look(pod, path)
    assert isinstance(found, Large)
    return found


async def read_into(out: bytearray, storage: ResourceStorage, pod: str, path: str) -> None:
    async for piece in (await large(storage, pod, path)).content.read():
        out += piece


async def put(storage: ResourceStorage, pod: str, path: str, whole: bytes) -> None:
    async with storage.staging(pod, pieces(whole)) as staged:
        await storage.put(pod, path, staged, FILM)


@pytest.mark.parametrize("size", [0, 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES, 3 * PART_BYTES + 77])
@pytest.mark.parametrize("width", [1_000, PART_BYTES, 700_000])
async def test_what_came_in_pieces_comes_back(storage: ResourceStorage, pod: str, size: int, width: int) -> None:
    """Whatever the pieces were, the body is what was sent; one that fits in a part is kept as a small one."""
    whole = body(size, size)
    async with storage.staging(pod, pieces(whole, width)) as staged:
        assert isinstance(staged, Staged) == (size > PART_BYTES)
        head = await storage.put(pod, "film", staged, FILM)
    assert head.size == size
    found = await storage.get(pod, "film")
    assert found is not None
    assert (found.body, found.etag, found.version) == (whole, head.etag, head.version)


async def test_any_range_is_read_and_only_the_parts_that_it_needs(
    storage: ResourceStorage, parts: Parts, pod: str
) -> None:
    """Bytes from any place to any other, also where the parts beside them are destroyed."""
    whole = body(1, 4 * PART_BYTES + 5)
    await put(storage, pod, "film", whole)
    found = await large(storage, pod, "film")
    ends = (0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES, len(whole) - 1)
    for first in ends:
        for last in ends:
            if first <= last:
                assert b"".join([p async for p in found.content.read(first, last)]) == whole[first : last + 1]
    connection = sqlite3.connect(parts.folder / "pods.db", timeout=5)
    connection.execute("UPDATE part SET body = zeroblob(100) WHERE number <> 2")
    connection.commit()
    connection.close()
    middle = [p async for p in found.content.read(2 * PART_BYTES, 3 * PART_BYTES - 1)]
    assert middle == [whole[2 * PART_BYTES : 3 * PART_BYTES]]


TAMPERING = {
    "parts swapped": "UPDATE part SET number = -1 WHERE number = 1; UPDATE part SET number = 1 WHERE number = 2;"
    " UPDATE part SET number = 2 WHERE number = -1;",
    "last part taken off": "DELETE FROM part WHERE number = 3; UPDATE blob SET chunks = 3",
    "cut off, and the size changed": "DELETE FROM part WHERE number = 3; UPDATE resource SET size = 786432"
    " WHERE kind = 0; UPDATE blob SET chunks = 3",
    "a part of another file": "CREATE TEMP TABLE p AS SELECT * FROM part; UPDATE part SET body = (SELECT body FROM p"
    " WHERE p.stream <> part.stream AND p.number = part.number) WHERE number = 2",
    "all parts of another file": "CREATE TEMP TABLE b AS SELECT * FROM blob; UPDATE blob SET stream = (SELECT stream"
    " FROM b WHERE b.resource <> blob.resource)",
    "another file, with its key": "CREATE TEMP TABLE b AS SELECT * FROM blob; UPDATE blob SET (stream, wrapped, digest)"
    " = (SELECT stream, wrapped, digest FROM b WHERE b.resource <> blob.resource)",
    "a bit changed": "UPDATE part SET body = zeroblob(length(body)) WHERE number = 1",
    "the size of parts changed": "UPDATE blob SET body = x'575042320100020000'",
    "version changed": "UPDATE resource SET version = version + 1 WHERE kind = 0",
}


@pytest.mark.parametrize("change", TAMPERING)
async def test_what_was_changed_behind_our_back_does_not_go_out(
    storage: ResourceStorage, parts: Parts, pod: str, change: str
) -> None:
    """Parts that were swapped, cut off, taken from elsewhere or changed end the reading before their bytes go out."""
    bodies = {path: body(len(path), 3 * PART_BYTES + 500) for path in ("film", "movie")}
    for path, whole in bodies.items():
        await put(storage, pod, path, whole)
    connection = sqlite3.connect(parts.folder / "pods.db", timeout=5)
    connection.executescript(TAMPERING[change])
    connection.commit()
    connection.close()
    for path, whole in bodies.items():
        out = bytearray()
        with pytest.raises((IntegrityError, Replaced)):
            await read_into(out, storage, pod, path)
        assert whole.startswith(out)
        assert len(out) < len(whole)


async def test_the_old_stays_until_the_new_is_there_and_nothing_of_it_after(
    storage: ResourceStorage, parts: Parts, pod: str
) -> None:
    """While a body comes in the one before is read; when it is there the parts of the one before are gone."""
    old, new = body(1, MB), body(2, 2 * MB)
    await put(storage, pod, "film", old)
    assert await rows(parts) == (4, 0)
    async with storage.staging(pod, pieces(new)) as staged:
        assert await rows(parts) == (12, 1)
        found = await storage.get(pod, "film")
        assert found is not None
        assert found.body == old
        await storage.put(pod, "film", staged, FILM)
        found = await storage.get(pod, "film")
        assert found is not None
        assert found.body == new
    assert await rows(parts) == (8, 0)


@pytest.mark.parametrize("after", [0, 200_000, 3 * MB])
async def test_a_body_that_breaks_off_leaves_nothing(
    storage: ResourceStorage, parts: Parts, pod: str, after: int
) -> None:
    """The old content stays, and no row of the new one."""
    old = body(1, MB)
    await put(storage, pod, "film", old)

    async def broken() -> AsyncIterator[bytes]:
        async for piece in pieces(body(2, after)):
            yield piece
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        async with storage.staging(pod, broken()):
            raise AssertionError("a body that broke off was given out")
    assert await rows(parts) == (4, 0)
    found = await storage.get(pod, "film")
    assert found is not None
    assert found.body == old
    assert (await storage.usage.of(pod)).bytes == MB + 2 * ROW


async def test_what_broke_off_gives_its_space_back(storage: ResourceStorage, parts: Parts, pod: str) -> None:
    """The file is as long as before, after a body that broke off and after what a crash left."""

    async def pages() -> int:
        while await parts.pods.shrink():
            pass
        return int(str((await parts.pods.fetch("PRAGMA page_count"))[0][0]))

    async def broken() -> AsyncIterator[bytes]:
        yield bytes(4 * MB)
        raise ConnectionResetError

    await put(storage, pod, "film", body(1, MB))
    before = await pages()
    with pytest.raises(ConnectionResetError):
        async with storage.staging(pod, broken()):
            pass
    assert await pages() <= before + 2
    connection = sqlite3.connect(parts.folder / "pods.db", timeout=5)
    connection.execute("INSERT INTO loose VALUES (?, x'00', 0)", (pod,))
    connection.executemany("INSERT INTO part VALUES (?, x'00', ?, zeroblob(262160))", [(pod, n) for n in range(40)])
    connection.commit()
    connection.close()
    assert await storage.sweep() == 1
    assert await rows(parts) == (4, 0)
    assert await pages() <= before + 2


async def test_a_writer_that_is_cancelled_leaves_nothing(storage: ResourceStorage, parts: Parts, pod: str) -> None:
    """Cancelled in the middle of a body: it is cleared away all the same."""
    started = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(MB)
            started.set()

    async def write() -> None:
        async with storage.staging(pod, endless()):
            pass

    writing = asyncio.create_task(write())
    await started.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    await storage.settled()
    assert await rows(parts) == (0, 0)


async def test_what_is_not_put_is_cleared_away(storage: ResourceStorage, parts: Parts, pod: str) -> None:
    """A whole body that then may not be written is gone at the end of the block."""
    await put(storage, pod, "film", body(1, MB))
    with pytest.raises(VersionConflict):
        async with storage.staging(pod, pieces(body(2, MB))) as staged:
            await storage.put(pod, "film", staged, FILM, expected=None)
    assert await rows(parts) == (4, 0)


async def test_a_reader_gets_the_version_that_it_began_with(storage: ResourceStorage, parts: Parts, pod: str) -> None:
    """Replaced, and deleted, while it is read: the reader ends with what it began, and the rows go after that."""
    for change in ("replace", "delete"):
        old = body(1, 3 * MB)
        await put(storage, pod, "film", old)
        reading = (await large(storage, pod, "film")).content.read()
        got = await anext(reading)
        if change == "replace":
            await put(storage, pod, "film", body(2, MB))
        else:
            await storage.delete(pod, "film")
        async for piece in reading:
            got += piece
        assert got == old
        await storage.settled()
        assert await rows(parts) == ((4, 0) if change == "replace" else (0, 0))


async def test_a_reader_breaks_off_when_another_process_replaces(
    storage: ResourceStorage, parts: Parts, pod: str
) -> None:
    """Another process does not know of the reader here: that one gets no more, and nothing of the new version."""
    old = body(1, 3 * MB)
    await put(storage, pod, "film", old)
    reading = (await large(storage, pod, "film")).content.read()
    assert await anext(reading) == old[:PART_BYTES]
    async with open_parts(parts.folder) as others:
        await put(others.storage, pod, "film", body(2, 3 * MB))
    with pytest.raises(Replaced):
        await anext(reading)


async def test_an_erased_pod_is_read_no_further(storage: ResourceStorage, parts: Parts, pod: str) -> None:
    """When the keys go, so does what was going out."""
    await put(storage, pod, "film", body(1, 3 * MB))
    reading = (await large(storage, pod, "film")).content.read()
    await anext(reading)
    await parts.vault.erase(pod)
    with pytest.raises(PodUnavailable):
        await anext(reading)
    await reading.aclose()
    await storage.erase(pod)
    assert await rows(parts) == (0, 0)


async def test_a_body_that_was_swept_away_is_not_put(storage: ResourceStorage, parts: Parts, pod: str) -> None:
    """A server that starts beside this one sweeps: what comes in here fails, and leaves nothing."""
    async with open_parts(parts.folder) as others:

        async def swept() -> AsyncIterator[bytes]:
            async for piece in pieces(body(1, 2 * MB)):
                yield piece
                await others.storage.sweep()

        with pytest.raises(StoreFailure):
            async with storage.staging(pod, swept()):
                pass
        async with storage.staging(pod, pieces(body(1, MB))) as staged:
            await others.storage.sweep()
            with pytest.raises(StoreFailure):
                await storage.put(pod, "film", staged, FILM)
    assert await rows(parts) == (0, 0)
    assert (await storage.usage.of(pod)).bytes == 0


async def test_an_older_form_is_still_read(storage: ResourceStorage, parts: Parts, pod: str) -> None:
    """A large body of before, sealed as one and cut in rows, is read, replaced and deleted with its rows."""
    whole = body(1, MB)
    row = (await parts.vault.open(pod)).resource_id("film")
    head = await storage.put(pod, "film", b"", FILM)
    vault = await parts.vault.open(pod)
    key = await vault.category("other")
    sealed = vault.seal_blob(
        key, resource=row, version=head.version, media_type=FILM, previous=b"", plaintext=whole
    )  # fmt: skip
    connection = sqlite3.connect(parts.folder / "pods.db", timeout=5)
    cut = [sealed.data[start : start + PART_BYTES] for start in range(0, len(sealed.data), PART_BYTES)]
    connection.execute(
        "UPDATE blob SET wrapped = ?, chunks = ?, body = NULL WHERE resource = ?", (sealed.wrapped, len(cut), row)
    )
    connection.executemany(
        "INSERT INTO chunk (pod, resource, version, part, body) VALUES (?, ?, ?, ?, ?)",
        [(pod, row, head.version, number, data) for number, data in enumerate(cut)],
    )
    connection.commit()
    connection.close()
    found = await storage.get(pod, "film")
    assert found is not None
    assert found.body == whole
    await put(storage, pod, "film", body(2, MB))
    assert list(await parts.pods.fetch("SELECT COUNT(*) FROM chunk")) == [(0,)]


async def test_a_body_that_does_not_fit_is_refused_as_soon_as_that_is_clear(
    storage: ResourceStorage, parts: Parts, pod: str
) -> None:
    """By its length before anything is read, else in the middle; several at once do not fit where one would."""
    await storage.usage.allow(pod, 3 * MB)
    read = 0

    async def counted() -> AsyncIterator[bytes]:
        nonlocal read
        async for piece in pieces(body(1, 9 * MB)):
            read += len(piece)
            yield piece

    with pytest.raises(OverQuota):
        async with storage.staging(pod, counted(), length=9 * MB):
            pass
    assert read == 0
    with pytest.raises(OverQuota) as caught:
        async with storage.staging(pod, counted()):
            pass
    assert 3 * MB < read < 4 * MB
    assert caught.value.members == {"used": 0, "allowed": 3 * MB}
    assert await rows(parts) == (0, 0)
    outcomes = await asyncio.gather(
        *(put(storage, pod, f"film{n}", body(n, 2 * MB)) for n in range(5)), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) <= 1
    assert all(outcome is None or isinstance(outcome, OverQuota) for outcome in outcomes)


async def test_in_a_pod_that_is_over_a_large_body_may_be_replaced_by_no_more(
    storage: ResourceStorage, pod: str
) -> None:
    """What may be used went down, or is counted otherwise since: only adding stops."""
    await storage.put(pod, "film", body(1, 2 * MB), FILM)
    await storage.usage.allow(pod, MB)
    await storage.put(pod, "film", body(2, 2 * MB), FILM)
    await storage.put(pod, "film", body(3, 2 * MB - 9), FILM)
    with pytest.raises(OverQuota):
        await storage.put(pod, "film", body(4, 2 * MB), FILM)
    assert (await storage.usage.of(pod)).bytes == 2 * MB - 9 + 2 * ROW
