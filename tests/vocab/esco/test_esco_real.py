"""The importer on the real ESCO 1.2.0 download."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.esco import real_pack

from werkpod.vocab.hierarchy import CompetenceGroup
from werkpod.vocab.pack import read_meta
from werkpod.vocab.status import status_of
from werkpod.vocab.taxonomy import Taxonomy, load_pack, starter

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return real_pack(tmp_path_factory)


@pytest.fixture(scope="module")
def taxonomy(pack: Path) -> Taxonomy:
    return load_pack(pack)


def test_the_published_counts_are_there(pack: Path, taxonomy: Taxonomy) -> None:
    """3,039 occupations, 13,939 skills, 129,004 relations: version 1.2.0."""
    status = status_of(read_meta(pack), pack)
    assert (status.occupations, status.competences, status.links, status.version) == (3039, 13939, 129004, "1.2.0")
    assert (taxonomy.occupation_count, taxonomy.competence_count, taxonomy.link_count) == (3039, 13939, 129004)
    assert len(taxonomy.isco) == 619
    assert (status.groups, status.notes) == (640, ())
    assert status.collections == {"digital": 1284, "green": 591, "language": 359, "transversal": 95}


def test_every_skill_is_in_a_group_of_its_own_kind(taxonomy: Taxonomy) -> None:
    """Knowledge in a field of education, what one can do in a group of skills; all ways up end at four tops."""
    tops = {group.iri for group in taxonomy.competence_groups() if not taxonomy.broader(group)}
    assert len(tops) == 4
    for hit in taxonomy.search_competences("java", limit=50):
        group = hit.competence.group
        assert group
        assert ("isced-f" in group.iri) == (hit.competence.kind == "knowledge")
        assert group.label("nl")
        path = [group]
        while above := taxonomy.broader(path[-1]):
            assert isinstance(above[0], CompetenceGroup)
            path.append(above[0])
        assert path[-1].iri in tops


def test_every_occupation_can_be_looked_up_and_asks_something(taxonomy: Taxonomy) -> None:
    """By IRI and by code, with a title in Dutch and at least one link; its ISCO group is in the tree."""
    for occupation in taxonomy.occupations():
        assert taxonomy.occupation(occupation.iri) == taxonomy.occupation(occupation.code) == occupation
        assert occupation.title("nl")
        assert taxonomy.links(occupation)
        assert taxonomy.group(occupation.isco)


def test_every_unit_group_asks_something(taxonomy: Taxonomy) -> None:
    """Also the ten that no occupation of ESCO is in, such as 3221: by what the starter says, in skills of ESCO."""
    asked = {}
    for group in starter().occupations():
        found = taxonomy.occupation(group.iri)
        asked[group.code] = len(taxonomy.links(found)) if found else 0
    assert {code: count for code, count in asked.items() if count < 8} == {}


@pytest.mark.parametrize(
    ("typed", "isco"),
    [("heftruck", "8344"), ("thuiszorg", "5322"), ("caissiere", "5230"), ("schoonmaker", "9112"),
     ("vrachtwagenchauffeur", "8332"), ("verpleegster", "2221"), ("lasser", "7212")],
)  # fmt: skip
def test_everyday_words_find_the_occupation(taxonomy: Taxonomy, typed: str, isco: str) -> None:
    """What people type puts an occupation of the right unit group first."""
    assert taxonomy.search_occupations(typed)[0].occupation.isco == isco


def test_a_group_with_the_very_name_is_among_the_first(taxonomy: Taxonomy) -> None:
    """Where no occupation of ESCO is called so, the unit group that is comes second at the latest."""
    found = taxonomy.search_occupations("bejaardenverzorger")
    assert "5321" in [hit.occupation.code for hit in found[:2]]


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
