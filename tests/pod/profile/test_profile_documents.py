"""The documents of a profile: what a pod begins with, what anybody finds, and what older pods get."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from support.podapp import Person, Server, pod_server
from support.pods import BASE

from werkpod.pod.profile import places as p
from werkpod.pod.profile import seed

TURTLE, JSON_LD = "text/turtle", "application/ld+json"
FORMATS = {TURTLE: ox.RdfFormat.TURTLE, JSON_LD: ox.RdfFormat.JSON_LD}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A pod server."""
    async with pod_server(tmp_path) as running:
        yield running


@pytest.fixture
async def anna(server: Server) -> Person:
    """A citizen with an app that may do everything."""
    return await server.person("anna")


def triples(body: bytes, url: str, media_type: str = TURTLE) -> set[tuple[str, str, str]]:
    """The triples of a document, as text."""
    quads = ox.parse(body, FORMATS[media_type], base_iri=url)
    return {(getattr(q.subject, "value", ""), q.predicate.value, getattr(q.object, "value", "")) for q in quads}


def said(graph: set[tuple[str, str, str]], subject: str, predicate: str) -> list[str]:
    """The values of one property."""
    return sorted(o for s, q, o in graph if (s, q) == (subject, predicate))


@pytest.mark.duty(20, 111, 138, 139, 140, 143, 146)
@pytest.mark.parametrize("media_type", [TURTLE, JSON_LD])
async def test_a_webid_leads_to_what_belongs_to_it(server: Server, anna: Person, media_type: str) -> None:
    """Without signing in, in Turtle and in JSON-LD: issuer, storage, inbox, preferences, public type index."""
    webid, card = anna.pod.webid, anna.url(p.CARD)
    answer = await server.http.get(webid.partition("#")[0], headers={"Accept": media_type})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    graph = triples(answer.content, card, media_type)
    assert said(graph, card, p.TYPE) == [p.PROFILE_DOCUMENT]
    assert said(graph, card, p.PRIMARY_TOPIC) == said(graph, card, p.MAKER) == [webid]
    assert said(graph, webid, p.TYPE) == [p.AGENT]
    assert said(graph, webid, p.OIDC_ISSUER) == [BASE]
    assert said(graph, webid, p.STORAGE) == [anna.url()]
    assert said(graph, webid, p.LDP_INBOX) == [anna.url("inbox/")]
    assert said(graph, webid, p.PREFERENCES_FILE) == [anna.url("settings/prefs.ttl")]
    assert said(graph, webid, p.PUBLIC_TYPE_INDEX) == [anna.url("settings/publicTypeIndex.ttl")]


@pytest.mark.duty(143, 144)
async def test_who_may_read_what_of_a_profile(server: Server, anna: Person) -> None:
    """The public type index is everybody's; preferences and private type index are the owner's, and linked so."""
    webid = anna.pod.webid
    public = await server.http.get(anna.url(p.PUBLIC_INDEX))
    assert public.status_code == 200
    assert (anna.url(p.PUBLIC_INDEX), p.TYPE, p.TYPE_INDEX) in triples(public.content, anna.url(p.PUBLIC_INDEX))
    bob = await server.person("bob")
    for path in (p.PREFERENCES, p.PRIVATE_INDEX, p.SETTINGS):
        assert (await server.http.get(anna.url(path))).status_code == 401
        assert (await bob.get(anna.url(path))).status_code == 403
        assert (await anna.get(anna.url(path))).status_code == 200
    preferences = triples((await anna.get(anna.url(p.PREFERENCES))).content, anna.url(p.PREFERENCES))
    assert said(preferences, webid, p.PRIVATE_TYPE_INDEX) == [anna.url(p.PRIVATE_INDEX)]
    assert said(preferences, anna.url(p.PREFERENCES), p.TYPE) == [p.CONFIGURATION]


async def _make_old(server: Server, anna: Person, *, card: str = "") -> None:
    """Make of a pod what an earlier version made, with `card` said in the profile besides."""
    storage = server.parts.storage
    for path in (p.PREFERENCES, p.PUBLIC_INDEX, p.PRIVATE_INDEX):
        await storage.delete(anna.pod.id, path)
    await storage.delete(anna.pod.id, p.SETTINGS)
    body = (
        f"<> a <{p.PROFILE_DOCUMENT}> ; <{p.PRIMARY_TOPIC}> <#me> . <#me> <{p.OIDC_ISSUER}> <{BASE}> ;"
        f" <{p.STORAGE}> <{anna.url()}> ; <{p.LDP_INBOX}> <{anna.url('inbox/')}> . {card}"
    )
    await storage.put(anna.pod.id, p.CARD, body.encode(), TURTLE)


@pytest.mark.duty(143, 144)
async def test_an_older_pod_gets_what_it_lacks(server: Server, anna: Person) -> None:
    """Once is enough, what the citizen said of herself stays, and a second time changes nothing."""
    await _make_old(server, anna, card='<#me> <http://xmlns.com/foaf/0.1/name> "Anna" .')
    assert await server.service.profiles.sweep(server.parts.directory) == 1
    card = await server.http.get(anna.url(p.CARD))
    assert '"Anna"' in card.text
    await test_who_may_read_what_of_a_profile(server, anna)
    heads = {path: await server.parts.storage.head(anna.pod.id, path) for path in sorted(p.KEPT_DOCUMENTS)}
    assert None not in heads.values()
    await server.service.profiles.sweep(server.parts.directory)
    assert heads == {path: await server.parts.storage.head(anna.pod.id, path) for path in heads}


async def test_an_older_pod_keeps_its_own_places(server: Server, anna: Person) -> None:
    """Where an app had made a type index and preferences already, those are used, and no others are made."""
    mine = f"<#me> <{p.PREFERENCES_FILE}> <../mine/prefs> ; <{p.PUBLIC_TYPE_INDEX}> <../mine/index> ."
    await _make_old(server, anna, card=mine)
    await server.service.profiles.sweep(server.parts.directory)
    graph = triples((await anna.get(anna.url(p.CARD))).content, anna.url(p.CARD))
    assert said(graph, anna.pod.webid, p.PREFERENCES_FILE) == [anna.url("mine/prefs")]
    assert (await server.http.get(anna.url("mine/index"))).status_code == 200
    assert (await server.http.get(anna.url("mine/prefs"))).status_code == 401
    assert (await anna.get(anna.url(p.PUBLIC_INDEX))).status_code == 404


async def test_a_link_out_of_the_pod_is_left_alone(server: Server, anna: Person) -> None:
    """Preferences that the citizen keeps somewhere else are not written, and not replaced."""
    await _make_old(server, anna, card=f"<#me> <{p.PREFERENCES_FILE}> <https://elders.example/prefs> .")
    await server.service.profiles.sweep(server.parts.directory)
    assert "https://elders.example/prefs" in (await anna.get(anna.url(p.CARD))).text
    assert (await anna.get(anna.url(p.PREFERENCES))).status_code == 404


def test_every_section_has_a_class() -> None:
    """Each section of the CV is registered for at least one class, under names that differ."""
    from werkpod.vocab.sections import CV_SECTIONS

    names = [name for section in CV_SECTIONS for name, _ in seed.entries_of(section.key)]
    assert all(seed.entries_of(section.key) for section in CV_SECTIONS)
    assert len(set(names)) == len(names)
