"""What a person can do, from a CV that they shared."""

import datetime as dt

import pytest

from werkpod.apps.kit import profile_of, skill_lines
from werkpod.vocab.cv import Competence, Cv, Experience, PartialDate
from werkpod.vocab.taxonomy import Occupation, Taxonomy, starter

STORAGE = "https://pod.example/noor/"
TODAY = dt.date(2026, 11, 23)


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    """The taxonomy that ships with Werkpod."""
    return starter()


@pytest.fixture(scope="module")
def cook(taxonomy: Taxonomy) -> Occupation:
    """ISCO-08 unit group 5120, cooks."""
    found = taxonomy.occupation("5120")
    assert found is not None
    return found


def essentials(taxonomy: Taxonomy, occupation: Occupation) -> list[str]:
    """The IRIs of what an occupation asks of everyone."""
    return [link.competence.iri for link in taxonomy.links(occupation) if link.kind == "essential"]


def test_a_job_without_named_competences_counts_with_what_it_asks_of_everyone(
    taxonomy: Taxonomy, cook: Occupation
) -> None:
    """A bare job gives the essential competences of its occupation, marked as assumed, from that job."""
    cv = Cv(STORAGE, experience=(Experience("kok", label="Kok bij De Pan", occupation=cook.iri),))
    profile = profile_of(cv, taxonomy, "nl", today=TODAY)
    assert set(profile.skills) == set(essentials(taxonomy, cook))
    assert {(s.assumed, s.sources) for s in profile.skills.values()} == {(True, ("Kok bij De Pan",))}
    assert profile.occupations == {cook.iri}


def test_what_a_person_named_for_a_job_is_all_that_the_job_counts_for(taxonomy: Taxonomy, cook: Occupation) -> None:
    """Where the CV names one competence of a job, the others of its occupation are not claimed for the person."""
    first = essentials(taxonomy, cook)[0]
    cv = Cv(
        STORAGE,
        experience=(Experience("kok", label="Kok", occupation=cook.iri),),
        competences=(Competence("c", "Koken", first, gained_in=(f"{STORAGE}cv/experience#kok",)),),
    )
    profile = profile_of(cv, taxonomy, "nl", today=TODAY)
    assert set(profile.skills) == {first}
    assert profile.skills[first].sources == ("Kok",)
    assert not profile.skills[first].assumed


def test_one_competence_from_two_jobs_names_both(taxonomy: Taxonomy, cook: Occupation) -> None:
    """A competence that is claimed twice is one competence, with both jobs it comes from."""
    first = essentials(taxonomy, cook)[0]
    jobs = (Experience("a", label="Kok"), Experience("b", label="Souschef"))
    claims = tuple(Competence(e.id, "Koken", first, gained_in=(f"{STORAGE}cv/experience#{e.id}",)) for e in jobs)
    profile = profile_of(Cv(STORAGE, experience=jobs, competences=claims), taxonomy, "nl", today=TODAY)
    assert set(profile.skills[first].sources) == {"Kok", "Souschef"}


def test_recent_long_work_weighs_more_than_old_work(taxonomy: Taxonomy, cook: Occupation) -> None:
    """The same claim weighs more from ten years up to now than from one month long ago."""
    first = essentials(taxonomy, cook)[0]

    def weight(start: str, end: str | None) -> float:
        job = Experience(
            "a", label="Kok", occupation=cook.iri, start=PartialDate(start), end=PartialDate(end) if end else None
        )
        claim = Competence("c", "Koken", first, gained_in=(f"{STORAGE}cv/experience#a",))
        return profile_of(Cv(STORAGE, experience=(job,), competences=(claim,)), taxonomy, "nl", today=TODAY).weights[
            first
        ]

    assert weight("2016", None) > weight("1996-01", "1996-01") > 1.0


def test_dates_that_contradict_each_other_do_not_lose_the_job(taxonomy: Taxonomy, cook: Occupation) -> None:
    """A job that ends before it begins counts as a job without dates."""
    job = Experience("a", label="Kok", occupation=cook.iri, start=PartialDate("2020"), end=PartialDate("2010"))
    assert profile_of(Cv(STORAGE, experience=(job,)), taxonomy, "nl", today=TODAY).occupations == {cook.iri}


def test_what_the_taxonomy_does_not_know_is_left_out(taxonomy: Taxonomy) -> None:
    """Occupations and competences of another taxonomy give no profile and no error."""
    cv = Cv(
        STORAGE,
        experience=(Experience("a", label="Iets", occupation="https://elsewhere.example/o"),),
        competences=(Competence("c", "Iets", "https://elsewhere.example/c"), Competence("d", "Eigen woorden")),
    )
    profile = profile_of(cv, taxonomy, "nl", today=TODAY)
    assert (profile.skills, profile.occupations) == ({}, frozenset())


def test_lines_carry_the_everyday_name_and_the_job(taxonomy: Taxonomy, cook: Occupation) -> None:
    """A page's line has the everyday Dutch name of the competence and where it comes from."""
    competence = taxonomy.competence(essentials(taxonomy, cook)[0])
    assert competence is not None
    cv = Cv(STORAGE, experience=(Experience("kok", label="Kok", occupation=cook.iri),))
    (line,) = skill_lines([competence], profile_of(cv, taxonomy, "nl", today=TODAY), "nl")
    assert (line.label, line.sources, line.assumed) == (competence.everyday("nl"), ("Kok",), True)
