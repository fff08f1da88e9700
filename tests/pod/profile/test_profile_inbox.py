"""The inbox as a receiver of Linked Data Notifications, and what it does not take."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from support.podapp import Person, Server, pod_server

from werkpod.pod.access.model import Requester
from werkpod.pod.directory import Pod
from werkpod.pod.profile import inbox as limits
from werkpod.pod.profile.errors import InboxBusy, InboxFull
from werkpod.pod.profile.inbox import Inbox

TURTLE, JSON_LD = "text/turtle", "application/ld+json"
LDP = "http://www.w3.org/ns/ldp#"
ANNOUNCE = {
    "@context": "https://www.w3.org/ns/activitystreams", "id": "", "type": "Announce",
    "actor": "https://elders.example/ben#me", "object": "https://elders.example/nieuws",
}  # fmt: skip


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A pod server."""
    async with pod_server(tmp_path) as running:
        yield running


def objects(body: bytes, predicate: str) -> list[str]:
    """The objects of a predicate in a JSON-LD document."""
    return [q.object.value for q in ox.parse(body, ox.RdfFormat.JSON_LD) if q.predicate.value == predicate]


@pytest.mark.duty(138, 39, 148)
async def test_a_notification_finds_its_way(server: Server) -> None:
    """Discovered by Link and in the body, sent as JSON-LD by a stranger, listed with ldp:contains, read in Turtle."""
    anna, ben = await server.person("anna"), await server.person("ben")
    card = await server.http.get(anna.url("profile/card"), headers={"Accept": JSON_LD})
    inbox = anna.url("inbox/")
    assert f'<{inbox}>; rel="{LDP}inbox"' in card.headers["link"]
    assert f'<{inbox}>; rel="{LDP}inbox"' in (await server.http.head(anna.url("profile/card"))).headers["link"]
    assert {
        q.object.value for q in ox.parse(card.content, ox.RdfFormat.JSON_LD) if q.predicate.value == LDP + "inbox"
    } == {inbox}
    options = await server.http.options(inbox)
    assert JSON_LD in options.headers["accept-post"]
    sent = await ben.request("POST", inbox, headers={"Content-Type": JSON_LD}, content=json.dumps(ANNOUNCE))
    assert sent.status_code == 201
    location = sent.headers["location"]
    listed = await anna.get(inbox, Accept=JSON_LD)
    assert listed.headers["content-type"] == JSON_LD
    assert [
        q.object.value for q in ox.parse(listed.content, ox.RdfFormat.JSON_LD) if q.predicate.value == LDP + "contains"
    ] == [location]
    assert json.loads((await anna.get(location, Accept=JSON_LD)).content) == ANNOUNCE
    turtle = await anna.get(location, Accept=TURTLE)
    assert "<https://elders.example/nieuws>" in turtle.text
    with_profile = {"Content-Type": f'{JSON_LD}; profile="https://www.w3.org/ns/activitystreams"'}
    assert (await ben.request("POST", inbox, headers=with_profile, content=json.dumps(ANNOUNCE))).status_code == 201


@pytest.mark.duty(138)
async def test_what_an_inbox_does_not_take(server: Server) -> None:
    """A context that is not known is 400 and says what is; nobody in particular is 401; others' messages are 403."""
    anna, ben = await server.person("anna"), await server.person("ben")
    body = json.dumps({**ANNOUNCE, "@context": "https://onbekend.example/context"})
    answer = await ben.request("POST", anna.url("inbox/"), headers={"Content-Type": JSON_LD}, content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_context")
    assert "activitystreams" in answer.json()["detail"]
    assert (await server.http.post(anna.url("inbox/"), headers={"Content-Type": JSON_LD})).status_code == 401
    assert (await ben.get(anna.url("inbox/"))).status_code == 403


@pytest.mark.duty(142)
async def test_a_profile_with_an_unknown_context_is_422(server: Server) -> None:
    """The Solid WebID Profile asks for 422 there."""
    anna = await server.person("anna")
    body = json.dumps({"@context": "https://onbekend.example/context", "@id": "#me"})
    assert (await anna.put(anna.url("profile/card"), body, JSON_LD)).status_code == 422
    assert (await anna.put(anna.url("notes"), body, JSON_LD)).status_code == 400


async def test_a_sender_who_goes_too_fast_waits(server: Server) -> None:
    """429 with Retry-After after the messages of a minute; the owner, and another sender, go on."""
    anna, ben, cas = [await server.person(name) for name in ("anna", "ben", "cas")]

    async def send(person: Person) -> tuple[int, str]:
        url = anna.url("inbox/")
        answer = await person.request("POST", url, headers={"Content-Type": TURTLE}, content="<#a> a <#b> .")
        return answer.status_code, answer.headers.get("retry-after", "")

    assert [(await send(ben))[0] for _ in range(limits.SENDER_MOST)] == [201] * limits.SENDER_MOST
    status, wait = await send(ben)
    assert (status, 1 <= int(wait) <= limits.WINDOW) == (429, True)
    assert (await send(cas))[0] == 201
    assert (await send(anna))[0] == 201


class Clock:
    """A clock that stands still until a test moves it."""

    now = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


async def test_many_senders_share_one_limit_that_ends(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many senders: so many messages a minute, and when it is over, again."""
    monkeypatch.setattr(limits, "POD_MOST", 3)
    anna, clock = await server.person("anna"), Clock()
    inbox = Inbox(server.parts.storage, clock=clock)

    async def send(name: int) -> None:
        await inbox.admit(Requester(agent=f"https://elders.example/{name}"), anna.pod, 10)

    for name in range(3):
        await send(name)
    clock.now += 20
    with pytest.raises(InboxBusy) as busy:
        await send(4)
    assert busy.value.headers["Retry-After"] == "40"
    clock.now += 40
    await send(4)


@pytest.mark.parametrize(("setting", "value"), [("MESSAGES_MOST", 2), ("BYTES_MOST", 40)])
async def test_a_full_inbox_says_so(server: Server, monkeypatch: pytest.MonkeyPatch, setting: str, value: int) -> None:
    """507 once there are as many messages of others, or bytes of them, as it keeps; the owner's own do not count."""
    monkeypatch.setattr(limits, setting, value)
    anna, ben = await server.person("anna"), await server.person("ben")

    async def send(person: Person) -> int:
        url, body = anna.url("inbox/"), "<#a> a <#bbbbbbb> ."
        return (await person.request("POST", url, headers={"Content-Type": TURTLE}, content=body)).status_code

    assert [await send(person) for person in (ben, anna, ben, anna, ben)] == [201, 201, 201, 201, 507]


async def test_the_counting_is_bounded(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Senders beyond number do not fill the memory."""
    monkeypatch.setattr(limits, "_COUNTED", 4)
    inbox = Inbox(server.parts.storage, clock=Clock())
    pods = [Pod(f"{n:026}", f"pod-{n}", f"https://pod.example/{n}#me", f"https://pod.example/{n}/") for n in range(9)]
    for pod in pods:
        inbox._count(pod.id, "*")
    assert len(inbox._windows) == 4


def test_full_and_busy_are_two_answers() -> None:
    """One passes by itself, the other does not."""
    assert (InboxBusy("x", 5).headers, InboxFull().status) == ({"Retry-After": "5"}, 507)
