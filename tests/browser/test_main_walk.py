"""From first visit to first match and on to help: the walk that Werkpod is made for, with and without JavaScript."""

from __future__ import annotations

import re

import pytest
from support.visiting import Visitor
from support.walking import Walker

SHARED = ("Je naam", "Je werk", "Wat je kunt", "Wat je wilt")


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_from_first_visit_to_a_plan_with_the_coach(visitor: Visitor, javascript: bool) -> None:
    """A newcomer makes a CV, finds work, sees the gap, finds help, asks the coach, and stops sharing."""
    name = "Piet Proef" if javascript else "Gerda Gewoon"
    citizen, coach = visitor(java_script_enabled=javascript), visitor(java_script_enabled=javascript)
    citizen.sign_up(name)
    citizen.reads("Niemand anders kan je cv zien").follow("Vul je werk in").allow("CV-bouwer").heading("Je cv maken")
    citizen.follow("Je naam").fill("Je naam", name).press("Bewaar").reads("Bewaard.")
    can = citizen.add_job("heftruck", "Heftruck", employer="Fictie BV", start="2015", end="2020")
    citizen.follow("Terug naar Werkpod").follow("Mijn cv").heading("Mijn cv").reads(name, "Fictie BV", *can)

    goal = find_work(citizen, can)
    plan(citizen, goal)
    read_and_answer(coach, name, goal)

    citizen.go("/").reads("Er is 1 bericht").follow("Lees je berichten")
    citizen.reads("Bel me dinsdag even", "Van Carla Coach")
    stop_matching(citizen)


def find_work(citizen: Walker, can: list[str]) -> str:
    """Let Matchberoeper in and choose its first suggestion; the title of that work."""
    citizen.go("/regie/werk").follow("Matchberoeper").allow("Matchberoeper").heading("Werk dat bij je past")
    first = citizen.cards.first
    goal = first.get_by_role("heading", level=2).inner_text()
    first.locator("summary").click()
    citizen.reads(re.compile(r"Je kunt al \d+ van de \d+ dingen"), "Dit kun je al", "Dit kun je nog leren")
    assert any(skill in first.inner_text() for skill in can)
    citizen.follow("Dit wil ik worden", inside=first)
    return goal


def plan(citizen: Walker, goal: str) -> None:
    """From the wish to what is missing, to help, to the coach."""
    citizen.allow("Wensberoeper").heading(goal).reads("Dit kun je al", "Dit kun je nog leren")
    citizen.press("Zoek hulp om dit te leren").heading(f"Hulp op weg naar: {goal}").reads("Dit leer je ermee")
    there = citizen.page.url
    citizen.share_with_coach("Carla Coach", *SHARED).go(there)
    citizen.follow("Stuur naar mijn coach").allow("Profielverbeteraar").heading("Stuur naar mijn coach")
    citizen.reads("Je stuurt dit naar Carla Coach").press("Stuur mijn plan").heading("Je plan is gestuurd")


def read_and_answer(coach: Walker, name: str, goal: str) -> None:
    """The coach reads what is shared and the plan, and sends a tip."""
    coach.sign_in("carla").follow("Bekijk wie met mij deelt").enter("Coach", "Wie deelt met mij")
    coach.reads("Sanne Voorbeeld", "Karim Demo").follow(name).heading(name).reads("Fictie BV", goal)
    coach.fill("Jouw tip", "Bel me dinsdag even.").press("Stuur tip").reads("Je tip is gestuurd")


def stop_matching(citizen: Walker) -> None:
    """Stop sharing with one press; the app's next page says so, and the refusal is in the log."""
    citizen.follow("Delen").heading("Delen")
    citizen.press("Stop met delen", inside=citizen.card("Matchberoeper")).reads("Je bent gestopt met delen")
    citizen.go("/apps/beroep/").heading("Je deelt dit niet meer met Matchberoeper")
    citizen.go("/regie/delen").follow("Bekijk het logboek").reads("Matchberoeper", "Dat mocht niet")
