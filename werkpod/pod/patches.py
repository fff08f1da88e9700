"""PATCH: what it needs, and how a document or a container's description is changed by it (Solid Protocol, 5.3.1)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pyoxigraph as ox

from werkpod.pod.access.model import Mode, Requester
from werkpod.pod.addresses import Address, encode
from werkpod.pod.admission import Admission, decided
from werkpod.pod.changes import Changes
from werkpod.pod.directory import Pod
from werkpod.pod.errors import VersionConflict
from werkpod.pod.gate import Gate, View
from werkpod.pod.ldp import containers, graphs, n3patch, patching, sparql_update
from werkpod.pod.ldp.conditional import Condition
from werkpod.pod.ldp.conneg import content_type
from werkpod.pod.ldp.errors import NotTaken, PatchConflict
from werkpod.pod.ldp.graphs import TURTLE, Document, essence, is_rdf
from werkpod.pod.ldp.headers import ACCEPT_PATCH, allow
from werkpod.pod.representations import container_etag, managed
from werkpod.pod.sent import Sent
from werkpod.pod.storage import ResourceStorage
from werkpod.pod.written import WriteResult
from werkpod.web.errors import MethodNotAllowed

_TRIES = 8
_HEAVY_PATCH = 8 << 10
"""Bytes of a patch, or comparisons that it may take, from which the work is done in a thread."""
_PATCHES = {n3patch.MEDIA_TYPE: n3patch.parse, sparql_update.MEDIA_TYPE: sparql_update.parse}


@dataclass(slots=True)
class _Queue:
    """Who patches one resource: `users` have come and not gone."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Patcher:
    """Carries out patches for `PodService`."""

    def __init__(
        self, storage: ResourceStorage, gate: Gate, admission: Admission, sent: Sent, changes: Changes
    ) -> None:
        self._storage, self._gate, self._changes = storage, gate, changes
        self._admission, self._sent = admission, sent
        self._queues: dict[tuple[str, str], _Queue] = {}

    async def patch(
        self,
        requester: Requester,
        pod: Pod,
        where: Address,
        body: bytes,
        media_type: str | None,
        condition: Condition,
    ) -> WriteResult:
        """Change a document, or a container's description. See `PodService.patch`."""
        view = await self._gate.survey(requester, pod, where)
        self._admission.admitted(view, where)
        kind = essence(content_type(media_type))
        if kind not in _PATCHES:
            raise NotTaken(f"PATCH takes {ACCEPT_PATCH}; {kind} was sent.", headers={"Accept-Patch": ACCEPT_PATCH})
        patch = await _read_patch(_PATCHES[kind], body, pod.storage + encode(where.path))
        async with self._turn(pod, where) as waited:
            looked = None if waited or len(body) > _HEAVY_PATCH else view  # others had their turn since it was decided

            async def write() -> WriteResult:
                nonlocal looked
                now, looked = looked or await self._gate.survey(requester, pod, where), None
                return await self._decide(now, where, patch, condition)

            return await decided(write)

    async def _decide(self, view: View, where: Address, patch: patching.Patch, condition: Condition) -> WriteResult:
        """Carry a patch out, where whoever looks may do all of it."""
        access, needed = self._admission.admitted(view, where), patch.needs()
        action = "write" if Mode.WRITE in needed else "append"
        self._admission.check_condition(view, where, access, condition)
        self._admission.authorise(view, where, access, needed, action=action)
        return await self._carry_out(view, where, patch, condition)

    @asynccontextmanager
    async def _turn(self, pod: Pod, where: Address) -> AsyncIterator[bool]:
        """One after the other: of ten at once on one document the last would lose nine races, and be turned away.

        Whether somebody else was there already.
        """
        key = (pod.id, where.path)
        queue = self._queues.setdefault(key, _Queue())
        waited = queue.users > 0
        queue.users += 1
        try:
            async with queue.lock:
                yield waited
        finally:
            queue.users -= 1
            if not queue.users:
                del self._queues[key]

    async def _carry_out(self, view: View, where: Address, patch: patching.Patch, condition: Condition) -> WriteResult:
        for _ in range(_TRIES):  # races with another process, or with a PUT
            try:
                if where.container:
                    return await self._patch_container(view, where, patch, condition)
                return await self._patch_document(view, where, patch, condition)
            except VersionConflict:
                if condition:
                    raise
        raise VersionConflict("This was changed each time that the patch was to be carried out; try again.")

    async def _patch_document(
        self, view: View, where: Address, patch: patching.Patch, condition: Condition
    ) -> WriteResult:
        pod = view.pod
        stored = await self._storage.get(pod.id, where.path)
        condition.check(stored.etag if stored else None, stored.modified if stored else None)
        if stored is not None and not is_rdf(stored.media_type):
            raise MethodNotAllowed(
                f"Only RDF is patched; this is {essence(stored.media_type)}. Replace it with PUT.",
                headers={"Allow": allow(where, rdf=False)},
            )
        if stored is None and not patch.exact and not any(change.inserts for change in patch.changes):
            raise PatchConflict("There is nothing here to take anything from.")
        media_type = essence(stored.media_type) if stored else TURTLE
        old = (await self._sent.parse(pod, where, stored.body, media_type) if stored else None) or graphs.EMPTY
        if stored is not None and patch.only_adds and media_type != graphs.JSON_LD:
            added = await _added(patch, old.triples)
            new, body = Document((*old.triples, *added), old.named), graphs.appended(stored.body, added)
        else:
            new = Document(tuple(await _apply(patch, old.triples)), old.named)
            body = graphs.serialise(new, media_type, graphs.prefixes_of(stored.body, media_type) if stored else None)
        graphs.check_size(body, new)
        await self._sent.check(pod, where, new)
        expected = stored.version if stored else None
        seen = {path: head for path, head in view.heads.items() if path != where.path}
        if stored is not None:
            seen[where.path] = stored
        written = await self._storage.put(
            pod.id, where.path, body, media_type, expected=expected, seen=seen, creator=view.requester.agent or "",
            fence=view.fence,
        )  # fmt: skip
        self._changes.written(pod, where.path, written.etag, there=seen)
        return WriteResult(where.path, stored is None, written.etag)

    async def _patch_container(
        self, view: View, where: Address, patch: patching.Patch, condition: Condition
    ) -> WriteResult:
        pod = view.pod
        url = pod.storage + encode(where.path)
        head = await self._storage.head(pod.id, where.path)
        meta = await self._storage.get(pod.id, where.path + ".meta")
        condition.check(container_etag(head, meta) if head else None, head.modified if head else None)
        server = (await managed(self._storage, pod, where, head, patch.named())).triples if head else ()
        described = graphs.parse(meta.body, meta.media_type, url + ".meta").triples if meta else ()
        after = await _apply(patch, [*server, *described])
        heavy = len(after) > _HEAVY_PATCH
        kept = await asyncio.to_thread(_kept, after, server, url) if heavy else _kept(after, server, url)
        if head is None:
            await self._storage.put(pod.id, where.path, b"", TURTLE, expected=None, fence=view.fence)
        written, expected = graphs.serialise(Document(tuple(kept)), TURTLE), meta.version if meta else None
        await self._storage.put(pod.id, where.path + ".meta", written, TURTLE, expected=expected, fence=view.fence)
        self._changes.written(pod, where.path, None, there=view.heads)
        return WriteResult(where.path, head is None, None)


async def _read_patch(parse: Callable[[bytes, str], patching.Patch], body: bytes, base: str) -> patching.Patch:
    return await asyncio.to_thread(parse, body, base) if len(body) > _HEAVY_PATCH else parse(body, base)


def _kept(after: Sequence[ox.Triple], server: Sequence[ox.Triple], url: str) -> list[ox.Triple]:
    """What of a patched container is its description. Raises ServerManaged."""
    containers.require_managed(after, server, url)
    return containers.description(after, server, url)


async def _added(patch: patching.Patch, triples: Sequence[ox.Triple]) -> list[ox.Triple]:
    if len(triples) > _HEAVY_PATCH:
        return await asyncio.to_thread(patching.additions, patch, triples)
    return patching.additions(patch, triples)


async def _apply(patch: patching.Patch, triples: Sequence[ox.Triple]) -> list[ox.Triple]:
    wanted = sum(len(change.where) for change in patch.changes)
    if len(triples) > _HEAVY_PATCH or (wanted > 1 and len(triples) > _HEAVY_PATCH // 64):
        return await asyncio.to_thread(patching.apply, patch, triples)
    return patching.apply(patch, triples)
