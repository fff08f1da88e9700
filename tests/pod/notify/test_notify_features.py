"""The features of a channel: startAt, endAt, rate, accept and state, as the protocol means them."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from datetime import UTC, datetime
from pathlib import Path

import pyoxigraph as ox
import pytest
import websockets
from support.notifying import heard, notifying
from support.podapp import Person


def at(seconds: float) -> str:
    """A time so many seconds from now."""
    return datetime.fromtimestamp(time.time() + seconds, UTC).isoformat().replace("+00:00", "Z")


async def write(person: Person, number: int, path: str = "one") -> str:
    """Write a document: its new state."""
    answer = await person.put(person.url(path), f"<#a> <#b> {number} .")
    return str(answer.headers["etag"])


@pytest.mark.duty(137)
async def test_nothing_is_told_before_the_start(tmp_path: Path) -> None:
    """Of two channels on one topic, the one that starts tomorrow hears nothing of what the other hears."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        early = await pods.channel(anna, anna.url("one"))
        late = await pods.channel(anna, anna.url("one"), startAt=at(86400))
        async with pods.socket(early["receiveFrom"]) as first, pods.socket(late["receiveFrom"]) as second:
            await write(anna, 1)
            assert (await heard(first))["type"] == "Create"
            (waiting,) = [channel for channel in pods.notifications.hub.all() if channel.id == late["id"]]
            waiting.wanted = dataclasses.replace(waiting.wanted, start=0.0)
            state = await write(anna, 2)
            assert (await heard(second))["state"] == state


@pytest.mark.duty(137)
async def test_what_was_before_the_start_is_told_only_to_who_said_what_they_knew(tmp_path: Path) -> None:
    """At the start a channel with a state hears where that is another one now; one without begins with what comes."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        start = at(1.0)
        plain = await pods.channel(anna, anna.url("one"), startAt=start)
        knowing = await pods.channel(anna, anna.url("one"), startAt=start, state='"old"')
        async with pods.socket(plain["receiveFrom"]) as first, pods.socket(knowing["receiveFrom"]) as second:
            before = await write(anna, 1)
            message = await heard(second)
            assert (message["state"], at(0) >= start) == (before, True)
            async with asyncio.timeout(10):
                while any("start" in one.timers or one.begins for one in pods.notifications.hub.all()):  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            after = await write(anna, 2)
            assert [(await heard(each))["state"] for each in (first, second)] == [after, after]


@pytest.mark.duty(137)
async def test_a_channel_ends_at_its_end(tmp_path: Path) -> None:
    """At endAt the connection is closed in order, and the channel is gone."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        channel = await pods.channel(anna, anna.url("one"), endAt=at(1.0))
        async with pods.socket(channel["receiveFrom"]) as connection:
            async with asyncio.timeout(10):
                await connection.wait_closed()
            assert connection.close_code == 1000
        assert (await pods.ask(None, "GET", channel["id"])).status_code == 404


@pytest.mark.duty(137)
async def test_messages_keep_their_distance(tmp_path: Path) -> None:
    """With a rate the first change is told at once, what follows as one message when the time is over."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        channel = await pods.channel(anna, anna.url("one"), rate="PT0.5S")
        async with pods.socket(channel["receiveFrom"]) as connection:
            clock = asyncio.get_running_loop().time
            await write(anna, 1)
            told = [await heard(connection)]
            first = clock()
            for number in range(2, 6):
                state = await write(anna, number)
            told.append(await heard(connection))
            assert clock() - first > 0.4
        assert [message["type"] for message in told] == ["Create", "Update"]
        assert told[1]["state"] == state


@pytest.mark.duty(137)
async def test_what_was_held_back_is_not_told_after_a_revoke(tmp_path: Path) -> None:
    """What waits for the end of the rate is decided on again when its time has come."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        app = pods.server.app_of(anna, "https://app.example/id")
        grant = await pods.server.give(anna, client=app.client, sections=("experience",), actions=("read",))
        app.grant = grant.id
        channel = await pods.channel(app, anna.url("cv/experience"), rate="PT0.4S")
        async with pods.socket(channel["receiveFrom"]) as connection:
            await write(anna, 1, "cv/experience")
            assert (await heard(connection))["type"] == "Update"
            await write(anna, 2, "cv/experience")
            await pods.server.grants.revoke(anna.pod.id, grant.id, by=anna.pod.id)
            with pytest.raises(websockets.ConnectionClosed):
                await heard(connection)
            assert connection.close_code == 1008


@pytest.mark.duty(137)
async def test_messages_come_in_the_form_that_is_accepted(tmp_path: Path) -> None:
    """With accept the messages are in that media type, in the terms of ActivityStreams and of notifications."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        accept = "image/png, text/turtle;q=0.9, application/ld+json;q=0.1"
        channel = await pods.channel(anna, anna.url("one"), accept=accept)
        assert channel["accept"] == "text/turtle"
        async with pods.socket(channel["receiveFrom"]) as connection:
            state = await write(anna, 1)
            quads = list(ox.parse(await connection.recv(), ox.RdfFormat.TURTLE))
        said = {quad.predicate.value: quad.object for quad in quads}
        assert said["https://www.w3.org/ns/activitystreams#object"] == ox.NamedNode(anna.url("one"))
        assert said["http://www.w3.org/ns/solid/notifications#state"] == ox.Literal(state)
        kinds = said["http://www.w3.org/1999/02/22-rdf-syntax-ns#type"]
        assert kinds == ox.NamedNode("https://www.w3.org/ns/activitystreams#Create")


@pytest.mark.duty(137)
async def test_the_state_that_is_known_decides_what_is_told_first(tmp_path: Path) -> None:
    """A current state, in whatever form it was read, is not told; another is, at once; so is that all is gone."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        state = await write(anna, 1)
        other_form = (await anna.get(anna.url("one"), Accept="application/ld+json")).headers["etag"]
        assert other_form != state
        behind = await pods.channel(anna, anna.url("one"), state='"before"')
        async with pods.socket(behind["receiveFrom"]) as connection:
            message = await heard(connection)
            assert (message["type"], message["state"]) == ("Update", state)
        for known in (state, other_form, state.strip('"')):
            current = await pods.channel(anna, anna.url("one"), state=known)
            async with pods.socket(current["receiveFrom"]) as connection:
                await pods.settled()
                await pods.ask(None, "DELETE", current["id"])
                with pytest.raises(websockets.ConnectionClosed):
                    await heard(connection)
        lost = await pods.channel(anna, anna.url("never"), state='"before"')
        async with pods.socket(lost["receiveFrom"]) as connection:
            assert (await heard(connection))["type"] == "Delete"
