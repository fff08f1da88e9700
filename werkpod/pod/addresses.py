"""Addresses: from the raw bytes of a request line to one resource of one pod, and back to its one URL.

A path is taken apart exactly once, here. What could name another resource to some other reader of the same bytes (dot
segments, empty segments, an encoded slash, a backslash, NUL) is refused, never repaired: RFC 3986, 3.3 and 6.2.2; OWASP
ASVS 5.0, 5.3.2. Percent-encoding has one normal form: what needs no encoding is not encoded, hexadecimal digits
are upper case (RFC 3986, 6.2.2.1-2).

Paths inside a pod are relative and decoded: "" is the root container, "cv/" a container, "cv/experience" a document,
"cv/experience.acl" and "cv/.acl" the access rules of each, ".meta" likewise their description.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

from werkpod.web.errors import BadRequest, NotFound

RESERVED = frozenset(
    {
        "api",
        "apps",
        "regie",
        "static",
        "vocab",
        "oauth",
        ".well-known",
        "aanmelden",
        "inloggen",
        "uitloggen",
        "herstel",
        "taal",
        "k",
        "docs",
        "health",
        "favicon.ico",
        "robots.txt",
        "manifest.webmanifest",
        "over",
        "privacy",
        "toegankelijkheid",
        "admin",
        "bewijs",
        "www",
    }
)
"""First path segments that are Werkpod's own; no pod can have one as its name."""

STORAGE_DESCRIPTION = ".well-known/solid"
"""Where a pod describes itself as a storage (Solid Protocol, 4.1); made by the server, written by nobody."""

MAX_PATH = 1024
"""Bytes that a path may have, decoded. Longer ones are refused; the longest that Werkpod itself makes is under 100."""
MAX_SEGMENT = 255

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,38}[a-z0-9])")
_PLAIN = re.compile(rb"/[A-Za-z0-9_~-][A-Za-z0-9._~-]*(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufff0-\uffff]")
"""Control characters, and those that make a name read other than it is (zero-width, bidirectional overrides)."""
_SAFE = "-._~!$&'()*+,;=:@"
_NEEDS_NO_ENCODING = re.compile(r"[A-Za-z0-9/._~-]*")
_BAD_HEX = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class BadAddress(BadRequest):
    """The path of the request is not one that a resource here can have."""

    code, title = "bad_address", "This is not an address that something here can have"


class LongAddress(BadAddress):
    """The path, or one name in it, is longer than any here (RFC 9110, 15.5.15)."""

    status, code, title = 414, "long_address", "This address is too long"


class Kind(enum.Enum):
    """What an address names, told by its form alone (Solid Protocol, 3.1 and 4.3)."""

    DOCUMENT = enum.auto()
    CONTAINER = enum.auto()
    ACL = enum.auto()
    META = enum.auto()
    STORAGE = enum.auto()


@dataclass(frozen=True, slots=True)
class Address:
    """A resource of a pod. `path` is its own, `subject` that of the resource whose access rules hold for it."""

    path: str
    kind: Kind
    subject: str

    @property
    def container(self) -> bool:
        """Whether this is a container."""
        return self.kind is Kind.CONTAINER

    @property
    def auxiliary(self) -> bool:
        """Whether this belongs to another resource (its ACL or its description)."""
        return self.kind is Kind.ACL or self.kind is Kind.META


def is_slug(name: str) -> bool:
    """Whether `name` can be the name of a pod: 3 to 40 of a-z, 0-9 and "-", and not one of Werkpod's own segments."""
    return len(name) <= 40 and _SLUG.fullmatch(name) is not None and name not in RESERVED


def split(raw_path: bytes) -> tuple[str, str]:
    """The pod's slug and the path in it. Raises BadAddress, and NotFound for a first segment that no pod can have."""
    if len(raw_path) <= MAX_SEGMENT and _PLAIN.fullmatch(raw_path):
        slug, slash, path = raw_path[1:].decode("ascii").partition("/")
    else:
        slug, slash, path = _decode(raw_path).partition("/")
    if not is_slug(slug) or not slash:
        raise NotFound(f"There is no pod at /{slug[:60]}.")
    return slug, path


def _decode(raw_path: bytes) -> str:
    """The decoded path without its first slash, or BadAddress with the reason."""
    if not raw_path.startswith(b"/"):
        raise BadAddress("A request line names a path that starts with '/'.")
    if _BAD_HEX.search(raw_path):
        raise BadAddress("A '%' in a path is followed by two hexadecimal digits; write a literal one as %25.")
    segments = [unquote_to_bytes(segment) for segment in raw_path[1:].split(b"/")]
    try:
        names = [segment.decode("utf-8") for segment in segments]
    except UnicodeDecodeError:
        raise BadAddress("A path is UTF-8, percent-encoded.") from None
    if sum(map(len, segments)) + len(segments) > MAX_PATH:
        raise LongAddress(f"A path has at most {MAX_PATH} bytes.")
    for place, name in enumerate(names):
        if name or place < len(names) - 1:
            check_segment(name)
    return "/".join(names)


def check_segment(name: str) -> None:
    """Raise BadAddress where one segment of a path, decoded, cannot be a name."""
    if not name:
        raise BadAddress("A path has no empty segments ('//').")
    if len(name.encode()) > MAX_SEGMENT:
        raise LongAddress(f"One name in a path has at most {MAX_SEGMENT} bytes.")
    twice = unquote_to_bytes(name).decode("utf-8", "replace") if "%" in name else name
    for form in {name, twice}:
        if form.partition(";")[0] in (".", ".."):
            raise BadAddress("A path has no dot segments ('.', '..'), encoded or not.")
        if "/" in form or "\\" in form:
            raise BadAddress("A name in a path has no slash or backslash, encoded or not.")
        if _CONTROL.search(form):
            raise BadAddress("A name in a path has no control characters and no invisible ones.")


@lru_cache(maxsize=4096)
def address(path: str) -> Address:
    """What a path in a pod names. Raises BadAddress where an auxiliary's ending is used for something else."""
    head, _, name = path[:-1].rpartition("/") if path.endswith("/") else path.rpartition("/")
    segments = head.split("/") if head else []
    for segment in (*segments, name) if path.endswith("/") else segments:
        if segment.endswith((".acl", ".meta")):
            raise BadAddress(
                f"'{segment}/' cannot be a container: .acl and .meta are endings of access rules and descriptions."
            )
    if path.startswith(".well-known/"):
        if path != STORAGE_DESCRIPTION:
            raise NotFound("Under .well-known/ of a pod there is only 'solid'.")
        return Address(path, Kind.STORAGE, "")
    if path == "" or path.endswith("/"):
        return Address(path, Kind.CONTAINER, path)
    for ending, kind in ((".acl", Kind.ACL), (".meta", Kind.META)):
        if name.endswith(ending):
            subject = path[: -len(ending)]
            if subject.endswith((".acl", ".meta")):
                raise BadAddress("Access rules and descriptions have no access rules or description of their own.")
            return Address(path, kind, subject)
    return Address(path, Kind.DOCUMENT, path)


@lru_cache(maxsize=4096)
def encode(path: str) -> str:
    """The percent-encoded normal form of a decoded path."""
    return encode_once(path)


def encode_once(path: str) -> str:
    """`encode` of one of many paths that will not be asked for again; not remembered."""
    return path if _NEEDS_NO_ENCODING.fullmatch(path) else quote(path, safe=_SAFE + "/")


def parent(path: str) -> str | None:
    """The container that a resource is in; None for the root container."""
    if path == "":
        return None
    return path.rstrip("/").rpartition("/")[0] + "/" if "/" in path.rstrip("/") else ""


def ancestors(path: str) -> list[str]:
    """The containers above a path, nearest first, the root container last."""
    found = []
    above = parent(path)
    while above is not None:
        found.append(above)
        above = parent(above)
    return found


def sibling(path: str) -> str:
    """The address that differs only in its trailing slash; just one of the two can exist (Solid Protocol, 3.1)."""
    return path[:-1] if path.endswith("/") else path + "/"
