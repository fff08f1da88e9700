"""RDF in and out, within limits."""

from __future__ import annotations

import pytest

from werkpod.pod.ldp.errors import InvalidRdf, NotTaken
from werkpod.pod.ldp.graphs import JSON_LD, N_TRIPLES, TURTLE, Document, convert, parse, serialise
from werkpod.web.errors import TooLarge

BASE = "https://pod.example/anna/cv/experience"
GOOD = b'@prefix s: <https://schema.org/> . <#a> s:name "Zorg"@nl ; s:knows [ s:age 3 ] , <> .'


@pytest.mark.duty(41)
@pytest.mark.parametrize("form", [TURTLE, JSON_LD, N_TRIPLES])
def test_every_form_is_read_back(form: str) -> None:
    """What is written in one form is the same graph in another, blank nodes apart."""
    first = parse(GOOD, TURTLE, BASE)
    again = parse(serialise(first, form), form, BASE)
    named = [t for t in first.triples if "_:" not in str(t)]
    assert set(named) <= set(again.triples)
    assert len(again.triples) == len(first.triples)


def test_relative_iris_are_those_of_the_document() -> None:
    """The base is the document's own address, in Turtle and in JSON-LD."""
    turtle = parse(b"<> <#p> <other> .", TURTLE, BASE).triples
    jsonld = parse(b'{"@id": "", "https://pod.example/anna/cv/experience#p": {"@id": "other"}}', JSON_LD, BASE).triples
    assert turtle == jsonld


def test_named_graphs_stay_in_json_ld() -> None:
    """A named graph is kept, and left out where there is no place for it (RDF 1.1 Datasets, 3.2)."""
    body = b'{"@id": "#g", "https://e.example/p": "x", "@graph": {"@id": "#s", "https://e.example/q": "y"}}'
    document = parse(body, JSON_LD, BASE)
    assert (len(document.triples), len(document.named)) == (1, 1)
    assert b'"y"' in serialise(document, JSON_LD)
    assert b'"y"' not in serialise(document, TURTLE)
    assert b'"y"' not in convert(body, JSON_LD, TURTLE, BASE)


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b"<a> <b> .", TURTLE), (b"not turtle", TURTLE), (b'<a> <b> "\xff" .', TURTLE), (b"{", JSON_LD),
        (b'{"@id": 1}', JSON_LD), (b'{"@context": "https://ctx.example/c", "@id": "a"}', JSON_LD),
        (b'{"@context": {"@import": "https://ctx.example/c"}}', JSON_LD),
        (b"<a> <b> <<( <c> <d> <e> )>> .", TURTLE), (b"<a> <b> <c> .", N_TRIPLES),
    ],
)  # fmt: skip
def test_what_is_not_rdf_is_refused(body: bytes, form: str) -> None:
    """Syntax errors, remote contexts and triple terms are a 400 that says where."""
    with pytest.raises(InvalidRdf):
        parse(body, form, BASE)


@pytest.mark.parametrize("form", ["application/rdf+xml", "text/html", "application/json", ""])
def test_other_forms_are_not_taken(form: str) -> None:
    """RDF/XML least of all: entity expansion."""
    with pytest.raises(NotTaken):
        parse(b"", form, BASE)


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b'{"https://e.example/p":' * 3000 + b"1" + b"}" * 3000, JSON_LD),
        (b"[" * 3000 + b"]" * 3000, JSON_LD),
        (b"<a> <b> " + b"[ <p> " * 20_000 + b"1" + b" ]" * 20_000 + b" .", TURTLE),
        (b"<a> <b> " + b"(" * 20_000 + b")" * 20_000 + b" .", TURTLE),
    ],
)
def test_deep_nesting_is_refused_before_it_costs_anything(body: bytes, form: str) -> None:
    """A bomb of brackets never reaches a parser."""
    with pytest.raises(InvalidRdf, match="nested deeper"):
        parse(body, form, BASE)


def test_brackets_in_strings_are_text() -> None:
    """Only structure counts as depth."""
    many = "[" * 100
    assert parse(f'<a> <b> "{many}", """{many}" """ . # {many}'.encode(), TURTLE, BASE).triples
    assert parse(f'{{"https://e.example/p": "{many}"}}'.encode(), JSON_LD, BASE).triples


def test_size_has_a_limit() -> None:
    """Too many bytes, and too many triples, are a 413."""
    with pytest.raises(TooLarge):
        parse(b" " * (3 << 20), TURTLE, BASE)
    with pytest.raises(TooLarge):
        parse(b"<a> <b> " + b",".join(b"%d" % n for n in range(30_000)) + b" .", TURTLE, BASE)


def test_the_same_graph_gives_the_same_bytes() -> None:
    """Entity tags and previews rest on that."""
    document = Document(parse(GOOD, TURTLE, BASE).triples)
    assert len({serialise(document, form) for form in (TURTLE,) for _ in range(20)}) == 1
