"""What receivers that do not read, and changes that come in thousands, may cost: a bounded amount."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from support.notifying import Notifying, heard, notifying, path_of

from werkpod.pod.notify import hub, streams
from werkpod.pod.notify.channels import Message, Reason
from werkpod.pod.notify.streams import WAITING, Waiting
from werkpod.web import connections


def message(kind: str, member: str, body: bytes = b"{}") -> Message:
    """A message about a member."""
    return Message((kind, member), body, None, 0.0)


async def test_what_waits_is_bounded_and_the_same_counts_once() -> None:
    """A later message about the same takes the place of the earlier one; where there is no room, it is said."""
    waiting = Waiting()
    for number in range(1000):
        assert waiting.put(message("update", "", str(number).encode()))
    first = await waiting.next()
    assert first is not None
    assert first.body == b"999"
    for number in range(WAITING):
        assert waiting.put(message("add", str(number)))
    assert waiting.put(message("add", "0"))
    assert not waiting.put(message("add", "new"))
    waiting.close(Reason.SLOW)
    waiting.close(Reason.GONE)
    assert (await waiting.next(), waiting.over) == (None, Reason.SLOW)
    assert waiting.put(message("add", "after"))


async def connect_and_never_read(pods: Notifying, path: str, *, upgrade: bool) -> socket.socket:
    """A receiver that says hello and then reads nothing; small buffers, so that it is felt soon."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, ("127.0.0.1", pods.port))
    more = (
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        if upgrade
        else ""
    )
    await loop.sock_sendall(raw, f"GET {path} HTTP/1.1\r\nHost: localhost:8080\r\n{more}\r\n".encode())
    assert (await loop.sock_recv(raw, 12)).startswith(b"HTTP/1.1 ")
    return raw


@pytest.mark.parametrize("kind", ["WebSocketChannel2023", "StreamingHTTPChannel2023"])
async def test_a_receiver_that_does_not_read_is_let_go_and_others_are_not_held_up(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It loses its channel when there is no room or it takes too long; who reads is told of everything meanwhile."""
    monkeypatch.setattr(streams, "SEND_SECONDS", 0.2)
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        await anna.put(anna.url("box/first"), "<#a> <#b> 1 .")
        dead = await pods.channel(anna, anna.url("box/"), kind)
        alive = await pods.channel(anna, anna.url("box/"))
        raw = await connect_and_never_read(pods, path_of(dead["receiveFrom"]), upgrade=kind.startswith("Web"))
        async with pods.socket(alive["receiveFrom"]) as connection:
            channels = {channel.id: channel for channel in pods.notifications.hub.all()}
            number = 0
            async with asyncio.timeout(20):
                while not channels[dead["id"]].ended and channels[dead["id"]].outlet is not None:
                    name = f"box/{number:04}-{'x' * 20_000}"
                    pods.server.service.changes.written(anna.pod, name, None, there={"box/", ""})
                    assert (await heard(connection))["object"].endswith(name)
                    number += 1
            assert number < 20_000
        raw.close()


async def test_a_topic_that_nobody_waits_for_costs_nothing(tmp_path: Path) -> None:
    """A write of something else is not noted, and no decision is made for it."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        await pods.channel(anna, anna.url("one"))
        one_hub = pods.notifications.hub
        await pods.settled()
        before = one_hub.decided
        await anna.put(anna.url("two"), "<#a> <#b> 1 .")
        await pods.settled()
        assert one_hub.decided == before


async def test_one_decision_does_for_all_connections_of_one_requester(tmp_path: Path) -> None:
    """The gate decides once for each agent and app, and its log has one line, whatever number of connections it has."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        url = anna.url("one")
        await anna.put(url, "<#a> <#b> 1 .")
        channels = [await pods.channel(anna, url) for _ in range(5)]
        waits = [asyncio.create_task(_first(pods, channel["receiveFrom"])) for channel in channels]
        one_hub = pods.notifications.hub
        async with asyncio.timeout(10):
            while any(channel.outlet is None for channel in one_hub.all()):  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)
        await pods.settled()
        before = one_hub.decided
        await anna.put(url, "<#a> <#b> 2 .")
        told = [await wait for wait in waits]
        assert len({one["id"] for one in told}) == 1
        assert one_hub.decided == before + 1
        lines = [line.entry.action for line in await pods.server.ledger.entries(anna.pod.id)]
        assert lines.count("notify") == 1


async def _first(pods: Notifying, receive_from: str) -> dict[str, str]:
    async with pods.socket(receive_from) as connection:
        found: dict[str, str] = await heard(connection)
        return found


async def test_what_waited_too_long_is_decided_on_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that was decided on a while ago is not sent where the subscriber may not know any more."""
    monkeypatch.setattr(streams, "FRESH", -1.0)
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        url = anna.url("one")
        channel = await pods.channel(anna, url)
        async with pods.socket(channel["receiveFrom"]) as connection:
            await anna.put(url, "<#a> <#b> 1 .")
            assert (await heard(connection))["type"] == "Create"
            before = pods.notifications.hub.decided
            await anna.put(url, "<#a> <#b> 2 .")
            assert (await heard(connection))["type"] == "Update"
            assert pods.notifications.hub.decided >= before + 2


async def test_without_a_log_nothing_is_told(tmp_path: Path) -> None:
    """Where the log cannot be written, an app is told of nothing; the public, which is not in it, is."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        card = anna.url("profile/card")
        named, public = await pods.channel(anna, card), await pods.channel(None, card)
        async with pods.socket(named["receiveFrom"]) as first, pods.socket(public["receiveFrom"]) as second:
            await pods.settled()
            await pods.server.ledger.database._database.close()
            pods.server.service.changes.written(anna.pod, "profile/card", None, there={"profile/card"})
            assert (await heard(second))["type"] == "Update"
            await pods.settled()
            told = {channel.id for channel in pods.notifications.hub.all() if channel.last > 0}
            assert told == {public["id"]}
            assert first.close_code is None


@pytest.mark.parametrize("kind", ["WebSocketChannel2023", "StreamingHTTPChannel2023"])
async def test_a_connection_that_is_over_goes_also_where_the_receiver_takes_nothing(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is left to be sent to somebody who does not read is thrown away after a while, with the connection."""
    monkeypatch.setattr(streams, "SEND_SECONDS", 0.1)
    monkeypatch.setattr(connections, "PATIENCE", 0.3)
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        await anna.put(anna.url("box/first"), "<#a> <#b> 1 .")
        channel = await pods.channel(anna, anna.url("box/"), kind)
        raw = await connect_and_never_read(pods, path_of(channel["receiveFrom"]), upgrade=kind.startswith("Web"))
        (one,) = pods.notifications.hub.all()
        async with asyncio.timeout(20):
            number = 0
            while not one.ended and (one.outlet is not None or number == 0):
                name = f"box/{number}-{'x' * 20_000}"
                pods.server.service.changes.written(anna.pod, name, None, there={"box/", ""})
                await pods.settled()
                await asyncio.sleep(0)
                number += 1
            await pods.http.aclose()
            while pods.uvicorn.server_state.connections:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)
        raw.close()


async def test_who_may_not_know_any_more_is_let_go_also_where_nothing_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Now and then all are looked at again, so that the connection of a revoked app does not stay for ever."""
    monkeypatch.setattr(hub, "RECHECK", 0.1)
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        app = pods.server.app_of(anna, "https://app.example/id")
        grant = await pods.server.give(anna, client=app.client, sections=("experience",), actions=("read",))
        app.grant = grant.id
        channel = await pods.channel(app, anna.url("cv/experience"))
        async with pods.socket(channel["receiveFrom"]) as connection:
            await pods.server.grants.revoke(anna.pod.id, grant.id, by=anna.pod.id)
            async with asyncio.timeout(10):
                await connection.wait_closed()
            assert connection.close_code == 1008


async def test_the_connections_of_an_erased_pod_are_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its channels take the place of nobody else's until they would have ended by themselves."""
    monkeypatch.setattr(hub, "RECHECK", 0.1)
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        channel = await pods.channel(anna, anna.url("cv/"))
        async with pods.socket(channel["receiveFrom"]) as connection:
            await pods.server.parts.vault.erase(anna.pod.id)
            async with asyncio.timeout(10):
                await connection.wait_closed()
        assert list(pods.notifications.hub.all()) == []
