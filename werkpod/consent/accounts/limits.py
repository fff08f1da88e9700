"""How often one may try: windows in memory, one table of limits.

A limit is about guessing, not about load: it counts tries at a secret, for the name that is tried and for the address
that tries. A desk in a town hall is one address with many people behind it, so the limits of an address are wide.
"""

from __future__ import annotations

import ipaddress
import math
import time

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter

LIMITS = {
    "sign-in-name": "10 per 10 minutes",
    "sign-in-address": "300 per 10 minutes",
    "recovery-name": "5 per 30 minutes",
    "recovery-address": "50 per 30 minutes",
    "sign-up-address": "60 per 10 minutes",
    "token-failures": "300 per 1 minute",
    "token-client-failures": "300 per 1 minute",
    "link-address": "60 per 1 minute",
    "client-document": "60 per 1 minute",
    "registration-address": "120 per 10 minutes",
    "pushed-address": "600 per 1 minute",
}
"""What is limited, and how; for a name or an address each."""
_OF_ADDRESSES = frozenset(name for name in LIMITS if name.endswith("-address")) | {"token-failures"}


class Limiter:
    """Counts tries in fixed windows (the moving windows of `limits` walk every key in a thread at each try).

    One process's own memory: a restart forgets, which costs a guesser more than it gives.
    """

    def __init__(self, limits: dict[str, str] | None = None) -> None:
        self._items: dict[str, RateLimitItem] = {name: parse(text) for name, text in (limits or LIMITS).items()}
        self._windows = FixedWindowRateLimiter(MemoryStorage())

    async def wait(self, what: str, whom: str) -> int:
        """Count a try of `whom` at `what` (a key of LIMITS); seconds to wait when there were too many, else 0."""
        item, whom = self._items[what], _counted(what, whom)
        if await self._windows.hit(item, what, whom):
            return 0
        reset, _ = await self._windows.get_window_stats(item, what, whom)
        return max(1, math.ceil(reset - time.time()))

    async def full(self, what: str, whom: str) -> int:
        """Seconds to wait when `whom` has no try left at `what`, else 0; counts nothing."""
        item, whom = self._items[what], _counted(what, whom)
        if await self._windows.test(item, what, whom):
            return 0
        reset, _ = await self._windows.get_window_stats(item, what, whom)
        return max(1, math.ceil(reset - time.time()))

    async def forgive(self, what: str, whom: str) -> None:
        """Forget the tries of `whom` at `what`: the last one was right."""
        await self._windows.clear(self._items[what], what, _counted(what, whom))


def _counted(what: str, whom: str) -> str:
    """Whom a try counts for: of an IPv6 address its network, as whoever has one of those has 2^64 (RFC 4291, 2.5.4)."""
    if what not in _OF_ADDRESSES or ":" not in whom:
        return whom
    try:
        address = ipaddress.IPv6Address(whom.partition("%")[0])
    except ValueError:
        return whom
    return str(address.ipv4_mapped or ipaddress.IPv6Network((address, 64), strict=False))
