"""Every page about what is shared: giving, asking, answering, changing, stopping, the log, proof, links, and helping.

Each is accessible, not wider than the screen at 320 px and at 200 % zoom, and silent in the console; and those where
something is decided are walked with the Tab key from start to end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, expect
from support.foreign import ForeignApp
from support.looking import keyed, wrong
from support.running import RunningServer
from support.settled import signed_up
from support.town import Way, after, at, let_in, not_walked, page_routes, signed_in
from support.visiting import visitors
from support.walking import Walker

HELP, FOR = "/regie/vertegenwoordiging", "/regie/vertegenwoordiging/voor"
LOG = "/regie/delen/logboek"
WHY = "Er is een plek vrij bij een bakker. Past die bij jou?"


@dataclass
class Town:
    """A stranger, a newcomer, a citizen, a coach, an employer and somebody who helps, each with a browser."""

    stranger: Walker
    newcomer: Walker
    citizen: Walker
    coach: Walker
    employer: Walker
    helper: Walker
    foreign: ForeignApp
    folder: Path
    walked: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def town(browser: Browser, server: RunningServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The demo people at work; Noor is to help the citizen."""
    with ForeignApp() as foreign:
        people = visitors(browser, server)
        visitor = next(people)
        made = Town(*(visitor() for _ in range(6)), foreign=foreign, folder=tmp_path_factory.mktemp("town"))
        signed_up(made.newcomer, "Nina Nieuw")
        for person, name in ((made.citizen, "sanne"), (made.employer, "bakkerij"), (made.helper, "noor")):
            signed_in(person, name)
        let_in(signed_in(made.coach, "carla"), "/apps/coach/")
        let_in(made.employer, "/apps/werkgever/")
        yield made
        next(people, None)


def asked(town: Town) -> Walker:
    """The coach asks; then the page of what was asked."""
    coach = town.coach.go("/apps/coach/vragen/nieuw").fill("Aan wie?", "sanne").tick("Je werk", "Wat je kunt")
    coach.fill("Waarom?", WHY).choose("Hoe lang is dat nodig?", "90 dagen").tick("Alleen op het ja")
    coach.choose("Wat blijft er bewaard?", "Alles, tot het stopt. Daarna niets.").press("Stel de vraag").reads(
        "De vraag is gesteld."
    )
    return coach.follow("sanne").heading("Vraag aan sanne")


def request_of(town: Town, who: str = "Carla Coach", *presses: str) -> Walker:
    """One request, or a page that follows it."""
    citizen = town.citizen.go("/regie/vragen").follow(f"{who} vraagt iets").heading(f"{who} vraagt iets aan jou")
    return after("citizen", citizen.page.url, *presses)(town)


def less_shown(town: Town) -> Walker:
    """What goes along of what one chose oneself."""
    citizen = request_of(town, "Carla Coach", "Ik kies zelf").tick("Wat je kunt")
    assert citizen.main.locator("input:checked").count() == 1
    return citizen.choose("Hoe lang mag dat?", "30 dagen").press("Laat zien wat er nu meegaat").reads("Vakken vullen")


def asked_why(town: Town) -> Walker:
    """A request that waits for an answer of who asked, and what they say."""
    citizen = request_of(town)
    citizen.page.get_by_text("Ik wil eerst iets vragen").click()
    citizen.fill("Jouw vraag aan Carla Coach", "Welke bakker?").press("Stuur mijn vraag").reads("Je vraag is verstuurd")
    return request_of(town).reads("Welke bakker?")


def blocked(town: Town) -> Walker:
    """Somebody of whom one wants to hear nothing."""
    citizen = request_of(town, "Bakkerij Demo")
    citizen.page.get_by_text("Ik wil niets meer horen van Bakkerij Demo").click()
    return citizen.press("Niets meer van horen").reads("Van wie je niets wilt horen")


def stop_all_of(town: Town) -> Walker:
    """Stopping all of one receiver."""
    value = town.citizen.go("/regie/delen/logboek").page.get_by_label("Wie").locator("option", has_text="Carla")
    who = value.first.get_attribute("value") or ""
    return town.citizen.go(f"/regie/delen/stop-van?wie={quote(who)}").heading("Carla Coach")


def managed(town: Town, *presses: str) -> Walker:
    """The page of what is shared with the coach, or one that follows it."""
    citizen = town.citizen.go("/regie/delen")
    citizen.card("Carla Coach").get_by_role("listitem").get_by_role("link").first.click()
    return after("citizen", citizen.heading("Carla Coach").page.url, *presses)(town)


def difference(town: Town) -> Walker:
    """What gets less, in words."""
    citizen = managed(town, "Minder, korter of langer")
    citizen.box("Over jou").uncheck()
    return citizen.choose("Hoe lang nog?", "Nog 90 dagen").press("Laat zien wat er anders").heading("anders")


def log_found(town: Town) -> Walker:
    """The lines of one receiver, the first of them opened."""
    citizen = town.citizen.go(LOG)
    citizen.page.get_by_text("Kies wat je wilt zien").click()
    citizen.choose("Wie", "Carla Coach").press("Laat zien").reads("Wat kun je doen?")
    citizen.page.get_by_text("Wat je toen deelde").first.click()
    return citizen


def receipt(town: Town) -> Walker:
    """A receipt, with its numbers."""
    citizen = town.citizen.go("/regie/bewijzen").follow("Begonnen met delen").heading("Begonnen met delen")
    with citizen.page.expect_download() as coming:
        citizen.follow("jws")
    coming.value.save_as(town.folder / "bewijs.jws")
    citizen.page.locator("main summary").click()
    return citizen


def checked(town: Town) -> Walker:
    """A real receipt, checked by a stranger."""
    stranger = town.stranger.go("/bewijs")
    stranger.page.get_by_label("Kies het bestand").set_input_files(town.folder / "bewijs.jws")
    return stranger.press("Kijk na").reads("Dit bewijs is echt.")


def checked_wrong(town: Town) -> Walker:
    """Something that is no receipt."""
    stranger = town.stranger.go("/bewijs")
    stranger.page.locator("main summary").click()
    return stranger.fill("De hele tekst van het bestand", "niets").press("Kijk na").reads("Dit bewijs klopt niet.")


def foreign_app(town: Town, everything: bool = False) -> Walker:
    """The consent page for an app of somebody else that asks nothing in particular."""
    citizen = town.citizen.go(town.foreign.question(town.citizen.base)).heading("vraagt iets")
    return citizen.follow("De app heeft alles nodig").reads("Weet je het zeker?") if everything else citizen


def registered_app(town: Town) -> Walker:
    """The consent page for an app that registered itself, on the person's own device."""
    base = town.citizen.base
    citizen = town.citizen.go(town.foreign.question(base, town.foreign.registered(base))).heading("vraagt iets")
    return citizen.reads("we weten niet wie dit is")


def app_asks_more(town: Town) -> Walker:
    """The consent page of an app that was let in and wants more."""
    newcomer = town.newcomer.go("/apps/beroep/").ask("Matchberoeper").press("Ja, dat mag")
    return newcomer.press("Deel ook je werk").heading("Matchberoeper vraagt iets")


def stopped_app(town: Town) -> Walker:
    """An app that somebody stopped sharing with."""
    newcomer = town.newcomer.go("/regie/delen")
    newcomer.press("Stop met delen", inside=newcomer.card("Matchberoeper")).reads("gestopt")
    return newcomer.go("/apps/beroep/").heading("niet meer")


def link_made(town: Town) -> Walker:
    """A link that was just made."""
    town.newcomer.make_link("Je werk", views=1)
    return town.newcomer


def helper_asked(town: Town) -> Walker:
    """The second step of asking somebody to help, who stands in no list."""
    citizen = town.citizen.go(f"{HELP}/nieuw").tick("Iemand anders Vul")
    citizen.page.get_by_text("Gebruikersnaam van iemand anders").click()
    citizen.fill("Gebruikersnaam bij Werkpod", "noor").fill("Hoe noem jij deze persoon?", "Noor")
    citizen.tick("mijn mentor", "zien met wie", "iets van het cv delen", "antwoord geven", "Je werk", "Wat je kunt")
    citizen.choose("Hoe lang mag wat deze persoon deelt", "30 dagen").choose("Hoe lang helpt", "90 dagen")
    return citizen.press("Kijk het na").heading("Klopt dit?")


def helper_invited(town: Town) -> Walker:
    """The helper is asked."""
    town.citizen.press("Ja, vraag Noor").reads("Je vraag is weg")
    return town.helper.go(FOR).reads("vraagt of je wilt helpen")


def helping(path: str, *links: str) -> Way:
    """A page that the helper has in front of them for the citizen: it says so."""

    def way(town: Town) -> Walker:
        helper = after("helper", path, *links)(town)
        banner = helper.page.get_by_role("complementary", name="Voor wie je dit regelt")
        expect(banner).to_contain_text("Je regelt dit voor Sanne Voorbeeld.")
        return helper

    return way


def helper_over(town: Town) -> Walker:
    """The helper's next page after the citizen stopped."""
    citizen = town.citizen.go(HELP).press("Stop met deze hulp").reads("Gestopt")
    assert wrong(citizen.page, "help-stopped") == []
    return town.helper.go("/regie/delen").heading("Dit is voorbij")


PAGES: dict[str, Way] = {
    # Somebody new
    "new-sharing": at("newcomer", "/regie/delen"),
    "new-log": at("newcomer", LOG),
    "new-requests": at("newcomer", "/regie/vragen"),
    "new-consent": after("newcomer", "/apps/cv/", "Ga verder"),
    "new-refused": after("newcomer", "/apps/cv/", "Ga verder", "Nee, dat mag niet"),
    "new-link-made": link_made,
    "new-asks-more": app_asks_more,
    "new-matches-stopped": stopped_app,
    "sharing-ended": at("newcomer", "/regie/delen/gestopt"),
    "sharing-again": after("newcomer", "/regie/delen/gestopt", "Deel dit opnieuw"),
    "sharing-again-wrong": lambda town: town.newcomer.press("Deel dit opnieuw").reads("Er ging iets mis"),
    # Asking and answering
    "coach-asks": at("coach", "/apps/coach/vragen"),
    "coach-ask": at("coach", "/apps/coach/vragen/nieuw"),
    "coach-ask-wrong": after("coach", "/apps/coach/vragen/nieuw", "Stel de vraag"),
    "coach-asked": asked,
    "coach-sharing": at("coach", "/regie/delen"),
    "employer-asks": at("employer", "/apps/werkgever/vragen"),
    "employer-ask": at("employer", "/apps/werkgever/vragen/nieuw"),
    "employer-asked": after("employer", "/apps/werkgever/vragen", "sanne"),
    "requests": at("citizen", "/regie/vragen"),
    "request": request_of,
    "request-less": lambda town: request_of(town, "Bakkerij Demo", "Ik kies zelf"),
    "request-less-shown": less_shown,
    "request-asked-why": asked_why,
    "request-gone": at("citizen", "/regie/vragen/bestaat-niet"),
    # What is shared
    "sharing": at("citizen", "/regie/delen"),
    "sharing-found": at("citizen", "/regie/delen?deel=experience"),
    "sharing-less": at("citizen", "/regie/delen/minder"),
    "sharing-stop-all": at("citizen", "/regie/delen/stop-alles"),
    "sharing-stop-of-one": stop_all_of,
    "managed": managed,
    "managed-seen": lambda town: managed(town, "Laat precies zien"),
    "managed-change": lambda town: managed(town, "Minder, korter of langer"),
    "managed-same": lambda town: managed(town, "Minder, korter of langer", "Laat zien wat er anders"),
    "managed-difference": difference,
    "managed-proof": lambda town: managed(town, "Alle bewijzen hierover"),
    "link": at("citizen", "/regie/delen/link"),
    "link-wrong": after("citizen", "/regie/delen/link", "Maak de link"),
    "with-coach": at("citizen", "/regie/delen/coach"),
    "with-coach-wrong": after("citizen", "/regie/delen/coach", "Deel dit"),
    # The log and the proof
    "log": at("citizen", LOG),
    "log-found": log_found,
    "log-keep": at("citizen", f"{LOG}/bewaren"),
    "log-removal": lambda town: log_found(town).follow("Vraag om verwijderen"),
    "log-complaint": lambda town: log_found(town).follow("Klacht"),
    "receipts": at("citizen", "/regie/bewijzen"),
    "receipt": receipt,
    "receipt-check": at("stranger", "/bewijs"),
    "receipt-real": checked,
    "receipt-wrong": checked_wrong,
    # Apps of others
    "consent-gone": at("citizen", "/oauth/toestemming?verzoek=voorbij"),
    "consent-choose": foreign_app,
    "consent-registered": registered_app,
    "consent-everything": lambda town: foreign_app(town, everything=True),
    # Somebody who helps
    "help-nobody": at("citizen", HELP),
    "help-ask": at("citizen", f"{HELP}/nieuw"),
    "help-ask-wrong": after("citizen", f"{HELP}/nieuw", "Kijk het na"),
    "help-check": helper_asked,
    "helper-invited": helper_invited,
    "helper-agreed": after("helper", FOR, "Ja, ik help"),
    "help-somebody": at("citizen", HELP),
    "helper-at-work": after("helper", FOR, "Regel iets voor Sanne"),
    "helper-sharing": helping("/regie/delen"),
    "helper-managed": helping("/regie/delen", "Je naam"),
    "helper-log": helping(LOG),
    "helper-with-coach": helping("/regie/delen/coach"),
    "helper-requests": helping("/regie/vragen"),
    "helper-request": helping("/regie/vragen", "Bakkerij Demo"),
    "helper-request-less": helping("/regie/vragen", "Bakkerij Demo", "Ik kies zelf"),
    "helper-refused": helping("/regie/instellingen"),
    "helper-over": helper_over,
    # What ends the walk of the request and of sharing
    "requests-blocked": blocked,
    "sharing-all-stopped": after("citizen", "/regie/delen/stop-alles", "Ja, stop alles"),
}

KEYED = {
    "sharing", "managed-change", "request", "request-less", "link", "with-coach", "consent-choose", "help-ask",
    "receipt-check", "log-found", "coach-ask", "helper-sharing", "sharing-stop-all", "requests",
}  # fmt: skip
"""The pages where something is decided: walked with the keyboard alone."""


@pytest.mark.parametrize("name", PAGES)
def test_sharing_page_is_accessible_and_fits(town: Town, name: str) -> None:
    """axe finds nothing at 1280 and 320 px, nothing is too wide there or at 200 % zoom, and all is in reach of keys."""
    person = PAGES[name](town)
    expect(person.page.get_by_role("heading", level=1)).to_have_count(1)
    assert wrong(person.page, name) == []
    if name in KEYED:
        person.page.reload()
        assert keyed(person.page) == []
    town.walked.add(urlsplit(person.page.url).path)


OURS = re.compile(
    r"^/regie/(delen|vragen|bewijzen|vertegenwoordiging)\b|^/bewijs$|^/oauth/toestemming$|^/apps/\w+/vragen\b"
)
"""The addresses of the pages about what is shared; the others are walked in test_every_page.py."""
RULE = "/regie/delen/regel"
"""Walked where there is a rule of another app: test_choice_pages.py."""


def test_no_sharing_page_is_left_out(town: Town, tmp_path: Path) -> None:
    """Every address of the site with a page about sharing is one at which somebody was looking in the tests before."""
    if len(town.walked) < 30:
        pytest.skip("only some of the pages were looked at")
    routes = [route for route in page_routes(tmp_path / "data") if OURS.search(route.path)]
    assert not_walked(routes, town.walked) == [RULE]
