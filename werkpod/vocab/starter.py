"""The starter taxonomy that ships with Werkpod: the unit groups of ISCO-08 as occupations, competences in plain Dutch,
everyday job titles. It is text (`data/starter/*.csv`), so that a person can review it:

    isco.csv         code,nl,en                            all 619 groups
    competences.csv  id,kind,group,nl,en,plain_nl          kind: skill, knowledge, attitude
    links.csv        unit_group,competence,kind            kind: essential, optional
    titles.csv       unit_group,lang,title                 lang: nl, en
    everyday.csv     unit_group,nl,en                      what each of the 436 unit groups is called on a page
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from werkpod.vocab.csvfile import CsvFile, Row
from werkpod.vocab.errors import ImportFailed
from werkpod.vocab.isco import ISCO_IRI
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
VERSION = "1"
_NOTICE = "Werkpod's own taxonomy (EUPL-1.2), on the groups of ISCO-08 (ILO, 2012)."
_WEIGHT = {"essential": ESSENTIAL, "optional": OPTIONAL}


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
    groups = isco_titles(folder)
    competences = _competences(folder)
    places = {row.iri: place for place, row in enumerate(competences)}
    occupations = {
        code: OccupationRow(ISCO_IRI + code, code, code, called.titles, called.names)
        for code, called in name_groups(groups, folder).items()
    }
    links = 0
    for row in CsvFile(folder / "links.csv", ("unit_group", "competence", "kind")):
        place = places.get(COMPETENCE_IRI + row["competence"])
        if place is None:
            raise row.fail(f"competences.csv has no {row['competence']!r}", "competence")
        if row["kind"] not in _WEIGHT:
            raise row.fail(f"{row['kind']!r} is not a kind of link; essential and optional are", "kind")
        if row["unit_group"] not in occupations:
            raise _no_group(row)
        occupations[row["unit_group"]].links[place] = _WEIGHT[row["kind"]]
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
    )
    return build_tables(meta, list(occupations.values()), competences, sorted(groups.items()))


def starter_names(folder: Path | None = None) -> dict[str, dict[str, list[str]]]:
    """Everyday job titles: unit group -> language -> titles."""
    folder = folder or starter_folder()
    groups = isco_titles(folder)
    names: dict[str, dict[str, list[str]]] = {}
    for row in CsvFile(folder / "titles.csv", ("unit_group", "lang", "title")):
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
    folder = folder or starter_folder()
    everyday, others = _everyday(folder), starter_names(folder)
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
    return {row.iri: row.labels for row in _competences(folder or starter_folder())}


def _competences(folder: Path) -> list[CompetenceRow]:
    rows = []
    for row in CsvFile(folder / "competences.csv", ("id", "kind", "group", "nl", "en", "plain_nl")):
        if row["kind"] not in KINDS:
            raise row.fail(f"{row['kind']!r} is not a kind of competence; {', '.join(KINDS)} are", "kind")
        labels = {lang: row[lang] for lang in LANGUAGES}
        rows.append(CompetenceRow(COMPETENCE_IRI + row["id"], row["kind"], labels, row["plain_nl"], row["group"]))
    return rows


def _no_group(row: Row) -> ImportFailed:
    return row.fail(f"{row['unit_group']!r} is not a unit group of ISCO-08 (four digits, in isco.csv)", "unit_group")
