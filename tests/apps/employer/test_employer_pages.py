"""The employer: a CV by link, and nothing else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.apphouse import BASE, Browser, House, app_house

from werkpod.apps.employer import pages as employer
from werkpod.vocab.cv import Certificate, Contact, Experience, Identity


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The house with the employer's app."""
    async with app_house(tmp_path) as house:
        house.give_routes(
            employer.routes(base_url=BASE, http=house.http, keys=b"e" * 32, pages=house.pages, clock=house.clock)
        )
        yield house


@pytest.fixture
async def noor(house: House) -> Browser:
    """A citizen with a name, work, a licence and a telephone."""
    noor = await house.person("Noor Zandstra")
    await noor.write("identity", Identity(name="Noor Zandstra"))
    await noor.write("experience", Experience("kok", label="Kok bij De Pan"))
    await noor.write("certificates", Certificate("b", "Rijbewijs B"))
    await noor.write("contact", Contact(phone="06 12345678"))
    return noor


async def link(house: House, noor: Browser, *, views: int = 2, passcode: str | None = None) -> str:
    """The path of a new link to the name and the work."""
    made = await house.links.create(
        noor.account, ("identity", "experience"), days=7, views=views, passcode=passcode, label="Bakker Bart"
    )
    assert made.url is not None
    return made.url.removeprefix(BASE)


async def look(browser: Browser, path: str, code: str = "") -> str:
    """Press the button and read what follows."""
    there = await browser.post(path, code=code)
    return (await browser.get(there.headers["location"])).text if there.status_code == 303 else there.text


async def test_looking_at_the_first_page_uses_no_view(house: House, noor: Browser) -> None:
    """Link previews may open the address as often as they like: nothing of the person shows, no view is used."""
    path = await link(house, noor, views=1)
    for _ in range(3):
        page = await house.stranger().get(path)
        assert "Iemand deelt een cv met u" in page.text
        assert "Noor" not in page.text
        assert "noindex" in page.headers["x-robots-tag"]
    assert await noor.log() == []
    assert "Kok bij De Pan" in await look(house.stranger(), path)


async def test_the_page_shows_the_shared_sections_and_nothing_else(house: House, noor: Browser) -> None:
    """Name and work are there, the licence and the telephone are not; the log has the opening and those two reads."""
    page = await look(house.stranger(), await link(house, noor))
    assert "Noor Zandstra" in page
    assert "Kok bij De Pan" in page
    assert "Rijbewijs" not in page
    assert "06 12345678" not in page
    assert set(await noor.log()) == {
        ("link:opened", "", "allowed"),
        ("read", "cv/identity", "allowed"),
        ("read", "cv/experience", "allowed"),
    }


async def test_a_reload_counts_no_second_view(house: House, noor: Browser) -> None:
    """Within the minutes that it is open the CV can be looked at again; the last view was used for it once."""
    path = await link(house, noor, views=1)
    browser = house.stranger()
    assert "Kok bij De Pan" in await look(browser, path)
    assert "Kok bij De Pan" in (await browser.get(f"{path}/cv")).text
    assert "Deze link opent niet." in await look(house.stranger(), path)


async def test_every_link_that_does_not_open_gets_one_answer(house: House, noor: Browser) -> None:
    """Unknown, used up, past, stopped and with a wrong code: the same status and the same page, byte for byte."""
    stopped = await link(house, noor)
    (made,) = await house.links.list(noor.account.id)
    await house.links.stop(noor.account.id, made.id, by=noor.account.id)
    used, past = await link(house, noor, views=1), await link(house, noor)
    coded = await link(house, noor, passcode="wortel42")
    await look(house.stranger(), used)
    answers = [await house.stranger().post(path) for path in ("/k/" + "x" * 43, "/k/kort", used, stopped)]
    answers.append(await house.stranger().post(coded, code="fout"))
    house.clock.ahead = 8 * 86400
    answers.append(await house.stranger().post(past))
    assert {answer.status_code for answer in answers} == {404}
    pages = {answer.text.replace(str(answer.request.url.path), "PATH") for answer in answers}
    assert len(pages) == 1
    assert "Deze link opent niet." in pages.pop()


async def test_a_code_opens_a_link_that_has_one(house: House, noor: Browser) -> None:
    """With the right code the CV shows; without it the one plain answer does."""
    path = await link(house, noor, passcode="wortel42")
    assert "Deze link opent niet." in await look(house.stranger(), path)
    assert "Kok bij De Pan" in await look(house.stranger(), path, "wortel42")


async def test_after_a_stop_an_open_page_shows_nothing_more(house: House, noor: Browser) -> None:
    """Whoever has the CV open gets nothing at the next request after the stop."""
    path = await link(house, noor)
    browser = house.stranger()
    await look(browser, path)
    (made,) = await house.links.list(noor.account.id)
    await house.links.stop(noor.account.id, made.id, by=noor.account.id)
    page = await browser.get(f"{path}/cv")
    assert page.status_code == 404
    assert "Noor" not in page.text
    assert (await noor.log())[-1][2] == "refused"


async def test_what_one_link_opened_is_closed_to_another(house: House, noor: Browser) -> None:
    """The session of a link is sent to that link's addresses only, and opens no other."""
    first, second = await link(house, noor), await link(house, noor)
    browser = house.stranger()
    await look(browser, first)
    assert (await browser.get(f"{second}/cv")).headers["location"] == second


async def test_another_site_cannot_use_up_views(house: House, noor: Browser) -> None:
    """A form on another site that posts to the link is refused before anything is opened."""
    path = await link(house, noor, views=1)
    with pytest.raises(Exception, match="sent from"):
        await house.stranger().post(path, origin="https://evil.example")
    assert "Kok bij De Pan" in await look(house.stranger(), path)


@pytest.mark.parametrize("pasted", ["", "hallo", "https://evil.example/", f"{BASE}/k/kort", f"{BASE}/k/../regie"])
async def test_what_is_pasted_and_is_no_link_is_said_to_be_none(house: House, pasted: str) -> None:
    """Anything but a link to a CV comes back with a plain sentence, and leads nowhere."""
    page = await house.stranger().post("/apps/werkgever/", link=pasted)
    assert page.status_code == 400
    assert "Dit is geen link naar een cv." in page.text


async def test_a_pasted_link_leads_to_its_own_page(house: House, noor: Browser) -> None:
    """The link from paper or mail, pasted whole, leads to the page before the CV, on this host only."""
    path = await link(house, noor)
    for pasted in (BASE + path, f"https://evil.example{path}", f"  {BASE}{path}  "):
        assert (await house.stranger().post("/apps/werkgever/", link=pasted)).headers["location"] == path
