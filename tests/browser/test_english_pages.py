"""Werkpod for a reader of English: every page in one language, chosen by the browser or by a button."""

from __future__ import annotations

from playwright.sync_api import expect
from support.visiting import Visitor
from support.walking import DEMO_PASSPHRASE, PASSPHRASE, Walker

NAV = ("Mijn cv", "Delen", "Werk vinden", "Instellingen", "Uitloggen", "Inloggen", "Afsluiten", "Terug naar Werkpod",
       "Over Werkpod", "Toegankelijkheid", "Naar de inhoud", "Berichten", "Ga verder", "Wie deelt met mij")  # fmt: skip

SIGNED_OUT = ("/", "/aanmelden", "/inloggen", "/herstel", "/uitloggen", "/over", "/privacy", "/toegankelijkheid",
              "/regie/bestaat-niet", "/apps/beroep/", "/apps/cv/", "/apps/wens/", "/apps/verbeteraar/", "/apps/coach/",
              "/apps/gids/", "/apps/isco/", "/apps/isco/5321", "/apps/competentnl/", "/apps/werkgever/")  # fmt: skip
OF_A_CITIZEN = ("/", "/regie/cv", "/regie/delen", "/regie/delen/logboek", "/regie/delen/link", "/regie/delen/coach",
                "/regie/berichten", "/regie/werk", "/regie/instellingen", "/oauth/toestemming?verzoek=voorbij",
                "/apps/cv/", "/apps/cv/werk", "/apps/cv/werk/zoek?q=fork", "/apps/cv/talen/nieuw", "/apps/cv/kunnen",
                "/apps/cv/inlezen", "/apps/beroep/")  # fmt: skip


def english(person: Walker, path: str) -> None:
    """The page is in English: its language, and nothing of what the Dutch page has in its header and footer."""
    expect(person.page.locator("html")).to_have_attribute("lang", "en")
    words = person.page.locator("body").inner_text()
    assert [dutch for dutch in NAV if dutch in words] == [], path


def test_pages_that_anybody_can_open_are_in_english(visitor: Visitor) -> None:
    """A browser that asks for English gets English."""
    person = visitor(locale="en-GB")
    for path in SIGNED_OUT:
        english(person.go(path), path)


def test_pages_of_a_citizen_and_of_the_apps_are_in_english(visitor: Visitor) -> None:
    """Signing in, consent, the apps and every page of one's own speak English too."""
    person = visitor(locale="en-GB").go("/inloggen")
    person.page.get_by_label("name").fill("karim")
    person.page.get_by_role("textbox").nth(1).fill(DEMO_PASSPHRASE)
    person.main.get_by_role("button").first.click()
    person.heading("Karim Demo")
    for app in ("cv", "beroep"):
        person.go(f"/apps/{app}/").main.get_by_role("button").first.click()
        english(person, f"the question of {app}")
        person.press("Yes")
        english(person, app)
    for path in OF_A_CITIZEN:
        english(person.go(path), path)


def test_the_language_can_be_chosen_and_stays(visitor: Visitor) -> None:
    """The button at the foot of a Dutch page turns it and the next pages English, also after signing up."""
    person = visitor().go("/aanmelden")
    person.page.get_by_role("contentinfo").get_by_role("button", name="English").click()
    english(person, "/aanmelden")
    person.page.get_by_role("textbox").first.fill("Eve English")
    person.page.get_by_role("textbox").nth(1).fill(PASSPHRASE)
    person.main.get_by_role("button").first.click()
    english(person, "the recovery code")
    person.go("/regie/instellingen").tick("Nederlands")
    person.main.get_by_role("button").first.click()
    expect(person.page.locator("html")).to_have_attribute("lang", "nl")
    person.heading("Instellingen")
