"""N3 Patch and the flat part of SPARQL Update."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from werkpod.pod.access.model import Mode
from werkpod.pod.ldp import n3patch, sparql_update
from werkpod.pod.ldp.errors import InvalidPatch, InvalidRdf, PatchConflict
from werkpod.pod.ldp.graphs import TURTLE, parse
from werkpod.pod.ldp.patching import Patch, apply

BASE = "https://pod.example/anna/people"
PREFIXES = "@prefix solid: <http://www.w3.org/ns/solid/terms#> . @prefix ex: <http://www.example.org/terms#> .\n"
GARCIA = (
    '@prefix ex: <http://www.example.org/terms#> . <#a> ex:familyName "Garcia" ; ex:givenName "Claudia" .'
    '<#b> ex:familyName "Jansen" ; ex:givenName "Piet" .'
)


def n3(body: str) -> Patch:
    return n3patch.parse((PREFIXES + body).encode(), BASE)


def sparql(body: str) -> Patch:
    return sparql_update.parse(("PREFIX ex: <http://www.example.org/terms#>\n" + body).encode(), BASE)


def after(patch: Patch, body: str = GARCIA) -> str:
    return "\n".join(str(triple) for triple in apply(patch, parse(body.encode(), TURTLE, BASE).triples))


@pytest.mark.duty(49, 63)
def test_the_example_of_the_specification() -> None:
    """Claudia Garcia becomes Alex Garcia (Solid Protocol, 5.3.1)."""
    text = after(
        n3(
            '_:rename a solid:InsertDeletePatch ; solid:where { ?person ex:familyName "Garcia". } ;'
            ' solid:inserts { ?person ex:givenName "Alex". } ; solid:deletes { ?person ex:givenName "Claudia". } .'
        )
    )
    assert "Alex" in text
    assert "Claudia" not in text
    assert "Piet" in text


@pytest.mark.duty(60, 61, 62)
@pytest.mark.parametrize(
    ("body", "modes"),
    [
        ("<> a solid:InsertDeletePatch ; solid:inserts { <#c> ex:p 1 } .", Mode.APPEND),
        ("<> a solid:InsertDeletePatch ; solid:deletes { <#c> ex:p 1 } .", Mode.READ | Mode.WRITE),
        (
            "<> a solid:InsertDeletePatch ; solid:where { ?s ex:p 1 } ; solid:inserts { ?s ex:p 2 } .",
            Mode.READ | Mode.APPEND,
        ),
        ("<> a solid:InsertDeletePatch .", Mode.APPEND),
    ],
)
def test_a_patch_needs_what_it_does(body: str, modes: Mode) -> None:
    """where is Read, inserts is Append, deletes is Read and Write."""
    assert n3(body).needs() == modes


@pytest.mark.duty(51, 53, 54, 55, 56, 57, 59)
@pytest.mark.parametrize(
    "body",
    [
        "", "<a> ex:p 1 .", "<> solid:inserts { <#c> ex:p 1 } .", "<> a solid:Patch ; solid:inserts { <#c> ex:p 1 } .",
        "<x> a solid:InsertDeletePatch . <y> solid:inserts { <#c> ex:p 1 } .",
        "<> a solid:InsertDeletePatch ; solid:inserts { <#c> ex:p 1 } , { <#c> ex:p 2 } .",
        "<> a solid:InsertDeletePatch ; solid:inserts { ?v ex:p 1 } .",
        "<> a solid:InsertDeletePatch ; solid:where { ?w ex:p 1 } ; solid:deletes { ?v ex:p 1 } .",
        "<> a solid:InsertDeletePatch ; solid:inserts { [] ex:p 1 } .",
        "<> a solid:InsertDeletePatch ; solid:inserts { _:b ex:p 1 } .",
        "<> a solid:InsertDeletePatch ; solid:deletes { <#a> ex:p ( 1 ) } .",
        "<> a solid:InsertDeletePatch ; solid:inserts { <#c> ex:p { <#d> ex:p 1 } } .",
        "<> a solid:InsertDeletePatch ; solid:inserts <#formula> .",
        "<> a solid:InsertDeletePatch ; ex:inserts { <#c> ex:p 1 } .",
    ],
)  # fmt: skip
def test_a_patch_that_breaks_a_constraint_is_422(body: str) -> None:
    """Each constraint of Solid Protocol, 5.3.1."""
    with pytest.raises(InvalidPatch):
        n3(body)


@pytest.mark.parametrize("body", ["<> a solid:", "{", "}", "<> a solid:InsertDeletePatch ; solid:inserts { x y z } ."])
def test_what_is_no_n3_is_400(body: str) -> None:
    """A malformed document is the client's mistake (RFC 5789, 2.2)."""
    with pytest.raises(InvalidRdf):
        n3(body)


@pytest.mark.duty(64, 65)
@pytest.mark.parametrize(
    "body",
    [
        'solid:where { ?p ex:familyName "Nobody" } ; solid:inserts { ?p ex:x 1 }',
        "solid:where { ?p ex:givenName ?n } ; solid:inserts { ?p ex:x 1 }",
        'solid:deletes { <#a> ex:givenName "Someone" }',
        'solid:deletes { <#a> ex:givenName "Claudia" . <#a> ex:givenName "Else" }',
    ],
)
def test_a_patch_that_does_not_fit_is_409(body: str) -> None:
    """No mapping, several mappings, or a deletion that is not there: nothing is changed."""
    with pytest.raises(PatchConflict):
        after(n3(f"<> a solid:InsertDeletePatch ; {body} ."))


def test_braces_and_questions_in_text_are_text() -> None:
    """Strings, comments and IRIs are not taken for patterns."""
    text = after(
        n3(
            "# { ?x } \n <> a solid:InsertDeletePatch ; solid:inserts {"
            ' <#c> ex:says "{ ?what }" ; ex:long """ } "quoted" { """ ; ex:see <https://e.example/?q=1> } .'
        )
    )
    assert "{ ?what }" in text
    assert "?q=1" in text


def test_a_condition_over_several_patterns() -> None:
    """Patterns are joined by their variables; blank nodes in conditions are variables without a name."""
    text = after(
        n3(
            '<> a solid:InsertDeletePatch ; solid:where { ?p ex:givenName "Piet" ; ex:familyName ?f . _:x ex:familyName'
            " ?f } ; solid:inserts { ?p ex:was ?f } ."
        )
    )
    assert "<http://www.example.org/terms#was> " in text


def test_sparql_data_and_patterns() -> None:
    """INSERT DATA, DELETE DATA, DELETE WHERE, DELETE/INSERT WHERE, one after the other."""
    text = after(
        sparql(
            'INSERT DATA { <#c> ex:givenName "Sam" } ; DELETE DATA { <#a> ex:givenName "Claudia" } ;'
            ' DELETE { ?p ex:familyName "Jansen" } INSERT { ?p ex:familyName "Janssen" } WHERE { ?p ex:familyName'
            ' "Jansen" };'
            ' DELETE WHERE { ?p ex:familyName "Garcia" }'
        )
    )
    assert "Sam" in text
    assert "Janssen" in text
    assert "Garcia" not in text
    assert "Claudia" not in text


def test_sparql_takes_no_offence_at_what_is_not_there() -> None:
    """Deleting what is not there changes nothing, and every mapping counts (SPARQL 1.1 Update, 3.1.3)."""
    assert after(sparql('DELETE DATA { <#z> ex:p "x" }')) == after(sparql("INSERT DATA {}"))
    assert after(sparql("INSERT { ?p a ex:Person } WHERE { ?p ex:givenName ?n }")).count("#Person") == 2


@pytest.mark.parametrize(
    "body",
    [
        "LOAD <http://127.0.0.1/x>", "CLEAR ALL", "DROP DEFAULT", "", "SELECT * WHERE { ?s ?p ?o }",
        "INSERT { ?s ex:p 1 } WHERE { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "INSERT DATA { GRAPH <g> { <a> ex:p 1 } }", "WITH <g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "DELETE { ?s ?p ?o } USING <g> WHERE { ?s ?p ?o }", "INSERT { ?s ex:p 1 } WHERE { ?s ex:p ?o FILTER(?o > 1) }",
        "INSERT { ?s ex:p 1 } WHERE { ?s ex:p+ ?o }", "INSERT DATA { ?s ex:p 1 }", "DELETE DATA { [] ex:p 1 }",
        "INSERT DATA { <a> ex:p 1 } INSERT DATA { <a> ex:p 2 }",
    ],
)  # fmt: skip
def test_sparql_beyond_flat_patterns_is_refused(body: str) -> None:
    """Nothing that fetches, names other graphs or can take long is ever carried out."""
    with pytest.raises(InvalidPatch):
        sparql(body)


def test_a_condition_that_would_take_for_ever_is_refused() -> None:
    """The search for mappings has a limit."""
    body = "".join(f"<#s{n}> ex:p {n} . " for n in range(200))
    patch = sparql("INSERT { ?a ex:q 1 } WHERE { ?a ex:p ?b . ?c ex:p ?d . ?e ex:p ?f . ?g ex:p ?h }")
    with pytest.raises(InvalidPatch, match="too many ways"):
        after(patch, "@prefix ex: <http://www.example.org/terms#> . " + body)


@pytest.mark.parametrize("read", [n3patch.parse, sparql_update.parse])
@pytest.mark.parametrize("body", [b"\xff", b"{" * 1000, b"}" * 10, b"x" * (2 << 20), b'"""', b'{ <a> <b> "c }'])
def test_nonsense_is_the_clients_mistake(read: Callable[[bytes, str], Patch], body: bytes) -> None:
    """Whatever is sent, the answer is a 400 or a 422."""
    with pytest.raises((InvalidRdf, InvalidPatch)):
        read(body, BASE)
