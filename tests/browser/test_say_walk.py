"""The citizen has the say, from start to end: asked, narrowed, read, seen, shortened, stopped, given again, proved,
passed on with a link, and handled by somebody who helps. The citizen's browser runs no scripts.
"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect
from support.town import let_in, signed_in
from support.visiting import Visitor
from support.walking import Walker

EMPLOYER = "Thuiszorg De Verzonnen Hoek"


def test_the_citizen_has_the_say(visitor: Visitor, tmp_path: Path) -> None:
    """What a coach, a bakery, a stranger and a helper of Sanne see and can do is what Sanne said, each time."""
    sanne, carla = signed_in(visitor(java_script_enabled=False), "sanne"), signed_in(visitor(), "carla")
    let_in(carla, "/apps/coach/")
    sanne.go("/regie/delen").press("Stop met delen", inside=sanne.card("Carla Coach")).reads("Je bent gestopt")
    coach_asks(carla)
    citizen_asks_why_and_narrows(sanne, carla)
    coach_reads(carla)
    manages(sanne)
    proves(sanne, visitor(java_script_enabled=False), tmp_path / "bewijs.jsonld")
    passes_on(sanne, visitor())
    is_helped(sanne, signed_in(visitor(), "noor"))


def coach_asks(carla: Walker) -> None:
    """The coach may see nothing any more, and asks."""
    carla.go("/apps/coach/").heading("Wie deelt met mij").misses("Sanne").follow("Vraag om mee te kijken")
    carla.follow("Stel een nieuwe vraag").fill("Aan wie?", "sanne").tick("Je werk", "Wat je kunt")
    carla.fill("Waarom?", "Er is een plek vrij bij een bakker.").choose("Hoe lang is dat nodig?", "90 dagen")
    carla.choose("Wat blijft er bewaard?", "Niets. Alleen kijken.").tick("Alleen op het ja").press("Stel de vraag")
    carla.reads("De vraag is gesteld.", "Wacht op antwoord")


def citizen_asks_why_and_narrows(sanne: Walker, carla: Walker) -> None:
    """From the front page to the question, to an answer, to a yes to less than was asked."""
    sanne.go("/").reads("Er zijn 2 vragen.").follow("Bekijk de vraag").follow("Carla Coach vraagt iets")
    sanne.reads("Er is een plek vrij bij een bakker.", EMPLOYER)
    sanne.page.get_by_text("Ik wil eerst iets vragen").click()
    sanne.fill("Jouw vraag aan Carla Coach", "Welke bakker?").press("Stuur mijn vraag").reads("Je vraag is verstuurd.")
    carla.go("/apps/coach/vragen").follow("sanne").reads("Welke bakker?")
    carla.fill("Antwoord", "De bakker op de markt.").press("Stuur het antwoord").reads("Het antwoord is verstuurd.")
    sanne.go("/regie/vragen").follow("Carla Coach vraagt iets").reads("De bakker op de markt.").follow("Ik kies zelf")
    sanne.tick("Je werk", "Wat je kunt")
    sanne.main.get_by_text("Iets weglaten bij: Je werk").click()
    sanne.tick("Overal: Bij wie je werkte").choose("Hoe lang mag dat?", "30 dagen")
    shown = sanne.press("Laat zien wat er nu meegaat").page.locator("#voorbeeld")
    expect(shown).to_contain_text("Thuishulp")
    expect(shown).not_to_contain_text(EMPLOYER)
    sanne.press("Deel dit").reads("ja gezegd")


def coach_reads(carla: Walker) -> None:
    """The coach sees the work, and nowhere for whom it was."""
    carla.go("/apps/coach/").heading("Wie deelt met mij")
    carla.main.get_by_role("link").filter(has_text=re.compile("sanne", re.IGNORECASE)).first.click()
    carla.reads("Thuishulp", "Gezelschap houden en luisteren").misses(EMPLOYER)


def manages(sanne: Walker) -> None:
    """What the coach did is in the log; shorter, stopped, and given again."""
    sanne.go("/regie/delen/logboek").reads("Carla Coach vroeg of je iets wilt delen", "Carla Coach heeft dit gezien")
    sanne.go("/regie/delen").follow("Je werk, Wat je kunt", inside=sanne.card("Carla Coach")).heading("Carla Coach")
    sanne.reads("Dit laat je weg:", "bij wie je werkte").follow("Minder, korter of langer delen")
    sanne.choose("Hoe lang nog?", "Nog 7 dagen").press("Laat zien wat er anders wordt").reads("dagen korter kijken")
    sanne.press("Ja, verander dit").reads("Zo deel je het vanaf nu.").press("Stop met delen").reads("Je bent gestopt")
    sanne.follow("Toch weer delen").reads("Thuishulp").misses(EMPLOYER).choose("Hoe lang mag dat?", "30 dagen")
    sanne.press("Deel dit opnieuw").reads("Je deelde dit opnieuw.")


def proves(sanne: Walker, stranger: Walker, file: Path) -> None:
    """A receipt of it goes to somebody who never heard of Werkpod, who has it checked."""
    sanne.follow("Alle bewijzen hierover")
    sanne.main.get_by_role("listitem").get_by_role("link").first.click()
    with sanne.page.expect_download() as coming:
        sanne.follow("Download om te laten nakijken")
    coming.value.save_as(file)
    stranger.go("/bewijs").page.get_by_label("Kies het bestand").set_input_files(file)
    stranger.press("Kijk na").reads("Dit bewijs is echt.", "Carla Coach")


def passes_on(sanne: Walker, bakery: Walker) -> None:
    """A link for a bakery, without name and age, that is opened there."""
    sanne.go("/regie/delen/link").press("Zonder naam en leeftijd").fill("Voor wie is de link?", "Bakkerij")
    sanne.choose("Hoe lang werkt", "7 dagen").choose("Hoe vaak mag", "3 keer").press("Maak de link")
    bakery.go(sanne.heading("Je link is klaar").page.locator("#link").inner_text().strip()).press("Bekijk het cv")
    bakery.reads("Thuishulp", "Gezelschap houden en luisteren").misses("Sanne", EMPLOYER, "2019")
    sanne.go("/regie/delen").reads("1 van de 3 keer")


def is_helped(sanne: Walker, noor: Walker) -> None:
    """Somebody whom Sanne trusts stops the link for her; the log says who did."""
    sanne.go("/regie/vertegenwoordiging/nieuw").tick("Iemand anders Vul", "Mijn mentor", "Zien met wie", "Stoppen met")
    sanne.page.get_by_text("Gebruikersnaam van iemand anders").click()
    sanne.fill("Gebruikersnaam bij Werkpod", "noor").fill("Hoe noem jij deze persoon?", "Noor")
    sanne.choose("Hoe lang helpt", "30 dagen").press("Kijk het na").heading("Klopt dit?").press("Ja, vraag Noor")
    noor.go("/regie/vertegenwoordiging/voor").press("Ja, ik help").press("Regel iets voor Sanne Voorbeeld")
    noor.go("/regie/delen").press("Stop met delen", inside=noor.card("Bakkerij")).reads("gestopt")
    sanne.go("/regie/delen/logboek").reads("Namens jou stopte Noor Test met delen met Bakkerij.")
    sanne.go("/regie/delen").misses("1 van de 3 keer")
