"""Any code of any scheme that is known here -> occupations of the taxonomy in use, and any competence -> those that
mean the same; each with how it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkpod.vocab.crosswalk.model import TITLES
from werkpod.vocab.elsewhere import CodeFound, Inside, Way, inverse, nearest
from werkpod.vocab.isco import ISCO_IRI
from werkpod.vocab.matches import ConceptMatch, Relation

if TYPE_CHECKING:
    from werkpod.vocab.taxonomy import Competence, Occupation, Taxonomy

SHOWN = 5
"""Occupations that are named where a code leads to several."""
SAME = ("exactMatch", "closeMatch")
"""Relations by which a competence that a person has counts as one that the taxonomy has."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """An occupation that a code leads to: how near it is, the sources that say so (schemes of crosswalks, "match" of
    taxonomies, "successor", "isco"), and whether one of the steps is a guess of ours."""

    occupation: Occupation
    relation: Relation
    via: tuple[str, ...]
    proposed: bool


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A competence of the taxonomy in use that a competence elsewhere leads to; as in `Resolved`."""

    competence: Competence
    relation: Relation
    via: tuple[str, ...]
    proposed: bool


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a code is: `known` the schemes that have it (none for the taxonomy's own), `ways` where it leads, the
    closest first, `best` the one occupation to take, None where there is none or where it would be a guess; `problem`
    then says in English what is the matter."""

    code: str
    known: tuple[CodeFound, ...]
    ways: tuple[Resolved, ...]
    best: Occupation | None
    problem: str = ""


def resolve(taxonomy: Taxonomy, text: str) -> Resolution:
    """What a code or IRI means in a taxonomy."""
    own = taxonomy.own_occupation(text)
    if own is not None:
        return Resolution(text, (), (Resolved(own, "exactMatch", (), False),), own)
    inside = _inside_occupations(taxonomy)
    known = taxonomy.elsewhere.codes(text, "occupation")
    nodes = [each.node for each in known] or [text]
    every = [_chosen(taxonomy, taxonomy.elsewhere.ways(node, "occupation", inside)) for node in nodes]
    ways = tuple(sorted((way for _, found in every for way in found), key=lambda way: way.rank))
    resolved = tuple(_resolved(taxonomy, way) for way in dict.fromkeys(ways))
    best = {iri for iri, _ in every if iri}
    if len(best) == 1 and all(iri or not found for iri, found in every):
        return Resolution(text, tuple(known), resolved, taxonomy.own_occupation(best.pop()))
    return Resolution(text, tuple(known), resolved, None, _problem(taxonomy, text, known, resolved))


def equivalents(taxonomy: Taxonomy, text: str) -> tuple[Equivalent, ...]:
    """The competences of a taxonomy that a competence (its IRI, or a code of VDAB) leads to, the closest first: itself
    where the taxonomy has it."""
    own = taxonomy.competence(text)
    if own is not None:
        return (Equivalent(own, "exactMatch", (), False),)
    known = taxonomy.elsewhere.codes(text, "competence")
    inside = _inside_competences(taxonomy)
    found: dict[str, Way] = {}
    for node in [each.node for each in known] or [text]:
        for way in taxonomy.elsewhere.ways(node, "competence", inside):
            found.setdefault(way.iri, way)
    ordered = sorted(found.values(), key=lambda way: way.rank)
    return tuple(
        Equivalent(competence, way.relation, way.via, way.proposed)
        for way in ordered
        if (competence := taxonomy.competence(way.iri))
    )


def _chosen(taxonomy: Taxonomy, ways: Sequence[Way]) -> tuple[str, Sequence[Way]]:
    """(IRI of the occupation to take or "", the ways). Several that are equally close are their unit group, when they
    are in one; else none of them is taken."""
    if not ways:
        return "", ways
    closest = nearest(ways)
    if len(closest) == 1:
        return closest[0].iri, ways
    groups = {each.isco for way in closest if (each := taxonomy.own_occupation(way.iri))}
    group = taxonomy.own_occupation(ISCO_IRI + next(iter(groups))) if len(groups) == 1 else None
    return group.iri if group else "", ways


def _resolved(taxonomy: Taxonomy, way: Way) -> Resolved:
    occupation = taxonomy.own_occupation(way.iri)
    if occupation is None:
        raise KeyError(way.iri)
    return Resolved(occupation, way.relation, way.via, way.proposed)


def _inside_occupations(taxonomy: Taxonomy) -> Inside:
    def inside(iri: str) -> Sequence[tuple[str, Relation]]:
        if "://" not in iri:
            return ()
        if (own := taxonomy.own_occupation(iri)) is not None:
            return ((own.iri, "exactMatch"),)
        return [(each.iri, _back(taxonomy.matches(each), iri)) for each in taxonomy.occupations_matching(iri)]

    return inside


def _inside_competences(taxonomy: Taxonomy) -> Inside:
    def inside(iri: str) -> Sequence[tuple[str, Relation]]:
        if (own := taxonomy.competence(iri)) is not None:
            return ((own.iri, "exactMatch"),)
        return [(each.iri, _back(taxonomy.matches(each), iri)) for each in taxonomy.competences_matching(iri)]

    return inside


def _back(matches: Sequence[ConceptMatch], iri: str) -> Relation:
    return inverse(next(match.relation for match in matches if match.iri == iri))


def _problem(taxonomy: Taxonomy, text: str, known: Sequence[CodeFound], ways: Sequence[Resolved]) -> str:
    """What is the matter with a code that is no one occupation."""
    called = f"{taxonomy.title} {taxonomy.version}"
    what = " and ".join(f"{each.label!r} in {TITLES[each.scheme]}" for each in known)
    said = f"{text[:120]!r}" + (f" is {what}" if known else "")
    if ways:
        closest = [way for way in ways if way.relation == ways[0].relation]
        names = ", ".join(f"{way.occupation.title('nl')} ({way.occupation.code})" for way in closest[:SHOWN])
        more = f" and {len(closest) - SHOWN} more" if len(closest) > SHOWN else ""
        return f"{said}{';' if known else ''} leads to {len(closest)} occupations of {called}: {names}{more}."
    if known:
        return f"{said}, and what that leads to is not in {called}."
    past = taxonomy.elsewhere.past(text)
    if past is not None:
        label = next(iter(past.labels.values()), "")
        return f"{said} is {label!r}, that {called} does not have, and nothing is known to have come in its place."
    schemes = sorted({TITLES[each.about.scheme] for each in taxonomy.elsewhere.crosswalks})
    others = f", nor of {' or '.join(schemes)}" if schemes else ""
    return f"{said} is no occupation of {called}{others}."
