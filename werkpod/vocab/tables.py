"""A taxonomy as arrays: what a pack holds, and what a reader of CSV files builds."""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from werkpod.vocab.hierarchy import GroupRow, Hierarchy, build_hierarchy
from werkpod.vocab.matches import ConceptMatch, Matches
from werkpod.vocab.names import ExtraName, Lexicon, Named, Names, add_extras, build_every
from werkpod.vocab.strings import Strings

KINDS = ("skill", "knowledge", "attitude")
"""What a competence can be; a competence's row in `Tables.kind` is its place here."""
LinkKind = Literal["essential", "important", "optional"]
"""How much an occupation asks a competence. CompetentNL tells all three apart, ESCO and the starter the outer two."""
ESSENTIAL, IMPORTANT, OPTIONAL = 1.0, 0.75, 0.5
"""Weights of the kinds of link. 1 and 0.5 were measured to rank better than essential links alone; 0.75 lies between
them, as "important" does."""
LANGUAGES = ("nl", "en")
TEXT_COUNTS, LINK_COUNTS, GROUP_COUNTS, OTHER_LANGUAGE_COUNTS, ASKED_BY_COUNTS = 1.0, 0.5, 1.0, 0.5, 0.4
"""What the words of what is said of a concept, of what it asks, of its unit group's names, of its names in other
languages and of what occupations that ask it are called count for what it is about."""


Value = TypeVar("Value")


class Meta(msgspec.Struct, frozen=True):
    """What a taxonomy says of itself. `links` counts the relations of its source, repeated ones included; `labelled`
    the competences that have a label in each language; `groups` the groups that they come in, `collections` the
    competences in each collection that the source told of. `notes`: what an import found absent, and left out."""

    id: str
    title: str
    version: str
    notice: str
    source: str
    languages: tuple[str, ...]
    occupations: int
    competences: int
    links: int
    created: str
    labelled: dict[str, int]
    groups: int = 0
    collections: dict[str, int] = {}
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tables:
    """The arrays. Rows of occupations: the first `meta.occupations` are the taxonomy's own; unit groups that stand
    for the occupations in them may follow. Links of row i: `link_competence[link_start[i]:link_start[i + 1]]`,
    the heaviest first; `link_weight` is `ESSENTIAL`, `IMPORTANT` or `OPTIONAL`."""

    meta: Meta
    occupation_iri: Strings
    occupation_code: Strings
    occupation_isco: Strings
    occupation_title: Mapping[str, Strings]
    competence_iri: Strings
    competence_label: Mapping[str, Strings]
    competence_plain: Strings
    competence_kind: NDArray[np.uint8]
    link_start: NDArray[np.int64]
    link_competence: NDArray[np.int32]
    link_weight: NDArray[np.float32]
    group_code: Strings
    group_title: Mapping[str, Strings]
    hierarchy: Hierarchy
    occupation_matches: Matches
    competence_matches: Matches
    occupation_names: Mapping[str, Names]
    competence_names: Mapping[str, Names]
    lexicon: Mapping[str, Lexicon]


@dataclass(slots=True)
class OccupationRow:
    """An occupation on its way into `Tables`. `scale`: what its search scores are multiplied by; `texts`: what is said
    of it, by language, that helps to find it."""

    iri: str
    code: str
    isco: str
    titles: dict[str, str]
    names: dict[str, list[str]] = field(default_factory=dict)
    scale: float = 1.0
    links: dict[int, float] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    matches: list[ConceptMatch] = field(default_factory=list)


@dataclass(slots=True)
class CompetenceRow:
    """A competence on its way into `Tables`. `broader`: IRIs of groups and competences; `collections`: names of
    `werkpod.vocab.hierarchy.COLLECTIONS`; `texts` as of an occupation."""

    iri: str
    kind: str
    labels: dict[str, str]
    plain: str = ""
    names: dict[str, list[str]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    broader: list[str] = field(default_factory=list)
    collections: list[str] = field(default_factory=list)
    matches: list[ConceptMatch] = field(default_factory=list)


def build_tables(
    meta: Meta,
    occupations: Sequence[OccupationRow],
    competences: Sequence[CompetenceRow],
    groups: Sequence[tuple[str, Mapping[str, str]]],
    *,
    competence_groups: Sequence[GroupRow] = (),
    tick: Callable[[int], None] | None = None,
    lazy: bool = False,
) -> Tables:
    """The arrays of these rows, with the search indexes built; `lazy`: those of a language when something is looked for
    in it. `groups`: of ISCO-08, code and titles, in whatever languages they have. `tick(labels done)` is called while
    indexing."""
    ordered = [sorted(row.links.items(), key=lambda link: (-link[1], link[0])) for row in occupations]
    starts = np.zeros(len(occupations) + 1, dtype=np.int64)
    np.cumsum([len(links) for links in ordered], out=starts[1:])

    @functools.cache
    def found(lang: str) -> tuple[Lexicon, Names, Names]:
        return build_every(
            named_occupations(lang, occupations, competences),
            named_competences(lang, competences, occupations[: meta.occupations]),
            tick=tick,
        )

    if not lazy:
        deque(map(found, meta.languages), maxlen=0)
    return Tables(
        meta=meta,
        occupation_iri=Strings.of(row.iri for row in occupations),
        occupation_code=Strings.of(row.code for row in occupations),
        occupation_isco=Strings.of(row.isco for row in occupations),
        occupation_title=_by_language(meta.languages, [row.titles for row in occupations]),
        competence_iri=Strings.of(row.iri for row in competences),
        competence_label=_by_language(meta.languages, [row.labels for row in competences]),
        competence_plain=Strings.of(row.plain for row in competences),
        competence_kind=np.array([KINDS.index(row.kind) for row in competences], dtype=np.uint8),
        link_start=starts,
        link_competence=np.array([c for links in ordered for c, _ in links], dtype=np.int32),
        link_weight=np.array([w for links in ordered for _, w in links], dtype=np.float32),
        group_code=Strings.of(code for code, _ in groups),
        group_title=_by_language(
            list(dict.fromkeys(lang for _, titles in groups for lang in titles)), [titles for _, titles in groups]
        ),
        hierarchy=build_hierarchy(
            [row.iri for row in competences],
            [row.broader for row in competences],
            [row.collections for row in competences],
            competence_groups,
        ),
        occupation_matches=Matches.of([row.matches for row in occupations]),
        competence_matches=Matches.of([row.matches for row in competences]),
        occupation_names=ByLanguage(meta.languages, lambda lang: found(lang)[1]),
        competence_names=ByLanguage(meta.languages, lambda lang: found(lang)[2]),
        lexicon=ByLanguage(meta.languages, lambda lang: found(lang)[0]),
    )


class ByLanguage(Mapping[str, Value]):
    """A mapping by language whose values are made when they are asked for."""

    def __init__(self, languages: Sequence[str], make: Callable[[str], Value]) -> None:
        self._languages, self._make = languages, make

    def __getitem__(self, lang: str) -> Value:
        if lang not in self._languages:
            raise KeyError(lang)
        return self._make(lang)

    def __iter__(self) -> Iterator[str]:
        return iter(self._languages)

    def __len__(self) -> int:
        return len(self._languages)


def link_kind(weight: float) -> LinkKind:
    """The kind of link that a weight stands for."""
    if weight >= ESSENTIAL:
        return "essential"
    return "important" if weight >= IMPORTANT else "optional"


def with_names(tables: Tables, names: Iterable[ExtraName], *, sources: Collection[str] = ()) -> Tables:
    """These tables, found by names from elsewhere too. Names of the same sources that were there, and of `sources`, are
    replaced, so that the same crosswalk can be read again; a name of a concept or in a language that the tables do not
    have is left out."""
    names = list(names)
    occupations = {iri: row for row, iri in enumerate(tables.occupation_iri)}
    competences = {iri: row for row, iri in enumerate(tables.competence_iri)}
    return replace(
        tables,
        occupation_names=add_extras(tables.occupation_names, tables.lexicon, occupations, names, sources),
        competence_names=add_extras(tables.competence_names, tables.lexicon, competences, names, sources),
    )


def named_occupations(
    lang: str, occupations: Sequence[OccupationRow], competences: Sequence[CompetenceRow]
) -> list[Named]:
    """Occupations as what finds them in a language: an occupation is about its names, what is said of it, what it asks
    before all, and the names of its unit group and its own in other languages."""
    groups = {row.isco: row for row in occupations if row.code == row.isco}
    return [
        Named(
            row.titles.get(lang, ""),
            row.names.get(lang, ()),
            [
                (row.texts.get(lang, ""), TEXT_COUNTS),
                *((competences[at].labels.get(lang, ""), LINK_COUNTS) for at, w in row.links.items() if w >= ESSENTIAL),
                *((name, GROUP_COUNTS) for name in _group_names(groups.get(row.isco), row, lang)),
                *((name, OTHER_LANGUAGE_COUNTS) for name in _elsewhere(row.titles, row.names, lang)),
            ],
            row.isco,
            row.scale,
        )
        for row in occupations
    ]


def named_competences(
    lang: str, competences: Sequence[CompetenceRow], occupations: Sequence[OccupationRow]
) -> list[Named]:
    """Competences as what finds them in a language: who says "ouderen" means what is done in work with older people,
    so a competence is also about the occupations that ask it before all."""
    asking: list[list[str]] = [[] for _ in competences]
    for row in occupations:
        # a unit group has a name that covers much; what people call the work in it says more
        called = [row.titles.get(lang, ""), *(row.names.get(lang, ()) if row.code == row.isco else ())]
        for at, weight in row.links.items():
            if weight >= ESSENTIAL:
                asking[at] += called
    return [
        Named(
            row.labels.get(lang, ""),
            [*row.names.get(lang, ()), *([row.plain] if lang == "nl" and row.plain else [])],
            [
                (row.texts.get(lang, ""), TEXT_COUNTS),
                *((name, OTHER_LANGUAGE_COUNTS) for name in _elsewhere(row.labels, row.names, lang)),
                *((name, ASKED_BY_COUNTS) for name in asked_by),
            ],
        )
        for row, asked_by in zip(competences, asking, strict=True)
    ]


def _elsewhere(labels: Mapping[str, str], names: Mapping[str, Sequence[str]], lang: str) -> list[str]:
    return [name for other in labels if other != lang for name in (labels[other], *names.get(other, ()))]


def _group_names(group: OccupationRow | None, row: OccupationRow, lang: str) -> list[str]:
    return [] if group is None or group is row else [group.titles.get(lang, ""), *group.names.get(lang, ())]


def _by_language(languages: Sequence[str], rows: Sequence[Mapping[str, str]]) -> dict[str, Strings]:
    return {lang: Strings.of(row.get(lang, "") for row in rows) for lang in languages}
