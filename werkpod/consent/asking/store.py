"""What citizens were asked, and whom they block: rows under the keys of their own pods.

States: 0 waits; 1 the citizen asked why; 2 approved; 3 refused; 4 withdrawn by the asker; 5 hidden, because the citizen
blocked the asker: for the asker that is as if it still waits. What is over in time is told by `expires` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

import msgspec

from werkpod.consent.asking.errors import AskClosed, AskGone
from werkpod.consent.asking.model import Ask, Blocked, Content, Kind, State, Talk
from werkpod.pod.store.protocol import Database, Duplicate, ExpectationFailed, Row, Statement
from werkpod.pod.vault import PodVault, Vault

WAITING, QUESTION, APPROVED, REFUSED, WITHDRAWN, HIDDEN = range(6)
_STATES: dict[int, State] = {
    WAITING: "waiting", QUESTION: "question", APPROVED: "approved", REFUSED: "refused", WITHDRAWN: "withdrawn",
}  # fmt: skip
WAITING_MOST = 40
"""Requests that wait at one citizen at once; what is more stays with its asker until there is room."""
_LISTED = 200
Put = Literal["new", "there", "never", "later"]
"""What became of laying a request before a citizen. "never": the asker is blocked; "later": too many wait."""

_ROOM = "(SELECT COUNT(*) FROM access_request WHERE pod = ?1 AND state IN (0, 1) AND expires > ?4) < ?7"
_FREE = "NOT EXISTS (SELECT 1 FROM access_block WHERE pod = ?1 AND asker = ?3)"
_INSERT = (
    "INSERT INTO access_request (pod, id, asker, state, created, expires, sealed) "
    f"SELECT ?1, ?2, ?3, 0, ?4, ?5, ?6 WHERE {_ROOM} AND {_FREE}"
)
_ROWS = "SELECT id, state, turn, expires, sealed, talk FROM access_request WHERE pod = ?1 AND state <> 5"
_MOVE = (
    "UPDATE access_request SET state = ?4, turn = turn + 1, talk = ?5 "
    "WHERE pod = ?1 AND id = ?2 AND turn = ?3 AND state IN (0, 1) AND expires > ?6"
)
_COUNT = "SELECT COUNT(*) FROM access_request WHERE pod = ?1 AND state = 0 AND expires > ?2"
_HIDE = "UPDATE access_request SET state = 5, turn = turn + 1 WHERE pod = ?1 AND asker = ?2 AND state IN (0, 1)"
_BLOCK = (
    "INSERT INTO access_block (pod, asker, created, sealed) SELECT ?1, ?2, ?3, ?4 "
    "WHERE NOT EXISTS (SELECT 1 FROM access_block WHERE pod = ?1 AND asker = ?2)"
)
_WITHDRAW = "UPDATE access_request SET state = 4, turn = turn + 1 WHERE pod = ?1 AND id = ?2 AND state IN (0, 1)"


class _Who(msgspec.Struct, frozen=True):
    """The sealed part of a block."""

    asker: str
    kind: Kind
    name: str


class Received:
    """The requests at citizens' pods."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database, self._vault = database, vault

    async def put(self, pod: str, ask_id: str, content: Content, now: float, *beside: Statement) -> Put:
        """Lay a request before a citizen, with `beside` in the same unit. Twice is once."""
        vault = await self._vault.open(pod)
        sealed = vault.seal_record("access-request", ask_id, msgspec.msgpack.encode(content))
        asker = vault.lookup("access-asker", content.asker)
        row = (pod, ask_id, asker, now, content.expires, sealed, WAITING_MOST)
        try:
            await self._database.write(Statement(_INSERT, row, rows=1), *beside)
        except Duplicate:
            return "there"
        except ExpectationFailed:
            if await self._database.fetch(
                "SELECT 1 FROM access_request WHERE pod = ?1 AND id = ?2", pod, ask_id
            ):  # fmt: skip
                return "there"
            return "never" if await self.blocks(pod, content.asker) else "later"
        return "new"

    async def get(self, pod: str, ask_id: str, now: float) -> Ask:
        """A request. Raises AskGone, also for one that is hidden."""
        vault = await self._vault.open(pod)
        rows = await self._database.fetch(_ROWS + " AND id = ?2", pod, ask_id)
        if not rows:
            raise AskGone(f"There is no request {ask_id[:40]!r} here.")
        return _opened(vault, rows[0], now)

    async def list(self, pod: str, now: float) -> Sequence[Ask]:
        """The newest requests of a citizen, answered ones too."""
        vault = await self._vault.open(pod)
        rows = await self._database.fetch(_ROWS + " ORDER BY id DESC LIMIT ?2", pod, _LISTED)
        return [_opened(vault, row, now) for row in rows]

    async def count(self, pod: str, now: float) -> int:
        """How many wait for the citizen's answer."""
        return int(cast("int", (await self._database.fetch(_COUNT, pod, now))[0][0]))

    async def move(self, pod: str, ask: Ask, to: int, talk: Talk, now: float) -> Statement:
        """The statement by which an open request goes on, as it was when it was read and not otherwise."""
        vault = await self._vault.open(pod)
        sealed = vault.seal_record("access-talk", ask.id, msgspec.msgpack.encode(talk))
        return Statement(_MOVE, (pod, ask.id, ask.turn, to, sealed, now), rows=1)

    async def moved(self, statement: Statement, *beside: Statement) -> None:
        """Carry one of those out, with `beside` in the same unit. Raises AskClosed: something else happened first."""
        try:
            await self._database.write(statement, *beside)
        except ExpectationFailed:
            raise AskClosed("The request was answered, withdrawn or over meanwhile.") from None

    async def withdraw(self, pod: str, ask_id: str) -> None:
        """The asker takes it back; nothing changes where it is not open."""
        await self._database.write(Statement(_WITHDRAW, (pod, ask_id)))

    # Blocking

    async def block(self, pod: str, content: Content, now: float, *beside: Statement) -> None:
        """Never show anything of this asker again; what waits goes out of sight. Twice is once."""
        vault = await self._vault.open(pod)
        asker = vault.lookup("access-asker", content.asker)
        who = msgspec.msgpack.encode(_Who(content.asker, content.kind, content.name))
        sealed = vault.seal_record("access-block", asker.hex(), who)
        statements = Statement(_BLOCK, (pod, asker, now, sealed)), Statement(_HIDE, (pod, asker))
        await self._database.write(*statements, *beside)

    async def unblock(self, pod: str, mark: str, *beside: Statement) -> None:
        """Let somebody who is blocked ask again; what they asked meanwhile stays out of sight."""
        sql = "DELETE FROM access_block WHERE pod = ?1 AND asker = ?2"
        await self._database.write(Statement(sql, (pod, bytes.fromhex(mark))), *beside)

    async def blocks(self, pod: str, asker: str) -> bool:
        """Whether a citizen blocks this WebID."""
        mark = (await self._vault.open(pod)).lookup("access-asker", asker)
        sql = "SELECT 1 FROM access_block WHERE pod = ?1 AND asker = ?2"
        return bool(await self._database.fetch(sql, pod, mark))

    async def blocked(self, pod: str) -> Sequence[Blocked]:
        """Whom a citizen blocks, the last one first."""
        vault = await self._vault.open(pod)
        sql = "SELECT asker, created, sealed FROM access_block WHERE pod = ?1 ORDER BY created DESC LIMIT ?2"
        found = []
        for row in await self._database.fetch(sql, pod, _LISTED):
            asker, created, sealed = cast("tuple[bytes, float, bytes]", row)
            who = msgspec.msgpack.decode(vault.open_record("access-block", asker.hex(), sealed), type=_Who)
            found.append(Blocked(asker.hex(), who.asker, who.kind, who.name, created))
        return found


def _opened(vault: PodVault, row: Row, now: float) -> Ask:
    ask_id, state, turn, expires, sealed, talk = cast("tuple[str, int, int, float, bytes, bytes | None]", row)
    raw = vault.open_record("access-request", ask_id, sealed)
    said = Talk()
    if talk is not None:
        said = msgspec.msgpack.decode(vault.open_record("access-talk", ask_id, talk), type=Talk)
    over = state in (WAITING, QUESTION) and expires <= now
    content = msgspec.msgpack.decode(raw, type=Content)
    return Ask(ask_id, "expired" if over else _STATES[state], turn, content, said, raw)
