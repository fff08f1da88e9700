"""What a work history says of a person."""

from __future__ import annotations

import datetime as dt

import pytest

from werkpod.vocab.profile import BadPeriod, Job, profile_of
from werkpod.vocab.taxonomy import Taxonomy, starter

TODAY = dt.date(2026, 11, 1)


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return starter()


def job(taxonomy: Taxonomy, code: str, start: str | None = None, end: str | None = None) -> Job:
    occupation = taxonomy.occupation(code)
    assert occupation
    return Job.of(occupation, start, end)


def test_what_a_job_asks_of_everyone_is_had_and_comes_from_that_job(taxonomy: Taxonomy) -> None:
    """Essential competences of a job done are the person's, with the job as their source; optional ones are not."""
    done = job(taxonomy, "8344")
    profile = profile_of(taxonomy, [done], [], today=TODAY)
    links = taxonomy.links(done.occupation)
    assert profile.owned == {link.competence.iri for link in links if link.kind == "essential"}
    assert all(profile.sources[iri] == (done.occupation.iri,) for iri in profile.owned)
    assert {iri for iri, weight in profile.weights.items() if weight < 1} == {
        link.competence.iri for link in links if link.kind == "optional"
    }


def test_an_optional_competence_that_is_named_is_had(taxonomy: Taxonomy) -> None:
    """What the person says goes over what the job says."""
    done = job(taxonomy, "8344")
    optional = next(link.competence for link in taxonomy.links(done.occupation) if link.kind == "optional")
    profile = profile_of(taxonomy, [done], [optional], today=TODAY)
    assert optional.iri in profile.owned
    assert profile.weights[optional.iri] >= 1
    assert profile.sources[optional.iri] == (done.occupation.iri,)


def test_longer_and_later_work_counts_for_more_within_bounds(taxonomy: Taxonomy) -> None:
    """A long job of now outweighs a short one, that one an old one; none counts less than 1 or more than 1.5."""
    now = TODAY.year * 12 + TODAY.month
    spans = [("2018-01", None), ("2026-01", None), ("2000-01", "2000-06")]
    weights = [job(taxonomy, "8344", start, end).weight(now) for start, end in spans]
    assert weights == sorted(weights, reverse=True)
    assert len(set(weights)) == 3
    assert all(1 <= weight <= 1.5 for weight in weights)
    assert job(taxonomy, "8344").weight(now) == 1
    assert job(taxonomy, "8344", "2030-01").weight(now) >= 1


@pytest.mark.parametrize("wrong", ["2015-13", "15-03", "maart 2015", "2015-3", "", "2015-02-32"])
def test_a_date_that_is_none_is_named(taxonomy: Taxonomy, wrong: str) -> None:
    """The error holds the place, the text and what would be right."""
    with pytest.raises(BadPeriod, match=r"job\.from.*2015-03"):
        job(taxonomy, "8344", wrong)


def test_an_end_before_the_start_is_refused(taxonomy: Taxonomy) -> None:
    """A job ends after it starts; within one year anything may be."""
    with pytest.raises(BadPeriod, match="before"):
        job(taxonomy, "8344", "2020-06", "2015")
    assert job(taxonomy, "8344", "2020-06", "2020").end
