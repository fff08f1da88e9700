"""Text as people type it, brought to a form in which two spellings of one job title look alike.

Rules for Dutch, with English words passing through unharmed: accents and case go, "(m/v)" goes, endings that mark
gender or number go ("schoonmaakster" and "schoonmakers" both become "schonmak"), as do doubled letters.
"""

from __future__ import annotations

import functools
import re
import unicodedata

_GENDER_MARK = re.compile(r"\(?\b[mvfhdx](?:\s*/\s*[mvfwhdx])+\b\)?", re.IGNORECASE)
_NOT_WORD = re.compile(r"[^a-z0-9+#]+")
_DOUBLED = re.compile(r"([a-z])\1+")
_ENDINGS = (
    ("sters", ""), ("ster", ""), ("eurs", "eur"), ("euses", "eur"), ("euse", "eur"), ("trices", "tor"),
    ("trice", "tor"), ("ices", "or"), ("ieres", "ier"), ("iere", "ier"), ("essen", ""), ("esse", ""), ("innen", ""),
    ("ers", ""), ("er", ""), ("en", ""), ("es", ""), ("e", ""), ("s", ""),
)  # fmt: skip
_SHORTEST_STEM = 3

_STOP_WORDS = """
    de het een en of in van voor met op aan bij te tot uit door als der den des the a an and or of for with at to
    niet overige algemeen medior junior senior
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
"""Words that say nothing of the occupation."""


def normalise(text: str) -> str:
    """Lower case, no accents, no gender mark, words separated by one space."""
    plain = _GENDER_MARK.sub(" ", text).lower() if "/" in text else text.lower()
    if not plain.isascii():
        plain = "".join(ch for ch in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(ch))
    return _NOT_WORD.sub(" ", plain).strip()


@functools.lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """The stem of a normalised word: without a gender or number ending, without doubled letters, v and z unvoiced."""
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: len(word) - len(ending)] + instead
            break
    word = _DOUBLED.sub(r"\1", word)
    if word.endswith(("v", "z")):
        word = word[:-1] + ("f" if word[-1] == "v" else "s")
    return word


def words(normalised: str) -> list[str]:
    """The words of a normalised text that say something; all of them when every word is a stop word."""
    every = normalised.split()
    return [word for word in every if word not in STOP_WORDS] or every
