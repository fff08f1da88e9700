"""What a browser takes along on its way to an outside provider and back: sealed by us, so that nothing is stored."""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from werkpod.pod.errors import IntegrityError
from werkpod.pod.vault import SERVER, Vault

JOURNEY_SECONDS = 900
"""How long somebody may take at the provider, and then over the page for newcomers."""
_LIMIT = 4096  # bytes of a cookie, RFC 6265, 6.1


class Journey(msgspec.Struct, frozen=True, tag="journey"):
    """Somebody is at a provider. `account`: who was signed in and adds a way to sign in, "" for a plain sign-in."""

    provider: str
    state: str
    nonce: str
    verifier: str
    onward: str
    expires: float
    account: str = ""


class Newcomer(msgspec.Struct, frozen=True, tag="newcomer"):
    """Somebody came back from a provider and has no account here yet."""

    provider: str
    subject: str
    name: str
    onward: str
    expires: float


_T = TypeVar("_T", Journey, Newcomer)


class Satchel:
    """Puts a `Journey` or a `Newcomer` in a cookie and takes it out. The browser can neither read nor change it."""

    def __init__(self, vault: Vault, *, base_url: str, clock: Callable[[], float] = time.time) -> None:
        self._vault, self._clock = vault, clock
        self._secure = base_url.startswith("https:")
        self.cookie = "__Host-werkpod-onderweg" if self._secure else "werkpod-onderweg"

    def until(self) -> float:
        """When what is packed now is over, Unix seconds."""
        return self._clock() + JOURNEY_SECONDS

    async def pack(self, response: Response, what: Journey | Newcomer) -> None:
        """Give it along. SameSite=Lax: the way back is a navigation from another site."""
        server = await self._vault.open(SERVER)
        sealed = server.seal_record("outside-journey", type(what).__name__, msgspec.json.encode(what))
        response.set_cookie(
            self.cookie, base64.urlsafe_b64encode(sealed).decode().rstrip("="), max_age=JOURNEY_SECONDS, path="/",
            secure=self._secure, httponly=True, samesite="lax",
        )  # fmt: skip

    async def unpack(self, request: Request, kind: type[_T]) -> _T | None:
        """What this browser has with it; None for nothing, something else, something not ours, or too late."""
        value = request.cookies.get(self.cookie, "")
        if not value or len(value) > _LIMIT:
            return None
        server = await self._vault.open(SERVER)
        try:
            sealed = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
            plain = server.open_record("outside-journey", kind.__name__, sealed)
            found = msgspec.json.decode(plain, type=kind)
        except (IntegrityError, binascii.Error, ValueError, msgspec.DecodeError):
            return None
        return found if found.expires > self._clock() else None

    def empty(self, response: Response) -> None:
        """Take it away."""
        response.delete_cookie(self.cookie, path="/", secure=self._secure, httponly=True, samesite="lax")
