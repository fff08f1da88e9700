"""WebhookChannel2023: messages that this server sends, signed, to an address that a subscriber named."""

from __future__ import annotations

import asyncio
import socket
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from support.notifying import LD_JSON, Delivery, Hook, Notifying, hook, notifying
from support.podapp import Person
from support.pods import BASE

from werkpod.pod.authn.authenticate import Authenticator
from werkpod.pod.notify import webhooks
from werkpod.web.client import guarded_client

KIND = "WebhookChannel2023"


async def got(receiver: Hook) -> Delivery:
    """The next request that the receiver gets."""
    async with asyncio.timeout(10):
        return await receiver.deliveries.get()


async def gone(pods: Notifying, channel: Any) -> None:
    """Wait until a channel has ended."""
    async with asyncio.timeout(10):
        while (await pods.ask(None, "GET", channel["id"])).status_code != 404:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)


async def change(person: Person, number: int, path: str = "one") -> str:
    """Write a document: its new state."""
    answer = await person.put(person.url(path), f"<#a> <#b> {number} .")
    return str(answer.headers["etag"])


@pytest.mark.duty(118, 120, 131, 132, 134)
async def test_a_change_is_sent_and_signed(tmp_path: Path) -> None:
    """A POST of the message, with a token of our issuer for the sender that the subscription named, and its proof."""
    async with notifying(tmp_path) as pods, hook() as receiver:
        anna = await pods.server.person("anna")
        channel = await pods.channel(anna, anna.url("one"), KIND, sendTo=receiver.url + "?key=1")
        assert channel["sendTo"] == receiver.url + "?key=1"
        assert channel["sender"] == f"{anna.url()}.well-known/notifications/sender#it"
        assert "receiveFrom" not in channel
        state = await change(anna, 1)
        delivery = await got(receiver)
        assert delivery.headers["content-type"] == LD_JSON
        message = delivery.json()
        assert (message["type"], message["object"], message["state"]) == ("Create", anna.url("one"), state)
        raw = [(name.encode(), value.encode()) for name, value in delivery.headers.items()]
        verify = Authenticator(pods.server.issuer.keys(), issuer=BASE)
        who = await verify(raw, "POST", receiver.url)
        assert (who.agent, who.client) == (channel["sender"], channel["sender"])
        token = delivery.headers["authorization"].removeprefix("DPoP ")
        claims = jwt.decode(token, ECKey.import_key(pods.server.issuer.key.as_dict(private=False))).claims
        assert (claims["iss"], claims["webid"], claims["aud"]) == (BASE, channel["sender"], ["solid"])
        assert claims["exp"] - claims["iat"] <= 300


@pytest.mark.duty(134)
async def test_the_sender_is_a_webid_that_names_its_issuer(tmp_path: Path) -> None:
    """A receiver that follows Solid-OIDC finds at the sender's address who may speak for it, without signing in."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        url = f"{anna.url()}.well-known/notifications/sender"
        for accept in ("text/turtle", LD_JSON):
            answer = await pods.ask(None, "GET", url, headers={"Accept": accept})
            assert answer.status_code == 200
            assert b"http://www.w3.org/ns/solid/terms#oidcIssuer" in answer.content or b"oidcIssuer" in answer.content
            assert BASE.encode() in answer.content
        assert (await pods.ask(None, "POST", url)).status_code == 405


async def test_what_fails_is_tried_again_and_then_given_up(tmp_path: Path) -> None:
    """A receiver that fails is tried a few times; one that says that it is gone, or never works, loses the channel."""
    async with notifying(tmp_path) as pods, hook(500, 302) as receiver, hook(410) as left, hook(*[503] * 9) as broken:
        anna = await pods.server.person("anna")
        await pods.channel(anna, anna.url("one"), KIND, sendTo=receiver.url)
        two = await pods.channel(anna, anna.url("one"), KIND, sendTo=left.url)
        three = await pods.channel(anna, anna.url("one"), KIND, sendTo=broken.url)
        await change(anna, 1)
        sent = [await got(receiver) for _ in range(3)]
        assert len({delivery.json()["id"] for delivery in sent}) == 1
        assert len({delivery.headers["dpop"] for delivery in sent}) == 3
        await gone(pods, two)
        await gone(pods, three)
        assert broken.deliveries.qsize() == 4
        await kept(tmp_path, 1)


def rows(folder: Path) -> int:
    """Channels in the database file."""
    with sqlite3.connect(folder / "pods.db") as connection:
        return int(connection.execute("SELECT count(*) FROM channel").fetchone()[0])


async def kept(folder: Path, number: int) -> None:
    """Wait until so many channels are kept: a row goes a moment after its channel."""
    async with asyncio.timeout(10):
        while rows(folder) != number:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)


def contents(folder: Path) -> bytes:
    """Everything in the files of a folder."""
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())


async def test_webhooks_outlive_a_restart_and_nothing_of_them_can_be_read(tmp_path: Path) -> None:
    """After a restart a kept channel tells what changed meanwhile and goes on; the files say nothing of it."""
    async with hook() as receiver:
        async with notifying(tmp_path) as pods:
            anna = await pods.server.person("anna")
            channel = await pods.channel(anna, anna.url("diary/secretpage"), KIND, sendTo=receiver.url + "/geheimadres")
            await change(anna, 1, "diary/secretpage")
            assert (await got(receiver)).json()["type"] == "Create"
            await pods.settled()
            device = anna.device
        files = contents(tmp_path)
        for word in ("geheimadres", "secretpage", KIND, channel["id"].rpartition("/")[2], "sender#it"):
            assert word.encode() not in files, word
        async with notifying(tmp_path) as pods:
            pod = await pods.server.parts.directory.find("anna")
            assert pod is not None
            again = Person(pods.server, pod, anna.client, device, anna.grant)
            assert (await pods.ask(None, "GET", channel["id"])).json() == channel
            state = await change(again, 2, "diary/secretpage")
            message = (await got(receiver)).json()
            assert (message["type"], message["state"]) == ("Update", state)
            assert (await pods.ask(None, "DELETE", channel["id"])).status_code == 204
            await change(again, 3, "diary/secretpage")
            await pods.settled()
            await kept(tmp_path, 0)
        assert receiver.deliveries.empty()


async def test_what_changed_while_the_server_was_down_is_told(tmp_path: Path) -> None:
    """A kept channel whose topic is in another state than it last told of says so at the start."""
    async with hook() as receiver:
        async with notifying(tmp_path) as pods:
            anna = await pods.server.person("anna")
            await change(anna, 1)
            await pods.channel(anna, anna.url("one"), KIND, sendTo=receiver.url)
        async with notifying(tmp_path) as pods:
            assert receiver.deliveries.empty()
            pod = await pods.server.parts.directory.find("anna")
            assert pod is not None
            stored = await pods.server.parts.storage.put(pod.id, "one", b"<#a> <#b> 2 .", "text/turtle")
        async with notifying(tmp_path):
            message = (await got(receiver)).json()
            assert (message["type"], message["state"]) == ("Update", stored.etag)


@pytest.mark.duty(120)
async def test_a_revoked_subscriber_hears_nothing_more(tmp_path: Path) -> None:
    """After a revoke nothing is sent, also not what waits for another try, and the channel is gone from the disk."""
    async with notifying(tmp_path, delays=(0.3, 0.3)) as pods, hook(500) as receiver:
        anna = await pods.server.person("anna")
        app = pods.server.app_of(anna, "https://app.example/id")
        grant = await pods.server.give(anna, client=app.client, sections=("experience",), actions=("read",))
        app.grant = grant.id
        channel = await pods.channel(app, anna.url("cv/experience"), KIND, sendTo=receiver.url)
        await change(anna, 1, "cv/experience")
        await got(receiver)
        await pods.server.grants.revoke(anna.pod.id, grant.id, by=anna.pod.id)
        await gone(pods, channel)
        assert receiver.deliveries.empty()
        await kept(tmp_path, 0)


@pytest.mark.duty(130, 134, 137)
async def test_a_state_that_is_another_one_is_told_at_once(tmp_path: Path) -> None:
    """Who says what they last knew hears at once where that is not so any more, and nothing where it is."""
    async with notifying(tmp_path) as pods, hook() as knows, hook() as behind:
        anna = await pods.server.person("anna")
        state = await change(anna, 1)
        await pods.channel(anna, anna.url("one"), KIND, sendTo=knows.url, state=state)
        await pods.channel(anna, anna.url("one"), KIND, sendTo=behind.url, state='"older"')
        message = (await got(behind)).json()
        assert (message["type"], message["state"]) == ("Update", state)
        assert knows.deliveries.empty()


async def test_a_receiver_that_is_slow_holds_a_bounded_number_of_messages(tmp_path: Path) -> None:
    """What waits for it is at most so many, and then becomes one message that the topic changed."""
    async with notifying(tmp_path, delays=(0.2,)) as pods, hook(500) as receiver:
        anna = await pods.server.person("anna")
        await change(anna, 1, "box/first")
        channel = await pods.channel(anna, anna.url("box/"), KIND, sendTo=receiver.url)
        changes = pods.server.service.changes
        for number in range(webhooks.WAITING * 2):
            changes.written(anna.pod, f"box/{number}", None, there={"box/", ""})
            await pods.settled()
        (one,) = pods.notifications.hub.all()
        assert len(one.outlet._messages) <= webhooks.WAITING  # type: ignore[union-attr]
        told = [await got(receiver)]
        while (told[-1].json()["type"], told[-1].json()["object"]) != ("Update", anna.url("box/")):
            told.append(await got(receiver))
        assert len(told) <= webhooks.WAITING + 3
        assert (await pods.ask(None, "GET", channel["id"])).status_code == 200


async def test_an_erased_pod_takes_its_channels_with_it(tmp_path: Path) -> None:
    """Erasing a pod leaves no row of its channels, and a start after it passes over what is left."""
    async with notifying(tmp_path) as pods, hook() as receiver:
        anna, bert = await pods.server.person("anna"), await pods.server.person("bert")
        await pods.channel(anna, anna.url("one"), KIND, sendTo=receiver.url)
        await pods.channel(bert, bert.url("one"), KIND, sendTo=receiver.url)
        await pods.server.parts.storage.erase(anna.pod.id)
        assert rows(tmp_path) == 1
        await pods.server.parts.vault.erase(bert.pod.id)
    async with notifying(tmp_path) as pods:
        assert list(pods.notifications.hub.all()) == []


async def test_a_name_that_leads_inside_gets_nothing(tmp_path: Path) -> None:
    """An address that passes when it is named is looked at again at each try, and the channel ends."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        pods.notifications.webhooks.make_client = guarded_client  # as a real server has it: no loopback
        channel = await pods.channel(anna, anna.url("one"), KIND, sendTo="https://localhost/inside")
        await change(anna, 1)
        await gone(pods, channel)
        await kept(tmp_path, 0)


async def test_one_subscriber_does_not_take_all_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Receivers that never answer hold up the other webhooks of who named them, and nobody else's."""
    monkeypatch.setattr(webhooks, "AT_ONCE", webhooks.OF_ONE + 1)
    async with notifying(tmp_path) as pods, hook() as receiver:
        anna, bert = await pods.server.person("anna"), await pods.server.person("bert")
        silent = socket.socket()
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        nowhere = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        for _ in range(webhooks.AT_ONCE + 5):
            await pods.channel(bert, anna.url("profile/card"), KIND, sendTo=nowhere)
        await pods.channel(anna, anna.url("profile/card"), KIND, sendTo=receiver.url)
        pods.server.service.changes.written(anna.pod, "profile/card", None, there={"profile/card"})
        assert (await got(receiver)).json()["type"] == "Update"
        silent.close()
