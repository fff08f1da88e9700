"""The sections of a CV: each is one RDF document in the pod, one consent category and one encryption category."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """A section. `path` is relative to the pod; labels are what a person reads, the short one in a list of sections."""

    key: str
    path: str
    nl: str
    en: str

    def label(self, lang: str) -> str:
        """The name of the section in a language."""
        return self.en if lang == "en" else self.nl


CV_SECTIONS = (
    Section("identity", "cv/identity", "Je naam", "Your name"),
    Section("contact", "cv/contact", "Hoe je te bereiken bent", "How to reach you"),
    Section("summary", "cv/summary", "Over jou", "About you"),
    Section("experience", "cv/experience", "Je werk", "Your work"),
    Section("education", "cv/education", "Je opleiding", "Your education"),
    Section("competences", "cv/competences", "Wat je kunt", "What you can do"),
    Section("languages", "cv/languages", "Je talen", "Your languages"),
    Section("certificates", "cv/certificates", "Je diploma's en certificaten", "Your certificates"),
    Section("wishes", "cv/wishes", "Wat je wilt", "What you want"),
)
"""The CV, in the order in which a person reads it."""

PEOPLE = Section("people", "people", "Wie je helpt (je coach)", "Who helps you (your coach)")
"""Who the citizen works with: the coach's WebID, name and inbox; written when the citizen shares with a coach."""

INBOX = Section("inbox", "inbox/", "Je berichten", "Your messages")
"""Linked Data Notifications (W3C LDN)."""

SECTIONS = {section.key: section for section in (*CV_SECTIONS, PEOPLE, INBOX)}


def section_of(path: str) -> Section | None:
    """The section that a path (relative to the pod) belongs to, or None."""
    for section in SECTIONS.values():
        if path == section.path or (section.path.endswith("/") and path.startswith(section.path)):
            return section
    return None
