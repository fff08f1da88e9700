"""The keys that sign tokens: ES256, the first made at the first start, kept sealed under the server's own keys.

**Rotation with overlap.** A new key is published `LEAD` seconds before it signs, longer than anybody may keep
`/oauth/jwks` (`KEPT`); the one before it stays published until `OVERLAP` seconds after it stopped, longer than any
token lives. When a key signs is written beside it, so all processes of a server change over at the same moment; each
reads the table again every `POLL` seconds. A key that is `days` old gets a successor by itself.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import msgspec
import structlog
from joserfc import jwt
from joserfc.jwk import ECKey

from werkpod.pod.store.protocol import Database, Duplicate, Statement
from werkpod.pod.vault import SERVER, Vault
from werkpod.web.errors import WerkpodError

log = structlog.get_logger("werkpod.consent")
ALGORITHM = "ES256"
KEPT = 300
"""Seconds that others may keep `/oauth/jwks` (its max-age)."""
POLL = 60.0
"""Seconds until a running server sees a key that was made beside it."""
LEAD = 900.0
"""Seconds from a key's publication to its first signature: more than KEPT and POLL together."""
OVERLAP = 3600.0
"""Seconds that a key stays published after its last signature: more than the life of a token (tokens.ACCESS_SECONDS)
and what clocks differ."""
DAYS = 90
"""How long a key signs when the operator says nothing else."""
_PURPOSE = "signing-key"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key and its place. `signs`: from when it signs, Unix seconds."""

    slot: int
    key: ECKey
    signs: float

    @property
    def kid(self) -> str:
        """The key's id: its thumbprint (RFC 7638)."""
        return str(self.key.kid)


class SigningKeys:
    """The signing keys of this server. What is asked of it costs no look-up; `fresh` reads the table again."""

    def __init__(
        self, database: Database, vault: Vault, *, clock: Callable[[], float] = time.time, days: int = DAYS
    ) -> None:
        self._database, self._vault, self._clock, self._days = database, vault, clock, days
        self._keys: list[SigningKey] = []
        self._read = 0.0

    @classmethod
    async def load(
        cls, database: Database, vault: Vault, *, clock: Callable[[], float] = time.time, days: int = DAYS
    ) -> SigningKeys:
        """The keys of consent.db; makes the first. `days`: how long a key signs; 0: until somebody says so."""
        await vault.ensure(SERVER)
        keys = cls(database, vault, clock=clock, days=days)
        await keys._reread()
        if not keys._keys:
            await keys._make(0, clock())
        return keys

    async def fresh(self) -> None:
        """Read the keys again where that was long ago; make a successor for one that is old, forget what is over."""
        now = self._clock()
        if abs(now - self._read) < POLL:
            return
        await self._reread()
        if self._days and now - self._keys[-1].signs >= self._days * 86400.0:
            await self._make(self._keys[-1].slot + 1, now + LEAD)
        if gone := [held.slot for held in self._keys if held not in self._published(now)]:
            await self._forget(gone)

    async def rotate(self, *, now: bool = False) -> SigningKey:
        """Make a new key: it signs after LEAD seconds, and the others stay for as long as their tokens live.

        `now`: for a key that somebody stole. The new one signs at once and the others are gone at once, with all tokens
        that they signed; other processes of the server know within POLL seconds. Idempotent while a new key waits.
        """
        await self._reread()
        at = self._clock()
        waiting = next((held for held in self._keys if held.signs > at), None)
        if waiting is not None and not now:
            return waiting
        before = [held.slot for held in self._keys]
        made = await self._make(before[-1] + 1, at if now else at + LEAD)
        if now:
            await self._forget(before)
        return made

    async def watch(self) -> None:
        """Keep the keys fresh, for as long as a server runs."""
        while True:
            await anyio.sleep(POLL)
            try:
                await self.fresh()
            except WerkpodError as error:  # the store does not answer: the next time is soon
                log.warning("signing_keys_unread", error=str(error))

    def sign(self, claims: Mapping[str, Any], *, typ: str) -> str:
        """A JWT over `claims` in compact form (RFC 7519); `typ` says what it is (RFC 8725, section 3.11)."""
        key = self.signer().key
        return jwt.encode({"alg": ALGORITHM, "typ": typ, "kid": key.kid}, dict(claims), key, algorithms=[ALGORITHM])

    def signer(self) -> SigningKey:
        """The key that signs now: the last whose time has come."""
        now = self._clock()
        return next((held for held in reversed(self._keys) if held.signs <= now), self._keys[0])

    def all(self) -> list[ECKey]:
        """The keys that verify what was signed here (for `pod.authn.tokens.OwnKeys`)."""
        return [held.key for held in self._published(self._clock())]

    def key(self, kid: str) -> ECKey | None:
        """The key with this id."""
        return next((key for key in self.all() if key.kid == kid), None)

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public keys, as published (RFC 7517, section 5)."""
        return {"keys": [dict(key.as_dict(private=False, use="sig", alg=ALGORITHM)) for key in self.all()]}

    def _published(self, now: float) -> list[SigningKey]:
        """All but those whose successor has signed for so long that no token of theirs is left."""
        ends = [held.signs + OVERLAP for held in self._keys[1:]]
        return [held for held, end in zip(self._keys, [*ends, now + 1], strict=True) if end > now]

    async def _reread(self) -> None:
        server = await self._vault.open(SERVER)
        sql = "SELECT slot, sealed, signs FROM signing_key WHERE pod = ?1 ORDER BY slot"
        found = []
        for slot, sealed, signs in await self._database.fetch(sql, SERVER):
            plain = server.open_record(_PURPOSE, str(slot), bytes(sealed))  # type: ignore[arg-type]
            found.append(SigningKey(int(slot), _import(plain), float(signs)))  # type: ignore[arg-type]
        self._keys, self._read = found, self._clock()

    async def _make(self, slot: int, signs: float) -> SigningKey:
        """A key at this place: ours, or that of another process which was first."""
        server = await self._vault.open(SERVER)
        made = ECKey.generate_key("P-256", private=True)
        sealed = server.seal_record(_PURPOSE, str(slot), msgspec.json.encode(made.as_dict(private=True)))
        with contextlib.suppress(Duplicate):  # another process was first: use its key
            await self._database.write(
                Statement(
                    "INSERT INTO signing_key (pod, slot, sealed, created, signs) VALUES (?1, ?2, ?3, ?4, ?5)",
                    (SERVER, slot, sealed, self._clock(), signs),
                )
            )
        await self._reread()
        return next(held for held in self._keys if held.slot == slot)

    async def _forget(self, slots: list[int]) -> None:
        sql = "DELETE FROM signing_key WHERE pod = ?1 AND slot = ?2"
        await self._database.write(*(Statement(sql, (SERVER, slot)) for slot in slots))
        await self._reread()


def _import(plain: bytes) -> ECKey:
    key = ECKey.import_key(msgspec.json.decode(plain))
    key.ensure_kid()  # RFC 7638 thumbprint
    return key
