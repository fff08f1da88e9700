"""From the name of a person to a user name, a to z: letters of other scripts are written the way they sound."""

from __future__ import annotations

import re
import secrets
import unicodedata

from werkpod.consent.errors import NameUnfit
from werkpod.pod.addresses import is_slug

LONGEST_NAME = 80
_LONGEST_STEM = 34
_BASE32 = "abcdefghjkmnpqrstvwxyz23456789"
_LATIN = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ł": "l",
    "ı": "i",
    "ħ": "h",
    "ŋ": "ng",
}
_GREEK = "αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo"
_CYRILLIC = (
    "аa бb вv гh ґg дd еe жzh зz иy йy кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ыy эe юyu яya "
    "єye іi їyi ёyo ўu ђdj јj љlj њnj ћc џdz ъ ь"
)
_ARABIC = (
    "اa بb تt ثth جj حh خkh دd ذdh رr زz سs شsh صs ضd طt ظz عa غgh فf قq كk لl مm نn هh وw يy ةa ىa ء آa أa إi ؤu ئy "
    "پp چch ژzh گg کk یy"
)
_LETTERS = {**_LATIN, **{pair[0]: pair[1:] for pair in f"{_GREEK} {_CYRILLIC} {_ARABIC}".split()}}
"""A letter, and how it is written in a to z; one way for each, which is not every language's way."""


def clean_name(name: str) -> str:
    """The name as it is kept: NFC, single spaces. Raises NameUnfit."""
    text = " ".join(unicodedata.normalize("NFC", name).split())
    if not text:
        raise NameUnfit("A name is missing.")
    if len(text) > LONGEST_NAME:
        raise NameUnfit(f"A name has at most {LONGEST_NAME} characters; this one has {len(text)}.")
    if any(unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs", "Cn") for c in text):
        raise NameUnfit("A name has no control characters or invisible characters in it.")
    if not any(c.isalnum() for c in text):
        raise NameUnfit("A name has at least one letter.")
    return text


def name_key(name: str) -> str:
    """What two ways of writing one name have in common: for look-up."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def slug_stem(name: str) -> str:
    """A user name from a name: "Zoë van 't Hof" is "zoe-van-t-hof"; partly random where a to z cannot write it."""
    letters = [_written(char) for char in unicodedata.normalize("NFKC", name).lower()]
    stem = re.sub(r"-{2,}", "-", "".join(letters)).strip("-")[:_LONGEST_STEM].strip("-")
    return stem if is_slug(stem) else numbered(stem or "lid", 0)


def _written(char: str) -> str:
    """One letter in a to z; a hyphen for what separates words, nothing for accents."""
    if char in _LETTERS:
        return _LETTERS[char]
    if "ETHIOPIC SYLLABLE " in (label := unicodedata.name(char, "")):
        return label.rpartition(" ")[2].lower()
    parts = unicodedata.normalize("NFKD", char).lower()
    if len(parts) > 1:
        return "".join(_written(part) for part in parts)
    if parts.isascii() and parts.isalnum():
        return parts
    return "" if unicodedata.combining(char) or unicodedata.category(char) == "Lm" else "-"


def numbered(stem: str, attempt: int) -> str:
    """Another user name near a stem: `stem-2`, `stem-3`, and after some tries a random ending."""
    if attempt < 1 or attempt > 20:
        return f"{stem[:_LONGEST_STEM].strip('-')}-{''.join(secrets.choice(_BASE32) for _ in range(5))}"
    return f"{stem}-{attempt + 1}"
