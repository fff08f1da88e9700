"""Which competences of instruments serve a competence that somebody lacks.

Instruments are linked to the competences of the starter. With another taxonomy in use, what means the same there
serves as well as itself (`Taxonomy.equivalents`). Where nothing does, a wider net is cast, for instruments alone: what
is right above or below something that means the same, and what is written alike. Such a competence is like it, no more,
and is said to be so: of one in five that is alike by its words a person would say that it is about something else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from werkpod.apps.instruments.model import Catalogue
from werkpod.vocab.choice import STARTER
from werkpod.vocab.compounds import learn
from werkpod.vocab.features import word_bag
from werkpod.vocab.names import Extras, build_extras
from werkpod.vocab.starter import starter_labels
from werkpod.vocab.tables import LANGUAGES
from werkpod.vocab.taxonomy import Competence, Taxonomy
from werkpod.vocab.text import normalise
from werkpod.vocab.wordclasses import Analysis

ALIKE = 0.55
"""How alike two names must be written (`werkpod.vocab.search`) to be about alike things; read off by hand."""
ALIKE_IN_GROUP = 0.45
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


Labels = Mapping[str, Mapping[str, str]]
"""IRI -> label by language."""


class Reach:
    """What in a catalogue serves a competence of a taxonomy. `names`: what competences of instruments are called."""

    def __init__(self, taxonomy: Taxonomy, catalogue: Catalogue, names: Callable[[], Labels] = starter_labels) -> None:
        self._taxonomy, self._catalogue, self._names = taxonomy, catalogue, names
        self._table = _Table(frozenset(), {}, {}, {}, {})

    def __call__(self, iri: str) -> tuple[Reached, ...]:
        """What serves the competence `iri`: all that is the same, else the most alike."""
        table = self._now()
        same = tuple(map(Reached, table.same.get(iri, ())))
        return same or (self._like(iri, table) if self._taxonomy.id != STARTER else ())

    def _now(self) -> _Table:
        developed = self._catalogue.competences
        if developed != self._table.developed:
            self._table = _table(self._taxonomy, developed, self._names())
        return self._table

    def _like(self, iri: str, table: _Table) -> tuple[Reached, ...]:
        competence = self._taxonomy.competence(iri)
        if competence is None:
            return ()
        found: dict[str, float] = {}
        beside = [*table.below.get(iri, ()), *(up.iri for up in self._taxonomy.broader(competence))]
        for other in beside:
            found.update(dict.fromkeys(table.same.get(other, ()), BESIDE))
        for other, score in _written_alike(competence, table):
            kin = competence.group is not None and competence.group.iri in table.groups.get(other, ())
            if score >= (ALIKE_IN_GROUP if kin else ALIKE):
                found[other] = max(found.get(other, 0.0), min(score, 0.9))
        best = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:MOST]
        return tuple(Reached(other, round(likeness, 2)) for other, likeness in best)


@dataclass(frozen=True, slots=True)
class _Words:
    """The labels of competences in one language: `iris` by row of `extras`."""

    iris: tuple[str, ...]
    extras: Extras
    analysis: Analysis

    def alike(self, label: str) -> Iterator[tuple[str, float]]:
        """The competences whose label is written like this one, and how much."""
        text = normalise(label)
        scores = self.extras.index.scores(text, word_bag(text, self.analysis))
        for place in (scores >= ALIKE_IN_GROUP).nonzero()[0]:
            yield self.iris[int(self.extras.index.owners[place])], float(scores[place])


def _words(developed: Iterable[str], names: Labels, lang: str) -> _Words:
    iris = tuple(iri for iri in sorted(developed) if names.get(iri, {}).get(lang))
    analysis = Analysis(learn(normalise(labels[lang]) for labels in names.values() if labels.get(lang)))
    return _Words(iris, build_extras([(row, names[iri][lang], "") for row, iri in enumerate(iris)], analysis), analysis)


def _written_alike(competence: Competence, table: _Table) -> Iterator[tuple[str, float]]:
    for lang, words in table.words.items():
        if words.iris and competence.label_lang(lang) == lang:
            yield from words.alike(competence.label(lang))


@dataclass(frozen=True, slots=True)
class _Table:
    """For the competences that are `developed`: `same`: competence of the taxonomy -> those that mean the same;
    `below`: competence of the taxonomy -> those in `same` that it is right above; `groups`: developed -> groups it is
    in; `words`: what they are called, by language."""

    developed: frozenset[str]
    same: dict[str, list[str]]
    below: dict[str, list[str]]
    groups: dict[str, set[str]]
    words: dict[str, _Words]


def _table(taxonomy: Taxonomy, developed: frozenset[str], names: Labels) -> _Table:
    table = _Table(developed, {iri: [iri] for iri in developed}, {}, {}, {})
    if taxonomy.id != STARTER:
        table.words.update({lang: _words(developed, names, lang) for lang in LANGUAGES})
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
