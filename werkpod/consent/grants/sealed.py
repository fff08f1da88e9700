"""Grants as rows of the database: sealed records on one side, values on the other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import cast

import msgspec

from werkpod.consent.grants.compiling import to_access
from werkpod.consent.grants.record import GrantRecord
from werkpod.pod.access.model import Grant
from werkpod.pod.store.protocol import Row, Statement
from werkpod.pod.vault import PodVault

_INSERT = (
    "INSERT INTO grants (pod, id, version, agent, client, until, revoked_at, sealed) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
)
_HOLD = "INSERT INTO grant_held (pod, agent, id) VALUES (?1, ?2, ?3)"
_LET_GO = "DELETE FROM grant_held WHERE pod = ?1 AND agent = ?2 AND id = ?3"
_REMEMBERED = 4096
_DECODER = msgspec.msgpack.Decoder(GrantRecord)


class Opened:
    """A version of a grant, opened. What it means at the pod is worked out when that is asked for."""

    __slots__ = ("_access", "record")

    def __init__(self, record: GrantRecord) -> None:
        self.record = record
        self._access: Grant | None = None

    @property
    def access(self) -> Grant:
        """The grant as the access decision sees it."""
        if self._access is None:
            self._access = to_access(self.record)
        return self._access


class Sealing:
    """Makes rows of records, and records of rows. A version never changes, so an opened one may be remembered."""

    def __init__(self) -> None:
        self._opened: OrderedDict[tuple[str, str, int], Opened] = OrderedDict()

    @staticmethod
    def insert(vault: PodVault, record: GrantRecord) -> Statement:
        """The row of a version."""
        sealed = vault.seal_record("grant", f"{record.id}.{record.version}", msgspec.msgpack.encode(record))
        agent = record.agent and vault.lookup("grant-agent", record.agent)
        client = record.client and vault.lookup("grant-client", record.client)
        values = (record.pod, record.id, record.version, agent, client, record.until, record.revoked_at, sealed)
        return Statement(_INSERT, values)

    @staticmethod
    def hold(vault: PodVault, record: GrantRecord) -> Sequence[Statement]:
        """That an agent holds a grant from now on; nothing for one to no agent, which only its token leads to."""
        return _held(_HOLD, vault, record)

    @staticmethod
    def let_go(vault: PodVault, record: GrantRecord) -> Sequence[Statement]:
        """That an agent holds it no longer."""
        return _held(_LET_GO, vault, record)

    def open(self, vault: PodVault, row: Row) -> Opened:
        """The version in a row (id, version, sealed). Raises IntegrityError."""
        grant_id, version, sealed = cast("tuple[str, int, bytes]", row)
        key = (vault.pod, grant_id, version)
        known = self._opened.get(key)
        if known is not None:
            self._opened.move_to_end(key)
            return known
        plain = vault.open_record("grant", f"{grant_id}.{version}", sealed)
        self._opened[key] = known = Opened(_DECODER.decode(plain))
        if len(self._opened) > _REMEMBERED:
            self._opened.popitem(last=False)
        return known


def _held(sql: str, vault: PodVault, record: GrantRecord) -> Sequence[Statement]:
    if record.agent is None:
        return ()
    return (Statement(sql, (record.pod, vault.lookup("grant-agent", record.agent), record.id)),)
