"""Delen: who can see what, who looked, stopping with one press, and a link for an employer."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from support.settled import with_work
from support.visiting import Visitor
from support.walking import Walker


@pytest.fixture
def sharer(visitor: Visitor, request: pytest.FixtureRequest) -> Walker:
    """Somebody with a name, a job and something about themselves on the CV."""
    return with_work(visitor(), f"Deler {request.node.name}"[:60])


def test_the_list_says_who_can_see_what_and_one_press_ends_it(sharer: Walker) -> None:
    """An app is in the list with its sections and days; after one press it is gone from it and refused."""
    sharer.go("/apps/beroep/").allow("Matchberoeper").heading("Werk dat bij je past")
    sharer.go("/").follow("Delen").heading("Delen")
    card = sharer.card("Matchberoeper")
    expect(card).to_contain_text("Je werk, Wat je kunt")
    expect(card).to_contain_text("alleen zien")
    sharer.press("Stop met delen", inside=card).reads(
        "Je bent gestopt met delen", "Matchberoeper kan dit vanaf nu niet"
    )
    expect(sharer.cards.filter(has_text="Matchberoeper")).to_have_count(0)
    sharer.go("/apps/beroep/").heading("Je deelt dit niet meer met Matchberoeper").misses("Pakhuis Fictie")
    sharer.go("/regie/delen/logboek")
    refused = sharer.main.get_by_role("listitem").filter(has_text="Matchberoeper").filter(has_text="Dat mocht niet")
    expect(refused).not_to_have_count(0)


def test_after_stopping_an_app_can_be_let_in_again(sharer: Walker) -> None:
    """Stopping is no ban: the app's page leads to its question, and yes opens it anew."""
    sharer.go("/apps/beroep/").allow("Matchberoeper").heading("Werk dat bij je past").go("/regie/delen")
    sharer.press("Stop met delen", inside=sharer.card("Matchberoeper")).reads("Je bent gestopt")
    sharer.go("/apps/beroep/").heading("niet meer").follow("Opnieuw delen").allow("Matchberoeper")
    sharer.heading("Werk dat bij je past")


def test_an_employer_sees_the_shared_sections_and_nothing_else(sharer: Walker, visitor: Visitor) -> None:
    """Without an account, after one button: the name and the work that were shared, no other section, no way on."""
    url = sharer.make_link("Je naam", "Je werk", views=3, label="Bakker op de hoek")
    expect(sharer.page.get_by_role("img", name="QR-code van je link")).to_be_visible()
    sharer.reads("3 keer")
    employer = visitor()
    employer.go(url).heading("Iemand deelt een cv met u").misses("Lotte Link", "Pakhuis Fictie")
    employer.press("Bekijk het cv").heading("Lotte Link").reads("Pakhuis Fictie", "2015 tot 2020")
    employer.misses("geheime tuinen", "Over mij", "Contact", "Talen", "Kan", "Wil graag")
    assert employer.page.get_by_role("link").all_inner_texts() == ["Naar de inhoud", "W\nWerkgever"]
    for path in ("/", "/regie/cv", "/regie/delen"):
        employer.go(path).misses("Lotte Link", "Pakhuis Fictie")
    sharer.go("/regie/delen").reads("1 van de 3 keer").follow("Bekijk het logboek")
    sharer.reads("Iemand met je link voor Bakker op de hoek", "Je werk")


def test_a_link_that_is_used_up_opens_no_more(sharer: Walker, visitor: Visitor) -> None:
    """A look counts once, however often its page is loaded; after the last one the link is gone."""
    url = sharer.make_link("Je werk", views=1)
    first = visitor()
    first.go(url).press("Bekijk het cv").reads("Pakhuis Fictie").go(first.page.url).reads("Pakhuis Fictie")
    second = visitor()
    second.go(url).press("Bekijk het cv").heading("Deze link opent niet").misses("Pakhuis Fictie")
    sharer.go("/regie/delen/link").misses("Links die nu werken")


def test_a_link_with_a_code_needs_the_code(sharer: Walker, visitor: Visitor) -> None:
    """A wrong code opens nothing and uses no view; the right one opens."""
    url = sharer.make_link("Je werk", views=1, passcode="zeven katten")
    employer = visitor()
    employer.go(url).fill("Code", "acht katten").press("Bekijk het cv").heading("Deze link opent niet")
    employer.go(url).fill("Code", "zeven katten").press("Bekijk het cv").reads("Pakhuis Fictie")


def test_a_stopped_link_opens_no_more_also_for_who_was_reading(sharer: Walker, visitor: Visitor) -> None:
    """One press ends a link; the reader's next page has nothing of the CV."""
    url = sharer.make_link("Je werk", views=5, label="Proef")
    employer = visitor()
    employer.go(url).press("Bekijk het cv").reads("Pakhuis Fictie")
    reading = employer.page.url
    sharer.go("/regie/delen").press("Stop met delen", inside=sharer.card("Proef")).reads("Je bent gestopt met delen")
    employer.go(reading).misses("Pakhuis Fictie").go(url).press("Bekijk het cv").heading("Deze link opent niet")


def test_a_pasted_link_leads_an_employer_to_the_cv(sharer: Walker, visitor: Visitor) -> None:
    """Who got a link on paper types it in at the employer's page; anything else is refused with a sentence."""
    url = sharer.make_link("Je werk", views=5)
    employer = visitor()
    employer.go("/apps/werkgever/").fill("De link naar het cv", "https://voorbeeld.example/k/nee")
    employer.press("Ga naar het cv").reads("Dit is geen link naar een cv")
    employer.fill("De link naar het cv", url).press("Ga naar het cv").press("Bekijk het cv").reads("Pakhuis Fictie")


def test_a_link_to_nothing_is_not_made(sharer: Walker) -> None:
    """Without a section, a time and a number of looks the page says what to choose."""
    sharer.go("/regie/delen/link").press("Maak de link").heading("Deel met een link").reads("Er ging iets mis")
    assert sharer.page.get_by_role("alert").inner_text()
    sharer.misses("Links die nu werken")
    assert re.search(r"/k/[\w-]{20}", sharer.page.content()) is None


def test_narrowing_shows_the_difference_first_and_then_counts(sharer: Walker) -> None:
    """From the list to the page of what is shared, to less of it, to the words of what that means, to a yes."""
    sharer.go("/regie/delen").share_with_coach("Carla Coach", "Je werk", "Over jou")
    sharer.follow("Over jou, Je werk", inside=sharer.card("Carla Coach")).heading("Carla Coach")
    sharer.follow("Laat precies zien wat zij zien").heading("Dit ziet Carla Coach").reads("geheime tuinen")
    sharer.follow("Terug naar Carla Coach").follow("Minder, korter of langer delen").heading("Verander wat je deelt")
    sharer.box("Over jou").uncheck()
    sharer.choose("Hoe lang nog?", "Nog 180 dagen").press("Laat zien wat er anders wordt").heading("Dit wordt anders")
    sharer.reads("Carla Coach ziet straks niet meer: Over jou.", "90 dagen langer kijken")
    sharer.press("Ja, verander dit").reads("Zo deel je het vanaf nu.", "Je veranderde wat je deelt.")
    sharer.follow("Laat precies zien wat zij zien").misses("geheime tuinen")
    sharer.go("/regie/delen").press("Stop met delen", inside=sharer.card("Carla Coach")).follow("Toch weer delen")
    sharer.choose("Hoe lang mag dat?", "30 dagen").press("Deel dit opnieuw").reads("Je deelde dit opnieuw.")
    sharer.go("/regie/delen").main.get_by_text("Zoek in deze lijst").click()
    sharer.choose("Wie ziet welk deel?", "Je talen")  # with scripts the list follows at once
    expect(sharer.cards.filter(has_text="Carla Coach")).to_have_count(0)


def test_all_of_it_works_with_a_keyboard_and_without_scripts(visitor: Visitor, request: pytest.FixtureRequest) -> None:
    """No pointer, no JavaScript: the list is searched by section, one thing is opened, and stopped."""
    person = with_work(visitor(java_script_enabled=False), f"Toetsen {request.node.name}"[:60])
    person.share_with_coach("Carla Coach", "Je werk")
    person.make_link("Je naam", views=3, label="Bakkerij")
    keys = person.go("/regie/delen").page.keyboard
    press_to(person, "Zoek in deze lijst", "Enter")
    keys.press("Tab")
    keys.press("Tab")
    keys.type("Je werk")
    keys.press("Tab")
    keys.press("Enter")
    expect(person.cards.filter(has_text="Bakkerij")).to_have_count(0)
    press_to(person, "Je werk", "Enter")
    person.heading("Carla Coach")
    press_to(person, "Stop met delen", "Enter")
    person.reads("Je bent gestopt met delen", "Bakkerij")
    expect(person.cards.filter(has_text="Carla Coach")).to_have_count(0)


def press_to(person: Walker, words: str, key: str) -> None:
    """Go on with Tab until what these words name has the focus, and press a key on it."""
    words_here = "() => ((document.activeElement || {}).innerText || '').trim()"
    for _ in range(60):
        person.page.keyboard.press("Tab")
        if person.page.evaluate(words_here) == words:
            return person.page.keyboard.press(key)
    raise AssertionError(f"the keyboard does not come to {words!r}")
