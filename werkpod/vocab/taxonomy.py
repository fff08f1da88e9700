"""A taxonomy of occupations and competences: look up, search, rank, compare.

`starter()` is the one that ships with Werkpod, `load_pack(path)` an imported one, `active(data_dir)` the one to use.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Literal

from werkpod.vocab import shipped
from werkpod.vocab.choice import AUTO, choose
from werkpod.vocab.concepts import Competence, CompetenceHit, Gap, Hit, Kind, Link, Match, Occupation
from werkpod.vocab.elsewhere import NOWHERE, Elsewhere
from werkpod.vocab.hierarchy import CompetenceGroup
from werkpod.vocab.isco import ISCO_IRI, IscoTree, UnitGroup
from werkpod.vocab.loading import elsewhere_of
from werkpod.vocab.matches import ConceptMatch
from werkpod.vocab.names import Finder, Found
from werkpod.vocab.pack import read_pack
from werkpod.vocab.resolving import SAME, Equivalent, Resolution, equivalents, resolve
from werkpod.vocab.similarity import Similarity, split
from werkpod.vocab.starter import starter_tables
from werkpod.vocab.tables import ESSENTIAL, KINDS, Tables, link_kind
from werkpod.vocab.text import what_is_said
from werkpod.vocab.why import Why

__all__ = [
    "Competence", "CompetenceHit", "Gap", "Hit", "Kind", "Link", "Match", "Occupation", "Taxonomy", "active",
    "load_pack", "starter",
]  # fmt: skip


_NAMED: tuple[Why, ...] = ("title", "other-name", "mapped-name", "form")
"""Reasons by which a text is the name of what was found."""


class Taxonomy:
    """Occupations, competences and the links between them, over arrays; objects are made when asked for."""

    def __init__(self, tables: Tables, elsewhere: Elsewhere = NOWHERE) -> None:
        self._tables, meta, self.elsewhere = tables, tables.meta, elsewhere
        self.meta = meta
        self.id, self.title, self.version, self.notice = meta.id, meta.title, meta.version, meta.notice
        self.occupation_count, self.competence_count, self.link_count = meta.occupations, meta.competences, meta.links
        self._similarity = Similarity(tables)
        self._competence_row = {iri: row for row, iri in enumerate(tables.competence_iri)}
        self._occupation_row = {iri: row for row, iri in enumerate(tables.occupation_iri)}
        self._group_row = {iri: row for row, iri in enumerate(tables.hierarchy.group_iri)}
        self._code_row: dict[str, int] = {}
        for row, code in enumerate(tables.occupation_code):
            self._code_row.setdefault(code, row)
        self._members: dict[str, list[int]] = {}
        for row, isco in enumerate(tables.occupation_isco):
            if row < self.occupation_count:
                self._members.setdefault(isco, []).append(row)
        titles = {lang: list(every) for lang, every in tables.group_title.items()}
        self.isco = IscoTree(
            {code: {lang: t[row] for lang, t in titles.items() if t[row]} for row, code in enumerate(tables.group_code)}
        )
        self._occupation_at = functools.lru_cache(maxsize=4096)(self._make_occupation)
        self._competence_at = functools.lru_cache(maxsize=16384)(self._make_competence)
        self._group_at = functools.lru_cache(maxsize=1024)(tables.hierarchy.group)
        self._finder = functools.cache(self._make_finder)
        self._resolve = functools.lru_cache(maxsize=1024)(functools.partial(resolve, self))
        self._near = functools.lru_cache(maxsize=4096)(functools.partial(equivalents, self))
        self._matching_occupations = functools.cache(tables.occupation_matches.inverse)
        self._matching_competences = functools.cache(tables.competence_matches.inverse)

    # -- looking up ------------------------------------------------------------------------------------------------

    def occupation(self, iri_or_code: str) -> Occupation | None:
        """The occupation with an IRI, a code of the taxonomy, an ISCO-08 unit group code, or any code that leads to one
        occupation here (`resolve`); else None."""
        return self.own_occupation(iri_or_code) or self.resolve(iri_or_code).best

    def own_occupation(self, iri_or_code: str) -> Occupation | None:
        """The occupation that the taxonomy itself has under an IRI, a code or an ISCO-08 unit group code, or None."""
        row = self._row(iri_or_code)
        return None if row is None else self._occupation_at(row)

    def resolve(self, code: str) -> Resolution:
        """What a code or IRI of any scheme that is known here leads to, and how that is known."""
        return self._resolve(code)

    def equivalents(self, iri: str) -> tuple[Equivalent, ...]:
        """The competences that mean the same as one elsewhere, or nearly, the closest first; itself where it is one of
        these."""
        return tuple(each for each in self.near(iri) if each.relation in SAME)

    def near(self, iri: str) -> tuple[Equivalent, ...]:
        """The competences that one elsewhere leads to, broader and narrower ones too, the closest first."""
        return self._near(iri)

    def competence(self, iri: str) -> Competence | None:
        """The competence with an IRI, or None."""
        row = self._competence_row.get(iri)
        return None if row is None else self._competence_at(row)

    def occupations(self) -> Iterable[Occupation]:
        """Every occupation of the taxonomy, unit groups that only stand for others left out."""
        return (self._occupation_at(row) for row in range(self.occupation_count))

    def links(self, occupation: Occupation) -> tuple[Link, ...]:
        """What an occupation asks: essential competences first, then important and optional ones, within each kind the
        most distinctive first."""
        return tuple(
            Link(self._competence_at(column), link_kind(weight), weight)
            for column, weight in self._required(self._occupation_row[occupation.iri])
        )

    def competences(self) -> Iterable[Competence]:
        """Every competence of the taxonomy."""
        return map(self._competence_at, range(self.competence_count))

    def occupations_with(self, competence: Competence) -> list[Occupation]:
        """The occupations that ask a competence, whatever the kind of link."""
        column = self._competence_row[competence.iri]
        return [self._occupation_at(row) for row in self._similarity.rows_with(column)]

    def asking(self, competence: Competence) -> list[tuple[Occupation, Link]]:
        """The occupations that ask a competence, each with how: those to which it matters most first."""
        column, tables = self._competence_row[competence.iri], self._tables
        found: list[tuple[float, int]] = []
        for row in map(int, self._similarity.rows_with(column)):
            start, end = int(tables.link_start[row]), int(tables.link_start[row + 1])
            place = start + int((tables.link_competence[start:end] == column).argmax())
            found.append((float(tables.link_weight[place]), row))
        found.sort(key=lambda each: (-each[0], each[1]))
        return [(self._occupation_at(row), Link(competence, link_kind(weight), weight)) for weight, row in found]

    def other_names(self, occupation: Occupation, lang: str) -> tuple[str, ...]:
        """What an occupation is called beside its title, in a language; empty where there is nothing in it."""
        names = self._tables.occupation_names.get(lang)
        every = names.of(self._occupation_row[occupation.iri]) if names else ()
        return tuple(name for name in every if name != occupation.labels.get(lang))

    def group(self, isco_code: str) -> UnitGroup | None:
        """The ISCO-08 group with a code of one to four digits, or None; the tree is whole in every taxonomy."""
        return self.isco.group(isco_code)

    # -- order and mappings ----------------------------------------------------------------------------------------

    def broader(self, concept: Competence | CompetenceGroup) -> tuple[Competence | CompetenceGroup, ...]:
        """What is directly broader than a competence or a group of competences; empty at the top."""
        hierarchy, first_group = self._tables.hierarchy, len(self._tables.competence_iri)
        if isinstance(concept, Competence):
            node = self._competence_row[concept.iri]
        else:
            node = first_group + self._group_row[concept.iri]
        return tuple(
            self._competence_at(each) if each < first_group else self._group_at(each - first_group)
            for each in hierarchy.broader[node]
        )

    def competence_groups(self) -> tuple[CompetenceGroup, ...]:
        """Every group that competences come in, in the order of the source."""
        return tuple(map(self._group_at, range(len(self._tables.hierarchy.group_iri))))

    def matches(self, concept: Occupation | Competence) -> tuple[ConceptMatch, ...]:
        """The concepts of other classifications that the source says this one matches, the closest first."""
        if isinstance(concept, Occupation):
            return self._tables.occupation_matches[self._occupation_row[concept.iri]]
        return self._tables.competence_matches[self._competence_row[concept.iri]]

    def occupations_matching(self, iri: str) -> tuple[Occupation, ...]:
        """The occupations that match a concept of another classification, the closest first."""
        return tuple(map(self._occupation_at, self._matching_occupations().get(iri, ())))

    def competences_matching(self, iri: str) -> tuple[Competence, ...]:
        """The competences that match a concept of another classification, the closest first."""
        return tuple(map(self._competence_at, self._matching_competences().get(iri, ())))

    # -- finding by text -------------------------------------------------------------------------------------------

    def search_occupations(self, text: str, *, lang: str = "nl", limit: int = 10) -> list[Hit]:
        """Occupations by what people call them or by code, best first; see `werkpod.vocab.names`. Where the names of
        `lang` find nothing, or another language than the first only what is near, those of the others do: who reads
        English in the Netherlands types Dutch titles too."""
        by_code = self.occupation(text.strip()) if limit > 0 else None
        found = [Hit(by_code, 1.0, by_code.title(lang), "code")] if by_code else []
        for each in self._find("occupation", text, lang, limit):
            occupation = self._occupation_at(each.row)
            if occupation != by_code:
                found.append(Hit(occupation, each.score, each.matched, each.why, each.source))
        return found[:limit]

    def search_competences(self, text: str, *, lang: str = "nl", limit: int = 10) -> list[CompetenceHit]:
        """Competences by free text, a sentence as well as a word, best first; in the other languages where `lang` finds
        nothing."""
        found = self._find("competence", what_is_said(text), lang, limit)
        return [CompetenceHit(self._competence_at(f.row), f.score, f.matched, f.why, f.source) for f in found]

    def _find(self, of: Literal["occupation", "competence"], text: str, lang: str, limit: int) -> list[Found]:
        own = self._finder(of, lang).find(text, limit)
        here = self.meta.languages[0]
        if own and (lang == here or own[0].why != "about"):
            return own
        for each in self.meta.languages:
            found = self._finder(of, each).find(text, limit) if each != lang else []
            if found and (not own or found[0].why in _NAMED):
                return found
        return own

    def prepare(self, data_dir: Path | None = None) -> None:
        """Make what finds concepts, in every language, before somebody looks for one, and keep the starter in
        `data_dir` for the next start; takes up to two seconds."""
        self.elsewhere.prepare()
        for lang in self.meta.languages:
            self._finder("occupation", lang)
            self._finder("competence", lang)
        if data_dir is not None and self.id == "starter" and not shipped.is_kept(data_dir):
            shipped.keep(data_dir, self._tables)

    def _make_finder(self, of: Literal["occupation", "competence"], lang: str) -> Finder:
        names = self._tables.occupation_names if of == "occupation" else self._tables.competence_names
        spoken = lang if lang in names else next(iter(names))
        return Finder(names[spoken], self._tables.lexicon[spoken])

    # -- comparing -------------------------------------------------------------------------------------------------

    def rank(self, weights: Mapping[str, float], *, exclude: Collection[str] = (), limit: int = 10) -> list[Match]:
        """The occupations closest to a person's competences, best first; see `werkpod.vocab.similarity`.

        `weights`: competence IRI -> weight, 1 and more for a competence that the person has; IRIs that the taxonomy
        does not have are skipped. `exclude`: occupation IRIs to leave out, a unit group with all that is in it.
        `have` and `missing` split what an occupation asks (essential) by the weights of at least 1.
        """
        columns = {self._competence_row[iri]: w for iri, w in weights.items() if w > 0 and iri in self._competence_row}
        owned = {column for column, weight in columns.items() if weight >= ESSENTIAL}
        rows = {row for iri in exclude for row in self._done(iri)}
        return [
            Match(self._occupation_at(ranked.row), ranked.score, *self._split(ranked.row, owned))
            for ranked in self._similarity.rank(columns, exclude=rows, limit=limit)
        ]

    def gap(self, occupation: Occupation, competence_iris: Collection[str]) -> Gap:
        """What an occupation asks, against what a person has (IRIs; unknown ones are skipped)."""
        owned = {self._competence_row[iri] for iri in competence_iris if iri in self._competence_row}
        row = self._occupation_row[occupation.iri]
        useful = tuple(self._competence_at(c) for c, w in self._required(row) if w < ESSENTIAL and c in owned)
        return Gap(*self._split(row, owned), useful)

    def distinctiveness(self, competence: Competence) -> float:
        """How much a competence sets occupations apart: its IDF, 0 when every occupation asks it."""
        return float(self._similarity.idf[self._competence_row[competence.iri]])

    # -- rows ------------------------------------------------------------------------------------------------------

    def _row(self, iri_or_code: str) -> int | None:
        if (row := self._occupation_row.get(iri_or_code)) is not None:
            return row
        return self._code_row.get(iri_or_code.removeprefix(ISCO_IRI))

    def _done(self, iri: str) -> Iterable[int]:
        row = self._occupation_row.get(iri)
        if row is None or row < self.occupation_count:
            return () if row is None else (row,)
        return self._members.get(self._tables.occupation_isco[row], ())

    def _required(self, row: int) -> list[tuple[int, float]]:
        span = slice(self._tables.link_start[row], self._tables.link_start[row + 1])
        links = zip(self._tables.link_competence[span].tolist(), self._tables.link_weight[span].tolist(), strict=True)
        idf = self._similarity.idf
        return sorted(links, key=lambda link: (-link[1], -idf[link[0]], link[0]))

    def _split(self, row: int, owned: Collection[int]) -> tuple[tuple[Competence, ...], tuple[Competence, ...]]:
        have, missing = split([c for c, weight in self._required(row) if weight >= ESSENTIAL], owned)
        return tuple(map(self._competence_at, have)), tuple(map(self._competence_at, missing))

    def _make_occupation(self, row: int) -> Occupation:
        tables = self._tables
        labels = {lang: title for lang, every in tables.occupation_title.items() if (title := every[row])}
        isco = tables.occupation_isco[row]
        return Occupation(
            tables.occupation_iri[row], tables.occupation_code[row], isco, labels, row >= self.occupation_count
        )

    def _make_competence(self, row: int) -> Competence:
        tables = self._tables
        labels = {lang: label for lang, every in tables.competence_label.items() if (label := every[row])}
        kind: Kind = KINDS[tables.competence_kind[row]]  # type: ignore[assignment]
        group = int(tables.hierarchy.nearest[row])
        return Competence(
            tables.competence_iri[row],
            labels,
            kind,
            None if group < 0 else self._group_at(group),
            tables.competence_plain[row],
            tables.hierarchy.collections_of(row),
        )


@functools.cache
def starter() -> Taxonomy:
    """The taxonomy that ships with Werkpod; read once."""
    return Taxonomy(starter_tables())


def load_pack(path: Path) -> Taxonomy:
    """An imported taxonomy. Raises PackDamaged."""
    return Taxonomy(read_pack(path))


def active(data_dir: Path, setting: str = AUTO) -> Taxonomy:
    """The taxonomy to use (`werkpod.vocab.choice.choose`), with what is known of concepts elsewhere. Raises PackMissing
    and PackDamaged."""
    choice = choose(data_dir, setting)
    elsewhere = elsewhere_of(data_dir, choice.id)
    return Taxonomy(read_pack(choice.path) if choice.path else shipped.shipped_tables(data_dir), elsewhere)
