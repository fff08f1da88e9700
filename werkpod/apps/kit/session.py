"""The session of a person in an app: all of it in one cookie, sealed with the app's own key. The app stores nothing.

The cookie is a JWE (RFC 7516, `dir` with A256GCM), HttpOnly, SameSite=Lax, sent only to the app's own path, so an app
never sees another app's cookie. `typ` in the protected header keeps a transaction from being taken for a session.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TypeVar

import msgspec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from starlette.requests import Request
from starlette.responses import Response

COOKIE_LIMIT = 4096
"""Bytes of name and value that a browser keeps of one cookie (RFC 6265bis, 5.6)."""

SESSION_SECONDS = 12 * 3600.0
TRANSACTION_SECONDS = 600.0


class Session(msgspec.Struct, frozen=True, array_like=True):
    """What an app holds of a person between two requests: keys and tokens, no CV. Times are Unix seconds.

    `proof` is the private number of the DPoP key; `sections` and `actions` are what was granted; `storage` ends in "/".
    """

    started: float
    proof: str
    access_token: str
    expires: float
    refresh_token: str
    webid: str
    storage: str
    sections: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


class Transaction(msgspec.Struct, frozen=True, array_like=True):
    """One authorization under way in one browser: what ties the answer to the question (RFC 9700, 4.7 and 4.5).

    `onward` is where the person was going, compressed by itself: a plan's address is long, and beside it are secrets.
    """

    started: float
    state: str
    verifier: str
    proof: str
    onward: bytes


class CookieTooLarge(RuntimeError):
    """The sealed cookie would not fit in a browser; a fault in the app, not in what a person did."""


_Value = TypeVar("_Value", Session, Transaction)


class SealedCookie:
    """Seals and opens one kind of cookie. `lifetime` in seconds counts from the value's own `started`."""

    def __init__(
        self, name: str, key: OctKey, path: str, *, secure: bool, kind: str, lifetime: float,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.name = f"__Secure-{name}" if secure else name
        self._key, self._path, self._secure = key, path, secure
        self._header = {"alg": "dir", "enc": "A256GCM", "typ": kind}
        self._lifetime, self._clock = lifetime, clock

    def read(self, request: Request, form: type[_Value]) -> _Value | None:
        """The value in the request's cookie; None when there is none, it is too old, or it is not ours."""
        sealed = request.cookies.get(self.name)
        # Only the characters of a compact JWE (RFC 7515, 2) go to the parser.
        if not sealed or not re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){4}", sealed):
            return None
        try:
            opened = jwe.decrypt_compact(sealed, self._key, algorithms=["dir", "A256GCM"])
            if opened.protected != self._header or opened.plaintext is None:
                return None
            value = msgspec.msgpack.decode(opened.plaintext, type=form)
        except (JoseError, msgspec.MsgspecError, ValueError):
            return None
        age = self._clock() - value.started
        return value if -60 <= age <= self._lifetime else None

    def write(self, response: Response, value: Session | Transaction) -> None:
        """Set the cookie on a response. Raises CookieTooLarge rather than let a browser drop it silently."""
        sealed = jwe.encrypt_compact(
            dict(self._header), msgspec.msgpack.encode(value), self._key, algorithms=["dir", "A256GCM"]
        )
        if len(self.name) + len(sealed) >= COOKIE_LIMIT:
            raise CookieTooLarge(f"cookie {self.name}: {len(self.name) + len(sealed)} bytes; {COOKIE_LIMIT} fit")
        response.set_cookie(
            self.name, sealed, path=self._path, httponly=True, samesite="lax", secure=self._secure
        )  # fmt: skip

    def clear(self, response: Response) -> None:
        """Take the cookie back."""
        response.delete_cookie(self.name, path=self._path, httponly=True, samesite="lax", secure=self._secure)
