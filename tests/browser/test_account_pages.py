"""Signing up, in and out, and getting back in with the recovery code."""

from __future__ import annotations

import re

from support.settled import in_cv_builder, signed_up
from support.visiting import Visitor
from support.walking import PASSPHRASE, Walker

CODE = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3,9}")
NEXT = "nieuwe groene houten stoelen"


def test_a_newcomer_has_a_pod_and_a_public_profile_without_a_name(person: Walker) -> None:
    """Signing up asks a name and a passphrase, and makes a WebID that says nothing of the person."""
    person.sign_up("Aafke Anders")
    person.go("/regie/cv").reads("Je cv is nog leeg")
    card = person.page.request.get(f"{person.base}/aafke-anders/profile/card", headers={"Accept": "text/turtle"})
    assert card.status == 200
    assert f"{person.base}/aafke-anders/" in card.text()
    assert "Aafke Anders" not in card.text()
    section = person.page.request.get(f"{person.base}/aafke-anders/cv/experience", headers={"Accept": "text/turtle"})
    assert section.status in (401, 403)


def test_the_recovery_code_is_shown_once_and_gets_its_owner_back_in(visitor: Visitor) -> None:
    """The code is on no later page, opens the account with a new passphrase, and then works no more."""
    person = visitor()
    code = person.sign_up("Bram Bewaar")
    assert CODE.fullmatch(code)
    for path in ("/", "/regie/instellingen", "/aanmelden"):
        assert code not in person.go(path).page.content()

    elsewhere = visitor()
    elsewhere.go("/inloggen").follow("Ik weet mijn wachtzin niet meer").heading("Wachtzin kwijt")
    elsewhere.fill("Je naam of gebruikersnaam", "bram-bewaar").fill("Je herstelcode", code.lower())
    elsewhere.fill("Kies een nieuwe wachtzin", NEXT).press("Kies deze wachtzin").heading("Bewaar je herstelcode")
    following = elsewhere.page.locator("#herstelcode").inner_text()
    assert CODE.fullmatch(following)
    assert following != code
    elsewhere.tick("Ik heb de code bewaard").press("Ga verder").heading("Dag Bram Bewaar")

    third = visitor()
    third.go("/inloggen").fill("Je naam of gebruikersnaam", "bram-bewaar").fill("Je wachtzin", PASSPHRASE)
    third.press("Log in").reads("klopt niet").fill("Je wachtzin", NEXT).press("Log in").heading("Dag Bram Bewaar")
    person.go("/").heading("Jouw cv")


def test_reloading_the_page_of_the_code_does_not_show_it_again(person: Walker) -> None:
    """Opening the address of the sign-up again gives the form, not the code."""
    person.go("/aanmelden").fill("Hoe heet je?", "Cato Code").fill("Kies een wachtzin", PASSPHRASE)
    person.press("Maak mijn account").heading("Bewaar je herstelcode")
    code = person.page.locator("#herstelcode").inner_text()
    person.go(person.page.url)
    assert code not in person.page.content()
    person.page.go_back()
    assert code not in person.page.content()


def test_who_does_not_say_that_the_code_is_saved_is_asked_once_more(visitor: Visitor) -> None:
    """Without a tick the page of the code comes back, with the code and a sentence that says why."""
    person = visitor(java_script_enabled=False)
    person.go("/aanmelden").fill("Hoe heet je?", "Dirk Door").fill("Kies een wachtzin", PASSPHRASE)
    person.press("Maak mijn account")
    code = person.page.locator("#herstelcode").inner_text()
    person.page.locator("form[action='/aanmelden/klaar']").evaluate("form => form.noValidate = true")
    person.press("Ga verder").reads("Zet een vinkje", code)
    person.tick("Ik heb de code bewaard").press("Ga verder").heading("Dag Dirk Door")


def test_an_easy_passphrase_is_refused_with_a_sentence_at_the_field(person: Walker) -> None:
    """The field says what would be right, the name stays filled, and no account is made."""
    person.go("/aanmelden").fill("Hoe heet je?", "Els Eenvoud").fill("Kies een wachtzin", "welkom")
    person.press("Maak mijn account").heading("Begin nieuw")
    field = person.page.get_by_label("Kies een wachtzin")
    assert field.get_attribute("aria-invalid") == "true"
    described = str(field.get_attribute("aria-describedby")).split()
    assert "te makkelijk" in " ".join(person.page.locator(f"#{each}").inner_text() for each in described)
    assert person.page.get_by_label("Hoe heet je?").input_value() == "Els Eenvoud"
    assert person.page.request.get(f"{person.base}/els-eenvoud/profile/card").status == 404


def test_signing_out_closes_the_citizens_pages_and_the_apps(person: Walker) -> None:
    """After signing out a page of one's own asks to sign in, and leads back there afterwards."""
    in_cv_builder(signed_up(person, "Fons Weg")).go("/apps/cv/").heading("Je cv maken")
    person.go("/").press("Uitloggen").heading("Je bent uitgelogd")
    person.go("/regie/delen").heading("Inloggen")
    person.fill("Je naam of gebruikersnaam", "Fons Weg").fill("Je wachtzin", PASSPHRASE).press("Log in").heading(
        "Delen"
    )
    person.go("/apps/cv/").heading("CV-bouwer")
