"""The shapes: what they refuse, that our own entries pass, and that they speak of terms that exist."""

from __future__ import annotations

from importlib import resources

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from werkpod.vocab import shapes
from werkpod.vocab.cv import (
    Certificate,
    Competence,
    Contact,
    Education,
    Entry,
    Experience,
    Identity,
    InvalidEntry,
    Language,
    OnlineProfile,
    PartialDate,
    SectionDocument,
    Summary,
    Wish,
    section_iri,
)
from werkpod.vocab.cv.mapping import FORM_OF, FORMS
from werkpod.vocab.cv.terms import WP

STORAGE = "https://pod.example/lina/"
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"

GOOD: list[Entry] = [
    Identity(name="Lina", birth_date=PartialDate("1980")),
    Contact(email="lina@voorbeeld.example", phone="06 12345678"),
    OnlineProfile("p", network="X"),
    Summary(text="Ik kook graag."),
    Experience("a", label="Kok", occupation="https://x.example/o", start=PartialDate("2019-03")),
    Experience("b", employer="De Pan", end=PartialDate("2019-03-01"), kind="volunteer"),
    Education("a", level="mbo 2", completed=True),
    Competence("a", "Koken", level=4, kind="skill", gained_in=(STORAGE + "cv/experience#a",)),
    Language("nl", code="nl", level="native"),
    Certificate("a", "VCA", expires=PartialDate("2030")),
    Wish("a", text="Iets met dieren"),
]
BAD: list[tuple[Entry, str]] = [
    (Contact(email="geen adres"), "email"),
    (OnlineProfile("p"), ""),
    (Summary(text="x" * 5001), "text"),
    (Experience("a"), ""),
    (Experience("a", label="x" * 301), "label"),
    (Education("a"), ""),
    (Competence("a", ""), "label"),
    (Competence("a", "Koken", level=5), "level"),
    (Language("a"), ""),
    (Language("a", code="geen code"), "code"),
    (Certificate("a", ""), "label"),
    (Wish("a"), ""),
]


def _with(entry: Entry) -> SectionDocument:
    key = FORM_OF[type(entry)].section
    return SectionDocument.empty(key, section_iri(STORAGE, key)).put(entry)


@pytest.mark.parametrize("entry", GOOD, ids=lambda e: type(e).__name__)
def test_a_good_entry_passes(entry: Entry) -> None:
    """The shapes have nothing against it."""
    assert shapes.problems(_with(entry)) == {}


@pytest.mark.parametrize(("entry", "field"), BAD, ids=lambda v: type(v).__name__ if not isinstance(v, str) else v)
def test_a_bad_entry_is_refused_with_its_field(entry: Entry, field: str) -> None:
    """The error names the entry and the field that is wrong."""
    with pytest.raises(InvalidEntry) as caught:
        shapes.check(_with(entry), [entry])
    assert field in {problem.field for problem in caught.value.problems}
    assert f"#{entry.id}" in str(caught.value)


def test_what_another_app_wrote_is_not_judged() -> None:
    """A good entry passes beside one that is wrong."""
    good = Experience("mijn", label="Kok")
    document = _with(good).put(Experience("ander"))
    shapes.check(document, [good])
    assert set(shapes.problems(document)) == {"ander"}


def test_ontology_and_shapes_know_every_term_that_is_written() -> None:
    """Each of our own terms in the model has a label in Dutch and English, and each class has a shape."""
    ontology = [
        q.triple
        for q in parse(resources.files("werkpod.vocab.ontology").joinpath("cv.ttl").read_bytes(), RdfFormat.TURTLE)
    ]
    labels: dict[str, set[str | None]] = {}
    for triple in ontology:
        if triple.predicate.value == RDFS_LABEL and isinstance(triple.subject, NamedNode):
            assert isinstance(triple.object, Literal)
            labels.setdefault(triple.subject.value, set()).add(triple.object.language)
    written = {form.rdf_type for form in FORMS} | {field.predicate for form in FORMS for field in form.fields}
    choices = {WP + local for form in FORMS for f in form.fields for local in getattr(f.codec, "names", {}).values()}
    own = {term for term in written | choices if term.startswith(WP)}
    assert own - labels.keys() == set()
    assert all(languages == {"nl", "en"} for languages in labels.values())
    shaped = resources.files("werkpod.vocab.shapes").joinpath("cv.ttl").read_bytes()
    targets = {
        q.object.value
        for q in parse(shaped, RdfFormat.TURTLE)
        if q.predicate.value == "http://www.w3.org/ns/shacl#targetClass" and isinstance(q.object, NamedNode)
    }
    assert targets == {form.rdf_type for form in FORMS}
