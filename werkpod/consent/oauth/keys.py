"""The key that signs tokens: ES256, made on the first start, kept sealed under the server's own keys."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey

from werkpod.pod.store.protocol import Database, Duplicate, Statement
from werkpod.pod.vault import SERVER, Vault

ALGORITHM = "ES256"
_PURPOSE = "signing-key"


class SigningKeys:
    """The signing keys of this server; the newest signs, all are published."""

    def __init__(self, keys: list[ECKey]) -> None:
        self._keys = keys

    @classmethod
    async def load(cls, database: Database, vault: Vault, *, clock: Callable[[], float] = time.time) -> SigningKeys:
        """The keys of consent.db; makes the first. Two processes that start at once end with the same one."""
        server = await vault.ensure(SERVER)
        while True:
            rows = await database.fetch("SELECT slot, sealed FROM signing_key WHERE pod = ?1 ORDER BY slot", SERVER)
            if rows:
                return cls([_import(server.open_record(_PURPOSE, str(slot), bytes(sealed))) for slot, sealed in rows])  # type: ignore[arg-type]
            key = ECKey.generate_key("P-256", private=True)
            sealed = server.seal_record(_PURPOSE, "0", msgspec.json.encode(key.as_dict(private=True)))
            try:
                await database.write(
                    Statement(
                        "INSERT INTO signing_key (pod, slot, sealed, created) VALUES (?1, 0, ?2, ?3)",
                        (SERVER, sealed, clock()),
                    )
                )
            except Duplicate:  # another process was first: use its key
                continue

    def sign(self, claims: Mapping[str, Any], *, typ: str) -> str:
        """A JWT over `claims` in compact form (RFC 7519); `typ` says what it is (RFC 8725, section 3.11)."""
        key = self._keys[-1]
        return jwt.encode({"alg": ALGORITHM, "typ": typ, "kid": key.kid}, dict(claims), key, algorithms=[ALGORITHM])

    def all(self) -> list[ECKey]:
        """The keys that verify what was signed here (for `pod.authn.tokens.OwnKeys`)."""
        return list(self._keys)

    def key(self, kid: str) -> ECKey | None:
        """The public part of the key with this id."""
        return next((key for key in self._keys if key.kid == kid), None)

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public keys, as published (RFC 7517, section 5)."""
        return {"keys": [dict(key.as_dict(private=False, use="sig", alg=ALGORITHM)) for key in self._keys]}


def _import(plain: bytes) -> ECKey:
    key = ECKey.import_key(msgspec.json.decode(plain))
    key.ensure_kid()  # RFC 7638 thumbprint
    return key
