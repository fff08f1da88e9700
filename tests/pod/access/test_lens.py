"""Lenses: what is left out leaves nothing behind."""

from __future__ import annotations

import pyoxigraph as ox
from hypothesis import given
from hypothesis import strategies as st

from werkpod.pod.access.lens import through
from werkpod.pod.access.model import Lens
from werkpod.pod.ldp.graphs import parse

DOC = "https://pod.example/anna/cv/experience"
SCHEMA = "https://schema.org/"
CV = f"""
@prefix schema: <{SCHEMA}> .
<> schema:about <#zorg>, <#heftruck> .
<#zorg> schema:name "Zorg" ; schema:worksFor [ schema:name "De Linde" ; schema:address [ schema:street "Plein 1" ] ] ;
  schema:memberOf <#club> .
<#heftruck> schema:name "Heftruck" ; schema:worksFor [ schema:name "Havenbedrijf" ] ; schema:memberOf <#club> .
<#club> schema:name "Vakbond" .
"""


def seen(lens: Lens, *more: Lens) -> str:
    triples = parse(CV.encode(), "text/turtle", DOC).triples
    return "\n".join(str(triple) for triple in through((lens, *more), triples, DOC))


def test_an_entry_goes_with_all_that_hangs_off_it() -> None:
    """The employer's blank node, and the address on it, go with the job; the link to it goes as well."""
    text = seen(Lens(hidden_entries=frozenset({"zorg"})))
    for word in ("Zorg", "De Linde", "Plein 1", "#zorg"):
        assert word not in text
    assert "Havenbedrijf" in text


def test_what_others_use_too_stays() -> None:
    """A part that a visible entry refers to as well is seen."""
    assert "Vakbond" in seen(Lens(hidden_entries=frozenset({"zorg"})))
    assert "Vakbond" not in seen(Lens(hidden_entries=frozenset({"zorg", "heftruck"})))


def test_a_predicate_goes_with_what_hung_on_it() -> None:
    """Hiding an address hides the street, that stands on a node of its own."""
    text = seen(Lens(hidden_predicates=frozenset({SCHEMA + "address"})))
    assert "Plein 1" not in text
    assert "De Linde" in text


def test_an_entry_of_another_section_is_not_named() -> None:
    """A link to a hidden entry of a neighbouring document goes: its name says something."""
    body = f'<#c> <{SCHEMA}gainedIn> <experience#zorg> ; <{SCHEMA}name> "Tillen" .'
    document = "https://pod.example/anna/cv/competences"
    triples = parse(body.encode(), "text/turtle", document).triples
    found = through((Lens(hidden_entries=frozenset({"experience#zorg"})),), triples, document)
    assert [triple.object.value for triple in found] == ["Tillen"]


def test_nothing_points_into_a_document_that_is_not_shown() -> None:
    """Links to entries of a hidden neighbour go, and to the neighbour itself; those to other documents stay."""
    body = (
        f"<#c> <{SCHEMA}gainedIn> <experience#2019-zorg>, <education#mbo>, <../cv/experience>, "
        f"<https://other.example/cv/experience#x> ; <{SCHEMA}name> 'experience#2019-zorg' ."
    )
    triples = parse(body.encode(), "text/turtle", "https://pod.example/anna/cv/competences").triples
    lens = Lens(hidden_documents=frozenset({"experience"}))
    found = through((lens,), triples, "https://pod.example/anna/cv/competences")
    assert sorted(triple.object.value for triple in found) == [
        "experience#2019-zorg",
        "https://other.example/cv/experience#x",
        "https://pod.example/anna/cv/education#mbo",
    ]


def test_two_lenses_show_what_either_shows() -> None:
    """The union of what is seen, and not the union of what a wider lens would show."""
    one, other = Lens(hidden_entries=frozenset({"zorg"})), Lens(hidden_predicates=frozenset({SCHEMA + "worksFor"}))
    text = seen(one, other)
    assert "Zorg" in text
    assert "Havenbedrijf" in text
    assert "De Linde" not in text


_NODES = st.sampled_from([ox.NamedNode(f"{DOC}#{name}") for name in "abcd"] + [ox.BlankNode(f"n{n}") for n in range(4)])
_PREDICATES = st.sampled_from([ox.NamedNode(SCHEMA + name) for name in "pqr"])
_TRIPLES = st.lists(
    st.builds(ox.Triple, _NODES, _PREDICATES, _NODES | st.sampled_from([ox.Literal("x"), ox.Literal("y")])),
    max_size=12, unique=True,
)  # fmt: skip
_LENSES = st.builds(
    Lens, st.frozensets(st.sampled_from("abcd")), st.frozensets(st.sampled_from([SCHEMA + name for name in "pq"]))
)


@given(_TRIPLES, st.lists(_LENSES, max_size=3))
def test_what_is_seen_is_part_of_what_is_there(triples: list[ox.Triple], lenses: list[Lens]) -> None:
    """The output of a lens is a subgraph, in the same order."""
    found = through(lenses, triples, DOC)
    rest = iter(triples)
    assert all(any(triple == other for other in rest) for triple in found)


@given(_TRIPLES, _LENSES)
def test_what_is_hidden_is_nowhere(triples: list[ox.Triple], lens: Lens) -> None:
    """No triple has a hidden predicate or touches a hidden entry."""
    hidden = {f"{DOC}#{entry}" for entry in lens.hidden_entries}
    if not lens:
        return
    for triple in through((lens,), triples, DOC):
        assert triple.predicate.value not in lens.hidden_predicates
        assert getattr(triple.subject, "value", "") not in hidden
        assert getattr(triple.object, "value", "") not in hidden


@given(_TRIPLES, _LENSES, st.sampled_from("abcd"))
def test_hiding_more_shows_no_more(triples: list[ox.Triple], lens: Lens, entry: str) -> None:
    """A lens that hides one entry more lets no triple pass that did not pass before."""
    narrower = Lens(lens.hidden_entries | {entry}, lens.hidden_predicates)
    assert set(through((narrower,), triples, DOC)) <= set(through((lens,), triples, DOC))
