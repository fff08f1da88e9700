"""Lenses: what is left out leaves nothing behind."""

from __future__ import annotations

import itertools

import pyoxigraph as ox
from hypothesis import given
from hypothesis import strategies as st

from werkpod.pod.access.lens import canonical, through
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


WP = "https://w3id.org/werkpod/cv#"
WORK = """
@prefix s: <http://schema.org/> . @prefix wp: <https://w3id.org/werkpod/cv#> . @prefix x: <https://x.example/> .
<> s:about <#a>, <#b> ; s:description "Over Anna" .
<#a> a wp:Experience ; s:roleName "Kok" ; s:location [ s:name "Plein" ; x:in [ s:name "Stad" ] ] ;
  x:then <#b> ; x:at <#d> .
<#b> a wp:Experience ; s:roleName "Bakker" ; s:location [ s:name "Laan" ] .
<#d> s:name "Deel van a" .
<https://pod.example/anna/profile/card#me> s:worksFor "Herberg" .
"""


def shown(lens: Lens, body: str = WORK) -> str:
    """What passes of work, one triple a line."""
    triples = parse(body.encode(), "text/turtle", DOC).triples
    return "\n".join(str(triple) for triple in through((lens,), triples, DOC))


def test_only_chosen_entries_pass_with_what_hangs_off_them() -> None:
    """Their blank nodes and parts, however deep; not another entry or a link to one, nor what other things are."""
    text = shown(Lens(only_entries=frozenset({"a"})))
    for word in ("Kok", "Plein", "Stad", "Deel van a"):
        assert word in text
    for word in ("Bakker", "Laan", "#b", "Over Anna", "Herberg", "about"):
        assert word not in text, word
    assert shown(Lens(only_entries=frozenset({"gone"}))) == ""
    both = shown(Lens(only_entries=frozenset({"a", "b"}), hidden_entries=frozenset({"b"})))
    assert (both.count("\n"), "Bakker" in both) == (text.count("\n"), False)


def test_an_entry_is_no_part_of_another_that_goes() -> None:
    """A link from what is left out, or by a word that does not pass, takes no other entry along."""
    assert "Bakker" in shown(Lens(hidden_entries=frozenset({"a"})))
    names = frozenset({"http://schema.org/roleName", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"})
    text = shown(Lens(only_predicates=names))
    assert ("Kok" in text, "Bakker" in text, "Deel" in text) == (True, True, False)


def test_where_fields_are_left_out_a_name_or_a_type_says_nothing_more_than_what_passes() -> None:
    """`#2019-kok` goes without its year, `#kok` stays beside its title; of types those that the forms know pass."""
    lens = Lens(
        only_predicates=frozenset({"http://schema.org/roleName", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"}),
        only_types=frozenset({WP + "Experience"}),
    )
    body = "".join(
        f'<#{name}> a <{WP}Experience>, <https://x.example/At{number}> ; <http://schema.org/roleName> "Kok {number}" .'
        for number, name in enumerate(("2019-kok", "kok", "kok-1", "e-0000000001", "kok-bij-ah", "id1577836800000"))
    )
    text = shown(lens, body)
    assert [name for name in ("2019-kok", "#kok>", "kok-1", "e-0000000001", "bij-ah", "id15") if name in text] == [
        "#kok>", "kok-1", "e-0000000001", "id15",
    ]  # fmt: skip
    assert "x.example" not in text


def test_a_graph_that_cannot_be_told_apart_is_put_in_order_all_the_same() -> None:
    """Checklist 121: a clique of blank nodes, which RDFC-1.0 takes for ever over, comes through."""
    clique = "".join(f"_:n{a} <https://x.example/p> _:n{b} .\n" for a, b in itertools.permutations(range(30), 2))
    triples = parse(clique.encode(), "text/turtle", DOC).triples
    assert len(canonical(triples)) == 30 * 29
    chain = "".join(f"_:n{number} <https://x.example/p> _:n{number + 1} .\n" for number in range(40))
    chained = parse(chain.encode(), "text/turtle", DOC).triples
    assert len(canonical(chained)) == 40


def test_the_order_does_not_depend_on_how_it_was_written() -> None:
    """The same graph with other labels and in another order comes out the same."""
    one = '_:x <https://e/p> "1" ; <https://e/q> _:y . _:y <https://e/p> "2" . <#a> <https://e/q> _:x .'
    two = '<#a> <https://e/q> _:b1 . _:b2 <https://e/p> "2" . _:b1 <https://e/q> _:b2 ; <https://e/p> "1" .'
    found = [canonical(parse(body.encode(), "text/turtle", DOC).triples) for body in (one, two)]
    assert found[0] == found[1]


ELSEWHERE = """@prefix schema: <https://schema.org/> . @prefix wp: <https://w3id.org/werkpod/cv#> .
<#e-000000000a> schema:name "Zorg" ; schema:worksFor <https://delinde.example/#us> .
<#e-000000000a> schema:memberOf <https://bond.example/> .
<#e-000000000b> schema:name "Heftruck" ; schema:memberOf <https://bond.example/> .
<https://delinde.example/#us> schema:name "De Linde" ; schema:parent <https://zorggroep.example/> .
<https://zorggroep.example/> schema:name "Zorggroep" ; schema:employee <#e-000000000a> .
<https://bond.example/> schema:name "Vakbond" .
"""


def test_what_another_app_wrote_of_things_elsewhere_goes_with_what_led_to_it() -> None:
    """Of an entry or a field that is left out nothing stays that the document says about addresses of others."""
    for lens in (
        Lens(hidden_entries=frozenset({"e-000000000a"})), Lens(hidden_predicates=frozenset({SCHEMA + "worksFor"})),
    ):  # fmt: skip
        text = shown(lens, ELSEWHERE)
        assert "Linde" not in text
        assert "linde" not in text
        assert "orggroep" not in text
        assert "Vakbond" in text
    assert "Vakbond" not in shown(Lens(hidden_entries=frozenset({"e-000000000a", "e-000000000b"})), ELSEWHERE)


def test_where_fields_are_left_out_nothing_is_said_of_things_elsewhere() -> None:
    """Whichever way the document leads to them, and also where nothing does: their addresses say who they are."""
    lens = Lens(
        only_predicates=frozenset({SCHEMA + "name", SCHEMA + "employee", SCHEMA + "memberOf"}),
        only_types=frozenset({SCHEMA + "Role"}),
    )
    text = shown(lens, ELSEWHERE)
    assert "Heftruck" in text
    for word in ("Linde", "linde", "orggroep", "Vakbond"):
        assert word not in text
