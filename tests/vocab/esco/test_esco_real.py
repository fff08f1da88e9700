"""The importer on the real ESCO 1.2.0 download."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.esco import REAL

from werkpod.vocab.esco import import_esco
from werkpod.vocab.status import Status
from werkpod.vocab.taxonomy import Taxonomy, load_pack

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REAL.exists(), reason="the ESCO download is not on this machine (../shared/data/esco)"),
]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Status, Path]:
    target = tmp_path_factory.mktemp("vocab") / "esco.pack"
    return import_esco(REAL, target), target


@pytest.fixture(scope="module")
def taxonomy(imported: tuple[Status, Path]) -> Taxonomy:
    return load_pack(imported[1])


def test_the_published_counts_are_there(imported: tuple[Status, Path], taxonomy: Taxonomy) -> None:
    """3,039 occupations, 13,939 skills, 129,004 relations: version 1.2.0."""
    status, _ = imported
    assert (status.occupations, status.competences, status.links, status.version) == (3039, 13939, 129004, "1.2.0")
    assert (taxonomy.occupation_count, taxonomy.competence_count, taxonomy.link_count) == (3039, 13939, 129004)
    assert len(taxonomy.isco) == 619


def test_every_occupation_can_be_looked_up_and_asks_something(taxonomy: Taxonomy) -> None:
    """By IRI and by code, with a title in Dutch and at least one link; its ISCO group is in the tree."""
    for occupation in taxonomy.occupations():
        assert taxonomy.occupation(occupation.iri) == taxonomy.occupation(occupation.code) == occupation
        assert occupation.title("nl")
        assert taxonomy.links(occupation)
        assert taxonomy.group(occupation.isco)


@pytest.mark.parametrize(
    ("typed", "isco"),
    [("heftruck", "8344"), ("thuiszorg", "5322"), ("caissiere", "5230"), ("schoonmaker", "9112"),
     ("vrachtwagenchauffeur", "8332"), ("verpleegster", "2221"), ("lasser", "7212")],
)  # fmt: skip
def test_everyday_words_find_the_occupation(taxonomy: Taxonomy, typed: str, isco: str) -> None:
    """What people type puts an occupation of the right unit group first."""
    assert taxonomy.search_occupations(typed)[0].occupation.isco == isco


def test_a_match_is_explained_by_what_it_asks(taxonomy: Taxonomy) -> None:
    """A forklift driver gets warehouse work, each with have and missing that make up what it asks."""
    driver = taxonomy.occupation("8344.1")
    assert driver
    weights = {link.competence.iri: link.weight for link in taxonomy.links(driver)}
    found = taxonomy.rank(weights, exclude=[driver.iri], limit=10)
    assert "magazijnmedewerker" in [match.occupation.title("nl") for match in found[:3]]
    for match in found:
        essential = [link.competence for link in taxonomy.links(match.occupation) if link.kind == "essential"]
        assert set(match.have) | set(match.missing) == set(essential)
