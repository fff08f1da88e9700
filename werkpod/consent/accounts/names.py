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
_GREEK = dict(
    zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        [
            "a",
            "v",
            "g",
            "d",
            "e",
            "z",
            "i",
            "th",
            "i",
            "k",
            "l",
            "m",
            "n",
            "x",
            "o",
            "p",
            "r",
            "s",
            "s",
            "t",
            "y",
            "f",
            "ch",
            "ps",
            "o",
        ],
        strict=True,
    )
)
_CYRILLIC = dict(
    zip(
        "абвгґдежзийклмнопрстуфхцчшщыэюяєіїёўђјљњћџ",
        [
            "a",
            "b",
            "v",
            "h",
            "g",
            "d",
            "e",
            "zh",
            "z",
            "y",
            "y",
            "k",
            "l",
            "m",
            "n",
            "o",
            "p",
            "r",
            "s",
            "t",
            "u",
            "f",
            "kh",
            "ts",
            "ch",
            "sh",
            "shch",
            "y",
            "e",
            "yu",
            "ya",
            "ye",
            "i",
            "yi",
            "yo",
            "u",
            "dj",
            "j",
            "lj",
            "nj",
            "c",
            "dz",
        ],
        strict=True,
    )
)
_ARABIC = dict(
    zip(
        "ابتثجحخدذرزسشصضطظعغفقكلمنهويةىءآأإؤئپچژگکی",
        [
            "a",
            "b",
            "t",
            "th",
            "j",
            "h",
            "kh",
            "d",
            "dh",
            "r",
            "z",
            "s",
            "sh",
            "s",
            "d",
            "t",
            "z",
            "a",
            "gh",
            "f",
            "q",
            "k",
            "l",
            "m",
            "n",
            "h",
            "w",
            "y",
            "a",
            "a",
            "",
            "a",
            "a",
            "i",
            "u",
            "y",
            "p",
            "ch",
            "zh",
            "g",
            "k",
            "y",
        ],
        strict=True,
    )
)
_LETTERS = {**_LATIN, **_GREEK, **_CYRILLIC, **_ARABIC, "ъ": "", "ь": ""}


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
    letters = []
    for char in unicodedata.normalize("NFKD", name.lower()):
        if char in _LETTERS:
            letters.append(_LETTERS[char])
        elif char.isascii() and char.isalnum():
            letters.append(char)
        elif "ETHIOPIC SYLLABLE " in (label := unicodedata.name(char, "")):
            letters.append(label.rpartition(" ")[2].lower())
        elif not unicodedata.combining(char) and unicodedata.category(char) != "Lm":
            letters.append("-")
    stem = re.sub(r"-{2,}", "-", "".join(letters)).strip("-")[:_LONGEST_STEM].strip("-")
    return stem if is_slug(stem) else numbered(stem or "lid", 0)


def numbered(stem: str, attempt: int) -> str:
    """Another user name near a stem: `stem-2`, `stem-3`, and after some tries a random ending."""
    if attempt < 1 or attempt > 20:
        return f"{stem[:_LONGEST_STEM].strip('-')}-{''.join(secrets.choice(_BASE32) for _ in range(5))}"
    return f"{stem}-{attempt + 1}"
