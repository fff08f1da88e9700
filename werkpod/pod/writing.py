"""Writing: what each method needs, checks and does (Solid Protocol, 5.3 and 5.4; WAC 5.3).

In that order: what is allowed, what was sent, what is stored. A reader of the errors learns nothing of what is stored
before it is clear that they may.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import pyoxigraph as ox

from werkpod.pod.access.model import Access, Mode, Requester
from werkpod.pod.addresses import Address, Kind, address, encode, parent, sibling
from werkpod.pod.admission import Admission, decided
from werkpod.pod.bodies import Incoming
from werkpod.pod.changes import Changes
from werkpod.pod.directory import Pod
from werkpod.pod.errors import SlashConflict, VersionConflict
from werkpod.pod.gate import Gate, View, words
from werkpod.pod.kept import kept_by_server
from werkpod.pod.ldp import containers, graphs
from werkpod.pod.ldp.conditional import Condition
from werkpod.pod.ldp.conneg import content_type
from werkpod.pod.ldp.graphs import TURTLE, Document
from werkpod.pod.ldp.headers import allow
from werkpod.pod.ldp.slugs import fresh_name, safe_name
from werkpod.pod.patches import Patcher
from werkpod.pod.profile.guard import Guard
from werkpod.pod.profile.inbox import Inbox
from werkpod.pod.profile.places import INBOX
from werkpod.pod.representations import container_etag, managed
from werkpod.pod.sent import CONTAINER_TYPES, Sent, check_link_types
from werkpod.pod.storage import ANY, Head, ResourceStorage, Staged
from werkpod.pod.written import WriteResult
from werkpod.web.errors import Conflict, MethodNotAllowed, NotFound, TooLarge

_TRIES = 8
APPEND_LIMIT = 256 << 10
"""Bytes of what is added by who can only add, so that strangers do not fill an inbox with films."""


def _type_of(body: bytes | Staged, header: str | None, *, container: bool) -> str:
    """What the body is. Only content has a type (Solid Protocol, 2.1): a container that is made of no body needs none.

    `container`: whether the request says so with a Link. Without that, the official tests want a type all the same.
    """
    return content_type(TURTLE if container and not body and not (header or "").strip() else header)


class Writer:
    """Carries out writes for `PodService`."""

    def __init__(self, storage: ResourceStorage, gate: Gate, changes: Changes) -> None:
        self._storage, self._gate, self._changes = storage, gate, changes
        self._guard, self._admission = Guard(storage), Admission(gate)
        self._sent, self._inbox = Sent(self._guard), Inbox(storage)
        self._patcher = Patcher(storage, gate, self._admission, self._sent, changes)
        self.admit, self.patch = self._admission.admit, self._patcher.patch

    async def _admit_addition(self, requester: Requester, pod: Pod, container: str, body: bytes | Staged) -> None:
        """What somebody adds who can only add, by POST or PUT. Raises TooLarge, InboxBusy, InboxFull."""
        size = len(body) if isinstance(body, bytes) else body.size
        if size > APPEND_LIMIT:
            raise TooLarge(f"Who may only add here adds at most {APPEND_LIMIT} bytes; {size} were sent.")
        if container == INBOX:
            await self._inbox.admit(requester, pod, size)

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
        if not isinstance(body, Incoming):
            return await decided(partial(self._put, requester, pod, where, body, media_type, condition, link_types))
        view = await self._gate.survey(requester, pod, where)
        head = self._may_put(view, where, condition, record=False)
        content_type(media_type)
        condition.check(head.etag if head else None, head.modified if head else None)
        replaces = head.size if head else 0
        if Mode.WRITE not in view.access(where).modes:
            body = body.within(APPEND_LIMIT)
        async with self._storage.staging(pod.id, body.pieces, replaces=replaces, length=body.length) as whole:
            return await decided(partial(self._put, requester, pod, where, whole, media_type, condition, link_types))

    def _may_put(self, view: View, where: Address, condition: Condition, *, record: bool = True) -> Head | None:
        """What a PUT replaces. Creating takes Append, replacing Write (WAC 5.3.2 and 5.3.3)."""
        head, access = view.heads.get(where.path), self._admission.admitted(view, where)
        self._admission.check_condition(view, where, access, condition)
        needed = Mode.APPEND if head is None and not where.auxiliary else Mode.WRITE
        self._admission.authorise(view, where, access, needed, action=words(needed), record=record)
        return head

    async def _put(
        self,
        requester: Requester,
        pod: Pod,
        where: Address,
        body: bytes | Staged,
        media_type: str | None,
        condition: Condition,
        link_types: Collection[str],
    ) -> WriteResult:
        view = await self._gate.survey(requester, pod, where)
        head = self._may_put(view, where, condition)
        media_type = _type_of(body, media_type, container=where.container and bool(CONTAINER_TYPES & set(link_types)))
        check_link_types(where, link_types)
        if Mode.WRITE not in view.access(where).modes and not where.auxiliary:
            await self._admit_addition(requester, pod, str(parent(where.path)), body)
        if where.container and isinstance(body, bytes):
            return await self._put_container(view, where, body, media_type, condition, head)
        condition.check(head.etag if head else None, head.modified if head else None)
        body, document = await self._sent.taken(pod, where, body, media_type)
        await self._sent.check(pod, where, document)
        expected = (head.version if head else None) if condition else ANY
        stored = await self._storage.put(
            pod.id, where.path, body, media_type, expected=expected, seen=view.heads, creator=requester.agent or "",
            fence=view.fence,
        )  # fmt: skip
        self._changes.written(pod, where.path, stored.etag, there=view.heads)
        return WriteResult(where.path, head is None, stored.etag)

    async def _put_container(
        self, view: View, where: Address, body: bytes, media_type: str, condition: Condition, head: Head | None
    ) -> WriteResult:
        """Create a container, or replace its description, kept in its `.meta`."""
        pod = view.pod
        meta = await self._storage.head(pod.id, where.path + ".meta")
        condition.check(container_etag(head, meta) if head else None, head.modified if head else None)
        url = pod.storage + encode(where.path)
        document = graphs.parse(body, media_type, url) if body.strip() else graphs.EMPTY
        if head is None:
            kept = containers.description(document.triples, containers.listing(url, 0, (), root=False), url)
            expected = None if condition else ANY
            await self._storage.put(pod.id, where.path, b"", TURTLE, expected=expected, fence=view.fence)
        else:
            server = await managed(self._storage, pod, where, head, containers.named(document.triples))
            containers.require_same_containment(document.triples, server.members)
            kept = containers.description(document.triples, server.triples, url)
        await self._describe(view, where, kept)
        self._changes.written(pod, where.path, None, there=view.heads)
        return WriteResult(where.path, head is None, None)

    async def _describe(self, view: View, where: Address, kept: Collection[ox.Triple]) -> None:
        path, pod = where.path + ".meta", view.pod.id
        if kept:
            body = graphs.serialise(Document(tuple(kept)), TURTLE)
            await self._storage.put(pod, path, body, TURTLE, fence=view.fence)
        elif await self._storage.head(pod, path) is not None:
            await self._storage.delete(pod, path, fence=view.fence)

    # POST

    async def post(
        self,
        requester: Requester,
        pod: Pod,
        where: Address,
        body: bytes | Incoming,
        media_type: str | None,
        slug: str | None,
        condition: Condition,
        link_types: Collection[str],
    ) -> WriteResult:
        """Create in a container. See `PodService.post`. What is still coming in is decided on before and after."""
        if not isinstance(body, Incoming):
            return await decided(
                partial(self._post, requester, pod, where, body, media_type, slug, condition, link_types)
            )
        _, access = await self._may_post(requester, pod, where, condition)
        content_type(media_type)
        if Mode.WRITE not in access.modes:
            body = body.within(APPEND_LIMIT)
        async with self._storage.staging(pod.id, body.pieces, length=body.length) as whole:
            return await decided(
                partial(self._post, requester, pod, where, whole, media_type, slug, condition, link_types)
            )

    async def _may_post(
        self, requester: Requester, pod: Pod, where: Address, condition: Condition
    ) -> tuple[View, Access]:
        view = await self._gate.survey(requester, pod, where)
        access = self._admission.admitted(view, where)
        self._gate.require(requester, pod, where, access, Mode.CONTROL if where.kind is Kind.ACL else Mode.APPEND)
        self._admission.check_condition(view, where, access, condition)
        if where.path not in view.heads:
            if Mode.READ not in access.modes:
                self._gate.refuse(requester, "This is not shared with you.")
            raise NotFound(f"There is nothing at {pod.storage}{encode(where.path)} to POST to.")
        if not where.container:
            raise MethodNotAllowed("POST creates in a container; this is none.", headers={"Allow": allow(where)})
        head = view.heads[where.path]
        condition.check(container_etag(head, view.heads.get(where.path + ".meta")), head.modified)
        return view, access

    async def _post(
        self,
        requester: Requester,
        pod: Pod,
        where: Address,
        body: bytes | Staged,
        media_type: str | None,
        slug: str | None,
        condition: Condition,
        link_types: Collection[str],
    ) -> WriteResult:
        view, access = await self._may_post(requester, pod, where, condition)
        ending = "/" if CONTAINER_TYPES & set(link_types) else ""
        media_type = _type_of(body, media_type, container=bool(ending))
        if Mode.WRITE not in access.modes:
            await self._admit_addition(requester, pod, where.path, body)
        self._gate.record(requester, pod, where, access, "append")
        wanted = safe_name(slug)
        name = wanted or fresh_name(None)
        for _ in range(_TRIES):
            child = address(where.path + name + ending)
            if kept_by_server(child.path):  # also where it is not there yet, in a pod of an earlier version
                name = fresh_name(wanted)
                continue
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
        body, document = await self._sent.taken(pod, child, body, media_type)
        await self._sent.check(pod, child, document)
        stored = await self._storage.put(
            pod.id, child.path, body, media_type, expected=None, seen=view.heads, creator=view.requester.agent or "",
            fence=view.fence,
        )  # fmt: skip
        self._changes.written(pod, child.path, stored.etag, there=view.heads)
        return WriteResult(child.path, True, stored.etag)

    # DELETE

    async def delete(self, requester: Requester, pod: Pod, where: Address, condition: Condition) -> None:
        """Delete; it takes Write on the resource and on the container that it is in (WAC 5.3). See `PodService`."""
        await decided(partial(self._delete, requester, pod, where, condition))

    async def _delete(self, requester: Requester, pod: Pod, where: Address, condition: Condition) -> None:
        view = await self._gate.survey(requester, pod, where)
        access = self._admission.admitted(view, where)
        self._gate.require(requester, pod, where, access, Mode.CONTROL if where.kind is Kind.ACL else Mode.WRITE)
        self._admission.check_condition(view, where, access, condition)
        self._guard.check_deletion(pod, where)
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
        condition.check(tag, head.modified)
        action = "control" if where.kind is Kind.ACL else "delete"
        self._gate.record(requester, pod, where, access, action)
        expected = head.version if condition else ANY
        await self._storage.delete(pod.id, where.path, expected=expected, fence=view.fence)
        self._changes.deleted(pod, where.path, view.rules.get(where.path + ".acl"))
