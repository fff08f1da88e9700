"""Writing: what each method needs, checks and does (Solid Protocol, 5.3 and 5.4; WAC 5.3).

In that order: what is allowed, what was sent, what is stored. A reader of the errors learns nothing of what is stored
before it is clear that they may.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pyoxigraph as ox

from werkpod.pod.access.decide import WRITING
from werkpod.pod.access.model import Access, Mode, Requester
from werkpod.pod.access.wac import keeps_control, rules_of
from werkpod.pod.addresses import Address, Kind, address, ancestors, encode, parent, sibling
from werkpod.pod.bodies import Incoming
from werkpod.pod.changes import Changes
from werkpod.pod.directory import Pod
from werkpod.pod.errors import NoSubject, OverQuota, SlashConflict, VersionConflict
from werkpod.pod.gate import Gate, View
from werkpod.pod.ldp import containers, graphs, n3patch, patching, sparql_update
from werkpod.pod.ldp.conditional import check_write
from werkpod.pod.ldp.conneg import content_type
from werkpod.pod.ldp.errors import ControlLost, NotTaken, ServerManaged
from werkpod.pod.ldp.graphs import TURTLE, Document, essence, is_rdf
from werkpod.pod.ldp.headers import ACCEPT_PATCH, allow
from werkpod.pod.ldp.slugs import fresh_name, safe_name
from werkpod.pod.representations import HEAVY, container_etag, managed_triples
from werkpod.pod.storage import ANY, Head, ResourceStorage, Staged
from werkpod.web.errors import Conflict, Forbidden, MethodNotAllowed, NotFound, TooLarge

_LDP = "http://www.w3.org/ns/ldp#"
CONTAINER_TYPES = frozenset({_LDP + "Container", _LDP + "BasicContainer"})
_TRIES = 8
_HEAVY_PATCH = 8 << 10
"""Bytes of a patch, or comparisons that it may take, from which the work is done in a thread."""
_PATCHES = {n3patch.MEDIA_TYPE: n3patch.parse, sparql_update.MEDIA_TYPE: sparql_update.parse}
ACL_LIMIT = 64 << 10
"""Bytes of access rules: they are read at each request, and kept in memory for many resources."""
APPEND_LIMIT = 256 << 10
"""Bytes of what is added by who can only add, so that strangers do not fill an inbox with films."""
PROFILE = "profile/card"
_KEPT_IN_PROFILE = frozenset(
    {graphs.PREFIXES["solid"] + "oidcIssuer", graphs.PREFIXES["pim"] + "storage", graphs.PREFIXES["ldp"] + "inbox"}
)


@dataclass(frozen=True, slots=True)
class Condition:
    """The conditional headers of a write."""

    if_match: str | None = None
    if_none_match: str | None = None

    def __bool__(self) -> bool:
        return self.if_match is not None or self.if_none_match is not None


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What a write did. `etag` that of the version now stored, None for a container."""

    path: str
    created: bool
    etag: str | None


class Writer:
    """Carries out writes for `PodService`."""

    def __init__(self, storage: ResourceStorage, gate: Gate, changes: Changes) -> None:
        self._storage, self._gate, self._changes = storage, gate, changes

    # What is allowed

    async def admit(self, requester: Requester, pod: Pod, where: Address) -> Access:
        """The access to `where`. Raises where it has no mode of writing, and MethodNotAllowed for what is fixed."""
        return self._admit(await self._gate.survey(requester, pod, where), where)

    def _admit(self, view: View, where: Address) -> Access:
        access = view.access(where)
        if not access.modes & WRITING:
            self._gate.require(view.requester, view.pod, where, access, Mode.WRITE)
        if where.kind is Kind.STORAGE:
            raise MethodNotAllowed("A storage describes itself; this is only read.", headers={"Allow": allow(where)})
        return access

    def _authorise(
        self, view: View, where: Address, access: Access, needed: Mode, *, action: str, record: bool = True
    ) -> None:
        """Require `needed` here and, to create, Append on each container that it is or will be made in; then log it."""
        if where.kind is Kind.ACL:
            needed, action = Mode.CONTROL, "control"
        requester, pod, exists = view.requester, view.pod, where.path in view.heads
        self._gate.require(requester, pod, where, access, needed)
        if where.auxiliary and not exists and where.subject not in view.heads:
            raise NoSubject(f"There is nothing at {pod.storage}{encode(where.subject)} that this could belong to.")
        if access.lenses and Mode.READ in needed:
            self._gate.record(requester, pod, where, access, action, refused="a lens hides part of it")
            raise Forbidden("Part of this document is not shared with you, so you cannot change it on conditions.")
        if not exists and not where.auxiliary:
            for container in ancestors(where.path):
                above = address(container)
                self._gate.require(requester, pod, above, view.access(above), Mode.APPEND)
                if container in view.heads:
                    break
        if record:
            self._gate.record(requester, pod, where, access, action)

    # PUT

    async def put(
        self,
        requester: Requester,
        pod: Pod,
        where: Address,
        body: bytes | Incoming,
        media_type: str | None,
        condition: Condition,
        link_types: Collection[str],
    ) -> WriteResult:
        """Create or replace. See `PodService.put`. What is still coming in is decided on before and after it came."""
        media_type = content_type(media_type)
        if not isinstance(body, Incoming):
            return await self._put(requester, pod, where, body, media_type, condition, link_types)
        view = await self._gate.survey(requester, pod, where)
        self._authorise(view, where, self._admit(view, where), Mode.WRITE, action="write", record=False)
        head = view.heads.get(where.path)
        check_write(condition.if_match, condition.if_none_match, head.etag if head else None)
        async with self._staging(view, body, replaces=head.size if head else 0) as whole:
            return await self._put(requester, pod, where, whole, media_type, condition, link_types)

    @asynccontextmanager
    async def _staging(self, view: View, body: Incoming, *, replaces: int = 0) -> AsyncIterator[bytes | Staged]:
        """Take in a body. What a pod uses and may use is said to its owner alone."""
        try:
            async with self._storage.staging(view.pod.id, body.pieces, replaces=replaces, length=body.length) as whole:
                yield whole
        except OverQuota as error:
            if view.requester.agent != view.pod.webid:
                raise OverQuota from error
            raise

    async def _put(
        self,
        requester: Requester,
        pod: Pod,
        where: Address,
        body: bytes | Staged,
        media_type: str,
        condition: Condition,
        link_types: Collection[str],
    ) -> WriteResult:
        view = await self._gate.survey(requester, pod, where)
        self._authorise(view, where, self._admit(view, where), Mode.WRITE, action="write")
        head = view.heads.get(where.path)
        _check_link_types(where, link_types)
        if where.container and isinstance(body, bytes):
            return await self._put_container(view, where, body, media_type, condition, head)
        check_write(condition.if_match, condition.if_none_match, head.etag if head else None)
        document = await self._taken(pod, where, body, media_type)
        await self._check_content(requester, pod, where, document)
        expected = (head.version if head else None) if condition else ANY
        stored = await self._storage.put(
            pod.id, where.path, body, media_type, expected=expected, seen=view.heads, creator=requester.agent or ""
        )
        self._changes.written(pod, where.path, stored.etag, there=view.heads)
        return WriteResult(where.path, head is None, stored.etag)

    async def _put_container(
        self, view: View, where: Address, body: bytes, media_type: str, condition: Condition, head: Head | None
    ) -> WriteResult:
        """Create a container, or replace its description, kept in its `.meta`."""
        pod = view.pod
        meta = await self._storage.head(pod.id, where.path + ".meta")
        check_write(condition.if_match, condition.if_none_match, container_etag(head, meta) if head else None)
        url = pod.storage + encode(where.path)
        document = graphs.parse(body, media_type, url) if body.strip() else graphs.EMPTY
        if head is None:
            kept = containers.description(document.triples, containers.listing(url, 0, (), root=False), url)
            expected = None if condition else ANY
            await self._storage.put(pod.id, where.path, b"", TURTLE, expected=expected)
        else:
            managed = await managed_triples(self._storage, pod, where, head)
            containers.require_same_containment(document.triples, managed)
            kept = containers.description(document.triples, managed, url)
        await self._describe(pod, where, kept)
        self._changes.written(pod, where.path, None, there=view.heads)
        return WriteResult(where.path, head is None, None)

    async def _describe(self, pod: Pod, where: Address, kept: Collection[ox.Triple]) -> None:
        path = where.path + ".meta"
        if kept:
            await self._storage.put(pod.id, path, graphs.serialise(Document(tuple(kept)), TURTLE), TURTLE)
        elif await self._storage.head(pod.id, path) is not None:
            await self._storage.delete(pod.id, path)

    # POST

    async def post(
        self,
        requester: Requester,
        pod: Pod,
        where: Address,
        body: bytes | Incoming,
        media_type: str | None,
        slug: str | None,
        link_types: Collection[str],
    ) -> WriteResult:
        """Create in a container. See `PodService.post`. What is still coming in is decided on before and after."""
        if not isinstance(body, Incoming):
            return await self._post(requester, pod, where, body, media_type, slug, link_types)
        view, access = await self._may_post(requester, pod, where)
        content_type(media_type)
        if Mode.WRITE not in access.modes:
            body = body.within(APPEND_LIMIT)
        async with self._staging(view, body) as whole:
            return await self._post(requester, pod, where, whole, media_type, slug, link_types)

    async def _may_post(self, requester: Requester, pod: Pod, where: Address) -> tuple[View, Access]:
        view = await self._gate.survey(requester, pod, where)
        access = self._admit(view, where)
        self._gate.require(requester, pod, where, access, Mode.CONTROL if where.kind is Kind.ACL else Mode.APPEND)
        if where.path not in view.heads:
            if Mode.READ not in access.modes:
                self._gate.refuse(requester, "This is not shared with you.")
            raise NotFound(f"There is nothing at {pod.storage}{encode(where.path)} to POST to.")
        if not where.container:
            raise MethodNotAllowed("POST creates in a container; this is none.", headers={"Allow": allow(where)})
        return view, access

    async def _post(
        self,
        requester: Requester,
        pod: Pod,
        where: Address,
        body: bytes | Staged,
        media_type: str | None,
        slug: str | None,
        link_types: Collection[str],
    ) -> WriteResult:
        view, access = await self._may_post(requester, pod, where)
        media_type = content_type(media_type)
        size = len(body) if isinstance(body, bytes) else body.size
        if Mode.WRITE not in access.modes and size > APPEND_LIMIT:
            raise TooLarge(f"Who may only add here adds at most {APPEND_LIMIT} bytes; {size} were sent.")
        self._gate.record(requester, pod, where, access, "append")
        ending = "/" if CONTAINER_TYPES & set(link_types) else ""
        wanted = safe_name(slug)
        name = wanted or fresh_name(None)
        for _ in range(_TRIES):
            child = address(where.path + name + ending)
            try:
                return await self._create(view, child, body, media_type)
            except (VersionConflict, SlashConflict):
                name = fresh_name(wanted)
        raise Conflict("No free name was found for this; try again.")

    async def _create(self, view: View, child: Address, body: bytes | Staged, media_type: str) -> WriteResult:
        pod = view.pod
        if child.container and isinstance(body, bytes):
            if await self._storage.head(pod.id, sibling(child.path)) or await self._storage.head(pod.id, child.path):
                raise VersionConflict("There is something with this name.")
            return await self._put_container(view, child, body, media_type, Condition(if_none_match="*"), None)
        document = await self._taken(pod, child, body, media_type)
        await self._check_content(view.requester, pod, child, document)
        stored = await self._storage.put(
            pod.id, child.path, body, media_type, expected=None, seen=view.heads, creator=view.requester.agent or ""
        )
        self._changes.written(pod, child.path, stored.etag, there=view.heads)
        return WriteResult(child.path, True, stored.etag)

    # PATCH

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
        access = self._admit(view, where)
        kind = essence(content_type(media_type))
        if kind not in _PATCHES:
            raise NotTaken(f"PATCH takes {ACCEPT_PATCH}; {kind} was sent.", headers={"Accept-Patch": ACCEPT_PATCH})
        patch = await _read_patch(_PATCHES[kind], body, pod.storage + encode(where.path))
        if len(body) > _HEAVY_PATCH:  # it was read in a thread, and others had their turn meanwhile
            view = await self._gate.survey(requester, pod, where)
            access = self._admit(view, where)
        needed = patch.needs()
        self._authorise(view, where, access, needed, action="write" if Mode.WRITE in needed else "append")
        for _ in range(_TRIES):
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
        check_write(condition.if_match, condition.if_none_match, stored.etag if stored else None)
        if stored is not None and not is_rdf(stored.media_type):
            raise NotTaken(f"Only RDF is patched; this is {essence(stored.media_type)}. Replace it with PUT.")
        media_type = essence(stored.media_type) if stored else TURTLE
        old = (await self._parse(pod, where, stored.body, media_type) if stored else None) or graphs.EMPTY
        new = Document(tuple(await _apply(patch, old.triples)), old.named)
        body = graphs.serialise(new, media_type)
        graphs.check_size(body, new)
        await self._check_content(view.requester, pod, where, new)
        expected = stored.version if stored else None
        seen = {path: head for path, head in view.heads.items() if path != where.path}
        if stored is not None:
            seen[where.path] = stored
        written = await self._storage.put(
            pod.id, where.path, body, media_type, expected=expected, seen=seen, creator=view.requester.agent or ""
        )
        self._changes.written(pod, where.path, written.etag, there=seen)
        return WriteResult(where.path, stored is None, written.etag)

    async def _patch_container(
        self, view: View, where: Address, patch: patching.Patch, condition: Condition
    ) -> WriteResult:
        pod = view.pod
        url = pod.storage + encode(where.path)
        head = await self._storage.head(pod.id, where.path)
        meta = await self._storage.get(pod.id, where.path + ".meta")
        check_write(condition.if_match, condition.if_none_match, container_etag(head, meta) if head else None)
        managed = await managed_triples(self._storage, pod, where, head) if head else []
        described = graphs.parse(meta.body, meta.media_type, url + ".meta").triples if meta else ()
        after = await _apply(patch, [*managed, *described])
        containers.require_managed(after, managed, url)
        kept = containers.description(after, managed, url)
        if head is None:
            await self._storage.put(pod.id, where.path, b"", TURTLE, expected=None)
        written = graphs.serialise(Document(tuple(kept)), TURTLE)
        await self._storage.put(pod.id, where.path + ".meta", written, TURTLE, expected=meta.version if meta else None)
        self._changes.written(pod, where.path, None, there=view.heads)
        return WriteResult(where.path, head is None, None)

    # DELETE

    async def delete(self, requester: Requester, pod: Pod, where: Address, condition: Condition) -> None:
        """Delete; it takes Write on the resource and on the container that it is in (WAC 5.3). See `PodService`."""
        view = await self._gate.survey(requester, pod, where)
        access = self._admit(view, where)
        self._gate.require(requester, pod, where, access, Mode.CONTROL if where.kind is Kind.ACL else Mode.WRITE)
        if where.path == PROFILE and not requester.own_pages:
            raise ServerManaged("An app does not take away the document that says who a person is.")
        if where.path in ("", ".acl"):
            raise MethodNotAllowed(
                "A storage and its access rules stay as long as the pod.", headers={"Allow": allow(where)}
            )
        above = parent(where.path)
        if not where.auxiliary and above is not None:
            container = address(above)
            self._gate.require(requester, pod, container, view.access(container), Mode.WRITE)
        head = view.heads.get(where.path)
        if (head is None or where.container) and not where.auxiliary:
            # Whether there is something, and whether something is in it, is for who may read.
            self._gate.require(requester, pod, where, access, Mode.READ)
        if head is None:
            raise NotFound(f"There is nothing at {pod.storage}{encode(where.path)}.")
        tag = head.etag
        if where.container:
            tag = container_etag(head, view.heads.get(where.path + ".meta"))
        check_write(condition.if_match, condition.if_none_match, tag)
        action = "control" if where.kind is Kind.ACL else "delete"
        self._gate.record(requester, pod, where, access, action)
        await self._storage.delete(pod.id, where.path, expected=head.version if condition else ANY)
        self._changes.deleted(pod, where.path)

    # What was sent

    async def _parse(self, pod: Pod, where: Address, body: bytes, media_type: str) -> Document | None:
        """The document that was sent, None where it is not RDF. Raises NotTaken for an auxiliary that is not RDF."""
        if not is_rdf(media_type):
            if where.kind is not Kind.DOCUMENT:
                raise NotTaken(f"This is RDF; send {', '.join(graphs.FORMATS)} instead of {essence(media_type)}.")
            return None
        if where.kind is Kind.ACL and len(body) > ACL_LIMIT:
            raise TooLarge(f"Access rules have at most {ACL_LIMIT} bytes; {len(body)} were sent.")
        url = pod.storage + encode(where.path)
        if len(body) > HEAVY:
            return await asyncio.to_thread(graphs.parse, body, media_type, url)
        return graphs.parse(body, media_type, url)

    async def _taken(self, pod: Pod, where: Address, body: bytes | Staged, media_type: str) -> Document | None:
        """`_parse` of what is written as it was sent; None also where nothing depends on what it says."""
        if isinstance(body, Staged):
            if is_rdf(media_type) or where.kind is not Kind.DOCUMENT:
                raise TooLarge(f"An RDF document here has at most {graphs.RDF_LIMIT} bytes.")
            return None
        if where.kind is Kind.DOCUMENT and where.path != PROFILE and is_rdf(media_type) and len(body) <= HEAVY:
            graphs.check(body, media_type, pod.storage + encode(where.path))
            return None
        return await self._parse(pod, where, body, media_type)

    async def _check_content(self, requester: Requester, pod: Pod, where: Address, document: Document | None) -> None:
        """What some documents keep: the root's ACL Control, descriptions the server's part, the profile its issuer."""
        if where.kind is Kind.META and (where.subject == "" or where.subject.endswith("/")) and document:
            containers.description(document.triples, (), pod.storage + encode(where.subject))
        if where.path == ".acl" and not keeps_control(rules_of(document.triples if document else ()), pod.storage):
            raise ControlLost(
                "The access rules of a storage keep an acl:Authorization with acl:mode acl:Control and "
                f"acl:accessTo <{pod.storage}>."
            )
        if where.path == PROFILE and not requester.own_pages:
            stored = await self._storage.get(pod.id, PROFILE)
            old = await self._parse(pod, where, stored.body, stored.media_type) if stored else None
            if _kept(document) != _kept(old):
                raise ServerManaged(
                    "An app does not change where a person signs in or keeps things (issuer, storage, inbox)."
                )


def _kept(document: Document | None) -> set[ox.Triple]:
    return {t for t in document.triples if t.predicate.value in _KEPT_IN_PROFILE} if document else set()


async def _read_patch(parse: Callable[[bytes, str], patching.Patch], body: bytes, base: str) -> patching.Patch:
    return await asyncio.to_thread(parse, body, base) if len(body) > _HEAVY_PATCH else parse(body, base)


async def _apply(patch: patching.Patch, triples: Sequence[ox.Triple]) -> list[ox.Triple]:
    wanted = sum(len(change.where) for change in patch.changes)
    if len(triples) > _HEAVY_PATCH or (wanted > 1 and len(triples) > _HEAVY_PATCH // 64):
        return await asyncio.to_thread(patching.apply, patch, triples)
    return patching.apply(patch, triples)


def _check_link_types(where: Address, link_types: Collection[str]) -> None:
    """Raise Conflict where Link: rel="type" asks for what the address is not; the address decides."""
    if where.container and _LDP + "NonRDFSource" in link_types:
        raise Conflict("An address that ends in a slash is a container, not a file.")
    if not where.container and CONTAINER_TYPES & set(link_types):
        raise Conflict("The address of a container ends in a slash; put it there, or POST to the container above.")
