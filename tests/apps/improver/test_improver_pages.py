"""Profielverbeteraar: a plan of what helps, and the plan sent to the coach."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

import pytest
from support.apphouse import BASE, Browser, House, app_house

from werkpod.apps.coach import pages as coach
from werkpod.apps.improver import pages as improver
from werkpod.apps.instruments.model import Catalogue, Develops, Duration, Instrument
from werkpod.vocab.taxonomy import Competence, Taxonomy, starter


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    """The taxonomy that ships with Werkpod."""
    return starter()


@pytest.fixture(scope="module")
def wanted(taxonomy: Taxonomy) -> Sequence[Competence]:
    """Four things that a cook can: the first three are learnt somewhere, the last nowhere."""
    occupation = taxonomy.occupation("5120")
    assert occupation is not None
    return [link.competence for link in taxonomy.links(occupation)][:4]


@pytest.fixture
async def house(tmp_path: Path, taxonomy: Taxonomy, wanted: Sequence[Competence]) -> AsyncIterator[House]:
    """The house with Profielverbeteraar, two instruments that have one thing in common, and the coach's app."""
    develops = [tuple(Develops(c.iri, {}, "", "", True) for c in some) for some in (wanted[:2], wanted[1:3])]
    catalogue = Catalogue(
        [
            Instrument("eva-1", "eva", "u1", "Leren koken", "Koken in de wijk.", duration=Duration(6, "02"), cost=0,
                       provider="Kookschool De Lepel", develops=develops[0]),
            Instrument("eva-2", "eva", "u2", "Schoon werken", "Een dag over hygiëne.", develops=develops[1]),
        ]
    )  # fmt: skip
    async with app_house(tmp_path) as house:
        same = {"base_url": BASE, "http": house.http, "pages": house.pages, "clock": house.clock}
        house.give_routes(improver.routes(keys=b"i" * 32, taxonomy=taxonomy, catalogue=catalogue, **same))
        house.give_routes(coach.routes(keys=b"c" * 32, **same))
        yield house


def question(wanted: Sequence[Competence]) -> str:
    """The query that Wensberoeper's page leads to."""
    return urlencode([("doel", "5120"), *(("mist", c.iri) for c in wanted)])


async def with_coach(house: House) -> tuple[Browser, Browser]:
    """A citizen who shares with a coach, and the coach."""
    noor, karin = await house.person("Noor Zandstra"), await house.person("Karin Coach", role="coach")
    await noor.share_with(karin.account, "experience")
    return noor, karin


async def test_the_plan_shows_what_helps_and_what_has_no_help(house: House, wanted: Sequence[Competence]) -> None:
    """Anyone who brings the missing competences gets instruments, what each develops, and what nothing develops."""
    page = (await house.stranger().get(f"/apps/verbeteraar/?{question(wanted)}")).text
    for words in ("Leren koken", "6 weken", "gratis", "Kookschool De Lepel", "Schoon werken"):
        assert words in page
    assert "Met deze hulp leer je 3 van de 4 dingen die je mist." in page
    before, after = page.split("Hiervoor vonden we nog geen hulp")
    assert wanted[0].everyday("nl") in before
    assert wanted[3].everyday("nl") in after


async def test_without_a_question_it_says_where_to_begin(house: House) -> None:
    """No competences, or only unknown ones: a page that leads to Wensberoeper."""
    for query in ("", "mist=https://elsewhere.example/x"):
        page = await house.stranger().get(f"/apps/verbeteraar/?{query}")
        assert 'href="/apps/wens/"' in page.text


async def test_the_plan_asks_for_nothing_and_reads_nothing(house: House, wanted: Sequence[Competence]) -> None:
    """Looking at a plan touches no pod; only sending asks, and then for who helps, not for the CV."""
    noor, _ = await with_coach(house)
    before = await noor.log()
    await noor.get(f"/apps/verbeteraar/?{question(wanted)}")
    start = (await noor.get(f"/apps/verbeteraar/sturen?{question(wanted)}")).text
    assert "Wie je helpt (je coach)" in start
    assert "Je werk" not in start
    assert await noor.log() == before


async def test_the_plan_goes_to_the_coach_and_the_coach_reads_it(house: House, wanted: Sequence[Competence]) -> None:
    """Yes, send, confirmation: the coach's page shows the plan with its steps, and the words that went along."""
    noor, karin = await with_coach(house)
    landed = await noor.share("verbeteraar", f"/apps/verbeteraar/sturen?{question(wanted)}")
    page = await noor.get(landed.headers["location"])
    assert "Je stuurt dit naar Karin Coach." in page.text
    sent = await noor.post(
        "/apps/verbeteraar/stuur", naar=karin.account.webid, doel="5120", mist=[c.iri for c in wanted],
        bericht="Zullen we dit bespreken?",
    )  # fmt: skip
    assert sent.status_code == 303
    assert "Karin Coach heeft je plan gekregen." in (await noor.get(sent.headers["location"])).text
    await karin.share("coach")
    shown = (await karin.get(f"/apps/coach/mens?{urlencode({'wie': noor.account.webid})}")).text
    for words in ("Mijn plan: ", "Leren koken", "Schoon werken", "Zullen we dit bespreken?"):
        assert words in shown
    assert f"Hiervoor is nog geen hulp gevonden: {wanted[3].everyday('nl')}." in shown


async def test_without_a_coach_it_says_how_to_share_with_one(house: House, wanted: Sequence[Competence]) -> None:
    """A citizen who shares with no coach is told where to do that, and nothing is sent."""
    sam = await house.person("Sam Alleen")
    there = f"/apps/verbeteraar/sturen?{question(wanted)}"
    page = await sam.get((await sam.share("verbeteraar", there)).headers["location"])
    assert "We weten nog niet wie je coach is." in page.text
    assert 'href="/regie/delen/coach"' in page.text


async def test_it_sends_only_to_who_helps_the_citizen(house: House, wanted: Sequence[Competence]) -> None:
    """A form that names somebody else's WebID sends nothing."""
    noor, _ = await with_coach(house)
    other = await house.person("Vreemde Coach", role="coach")
    await noor.share("verbeteraar")
    page = await noor.post("/apps/verbeteraar/stuur", naar=other.account.webid, mist=[wanted[0].iri])
    assert page.status_code == 400
    await other.share("coach")
    assert "Nog niemand deelt met jou." in (await other.get("/apps/coach/")).text
