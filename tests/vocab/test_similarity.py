"""Ranking occupations: the formula, and what must hold whatever the numbers are."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from werkpod.vocab.tables import CompetenceRow, Meta, OccupationRow, build_tables
from werkpod.vocab.taxonomy import Taxonomy

ISCO = "http://data.europa.eu/esco/isco/C"


def made(links: dict[str, dict[str, float]]) -> Taxonomy:
    """A taxonomy with these links: unit group -> competence -> weight."""
    competences = sorted({name for asked in links.values() for name in asked})
    occupations = [
        OccupationRow(
            ISCO + code, code, code, {"nl": f"beroep {code}"}, links={competences.index(c): w for c, w in asked.items()}
        )
        for code, asked in links.items()
    ]
    rows = [CompetenceRow(f"urn:c:{name}", "skill", {"nl": name}) for name in competences]
    count = sum(map(len, links.values()))
    meta = Meta("test", "Test", "1", "", "", ("nl",), len(occupations), len(rows), count, "", {"nl": len(rows)})
    return Taxonomy(build_tables(meta, occupations, rows, [(code, {"nl": code}) for code in links]))


LINKS = {
    "0001": {"a": 1.0, "b": 1.0, "c": 0.5},
    "0002": {"a": 1.0, "d": 1.0},
    "0003": {"d": 1.0, "e": 1.0, "c": 1.0},
    "0004": {"f": 1.0},
}


def cosine(links: dict[str, dict[str, float]], cv: dict[str, float], code: str) -> float:
    """The formula of the module's docstring, written out."""
    names = {name for asked in links.values() for name in asked}
    idf = {n: math.log(len(links) / sum(n in asked for asked in links.values())) for n in names}
    one = {n: w * idf[n] for n, w in cv.items()}
    other = {n: w * idf[n] for n, w in links[code].items()}
    norm = math.sqrt(sum(v * v for v in one.values())) * math.sqrt(sum(v * v for v in other.values()))
    return sum(v * other.get(n, 0.0) for n, v in one.items()) / norm if norm else 0.0


def iris(names: dict[str, float]) -> dict[str, float]:
    return {f"urn:c:{name}": weight for name, weight in names.items()}


@pytest.mark.parametrize("cv", [{"a": 1.0}, {"a": 1.0, "c": 0.5}, {"c": 1.0, "d": 1.0, "e": 1.0}, {"f": 2.0, "a": 1.0}])
def test_scores_are_the_cosine_of_weight_times_idf(cv: dict[str, float]) -> None:
    """Every score is what the formula gives by hand."""
    for match in made(LINKS).rank(iris(cv), limit=10):
        assert match.score == pytest.approx(cosine(LINKS, cv, match.occupation.code), abs=1e-6)


def test_occupations_that_share_nothing_or_were_done_are_left_out() -> None:
    """A match has something to do with the CV and is new to the person."""
    found = made(LINKS).rank(iris({"a": 1.0, "d": 1.0}), exclude=[ISCO + "0002"], limit=10)
    assert {match.occupation.code for match in found} == {"0001", "0003"}


def test_nothing_in_gives_nothing_out() -> None:
    """An empty CV, and one of unknown competences, fits nothing."""
    taxonomy = made(LINKS)
    assert taxonomy.rank({}, limit=5) == []
    assert taxonomy.rank({"urn:c:unknown": 1.0, "urn:c:a": 0.0}, limit=5) == []


def test_the_order_of_input_does_not_matter() -> None:
    """A CV is a set."""
    taxonomy, cv = made(LINKS), list(iris({"a": 1.0, "b": 1.0, "c": 0.5, "d": 1.0, "e": 1.0}).items())
    wanted = taxonomy.rank(dict(cv), limit=10)
    for seed in range(5):
        random.Random(seed).shuffle(cv)
        assert [(m.occupation, pytest.approx(m.score)) for m in taxonomy.rank(dict(cv), limit=10)] == [
            (m.occupation, m.score) for m in wanted
        ]


@given(
    st.dictionaries(
        st.sampled_from(["0001", "0002", "0003", "0004", "0005"]),
        st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from([1.0, 0.5]), min_size=1),
        min_size=2,
    ),
    st.sets(st.sampled_from("abcdefg")),
)
def test_have_and_missing_are_what_is_asked(links: dict[str, dict[str, float]], owned: set[str]) -> None:
    """have and missing split the essential competences of each match: nothing twice, nothing left out."""
    taxonomy = made(links)
    for match in taxonomy.rank({f"urn:c:{name}": 1.0 for name in owned}, limit=10):
        have, missing = ({c.iri for c in part} for part in (match.have, match.missing))
        required = {f"urn:c:{n}" for n, w in links[match.occupation.code].items() if w == 1.0}
        assert have | missing == required
        assert not have & missing
        assert have <= {f"urn:c:{name}" for name in owned}
        assert taxonomy.gap(match.occupation, [f"urn:c:{n}" for n in owned]).have == match.have


def test_what_sets_an_occupation_apart_comes_first() -> None:
    """In a gap the competence that few occupations ask goes before the one that many do."""
    taxonomy = made(LINKS)
    occupation = taxonomy.occupation("0001")
    assert occupation
    assert [c.label("nl") for c in taxonomy.gap(occupation, []).missing] == ["b", "a"]
