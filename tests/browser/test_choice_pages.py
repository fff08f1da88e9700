"""What else lets others in, stopping all of it, choosing what an app may have besides, and a request that is unfit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
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
    sharer.go("/regie/delen").reads("Iedereen", "ook wie niet inlogt", "je hele cv", "Altijd zo:")
    assert wrong(sharer.page, "delen-regels") == []
    sharer.press("Stop met delen", inside=sharer.main.get_by_role("article", name="Iedereen", exact=True))
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
    """Without JavaScript the data of an optional part unfolds, and ticking it gives it."""
    karim = visitor(java_script_enabled=False).sign_in("karim")
    karim.go("/apps/beroep/").ask("Matchberoeper")
    folded = karim.main.get_by_text("Magazijn Nergens BV").first
    assert not folded.is_visible()
    karim.main.get_by_text("Dit gaat alleen mee als je het aanvinkt: Je werk").click()
    assert folded.is_visible()


@pytest.mark.parametrize(
    ("query", "says"), [("client_id=x", "We weten niet van welke app"), ("", "een vraag die we niet begrijpen")]
)
def test_an_unfit_request_is_a_page_that_a_person_can_read(person: Walker, query: str, says: str) -> None:
    """Heading, what it means, what to do; the technical sentence is folded."""
    person.go(f"/oauth/authorize?{query}").heading(says).reads("Er is niets gedeeld.")
    assert wrong(person.page, f"verzoek-onbekend-{len(query)}") == []
