"""Wensberoeper: pick a wish, see what counts already and what is still to learn."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import pytest
from support.apphouse import BASE, Browser, House, app_house

from werkpod.apps.wish import pages as wish
from werkpod.vocab.cv import Experience, Wish
from werkpod.vocab.taxonomy import Occupation, Taxonomy, starter


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    """The taxonomy that ships with Werkpod."""
    return starter()


@pytest.fixture(scope="module")
def cook(taxonomy: Taxonomy) -> Occupation:
    """ISCO-08 unit group 5120, cooks."""
    found = taxonomy.occupation("5120")
    assert found is not None
    return found


@pytest.fixture
async def house(tmp_path: Path, taxonomy: Taxonomy) -> AsyncIterator[House]:
    """The house with Wensberoeper."""
    async with app_house(tmp_path) as house:
        house.give_routes(
            wish.routes(
                base_url=BASE, http=house.http, keys=b"w" * 32, pages=house.pages, taxonomy=taxonomy, clock=house.clock
            )
        )
        yield house


@pytest.fixture
async def noor(house: House, taxonomy: Taxonomy, cook: Occupation) -> Browser:
    """A citizen who was a kitchen helper and wishes to be a cook."""
    browser = await house.person("Noor Zandstra")
    helper = taxonomy.occupation("9412")
    assert helper is not None
    await browser.write("experience", Experience("hulp", label="Keukenhulp", occupation=helper.iri))
    await browser.write("wishes", Wish("w", label="Kok", occupation=cook.iri))
    return browser


async def test_a_wish_is_found_by_its_name_and_offered_from_the_cv(noor: Browser, cook: Occupation) -> None:
    """Typing "kok" offers cooks, and so does the wish in the CV; each leads to its gap."""
    await noor.share("wens")
    link = f'href="/apps/wens/beroep?beroep={quote(cook.iri, safe="")}"'
    assert link in (await noor.get("/apps/wens/?q=kok")).text
    assert link in (await noor.get("/apps/wens/")).text


async def test_the_gap_says_what_counts_and_what_is_missing(
    noor: Browser, taxonomy: Taxonomy, cook: Occupation
) -> None:
    """The page counts what is there, names the job it goes with, and hands each missing competence onward."""
    await noor.share("wens")
    page = (await noor.get(f"/apps/wens/beroep?beroep={quote(cook.iri, safe='')}")).text
    helper = taxonomy.occupation("9412")
    assert helper is not None
    own = {link.competence.iri for link in taxonomy.links(helper) if link.kind == "essential"}
    gap = taxonomy.gap(cook, own)
    assert f"Je kunt al {len(gap.have)} van de {len(gap.have) + len(gap.missing)} dingen." in page
    assert "Hoort bij je werk als Keukenhulp:" in page
    assert 'action="/apps/verbeteraar/"' in page
    assert page.count('name="mist"') == len(gap.missing)
    for competence in gap.missing:
        assert f'value="{competence.iri}"' in page


async def test_a_link_from_matchberoeper_survives_the_first_visit(noor: Browser, cook: Occupation) -> None:
    """Who comes from a match and has not shared yet lands, after yes, at that very occupation."""
    there = f"/apps/wens/beroep?beroep={quote(cook.iri, safe='')}"
    start = await noor.get(there)
    assert "Wat Wensberoeper van je vraagt" in start.text
    assert there.replace("&", "&amp;") in start.text
    assert (await noor.share("wens", there)).headers["location"] == there


async def test_an_unknown_occupation_gets_a_way_out(noor: Browser) -> None:
    """A code that no taxonomy has is a page with a search, not an error."""
    await noor.share("wens")
    page = await noor.get("/apps/wens/beroep?beroep=nietbestaand")
    assert page.status_code == 404
    assert "Dit beroep kennen we niet." in page.text


async def test_nothing_found_is_said_with_the_words_that_were_typed(noor: Browser) -> None:
    """A search without result repeats the text, as text."""
    await noor.share("wens")
    page = (await noor.get("/apps/wens/?q=%3Cb%3Eqqzzxx%3C/b%3E")).text
    assert "<b>qqzzxx" not in page
