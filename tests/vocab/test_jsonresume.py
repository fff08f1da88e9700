"""JSON Resume: every leaf of every file is placed or reported, and what is placed is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from werkpod.vocab import shapes
from werkpod.vocab.cv import (
    Competence,
    Contact,
    Education,
    Experience,
    Identity,
    Language,
    PartialDate,
    SectionDocument,
    cv_of,
    section_iri,
)
from werkpod.vocab.jsonresume import NotAResume, Outcome, Reason, import_resume, leaves, read
from werkpod.vocab.jsonresume.words import language_level, skill_level
from werkpod.vocab.sections import CV_SECTIONS

STORAGE = "https://pod.example/lina/"
SPECS = Path(__file__).resolve().parents[2] / "../shared/specs/jsonresume"
foreign = pytest.mark.skipif(not SPECS.is_dir(), reason=f"the foreign JSON Resume files are not at {SPECS}")


def documents(outcome: Outcome | None = None) -> dict[str, SectionDocument]:
    """Every section, empty or with what an import brought."""
    empty = {s.key: SectionDocument.empty(s.key, section_iri(STORAGE, s.key)) for s in CV_SECTIONS}
    return {key: outcome.into(document) for key, document in empty.items()} if outcome else empty


def resumes() -> Iterator[tuple[str, Any]]:
    """Every resume in the foreign files: whole ones, and the cases one by one."""
    if not SPECS.is_dir():
        return
    for path in sorted([SPECS / "sample.resume.json", *SPECS.glob("examples/*.json")]):
        yield path.name, json.loads(path.read_text("utf-8"))
    for path in sorted(SPECS.glob("cases/*.json")):
        for name, case in json.loads(path.read_text("utf-8")).items():
            if path.stem == "dates":
                yield f"dates:{name}", {"work": [{"position": "Kok", "startDate": case}]}
            else:
                yield f"{path.stem}:{name}", case


def import_value(value: Any, existing: dict[str, SectionDocument] | None = None) -> Outcome:
    """The import of a JSON value."""
    return import_resume(json.dumps(value).encode(), STORAGE, existing)


def assert_accounted(value: Any, outcome: Outcome) -> None:
    """Each leaf is placed or reported, once, with its value; what is placed can be found in its entry."""
    expected = list(leaves(read(json.dumps(value).encode())))
    told = [(leaf.path, leaf.value) for leaf in (*outcome.placed, *outcome.unplaced)]
    assert sorted(map(repr, told)) == sorted(map(repr, expected))
    entries = {(key, entry.id): entry for key, made in outcome.entries.items() for entry in made}
    for leaf in outcome.placed:
        field = getattr(entries[leaf.section, leaf.entry], leaf.field)
        text = str(leaf.value).strip().replace("\r\n", "\n").replace("\r", "\n")
        if leaf.field == "end" and field is None:
            assert text.casefold() in {"present", "now", "current", "heden", "nu", "today"}
        elif leaf.field == "level" and leaf.section == "competences":
            assert field == skill_level(text)
        elif isinstance(field, PartialDate):
            assert text.startswith(field)
        else:
            assert text in (field if isinstance(field, (str, tuple)) else ())


@foreign
def test_there_are_foreign_files() -> None:
    """The parametrised tests below do run on something."""
    assert len(list(resumes())) > 100


@pytest.mark.parametrize(("name", "value"), [pytest.param(n, v, id=n) for n, v in resumes()] or [("none", {})])
def test_every_leaf_of_a_foreign_file_is_accounted_for(name: str, value: Any) -> None:
    """Nothing in a file that others wrote is dropped silently, and what is made of it is valid."""
    outcome = import_value(value)
    assert_accounted(value, outcome)
    for key, document in documents(outcome).items():
        assert set(document.entries) == set(outcome.entries.get(key, ()))
        if key in outcome.entries:
            assert shapes.problems(document) == {}


@foreign
def test_the_official_sample_lands_in_its_sections() -> None:
    """Work, volunteering, education, skills, languages and the person, as the sample has them."""
    outcome = import_value(json.loads((SPECS / "sample.resume.json").read_text("utf-8")))
    cv = cv_of(STORAGE, (e for made in outcome.entries.values() for e in made))
    assert cv.identity == Identity(name="Richard Hendriks")
    assert cv.contact is not None
    assert (cv.contact.email, cv.contact.city) == ("richard.hendriks@mail.com", "San Francisco")
    job = next(e for e in cv.experience if e.employer == "Pied Piper")
    assert (job.label, job.start, job.end, job.kind) == ("CEO/President", "2013-12-01", "2014-12-01", "work")
    assert {e.kind for e in cv.experience} == {"work", "volunteer", "other"}
    assert [e.label for e in cv.education] == ["Information Technology"]
    assert {"Web Development", "HTML", "Mpeg"} <= {c.label for c in cv.competences}
    assert next(c for c in cv.competences if c.label == "Web Development").level == 4
    assert [replace(one, id="") for one in cv.languages] == [Language("", "en", "English", "native", "Native speaker")]
    assert {leaf.reason for leaf in outcome.unplaced} >= {Reason.INTERESTS, Reason.REFERENCES, Reason.PUBLICATIONS}


@foreign
def test_reading_a_file_twice_adds_nothing_the_second_time() -> None:
    """A person who reads the same file again does not get everything double."""
    for path in sorted(SPECS.glob("examples/*.json")):
        value = json.loads(path.read_text("utf-8"))
        again = import_value(value, documents(import_value(value)))
        assert again.entries == {}
        assert_accounted(value, again)


_scalars = (
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12) | st.sampled_from(["2019", "2019-13", "1999-12-31", "Present", "a@b", "Master", "B2"])
)  # fmt: skip
_WORDS = (
    "basics name label image email phone url summary location address postalCode city countryCode region profiles",
    "network username work position startDate endDate highlights volunteer organization education institution area",
    "studyType score courses awards title date awarder certificates issuer publications skills level keywords",
    "languages language fluency interests references reference projects description roles entity type meta x/y a~b",
)
_KEYS = [key for line in _WORDS for key in line.split()]
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=6),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(_KEYS), _values, max_size=6))
def test_every_leaf_of_any_json_is_accounted_for(value: dict[str, Any]) -> None:
    """Whatever the shape of the file: each leaf is placed or reported, once."""
    assert_accounted(value, import_value(value))


_items = st.dictionaries(st.sampled_from(_KEYS), _scalars | st.lists(_scalars, max_size=3), max_size=8)
_LISTS = ("work", "volunteer", "education", "awards", "certificates", "skills", "languages", "projects")


@settings(max_examples=200, deadline=None)
@given(st.fixed_dictionaries({}, optional={"basics": _items, **{key: st.lists(_items, max_size=3) for key in _LISTS}}))
def test_every_leaf_of_anything_like_a_resume_is_accounted_for(value: dict[str, Any]) -> None:
    """Also with the right names and the wrong values."""
    assert_accounted(value, import_value(value))


def test_a_key_that_stands_twice_is_reported() -> None:
    """JSON parsers drop the first of the two; here neither is lost."""
    outcome = import_resume(b'{"basics": {"name": "Lina", "name": "Truus"}}', STORAGE)
    assert [leaf.value for leaf in outcome.placed] == ["Lina"]
    assert [(leaf.path, leaf.value) for leaf in outcome.unplaced] == [("/basics/name (2)", "Truus")]


def test_what_the_cv_has_stays() -> None:
    """A name that is there is not overwritten; an empty field beside it is filled."""
    existing = documents()
    existing["identity"] = existing["identity"].put(Identity(name="Lina Voorbeeld"))
    existing["contact"] = existing["contact"].put(Contact(email="lina@voorbeeld.example"))
    outcome = import_value({"basics": {"name": "Truus", "email": "lina@voorbeeld.example", "phone": "06"}}, existing)
    assert outcome.entries == {"contact": (Contact(email="lina@voorbeeld.example", phone="06"),)}
    assert {(leaf.path, leaf.reason) for leaf in outcome.unplaced} == {
        ("/basics/name", Reason.DIFFERENT),
        ("/basics/email", Reason.ALREADY),
    }


def test_a_projects_keywords_are_gained_in_it() -> None:
    """What no CV format has: the competence leads to where it comes from."""
    outcome = import_value({"projects": [{"name": "Buurttuin", "startDate": "2021", "keywords": ["Snoeien"]}]})
    (work,) = outcome.entries["experience"]
    (can,) = outcome.entries["competences"]
    assert can == Competence(can.id, "Snoeien", gained_in=(f"{STORAGE}cv/experience#{work.id}",))


@pytest.mark.parametrize(
    ("item", "path", "reason"),
    [
        ({"position": "Kok", "startDate": "2019-13"}, "startDate", Reason.NOT_A_DATE),
        ({"position": "Kok", "startDate": "2019", "endDate": "2018"}, "endDate", Reason.END_BEFORE_START),
        ({"startDate": "2019"}, "startDate", Reason.NO_NAME),
        ({"position": "Kok", "summary": "x" * 5001}, "summary", Reason.TOO_LONG),
        ({"position": "Kok", "name": "\ud800"}, "name", Reason.UNREADABLE),
        ({"position": "Kok", "name": "a\x00b"}, "name", Reason.UNREADABLE),
        ({"position": "Kok", "name": True}, "name", Reason.NOT_TEXT),
        ({"position": "Kok", "name": "  "}, "name", Reason.EMPTY),
        ({"position": "Kok", "salary": 3}, "salary", Reason.NO_PLACE),
    ],
)
def test_a_value_that_cannot_be_placed_says_why(item: dict[str, Any], path: str, reason: Reason) -> None:
    """The reason belongs to the value, in Dutch and English."""
    outcome = import_value({"work": [item]})
    assert [(leaf.path, leaf.reason) for leaf in outcome.unplaced if leaf.path.endswith(path)] == [
        (f"/work/0/{path}", reason)
    ]
    assert reason.sentence("nl") != reason.sentence("en")
    assert [leaf.shown.encode() for leaf in outcome.unplaced]


def test_a_job_that_goes_on_has_no_end() -> None:
    """Files say "Present", or leave the end date out."""
    outcome = import_value({"work": [{"position": "Kok", "startDate": "2019-03-01T00:00:00Z", "endDate": "Present"}]})
    (job,) = outcome.entries["experience"]
    assert isinstance(job, Experience)
    assert (job.start, job.end, job.ongoing) == ("2019-03-01", None, True)
    assert outcome.unplaced == ()


def test_names_of_the_older_schema_and_plain_lists_are_understood() -> None:
    """`company` and `website` of schema 0.0, and skills and languages that are just words."""
    outcome = import_value(
        {
            "work": [{"company": "De Pan", "position": "Kok", "website": "https://pan.example"}],
            "skills": ["Koken"],
            "languages": ["Turks"],
            "education": [{"institution": "ROC"}],
        }
    )
    assert outcome.unplaced == ()
    assert {section: [replace(entry, id="") for entry in found] for section, found in outcome.entries.items()} == {
        "experience": [Experience("", label="Kok", employer="De Pan", website="https://pan.example")],
        "competences": [Competence("", "Koken")],
        "languages": [Language("", "tr", "Turks")],
        "education": [Education("", institution="ROC")],
    }


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "not_json"), (b"{", "not_json"), (b"\xff\xfe", "not_json"), (b'{"a": NaN}', "not_json"),
        (b'{"\\ud800": 1}', "not_json"), (b"[]", "not_an_object"), (b'"tekst"', "not_an_object"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "too_large"), (b'{"a":' * 50 + b"1" + b"}" * 50, "too_large"),
        (b'{"a": "' + b"x" * 600_000 + b'"}', "too_large"),
        (b'{"a": [' + b"1," * 5000 + b"1]}", "too_large"), (b'{"a": 1' + b"0" * 5000 + b"}", "not_json"),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_resume_is_refused_as_a_whole(body: bytes, kind: str) -> None:
    """Not JSON, no object, too large or too deep: an error that says which."""
    with pytest.raises(NotAResume) as caught:
        import_resume(body, STORAGE)
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Native speaker", "native"), ("B2 (goed)", "B2"), ("Full professional proficiency", "C1"),
        ("Professional working proficiency", "B2"), ("Limited working proficiency", "B1"), ("Beginner", "A1"),
        ("hmm", None),
    ],
)  # fmt: skip
def test_words_for_a_level_of_language(text: str, level: str | None) -> None:
    """The words that files use, brought to the European framework."""
    assert language_level(text) == level
