"""The files that say how codes of other classifications match ESCO, as their publishers give them; told apart by their
header.

    export of the ESCO mapping platform   some rows about the mapping; then Classification 1 (ESCO) URI, PrefLabel, URL,
                                          Classification 2 ID, PrefLabel [NL, FR], Mapping relation: UWV, VDAB
    table of CompetentNL                  cnlOccupationUri, uwvBocCode, escoUri, isco08, mappingRelation, ...

A relation is read from the code to ESCO: `narrowMatch` says that the ESCO concept is the narrower one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from werkpod.vocab.crosswalk.model import CNL_OCCUPATION, About, Crosswalk, Of, Scheme
from werkpod.vocab.csvfile import CsvFile, Row
from werkpod.vocab.errors import ImportFailed
from werkpod.vocab.esco.source import OCCUPATION_IRI, SKILL_IRI
from werkpod.vocab.isco import CODE, ISCO_IRI
from werkpod.vocab.matches import ConceptMatch, Matches, Relation
from werkpod.vocab.progress import NoProgress, Progress
from werkpod.vocab.strings import Strings

_PLATFORM, _TABLE = "Classification 1 URI", "cnlOccupationUri"
_ESCO = ("Classification 1 URI", "Classification 1 URL")
_LABELS = {
    "Classification 2 PrefLabel": "nl", "Classification 2 PrefLabel NL": "nl", "Classification 2 PrefLabel FR": "fr",
}  # fmt: skip
_RELATION = ("Mapping relation", "Mapping Relation")
_TABLE_COLUMNS = (
    _TABLE, "cnlPrefLabel", "uwvBocCode", "uwvBocLabel", "escoUri", "isco08", "mappingRelation",
)  # fmt: skip
_RELATIONS: tuple[Relation, ...] = get_args(Relation)
_OCCUPATION = re.compile(f"{OCCUPATION_IRI.pattern}|{re.escape(ISCO_IRI)}[0-9]{{1,4}}")
"""Where ESCO has no occupation for it, a mapping may lead to a group of ISCO-08."""
_ESCO_CODE = re.compile(r"([0-9]{4})(\.[0-9]+)*")
_HELP = (
    "this is no crosswalk that is known here: a mapping of UWV's BO&C or VDAB's Competent to ESCO from the ESCO "
    f"mapping platform has a column {_PLATFORM!r}, a table of CompetentNL a column {_TABLE!r}"
)


@dataclass(slots=True)
class _Rows:
    """Codes on their way into a `Crosswalk`."""

    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    matches: dict[str, set[ConceptMatch]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def add(self, code: str, label: str, lang: str, match: ConceptMatch, alias: str = "") -> None:
        labels = self.labels.setdefault(code, {})
        if label:
            labels.setdefault(lang, label)
        self.matches.setdefault(code, set()).add(match)
        if alias:
            self.aliases[code] = alias

    def crosswalk(self, kind: str, scheme: Scheme, of: Of, version: str, file: Path) -> Crosswalk:
        codes = sorted(self.matches)
        languages = sorted({lang for labels in self.labels.values() for lang in labels})
        about = About(
            kind, scheme, of, version, file.name, len(codes), sum(map(len, self.matches.values())),
            dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        )  # fmt: skip
        return Crosswalk(
            about,
            Strings.of(codes),
            Strings.of(self.aliases.get(code, "") for code in codes),
            {lang: Strings.of(self.labels[code].get(lang, "") for code in codes) for lang in languages},
            Matches.of([tuple(self.matches[code]) for code in codes]),
            Strings.of(sorted(self.places)),
            Strings.of(self.places[iri] for iri in sorted(self.places)),
        )


def read_crosswalks(path: Path, progress: Progress | None = None) -> list[Crosswalk]:
    """The crosswalks in a file: one, or two in CompetentNL's, that has BO&C's codes as well. Raises ImportFailed (file,
    line, column)."""
    progress, columns = progress or NoProgress(), _columns(path)
    if _TABLE in columns:
        return _table(CsvFile(path, _TABLE_COLUMNS), path, progress)
    return [_platform(path, columns, progress)]


def _columns(path: Path) -> set[str]:
    """The column names of whichever header the file has."""
    first = CsvFile(path, ())
    if _TABLE in first.header:
        return set(first.header)
    try:
        return set(CsvFile(path, (), starts=_PLATFORM).header)
    except ImportFailed as error:
        if error.column == _PLATFORM:
            raise ImportFailed(path, _HELP, line=1) from None
        raise


def _platform(path: Path, columns: set[str], progress: Progress) -> Crosswalk:
    relation = next((name for name in _RELATION if name in columns), _RELATION[0])
    labels = {name: lang for name, lang in _LABELS.items() if name in columns and not _mixed(name, columns)}
    file = CsvFile(
        path, (_PLATFORM, "Classification 2 ID", relation, *labels),
        ("Classification 1 ID", "Classification 1 URL", "Classification 2 URI"), starts=_PLATFORM,
    )  # fmt: skip
    told = {row[0]: row[1] for row in file.preamble if len(row) > 1 and row[0]}
    scheme: Scheme = "vdab" if "Classification 2 PrefLabel NL" in columns else "uwv-boc"
    rows, of, last = _Rows(), _of(told), None
    progress.stage(path.name, file.size)
    for row in file:
        last, code = row, row["Classification 2 ID"].strip()
        if not code:
            raise row.fail("there is no code", "Classification 2 ID")
        column, target = _target(row)
        expected = SKILL_IRI if of == "competence" else _OCCUPATION
        if not expected.fullmatch(target):
            named = "skill" if of == "competence" else "occupation"
            raise row.fail(f"{target[:80]!r} is no IRI of an ESCO {named}", column)
        match = ConceptMatch(_relation(row, relation), target)
        for name, lang in labels.items():
            rows.add(code, row[name].strip(), lang, match, row["Classification 2 URI"].strip())
        if of == "occupation" and (place := _ESCO_CODE.fullmatch(row["Classification 1 ID"])):
            rows.places[target] = place[1]
        progress.at(row.line)
    if last is None:
        raise ImportFailed(path, "there are no rows after the header; the file seems cut short", line=file.size)
    version = told.get("Classification 2 Version", "").replace(",", ".").split(" ")[-1]
    return rows.crosswalk(f"{scheme}-{of}s", scheme, of, version, path)


def _mixed(name: str, columns: set[str]) -> bool:
    """Whether this is the column that mixes languages, in a file that also has one for each."""
    return name == "Classification 2 PrefLabel" and "Classification 2 PrefLabel NL" in columns


def _of(told: dict[str, str]) -> Of:
    kind = told.get("Classification 1 Concept type", "").casefold()
    return "competence" if kind in ("competence", "skill", "knowledgeskillcompetence") else "occupation"


def _target(row: Row) -> tuple[str, str]:
    """(column, IRI) of the ESCO concept: some exports have its UUID as URI, and the IRI as URL."""
    found = ((column, row[column].strip()) for column in _ESCO)
    return next(((column, value) for column, value in found if value.startswith("http")), (_ESCO[0], row[_ESCO[0]]))


def _relation(row: Row, column: str) -> Relation:
    said = row[column].strip().removeprefix("skos:")
    for each in _RELATIONS:
        if said == each:
            return each
    raise row.fail(f"{row[column][:40]!r} is no mapping relation; {', '.join(_RELATIONS)} are", column)


def _table(file: CsvFile, path: Path, progress: Progress) -> list[Crosswalk]:
    progress.stage(path.name, file.size)
    boc, cnl = _Rows(), _Rows()
    for row in _checked(file):
        target, iri = row["escoUri"].strip(), row[_TABLE].strip()
        match = ConceptMatch(_relation(row, "mappingRelation"), target)
        cnl.add(iri.rsplit("/", 1)[1], row["cnlPrefLabel"].strip(), "nl", match, iri)
        if code := row["uwvBocCode"].strip():
            boc.add(code, row["uwvBocLabel"].strip(), "nl", match)
            # the two lists are tied by what they call an occupation, nothing more
            boc.add(code, "", "nl", ConceptMatch("closeMatch", iri))
        if row["isco08"]:
            cnl.places[target] = boc.places[target] = row["isco08"]
        progress.at(row.line)
    if not cnl.matches:
        raise ImportFailed(path, "there are no rows after the header; the file seems cut short", line=file.size)
    kind = "competentnl-table"
    return [
        cnl.crosswalk(kind, "competentnl", "occupation", "", path),
        boc.crosswalk(kind, "uwv-boc", "occupation", "", path),
    ]


def _checked(file: CsvFile) -> Iterator[Row]:
    for row in file:
        if not CNL_OCCUPATION.fullmatch(row[_TABLE].strip()):
            raise row.fail(f"{row[_TABLE][:80]!r} is no IRI of an occupation of CompetentNL", _TABLE)
        if not _OCCUPATION.fullmatch(row["escoUri"].strip()):
            raise row.fail(f"{row['escoUri'][:80]!r} is no IRI of an ESCO occupation", "escoUri")
        if row["isco08"] and not (CODE.fullmatch(row["isco08"]) and len(row["isco08"]) == 4):
            raise row.fail(f"{row['isco08'][:20]!r} is no unit group of ISCO-08 (four digits)", "isco08")
        yield row
