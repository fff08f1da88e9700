"""Which competences of instruments serve a competence that somebody lacks.

Instruments are linked to the competences of the starter. With another taxonomy in use, what means the same there
serves as well as itself (`Taxonomy.equivalents`). Where nothing does, a wider net is cast, for instruments alone: what
is right above or below something that means the same, and what is written alike. Such a competence is like it, no more,
and is said to be so: of one in four that is alike by its words a person would say that it is about something else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from werkpod.apps.instruments.model import Catalogue
from werkpod.vocab.choice import STARTER
from werkpod.vocab.taxonomy import Competence, Taxonomy, starter

ALIKE = 0.5
"""The score of a search from which on two names are taken to be about alike things; read off by hand, see above."""
ALIKE_IN_GROUP = 0.4
"""The same, where both are in one group of the taxonomy."""
BESIDE = 0.6
"""How alike something right above or below is."""
MOST = 3
"""Competences that one is like; more is noise."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A competence (IRI) that instruments develop, and how like the asked one it is: 1 for the same, less for what only
    resembles it."""

    iri: str
    likeness: float = 1.0


class Reach:
    """What in a catalogue serves a competence of a taxonomy. `words` gives the starter, whose names are searched; it is
    asked for when the wider net is first cast."""

    def __init__(self, taxonomy: Taxonomy, catalogue: Catalogue, words: Callable[[], Taxonomy] = starter) -> None:
        self._taxonomy, self._catalogue, self._words = taxonomy, catalogue, words
        self._table = _Table(frozenset(), {}, {}, {})

    def __call__(self, iri: str) -> tuple[Reached, ...]:
        """What serves the competence `iri`: all that is the same, else the most alike."""
        table = self._now()
        same = tuple(map(Reached, table.same.get(iri, ())))
        return same or (self._like(iri, table) if self._taxonomy.id != STARTER else ())

    def _now(self) -> _Table:
        developed = self._catalogue.competences
        if developed != self._table.developed:
            self._table = _table(self._taxonomy, developed)
        return self._table

    def _like(self, iri: str, table: _Table) -> tuple[Reached, ...]:
        competence = self._taxonomy.competence(iri)
        if competence is None:
            return ()
        found: dict[str, float] = {}
        beside = [*table.below.get(iri, ()), *(up.iri for up in self._taxonomy.broader(competence))]
        for other in beside:
            found.update(dict.fromkeys(table.same.get(other, ()), BESIDE))
        for other, score in self._written_alike(competence):
            kin = competence.group is not None and competence.group.iri in table.groups.get(other, ())
            if other in table.developed and score >= (ALIKE_IN_GROUP if kin else ALIKE):
                found[other] = max(found.get(other, 0.0), min(score, 0.9))
        best = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:MOST]
        return tuple(Reached(other, round(likeness, 2)) for other, likeness in best)

    def _written_alike(self, competence: Competence) -> list[tuple[str, float]]:
        return [
            (hit.competence.iri, hit.score)
            for lang in ("nl", "en")
            if competence.label_lang(lang) == lang
            for hit in self._words().search_competences(competence.label(lang), lang=lang, limit=5)
        ]


@dataclass(frozen=True, slots=True)
class _Table:
    """For the competences that are `developed`: `same`: competence of the taxonomy -> those that mean the same;
    `below`: competence of the taxonomy -> those in `same` that it is right above; `groups`: developed -> groups it is
    in."""

    developed: frozenset[str]
    same: dict[str, list[str]]
    below: dict[str, list[str]]
    groups: dict[str, set[str]]


def _table(taxonomy: Taxonomy, developed: frozenset[str]) -> _Table:
    table = _Table(developed, {iri: [iri] for iri in developed}, {}, {})
    for iri in sorted(developed):
        for each in taxonomy.equivalents(iri):
            here = each.competence
            if here.iri != iri:
                table.same.setdefault(here.iri, []).append(iri)
            if here.group is not None:
                table.groups.setdefault(iri, set()).add(here.group.iri)
            for up in taxonomy.broader(here):
                table.below.setdefault(up.iri, []).append(here.iri)
    return table
