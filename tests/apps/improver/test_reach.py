"""Instruments are linked to the starter's competences; with another taxonomy they serve what means the same there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.esco import SKILL, write_esco

from werkpod.apps.improver.reach import ALIKE, BESIDE, Labels, Reach, Reached
from werkpod.apps.instruments.model import Catalogue, Develops, Instrument, LiveCatalogue
from werkpod.vocab.commands import import_from_esco
from werkpod.vocab.progress import NoProgress
from werkpod.vocab.starter import COMPETENCE_IRI, starter_close_matches
from werkpod.vocab.taxonomy import Taxonomy, active, starter

OTHER, COOKING = COMPETENCE_IRI + "metselen", COMPETENCE_IRI + "heftruck-rijden"


def called(nl: str, en: str) -> Callable[[], Labels]:
    """What the competence of the instrument is called."""
    return lambda: {COOKING: {"nl": nl, "en": en}}


@pytest.fixture(scope="module")
def esco(tmp_path_factory: pytest.TempPathFactory) -> Taxonomy:
    """The small ESCO; preparing meals is what driving a forklift truck is closest to, which keeps this test apart from
    the starter's words."""
    folder, data = tmp_path_factory.mktemp("esco"), tmp_path_factory.mktemp("data")
    for file in write_esco(folder).iterdir():
        file.write_text(file.read_text().replace(SKILL.format(1), starter_close_matches()[COOKING]))
    import_from_esco(data, folder, NoProgress())
    return active(data)


def catalogue(*developed: str) -> Catalogue:
    """One instrument that develops these."""
    every = tuple(Develops(iri, {"nl": iri}, "", "", True) for iri in developed)
    return Catalogue([Instrument("eva-1", "eva", "", "Cursus", "", develops=every)])


def test_what_means_the_same_serves_as_well_as_itself(esco: Taxonomy) -> None:
    """By the closest match of the starter; the starter's own IRI too."""
    reach = Reach(esco, catalogue(COOKING))
    assert reach(starter_close_matches()[COOKING]) == reach(COOKING) == (Reached(COOKING),)
    assert reach("https://x.example/") == ()


def test_the_wider_net_takes_what_is_beside_it_and_what_is_written_alike(esco: Taxonomy) -> None:
    """Right under what means the same; or alike in words, less so in one group. It is never the same."""
    menus, porter = SKILL.format(4), SKILL.format(3)
    assert Reach(esco, catalogue(COOKING))(menus) == (Reached(COOKING, BESIDE),)
    for nl, en, alike in (("De afwas doen", "Wash the dishes", True), ("Metselen", "Lay bricks", False)):
        found = Reach(esco, catalogue(COOKING), called(nl, en))(porter)
        assert [each.iri for each in found] == ([COOKING] if alike else [])
        assert all(ALIKE <= each.likeness <= 0.9 for each in found)
    assert Reach(esco, catalogue(OTHER), called("Afwassen", "Wash dishes"))(porter) == ()


def test_with_the_starter_nothing_is_guessed() -> None:
    """Its competences are the ones that editors link."""
    reach = Reach(starter(), catalogue(COOKING), called("Metselen", "Lay bricks"))
    assert (reach(COOKING), reach(OTHER)) == ((Reached(COOKING),), ())


def test_another_catalogue_is_seen(esco: Taxonomy) -> None:
    """What a reader swaps in counts from the next question on."""
    live = LiveCatalogue(catalogue())
    reach = Reach(esco, live)
    assert reach(starter_close_matches()[COOKING]) == ()
    live.swap(catalogue(COOKING))
    assert reach(starter_close_matches()[COOKING]) == (Reached(COOKING),)
