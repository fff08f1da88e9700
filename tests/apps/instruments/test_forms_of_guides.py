"""The forms in which guides answer: older and later names, codes, texts as people pasted them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from werkpod.apps.instruments import codes
from werkpod.apps.instruments.guide_server import in_sgr, starter_items
from werkpod.apps.instruments.guides import GUIDES, read_items
from werkpod.apps.instruments.model import Duration
from werkpod.apps.instruments.wording import LONGEST, plain

LISTS = Path(__file__).resolve().parents[3].parent / "shared/specs/dennis-eva/sgr/codelijsten.yml"
LATER: dict[str, Any] = {
    "Instrument": {
        "NaamInstrument": "Heftruckcertificaat", "UuidInstrument": "3b0f9a0e-6f6c-4c8b-9d61-0a5b0f8f6c11",
        "IndPublicatie": True, "DatBPublicatie": "2026-01-01T00:00:00Z", "DatGewijzigd": "2026-03-02T10:00:00Z",
        "InstrumentBeherendeOrganisatie": {"NaamInstrumentBeherendeOrganisatie": "Gemeente Voorbeeldstad"},
        "Klantkenmerk": [{"CdKlantkenmerk": "KK09"}], "Doelgroep": [{"CdDoelgroep": "ED01"}],
        "Werklandschaptegel": [{"CdWerklandschaptegel": "EW06"}],
    },
    "OmsDoelInstrument": "Veilig leren rijden.", "SamenvattingInstrument": "Twee dagen les.",
    "OmwWerkwijzeInstrument": "Oefenen.", "OmsAanmeldInstructies": "Bel.", "OmsVoorwaardenDeelname": "18 jaar.",
    "AantalUrenIntensiteitPerWeek": 16, "DuurTraject": 2, "CdEenheidDuurTraject": "01",
    "BedragTotaalKosten": {"CdMunteenheid": "EUR", "WaardeBedr": "395.00"}, "ToelKosten": "De gemeente betaalt.",
    "Uitvoeringsvorm": [{"CdUitvoeringsvorm": "UV01"}], "Aanbieder": {"NaamAanbieder": "Rijschool De Vork"},
}  # fmt: skip


@pytest.mark.parametrize("kind", GUIDES)
def test_older_and_later_names_say_the_same(kind: Any) -> None:
    """Every instrument of the starter catalogue, written with the names of the SUWI register, reads the same."""
    older = read_items(kind, starter_items(kind), source="older")
    later = read_items(kind, [in_sgr(item) for item in starter_items(kind)], source="later")
    assert [replace(each, updated="") for each in later] == [replace(each, updated="") for each in older]


def test_an_instrument_with_later_names_only_is_whole() -> None:
    """Codes bring their names, a list of forms its first, the UUID is the id where there is no number."""
    [read] = read_items("eva", [LATER], source="later", today="2026-05-01")
    assert read.id == "eva-3b0f9a0e-6f6c-4c8b-9d61-0a5b0f8f6c11"
    assert (read.name, read.aim, read.method, read.apply) == (
        "Heftruckcertificaat", "Veilig leren rijden.", "Oefenen.", "Bel.",
    )  # fmt: skip
    assert (read.form, read.characteristics, read.target_groups) == (
        "(Bij)scholing", ("Diplomeren, certificeren, en praktijkverklaring",), ("Jongeren tot 27 jaar",),
    )  # fmt: skip
    assert read.codes == ("UV01", "KK09", "ED01", "EW06")
    assert (read.cost, read.duration, read.hours_per_week) == (395, Duration(2, "01"), 16)
    assert (read.provider, read.owner) == ("Rijschool De Vork", "Gemeente Voorbeeldstad")


@pytest.mark.parametrize("said", ["2", False, "N"])
def test_what_is_not_published_is_left_out_under_the_later_name_too(said: object) -> None:
    """StdIndJN says 1 or 2, the later documents true or false."""
    instrument = {**LATER["Instrument"], "IndPublicatie": said}
    assert read_items("eva", [{**LATER, "Instrument": instrument}], source="later") == []


def test_the_older_name_counts_where_both_are_there() -> None:
    """Guides send both side by side; an empty one is none."""
    [read] = read_items("eva", [{**LATER, "id": 7, "name": "Oud", "aim": "", "summary": None}], source="both")
    assert (read.id, read.name, read.aim, read.summary) == ("eva-7", "Oud", "Veilig leren rijden.", "Twee dagen les.")


def test_dennis_has_names_of_its_own() -> None:
    """OmsKortInstrument, OmsInstrument, OmsAanvraag, OmsVoorwaarden and sectors."""
    item = {
        "id": 3, "Instrument": {"NaamInstrument": "Loonkostensubsidie"}, "OmsKortInstrument": "Kort.",
        "OmsInstrument": "Lang.", "OmsAanvraag": "Bel.", "OmsVoorwaarden": "Een contract.",
        "Sector": [{"NaamSector": "Bouw"}],
    }  # fmt: skip
    [read] = read_items("dennis", [item], source="dennis")
    assert (read.summary, read.aim, read.apply, read.conditions, read.sectors) == (
        "Kort.", "Lang.", "Bel.", "Een contract.", ("Bouw",),
    )  # fmt: skip


def test_numbers_may_be_text_and_texts_html() -> None:
    """What editors and systems write is read for what it says."""
    item = {
        "id": "12", "name": "Taal &amp; rekenen",
        "aim": "<p>Je leert <b>lezen</b>.</p><ul><li>snel</li><li>goed</li></ul>",
        "total_duration_value": "6", "total_duration_unit_key": "02", "total_costs": "1450,50",
        "method": "<script>alert(1)</script>Les<br>en oefenen", "intensity_hours_per_week": "4",
    }  # fmt: skip
    [read] = read_items("eva", [item], source="eva")
    assert (read.id, read.name, read.aim) == ("eva-12", "Taal & rekenen", "Je leert lezen.\n- snel\n- goed")
    assert (read.duration, read.cost, read.hours_per_week) == (Duration(6, "02"), 1450, 4)
    assert read.method == "Les\nen oefenen"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, ""),
        ("  gewoon  ", "gewoon"),
        ("3 < 4 en 5 > 2", "3 < 4 en 5 > 2"),
        ("R&D en &euro; 5", "R&D en € 5"),
        ("<div><p>een</p><p>twee</p></div>", "een\ntwee"),
        ("a\x00b\x07c", "abc"),
        ("<p>open", "open"),
        ("x" * (LONGEST + 9), "x" * LONGEST),
    ],
)
def test_texts_come_out_plain(text: str | None, said: str) -> None:
    """Without markup and control characters; what only looks like markup stays."""
    assert plain(text) == said


def test_the_code_lists_are_those_of_the_register() -> None:
    """Every code and name of the lists that guides use."""
    if not LISTS.exists():
        pytest.skip("the code lists are not on this machine (../shared/specs/dennis-eva); nothing to compare with")
    published = {}
    for line in LISTS.read_text("utf-8").splitlines():
        if found := re.fullmatch(r"(\w+): \{(.*)\}.*", line):
            entries = re.findall(r'"?(\w+)"?: ("[^"]*"|[^,]*)', found[2])
            published[found[1]] = {code: name.strip('"') for code, name in entries}
    assert published["Klantkenmerken"] == codes.CHARACTERISTICS
    assert published["Uitvoeringsvormen"] == codes.FORMS
    assert published["WerklandschapTegels"] == codes.TILES
    assert published["Doelgroepen"] == codes.TARGETS
    assert published["Groepsvormen"] == codes.GROUP_FORMS
    assert published["TrajectDuurEenheden"] == codes.UNITS


@pytest.mark.parametrize(
    ("code", "name", "prefixes", "found"),
    [
        ("kk05", None, ("KK",), "KK05"), (None, "basisvaardigheden", ("KK",), "KK05"), ("KK99", "iets", ("KK",), ""),
        (None, "Opleiden", ("DW",), "DW04"), (None, "Opleiden", ("EW",), "EW06"), ("UV01", None, ("KK",), ""),
    ],
)  # fmt: skip
def test_an_entry_is_found_by_code_or_name(code: str | None, name: str | None, prefixes: Any, found: str) -> None:
    """In the lists that fit: the same name may be in two. What a guide added itself has no code."""
    assert codes.code_of(code, name, prefixes) == found
