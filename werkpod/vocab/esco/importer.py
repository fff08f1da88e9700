"""From an ESCO download to a pack: all or nothing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path

from werkpod.vocab.errors import ImportFailed
from werkpod.vocab.esco.order import read_order
from werkpod.vocab.esco.source import Concept, Source
from werkpod.vocab.lifting import lifted
from werkpod.vocab.placing import put_in_place
from werkpod.vocab.progress import NoProgress, Progress
from werkpod.vocab.starter import isco_titles, starter_close_matches, starter_links
from werkpod.vocab.status import Status, status_of
from werkpod.vocab.tables import ESSENTIAL, OPTIONAL, CompetenceRow, Meta, OccupationRow, build_tables

NOTICE = "This service uses the ESCO classification of the European Commission."
"""The sentence that the European Commission asks every service to show."""
_WEIGHT = {"essential": ESSENTIAL, "optional": OPTIONAL}
_VERSION_OF_COUNTS = {(2942, 13485): "1.0", (3008, 13890): "1.1.0", (3008, 13896): "1.1.1", (3039, 13939): "1.2.0"}
"""Occupations and skills of the published versions; the files do not name their version."""


def import_esco(
    source: Path,
    target: Path,
    *,
    progress: Progress | None = None,
    version: str | None = None,
    languages: Sequence[str] = (),
    replaced: Path | None = None,
) -> Status:
    """Read the ESCO CSV files in the folder `source` and write a pack in the place of `target`; `replaced` as in
    `werkpod.vocab.placing`.

    `languages` (default: those of the `occupations_{lang}.csv` files) are read; a label that one of them lacks is shown
    in another, and marked. Files with groups, hierarchy or collections that are absent are told in the notes of the
    status. `version` is told by the folder's name ("v1.2.0") or by the counts when it is not given. Raises
    ImportFailed, naming file, line and column; `target` is then as it was.
    """
    progress = progress or NoProgress()
    reader = _Reader(Source(Path(source), progress, languages))
    competences = reader.competences()
    order = read_order(reader.source, reader.base, competences)
    occupations = reader.occupations()
    links = reader.link(occupations, competences)
    groups = reader.groups
    meta = Meta(
        id="esco",
        title="ESCO",
        version=version or _version(Path(source), len(occupations), len(competences)),
        notice=NOTICE,
        source=str(Path(source).resolve().name),
        languages=reader.source.languages,
        occupations=len(occupations),
        competences=len(competences),
        links=links,
        created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        labelled={lang: sum(lang in row.labels for row in competences) for lang in reader.source.languages},
        groups=len(order.groups),
        collections=order.collections,
        notes=order.notes,
    )
    rows = [*occupations, *lifted(occupations, groups, meta.languages, without=_by_the_starter(competences))]
    names = sum(len(row.titles) + sum(map(len, row.names.values())) for row in (*rows,))
    progress.stage("search index", names)
    tables = build_tables(
        meta, rows, competences, sorted(groups.items()), competence_groups=order.groups, tick=progress.at
    )
    progress.stage("writing", 1)
    meta = put_in_place(tables, Path(target), replaced=replaced)
    progress.finish()
    return status_of(meta, Path(target))


def _by_the_starter(competences: Sequence[CompetenceRow]) -> dict[str, dict[int, float]]:
    """What the starter says that unit groups ask, in the skills of ESCO that mean nearly the same."""
    places, near = {row.iri: at for at, row in enumerate(competences)}, starter_close_matches()
    return {
        code: {places[near[iri]]: weight for iri, weight in asked.items() if near.get(iri) in places}
        for code, asked in starter_links().items()
    }


class _Reader:
    """Reads every language of the files into rows; the first language with English in it, or the first, is whole."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.base = "en" if "en" in source.languages else source.languages[0]
        self.others = [lang for lang in source.languages if lang != self.base]
        self.groups = self._groups()

    def _groups(self) -> dict[str, dict[str, str]]:
        standard = isco_titles()
        groups: dict[str, dict[str, str]] = {code: {} for code in standard}
        for lang in self.source.languages:
            row, seen = None, set()
            for row, code, title in self.source.groups(lang):
                if code not in groups:
                    raise row.fail(f"{code!r} is not a group of ISCO-08", "code")
                groups[code][lang] = title
                seen.add(code)
            if missing := sorted(set(groups) - seen):
                file = self.source.folder / f"ISCOGroups_{lang}.csv"
                problem = (
                    f"{len(missing)} of the 619 groups are missing, the first is {missing[0]}; the file seems cut short"
                )
                raise ImportFailed(file, problem, line=row.line if row else 1, column="code")
        return groups

    def occupations(self) -> list[OccupationRow]:
        rows: dict[str, OccupationRow] = {}
        for concept in self._unique(self.source.occupations(self.base)):
            if concept.group not in self.groups:
                raise concept.row.fail(f"{concept.group!r} is not a unit group of ISCO-08", "iscoGroup")
            rows[concept.iri] = OccupationRow(concept.iri, concept.code, concept.group, {}, {})
            _name(rows[concept.iri], self.base, concept)
        for lang in self.others:
            for concept in self._unique(self.source.occupations(lang)):
                found = rows.get(concept.iri)
                if found is None:
                    raise concept.row.fail(f"occupations_{self.base}.csv does not have this occupation", "conceptUri")
                _name(found, lang, concept)
        return list(rows.values())

    def competences(self) -> list[CompetenceRow]:
        rows: dict[str, CompetenceRow] = {}
        for concept in self._unique(self.source.skills(self.base)):
            rows[concept.iri] = CompetenceRow(concept.iri, concept.group, {})
            _name(rows[concept.iri], self.base, concept)
        for lang in self.others:
            for concept in self._unique(self.source.skills(lang)):
                found = rows.get(concept.iri)
                if found is None:
                    raise concept.row.fail(f"skills_{self.base}.csv does not have this skill", "conceptUri")
                _name(found, lang, concept)
        return list(rows.values())

    def link(self, occupations: list[OccupationRow], competences: list[CompetenceRow]) -> int:
        """Fill in the links; the number of relations read. Where a pair is both, essential wins."""
        asks = {row.iri: row.links for row in occupations}
        places = {row.iri: place for place, row in enumerate(competences)}
        count = 0
        for row, occupation, relation, skill in self.source.relations():
            if occupation not in asks:
                problem = f"{occupation} is not in occupations_{self.base}.csv; is that file whole?"
                raise row.fail(problem, "occupationUri")
            if skill not in places:
                raise row.fail(f"{skill} is not in skills_{self.base}.csv; is that file whole?", "skillUri")
            links, place = asks[occupation], places[skill]
            links[place] = max(links.get(place, 0), _WEIGHT[relation])
            count += 1
        return count

    @staticmethod
    def _unique(concepts: object) -> list[Concept]:
        found: dict[str, Concept] = {}
        for concept in concepts:  # type: ignore[attr-defined]
            if concept.iri in found:
                raise concept.row.fail(f"{concept.iri} was on line {found[concept.iri].row.line} already", "conceptUri")
            found[concept.iri] = concept
        return list(found.values())


def _name(row: OccupationRow | CompetenceRow, lang: str, concept: Concept) -> None:
    labels = row.titles if isinstance(row, OccupationRow) else row.labels
    labels[lang] = concept.label
    if concept.names:
        row.names[lang] = list(concept.names)
    if concept.text:
        row.texts[lang] = concept.text


def _version(source: Path, occupations: int, skills: int) -> str:
    told = re.search(r"v?(\d+\.\d+(?:\.\d+)?)", source.resolve().name)
    return told[1] if told else _VERSION_OF_COUNTS.get((occupations, skills), "unknown")
