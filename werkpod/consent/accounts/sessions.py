"""Sessions: kept here, hashed; the browser has a secret. New at each sign-in; over after idle or absolute time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Protocol, cast

from starlette.requests import Request
from starlette.responses import Response

from werkpod.consent.accounts.model import Account
from werkpod.pod.store.protocol import Database, ExpectationFailed, Statement
from werkpod.web.ids import secret, secret_hash

IDLE_SECONDS = 12 * 3600.0
ABSOLUTE_SECONDS = 30 * 86400.0
_TOUCH_SECONDS = 300.0
"""How stale "last seen" may be: not every page is a write."""
_COOKIE = re.compile(r"([0-9A-HJKMNP-TV-Z]{26})\.[A-Za-z0-9_-]{43}\Z")


class AccountSource(Protocol):
    """Where accounts are found (`Accounts`)."""

    async def get(self, account_id: str) -> Account | None:
        """The account of this id, or None."""
        ...


class Sessions:
    """Who is signed in. The cookie's secret carries the account's id, so that a session is found among its pod's."""

    def __init__(
        self, database: Database, accounts: AccountSource, *, base_url: str, clock: Callable[[], float] = time.time
    ) -> None:
        self._database, self._accounts, self._clock = database, accounts, clock
        self._secure = base_url.startswith("https:")
        self.cookie = "__Host-werkpod" if self._secure else "werkpod"

    async def start(self, account_id: str, *, replaces: str | None = None) -> str:
        """A new session; its secret, for the cookie. `replaces`: the secret of an earlier session, which ends."""
        value, now = f"{account_id}.{secret()}", self._clock()
        await self._database.write(
            Statement("DELETE FROM session WHERE pod = ?1 AND created < ?2", (account_id, now - ABSOLUTE_SECONDS)),
            Statement(
                "INSERT INTO session (pod, hash, created, seen) VALUES (?1, ?2, ?3, ?3)",
                (account_id, secret_hash(value), now),
            ),
        )
        if replaces:
            await self.end(replaces)
        return value

    async def switch(self, value: str | None, acting: bytes | None) -> str | None:
        """The session under a new secret, from now on for `acting` (opaque here; None: for the person themselves).

        A secret that somebody else knew is worth nothing after it. The time of the sign-in stays: nobody signed in.
        None when there is no such session (any more).
        """
        match = _COOKIE.match(value or "")
        if match is None or value is None:
            return None
        pod, following = match[1], f"{match[1]}.{secret()}"
        sql = (
            "INSERT INTO session (pod, hash, created, seen, acting)"
            " SELECT pod, ?3, created, seen, ?4 FROM session WHERE pod = ?1 AND hash = ?2"
        )
        key = secret_hash(value)
        try:
            await self._database.write(
                Statement(sql, (pod, key, secret_hash(following), acting), rows=1),
                Statement("DELETE FROM session WHERE pod = ?1 AND hash = ?2", (pod, key), rows=1),
            )
        except ExpectationFailed:
            return None
        return following

    async def account(self, value: str | None) -> Account | None:
        """The account that is signed in with this secret; None for no session, or one that is over."""
        return (await self.signed_in(value))[0]

    async def signed_in(self, value: str | None) -> tuple[Account | None, bytes | None]:
        """The account as `account` gives it, and what the session keeps of acting for somebody (`switch`)."""
        match = _COOKIE.match(value or "")
        if match is None or value is None:
            return None, None
        pod, key, now = match[1], secret_hash(value), self._clock()
        sql = "SELECT created, seen, acting FROM session WHERE pod = ?1 AND hash = ?2"
        rows = await self._database.fetch(sql, pod, key)
        if not rows:
            return None, None
        created, seen, acting = cast("tuple[float, float, bytes | None]", rows[0])
        if now - seen >= IDLE_SECONDS or now - created >= ABSOLUTE_SECONDS:
            await self.end(value)
            return None, None
        if now - seen >= _TOUCH_SECONDS:
            await self._database.write(
                Statement("UPDATE session SET seen = ?3 WHERE pod = ?1 AND hash = ?2", (pod, key, now))
            )
        return await self._accounts.get(pod), acting

    async def began(self, request: Request) -> float:
        """When who is signed in here did so, Unix seconds; 0 for nobody. Only a sign-in begins a session."""
        value = self.secret_of(request)
        match = _COOKIE.match(value or "")
        if match is None or value is None:
            return 0.0
        sql = "SELECT created FROM session WHERE pod = ?1 AND hash = ?2"
        rows = await self._database.fetch(sql, match[1], secret_hash(value))
        return cast("tuple[float]", rows[0])[0] if rows else 0.0

    async def end(self, value: str | None) -> None:
        """End a session; what is not one is let be."""
        match = _COOKIE.match(value or "")
        if match and value:
            await self._database.write(
                Statement("DELETE FROM session WHERE pod = ?1 AND hash = ?2", (match[1], secret_hash(value)))
            )

    async def end_all(self, account_id: str) -> None:
        """End all sessions of an account."""
        await self._database.write(Statement("DELETE FROM session WHERE pod = ?1", (account_id,)))

    def secret_of(self, request: Request) -> str | None:
        """The secret in a request's cookie."""
        return request.cookies.get(self.cookie)

    def set_cookie(self, response: Response, value: str) -> None:
        """Give the browser its secret."""
        response.set_cookie(
            self.cookie,
            value,
            max_age=int(ABSOLUTE_SECONDS),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )

    def clear_cookie(self, response: Response) -> None:
        """Take the browser's secret away."""
        response.delete_cookie(self.cookie, path="/", secure=self._secure, httponly=True, samesite="lax")
