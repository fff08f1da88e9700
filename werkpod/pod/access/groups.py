"""Who is in a group: acl:agentGroup names it, its document says vcard:hasMember (WAC 4.3).

Looked up before the decision, which stays one pure function. A document of this server is read from the storage as it
is at that moment, so that a change counts at the next request; one elsewhere is fetched as anybody would get it, and
remembered for a short time. One that cannot be read, is too large or says nothing has no members.

Nothing is looked up in turn: a group is a list of agents, and members that are groups are agents that never ask.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Iterable
from urllib.parse import urlsplit

import pyoxigraph as ox

from werkpod.pod.access.conditions import NOBODY, Members
from werkpod.pod.addresses import Address, Kind, address, encode, split
from werkpod.pod.directory import Pod, PodDirectory
from werkpod.pod.elsewhere import Elsewhere, Remembered
from werkpod.pod.errors import PodUnavailable
from werkpod.pod.ldp import graphs
from werkpod.pod.storage import Head, ResourceStorage
from werkpod.web.client import FetchRefused
from werkpod.web.errors import WerkpodError

HAS_MEMBER = "http://www.w3.org/2006/vcard/ns#hasMember"
LIMIT = 256 << 10
"""Bytes of a document of groups here: some 3,000 members."""
LIMIT_ELSEWHERE = 64 << 10
PATIENCE = 2.0
"""Seconds that a document elsewhere may take: others may be waiting to be told of the same change."""
DOCUMENTS = 16
"""Documents of groups that are looked up for one request; rules that name more find the rest without members."""
_CACHED = 256
_MEMBERS = 100_000
"""Documents of groups here, and members in them, that are kept; some 20 MB."""
_IN_A_THREAD = 32 << 10

MayRead = Callable[[Pod, Pod, Address], Awaitable[bool]]
"""Whether the owner of the first pod may read an address of the second; must not look up groups for it."""


class Groups:
    """The members of groups. `elsewhere` None: groups elsewhere have none.

    A group in another pod of this server counts where the owner of the pod with the rule may read it, so that nobody
    learns who is in a list that was not shared with them by naming it in a rule and watching who gets in.
    """

    def __init__(
        self, pods: PodDirectory, storage: ResourceStorage, *, base_url: str, elsewhere: Elsewhere | None = None
    ) -> None:
        self._pods, self._storage, self._base, self._elsewhere = pods, storage, base_url, elsewhere
        self._read: OrderedDict[tuple[str, str, str], Members] = OrderedDict()
        self._kept = 0
        self._known = (
            None
            if elsewhere is None
            else Remembered(
                elsewhere,
                lambda found: _members(found.body, found.media_type, found.url),
                accept=", ".join(graphs.FORMATS),
                limit=LIMIT_ELSEWHERE,
                count=64,
                shortest=10.0,
                usual=60.0,
                longest=300.0,
                patience=PATIENCE,
            )
        )

    async def members(self, asking: Pod, groups: Iterable[str], may_read: MayRead) -> tuple[Members, bool]:
        """Who is in each of the groups that the rules of `asking` name, and whether others had a turn meanwhile.

        Where they had, what the groups were looked up for may have changed: look at it again, and ask again.
        """
        wanted = frozenset(groups)
        found: dict[str, frozenset[str]] = {}
        urls = self._documents(wanted)
        elsewhere = [url for url in urls if not self._here(url)]
        waited = await self._bring(elsewhere)
        for url in elsewhere:
            found.update(await self._fetched(url))
        for url in urls:
            if self._here(url):
                try:
                    said, long = await self._stored(asking, url, may_read)
                except PodUnavailable:  # another pod, erased meanwhile; of this one nothing is answered anyway
                    continue
                found.update(said)
                waited = waited or long
        return {group: found[group] for group in found.keys() & wanted}, waited

    async def _bring(self, urls: Iterable[str]) -> bool:
        """Fetch what is not known yet, all at the same time. Returns whether there was any."""
        if self._known is None:
            return False
        missing = [url for url in urls if not self._known.settled(url)]
        await asyncio.gather(*(self._fetched(url) for url in missing))
        return bool(missing)

    def _documents(self, groups: Iterable[str]) -> Collection[str]:
        """The documents to look up, in a fixed order, those here first."""
        urls = {group.partition("#")[0] for group in groups}
        return sorted(urls, key=lambda url: (not self._here(url), url))[:DOCUMENTS]

    def _here(self, url: str) -> bool:
        return url.startswith(self._base + "/")

    async def _fetched(self, url: str) -> Members:
        if self._known is None:
            return NOBODY
        try:
            return await self._known.get(url)
        except FetchRefused:
            return NOBODY

    async def _stored(self, asking: Pod, url: str, may_read: MayRead) -> tuple[Members, bool]:
        """The groups of a document of this server, and whether that took long; none where there is no such document."""
        try:
            slug, path = split(urlsplit(url).path.encode("utf-8"))
            where = address(path)
        except (WerkpodError, ValueError):
            return NOBODY, False
        pod = asking if url.startswith(asking.storage) else await self._pods.find(slug)
        if pod is None or url != pod.storage + encode(path) or where.kind in (Kind.CONTAINER, Kind.STORAGE):
            return NOBODY, False
        if pod.id != asking.id and (where.kind is Kind.ACL or not await may_read(asking, pod, where)):
            return NOBODY, False
        head = await self._storage.head(pod.id, path)
        if head is None or not graphs.is_rdf(head.media_type) or head.size > LIMIT:
            return NOBODY, False
        return await self._version(pod, url, head)

    async def _version(self, pod: Pod, url: str, head: Head) -> tuple[Members, bool]:
        """What one version of a document says; the version is in the key, so this is never stale."""
        key = (pod.id, head.path, head.etag)
        known, long = self._read.get(key), False
        if known is None:
            stored = await self._storage.get(pod.id, head.path)
            if stored is None or stored.size > LIMIT:
                return NOBODY, False
            key, long = (pod.id, stored.path, stored.etag), stored.size >= _IN_A_THREAD
            try:
                if long:
                    known = await asyncio.to_thread(_members, stored.body, stored.media_type, url)
                else:
                    known = _members(stored.body, stored.media_type, url)
            except WerkpodError:
                known = NOBODY
            self._keep(key, known)
        else:
            self._read.move_to_end(key)
        return known, long

    def _keep(self, key: tuple[str, str, str], members: Members) -> None:
        self._kept += _size(members) - _size(self._read.pop(key, NOBODY))
        self._read[key] = members
        while len(self._read) > _CACHED or (self._kept > _MEMBERS and len(self._read) > 1):
            self._kept -= _size(self._read.popitem(last=False)[1])


def _size(members: Members) -> int:
    return sum(len(group) for group in members.values())


def _members(body: bytes, media_type: str, url: str) -> Members:
    """The members of every group that a document speaks of. Raises InvalidRdf, NotTaken, TooLarge."""
    found: dict[str, set[str]] = {}
    for triple in graphs.parse(body, media_type, url).triples:
        if triple.predicate.value != HAS_MEMBER or not isinstance(triple.subject, ox.NamedNode):
            continue
        if isinstance(triple.object, ox.NamedNode) and triple.subject.value.partition("#")[0] == url:
            found.setdefault(triple.subject.value, set()).add(triple.object.value)
    return {group: frozenset(members) for group, members in found.items()}
