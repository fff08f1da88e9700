"""What was told already, and what there is to tell. Asked of all pods at once, written for one pod at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from werkpod.consent.grants import GrantRecord
from werkpod.pod.store.protocol import Database, Duplicate, Statement

DAY = 86400.0
SOON, SOONER = 14 * DAY, 2 * DAY
"""How long before the end (seconds) there is a reminder."""
_WINDOWS = (("ends_2", 0.0, SOONER), ("ends_14", SOONER, SOON))
_AT_ONCE = 100

_DUE = """
SELECT g.pod, g.id, g.until FROM grants AS g
WHERE g.superseded = 0 AND g.revoked_at IS NULL AND g.until IS NOT NULL AND g.until > ?1 AND g.until <= ?2
  AND NOT EXISTS (
    SELECT 1 FROM reminders AS r WHERE r.pod = g.pod AND r.grant_id = g.id AND r.what = ?3 AND r.until = g.until
  )
LIMIT ?4
"""
_TOLD = "INSERT INTO reminders (pod, grant_id, what, until, at) VALUES (?1, ?2, ?3, ?4, ?5)"
_ASIDE = "SELECT what FROM reminders WHERE pod = ?1 AND grant_id = ?2 AND until = 0"
_HINT = "aside:"


@dataclass(frozen=True, slots=True)
class Due:
    """A grant that ends within `window` seconds and of which nothing was said yet. `until`: Unix seconds."""

    pod: str
    grant: str
    until: float
    what: str
    window: float


class Reminders:
    """The reminders of all pods."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    async def due(self) -> Sequence[Due]:
        """Some of what there is to tell, at most a hundred of each kind; none: all was told."""
        now = self._clock()
        return [
            Due(str(pod), str(grant), float(str(until)), what, window)
            for what, least, window in _WINDOWS
            for pod, grant, until in await self._database.fetch(_DUE, now + least, now + window, what, _AT_ONCE)
        ]

    async def claim(self, due: Due) -> bool:
        """Note that it is told, before it is; False where another process was first. So it is told once at most."""
        try:
            values = (due.pod, due.grant, due.what, due.until, self._clock())
            await self._database.write(Statement(_TOLD, values))
        except Duplicate:
            return False
        return True

    async def put_aside(self, pod: str, grant_id: str, hint: str) -> None:
        """Say nothing of this kind any more, of this grant. Twice changes nothing."""
        try:
            await self._database.write(Statement(_TOLD, (pod, grant_id, _HINT + hint, 0.0, self._clock())))
        except Duplicate:
            return

    async def aside(self, pod: str, grant_id: str) -> frozenset[str]:
        """The kinds of hints that were put aside for a grant."""
        rows = await self._database.fetch(_ASIDE, pod, grant_id)
        return frozenset(str(what).removeprefix(_HINT) for (what,) in rows)


def worth_telling(grant: GrantRecord, due: Due) -> bool:
    """Whether somebody would want to know: it lasts long enough that the end is not what was just agreed.

    Not for a link (who has it may be anybody), for one time, or for a tool of one's own.
    """
    lasting = (grant.until or 0.0) - grant.not_before
    return (
        grant.until == due.until
        and grant.receiver_kind in ("coach", "employer", "app")
        and not grant.once
        and lasting >= 2 * due.window
    )
