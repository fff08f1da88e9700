"""Finding a concept by words."""

from __future__ import annotations

import numpy as np
import pytest

from werkpod.vocab.search import LOWEST_SCORE, Index, build
from werkpod.vocab.taxonomy import Taxonomy, starter

LABELS = [
    "heftruckchauffeur",
    "vrachtwagenchauffeur",
    "kok",
    "sous-chef",
    "verpleegkundige",
    "verpleegster algemene zorg",
]
OWNERS = [0, 1, 2, 2, 3, 3]


@pytest.fixture(scope="module")
def index() -> Index:
    return build(LABELS, OWNERS, [1.0, 1.0, 1.0, 0.97, 1.0, 0.97])


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return starter()


def first(index: Index, query: str) -> int | None:
    found = index.best(query, 5)
    return found[0][0] if found else None


@pytest.mark.parametrize(
    ("query", "concept"),
    [
        ("heftruck", 0), ("hefturckchauffeur", 0), ("HEFTRUCKCHAUFFEUR", 0), ("chauffeur heftruck", 0),
        ("vrachtwagen", 1), ("sous chef", 2), ("verpleegster", 3), ("verpleger", 3),
    ],
)  # fmt: skip
def test_typing_errors_parts_and_gender_forms_find_the_concept(index: Index, query: str, concept: int) -> None:
    """What people type leads to what they mean."""
    assert first(index, query) == concept


def test_a_concept_is_found_once_at_its_best_name(index: Index) -> None:
    """Two names of one concept that both fit give one hit, with the better name."""
    found = index.best("verpleegster algemene zorg", 5)
    assert [owner for owner, _, _ in found].count(3) == 1
    assert found[0][2] == 5


def test_the_very_words_of_a_name_score_its_scale(index: Index) -> None:
    """An exact name scores 1, and 0.97 when it is not the preferred one."""
    assert index.best("Kok", 1)[0][1] == pytest.approx(1.0)
    assert index.best("sous-chef", 1)[0][1] == pytest.approx(0.97, abs=1e-3)


@pytest.mark.parametrize("query", ["", "   ", "?!", "xqzw", "ж"])
def test_words_that_no_name_has_find_nothing(index: Index, query: str) -> None:
    """No answer is better than a chance one."""
    assert index.best(query, 5) == []


def test_what_hardly_fits_is_not_an_answer(index: Index) -> None:
    """Every hit is at least as like the query as the floor asks."""
    assert all(score >= LOWEST_SCORE for _, score, _ in index.best("kokkin", 5))


def test_a_long_query_is_cut_not_refused(index: Index) -> None:
    """A pasted text does no harm."""
    assert first(index, "kok " * 5000) == 2


def test_scores_lie_between_nought_and_one(index: Index) -> None:
    """Every score of every label is a share."""
    for query in (*LABELS, "chauffeur", "zorg"):
        scores = index.scores(query)
        assert scores.dtype == np.float32
        assert float(scores.min()) >= 0
        assert float(scores.max()) <= 1


def test_an_index_of_nothing_answers_nothing() -> None:
    """A taxonomy without names in a language can be searched in it."""
    assert build([], [], []).best("kok", 5) == []


@pytest.mark.parametrize(
    ("typed", "unit_group"),
    [
        ("heftruck", "8344"), ("thuiszorg", "5322"), ("caissiere", "5230"), ("schoonmaker", "9112"),
        ("vrachtwagenchauffeur", "8332"), ("schoonmaakster", "9112"), ("forklift driver", "8344"),
        ("tandarts", "2261"), ("magazijn", "9333"), ("verpleegkundige", "2221"), ("buschauffeur", "8331"),
    ],
)  # fmt: skip
def test_the_starter_knows_how_people_call_their_job(taxonomy: Taxonomy, typed: str, unit_group: str) -> None:
    """The everyday word puts the unit group first, in Dutch and English."""
    lang = "en" if " " in typed else "nl"
    assert taxonomy.search_occupations(typed, lang=lang, limit=3)[0].occupation.isco == unit_group


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_every_occupation_is_found_by_its_title(taxonomy: Taxonomy, lang: str) -> None:
    """What a page calls an occupation, typed into a search field, gives that occupation first."""
    astray = [
        o for o in taxonomy.occupations() if taxonomy.search_occupations(o.title(lang), lang=lang)[0].occupation != o
    ]
    assert astray == []


def test_competences_are_found_by_their_everyday_name(taxonomy: Taxonomy) -> None:
    """The words that the page shows find the competence again."""
    some = [c for o in taxonomy.occupations() for link in taxonomy.links(o) if (c := link.competence).plain][:20]
    for competence in some:
        found = taxonomy.search_competences(competence.plain, limit=3)
        assert competence in [hit.competence for hit in found]
