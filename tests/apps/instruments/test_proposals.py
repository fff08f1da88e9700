"""Competences are proposed from the text of an instrument, with the words that say so."""

from __future__ import annotations

import functools
from dataclasses import replace

import pytest
from support.guides import proposer

from bench.instruments import agreement
from werkpod.apps.instruments.guides import starter_catalogue, starter_instruments
from werkpod.apps.instruments.model import Duration, Instrument
from werkpod.apps.instruments.proposing import FIELDS, LOWEST, Proposal
from werkpod.vocab.starter import COMPETENCE_IRI

LEAST_PRECISION, LEAST_RECALL, MOST_UNTAUGHT = 0.5, 0.5, 0.6
"""Of the first five and of the first ten; measured .56 and .56, and .12 for instruments that teach nothing."""


@functools.cache
def proposed() -> dict[str, list[Proposal]]:
    """What is proposed for each instrument of the starter catalogue: worked out once."""
    return {each.id: proposer().propose(each) for each in starter_instruments()}


def propose(name: str, *codes: str, **more: object) -> dict[str, Proposal]:
    """What is proposed for an instrument with this name: id of the competence -> proposal."""
    instrument = Instrument("eva-1", "eva", "u", name, str(more.pop("summary", "")), codes=codes, **more)  # type: ignore[arg-type]
    return {each.competence.iri.removeprefix(COMPETENCE_IRI): each for each in proposer().propose(instrument)}


def test_proposals_agree_with_what_editors_confirmed() -> None:
    """On the starter catalogue with what is confirmed left out; better than the search, and quiet where nothing is
    taught."""
    found = agreement(
        starter_catalogue(), lambda each: [(one.competence.iri, one.level) for one in proposed()[each.id]]
    )
    assert found.precision_5 >= LEAST_PRECISION
    assert found.recall_10 >= LEAST_RECALL
    assert found.untaught <= MOST_UNTAUGHT


def test_a_compound_says_what_its_parts_say() -> None:
    """A "heftruckcertificaat" is about a "heftruck"; the evidence has the word as it is written."""
    proposal = propose("Heftruckcertificaat")["heftruck-rijden"]
    assert {(each.field, each.words) for each in proposal.because if each.via == "name"} == {
        ("name", ("heftruckcertificaat",))
    }


def test_an_occupation_brings_what_it_asks() -> None:
    """The title that stands in the text, and its unit group, are the evidence."""
    proposed = propose("Opleiding", summary="Je wordt bakker in een echte bakkerij.")
    because = proposed["brood-bakken"].because
    assert any(each.via == "7512" and "bakker" in each.words for each in because)


def test_a_stem_that_two_words_share_is_no_occupation() -> None:
    """ "Aan de slag" makes nobody a butcher ("slager"), nor does a "slag" in another saying."""
    assert propose("Aan de slag") == {}
    assert "vlees-uitbenen" not in propose("Een slag om de arm")


def test_a_client_characteristic_brings_what_it_is_about() -> None:
    """KK06, the basic skills of an employee; the entry of the code list is the evidence."""
    [because] = propose("Zomaar iets", "UV07", "KK06")["op-tijd-komen"].because
    assert (because.field, because.words, because.via) == ("code", ("Basis werknemersvaardigheden",), "KK06")


@pytest.mark.parametrize("form", ["UV05", "UV06", "UV09", "UV10", "UV11"])
def test_what_teaches_nothing_has_hardly_a_proposal(form: str) -> None:
    """A questionnaire about forklift trucks makes nobody drive one."""
    assert propose("Heftruckchauffeur") != {}
    assert propose("Heftruckchauffeur", form) == {}


def test_a_short_course_is_proposed_little_and_low() -> None:
    """At most five for a day, and level 3 only after a year and more."""
    text = "Koken, bakken, bedienen, schoonmaken, lassen, metselen en autorijden. Je wordt kok, bakker of lasser."
    day = propose("Van alles", "UV01", summary=text, duration=Duration(1, "01"))
    years = propose("Van alles", "UV02", summary=text, duration=Duration(24, "03"))
    assert len(day) <= 5 < len(years)
    assert {each.level for each in day.values()} == {"2"}
    assert "3" in {each.level for each in years.values()}


def test_every_proposal_has_evidence_that_is_in_the_text() -> None:
    """Each word of it stands in that field, each proposal is above the bar, and none comes twice."""
    for instrument in starter_instruments():
        proposals = proposed()[instrument.id]
        assert len({each.competence.iri for each in proposals}) == len(proposals)
        for each in proposals:
            assert each.because
            assert each.score >= LOWEST
            for why in each.because:
                text = "" if why.field == "code" else getattr(instrument, why.field).lower()
                assert why.field == "code" or (why.field in FIELDS and all(word in _plain(text) for word in why.words))


def _plain(text: str) -> str:
    return text.translate(str.maketrans("éèëêïíóöüáâç", "eeeeiioouaac"))


def test_the_digest_changes_with_what_is_read_and_with_nothing_else() -> None:
    """A new phone number or price makes no decision stale; a new aim does."""
    one = starter_instruments()[5]
    assert replace(one, cost=1, provider="Een ander", apply="Bel 0000").digest == one.digest
    for change in ({"name": "x"}, {"aim": "x"}, {"summary": "x"}, {"method": "x"}, {"form": "x"}, {"codes": ("UV02",)}):
        assert replace(one, **change).digest != one.digest  # type: ignore[arg-type]
