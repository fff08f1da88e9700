"""What else lets others in, stopping all of it, choosing what an app may have besides, and a request that is unfit."""

from __future__ import annotations

import base64
import hashlib
import json
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect
from support.looking import wrong
from support.pod_client import OwnPod
from support.running import RunningServer
from support.visiting import Visitor
from support.walking import Walker

ACL = "http://www.w3.org/ns/auth/acl#"


def written_by_a_tool(server: RunningServer, name: str, path: str, receiver: str, modes: str) -> None:
    """Access rules as another Solid app writes them: over HTTP, with a token of the citizen's own tool."""

    def write() -> int:  # in a thread: playwright has an event loop of its own in this one
        pod = OwnPod(server, name, server.json("credentials", "create", name, "--label", "Mijn script"))
        at = f"<{pod.storage}{path}>"
        rule = f"<#r> a <{ACL}Authorization> ; {receiver} ; <{ACL}accessTo> {at} ; <{ACL}default> {at} ; {modes} ."
        return pod.send("PUT", f"{path}.acl", rule.encode(), "text/turtle").status

    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(write).result(60) in (200, 201, 204)


@pytest.fixture
def sharer(visitor: Visitor, server: RunningServer) -> Walker:
    """Karim, who shares with the coach, with a tool, and through rules that a tool wrote."""
    everyone = f"<{ACL}agentClass> <http://xmlns.com/foaf/0.1/Agent>"
    written_by_a_tool(server, "karim", "cv/experience", everyone, f"<{ACL}mode> <{ACL}Read>")
    somebody = f"<{ACL}agent> <https://elders.example/een-heel-lang-adres-van-iemand-anders/profile/card#me>"
    written_by_a_tool(server, "karim", "cv/", somebody, f"<{ACL}mode> <{ACL}Read>, <{ACL}Write>, <{ACL}Control>")
    return visitor().sign_in("karim")


def test_rules_are_listed_stopped_with_one_press_and_everything_with_two(sharer: Walker) -> None:
    """Each rule is a card in plain words; one press ends it; "Stop alles" asks once and says what it did."""
    sharer.go("/regie/delen").reads("Iedereen", "ook wie niet inlogt", "je hele cv", "Altijd zo: wat iedereen kan")
    assert wrong(sharer.page, "delen-regels") == []
    everyone = sharer.main.get_by_role("article", name="Iedereen", exact=True)
    sharer.follow("Je werk", inside=everyone).heading("Iedereen").reads("Magazijn Nergens BV")
    assert wrong(sharer.page, "delen-regel") == []
    sharer.go("/regie/delen").press("Stop met delen", inside=everyone)
    sharer.reads("Je bent gestopt met delen.", "Iedereen kan hier vanaf nu niet meer bij: Je werk")
    assert wrong(sharer.page, "delen-regel-gestopt") == []
    sharer.follow("Stop alles").heading("Stop alles").reads("Carla Coach", "Mijn script", "Iemand anders")
    assert wrong(sharer.page, "stop-alles") == []
    sharer.press("Ja, stop alles").heading("Alles is gestopt").reads("1 coach", "2 hulpmiddelen", "1 regel die een app")
    assert wrong(sharer.page, "stop-alles-klaar") == []
    sharer.go("/regie/delen").reads("Niemand. Alleen jij kunt je gegevens zien.").misses("Stop alles")


def test_what_an_app_could_do_without_is_ticked_by_the_person(visitor: Visitor) -> None:
    """Needed parts are marked, the others are boxes that are off; the page of the app says what it misses."""
    sanne = visitor().sign_in("sanne")
    sanne.go("/apps/beroep/").reads("Wat niet hoeft, maar wel mag")
    assert wrong(sanne.page, "beroep-begin") == []
    sanne.ask("Matchberoeper").reads("nodig", "Wil je nog meer delen?")
    assert not sanne.box("Je werk").is_checked()
    assert wrong(sanne.page, "toestemming-keuze") == []
    sanne.press("Ja, dat mag").heading("Werk dat bij je past").reads("Je werk heb je niet gedeeld")
    assert wrong(sanne.page, "beroep-zonder-werk") == []
    sanne.press("Deel ook je werk").heading("Matchberoeper vraagt iets").tick("Je werk").press("Ja, dat mag")
    sanne.heading("Werk dat bij je past").misses("Je werk heb je niet gedeeld")
    sanne.go("/apps/cv/").ask("CV-bouwer")
    assert wrong(sanne.page, "toestemming-cv") == []
    sanne.press("Ja, dat mag").heading("Je cv maken").reads("Dit deel heb je niet gedeeld met CV-bouwer.")
    assert wrong(sanne.page, "cv-deels") == []
    sanne.go("/apps/cv/wensen").heading("Dit deel heb je niet gedeeld")
    assert wrong(sanne.page, "cv-niet-gedeeld") == []
    sanne.press("Deel dit met CV-bouwer").heading("CV-bouwer vraagt iets").tick("Wat je wilt").press("Ja, dat mag")
    sanne.heading("Wat je wilt").reads("Verzorgende")


def test_the_choice_needs_no_script(visitor: Visitor) -> None:
    """Without JavaScript a press shows what goes along now, and leaving a job out leaves it out of that."""
    karim = visitor(java_script_enabled=False).sign_in("karim")
    karim.go("/apps/beroep/").ask("Matchberoeper").misses("Magazijn Nergens BV, januari")
    karim.tick("Je werk").press("Laat zien wat er nu meegaat").reads("Magazijn Nergens BV, januari")
    karim.main.get_by_text("Iets weglaten bij: Je werk").click()
    karim.tick("Overal: Bij wie je werkte").press("Laat zien wat er nu meegaat").misses("Magazijn Nergens BV, januari")
    assert karim.box("Overal: Bij wie je werkte").is_checked()
    karim.press("Ja, dat mag").heading("Werk dat bij je past")


def solid_app(server: RunningServer, name: str, details: dict[str, object] | None = None) -> str:
    """Where an app of somebody else that registers itself sends the browser."""
    back = "https://app.voorbeeld.example/terug"
    said = {"client_name": name, "redirect_uris": [back], "token_endpoint_auth_method": "none"}
    request = urllib.request.Request(
        f"{server.base}/oauth/register", json.dumps(said).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        client = json.load(answer)["client_id"]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(b"x" * 50).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code", "client_id": client, "redirect_uri": back, "scope": "openid webid", "state": "s",
        "nonce": "n", "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    if details is not None:
        query["authorization_details"] = json.dumps([{"type": "https://w3id.org/werkpod/access", **details}])
    return f"/oauth/authorize?{urllib.parse.urlencode(query)}"


def test_a_solid_app_gets_what_is_picked_down_to_the_field(visitor: Visitor, server: RunningServer) -> None:
    """Sections alone at first; a tick opens what can be left out and shows at once what goes along; a ready choice
    fills it in; everything is another page."""
    address = solid_app(server, "Notities")
    karim = visitor().sign_in("karim").go(address).heading("Notities vraagt iets").reads("nog niets gekozen")
    leaving = karim.main.get_by_text("Iets weglaten bij: Je werk")
    assert not leaving.is_visible()
    assert wrong(karim.page, "toestemming-solid") == []
    karim.tick("Je werk").reads("Magazijn Nergens BV, januari")
    leaving.click()
    karim.tick("Heftruckchauffeur, Magazijn").misses("Magazijn Nergens BV, januari").reads("Pakhuis Fictie, mei")
    assert wrong(karim.page, "toestemming-weglaten") == []
    karim.press("Zonder naam en leeftijd").reads("Niet je naam").misses("Pakhuis Fictie, mei")
    assert not karim.box("Je naam").is_checked()
    assert wrong(karim.page, "toestemming-vooraf") == []
    karim.follow("De app heeft alles nodig").reads("Weet je het zeker?", "regelen wie wat mag")
    assert karim.page.locator("input:checked").count() == 0
    assert wrong(karim.page, "toestemming-alles") == []


def test_fields_are_asked_apart_and_the_keyboard_alone_will_do(visitor: Visitor, server: RunningServer) -> None:
    """From box to box with Tab, on and off with Space, open with Enter; yes and no can both be reached."""
    details: dict[str, object] = {
        "sections": ["experience"], "fields": {"experience": ["kind"]}, "optional": ["contact"],
        "optional_fields": {"experience": ["employer"]}, "duration": "P30D", "onward": True, "keep": "P30D",
        "purpose": "https://w3id.org/dpv#PersonnelHiring",
    }  # fmt: skip
    karim = visitor().sign_in("karim").go(solid_app(server, "Magazijnbaan", details)).heading("Magazijnbaan vraagt")
    karim.reads("Om te kijken of je past bij werk.", "ook aan anderen", "30 dagen bewaren", "Dit is ervan nodig")
    karim.misses("Magazijn Nergens BV, ")
    assert wrong(karim.page, "toestemming-velden") == []
    reached = []
    for _ in range(60):
        karim.page.keyboard.press("Tab")
        words = karim.page.evaluate("() => (document.activeElement.labels?.[0] ?? document.activeElement).innerText")
        reached.append(words.split("\n")[0])
        if reached[-1] == "Bij wie je werkte":
            karim.page.keyboard.press("Space")
            karim.reads("Magazijn Nergens BV")
        elif reached[-1].startswith("Iets weglaten"):
            karim.page.keyboard.press("Enter")
        elif reached[-1].startswith("Magazijnmedewerker"):
            karim.page.keyboard.press("Space")
            expect(karim.page.locator("#voorbeeld")).not_to_contain_text("Pakhuis Fictie")
        if reached[-1] == "Nee, dat mag niet":
            break
    assert reached[-2:] == ["Ja, dat mag", "Nee, dat mag niet"]
    assert karim.box("Bij wie je werkte").is_checked()


def test_all_for_a_coach_is_seen_before_it_counts(visitor: Visitor) -> None:
    """One press fills everything in and shows it; only the next one shares, without what was taken off again."""
    karim = visitor().sign_in("karim").go("/regie/delen/coach").reads("nog niets gekozen")
    assert wrong(karim.page, "coach-delen") == []
    karim.press("Alles voor mijn coach").reads("Je hele cv", "Magazijn Nergens BV, januari")
    assert wrong(karim.page, "coach-alles") == []
    karim.box("Je werk").uncheck()
    karim.misses("Magazijn Nergens BV, januari").tick("Carla Coach").choose("Hoe lang?", "30 dagen")
    karim.press("Deel dit").reads("Je deelt nu met Carla Coach")


@pytest.mark.parametrize(
    ("query", "says"), [("client_id=x", "We weten niet van welke app"), ("", "een vraag die we niet begrijpen")]
)
def test_an_unfit_request_is_a_page_that_a_person_can_read(person: Walker, query: str, says: str) -> None:
    """Heading, what it means, what to do; the technical sentence is folded."""
    person.go(f"/oauth/authorize?{query}").heading(says).reads("Er is niets gedeeld.")
    assert wrong(person.page, f"verzoek-onbekend-{len(query)}") == []
