"""N3 Patch, the form of PATCH that every Solid server takes (Solid Protocol, 5.3.1)."""

from __future__ import annotations

import pyoxigraph as ox

from werkpod.pod.ldp.errors import InvalidPatch
from werkpod.pod.ldp.formulae import FORMULA, Pattern, cut, variables, whole
from werkpod.pod.ldp.patching import Change, Patch, require_no_blank_nodes

MEDIA_TYPE = "text/n3"
SOLID = "http://www.w3.org/ns/solid/terms#"
_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_PARTS = {SOLID + "where": "where", SOLID + "deletes": "deletes", SOLID + "inserts": "inserts"}
_TYPES = (SOLID + "Patch", SOLID + "InsertDeletePatch")


def parse(body: bytes, base: str) -> Patch:
    """Read a patch on the document `base`. Raises InvalidRdf (400: not N3 of this kind) and InvalidPatch (422)."""
    pieces = cut(body)
    said, formulae = list[ox.Quad](), [list[Pattern]() for _ in pieces.inner]
    for quad in whole(pieces, base):
        if isinstance(quad.graph_name, ox.NamedNode):
            formulae[_formula(quad.graph_name, "where")].append(quad.triple)
        else:
            said.append(quad)
    numbers = _parts(said, len(formulae))
    where, deletes, inserts = (
        () if (number := numbers[part]) is None else tuple(formulae[number]) for part in ("where", "deletes", "inserts")
    )
    change = Change(where, deletes, inserts)
    _check(change)
    return Patch((change,), exact=True)


def _parts(quads: list[ox.Quad], formulae: int) -> dict[str, int | None]:
    """Which formula is which part of the one patch resource."""
    parts: dict[str, int | None] = dict.fromkeys(_PARTS.values())
    resources = set()
    typed = False
    for quad in quads:
        predicate = quad.predicate.value
        if predicate in _PARTS:
            part = _PARTS[predicate]
            if parts[part] is not None:
                raise InvalidPatch(f"There is more than one solid:{part}.")
            parts[part] = _formula(quad.object, part)
            resources.add(quad.subject)
        elif predicate == _TYPE and isinstance(quad.object, ox.NamedNode) and quad.object.value in _TYPES:
            typed = typed or quad.object.value == SOLID + "InsertDeletePatch"
            resources.add(quad.subject)
    if len(resources) != 1:
        raise InvalidPatch(f"A patch document has exactly one patch resource; this one has {len(resources)}.")
    if not typed:
        raise InvalidPatch("The patch is not typed: it says '<patch> a solid:InsertDeletePatch'.")
    if sum(number is not None for number in parts.values()) != formulae:
        raise InvalidPatch("There is a formula that is none of solid:where, solid:deletes and solid:inserts.")
    return parts


def _formula(term: object, part: str) -> int:
    if isinstance(term, ox.NamedNode) and term.value.startswith(FORMULA) and term.value[len(FORMULA) :].isdigit():
        return int(term.value[len(FORMULA) :])
    raise InvalidPatch(f"solid:{part} has a formula, that is triples between braces.")


def _check(change: Change) -> None:
    known = variables(change.where)
    formulae: tuple[tuple[str, tuple[Pattern, ...]], ...] = (("inserts", change.inserts), ("deletes", change.deletes))
    for part, found in formulae:
        unknown = variables(found) - known
        if unknown:
            raise InvalidPatch(f"solid:{part} has variables that solid:where lacks: {', '.join(sorted(unknown))}.")
        require_no_blank_nodes(found, f"solid:{part}")
