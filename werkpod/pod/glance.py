"""What somebody would see of a resource now, without its content: for who waits to be told that it changed.

To be told that something changed is to see something of it. So it is decided by the same gate as a read, for each time
that somebody is told, and it stands in the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace

from werkpod.pod.access.model import Access, Lens, Requester
from werkpod.pod.access.wac import Rule
from werkpod.pod.addresses import Address, Kind, address
from werkpod.pod.directory import Pod
from werkpod.pod.gate import Gate, View, needed_to_read
from werkpod.pod.representations import Source, container_etag, load, render
from werkpod.pod.storage import ResourceStorage
from werkpod.web.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Glance:
    """What somebody may know. `etag`: the tag of what they would get, None where there is nothing.

    `partial`: they see it through a lens, so that a change may be none to them.
    """

    access: Access
    etag: str | None
    partial: bool = False


class Glances:
    """Looks for one server."""

    def __init__(self, storage: ResourceStorage, gate: Gate) -> None:
        self._storage, self._gate = storage, gate

    async def admit(self, requester: Requester, pod: Pod, path: str) -> Glance:
        """The first look of somebody who wants to be told of changes of what they may read; it stands in the log.

        Raises BadAddress, NoCredentials, Forbidden, Unavailable.
        """
        where = address(path)
        access = await self._gate.access(requester, pod, where)
        self._gate.require(requester, pod, where, access, needed_to_read(where))
        found = (await self.look(pod, path, [requester]))[requester]
        if found is None:  # a lens over what has no parts, or taken away a moment ago
            self._gate.refuse(requester, "This is not shared with you as a whole.")
            raise Forbidden
        self._gate.record(requester, pod, where, found.access, "subscribe")
        return found

    async def look(
        self, pod: Pod, path: str, requesters: Iterable[Requester], *, was: tuple[Rule, ...] | None = None
    ) -> dict[Requester, Glance | None]:
        """What each of these would see now; None for who may not read it. Logs nothing: see `told`.

        `was`: the access rules of its own that a resource had when it was deleted; they count while nothing is there.
        """
        where = address(path)
        etag = await self._etag(pod, where)
        source: Source | None = None
        through: dict[tuple[tuple[Lens, ...], frozenset[str]], str | None] = {}
        views: dict[Requester, tuple[View, Access | None]] = {}
        found: dict[Requester, Glance | None] = {}
        for requester in requesters:
            who = replace(requester, origin=None)  # an app that many sites use: one look, and often one decision
            if who not in views:
                view = await self._gate.look_at(who, pod, where, was=None if etag else was)
                views[who] = view, None if _asks_for_origins(view) else view.access(where)
            view, same = views[who]
            access = same or replace(view, requester=replace(view.requester, origin=requester.origin)).access(where)
            if needed_to_read(where) not in access.modes:
                found[requester] = None
            elif access.whole or etag is None:
                found[requester] = Glance(access, etag, not access.whole)
            else:
                part = access.lenses, access.veiled
                if part not in through:
                    source = source or await load(self._storage, pod, where)
                    through[part] = await _tag_through(source, access)
                tag = through[part]
                found[requester] = Glance(access, tag or None, True) if tag is not None else None
        return found

    def told(self, requester: Requester, pod: Pod, path: str, access: Access) -> None:
        """Log that somebody is told of a change, before they are. Raises Unavailable: then they are not."""
        self._gate.record(requester, pod, address(path), access, "notify")

    async def _etag(self, pod: Pod, where: Address) -> str | None:
        """The tag of what is stored, as a reader gets it who asks for no form in particular."""
        paths = (where.path, where.path + ".meta") if where.kind is Kind.CONTAINER else (where.path,)
        heads = await self._storage.heads(pod.id, paths)
        head = heads.get(where.path)
        if head is None or where.kind is not Kind.CONTAINER:
            return head.etag if head else None
        return container_etag(head, heads.get(paths[-1]))


def _asks_for_origins(view: View) -> bool:
    """Whether a rule in view narrows by acl:origin (WAC 5.3), so that each origin is decided about."""
    return any(rule.origins for rules in view.rules.values() for rule in rules)


async def _tag_through(source: Source | None, access: Access) -> str | None:
    """The tag of what passes: "" where there is nothing any more, None where it cannot be looked through."""
    if source is None:
        return ""
    try:
        if source.heavy:
            return (await asyncio.to_thread(render, source, access, None)).etag
        return render(source, access, None).etag
    except Forbidden:
        return None
