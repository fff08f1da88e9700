"""What a grant may rest on and be for, in the words of the Data Privacy Vocabulary (DPV 2), with plain labels.

Consent is one basis among others: towards a municipality that can give or stop a benefit it often is not free (GDPR
recital 43), and then the municipality has to name the task or the duty that it rests on (GDPR article 6(1)).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

DPV = "https://w3id.org/dpv#"
CONSENT = DPV + "Consent"
"""The legal basis of what a citizen shares of their own accord."""


@dataclass(frozen=True, slots=True)
class Term:
    """A concept of the DPV. `iri`; a short label and a sentence that explains it, as a person reads them."""

    iri: str
    nl: str
    en: str
    why_nl: str = ""
    why_en: str = ""

    def label(self, lang: str) -> str:
        """What to call it in a language."""
        return self.en if lang == "en" else self.nl

    def why(self, lang: str) -> str:
        """What it means, in a sentence."""
        return self.why_en if lang == "en" else self.why_nl


LEGAL_BASES: Mapping[str, Term] = {
    term.iri: term
    for term in (
        Term(CONSENT, "Jij zegt ja", "You say yes",
             "Jij kiest zelf of je dit deelt. Nee zeggen heeft geen gevolgen.",
             "You choose whether to share this. Saying no has no consequences."),
        Term(DPV + "Contract", "Jullie hebben een afspraak", "You have a contract",
             "Dit is nodig voor een afspraak of contract dat je met hen hebt.",
             "This is needed for a contract that you have with them."),
        Term(DPV + "LegalObligation", "Het moet van de wet", "The law says so",
             "Een wet zegt dat zij dit moeten vragen.", "A law says that they have to ask for this."),
        Term(DPV + "PublicInterest", "Het is voor iedereen van belang", "It is in the public interest",
             "Zij doen dit voor een taak die voor iedereen van belang is.",
             "They do this for a task that is in the interest of everybody."),
        Term(DPV + "OfficialAuthorityOfController", "Het is een taak van de overheid", "It is a task of the government",
             "Dit hoort bij een taak die de wet aan hen geeft, zoals hulp bij het vinden van werk.",
             "This is a part of a task that the law gives them, such as helping people find work."),
        Term(DPV + "VitalInterest", "Iemand is in gevaar", "Somebody is in danger",
             "Dit is nodig om iemands leven of gezondheid te beschermen.",
             "This is needed to protect the life or health of somebody."),
        Term(DPV + "LegitimateInterest", "Zij hebben er een goede reden voor", "They have a good reason for it",
             "Zij hebben dit nodig voor hun werk en hebben dat tegen jouw belang afgewogen.",
             "They need this for their work, and have weighed that against your interest."),
    )
}  # fmt: skip
"""What a grant may rest on, by IRI: consent, and the other grounds of GDPR article 6(1)."""

PURPOSES: Mapping[str, Term] = {
    term.iri: term
    for term in (
        Term(DPV + "ServiceProvision", "Om je te helpen met hun dienst", "To help you with their service"),
        Term(DPV + "RequestedServiceProvision", "Omdat je hier zelf om vroeg", "Because you asked for it"),
        Term(DPV + "ServicePersonalisation", "Om hun dienst beter bij jou te laten passen",
             "To make their service fit you better"),
        Term(DPV + "ProvidePersonalisedRecommendations", "Om je advies te geven dat bij je past",
             "To give you advice that fits you"),
        Term(DPV + "PersonnelHiring", "Om te kijken of je past bij werk", "To see whether you fit a job"),
        Term(DPV + "PersonnelManagement", "Voor je werk bij hen", "For your work with them"),
        Term(DPV + "CommunicationManagement", "Om contact met je te hebben", "To be in touch with you"),
        Term(DPV + "EstablishContractualAgreement", "Om een afspraak met je te maken", "To make an agreement with you"),
        Term(DPV + "LegalCompliance", "Omdat het moet van de wet", "Because the law says so"),
        Term(DPV + "PublicBenefit", "Voor een taak die voor iedereen van belang is",
             "For a task that is in the interest of everybody"),
        Term(DPV + "ResearchAndDevelopment", "Voor onderzoek", "For research"),
        Term(DPV + "AcademicResearch", "Voor onderzoek van een universiteit of hogeschool", "For academic research"),
        Term(DPV + "PersonalPurpose", "Voor jezelf", "For yourself"),
    )
}  # fmt: skip
"""What a grant may be for, by IRI: those that a person meets here. Others of the DPV are taken, and have no label."""

_DURATION = re.compile(r"P(?=[0-9T])(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(\d{1,5})H)?")
_COUNTS = (
    ("jaar", "jaar", "year", "years"), ("maand", "maanden", "month", "months"), ("week", "weken", "week", "weeks"),
    ("dag", "dagen", "day", "days"), ("uur", "uur", "hour", "hours"),
)  # fmt: skip


def is_dpv(iri: str) -> bool:
    """Whether an IRI is one of the DPV or of its extensions."""
    return iri.startswith((DPV, "https://w3id.org/dpv/"))


def legal_basis_label(iri: str, lang: str) -> str:
    """What to call a legal basis; its name in the DPV where we have no words for it."""
    return LEGAL_BASES[iri].label(lang) if iri in LEGAL_BASES else iri.rpartition("#")[2]


def purpose_label(iri: str, lang: str) -> str:
    """What to call a purpose; "" where we have no words for it."""
    return PURPOSES[iri].label(lang) if iri in PURPOSES else ""


def is_keep(keep: str) -> bool:
    """Whether `keep` is a value of `GrantRecord.keep`."""
    return keep in ("", "nothing", "until_end") or _duration(keep) is not None


def keep_label(keep: str, lang: str) -> str:
    """What the receiver may keep when it is over, in a sentence; "" where nothing was said of it."""
    english = lang == "en"
    if keep == "nothing":
        return "They may keep nothing." if english else "Zij mogen niets bewaren."
    if keep == "until_end":
        return "They may keep it until sharing ends." if english else "Zij mogen het bewaren tot het delen stopt."
    found = _duration(keep)
    if found is None:
        return ""
    said = " ".join(f"{n} {names[2 * english + (n != 1)]}" for n, names in zip(found, _COUNTS, strict=True) if n)
    after = f"They may keep it for {said} after sharing ends."
    return after if english else f"Zij mogen het nog {said} bewaren nadat het delen stopt."


def _duration(keep: str) -> tuple[int, ...] | None:
    """The years, months, weeks, days and hours of an ISO 8601 duration; None for another form and for none at all."""
    match = _DURATION.fullmatch(keep)
    found = tuple(int(group or 0) for group in match.groups()) if match else ()
    return found if any(found) else None
