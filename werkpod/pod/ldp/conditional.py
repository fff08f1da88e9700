"""Conditional requests and ranges (RFC 9110, 13 and 14).

An entity tag is made of the stored version's tag and, where the representation is not the stored bytes, of what makes
it another: "v7" as stored, "v7.json" the same version as JSON-LD. A write compares versions, a read representations.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache

from werkpod.pod.ldp.errors import RangeNotSatisfiable
from werkpod.pod.ldp.graphs import JSON_LD, N_TRIPLES, TURTLE
from werkpod.web.errors import BadRequest, PreconditionFailed

_TAG = re.compile(r'(?:W/)?"[^"]*"|\*')
_TAGS = re.compile(r'\s*(?:\*|(?:W/)?"[^"]*"(?:[\s,]+(?:W/)?"[^"]*")*)[\s,]*')
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_MARKS = {TURTLE: "ttl", JSON_LD: "json", N_TRIPLES: "nt"}
_VARIANT = re.compile(r'\.(?:ttl|json|nt)"$')


def variant(etag: str, media_type: str) -> str:
    """The tag of a version in another form than the stored one."""
    return f'{etag[:-1]}.{_MARKS[media_type]}"'


def body_etag(body: bytes) -> str:
    """A strong tag of a representation that is not stored: a listing, or what a lens lets through."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def lens_etag(body: bytes) -> str:
    """The tag of a representation seen through a lens; it never equals that of a version, so it permits no write."""
    return f'"lens-{hashlib.sha256(body).hexdigest()[:32]}"'


@dataclass(frozen=True, slots=True)
class Condition:
    """The conditions of a write, as its headers have them (RFC 9110, 13.1)."""

    if_match: str | None = None
    if_none_match: str | None = None
    if_unmodified_since: str | None = None

    def __bool__(self) -> bool:
        return any(wish is not None for wish in (self.if_match, self.if_none_match, self.if_unmodified_since))

    def check(self, current: str | None, modified: float | None = None) -> None:
        """Raise PreconditionFailed where the write is not wanted on the version whose tag is `current`.

        `current` None: there is nothing; `modified`: when that version was written, Unix seconds. A date counts where
        no tag was sent (RFC 9110, 13.2.2).
        """
        check_write(self.if_match, self.if_none_match, current)
        if self.if_match is None and current is not None:
            check_unmodified(self.if_unmodified_since, modified)


def _tags(header: str) -> list[str]:
    return _TAG.findall(header)


def _unwanted_tags(header: str) -> list[str]:
    """The tags of an If-None-Match. What is none of that could mean anything, and must not let a write through."""
    if len(header) > 8192 or not _TAGS.fullmatch(header):
        raise BadRequest(f"If-None-Match has entity tags in quotes, or a star; it was {header[:80]!r}.")
    return _TAG.findall(header)


def check_unmodified(since: str | None, modified: float | None) -> None:
    """Raise PreconditionFailed where what is there was changed after `since` (RFC 9110, 13.1.4); no date is no wish."""
    try:
        at = parsedate_to_datetime(since).timestamp() if since is not None else None
    except (ValueError, TypeError):
        return
    if at is not None and (modified is None or int(modified) > at):
        raise PreconditionFailed("It was changed after the date in If-Unmodified-Since.")


def check_write(if_match: str | None, if_none_match: str | None, current: str | None) -> None:
    """Raise PreconditionFailed where a write is not wanted on the version `current` (its tag; None: does not exist).

    RFC 9110, 13.1.1 and 13.1.2: If-Match compares strongly, If-None-Match weakly. Raises BadRequest for nonsense.
    """
    if if_match is not None:
        tags = [_VARIANT.sub('"', tag) for tag in _tags(if_match)]
        if current is None or not ("*" in tags or _VARIANT.sub('"', current) in tags):
            raise PreconditionFailed("If-Match names another version than the one that is stored.")
    if if_none_match is not None and current is not None:
        tags = [_VARIANT.sub('"', tag.removeprefix("W/")) for tag in _unwanted_tags(if_none_match)]
        if "*" in tags or _VARIANT.sub('"', current) in tags:
            raise PreconditionFailed("If-None-Match asks that this is not there, and it is.")


def not_modified(if_none_match: str | None, if_modified_since: str | None, etag: str, modified: float | None) -> bool:
    """Whether a reader has this representation already: the answer is 304 (RFC 9110, 13.1.2 and 13.1.3)."""
    if if_none_match is not None:
        tags = [tag.removeprefix("W/") for tag in _tags(if_none_match)]
        return "*" in tags or etag in tags
    if if_modified_since is not None and modified is not None:
        try:
            return int(modified) <= parsedate_to_datetime(if_modified_since).timestamp()
        except (ValueError, TypeError):
            return False
    return False


def check_read(if_match: str | None, unmodified_since: str | None, etag: str, modified: float | None) -> None:
    """Raise PreconditionFailed where a reader wants another representation than the current one."""
    if if_match is None:
        check_unmodified(unmodified_since, modified)
    elif not {"*", etag} & set(_tags(if_match)):
        raise PreconditionFailed("If-Match names another representation than the current one.")


def http_date(at: float) -> str:
    """A time as HTTP has it (RFC 9110, 5.6.7)."""
    return _http_date(int(at))


@lru_cache(maxsize=1024)
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The one range that is asked for, (first, last) inclusive; None gives the whole (several ranges, another unit)."""
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        first, last = max(0, size - int(match[2])), size - 1
        unsatisfiable = int(match[2]) == 0 or size == 0
    else:
        first, last = int(match[1]), min(int(match[2]) if match[2] else size - 1, size - 1)
        if match[2] and int(match[2]) < int(match[1]):
            return None
        unsatisfiable = first >= size
    if unsatisfiable:
        raise RangeNotSatisfiable(
            f"The resource has {size} bytes; the range is {header}.", headers={"Content-Range": f"bytes */{size}"}
        )
    return first, last
