"""Resources of pods: names and plaintext on this side, keyed hashes and sealed rows on the other.

Paths are relative to the pod, decoded and normal: "" is the root container, "cv/" a container, "cv/experience" a
document, "cv/experience.acl" and "cv/.acl" auxiliaries (`addresses.py`).

What holds here whoever calls, also with another process writing to the same file:
- a resource changes only as a whole, and only from the version that the caller named;
- a member has its container, an auxiliary its subject: both are made, kept and deleted together;
- "cv" and "cv/" cannot both exist (Solid Protocol, section 3.1).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import cast
from weakref import WeakValueDictionary

from werkpod.pod import units
from werkpod.pod.addresses import address, parent
from werkpod.pod.drafts import Drafts
from werkpod.pod.errors import (
    ContainerBody,
    Fenced,
    IntegrityError,
    NotEmpty,
    Replaced,
    SlashConflict,
    StoreFailure,
    VersionConflict,
)
from werkpod.pod.members import Entry, Members, Write
from werkpod.pod.opened import Name, OpenPod, is_container, kind_of
from werkpod.pod.store.protocol import Database, Duplicate, ExpectationFailed, Row, Statement
from werkpod.pod.stored import ANY, Child, Expected, Head, Large, Stored, with_body
from werkpod.pod.streams import Staged, Streams
from werkpod.pod.units import AUXILIARY, BlobRow, HeadRow
from werkpod.pod.usage import ROW, Usage, deleted
from werkpod.pod.vault import PART_BYTES, Vault
from werkpod.pod.vault.memory import Memory
from werkpod.web.errors import NotFound

__all__ = ["ANY", "Child", "Expected", "Head", "Large", "ResourceStorage", "Staged", "Stored"]

CONTAINER_TYPE = "text/turtle"

_ATTEMPTS = 50  # races lost in a row before giving up; each one lost is another writer's success
_THREAD_BYTES = 1 << 20  # bodies from this size are sealed and opened in a thread (about a millisecond of CPU)
_CHUNKS_AT_ONCE = 16  # rows read before other requests get their turn: 4 MB
_NAMES_AT_ONCE = 500  # names opened before other requests get their turn: about 2 ms
_LISTING_BYTES = 16 << 20  # listings kept, of all pods together
_HEADS = 8192  # opened rows kept, of all pods together, about 700 bytes each
_NAMES = 8192  # opened names kept, of all pods together, about 500 bytes each
_ROWS = 16384  # ids kept in groups, of all pods together, about 100 bytes each


class ResourceStorage:
    """The resources of all pods. Every method raises PodUnavailable for a pod without keys, and StoreFailure.

    `listings`: for what is made of containers by who reads them, by pod, path and entity tag.
    """

    def __init__(
        self, database: Database, vault: Vault, *, usage: Usage | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self.usage = usage or Usage(database)
        self._streams = Streams(database, clock)
        self._drafts = Drafts(database, clock)
        self._database = database
        self._vault = vault
        self._clock = clock
        self._heads: Memory[Head] = vault.memory(_HEADS)
        self._names: Memory[Name] = vault.memory(_NAMES)
        self._members = Members(database, vault)
        self._rows: Memory[tuple[bytes, ...]] = vault.memory(_ROWS)
        self.listings: Memory[bytes] = vault.memory(_LISTING_BYTES)
        self._locks: WeakValueDictionary[tuple[str, bytes], asyncio.Lock] = WeakValueDictionary()

    async def head(self, pod: str, path: str) -> Head | None:
        """What is known of a resource, or None. Raises IntegrityError."""
        return await self._head(await self._open(pod), path)

    async def heads(self, pod: str, paths: tuple[str, ...]) -> dict[str, Head]:
        """`head` of several resources, one state of them; what does not exist is left out. Raises IntegrityError."""
        opened = await self._open(pod)
        rows = await self._database.fetch(units.heads(len(paths)), pod, *opened.ids(paths))
        found = [opened.head(cast("bytes", row[0]), HeadRow(*row[1:])) for row in rows]  # type: ignore[arg-type]
        return {head.path: head for head in found if head.path in paths}

    async def get(self, pod: str, path: str) -> Stored | None:
        """A resource with its body, or None. Raises IntegrityError, and then hands out nothing."""
        for _ in range(_ATTEMPTS):
            found = await self.look(pod, path)
            if not isinstance(found, Large):
                return found
            with contextlib.suppress(Replaced):
                return with_body(found, b"".join([piece async for piece in found.content.read()]))
        raise StoreFailure("This resource was changed each time that it was read; try again")

    async def look(self, pod: str, path: str) -> Stored | Large | None:
        """`get`, but a body of more than one part is not read yet."""
        opened = await self._open(pod)
        row = opened.id(path)
        for _ in range(_ATTEMPTS):
            rows = await self._database.fetch(units.GET, pod, row)
            if not rows:
                return None
            found = HeadRow(*rows[0][:6])  # type: ignore[arg-type]
            head = opened.head(row, found)
            if head.path != path:
                return None
            if head.container:
                return with_body(head, b"")
            blob = BlobRow(*rows[0][6:])  # type: ignore[arg-type]
            if blob.stream is not None:
                return await self._large(opened, row, head, blob, blob.stream)
            sealed = await self._sealed(pod, row, found, blob)
            if sealed is not None:
                plain = await self._open_blob(opened, row, head, blob, sealed)
                return with_body(head, plain, b"" if blob.chunks else blob.digest)
        raise StoreFailure("This resource was changed each time that it was read; try again")

    async def children(self, pod: str, path: str) -> list[Child]:
        """The members of a container by path, one state of it; empty when there is no such container.

        Opens one sealed name for each member and unwraps no key. Raises IntegrityError.
        """
        found = await self.members(pod, path)
        return [] if found is None else [entry.child for entry in found[1]]

    async def members(self, pod: str, path: str, write: Write | None = None) -> tuple[Head, list[Entry]] | None:
        """A container and its members, by path, of one version; with `write`, what a listing says of each.

        None where there is no such container. A change of one member costs the reading of one. Raises IntegrityError.
        """
        opened = await self._open(pod)
        return await self._members.of(opened, path, write) if is_container(path) else None

    async def auxiliaries(self, pod: str, ending: str) -> list[Head]:
        """Every auxiliary of a pod whose path ends so (".acl"), by path; opens no bodies. Raises IntegrityError."""
        opened = await self._open(pod)
        rows = await self._database.fetch(units.AUXILIARIES, pod)
        found = []
        for start in range(0, len(rows), _NAMES_AT_ONCE):
            if start:
                await asyncio.sleep(0)
            some = rows[start : start + _NAMES_AT_ONCE]
            found += [opened.head(cast("bytes", row[0]), HeadRow(*row[1:])) for row in some]  # type: ignore[arg-type]
        return sorted((head for head in found if head.path.endswith(ending)), key=lambda head: head.path)

    @asynccontextmanager
    async def staging(
        self, pod: str, pieces: AsyncIterable[bytes], *, replaces: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes | Staged]:
        """Take in a body of any size, for `put` inside the block; what was not put by its end is cleared away.

        `replaces`: bytes of what it will take the place of; `length`: bytes that it is said to have. Raises OverQuota
        as soon as it is clear that it does not fit, and what `pieces` raises.
        """
        opened = await self._open(pod)
        room = await self.usage.room(pod, replaces, length)
        async with self._streams.staging(opened.vault, pieces, room) as body:
            yield body

    async def sweep(self) -> int:
        """Clear away what bodies that broke off in a crash left; how many there were. For the start of a server."""
        return await self._streams.sweep()

    async def settled(self) -> None:
        """Wait for what is being cleared away; before the database is closed."""
        await self._streams.settled()

    async def put(
        self,
        pod: str,
        path: str,
        body: bytes | Staged,
        media_type: str,
        *,
        expected: Expected = ANY,
        seen: Mapping[str, Head] | None = None,
        creator: str = "",
        limited: bool = True,
        fence: int | None = None,
    ) -> Head:
        """Store a resource, and the containers above it where they are missing; on disk when it returns.

        `body`: what `staging` gave, or bytes. `creator`: the WebID of who wrote it, kept beside the name for listings
        ("": nobody is named). `seen`: what the caller has just found at `path` and above it, so that it is not looked
        up once more. What is built on something that changed meanwhile loses its race, and is built anew. `limited`
        False: for what the server itself keeps up; it is counted, and never refused for want of room. `fence`: what
        `fence` said before it was decided that this may be written; Fenced where it says something else by now.
        A container is put with an empty body; one that exists is left as it is. Raises VersionConflict (another version
        than `expected`), SlashConflict, NoSubject (an auxiliary of nothing), ContainerBody, BadAddress, OverQuota.
        """
        name = Name(path, media_type, creator)
        if isinstance(body, bytes) and len(body) > PART_BYTES:
            current = await self.head(pod, path)
            async with self.staging(pod, _pieces(body), replaces=current.size if current else 0) as staged:
                return with_body(await self._put(pod, path, staged, name, expected, seen, fence, limited=limited), body)
        head = await self._put(pod, path, body, name, expected, seen, fence, limited=limited)
        return with_body(head, body) if isinstance(body, bytes) else head

    async def _put(
        self,
        pod: str,
        path: str,
        body: bytes | Staged,
        name: Name,
        expected: Expected,
        seen: Mapping[str, Head] | None,
        fence: int | None,
        *,
        limited: bool,
    ) -> Head:
        where = address(path)
        if where.container and body:
            raise ContainerBody(f"'{path}' is a container; write its description to '{path}.meta'")
        opened = await self._open(pod)
        row = opened.id(path)
        lock = self._locks.setdefault((pod, row), asyncio.Lock())
        if lock.locked():
            seen = None
        async with lock:
            for _ in range(_ATTEMPTS):
                current = await self._head(opened, path, strict=True) if seen is None else seen.get(path)
                _meet(path, current, expected)
                if where.container and current is not None:
                    return current
                head, unit, old, made = await self._drafts.put(opened, where, body, name, current, seen or {})
                more = head.size - (current.size if current else 0) + ROW * made
                rules = limited and path.endswith(".acl") and made < 2  # containers made on the way have no extra room
                if rules:
                    await self.usage.check_rules(pod, more)
                unit += self.usage.change(pod, more, limited=limited and not rules)
                if await self._won(pod, unit, fence, narrows=path.endswith(".acl")):
                    if isinstance(body, Staged):
                        body.kept = True
                    if old is not None:
                        await self._streams.clear(pod, old)
                    return head
                if isinstance(body, Staged):
                    await self._streams.check(pod, body)
                if limited and not rules:
                    await self.usage.check(pod, more)
                seen = None
        raise VersionConflict(f"'{path}' was changed each time that it was written; try again")

    async def delete(self, pod: str, path: str, *, expected: Expected = ANY, fence: int | None = None) -> None:
        """Delete a resource with its auxiliaries; on disk when it returns. `fence`: as for `put`.

        Raises NotFound, VersionConflict, Fenced, and NotEmpty for a container with members and for the root container.
        """
        opened = await self._open(pod)
        row = opened.id(path)
        for _ in range(_ATTEMPTS):
            current = await self._head(opened, path)
            _meet(path, current, expected)
            if current is None:
                raise NotFound(f"There is nothing at '{path}'")
            above, kind, now = parent(path), kind_of(address(path)), self._clock()
            if above is None:
                raise NotEmpty("The root container stays as long as its pod")
            unit = [*units.delete(pod, row, current.version, kind, now)]
            unit.insert(1, deleted(pod, row))
            if kind != AUXILIARY:
                unit.append(self._drafts.members_changed(opened, above, now))
            done = await self._carried_out(pod, unit, fence, narrows=True)
            if done is not None:
                for (stream,) in done[0]:
                    await self._streams.clear(pod, cast("bytes", stream))
                return
            if current.container and await self._database.fetch(units.ANY_MEMBER, pod, row):
                raise NotEmpty(f"'{path}' is not empty; delete what is in it first")
        raise VersionConflict(f"'{path}' was changed each time that it was to be deleted; try again")

    async def fence(self, pod: str) -> int:
        """A number that is another after somebody may do less in a pod than before. Read it before what is decided on,
        and hand it to `put` and `delete`: then nothing is written that was not allowed any more when it was."""
        rows = await self._database.fetch(units.FENCE, pod)
        return cast("int", rows[0][0]) if rows else 0

    async def move_on(self, pod: str) -> None:
        """Somebody may do less from now on: on disk, and no write that was decided before comes after it."""
        await self._database.write(units.move_on(pod))

    async def erase(self, pod: str) -> None:
        """Clear away every row of a pod; its keys are erased by the vault, first. Idempotent, needs no keys."""
        await self._database.write(*units.erase(pod))
        await self._streams.sweep(pod)

    # Reading

    async def _open(self, pod: str) -> OpenPod:
        return OpenPod(await self._vault.open(pod), self._heads, self._names, self._rows)

    async def _head(self, opened: OpenPod, path: str, *, strict: bool = False) -> Head | None:
        """What is known of a resource, or None. `strict`: raises SlashConflict when the other form of it exists."""
        row = opened.id(path)
        rows = await self._database.fetch(units.HEAD, opened.vault.pod, row)
        if not rows:
            return None
        head = opened.head(row, HeadRow(*rows[0]))  # type: ignore[arg-type]
        if head.path == path:
            return head
        if strict:
            raise SlashConflict(f"'{head.path}' exists, so '{path}' cannot be made")
        return None

    async def _sealed(self, pod: str, row: bytes, found: HeadRow, blob: BlobRow) -> bytes | None:
        """The sealed body; None when it was replaced between two reads of its chunks."""
        if blob.category is None:
            raise IntegrityError("The body of a resource is not there")
        if not blob.chunks:
            return blob.body or b""
        parts: list[bytes] = []
        for start in range(0, blob.chunks, _CHUNKS_AT_ONCE):
            if start:
                await asyncio.sleep(0)
            rows = await self._database.fetch(
                units.CHUNKS, pod, row, found.version, start, min(start + _CHUNKS_AT_ONCE, blob.chunks)
            )
            parts += [cast("bytes", body) for (body,) in rows]
        return b"".join(parts) if len(parts) == blob.chunks else None

    async def _large(self, opened: OpenPod, row: bytes, head: Head, blob: BlobRow, stream: bytes) -> Large:
        key = await opened.vault.category_key(blob.category, blob.epoch)
        opener = opened.vault.open_stream(
            key, resource=row, version=head.version, media_type=head.media_type, previous=blob.previous,
            wrapped=blob.wrapped, stream=stream, head=blob.body or b"", size=head.size,
        )  # fmt: skip
        content = self._streams.content(opened.vault, stream, opener, head.size)
        return Large(
            head.path, head.media_type, head.version, head.etag, head.modified, head.size, head.container, content
        )

    async def _open_blob(self, opened: OpenPod, row: bytes, head: Head, blob: BlobRow, sealed: bytes) -> bytes:
        key = await opened.vault.category_key(blob.category, blob.epoch)

        def work() -> bytes:
            return opened.vault.open_blob(
                key, resource=row, version=head.version, media_type=head.media_type, previous=blob.previous,
                wrapped=blob.wrapped, data=sealed,
            )  # fmt: skip

        return await asyncio.to_thread(work) if len(sealed) >= _THREAD_BYTES else work()

    # Writing

    async def _won(self, pod: str, unit: Sequence[Statement], fence: int | None, *, narrows: bool) -> bool:
        """Carry out a unit; False when another writer was first and nothing was written."""
        return await self._carried_out(pod, unit, fence, narrows=narrows) is not None

    async def _carried_out(
        self, pod: str, unit: Sequence[Statement], fence: int | None, *, narrows: bool
    ) -> list[Sequence[Row]] | None:
        """Carry out a unit if `fence` is still what it was. `narrows`: somebody may do less after it. Raises Fenced."""
        more = [] if fence is None else [units.still(pod, fence)]
        if narrows:
            more.append(units.move_on(pod))
        try:
            return await self._database.write(*unit, *more)
        except ExpectationFailed as failed:
            if fence is not None and failed.index == len(unit):
                raise Fenced("What may be written here was changed at this moment; try again.") from None
            return None
        except Duplicate:
            return None


def _meet(path: str, current: Head | None, expected: Expected) -> None:
    """Raise VersionConflict unless what is stored is what was expected."""
    if expected is ANY:
        return
    if not expected:
        if current is not None:
            raise VersionConflict(f"'{path}' exists already, and was expected not to")
    elif current is None:
        raise VersionConflict(f"'{path}' does not exist, and version {expected} of it was expected")
    elif current.version != expected:
        raise VersionConflict(f"'{path}' has another version than the one that was expected")


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    view = memoryview(body)
    for start in range(0, len(body), PART_BYTES):
        yield bytes(view[start : start + PART_BYTES])
