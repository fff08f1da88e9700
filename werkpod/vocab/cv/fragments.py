"""Fragments: the names of entries inside a section document (`experience#e-7k3mq0x2vd`).

A fragment is made once, when an entry is added; it then stays, also when the entry changes, because grants, competences
and other apps point at it. It is chance alone and says nothing: who sees an entry without its period or employer would
else read them in its name, and who sees a competence, the job that it comes from (decision record 23).
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable, Container

LONGEST = 60
"""Characters that a slug has at most."""
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 10
"""Letters of chance, 5 bits each: in a section of a thousand entries two are the same once in two billion times."""
_QUIET = re.compile(
    rf"e-[{_LETTERS}]{{{_LENGTH}}}"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a UUID
    r"|[0-9A-HJKMNP-TV-Z]{26}"  # a ULID
    r"|id[0-9]{10,20}"  # when it was written down, as many Solid apps have it
    r"|me|it|this"
)

_FOLD = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "þ": "th"})


def slug(text: str) -> str:
    """`text` in lower case a-z, 0-9 and single hyphens, without accents; "" when nothing is left of it."""
    name = "-".join(words(text))
    if len(name) > LONGEST:
        name = name[:LONGEST].rsplit("-", 1)[0] if "-" in name[:LONGEST] else name[:LONGEST]
    return name


def words(text: str) -> list[str]:
    """The words and numbers of `text` in lower case a-z and 0-9, without accents, in order."""
    folded = unicodedata.normalize("NFKD", text.lower().translate(_FOLD))
    return re.findall(r"[a-z0-9]+", "".join(c for c in folded if not unicodedata.combining(c)))


def mint(*, taken: Container[str] = (), chance: Callable[[str], str] = secrets.choice) -> str:
    """A new fragment, unlike any `taken`. `chance` picks a letter; another one makes the names of a demonstration."""
    while True:
        name = "e-" + "".join(chance(_LETTERS) for _ in range(_LENGTH))
        if name not in taken:
            return name


def is_quiet(fragment: str) -> bool:
    """Whether a fragment is one that says nothing of the entry: made by `mint`, or in a way of other apps."""
    return _QUIET.fullmatch(fragment) is not None
