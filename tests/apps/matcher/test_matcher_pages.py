"""Matchberoeper: fitting occupations, with what you can already, from which job, and what is missing."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.apphouse import BASE, Browser, House, app_house

from werkpod.apps.matcher import pages as matcher
from werkpod.vocab.cv import Competence, Experience
from werkpod.vocab.taxonomy import Match, Taxonomy, starter


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    """The taxonomy that ships with Werkpod."""
    return starter()


@pytest.fixture
async def house(tmp_path: Path, taxonomy: Taxonomy) -> AsyncIterator[House]:
    """The house with Matchberoeper."""
    async with app_house(tmp_path) as house:
        house.give_routes(
            matcher.routes(
                base_url=BASE, http=house.http, keys=b"m" * 32, pages=house.pages, taxonomy=taxonomy, clock=house.clock
            )
        )
        yield house


async def cook(house: House, taxonomy: Taxonomy) -> Browser:
    """A citizen who was a cook and named three things learnt there."""
    noor = await house.person("Noor Zandstra")
    occupation = taxonomy.occupation("5120")
    assert occupation is not None
    job = Experience("kok", label="Kok bij De Pan", occupation=occupation.iri)
    learnt = [link.competence for link in taxonomy.links(occupation) if link.kind == "essential"][:3]
    source = (f"{noor.account.storage}cv/experience#kok",)
    await noor.write("experience", job)
    await noor.write(
        "competences", *(Competence(f"c{n}", c.everyday("nl"), c.iri, gained_in=source) for n, c in enumerate(learnt))
    )
    return noor


async def test_a_fitting_occupation_shows_what_you_can_and_what_is_missing(house: House, taxonomy: Taxonomy) -> None:
    """After yes: occupations with a count, the job a competence comes from, what is missing, and a way onward."""
    noor = await cook(house, taxonomy)
    await noor.share("beroep")
    page = (await noor.get("/apps/beroep/")).text
    for words in ("Je kunt al", "Geleerd bij: Kok bij De Pan", "Dit kun je nog leren", "/apps/wens/beroep?beroep=http"):
        assert words in page
    assert "Je kunt al 0 van" not in page


async def test_work_already_done_is_not_suggested(house: House, taxonomy: Taxonomy) -> None:
    """The occupation that the person had is left out of the list."""
    noor = await cook(house, taxonomy)
    await noor.share("beroep")
    occupation = taxonomy.occupation("5120")
    assert occupation is not None
    assert f">{occupation.title('nl')}</h2>" not in (await noor.get("/apps/beroep/")).text


async def test_it_reads_the_two_sections_and_nothing_else(house: House, taxonomy: Taxonomy) -> None:
    """The access log holds reads of the sections that were shared, and no others."""
    noor = await cook(house, taxonomy)
    await noor.share("beroep")
    await noor.get("/apps/beroep/")
    assert set(await noor.log()) == {
        ("read", "cv/experience", "allowed"),
        ("read", "cv/competences", "allowed"),
    }


async def test_an_empty_cv_leads_to_the_cv_builder(house: House) -> None:
    """Where there is nothing to go by, the page says what to do first."""
    sam = await house.person("Sam Leeg")
    await sam.share("beroep")
    page = (await sam.get("/apps/beroep/")).text
    assert "In je cv staat nog niet wat je kunt." in page
    assert 'href="/apps/cv/"' in page


async def test_the_page_speaks_english_to_who_asks_for_it(house: House, taxonomy: Taxonomy) -> None:
    """With the language cookie on English the sentences and the competences are English."""
    noor = await cook(house, taxonomy)
    await noor.share("beroep")
    noor.client.cookies.set("taal", "en")
    page = (await noor.get("/apps/beroep/")).text
    assert '<html lang="en">' in page
    assert "You can do" in page
    assert "Je kunt" not in page


async def test_words_of_a_cv_are_shown_and_never_run(house: House, taxonomy: Taxonomy) -> None:
    """A job title with markup in it is text on the page."""
    noor = await cook(house, taxonomy)
    await noor.write("experience", Experience("kok", label="<script>alert(1)</script>"))
    await noor.share("beroep")
    page = (await noor.get("/apps/beroep/")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_third_of_one_unit_group_is_left_out(taxonomy: Taxonomy) -> None:
    """Of many occupations that are all one to a person, two are shown; what lies in no group stays."""
    cook, waiter = taxonomy.occupation("5120"), taxonomy.occupation("5131")
    assert cook is not None
    assert waiter is not None
    lost = dataclasses.replace(cook, isco="")
    ranked = [Match(each, 0.5, (), ()) for each in (cook, cook, cook, waiter, lost, lost, lost)]
    assert [match.occupation for match in matcher.varied(ranked)] == [cook, cook, waiter, lost, lost, lost]


def test_one_thing_in_common_comes_last_and_fills_a_short_list(taxonomy: Taxonomy) -> None:
    """Work with one thing in common follows where there is little else, and is left out where there is enough."""
    cook = taxonomy.occupation("5120")
    assert cook is not None
    three = tuple(link.competence for link in taxonomy.links(cook))[:3]
    much, little = Match(cook, 0.5, three, ()), Match(cook, 0.6, three[:1], ())
    assert matcher.telling([little, much, little]) == [much, little, little]
    assert matcher.telling([*[little] * 9, much]) == [much, *[little] * 4]
    assert matcher.telling([little, *[much] * 5]) == [much] * 5
