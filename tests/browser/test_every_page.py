"""Every page that a person can come to: accessible, not wider than the screen, silent in the console."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

import pytest
from playwright.sync_api import Browser
from support.foreign import ForeignApp
from support.looking import wrong
from support.running import RunningServer
from support.settled import in_cv_builder, signed_up
from support.visiting import visitors
from support.walking import PASSPHRASE, Walker

Way: TypeAlias = Callable[["Town"], Walker]
VERPLEEGHULP = "http%3A%2F%2Fdata.europa.eu%2Fesco%2Fisco%2FC5321"
SKILL = "https%3A%2F%2Fw3id.org%2Fwerkpod%2Fcompetence%2F"


@dataclass
class Town:
    """The people who walk past every page, each with a browser of their own; `links` are share links, by name."""

    stranger: Walker
    newcomer: Walker
    citizen: Walker
    coach: Walker
    employer: Walker
    foreign: ForeignApp
    links: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def town(browser: Browser, server: RunningServer) -> Iterator[Town]:
    """A stranger, a newcomer, a citizen who has let every app in, a coach and an employer with a link."""
    with ForeignApp() as foreign:
        people = visitors(browser, server)
        visitor = next(people)
        made = Town(*(visitor() for _ in range(5)), foreign=foreign)
        signed_up(made.newcomer, "Nina Nieuw")
        move_in(made)
        yield made
        # Ends the visitors: their windows close, and what went wrong behind the pages fails the last test.
        next(people, None)


def move_in(town: Town) -> None:
    """Let the citizen into every app and the coach at work, with a plan sent and a tip received."""
    citizen, coach = town.citizen.sign_in("sanne"), town.coach.sign_in("carla")
    in_cv_builder(citizen).go("/apps/beroep/").allow("Matchberoeper").heading("Werk dat bij je past")
    citizen.go("/apps/wens/").allow("Wensberoeper").go(f"/apps/wens/beroep?beroep={VERPLEEGHULP}")
    citizen.press("Zoek hulp").follow("Stuur naar mijn coach").allow("Profielverbeteraar").press("Stuur mijn plan")
    citizen.heading("Je plan is gestuurd")
    coach.go("/apps/coach/").allow("Coach").follow("Sanne Voorbeeld").fill("Jouw tip", "Bel me dinsdag.")
    coach.press("Stuur tip").reads("Je tip is gestuurd")
    town.links["open"] = citizen.make_link("Je naam", "Je werk", "Wat je kunt", "Je opleiding", views=10)


def at(who: str, path: str) -> Way:
    """The way to a page that is an address."""
    return lambda town: getattr(town, who).go(path)


def after(who: str, path: str, *presses: str) -> Way:
    """The way to a page that comes after buttons or links on another."""

    def way(town: Town) -> Walker:
        person: Walker = getattr(town, who).go(path)
        for words in presses:
            either = person.page.get_by_role("button", name=words).or_(person.page.get_by_role("link", name=words))
            either.first.click()
        return person

    return way


def wrong_sign_in(town: Town) -> Walker:
    """Signing in with a wrong passphrase."""
    stranger = town.stranger.go("/inloggen").fill("Je naam of gebruikersnaam", "niemand")
    return stranger.fill("Je wachtzin", "fout fout").press("Log in").reads("klopt niet")


def weak_sign_up(town: Town) -> Walker:
    """Signing up with an easy passphrase."""
    stranger = town.stranger.go("/aanmelden").fill("Hoe heet je?", "Vera Vlug").fill("Kies een wachtzin", "welkom")
    return stranger.press("Maak mijn account").reads("te makkelijk")


def wrong_code(town: Town) -> Walker:
    """Recovering with a wrong code."""
    stranger = town.stranger.go("/herstel").fill("Je naam of gebruikersnaam", "niemand").fill("Je herstelcode", "A1B2")
    return stranger.fill("Kies een nieuwe wachtzin", PASSPHRASE).press("Kies deze wachtzin").reads("klopt niet")


def skills_found(town: Town) -> Walker:
    """What one could do at a job, with something more searched for."""
    citizen = after("citizen", "/apps/cv/werk", "Wat kon je daar?")(town)
    return citizen.fill("Typ wat je nog meer kunt", "spreken").press("Zoek erbij").reads("Kruis aan wat je kunt")


def imported(town: Town) -> Walker:
    """The preview of an import."""
    text = '{"basics": {"name": "Sanne Voorbeeld"}, "work": [{"position": "Kok"}], "hobbies": ["zwemmen"]}'
    return town.citizen.go("/apps/cv/inlezen").fill("Of plak de tekst hier", text).press("Laat zien wat waar komt")


def link_made(town: Town) -> Walker:
    """A link that was just made."""
    town.newcomer.make_link("Je werk", views=1)
    return town.newcomer


def tool_made(town: Town) -> Walker:
    """Credentials for a tool that were just made."""
    newcomer = town.newcomer.go("/regie/instellingen")
    newcomer.main.locator("summary").click()
    newcomer.fill("Hoe heet het hulpmiddel?", "mijn script").tick("Ik weet dat dit hulpmiddel alles")
    return newcomer.press("Maak toegang", exact=True).heading("Toegang voor")


def profile_form(town: Town, *, site: str) -> Walker:
    """The public profile after it was sent with an address of a website."""
    citizen = town.citizen.go("/regie/profiel").fill("Naam", "Sanne").fill("Wat doe je?", "thuishulp")
    citizen.fill("Iets over jou", "Ik werk graag met mensen.").fill("Je website", site)
    return citizen.press("Bewaar mijn profiel")


def profile_saved(town: Town) -> Walker:
    """The public profile with something in it."""
    return profile_form(town, site="https://sanne.example").reads("Het is bewaard")


def foreign_app(town: Town, everything: bool = False) -> Walker:
    """The consent page for an app of somebody else that asks nothing in particular."""
    citizen = town.citizen.go(town.foreign.question(town.citizen.base)).heading("vraagt iets")
    return citizen.follow("De app heeft alles nodig").reads("Weet je het zeker?") if everything else citizen


def registered_app(town: Town) -> Walker:
    """The consent page for an app that registered itself, on the person's own device."""
    base = town.citizen.base
    citizen = town.citizen.go(town.foreign.question(base, town.foreign.registered(base))).heading("vraagt iets")
    return citizen.reads("we weten niet wie dit is")


def stopped_app(town: Town) -> Walker:
    """An app that somebody stopped sharing with."""
    newcomer = town.newcomer.go("/apps/beroep/").allow("Matchberoeper").heading("Werk dat bij je past")
    newcomer.go("/regie/delen").press("Stop met delen", inside=newcomer.card("Matchberoeper")).reads("gestopt")
    return newcomer.go("/apps/beroep/").heading("niet meer")


def managed(town: Town, *presses: str) -> Walker:
    """The page of what is shared with the coach, or one that follows it."""
    citizen = town.citizen.go("/regie/delen")
    citizen.card("Carla Coach").get_by_role("listitem").get_by_role("link").first.click()
    return after("citizen", citizen.heading("Carla Coach").page.url, *presses)(town)


PAGES: dict[str, Way] = {
    # Nobody is signed in
    "welcome": at("stranger", "/"),
    "sign-up": at("stranger", "/aanmelden"),
    "sign-up-weak": weak_sign_up,
    "sign-in": at("stranger", "/inloggen"),
    "sign-in-wrong": wrong_sign_in,
    "recover": at("stranger", "/herstel"),
    "recover-wrong": wrong_code,
    "about": at("stranger", "/over"),
    "privacy": at("stranger", "/privacy"),
    "accessibility": at("stranger", "/toegankelijkheid"),
    "signed-out": at("stranger", "/uitloggen"),
    "signed-out-by-app": at("stranger", "/oauth/logout"),
    "not-found": at("stranger", "/regie/bestaat-niet"),
    "app-start": at("stranger", "/apps/beroep/"),
    "app-failed": at("stranger", "/apps/beroep/terug?state=x&code=y"),
    "isco": at("stranger", "/apps/isco/"),
    "isco-search": at("stranger", "/apps/isco/?q=schoonmakers"),
    "isco-group": at("stranger", "/apps/isco/5321"),
    "isco-unknown": at("stranger", "/apps/isco/9999"),
    "competences": at("stranger", "/apps/competentnl/?q=heftruck"),
    "competences-nothing": at("stranger", "/apps/competentnl/?q=qqqq"),
    "competences-of": at("stranger", f"/apps/competentnl/beroep?beroep={VERPLEEGHULP}"),
    "guide": at("stranger", "/apps/gids/?q=taal"),
    "guide-employers": at("stranger", "/apps/gids/?voor=werkgever"),
    "guide-instrument": lambda town: after("stranger", "/apps/gids/?q=heftruck")(town).follow("Heftruck"),
    "guide-unknown": at("stranger", "/apps/gids/bestaat-niet"),
    "plan-empty": at("stranger", "/apps/verbeteraar/"),
    # Somebody new
    "new-home": at("newcomer", "/"),
    "new-cv": at("newcomer", "/regie/cv"),
    "new-sharing": at("newcomer", "/regie/delen"),
    "new-log": at("newcomer", "/regie/delen/logboek"),
    "new-messages": at("newcomer", "/regie/berichten"),
    "new-consent": after("newcomer", "/apps/cv/", "Ga verder"),
    "new-refused": after("newcomer", "/apps/cv/", "Ga verder", "Nee, dat mag niet"),
    "new-link-made": link_made,
    "new-tool-made": tool_made,
    "new-matches-stopped": stopped_app,
    "new-code": after("newcomer", "/regie/instellingen", "Maak een nieuwe code"),
    # A citizen with a CV
    "home": at("citizen", "/"),
    "cv": at("citizen", "/regie/cv"),
    "sharing": at("citizen", "/regie/delen"),
    "sharing-found": at("citizen", "/regie/delen?deel=experience"),
    "sharing-ended": at("newcomer", "/regie/delen/gestopt"),
    "sharing-less": at("citizen", "/regie/delen/minder"),
    "sharing-stop-all": at("citizen", "/regie/delen/stop-alles"),
    "managed": managed,
    "managed-seen": lambda town: managed(town, "Laat precies zien"),
    "managed-change": lambda town: managed(town, "Minder, korter of langer"),
    "managed-difference": lambda town: managed(town, "Minder, korter of langer", "Laat zien wat er anders"),
    "log": at("citizen", "/regie/delen/logboek"),
    "link": at("citizen", "/regie/delen/link"),
    "link-wrong": after("citizen", "/regie/delen/link", "Maak de link"),
    "with-coach": at("citizen", "/regie/delen/coach"),
    "with-coach-wrong": after("citizen", "/regie/delen/coach", "Deel dit"),
    "messages": at("citizen", "/regie/berichten"),
    "work": at("citizen", "/regie/werk"),
    "settings": at("citizen", "/regie/instellingen"),
    "profile": at("citizen", "/regie/profiel"),
    "profile-saved": profile_saved,
    "profile-wrong": lambda town: profile_form(town, site="geen adres"),
    "consent-gone": at("citizen", "/oauth/toestemming?verzoek=voorbij"),
    "consent-choose": foreign_app,
    "consent-registered": registered_app,
    "sign-out-asked": at("citizen", "/oauth/logout"),
    "consent-everything": lambda town: foreign_app(town, everything=True),
    # CV-bouwer
    "builder": at("citizen", "/apps/cv/"),
    "builder-name": at("citizen", "/apps/cv/naam"),
    "builder-contact": at("citizen", "/apps/cv/contact"),
    "builder-about": at("citizen", "/apps/cv/over"),
    "builder-jobs": at("citizen", "/apps/cv/werk"),
    "builder-search": at("citizen", "/apps/cv/werk/zoek"),
    "builder-found": at("citizen", "/apps/cv/werk/zoek?q=heftruck"),
    "builder-not-found": at("citizen", "/apps/cv/werk/zoek?q=qqqq"),
    "builder-job": after("citizen", "/apps/cv/werk/zoek?q=heftruck", "Heftruck"),
    "builder-job-wrong": after("citizen", "/apps/cv/werk/nieuw", "Bewaar"),
    "builder-job-change": after("citizen", "/apps/cv/werk", "Veranderen"),
    "builder-job-away": after("citizen", "/apps/cv/werk", "Weghalen"),
    "builder-skills": skills_found,
    "builder-can": at("citizen", "/apps/cv/kunnen"),
    "builder-can-more": at("citizen", "/apps/cv/kunnen/erbij"),
    "builder-can-change": lambda town: town.citizen.go("/apps/cv/kunnen").follow("Zelf"),
    "builder-schools": at("citizen", "/apps/cv/opleiding"),
    "builder-school": at("citizen", "/apps/cv/opleiding/nieuw"),
    "builder-languages": at("citizen", "/apps/cv/talen"),
    "builder-language": at("citizen", "/apps/cv/talen/nieuw"),
    "builder-certificate": at("citizen", "/apps/cv/diplomas/nieuw"),
    "builder-wishes": at("citizen", "/apps/cv/wensen"),
    "builder-wish": at("citizen", "/apps/cv/wensen/nieuw"),
    "builder-import": at("citizen", "/apps/cv/inlezen"),
    "builder-import-wrong": after("citizen", "/apps/cv/inlezen", "Laat zien"),
    "builder-import-preview": imported,
    # Finding work
    "matches": at("citizen", "/apps/beroep/"),
    "wish": at("citizen", "/apps/wens/"),
    "wish-search": at("citizen", "/apps/wens/?q=kok"),
    "wish-gap": at("citizen", f"/apps/wens/beroep?beroep={VERPLEEGHULP}"),
    "wish-unknown": at("citizen", "/apps/wens/beroep?beroep=niets"),
    "plan": after("citizen", f"/apps/wens/beroep?beroep={VERPLEEGHULP}", "Zoek hulp"),
    "plan-confirm": after("citizen", f"/apps/wens/beroep?beroep={VERPLEEGHULP}", "Zoek hulp", "Stuur naar mijn coach"),
    "plan-sent": at("citizen", "/apps/verbeteraar/gestuurd"),
    # The coach
    "coach-home": at("coach", "/"),
    "coach-people": at("coach", "/apps/coach/"),
    "coach-person": lambda town: town.coach.go("/apps/coach/").follow("Sanne Voorbeeld"),
    "coach-stopped": at("coach", "/apps/coach/mens?wie=niemand"),
    "coach-messages": at("coach", "/regie/berichten"),
    "coach-sharing": at("coach", "/regie/delen"),
    # The employer
    "employer": at("employer", "/apps/werkgever/"),
    "employer-before": lambda town: town.employer.go(town.links["open"]),
    "employer-cv": lambda town: town.employer.go(town.links["open"]).press("Bekijk het cv").heading("Sanne"),
    "employer-closed": after("employer", "/k/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "Bekijk het cv"),
}


FAULTS = '<img src="/static/icon.svg" width="700"><p>Dit is klaar.Nu dat.</p>'


def test_the_check_sees_what_is_wrong(town: Town) -> None:
    """On a page with faults, every fault is found: a picture without words, a wide block, sentences without a space."""
    page = town.stranger.go("/over").page
    page.evaluate("faults => document.querySelector('main').insertAdjacentHTML('beforeend', faults)", FAULTS)
    found = "\n".join(wrong(page))
    for fault in ("image-alt", "360 px: image-alt", "glued sentences", "wider than 320 px"):
        assert fault in found


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_and_fits(town: Town, name: str) -> None:
    """axe finds nothing at 360 and 1280 px, and nothing is wider than the screen at 360 and 320 px."""
    person = PAGES[name](town)
    assert person.page.get_by_role("heading", level=1).count() == 1
    assert wrong(person.page, name) == []
