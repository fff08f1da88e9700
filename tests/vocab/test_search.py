"""Finding a concept by words."""

from __future__ import annotations

import pytest

from werkpod.vocab.names import LOWEST_SCORE, Finder, Named, build_every
from werkpod.vocab.taxonomy import Taxonomy, starter

CONCEPTS = [
    Named("heftruckchauffeur", []),
    Named("vrachtwagenchauffeur", []),
    Named("kok", ["sous-chef"]),
    Named("verpleegkundige", ["verpleegster algemene zorg"]),
]


def finder(concepts: list[Named]) -> Finder:
    lexicon, names, _ = build_every(concepts, [])
    return Finder(names, lexicon)


@pytest.fixture(scope="module")
def found() -> Finder:
    return finder(CONCEPTS)


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return starter()


def first(found: Finder, query: str) -> int | None:
    hits = found.find(query, 5)
    return hits[0].row if hits else None


@pytest.mark.parametrize(
    ("query", "concept"),
    [
        ("heftruck", 0), ("hefturckchauffeur", 0), ("HEFTRUCKCHAUFFEUR", 0), ("chauffeur heftruck", 0),
        ("vrachtwagen", 1), ("sous chef", 2), ("verpleegster", 3), ("verpleger", 3),
    ],
)  # fmt: skip
def test_typing_errors_parts_and_gender_forms_find_the_concept(found: Finder, query: str, concept: int) -> None:
    """What people type leads to what they mean."""
    assert first(found, query) == concept


def test_a_concept_is_found_once_at_its_best_name(found: Finder) -> None:
    """Two names of one concept that both fit give one hit, with the better name."""
    hits = found.find("verpleegster algemene zorg", 5)
    assert [hit.row for hit in hits].count(3) == 1
    assert hits[0].matched == "verpleegster algemene zorg"


@pytest.mark.parametrize("query", ["", "   ", "?!", "xqzw", "ж"])
def test_words_that_no_name_has_find_nothing(found: Finder, query: str) -> None:
    """No answer is better than a chance one."""
    assert found.find(query, 5) == []


def test_what_hardly_fits_is_not_an_answer(found: Finder) -> None:
    """Every hit is at least as like the query as the floor asks."""
    assert all(hit.score >= LOWEST_SCORE for hit in found.find("kokkin", 5))


def test_a_long_query_is_cut_not_refused(found: Finder) -> None:
    """A pasted text does no harm."""
    assert first(found, "kok " * 5000) == 2


def test_scores_lie_between_nought_and_one(found: Finder) -> None:
    """Every score is a share, best first."""
    for query in ("heftruckchauffeur", "kok", "sous-chef", "chauffeur", "zorg"):
        scores = [hit.score for hit in found.find(query, 5)]
        assert scores == sorted(scores, reverse=True)
        assert all(0 < score <= 1 for score in scores)


def test_nothing_to_find_in_answers_nothing() -> None:
    """A taxonomy without names in a language can be searched in it."""
    assert finder([]).find("kok", 5) == []
    assert finder([Named("", [])]).find("kok", 5) == []


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
