"""From what was gathered to the rows of a taxonomy: occupations, competences and their groups, and where each
occupation stands in ISCO-08."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from werkpod.vocab.competentnl import terms
from werkpod.vocab.competentnl.graph import Gathered, Named
from werkpod.vocab.errors import ImportFailed
from werkpod.vocab.hierarchy import GroupRow, find_cycle
from werkpod.vocab.matches import RELATIONS, ConceptMatch
from werkpod.vocab.tables import CompetenceRow, OccupationRow

_MOST_MISSING = 0.05
"""The share of links that may lead to what is not described; where it is more the source is not whole."""
_MOSTLY = 0.9
"""The share of occupations that must have an English title for English to be a language of the taxonomy."""


@dataclass(slots=True)
class Rows:
    """What `rows_of` made, and what it left out."""

    occupations: list[OccupationRow]
    competences: list[CompetenceRow]
    groups: list[GroupRow]
    languages: tuple[str, ...]
    notes: list[str] = field(default_factory=list)


class Places:
    """Where occupations stand in ISCO-08 when the source does not say it: by way of ESCO, or by a title that is a job
    title of a unit group in the starter. `esco`: occupation of ESCO -> code; `titles`: title in small letters -> code.
    """

    def __init__(self, esco: Mapping[str, str], titles: Mapping[str, str]) -> None:
        self._esco, self._titles = esco, titles

    def find(self, row: OccupationRow) -> tuple[str, str]:
        """(code, how it was found); empty strings where it was not."""
        for match in row.matches:  # the closest first
            if code := self._esco.get(match.iri):
                return code, "ESCO"
        for title in row.titles.values():
            if code := self._titles.get(title.casefold()):
                return code, "title"
        return "", ""


def rows_of(gathered: Gathered, units: Iterable[str], places: Places, source: Path) -> Rows:
    """The rows. `units`: the codes of all unit groups. Raises ImportFailed, naming `source`, where there are no
    occupations or competences, or where links lead to what is not there."""
    gathered.join_labels()
    known = set(units)
    found = [iri for iri, kind in gathered.kinds.items() if kind == terms.OCCUPATION]
    if not found:
        raise ImportFailed(source, f"there is no occupation in it (no member of {terms.CNLO}Occupation)")
    named = {iri: _labels(gathered.named.get(iri)) for iri in sorted(found)}
    competences, groups = _competences(gathered, {iri for iri in named if named[iri]})
    languages = _languages(labels for labels in named.values() if labels)
    rows = Rows([], competences, groups, languages)
    place_of = {row.iri: place for place, row in enumerate(competences)}
    lost: Counter[str] = Counter()
    for iri, labels in named.items():
        if labels:
            rows.occupations.append(_occupation(gathered, iri, labels, place_of, lost))
    _tell(rows, gathered, len(named) - len(rows.occupations), lost, source)
    _place(rows, gathered, known, places)
    return rows


def _labels(named: Named | None) -> dict[str, str]:
    return {lang: every[0] for lang, every in named.preferred.items()} if named else {}


def _others(named: Named | None) -> dict[str, list[str]]:
    if named is None:
        return {}
    every = {lang: [*named.preferred.get(lang, ())[1:], *named.others.get(lang, ())] for lang in ("nl", "en")}
    return {lang: names for lang, names in every.items() if names}


def _languages(titled: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    every = list(titled)
    english = sum("en" in labels for labels in every)
    return ("nl", "en") if every and english >= _MOSTLY * len(every) else ("nl",)


def _matches(gathered: Gathered, iri: str) -> list[ConceptMatch]:
    every = ((relation, gathered.esco_of(other)) for relation, other in gathered.matches.get(iri, ()))
    found = [ConceptMatch(relation, other) for relation, other in every if other]
    return sorted(set(found), key=lambda match: (RELATIONS.index(match.relation), match.iri))


def _occupation(
    gathered: Gathered, iri: str, labels: dict[str, str], place_of: Mapping[str, int], lost: Counter[str]
) -> OccupationRow:
    named = gathered.named[iri]
    asked = gathered.asks.get(iri, {})
    lost.update(other for other in asked if other not in place_of)
    links = {place_of[other]: weight for other, weight in asked.items() if other in place_of}
    code = iri.rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1]
    matches = _matches(gathered, iri)
    return OccupationRow(iri, code, "", labels, _others(named), links=links, matches=matches, texts=named.texts)


def _competences(gathered: Gathered, occupations: set[str]) -> tuple[list[CompetenceRow], list[GroupRow]]:
    """What occupations ask and has a label, and the groups that those are in."""
    asked = {iri for one in occupations for iri in gathered.asks.get(one, ())}
    labels = {iri: found for iri, kind in gathered.kinds.items()
              if kind in terms.KINDS and (found := _labels(gathered.named.get(iri)))}  # fmt: skip
    used = sorted(asked & set(labels))
    groups = {name: GroupRow(terms.CNLO + name, dict(titles)) for name, titles in terms.GROUPS.items()}
    above: dict[str, list[str]] = {}
    waiting = list(used)
    while waiting:
        iri = waiting.pop()
        if iri not in above:
            above[iri] = sorted({up for up in gathered.broader.get(iri, ()) if up in labels and up != iri})
            waiting.extend(above[iri])
    while (looped := find_cycle(above)) is not None:
        above[looped] = []
    rows = [
        CompetenceRow(
            iri,
            terms.KINDS[gathered.kinds[iri]],
            labels[iri],
            names=_others(gathered.named[iri]),
            broader=above[iri] or [groups[gathered.kinds[iri]].iri],
            matches=_matches(gathered, iri),
            texts=gathered.named[iri].texts,
        )
        for iri in used
    ]
    narrower = [
        GroupRow(iri, labels[iri], above[iri] or [groups[gathered.kinds[iri]].iri])
        for iri in sorted(set(above) - set(used))
    ]
    tops = {iri for every in ([row.broader for row in rows], [row.broader for row in narrower]) for up in every
            for iri in up}  # fmt: skip
    return rows, [*(group for group in groups.values() if group.iri in tops), *narrower]


def _tell(rows: Rows, gathered: Gathered, untitled: int, lost: Counter[str], source: Path) -> None:
    if not rows.competences:
        raise ImportFailed(
            source, "its occupations ask nothing that has a label: there are no links (requiresHAT...), or what they "
            "lead to is not described",
        )  # fmt: skip
    links = sum(map(len, gathered.asks.values()))
    if sum(lost.values()) > _MOST_MISSING * links:
        first = min(lost)
        raise ImportFailed(
            source, f"{sum(lost.values())} of the {links} links lead to what is not described, {first} for one; is the "
            "source whole?",
        )  # fmt: skip
    if lost:
        rows.notes.append(f"Left out: links to concepts without a class or a label ({sum(lost.values())}).")
    if untitled:
        rows.notes.append(f"Left out: occupations without a Dutch or English label ({untitled}).")


def _place(rows: Rows, gathered: Gathered, units: set[str], places: Places) -> None:
    how: Counter[str] = Counter()
    for row in rows.occupations:
        own = gathered.unit_group(row.iri)
        if own in units:
            row.isco = own or ""
            continue
        row.isco, way = places.find(row)
        how[way] += 1
    told = {
        "ESCO": "Occupations whose ISCO-08 group is known by way of ESCO ({}).",
        "title": "Occupations whose ISCO-08 group is known by their title, which the starter has ({}).",
        "": "Occupations without an ISCO-08 group ({}); with ESCO imported first, mappings to it tell it of most.",
    }
    rows.notes.extend(words.format(how[way]) for way, words in told.items() if how[way])
