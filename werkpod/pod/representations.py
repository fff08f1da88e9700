"""From what is stored to what is handed out: content negotiation, listings, lenses; for answers and previews alike."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import pyoxigraph as ox

from werkpod.pod.access.lens import through
from werkpod.pod.access.model import Access
from werkpod.pod.addresses import Address, Kind, encode
from werkpod.pod.directory import Pod
from werkpod.pod.ldp import containers, graphs
from werkpod.pod.ldp.conditional import body_etag, lens_etag, variant
from werkpod.pod.ldp.conneg import choose, offers_for
from werkpod.pod.ldp.graphs import TURTLE, Document, convert, essence, is_rdf, parse, serialise
from werkpod.pod.storage import Head, ResourceStorage, Stored
from werkpod.web.errors import Forbidden

HEAVY = 64 * 1024
"""Bytes from which RDF is parsed in a thread; below, a thread hop costs more than the parsing."""


@dataclass(frozen=True, slots=True)
class Representation:
    """What a reader gets. `modified` Unix seconds, None where a lens hides it; `rdf` whether other forms can be had."""

    path: str
    media_type: str
    body: bytes
    etag: str
    modified: float | None
    container: bool
    access: Access
    size: int
    rdf: bool


@dataclass(frozen=True, slots=True)
class Source:
    """What is stored, before anything is decided. `document` is given where it is not the body: a listing."""

    where: Address
    url: str
    stored: Stored
    document: Document | None = None

    @property
    def rdf(self) -> bool:
        """Whether this is RDF."""
        return self.document is not None or is_rdf(self.stored.media_type)

    @property
    def heavy(self) -> bool:
        """Whether turning it into another form takes long enough to do it in a thread."""
        return self.rdf and self.stored.size > HEAVY


async def load(storage: ResourceStorage, pod: Pod, where: Address) -> Source | None:
    """What is stored at an address, or None. A container is read with its description and its members."""
    url = pod.storage + encode(where.path)
    stored = await storage.get(pod.id, where.path)
    if stored is None or not where.container:
        return None if stored is None else Source(where, url, stored)
    meta = await storage.get(pod.id, where.path + ".meta")
    document = await container_document(storage, pod, where, stored, meta)
    return Source(
        where, url, _as_stored(stored, container_etag(stored, meta), size=64 * len(document.triples)), document
    )


async def managed_triples(storage: ResourceStorage, pod: Pod, where: Address, head: Head) -> list[ox.Triple]:
    """The triples of a container that only the server writes."""
    members = [
        containers.Member(
            pod.storage + encode(child.path), child.media_type, child.modified, None if child.container else child.size
        )
        for child in await storage.children(pod.id, where.path)
    ]
    return containers.listing(pod.storage + encode(where.path), head.modified, members, root=where.path == "")


async def container_document(
    storage: ResourceStorage, pod: Pod, where: Address, head: Head, meta: Stored | None
) -> Document:
    """A container as RDF: what the server says of it, then its description."""
    managed = await managed_triples(storage, pod, where, head)
    described = graphs.EMPTY if meta is None else parse(meta.body, meta.media_type, pod.storage + encode(meta.path))
    return Document(tuple(dict.fromkeys((*managed, *described.triples))))


def container_etag(head: Head, meta: Head | None) -> str:
    """The tag of a container: its own version and that of its description."""
    return f'"{sha256(f"{head.etag} {meta.etag if meta else None}".encode()).hexdigest()[:32]}"'


def _as_stored(head: Head, etag: str, *, size: int) -> Stored:
    return Stored(head.path, TURTLE, head.version, etag, head.modified, size, head.container, b"")


def storage_description(pod: Pod, where: Address) -> Source:
    """The storage description resource (Solid Protocol, 4.1): public, the same of every pod, made on the spot."""
    url = pod.storage + encode(where.path)
    storage = ox.NamedNode(pod.storage)
    document = Document((ox.Triple(storage, containers.TYPE, containers.STORAGE),))
    etag = body_etag(serialise(document, TURTLE))
    return Source(where, url, Stored(where.path, TURTLE, 1, etag, 0.0, 0, False, b""), document)


def render(source: Source, access: Access, accept: str | None) -> Representation:
    """The representation for a decision. Pure: the same source, access and Accept give the same bytes.

    Raises NotAcceptable, and Forbidden where a lens holds for something that is not RDF and cannot be looked through.
    """
    stored = source.stored
    if not source.rdf:
        if access.lenses:
            raise Forbidden("Only a part of this is shared with you, and a file like this one has no parts.")
        return _representation(source, access, stored.media_type, stored.body, stored.etag)
    native = essence(stored.media_type)
    chosen = choose(accept, offers_for(native))
    if source.document is None and not access.lenses and chosen == native:
        return _representation(source, access, stored.media_type, stored.body, stored.etag)
    etag = variant(stored.etag, chosen)
    if source.document is None and not access.lenses:
        return _representation(source, access, chosen, convert(stored.body, native, chosen, source.url), etag)
    document = source.document or parse(stored.body, native, source.url)
    if access.lenses:
        subject = source.url.removesuffix(".meta") if source.where.kind is Kind.META else source.url
        document = Document(tuple(through(access.lenses, document.triples, subject)))
        body = serialise(document, chosen)
        return _representation(source, access, chosen, body, lens_etag(body))
    return _representation(source, access, chosen, serialise(document, chosen), etag)


def _representation(source: Source, access: Access, media_type: str, body: bytes, etag: str) -> Representation:
    modified = source.stored.modified if not access.lenses and source.where.kind is not Kind.STORAGE else None
    container = source.where.container
    return Representation(source.where.path, media_type, body, etag, modified, container, access, len(body), source.rdf)
