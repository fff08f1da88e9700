"""What the free words of a JSON Resume mean for how well somebody speaks a language or does something.

The scale of five that LinkedIn asks ("Elementary proficiency" to "Native or bilingual proficiency") follows the ILR
levels; its place beside the Common European Framework is the one that is commonly drawn, one step apart at most.
"""

from __future__ import annotations

import re

from werkpod.vocab.cv.model import LanguageLevel

_LEVELS: dict[str, LanguageLevel] = {
    "native": "native", "mother tongue": "native", "moedertaal": "native", "bilingual": "native", "tweetalig": "native",
    "full professional": "C1", "fluent": "C1", "vloeiend": "C1", "advanced": "C1", "proficient": "C1",
    "professional": "B2", "goed": "B2", "upper intermediate": "B2", "business": "B2",
    "limited working": "B1", "intermediate": "B1", "conversational": "B1", "gemiddeld": "B1", "redelijk": "B1",
    "elementary": "A2", "basic": "A2", "basis": "A2", "beginner": "A1", "matig": "A2",
}  # fmt: skip

_SKILL_LEVELS = {
    "beginner": 1, "basic": 1, "novice": 1, "basis": 1, "elementary": 1,
    "intermediate": 2, "gemiddeld": 2, "competent": 2, "redelijk": 2,
    "advanced": 3, "gevorderd": 3, "proficient": 3, "goed": 3, "senior": 3,
    "master": 4, "expert": 4, "meester": 4,
}  # fmt: skip

PRESENT = frozenset({"present", "now", "current", "heden", "nu", "today"})
"""Words that files have for an end date that is not there yet."""


def language_level(text: str) -> LanguageLevel | None:
    """The level that words such as "Native speaker", "B2" or "Professional working proficiency" stand for."""
    word = " ".join(re.sub(r"[^a-z0-9 ]", " ", text.casefold()).split())
    for level in ("A1", "A2", "B1", "B2", "C1", "C2"):
        if re.search(rf"\b{level.lower()}\b", word):
            return level
    return next((level for name, level in _LEVELS.items() if re.search(rf"\b{name}\b", word)), None)


def skill_level(text: str) -> int | None:
    """The level, 1 to 4, that words such as "Master" stand for."""
    return _SKILL_LEVELS.get(text.strip().casefold())
