"""Messages between people, and the list of who helps."""

import pyoxigraph as ox

from werkpod.apps.kit.notes import Note, PlanStep, note_body, parse_note
from werkpod.apps.kit.people import Helper, parse_people

ANNA = "https://pod.example/anna/profile/card#me"
COACH = "https://pod.example/karin/profile/card#me"
URL = "https://pod.example/karin/inbox/1"


def as_turtle(body: bytes) -> bytes:
    """What a pod that keeps the JSON-LD at `URL` answers when it is asked for Turtle."""
    quads = ox.parse(body, ox.RdfFormat.JSON_LD, base_iri=URL)
    return ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.TURTLE) or b""


def test_a_plan_arrives_as_it_was_sent() -> None:
    """A plan that goes out as JSON-LD and is read back as Turtle is the same plan, steps in order."""
    steps = tuple(PlanStep(f"Cursus {n}", f"https://gids.example/{n}", ("Koken", "Snijden")) for n in range(1, 12))
    plan = Note(ANNA, "Mijn plan: kok", "Zullen we dit bespreken?", steps=steps, uncovered=("Voorraad beheren",))
    arrived = parse_note(as_turtle(note_body(plan, target=COACH, now=1_795_000_000)), URL, ANNA)
    assert arrived is not None
    assert arrived.is_plan
    assert (arrived.sender, arrived.title, arrived.text) == (ANNA, plan.title, plan.text)
    assert (arrived.steps, arrived.uncovered) == (steps, plan.uncovered)
    assert arrived.published == "2026-11-18T11:06:40Z"


def test_a_suggestion_is_a_note_and_no_plan() -> None:
    """A message without steps arrives as a plain note with its sender."""
    note = Note(COACH, "Een tip", "Kijk eens bij de open dag.")
    arrived = parse_note(as_turtle(note_body(note, target=ANNA, now=0)), URL, COACH)
    assert arrived is not None
    assert not arrived.is_plan
    assert (arrived.sender, arrived.text) == (COACH, note.text)


def test_what_is_no_message_is_none() -> None:
    """Turtle about something else, and what is no Turtle at all, gives no message."""
    assert parse_note(b"<#a> <#b> <#c> .", URL) is None
    assert parse_note(b"not turtle <", URL) is None


def test_the_people_document_names_who_can_be_written_to() -> None:
    """Each person with an inbox is found with WebID and name; statements about others are not people."""
    body = f"""
    @prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix ldp: <http://www.w3.org/ns/ldp#> .
    <{COACH}> foaf:name "Karin" ; ldp:inbox <https://pod.example/karin/inbox/> .
    <https://pod.example/x#me> foaf:name "Zonder inbox" .
    """.encode()
    assert parse_people(body, "https://pod.example/anna/people") == (
        Helper(COACH, "Karin", "https://pod.example/karin/inbox/"),
    )
    assert parse_people(b"", "https://pod.example/anna/people") == ()
