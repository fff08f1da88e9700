"""JSON-LD contexts that are known without the network."""

from __future__ import annotations

import json
from typing import Any

import pyoxigraph as ox
import pytest

from werkpod.pod.ldp import contexts, graphs
from werkpod.pod.ldp.errors import InvalidRdf, UnknownContext
from werkpod.pod.ldp.graphs import JSON_LD, TURTLE

BASE = "https://pod.example/anna/inbox/1"
AS = "https://www.w3.org/ns/activitystreams"


def read(document: Any) -> set[str]:
    """The triples of a JSON-LD document."""
    return {str(triple) for triple in graphs.parse(json.dumps(document).encode(), JSON_LD, BASE).triples}


@pytest.mark.duty(138)
def test_an_activity_is_read_without_the_network() -> None:
    """A message as ActivityStreams software sends it, with links, dates, languages and ordered items."""
    found = read({
        "@context": [AS, {"ex": "https://e.example/"}],
        "id": "", "type": "Announce", "actor": "https://e.example/me", "published": "2026-11-23T12:00:00Z",
        "summaryMap": {"nl": "Dag"}, "unknown": "is left out", "ex:known": 1,
        "object": {"type": "OrderedCollection", "totalItems": 1, "orderedItems": ["https://e.example/1"]},
    })  # fmt: skip
    this, xsd = f"<{BASE}>", "http://www.w3.org/2001/XMLSchema#"
    assert f"{this} <{graphs.PREFIXES['rdf']}type> <{AS}#Announce>" in found
    assert f"{this} <{AS}#actor> <https://e.example/me>" in found
    assert f'{this} <{AS}#published> "2026-11-23T12:00:00Z"^^<{xsd}dateTime>' in found
    assert f'{this} <{AS}#summary> "Dag"@nl' in found
    assert any(f'<{AS}#totalItems> "1"^^<{xsd}nonNegativeInteger>' in triple for triple in found)
    assert any(f"<{graphs.PREFIXES['rdf']}first> <https://e.example/1>" in triple for triple in found)
    assert not any("is left out" in triple for triple in found)
    assert any("<https://e.example/known>" in triple for triple in found)


def test_a_client_id_document_can_be_kept_in_a_pod() -> None:
    """The context of Solid-OIDC is known: an app's own document is its subject, its redirects are links."""
    found = read({
        "@context": ["https://www.w3.org/ns/solid/oidc-context.jsonld"], "client_id": BASE,
        "client_name": "App", "redirect_uris": ["https://app.example/cb"], "default_max_age": 3600,
    })  # fmt: skip
    oidc = "http://www.w3.org/ns/solid/oidc#"
    assert f"<{BASE}> <{oidc}redirect_uris> <https://app.example/cb>" in found
    assert f'<{BASE}> <{oidc}client_name> "App"' in found


@pytest.mark.parametrize("name", sorted(contexts.known()))
def test_every_known_context_is_one(name: str) -> None:
    """Each table is a context that a JSON-LD processor takes, under each of its addresses."""
    assert read({"@context": name, "@id": "", "https://e.example/p": 1})


def test_contexts_anywhere_in_a_document_are_found() -> None:
    """In a list, on a node inside another, and scoped to a term."""
    inner = {"@context": AS, "type": "Note", "content": "Dag"}
    term = {"said": {"@id": "https://e.example/said", "@context": AS}}
    assert any('"Dag"' in t for t in read({"@id": "", "https://e.example/p": [inner]}))
    assert any('"Dag"' in t for t in read({"@context": term, "@id": "", "said": {"content": "Dag"}}))


@pytest.mark.duty(142)
def test_others_are_refused_and_the_known_ones_named() -> None:
    """400 that says which context it was and which there are; so many that it would be an attack are refused too."""
    with pytest.raises(UnknownContext, match=r"'https://schema.org'.*activitystreams"):
        read({"@context": [AS, "https://schema.org"], "@id": ""})
    with pytest.raises(UnknownContext, match="at most 16"):
        read([{"@context": AS, "type": "Note"}] * 17)
    with pytest.raises(UnknownContext, match="@import"):
        read({"@context": {"@import": AS}, "@id": ""})
    with pytest.raises(InvalidRdf):
        graphs.parse(b'{"@context": "https://schema.org"', JSON_LD, BASE)


def test_what_names_a_context_is_given_in_turtle_too() -> None:
    """It is stored as it was sent, and converted when somebody asks for another form."""
    body = json.dumps({"@context": AS, "id": "", "type": "Note", "content": "Dag"}).encode()
    turtle = graphs.convert(body, JSON_LD, TURTLE, BASE)
    assert {str(q.triple) for q in ox.parse(turtle, ox.RdfFormat.TURTLE)} == {
        str(t) for t in graphs.read(body, JSON_LD, BASE).triples
    }
