"""Carrying out a patch: find the mappings, take away, add (Solid Protocol, 5.3.1; SPARQL 1.1 Update, 3.1.3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from werkpod.pod.access.model import Mode
from werkpod.pod.ldp.errors import InvalidPatch, PatchConflict
from werkpod.pod.ldp.formulae import Node, Pattern, has_blank_nodes, terms, variable

STEP_LIMIT = 50_000
"""Comparisons that finding the mappings of one formula may take: up to a second, in a thread."""

Binding = Mapping[str, Node]


@dataclass(frozen=True, slots=True)
class Change:
    """One step: where `where` matches, take `deletes` away and add `inserts`."""

    where: tuple[Pattern, ...] = ()
    deletes: tuple[Pattern, ...] = ()
    inserts: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class Patch:
    """A patch. `exact` (N3 Patch): just one mapping, and what is taken away is there; else SPARQL Update's rules."""

    changes: tuple[Change, ...]
    exact: bool

    def named(self) -> set[str] | None:
        """References ("<...>") to everything that it could touch; None where it has variables, and may touch all."""
        found: set[str] = set()
        for change in self.changes:
            for pattern in (*change.where, *change.deletes):
                if any(_name(term) is not None for term in terms(pattern)):
                    return None
            for pattern in (*change.where, *change.deletes, *change.inserts):
                found.update(str(term) for term in terms(pattern) if isinstance(term, ox.NamedNode))
        return found

    @property
    def only_adds(self) -> bool:
        """Whether nothing is looked for or taken away, and what is added has no blank nodes (N3 Patch has none)."""
        return self.exact and not any(change.where or change.deletes for change in self.changes)

    def needs(self) -> Mode:
        """The modes it takes (Solid Protocol, 5.3.1: where is Read, inserts is Append, deletes is Read and Write)."""
        modes = Mode.NONE
        for change in self.changes:
            modes |= Mode.READ if change.where else Mode.NONE
            modes |= Mode.APPEND if change.inserts else Mode.NONE
            modes |= Mode.READ | Mode.WRITE if change.deletes else Mode.NONE
        return modes or Mode.APPEND


def additions(patch: Patch, triples: Collection[ox.Triple]) -> list[ox.Triple]:
    """What a patch that only adds gives a graph that is not in it yet: its patterns are triples as they stand."""
    known = set(triples)
    return [t for change in patch.changes for t in dict.fromkeys(change.inserts) if t not in known]


def apply(patch: Patch, triples: Sequence[ox.Triple]) -> list[ox.Triple]:
    """The graph after the patch, in its old order, what is new last. Raises PatchConflict and InvalidPatch."""
    graph = dict.fromkeys(triples)
    for change in patch.changes:
        _step(change, graph, exact=patch.exact)
    return list(graph)


def _step(change: Change, graph: dict[ox.Triple, None], *, exact: bool) -> None:
    mappings = _mappings(change, graph, exact=exact)
    doomed = [t for mapping in mappings for p in change.deletes if (t := _fill(p, mapping, {})) is not None]
    if exact:
        for triple in doomed:
            if triple not in graph:
                raise PatchConflict(f"The patch deletes a triple that is not there: {triple}.")
    added = []
    for mapping in mappings:
        fresh: dict[ox.BlankNode, ox.BlankNode] = {}
        added += [t for p in change.inserts if (t := _fill(p, mapping, fresh)) is not None]
    for triple in doomed:
        graph.pop(triple, None)
    graph.update(dict.fromkeys(added))


def _mappings(change: Change, graph: Iterable[ox.Triple], *, exact: bool) -> list[Binding]:
    if not change.where:
        return [{}]
    found: dict[tuple[tuple[str, str], ...], Binding] = {}
    for binding in _match(change.where, graph):
        named = {name: term for name, term in binding.items() if not name.startswith("_:")}
        found[tuple(sorted((name, str(term)) for name, term in named.items()))] = named
        if exact and len(found) > 1:
            raise PatchConflict("The conditions of the patch (solid:where) match in more than one way.")
    if exact and not found:
        raise PatchConflict("The conditions of the patch (solid:where) do not match.")
    return list(found.values())


def _match(wanted: tuple[Pattern, ...], graph: Iterable[ox.Triple]) -> Iterator[dict[str, Node]]:
    """Every way to bind variables and blank nodes such that all patterns are in the graph; most bound pattern first."""
    triples = [terms(triple) for triple in graph]  # once: each term that pyoxigraph hands out is made anew
    steps = 0
    waiting: list[tuple[dict[str, Node], tuple[Pattern, ...]]] = [({}, wanted)]
    while waiting:
        binding, left = waiting.pop()
        if not left:
            yield binding
            continue
        pattern = max(left, key=lambda p: sum(_value(term, binding) is not None for term in terms(p)))
        rest = tuple(p for p in left if p is not pattern)
        named = [(_name(term), term) for term in terms(pattern)]
        for triple in triples:
            steps += 1
            if steps > STEP_LIMIT:
                raise InvalidPatch(
                    "The conditions of the patch match in too many ways to try them all; name more terms."
                )
            extended = _unify(named, triple, binding)
            if extended is not None:
                waiting.append((extended, rest))


def _name(term: Node) -> str | None:
    return f"_:{term.value}" if isinstance(term, ox.BlankNode) else variable(term)


def _value(term: Node, binding: Binding) -> Node | None:
    name = _name(term)
    return term if name is None else binding.get(name)


def _unify(
    wanted: Sequence[tuple[str | None, Node]], triple: tuple[Node, Node, Node], binding: dict[str, Node]
) -> dict[str, Node] | None:
    extended = binding
    for (name, term), found in zip(wanted, triple, strict=True):
        value = term if name is None else extended.get(name)
        if value is None:
            extended = {**extended, str(name): found}
        elif value != found:
            return None
    return extended


def _fill(pattern: Pattern, binding: Binding, fresh: dict[ox.BlankNode, ox.BlankNode]) -> ox.Triple | None:
    """The triple that a pattern gives; None where it is no triple (SPARQL 1.1 Update leaves those out)."""
    filled: list[Node] = []
    for term in terms(pattern):
        if isinstance(term, ox.BlankNode):
            filled.append(fresh.setdefault(term, ox.BlankNode()))
            continue
        name = variable(term)
        value = term if name is None else binding.get(name)
        if value is None:
            return None
        filled.append(value)
    subject, predicate, object_ = filled
    if isinstance(subject, (ox.NamedNode, ox.BlankNode)) and isinstance(predicate, ox.NamedNode):
        return ox.Triple(subject, predicate, object_)
    return None


def require_no_blank_nodes(patterns: tuple[Pattern, ...], part: str) -> None:
    """Raise InvalidPatch for a blank node where it could not mean one thing."""
    if has_blank_nodes(patterns):
        raise InvalidPatch(
            f"There is a blank node in {part}; name the node, or bind it to a variable in the conditions."
        )
