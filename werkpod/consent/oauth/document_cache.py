"""How long a client id document is believed: what its headers say (RFC 9111), within bounds of ours.

draft-ietf-oauth-client-id-metadata-document, 4.4: a server should heed cache headers, may bound the lifetime below and
above, and must keep neither errors nor malformed documents.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from werkpod.consent.oauth.client_model import Client

DEFAULT = 300.0
"""Seconds for a document whose headers say nothing."""
SHORTEST = 10.0
"""Seconds at least, but where no-store is said: one sign-in asks for the document several times."""
LONGEST = 3600.0
"""Seconds at most: an app that lost a key, or an address, is not believed longer than that."""
_KEPT = 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A client as its document described it; `etag` ("" for none) asks whether it still does."""

    client: Client
    etag: str
    until: float


class DocumentCache:
    """The documents that were read last, a bounded number of them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def get(self, client_id: str) -> Kept | None:
        """What is kept of a document, fresh or stale."""
        return self._kept.get(client_id)

    def put(self, client: Client, headers: Mapping[str, str], now: float) -> None:
        """Keep a client for as long as the headers of its document allow, if they do."""
        seconds = lifetime(headers)
        if seconds is None:
            self._kept.pop(client.id, None)
            return
        self._kept[client.id] = Kept(client, headers.get("etag", ""), now + seconds)
        self._kept.move_to_end(client.id)
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)

    def renew(self, kept: Kept, headers: Mapping[str, str], now: float) -> None:
        """The document is still the same (304): its headers count anew, and its ETag where they do not name one."""
        self.put(kept.client, {"etag": kept.etag, **headers}, now)

    def drop(self, client_id: str) -> None:
        """Forget a document: it is gone, or no longer one."""
        self._kept.pop(client_id, None)


def lifetime(headers: Mapping[str, str]) -> float | None:
    """How many seconds a document may be used without asking; None: it must not be kept (RFC 9111, 4.2 and 5.2.2)."""
    directives = _directives(headers.get("cache-control", ""))
    if "no-store" in directives:
        return None
    seconds = DEFAULT
    if "no-cache" in directives:
        seconds = 0.0
    elif (age := _number(directives.get("max-age", ""))) is not None:
        seconds = age - (_number(headers.get("age", "")) or 0.0)
    elif "expires" in headers:
        expires, date = _date(headers["expires"]), _date(headers.get("date", ""))
        seconds = expires - date if expires is not None and date is not None else 0.0
    return min(max(seconds, SHORTEST), LONGEST)


def _directives(text: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in text.lower().split(","))
    return {name.strip(): value.strip().strip('"') for name, _, value in pairs}


def _number(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _date(text: str) -> float | None:
    """An HTTP date as Unix seconds; None for what is not one, such as `Expires: 0` (RFC 9111, 5.3)."""
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
