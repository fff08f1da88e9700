"""How an app finds the section that it was given, as Solid apps look for data, and finds nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from support.podapp import MATCHER, Person, Server, pod_server

from werkpod.pod.access.lens import through
from werkpod.pod.access.model import Lens
from werkpod.pod.profile import places as p


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A pod server."""
    async with pod_server(tmp_path) as running:
        yield running


async def insert(person: Person, path: str, triples: str) -> None:
    """Add triples to a document of one's own."""
    body = f"@prefix solid: <{p.SOLID}>. <> a solid:InsertDeletePatch ; solid:inserts {{ {triples} }} ."
    url = person.url(path)
    assert (await person.request("PATCH", url, headers={"Content-Type": "text/n3"}, content=body)).status_code == 204


def graph(body: bytes, url: str) -> set[tuple[str, str, str]]:
    """The triples of a Turtle document, as text."""
    quads = ox.parse(body, ox.RdfFormat.TURTLE, base_iri=url)
    return {(q.subject.value, q.predicate.value, q.object.value) for q in quads}


@pytest.mark.duty(144, 145)
async def test_an_app_finds_the_section_that_it_was_given(server: Server) -> None:
    """From the WebID over the preferences and the private type index to the section: what Solid apps do, unchanged."""
    anna = await server.person("anna")
    await insert(anna, p.PREFERENCES, "<#me> <https://e.example/n> 'AB-12' . <#licence> a <https://e.example/L> .")
    await insert(anna, p.PRIVATE_INDEX, f"<#secret> a <{p.REGISTRATION}> ; <{p.INSTANCE}> <https://e.example/diary> .")
    grant = await server.give(anna, client=MATCHER, sections=("experience",), actions=("read",), receiver_kind="app")
    app = server.app_of(anna, MATCHER, grant.id)

    card = graph((await app.get(anna.url(p.CARD))).content, anna.url(p.CARD))
    preferences = next(o for _, predicate, o in card if predicate == p.PREFERENCES_FILE)
    links = graph((await app.get(preferences)).content, preferences)
    assert links == {(anna.pod.webid, p.PRIVATE_TYPE_INDEX, anna.url(p.PRIVATE_INDEX))}
    index = anna.url(p.PRIVATE_INDEX)
    entry = f"{index}#cv-experience-Experience"
    assert graph((await app.get(index)).content, index) == {
        (entry, p.TYPE, p.REGISTRATION),
        (entry, p.FOR_CLASS, "https://w3id.org/werkpod/cv#Experience"),
        (entry, p.INSTANCE, anna.url("cv/experience")),
    }
    assert (await app.get(anna.url("cv/experience"))).status_code == 200
    for path in ("cv/education", "cv/", "", "settings/", "settings/.acl", f"{p.PRIVATE_INDEX}.acl"):
        assert (await app.get(anna.url(path))).status_code in (403, 404), path
    assert (await app.put(index, "")).status_code == 403


@pytest.mark.duty(144)
async def test_the_private_index_is_closed_again_when_sharing_stops(server: Server) -> None:
    """What came with the grant goes with it; who has no section, or may not read it, gets nothing of the index."""
    anna = await server.person("anna")
    grant = await server.give(anna, client=MATCHER, sections=("experience",), actions=("read",), receiver_kind="app")
    app = server.app_of(anna, MATCHER, grant.id)
    assert (await app.get(anna.url(p.PRIVATE_INDEX))).status_code == 200
    await server.grants.revoke(anna.pod.id, grant.id, by=anna.pod.id)
    assert (await app.get(anna.url(p.PRIVATE_INDEX))).status_code == 403
    coach = await server.person("karin")
    inbox = await server.give(anna, client="inbox", sections=("inbox",), actions=("read",), receiver_kind="app")
    adds = await server.give(anna, client="adds", sections=("summary",), actions=("append",), receiver_kind="app")
    hers = await server.give(
        anna, client=None, agent=coach.pod.webid, sections=("summary",), actions=("read",), receiver_kind="coach"
    )
    apps = [server.app_of(anna, "inbox", inbox.id), server.app_of(anna, "adds", adds.id)]
    for person in (*apps, server.app_of(coach, "x", hers.id)):
        assert (await person.get(anna.url(p.PRIVATE_INDEX))).status_code == 403
        assert (await person.get(anna.url(p.PREFERENCES))).status_code == 403


def test_a_lens_that_names_what_passes() -> None:
    """Of named entries and predicates nothing else passes, neither about other subjects nor on blank nodes below."""
    document = "https://pod.example/anna/settings/x"
    turtle = "<#a> <https://e/p> 1 ; <https://e/q> [ <https://e/p> 2 ] . <#b> <https://e/p> 3 . <> <https://e/p> <#a> ."
    triples = [q.triple for q in ox.parse(turtle, ox.RdfFormat.TURTLE, base_iri=document)]

    def passing(lens: Lens) -> set[str]:
        return {getattr(t.object, "value", "") for t in through([lens], triples, document)}

    assert passing(Lens(only_entries=frozenset({"a"}), only_predicates=frozenset({"https://e/p"}))) == {"1"}
    assert passing(Lens(only_entries=frozenset({"b"}))) == {"3"}
    assert passing(Lens(only_predicates=frozenset({"https://e/none"}))) == set()
