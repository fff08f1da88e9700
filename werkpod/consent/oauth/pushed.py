"""Pushed authorization requests, kept: RFC 9126, section 2.2.

The address is `PREFIX` and 256 random bits, of which a hash is kept; the parameters are sealed. A pushed request is its
client's, can be used for `SECONDS`, as often as the browser is reloaded, and is gone when one authorization came out of
it: `TokenStore.finish_request` takes it away in the same unit as the request that waited.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import cast

import msgspec

from werkpod.pod.store.protocol import Database, ExpectationFailed, Statement
from werkpod.pod.vault import SERVER, Vault
from werkpod.web.ids import secret, secret_hash

PREFIX = "urn:ietf:params:oauth:request_uri:"
"""RFC 9126, 2.2 and 9.1."""
SECONDS = 300
"""How long the browser may take from the app to us (the RFC suggests 5 to 600). Reading the page takes as long as it
takes: a request that came here waits on its own (`store.REQUEST_SECONDS`)."""
ROOM = 20_000
"""How many are kept at most; the oldest goes."""
_PURPOSE = "pushed-request"
_WAITING = 24 * 3600.0
"""Kept so long after the end: the page that came out of it may still be open, and answers it once."""


class PushedRequest(msgspec.Struct, frozen=True):
    """What was pushed, and by which client."""

    client: str
    parameters: tuple[tuple[str, str], ...]


class PushedRequests:
    """The pushed requests, in consent.db under the server's own keys."""

    def __init__(
        self, database: Database, vault: Vault, *, room: int = ROOM, clock: Callable[[], float] = time.time
    ) -> None:
        self._database, self._vault, self._room, self._clock = database, vault, room, clock

    async def save(self, client: str, parameters: Mapping[str, str]) -> str:
        """Keep the parameters of a client; the request_uri. What is over is swept away on the way."""
        name, now = secret(), self._clock()
        server, key = await self._vault.open(SERVER), secret_hash(name)
        plain = msgspec.msgpack.encode(PushedRequest(client, tuple(parameters.items())))
        await self._database.write(
            Statement("DELETE FROM pushed_request WHERE pod = ?1 AND expires < ?2", (SERVER, now - _WAITING)),
            Statement(
                "DELETE FROM pushed_request WHERE pod = ?1 AND hash IN (SELECT hash FROM pushed_request WHERE pod = ?1"
                " ORDER BY expires LIMIT max(0, (SELECT count(*) FROM pushed_request WHERE pod = ?1) - ?2))",
                (SERVER, self._room - 1),
            ),
            Statement(
                "INSERT INTO pushed_request (pod, hash, sealed, expires) VALUES (?1, ?2, ?3, ?4)",
                (SERVER, key, server.seal_record(_PURPOSE, key.hex(), plain), now + SECONDS),
            ),
        )
        return f"{PREFIX}{name}"

    async def find(self, request_uri: str, client: str) -> tuple[bytes, dict[str, str]] | None:
        """Its hash and parameters; None where it is unknown, over, finished or another client's: nobody is told which.

        Does not use it up: a page may be loaded again (RFC 9126, section 4).
        """
        key = secret_hash(request_uri.removeprefix(PREFIX))
        sql = "SELECT sealed FROM pushed_request WHERE pod = ?1 AND hash = ?2 AND expires > ?3"
        rows = await self._database.fetch(sql, SERVER, key, self._clock())
        if not rows:
            return None
        server = await self._vault.open(SERVER)
        plain = server.open_record(_PURPOSE, key.hex(), cast(bytes, rows[0][0]))
        found = msgspec.msgpack.decode(plain, type=PushedRequest)
        return (key, dict(found.parameters)) if found.client == client else None

    async def finish(self, key: bytes) -> bool:
        """Take a pushed request away; whether it was there. Exactly one caller succeeds."""
        try:
            await self._database.write(finished(key))
        except ExpectationFailed:
            return False
        return True


def finished(key: bytes) -> Statement:
    """The row that takes a pushed request away, and fails the unit where it is gone already."""
    return Statement("DELETE FROM pushed_request WHERE pod = ?1 AND hash = ?2", (SERVER, key), rows=1)
