"""Every page that a person can come to: accessible, not wider than the screen, silent in the console.

The pages about what is shared are in test_every_sharing_page.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect
from support.looking import wrong
from support.pod_client import OwnPod
from support.running import RunningServer
from support.settled import in_cv_builder, signed_up
from support.town import Way, after, at, not_walked, page_routes
from support.visiting import visitors
from support.walking import PASSPHRASE, Walker

from werkpod.vocab.choice import pack_path
from werkpod.vocab.cv import Wish, section_iri, serialise_section
from werkpod.vocab.files import make_folder
from werkpod.vocab.history import History, Past, Successor, history_path, write_history

VERPLEEGHULP = "http%3A%2F%2Fdata.europa.eu%2Fesco%2Fisco%2FC5321"
SKILL = "https%3A%2F%2Fw3id.org%2Fwerkpod%2Fcompetence%2F"
GONE = "https://taxonomy.example/occupation/kok"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with the demo people, of whom one wished for an occupation that a taxonomy had before."""
    data = tmp_path_factory.mktemp("demo") / "data"
    past = Past(GONE, "occupation", {"nl": "Kok in de oude lijst"}, "5120", "1", "2")
    successor = Successor(GONE, "http://data.europa.eu/esco/isco/C5120", "stated")
    for folder in (data, pack_path(data, "esco").parent):
        make_folder(folder)
    write_history(History("esco", (past,), (successor,)), history_path(pack_path(data, "esco")))
    with RunningServer(data, demo=True, environ={"WERKPOD_ALLOW_LOOPBACK": "1"}) as running:
        with ThreadPoolExecutor(1) as thread:  # playwright has an event loop of its own in this one
            assert thread.submit(wished, running, "sanne").result(60) in (201, 204, 205)
        yield running


def wished(server: RunningServer, name: str) -> int:
    """Write the wish with a tool of the person's own; the status."""
    pod = OwnPod(server, name, server.json("credentials", "create", name, "--label", "Mijn script"))
    wish = Wish("kok", label="Kok", occupation=GONE)
    body = serialise_section("wishes", [wish], section_iri(pod.storage, "wishes"))
    return pod.send("PUT", "cv/wishes", body, "text/turtle").status


@dataclass
class Town:
    """The people who walk past every page, each with a browser of their own; `links` are share links, by name."""

    stranger: Walker
    newcomer: Walker
    citizen: Walker
    coach: Walker
    employer: Walker
    links: dict[str, str] = field(default_factory=dict)
    walked: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def town(browser: Browser, server: RunningServer) -> Iterator[Town]:
    """A stranger, a newcomer, a citizen who has let every app in, a coach and an employer with a link."""
    people = visitors(browser, server)
    visitor = next(people)
    made = Town(*(visitor() for _ in range(5)))
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
    coach.press("Stuur tip").reads("Je tip is gestuurd").go("/apps/gids/redactie").allow("Instrumentengids")
    town.links["open"] = citizen.make_link("Je naam", "Je werk", "Wat je kunt", "Je opleiding", views=10)


def guide_refused(town: Town) -> Walker:
    """The editors' pages of the guide, for somebody who is no editor."""
    return town.citizen.go("/apps/gids/redactie").allow("Instrumentengids").heading("Je bent geen redacteur")


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
    "competence": at("stranger", f"/apps/competentnl/competentie?iri={SKILL}heftruck-rijden"),
    "competence-unknown": at("stranger", "/apps/competentnl/competentie?iri=x"),
    "api": at("stranger", "/api/isco/v1/docs"),
    "api-of-consent": at("stranger", "/api/consent/v1/docs"),
    "competences-of": at("stranger", f"/apps/competentnl/beroep?beroep={VERPLEEGHULP}"),
    "guide": at("stranger", "/apps/gids/?q=taal"),
    "guide-employers": at("stranger", "/apps/gids/?voor=werkgever"),
    "guide-instrument": lambda town: after("stranger", "/apps/gids/?q=heftruck")(town).follow("Heftruck"),
    "guide-unknown": at("stranger", "/apps/gids/bestaat-niet"),
    "guide-editors": at("coach", "/apps/gids/redactie?q=heftruck"),
    "guide-editing": at("coach", "/apps/gids/redactie/eva-6?q=brood"),
    "guide-no-editor": guide_refused,
    "plan-empty": at("stranger", "/apps/verbeteraar/"),
    # Somebody new
    "new-home": at("newcomer", "/"),
    "new-cv": at("newcomer", "/regie/cv"),
    "new-messages": at("newcomer", "/regie/berichten"),
    "new-tool-made": tool_made,
    "new-code": after("newcomer", "/regie/instellingen", "Maak een nieuwe code"),
    # A citizen with a CV
    "home": at("citizen", "/"),
    "cv": at("citizen", "/regie/cv"),
    "messages": at("citizen", "/regie/berichten"),
    "work": at("citizen", "/regie/werk"),
    "settings": at("citizen", "/regie/instellingen"),
    "profile": at("citizen", "/regie/profiel"),
    "profile-saved": profile_saved,
    "profile-wrong": lambda town: profile_form(town, site="geen adres"),
    "sign-out-asked": at("citizen", "/oauth/logout"),
    # CV-bouwer
    "builder": at("citizen", "/apps/cv/"),
    "builder-renamed": at("citizen", "/apps/cv/anders"),
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
    "builder-certificates": at("citizen", "/apps/cv/diplomas"),
    "builder-wish-found": at("citizen", "/apps/cv/wensen/zoek?q=kok"),
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
    for fault in ("image-alt", "320 px: image-alt", "640 px", "glued sentences", "wider than 320 px"):
        assert fault in found


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_and_fits(town: Town, name: str) -> None:
    """axe finds nothing at 1280 and 320 px, and nothing is wider than the screen there and at 200 % zoom."""
    person = PAGES[name](town)
    expect(person.page.get_by_role("heading", level=1)).to_have_count(1)
    assert wrong(person.page, name) == []
    town.walked.add(urlsplit(person.page.url).path)


ELSEWHERE = re.compile(
    r"^/regie/(delen|vragen|bewijzen|vertegenwoordiging)\b|^/bewijs$|^/oauth/toestemming$|^/apps/\w+/vragen\b"
)
"""The addresses of the pages about what is shared."""


def test_no_page_is_left_out(town: Town, tmp_path: Path) -> None:
    """Every address of the site with a page is one at which somebody was looking in the tests before."""
    if len(town.walked) < 60:
        pytest.skip("only some of the pages were looked at")
    routes = [route for route in page_routes(tmp_path / "data") if not ELSEWHERE.search(route.path)]
    assert not_walked(routes, town.walked) == []
