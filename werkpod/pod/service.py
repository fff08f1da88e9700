"""The pod as a service: read, put, post, patch, delete, each decided, logged and carried out in that order.

`http.py` speaks it over HTTP; the consent pages speak it in process, as the owner, and for the preview of what an app
would get: the same code, so that what is shown is what goes out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from werkpod.pod.access.groups import Groups
from werkpod.pod.access.model import Access, AccessLog, Grant, GrantSource, Mode, Requester
from werkpod.pod.access.wac import AclDocument
from werkpod.pod.addresses import Address, Kind, address, encode, sibling
from werkpod.pod.bodies import Incoming
from werkpod.pod.changes import Changes
from werkpod.pod.descriptions import resource_description, storage_description
from werkpod.pod.directory import Pod, PodDirectory
from werkpod.pod.elsewhere import Elsewhere
from werkpod.pod.errors import OtherSlash
from werkpod.pod.gate import Gate, needed_to_read
from werkpod.pod.glance import Glances
from werkpod.pod.ldp.conditional import Condition
from werkpod.pod.ldp.headers import of_nothing
from werkpod.pod.profile.upkeep import Upkeep
from werkpod.pod.representations import Representation, Source, glance, load, render
from werkpod.pod.storage import ResourceStorage
from werkpod.pod.usage import Used
from werkpod.pod.writing import Writer
from werkpod.pod.written import WriteResult
from werkpod.web.errors import NotFound, Unavailable, WerkpodError

_TRIES = 5
Enough = Callable[[str, float | None], bool]


class PodService:
    """The pods of one server. `base_url`: origin without a slash at the end; `changes`: what is written through it;
    `glances`: what who is told of changes may know of them. `elsewhere`: the way to groups on other servers; without
    it, those have no members. `beside`: other services that a storage names in its description, by type."""

    def __init__(
        self,
        *,
        pods: PodDirectory,
        storage: ResourceStorage,
        grants: GrantSource,
        log: AccessLog,
        base_url: str,
        clock: Callable[[], float] = time.time,
        elsewhere: Elsewhere | None = None,
        beside: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.pods, self.base_url, self._beside = pods, base_url, beside
        self._since = clock()  # what a storage says of itself changes with the software, so with a start
        self.changes = Changes(clock=clock)
        self._storage = storage
        self._gate = Gate(
            pods, storage, grants, log, clock, Groups(pods, storage, base_url=base_url, elsewhere=elsewhere)
        )
        self._writer = Writer(storage, self._gate, self.changes)
        self.profiles = Upkeep(storage, self._gate, self.changes)
        self.glances = Glances(storage, self._gate)

    async def access(
        self, requester: Requester, pod: Pod, path: str, *, grants: Sequence[Grant] | None = None
    ) -> Access:
        """What `requester` may do at `path`. Not logged: nothing is read. Raises BadAddress."""
        return await self._gate.access(requester, pod, address(path), grants)

    async def usage(self, pod_id: str) -> Used:
        """What a pod uses and may use, for its owner's pages."""
        return await self._storage.usage.of(pod_id)

    async def acl_documents(self, requester: Requester, pod: Pod) -> Sequence[AclDocument]:
        """The access rules of a whole pod, for its owner in Werkpod's own pages. Raises NoCredentials, Forbidden."""
        if not requester.own_pages or requester.agent != pod.webid:
            self._gate.refuse(requester, "The access rules of a pod are for its owner.")
        return await self._gate.acl_documents(pod)

    async def read(
        self,
        requester: Requester,
        pod: Pod,
        path: str,
        *,
        accept: str | None = "text/turtle",
        grants: Sequence[Grant] | None = None,
        preview: bool = False,
        enough: Enough | None = None,
    ) -> Representation:
        """What `requester` gets at `path`. `preview`: decided with `grants`, and nothing is logged.

        `enough`: whether a tag and a date of change are all that is wanted; where they are, no body is read or made.
        What is stored is loaded first and the decision made last, so that nothing is waited for between a decision and
        the answer: once a revoke has returned, no read answers with what it took away. Raises NoCredentials, Forbidden,
        NotFound (only to who may know), NotAcceptable, Unavailable (the log cannot be written).
        """
        where = address(path)
        if where.kind is Kind.STORAGE:
            return replace(storage_description(pod, where, accept, self._beside), modified=self._since)
        if enough is not None and where.kind is not Kind.META:
            seen = await self._glanced(requester, pod, where, accept, enough)
            if seen is not None:
                return seen
        source = await load(self._storage, pod, where)
        if where.kind is Kind.META:
            source = await self._described(pod, where, source)
        for _ in range(_TRIES):
            access = await self._gate.access(requester, pod, where, grants)
            if needed_to_read(where) not in access.modes and preview:
                self._gate.refuse(requester, "This is not shared.")
            self._gate.require(requester, pod, where, access, needed_to_read(where))
            if source is None:
                raise await self._elsewhere(requester, pod, where, grants) or NotFound(
                    f"There is nothing at {pod.storage}{encode(path)}.", headers=of_nothing(where, access)
                )
            if not source.heavy or source.given_as_it_is(access, accept):
                answer = render(source, access, accept)
                break
            answer = await asyncio.to_thread(render, source, access, accept)
            if access == await self._gate.access(requester, pod, where, grants):
                break
        else:
            raise Unavailable("What is shared here changed each time that it was read; try again.")
        if not preview:
            self._gate.record(requester, pod, where, access, "read")
        return answer

    async def _glanced(
        self, requester: Requester, pod: Pod, where: Address, accept: str | None, enough: Enough
    ) -> Representation | None:
        """The representation without its body where that is enough; decided and logged as any other."""
        seen = await glance(self._storage, pod, where)
        access = await self._gate.access(requester, pod, where)
        self._gate.require(requester, pod, where, access, needed_to_read(where))
        found = seen(access, accept)
        if found is None or not enough(found.etag, found.modified):
            return None
        self._gate.record(requester, pod, where, access, "read")
        return found

    async def _described(self, pod: Pod, where: Address, source: Source | None) -> Source | None:
        """A description with the server's part in it; every resource has one."""
        subject = await self._storage.head(pod.id, where.subject)
        if subject is None:
            return source
        stored = None if source is None else source.stored
        work = partial(resource_description, pod, where, stored, subject)
        heavy = source is not None and source.heavy
        return Source(where, pod.storage + encode(where.path), await asyncio.to_thread(work) if heavy else work())

    async def _elsewhere(
        self, requester: Requester, pod: Pod, where: Address, grants: Sequence[Grant] | None
    ) -> OtherSlash | None:
        """Where what was asked for is, but for the slash at its end, and may be read too (Solid Protocol, 3.1)."""
        if where.kind not in (Kind.DOCUMENT, Kind.CONTAINER) or where.path == "":
            return None
        twin = sibling(where.path)
        if await self._storage.head(pod.id, twin) is None:
            return None
        if Mode.READ not in (await self._gate.access(requester, pod, address(twin), grants)).modes:
            return None
        return OtherSlash(f"This is at {pod.storage}{encode(twin)}.", to=pod.storage + encode(twin))

    async def put(
        self,
        requester: Requester,
        pod: Pod,
        path: str,
        body: bytes | Incoming,
        media_type: str | None,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        if_unmodified_since: str | None = None,
        link_types: Collection[str] = (),
    ) -> WriteResult:
        """Create or replace what is at `path` (Solid Protocol, 5.3). A container's body is its description.

        A body that was not read yet may be of any size where it is no RDF; it is read when it is clear that it may be
        written, and decided on again when it came. Raises NoCredentials, Forbidden, MissingContentType, NotTaken,
        InvalidRdf, TooLarge, OverQuota, PreconditionFailed, and Conflict.
        """
        condition = Condition(if_match, if_none_match, if_unmodified_since)
        done = await self._writer.put(requester, pod, address(path), body, media_type, condition, link_types)
        return await self._kept_up(pod, done)

    async def post(
        self,
        requester: Requester,
        pod: Pod,
        container: str,
        body: bytes | Incoming,
        media_type: str | None,
        *,
        slug: str | None = None,
        condition: Condition | None = None,
        link_types: Collection[str] = (),
    ) -> WriteResult:
        """Create something in a container under a name of the server's choice. `condition` is about the container.

        Raises what `put` raises, and NotFound, MethodNotAllowed where `container` is no container.
        """
        wish = condition or Condition()
        done = await self._writer.post(requester, pod, address(container), body, media_type, slug, wish, link_types)
        return await self._kept_up(pod, done)

    async def patch(
        self,
        requester: Requester,
        pod: Pod,
        path: str,
        body: bytes,
        media_type: str | None,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        if_unmodified_since: str | None = None,
    ) -> WriteResult:
        """Carry out an N3 Patch or a flat SPARQL Update. Raises what `put` raises, InvalidPatch, PatchConflict."""
        condition = Condition(if_match, if_none_match, if_unmodified_since)
        return await self._kept_up(
            pod, await self._writer.patch(requester, pod, address(path), body, media_type, condition)
        )

    async def delete(
        self,
        requester: Requester,
        pod: Pod,
        path: str,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
        if_unmodified_since: str | None = None,
    ) -> None:
        """Delete what is at `path` with its auxiliaries. Raises NotFound, MethodNotAllowed (the root), NotEmpty."""
        condition = Condition(if_match, if_none_match, if_unmodified_since)
        await self._writer.delete(requester, pod, address(path), condition)
        await self.profiles.written(pod, path, membership=True)

    async def _kept_up(self, pod: Pod, done: WriteResult) -> WriteResult:
        await self.profiles.written(pod, done.path, membership=done.created)
        return done

    async def still_reads(self, requester: Requester, pod: Pod, path: str, *, whole: bool = False) -> bool:
        """Whether `requester` may still read what is going out. Not logged: it was, when it began. False where the
        pod's keys are gone. `whole`: and not only a part of it, through a lens."""
        where = address(path)
        try:
            access = await self._gate.access(requester, pod, where)
        except WerkpodError:
            return False
        return needed_to_read(where) in access.modes and not (whole and access.lenses)

    async def reads_all(self, requester: Requester, pod: Pod) -> bool:
        """Whether this is the owner, at an app that was given the whole pod to read. Figures about a pod are for those:
        to an app with one section they would say how much there is in the others."""
        if requester.agent != pod.webid:
            return False
        access = await self._gate.access(requester, pod, address(""))
        return Mode.READ in access.modes & ~access.public and not access.lenses

    async def admit_write(self, requester: Requester, pod: Pod, path: str) -> None:
        """Raise NoCredentials or Forbidden where `requester` could write nothing at `path`, before a body is read."""
        await self._writer.admit(requester, pod, address(path))
