"""A section document: the RDF of one section of a CV, read into entries and changed entry by entry.

What another Solid app wrote stays: a change takes away and adds only the triples of the fields that changed. A removed
entry goes as a whole, with everything said about it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from werkpod.vocab.cv.codecs import Term
from werkpod.vocab.cv.errors import ForeignEntry, UnknownSection, UnreadableSection
from werkpod.vocab.cv.fragments import words
from werkpod.vocab.cv.mapping import FORM_OF, Field, Form, forms_of
from werkpod.vocab.cv.model import Entry
from werkpod.vocab.cv.terms import PREFIXES, RDF_TYPE, XSD
from werkpod.vocab.sections import CV_SECTIONS, Section

FORMATS = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/ld+json": RdfFormat.JSON_LD,
}
"""The media types that a section is read from."""

_SECTIONS = {section.key: section for section in CV_SECTIONS}
_TYPE = NamedNode(RDF_TYPE)


def cv_section(key: str) -> Section:
    """The CV section of a key. Raises UnknownSection."""
    if key not in _SECTIONS:
        raise UnknownSection(f"{key!r} is no section of a CV; the sections are {', '.join(_SECTIONS)}.")
    return _SECTIONS[key]


def section_iri(storage: str, key: str) -> str:
    """The IRI of a section document in a storage ("https://pod.example/anna/", with the slash at its end)."""
    return storage + cv_section(key).path


def entry_iri(storage: str, key: str, entry_id: str) -> str:
    """The IRI of an entry, what `Competence.gained_in` holds."""
    return f"{section_iri(storage, key)}#{entry_id}"


@dataclass(frozen=True, slots=True)
class SectionDocument:
    """The triples of a section document at `iri`. Immutable: `put` and `remove` give a new one."""

    section: Section
    iri: str
    triples: frozenset[Triple] = frozenset()

    @classmethod
    def empty(cls, key: str, iri: str) -> SectionDocument:
        """A document that says nothing yet."""
        return cls(cv_section(key), iri)

    @classmethod
    def parse(cls, key: str, body: bytes, iri: str, media_type: str = "text/turtle") -> SectionDocument:
        """The document of `body`. Raises UnreadableSection with the place of the mistake, UnknownSection."""
        section = cv_section(key)
        if media_type not in FORMATS:
            raise UnreadableSection(f"{iri} is {media_type}; a section is read from {', '.join(FORMATS)}.")
        names: dict[str, BlankNode] = {}
        try:
            quads = parse(body, FORMATS[media_type], base_iri=iri, without_named_graphs=True)
            triples = frozenset(_renamed(quad.triple, names) for quad in quads)
        except (SyntaxError, ValueError, UnicodeDecodeError) as error:
            raise UnreadableSection(f"{iri} is not readable as {media_type}: {error}") from error
        return cls(section, iri, triples)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry of a type that the section has a form for: by form, then by title, then by fragment."""
        found: list[Entry] = []
        for form in forms_of(self.section.key):
            kind = NamedNode(form.rdf_type)
            ids = {self._fragment(t.subject) for t in self.triples if t.predicate == _TYPE and t.object == kind}
            found += sorted((self._decode(form, fragment) for fragment in ids - {""}), key=_by_title)
        return tuple(found)

    def entry(self, entry_id: str) -> Entry | None:
        """The entry with this fragment, or None."""
        return next((entry for entry in self.entries if entry.id == entry_id), None)

    @property
    def fragments(self) -> frozenset[str]:
        """Every fragment in use in the document, by entries and by what other apps wrote."""
        nodes = [node for t in self.triples for node in (t.subject, t.object)]
        return frozenset(self._fragment(node) for node in nodes) - {""}

    def put(self, entry: Entry) -> SectionDocument:
        """The document with `entry` added, or changed where its fragment is there already.

        Only the triples of fields that differ are replaced. Raises ForeignEntry for an entry of another section and
        ValueError for a value that RDF cannot hold (an IRI with a space).
        """
        form = FORM_OF[type(entry)]
        if form.section != self.section.key:
            raise ForeignEntry(
                f"A {type(entry).__name__} belongs in the section {form.section}, not {self.section.key}."
            )
        subject = self._node(entry.id)
        kind = Triple(subject, _TYPE, NamedNode(form.rdf_type))
        old = self._decode(form, entry.id) if kind in self.triples else None
        gone: set[Triple] = set()
        new: set[Triple] = {kind}
        for field in form.fields:
            value = getattr(entry, field.name)
            if old is not None and getattr(old, field.name) == value:
                continue
            gone.update(self._understood(subject, field))
            new.update(Triple(subject, NamedNode(field.predicate), term) for term in _encode(field, value))
        return dataclasses.replace(self, triples=(self.triples - gone) | new)

    def remove(self, entry_id: str) -> SectionDocument:
        """The document without an entry: all that is said about it and links to it. Unknown ids change nothing."""
        subject = self._node(entry_id)
        left = {t for t in self.triples if t.subject != subject and t.object != subject}
        while orphans := _blank_subjects(left) - _blank_objects(left) - _unattached(self.triples):
            left = {t for t in left if t.subject not in orphans}
        return dataclasses.replace(self, triples=frozenset(left))

    def turtle(self) -> bytes:
        """The document as Turtle: deterministic, entries in order of fragment, fields in the order of their form."""
        triples = sorted(self.triples, key=self._order)
        prefixes = {"": self.iri + "#", **_used(triples)}
        turtle = serialize(triples, format=RdfFormat.TURTLE, prefixes=prefixes) or b""
        # The serialiser lists prefixes in no fixed order; it escapes line ends in text, so lines are safe to move.
        lines = turtle.decode().removesuffix("\n").split("\n")
        head = sorted(line for line in lines if line.startswith("@prefix "))
        body = [line if line.startswith("\t") else "\n" + line for line in lines if not line.startswith("@prefix ")]
        return "".join(line + "\n" for line in (*head, *body)).encode()

    def _node(self, fragment: str) -> NamedNode:
        return NamedNode(f"{self.iri}#{fragment}")

    def _fragment(self, node: Term) -> str:
        own = isinstance(node, NamedNode) and node.value.startswith(self.iri + "#")
        return node.value[len(self.iri) + 1 :] if own and isinstance(node, NamedNode) else ""

    def _understood(self, subject: NamedNode, field: Field) -> list[Triple]:
        """The triples of a field that its codec understands: plain text first, then Dutch, then others."""
        predicate = NamedNode(field.predicate)
        found = [
            t
            for t in self.triples
            if t.subject == subject and t.predicate == predicate and field.codec.decode(t.object) is not None
        ]
        return sorted(found, key=lambda t: _preference(t.object))

    def _decode(self, form: Form, fragment: str) -> Entry:
        subject, defaults = self._node(fragment), form.defaults
        values: dict[str, Any] = {"id": fragment}
        for field in form.fields:
            found = [field.codec.decode(t.object) for t in self._understood(subject, field)]
            if field.many:
                values[field.name] = tuple(found)
            else:
                values[field.name] = found[0] if found else defaults.get(field.name, "")
        return form.cls(**values)

    def _order(self, triple: Triple) -> tuple[int, str, int, str, str]:
        subject = triple.subject
        rank = 0 if isinstance(subject, NamedNode) and not self._fragment(subject) else 1
        if isinstance(subject, BlankNode):
            rank = 2
        predicates = [field.predicate for form in forms_of(self.section.key) for field in form.fields]
        name = triple.predicate.value
        place = -1 if name == RDF_TYPE else predicates.index(name) if name in predicates else len(predicates)
        return rank, str(subject), place, name, str(triple.object)


def parse_section(key: str, body: bytes, iri: str, media_type: str = "text/turtle") -> tuple[Entry, ...]:
    """The entries of a section document's body. Raises UnreadableSection, UnknownSection."""
    return SectionDocument.parse(key, body, iri, media_type).entries


def serialise_section(key: str, entries: Iterable[Entry], iri: str) -> bytes:
    """A new section document of `entries`, as Turtle. Raises ForeignEntry, UnknownSection."""
    document = SectionDocument.empty(key, iri)
    for entry in entries:
        document = document.put(entry)
    return document.turtle()


def _encode(field: Field, value: Any) -> Iterator[NamedNode | Literal]:
    for one in value if field.many else (value,):
        if one is not None and one != "":
            yield field.codec.encode(one)


def _used(triples: Iterable[Triple]) -> dict[str, str]:
    """The prefixes that these triples need."""
    iris: set[str] = set()
    for triple in triples:
        iris.add(triple.predicate.value)
        for node in (triple.subject, triple.object):
            if isinstance(node, NamedNode):
                iris.add(node.value)
            elif isinstance(node, Literal):
                iris.add(node.datatype.value)
    iris.discard(XSD + "string")
    return {name: base for name, base in PREFIXES.items() if any(iri.startswith(base) for iri in iris)}


def _by_title(entry: Entry) -> tuple[list[str], str]:
    """Fragments say nothing, so their order would be that of chance."""
    return words(getattr(entry, "title", "")), entry.id


def _preference(term: Term) -> tuple[int, str]:
    language = term.language if isinstance(term, Literal) else None
    return (0 if not language else 1 if language.startswith("nl") else 2), str(term)


def _renamed(triple: Triple, names: dict[str, BlankNode]) -> Triple:
    """The triple with its blank nodes named by order of appearance, so that the same bytes give the same document."""

    def named(node: Any) -> Any:
        if isinstance(node, BlankNode):
            return names.setdefault(node.value, BlankNode(f"b{len(names)}"))
        return _renamed(node, names) if isinstance(node, Triple) else node

    return Triple(named(triple.subject), triple.predicate, named(triple.object))


def _blank_subjects(triples: Iterable[Triple]) -> set[Term]:
    return {t.subject for t in triples if isinstance(t.subject, BlankNode)}


def _blank_objects(triples: Iterable[Triple]) -> set[Term]:
    return {t.object for t in triples if isinstance(t.object, BlankNode)}


def _unattached(triples: Iterable[Triple]) -> set[Term]:
    """Blank nodes that nothing ever pointed at: they do not hang off an entry."""
    return _blank_subjects(triples) - _blank_objects(triples)
