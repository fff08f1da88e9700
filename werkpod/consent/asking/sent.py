"""What askers asked: their own copies, and the limits of asking.

A copy is there whoever was asked, and it is what a request is answered with; whether there is anybody at the other
end is looked at afterwards. So asking costs the same, and says the same, whoever it is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import msgspec

from werkpod.consent.asking.errors import AskedTooOften, AskGone
from werkpod.consent.asking.model import DAY, Asker, Content
from werkpod.pod.errors import PodUnavailable
from werkpod.pod.store.protocol import Database, ExpectationFailed, Row, Statement
from werkpod.pod.vault import SERVER, PodVault, Vault

OWN_A_DAY, STRANGER_A_DAY = 60, 5
"""Requests of one asker in 24 hours: with an account here, and from elsewhere."""
PLACE_A_DAY, STRANGERS_A_DAY = 50, 500
"""Those of everybody from one other server, and of everybody from elsewhere: WebIDs cost nothing to make."""
WAITING_AT_ONE, AT_ONE_A_MONTH = 3, 6
"""Requests of one asker that wait at one citizen at once, and that were sent to one citizen in 30 days."""
LISTED = 200
_KEPT = 90 * DAY
"""Seconds that a copy of a stranger's request stays after it is over."""

_INSERT = (
    "INSERT INTO access_request_sent (pod, id, asker, origin, receiver, created, expires, sealed) "
    "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8"
)
_FROM = " FROM access_request_sent WHERE pod = ?1 AND "
_BY_ASKER = "SELECT COUNT(*)" + _FROM + "asker = ?2 AND id >= ?3"
_BY_ORIGIN = "SELECT COUNT(*)" + _FROM + "origin = ?2 AND created > ?3"
_BY_ALL = "SELECT COUNT(*)" + _FROM + "id >= ?2"
_TO_ONE = "SELECT COUNT(*)" + _FROM + "receiver = ?2 AND created > ?3"
_WAIT_AT_ONE = "SELECT COUNT(*)" + _FROM + "receiver = ?2 AND closed = 0 AND withdrawn IS NULL AND expires > ?3"
_COPY = "SELECT id, pod, expires, withdrawn, delivered, giver, sealed FROM access_request_sent"


@dataclass(frozen=True, slots=True)
class Copy:
    """An asker's copy. `pod`: whose keys it is under; `delivered`: 0 not yet, 1 to `giver`, 2 to nobody."""

    id: str
    pod: str
    content: Content
    expires: float
    withdrawn: float | None
    delivered: int
    giver: str | None


class Copies:
    """The copies of all askers."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    async def add(self, asker: Asker, ask_id: str, content: Content, now: float) -> Copy:
        """Keep a copy, on disk when it returns. Raises AskedTooOften: nothing is kept.

        The limits are looked at beforehand and by the statement itself for the one that a race could pass by far.
        """
        pod = asker.pod or SERVER
        vault, server = await self._vault.open(pod), await self._vault.open(SERVER)
        own, origin = server.lookup("access-asker", asker.webid), server.lookup("access-origin", content.host)
        receiver = server.lookup("access-pair", f"{asker.webid} {content.to}")
        await self._check(asker, pod, own, origin, receiver, now)
        sealed = vault.seal_record("access-sent", ask_id, msgspec.msgpack.encode(content))
        row = (pod, ask_id, own, origin, receiver, now, content.expires, sealed)
        most = OWN_A_DAY if asker.pod else STRANGER_A_DAY
        room = " WHERE (SELECT COUNT(*) FROM access_request_sent WHERE pod = ?1 AND asker = ?3 AND created > ?9) < ?10"
        room += (
            " AND (SELECT COUNT(*) FROM access_request_sent WHERE pod = ?1 AND receiver = ?5 AND closed = 0"
            " AND withdrawn IS NULL AND expires > ?6) < ?11"
        )
        try:
            await self._database.write(Statement(_INSERT + room, (*row, now - DAY, most, WAITING_AT_ONE), rows=1))
        except ExpectationFailed:
            raise AskedTooOften("You have asked too often; wait for the answers.", int(DAY)) from None
        return Copy(ask_id, pod, content, content.expires, None, 0, None)

    async def _check(
        self, asker: Asker, pod: str, own: bytes, origin: bytes, receiver: bytes, now: float
    ) -> None:  # fmt: skip
        since = _first_id(now - DAY)
        most = OWN_A_DAY if asker.pod else STRANGER_A_DAY
        if await self._count(_BY_ASKER, pod, own, since) >= most:
            raise AskedTooOften(f"You asked {most} times in 24 hours, which is the most. Try again tomorrow.", int(DAY))
        if await self._count(_WAIT_AT_ONE, pod, receiver, now) >= WAITING_AT_ONE:
            raise AskedTooOften(
                f"{WAITING_AT_ONE} of your requests wait for this person already. Wait for an answer, or withdraw one.",
                int(DAY),
            )
        if await self._count(_TO_ONE, pod, receiver, now - 30 * DAY) >= AT_ONE_A_MONTH:
            raise AskedTooOften(
                f"You asked this person {AT_ONE_A_MONTH} times in 30 days, which is the most.", int(DAY)
            )  # fmt: skip
        if asker.pod is None and (
            await self._count(_BY_ORIGIN, pod, origin, now - DAY) >= PLACE_A_DAY
            or await self._count(_BY_ALL, pod, since) >= STRANGERS_A_DAY
        ):
            raise AskedTooOften("Too much was asked from other servers today. Try again tomorrow.", int(DAY))

    async def _count(self, sql: str, *params: str | bytes | float) -> int:
        return int(cast("int", (await self._database.fetch(sql, *params))[0][0]))

    async def asked_by(self, pod: str, webid: str, since: float) -> int:
        """How many requests a WebID sent since a time; `pod`: of its account here, or the server's."""
        asker = (await self._vault.open(SERVER)).lookup("access-asker", webid)
        return await self._count(_BY_ASKER, pod, asker, _first_id(since))

    async def list(self, asker: Asker) -> Sequence[Copy]:
        """The newest copies of an asker."""
        pod = asker.pod or SERVER
        vault, own = await self._own(asker)
        sql = _COPY + " WHERE pod = ?1 AND asker = ?2 ORDER BY id DESC LIMIT ?3"
        return [_opened(vault, row) for row in await self._database.fetch(sql, pod, own, LISTED)]

    async def get(self, asker: Asker, ask_id: str) -> Copy:
        """A copy of this asker. Raises AskGone, also for another's."""
        vault, own = await self._own(asker)
        sql = _COPY + " WHERE pod = ?1 AND asker = ?2 AND id = ?3"
        rows = await self._database.fetch(sql, asker.pod or SERVER, own, ask_id)
        if not rows:
            raise AskGone(f"You have no request {ask_id[:40]!r}.")
        return _opened(vault, rows[0])

    async def _own(self, asker: Asker) -> tuple[PodVault, bytes]:
        server = await self._vault.open(SERVER)
        return await self._vault.open(asker.pod or SERVER), server.lookup("access-asker", asker.webid)

    async def undelivered(self, before: float, after: str) -> Sequence[Copy]:
        """Copies that were made before a time and not delivered yet, with ids after `after`, a hundred at most.

        Of pods that are still here; a copy of another pod goes nowhere.
        """
        sql = _COPY + " WHERE delivered = 0 AND created < ?1 AND id > ?2 ORDER BY id LIMIT 100"
        found: list[Copy] = []
        for row in await self._database.fetch(sql, before, after):
            try:
                found.append(_opened(await self._vault.open(str(row[1])), row))
            except PodUnavailable:
                await self.delivered(str(row[1]), str(row[0]), None)
        return found

    async def delivered(self, pod: str, ask_id: str, giver: str | None) -> bool:
        """Note where a request lies now (None: nowhere). False where the asker took it back meanwhile."""
        sql = (
            "UPDATE access_request_sent SET delivered = ?3, giver = ?4 WHERE pod = ?1 AND id = ?2 AND withdrawn IS NULL"
        )
        try:
            await self._database.write(Statement(sql, (pod, ask_id, 2 if giver is None else 1, giver), rows=1))
        except ExpectationFailed:
            return False
        return True

    async def withdraw(self, copy: Copy, now: float) -> None:
        """The asker took it back; what was not delivered never will be."""
        sql = (
            "UPDATE access_request_sent SET withdrawn = coalesce(withdrawn, ?3), "
            "delivered = CASE delivered WHEN 0 THEN 2 ELSE delivered END WHERE pod = ?1 AND id = ?2"
        )
        await self._database.write(Statement(sql, (copy.pod, copy.id, now)))

    async def close(self, pod: str, ask_id: str) -> None:
        """It was answered, and does not count as waiting any more."""
        sql = "UPDATE access_request_sent SET closed = 1 WHERE pod = ?1 AND id = ?2"
        await self._database.write(Statement(sql, (pod, ask_id)))

    async def tidy(self, now: float) -> None:
        """Take away what strangers asked and what is over since long."""
        sql = "DELETE FROM access_request_sent WHERE pod = ?1 AND expires < ?2"
        await self._database.write(Statement(sql, (SERVER, now - _KEPT)))


def _first_id(at: float) -> str:
    """The lowest ULID of a time."""
    millis = max(0, int(at * 1000))
    return "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[(millis >> shift) & 31] for shift in range(45, -1, -5)) + "0" * 16


def _opened(vault: PodVault, row: Row) -> Copy:
    ask_id, pod, expires, withdrawn, delivered, giver, sealed = cast(
        "tuple[str, str, float, float | None, int, str | None, bytes]", row
    )
    content = msgspec.msgpack.decode(vault.open_record("access-sent", ask_id, sealed), type=Content)
    return Copy(ask_id, pod, content, expires, withdrawn, delivered, giver)
