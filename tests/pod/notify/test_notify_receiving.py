"""What a pod does with the messages of others, odd requests, and channels that nobody comes for."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.notifying import CONTEXT, LD_JSON, heard, hook, notifying

from werkpod.pod.notify import hub as hub_module
from werkpod.pod.notify.subscriptions import read_wanted
from werkpod.pod.notify.words import TYPES, check_profile
from werkpod.web.errors import WerkpodError


@pytest.mark.duty(121, 132, 138)
async def test_an_inbox_takes_the_message_of_a_sender_and_gives_it_back_as_rdf(tmp_path: Path) -> None:
    """A notification is a document like any other: posted to an inbox it is kept, and read in every form."""
    async with notifying(tmp_path) as pods, hook() as receiver:
        anna, bert = await pods.server.person("anna"), await pods.server.person("bert")
        await pods.channel(anna, anna.url("one"), "WebhookChannel2023", sendTo=receiver.url)
        await anna.put(anna.url("one"), "<#a> <#b> 1 .")
        async with asyncio.timeout(10):
            delivery = await receiver.deliveries.get()
        anna.grant = None  # in the pod of another, as somebody who may add to an inbox
        answer = await anna.request(
            "POST",
            bert.url("inbox/"),
            content=delivery.body,
            headers={"Content-Type": delivery.headers["content-type"]},
        )
        assert answer.status_code == 201, answer.text
        turtle = await bert.get(answer.headers["location"], Accept="text/turtle")
        said = {
            quad.predicate.value.rpartition("#")[2]: quad.object
            for quad in ox.parse(turtle.content, ox.RdfFormat.TURTLE)
        }
        assert said["object"] == ox.NamedNode(anna.url("one"))
        assert said["state"] == ox.Literal(delivery.json()["state"])
        assert said["type"] == ox.NamedNode("https://www.w3.org/ns/activitystreams#Create")


async def test_a_large_file_is_told_when_it_is_there_as_a_whole(tmp_path: Path) -> None:
    """What comes in part by part is told once, with the state that it has in the end."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        url = anna.url("film")
        channel = await pods.channel(anna, url)
        async with pods.socket(channel["receiveFrom"]) as connection:
            answer = await anna.put(url, b"x" * 3_000_000, "video/mp4")
            message = await heard(connection)
            again = await anna.put(url, b"y" * 3_000_000, "video/mp4")
            then = await heard(connection)
        assert (message["type"], message["state"]) == ("Create", answer.headers["etag"])
        assert (then["type"], then["state"]) == ("Update", again.headers["etag"])


async def test_a_channel_that_nobody_comes_for_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A receiver that does not connect, or does not come back, loses its channel after a while."""
    monkeypatch.setattr(hub_module, "UNCONNECTED", 0.2)
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        never = await pods.channel(anna, anna.url("one"), "EventSourceChannel2023")
        once = await pods.channel(anna, anna.url("one"))
        async with pods.socket(once["receiveFrom"]) as connection:
            async with asyncio.timeout(10):
                while (await pods.ask(None, "GET", never["id"])).status_code == 200:  # noqa: ASYNC110 - nothing tells
                    await asyncio.sleep(0.02)
            await anna.put(anna.url("one"), "<#a> <#b> 1 .")
            assert (await heard(connection))["type"] == "Create"
        async with asyncio.timeout(10):
            while (await pods.ask(None, "GET", once["id"])).status_code == 200:  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.02)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
    | st.sampled_from([CONTEXT, *TYPES, "http://localhost:8080/anna/cv/", "PT1S", "2030-01-01T00:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["@id", "@value", "@type", "@list", "@set", "@graph", "x"]), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
_KEYS = [
    "@context",
    "type",
    "@type",
    "topic",
    "notify:topic",
    "sendTo",
    "rate",
    "state",
    "endAt",
    "accept",
    "@graph",
    "x",
]


@given(st.dictionaries(st.sampled_from(_KEYS), _VALUES, max_size=6), st.booleans())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_asked_is_understood_or_refused(body: dict[str, object], known: bool) -> None:
    """No request, however odd, is anything else than a channel or an error that says what was wrong."""
    if known:
        body["@context"] = [CONTEXT]
    status = 200
    try:
        assert read_wanted(json.dumps(body).encode(), "http://localhost:8080/s", "WebSocketChannel2023").topic
    except WerkpodError as error:
        status = error.status
    assert status in (200, 400, 413, 422)


@given(st.text(max_size=200))
def test_whatever_profile_is_named_is_known_or_refused(text: str) -> None:
    """Content-Type and Accept may have anything in them."""
    status = 200
    try:
        check_profile(f'{LD_JSON}; profile="{text}", text/turtle;profile={text}')
    except WerkpodError as error:
        status = error.status
    assert status in (200, 415)


@pytest.mark.duty(129)
def test_profiles_are_found_in_every_range_of_an_accept_header() -> None:
    """One that is known passes wherever it stands; another is refused wherever it stands."""
    check_profile(f'{LD_JSON};profile="{CONTEXT}", text/turtle;q=0.5, */*;q=0.1')
    check_profile(f'{LD_JSON}; PROFILE = "{CONTEXT} https://www.w3.org/ns/activitystreams"')
    for header in (
        f'text/turtle, {LD_JSON};profile="https://x.example"',
        f"{LD_JSON};profile=x",
        f'{LD_JSON};profile="{CONTEXT} x"',
    ):
        with pytest.raises(WerkpodError) as refused:
            check_profile(header)
        assert refused.value.status == 415
