"""StreamingHTTPChannel2023 and EventSourceChannel2023: messages over an HTTP answer that goes on."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pyoxigraph as ox
import pytest
from support.notifying import LD_JSON, Notifying, notifying

STREAMING, EVENTS = "StreamingHTTPChannel2023", "EventSourceChannel2023"


class Reader:
    """Reads what comes over a stream, message by message."""

    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def lines(self, count: int) -> list[str]:
        """The next lines that are not empty and no comments."""
        found: list[str] = []
        async with asyncio.timeout(10):
            while len(found) < count:
                line = await anext(self._lines)
                if line and not line.startswith(":"):
                    found.append(line)
        return found

    async def rest(self) -> list[str]:
        """What comes until the stream ends."""
        async with asyncio.timeout(10):
            return [line async for line in self._lines if line and not line.startswith(":")]


@asynccontextmanager
async def reading(pods: Notifying, channel: Any, **headers: str) -> AsyncIterator[Reader]:
    """A connection to where the messages of a channel come from."""
    async with pods.http.stream("GET", channel["receiveFrom"], headers=headers) as response:
        assert response.status_code == 200
        yield Reader(response)


@pytest.mark.duty(118, 120, 131, 132, 135)
async def test_messages_come_over_one_answer(tmp_path: Path) -> None:
    """Each message is one line of JSON-LD, sent as it happens; other RDF is given to who asks for it."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        await anna.put(anna.url("one"), "<#a> <#b> 1 .")
        channel = await pods.channel(anna, anna.url("one"), STREAMING)
        assert channel["receiveFrom"].startswith(channel["id"])
        async with reading(pods, channel) as stream:
            assert stream.response.headers["content-type"] == LD_JSON
            assert stream.response.headers["cache-control"] == "no-store"
            for number in (2, 3):
                answer = await anna.put(anna.url("one"), f"<#a> <#b> {number} .")
                (line,) = await stream.lines(1)
                message = json.loads(line)
                assert (message["type"], message["state"]) == ("Update", answer.headers["etag"])
        async with reading(pods, channel, Accept="application/n-triples", Origin="https://app.example") as stream:
            assert stream.response.headers["content-type"] == "application/n-triples"
            assert stream.response.headers["access-control-allow-origin"] == "https://app.example"
            await anna.put(anna.url("one"), "<#a> <#b> 4 .")
            lines = await stream.lines(4)
            said = {q.predicate.value.rpartition("#")[2] for q in ox.parse("\n".join(lines), ox.RdfFormat.N_TRIPLES)}
            assert said == {"type", "object", "state", "published"}


@pytest.mark.duty(118, 120, 131, 132, 136)
async def test_messages_come_as_server_sent_events(tmp_path: Path) -> None:
    """Each message is one event with the state as id; who comes back with the last id is told of another state once."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        await anna.put(anna.url("one"), "<#a> <#b> 1 .")
        channel = await pods.channel(anna, anna.url("one"), EVENTS)
        async with reading(pods, channel) as stream:
            assert stream.response.headers["content-type"] == "text/event-stream"
            answer = await anna.put(anna.url("one"), "<#a> <#b> 2 .")
            identity, data = await stream.lines(2)
            assert identity == f"id: {answer.headers['etag']}"
            assert json.loads(data.removeprefix("data: "))["object"] == anna.url("one")
        last = identity.removeprefix("id: ")
        answer = await anna.put(anna.url("one"), "<#a> <#b> 3 .")
        async with reading(pods, channel, **{"Last-Event-ID": last}) as stream:
            identity, _ = await stream.lines(2)
            assert identity == f"id: {answer.headers['etag']}"
            await anna.request("DELETE", anna.url("one"))
            (data,) = await stream.lines(1)
            assert json.loads(data.removeprefix("data: "))["type"] == "Delete"


@pytest.mark.parametrize("kind", [STREAMING, EVENTS])
@pytest.mark.duty(120)
async def test_a_stream_ends_when_its_reader_may_not_know_any_more(tmp_path: Path, kind: str) -> None:
    """After a revoke the answer ends without another message, and its address is gone."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        app = pods.server.app_of(anna, "https://app.example/id")
        grant = await pods.server.give(anna, client=app.client, sections=("experience",), actions=("read",))
        app.grant = grant.id
        channel = await pods.channel(app, anna.url("cv/experience"), kind)
        async with reading(pods, channel) as stream:
            await pods.server.grants.revoke(anna.pod.id, grant.id, by=anna.pod.id)
            await anna.put(anna.url("cv/experience"), "<#a> <#b> 1 .")
            assert await stream.rest() == []
        assert (await pods.http.get(channel["receiveFrom"])).status_code == 404


async def test_a_head_request_is_answered_at_once(tmp_path: Path) -> None:
    """HEAD says what would come, and takes no connection."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        channel = await pods.channel(anna, anna.url("cv/"), STREAMING)
        head = await pods.ask(None, "HEAD", channel["receiveFrom"])
        assert (head.status_code, head.headers["content-type"]) == (200, LD_JSON)
        assert (await pods.ask(None, "POST", channel["receiveFrom"])).status_code == 405


async def test_who_ends_the_channel_ends_the_stream(tmp_path: Path) -> None:
    """DELETE on the channel closes what is connected to it."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        channel = await pods.channel(anna, anna.url("cv/"), STREAMING)
        async with reading(pods, channel) as stream:
            assert (await pods.ask(None, "DELETE", channel["id"])).status_code == 204
            assert await stream.rest() == []


async def test_a_server_that_stops_does_not_wait_for_streams(tmp_path: Path) -> None:
    """Open streams and sockets end in order when the notifications close; nothing new begins."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        one = await pods.channel(anna, anna.url("cv/"), STREAMING)
        two = await pods.channel(anna, anna.url("cv/"))
        async with reading(pods, one) as stream, pods.socket(two["receiveFrom"]) as connection:
            await pods.notifications.close()
            assert await stream.rest() == []
            await connection.wait_closed()
            assert connection.close_code == 1012
        assert (await pods.subscribe(anna, anna.url("cv/"))).status_code == 429
