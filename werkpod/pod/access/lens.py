"""Lenses: which triples of a document pass. What is left out leaves nothing behind.

An entry is left out with everything that hangs off it: whatever the same document says something about (blank nodes,
fragments, things with addresses elsewhere) that is reached through it and through nothing that stays. The same goes for
what hung off a predicate that is left out, so that hiding `schema:address` does not leave the street on a blank node of
its own, and hiding the employer leaves nothing that another app wrote of `<https://employer.example/#us>`.

What passes is a part of the document, and says nothing of the rest: its triples come in an order of their own, and
blank nodes are named by what passes of them (`canonical`). So a change in what is left out changes no byte.

Where fields are left out, nothing passes about things with addresses elsewhere, whose names say what they are; and an
entry passes whose name says nothing (`vocab.cv.fragments.is_quiet`), or nothing that is
not said by what passes of it. `#2019-verpleegkundige` without its period is left out whole, whatever the period is: to
look at that would tell of it (decision record 23).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from hashlib import sha256

import pyoxigraph as ox

from werkpod.pod.access.conditions import RDF_TYPE
from werkpod.pod.access.model import Lens
from werkpod.vocab.cv.fragments import is_quiet, words
from werkpod.vocab.cv.mapping import FORMS

_ENTRY_TYPES = frozenset(form.rdf_type for form in FORMS)
"""A fragment of one of these types is an entry in its own right: it hangs off no other."""
_STEPS = 12
"""How far blank nodes are told apart by what they lead to."""

Triples = Sequence[ox.Triple]


def through(lenses: Sequence[Lens], triples: Triples, document: str) -> list[ox.Triple]:
    """The triples of `document` (its URL) that at least one lens lets pass, in order; all where there is no lens."""
    if not lenses:
        return list(triples)
    passing = [set(_through(lens, triples, document)) for lens in lenses]
    return [triple for triple in triples if any(triple in kept for kept in passing)]


def canonical(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """The same graph in an order, and with names of its blank nodes, that come from what it says alone.

    Blank nodes are told apart by what is said of them, and of what that leads to, some steps far. Those that cannot be
    told apart so are taken in the order in which they come; a name for each in every case (RDFC-1.0) can take time
    without end, for a document that a stranger wrote.
    """
    found = list(dict.fromkeys(triples))
    kinds: dict[object, str] = {}
    for triple in found:
        for term in (triple.subject, triple.object):
            if isinstance(term, ox.BlankNode):
                kinds[term] = ""
    for _ in range(_STEPS if kinds else 0):
        finer = _told_apart(found, kinds)
        done = len(set(finer.values())) == len(set(kinds.values()))
        kinds = finer
        if done:
            break
    ranked = sorted(kinds, key=kinds.__getitem__)  # in the order of coming, where equal
    names = {node: ox.BlankNode(f"c{number}") for number, node in enumerate(ranked)}

    def named(term: object) -> object:
        return names.get(term, term)

    renamed = [ox.Triple(named(t.subject), t.predicate, named(t.object)) for t in found] if names else found  # type: ignore[arg-type]
    return sorted(renamed, key=_order)


def _told_apart(triples: Triples, kinds: dict[object, str]) -> dict[object, str]:
    """The kinds of blank nodes one step further: what is said of each, with the kinds of the others in it."""
    said: dict[object, list[str]] = {node: [] for node in kinds}
    for t in triples:
        subject, value = (kinds[term] if term in kinds else str(term) for term in (t.subject, t.object))
        if t.subject in said:
            said[t.subject].append(f"> {t.predicate.value} {value}")
        if t.object in said:
            said[t.object].append(f"< {t.predicate.value} {subject}")
    return {node: sha256("\n".join((kinds[node], *sorted(lines))).encode()).hexdigest() for node, lines in said.items()}


def _order(triple: ox.Triple) -> tuple[str, bool, str, str]:
    return str(triple.subject), triple.predicate.value != RDF_TYPE, triple.predicate.value, str(triple.object)


def _through(lens: Lens, triples: Triples, document: str) -> Triples:
    named = _only(lens, triples, document)
    gone = _Hidden(lens, document) if _names_any(lens) else None
    staying = _cut(
        named, lambda triple: _passes(lens, triple, document) and (gone is None or not gone.named_in(triple)), document
    )
    if not lens.only_types:
        return staying
    telling = _telling(staying, document)
    return (
        _cut(staying, lambda t: t.subject not in telling and t.object not in telling, document) if telling else staying
    )


def _only(lens: Lens, triples: Triples, document: str) -> Triples:
    """The triples about the entries that a lens names, with what hangs off them; what is not named was never there."""
    if not lens.only_entries:
        return triples
    chosen: set[object] = {ox.NamedNode(_entry_iri(entry, document)) for entry in lens.only_entries}
    kept = _reach(chosen, triples, document, past=_entries(triples) - chosen)
    return [t for t in triples if t.subject in kept and (t.object in kept or not _is_local(t.object, document))]


def _passes(lens: Lens, triple: ox.Triple, document: str) -> bool:
    """Whether a triple passes by its predicate, its type, what it is about, and what kind of thing it says."""
    predicate = triple.predicate.value
    if predicate in lens.hidden_predicates or (lens.only_predicates and predicate not in lens.only_predicates):
        return False
    if lens.only_types and predicate == RDF_TYPE and str(triple.object)[1:-1] not in lens.only_types:
        return False
    if lens.only_types and not _is_local(triple.subject, document) and str(triple.subject)[1:-1] != document:
        return False
    return not isinstance(triple.object, ox.Triple)  # none is stored (`ldp.graphs`); one could say anything


def _names_any(lens: Lens) -> bool:
    return bool(lens.hidden_entries or lens.hidden_documents or lens.only_links or lens.quiet_documents)


class _Hidden:
    """The names that must not show: of hidden entries, and of entries of a neighbour that are not shown."""

    def __init__(self, lens: Lens, document: str) -> None:
        self._lens, self._document = lens, document
        self._container = document.rpartition("/")[0] + "/"
        self._chosen = {link.partition("#")[0] for link in lens.only_links}
        self._known: dict[str, bool] = {}

    def named_in(self, triple: ox.Triple) -> bool:
        """Whether one of the terms of a triple is such a name."""
        return any(
            self._is_hidden(term.value)
            for term in (triple.subject, triple.predicate, triple.object)
            if isinstance(term, ox.NamedNode) and term.value.startswith(self._container)
        )

    def _is_hidden(self, iri: str) -> bool:
        known = self._known.get(iri)
        if known is None:
            self._known[iri] = known = self._looked(iri)
        return known

    def _looked(self, iri: str) -> bool:
        lens = self._lens
        target, _, fragment = iri.partition("#")
        if target == self._document:
            return fragment in lens.hidden_entries
        name = target[len(self._container) :]
        link = f"{name}#{fragment}"
        if name in lens.hidden_documents or link in lens.hidden_entries:
            return True
        if name in lens.quiet_documents and not is_quiet(fragment):
            return True
        return name in self._chosen and link not in lens.only_links


def _cut(triples: Triples, passes: Callable[[ox.Triple], bool], document: str) -> Triples:
    """What stays of a document when what does not pass is taken out, with what hangs off it. Entries stand alone."""
    staying: list[ox.Triple] = []
    loose: list[object] = []
    about: set[object] = {t.subject for t in triples}
    for triple in triples:
        if passes(triple):
            staying.append(triple)
        elif triple.object in about or _is_local(triple.object, document):
            loose.append(triple.object)
    if not loose:
        return staying
    gone = _unreached(loose, triples, staying, document)
    return [t for t in staying if t.subject not in gone and t.object not in gone]


def _telling(staying: Triples, document: str) -> set[object]:
    """The fragments of a document whose name has a word that nothing that stays of them has."""
    names: dict[object, set[str]] = {}
    for node in {term for triple in staying for term in (triple.subject, triple.object)}:
        if isinstance(node, ox.NamedNode) and node.value.startswith(document + "#"):
            fragment = node.value.partition("#")[2]
            if not is_quiet(fragment):
                names[node] = {word for word in words(fragment) if len(word) > 1 or word > "9"}
    for triple in staying if names else ():
        if triple.subject in names and isinstance(triple.object, ox.Literal | ox.NamedNode):
            names[triple.subject].difference_update(words(triple.object.value))
    return {node for node, left in names.items() if left}


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
    about: set[object] = {t.subject for t in triples}
    below = _reach(loose, triples, document, past={*_entries(triples), ox.NamedNode(document)}, about=about)
    roots = [t.subject for t in staying if t.subject not in below]
    return below - _reach(roots, staying, document, about=about)


def _reach(
    starts: Iterable[object],
    triples: Triples,
    document: str,
    past: Iterable[object] = (),
    about: Collection[object] = (),
) -> set[object]:
    """The starts and every part of the document that can be reached from them, but not what is in `past`.

    `about`: what counts as a part besides, wherever its address is.
    """
    edges: dict[object, list[object]] = {}
    for triple in triples:
        if triple.object in about or _is_local(triple.object, document):
            edges.setdefault(triple.subject, []).append(triple.object)
    stop = set(past)
    reached, waiting = set[object](), list(starts)
    while waiting:
        node = waiting.pop()
        if node not in reached and node not in stop:
            reached.add(node)
            waiting.extend(edges.get(node, ()))
    return reached
