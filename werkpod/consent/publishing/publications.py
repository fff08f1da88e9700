"""An outbox: what consent.db says is to stand in a pod, until it stands there.

Two databases cannot be written in one transaction. So who changes something that a document tells of writes a row here
in the same unit (`row`), and the document is written after that (`soon`, or the chore, after a crash). A document is
always drawn up from what is stored by then, never from what the row was written for: so the order in which processes
get round to it makes no difference, and doing it twice changes nothing.

A document that one process drew up does not take the place of a later one of another process: it is written only over
the version that was there before it was drawn up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import structlog

from werkpod.pod.addresses import ancestors
from werkpod.pod.changes import Changes
from werkpod.pod.directory import Pod, PodDirectory
from werkpod.pod.errors import PodUnavailable, VersionConflict
from werkpod.pod.kept import HOME
from werkpod.pod.storage import ResourceStorage
from werkpod.pod.store.protocol import Database, Statement
from werkpod.pod.vault import PodVault, Vault
from werkpod.web.errors import NotFound, WerkpodError
from werkpod.web.ids import ulid

Render = Callable[[Pod, str], Awaitable[tuple[bytes, str] | None]]
"""Draws up the document of an id as things stand now: body and media type; None: there is to be none."""

_PUT = (
    "INSERT INTO publication (pod, place, turn, sealed) VALUES (?1, ?2, ?3, ?4)"
    " ON CONFLICT (pod, place) DO UPDATE SET turn = excluded.turn"
)
_OF_POD = "SELECT place, turn, sealed FROM publication WHERE pod = ?1 ORDER BY place LIMIT ?2"
_DONE = "DELETE FROM publication WHERE pod = ?1 AND place = ?2 AND turn = ?3"
_FORGET = "DELETE FROM publication WHERE pod = ?1"
_PODS = "SELECT DISTINCT pod FROM publication LIMIT ?1"

_AT_ONCE = 100
"""Rows that are read at once."""
_WAITING = 10_000
"""Pods that may wait to be written out; the rest is found by the chore."""
_TRIES = 20
SECONDS = 60.0
"""How often the chore looks for what a crash, or another process, left (`drain_all`)."""

log = structlog.get_logger("werkpod.consent.publishing")


class Publications:
    """The documents under `consent/` of all pods. Nobody else writes there (`pod/access/decide.py`)."""

    def __init__(
        self, database: Database, vault: Vault, pods: PodDirectory, storage: ResourceStorage, changes: Changes
    ) -> None:
        self._database, self._vault, self._pods = database, vault, pods
        self._storage, self._changes = storage, changes
        self._renders: dict[str, Render] = {}
        self._waiting: dict[str, None] = {}
        self._task: asyncio.Task[None] | None = None

    def renders(self, prefix: str, render: Render) -> None:
        """From now on `render` draws up the documents under `prefix` ("consent/grants/"); for the composition root.

        The id that it gets is the rest of the path. It is called outside any unit, and may be called again for the same
        document at any time.
        """
        if not prefix.startswith(HOME) or not prefix.endswith("/"):
            raise ValueError(f"The server writes in containers under {HOME}, not under {prefix!r}.")
        self._renders[prefix] = render

    async def row(self, pod: str, path: str) -> Statement:
        """The row that has the document at `path` drawn up anew; for the unit of what it tells of.

        Raises PodUnavailable, and ValueError where nobody draws up documents there.
        """
        if path.rpartition("/")[0] + "/" not in self._renders:
            raise ValueError(f"Nobody draws up {path!r}; say who does with `renders`.")
        vault = await self._vault.open(pod)
        place = vault.lookup("publication", path)
        return Statement(_PUT, (pod, place, ulid(), vault.seal_record("publication", place.hex(), path.encode())))

    async def put(self, pod: str, path: str) -> None:
        """Have the document at `path` drawn up anew, where that goes with no other unit. Raises as `row` does."""
        await self._database.write(await self.row(pod, path))

    def soon(self, pod: str) -> None:
        """Write out what a pod is to have; after the unit with the rows is on disk. Does not wait for it."""
        if len(self._waiting) < _WAITING:
            self._waiting[pod] = None
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._go_round(), name="publications")

    async def settled(self) -> None:
        """Wait until all that `soon` was called for has been gone through; before the databases are closed."""
        while self._task is not None and not self._task.done():
            await asyncio.wait([self._task])

    async def drain(self, pod: str) -> None:
        """Write out what a pod is to have. Idempotent; forgets what an erased pod should have had.

        A document that cannot be drawn up or written keeps its row and stops none of the others; the first such error
        is raised at the end.
        """
        try:
            vault = await self._vault.open(pod)
            home = await self._pods.by_id(pod)
        except PodUnavailable:
            home = None
        if home is None:
            await self._database.write(Statement(_FORGET, (pod,)))
            return
        failed: list[WerkpodError] = []
        seen: set[bytes] = set()
        while True:
            rows = await self._database.fetch(_OF_POD, pod, _AT_ONCE + len(seen))
            fresh = [row for row in rows if row[0] not in seen]
            for place, turn, sealed in cast("list[tuple[bytes, str, bytes]]", fresh):
                try:
                    await self._publish(vault, home, place, turn, sealed)
                except WerkpodError as error:
                    seen.add(place)
                    failed.append(error)
            if not fresh:
                break
        if failed:
            raise failed[0]

    async def drain_all(self) -> None:
        """Write out what is left of all pods: after a crash, or of what failed before."""
        for (pod,) in await self._database.fetch(_PODS, _WAITING):
            await self._drained(str(pod))

    async def _go_round(self) -> None:
        while self._waiting:
            pod = next(iter(self._waiting))
            del self._waiting[pod]
            await self._drained(pod)

    async def _drained(self, pod: str) -> None:
        try:
            await self.drain(pod)
        except WerkpodError as error:
            log.warning("documents could not be written; they will be later", pod=pod, code=error.code)
        except Exception:
            log.exception("documents could not be written; they will be later", pod=pod)

    async def _publish(self, vault: PodVault, pod: Pod, place: bytes, turn: str, sealed: bytes) -> None:
        """Bring one document up to date, and take its row away where nothing happened since it was read."""
        path = vault.open_record("publication", place.hex(), sealed).decode()
        prefix, _, identity = path.rpartition("/")
        render = self._renders.get(prefix + "/")
        if render is not None:
            for _ in range(_TRIES):
                there = await self._storage.head(pod.id, path)
                drawn = await render(pod, identity)
                try:
                    await self._write(pod, path, drawn, there.version if there else None)
                except VersionConflict:  # another process was at it too: look at what there is now
                    continue
                break
            else:
                raise VersionConflict(f"'{path}' was changed each time that it was written; try again.")
        await self._database.write(Statement(_DONE, (pod.id, place, turn)))

    async def _write(self, pod: Pod, path: str, drawn: tuple[bytes, str] | None, version: int | None) -> None:
        if drawn is None:
            if version is not None:
                try:
                    await self._storage.delete(pod.id, path, expected=version)
                except NotFound:
                    raise VersionConflict(f"'{path}' was deleted meanwhile.") from None
                self._changes.deleted(pod, path)
            return
        there = {*await self._storage.heads(pod.id, tuple(ancestors(path))), *((path,) if version else ())}
        body, media_type = drawn
        head = await self._storage.put(pod.id, path, body, media_type, expected=version, limited=False)
        self._changes.written(pod, path, head.etag, there=there)
