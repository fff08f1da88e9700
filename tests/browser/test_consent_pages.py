"""What a citizen sees before saying yes, and that no means no."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from support.settled import with_work
from support.visiting import Visitor
from support.walking import Walker


@pytest.fixture
def worker(visitor: Visitor, request: pytest.FixtureRequest) -> Walker:
    """Somebody with a job on the CV, made in CV-bouwer."""
    return with_work(visitor(), f"Werker {request.node.name}"[:60])


def reads_of(person: Walker, app: str) -> list[str]:
    """The lines of the log about an app."""
    person.go("/regie/delen/logboek").heading("Wie heeft gekeken")
    return [line for line in person.main.get_by_role("listitem").all_inner_texts() if app in line]


def test_the_consent_page_says_who_what_why_how_long_and_shows_the_data(worker: Walker) -> None:
    """The page names the app, its sections, its reason and the days, and shows the very lines that would go out."""
    worker.go("/apps/beroep/").heading("Matchberoeper").reads("Wat Matchberoeper van je vraagt").ask("Matchberoeper")
    worker.reads("Matchberoeper", "localhost", "Je werk", "Wat je kunt", "Waarom", "Beroepen zoeken", "90 dagen")
    worker.tick("Je werk")
    exact = worker.main.locator("pre")
    expect(exact).to_have_count(4)  # two sections, and the two documents in which an app finds them
    assert "Pakhuis Fictie" in "".join(exact.all_text_contents())
    worker.misses("Je talen", "Over jou")


def test_no_means_that_nothing_was_read(worker: Walker) -> None:
    """After no the app says so, the log has no line of it, and it stands nowhere under Delen."""
    worker.go("/apps/beroep/").refuse("Matchberoeper").reads("Er is niets gelezen")
    assert reads_of(worker, "Matchberoeper") == []
    worker.go("/regie/delen").heading("Delen").misses("Matchberoeper")
    worker.go("/apps/beroep/").heading("Matchberoeper").misses("Werk dat bij je past")


def test_looking_at_what_an_app_would_get_is_not_a_read(worker: Walker) -> None:
    """The preview leaves no line in the log: it is the citizen who looks."""
    worker.go("/apps/wens/").ask("Wensberoeper").reads("Pakhuis Fictie")
    assert reads_of(worker, "Wensberoeper") == []


def test_yes_leads_to_work_with_what_one_can_and_what_is_missing(worker: Walker) -> None:
    """After yes every suggestion says how much one can already, of which job, and what there is to learn."""
    worker.go("/apps/beroep/").allow("Matchberoeper").heading("Werk dat bij je past")
    suggestions = worker.cards
    assert suggestions.count() > 2
    first = suggestions.first
    first.locator("summary").click()
    assert "Geleerd bij: Heftruck" in first.inner_text()
    assert "Dit kun je nog leren" in first.inner_text()
    lines = reads_of(worker, "Matchberoeper")
    assert any("Je werk" in line for line in lines)
    assert any("Wat je kunt" in line for line in lines)


def test_an_answered_question_cannot_be_answered_again(worker: Walker) -> None:
    """The address of an answered consent page says that the question is over."""
    worker.go("/apps/beroep/").ask("Matchberoeper")
    there = worker.page.url
    worker.press("Nee, dat mag niet").heading("nee gezegd")
    worker.go(there).heading("Deze vraag is voorbij")


def test_who_is_not_signed_in_signs_in_first_and_comes_back_to_the_question(visitor: Visitor) -> None:
    """An app's question waits for its person: after signing in the consent page is there."""
    person = visitor()
    person.go("/apps/beroep/").heading("Matchberoeper").press("Ga verder").heading("Inloggen")
    person.fill("Je naam of gebruikersnaam", "karim").fill("Je wachtzin", "samen werken aan werk").press("Log in")
    person.heading("Matchberoeper vraagt iets").reads("Magazijn Nergens")
    person.press("Ja, dat mag").heading("Werk dat bij je past").reads("dingen")


def test_an_app_sees_only_what_was_granted_to_that_app(worker: Walker) -> None:
    """Letting one app in opens nothing to the next, which asks for itself."""
    worker.go("/apps/beroep/").allow("Matchberoeper").heading("Werk dat bij je past")
    worker.go("/apps/wens/").heading("Wensberoeper").misses("Wat wil je worden?").ask("Wensberoeper").reads(
        "Wat je wilt"
    )
