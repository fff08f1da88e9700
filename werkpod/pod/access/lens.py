"""Lenses: which triples of a document pass. What is left out leaves nothing behind.

An entry is left out with everything that hangs off it: the blank nodes and fragments of the same document that are
reached through it and through nothing that stays. The same goes for what hung off a predicate that is left out, so that
hiding `schema:address` does not leave the street on a blank node of its own.

What passes is a part of the document, and says nothing of the rest: its triples come in an order of their own, and
blank nodes are named by what passes of them (`canonical`). So a change in what is left out changes no byte.

An entry whose own name says something of what is left out of it, and that nothing of it that passes says, is left out
whole: `#2019-verpleegkundige` without its period. Names that we make say nothing (`vocab.cv.fragments`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import pyoxigraph as ox

from werkpod.pod.access.conditions import RDF_TYPE
from werkpod.pod.access.model import Lens
from werkpod.vocab.cv.fragments import is_quiet, words
from werkpod.vocab.cv.mapping import FORMS

_ENTRY_TYPES = frozenset(form.rdf_type for form in FORMS)
"""A fragment of one of these types is an entry in its own right: it hangs off no other."""
_SHORTEST = 3
"""Letters that a word has at least to say something: less is in too many names by chance."""

Triples = Sequence[ox.Triple]


def through(lenses: Sequence[Lens], triples: Triples, document: str) -> list[ox.Triple]:
    """The triples of `document` (its URL) that at least one lens lets pass, in order; all where there is no lens."""
    if not lenses:
        return list(triples)
    passing = [set(_through(lens, triples, document)) for lens in lenses]
    return [triple for triple in triples if any(triple in kept for kept in passing)]


def canonical(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """The same graph in the one order, and with the one naming of its blank nodes, that all its copies have (RDFC-1.0).

    Costs what SHA-256 of the blank nodes costs; documents are small, and what a stranger can make slow (nodes that
    cannot be told apart) is bounded by the size of a document.
    """
    dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    if any(isinstance(term, ox.BlankNode) for quad in dataset for term in (quad.subject, quad.object)):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted((quad.triple for quad in dataset), key=_order)


def _order(triple: ox.Triple) -> tuple[str, bool, str, str]:
    return str(triple.subject), triple.predicate.value != RDF_TYPE, triple.predicate.value, str(triple.object)


def _through(lens: Lens, triples: Triples, document: str) -> Triples:
    named = _only(lens, triples, document)
    staying, gone = _cut(named, lambda triple: _passes(lens, triple, document), document)
    if not (lens.only_predicates or lens.hidden_predicates):
        return staying
    telling = _telling(staying, gone, document)
    if not telling:
        return staying
    return _cut(staying, lambda triple: triple.subject not in telling and triple.object not in telling, document)[0]


def _only(lens: Lens, triples: Triples, document: str) -> Triples:
    """The triples about the entries that a lens names, with what hangs off them; what is not named was never there."""
    if not lens.only_entries:
        return triples
    chosen: set[object] = {ox.NamedNode(_entry_iri(entry, document)) for entry in lens.only_entries}
    kept = _reach(chosen, triples, document, past=_entries(triples) - chosen)
    return [t for t in triples if t.subject in kept and (t.object in kept or not _is_local(t.object, document))]


def _passes(lens: Lens, triple: ox.Triple, document: str) -> bool:
    """Whether a triple passes by itself."""
    predicate, value = triple.predicate.value, triple.object
    if predicate in lens.hidden_predicates or (lens.only_predicates and predicate not in lens.only_predicates):
        return False
    if lens.only_types and predicate == RDF_TYPE and str(value)[1:-1] not in lens.only_types:
        return False
    if isinstance(value, ox.Triple):  # none is stored (`ldp.graphs`); one could say anything
        return False
    return not any(
        _is_hidden(lens, term.value, document)
        for term in (triple.subject, triple.predicate, value)
        if isinstance(term, ox.NamedNode)
    )


def _is_hidden(lens: Lens, iri: str, document: str) -> bool:
    """Whether an IRI is one that must not show: a hidden entry, or an entry of a neighbour that is not shown."""
    target, _, fragment = iri.partition("#")
    if target == document:
        return fragment in lens.hidden_entries
    container, _, name = target.rpartition("/")
    if container != document.rpartition("/")[0]:
        return False
    if name in lens.hidden_documents or f"{name}#{fragment}" in lens.hidden_entries:
        return True
    if name in lens.quiet_documents and not is_quiet(fragment):
        return True
    named = any(link.startswith(f"{name}#") for link in lens.only_links)
    return named and f"{name}#{fragment}" not in lens.only_links


def _cut(triples: Triples, passes: Callable[[ox.Triple], bool], document: str) -> tuple[Triples, Triples]:
    """What stays of a document when what does not pass is taken out with what hangs off it; and what went."""
    staying: list[ox.Triple] = []
    gone: list[ox.Triple] = []
    for triple in triples:
        (staying if passes(triple) else gone).append(triple)
    loose = [triple.object for triple in gone if _is_local(triple.object, document)]
    if loose:
        lost = _unreached(loose, triples, staying, document)
        gone += [t for t in staying if t.subject in lost or t.object in lost]
        staying = [t for t in staying if t.subject not in lost and t.object not in lost]
    return staying, gone


def _telling(staying: Triples, gone: Triples, document: str) -> set[object]:
    """The entries of a document whose name has a word of what went of them, and of nothing of them that stays.

    What went of them: or of anything that they hang together with, since another app may have linked things its own way.
    """
    names: dict[object, set[str]] = {}
    for node in {t.subject for t in staying}:
        if isinstance(node, ox.NamedNode) and _is_local(node, document):
            fragment = node.value.partition("#")[2]
            if not is_quiet(fragment) and (said := {word for word in words(fragment) if len(word) >= _SHORTEST}):
                names[node] = said
    if not names:
        return set()
    together = _Together(document)
    for triple in (*staying, *gone):
        together.join(triple)
    lost: dict[object, set[str]] = {}
    for triple in gone:
        lost.setdefault(together.of(triple.subject), set()).update(_words_of(triple.object, document))
    shown: dict[object, set[str]] = {}
    for triple in staying:
        if triple.subject in names:
            shown.setdefault(triple.subject, set()).update(_words_of(triple.object, document))
    return {
        node for node, said in names.items() if (said - shown.get(node, set())) & lost.get(together.of(node), set())
    }


class _Together:
    """Which parts of a document hang together, in whatever direction they point."""

    def __init__(self, document: str) -> None:
        self._document = document
        self._above: dict[object, object] = {}

    def of(self, node: object) -> object:
        """One part that stands for all that a part hangs together with."""
        while (above := self._above.get(node, node)) != node:
            self._above[node] = self._above.get(above, above)
            node = above
        return node

    def join(self, triple: ox.Triple) -> None:
        """The two ends of a triple hang together, where both are parts of the document."""
        if _is_local(triple.subject, self._document) and _is_local(triple.object, self._document):
            self._above[self.of(triple.subject)] = self.of(triple.object)


def _words_of(value: object, document: str) -> list[str]:
    if isinstance(value, ox.Literal) or (isinstance(value, ox.NamedNode) and not _is_local(value, document)):
        return words(value.value)
    return []


def _entry_iri(entry: str, document: str) -> str:
    """The IRI of an entry of the document."""
    return f"{document}#{entry}"


def _is_local(term: object, document: str) -> bool:
    """Whether a term is a part of the document: a blank node or one of its fragments."""
    return isinstance(term, ox.BlankNode) or (isinstance(term, ox.NamedNode) and term.value.startswith(document + "#"))


def _entries(triples: Triples) -> set[object]:
    return {
        t.subject
        for t in triples
        if t.predicate.value == RDF_TYPE and isinstance(t.object, ox.NamedNode) and t.object.value in _ENTRY_TYPES
    }


def _unreached(loose: Iterable[object], triples: Triples, staying: Triples, document: str) -> set[object]:
    """The parts that were reached from what was cut off and are reached from nothing that stays (mark and sweep)."""
    below = _reach(loose, triples, document)
    roots = [t.subject for t in staying if t.subject not in below]
    return below - _reach(roots, staying, document)


def _reach(starts: Iterable[object], triples: Triples, document: str, past: Iterable[object] = ()) -> set[object]:
    """The starts and every part of the document that can be reached from them, but not what is in `past`."""
    edges: dict[object, list[object]] = {}
    for triple in triples:
        if _is_local(triple.object, document):
            edges.setdefault(triple.subject, []).append(triple.object)
    stop = set(past)
    reached, waiting = set[object](), list(starts)
    while waiting:
        node = waiting.pop()
        if node not in reached and node not in stop:
            reached.add(node)
            waiting.extend(edges.get(node, ()))
    return reached
