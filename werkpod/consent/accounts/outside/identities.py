"""Which account a person of an outside provider is: a keyed hash to find it, and a sealed line for its owner."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from werkpod.consent.accounts.model import Account
from werkpod.consent.accounts.outside.model import OutsideProvider
from werkpod.consent.errors import IdentityTaken
from werkpod.pod.errors import PodUnavailable
from werkpod.pod.store.protocol import Database, Duplicate, Statement
from werkpod.pod.vault import SERVER, Vault

_PURPOSE = "outside-identity"


class _Record(msgspec.Struct, frozen=True):
    """The sealed part of a row."""

    provider: str
    label: str


@dataclass(frozen=True, slots=True)
class Linked:
    """A way to sign in that an account has. `key`: hexadecimal, for forms; `since`: Unix seconds."""

    key: str
    provider: str
    label: str
    since: float


class Identities:
    """The links between people of outside providers and accounts here.

    What a provider calls a person (a citizen service number, it may be) is never stored, not even sealed: only a keyed
    hash of issuer, role and that name. With the pod's keys gone, a link leads nowhere.
    """

    def __init__(self, database: Database, vault: Vault, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._vault, self._clock = database, vault, clock

    async def find(self, provider: OutsideProvider, subject: str) -> str | None:
        """The id of the account of this person, or None; None too for one whose pod is gone."""
        rows = await self._database.fetch(
            "SELECT pod FROM outside_identity WHERE hash = ?1", await self._hash(provider, subject)
        )
        if not rows:
            return None
        pod = str(rows[0][0])
        try:
            await self._vault.open(pod)
        except PodUnavailable:
            return None
        return pod

    async def link(self, account: Account, provider: OutsideProvider, subject: str) -> None:
        """From now on this person signs in to this account. Raises IdentityTaken where it is somebody else's way in."""
        key = await self._hash(provider, subject)
        known = await self.find(provider, subject)
        if known is not None:
            if known != account.id:
                raise IdentityTaken(f"Somebody at {provider.host} signs in to another account with this.")
            return
        vault = await self._vault.open(account.id)
        record = msgspec.json.encode(_Record(provider.name, provider.label))
        try:
            await self._database.write(
                Statement("DELETE FROM outside_identity WHERE hash = ?1", (key,)),  # of a pod that is gone
                Statement(
                    "INSERT INTO outside_identity (pod, hash, sealed, created) VALUES (?1, ?2, ?3, ?4)",
                    (account.id, key, vault.seal_record(_PURPOSE, key.hex(), record), self._clock()),
                ),
            )
        except Duplicate:
            raise IdentityTaken(f"Somebody at {provider.host} signs in to another account with this.") from None

    async def of(self, account: Account) -> list[Linked]:
        """The ways that an account has, oldest first."""
        rows = await self._database.fetch(
            "SELECT hash, sealed, created FROM outside_identity WHERE pod = ?1 ORDER BY created", account.id
        )
        vault = await self._vault.open(account.id)
        found = []
        for key, sealed, created in rows:
            name = bytes(key).hex()  # type: ignore[arg-type]
            record = msgspec.json.decode(vault.open_record(_PURPOSE, name, bytes(sealed)), type=_Record)  # type: ignore[arg-type]
            found.append(Linked(name, record.provider, record.label, float(created)))  # type: ignore[arg-type]
        return found

    async def unlink(self, account: Account, key: str) -> bool:
        """Take a way in away; whether it was there."""
        try:
            wanted = bytes.fromhex(key)
        except ValueError:
            return False
        (rows,) = await self._database.write(
            Statement("DELETE FROM outside_identity WHERE pod = ?1 AND hash = ?2 RETURNING hash", (account.id, wanted))
        )
        return bool(rows)

    async def _hash(self, provider: OutsideProvider, subject: str) -> bytes:
        parts = (provider.issuer, provider.role, provider.subject, subject)
        named = "".join(f"{len(part)}:{part}" for part in parts)  # length first: no two lists give one text
        return (await self._vault.open(SERVER)).lookup(_PURPOSE, named)
