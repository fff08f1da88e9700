"""Ready choices of what to share, that a person understands at once: which sections, and which fields of them not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from werkpod.vocab.fields import FIELDS
from werkpod.vocab.sections import CV_SECTIONS


@dataclass(frozen=True, slots=True)
class Preset:
    """A ready choice. `key`: what a grant calls it (`GrantRecord.preset`); `sections`, `hidden_fields`: as in a grant;
    a label, and a sentence that says what it leaves out."""

    key: str
    sections: tuple[str, ...]
    hidden_fields: tuple[str, ...]
    nl: str
    en: str
    explained_nl: str
    explained_en: str

    def label(self, lang: str) -> str:
        """What a person calls it."""
        return self.en if lang == "en" else self.nl

    def explained(self, lang: str) -> str:
        """What goes along and what does not, in a sentence."""
        return self.explained_en if lang == "en" else self.explained_nl


_OWN_TEXTS = tuple(key for key in FIELDS if key.endswith((".description", ".text", ".note")))


def _without(sections: tuple[str, ...], *hidden: str) -> tuple[str, ...]:
    """The keys of the fields to leave out: `hidden`, and every own text (it may say anything), of these sections."""
    return tuple(key for key in FIELDS if key.partition(".")[0] in sections and (key in hidden or key in _OWN_TEXTS))


_SKILLS = ("competences", "languages", "certificates")
_NAMELESS = ("experience", "education", "competences", "languages", "certificates", "wishes")

PRESETS: Mapping[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset(
            "skills",
            _SKILLS,
            _without(_SKILLS, "competences.source", "certificates.issuer", "certificates.period"),
            "Alleen wat ik kan",
            "Only what I can do",
            "Wat je kunt, je talen en je diploma's. Niet waar of wanneer je dat leerde.",
            "What you can do, your languages and your certificates. Not where or when you learned it.",
        ),
        Preset(
            "anonymous",
            _NAMELESS,
            _without(
                _NAMELESS, "experience.employer", "experience.period", "experience.place", "education.institution",
                "education.period", "certificates.issuer", "certificates.period",
            ),
            "Zonder naam en leeftijd",
            "Without name and age",
            "Wat je deed, leerde en kunt. Niet je naam, je leeftijd, je adres, bij wie, waar of wanneer.",
            "What you did, learned and can do. Not your name, your age, your address, for whom, where or when.",
        ),
        Preset(
            "coach",
            tuple(section.key for section in CV_SECTIONS),
            (),
            "Alles voor mijn coach",
            "Everything for my coach",
            "Je hele cv: ook je naam, hoe je te bereiken bent en wat je zelf schreef.",
            "Your whole CV: your name, how to reach you and what you wrote yourself too.",
        ),
    )
}  # fmt: skip
"""The ready choices, by key, in the order in which a person sees them."""


def preset(key: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The sections and the hidden fields of a ready choice. Raises KeyError for a key that is none."""
    found = PRESETS[key]
    return found.sections, found.hidden_fields
