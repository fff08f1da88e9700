"""Somebody who helps, from asking to stopping, with the banner on each page; and a link from start to end.

The helper goes by keyboard alone, and one walk is without scripts.
"""

from __future__ import annotations

from playwright.sync_api import expect
from support.looking import keep, wrong
from support.settled import signed_up, with_work
from support.visiting import Visitor
from support.walking import Walker

HELP, FOR = "/regie/vertegenwoordiging", "/regie/vertegenwoordiging/voor"


def right(person: Walker, name: str) -> None:
    """Nothing is wrong with the page that is open."""
    assert not (found := wrong(person.page, name)), "\n".join(found)


def by_keyboard(person: Walker, words: str) -> None:
    """Come to a button or a link with the Tab key, as often as it takes, and press Enter on it."""
    for _ in range(60):
        person.page.keyboard.press("Tab")
        here = person.page.evaluate("() => (document.activeElement || {}).innerText || ''")
        if here.strip() == words:
            return person.page.keyboard.press("Enter")
    raise AssertionError(f"{words!r} is not reached with the keyboard")


def ask(citizen: Walker, helper: str) -> Walker:
    """Choose a coach as helper, what they may and how long; to the second step."""
    citizen.go(f"{HELP}/nieuw").tick(helper, "mijn jobcoach", "zien met wie", "iets van het cv delen", "Je werk")
    citizen.choose("Hoe lang mag wat deze persoon deelt", "30 dagen").choose("Hoe lang helpt", "90 dagen")
    return citizen.press("Kijk het na").heading("Klopt dit?")


def test_somebody_helps_and_every_page_says_for_whom(visitor: Visitor) -> None:
    """From asking to stopping; what the pages look like is in test_every_sharing_page.py."""
    citizen, carla = signed_up(visitor(), "Hanna Hulp"), visitor().sign_in("carla")
    citizen.go(HELP).heading("Iemand die je helpt")
    citizen.follow("Vraag iemand om je te helpen").heading("Vraag iemand")
    assert citizen.page.locator("input:checked").count() == 0
    citizen.press("Kijk het na").reads("Er ging iets mis")
    ask(citizen, "Carla")
    citizen.press("Ja, vraag Carla").reads("Je vraag is weg")
    carla.go(FOR).reads("Hanna Hulp vraagt of je wilt helpen")
    carla.press("Ja, ik help").reads("Je hebt ja gezegd")
    carla.press("Regel iets voor Hanna Hulp").heading("Je regelt dingen voor Hanna Hulp")
    carla.go("/regie/delen").heading("Delen")
    banner = carla.page.get_by_role("complementary", name="Voor wie je dit regelt")
    expect(banner).to_contain_text("Je regelt dit voor Hanna Hulp.")
    carla.go("/regie/instellingen").reads("Dat kan hier niet")
    citizen.go(HELP).reads("Carla")
    citizen.press("Stop met deze hulp").reads("Gestopt")
    carla.go("/regie/delen").heading("Dit is voorbij")
    by_keyboard(carla, "Ga verder als jezelf")
    carla.heading("Voor wie je iets regelt").reads("Niemand heeft je gevraagd")


def test_the_helper_gets_by_without_scripts_and_by_keyboard(visitor: Visitor) -> None:
    """Without JavaScript everything works; the way back from the banner is a key press."""
    citizen, carla = signed_up(visitor(java_script_enabled=False), "Henk Hulp"), visitor(java_script_enabled=False)
    ask(citizen, "Carla").press("Ja, vraag Carla").reads("Je vraag is weg")
    carla.sign_in("carla").go(FOR).press("Ja, ik help").press("Regel iets voor Henk Hulp")
    carla.go("/regie/delen/coach")
    banner = carla.page.get_by_role("complementary", name="Voor wie je dit regelt")
    expect(banner).to_contain_text("Je regelt dit voor Henk Hulp.")
    banner.get_by_role("button", name="Stop").press("Enter")
    carla.heading("Voor wie je iets regelt")
    expect(banner).to_have_count(0)


def test_a_link_from_start_to_end(visitor: Visitor) -> None:
    """Making a link, its code, the page before the CV, the CV, and the message that it was opened."""
    citizen, employer = with_work(visitor(), "Lena Link"), visitor(java_script_enabled=False)
    citizen.go("/regie/delen/link").press("Zonder naam en leeftijd").reads("Dit krijgt")
    right(citizen, "link-choose")
    citizen.fill("Voor wie is de link?", "Bakkerij").choose("Hoe lang werkt", "7 dagen").choose(
        "Hoe vaak mag", "3 keer"
    )
    citizen.press("Maak de link").heading("Je link is klaar")
    right(citizen, "link-made-whole")
    citizen.page.emulate_media(media="print")
    expect(citizen.page.get_by_role("img", name="QR-code van je link")).to_be_visible()
    expect(citizen.page.get_by_text("Scan de code met je telefoon")).to_be_visible()
    expect(citizen.page.locator("h1, nav, #link, dl").filter(visible=True)).to_have_count(0)
    keep(citizen.page, "link-made-print")
    citizen.page.emulate_media(media="screen")
    with citizen.page.expect_download() as saved:
        citizen.follow("Bewaar de QR-code")
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")
    employer.go(citizen.page.locator("#link").inner_text().strip()).heading("Iemand deelt een cv met u")
    employer.press("Bekijk het cv").reads("Heftruck").misses("Lotte Link", "Pakhuis Fictie", "2015")
    reader = visitor()
    reader.go(employer.page.url.removesuffix("/cv")).heading("Iemand deelt een cv met u")
    right(reader, "link-before")
    right(reader.press("Bekijk het cv").reads("Heftruck"), "link-opened")
    citizen.go("/regie/berichten").reads("Je link voor Bakkerij is voor het eerst geopend")
    right(citizen.go("/regie/delen/link").reads("Gebruikt: 2 van de 3 keer", "Laatst geopend op"), "link-list")
