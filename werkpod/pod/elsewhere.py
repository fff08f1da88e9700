"""Documents elsewhere that a decision here rests on: WebIDs, keys of issuers, groups. Fetched, remembered, bounded.

Whoever sends a token or writes an access rule says which addresses these are, so reading them is work that strangers
make for us and for the hosts that they name. What bounds it: the guarded client (`werkpod/web/client.py`: public
addresses, no redirects, size and time), so many fetches at once, so many a host, one at a time for each address, and
a memory of answers and of failures, of so many addresses and for so long. Where a document cannot be had, whoever asked
gets nothing: nothing is decided on an old copy.

What was of use before is fetched again whatever strangers ask for meanwhile: the bounds are for new addresses, and
failures are kept apart from what is known.

Our own addresses are never fetched: what is here is read from the storage.

    FetchRefused   400   an address that is not fetched, or a document of no use
     `- TooBusy    400   not now: so much is asked of others already
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import httpx2

from werkpod.web.client import DEADLINE, Fetched, FetchRefused, check_url, fetch
from werkpod.web.errors import WerkpodError

AT_ONCE, NEW_AT_ONCE, NEW_AT_ONE_HOST = 64, 48, 8
"""Fetches under way: of all kinds, of addresses that were not of use before, and of those at one host. The next one is
refused instead of queued."""
BURST, PER_SECOND = 60, 1.0
"""New addresses that one host may be asked for in a row on behalf of one party, and each second from then on."""
_HOSTS = 4096
_IN_A_THREAD = 32 << 10
"""Bytes from which a document is read in a thread."""
FAILED = 30.0
"""Seconds that an address which could not be used is left alone."""

T = TypeVar("T")


class TooBusy(FetchRefused):
    """Not now: so much is asked of other servers already."""

    code, title = "too_busy_elsewhere", "Too much is asked of other servers at the moment"


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
        self._new: Counter[str] = Counter()
        self._budgets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def is_own(self, url: str) -> bool:
        """Whether an address is on our own origin, however it is spelled. What is no URL at all is nobody's."""
        try:
            named = httpx2.URL(url)
            return httpx2.Origin(named.copy_with(host=named.host.rstrip("."))) == self._own
        except (httpx2.InvalidURL, ValueError):
            return False

    def check(self, url: str) -> None:
        """Raise FetchRefused for an address that would not be fetched, whatever it answers."""
        check_url(url, allow_loopback=self._allow_loopback)
        if self.is_own(url):
            raise FetchRefused("This address is our own.")

    async def get(self, url: str, *, accept: str, limit: int, party: str = "", known: bool = False) -> Fetched:
        """A document of at most `limit` bytes. Raises FetchRefused, TooBusy.

        `party`: on whose behalf, where that is known (an issuer), so that one cannot use up what another may ask of the
        same host. `known`: this address was of use before.
        """
        self.check(url)
        host = urlsplit(url).netloc.lower()
        if self._under_way >= AT_ONCE or not (known or self._may_ask(host, party)):
            raise TooBusy("Too much is asked of other servers at the moment; try again later.")
        self._under_way += 1
        self._new[host] += not known
        try:
            return await fetch(self._client, url, accept=accept, limit=limit, allow_loopback=self._allow_loopback)
        finally:
            self._under_way -= 1
            self._new[host] -= not known
            if not self._new[host]:
                del self._new[host]

    def _may_ask(self, host: str, party: str) -> bool:
        """Whether a host may be asked for one more new address; one that was not heard of for long begins anew."""
        if self._new.total() >= NEW_AT_ONCE or self._new[host] >= NEW_AT_ONE_HOST:
            return False
        now = self.clock()
        left, since = self._budgets.pop((host, party), (float(BURST), now))
        left = min(float(BURST), left + (now - since) * PER_SECOND)
        self._budgets[(host, party)] = (max(left - 1, 0.0), now)
        if len(self._budgets) > _HOSTS:
            self._budgets.popitem(last=False)
        return left >= 1


@dataclass(frozen=True, slots=True)
class _Known(Generic[T]):
    """What an address gave. Times are those of `Elsewhere.clock`."""

    value: T
    at: float
    until: float


class Remembered(Generic[T]):
    """What was read of documents elsewhere, by address.

    `read` makes a value of a document, and raises WerkpodError for one that is of no use. A value is kept as long as
    the answer's Cache-Control says, from `shortest` to `longest` seconds, `usual` where it says nothing; `count`
    addresses are kept, those that were asked for last; `patience`: seconds that a fetch may take.
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
        patience: float = DEADLINE,
    ) -> None:
        self._elsewhere, self._read, self._accept, self._limit = elsewhere, read, accept, limit
        self._count, self._shortest, self._usual, self._longest = count, shortest, usual, longest
        self._patience = patience
        self._known: OrderedDict[str, _Known[T]] = OrderedDict()
        self._failed: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def settled(self, url: str) -> bool:
        """Whether `get` would answer, or refuse, without a fetch."""
        now, known = self._elsewhere.clock(), self._known.get(url)
        return (known is not None and now < known.until) or self._failure(url, now) is not None

    async def get(self, url: str, *, newer_than: float | None = None, party: str = "") -> T:
        """The value of a document. Raises FetchRefused, again for a while for an address that was of no use; TooBusy.

        `newer_than`: fetch again where what is known is older than so many seconds, as for a key that is not in it; a
        failure to do so takes nothing away. `party`: see `Elsewhere.get`.
        """
        lock = self._locks.setdefault(url, asyncio.Lock())
        async with lock:
            known, now = self._known.get(url), self._elsewhere.clock()
            if known is not None:
                self._known.move_to_end(url)
                if now < known.until and (newer_than is None or now - known.at < newer_than):
                    return known.value
            elif (refused := self._failure(url, now)) is not None:
                raise FetchRefused(refused)
            try:
                found = await self._fetched(url, party, known is not None)
            except FetchRefused as error:
                if known is not None and now < known.until:
                    self._known[url] = replace(known, at=self._elsewhere.clock())
                    return known.value
                if not isinstance(error, TooBusy):
                    self._known.pop(url, None)
                    self._failed[url] = (error.detail, self._elsewhere.clock() + FAILED)
                    _trim(self._failed, self._count)
                raise
            self._failed.pop(url, None)
            self._known[url] = found
            _trim(self._known, self._count)
            return found.value

    def _failure(self, url: str, now: float) -> str | None:
        """Why an address is left alone now; None where it is not."""
        refused, until = self._failed.get(url, ("", 0.0))
        return refused if now < until else None

    async def _fetched(self, url: str, party: str, known: bool) -> _Known[T]:
        """Fetch and read. Raises FetchRefused."""
        try:
            async with asyncio.timeout(self._patience):
                found = await self._elsewhere.get(url, accept=self._accept, limit=self._limit, party=party, known=known)
        except TimeoutError:
            raise FetchRefused("The address did not answer in time.") from None
        try:
            if len(found.body) < _IN_A_THREAD:
                value = self._read(found)
            else:
                value = await asyncio.to_thread(self._read, found)
        except FetchRefused:
            raise
        except WerkpodError as error:
            raise FetchRefused(error.detail) from None
        now = self._elsewhere.clock()
        return _Known(value, now, now + self._lifetime(found.cache_control))

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


def _trim(table: OrderedDict[str, Any], most: int) -> None:
    if len(table) > most:
        table.popitem(last=False)
