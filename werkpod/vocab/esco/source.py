"""The files of an ESCO download and the rows in them, checked one by one.

    occupations_{lang}.csv                conceptType conceptUri iscoGroup preferredLabel altLabels hiddenLabels code
    skills_{lang}.csv                     conceptType conceptUri skillType preferredLabel altLabels hiddenLabels
    ISCOGroups_{lang}.csv                 conceptUri code preferredLabel
    occupationSkillRelations_{lang}.csv   occupationUri relationType skillUri

Other columns are not read. altLabels and hiddenLabels hold one name a line and may be absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
_KINDS = {"skill/competence": "skill", "knowledge": "knowledge", "": "skill"}
_SEPARATOR = re.compile(r"[\r\n]+| \| ")
_RELATIONS = ("essential", "optional")


@dataclass(frozen=True, slots=True)
class Concept:
    """An occupation or a skill in one language. `group` is its ISCO code or its kind."""

    row: Row
    iri: str
    code: str
    group: str
    label: str
    names: tuple[str, ...]


class Source:
    """A folder with the files. Raises ImportFailed when the folder or all of its occupation files are missing."""

    def __init__(self, folder: Path, progress: Progress) -> None:
        self.folder, self._progress = folder, progress
        if not folder.is_dir():
            raise ImportFailed(folder, "there is no such folder; give the one with the unpacked ESCO CSV files")
        found = {path.stem.removeprefix("occupations_") for path in folder.glob("occupations_*.csv")}
        if not found:
            example = folder / "occupations_nl.csv"
            raise ImportFailed(example, "there is no such file; is this the CSV form of the ESCO download?")
        first = [lang for lang in LANGUAGES if lang in found]
        self.languages = (*first, *sorted(found - set(first)))

    def occupations(self, lang: str) -> Iterator[Concept]:
        """The occupations in a language."""
        for row in self._rows(f"occupations_{lang}.csv", _OCCUPATION_COLUMNS, _OTHER_NAMES):
            _expect(row, "conceptType", row["conceptType"] == "Occupation", "Occupation")
            _expect(row, "conceptUri", OCCUPATION_IRI.fullmatch(row["conceptUri"]), f"{BASE}occupation/ and a UUID")
            _expect(row, "iscoGroup", re.fullmatch("[0-9]{4}", row["iscoGroup"]), "four digits, as 5321")
            _expect(row, "preferredLabel", row["preferredLabel"].strip(), "a title")
            _expect(row, "code", row["code"].startswith(row["iscoGroup"]), "a code that starts with the ISCO group")
            yield _concept(row, row["code"], row["iscoGroup"])

    def skills(self, lang: str) -> Iterator[Concept]:
        """The skills and knowledge in a language."""
        for row in self._rows(f"skills_{lang}.csv", _SKILL_COLUMNS, _OTHER_NAMES):
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
        """Which occupation asks which skill: row, occupation IRI, relation, skill IRI. The file is the same in every
        language, so any one will do."""
        names = [f"occupationSkillRelations_{lang}.csv" for lang in (*self.languages, "en")]
        name = next((name for name in names if (self.folder / name).exists()), names[-1])
        for row in self._rows(name, ("occupationUri", "relationType", "skillUri")):
            occupation, skill = row["occupationUri"], row["skillUri"]
            _expect(row, "occupationUri", OCCUPATION_IRI.fullmatch(occupation), f"{BASE}occupation/ and a UUID")
            _expect(row, "relationType", row["relationType"] in _RELATIONS, " or ".join(_RELATIONS))
            _expect(row, "skillUri", SKILL_IRI.fullmatch(skill), f"{BASE}skill/ and a UUID")
            yield row, occupation, row["relationType"], skill

    def _rows(self, name: str, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> Iterator[Row]:
        file = CsvFile(self.folder / name, required, optional)
        self._progress.stage(name, file.size)
        for row in file:
            yield row
            self._progress.at(row.line)


def _expect(row: Row, column: str, holds: object, expected: str) -> None:
    if not holds:
        raise row.fail(f"{row[column][:80]!r} is not what belongs here: {expected}", column)


def _concept(row: Row, code: str, group: str) -> Concept:
    others = (name.strip() for column in _OTHER_NAMES for name in _SEPARATOR.split(row[column]))
    return Concept(row, row["conceptUri"], code, group, row["preferredLabel"].strip(), tuple(filter(None, others)))
