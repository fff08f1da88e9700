"""Ontology and shapes on the web."""

from __future__ import annotations

from collections import Counter

import httpx2
import pytest
from pyoxigraph import NamedNode, RdfFormat, parse
from starlette.applications import Starlette

from werkpod.vocab import publish, skos
from werkpod.vocab.isco import ISCO_IRI
from werkpod.vocab.starter import COMPETENCE_IRI, GROUP_IRI


def _client() -> httpx2.AsyncClient:
    app = Starlette(routes=publish.routes())
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost:8080")


@pytest.mark.parametrize("path", ["/vocab/cv", "/vocab/consent", "/vocab/taxonomy", "/vocab/shapes", "/vocab/starter"])
@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", publish.TURTLE), ("text/turtle", publish.TURTLE), ("application/ld+json", publish.JSON_LD),
        ("text/turtle;q=0.5, application/ld+json", publish.JSON_LD), ("application/json", publish.JSON_LD),
        ("application/ld+json;q=0.2, text/turtle;q=0.9", publish.TURTLE), ("text/turtle;q=zz", publish.TURTLE),
    ],
)  # fmt: skip
async def test_a_vocabulary_comes_in_the_form_that_is_asked(path: str, accept: str, media_type: str) -> None:
    """Turtle by default, JSON-LD where it is preferred, readable from any origin."""
    async with _client() as client:
        response = await client.get(path, headers={"Accept": accept})
    assert response.headers["content-type"].startswith(media_type)
    assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "path", ["/vocab/cv", "/vocab/consent", "/vocab/taxonomy", "/vocab/shapes", "/vocab/starter", "/vocab/isco/5321"]
)
async def test_both_forms_say_the_same(path: str) -> None:
    """As many triples in JSON-LD as in Turtle."""
    async with _client() as client:
        turtle = (await client.get(path + ".ttl")).content
        json_ld = (await client.get(path + ".jsonld")).content
    assert len(list(parse(turtle, RdfFormat.TURTLE))) == len(list(parse(json_ld, RdfFormat.JSON_LD))) > 50


async def test_every_iri_of_ours_leads_to_what_is_said_of_it() -> None:
    """What starts with https://w3id.org/werkpod/ is found at /vocab/ by its end, and the answer speaks of it."""
    ours = sorted(iri for iri in skos.graph().subjects() if iri.startswith(skos.BASE))
    terms = {t.predicate.value for t in skos.graph().everything() if t.predicate.value.startswith(skos.TAXONOMY)}
    assert len(ours) > 400
    async with _client() as client:
        for iri in [*ours[:: len(ours) // 40], skos.SCHEME]:
            found = await client.get(iri.replace(skos.BASE, "/vocab/"))
            assert found.status_code == 200, iri
            assert NamedNode(iri) in {q.subject for q in parse(found.content, RdfFormat.TURTLE)}
        told = (await client.get("/vocab/taxonomy")).text
    assert [term for term in terms if f"wpt:{term.removeprefix(skos.TAXONOMY)} a " not in told] == []


async def test_a_competence_says_who_asks_it() -> None:
    """A competence comes with its names, kind, scheme, group, and the unit groups that ask it."""
    async with _client() as client:
        answer = await client.get("/vocab/competence/heftruck-rijden.ttl")
    said = {(q.subject.value, q.predicate.value, q.object.value) for q in parse(answer.content, RdfFormat.TURTLE)}
    iri = COMPETENCE_IRI + "heftruck-rijden"
    assert (iri, skos.SKOS + "inScheme", skos.SCHEME) in said
    assert (iri, skos.TAXONOMY + "plainLabel", "Rijden met een heftruck") in said
    assert (GROUP_IRI + "vervoer-en-magazijn", skos.SKOS + "member", iri) in said
    assert (ISCO_IRI + "8344", skos.TAXONOMY + "asksEssentially", iri) in said


async def test_the_scheme_is_whole_skos() -> None:
    """SKOS S13 and S14: one preferred label a language, no other name equal to it. Broader is ISCO-08's tree."""
    triples = list(skos.graph().everything())
    labels = Counter((t.subject, t.object.language) for t in triples if t.predicate.value == skos.SKOS + "prefLabel")
    assert set(labels.values()) == {1}
    preferred = {(t.subject, t.object) for t in triples if t.predicate.value == skos.SKOS + "prefLabel"}
    others = {(t.subject, t.object) for t in triples if t.predicate.value == skos.SKOS + "altLabel"}
    assert preferred & others == set()
    assert sum(t.predicate.value == skos.SKOS + "broader" for t in triples) == 609
    concepts = {t.subject for t in triples if t.object == NamedNode(skos.SKOS + "Concept")}
    assert concepts == {
        t.subject for t in triples if t.predicate.value == skos.SKOS + "inScheme" and "group" not in t.subject.value
    }


async def test_what_is_not_there_is_told() -> None:
    """An unknown concept is 404 and says what an address looks like; an answer that is known already is 304."""
    async with _client() as client:
        for path in ("/vocab/competence/no-such", "/vocab/isco/9999", "/vocab/competence-group/x", "/vocab/isco/5321x"):
            found = await client.get(path)
            assert found.status_code == 404, path
            assert "/vocab/competence/heftruck-rijden" in found.text
        known = await client.get("/vocab/starter")
        again = await client.get("/vocab/starter", headers={"If-None-Match": known.headers["etag"]})
    assert again.status_code == 304
