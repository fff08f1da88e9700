"""The coach: who shares, what they share, a tip back."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from support.apphouse import BASE, Browser, House, app_house

from werkpod.apps.coach import pages as coach
from werkpod.apps.kit.notes import parse_note
from werkpod.vocab.cv import Contact, Experience


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The house with the coach's app."""
    async with app_house(tmp_path) as house:
        house.give_routes(
            coach.routes(base_url=BASE, http=house.http, keys=b"c" * 32, pages=house.pages, clock=house.clock)
        )
        yield house


@pytest.fixture
async def karin(house: House) -> Browser:
    """A coach."""
    return await house.person("Karin Coach", role="coach")


@pytest.fixture
async def noor(house: House, karin: Browser) -> Browser:
    """A citizen with work and a telephone, who shares the work with the coach."""
    noor = await house.person("Noor Zandstra")
    await noor.write("experience", Experience("kok", label="Kok bij De Pan"))
    await noor.write("contact", Contact(phone="06 12345678"))
    await noor.share_with(karin.account, "experience")
    return noor


def of(person: Browser) -> str:
    """The page of a person in the coach's app."""
    return f"/apps/coach/mens?{urlencode({'wie': person.account.webid})}"


async def test_the_list_names_who_shares_and_until_when(karin: Browser, noor: Browser) -> None:
    """Everyone who shares is in the list with an end; with a name where that is shared, else by the address."""
    await karin.share("coach")
    page = (await karin.get("/apps/coach/")).text
    assert "1 persoon deelt iets met jou." in page
    assert "Noor Zandstra" not in page
    assert f"Iemand ({noor.account.slug})" in page
    assert "Tot " in page
    await noor.share_with(karin.account, "identity")
    assert "Noor Zandstra" in (await karin.get("/apps/coach/")).text


async def test_the_coach_sees_what_is_shared_and_nothing_else(karin: Browser, noor: Browser) -> None:
    """The shared section is on the page, the telephone number is not, and the citizen's log has the coach's read."""
    await karin.share("coach")
    page = (await karin.get(of(noor))).text
    assert "Kok bij De Pan" in page
    assert "06 12345678" not in page
    log = await noor.log()
    assert ("read", "cv/experience", "allowed") in log
    assert all(path != "cv/contact" for _, path, _ in log)


async def test_two_citizens_are_two_pages(house: House, karin: Browser, noor: Browser) -> None:
    """Each citizen's page has their own work and not the other's."""
    sam = await house.person("Sam Stein")
    await sam.write("experience", Experience("hef", label="Heftruckchauffeur"))
    await sam.share_with(karin.account, "experience")
    await karin.share("coach")
    assert "2 mensen delen iets met jou." in (await karin.get("/apps/coach/")).text
    assert "Heftruckchauffeur" in (await karin.get(of(sam))).text
    assert "Heftruckchauffeur" not in (await karin.get(of(noor))).text


async def test_after_a_stop_the_coach_sees_nothing(house: House, karin: Browser, noor: Browser) -> None:
    """The next look after the stop gets a plain page without data."""
    await karin.share("coach")
    await karin.get(of(noor))
    (grant,) = await house.grants.list(noor.account.id, active_only=True)
    await house.sharing.stop(noor.account, grant.id)
    page = await karin.get(of(noor))
    assert page.status_code == 404
    assert "Deze persoon deelt niets met jou." in page.text
    assert "Kok" not in page.text
    assert "Nog niemand deelt met jou." in (await karin.get("/apps/coach/")).text


async def test_another_coach_sees_nothing(house: House, noor: Browser) -> None:
    """A coach with whom nothing is shared gets neither the list entry nor the page."""
    other = await house.person("Piet Coach", role="coach")
    await other.share("coach")
    assert "Noor" not in (await other.get("/apps/coach/")).text
    assert (await other.get(of(noor))).status_code == 404


async def test_a_tip_arrives_in_the_citizens_inbox(house: House, karin: Browser, noor: Browser) -> None:
    """A tip becomes a note in the inbox, from this coach, with the words that were typed."""
    await karin.share("coach")
    sent = await karin.post("/apps/coach/tip", wie=noor.account.webid, tekst="Kom naar de open dag!")
    assert sent.status_code == 303
    assert "Je tip is gestuurd." in (await karin.get(sent.headers["location"])).text
    children = await house.parts.storage.children(noor.pod.id, "inbox/")
    (child,) = [child for child in children if not child.container]
    answer = await house.service.read(noor.owner, noor.pod, child.path)
    note = parse_note(answer.body, noor.account.storage + child.path, child.creator)
    assert note is not None
    assert (note.sender, note.text) == (karin.account.webid, "Kom naar de open dag!")


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
async def test_an_empty_or_endless_tip_is_not_sent(house: House, karin: Browser, noor: Browser, text: str) -> None:
    """The form comes back with what is wrong and with what was typed; nothing arrives."""
    await karin.share("coach")
    page = await karin.post("/apps/coach/tip", wie=noor.account.webid, tekst=text)
    assert page.status_code == 400
    assert "Schrijf een tip van 1 tot 2000 tekens." in page.text
    assert await house.parts.storage.children(noor.pod.id, "inbox/") == []


async def test_a_tip_goes_only_to_who_shares(house: House, karin: Browser) -> None:
    """A form with the WebID of somebody who shares nothing sends nothing."""
    sam = await house.person("Sam Stein")
    await karin.share("coach")
    assert (await karin.post("/apps/coach/tip", wie=sam.account.webid, tekst="Hallo")).status_code == 404
    assert await house.parts.storage.children(sam.pod.id, "inbox/") == []
