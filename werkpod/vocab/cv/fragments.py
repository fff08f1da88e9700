"""Fragments: the names of entries inside a section document (`experience#2019-verpleegkundige`).

A fragment is made once, when an entry is added, from what the entry says; it then stays, also when the entry changes,
because grants, competences and other apps point at it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

LONGEST = 60
"""Characters that a fragment has at most, its number for uniqueness apart."""

_FOLD = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "þ": "th"})


def slug(text: str) -> str:
    """`text` in lower case a-z, 0-9 and single hyphens, without accents; "" when nothing is left of it."""
    folded = unicodedata.normalize("NFKD", text.lower().translate(_FOLD))
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(name) > LONGEST:
        name = name[:LONGEST].rsplit("-", 1)[0] if "-" in name[:LONGEST] else name[:LONGEST]
    return name


def mint(*parts: str | None, taken: Container[str], otherwise: str) -> str:
    """A new fragment of the `parts` that are there, unlike any `taken`; `otherwise` when nothing readable is left."""
    name = slug(" ".join(part for part in parts if part)) or otherwise
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name}-{number}", number + 1
    return candidate
