"""WebSocketChannel2023 over a real server: who may read is told of what changes, as it happens."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest
import websockets
from support.notifying import heard, notifying
from support.podapp import Person

NOTE = "<#a> <#b> {} ."
ACL = (
    "@prefix acl: <http://www.w3.org/ns/auth/acl#> .\n"
    "<#owner> a acl:Authorization ; acl:accessTo <{0}> ; acl:agent <{1}> ; acl:mode acl:Read, acl:Control .\n"
    "<#reader> a acl:Authorization ; acl:accessTo <{0}> ; {2} ; acl:mode acl:Read ."
)
PATCH = (
    "@prefix solid: <http://www.w3.org/ns/solid/terms#> .\n"
    "_:p a solid:InsertDeletePatch ; solid:inserts { <#c> <#d> 1 . } ."
)
PUBLIC = "acl:agentClass <http://xmlns.com/foaf/0.1/Agent>"


async def share(owner: Person, path: str, who: str = PUBLIC) -> None:
    """Let somebody read a document, by access rules of its own."""
    rules = ACL.format(owner.url(path), owner.pod.webid, who)
    answer = await owner.put(owner.url(path + ".acl"), rules)
    assert answer.status_code in (201, 204), answer.text


async def ended(connection: websockets.ClientConnection) -> int | None:
    """Wait until the server ends it: the close code. Anything that is told before fails the test."""
    async with asyncio.timeout(10):
        try:
            told = await connection.recv()
        except websockets.ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None
    raise AssertionError(told)


@pytest.mark.duty(118, 119, 120, 131, 132, 133)
async def test_a_change_is_told_over_a_websocket(tmp_path: Path) -> None:
    """Who subscribes to a document and connects gets a message with its new state when it is written."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        await anna.put(anna.url("notes/one"), NOTE.format(1))
        channel = await pods.channel(anna, anna.url("notes/one"))
        assert channel["type"] == "WebSocketChannel2023"
        assert channel["topic"] == anna.url("notes/one")
        assert channel["receiveFrom"].startswith(anna.url().replace("http", "ws", 1))
        async with pods.socket(channel["receiveFrom"]) as connection:
            await anna.put(anna.url("notes/one"), NOTE.format(2))
            message = await heard(connection)
        state = (await anna.get(anna.url("notes/one"))).headers["etag"]
        assert message["type"] == "Update"
        assert message["object"] == anna.url("notes/one")
        assert message["state"] == state
        assert message["id"].startswith("urn:uuid:")
        assert message["published"].endswith("Z")
        assert message["@context"][0] == "https://www.w3.org/ns/activitystreams"


@pytest.mark.duty(120, 132)
async def test_a_document_comes_changes_and_goes(tmp_path: Path) -> None:
    """Create, Update (by PUT and PATCH) and Delete are told of a topic that did not exist when it was subscribed to."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        url = anna.url("notes/one")
        channel = await pods.channel(anna, url)
        async with pods.socket(channel["receiveFrom"]) as connection:
            await anna.put(url, NOTE.format(1))
            told = [await heard(connection)]
            await anna.put(url, NOTE.format(2))
            told.append(await heard(connection))
            answer = await anna.request("PATCH", url, content=PATCH, headers={"Content-Type": "text/n3"})
            assert answer.status_code == 204, answer.text
            told.append(await heard(connection))
            assert (await anna.request("DELETE", url)).status_code == 204
            told.append(await heard(connection))
        assert [message["type"] for message in told] == ["Create", "Update", "Update", "Delete"]
        assert {message["object"] for message in told} == {url}
        assert "state" not in told[-1]
        assert len({message["id"] for message in told}) == 4


@pytest.mark.duty(120, 132)
async def test_a_container_tells_of_its_members(tmp_path: Path) -> None:
    """Who waits for a container is told what is added and removed, with the container as target, and of its own end."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        await anna.put(anna.url("box/first"), NOTE.format(1))
        channel = await pods.channel(anna, anna.url("box/"))
        async with pods.socket(channel["receiveFrom"]) as connection:
            answer = await anna.request(
                "POST", anna.url("box/"), content=NOTE.format(1), headers={"Content-Type": "text/turtle", "Slug": "two"}
            )
            told = [await heard(connection)]
            state = (await anna.request("HEAD", anna.url("box/"))).headers["etag"]
            await anna.put(anna.url("box/first"), NOTE.format(2))  # a change inside a member is the member's
            await anna.request("DELETE", anna.url("box/first"))
            told.append(await heard(connection))
            await anna.put(anna.url("box/.meta"), '<.> <http://purl.org/dc/terms/title> "Doos" .')
            told.append(await heard(connection))
            await anna.put(anna.url("box/deep/down/x"), NOTE.format(1))
            told.append(await heard(connection))
        assert [m["type"] for m in told] == ["Add", "Remove", "Update", "Add"]
        assert [m["object"] for m in told] == [
            answer.headers["location"], anna.url("box/first"), anna.url("box/"), anna.url("box/deep/"),
        ]  # fmt: skip
        assert [m.get("target") for m in told] == [anna.url("box/"), anna.url("box/"), None, anna.url("box/")]
        assert told[0]["state"] == state


@pytest.mark.duty(120)
async def test_a_revoked_app_falls_silent_at_once(tmp_path: Path) -> None:
    """After a revoke no message goes out: the next change ends the connection and the channel."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        await anna.put(anna.url("cv/experience"), NOTE.format(1))
        app = pods.server.app_of(anna, "https://app.example/id")
        grant = await pods.server.give(anna, client=app.client, sections=("experience",), actions=("read",))
        app.grant = grant.id
        channel = await pods.channel(app, anna.url("cv/experience"))
        async with pods.socket(channel["receiveFrom"]) as connection:
            await anna.put(anna.url("cv/experience"), NOTE.format(2))
            assert (await heard(connection))["type"] == "Update"
            await pods.server.grants.revoke(anna.pod.id, grant.id, by=anna.pod.id)
            await anna.put(anna.url("cv/experience"), NOTE.format(3))
            assert await ended(connection) == 1008
        assert (await pods.ask(None, "GET", channel["id"])).status_code == 404


async def test_rules_that_are_taken_back_end_the_channel_of_a_stranger(tmp_path: Path) -> None:
    """Who read by WAC and may not any more is told of nothing else."""
    async with notifying(tmp_path) as pods:
        anna, bert = await pods.server.person("anna"), await pods.server.person("bert")
        await anna.put(anna.url("one"), NOTE.format(1))
        await share(anna, "one", f"acl:agent <{bert.pod.webid}>")
        bert.grant = None
        channel = await pods.channel(bert, anna.url("one"))
        async with pods.socket(channel["receiveFrom"]) as connection:
            await anna.put(anna.url("one"), NOTE.format(2))
            assert (await heard(connection))["type"] == "Update"
            await anna.request("DELETE", anna.url("one.acl"))
            await anna.put(anna.url("one"), NOTE.format(3))
            assert await ended(connection) == 1008


async def test_an_origin_that_the_rules_leave_out_is_told_nothing(tmp_path: Path) -> None:
    """Of two pages of one app, the one at the origin that acl:origin names hears; the other loses its channel."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        await anna.put(anna.url("one"), NOTE.format(1))
        await share(anna, "one")
        good, bad = [
            await pods.channel(None, anna.url("one"), origin=origin)
            for origin in ("https://good.example", "https://bad.example")
        ]
        await share(anna, "one", f"{PUBLIC} ; acl:origin <https://good.example>")
        async with pods.socket(good["receiveFrom"]) as first, pods.socket(bad["receiveFrom"]) as second:
            assert await ended(second) == 1008
            await anna.put(anna.url("one"), NOTE.format(2))
            assert (await heard(first))["type"] == "Update"


async def test_who_could_read_by_its_own_rules_is_told_that_it_is_gone(tmp_path: Path) -> None:
    """The rules of a document go with it; who read by them hears of the end, and of nothing after it."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        await anna.put(anna.url("one"), NOTE.format(1))
        await share(anna, "one")
        channel = await pods.channel(None, anna.url("one"))
        async with pods.socket(channel["receiveFrom"]) as connection:
            await anna.request("DELETE", anna.url("one"))
            assert (await heard(connection))["type"] == "Delete"
            await anna.put(anna.url("one"), NOTE.format(2))
            assert await ended(connection) == 1008


@pytest.mark.duty(132)
async def test_a_hidden_change_is_not_told_and_a_shown_one_has_the_state_that_is_seen(tmp_path: Path) -> None:
    """Through a lens only what it lets pass changes anything, and the state is the tag of what the app gets."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        url = anna.url("cv/experience")
        body = "<#one> <https://schema.org/name> '{}' . <#two> <https://schema.org/name> '{}' ."
        await anna.put(url, body.format("een", "twee"))
        app = pods.server.app_of(anna, "https://app.example/id")
        grant = await pods.server.give(
            anna, client=app.client, sections=("experience",), actions=("read",),
            hidden_entries=("experience#two",),
        )  # fmt: skip
        app.grant = grant.id
        channel = await pods.channel(app, url)
        async with pods.socket(channel["receiveFrom"]) as connection:
            await anna.put(url, body.format("een", "geheim"))
            await pods.settled()
            await anna.put(url, body.format("anders", "geheim"))
            message = await heard(connection)
        assert message["type"] == "Update"
        assert message["state"] == (await app.get(url)).headers["etag"]
        assert message["state"].startswith('"lens-')
        told = [line.entry for line in await pods.server.ledger.entries(anna.pod.id) if line.entry.action == "notify"]
        assert [(entry.client, entry.path) for entry in told] == [(app.client, "cv/experience")]


async def test_every_subscription_and_every_message_is_on_record(tmp_path: Path) -> None:
    """The log has a line for the subscription, one for each change that an app is told of, and none for the public."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        await anna.put(anna.url("one"), NOTE.format(1))
        await share(anna, "one")
        named, public = await pods.channel(anna, anna.url("one")), await pods.channel(None, anna.url("one"))
        async with pods.socket(named["receiveFrom"]) as first, pods.socket(public["receiveFrom"]) as second:
            for number in (2, 3):
                await anna.put(anna.url("one"), NOTE.format(number))
                assert (await heard(first))["id"] == (await heard(second))["id"]
        lines = [line.entry for line in await pods.server.ledger.entries(anna.pod.id)]
        told = [(entry.action, entry.client) for entry in lines if entry.action in ("notify", "subscribe")]
        assert told == [("notify", anna.client), ("notify", anna.client), ("subscribe", anna.client)]


async def test_who_comes_back_is_told_once_of_what_was_missed(tmp_path: Path) -> None:
    """Changes between the subscription and the connection, and between two connections, are told as one."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        await anna.put(anna.url("one"), NOTE.format(1))
        channel = await pods.channel(anna, anna.url("one"))
        for numbers in ((2, 3), (4, 5)):
            for number in numbers:
                await anna.put(anna.url("one"), NOTE.format(number))
            async with pods.socket(channel["receiveFrom"]) as connection:
                message = await heard(connection)
                assert message["state"] == (await anna.get(anna.url("one"))).headers["etag"]


async def test_a_second_connection_takes_the_place_of_the_first(tmp_path: Path) -> None:
    """One channel is one connection: the one before is closed."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        channel = await pods.channel(anna, anna.url("notes/"))
        async with pods.socket(channel["receiveFrom"]) as first, pods.socket(channel["receiveFrom"]) as second:
            assert await ended(first) == 1000
            await anna.put(anna.url("notes/x"), NOTE.format(1))
            assert (await heard(second))["type"] == "Create"


async def test_a_websocket_to_any_other_address_is_refused(tmp_path: Path) -> None:
    """Nobody gets a connection without an address that a subscription gave."""
    service = "/anna/.well-known/notifications/WebSocketChannel2023"
    paths = [f"{service}/{'x' * 43}/messages", service, f"{service}//messages", "/nobody/.well-known/notifications/x"]
    async with notifying(tmp_path) as pods:
        await pods.server.person("anna")
        for path in (*paths, "/anna/", "/", "/api/x", "/%2e%2e/", "//"):
            with pytest.raises(websockets.InvalidStatus) as refused:
                async with pods.socket("ws://localhost:8080" + path):
                    pass
            assert refused.value.response.status_code == 404, path


async def test_a_client_that_talks_is_cut_off(tmp_path: Path) -> None:
    """Nothing is expected of a receiver: a few words are passed over, many and long ones end the connection."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        channel = await pods.channel(anna, anna.url("notes/"))
        async with pods.socket(channel["receiveFrom"]) as connection:
            for _ in range(3):
                await connection.send("ping")
            await anna.put(anna.url("notes/x"), NOTE.format(1))
            assert (await heard(connection))["type"] == "Create"
            with contextlib.suppress(websockets.ConnectionClosed):
                for _ in range(500):
                    await connection.send("ping")
                    await asyncio.sleep(0)
            await connection.wait_closed()
            assert connection.close_code == 1008
        async with pods.socket(channel["receiveFrom"]) as connection:
            await connection.send("x" * 2000)
            await connection.wait_closed()
            assert connection.close_code == 1009


async def test_the_subprotocol_that_names_the_channel_type_is_agreed_to(tmp_path: Path) -> None:
    """A browser that offers the channel type as a subprotocol gets it back; others are not agreed to."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        channel = await pods.channel(anna, anna.url("notes/"))
        async with pods.socket(
            channel["receiveFrom"], subprotocols=["solid-0.1", "WebSocketChannel2023"]
        ) as connection:
            assert connection.subprotocol == "WebSocketChannel2023"


async def test_a_thousand_members_at_once_are_told_within_bounds(tmp_path: Path) -> None:
    """What waits is bounded: more changes of one container than fit are told as one change of it."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        await anna.put(anna.url("box/first"), NOTE.format(1))
        channel = await pods.channel(anna, anna.url("box/"))
        async with pods.socket(channel["receiveFrom"]) as connection:
            pod = anna.pod
            for number in range(1000):
                pods.server.service.changes.written(pod, f"box/{number}", None, there={"box/", ""})
            assert pods.notifications.hub.waiting <= 16
            message = await heard(connection)
        assert (message["type"], message["object"]) == ("Update", anna.url("box/"))
