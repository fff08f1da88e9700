"""Documents elsewhere that a decision here rests on: WebIDs, keys of issuers, groups. Fetched, remembered, bounded.

Whoever sends a token or writes an access rule says which addresses these are, so reading them is work that strangers
make for us and for the hosts that they name. What bounds it: the guarded client (`werkpod/web/client.py`: public
addresses, no redirects, size and time), so many fetches at once, so many a host, one at a time for each address, and
a memory of answers and of failures, of so many addresses and for so long. Where a document cannot be had, whoever asked
gets nothing: nothing is decided on an old copy.

Our own addresses are never fetched: what is here is read from the storage.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import httpx2

from werkpod.web.client import Fetched, FetchRefused, check_url, fetch
from werkpod.web.errors import WerkpodError

AT_ONCE = 32
"""Fetches under way, of all kinds together; the next one is refused instead of queued."""
BURST, PER_SECOND = 60, 1.0
"""Fetches that one host may get in a row, and each second from then on."""
_HOSTS = 4096
_IN_A_THREAD = 32 << 10
"""Bytes from which a document is read in a thread."""
FAILED = 30.0
"""Seconds that an address which could not be used is left alone."""

T = TypeVar("T")


class Elsewhere:
    """The way out, for all documents of one server. `own`: our base URL; `clock`: seconds, never going back."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        *,
        own: str,
        allow_loopback: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._allow_loopback, self.clock = client, allow_loopback, clock
        self._own = httpx2.Origin(httpx2.URL(own))
        self._under_way = 0
        self._budgets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def is_own(self, url: str) -> bool:
        """Whether an address is on our own origin, however it is spelled; also what is no URL at all is not fetched."""
        try:
            return httpx2.Origin(httpx2.URL(url)) == self._own
        except (httpx2.InvalidURL, ValueError):
            return True

    def check(self, url: str) -> None:
        """Raise FetchRefused for an address that would not be fetched, whatever it answers."""
        check_url(url, allow_loopback=self._allow_loopback)
        if self.is_own(url):
            raise FetchRefused("This address is our own.")

    async def get(self, url: str, *, accept: str, limit: int) -> Fetched:
        """A document of at most `limit` bytes. Raises FetchRefused."""
        self.check(url)
        if self._under_way >= AT_ONCE or not self._affordable(urlsplit(url).netloc.lower()):
            raise FetchRefused("Too much is asked of other servers at the moment; try again later.")
        self._under_way += 1
        try:
            return await fetch(self._client, url, accept=accept, limit=limit, allow_loopback=self._allow_loopback)
        finally:
            self._under_way -= 1

    def _affordable(self, host: str) -> bool:
        """Whether this host may be asked once more; one that was not heard of for long begins anew."""
        now = self.clock()
        left, since = self._budgets.pop(host, (float(BURST), now))
        left = min(float(BURST), left + (now - since) * PER_SECOND)
        self._budgets[host] = (max(left - 1, 0.0), now)
        if len(self._budgets) > _HOSTS:
            self._budgets.popitem(last=False)
        return left >= 1


@dataclass(frozen=True, slots=True)
class _Known(Generic[T]):
    """What an address gave: a value, or why there is none. Times are those of `Elsewhere.clock`."""

    value: T | None
    refused: str
    at: float
    until: float


class Remembered(Generic[T]):
    """What was read of documents elsewhere, by address.

    `read` makes a value of a document, and raises WerkpodError for one that is of no use. A value is kept as long as
    the answer's Cache-Control says, from `shortest` to `longest` seconds, `usual` where it says nothing; `count`
    addresses are kept, those that were asked for last.
    """

    def __init__(
        self,
        elsewhere: Elsewhere,
        read: Callable[[Fetched], T],
        *,
        accept: str,
        limit: int,
        count: int,
        shortest: float,
        usual: float,
        longest: float,
    ) -> None:
        self._elsewhere, self._read, self._accept, self._limit = elsewhere, read, accept, limit
        self._count, self._shortest, self._usual, self._longest = count, shortest, usual, longest
        self._known: OrderedDict[str, _Known[T]] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def fresh(self, url: str) -> bool:
        """Whether `get` would answer without a fetch."""
        known = self._known.get(url)
        return known is not None and self._elsewhere.clock() < known.until

    async def get(self, url: str, *, newer_than: float | None = None) -> T:
        """The value of a document. Raises FetchRefused, again for a while for an address that was of no use.

        `newer_than`: fetch again where what is known is older than so many seconds, as for a key that is not in it.
        """
        lock = self._locks.setdefault(url, asyncio.Lock())
        async with lock:
            known, now = self._known.get(url), self._elsewhere.clock()
            valid = known is not None and known.value is not None and now < known.until
            if known is None or now >= known.until or (newer_than is not None and now - known.at >= newer_than):
                found = await self._fetched(url)
                if found.value is None and known is not None and valid:  # a failed second look takes nothing away
                    found = replace(known, at=found.at)
                self._known[url] = known = found
                if len(self._known) > self._count:
                    self._known.popitem(last=False)
            self._known.move_to_end(url)
        if known.value is None:
            raise FetchRefused(known.refused)
        return known.value

    async def _fetched(self, url: str) -> _Known[T]:
        value, refused, lasts = None, "", FAILED
        try:
            found = await self._elsewhere.get(url, accept=self._accept, limit=self._limit)
            if len(found.body) < _IN_A_THREAD:
                value = self._read(found)
            else:
                value = await asyncio.to_thread(self._read, found)
            lasts = self._lifetime(found.cache_control)
        except WerkpodError as error:
            refused = error.detail
        now = self._elsewhere.clock()
        return _Known(value, refused, now, now + lasts)

    def _lifetime(self, cache_control: str) -> float:
        """Seconds that an answer may be kept (RFC 9111, 5.2.2), within our own bounds."""
        directives = [part.strip().lower() for part in cache_control.split(",")]
        if "no-store" in directives or "no-cache" in directives:
            return self._shortest
        for directive in directives:
            name, _, value = directive.partition("=")
            if name == "max-age" and value.isdigit() and len(value) < 12:
                return min(max(float(value), self._shortest), self._longest)
        return self._usual
