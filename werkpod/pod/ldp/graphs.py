"""RDF in and out: Turtle, JSON-LD and N-Triples, with limits on what strangers send.

RDF/XML is refused (entity expansion: a 671-byte file became a 1.2 GB literal), remote JSON-LD contexts are never
fetched (a few are known, see `contexts`), nesting has a cap (pyoxigraph takes 6.7 s for JSON-LD 3,000 deep, about
quadratic). RDF 1.2 triple terms are refused: what is written must be readable as JSON-LD too (Solid Protocol, 5.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass
from itertools import islice

import pyoxigraph as ox

from werkpod.pod.ldp import contexts
from werkpod.pod.ldp.errors import InvalidRdf, NotTaken, UnknownContext
from werkpod.web.errors import TooLarge

TURTLE = "text/turtle"
JSON_LD = "application/ld+json"
N_TRIPLES = "application/n-triples"

FORMATS: Mapping[str, ox.RdfFormat] = {
    TURTLE: ox.RdfFormat.TURTLE,
    JSON_LD: ox.RdfFormat.JSON_LD,
    N_TRIPLES: ox.RdfFormat.N_TRIPLES,
}
"""RDF that is taken and given. The order is the server's preference (RFC 9110, 12.1)."""

REFUSED = frozenset({"application/rdf+xml"})
RDF_LIMIT = 2 << 20
"""Bytes that an RDF document may have; a CV section has a few thousand."""
TRIPLE_LIMIT = 20_000
"""Triples that a document may have; parsing them takes about 0.1 s."""
MAX_DEPTH = 32
_REMOTE = "LoadDocumentCallback"  # what pyoxigraph says where JSON-LD names a context

_TRIPLE_TERM_MARKS = (b"<<", b"{", b"~")
"""Every form that gives a triple term has one of these: <<( )>>, << >>, {| |}, a ~ reifier (RDF 1.2), JSON-LD's {."""

_TOKENS = {
    JSON_LD: re.compile(rb'"(?:[^"\\]|\\.)*+"?|([\[{])|([\]}])', re.S),
    TURTLE: re.compile(
        rb'"""(?:[^"\\]|\\.|""?(?!"))*+(?:""")?|\'\'\'(?:[^\'\\]|\\.|\'\'?(?!\'))*+(?:\'\'\')?'
        rb"|\"(?:[^\"\\\n]|\\.)*+\"?|'(?:[^'\\\n]|\\.)*+'?"
        rb"|<[^<>\s]*+>?|#[^\n]*+|([\[(])|([\])])",
        re.S,
    ),
}
"""Possessive, and closed by the end of the text too: a string that never ends is passed over once, not once for each
quote in it (64 KB of escaped quotes took 13 s)."""

_DECLARED = re.compile(
    rb"(?:^|[.>])[ \t]*(?:@prefix|PREFIX)[ \t]+([A-Za-z][A-Za-z0-9_-]{0,30})?:"
    rb"[ \t]*<([A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-\[\]_a-z~]{1,255})>",
    re.MULTILINE,
)
PREFIXES: dict[str, str] = {
    "acl": "http://www.w3.org/ns/auth/acl#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "ldp": "http://www.w3.org/ns/ldp#",
    "pim": "http://www.w3.org/ns/pim/space#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "solid": "http://www.w3.org/ns/solid/terms#",
    "stat": "http://www.w3.org/ns/posix/stat#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "wp": "https://w3id.org/werkpod/cv#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
"""Prefixes that Turtle is written with."""


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed document: the triples of its default graph and, from JSON-LD alone, quads of named graphs."""

    triples: tuple[ox.Triple, ...]
    named: tuple[ox.Quad, ...] = ()


EMPTY = Document(())


def essence(media_type: str) -> str:
    """A media type without its parameters, in lower case."""
    return media_type.partition(";")[0].strip().lower()


def is_rdf(media_type: str) -> bool:
    """Whether bodies of this type are kept as RDF and negotiated."""
    return essence(media_type) in FORMATS


def parse(body: bytes, media_type: str, base: str) -> Document:
    """Read a document. Raises NotTaken (not RDF that is taken), TooLarge, InvalidRdf with the place of the fault."""
    return _document(_quads(body, media_type, base), essence(media_type))


def check(body: bytes, media_type: str, base: str) -> None:
    """Raise what `parse` would raise; a third cheaper where nobody looks at the triples."""
    _quads(body, media_type, base)


def finished(body: bytes, media_type: str, base: str) -> bytes:
    """`body`, with the dot after its last statement where that is all that Turtle lacks. Raises what `check` raises.

    Clients leave it out, and one of the Solid specification tests does; any other fault stays one (record 18).
    """
    try:
        check(body, media_type, base)
    except InvalidRdf as error:
        if essence(media_type) != TURTLE:
            raise
        whole = body + b"\n.\n"  # what this mends lacked nothing else: it was read to its end
        try:
            check(whole, media_type, base)
        except (InvalidRdf, TooLarge):
            raise error from None
        return whole
    return body


def _quads(body: bytes, media_type: str, base: str) -> list[ox.Quad]:
    kind = essence(media_type)
    if kind not in FORMATS:
        raise NotTaken(f"This takes RDF as {', '.join(FORMATS)}; {kind or 'nothing'} was sent.")
    _check_bytes(body)
    check_depth(body, kind)
    try:
        quads = _parsed(body, kind, base, TRIPLE_LIMIT + 1)
    except (SyntaxError, ValueError) as error:
        raise _explained(error, kind) from None
    _check_count(quads)
    # Only these can write a triple term; looking for them costs nothing, looking at each object as much as the parsing.
    if any(mark in body for mark in _TRIPLE_TERM_MARKS) and any(isinstance(quad.object, ox.Triple) for quad in quads):
        raise InvalidRdf("Triple terms (RDF 1.2) are not taken: they cannot be read back as JSON-LD.")
    return quads


def read(body: bytes, media_type: str, base: str) -> Document:
    """A document that was checked when it was written, or that the server wrote: `parse` without limits."""
    kind = essence(media_type)
    return _document(_parsed(body, kind, base, None), kind)


def _parsed(body: bytes, kind: str, base: str, most: int | None) -> list[ox.Quad]:
    """The quads of a document; where JSON-LD names contexts, those that are known stand in their place."""
    try:
        return list(islice(ox.parse(body, FORMATS[kind], base_iri=base), most))
    except SyntaxError as error:
        if kind != JSON_LD or _REMOTE not in str(error):
            raise
    return list(islice(ox.parse(contexts.written_out(body), FORMATS[kind], base_iri=base), most))


def _document(quads: Sequence[ox.Quad], kind: str) -> Document:
    default = ox.DefaultGraph()
    if kind == JSON_LD and any(quad.graph_name != default for quad in quads):
        named = tuple(quad for quad in quads if quad.graph_name != default)
        return Document(tuple(quad.triple for quad in quads if quad.graph_name == default), named)
    return Document(tuple(quad.triple for quad in quads))


def check_size(body: bytes, document: Document) -> None:
    """Raise TooLarge where what was made of a document would be refused if it were sent."""
    _check_bytes(body)
    _check_count(document.triples)


def _check_bytes(body: bytes) -> None:
    if len(body) > RDF_LIMIT:
        raise TooLarge(f"An RDF document here has at most {RDF_LIMIT} bytes; this one has {len(body)}.")


def _check_count(triples: Sized) -> None:
    if len(triples) > TRIPLE_LIMIT:
        raise TooLarge(f"An RDF document here has at most {TRIPLE_LIMIT} triples.")


def check_depth(body: bytes, kind: str) -> None:
    """Raise InvalidRdf where brackets are nested deeper than MAX_DEPTH. One pass, strings and comments left out."""
    opening = body.count(b"[") + (body.count(b"{") if kind == JSON_LD else body.count(b"("))
    tokens = _TOKENS.get(kind)
    if opening <= MAX_DEPTH or tokens is None:
        return
    depth = 0
    for token in tokens.finditer(body):
        if token[1]:
            depth += 1
            if depth > MAX_DEPTH:
                raise InvalidRdf(f"Brackets are nested deeper than {MAX_DEPTH} levels at byte {token.start()}.")
        elif token[2]:
            depth -= 1


def _explained(error: Exception, kind: str) -> InvalidRdf:
    if _REMOTE in str(error):
        return UnknownContext("A JSON-LD context is named or written out in the document; @import is not done.")
    return InvalidRdf(f"The body is not valid {kind}: {error.args[0] if error.args else error}.")


def prefixes_of(body: bytes, media_type: str) -> dict[str, str]:
    """Prefixes that Turtle declares with absolute IRIs, the first 64: to write it with them again."""
    if essence(media_type) != TURTLE:
        return {}
    found = islice(_DECLARED.finditer(body), 64)
    return {(match[1] or b"").decode(): match[2].decode() for match in found}


def serialise(document: Document, media_type: str, prefixes: Mapping[str, str] | None = None) -> bytes:
    """Write a document; in a type that has no named graphs, its default graph (RDF 1.1 Datasets, 3.2).

    `prefixes`: those that Turtle is written with before ours (`prefixes_of`).
    """
    triples: Iterable[ox.Triple] | Sequence[ox.Quad] = document.triples
    if media_type == JSON_LD and document.named:
        triples = [ox.Quad(t.subject, t.predicate, t.object) for t in document.triples] + list(document.named)
    known: dict[str, str] | None = None
    if media_type == TURTLE:
        theirs = dict(prefixes or {})
        known = {name: iri for name, iri in PREFIXES.items() if iri not in theirs.values()} | theirs
    written = ox.serialize(triples, format=FORMATS[media_type], prefixes=known)
    assert isinstance(written, bytes)  # noqa: S101 - without an output argument it is bytes
    return _without_unused_prefixes(written) if media_type == TURTLE else written


def appended(body: bytes, triples: Sequence[ox.Triple]) -> bytes:
    """Turtle or N-Triples with triples at its end, and otherwise as it was written. N-Triples are Turtle, too.

    For triples without blank nodes, whose labels could be in use.
    """
    added = ox.serialize(triples, format=FORMATS[N_TRIPLES])
    assert isinstance(added, bytes)  # noqa: S101 - without an output argument it is bytes
    return b"".join((body, b"" if body.endswith(b"\n") else b"\n", added)) if added else body


def convert(body: bytes, stored: str, wanted: str, base: str) -> bytes:
    """A body that was checked when it was written, in another form; its triples never pass through Python one by one.

    `stored` and `wanted` are essences. Named graphs, which only JSON-LD has, are left out (RDF 1.1 Datasets, 3.2).
    """
    if stored == JSON_LD or wanted == TURTLE:
        return serialise(parse(body, stored, base), wanted)
    written = ox.serialize(ox.parse(body, FORMATS[stored], base_iri=base), format=FORMATS[wanted])
    assert isinstance(written, bytes)  # noqa: S101 - without an output argument it is bytes
    return written


def _without_unused_prefixes(written: bytes) -> bytes:
    """Turtle without the prefixes that do not come up in it; going through the triples for them took 100 us."""
    end = 0
    while written.startswith(b"@prefix ", end):
        end = written.index(b"\n", end) + 1
    head, rest = written[:end], written[end:]
    used = [line for line in head.splitlines(keepends=True) if line.split(b" ", 2)[1] in rest]
    return b"".join((*used, rest))
