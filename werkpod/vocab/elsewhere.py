"""Concepts that the taxonomy in use does not have, and the way from them to those it has: by crosswalks, by what is
said to match in taxonomies that are not in use, and by what came in the place of what is gone.

A way is a walk over what the sources say, of a few steps. What two steps say together is the weaker of both; "broader"
and "narrower" together say nothing, and such a way is dropped. Of the ways to one concept the closest counts.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from werkpod.vocab.crosswalk.model import TITLES, Crosswalk
from werkpod.vocab.history import History, Past, Successor
from werkpod.vocab.isco import ISCO_IRI
from werkpod.vocab.matches import RELATIONS, ConceptMatch, Relation

MOST_STEPS = 5
"""Steps of a walk: a code, its concept, a successor or two, another classification's concept."""
SUCCESSOR, PLACE = "successor", "isco"
Of = Literal["occupation", "competence"]
Inside = Callable[[str], Sequence[tuple[str, Relation]]]
"""IRI -> the concepts of the taxonomy in use that it is or matches, and how."""
_INVERSE: Mapping[Relation, Relation] = {
    "exactMatch": "exactMatch", "closeMatch": "closeMatch", "broadMatch": "narrowMatch", "narrowMatch": "broadMatch",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """A concept of the taxonomy in use (`iri`) that is reached, how near it is, and by which sources. `proposed`: one
    of the steps is a guess of ours."""

    iri: str
    relation: Relation
    via: tuple[str, ...] = ()
    proposed: bool = False

    @property
    def rank(self) -> tuple[int, bool, int, str]:
        """To order by: the closest first, then the surest, then the shortest."""
        return RELATIONS.index(self.relation), self.proposed, len(self.via), self.iri


@dataclass(frozen=True, slots=True)
class CodeFound:
    """A code that a crosswalk knows: its scheme, what it is called, and how it is named among concepts."""

    scheme: str
    label: str
    node: str


def composed(first: Relation, second: Relation) -> Relation | None:
    """What two relations in a row say; None: nothing."""
    if first == second or second == "exactMatch":
        return first
    if first == "exactMatch":
        return second
    if "closeMatch" in (first, second):
        return second if first == "closeMatch" else first
    return None


def inverse(relation: Relation) -> Relation:
    """The same relation as seen from the other side."""
    return _INVERSE[relation]


@dataclass(frozen=True)
class Elsewhere:
    """What is known of concepts that are not in the taxonomy in use. `matches`: IRI -> what it matches, as the
    taxonomies that are not in use say; `places`: IRI of an occupation -> its unit group. Both are asked for when the
    first concept is, as they take a moment."""

    crosswalks: tuple[Crosswalk, ...] = ()
    histories: tuple[History, ...] = ()
    matches: Callable[[], Mapping[str, Sequence[ConceptMatch]]] = field(default=dict)
    places: Callable[[], Mapping[str, str]] = field(default=dict)

    @property
    def known(self) -> bool:
        """Whether anything was imported that makes it worth while to look."""
        return bool(self.crosswalks or self.histories)

    def prepare(self) -> None:
        """Make the tables before somebody asks for a code; takes a tenth of a second with every crosswalk there is."""
        self.codes("", "occupation")
        self.ways("", "occupation", lambda _: ())

    # -- what a concept or code is ----------------------------------------------------------------------------------

    def past(self, iri: str) -> Past | None:
        """A concept that an earlier version of an imported taxonomy had, or one that is not in use; None for others."""
        return self._past.get(iri)

    def successors(self, iri: str) -> tuple[Successor, ...]:
        """What came in the place of a concept that is gone."""
        return self._successors.get(iri, ())

    def codes(self, text: str, of: Of) -> list[CodeFound]:
        """What crosswalks know by a code, "scheme:code" or an IRI; each scheme once."""
        value = text.strip()
        scheme, _, rest = value.partition(":")
        wanted = (scheme,) if scheme in TITLES and rest else tuple(TITLES)
        code = (rest if scheme in TITLES and rest else value).upper()
        found: dict[str, CodeFound] = {}
        for place, row in self._rows.get((of, code), ()):
            each = self.crosswalks[place]
            if each.about.scheme in wanted:
                found.setdefault(each.about.scheme, CodeFound(each.about.scheme, each.label(row), each.node(row)))
        return list(found.values())

    # -- the way to what is in use ------------------------------------------------------------------------------------

    def ways(self, node: str, of: Of, inside: Inside) -> list[Way]:
        """The concepts of the taxonomy in use that a concept or code leads to, the closest first."""
        best: dict[str, Way] = {}
        seen: dict[str, Way] = {node: Way(node, "exactMatch")}
        waiting = [seen[node]]
        for _ in range(MOST_STEPS):
            reached: list[Way] = []
            for way in waiting:
                there = inside(way.iri)
                for iri, relation in there:
                    _keep(best, _onward(way, iri, relation, "" if iri == way.iri else "match"))
                if not there:
                    reached += self._steps(way, of, inside)
            waiting = []
            for way in reached:
                if way.iri not in seen or way.rank[:2] < seen[way.iri].rank[:2]:
                    seen[way.iri] = way
                    waiting.append(way)
        if not best and of == "occupation":
            for way in seen.values():
                self._place(way, best, inside)
        return sorted(best.values(), key=lambda way: way.rank)

    def _steps(self, way: Way, of: Of, inside: Inside) -> list[Way]:
        """The ways that are one step longer."""
        found: list[Way | None] = []
        for place, row in self._nodes.get((of, way.iri), ()):
            each = self.crosswalks[place]
            found += [_onward(way, match.iri, match.relation, each.about.scheme) for match in each.matches[row]]
        for match in self._matches.get(way.iri, ()):
            found.append(_onward(way, match.iri, match.relation, "match"))
        for successor in self.successors(way.iri):
            found.append(_onward(way, successor.new, "exactMatch", SUCCESSOR, proposed=successor.proposed))
        for node, relation in self._back.get(way.iri, ()):
            if inside(node):  # only to what is in use: else one would come back to ESCO, somewhere else
                found.append(_onward(way, node, relation, "competentnl"))
        return [each for each in found if each is not None]

    def _place(self, way: Way, best: dict[str, Way], inside: Inside) -> None:
        past = self.past(way.iri)
        code = self._code_of.get(way.iri) or (past.isco if past else "") or self._places.get(way.iri, "")
        if code and inside(ISCO_IRI + code):
            # what is narrower than the code is in that group: of the code itself this says less
            relation: Relation = "narrowMatch" if way.relation == "narrowMatch" else "broadMatch"
            _keep(best, Way(ISCO_IRI + code, relation, (*way.via, PLACE), way.proposed))

    # -- tables, made when asked for ----------------------------------------------------------------------------------

    @functools.cached_property
    def _matches(self) -> Mapping[str, Sequence[ConceptMatch]]:
        return self.matches()

    @functools.cached_property
    def _places(self) -> Mapping[str, str]:
        return self.places()

    @functools.cached_property
    def _past(self) -> dict[str, Past]:
        return {past.iri: past for history in self.histories for past in history.concepts}

    @functools.cached_property
    def _successors(self) -> dict[str, tuple[Successor, ...]]:
        found: dict[str, tuple[Successor, ...]] = {}
        for each in (each for history in self.histories for each in history.successors):
            found[each.old] = (*found.get(each.old, ()), each)
        return found

    @functools.cached_property
    def _rows(self) -> dict[tuple[str, str], list[tuple[int, int]]]:
        """(kind of concept, code or alias in capitals) -> (crosswalk, row)."""
        found: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for place, of, row, code, alias in self._every():
            for name in {code.upper(), alias.upper()} - {""}:
                found.setdefault((of, name), []).append((place, row))
        return found

    @functools.cached_property
    def _nodes(self) -> dict[tuple[str, str], list[tuple[int, int]]]:
        found: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for place, of, row, _, _ in self._every():
            found.setdefault((of, self.crosswalks[place].node(row)), []).append((place, row))
        return found

    def _every(self) -> Iterator[tuple[int, str, int, str, str]]:
        for place, each in enumerate(self.crosswalks):
            for row, (code, alias) in enumerate(zip(each.codes, each.aliases, strict=True)):
                yield place, each.about.of, row, code, alias

    @functools.cached_property
    def _back(self) -> dict[str, list[tuple[str, Relation]]]:
        """Concept of ESCO -> the occupations of CompetentNL that a crosswalk says match it."""
        found: dict[str, list[tuple[str, Relation]]] = {}
        for each in self.crosswalks:
            if each.about.scheme == "competentnl":
                for row in range(len(each.codes)):
                    for match in each.matches[row]:
                        found.setdefault(match.iri, []).append((each.node(row), inverse(match.relation)))
        return found

    @functools.cached_property
    def _code_of(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for each in self.crosswalks:
            for iri, code in zip(each.place_iri, each.place_code, strict=True):
                found.setdefault(iri, code)
        return found


def _onward(way: Way, iri: str, relation: Relation, source: str, *, proposed: bool = False) -> Way | None:
    both = composed(way.relation, relation)
    if both is None:
        return None
    via = (*way.via, source) if source else way.via
    return Way(iri, both, via, way.proposed or proposed)


def _keep(best: dict[str, Way], way: Way | None) -> None:
    if way is not None and (way.iri not in best or way.rank < best[way.iri].rank):
        best[way.iri] = way


def nearest(ways: Iterable[Way]) -> list[Way]:
    """The ways that are as close as the closest."""
    ordered = sorted(ways, key=lambda way: way.rank)
    return [way for way in ordered if way.relation == ordered[0].relation]


NOWHERE = Elsewhere()
"""Nothing is known of other concepts than the taxonomy's own and what it says to match."""
