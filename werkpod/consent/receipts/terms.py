"""The words of a receipt: the Data Privacy Vocabulary (DPV 2) and what it has no word for.

Which property says which field of ISO/IEC TS 27560:2023 follows the guide of the W3C community group that makes DPV,
"Consent Records and Receipts as per ISO/IEC TS 27560:2023 using DPV" (15 February 2026), sections 8 and 9. Every term
here is in DPV 2.0 up to 2.3; a test has the list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DPV, PD, GDPR = "https://w3id.org/dpv#", "https://w3id.org/dpv/pd#", "https://w3id.org/dpv/legal/eu/gdpr#"
LOC, LEGAL_EU = "https://w3id.org/dpv/loc#", "https://w3id.org/dpv/legal/eu#"
SCHEMA_27560 = "https://w3id.org/dpv/schema/dpv-27560#"
WPC = "https://w3id.org/werkpod/consent#"
"""Ours (`vocab/ontology/consent.ttl`, published at /vocab/consent)."""

_DATE = "xsd:dateTime"
CONTEXT: Mapping[str, Any] = {
    "dpv": DPV, "pd": PD, "loc": LOC, "eu-gdpr": GDPR, "legal-eu": LEGAL_EU, "wpc": WPC,
    "dct": "http://purl.org/dc/terms/", "schema": "https://schema.org/", "skos": "http://www.w3.org/2004/02/skos/core#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "xsd": "http://www.w3.org/2001/XMLSchema#",
    **{
        name: {"@type": "@id"}
        for name in (
            "dct:conformsTo", "dct:audience", "dct:replaces", "dpv:hasApplicableLaw", "dpv:hasConsentControl",
            "dpv:hasDataController", "dpv:hasDataSource", "dpv:hasDataSubject", "dpv:hasFrequency",
            "dpv:hasJurisdiction", "dpv:hasLegalBasis", "dpv:hasLocation", "dpv:hasProcessing", "dpv:hasPurpose",
            "dpv:hasRecipient", "dpv:isExercisedAt", "dpv:isIndicatedBy", "skos:broader", "wpc:happening",
            "wpc:knownBy", "wpc:renews",
        )
    },
    **{name: {"@type": _DATE} for name in ("dct:created", "dpv:isIndicatedAtTime", "wpc:begins", "wpc:ends")},
    **{name: {"@container": "@language"} for name in ("dct:title",)},
}  # fmt: skip
"""Written out in every receipt, so that nobody has to fetch anything to read one, now or in twenty years."""

ACTIONS: Mapping[str, str] = {"read": "Consult", "append": "Adapt", "write": "Modify", "control": "MakeAvailable"}
"""Kinds of `dpv:Processing` that each action of a grant lets a receiver do at the pod."""

STATUS: Mapping[str, str] = {
    "given": "ConsentGiven", "changed": "ConsentGiven", "renewed": "RenewedConsentGiven",
    "stopped": "ConsentWithdrawn", "expired": "ConsentExpired",
}  # fmt: skip
"""`dpv:ConsentStatus` of each happening (guide, 8.5.2)."""

DATA: Mapping[str, tuple[str, ...]] = {
    "identity": (), "contact": (), "summary": ("Professional",), "experience": ("WorkHistory",),
    "education": ("EducationExperience",), "competences": ("Professional",), "languages": ("Language",),
    "certificates": ("ProfessionalCertification",), "wishes": ("Preference",), "people": ("Connection",),
    "inbox": ("Communication",),
}  # fmt: skip
"""DPV-PD categories of a section, whatever is left out of it."""

FIELD_DATA: Mapping[str, str] = {
    "identity.name": "Name", "identity.birth_date": "BirthDate", "identity.photo": "Picture",
    "contact.email": "EmailAddress", "contact.phone": "TelephoneNumber", "contact.address": "PhysicalAddress",
    "contact.online": "SocialMedia", "experience.employer": "EmploymentHistory", "education.institution": "School",
    "education.result": "EducationQualification", "competences.level": "ProfessionalEvaluation",
}  # fmt: skip
"""DPV-PD categories that go with one field; without the field they are not shared."""

KNOWN: Mapping[str, str] = {
    "own_app": "OwnApp", "client_document": "ClientDocument", "self_registered": "SelfRegistered",
    "own_tool": "OwnTool", "account_here": "AccountHere", "webid_elsewhere": "WebIdElsewhere", "link": "LinkHolder",
}  # fmt: skip
"""How a receiver is known, in our words."""
