"""Response headers of the pod: what a resource is and belongs to, what can be done with it, and CORS.

Everything here follows from the form of the address and from constants, so it says nothing of what exists.
"""

from __future__ import annotations

import re
from functools import lru_cache

from werkpod.pod.access.conditions import ADVERTISED, RELATION
from werkpod.pod.access.model import Access, Mode
from werkpod.pod.access.wac import wac_allow
from werkpod.pod.addresses import STORAGE_DESCRIPTION, Address, Kind, encode
from werkpod.pod.ldp.graphs import FORMATS, PREFIXES
from werkpod.pod.profile.places import CARD, INBOX

Header = tuple[bytes, bytes]

_LDP, _PIM, _SOLID = PREFIXES["ldp"], PREFIXES["pim"], PREFIXES["solid"]
_RDF = ", ".join(FORMATS)
ACCEPT_PATCH = "text/n3, application/sparql-update"
_READ = "GET, HEAD, OPTIONS"

EXPOSED = (
    "Accept-Patch, Accept-Post, Accept-Put, Accept-Ranges, Allow, Cache-Control, Content-Disposition, Content-Length, "
    "Content-Range, Content-Security-Policy, Content-Type, Date, ETag, Last-Modified, Link, Location, Retry-After, "
    "Vary, WAC-Allow, WWW-Authenticate, X-Content-Type-Options"
)
"""Every response header that the pod uses, one by one (Solid Protocol, 8.1)."""

ALLOWED_HEADERS = (
    "Accept, Authorization, Content-Type, DPoP, If-Match, If-Modified-Since, If-None-Match, If-Range, "
    "If-Unmodified-Since, Link, Range, Slug"
)
METHODS = "GET, HEAD, OPTIONS, PUT, POST, PATCH, DELETE"
VARY = (b"vary", b"Accept, Authorization, Origin")
_ORIGIN = re.compile(rb"null|[a-z][a-z0-9+.-]*://[A-Za-z0-9._~%:\[\]-]+", re.IGNORECASE)
_HEADER_NAMES = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~-]+(?:\s*,\s*[A-Za-z0-9!#$%&'*+.^_`|~-]+)*")
_LINK = re.compile(r"<([^<>]*)>((?:\s*;\s*[\w*!-]+\s*(?:=\s*(?:\"[^\"]*\"|[^\s;,\"]*))?)*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)

_SHOWN = re.compile(
    r"text/(?:plain|csv|markdown|turtle|n3|css|calendar|vcard)|application/(?:pdf|json|ld\+json|n-triples)"
    r"|image/(?!svg)[\w.-]+|audio/[\w.-]+|video/[\w.-]+|font/[\w.-]+"
)
"""Media types that a browser may show; it would run others, or nobody knows. None with a suffix like +xml."""


def downloaded(kind: str) -> bool:
    """Whether a body of this media type is handed out as a download, not to be shown (OWASP ASVS 5.0, 3.2.1)."""
    return _SHOWN.fullmatch(kind) is None


def allow(where: Address, *, rdf: bool = True) -> str:
    """The methods of a resource (Solid Protocol, 5.2). A root container and its ACL have no DELETE (5.4)."""
    if where.kind is Kind.STORAGE:
        return _READ
    if where.kind is Kind.CONTAINER:
        return f"{_READ}, PUT, POST, PATCH" + (", DELETE" if where.path else "")
    deletable = "" if where.path == ".acl" else ", DELETE"
    return f"{_READ}, PUT" + (", PATCH" if rdf else "") + deletable


@lru_cache(maxsize=2048)
def communication(where: Address, rdf: bool) -> tuple[Header, ...]:
    """Allow, and the media types that go with the methods in it (Solid Protocol, 5.2)."""
    methods = allow(where, rdf=rdf)
    found = [(b"allow", methods.encode())]
    if "PATCH" in methods:
        found.append((b"accept-patch", ACCEPT_PATCH.encode()))
    if "POST" in methods:
        found.append((b"accept-post", f"{_RDF}, */*".encode()))
    if "PUT" in methods:
        found.append((b"accept-put", (f"{_RDF}, */*" if where.kind is Kind.DOCUMENT else _RDF).encode()))
    return tuple(found)


def of_nothing(where: Address, access: Access) -> dict[str, str]:
    """What goes with "there is nothing here": who may do what, and to who may, how something is put there.

    rdflib.js patches a document that is not there yet only where it is told that a patch is taken.
    """
    found = {"WAC-Allow": wac_allow(access.modes, access.public)}
    if (Mode.CONTROL if where.kind is Kind.ACL else Mode.APPEND) in access.modes:
        found |= {name.decode(): value.decode() for name, value in communication(where, True)}
    return found


@lru_cache(maxsize=4096)
def links(where: Address, storage: str, owner: str) -> Header:
    """The Link header: types (LDP 4.2.1.4, 5.2.1.4), auxiliaries (Solid Protocol, 4.3), storage description (4.1)."""
    found = [(f"{_LDP}Resource", "type")]
    if where.kind is Kind.CONTAINER:
        found += [(f"{_LDP}Container", "type"), (f"{_LDP}BasicContainer", "type")]
        if where.path == "":
            found += [(f"{_PIM}Storage", "type"), (owner, f"{_SOLID}owner")]
    subject = storage + encode(where.subject)
    if where.kind is not Kind.STORAGE and where.kind is not Kind.ACL:
        found.append((subject + ".acl", "acl"))
    if where.kind in (Kind.CONTAINER, Kind.DOCUMENT):
        found.append((subject + ".meta", "describedby"))
    if where.kind is Kind.META:
        found.append((subject, "describes"))
    if where.kind is Kind.ACL:  # the types of conditions that count here (WAC editor's draft, 3.2)
        found += [(type_, RELATION) for type_ in ADVERTISED]
    if where.path == CARD:  # W3C LDN, 3.1: an inbox is found by a Link as well as in the body
        found.append((storage + INBOX, f"{_LDP}inbox"))
    found.append((storage + encode(STORAGE_DESCRIPTION), f"{_SOLID}storageDescription"))
    return b"link", ", ".join(f'<{target}>; rel="{relation}"' for target, relation in found).encode()


def cors(origin: bytes | None) -> tuple[Header, ...]:
    """The CORS headers of a response (Solid Protocol, 8.1; WAC 5.3). No credentials: cookies mean nothing to a pod."""
    if origin is None or len(origin) > 512 or not _ORIGIN.fullmatch(origin):
        return ()
    return (
        (b"access-control-allow-origin", origin),
        (b"access-control-expose-headers", EXPOSED.encode()),
        (b"access-control-allow-headers", ALLOWED_HEADERS.encode()),
    )


def preflight(origin: bytes | None, requested: bytes | None, *, private: bool = False) -> list[Header]:
    """The CORS headers of a preflight: any method, and the headers that are asked for (Fetch, 3.2.2).

    `private`: the browser asks whether a page from outside may ask something in this network (Private Network Access).
    It may: who asks is told by a token, and where they are gives nobody anything.
    """
    found = [header for header in cors(origin) if header[0] != b"access-control-allow-headers"]
    if not found:
        return []
    usable = requested is not None and len(requested) <= 2048 and _HEADER_NAMES.fullmatch(requested.strip())
    names = requested.strip() if usable and requested else ALLOWED_HEADERS.encode()
    return [
        *found,
        (b"access-control-allow-methods", METHODS.encode()),
        (b"access-control-allow-headers", names),
        (b"access-control-max-age", b"600"),
        *(((b"access-control-allow-private-network", b"true"),) if private else ()),
        (b"vary", b"Access-Control-Request-Method, Access-Control-Request-Headers"),
    ]


def link_types(header: str | None) -> frozenset[str]:
    """The targets of the Link header's rel="type" (RFC 8288); other relations a client cannot set."""
    found = set()
    for match in _LINK.finditer(header[:8192] if header else ""):
        relation = _REL.search(match[2])
        if relation and "type" in (relation[1] or relation[2] or "").lower().split():
            found.add(match[1].strip())
    return frozenset(found)
