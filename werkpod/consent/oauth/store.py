"""What OAuth remembers: waiting requests, codes, families of tokens, refresh tokens, ids of client assertions.

A **family** is all tokens that came out of one authorization. Its id is a claim of every access token, `pod.ulid`, so
that the pod can ask `revoked` at each request: a family that is revoked is dead at once, its access tokens included.

Codes and refresh tokens carry the pod's id before the secret, so that every unit of writing touches one pod.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import msgspec

from werkpod.consent.oauth.client_model import Client
from werkpod.consent.oauth.consented import ConsentedClients
from werkpod.consent.oauth.errors import InvalidGrant
from werkpod.consent.oauth.pushed import PushedRequests, finished
from werkpod.pod.errors import PodUnavailable
from werkpod.pod.store.protocol import Database, Duplicate, ExpectationFailed, Statement
from werkpod.pod.vault import SERVER, Vault
from werkpod.web.ids import secret, secret_hash, ulid

CODE_SECONDS = 60.0
REQUEST_SECONDS = 24 * 3600.0
"""How long a request waits for its answer: nobody is hurried (WCAG 2.2, 2.2.1 asks 20 hours or a warning)."""
REFRESH_SECONDS = 30 * 86400.0
"""How long a refresh token may lie unused."""
FAMILY_SECONDS = 365 * 86400.0
"""After this an app asks again, however often it refreshed (ASVS 5.0, 10.4.8)."""
ROOM = 20_000
"""How many requests wait at most: anybody can begin one. The oldest goes."""
_KEEP_USED = 86400.0
_PREFIXED = re.compile(r"([0-9A-HJKMNP-TV-Z]{26})\.[A-Za-z0-9_-]{43}\Z")


class WaitingRequest(msgspec.Struct, frozen=True):
    """An authorization request as it came. `since`: since when who answers it must be signed in; 0: any time.

    `pushed`: the hash of the pushed request that it is, or b"". `said`: the hash of what the app said of itself then
    (`Client.snapshot`): who is shown one thing must not say yes to another.
    """

    parameters: tuple[tuple[str, str], ...]
    started: float
    since: float = 0.0
    pushed: bytes = b""
    said: bytes = b""


class CodeRecord(msgspec.Struct, frozen=True):
    """What a code stands for. `challenge`: PKCE, S256. `jkt`: the DPoP key that was named in the request, or ""."""

    client: str
    grant: str
    redirect_uri: str
    scope: str
    challenge: str
    jkt: str = ""
    nonce: str = ""
    auth_time: float = 0.0
    lws: bool = False


class FamilyRecord(msgspec.Struct, frozen=True):
    """What all tokens of a family have in common. `lws`: the app asked in the form of Linked Web Storage."""

    client: str
    grant: str
    scope: str
    jkt: str
    auth_time: float = 0.0
    lws: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """A code as it was found, not used yet as far as a reader can tell."""

    pod: str
    hash: bytes
    family: str
    expires: float
    used: bool
    record: CodeRecord

    @property
    def code_challenge(self) -> str:
        """The PKCE challenge (asked by Authlib)."""
        return self.record.challenge

    @property
    def code_challenge_method(self) -> str:
        """S256, always (asked by Authlib)."""
        return "S256"

    def get_redirect_uri(self) -> str:
        """The redirect_uri of the authorization request (asked by Authlib)."""
        return self.record.redirect_uri


@dataclass(frozen=True, slots=True)
class Refresh:
    """A refresh token as it was found, with its family."""

    pod: str
    hash: bytes
    family: str
    expires: float
    used: bool
    dead: bool
    family_expires: float
    record: FamilyRecord

    def check_client(self, client: Client) -> bool:
        """Whether it was given to this client (asked by Authlib)."""
        return self.record.client == client.id

    def get_scope(self) -> str:
        """The scope that was given (asked by Authlib)."""
        return self.record.scope


def new_secret(pod: str) -> str:
    """A new code or refresh token of a pod: its id, a full stop, 256 random bits."""
    return f"{pod}.{secret()}"


def split_secret(value: str) -> str | None:
    """The pod's id in a code or refresh token; None when it does not look like one."""
    match = _PREFIXED.match(value)
    return match[1] if match else None


class TokenStore:
    """The tables of OAuth in consent.db."""

    def __init__(
        self, database: Database, vault: Vault, *, room: int = ROOM, clock: Callable[[], float] = time.time
    ) -> None:
        self._database, self._vault, self._room, self._clock = database, vault, room, clock
        self.pushed = PushedRequests(database, vault, room=room, clock=clock)
        self.consented = ConsentedClients(database, vault)

    # Requests that wait for an answer

    async def save_request(self, request: WaitingRequest, browser: str) -> str:
        """Keep a request; its id, a secret of 256 bits. `browser` is the secret in the browser's cookie."""
        request_id, now = secret(), self._clock()
        server, key = await self._vault.open(SERVER), secret_hash(request_id)
        sealed = server.seal_record("auth-request", key.hex(), msgspec.msgpack.encode(request))
        await self._database.write(
            Statement("DELETE FROM auth_request WHERE pod = ?1 AND expires < ?2", (SERVER, now)),
            Statement(
                "DELETE FROM auth_request WHERE pod = ?1 AND hash IN (SELECT hash FROM auth_request WHERE pod = ?1"
                " ORDER BY expires LIMIT max(0, (SELECT count(*) FROM auth_request WHERE pod = ?1) - ?2))",
                (SERVER, self._room - 1),
            ),
            Statement(
                "INSERT INTO auth_request (pod, hash, browser, sealed, expires) VALUES (?1, ?2, ?3, ?4, ?5)",
                (SERVER, key, secret_hash(browser), sealed, now + REQUEST_SECONDS),
            ),
        )
        return request_id

    async def waiting(self, request_id: str, browser: str) -> WaitingRequest | None:
        """The request of this id that began in this browser; None when there is none (any more)."""
        key = secret_hash(request_id)
        rows = await self._database.fetch(
            "SELECT sealed FROM auth_request WHERE pod = ?1 AND hash = ?2 AND browser = ?3 AND expires > ?4",
            SERVER, key, secret_hash(browser), self._clock(),
        )  # fmt: skip
        if not rows:
            return None
        server = await self._vault.open(SERVER)
        plain = server.open_record("auth-request", key.hex(), cast(bytes, rows[0][0]))
        return msgspec.msgpack.decode(plain, type=WaitingRequest)

    async def finish_request(self, request_id: str, pushed: bytes = b"") -> bool:
        """Take the request away, and the pushed one that it is; whether both were there. It is answered once."""
        sql = "DELETE FROM auth_request WHERE pod = ?1 AND hash = ?2"
        unit = [Statement(sql, (SERVER, secret_hash(request_id)), rows=1)]
        if pushed:
            unit.append(finished(pushed))
        try:
            await self._database.write(*unit)
        except ExpectationFailed:
            return False
        return True

    # Codes

    async def save_code(self, pod: str, code: str, record: CodeRecord) -> None:
        """Keep a new code (`new_secret`) for one minute."""
        key, now = secret_hash(code), self._clock()
        sealed = (await self._vault.open(pod)).seal_record("auth-code", key.hex(), msgspec.msgpack.encode(record))
        await self._database.write(
            Statement("DELETE FROM auth_code WHERE pod = ?1 AND expires < ?2", (pod, now - _KEEP_USED)),
            Statement(
                "INSERT INTO auth_code (pod, hash, family, sealed, expires) VALUES (?1, ?2, ?3, ?4, ?5)",
                (pod, key, ulid(now), sealed, now + CODE_SECONDS),
            ),
        )

    async def find_code(self, code: str) -> Code | None:
        """The code, used or not; None when there is none, or its pod was erased."""
        pod, key = split_secret(code), secret_hash(code)
        if pod is None:
            return None
        rows = await self._database.fetch(
            "SELECT family, sealed, expires, used FROM auth_code WHERE pod = ?1 AND hash = ?2", pod, key
        )
        plain = await self._opened(pod, "auth-code", key.hex(), rows[0][1]) if rows else None
        if plain is None:
            return None
        family, _, expires, used = cast("tuple[str, bytes, float, float | None]", rows[0])
        return Code(pod, key, family, expires, used is not None, msgspec.msgpack.decode(plain, type=CodeRecord))

    async def redeem_code(self, code: Code, family: FamilyRecord, *, until: float | None, refresh: bool) -> str | None:
        """Use a code: exactly one caller ever succeeds. Begins its family; returns the first refresh token if asked.

        Raises InvalidGrant for a code that is used or over; one that was used takes its whole family down
        (RFC 6749, 4.1.2).
        """
        now = self._clock()
        sealed = (await self._vault.open(code.pod)).seal_record(
            "token-family", code.family, msgspec.msgpack.encode(family)
        )
        ends = min(now + FAMILY_SECONDS, until or now + FAMILY_SECONDS)
        first = new_secret(code.pod)
        unit = [
            Statement(
                "UPDATE auth_code SET used = ?3 WHERE pod = ?1 AND hash = ?2 AND used IS NULL AND expires > ?3",
                (code.pod, code.hash, now), rows=1,
            ),
            Statement("DELETE FROM refresh_token WHERE pod = ?1 AND expires < ?2", (code.pod, now)),
            Statement("DELETE FROM token_family WHERE pod = ?1 AND expires < ?2", (code.pod, now - _KEEP_USED)),
            Statement(
                "INSERT INTO token_family (pod, id, sealed, created, expires) VALUES (?1, ?2, ?3, ?4, ?5)",
                (code.pod, code.family, sealed, now, ends),
            ),
        ]  # fmt: skip
        if refresh:
            unit.append(self._insert_refresh(code.pod, first, code.family, min(now + REFRESH_SECONDS, ends)))
        try:
            await self._database.write(*unit)
        except ExpectationFailed:
            found = await self._database.fetch(
                "SELECT used FROM auth_code WHERE pod = ?1 AND hash = ?2", code.pod, code.hash
            )
            if found and found[0][0] is not None:
                await self.revoke(code.pod, code.family)
            raise InvalidGrant("The code is unknown, over or used before.") from None
        return first if refresh else None

    # Refresh tokens

    def _insert_refresh(self, pod: str, token: str, family: str, expires: float) -> Statement:
        return Statement(
            "INSERT INTO refresh_token (pod, hash, family, expires) VALUES (?1, ?2, ?3, ?4)",
            (pod, secret_hash(token), family, expires),
        )

    async def find_refresh(self, token: str) -> Refresh | None:
        """The refresh token, used or not; None when there is none, or its pod was erased."""
        pod, key = split_secret(token), secret_hash(token)
        if pod is None:
            return None
        rows = await self._database.fetch(
            "SELECT r.family, f.sealed, r.expires, r.used, f.revoked, f.expires FROM refresh_token r"
            " JOIN token_family f ON f.pod = r.pod AND f.id = r.family WHERE r.pod = ?1 AND r.hash = ?2",
            pod, key,
        )  # fmt: skip
        plain = await self._opened(pod, "token-family", str(rows[0][0]), rows[0][1]) if rows else None
        if plain is None:
            return None
        family, _, expires, used, revoked, family_expires = cast(
            "tuple[str, bytes, float, float | None, float | None, float]", rows[0]
        )
        record = msgspec.msgpack.decode(plain, type=FamilyRecord)
        return Refresh(pod, key, family, expires, used is not None, revoked is not None, family_expires, record)

    async def rotate(self, token: Refresh, *, until: float | None) -> str:
        """Use a refresh token: exactly one caller succeeds and gets the next. Raises InvalidGrant.

        A token that was used before is in two hands: its family is revoked (RFC 9700, 4.14.2).
        """
        now = self._clock()
        following = new_secret(token.pod)
        ends = min(now + REFRESH_SECONDS, token.family_expires, until or token.family_expires)
        try:
            await self._database.write(
                Statement(
                    "UPDATE token_family SET expires = expires"
                    " WHERE pod = ?1 AND id = ?2 AND revoked IS NULL AND expires > ?3",
                    (token.pod, token.family, now), rows=1,
                ),
                Statement(
                    "UPDATE refresh_token SET used = ?3 WHERE pod = ?1 AND hash = ?2 AND used IS NULL AND expires > ?3",
                    (token.pod, token.hash, now), rows=1,
                ),
                self._insert_refresh(token.pod, following, token.family, ends),
            )  # fmt: skip
        except ExpectationFailed:
            sql = "SELECT used FROM refresh_token WHERE pod = ?1 AND hash = ?2"
            found = await self._database.fetch(sql, token.pod, token.hash)
            if found and found[0][0] is not None:
                await self.revoke(token.pod, token.family)
            raise InvalidGrant("The refresh token is unknown, over or used before.") from None
        return following

    # Families

    async def revoke(self, pod: str, family: str) -> None:
        """End a family now; idempotent. One that has no row (a tool's token) gets one, so that it is known as dead."""
        now = self._clock()
        await self._database.write(
            Statement(
                "INSERT INTO token_family (pod, id, sealed, created, expires, revoked) VALUES (?1, ?2, ?3, ?4, ?5, ?4)"
                " ON CONFLICT (pod, id) DO UPDATE SET revoked = coalesce(revoked, ?4)",
                (pod, family, b"", now, now + _KEEP_USED),
            )
        )

    async def revoked(self, family: str) -> bool:
        """Whether tokens of this family (the claim, `pod.ulid`) are dead. For the pod, at each request with a token."""
        pod, _, name = family.partition(".")
        rows = await self._database.fetch(
            "SELECT 1 FROM token_family WHERE pod = ?1 AND id = ?2 AND revoked IS NOT NULL", pod, name
        )
        return bool(rows)

    # Client assertions

    async def first_sight(self, client_id: str, jti: str, expires: float) -> bool:
        """Whether this assertion of this client was not seen before; it has been now (RFC 7523, section 3)."""
        key = hashlib.sha256(f"{len(client_id)}:{client_id}{jti}".encode()).digest()
        try:
            await self._database.write(
                Statement("DELETE FROM assertion_seen WHERE pod = ?1 AND expires < ?2", (SERVER, self._clock())),
                Statement(
                    "INSERT INTO assertion_seen (pod, hash, expires) VALUES (?1, ?2, ?3)", (SERVER, key, expires)
                ),
            )
        except Duplicate:
            return False
        return True

    async def _opened(self, pod: str, purpose: str, record_id: str, sealed: object) -> bytes | None:
        try:
            return (await self._vault.open(pod)).open_record(purpose, record_id, cast(bytes, sealed))
        except PodUnavailable:
            return None
