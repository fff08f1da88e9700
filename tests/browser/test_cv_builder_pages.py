"""CV-bouwer as a person walks it: a job in one's own words, what one could do there, an import."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.settled import in_cv_builder, signed_up
from support.visiting import Visitor
from support.walking import Walker

EXAMPLES = Path(__file__).resolve().parents[3] / "shared/specs/jsonresume/examples"
RESUME = {
    "basics": {"name": "Iris Inlees", "email": "iris@voorbeeld.example", "image": "https://voorbeeld.example/iris.png"},
    "work": [{"name": "Wasserij Nergens", "position": "Wasserijmedewerker", "startDate": "2016-02", "endDate": "2019"}],
    "education": [{"institution": "Het Verzonnen College", "area": "Zorg", "studyType": "mbo 2", "endDate": "2015"}],
    "skills": [{"name": "Strijken"}],
    "languages": [{"language": "Arabisch", "fluency": "moedertaal"}],
    "hobbies": ["zwemmen met de buren"],
}


@pytest.fixture
def builder(person: Walker, request: pytest.FixtureRequest) -> Walker:
    """Somebody new in CV-bouwer."""
    return in_cv_builder(signed_up(person, f"Bouwer {request.node.name}"[:60]))


@pytest.mark.parametrize(("words", "title"), [("heftruck", "Heftruck"), ("thuiszorg", "huis"), ("caissiere", "Kassa")])
def test_a_job_is_found_by_what_people_call_it(builder: Walker, words: str, title: str) -> None:
    """The first thing found is what was meant, and while one types already."""
    builder.go("/apps/cv/werk/zoek")
    builder.page.get_by_label("Typ hoe jij het werk noemt").press_sequentially(words)
    builder.first_door().click()
    builder.heading("Waar en wanneer").reads("Beroep:")
    assert title.lower() in builder.main.inner_text().lower()


def test_a_job_with_its_competences_is_on_the_cv(builder: Walker) -> None:
    """What is ticked and what is added in one's own words stands on Mijn cv, with the job it comes from."""
    builder.find_job("heftruck", "Heftruck").fill("Hoe noem jij dit werk?", "Heftruck rijden")
    builder.fill("Bij welk bedrijf", "Pakhuis Fictie").say_when("Wanneer begon je", "2015", "maart")
    builder.say_when("Wanneer stopte je", "2020", "juni").press("Bewaar en ga verder").heading("Wat kon je daar?")
    ticked = builder.tick_first("Dit hoort meestal", 3)
    builder.fill("Typ wat je nog meer kunt", "knopen leggen in touw").press("Zoek erbij")
    builder.tick("knopen leggen in touw").save_skills().reads("Heftruck rijden", "maart 2015 tot juni 2020")
    builder.go("/regie/cv").reads("Heftruck rijden", "Pakhuis Fictie", *ticked, "knopen leggen in touw")
    builder.reads("geleerd bij: Heftruck rijden")


def test_a_job_that_no_list_knows_is_saved_in_own_words(builder: Walker) -> None:
    """Nobody is sent away: what is not found goes on the CV as it was typed."""
    builder.go("/apps/cv/werk/zoek").fill("Typ hoe jij het werk noemt", "sterrenveger").press("Zoeken")
    builder.follow("Ga verder met").heading("Waar en wanneer").say_when("Wanneer begon je", "2011")
    builder.tick("Ik werk hier nog").press("Bewaar en ga verder").heading("Wat kon je daar?")
    builder.fill("Typ wat je nog meer kunt", "ramen wassen op hoogte").save_skills().reads("sterrenveger")
    builder.reads("ramen wassen op hoogte")


def test_a_wrong_year_is_said_at_the_field_and_nothing_is_lost(builder: Walker) -> None:
    """The page says what is wrong, keeps what was typed, and saves nothing."""
    builder.find_job("heftruck", "Heftruck").fill("Bij welk bedrijf", "Pakhuis Fictie")
    builder.say_when("Wanneer begon je", "2o15").press("Bewaar en ga verder").reads("Het is nog niet bewaard")
    assert builder.page.get_by_label("Bij welk bedrijf").input_value() == "Pakhuis Fictie"
    assert builder.page.title().startswith("Fout")
    builder.go("/apps/cv/werk").reads("Hier staat nog niets")


def test_a_job_is_changed_and_taken_away(builder: Walker) -> None:
    """Every job has a link to change it and one to take it away, which asks first."""
    builder.add_job("thuiszorg", "huis", employer="Zorg Fictie", start="2018", end="2021", can=2)
    builder.follow("Veranderen").fill("Bij welk bedrijf", "Zorg Elders").press("Bewaar").reads("Zorg Elders")
    builder.follow("Weghalen").reads("Het is dan weg").press("Ja, haal weg").reads("Het is weg")
    builder.go("/regie/cv").misses("Zorg Elders")


def test_an_import_lands_in_its_sections_and_shows_what_has_no_place(builder: Walker, tmp_path: Path) -> None:
    """A JSON Resume is shown before it is saved, section by section, with everything that goes nowhere and why."""
    file = tmp_path / "cv.json"
    file.write_text(json.dumps(RESUME), "utf-8")
    builder.go("/apps/cv/").follow("Cv inlezen").heading("Cv inlezen")
    builder.page.get_by_label("Kies je bestand").set_input_files(file)
    builder.press("Laat zien wat waar komt").reads("Er is nog niets bewaard", "Wat niet in je cv komt")
    builder.page.locator("summary").click()
    builder.reads("zwemmen met de buren").press("Ja, zet dit in mijn cv").heading("Je cv is ingelezen")
    builder.page.locator("summary").click()
    builder.reads("zwemmen met de buren")
    builder.go("/regie/cv").reads("Iris Inlees", "Wasserijmedewerker", "Wasserij Nergens", "februari 2016")
    builder.reads("Het Verzonnen College", "Strijken", "Arabisch")


@pytest.mark.parametrize("name", ["career-changer", "new-grad", "senior-engineer"])
def test_foreign_files_are_read_and_what_has_no_place_is_named(visitor: Visitor, name: str) -> None:
    """Name, work, schools of a foreign JSON Resume are on the CV; what has no place there is named."""
    file = EXAMPLES / f"{name}.resume.json"
    if not file.exists():
        pytest.skip(f"no foreign JSON Resume files at {EXAMPLES}")
    resume = json.loads(file.read_text("utf-8"))
    person = in_cv_builder(signed_up(visitor(), f"Lezer {name}")).go("/apps/cv/inlezen")
    person.page.get_by_label("Kies je bestand").set_input_files(file)
    person.press("Laat zien wat waar komt").heading("Wat waar komt").reads("Wat niet in je cv komt")
    person.page.locator("summary").click()
    for section in ("interests", "references", "publications"):
        person.reads(*(each["name"] for each in resume.get(section, ())))
    person.press("Ja, zet dit in mijn cv").heading("Je cv is ingelezen").go("/regie/cv").reads(resume["basics"]["name"])
    person.reads(*(each["position"] for each in resume["work"]), *(each["name"] for each in resume["work"]))
    person.reads(*(each["institution"] for each in resume["education"]))
    person.reads(*(each["language"] for each in resume.get("languages", ())))
