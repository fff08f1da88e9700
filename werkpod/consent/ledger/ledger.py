"""The access log: who looked at what, when, with which app, under which grant, and what was refused. Never values.

Each pod has a chain: hash(n) = SHA-256(hash(n-1) || sealed(n)), and hash(0) = SHA-256 of a fixed text and the pod. A
line that is changed, taken out or moved breaks the chain at its place; lines cut off at the end are found by comparing
the head with one that was noted elsewhere (`Ledger.head`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import msgspec

from werkpod.pod.access.model import AccessEntry
from werkpod.pod.errors import IntegrityError
from werkpod.pod.store import Duplicate, Statement
from werkpod.pod.store.sqlite import SqliteDatabase
from werkpod.pod.vault import Vault
from werkpod.web.errors import Unavailable

_INSERT = "INSERT INTO ledger (pod, seq, sealed, hash) VALUES (?1, ?2, ?3, ?4)"
_HEAD = "SELECT seq, hash FROM ledger WHERE pod = ?1 ORDER BY seq DESC LIMIT 1"
_PAGE = "SELECT seq, sealed FROM ledger WHERE pod = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3"
_CHAIN = "SELECT seq, sealed, hash FROM ledger WHERE pod = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"
_LAST = 1 << 62
_TRIES = 5

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a pod's log: its number, from 1, and what it says."""

    seq: int
    entry: AccessEntry


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain stands: the number of the last line (0: none) and its hash, 32 bytes."""

    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of `verify`: how many lines hold, and the number of the first that does not (None: all hold)."""

    lines: int
    broken_at: int | None = None


class Ledger:
    """The log of all pods, in a database of its own: written at once, on disk within a second (`execute_now`)."""

    def __init__(self, database: SqliteDatabase, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._heads: dict[str, Head] = {}

    def record(self, pod: str, entry: AccessEntry) -> None:
        """Write a line; it survives a crash of the process when this returns. Raises Unavailable: read nothing."""
        vault = _at_once(self._vault.look(pod))
        plain = msgspec.msgpack.encode(entry)
        for _ in range(_TRIES):
            head = self._heads.get(pod) or self._read_head(pod)
            seq = head.seq + 1
            sealed = vault.seal_entry(str(seq), plain)
            digest = hashlib.sha256(head.hash + sealed).digest()
            try:
                self._database.execute_now(Statement(_INSERT, (pod, seq, sealed, digest)))
            except Duplicate:  # another process wrote a line in between
                self._heads.pop(pod, None)
                continue
            self._heads[pod] = Head(seq, digest)
            return
        raise Unavailable("The access log could not be written; nothing was read.")

    async def entries(self, pod: str, limit: int = 100, before: int | None = None) -> Sequence[LogLine]:
        """Lines of a pod, newest first, numbered below `before`. Raises IntegrityError (a line does not open)."""
        vault = await self._vault.open(pod)
        found = []
        for row in await self._database.fetch(_PAGE, pod, _LAST if before is None else before, limit):
            seq, sealed = cast("tuple[int, bytes]", row)
            found.append(LogLine(seq, msgspec.msgpack.decode(vault.open_entry(str(seq), sealed), type=AccessEntry)))
        return found

    async def head(self, pod: str) -> Head:
        """Where the chain of a pod stands now."""
        return self._read_head(pod)

    async def verify(self, pod: str) -> Verdict:
        """Walk the whole chain of a pod: numbers without a gap, hashes that follow, lines that open."""
        vault = await self._vault.open(pod)
        seq, digest = 0, _origin(pod)
        while rows := await self._database.fetch(_CHAIN, pod, seq, 500):
            for row in rows:
                number, sealed, kept = cast("tuple[int, bytes, bytes]", row)
                digest = hashlib.sha256(digest + sealed).digest()
                if number != seq + 1 or kept != digest:
                    return Verdict(seq, broken_at=seq + 1)
                try:
                    vault.open_entry(str(number), sealed)
                except IntegrityError:
                    return Verdict(seq, broken_at=seq + 1)
                seq = number
        return Verdict(seq)

    def _read_head(self, pod: str) -> Head:
        rows = self._database.fetch_now(_HEAD, pod)
        return Head(*cast("tuple[int, bytes]", rows[0])) if rows else Head(0, _origin(pod))


def _origin(pod: str) -> bytes:
    return hashlib.sha256(b"werkpod/ledger/1" + pod.encode()).digest()


def _at_once(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """The result of a coroutine that does not wait: reads of SQLite are answered in the event loop (`Database`).

    Raises Unavailable for one that does wait, because the log is written before the answer leaves or not at all.
    """
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: _T = done.value
        return result
    coroutine.close()
    raise Unavailable("The keys of the access log did not answer at once; nothing was read.")
