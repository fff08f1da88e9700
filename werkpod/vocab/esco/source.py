"""The files of an ESCO download and the rows in them, checked one by one.

    occupations_{lang}.csv                conceptType conceptUri iscoGroup preferredLabel altLabels hiddenLabels
                                          description code
    skills_{lang}.csv                     conceptType conceptUri skillType preferredLabel altLabels hiddenLabels
                                          description
    ISCOGroups_{lang}.csv                 conceptUri code preferredLabel
    occupationSkillRelations_{lang}.csv   occupationUri relationType skillUri

Other columns are not read. altLabels and hiddenLabels hold one name a line; they and description may be absent. The
files that bring order in the skills (`werkpod.vocab.esco.order`) are read here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from werkpod.vocab.csvfile import CsvFile, Row
from werkpod.vocab.errors import ImportFailed
from werkpod.vocab.isco import ISCO_IRI
from werkpod.vocab.progress import Progress
from werkpod.vocab.tables import LANGUAGES

BASE = "http://data.europa.eu/esco/"
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
OCCUPATION_IRI = re.compile(f"{BASE}occupation/{_UUID}")
SKILL_IRI = re.compile(f"{BASE}skill/{_UUID}")
_OCCUPATION_COLUMNS = ("conceptType", "conceptUri", "iscoGroup", "preferredLabel", "code")
_SKILL_COLUMNS = ("conceptType", "conceptUri", "skillType", "preferredLabel")
_OTHER_NAMES = ("altLabels", "hiddenLabels")
_OPTIONAL = (*_OTHER_NAMES, "description")
_KINDS = {"skill/competence": "skill", "knowledge": "knowledge", "": "skill"}
_SEPARATOR = re.compile(r"[\r\n]+| \| ")
_RELATIONS = ("essential", "optional")
ISCED_F = BASE + "isced-f/"
"""What the IRI of a field of education starts with: ESCO orders knowledge by them (ISCED-F 2013)."""
_GROUP_IRI = re.compile(f"{BASE}(skill/{_UUID}|isced-f/[0-9]{{2,4}})")
BROADER = "broaderRelationsSkillPillar"
_PILLAR = ("KnowledgeSkillCompetence", "SkillGroup")
_LEVELS = tuple((f"Level {level} URI", f"Level {level} preferred term") for level in range(4))


@dataclass(frozen=True, slots=True)
class Concept:
    """An occupation or a skill in one language. `group` is its ISCO code or its kind."""

    row: Row
    iri: str
    code: str
    group: str
    label: str
    names: tuple[str, ...]
    text: str


class Source:
    """A folder with the files. `wanted`: the languages to read; empty: all that are there. Raises ImportFailed when the
    folder, all of its occupation files or those in a wanted language are missing."""

    def __init__(self, folder: Path, progress: Progress, wanted: Sequence[str] = ()) -> None:
        self.folder, self._progress = folder, progress
        if not folder.is_dir():
            raise ImportFailed(folder, "there is no such folder; give the one with the unpacked ESCO CSV files")
        found = {path.stem.removeprefix("occupations_") for path in folder.glob("occupations_*.csv")}
        if not found:
            example = folder / "occupations_nl.csv"
            raise ImportFailed(example, "there is no such file; is this the CSV form of the ESCO download?")
        if missing := sorted(set(wanted) - found):
            problem = f"there is no such file; the languages in this folder are: {', '.join(sorted(found))}"
            raise ImportFailed(folder / f"occupations_{missing[0]}.csv", problem)
        found = set(wanted) or found
        first = [lang for lang in LANGUAGES if lang in found]
        self.languages = (*first, *sorted(found - set(first)))

    def occupations(self, lang: str) -> Iterator[Concept]:
        """The occupations in a language."""
        for row in self._rows(f"occupations_{lang}.csv", _OCCUPATION_COLUMNS, _OPTIONAL):
            _expect(row, "conceptType", row["conceptType"] == "Occupation", "Occupation")
            _expect(row, "conceptUri", OCCUPATION_IRI.fullmatch(row["conceptUri"]), f"{BASE}occupation/ and a UUID")
            _expect(row, "iscoGroup", re.fullmatch("[0-9]{4}", row["iscoGroup"]), "four digits, as 5321")
            _expect(row, "preferredLabel", row["preferredLabel"].strip(), "a title")
            _expect(row, "code", row["code"].startswith(row["iscoGroup"]), "a code that starts with the ISCO group")
            yield _concept(row, row["code"], row["iscoGroup"])

    def skills(self, lang: str) -> Iterator[Concept]:
        """The skills and knowledge in a language."""
        for row in self._rows(f"skills_{lang}.csv", _SKILL_COLUMNS, _OPTIONAL):
            expected = "KnowledgeSkillCompetence"
            _expect(row, "conceptType", row["conceptType"] == expected, expected)
            _expect(row, "conceptUri", SKILL_IRI.fullmatch(row["conceptUri"]), f"{BASE}skill/ and a UUID")
            _expect(row, "skillType", row["skillType"] in _KINDS, "knowledge or skill/competence")
            _expect(row, "preferredLabel", row["preferredLabel"].strip(), "a label")
            yield _concept(row, "", _KINDS[row["skillType"]])

    def groups(self, lang: str) -> Iterator[tuple[Row, str, str]]:
        """The ISCO-08 groups in a language: row, code, title."""
        for row in self._rows(f"ISCOGroups_{lang}.csv", ("conceptUri", "code", "preferredLabel")):
            _expect(row, "code", re.fullmatch("[0-9]{1,4}", row["code"]), "one to four digits")
            _expect(row, "conceptUri", row["conceptUri"] == ISCO_IRI + row["code"], ISCO_IRI + row["code"])
            yield row, row["code"], row["preferredLabel"]

    def relations(self) -> Iterator[tuple[Row, str, str, str]]:
        """Which occupation asks which skill: row, occupation IRI, relation, skill IRI."""
        name = self._any("occupationSkillRelations") or "occupationSkillRelations_en.csv"
        for row in self._rows(name, ("occupationUri", "relationType", "skillUri")):
            occupation, skill = row["occupationUri"], row["skillUri"]
            _expect(row, "occupationUri", OCCUPATION_IRI.fullmatch(occupation), f"{BASE}occupation/ and a UUID")
            _expect(row, "relationType", row["relationType"] in _RELATIONS, " or ".join(_RELATIONS))
            _expect(row, "skillUri", SKILL_IRI.fullmatch(skill), f"{BASE}skill/ and a UUID")
            yield row, occupation, row["relationType"], skill

    def skill_groups(self, lang: str) -> Iterator[tuple[Row, str, str]] | None:
        """The groups of skills in a language: row, IRI, label; None without the file."""
        name = f"skillGroups_{lang}.csv"
        return self._skill_groups(name) if (self.folder / name).exists() else None

    def _skill_groups(self, name: str) -> Iterator[tuple[Row, str, str]]:
        for row in self._rows(name, ("conceptType", "conceptUri", "preferredLabel")):
            _expect(row, "conceptType", row["conceptType"] == "SkillGroup", "SkillGroup")
            expected = f"{BASE}skill/ and a UUID, or {ISCED_F} and a number"
            _expect(row, "conceptUri", _GROUP_IRI.fullmatch(row["conceptUri"]), expected)
            _expect(row, "preferredLabel", row["preferredLabel"].strip(), "a label")
            yield row, row["conceptUri"], row["preferredLabel"].strip()

    def broader(self) -> Iterator[tuple[Row, str, str]] | None:
        """What is directly broader than a skill or a group: row, IRI, broader IRI; None without the file."""
        name = self._any(BROADER)
        return self._broader(name) if name else None

    def _broader(self, name: str) -> Iterator[tuple[Row, str, str]]:
        for row in self._rows(name, ("conceptType", "conceptUri", "broaderType", "broaderUri")):
            for kind in ("conceptType", "broaderType"):
                _expect(row, kind, row[kind] in _PILLAR, " or ".join(_PILLAR))
            yield row, row["conceptUri"], row["broaderUri"]

    def hierarchy(self, lang: str) -> Iterator[tuple[Row, list[tuple[str, str]]]]:
        """The groups as a table, one a row with what is above it first: row, (IRI, label) of each level; nothing
        without the file."""
        name = f"skillsHierarchy_{lang}.csv"
        if (self.folder / name).exists():
            for row in self._rows(name, tuple(column for level in _LEVELS for column in level), short=True):
                path = [(row[iri], row[term].strip()) for iri, term in _LEVELS]
                filled = [level for level in path if level[0]]
                for (iri, _), (column, _) in zip(filled, _LEVELS, strict=False):
                    _expect(row, column, row[column] == iri and _GROUP_IRI.fullmatch(iri), "a group on every level")
                yield row, filled

    def collection(self, name: str) -> Iterator[tuple[Row, str]] | None:
        """The members of a collection, as "digital": row, IRI; None without the file."""
        file = self._any(f"{name}SkillsCollection")
        return ((row, row["conceptUri"]) for row in self._rows(file, ("conceptUri",))) if file else None

    def _any(self, stem: str) -> str | None:
        """A file that is the same in every language, in whichever it is there."""
        there = {path.name for path in self.folder.glob(f"{stem}_*.csv")}
        wanted = (f"{stem}_{lang}.csv" for lang in (*self.languages, *LANGUAGES))
        return next((name for name in wanted if name in there), min(there, default=None))

    def _rows(
        self, name: str, required: tuple[str, ...], optional: tuple[str, ...] = (), *, short: bool = False
    ) -> Iterator[Row]:
        file = CsvFile(self.folder / name, required, optional, short=short)
        self._progress.stage(name, file.size)
        for row in file:
            yield row
            self._progress.at(row.line)


def _expect(row: Row, column: str, holds: object, expected: str) -> None:
    if not holds:
        raise row.fail(f"{row[column][:80]!r} is not what belongs here: {expected}", column)


def _concept(row: Row, code: str, group: str) -> Concept:
    others = (name.strip() for column in _OTHER_NAMES for name in _SEPARATOR.split(row[column]))
    return Concept(
        row, row["conceptUri"], code, group, row["preferredLabel"].strip(), tuple(filter(None, others)),
        row["description"],
    )  # fmt: skip
