"""The form of a receipt: JSON-LD that every processor reads alike, offline, in terms that DPV has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources

import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.compare import isomorphic

from werkpod.consent.dashboard.receipt_words import told
from werkpod.consent.grants import GrantRecord
from werkpod.consent.grants.events import GrantEvent, Happening
from werkpod.consent.proof import ProofRefused
from werkpod.consent.receipts import document, reading
from werkpod.consent.receipts.model import Place, Receipt, receipt_of
from werkpod.consent.receipts.terms import CONTEXT, DPV, GDPR, LEGAL_EU, LOC, PD, SCHEMA_27560, WPC
from werkpod.vocab.sections import SECTIONS
from werkpod.web.pages import Pages

BASE = "https://werkpod.example"
ANNA = f"{BASE}/anna/profile/card#me"

KNOWN_TERMS = {
    DPV: "CloudLocation Consent ConsentExpired ConsentGiven ConsentNotice ConsentReceipt ConsentRecord ConsentWithdrawn"
    " DataController DataProcessingRecord DataSubject DataSubjectDataSource DataSubjectRight IndeterminateDuration"
    " LegalObligation Notice Organisation Permission PersonalData Process Prohibition Purpose Recipient"
    " RenewedConsentGiven Representative ServiceProvision StorageDeletion StorageDuration StorageLocation"
    " TemporalDuration UntilEventDuration UntilTimeDuration WithdrawConsent Share SingularFrequency Consult Adapt"
    " Modify MakeAvailable hasApplicableLaw hasConsentControl hasConsentStatus hasDataController hasDataSource"
    " hasDataSubject hasDuration hasEntity hasFrequency hasIdentifier hasJurisdiction hasLegalBasis hasLocation hasName"
    " hasNotice hasPersonalData hasProcess hasProcessing hasPurpose hasRecipient hasRecordOfActivity hasRight hasRule"
    " hasStorageCondition isExercisedAt isIndicatedAtTime isIndicatedBy",
    PD: "Professional WorkHistory EducationExperience Language ProfessionalCertification Preference Connection"
    " Communication Name BirthDate Picture EmailAddress TelephoneNumber PhysicalAddress SocialMedia EmploymentHistory"
    " School EducationQualification ProfessionalEvaluation",
    LOC: "NL", LEGAL_EU: "law-GDPR", GDPR: "A7-3", SCHEMA_27560: "receipt record",
}  # fmt: skip
"""Terms that were looked up in the files of DPV 2.0, 2.1, 2.2 and 2.3 (dpv.ttl, pd.ttl, loc.ttl, legal-eu.ttl,
eu-gdpr.ttl) and, for the profiles, in dpv-27560.ttl. A receipt may name no other term of these vocabularies."""


def _record(**changes: object) -> GrantRecord:
    fields: dict[str, object] = {
        "id": "01M8000000000000000000000G", "pod": "p", "agent": ANNA, "client": "https://app.example/id.jsonld",
        "receiver_name": "Proefapp", "receiver_kind": "app", "created": 1.7e9, "not_before": 1.7e9, "until": 1.8e9,
        "sections": ("identity", "experience"), "purpose": DPV + "ServiceProvision", "purpose_text": "Samen zoeken",
    }  # fmt: skip
    return GrantRecord(**{**fields, **changes})  # type: ignore[arg-type]


def _receipt(kind: Happening = "given", by: str | None = None, **changes: object) -> Receipt:
    record = _record(**changes)
    before = replace(record, until=1.75e9, actions=("read",), keep="nothing", hidden_fields=("identity.name",))
    event = GrantEvent(kind, record, None if kind == "given" else before, 1.71e9)
    place = (
        Place(1, None, 0, "00" * 32)
        if kind == "given"
        else Place(2, ("01M80000000000000000000000", "ab" * 32), 7, "cd" * 32)
    )
    return receipt_of(
        event, id="01M8000000000000000000000R", created=1.71e9, base=BASE, organisation='Gemeente "Voorbeeldstad" é',
        pod="anna", subject=ANNA, by=by, place=place,
    )  # fmt: skip


def _all_kinds() -> Iterator[Receipt]:
    yield _receipt(sections=tuple(SECTIONS), actions=("read", "append", "write"))
    yield _receipt(
        sections=(), everything=True, actions=("read", "write", "control"), until=None, onward=True, once=True
    )
    yield _receipt("changed", keep="P2Y6M", hidden_fields=("experience.employer",), renews="01F", request="01Q")
    yield _receipt(
        "renewed", keep="until_end", client=None, agent="https://elsewhere.example/k#me", receiver_kind="coach"
    )
    yield _receipt("stopped", by=f"{BASE}/mentor/profile/card#me", keep="nothing", link="L", client=None)
    yield _receipt("expired", receiver_kind="tool", client="01A.01B", hidden_predicates=("https://schema.org/name",))
    yield _receipt(legal_basis=DPV + "LegalObligation", client="app-0000000000000000000000", receiver_name="<b>$x$</b>")


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's own parser
@pytest.mark.parametrize("receipt", [*_all_kinds()], ids=lambda receipt: f"{receipt.kind}-{receipt.receiver.kind}")
def test_two_json_ld_processors_read_the_same_graph(receipt: Receipt) -> None:
    """rdflib and pyoxigraph make the same graph of a receipt, and neither has to fetch anything for it."""
    body = document.to_bytes(receipt)
    ours = Graph().parse(data=body, format="json-ld")
    triples = [quad.triple for quad in ox.parse(body, ox.RdfFormat.JSON_LD)]
    theirs = Graph().parse(data=ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"", format="nt")
    assert len(ours) > 80
    assert isomorphic(ours, theirs)


@pytest.mark.parametrize("receipt", [*_all_kinds()], ids=lambda receipt: f"{receipt.kind}-{receipt.receiver.kind}")
def test_reading_a_receipt_gives_what_was_written(receipt: Receipt) -> None:
    """Nothing is lost on the way to JSON-LD and back."""
    assert reading.from_bytes(document.to_bytes(receipt)) == receipt


def test_every_term_is_in_dpv_or_in_our_own_vocabulary() -> None:
    """No receipt names a term that DPV does not have; what is ours is in the ontology that we publish."""
    named = {
        term.value
        for receipt in _all_kinds()
        for quad in ox.parse(document.to_bytes(receipt), ox.RdfFormat.JSON_LD)
        for term in (quad.predicate, quad.object)
        if isinstance(term, ox.NamedNode)
    }
    known = {space + name for space, names in KNOWN_TERMS.items() for name in names.split()}
    ontology = resources.files("werkpod.vocab.ontology").joinpath("consent.ttl").read_bytes()
    known |= {quad.subject.value for quad in ox.parse(ontology, ox.RdfFormat.TURTLE)}  # type: ignore[union-attr]
    spaces = (*KNOWN_TERMS, WPC)
    assert sorted(name for name in named if name.startswith(spaces) and name not in known) == []
    assert len([name for name in named if name.startswith(DPV)]) > 60


def test_no_prefix_stands_in_for_another() -> None:
    """Every prefixed name in a receipt has its prefix in the context: none is taken for an absolute IRI."""
    prefixes = {name for name, value in CONTEXT.items() if isinstance(value, str)}
    for receipt in _all_kinds():
        for key in _keys(json.loads(document.to_bytes(receipt))["dpv:hasRecordOfActivity"]):
            assert key.startswith("@") or key in ("nl", "en") or key.partition(":")[0] in prefixes, key


def _keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)


def test_what_is_left_out_is_no_category_of_what_is_shared() -> None:
    """Without the name there is no pd:Name among the categories, and the field is said to be left out."""
    said = json.loads(document.to_bytes(_receipt(hidden_fields=("identity.name",))))
    identity, experience = said["dpv:hasRecordOfActivity"]["dpv:hasProcess"]["dpv:hasPersonalData"]
    assert "pd:Name" not in identity["skos:broader"]
    assert identity["wpc:hiddenField"] == ["identity.name"]
    assert "wpc:hiddenField" not in experience


def test_the_names_of_entries_are_in_no_receipt() -> None:
    """Which entries were chosen or left out is not in a receipt, because the receiver may read it."""
    hidden = _receipt("changed", hidden_entries=("experience#geheim",), only_entries=("identity#ook-geheim",))
    assert b"geheim" not in document.to_bytes(hidden)
    assert {change.of for change in hidden.changes} == {"fields", "end", "keep"}


def test_another_legal_basis_is_said_to_be_one() -> None:
    """What does not rest on consent is no consent record, has no consent status and no way to withdraw consent."""
    said = json.loads(document.to_bytes(_receipt(legal_basis=DPV + "LegalObligation")))
    record = said["dpv:hasRecordOfActivity"]
    assert record["dpv:hasLegalBasis"] == DPV + "LegalObligation"
    assert (said["@type"][0], record["@type"]) == ("dpv:DataProcessingRecord", "dpv:DataProcessingRecord")
    assert not {"dpv:hasConsentStatus", "dpv:hasConsentControl"} & record.keys()


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"1", b'{"@id": 3}', b"[" * 9000])
def test_what_is_no_receipt_is_said_to_be_none(body: bytes) -> None:
    """Anything else that we signed is refused by what it says, not by an error of Python."""
    with pytest.raises(ProofRefused) as refused:
        reading.from_bytes(body)
    assert refused.value.failed == "content"


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_every_kind_of_receipt_can_be_told(lang: str) -> None:
    """Each receipt has words for all that it says, in both languages, and no placeholder is left in them."""
    say = Pages(["werkpod.consent"], base_url=BASE).gettext(lang)
    for receipt in _all_kinds():
        words = told(receipt, lang, say)
        lines = [words.title, words.sentence, *(line for fact in (*words.facts, *words.marks) for line in fact.lines)]
        assert len(lines) > 12
        assert all(line and "%(" not in line and "http" not in line[:1] for line in lines)


def test_a_change_is_told_as_it_was_and_as_it_is() -> None:
    """What changed stands there with its old and its new value, in words."""
    say = Pages(["werkpod.consent"], base_url=BASE).gettext("nl")
    words = told(_receipt("changed", keep="P2Y6M"), "nl", say)
    changed = next(fact for fact in words.facts if fact.label == "Wat is er veranderd?")
    assert changed.lines == (
        "Wat wordt weggelaten. Eerst: je naam. Nu: niets.",
        "Wanneer het stopt. Eerst: 15 juni 2025 om 17.06 uur. Nu: 15 januari 2027 om 09.00 uur.",
        "Wat bewaard mag worden. Eerst: niets. Nu: alles, tot 2 jaar en 6 maanden nadat het delen stopt.",
    )
