"""The invented catalogue that ships with Werkpod has the form of the guides and fits the starter taxonomy."""

from __future__ import annotations

import csv
import json
import re
import uuid
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from werkpod.apps.instruments.guides import starter_catalogue
from werkpod.vocab.starter import COMPETENCE_IRI, starter_labels
from werkpod.vocab.taxonomy import starter

DATA = Path(str(resources.files("werkpod.apps.instruments"))) / "data"
SPECS = Path(__file__).parents[4] / "shared" / "specs" / "dennis-eva"
GUIDES = ("eva", "dennis")
LEVELS = {"1", "2", "3", "4"}
"""The levels of a competence in a CV: 1 a little .. 4 can teach it."""
COVERED, UNCOVERED = 0.75, 10
"""Of the competences that occupations ask most are developed by some instrument, and at least this many by none."""
LONGEST_SUMMARY = 500
"""SamenvattingInstrument, Gegevensregister SUWI."""
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
INVENTED_HOST = re.compile(r"https://[a-z0-9-]+\.example\.org/[a-z0-9-]+")
TYPES: dict[str, type] = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
LISTS = {
    "implementation": ("Uitvoeringsvormen", "name"),
    "client_characteristics": ("Klantkenmerken", "name"),
    "tiles": ("WerklandschapTegels", "name"),
    "target_groups": ("Doelgroepen", "description"),
    "group_forms": ("Groepsvormen", "name"),
}
"""Member -> the code list that its names come from, and where the name stands."""


def guide(name: str) -> list[dict[str, Any]]:
    content = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    assert content.keys() == {"data"}
    instruments: list[dict[str, Any]] = content["data"]
    return instruments


def developed() -> list[dict[str, str]]:
    with (DATA / "instrument_competences.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def spec(*parts: str) -> str:
    """The text of a document of the guides; skips the test where it is absent."""
    path = SPECS.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"{'/'.join(parts)} of the guides is not in {SPECS}; nothing to compare with")
    return path.read_text(encoding="utf-8")


def mapping(text: str) -> dict[str, Any]:
    """Block mappings of a YAML document, which is all that the guides' schemas use. Of a choice ("anyOf") the part that
    is not null stays, in place of the list."""
    whole: dict[str, Any] = {}
    stack = [(-1, whole)]
    for line in text.splitlines():
        bare = line.replace("- ", "  ", 1) if line.lstrip().startswith("- ") else line
        name, colon, value = bare.strip().partition(":")
        if not colon or name.startswith("#") or value.strip() == "'null'":
            continue
        indent = len(bare) - len(bare.lstrip())
        while stack[-1][0] >= indent:
            stack.pop()
        parent = stack[-1][1]
        if value.strip():
            parent[name] = value.strip().strip("'")
        else:
            inner: dict[str, Any] = {}
            parent[name] = inner
            stack.append((indent, inner))
    return whole


def code_lists() -> dict[str, dict[str, str]]:
    """List -> code -> name."""
    lists = {}
    for line in spec("sgr", "codelijsten.yml").splitlines():
        found = re.fullmatch(r"(\w+): \{(.*)\}.*", line)
        if found:
            entries = re.findall(r'"?(\w+)"?: ("[^"]*"|[^,]*)', found[2])
            lists[found[1]] = {code: name.strip('"') for code, name in entries}
    return lists


class Schema:
    """Resolves the guides' references: files in a folder (Eva) or components in a document (Dennis)."""

    def __init__(self, guide_name: str) -> None:
        self._parts = None
        if guide_name == "dennis":
            self._parts = mapping(spec("dennis", "openapi.yaml"))["components"]["schemas"]

    def instrument(self) -> dict[str, Any]:
        return self._named("instrument.yml" if self._parts is None else "Instrument")

    def at(self, part: dict[str, Any]) -> dict[str, Any]:
        part = part.get("anyOf") or part.get("oneOf") or part
        return self._named(part["$ref"].rpartition("/")[2]) if "$ref" in part else part

    def _named(self, name: str) -> dict[str, Any]:
        found = mapping(spec("eva", "schemas", name)) if self._parts is None else self._parts[name]
        assert isinstance(found, dict)
        return found


def wrong(value: Any, part: dict[str, Any], schema: Schema, where: str) -> Iterator[str]:
    """The places where a value has a member or type that the schema does not know."""
    part = schema.at(part)
    kind = part.get("type", "object")
    if not isinstance(value, TYPES[kind]) or (kind == "integer" and isinstance(value, bool)):
        yield f"{where}: {value!r} is not {kind}"
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in part["properties"]:
                yield f"{where}.{name} is not a field"
            else:
                yield from wrong(inner, part["properties"][name], schema, f"{where}.{name}")
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from wrong(inner, part["items"], schema, f"{where}[{at}]")
    elif isinstance(value, str) and part.get("format") == "date-time" and not DATE_TIME.fullmatch(value):
        yield f"{where}: {value!r} is not a date and time"


@pytest.mark.parametrize("name", GUIDES)
def test_instruments_have_the_fields_of_the_guide(name: str) -> None:
    """Every member of every instrument, however deep, is a field of the guide's schema and has its type."""
    schema = Schema(name)
    whole = schema.instrument()
    assert [line for each in guide(name) for line in wrong(each, whole, schema, f"{name} {each['id']}")] == []


@pytest.mark.parametrize("name", GUIDES)
def test_names_come_from_the_code_lists(name: str) -> None:
    """Forms, characteristics, tiles, target groups and group forms are named as the code lists name them."""
    lists = code_lists()
    for each in guide(name):
        for member, (listed, field) in LISTS.items():
            found = each.get(member, [])
            for one in found if isinstance(found, list) else [found]:
                assert one[field] in lists[listed].values(), (each["name"], member)
        for tile in each["tiles"]:
            assert lists["WerklandschapTegels"][tile["key"]] == tile["name"]
        if "total_duration_unit_key" in each:
            assert lists["TrajectDuurEenheden"][each["total_duration_unit_key"]] == each["total_duration_unit"]


@pytest.mark.parametrize("name", GUIDES)
def test_instruments_are_told_apart(name: str) -> None:
    """Ids count up from one; UUIDs, names and slugs are unique, and a slug can stand in an address."""
    instruments = guide(name)
    assert [each["id"] for each in instruments] == list(range(1, len(instruments) + 1))
    assert all(str(uuid.UUID(each["uuid"])) == each["uuid"] for each in instruments)
    for member in ("uuid", "name", "slug"):
        assert len({each[member] for each in instruments}) == len(instruments)
    assert [each["slug"] for each in instruments if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each["slug"])] == []


@pytest.mark.parametrize("name", GUIDES)
def test_instruments_say_what_a_person_asks(name: str) -> None:
    """Each says what it is for, how it goes, for whom, on what terms, at what cost and how to apply; counts add up."""
    texts = ("aim", "summary", "method", "target_group_description", "participation_conditions", "costs_description")
    for each in guide(name):
        for member in (*texts, "application_instructions"):
            assert each[member].strip(), (each["name"], member)
        assert len(each["summary"]) <= LONGEST_SUMMARY
        for member in [member for member in each if member.endswith("_count")]:
            assert each[member] == len(each[member.removesuffix("_count")]), (each["name"], member)
        assert [each["is_national"], each["is_regional"], each["is_local"]].count(True) == 1


@pytest.mark.parametrize("name", GUIDES)
def test_the_catalogue_is_plainly_invented(name: str) -> None:
    """Addresses are under example.org, phone numbers start with 0000, and the organisations are examples."""
    for each in guide(name):
        assert "Voorbeeld" in each["organisation"]["name"]
        assert [link["url"] for link in each["links"] if not INVENTED_HOST.fullmatch(link["url"])] == []
        for contact in each["contact"]:
            assert contact["phone"].startswith("0000-")
            assert contact["email"].endswith(".example.org")


def test_there_are_enough_instruments() -> None:
    """About thirty or more for jobseekers, some for employers."""
    assert len(guide("eva")) >= 30
    assert len(guide("dennis")) >= 6


def test_developed_competences_exist() -> None:
    """A row names an instrument of a guide, a competence of the starter, a level, and its confirmation; each once."""
    instruments = {f"{name}-{each['id']}" for name in GUIDES for each in guide(name)}
    competences = {iri.removeprefix(COMPETENCE_IRI) for iri in starter_labels()}
    table = developed()
    assert {row["instrument_id"] for row in table} - instruments == set()
    assert {row["competence"] for row in table} - competences == set()
    assert {row["level"] for row in table} <= LEVELS
    assert {row["evidence"] for row in table} == {"confirmed"}
    keys = [(row["instrument_id"], row["competence"]) for row in table]
    assert keys == sorted(set(keys))


def test_most_of_what_occupations_ask_can_be_learned() -> None:
    """Most competences of the linked groups are developed by some instrument, and some honestly by none."""
    taxonomy = starter()
    asked = {
        link.competence.iri.removeprefix(COMPETENCE_IRI)
        for occupation in taxonomy.occupations()
        for link in taxonomy.links(occupation)
    }
    learned = {row["competence"] for row in developed()}
    assert len(asked & learned) >= COVERED * len(asked)
    assert len(asked - learned) >= UNCOVERED


def test_no_instrument_promises_too_much() -> None:
    """An instrument develops at most twenty competences, and a day's course at most five."""
    counts = Counter(row["instrument_id"] for row in developed())
    assert max(counts.values()) <= 20
    days = [f"eva-{each['id']}" for each in guide("eva") if each.get("total_duration_hours", 99) <= 8]
    assert days != []
    assert [one for one in days if counts[one] > 5] == []


def test_the_reader_takes_the_whole_catalogue() -> None:
    """The guide reader accepts both files and finds every instrument and every developed competence."""
    catalogue = starter_catalogue()
    assert len(catalogue) == sum(len(guide(name)) for name in GUIDES)
    assert sum(len(each.develops) for each in catalogue.instruments) == len(developed())
