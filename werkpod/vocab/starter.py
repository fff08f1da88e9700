"""The starter taxonomy that ships with Werkpod: the unit groups of ISCO-08 as occupations, competences in plain Dutch,
everyday job titles. It is text (`data/starter`), so that a person can review it:

    isco.csv                  code,nl,en                      all 619 groups
    groups.csv                id,nl,en                        the groups that competences come in
    competences/{group}.csv   id,kind,nl,en,plain_nl,esco     kind: skill, knowledge, attitude; esco: the UUID of the
                                                              ESCO concept that is closest, or nothing
    links/{sub-major}.csv     unit_group,essential,useful     ids of competences, with spaces between them
    titles/{sub-major}.csv    unit_group,lang,title           lang: nl, en
    everyday.csv              unit_group,nl,en                what each of the 436 unit groups is called on a page
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from werkpod.vocab.csvfile import CsvFile, Row
from werkpod.vocab.errors import ImportFailed
from werkpod.vocab.hierarchy import GroupRow
from werkpod.vocab.isco import ISCO_IRI
from werkpod.vocab.matches import ConceptMatch
from werkpod.vocab.tables import (
    ESSENTIAL,
    KINDS,
    LANGUAGES,
    OPTIONAL,
    CompetenceRow,
    Meta,
    OccupationRow,
    Tables,
    build_tables,
)

COMPETENCE_IRI = "https://w3id.org/werkpod/competence/"
"""What the IRI of a starter competence starts with; its id follows."""
GROUP_IRI = "https://w3id.org/werkpod/competence-group/"
"""What the IRI of a group of starter competences starts with; its id follows."""
ESCO_SKILL_IRI = "http://data.europa.eu/esco/skill/"
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
VERSION = "2"
_NOTICE = "Werkpod's own taxonomy (EUPL-1.2), on the groups of ISCO-08 (ILO, 2012)."
LINK_COLUMNS = {"essential": ESSENTIAL, "useful": OPTIONAL}
"""Columns of `links` and what a competence in them weighs."""


def starter_folder() -> Path:
    """Where the starter's files lie."""
    return Path(str(resources.files("werkpod.vocab"))) / "data" / "starter"


def isco_titles(folder: Path | None = None) -> dict[str, dict[str, str]]:
    """All groups of ISCO-08: code -> titles by language."""
    rows = CsvFile((folder or starter_folder()) / "isco.csv", ("code", *LANGUAGES))
    return {row["code"]: {lang: row[lang] for lang in LANGUAGES} for row in rows}


def starter_tables(folder: Path | None = None) -> Tables:
    """The starter as arrays: every unit group, so that any job can be named, also where no competences are linked yet.

    Raises ImportFailed (file, line, column) when its files contradict each other.
    """
    folder = folder or starter_folder()
    meta, occupations, competences = _rows(folder)
    kinds = [GroupRow(GROUP_IRI + name, titles) for name, titles in starter_groups(folder).items()]
    groups = sorted(isco_titles(folder).items())
    return build_tables(meta, occupations, competences, groups, competence_groups=kinds, lazy=True)


def starter_meta(folder: Path | None = None) -> Meta:
    """What the starter says of itself, without the arrays, which take a second. Raises ImportFailed."""
    return _rows(folder or starter_folder())[0]


def _rows(folder: Path) -> tuple[Meta, list[OccupationRow], list[CompetenceRow]]:
    groups = isco_titles(folder)
    competences = _competences(folder)
    places = {row.iri: place for place, row in enumerate(competences)}
    occupations = {
        code: OccupationRow(ISCO_IRI + code, code, code, called.titles, called.names)
        for code, called in name_groups(groups, folder).items()
    }
    links = 0
    for file in _files(folder, "links"):
        for row in CsvFile(file, ("unit_group", *LINK_COLUMNS)):
            if row["unit_group"] not in occupations:
                raise _no_group(row)
            asked = occupations[row["unit_group"]].links
            for column, weight in LINK_COLUMNS.items():
                for name in row[column].split():
                    place = places.get(COMPETENCE_IRI + name)
                    if place is None:
                        raise row.fail(f"no file in competences has {name!r}", column)
                    if place in asked:
                        raise row.fail(f"{name} is there twice for {row['unit_group']}", column)
                    asked[place] = weight
                    links += 1
    meta = Meta(
        id="starter",
        title="Werkpod-starter",
        version=VERSION,
        notice=_NOTICE,
        source="werkpod",
        languages=LANGUAGES,
        occupations=len(occupations),
        competences=len(competences),
        links=links,
        created="",
        labelled={lang: len(competences) for lang in LANGUAGES},
        groups=len(starter_groups(folder)),
    )
    return meta, list(occupations.values()), competences


def starter_links(folder: Path | None = None) -> dict[str, dict[str, float]]:
    """What each unit group asks: code -> competence IRI -> weight. Raises ImportFailed."""
    _, occupations, competences = _rows(folder or starter_folder())
    return {row.code: {competences[at].iri: weight for at, weight in row.links.items()} for row in occupations}


def starter_names(folder: Path | None = None) -> dict[str, dict[str, list[str]]]:
    """Everyday job titles: unit group -> language -> titles."""
    folder = folder or starter_folder()
    groups = isco_titles(folder)
    names: dict[str, dict[str, list[str]]] = {}
    for row in (row for file in _files(folder, "titles") for row in CsvFile(file, ("unit_group", "lang", "title"))):
        if row["lang"] not in LANGUAGES:
            raise row.fail(f"{row['lang']!r} is not a language here; {' and '.join(LANGUAGES)} are", "lang")
        if len(row["unit_group"]) != 4 or row["unit_group"] not in groups:
            raise _no_group(row)
        names.setdefault(row["unit_group"], {}).setdefault(row["lang"], []).append(row["title"])
    return names


class Called(NamedTuple):
    """What a unit group is called as an occupation: a title by language, and other names that find it."""

    titles: dict[str, str]
    names: dict[str, list[str]]


def name_groups(groups: Mapping[str, Mapping[str, str]], folder: Path | None = None) -> dict[str, Called]:
    """Each unit group in `groups` (code -> official titles by language) as people call it: by its everyday name, with
    job titles and the official title as other names. A language without everyday names keeps its official titles."""
    everyday, others = _called(folder) if folder else _own_called()
    called = {}
    for code, official in sorted(groups.items()):
        if len(code) == 4:
            titles = {lang: everyday[code].get(lang, title) for lang, title in official.items()}
            called[code] = Called(
                titles,
                {
                    lang: [n for n in (*others.get(code, {}).get(lang, ()), official[lang]) if not _same(n, title)]
                    for lang, title in titles.items()
                },
            )
    return called


def _called(folder: Path) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, list[str]]]]:
    return _everyday(folder), starter_names(folder)


@functools.cache
def _own_called() -> tuple[dict[str, dict[str, str]], dict[str, dict[str, list[str]]]]:
    return _called(starter_folder())


def _everyday(folder: Path) -> dict[str, dict[str, str]]:
    units = {code for code in isco_titles(folder) if len(code) == 4}
    file = CsvFile(folder / "everyday.csv", ("unit_group", *LANGUAGES))
    everyday: dict[str, dict[str, str]] = {}
    for row in file:
        if row["unit_group"] not in units:
            raise _no_group(row)
        everyday[row["unit_group"]] = {lang: row[lang] for lang in LANGUAGES}
    if missing := sorted(units - set(everyday)):
        problem = f"{len(missing)} unit groups have no everyday name, the first is {missing[0]}"
        raise ImportFailed(file.path, problem, line=file.size, column="unit_group")
    return everyday


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def starter_labels(folder: Path | None = None) -> dict[str, dict[str, str]]:
    """The competences of the starter: IRI -> label by language. What is linked to them keeps its names with any
    taxonomy."""
    return _labels(folder) if folder else dict(_own_labels())


def _labels(folder: Path) -> dict[str, dict[str, str]]:
    return {row.iri: row.labels for row in _competences(folder)}


@functools.cache
def _own_labels() -> dict[str, dict[str, str]]:
    return _labels(starter_folder())


def starter_groups(folder: Path | None = None) -> dict[str, dict[str, str]]:
    """The groups that competences come in: id -> title by language."""
    rows = CsvFile((folder or starter_folder()) / "groups.csv", ("id", *LANGUAGES))
    return {row["id"]: {lang: row[lang] for lang in LANGUAGES} for row in rows}


def starter_close_matches(folder: Path | None = None) -> dict[str, str]:
    """The ESCO skill that each competence is closest to (`skos:closeMatch`): IRI -> IRI; not all have one."""
    rows = (row for file in _files(folder or starter_folder(), "competences") for row in CsvFile(file, ("id", "esco")))
    return {COMPETENCE_IRI + row["id"]: ESCO_SKILL_IRI + row["esco"] for row in rows if row["esco"]}


def _competences(folder: Path) -> list[CompetenceRow]:
    groups, found = starter_groups(folder), dict[str, CompetenceRow]()
    for file in _files(folder, "competences"):
        for row in CsvFile(file, ("id", "kind", "nl", "en", "plain_nl", "esco")):
            if file.stem not in groups:
                raise row.fail(f"groups.csv has no {file.stem!r}; the file of a group is called by its id")
            if row["kind"] not in KINDS:
                raise row.fail(f"{row['kind']!r} is not a kind of competence; {', '.join(KINDS)} are", "kind")
            if row["esco"] and not _UUID.fullmatch(row["esco"]):
                raise row.fail(f"{row['esco']!r} is not the UUID of an ESCO skill", "esco")
            iri = COMPETENCE_IRI + row["id"]
            if iri in found:
                raise row.fail(f"{row['id']} is in {_file_of(found[iri])} already", "id")
            found[iri] = CompetenceRow(
                iri,
                row["kind"],
                {lang: row[lang] for lang in LANGUAGES},
                row["plain_nl"],
                broader=[GROUP_IRI + file.stem],
                matches=[ConceptMatch("closeMatch", ESCO_SKILL_IRI + row["esco"])] if row["esco"] else [],
            )
    return sorted(found.values(), key=lambda row: row.iri)


def _file_of(competence: CompetenceRow) -> str:
    return competence.broader[0].removeprefix(GROUP_IRI) + ".csv"


def _files(folder: Path, part: str) -> list[Path]:
    files = sorted((folder / part).glob("*.csv"))
    if not files:
        raise ImportFailed(folder / part, "there are no CSV files in this folder")
    return files


def _no_group(row: Row) -> ImportFailed:
    return row.fail(f"{row['unit_group']!r} is not a unit group of ISCO-08 (four digits, in isco.csv)", "unit_group")
