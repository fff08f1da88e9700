"""Asking and answering in Chromium, without JavaScript too. The pages are looked at in test_every_sharing_page.py."""

from __future__ import annotations

from support.visiting import Visitor

WHY = "Er is een plek vrij bij een bakker. Past die bij jou?"


def test_a_coach_asks_and_a_citizen_answers(visitor: Visitor) -> None:
    """The coach's form and request; the citizen's list, request and own choice; nothing is ticked beforehand."""
    carla = visitor().sign_in("carla")
    carla.go("/apps/coach/").ask("Coach").press("Ja, dat mag").heading("Wie deelt met mij")
    carla.follow("Vraag om mee te kijken").heading("Vragen om mee te kijken")
    carla.follow("Stel een nieuwe vraag").heading("Vraag om mee te kijken")
    assert carla.main.locator("input:checked").count() == 0
    carla.fill("Aan wie?", "sanne").tick("Je werk", "Wat je kunt").fill("Waarom?", WHY)
    carla.choose("Hoe lang is dat nodig?", "90 dagen").choose(
        "Wat blijft er bewaard?", "Alles, tot het stopt. Daarna niets."
    )
    carla.tick("Alleen op het ja").press("Stel de vraag").reads("De vraag is gesteld.", "Wacht op antwoord")

    sanne = visitor().sign_in("sanne").reads("Er zijn 2 vragen.")
    sanne.follow("Bekijk de vraag").heading("Vragen aan jou")
    sanne.follow("Carla Coach vraagt iets").heading("Carla Coach vraagt iets aan jou")
    sanne.reads("De organisatie heeft dit account gemaakt.", WHY, "90 dagen", "Thuishulp")
    sanne.follow("Ik kies zelf wat ik laat zien").heading("Kies zelf wat je laat zien")
    assert sanne.main.locator("input:checked").count() == 0

    # All of it works where no script runs: ask why, and choose oneself.
    plain = visitor(java_script_enabled=False)
    plain.sign_in("sanne").go("/regie/vragen").follow("Carla Coach vraagt iets")
    plain.page.get_by_text("Ik wil eerst iets vragen").click()
    plain.fill("Jouw vraag aan Carla Coach", "Welke bakker?").press("Stuur mijn vraag").reads("Je vraag is verstuurd.")
    plain.follow("Carla Coach vraagt iets").reads("Welke bakker?", "Je hoeft niet te wachten.")
    plain.follow("Ik kies zelf wat ik laat zien").tick("Wat je kunt").choose("Hoe lang mag dat?", "30 dagen")
    plain.press("Laat zien wat er nu meegaat").reads("Dit krijgt Carla Coach te zien")
    plain.press("Deel dit").reads("Je hebt ja gezegd.", "Je zei ja.")

    carla.go("/apps/coach/vragen").reads("Wat je kunt", "Ja gezegd").follow("Stel een nieuwe vraag")
    carla.fill("Aan wie?", "sanne").tick("Je talen").fill("Waarom?", WHY).choose("Hoe lang is dat nodig?", "7 dagen")
    carla.choose("Wat blijft er bewaard?", "Niets. Alleen kijken.").tick("Op een taak").press("Stel de vraag")
    sanne.go("/regie/vragen").follow("Carla Coach vraagt iets").reads("Het hoort bij een taak van de overheid.")
    sanne.page.get_by_text("Ik wil niets meer horen van Carla Coach").click()
    sanne.press("Niets meer van horen").reads("Je hoort hier niets meer van.", "Van wie je niets wilt horen")
    sanne.press("Mag weer vragen").reads("Deze persoon mag je weer iets vragen.")
