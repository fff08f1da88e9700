"""How soon N subscribers of one resource know that it changed, and what that costs the server.

The receivers are as lean as they can be, because they share the machine with what is measured: a socket that notes when
a frame came. Three kinds of subscribers: the public on one origin (one decision for all), the public on N origins (a
decision each), and apps of ten other people on N/10 origins each (a decision and a line in the log each).
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import statistics
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from bench.client import Connection, request
from bench.operations import Person
from bench.processes import ServerProcess

CHANGES = 20
PEOPLE = 10
_JSON = "application/ld+json"


class Receiver(asyncio.Protocol):
    """One WebSocket; `told` counts the frames with a message."""

    def __init__(self, all_told: AllTold) -> None:
        self._all, self._shaken = all_told, False
        self.ready = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if not self._shaken:
            self._shaken = True
            assert data.startswith(b"HTTP/1.1 101"), data[:200]
            self.ready.set_result(None)
        elif data[0] == 0x81:  # one text frame; pings are left unanswered, the run is shorter than that
            self._all.one_more()


class AllTold:
    """Knows when every receiver was told of one change."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.wanted = 0
        self.done = asyncio.Event()

    def expect(self, number: int) -> None:
        """Begin anew."""
        self.times, self.wanted = [], number
        self.done.clear()

    def one_more(self) -> None:
        """A receiver was told."""
        self.times.append(time.perf_counter())
        if len(self.times) == self.wanted:
            self.done.set()


async def told(server: ServerProcess, owner: Person, others: Sequence[Person], number: int) -> str:
    """Measure each kind of subscribers; a table in Markdown."""
    await owner.prepare(0, 0)
    lines = [
        "| subscribers | of them different | first ms | p50 ms | last ms, median | last ms, worst | PUT ms"
        " | somebody's GET, worst ms | CPU ms a change | MB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    kinds: list[tuple[str, list[tuple[Person | None, str]]]] = [
        ("the public, one origin", [(None, "")] * number),
        ("the public, an origin each", [(None, f"https://app{i}.example") for i in range(number)]),
    ]
    if others:
        each = number // len(others)
        named = [(person, f"https://app{i}.example") for person in others for i in range(each)]
        kinds.append((f"{len(others)} people, logged", list(named)))
    for title, who in kinds:
        lines.append(await _measure(server, owner, title, who))
    return "\n".join(lines)


async def _measure(server: ServerProcess, owner: Person, title: str, who: Sequence[tuple[Person | None, str]]) -> str:
    topic, all_told = owner.owner.storage + "bench/public", AllTold()
    channels = [await _subscribe(owner, topic, person, origin) for person, origin in who]
    receivers = [await _connect(channel["receiveFrom"], all_told) for channel in channels]
    firsts, middles, lasts, puts, cpu = [], [], [], [], server.cpu_seconds()
    reader = asyncio.create_task(_read_beside(owner))
    connection = Connection(owner.base)
    for i in range(CHANGES):
        all_told.expect(len(who))
        body = f"<#a> <#b> {i}, {secrets.randbits(40)} .".encode()
        raw = owner.signed("PUT", "bench/public", body, Content_Type="text/turtle")
        started = time.perf_counter()
        answer = await connection.send(raw)
        answered = time.perf_counter()
        assert answer.status == 204, answer
        async with asyncio.timeout(30):
            await all_told.done.wait()
        puts.append(answered - started)
        since = [at - started for at in all_told.times]
        firsts.append(since[0])
        middles.append(statistics.median(since))
        lasts.append(since[-1])
    cpu = (server.cpu_seconds() - cpu) / CHANGES
    reader.cancel()
    waits = (await asyncio.gather(reader, return_exceptions=True))[0]
    memory = server.memory_mb()
    for receiver in receivers:
        receiver.transport.close()
    for channel in channels:
        assert (await connection.send(request("DELETE", channel["id"], {}))).status == 204
    await connection.close()
    worst = max(waits) * 1e3 if isinstance(waits, list) else float("nan")
    ms = [statistics.median(each) * 1e3 for each in (firsts, middles, lasts)]
    put = statistics.median(puts) * 1e3
    return (
        f"| {len(who):,}: {title} | {len(set(who)):,} | {ms[0]:.1f} | {ms[1]:.1f} | {ms[2]:.1f}"
        f" | {max(lasts) * 1e3:.1f} | {put:.1f} | {worst:.1f} | {cpu * 1e3:.0f} | {memory:.0f} |"
    )


async def _subscribe(owner: Person, topic: str, person: Person | None, origin: str) -> dict[str, str]:
    url = owner.owner.storage + ".well-known/notifications/WebSocketChannel2023"
    wanted = {
        "@context": ["https://www.w3.org/ns/solid/notifications-context/v1"], "type": "WebSocketChannel2023",
        "topic": topic,
    }  # fmt: skip
    headers = {"Content-Type": _JSON} | ({"Origin": origin} if origin else {})
    body = json.dumps(wanted).encode()
    raw = request("POST", url, headers, body) if person is None else person.signed("POST", url, body, **{
        name.replace("-", "_"): value for name, value in headers.items()
    })  # fmt: skip
    connection = Connection(owner.base)
    answer = await connection.send(raw)
    await connection.close()
    assert answer.status == 200, answer
    channel: dict[str, str] = json.loads(answer.body)
    return channel


async def _connect(url: str, all_told: AllTold) -> Receiver:
    parts = urlsplit(url)
    loop = asyncio.get_running_loop()
    transport, receiver = await loop.create_connection(lambda: Receiver(all_told), "127.0.0.1", parts.port)
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    transport.write(
        f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    await receiver.ready
    return receiver


async def _read_beside(owner: Person) -> list[float]:
    """Read something small again and again, until cancelled: how long each took."""
    waits: list[float] = []
    raw = request("GET", owner.owner.storage + "profile/card", {})
    connection = Connection(owner.base)
    try:
        while True:
            started = time.perf_counter()
            await connection.send(raw)
            waits.append(time.perf_counter() - started)
            await asyncio.sleep(0.002)
    except asyncio.CancelledError:
        return waits
