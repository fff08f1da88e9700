"""The JSON services take the codes of any classification that a crosswalk knows."""

from __future__ import annotations

import pytest
from support.crosswalks import CNL, write_uwv, write_vdab
from support.esco import OCCUPATION, SKILL, write_esco

from werkpod.apps.errors import UnknownCode
from werkpod.apps.wire import JobIn, competence_or_404, occupation_or_404, read_profile
from werkpod.vocab.commands import import_from_esco
from werkpod.vocab.crosswalk.importing import import_crosswalks
from werkpod.vocab.errors import UnknownConcept
from werkpod.vocab.progress import NoProgress
from werkpod.vocab.taxonomy import Taxonomy, active


@pytest.fixture(scope="module")
def taxonomy(tmp_path_factory: pytest.TempPathFactory) -> Taxonomy:
    """The small ESCO, and after it UWV's codes and VDAB's."""
    data, files = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("files")
    import_from_esco(data, write_esco(files / "esco"), NoProgress())
    walks = [write_uwv(files / "uwv.csv"), write_vdab(files / "vdab.csv", competences=True)]
    import_crosswalks(data, walks)
    return active(data)


def test_a_code_of_another_classification_is_taken_wherever_an_occupation_is(taxonomy: Taxonomy) -> None:
    """In the path, and in a work history beside competences of VDAB."""
    assert occupation_or_404(taxonomy, "101").iri == OCCUPATION.format(1)
    assert competence_or_404(taxonomy, "SK-1").iri == SKILL.format(3)
    profile = read_profile(taxonomy, [JobIn("104")], ["SK-1"])
    assert profile.occupations == {OCCUPATION.format(2)}
    assert SKILL.format(3) in profile.owned


def test_what_is_wrong_with_a_code_is_told(taxonomy: Taxonomy) -> None:
    """Several occupations are named, in the sentence and for programs; so is a code that leads nowhere."""
    with pytest.raises(UnknownCode, match="leads to 2 occupations of ESCO unknown: kok") as failed:
        occupation_or_404(taxonomy, "103")
    assert [each["iri"] for each in failed.value.members["occupations"]] == [OCCUPATION.format(1), OCCUPATION.format(3)]
    with pytest.raises(UnknownCode, match="'nee' is no occupation of ESCO unknown, nor of UWV BO&C"):
        occupation_or_404(taxonomy, "nee")
    with pytest.raises(UnknownCode, match="is no competence of ESCO"):
        competence_or_404(taxonomy, CNL.format("AA01"))
    with pytest.raises(UnknownConcept, match=r"'105' \(experience\[0\]\.occupation\).*Lantaarnopsteker") as unknown:
        read_profile(taxonomy, [JobIn("105")], [])
    assert unknown.value.members["unknown"] == [{"in": "experience[0].occupation", "value": "105"}]
