"""Apps that registered themselves (RFC 7591): anybody can, so a registration proves nothing of who an app is.

**The client id is a keyed hash of what was registered**, so an app that registers the same again, as Solid apps do at
each sign-in, is the same client: the table does not grow, and what a citizen shared with it still holds (RFC 7591, 5
lets instances of one app share an id). Whoever registers an app's words gets its id, and nothing with it: codes go to
the redirect_uris, which are part of the hash.

**A secret is `end.random.proof`**, the proof a keyed hash: nothing of it is kept, each registration has its own,
and all work until their end.

A registration ends (Solid-OIDC, section 11, "Client IDs"): after 90 days, or as late as the last yes of a citizen to
it. There is room for so many; when it is full the ones go that nobody said yes to, the oldest first.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import msgspec

from werkpod.consent.oauth.client_model import Client
from werkpod.consent.oauth.errors import ServerError
from werkpod.consent.oauth.registration import Registration
from werkpod.pod.store.protocol import Database, Statement
from werkpod.pod.vault import SERVER, PodVault, Vault

REGISTERED_ID = re.compile(r"app-[A-Za-z0-9_-]{22}\Z")
SECONDS = 90 * 86400.0
"""How long a registration and its secret last."""
LONGEST = 366 * 86400.0
"""However long a citizen's yes lasts, a registration does not outlive it by more than the tokens do (store.py)."""
ROOM = 20_000
"""How many registrations are kept."""
_SECRET = re.compile(r"(\d{10,11})\.([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{22})\Z")
_PURPOSE = "registered-client"


@dataclass(frozen=True, slots=True)
class Registered:
    """The answer to a registration. `expires`: when it ends, and its secret with it ("": an app that has none)."""

    client_id: str
    registration: Registration
    issued: float
    expires: float
    secret: str = ""

    def answer(self) -> dict[str, Any]:
        """The body of the answer (RFC 7591, 3.2.1)."""
        found = {"client_id": self.client_id, "client_id_issued_at": int(self.issued), **self.registration.metadata()}
        if self.secret:
            found |= {"client_secret": self.secret, "client_secret_expires_at": int(self.expires)}
        return found


class RegisteredClients:
    """The registrations, in consent.db under the server's own keys."""

    def __init__(
        self, database: Database, vault: Vault, *, room: int = ROOM, clock: Callable[[], float] = time.time
    ) -> None:
        self._database, self._vault, self._room, self._clock = database, vault, room, clock

    async def register(self, registration: Registration) -> Registered:
        """Register an app, or the same one again. Raises ServerError: no room, all of it is in use."""
        server, now = await self._vault.open(SERVER), self._clock()
        plain = registration.stored()
        client_id = f"app-{_text(server.tag('client-id', plain))}"
        key = server.tag(_PURPOSE, client_id.encode())
        expires = float(int(now + SECONDS))
        await self._database.write(
            Statement("DELETE FROM registered_client WHERE pod = ?1 AND expires <= ?2", (SERVER, now)),
            Statement(
                "INSERT INTO registered_client (pod, hash, sealed, created, expires) VALUES (?1, ?2, ?3, ?4, ?5)"
                " ON CONFLICT (pod, hash) DO UPDATE SET expires = max(expires, excluded.expires)",
                (SERVER, key, server.seal_record(_PURPOSE, key.hex(), plain), now, expires),
            ),
            Statement(
                "DELETE FROM registered_client WHERE pod = ?1 AND hash IN (SELECT hash FROM registered_client"
                " WHERE pod = ?1 AND used IS NULL AND hash <> ?2 ORDER BY expires"
                " LIMIT max(0, (SELECT count(*) FROM registered_client WHERE pod = ?1) - ?3))",
                (SERVER, key, self._room),
            ),
            Statement(
                "DELETE FROM registered_client WHERE pod = ?1 AND hash = ?2 AND used IS NULL"
                " AND (SELECT count(*) FROM registered_client WHERE pod = ?1) > ?3",
                (SERVER, key, self._room),
            ),
        )
        if await self.get(client_id) is None:
            raise ServerError("There is no room for another app now.", headers={"Retry-After": "3600"})
        secret = (
            _secret(server, client_id, int(expires)) if registration.auth_method.startswith("client_secret") else ""
        )
        return Registered(client_id, registration, now, expires, secret)

    async def get(self, client_id: str) -> Client | None:
        """The app of this id; None for none, or one whose registration is over."""
        server = await self._vault.open(SERVER)
        key = server.tag(_PURPOSE, client_id.encode())
        rows = await self._database.fetch(
            "SELECT sealed FROM registered_client WHERE pod = ?1 AND hash = ?2 AND expires > ?3",
            SERVER, key, self._clock(),
        )  # fmt: skip
        if not rows:
            return None
        plain = server.open_record(_PURPOSE, key.hex(), bytes(rows[0][0]))  # type: ignore[arg-type]
        said = msgspec.json.decode(plain, type=Registration)
        return Client(
            id=client_id,
            name=said.name or urlsplit(said.redirect_uris[0]).hostname or client_id,
            names=said.names,
            uri=said.uri,
            redirect_uris=said.redirect_uris,
            post_logout_redirect_uris=said.post_logout_redirect_uris,
            auth_method=said.auth_method,
            keys=said.keys,
            grant_types=said.grant_types,
            snapshot=key,
            pushes=said.pushes,
            registered=True,
            checks_secret=partial(self._holds, server, client_id),
        )

    async def keep(self, client_id: str, until: float | None) -> None:
        """A citizen said yes to this app, until then (None: without end): its registration lasts as long."""
        now = self._clock()
        ends = min(until or now + LONGEST, now + LONGEST)
        key = (await self._vault.open(SERVER)).tag(_PURPOSE, client_id.encode())
        await self._database.write(
            Statement(
                "UPDATE registered_client SET used = ?3, expires = max(expires, ?4) WHERE pod = ?1 AND hash = ?2",
                (SERVER, key, now, ends),
            )
        )

    def _holds(self, server: PodVault, client_id: str, secret: str) -> bool:
        match = _SECRET.match(secret)
        if match is None or int(match[1]) <= self._clock():
            return False
        return hmac.compare_digest(_proof(server, client_id, match[1], match[2]), match[3])


def _secret(server: PodVault, client_id: str, ends: int) -> str:
    random = secrets.token_urlsafe(16)
    return f"{ends}.{random}.{_proof(server, client_id, str(ends), random)}"


def _proof(server: PodVault, client_id: str, ends: str, random: str) -> str:
    return _text(server.tag("client-secret", client_id.encode(), ends.encode(), random.encode()))


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
