"""What one connection may take: bytes of a request's head, and time for a head or for the next piece of a body.

uvicorn's parser takes headers without an end, and waits for ever for what does not come. One client could so fill the
memory, or hold connections open at no cost (slow loris). And it waits for ever for a client that does not take the end
of its answer.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

HEAD_LIMIT = 64 << 10
"""Bytes of request line and headers: a proof, a token and cookies of many apps have some 30,000."""
PATIENCE = 30.0
"""Seconds for a whole head, and between two pieces of a body."""


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, within the limits above. A connection that passes one is closed."""

    _in_head, _in_body, _ended, _head_bytes, _since, _ending = True, False, False, 0, 0.0, False
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to watch the clock."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._watch = self.loop.call_later(PATIENCE, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Pass on what came, and count it while it is a head.

        A piece in which a head or a body ended is not counted: how much of it belongs to the next head is not known.
        """
        self._ended = False
        super().data_received(data)
        if self._in_body or self._ended:
            self._since = self.loop.time()
        else:
            if not self._head_bytes:
                self._since = self.loop.time()
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_LIMIT and not self.transport.is_closing():
                self.transport.write(b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\r\n")
                self.transport.close()

    def handle_websocket_upgrade(self) -> None:
        """From here on it is a WebSocket, which has limits of its own."""
        if self._watch is not None:
            self._watch.cancel()
        super().handle_websocket_upgrade()

    def on_headers_complete(self) -> None:
        """The head is over."""
        self._in_head, self._in_body, self._ended, self._since = False, True, True, self.loop.time()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The body is over; what comes next is a head."""
        self._in_head, self._in_body, self._ended, self._head_bytes = True, False, True, 0
        super().on_message_complete()

    def _look(self) -> None:
        if self.transport.is_closing():  # there is an end that the client does not take
            if self._ending:
                self.transport.abort()
                return
            self._ending = True
        waits = (self._in_head and self._head_bytes > 0) or (self._in_body and not self.flow.read_paused)
        idle = self._in_head and not self._head_bytes and self.cycle is None  # connected, and never said a word
        if (waits or idle) and self.loop.time() - self._since >= PATIENCE:
            self.transport.close()
            return
        self._watch = self.loop.call_later(PATIENCE / 2, self._look)


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """A WebSocket as uvicorn speaks it; one that is to end does so, whether or not the client takes what is left."""

    _ending = False
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to watch."""
        super().connection_made(transport)
        self._watch = self.loop.call_later(PATIENCE, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def _look(self) -> None:
        if self.close_sent or self.transport.is_closing():
            if self._ending:
                self.transport.abort()
                return
            self._ending = True
        self._watch = self.loop.call_later(PATIENCE / 2, self._look)
