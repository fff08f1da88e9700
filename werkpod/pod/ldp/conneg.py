"""Content negotiation: which representation an Accept header asks for (RFC 9110, 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from werkpod.pod.ldp.errors import MissingContentType, NotAcceptable, NotTaken
from werkpod.pod.ldp.graphs import FORMATS, REFUSED, essence

_RANGE = re.compile(
    r"([\w!#$&^.+*-]++/[\w!#$&^.+*-]++)[ \t]*+((?:;[^,\"]*+(?:\"(?:[^\"\\]|\\.)*+\"[^,\"]*+)*+)?+)|[\w!#$&^.+*-]++|."
)
"""A media range with its parameters; else one thing to pass over, so that every character is looked at once (4 KB of
spaces took 0.3 s)."""
_Q = re.compile(r";\s*q\s*=\s*([0-9.]+)", re.IGNORECASE)
_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;\s*[\w!#$&^.+-]+=(?:[\w!#$&^.+*'-]+|\"(?:[^\"\\\r\n]|\\.)*\"))*")
MAX_ACCEPT = 4096


def _ranges(accept: str) -> tuple[tuple[str, float], ...]:
    """The media ranges of an Accept header with their weights; what cannot be read is passed over."""
    found = []
    for match in _RANGE.finditer(accept):
        if match[1] is None:
            continue
        weight = _Q.search(match[2])
        try:
            found.append((match[1].lower(), min(1.0, float(weight[1])) if weight else 1.0))
        except ValueError:
            continue
    return tuple(found)


def choose(accept: str | None, offers: Sequence[str]) -> str:
    """The offer that the client likes best; the earlier one where it likes two equally. Raises NotAcceptable.

    No header, one over 4 KB, or one that cannot be read at all takes anything.
    """
    return _choose(accept, tuple(offers)) if accept and len(accept) <= MAX_ACCEPT else offers[0]


@lru_cache(maxsize=1024)
def _choose(accept: str, offers: tuple[str, ...]) -> str:
    ranges = _ranges(accept)
    if not ranges:
        return offers[0]
    best, best_weight = "", 0.0
    for offer in offers:
        weight = _weight(offer, ranges)
        if weight > best_weight:
            best, best_weight = offer, weight
    if not best:
        raise NotAcceptable(f"This resource can be had as {', '.join(offers)}; Accept says {accept}.")
    return best


def _weight(offer: str, ranges: tuple[tuple[str, float], ...]) -> float:
    """The weight of the most specific range that takes `offer`; 0 for none."""
    kind = offer.partition("/")[0]
    for wanted in (offer, f"{kind}/*", "*/*"):
        weights = [weight for name, weight in ranges if name == wanted]
        if weights:
            return max(weights)
    return 0.0


@lru_cache(maxsize=64)
def offers_for(stored: str) -> tuple[str, ...]:
    """The forms in which an RDF document can be had: the one it was written in first, so that `*/*` gives it back."""
    return (stored, *(name for name in FORMATS if name != stored))


def content_type(header: str | None) -> str:
    """The media type of a body, checked. Raises MissingContentType, and NotTaken for RDF/XML and for nonsense."""
    if not header or not header.strip():
        raise MissingContentType("Say what the body is with a Content-Type header, for instance text/turtle.")
    header = header.strip()
    if len(header) > 255 or not _TYPE.fullmatch(header):
        raise NotTaken(f"Content-Type is type/subtype with parameters; {header[:80]!r} is not.")
    if essence(header) in REFUSED:
        raise NotTaken(f"RDF/XML is not taken; send the same as {', '.join(FORMATS)}.")
    return header
