"""Citizen and coach: what is shared, the plan that is sent, the tip that comes back."""

from __future__ import annotations

import re

from support.settled import signed_up, with_work
from support.visiting import Visitor
from support.walking import Walker


def coach_at_work(visitor: Visitor) -> Walker:
    """The demo coach at the list of who shares."""
    return visitor().sign_in("carla").follow("Bekijk wie met mij deelt").enter("Coach", "Wie deelt met mij")


def test_the_coach_sees_what_two_citizens_share_and_nothing_more(visitor: Visitor) -> None:
    """The list has both people; each page has the shared sections only."""
    coach = coach_at_work(visitor).reads("Sanne Voorbeeld", "Karim Demo").misses("Noor Test")
    coach.follow("Sanne Voorbeeld").heading("Sanne Voorbeeld").reads("Thuiszorg De Verzonnen Hoek", "Verzorgende")
    coach.misses("sanne@voorbeeld.example", "Turks", "Rijbewijs B")
    coach.follow("Terug naar de lijst").follow("Karim Demo").heading("Karim Demo").reads("Magazijn Nergens BV")
    coach.misses("Nederlands")


def test_a_plan_goes_to_the_coach_and_a_tip_comes_back(visitor: Visitor) -> None:
    """From a wish on the CV to the plan, to the coach's page, to a tip in the citizen's messages."""
    citizen = visitor().sign_in("sanne")
    citizen.go("/apps/wens/").allow("Wensberoeper").heading("Wat wil je worden?").reads("Dit wil je, staat in je cv")
    citizen.first_door().click()
    citizen.reads(re.compile(r"Je kunt al \d+ van de \d+ dingen"), "Dit kun je al", "Dit kun je nog leren")
    goal = citizen.page.get_by_role("heading", level=1).inner_text()
    citizen.press("Zoek hulp om dit te leren").heading(f"Hulp op weg naar: {goal}")
    citizen.follow("Stuur naar mijn coach").allow("Profielverbeteraar").reads("Je stuurt dit naar Carla Coach", goal)
    citizen.fill("Wil je er iets bij zeggen?", "Ik wil graag overdag leren.").press("Stuur mijn plan")
    citizen.heading("Je plan is gestuurd")

    coach = coach_at_work(visitor).reads("1 plan gestuurd").follow("Sanne Voorbeeld")
    coach.reads(goal, "Ik wil graag overdag leren.")
    coach.fill("Jouw tip", "De cursus begint in maart.\nZal ik je aanmelden?").press("Stuur tip")
    coach.reads("Je tip is gestuurd").follow("Terug naar Werkpod").follow("Berichten")
    coach.reads("Ik wil graag overdag leren.")

    citizen.go("/regie/berichten").reads("De cursus begint in maart.", "Zal ik je aanmelden?", "Van Carla Coach")
    citizen.press("Gooi weg", inside=citizen.cards.first).reads("Het bericht is weg")
    citizen.misses("De cursus begint in maart.")


def test_without_a_coach_the_plan_says_how_to_get_one(visitor: Visitor) -> None:
    """Who shares with no coach is led to sharing first, and back to the plan."""
    citizen = signed_up(visitor(), "Zonder Coach")
    citizen.go("/apps/gids/").heading("Hulp bij werk")
    citizen.go("/apps/wens/").allow("Wensberoeper").fill("Typ het werk dat je wilt", "heftruck").press("Zoek")
    citizen.first_door().click()
    citizen.press("Zoek hulp").follow("Stuur naar mijn coach").allow("Profielverbeteraar")
    citizen.reads("We weten nog niet wie je coach is").follow("Deel met mijn coach").heading("Deel met je coach")


def test_a_coach_who_is_stopped_sees_nothing_any_more(visitor: Visitor) -> None:
    """After the citizen stops, the person is off the coach's list and their page is closed; the refusal is logged."""
    citizen = with_work(visitor(), "Tessa Tijdelijk")
    citizen.share_with_coach("Carla Coach", "Je werk")
    coach = coach_at_work(visitor)
    coach.main.get_by_role("link").filter(has_text=re.compile("tessa", re.IGNORECASE)).first.click()
    coach.reads("Pakhuis Fictie")
    there = coach.page.url
    citizen.go("/regie/delen").press("Stop met delen", inside=citizen.card("Carla Coach")).reads("Je bent gestopt")
    coach.go(there).misses("Pakhuis Fictie").go("/apps/coach/").heading("Wie deelt met mij").misses("Tessa", "tessa")
    citizen.go("/regie/delen/logboek").reads("Carla Coach heeft dit gezien: Je werk")
