"""What somebody would see of a resource now, without its content: for who waits to be told that it changed.

To be told that something changed is to see something of it. So it is decided by the same gate as a read, for each time
that somebody is told, and it stands in the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from werkpod.pod.access.model import Access, Requester
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
        views: dict[Requester, View] = {}
        found: dict[Requester, Glance | None] = {}
        for requester in requesters:
            who = replace(requester, origin=None)  # an app that many sites use: one look, a decision for each
            view = views.get(who)
            if view is None:
                view = views[who] = await self._gate.look_at(who, pod, where, was=None if etag else was)
            access = replace(view, requester=replace(view.requester, origin=requester.origin)).access(where)
            if needed_to_read(where) not in access.modes:
                found[requester] = None
            elif not access.lenses or etag is None:
                found[requester] = Glance(access, etag, bool(access.lenses))
            else:
                source = source or await load(self._storage, pod, where)
                found[requester] = _through(source, access)
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


def _through(source: Source | None, access: Access) -> Glance | None:
    if source is None:
        return Glance(access, None, True)
    try:
        return Glance(access, render(source, access, None).etag, True)
    except Forbidden:
        return None
