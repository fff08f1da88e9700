"""Eva and Dennis guides are read as their APIs answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from werkpod.apps.errors import GuideUnreadable
from werkpod.apps.instruments.guides import read_guide, starter_catalogue
from werkpod.apps.instruments.model import Duration
from werkpod.vocab.errors import ImportFailed
from werkpod.vocab.starter import starter_labels

FULL: dict[str, Any] = {
    "id": 7, "uuid": "3b0f9a0e-6f6c-4c8b-9d61-0a5b0f8f6c11", "name": "Heftruckcertificaat", "slug": "heftruck",
    "publish": True, "aim": "Veilig leren rijden met een heftruck.", "summary": "Twee dagen les en een examen.",
    "method": "Je oefent in een magazijn.", "target_group_description": "Voor mensen die in een magazijn werken.",
    "participation_conditions": "Je bent 18 jaar of ouder.", "application_instructions": "Vraag het je coach.",
    "intensity_hours_per_week": 16, "total_duration_value": 2, "total_duration_unit": "Dag(en)",
    "total_duration_unit_key": "01", "total_costs_whole_number": 0, "costs_description": "De gemeente betaalt.",
    "is_national": False, "updated_at": "2026-03-02T10:00:00+01:00", "deleted_at": None,
    "organisation": {"id": 1, "name": "Gemeente Voorbeeldstad"}, "provider": {"id": 2, "name": "Rijschool De Vork"},
    "implementation": {"description": "(Bij)scholing", "custom": False},
    "target_groups": [{"id": 1, "description": "Jongeren tot 27 jaar"}],
    "client_characteristics": [{"id": 9, "name": "Diplomeren"}], "available_regions": [{"name": "Voorbeeldregio"}],
    "links": [{"label": "Meer", "url": "https://example.org/heftruck"}, {"label": "X", "url": "javascript:alert(1)"}],
    "tiles": None, "rating": None, "something_new": {"x": 1},
}  # fmt: skip


def answer(*instruments: dict[str, Any]) -> bytes:
    return json.dumps({"data": list(instruments)}).encode()


def test_an_instrument_is_read_with_all_that_a_person_asks() -> None:
    """Name, texts, form, duration, cost, provider, for whom, where; members that are not known are passed over."""
    [read] = read_guide("eva", answer(FULL), source="eva")
    assert (read.id, read.name, read.form, read.provider) == (
        "eva-7",
        "Heftruckcertificaat",
        "(Bij)scholing",
        "Rijschool De Vork",
    )
    assert (read.duration, read.hours_per_week, read.cost) == (Duration(2, "01"), 16, 0)
    assert read.duration.text("nl") == "2 dagen"  # type: ignore[union-attr]
    assert (read.target_groups, read.characteristics, read.regions) == (
        ("Jongeren tot 27 jaar",), ("Diplomeren",), ("Voorbeeldregio",),
    )  # fmt: skip
    assert read.uuid == FULL["uuid"]


def test_a_link_that_is_no_web_address_is_left_out() -> None:
    """What a guide links to is opened by people: only http and https."""
    [read] = read_guide("eva", answer(FULL), source="eva")
    assert read.links == (("Meer", "https://example.org/heftruck"),)


def test_id_and_name_are_enough() -> None:
    """Everything else a guide may leave open; the uuid is then made from the id, the same each time."""
    [one], [again] = (read_guide("dennis", answer({"id": 3, "name": "Proefplaatsing"}), source="d") for _ in range(2))
    assert one.uuid == again.uuid != ""
    assert (one.guide, one.duration, one.cost, one.provider) == ("dennis", None, None, "")


@pytest.mark.parametrize(
    ("unit", "key", "expected"),
    [
        ("We(e)k(en)", None, "02"),
        ("Maand(en)", None, "03"),
        ("Uur", None, "04"),
        (None, "week", "02"),
        ("jaren", None, None),
    ],
)
def test_units_of_duration_are_read_by_code_or_word(unit: str | None, key: str | None, expected: str | None) -> None:
    """The code list's words and keys; an unknown unit is no duration."""
    raw = answer({**FULL, "total_duration_unit": unit, "total_duration_unit_key": key})
    [read] = read_guide("eva", raw, source="eva")
    assert (read.duration.unit if read.duration else None) == expected


@pytest.mark.parametrize("change", [{"publish": False}, {"deleted_at": "2026-01-01T00:00:00Z"}])
def test_withdrawn_and_unpublished_instruments_are_left_out(change: dict[str, Any]) -> None:
    """What a guide does not show, we do not show."""
    assert read_guide("eva", answer({**FULL, **change}), source="eva") == []


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"<html>", "guide.json"),
        (b'{"instruments": []}', "data"),
        (answer({"name": "x"}), "id"),
        (answer({**FULL, "name": 5}), r"\$\.data\[0\]\.name"),
        (answer(FULL, FULL), "two instruments"),
        (b"\xff", "guide.json"),
    ],
)
def test_a_guide_that_answers_rubbish_is_refused(raw: bytes, says: str) -> None:
    """The source and the place in it are named."""
    with pytest.raises(GuideUnreadable, match=says):
        read_guide("eva", raw, source="guide.json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "eva.json").write_bytes(answer(FULL, {"id": 8, "name": "Taalcursus"}))
    (tmp_path / "dennis.json").write_bytes(answer({"id": 8, "name": "Jobcoach"}))
    return tmp_path


def linked(folder: Path, *rows: str) -> Path:
    (folder / "instrument_competences.csv").write_text(
        "\n".join(("instrument_id,competence,level,evidence", *rows)) + "\n", encoding="utf-8"
    )
    return folder


def test_instruments_are_linked_to_competences(folder: Path) -> None:
    """A row names the instrument by guide and id, by id alone when that is enough, or by uuid."""
    iris = sorted(starter_labels())
    one, other = iris[0].rpartition("/")[2], iris[1]
    catalogue = starter_catalogue(
        linked(
            folder,
            f"7,{one},basis,confirmed",
            f"{FULL['uuid']},{other},basis,samenvatting",
            f"eva-8,{one},basis,confirmed",
        )
    )
    assert [each.id for each in catalogue.developing(iris[0])] == ["eva-7", "eva-8"]
    developed = catalogue.get("eva-7").develops  # type: ignore[union-attr]
    assert [(each.competence, each.confirmed) for each in developed] == [(iris[0], True), (iris[1], False)]
    assert developed[0].labels == starter_labels()[iris[0]]


@pytest.mark.parametrize(
    ("row", "column"),
    [("99,{known},b,c", "instrument_id"), ("8,{known},b,c", "instrument_id"), ("7,none,b,c", "competence")],
)
def test_a_link_to_nothing_or_to_two_is_named(folder: Path, row: str, column: str) -> None:
    """File, line and column of the row that leads nowhere; "8" is in two guides."""
    known = sorted(starter_labels())[0]
    with pytest.raises(ImportFailed) as caught:
        starter_catalogue(linked(folder, row.format(known=known)))
    assert (caught.value.line, caught.value.column) == (2, column)
