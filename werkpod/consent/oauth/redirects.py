"""Addresses that a browser may be sent back to, with a code or after signing out.

RFC 9700, 2.1 and 4.1: exact comparison. RFC 8252 for native apps: a private-use scheme has a full stop in it (7.1), and
on the loopback interface the app picks the port when it starts (7.3). RFC 6749, 3.1.2: no fragment.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

_CHARACTERS = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+")
"""RFC 3986, section 2, without "#"."""
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
_PORT = re.compile(r"(https?://(?:\[[^\]]*\]|[^/?:\[\]]*))(?::\d*)?(?=[/?]|\Z)")


def is_loopback_host(host: str) -> bool:
    """Whether a host of an address is this very machine: localhost, 127.0.0.0/8 or ::1."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_web(uri: str, *, loopback: bool) -> bool:
    """Whether this is an https address; with `loopback`, or a plain http one of the person's own machine."""
    if not _CHARACTERS.fullmatch(uri):
        return False
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    local = loopback and parts.scheme == "http" and is_loopback_host(host)
    return bool(host) and "@" not in parts.netloc and (parts.scheme == "https" or local)


def is_private_scheme(uri: str) -> bool:
    """Whether this is an address of an app on the person's device: `com.example.app:/back` (RFC 8252, 7.1)."""
    scheme, colon, rest = uri.partition(":")
    return bool(colon and rest and _PRIVATE_SCHEME.fullmatch(scheme) and _CHARACTERS.fullmatch(uri))


def is_local(uri: str) -> bool:
    """Whether the address leads to a program on the person's own device, which any program there can be."""
    parts = urlsplit(uri)
    return is_private_scheme(uri) or (parts.scheme == "http" and is_loopback_host(parts.hostname or ""))


def same_but_port(one: str, other: str) -> bool:
    """Whether two loopback addresses differ in nothing but the port (RFC 8252, 7.3)."""
    return is_local(one) and one.startswith("http:") and _PORT.sub(r"\1", one, 1) == _PORT.sub(r"\1", other, 1)
