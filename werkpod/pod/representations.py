"""From what is stored to what is handed out: content negotiation, listings, lenses; for answers and previews alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

import pyoxigraph as ox

from werkpod.pod.access.lens import canonical, through
from werkpod.pod.access.model import Access
from werkpod.pod.addresses import Address, Kind, encode, encode_once
from werkpod.pod.directory import Pod
from werkpod.pod.ldp import containers, graphs
from werkpod.pod.ldp.conditional import lens_etag, variant
from werkpod.pod.ldp.conneg import choose, offers_for
from werkpod.pod.ldp.graphs import TURTLE, Document, convert, essence, is_rdf, serialise
from werkpod.pod.members import Entry
from werkpod.pod.notify import words
from werkpod.pod.storage import Child, Head, Large, ResourceStorage, Stored
from werkpod.pod.stored import Content, with_body
from werkpod.web.errors import Forbidden

HEAVY = 64 * 1024
"""Bytes from which RDF is parsed in a thread; below, a thread hop costs more than the parsing."""

_LINES_AT_ONCE = 4000
"""Members whose lines are put together before other requests get their turn: about 1 ms."""
_TRIPLES_AT_ONCE = 200
"""Members whose triples are made in the event loop, some 2 ms; more are made in a thread."""
_TELLING_OF_CHANGES = frozenset(
    {
        graphs.PREFIXES["stat"] + "size",
        graphs.PREFIXES["stat"] + "mtime",
        graphs.PREFIXES["dcterms"] + "modified",
        graphs.PREFIXES["dcterms"] + "creator",
    }
)
"""What a listing says of a member that another content of it makes another."""


@dataclass(frozen=True, slots=True)
class Representation:
    """What a reader gets. `modified` Unix seconds, None where a lens hides it; `rdf` whether other forms can be had.

    `content`: a large body that was not read yet; `body` is empty then, and `size` that of the whole. `size` None: the
    body was not made, and how long it would be is not known.
    """

    path: str
    media_type: str
    body: bytes
    etag: str
    modified: float | None
    container: bool
    access: Access
    size: int | None
    rdf: bool
    content: Content | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What is stored, before anything is decided; of a container, what the server makes of it in Turtle."""

    where: Address
    url: str
    stored: Stored
    content: Content | None = None

    @property
    def rdf(self) -> bool:
        """Whether this is RDF."""
        return is_rdf(self.stored.media_type)

    @property
    def heavy(self) -> bool:
        """Whether turning it into another form takes long enough to do it in a thread."""
        return self.rdf and len(self.stored.body) > HEAVY

    def given_as_it_is(self, access: Access, accept: str | None) -> bool:
        """Whether the bytes are handed out as they are stored. Raises NotAcceptable."""
        if not access.whole or not self.rdf:
            return access.whole
        native = essence(self.stored.media_type)
        return choose(accept, offers_for(native)) == native


async def glance(
    storage: ResourceStorage, pod: Pod, where: Address
) -> Callable[[Access, str | None], Representation | None]:
    """What can be said of a representation without reading a body: a function of decision and Accept.

    It gives None where that is nothing: there is no such resource, or a lens makes another of each body. Raises
    NotAcceptable.
    """
    found = (where.path, where.path + ".meta") if where.container else (where.path,)
    heads = await storage.heads(pod.id, found)
    head = heads.get(where.path)

    def seen(access: Access, accept: str | None) -> Representation | None:
        if head is None or not access.whole:
            return None
        etag, rdf = head.etag, where.container or is_rdf(head.media_type)
        size: int | None = head.size
        if where.container:
            etag = container_etag(head, heads.get(where.path + ".meta"))
            listing = storage.listings.get((pod.id, where.path, etag))
            size = None if listing is None else len(listing)
        native = essence(head.media_type)
        chosen = choose(accept, offers_for(native)) if rdf else native
        if chosen != native:
            etag, size = variant(etag, chosen), None
        media_type = head.media_type if chosen == native else chosen
        return Representation(where.path, media_type, b"", etag, head.modified, where.container, access, size, rdf)

    return seen


async def load(storage: ResourceStorage, pod: Pod, where: Address) -> Source | None:
    """What is stored at an address, or None. A container is read with its description and its members."""
    if where.container:
        return await _load_container(storage, pod, where)
    found = await storage.look(pod.id, where.path)
    if isinstance(found, Large) and is_rdf(found.media_type):
        found = await storage.get(pod.id, where.path)
    if found is None:
        return None
    url = pod.storage + encode(where.path)
    if isinstance(found, Large):
        return Source(where, url, with_body(found, b""), found.content)
    return Source(where, url, found)


async def _load_container(storage: ResourceStorage, pod: Pod, where: Address) -> Source | None:
    """A container with its listing: that of the very version whose tag it has."""
    url, found = pod.storage + encode(where.path), (where.path, where.path + ".meta")
    heads = await storage.heads(pod.id, found)
    head, meta = (heads.get(path) for path in found)
    if head is None:
        return None
    etag = container_etag(head, meta)
    body = storage.listings.get((pod.id, where.path, etag))
    if body is None:
        listed = await storage.members(pod.id, where.path, partial(_lines, pod))
        if listed is None:
            return None
        described = await storage.get(pod.id, where.path + ".meta")
        head, entries = listed  # each of one version, the listing and the description; the tag is that of these two
        etag = container_etag(head, described)
        body = await _listing(pod, where, head, entries, described)
        storage.listings.put((pod.id, where.path, etag), body, cost=len(body))
    stored = Stored(head.path, TURTLE, head.version, etag, head.modified, len(body), head.container, body)
    return Source(where, url, stored)


async def _listing(pod: Pod, where: Address, head: Head, entries: Sequence[Entry], described: Stored | None) -> bytes:
    """What the server says of a container, then its description. N-Triples are Turtle (RDF 1.1 N-Triples, 2)."""
    written = [containers.opening(pod.storage + encode(where.path), head.modified, root=where.path == "").encode()]
    between = containers.CONTAINS_START
    for start in range(0, len(entries), _LINES_AT_ONCE):
        if start:
            await asyncio.sleep(0)
        some = entries[start : start + _LINES_AT_ONCE]
        written.append((between + containers.CONTAINS_NEXT.join([entry.reference for entry in some])).encode())
        between = containers.CONTAINS_NEXT
    written.append(containers.CLOSING.encode())
    for start in range(0, len(entries), _LINES_AT_ONCE):
        if start:
            await asyncio.sleep(0)
        written.append("".join([entry.lines for entry in entries[start : start + _LINES_AT_ONCE]]).encode())
    if described is not None:
        document = graphs.read(described.body, described.media_type, pod.storage + encode(described.path))
        written.append(serialise(document, graphs.N_TRIPLES))
    return b"".join(written)


@dataclass(frozen=True, slots=True)
class Managed:
    """What of a container only the server writes. `triples`: of the members that were asked about; `members`: all."""

    triples: Sequence[ox.Triple]
    members: Sequence[str]


async def managed(
    storage: ResourceStorage, pod: Pod, where: Address, head: Head, named: Collection[str] | None = None
) -> Managed:
    """What only the server writes of a container; its own triples, and those of the members in `named`.

    `named`: references ("<...>"); None: every member. `members` of the answer are references too.
    """
    listed = await storage.members(pod.id, where.path, partial(_lines, pod))
    entries = listed[1] if listed else []
    some = entries if named is None else [entry for entry in entries if entry.reference in named]
    work = partial(
        containers.listing, pod.storage + encode(where.path), head.modified,
        [_member(pod, entry.child) for entry in some], root=where.path == "",
    )  # fmt: skip
    triples = await asyncio.to_thread(work) if len(some) > _TRIPLES_AT_ONCE else work()
    return Managed(triples, [entry.reference for entry in entries])


def _lines(pod: Pod, child: Child) -> tuple[str, str]:
    return containers.member_lines(_member(pod, child))


def _member(pod: Pod, child: Child) -> containers.Member:
    size = None if child.container else child.size
    return containers.Member(
        pod.storage + encode_once(child.path), child.media_type, child.modified, size, child.creator
    )


def container_etag(head: Head, meta: Head | None) -> str:
    """The tag of a container: its own version and that of its description."""
    return f'"{sha256(f"{head.etag} {meta.etag if meta else None}".encode()).hexdigest()[:32]}"'


def render(source: Source, access: Access, accept: str | None) -> Representation:
    """The representation for a decision. Pure: the same source, access and Accept give the same bytes.

    Raises NotAcceptable, and Forbidden where a lens holds for something that is not RDF and cannot be looked through.
    """
    stored = source.stored
    if source.given_as_it_is(access, accept):
        return _representation(source, access, stored.media_type, stored.body, stored.etag)
    if not source.rdf:
        raise Forbidden("Only a part of this is shared with you, and a file like this one has no parts.")
    native = essence(stored.media_type)
    chosen = choose(accept, offers_for(native))
    if access.whole:
        body = convert(stored.body, native, chosen, source.url)
        return _representation(source, access, chosen, body, variant(stored.etag, chosen))
    body = serialise(Document(tuple(canonical(_seen(source, access)))), chosen)
    return _representation(source, access, chosen, body, lens_etag(body))


def _seen(source: Source, access: Access) -> Iterable[ox.Triple]:
    """What of a document passes: through the lenses, and what the server says of anything.

    Of a container, its members, but not what would tell that they changed.
    """
    url, where = source.url, source.where
    triples: Sequence[ox.Triple] = graphs.read(source.stored.body, essence(source.stored.media_type), url).triples
    if where.kind is Kind.META:
        ours = [t for t in triples if t.predicate.value.startswith((words.NOTIFY, words.DRAFT))]
        return {*ours, *through(access.lenses, triples, url.removesuffix(".meta"))}
    if where.container:
        told = {ox.NamedNode(url)}
        if not access.lenses:
            veiled = {ox.NamedNode(url + encode_once(name)) for name in access.veiled}
            told |= {t.subject for t in triples if t.subject not in veiled and isinstance(t.subject, ox.NamedNode)}
        triples = [t for t in triples if t.predicate.value not in _TELLING_OF_CHANGES or t.subject in told]
    return through(access.lenses, triples, url)


def _representation(source: Source, access: Access, media_type: str, body: bytes, etag: str) -> Representation:
    modified = source.stored.modified if access.whole and source.where.kind is not Kind.STORAGE else None
    size = len(body) if source.content is None else source.stored.size
    return Representation(
        source.where.path, media_type, body, etag, modified, source.where.container, access, size, source.rdf,
        source.content,
    )  # fmt: skip
