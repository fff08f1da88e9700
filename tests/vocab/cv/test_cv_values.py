"""Dates as known, fragments that say nothing, languages by name, and the CV as a whole."""

from __future__ import annotations

import itertools

import pytest

from werkpod.vocab.cv import (
    Competence,
    Education,
    Experience,
    Identity,
    Language,
    PartialDate,
    cv_of,
    entry_iri,
    mint,
    newest_first,
    read_cv,
    section_iri,
    serialise_section,
    slug,
)
from werkpod.vocab.cv.fragments import is_quiet
from werkpod.vocab.cv.languages import LANGUAGE_CODES, language_code, language_name

STORAGE = "https://pod.example/lina/"


@pytest.mark.parametrize(
    ("text", "year", "month", "datatype"),
    [("2019", 2019, None, "gYear"), ("2019-03", 2019, 3, "gYearMonth"), ("2020-02-29", 2020, 2, "date")],
)
def test_a_date_is_as_precise_as_it_was_said(text: str, year: int, month: int | None, datatype: str) -> None:
    """A year stays a year, a month a month."""
    date = PartialDate(text)
    assert (date, date.year, date.month, date.datatype) == (text, year, month, datatype)


@pytest.mark.parametrize("text", ["", "19", "2019-13", "2019-02-30", "2019-3", "03-2019", "2019-03-01T10:00", "0999"])
def test_what_is_no_date_is_refused_by_name(text: str) -> None:
    """The error says what would be right."""
    with pytest.raises(ValueError, match="is not a date"):
        PartialDate(text)


def test_dates_are_compared_as_far_as_both_are_known() -> None:
    """March 2019 does not lie before the year 2019."""
    assert PartialDate("2018").before(PartialDate("2019-03"))
    assert not PartialDate("2019-03").before(PartialDate("2019"))
    assert not PartialDate("2019").before(PartialDate("2019-03"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Verpleegkundige (m/v)", "verpleegkundige-m-v"), ("Caissière", "caissiere"), ("Größe & Øl", "grosse-ol"),
        ("عربي", ""), ("  --  ", ""), ("a" * 100, "a" * 60),
    ],
)  # fmt: skip
def test_a_fragment_is_readable(text: str, expected: str) -> None:
    """Letters without accents, single hyphens, not too long."""
    assert slug(text) == expected


def test_fragments_are_unique_and_say_nothing() -> None:
    """Two entries never share a fragment; it is chance, and can be told from one that is not."""
    few = itertools.chain("0" * 20, "1" * 10)
    first = mint(chance=lambda _: next(few))
    assert (first, mint(taken={first}, chance=lambda _: next(few))) == ("e-0000000000", "e-1111111111")
    made = {mint() for _ in range(200)}
    assert len(made) == 200
    assert all(is_quiet(name) for name in made)
    assert all(is_quiet(name) for name in ("me", "550e8400-e29b-41d4-a716-446655440000", "id1577836800000"))
    assert not any(is_quiet(name) for name in ("2019-kok", "id2019", "e-kok", "e-7k3mq0x2vd-2", "e-2019verpleeg", ""))


@pytest.mark.parametrize(
    ("name", "code"),
    [("Nederlands", "nl"), ("English", "en"), ("türkçe", "tr"), ("Dari", "fa"), ("pl", "pl"), ("Klingon", None)],
)
def test_languages_are_known_by_name(name: str, code: str | None) -> None:
    """In Dutch, in English, and as their speakers call them."""
    assert language_code(name) == code


def test_every_language_has_a_name_in_dutch_and_english() -> None:
    """The form can list them."""
    for code in LANGUAGE_CODES:
        assert language_name(code, "nl") != code
        assert language_name(code, "en") != code


def test_a_competence_leads_back_to_the_job_it_comes_from() -> None:
    """Both ways: from the job to what was learnt there and back."""
    job, school = Experience("2019-kok", label="Kok"), Education("2010-vmbo", level="vmbo")
    gained = (entry_iri(STORAGE, "experience", "2019-kok"), entry_iri(STORAGE, "education", "2010-vmbo"))
    cooking = Competence("koken", "Koken", concept="https://x.example/koken", gained_in=gained)
    other = Competence("zingen", "Zingen")
    cv = cv_of(STORAGE, [job, school, cooking, other])
    assert cv.sources(cooking) == (job, school)
    assert cv.gained(job) == cv.gained(school) == (cooking,)
    assert cv.sources(other) == ()
    assert cv.concepts == {"https://x.example/koken"}


def test_work_is_listed_latest_first() -> None:
    """What still goes on comes before what ended last."""
    jobs = [
        Experience("a", label="a", start=PartialDate("2001"), end=PartialDate("2005")),
        Experience("b", label="b", start=PartialDate("2015")),
        Experience("c", label="c", start=PartialDate("2006"), end=PartialDate("2014-02")),
        Experience("d", label="d"),
    ]
    assert [job.id for job in cv_of(STORAGE, jobs).experience] == ["b", "c", "a", "d"]
    assert jobs[1].ongoing
    assert not jobs[3].ongoing


def test_a_cv_is_read_from_the_sections_that_were_shared() -> None:
    """Sections that are absent are empty."""
    body = serialise_section("identity", [Identity(name="Lina")], section_iri(STORAGE, "identity"))
    cv = read_cv(STORAGE, {"identity": body, "experience": b""})
    assert cv.identity == Identity(name="Lina")
    assert cv.experience == ()
    assert cv.contact is None


def test_jobs_come_newest_first_and_other_entries_stay_where_they_are() -> None:
    """What still goes on is first, then by when it ended; entries without dates keep their order."""
    jobs = [
        Experience("a", "Kok", start=PartialDate("2010"), end=PartialDate("2012")),
        Experience("b", "Bakker", start=PartialDate("2015-03")),
        Experience("c", "Slager", start=PartialDate("2001"), end=PartialDate("2014")),
    ]
    assert [job.id for job in newest_first(jobs)] == ["b", "c", "a"]
    languages = [Language("nl", code="nl"), Language("ar", code="ar")]
    assert list(newest_first(languages)) == languages
