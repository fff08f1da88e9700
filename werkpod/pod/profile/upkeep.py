"""Keeps a profile whole: makes what is missing of it, and keeps the type indexes in step with the CV.

A section of the CV is registered in the private type index, or in the public one where anybody may read it (Type
Indexes, "Public Type Index"). What is registered is worked out from what is there, not from what just happened: so a
crash between a write and its registration is mended by the next one, and at the next start. What apps and citizens
write in these documents stays, their own links and registrations too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from urllib.parse import unquote
from weakref import WeakValueDictionary

import pyoxigraph as ox
import structlog

from werkpod.pod.access.model import PUBLIC, Mode
from werkpod.pod.addresses import Kind, address, ancestors, encode
from werkpod.pod.changes import Changes
from werkpod.pod.directory import Pod, PodDirectory
from werkpod.pod.errors import PodUnavailable, VersionConflict
from werkpod.pod.gate import Gate
from werkpod.pod.ldp import graphs
from werkpod.pod.ldp.graphs import TURTLE, Document, essence, is_rdf
from werkpod.pod.profile import places as p
from werkpod.pod.profile import seed
from werkpod.pod.storage import ResourceStorage
from werkpod.vocab.sections import CV_SECTIONS
from werkpod.web.errors import WerkpodError

_SECTIONS = {section.path: section.key for section in CV_SECTIONS}
_RULES = frozenset({".acl", "cv/.acl", *(f"{path}.acl" for path in _SECTIONS)})
_IN_VIEW = (*_SECTIONS, *sorted(_RULES))
_TRIES = 8
_PAUSE = 0.005
"""Seconds for everybody else after each pod that is looked after; where all is well that takes a millisecond or two."""

Edit = Callable[[Sequence[ox.Triple]], Sequence[ox.Triple]]

log = structlog.get_logger("werkpod.pod.profile")


class Upkeep:
    """Looks after the profiles of one server."""

    def __init__(self, storage: ResourceStorage, gate: Gate, changes: Changes) -> None:
        self._storage, self._gate, self._changes = storage, gate, changes
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def written(self, pod: Pod, path: str, *, membership: bool) -> None:
        """After a write at `path`: register what came and went. `membership`: it was created or deleted.

        The write stands whatever happens here; what fails is logged, and mended at the next one.
        """
        if path in _RULES or (membership and path in _SECTIONS):
            try:
                await self.ensure(pod)
            except WerkpodError as error:
                log.warning("a type index could not be kept", pod=pod.id, code=error.code)

    async def sweep(self, pods: PodDirectory) -> int:
        """Look after every pod, one at a time; how many. For the start of a server. Idempotent.

        Pods of an earlier version get what they lack; where a crash came between a write and its registration, that is
        mended.
        """
        every = await pods.all()
        for pod in every:
            try:
                await self.ensure(pod)
            except PodUnavailable:  # erased since
                continue
            except WerkpodError as error:
                log.warning("a profile could not be looked after", pod=pod.id, code=error.code)
            await asyncio.sleep(_PAUSE)
        return len(every)

    async def ensure(self, pod: Pod) -> None:
        """Make what is missing of a profile and bring the type indexes up to date. Idempotent.

        The preferences come last: where they are, the rest is there. Raises StoreFailure, PodUnavailable.
        """
        async with self._locks.setdefault(pod.id, asyncio.Lock()):
            card = await self._triples(pod, p.CARD)
            if card is None:  # there is nothing that it could be linked from
                return
            preferences = _linked(pod, card, p.PREFERENCES_FILE, p.PREFERENCES)
            settled = preferences and await self._storage.head(pod.id, preferences) is not None
            if not settled:
                await self._rules(pod, p.SETTINGS, seed.owner_rule(pod, p.SETTINGS, default=True))
            await self._keep_indexes(pod, card, preferences, settled=bool(settled))
            await self._edit(pod, p.CARD, (), lambda old: [*old, *_missing(pod, old, seed.links(pod))])
            if preferences is not None:
                link = {p.PRIVATE_TYPE_INDEX: seed.private_link(pod)}
                await self._edit(pod, preferences, seed.preferences(pod), lambda old: [*old, *_missing(pod, old, link)])

    async def _keep_indexes(
        self, pod: Pod, card: Sequence[ox.Triple], preferences: str | None, *, settled: bool
    ) -> None:
        view = await self._gate.view(PUBLIC, pod, _IN_VIEW)
        there = {key for path, key in _SECTIONS.items() if path in view.heads}
        open_ = {key for path, key in _SECTIONS.items() if Mode.READ in view.access(address(path)).modes} & there
        public = _linked(pod, card, p.PUBLIC_TYPE_INDEX, p.PUBLIC_INDEX)
        if public is not None:
            made = await self._keep(pod, public, open_, public=True)
            if made or not settled:
                await self._rules(pod, public, seed.public_rules(pod, public))
        said = [*((preferences and await self._triples(pod, preferences)) or ()), *card]
        private = _linked(pod, said, p.PRIVATE_TYPE_INDEX, p.PRIVATE_INDEX)
        if private is not None:
            await self._keep(pod, private, there - open_, public=False)

    async def _keep(self, pod: Pod, path: str, sections: Collection[str], *, public: bool) -> bool:
        """Register these sections, and no others, in a type index; whether it was made."""
        url = pod.storage + encode(path)
        wanted, every = (seed.registrations(pod, url, keys) for keys in (sections, _SECTIONS.values()))
        gone = {ox.NamedNode(entry) for entry in every.keys() - wanted.keys()}
        said = [triple for entry in wanted.values() for triple in entry]

        def registered(old: Sequence[ox.Triple]) -> Sequence[ox.Triple]:
            staying = [triple for triple in old if triple.subject not in gone]
            known = set(staying)
            return [*staying, *(triple for triple in said if triple not in known)]

        return await self._edit(pod, path, seed.type_index(url, public=public), registered)

    async def _rules(self, pod: Pod, subject: str, rules: Sequence[ox.Triple]) -> None:
        """Write access rules where there are none."""
        if subject.endswith("/"):
            await self._storage.put(pod.id, subject, b"", TURTLE, limited=False)
        if await self._storage.head(pod.id, f"{subject}.acl") is None:
            await self._edit(pod, f"{subject}.acl", rules, list)

    async def _triples(self, pod: Pod, path: str) -> Sequence[ox.Triple] | None:
        """What a document says; None where there is none, or one that is no RDF."""
        stored = await self._storage.get(pod.id, path)
        if stored is None or not is_rdf(stored.media_type):
            return None
        return graphs.read(stored.body, stored.media_type, pod.storage + encode(path)).triples

    async def _edit(self, pod: Pod, path: str, first: Sequence[ox.Triple], edit: Edit) -> bool:
        """Write what `edit` makes of a document (of `first`, where there is none); whether it was made."""
        for _ in range(_TRIES):
            stored = await self._storage.get(pod.id, path)
            if stored is not None and not is_rdf(stored.media_type):
                return False
            media_type = TURTLE if stored is None else essence(stored.media_type)
            url = pod.storage + encode(path)
            old = Document(tuple(first)) if stored is None else graphs.read(stored.body, media_type, url)
            new = edit(old.triples)
            if stored is not None and set(new) == set(old.triples):
                return False
            body = graphs.serialise(Document(tuple(new), old.named), media_type)
            try:
                written = await self._storage.put(
                    pod.id, path, body, media_type, expected=None if stored is None else stored.version, limited=False
                )
            except VersionConflict:  # somebody else was first: look at what they wrote
                continue
            self._changes.written(pod, path, written.etag, there={*ancestors(path), *((path,) if stored else ())})
            return stored is None
        raise VersionConflict(f"'{path}' was changed each time that it was written; try again.")


def _linked(pod: Pod, triples: Iterable[ox.Triple], predicate: str, usual: str) -> str | None:
    """The path of the document that the owner is linked to by `predicate`; None where it is in no pod of ours."""
    found = [t.object for t in triples if t.subject == ox.NamedNode(pod.webid) and t.predicate.value == predicate]
    if not found:
        return usual
    urls = {term.value.partition("#")[0] for term in found if isinstance(term, ox.NamedNode)}
    if pod.storage + usual in urls:
        return usual
    for url in sorted(urls):
        if url.startswith(pod.storage) and not url.endswith("/"):
            try:
                where = address(unquote(url[len(pod.storage) :]))
            except WerkpodError:  # no address that something here can have
                continue
            if where.kind is Kind.DOCUMENT:
                return where.path
    return None


def _missing(pod: Pod, triples: Sequence[ox.Triple], links: Mapping[str, ox.Triple]) -> list[ox.Triple]:
    """The links whose predicate the owner does not have yet."""
    has = {t.predicate.value for t in triples if t.subject == ox.NamedNode(pod.webid)}
    return [link for predicate, link in links.items() if predicate not in has]
