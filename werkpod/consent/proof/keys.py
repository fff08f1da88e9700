"""The keys that sign proofs: apart from those of tokens, because these are kept and published for ever.

A key signs for a year and then gets a successor, which is published `LEAD` seconds before. Once its successor signs,
its private half is taken out of the database: who steals that cannot make an old proof. Its public half stays.
Sealed under the server's own keys, times included, so that nobody can put one beside them in the database.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from joserfc.jwk import ECKey

from werkpod.consent.proof.checking import Checked, PublicKey, PublicKeys, sign
from werkpod.consent.proof.errors import ProofRefused
from werkpod.pod.store.protocol import Database, Duplicate, Statement
from werkpod.pod.vault import SERVER, Vault

POLL = 60.0
"""Seconds until a running server sees a key that was made beside it."""
LEAD = 900.0
"""Seconds from a key's publication to its first signature, and from its last to the end of its private half."""
DAYS = 365
"""How long a key signs."""
_PURPOSE = "proof-key"
_SELECT = "SELECT slot, sealed FROM proof_key WHERE pod = ?1 ORDER BY slot"
_INSERT = "INSERT INTO proof_key (pod, slot, sealed) VALUES (?1, ?2, ?3)"
_UPDATE = "UPDATE proof_key SET sealed = ?3 WHERE pod = ?1 AND slot = ?2"


class _Kept(msgspec.Struct, frozen=True):
    """What is sealed of a key."""

    jwk: dict[str, Any]
    signs: float
    revoked: float | None = None


@dataclass(frozen=True, slots=True)
class ProofKey:
    """A key and its place. `signs`: from when it signs, Unix seconds; `private`: whether it still can."""

    slot: int
    key: ECKey
    signs: float
    private: bool
    revoked: float | None

    @property
    def kid(self) -> str:
        """The key's id: its thumbprint (RFC 7638)."""
        return str(self.key.kid)


class ProofKeys:
    """The proof keys of this server. Signing and checking cost no look-up (ES256: some 0.1 ms), so they may stand in
    the event loop; `fresh` reads the table again."""

    def __init__(self, database: Database, vault: Vault, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._vault, self._clock = database, vault, clock
        self._keys: list[ProofKey] = []
        self._public = PublicKeys(())
        self._read = 0.0

    @classmethod
    async def load(cls, database: Database, vault: Vault, *, clock: Callable[[], float] = time.time) -> ProofKeys:
        """The keys of consent.db; makes the first."""
        await vault.ensure(SERVER)
        keys = cls(database, vault, clock=clock)
        await keys._reread()
        if not keys._keys:
            await keys._make(0, clock())
        return keys

    def sign(self, payload: bytes, *, typ: str, cty: str | None = None) -> str:
        """A proof over these very bytes: a JWS in compact form; `typ` says what it is, `cty` what the payload is."""
        now = self._clock()
        key = next((held for held in reversed(self._keys) if held.signs <= now), self._keys[0])
        return sign(payload, key.key, typ=typ, cty=cty, at=int(max(now, key.signs)))

    def verify(self, signed: str, *, typ: str, payload: bytes | None = None) -> Checked:
        """What was signed, by which key, when; `payload` where it is detached. Raises ProofRefused."""
        return self._public.check(signed, typ, payload=payload)

    @property
    def public(self) -> PublicKeys:
        """Every key that ever signed, and the one that will."""
        return self._public

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public keys, as published, oldest first (RFC 7517, section 5)."""
        return {"keys": [key.published() for key in self._listed()]}

    async def fresh(self) -> None:
        """Read the keys again where that was long ago; make a successor; forget private halves that are over."""
        now = self._clock()
        if abs(now - self._read) < POLL:
            return
        await self._reread()
        last = self._keys[-1]
        if now - last.signs >= DAYS * 86400.0:
            await self._make(last.slot + 1, now + LEAD)
        for held, after in zip(self._keys, self._keys[1:], strict=False):
            if held.private and after.signs + LEAD <= now:
                await self._keep(held, revoked=held.revoked)

    async def rotate(self, *, stolen: bool = False) -> ProofKey:
        """Make a new key, which signs after LEAD seconds. Idempotent while a new key waits.

        `stolen`: it signs at once, and what the one before it signed is not to be trusted any more; other processes of
        the server know within POLL seconds.
        """
        await self._reread()
        now = self._clock()
        waiting = self._keys[-1] if self._keys[-1].signs > now else None
        if waiting is not None and not stolen:
            return waiting
        before = [held for held in self._keys if held.private]
        made = await self._make(self._keys[-1].slot + 1, now if stolen else now + LEAD)
        if stolen:
            for held in before:
                await self._keep(held, revoked=now)
        return made

    def _listed(self) -> list[PublicKey]:
        """Each key with the time in which it signs: to where its successor begins."""
        ends = [*(held.signs for held in self._keys), None][1:] if self._keys else []
        return [
            PublicKey(held.key, int(held.signs), None if end is None else int(end), _whole(held.revoked))
            for held, end in zip(self._keys, ends, strict=True)
        ]

    async def _reread(self) -> None:
        server = await self._vault.open(SERVER)
        found = []
        for row in await self._database.fetch(_SELECT, SERVER):
            slot, sealed = cast("tuple[int, bytes]", row)
            kept = msgspec.json.decode(server.open_record(_PURPOSE, str(slot), sealed), type=_Kept)
            key = ECKey.import_key(kept.jwk)
            key.ensure_kid()  # RFC 7638 thumbprint
            found.append(ProofKey(slot, key, kept.signs, "d" in kept.jwk, kept.revoked))
        self._keys, self._read = found, self._clock()
        self._public = PublicKeys(self._listed())

    async def _make(self, slot: int, signs: float) -> ProofKey:
        """A key at this place: ours, or that of another process which was first."""
        made = ECKey.generate_key("P-256", private=True)
        sealed = await self._sealed(slot, _Kept(dict(made.as_dict(private=True)), signs))
        with contextlib.suppress(Duplicate):  # another process was first: use its key
            await self._database.write(Statement(_INSERT, (SERVER, slot, sealed)))
        await self._reread()
        return next(held for held in self._keys if held.slot == slot)

    async def _keep(self, held: ProofKey, *, revoked: float | None) -> None:
        """Keep the public half alone."""
        sealed = await self._sealed(held.slot, _Kept(dict(held.key.as_dict(private=False)), held.signs, revoked))
        await self._database.write(Statement(_UPDATE, (SERVER, held.slot, sealed)))
        await self._reread()

    async def _sealed(self, slot: int, kept: _Kept) -> bytes:
        server = await self._vault.open(SERVER)
        return server.seal_record(_PURPOSE, str(slot), msgspec.json.encode(kept))


def _whole(at: float | None) -> int | None:
    return None if at is None else int(at)


__all__ = ["DAYS", "LEAD", "POLL", "ProofKey", "ProofKeys", "ProofRefused"]
