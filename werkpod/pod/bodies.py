"""Bodies over HTTP: what comes in and what goes out, in pieces, with an end to each."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

import structlog
from starlette.types import Receive, Send

from werkpod.pod.stored import Content
from werkpod.web.errors import BadRequest, TooLarge, WerkpodError

_RECHECK_BYTES = 4 << 20
_RECHECK_SECONDS = 1.0
"""How much of a large body goes out, and for how long, on one decision that its reader may have it."""

log = structlog.get_logger("werkpod.pod")


class BrokenOff(BadRequest):
    """The connection ended before the body did; nothing of it is kept."""

    code, title = "broken_off", "The body broke off before its end"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A body that was not read yet. `length`: bytes that it is said to have; `pieces` can be gone through once."""

    pieces: AsyncIterator[bytes]
    length: int | None

    def within(self, limit: int) -> Incoming:
        """The same with another limit. Raises TooLarge at once where `length` is over it."""
        check_length(self.length, limit)
        return Incoming(_within(self.pieces, limit, self.length), self.length)

    async def whole(self) -> bytes:
        """All of it."""
        pieces = [piece async for piece in self.pieces]
        return b"".join(pieces) if len(pieces) != 1 else pieces[0]


def incoming(receive: Receive, length: int | None, limit: int) -> Incoming:
    """The body of a request of at most `limit` bytes. Raises TooLarge where `length` is over it."""
    return Incoming(_received(receive), length).within(limit)


def content_length(header: str | None) -> int | None:
    """The value of Content-Length, None where there is none. Raises BadRequest (RFC 9110, 8.6)."""
    if header is None:
        return None
    if not (header.isascii() and header.isdigit()) or len(header) > 18:
        raise BadRequest(f"Content-Length is a number of bytes; {header[:20]!r} is not.")
    return int(header)


def check_length(length: int | None, limit: int) -> None:
    """Raise TooLarge where a body is said to have more than `limit` bytes."""
    if length is not None and length > limit:
        raise TooLarge(f"A body has at most {limit} bytes here; Content-Length says {length}.")


async def _received(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise BrokenOff("The body broke off before its end; nothing of it was kept.")
        yield message.get("body", b"")
        more = bool(message.get("more_body"))


async def _within(pieces: AsyncIterator[bytes], limit: int, length: int | None) -> AsyncIterator[bytes]:
    size = 0
    async for piece in pieces:
        size += len(piece)
        if size > limit:
            raise TooLarge(f"A body has at most {limit} bytes here.")
        yield piece
    if length is not None and size != length:
        raise BrokenOff(f"The body has {size} bytes; Content-Length says {length}. Nothing of it was kept.")


class Outgoing:
    """Part of a large body on its way out: bytes `first` to `last`, both inclusive.

    `allowed`: asked again and again whether the reader may still have it.
    """

    def __init__(self, content: Content, first: int, last: int, allowed: Callable[[], Awaitable[bool]]) -> None:
        self.size = last - first + 1
        self._pieces = content.read(first, last)
        self._allowed = allowed
        self._first: bytes = b""

    async def begin(self) -> None:
        """Read the first piece, before the answer begins. Raises Replaced, IntegrityError, PodUnavailable."""
        self._first = await anext(self._pieces)

    async def send(self, receive: Receive, send: Send) -> None:
        """Send it as the body of the answer that was begun.

        Where it cannot be finished (replaced by another process, taken back, damaged, nobody listens any more) this
        returns without its end, and the server breaks the connection off: what came is too short, and seen to be.
        """
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            async with aclosing(self._pieces):  # type: ignore[type-var]
                await self._send(gone, send)
        except WerkpodError as error:
            log.warning("a body was broken off", code=error.code, reason=error.detail)
        finally:
            gone.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gone

    async def _send(self, gone: asyncio.Future[None], send: Send) -> None:
        clock = asyncio.get_running_loop().time
        piece, sent, asked_at, asked_after = self._first, 0, clock(), 0
        while True:
            sent += len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": sent < self.size})
            if sent == self.size or gone.done():
                return
            if sent - asked_after >= _RECHECK_BYTES or clock() - asked_at >= _RECHECK_SECONDS:
                if not await self._allowed():
                    log.warning("a body was broken off", code="forbidden", reason="It is not shared any more.")
                    return
                asked_at, asked_after = clock(), sent
            piece = await anext(self._pieces)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
