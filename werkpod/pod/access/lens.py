"""Lenses: which triples of a document pass. What is left out leaves nothing behind.

An entry is left out with everything that hangs off it: the blank nodes and fragments of the same document that are
reached through it and through nothing that stays. The same goes for what hung off a predicate that is left out, so that
hiding `schema:address` does not leave the street on a blank node of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyoxigraph as ox

from werkpod.pod.access.model import Lens


def through(lenses: Sequence[Lens], triples: Sequence[ox.Triple], document: str) -> list[ox.Triple]:
    """The triples of `document` (its URL) that at least one lens lets pass, in order; all where there is no lens."""
    if not lenses:
        return list(triples)
    passing = [set(_through(lens, triples, document)) for lens in lenses]
    return [triple for triple in triples if any(triple in kept for kept in passing)]


def _through(lens: Lens, triples: Sequence[ox.Triple], document: str) -> Iterable[ox.Triple]:
    entries = {_entry_iri(entry, document) for entry in lens.hidden_entries}
    if lens.only_entries or lens.only_predicates:
        triples = _named(lens, triples, document)
    staying: list[ox.Triple] = []
    loose: list[object] = []
    for triple in triples:
        if (
            triple.predicate.value in lens.hidden_predicates
            or _touches(triple, entries)
            or _points_into(triple, lens.hidden_documents, document)
        ):
            if _is_local(triple.object, document):
                loose.append(triple.object)
        else:
            staying.append(triple)
    if not loose:
        return staying
    gone = _unreached(loose, triples, staying, document)
    return [t for t in staying if t.subject not in gone and t.object not in gone]


def _named(lens: Lens, triples: Iterable[ox.Triple], document: str) -> list[ox.Triple]:
    """The triples that a lens names; what it does not name was never there, so it takes nothing along."""
    entries = {_entry_iri(entry, document) for entry in lens.only_entries}
    return [
        triple
        for triple in triples
        if (not lens.only_predicates or triple.predicate.value in lens.only_predicates)
        and (not entries or (isinstance(triple.subject, ox.NamedNode) and triple.subject.value in entries))
    ]


def _entry_iri(entry: str, document: str) -> str:
    """The IRI of an entry: a fragment of the document itself, or "other#fragment" of a neighbour in its container."""
    return document.rpartition("/")[0] + "/" + entry if "#" in entry else f"{document}#{entry}"


def _touches(triple: ox.Triple, entries: set[str]) -> bool:
    return any(
        isinstance(term, ox.NamedNode) and term.value in entries
        for term in (triple.subject, triple.predicate, triple.object)
    )


def _points_into(triple: ox.Triple, documents: frozenset[str], document: str) -> bool:
    """Whether the object is an entry of a neighbour that is not shown, or that neighbour itself."""
    if not documents or not isinstance(triple.object, ox.NamedNode):
        return False
    target = triple.object.value.partition("#")[0]
    container, _, name = target.rpartition("/")
    return name in documents and container == document.rpartition("/")[0]


def _is_local(term: object, document: str) -> bool:
    """Whether a term is a part of the document: a blank node or one of its fragments."""
    return isinstance(term, ox.BlankNode) or (isinstance(term, ox.NamedNode) and term.value.startswith(document + "#"))


def _unreached(
    loose: Iterable[object],
    triples: Sequence[ox.Triple],
    staying: Sequence[ox.Triple],
    document: str,
) -> set[object]:
    """The parts that were reached from what was cut off and are reached from nothing that stays (mark and sweep)."""
    below = _reach(loose, triples, document)
    roots = [t.subject for t in staying if t.subject not in below]
    return below - _reach(roots, staying, document)


def _reach(starts: Iterable[object], triples: Sequence[ox.Triple], document: str) -> set[object]:
    """The starts and every part of the document that can be reached from them."""
    edges: dict[object, list[object]] = {}
    for triple in triples:
        if _is_local(triple.object, document):
            edges.setdefault(triple.subject, []).append(triple.object)
    reached, waiting = set[object](), list(starts)
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting.extend(edges.get(node, ()))
    return reached
