"""CV-bouwer: every other part of the CV, the list of competences, and the import."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.cvbuilder import Builder, cv_builder, hidden

from werkpod.apps.cv_builder.importing import place_name
from werkpod.apps.cv_builder.inputs import Typed, clean, typed_date
from werkpod.vocab.cv import (
    Certificate,
    Contact,
    Education,
    Identity,
    Language,
    PartialDate,
    SectionDocument,
    Summary,
    Wish,
    section_iri,
)
from werkpod.vocab.taxonomy import Taxonomy, starter

SPECS = Path(__file__).resolve().parents[3] / "../shared/specs/jsonresume"
SINGLE: list[tuple[str, dict[str, str], str, Any]] = [
    ("naam", {"naam": "Lina Voorbeeld"}, "identity", Identity(name="Lina Voorbeeld")),
    (
        "contact",
        {"email": "lina@voorbeeld.example", "telefoon": "06 12345678", "plaats": "Zwolle"},
        "contact",
        Contact(email="lina@voorbeeld.example", phone="06 12345678", city="Zwolle"),
    ),
    (
        "over",
        {"kop": "Kok met plezier", "tekst": "Ik kook.\r\nGraag."},
        "summary",
        Summary(text="Ik kook.\nGraag.", headline="Kok met plezier"),
    ),
]
LISTED: list[tuple[str, dict[str, str], str, Any]] = [
    (
        "opleiding",
        {
            "naam": "Horeca",
            "niveau": "mbo 2",
            "school": "ROC",
            "begin_jaar": "2010",
            "eind_jaar": "2012",
            "diploma": "ja",
        },
        "education",
        Education("", "Horeca", "mbo 2", "ROC", PartialDate("2010"), PartialDate("2012"), completed=True),
    ),
    ("talen", {"taal": "tr", "niveau": "native"}, "languages", Language("", "tr", "Turks", "native")),
    ("talen", {"andere": "Zazaki"}, "languages", Language("", None, "Zazaki")),
    (
        "diplomas",
        {
            "naam": "VCA",
            "soort": "certificate",
            "gever": "SSVV",
            "sinds_jaar": "2020",
            "tot_jaar": "2030",
            "tot_maand": "5",
        },
        "certificates",
        Certificate("", "VCA", "SSVV", PartialDate("2020"), PartialDate("2030-05")),
    ),
    ("wensen", {"naam": "Kok", "tekst": "Overdag"}, "wishes", Wish("", "Kok", text="Overdag")),
]


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    """The taxonomy that ships with Werkpod."""
    return starter()


@pytest.fixture
async def builder(tmp_path: Path, taxonomy: Taxonomy) -> AsyncIterator[Builder]:
    """A citizen at the CV-bouwer."""
    async with cv_builder(tmp_path, taxonomy) as made:
        yield made


@pytest.mark.parametrize(("place", "form", "section", "expected"), SINGLE)
async def test_a_part_that_there_is_one_of(
    builder: Builder, place: str, form: dict[str, str], section: str, expected: Any
) -> None:
    """Filled in, saved, shown again in its form, and emptied."""
    assert (await builder.post(place, form)).headers["location"] == "/apps/cv/?bewaard=ja"
    assert getattr(await builder.cv(), section) == expected
    page = await builder.get(place)
    for value in form.values():
        assert value.replace("\r\n", "\n") in page
    assert "1 van de 9" in await builder.get()
    changed = {name: f"{value}." for name, value in form.items()}
    assert (await builder.post(place, {**changed, "versie": hidden(page, "versie")})).status_code == 303
    assert getattr(await builder.cv(), section) != expected


@pytest.mark.parametrize(("place", "form", "section", "expected"), LISTED)
async def test_a_part_with_a_list(
    builder: Builder, place: str, form: dict[str, str], section: str, expected: Any
) -> None:
    """Added, listed, opened again as it was, changed, and taken away."""
    assert "Hier staat nog niets." in await builder.get(place)
    await builder.get(f"{place}/nieuw")
    assert (await builder.post(f"{place}/bewaar", form)).headers["location"] == f"/apps/cv/{place}?bewaard=ja"
    (made,) = getattr(await builder.cv(), section)
    expected = replace(expected, id=made.id)
    assert made == expected
    assert expected.title in await builder.get(place)
    page = await builder.get(f"{place}/wijzig", id=expected.id)
    same = {**form, "id": expected.id, "versie": hidden(page, "versie")}
    assert (await builder.post(f"{place}/bewaar", same)).status_code == 303
    assert getattr(await builder.cv(), section) == (expected,)
    assert expected.title in await builder.get(f"{place}/weg", id=expected.id)
    assert (await builder.post(f"{place}/weg", {"id": expected.id})).status_code == 303
    assert getattr(await builder.cv(), section) == ()


@pytest.mark.parametrize(
    ("place", "form", "field"),
    [
        ("naam", {"naam": " "}, "naam"), ("contact", {"email": "lina"}, "email"), ("over", {"kop": "x" * 301}, "kop"),
        ("opleiding/bewaar", {"niveau": "vmbo"}, "naam"), ("talen/bewaar", {"niveau": "B1"}, "taal"),
        ("diplomas/bewaar", {"gever": "ROC"}, "naam"), ("wensen/bewaar", {}, "naam"),
        ("diplomas/bewaar", {"naam": "VCA", "sinds_jaar": "2020", "tot_jaar": "2010"}, "tot"),
        ("opleiding/bewaar", {"naam": "Horeca", "begin_jaar": "2010"}, "eind"),
    ],
)  # fmt: skip
async def test_a_mistake_is_told_at_its_field(builder: Builder, place: str, form: dict[str, str], field: str) -> None:
    """With status 422 and a link from the top of the page to the field."""
    response = await builder.post(place, form)
    assert response.status_code == 422
    assert f'href="#{field}"' in response.text
    assert f'id="{field}"' in response.text
    assert "Fout: " in response.text


async def test_a_day_stays_when_the_form_shows_only_month_and_year(builder: Builder) -> None:
    """What an import knew to the day is not made vaguer by an edit of something else."""
    url = builder.person.url("cv/education")
    document = SectionDocument.empty("education", section_iri(builder.person.pod.storage, "education"))
    school = Education("a", "Horeca", start=PartialDate("2010-09-15"), end=PartialDate("2012-06-01"))
    await builder.person.put(url, document.put(school).turtle())
    page = await builder.get("opleiding/wijzig", id="a")
    form = {
        "id": "a", "versie": hidden(page, "versie"), "naam": "Horeca en meer", "begin_maand": "9", "begin_jaar": "2010",
        "eind_maand": "7", "eind_jaar": "2012",
    }  # fmt: skip
    assert (await builder.post("opleiding/bewaar", form)).status_code == 303
    (saved,) = (await builder.cv()).education
    assert (saved.label, saved.start, saved.end) == ("Horeca en meer", "2010-09-15", "2012-07")


async def test_a_competence_gets_a_level_and_can_go(builder: Builder) -> None:
    """How well, from the list of everything the person can do."""
    assert (await builder.post("kunnen/erbij", {"zoek": "Trommelen", "actie": "bewaar"})).status_code == 303
    assert "Trommelen" in await builder.get("kunnen")
    (made,) = (await builder.cv()).competences
    assert "Hoe goed kun je dit?" in await builder.get("kunnen/wijzig", id=made.id)
    await builder.post("kunnen/wijzig", {"id": made.id, "niveau": "4", "actie": "bewaar"})
    assert [c.level for c in (await builder.cv()).competences] == [4]
    assert "Heel goed, ik kan het anderen leren" in await builder.get("kunnen")
    await builder.post("kunnen/wijzig", {"id": made.id, "actie": "weg"})
    assert (await builder.cv()).competences == ()


async def test_saying_nothing_extra_is_told(builder: Builder) -> None:
    """An empty form about other things asks for something."""
    response = await builder.post("kunnen/erbij", {"actie": "bewaar"})
    assert response.status_code == 422
    assert "Kruis aan wat je kunt." in response.text


RESUME = {
    "basics": {"name": "Lina Voorbeeld", "image": "foto.png"},
    "work": [{"position": "Kok", "name": "De Pan", "startDate": "2019-03"}],
    "skills": [{"name": "Koken", "keywords": ["Soep"]}],
    "languages": [{"language": "Turks", "fluency": "Native"}],
    "interests": [{"name": "Vissen <&>"}],
}


@pytest.mark.parametrize("way", ["file", "text"])
async def test_an_import_is_shown_before_it_is_saved(builder: Builder, way: str) -> None:
    """What goes where, what goes nowhere and why; saved only after yes."""
    text = json.dumps(RESUME)
    sent: dict[str, Any] = {"files": {"bestand": ("cv.json", text.encode())}} if way == "file" else {}
    response = await builder.post("inlezen", {"tekst": text} if way == "text" else None, **sent)
    assert response.status_code == 200, response.text
    for shown in ("Lina Voorbeeld", "De Pan", "Koken", "Turks", "foto.png", "Een cv in Werkpod heeft geen foto."):
        assert shown in response.text
    assert "Vissen &lt;&amp;&gt;" in response.text
    assert (await builder.cv()).identity is None
    done = await builder.post("inlezen/bewaar", {"document": hidden(response.text, "document")})
    assert done.status_code == 200
    assert "Je cv is ingelezen." in done.text
    cv = await builder.cv()
    assert cv.identity == Identity(name="Lina Voorbeeld")
    assert [(job.label, job.employer) for job in cv.experience] == [("Kok", "De Pan")]
    assert {c.label for c in cv.competences} == {"Koken", "Soep"}
    again = await builder.post("inlezen", {"tekst": text})
    assert "In dit bestand staat niets nieuws voor je cv." in again.text


async def test_an_import_that_stops_half_way_can_go_on(builder: Builder) -> None:
    """The page says what is saved and what is not; trying again adds nothing double."""
    builder.between.refuse = lambda method, path: 503 if method == "PUT" and path.endswith("languages") else None
    response = await builder.post("inlezen/bewaar", {"document": json.dumps(RESUME)})
    assert response.status_code == 503
    assert "Nog niet alles is bewaard." in response.text
    builder.between.refuse = lambda method, path: None
    done = await builder.post("inlezen/bewaar", {"document": hidden(response.text, "document")})
    assert done.status_code == 200
    cv = await builder.cv()
    assert (len(cv.experience), len(cv.competences), len(cv.languages)) == (1, 2, 1)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Kies een bestand of plak de tekst."), ("{", "Dit is geen JSON-bestand."),
        ("[1]", "Dit is geen cv in de vorm van JSON Resume."), ("[" * 40, "Dit is geen JSON-bestand."),
    ],
)  # fmt: skip
async def test_what_is_no_resume_is_told(builder: Builder, text: str, sentence: str) -> None:
    """In Dutch, with what was pasted still there."""
    response = await builder.post("inlezen", {"tekst": text})
    assert response.status_code == 422
    assert sentence in response.text
    assert f">{text}</textarea>" in response.text


@pytest.mark.skipif(not SPECS.is_dir(), reason=f"the foreign JSON Resume files are not at {SPECS}")
async def test_foreign_files_can_be_read_through_the_pages(builder: Builder) -> None:
    """The official sample and the three examples, one after the other into one CV."""
    for path in [SPECS / "sample.resume.json", *sorted(SPECS.glob("examples/*.json"))]:
        response = await builder.post("inlezen", files={"bestand": (path.name, path.read_bytes())})
        assert response.status_code == 200
        done = await builder.post("inlezen/bewaar", {"document": hidden(response.text, "document")})
        assert "Je cv is ingelezen." in done.text
    cv = await builder.cv()
    assert cv.identity is not None
    assert cv.identity.name == "Richard Hendriks", "the name that was there first stays"
    assert len(cv.experience) >= 10
    for place in ("", "werk", "opleiding", "kunnen", "talen", "diplomas"):
        await builder.get(place)


async def test_every_page_is_there_in_english(builder: Builder) -> None:
    """No page breaks on a translation."""
    builder.http.cookies.set("taal", "en")
    await builder.post("werk/bewaar", {"naam": "Cook", "begin_jaar": "2019", "nog": "ja"})
    (job,) = (await builder.cv()).experience
    places: Sequence[str] = (
        "", "naam", "contact", "over", "werk", "werk/zoek?q=cook", "werk/nieuw", f"werk/kunnen?id={job.id}",
        f"werk/weg?id={job.id}", "opleiding", "opleiding/nieuw", "talen", "talen/nieuw", "diplomas", "diplomas/nieuw",
        "wensen", "wensen/zoek?q=cook", "wensen/nieuw", "kunnen", "kunnen/erbij", "inlezen",
    )  # fmt: skip
    for place in places:
        assert '<html lang="en"' in await builder.get(place)


def test_text_is_cleaned_and_not_changed_otherwise() -> None:
    """Control characters go, line ends are one kind, letters are composed."""
    assert clean(" a\x00b\r\nc\u0065\u0301\x1b ") == "ab\nc\u00e9"


def test_a_form_shows_the_date_that_it_read() -> None:
    """Both ways, with a month and without."""
    for date in (PartialDate("2019"), PartialDate("2019-03"), None):
        assert Typed(typed_date("begin", date)).date("begin") == date


def test_a_place_in_a_file_is_told_as_people_count() -> None:
    """The first is 1."""
    assert place_name("/work/0/name") == "work, 1, name"
    assert place_name("/a~1b/x~0y") == "a/b, x~y"
