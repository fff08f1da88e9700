"""The starter's text files keep to their rules (werkpod/vocab/data/starter/README.md)."""

from __future__ import annotations

import csv
import functools
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from importlib import resources
from pathlib import Path

import pytest

from werkpod.vocab.lint import dutch_frequency, lint

FOLDER = Path(str(resources.files("werkpod.vocab"))) / "data" / "starter"
ESCO = Path(__file__).parents[3] / "shared" / "data" / "esco"
HEADERS = {
    "isco.csv": ["code", "nl", "en"],
    "groups.csv": ["id", "nl", "en"],
    "competences": ["id", "kind", "nl", "en", "plain_nl", "esco"],
    "links": ["unit_group", "essential", "useful"],
    "titles": ["unit_group", "lang", "title"],
    "everyday.csv": ["unit_group", "nl", "en"],
}
MAY_BE_EMPTY = {"esco", "essential", "useful"}
LEVELS = {1: 10, 2: 43, 3: 130, 4: 436}
SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
ESSENTIAL, OPTIONAL = range(8, 17), range(3, 11)
LONGEST_PLAIN_WORDS = 12
LONGEST_NAME, MOST_NAME_WORDS = 40, 4
OFFICIAL = re.compile(
    r"e\.d|\(\w{1,3}\)|personeel|leidinggevende functies|geclassificeerd|m\.u\.v|elsewhere|excluding", re.IGNORECASE
)
"""What a classification writes and no vacancy does."""


def files(name: str) -> list[Path]:
    return [FOLDER / name] if name.endswith(".csv") else sorted((FOLDER / name).glob("*.csv"))


@functools.cache
def rows(name: str) -> list[dict[str, str]]:
    """The rows of a file, or of all files of a folder, with the `file` each is in."""
    found = []
    for path in files(name):
        with path.open(encoding="utf-8", newline="") as file:
            found += [row | {"file": path.stem} for row in csv.DictReader(file, strict=True)]
    return found


@functools.cache
def links() -> list[tuple[str, str, str]]:
    """(unit group, competence, essential or useful)."""
    kinds = ("essential", "useful")
    return [(row["unit_group"], one, kind) for row in rows("links") for kind in kinds for one in row[kind].split()]


def fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if sign.isalnum())


def doubles(values: Iterable[str]) -> list[str]:
    return sorted(value for value, count in Counter(values).items() if count > 1)


@pytest.mark.parametrize("name", HEADERS)
def test_file_is_written_as_the_readme_says(name: str) -> None:
    """Every file is UTF-8 without a mark, RFC 4180 quoted, with LF line ends, its own columns, and no stray spaces."""
    for path in files(name):
        raw = path.read_bytes().decode("utf-8")
        table = list(csv.reader(io.StringIO(raw, newline=""), strict=True))
        again = io.StringIO(newline="")
        csv.writer(again, lineterminator="\n").writerows(table)
        assert raw == again.getvalue(), path
        assert table[0] == HEADERS[name], path
        may = {at for at, column in enumerate(table[0]) if column in MAY_BE_EMPTY}
        stray = [cell for row in table for at, cell in enumerate(row) if cell != " ".join(cell.split())]
        empty = [row for row in table for at, cell in enumerate(row) if not cell and at not in may]
        assert stray + empty == [], path


SORTED_BY: dict[str, Callable[[dict[str, str]], tuple[str, ...]]] = {
    "isco.csv": lambda row: (row["code"],),
    "groups.csv": lambda row: (row["id"],),
    "competences": lambda row: (row["file"], row["id"]),
    "links": lambda row: (row["unit_group"],),
    "titles": lambda row: (row["unit_group"], row["lang"], row["title"]),
    "everyday.csv": lambda row: (row["unit_group"],),
}


@pytest.mark.parametrize("name", SORTED_BY)
def test_rows_are_sorted_and_unique(name: str) -> None:
    """Rows come in the order of their code or id, each once."""
    keys = [SORTED_BY[name](row) for row in rows(name)]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize("name", ["links", "titles"])
def test_a_row_is_in_the_file_of_its_sub_major_group(name: str) -> None:
    """A file holds the unit groups of the sub-major group that it is called by."""
    assert [row for row in rows(name) if row["unit_group"][:2] != row["file"]] == []


def test_isco_is_whole() -> None:
    """All 619 groups are there, 10, 43, 130 and 436 by level, and each lower group lies in a higher one."""
    codes = {row["code"] for row in rows("isco.csv")}
    assert Counter(map(len, codes)) == LEVELS
    assert [code for code in codes if not code.isdigit()] == []
    assert [code for code in codes if len(code) > 1 and code[:-1] not in codes] == []


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_isco_has_the_published_titles(lang: str) -> None:
    """Codes and titles are those that ESCO publishes for ISCO-08."""
    published = ESCO / f"ISCOGroups_{lang}.csv"
    if not published.exists():
        pytest.skip(f"ISCOGroups_{lang}.csv of ESCO 1.2.0 is not in {ESCO}; nothing to compare isco.csv with")
    with published.open(encoding="utf-8", newline="") as file:
        # without the stop that some titles end in, but for that of "e.d."
        wanted = {r["code"]: re.sub(r"(?<!\be\.d)\.$", "", r["preferredLabel"].strip()) for r in csv.DictReader(file)}
    assert {row["code"]: row[lang] for row in rows("isco.csv")} == wanted


def test_competence_ids_are_safe_in_an_iri() -> None:
    """An id is a slug of a-z, 0-9 and hyphens that can stand in an IRI and as a local name in Turtle, once in all."""
    ids = [row["id"] for row in (*rows("competences"), *rows("groups.csv"))]
    assert [one for one in ids if not SLUG.fullmatch(one)] == []
    assert doubles(row["id"] for row in rows("competences")) == []


def test_competence_kinds() -> None:
    """A competence is a skill, knowledge or an attitude, and every group of competences has several."""
    table = rows("competences")
    assert {row["kind"] for row in table} == {"skill", "knowledge", "attitude"}
    groups = Counter(row["file"] for row in table)
    assert groups.keys() == {row["id"] for row in rows("groups.csv")}
    assert [group for group, count in groups.items() if count < 5] == []


def test_plain_labels_are_short() -> None:
    """A "gewone woorden" label is one short sentence that starts with a capital and has no end mark."""
    labels = [row["plain_nl"] for row in rows("competences")]
    assert [label for label in labels if len(label.split()) > LONGEST_PLAIN_WORDS] == []
    assert [label for label in labels if not label[0].isupper() or label[-1] in ".!?:;"] == []


def test_links_point_at_what_exists() -> None:
    """A link joins a unit group of ISCO-08 and a competence, once; each unit group has a row."""
    units = [row["code"] for row in rows("isco.csv") if len(row["code"]) == 4]
    ids = {row["id"] for row in rows("competences")}
    assert [row["unit_group"] for row in rows("links")] == units
    assert {one for _, one, _ in links()} - ids == set()
    assert doubles(f"{group} {one}" for group, one, _ in links()) == []


def test_every_group_has_enough_competences() -> None:
    """Each unit group has 8-16 essential and 3-10 useful competences."""
    counts = Counter((group, kind) for group, _, kind in links())
    groups = [row["unit_group"] for row in rows("links")]
    assert [group for group in groups if counts[group, "essential"] not in ESSENTIAL] == []
    assert [group for group in groups if counts[group, "useful"] not in OPTIONAL] == []


def test_there_is_nothing_for_an_editor_to_look_at() -> None:
    """`werkpod vocab lint` finds no rare words, doubles, competences that say nothing, or groups that are alike."""
    assert [str(each) for each in lint(frequency=dutch_frequency())] == []


def test_titles_point_at_what_exists() -> None:
    """A job title is Dutch or English and leads to a unit group; there are at least 2,500 in Dutch."""
    units = {row["code"] for row in rows("isco.csv") if len(row["code"]) == 4}
    table = rows("titles")
    assert sum(row["lang"] == "nl" for row in table) >= 2500
    assert {row["unit_group"] for row in table} - units == set()
    assert Counter(row["lang"] for row in table).keys() == {"nl", "en"}


def test_a_title_leads_to_one_group() -> None:
    """A title, whatever its case, accents and hyphens, is there once in a language and leads to one group in both."""
    table = rows("titles")
    assert doubles(f"{row['lang']} {fold(row['title'])}" for row in table) == []
    groups: dict[str, set[str]] = {}
    for row in table:
        groups.setdefault(fold(row["title"]), set()).add(row["unit_group"])
    assert {title: found for title, found in groups.items() if len(found) > 1} == {}


def test_every_group_has_everyday_titles() -> None:
    """A person can find each unit group by at least three Dutch titles."""
    titles = Counter(row["unit_group"] for row in rows("titles") if row["lang"] == "nl")
    assert [row["unit_group"] for row in rows("links") if titles[row["unit_group"]] < 3] == []


def test_every_unit_group_has_an_everyday_name() -> None:
    """Each of the 436 unit groups has one name in each language, and no other group has it."""
    table = rows("everyday.csv")
    assert [row["unit_group"] for row in table] == [r["code"] for r in rows("isco.csv") if len(r["code"]) == 4]
    assert doubles(fold(row["nl"]) for row in table) == []
    assert doubles(fold(row["en"]) for row in table) == []


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_everyday_names_read_as_on_a_vacancy(lang: str) -> None:
    """A name is short, starts with a capital, and has nothing in it of how a classification writes."""
    names = [row[lang] for row in rows("everyday.csv")]
    assert [name for name in names if len(name) > LONGEST_NAME or len(name.split()) > MOST_NAME_WORDS] == []
    assert [name for name in names if not name[0].isupper() or name[-1] in ".!?:;"] == []
    assert [name for name in names if OFFICIAL.search(name)] == []


def test_an_everyday_name_is_no_title_of_another_group() -> None:
    """Who types a name that stands on a page is led to the group that has it."""
    titles = {(row["lang"], fold(row["title"])): row["unit_group"] for row in rows("titles")}
    assert [
        (row["unit_group"], row[lang])
        for row in rows("everyday.csv")
        for lang in ("nl", "en")
        if titles.get((lang, fold(row[lang])), row["unit_group"]) != row["unit_group"]
    ] == []


@pytest.mark.parametrize(
    ("title", "unit_group"),
    [
        ("heftruck", "8344"),
        ("heftruckchauffeur", "8344"),
        ("thuiszorg", "5322"),
        ("caissière", "5230"),
        ("vakkenvuller", "9334"),
        ("schoonmaakster", "9112"),
        ("pakketbezorger", "8322"),
        ("kapster", "5141"),
        ("juf", "2341"),
        ("vuilnisman", "9611"),
    ],
)
def test_what_people_say_is_there(title: str, unit_group: str) -> None:
    """Titles as people say them lead where they should."""
    found = {fold(row["title"]): row["unit_group"] for row in rows("titles")}
    assert found[fold(title)] == unit_group
