"""Section documents: entries round-trip, and what other apps wrote survives."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from werkpod.vocab.cv import (
    Certificate,
    Competence,
    Contact,
    Education,
    Entry,
    Experience,
    ForeignEntry,
    Identity,
    Language,
    OnlineProfile,
    PartialDate,
    SectionDocument,
    Summary,
    UnknownSection,
    UnreadableSection,
    Wish,
    entry_iri,
    parse_section,
    section_iri,
    serialise_section,
)
from werkpod.vocab.cv.mapping import FORM_OF, FORMS

STORAGE = "https://pod.example/lina/"
WORK = section_iri(STORAGE, "experience")

_words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)
_text = st.none() | _words
_ids = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+){0,3}", fullmatch=True)
_iris = st.sampled_from(["http://data.europa.eu/esco/isco/C5321", "https://w3id.org/werkpod/competence/x"])
_dates = st.none() | st.sampled_from(["2019", "2019-03", "2019-03-31", "1971"]).map(PartialDate)
_level = st.none() | st.integers(1, 4)

_ENTRIES: dict[type, st.SearchStrategy[Entry]] = {
    Identity: st.builds(
        Identity, id=_ids, name=_text, given_name=_text, family_name=_text, birth_date=_dates
    ),
    Contact: st.builds(
        Contact, id=_ids, email=_text, phone=_text, street=_text, postal_code=_text, city=_text, region=_text,
        country=_text, website=_text,
    ),
    OnlineProfile: st.builds(OnlineProfile, id=_ids, network=_text, username=_text, url=_text),
    Summary: st.builds(Summary, id=_ids, text=_text, headline=_text),
    Experience: st.builds(
        Experience, id=_ids, label=_text, occupation=st.none() | _iris, employer=_text, start=_dates, end=_dates,
        kind=st.sampled_from(["work", "volunteer", "internship", "other"]), description=_text, place=_text,
        website=_text | st.just("https://linde.example/a?b=c#d"), employer_about=_text,
    ),
    Education: st.builds(
        Education, id=_ids, label=_text, level=_text, institution=_text, start=_dates, end=_dates,
        completed=st.none() | st.booleans(), score=_text, courses=st.lists(_words, max_size=4).map(tuple),
        website=_text, description=_text,
    ),
    Competence: st.builds(
        Competence, id=_ids, label=_words, concept=st.none() | _iris, level=_level,
        kind=st.none() | st.sampled_from(["skill", "knowledge", "attitude"]),
        gained_in=st.lists(_ids.map(lambda i: f"{WORK}#{i}"), max_size=3).map(tuple),
    ),
    Language: st.builds(
        Language, id=_ids, code=_text, label=_text, level=st.none() | st.sampled_from(["A1", "B2", "native"]),
        note=_text,
    ),
    Certificate: st.builds(
        Certificate, id=_ids, label=_words, issuer=_text, issued=_dates, expires=_dates, website=_text,
        kind=st.sampled_from(["certificate", "licence", "award"]), description=_text,
    ),
    Wish: st.builds(Wish, id=_ids, label=_text, occupation=st.none() | _iris, text=_text),
}  # fmt: skip


def test_every_class_of_entries_is_covered_here() -> None:
    """A class that is added to the model is added to the round trip."""
    assert set(_ENTRIES) == {form.cls for form in FORMS}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.cls.__name__)
def test_the_table_names_every_field_of_its_class(form: object) -> None:
    """No field of the model is forgotten when a document is written."""
    assert {f.name for f in form.fields} == {f.name for f in dataclasses.fields(form.cls)} - {"id"}  # type: ignore[attr-defined]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(FORMS).flatmap(lambda form: st.tuples(st.just(form), st.lists(_ENTRIES[form.cls], max_size=4))))
def test_a_section_document_round_trips(drawn: tuple[object, list[Entry]]) -> None:
    """What is written is read back equal, whatever the text; writing the same again gives the same bytes."""
    form, entries = drawn
    key = form.section  # type: ignore[attr-defined]
    unique = {entry.id: entry for entry in entries}
    body = serialise_section(key, unique.values(), section_iri(STORAGE, key))
    read = parse_section(key, body, section_iri(STORAGE, key))
    assert {entry.id: entry for entry in read} == unique
    assert serialise_section(key, reversed(read), section_iri(STORAGE, key)) == body


FOREIGN = """
@prefix : <https://pod.example/lina/cv/experience#> .
@prefix wp: <https://w3id.org/werkpod/cv#> .
@prefix schema: <http://schema.org/> .
@prefix ex: <https://other.example/ns#> .
<https://pod.example/lina/cv/experience> ex:editedBy "Another app" .
:2019-kok a wp:Experience, ex:Job ;
  schema:roleName "Kok"@nl ;
  wp:employer "De Pan" ;
  schema:startDate "voorjaar 2019" ;
  wp:occupation <http://data.europa.eu/esco/isco/C5120> ;
  ex:rating 5 ;
  ex:boss [ ex:name "Truus" ; ex:desk [ ex:colour "rood" ] ] .
:note ex:says "about :2019-kok" ; ex:about :2019-kok .
:2021-bezorger a wp:Experience ; schema:roleName "Bezorger" .
[] ex:free "floating" .
"""


def _foreign() -> SectionDocument:
    return SectionDocument.parse("experience", FOREIGN.encode(), WORK)


def test_an_edit_leaves_what_another_app_wrote() -> None:
    """Changing one field replaces the triples of that field only."""
    before = _foreign()
    entry = before.entry("2019-kok")
    assert isinstance(entry, Experience)
    after = before.put(dataclasses.replace(entry, employer="De Ketel"))
    assert {str(t.predicate) for t in before.triples - after.triples} == {"<https://w3id.org/werkpod/cv#employer>"}
    assert len(after.triples - before.triples) == 1
    again = SectionDocument.parse("experience", after.turtle(), WORK)
    assert again.turtle().count(b"ex") == after.turtle().count(b"ex")
    for kept in (b"Truus", b"rood", b"floating", b"Another app", b"voorjaar 2019", b'"Kok"@nl', b"rating"):
        assert kept in after.turtle()


def test_a_changed_field_leaves_no_second_value_behind() -> None:
    """A name that was there in a language tag does not come back beside the new one."""
    before = _foreign()
    entry = before.entry("2019-kok")
    assert isinstance(entry, Experience)
    assert entry.label == "Kok"
    after = before.put(dataclasses.replace(entry, label="Souschef"))
    assert b"Kok" not in after.turtle().replace(b"2019-kok", b"")
    assert after.entry("2019-kok") == dataclasses.replace(entry, label="Souschef")


def test_a_removed_entry_goes_with_all_that_was_said_about_it() -> None:
    """Nothing of a job is left when the person takes it away; the rest of the document stays."""
    after = _foreign().remove("2019-kok")
    text = after.turtle()
    for gone in (b"De Pan", b"Truus", b"rood", b"rating", b"#2019-kok"):
        assert gone not in text
    for kept in (b"Bezorger", b"floating", b"Another app", b"about :2019-kok"):
        assert kept in text


def test_fragments_that_other_apps_use_count_as_taken() -> None:
    """A new entry cannot land on a subject of another app."""
    assert {"2019-kok", "2021-bezorger", "note"} <= _foreign().fragments


def test_entries_that_make_no_sense_are_read_as_far_as_they_do() -> None:
    """A date that is no date and a level out of range read as not said, and stay in the document."""
    body = b"""@prefix : <https://pod.example/lina/cv/competences#> . @prefix wp: <https://w3id.org/werkpod/cv#> .
    :a a wp:Competence ; wp:level 9 ; wp:gainedIn "ergens" ; wp:kind wp:No ;
    wp:concept <https://x.example/c/42> ."""
    iri = section_iri(STORAGE, "competences")
    document = SectionDocument.parse("competences", body, iri)
    entry = document.entry("a")
    assert entry == Competence("a", "", "https://x.example/c/42")
    assert isinstance(entry, Competence)
    assert entry.title == "42"
    assert document.put(dataclasses.replace(entry, label="Iets")).triples > document.triples


def test_the_same_document_gives_the_same_bytes() -> None:
    """Blank nodes and prefixes come out in one order, so an unchanged section has an unchanged ETag."""
    assert _foreign().turtle() == _foreign().turtle()
    assert SectionDocument.parse("experience", _foreign().turtle(), WORK).turtle() == _foreign().turtle()


def test_json_ld_is_read_too() -> None:
    """A pod that answers JSON-LD is understood."""
    body = (
        b'{"@id": "https://pod.example/lina/cv/summary#me", "@type": "https://w3id.org/werkpod/cv#Summary",'
        b' "http://schema.org/headline": "Kok"}'
    )
    assert parse_section("summary", body, section_iri(STORAGE, "summary"), "application/ld+json") == (
        Summary(headline="Kok"),
    )


@pytest.mark.parametrize(
    ("body", "media_type"), [(b"<a> <b>", "text/turtle"), (b"\xff", "text/turtle"), (b"<a/>", "application/rdf+xml")]
)
def test_what_is_no_rdf_is_refused_by_name(body: bytes, media_type: str) -> None:
    """The error names the document."""
    with pytest.raises(UnreadableSection, match="cv/experience"):
        SectionDocument.parse("experience", body, WORK, media_type)


def test_an_entry_of_another_section_is_refused() -> None:
    """A language does not end up among the jobs."""
    with pytest.raises(ForeignEntry, match="Language belongs in the section languages"):
        SectionDocument.empty("experience", WORK).put(Language("nl"))
    with pytest.raises(UnknownSection, match="hobbies"):
        section_iri(STORAGE, "hobbies")


def test_an_entry_has_a_readable_address() -> None:
    """The IRI of an entry is its section's with its fragment."""
    assert entry_iri(STORAGE, "experience", "2019-kok") == "https://pod.example/lina/cv/experience#2019-kok"
    assert FORM_OF[Experience].section == "experience"
