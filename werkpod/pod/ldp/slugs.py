"""Slug: the name that a client would like for what it POSTs (RFC 5023, 9.7). A hint, never a path."""

from __future__ import annotations

import re
import secrets
import unicodedata
from urllib.parse import unquote_to_bytes

MAX_SLUG = 80
_ODD = re.compile(r"[^\w.~-]+")
_AUXILIARY = re.compile(r"\.(acl|meta)$", re.IGNORECASE)
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def safe_name(slug: str | None) -> str | None:
    """A name of letters, digits, ".", "_", "~" and "-" for a Slug (percent-encoded UTF-8); None where none is left.

    No dot comes first or last, and .acl and .meta are no endings: those are names of auxiliary resources.
    """
    if not slug or len(slug) > 16_384:
        return None
    text = unicodedata.normalize("NFC", unquote_to_bytes(slug.encode("latin-1", "replace")).decode("utf-8", "replace"))
    name = _ODD.sub("-", text.replace("\ufffd", "-")).strip(".-~")[:MAX_SLUG].strip(".-~")
    while _AUXILIARY.search(name):
        name = _AUXILIARY.sub(r"-\1", name)
    return name or None


def fresh_name(wanted: str | None) -> str:
    """A name that is not in use: 60 random bits, put between the name that was wanted and its ending."""
    mark = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    if not wanted:
        return mark
    stem, dot, ending = wanted.rpartition(".")
    return f"{stem}-{mark}.{ending}" if dot and stem and len(ending) <= 8 else f"{wanted}-{mark}"
