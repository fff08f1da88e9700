"""Grants end by themselves, without anybody doing anything; this notices it and has it written down, once.

The grants are gone through in the order of their ends, some at a time, from where the last round came to: a round over
100,000 grants of which none ended is one look into an index. Once a day all of them are gone through again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast

import anyio
import anyio.lowlevel
import structlog

from werkpod.consent.grants import GrantNotFound, Grants
from werkpod.consent.receipts.receipts import EXPIRED
from werkpod.pod.errors import PodUnavailable
from werkpod.pod.store.protocol import Database

SECONDS = 60.0
"""How often; nobody gets anything after the end of a grant, so this is for the receipt alone."""
_OVERLAP = 3600.0
"""How far a round goes back before the last one: other processes' clocks, grants that were made to end just now."""
_WHOLE = 86400.0
_AT_ONCE = 200
_ENDED = (
    "SELECT g.pod, g.id, g.until,"  # noqa: S608 (no value in it)
    " EXISTS (SELECT 1 FROM receipt AS r WHERE r.pod = g.pod AND r.grant_id = g.id AND r.version = g.version"
    f" AND r.kind = {EXPIRED})"
    " FROM grants AS g WHERE g.superseded = 0 AND g.revoked_at IS NULL AND g.until IS NOT NULL AND g.until <= ?1"
    " AND (g.until, g.pod, g.id) > (?2, ?3, ?4) ORDER BY g.until, g.pod, g.id LIMIT ?5"
)

log = structlog.get_logger("werkpod.consent.receipts")


class Expiry:
    """Notices what ended. Any number of processes may do so at once: the row of the receipt is the mark."""

    def __init__(self, database: Database, grants: Grants, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._grants, self._clock = database, grants, clock
        self._from, self._whole = 0.0, 0.0

    async def run(self) -> int:
        """One round; how many grants it wrote the end of."""
        now = self._clock()
        if now - self._whole >= _WHOLE:
            self._from, self._whole = 0.0, now
        place: tuple[float, str, str] = (self._from, "", "")
        ended = 0
        while rows := await self._database.fetch(_ENDED, now, *place, _AT_ONCE):
            for pod, grant, _, done in cast("list[tuple[str, str, float, int]]", rows):
                if not done:
                    ended += await self._end(pod, grant)
            last = cast("tuple[str, str, float, int]", rows[-1])
            place = (last[2], last[0], last[1])
            await anyio.lowlevel.checkpoint()  # let requests through
        self._from = now - _OVERLAP
        return ended

    async def _end(self, pod: str, grant: str) -> bool:
        try:
            return await self._grants.expire(pod, grant)
        except (GrantNotFound, PodUnavailable):  # changed meanwhile, or the pod was erased
            return False
