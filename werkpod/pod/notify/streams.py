"""Connections that a receiver keeps open: WebSocket (RFC 6455), streaming HTTP, server-sent events (HTML, 9.2).

What waits for a receiver that does not read is bounded: messages about the same become one, and where there is still no
room, the connection ends. The receiver connects again, and is told once that the state is another one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from starlette.types import Receive, Send

from werkpod.pod.ldp.headers import Header
from werkpod.pod.notify.channels import Channel, Message, Reason
from werkpod.pod.notify.hub import FRESH, Hub
from werkpod.pod.notify.subscriptions import MAX_VALUE
from werkpod.pod.notify.words import EVENTS

WAITING = 32
"""Messages that wait for one receiver: about 16 KB."""
SEND_SECONDS = 20.0
"""How long one piece may wait for a receiver that does not read."""
HEARTBEAT = 20.0
"""Seconds of silence after which something is sent that says nothing, so that nobody on the way takes it for dead."""
_CHATTER = 20
"""Messages that a client may send at once, and then one a second: none is expected, some send an empty one to stay."""


class Waiting:
    """The outlet of one connection: what is to be sent on it, and whether it is over."""

    def __init__(self, limit: int = WAITING) -> None:
        self._limit = limit
        self._messages: OrderedDict[tuple[str, str], Message] = OrderedDict()
        self._ready = asyncio.Event()
        self.over: Reason | None = None

    def put(self, message: Message) -> bool:
        """Take a message in place of an earlier one with the same key; False where there is no room."""
        if self.over is not None:
            return True
        self._messages.pop(message.key, None)
        if len(self._messages) >= self._limit:
            return False
        self._messages[message.key] = message
        self._ready.set()
        return True

    def close(self, reason: Reason) -> None:
        """End the connection; what waits is not sent."""
        if self.over is None:
            self.over = reason
        self._messages.clear()
        self._ready.set()

    async def next(self, seconds: float | None = None) -> Message | None:
        """The next message; None where there is none for so long, or where it is over."""
        if not self._messages and self.over is None:
            self._ready.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._ready.wait()
        return self._messages.popitem(last=False)[1] if self._messages else None


async def websocket(hub: Hub, channel: Channel, subprotocols: list[str], receive: Receive, send: Send) -> None:
    """Carry the messages of a channel over a WebSocket until one of the two sides ends it."""
    await receive()  # websocket.connect
    offered = next((name for name in subprotocols if name.endswith(channel.type)), None)
    try:
        await send({"type": "websocket.accept", "subprotocol": offered, "headers": []})
    except OSError:  # it went before it was there
        return
    waiting = Waiting()

    async def listen() -> None:
        loop = asyncio.get_running_loop()
        began, heard = loop.time(), 0
        while (await receive())["type"] != "websocket.disconnect":
            heard += 1
            if heard > _CHATTER + loop.time() - began:
                waiting.close(Reason.NOISY)
        waiting.close(Reason.GONE)

    async def carry(message: Message) -> None:
        await send({"type": "websocket.send", "text": message.body.decode()})

    async def hold() -> None:  # uvicorn sends pings, and ends a connection that does not answer them
        return

    await _carry(hub, channel, waiting, listen, carry, hold, None)
    reason = waiting.over or Reason.GONE
    if reason is not Reason.GONE:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(SEND_SECONDS):
                await send({"type": "websocket.close", "code": reason.code, "reason": reason.value[1]})


async def stream(
    hub: Hub, channel: Channel, headers: list[Header], last_event: str | None, receive: Receive, send: Send
) -> None:
    """Carry the messages of a channel over one HTTP answer, one message a piece, until one of the sides ends it.

    Server-sent events have the state of the topic as their id. Nothing is played back: a receiver that comes back with
    Last-Event-ID is told once where the state is another one now.
    """
    events = channel.type == EVENTS
    media_type = "text/event-stream" if events else channel.form
    head = [*headers, (b"content-type", media_type.encode()), (b"x-accel-buffering", b"no")]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    waiting = Waiting()
    if last_event:
        channel.seen = last_event[:MAX_VALUE]

    async def listen() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        waiting.close(Reason.GONE)

    async def piece(body: bytes) -> None:
        await send({"type": "http.response.body", "body": body, "more_body": True})

    async def carry(message: Message) -> None:
        await piece(_event(message) if events else message.body.rstrip(b"\n") + b"\n")

    async def hold() -> None:
        await piece(b":\n\n" if events else b"\n")

    await hold()  # a browser's fetch is answered when the first piece of the body is there
    await _carry(hub, channel, waiting, listen, carry, hold, HEARTBEAT)
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(SEND_SECONDS):
            await send({"type": "http.response.body", "body": b""})


async def _carry(
    hub: Hub,
    channel: Channel,
    waiting: Waiting,
    listen: Callable[[], Awaitable[None]],
    carry: Callable[[Message], Awaitable[None]],
    hold: Callable[[], Awaitable[None]],
    heartbeat: float | None,
) -> None:
    """Send what waits until the connection is over. Nothing that waited is sent without another decision."""
    listening = asyncio.ensure_future(listen())
    clock = asyncio.get_running_loop().time
    try:
        hub.connect(channel, waiting)
        while waiting.over is None:
            message = await waiting.next(heartbeat)
            if message is not None and clock() - message.at > FRESH and not await hub.may_still(channel):
                break
            if waiting.over is None:
                async with asyncio.timeout(SEND_SECONDS):
                    await (hold() if message is None else carry(message))
    except TimeoutError:
        waiting.close(Reason.SLOW)
    except OSError:  # uvicorn's sign that the receiver went
        waiting.close(Reason.GONE)
    finally:
        listening.cancel()
        hub.disconnect(channel, waiting)
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await listening


def _event(message: Message) -> bytes:
    """One event: its id is the state, its data the message (HTML, 9.2.6)."""
    lines = [f"id: {message.state}".encode()] if message.state else []
    lines += [b"data: " + line for line in message.body.splitlines()]
    return b"\n".join(lines) + b"\n\n"
