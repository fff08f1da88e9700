"""A receipt as JSON-LD, and back: the form of ISO/IEC TS 27560:2023 in terms of DPV 2 (`terms.py` says by which guide).

The receipt (`dpv:ConsentReceipt`) is about one record (`dpv:ConsentRecord`): the grant. Where the legal basis is not
consent, both say so by their class (`dpv:DataProcessingRecord`) and there is no `dpv:hasConsentStatus`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from werkpod.consent.grants.terms import CONSENT
from werkpod.consent.receipts.model import Receipt, iso
from werkpod.consent.receipts.terms import (
    ACTIONS,
    CONTEXT,
    DATA,
    FIELD_DATA,
    KNOWN,
    SCHEMA_27560,
    STATUS,
)
from werkpod.vocab.fields import fields_of
from werkpod.vocab.sections import SECTIONS

MEDIA_TYPE = "application/ld+json"
JURISDICTION, LAW = "loc:NL", "legal-eu:law-GDPR"


def to_bytes(receipt: Receipt) -> bytes:
    """The receipt as it is signed: UTF-8, two spaces a level, a new line at the end."""
    return msgspec.json.format(msgspec.json.encode(_receipt(receipt)), indent=2) + b"\n"


def is_consent(legal_basis: str) -> bool:
    """Whether a legal basis is the consent of the citizen: DPV's, one of its kinds, or the GDPR's article 6(1)(a)."""
    name = legal_basis.rpartition("#")[2]
    return legal_basis == CONSENT or name.endswith("Consent") or name.startswith(("A6-1-a", "A9-2-a"))


def _receipt(receipt: Receipt) -> dict[str, Any]:
    place, consent = receipt.place, is_consent(receipt.legal_basis)
    before: dict[str, Any] = {}
    if place.before is not None:
        before["dct:replaces"] = f"{receipt.base}/{receipt.pod}/consent/receipts/{place.before[0]}"
        before["wpc:hashBefore"] = place.before[1]
    return {
        "@context": CONTEXT,
        "@id": receipt.iri,
        "@type": ["dpv:ConsentReceipt" if consent else "dpv:DataProcessingRecord", "wpc:Receipt"],
        "dct:identifier": receipt.id,
        "dct:conformsTo": SCHEMA_27560 + "receipt",
        "dct:created": iso(receipt.created),
        "dct:publisher": _issuer(receipt),
        "dct:audience": receipt.subject,
        "wpc:number": place.number,
        **before,
        "wpc:ledger": {"wpc:lines": place.ledger_lines, "wpc:hash": place.ledger_hash},
        "wpc:happening": f"wpc:{receipt.kind.capitalize()}",
        **({"wpc:change": [_change(change.of, change.before, change.after) for change in receipt.changes]}
           if receipt.changes else {}),
        "dpv:hasRecordOfActivity": _record(receipt),
    }  # fmt: skip


def _issuer(receipt: Receipt) -> dict[str, Any]:
    return {"@id": receipt.base, "@type": "dpv:Organisation", "dpv:hasName": receipt.organisation}


def _change(of: str, before: str, after: str) -> dict[str, Any]:
    return {"wpc:of": of, "wpc:before": before, "wpc:after": after}


def _record(receipt: Receipt) -> dict[str, Any]:
    subject = {"@id": receipt.subject, "@type": "dpv:DataSubject", "dpv:hasIdentifier": receipt.subject}
    controls = f"{receipt.base}/regie/delen"
    consent = is_consent(receipt.legal_basis)
    found: dict[str, Any] = {
        "@id": receipt.grant_iri,
        "@type": "dpv:ConsentRecord" if consent else "dpv:DataProcessingRecord",
        "dct:identifier": receipt.grant,
        "dct:conformsTo": SCHEMA_27560 + "record",
        "wpc:version": receipt.version,
        "dpv:hasDataSubject": subject,
        "dpv:hasDataController": _party_id(receipt),
        "dpv:hasEntity": _party(receipt),
        "dpv:hasJurisdiction": JURISDICTION,
        "dpv:hasApplicableLaw": LAW,
        "dpv:hasLegalBasis": _iri(receipt.legal_basis),
        "dpv:hasNotice": {
            "@type": "dpv:ConsentNotice" if consent else "dpv:Notice",
            "dct:language": "nl",
            "dct:description": receipt.purpose_text,
        },
        "dpv:hasProcess": _process(receipt),
        "dpv:hasRight": {
            "@type": ["dpv:DataSubjectRight", "eu-gdpr:A7-3"] if consent else ["dpv:DataSubjectRight"],
            "dct:title": {"nl": "Stoppen met delen", "en": "Stop sharing"},
            "dpv:isExercisedAt": controls,
        },
        "wpc:event": _event(receipt),
    }
    if consent:
        found["dpv:hasConsentControl"] = {"@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": controls}
        found["dpv:hasConsentStatus"] = {"@type": f"dpv:{STATUS[receipt.kind]}", **found.pop("wpc:event")}
    if receipt.renews:
        found["wpc:renews"] = f"{receipt.base}/{receipt.pod}/consent/grants/{receipt.renews}"
    if receipt.request:
        found["wpc:answers"] = receipt.request
    return found


def _party_id(receipt: Receipt) -> str:
    """One node for the receiver, whatever is known of it: a WebID, else the client's document, else one of its own."""
    party = receipt.receiver
    linked = party.webid or (party.client if party.client and "://" in party.client else None)
    return _iri(linked) if linked else f"{receipt.grant_iri}#receiver"


def _party(receipt: Receipt) -> dict[str, Any]:
    party = receipt.receiver
    said = {"wpc:webid": party.webid, "wpc:client": party.client, "wpc:host": party.host}
    return {
        "@id": _party_id(receipt),
        "@type": ["dpv:Recipient", "dpv:DataController"],
        "dpv:hasName": party.name,
        "wpc:kind": party.kind,
        **{name: value for name, value in said.items() if value},
        "wpc:knownBy": [f"wpc:{KNOWN[how]}" for how in party.known],
    }


def _iri(text: str) -> str:
    """Others' words as an IRI: what cannot stand in one is percent-encoded (RFC 3987, 2.2)."""
    return re.sub(r'[\x00-\x20<>"{}|\\^`]', lambda match: quote(match[0]), text)


def _process(receipt: Receipt) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@type": "dpv:Process",
        "dpv:hasPurpose": _purpose(receipt),
        "dpv:hasPersonalData": [_part(part.section, part.left_out) for part in receipt.parts] or [_everything()],
        "dpv:hasProcessing": [f"dpv:{ACTIONS[action]}" for action in receipt.actions],
        "wpc:action": list(receipt.actions),
        "dpv:hasDataSource": {"@type": "dpv:DataSubjectDataSource"},
        "dpv:hasRecipient": _party_id(receipt),
        "dpv:hasStorageCondition": [_where(receipt), *_keeping(receipt.keep)],
        "wpc:keep": receipt.keep,
        "dpv:hasRule": {
            "@type": "dpv:Permission" if receipt.onward else "dpv:Prohibition",
            "dpv:hasProcessing": "dpv:Share",
        },
        "wpc:begins": iso(receipt.begins),
    }
    if receipt.until is not None:
        found["wpc:ends"] = iso(receipt.until)
    if receipt.once:
        found["dpv:hasFrequency"] = "dpv:SingularFrequency"
    if receipt.hidden_predicates:
        found["wpc:hiddenPredicate"] = list(receipt.hidden_predicates)
    return found


def _purpose(receipt: Receipt) -> dict[str, Any] | str:
    """The purpose in DPV, with the words that the citizen read (guide, 8.3.2)."""
    said = {"@type": "dpv:Purpose", "dct:description": receipt.purpose_text}
    return {**said, "skos:broader": _iri(receipt.purpose)} if receipt.purpose else said


def _part(section: str, left_out: Sequence[str]) -> dict[str, Any]:
    label = SECTIONS[section]
    given = [FIELD_DATA[f.key] for f in fields_of(section) if f.key in FIELD_DATA and f.key not in left_out]
    categories = dict.fromkeys((*DATA.get(section, ()), *given))
    found: dict[str, Any] = {
        "@type": "dpv:PersonalData",
        "dct:identifier": section,
        "dct:title": {"nl": label.nl, "en": label.en},
    }
    if categories:
        found["skos:broader"] = [f"pd:{name}" for name in categories]
    if left_out:
        found["wpc:hiddenField"] = list(left_out)
    return found


def _everything() -> dict[str, Any]:
    return {
        "@type": "dpv:PersonalData",
        "dct:identifier": "everything",
        "dct:title": {"nl": "Alles in je pod", "en": "Everything in your pod"},
    }


def _where(receipt: Receipt) -> dict[str, Any]:
    """What is shared stays where it is; the receiver comes and looks."""
    place = {"@type": "dpv:CloudLocation", "schema:url": f"{receipt.base}/{receipt.pod}/"}
    return {"@type": "dpv:StorageLocation", "dpv:hasLocation": place}


def _keeping(keep: str) -> list[dict[str, Any]]:
    """What the receiver may keep when it is over (guide, 8.3.4.2)."""
    until_end = {"@type": "dpv:UntilEventDuration", "rdf:value": "end of sharing"}
    if keep == "nothing":
        return [{"@type": "dpv:StorageDeletion", "dpv:hasDuration": {"@type": "dpv:TemporalDuration",
                                                                      "rdf:value": "PT0S"}}]  # fmt: skip
    if keep == "until_end":
        return [{"@type": "dpv:StorageDuration", "dpv:hasDuration": until_end}]
    if keep:
        after = {"@type": "dpv:TemporalDuration", "rdf:value": keep}
        return [{"@type": "dpv:StorageDuration", "dpv:hasDuration": until_end},
                {"@type": "dpv:StorageDeletion", "dpv:hasDuration": after}]  # fmt: skip
    return [{"@type": "dpv:StorageDuration", "dpv:hasDuration": {"@type": "dpv:IndeterminateDuration"}}]


def _event(receipt: Receipt) -> Mapping[str, Any]:
    """When, how long, by whom (guide, 8.5). Nobody says that a grant expires: the server sees it."""
    if receipt.until is None:
        duration: dict[str, Any] = {"@type": "dpv:UntilEventDuration", "rdf:value": "end of sharing"}
    else:
        duration = {"@type": "dpv:UntilTimeDuration", "rdf:value": iso(receipt.until)}
    by: Any = receipt.subject
    if receipt.kind == "expired":
        by = receipt.base
    elif receipt.by_app:
        by = {"@type": "dpv:Entity", "wpc:client": receipt.by}
    elif receipt.by is not None:
        by = {"@id": receipt.by, "@type": "dpv:Representative"}
    return {"dpv:isIndicatedAtTime": iso(receipt.at), "dpv:isIndicatedBy": by, "dpv:hasDuration": duration}
