"""What is answered to who subscribes: a channel, or what was wrong with the request."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from support.notifying import CONTEXT, LD_JSON, Notifying, hook, notifying
from support.podapp import Person
from support.pods import BASE

from werkpod.pod.access.model import Requester
from werkpod.pod.notify.channels import Channel, Reason
from werkpod.pod.notify.errors import TooManyChannels
from werkpod.pod.notify.hub import Room
from werkpod.pod.notify.subscriptions import Wanted

DRAFT = "https://www.w3.org/ns/solid/notification/v1"
NOTIFY = "http://www.w3.org/ns/solid/notifications#"
WEBSOCKET = "WebSocketChannel2023"


async def post(
    pods: Notifying,
    person: Person | None,
    body: Any,
    *,
    kind: str = WEBSOCKET,
    media_type: str = LD_JSON,
    pod: str = "anna",
) -> Any:
    """POST a body, as it is, to the service of a pod."""
    url = f"http://localhost:8080/{pod}/.well-known/notifications/{kind}"
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    return await pods.ask(person, "POST", url, content=content, headers={"Content-Type": media_type})


def asked(topic: str, kind: str = WEBSOCKET, **fields: Any) -> dict[str, Any]:
    """A subscription request."""
    return {"@context": [CONTEXT], "type": kind, "topic": topic, **fields}


@pytest.mark.duty(118, 119, 127, 128, 131)
async def test_the_answer_describes_the_channel_with_what_was_asked(tmp_path: Path) -> None:
    """Id, type, topic, receiveFrom and the features; an end later than is given becomes the one that is given."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        fields = {
            "startAt": "2020-01-01T00:00:00Z", "endAt": "2999-01-01T00:00:00Z", "rate": "PT90S",
            "accept": "text/turtle", "state": '"x"',
        }  # fmt: skip
        answer = await post(pods, anna, asked(anna.url("cv/"), **fields))
        assert (answer.status_code, answer.headers["content-type"]) == (200, LD_JSON)
        said = answer.json()
        assert said["id"].startswith(anna.url() + ".well-known/notifications/WebSocketChannel2023/")
        assert said["receiveFrom"].startswith("ws://localhost:8080/anna/")
        assert (said["type"], said["topic"]) == (WEBSOCKET, anna.url("cv/"))
        assert said["startAt"] == "2020-01-01T00:00:00.000Z"
        assert said["endAt"] < "2999"
        assert (said["rate"], said["accept"], said["state"]) == ("PT90S", "text/turtle", '"x"')
        again = await pods.ask(None, "GET", said["id"])
        assert again.json() == said
        turtle = await pods.ask(None, "GET", said["id"], headers={"Accept": "text/turtle"})
        topics = [
            q.object.value
            for q in ox.parse(turtle.content, ox.RdfFormat.TURTLE)
            if q.predicate.value == NOTIFY + "topic"
        ]
        assert topics == [anna.url("cv/")]


@pytest.mark.duty(128, 131)
async def test_every_way_to_write_the_same_request_is_understood(tmp_path: Path) -> None:
    """Both contexts, full names, prefixes, @type, the drafts' namespace, expanded values, other RDF."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        topic = anna.url("cv/")
        turtle = f"@prefix n: <{NOTIFY}> .\n<> a n:{WEBSOCKET} ; n:topic <{topic}> ."
        ways: list[Any] = [
            {"@context": CONTEXT, "type": WEBSOCKET, "topic": topic},
            {"@context": [DRAFT], "type": WEBSOCKET, "topic": topic},
            {"@context": [CONTEXT], "type": NOTIFY + WEBSOCKET, "topic": topic},
            {"@context": [CONTEXT], "@type": [f"notify:{WEBSOCKET}"], "notify:topic": {"@id": topic}},
            {"@context": [CONTEXT], "type": f"http://www.w3.org/ns/solid/notification#{WEBSOCKET}", "topic": topic},
            {"@context": [CONTEXT], "type": WEBSOCKET, NOTIFY + "topic": topic},
            {"@context": {"n": NOTIFY}, "@type": f"n:{WEBSOCKET}", "n:topic": {"@id": topic}},
            {"@context": [CONTEXT], "id": "urn:x", "type": WEBSOCKET, "topic": topic, "rate": "PT0.5s"},
        ]
        for body in ways:
            answer = await post(pods, anna, body)
            assert answer.status_code == 200, (body, answer.text)
            assert answer.json()["topic"] == topic
        assert (await post(pods, anna, turtle, media_type="text/turtle")).status_code == 200
        profiled = f'application/ld+json; profile="{CONTEXT}"'
        assert (await post(pods, anna, asked(topic), media_type=profiled)).status_code == 200


async def test_who_asks_in_the_words_of_the_drafts_is_answered_in_them(tmp_path: Path) -> None:
    """That context has no names for channel types, so the answer has them in full."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        body = {"@context": [DRAFT], "type": NOTIFY + WEBSOCKET, "topic": anna.url("cv/")}
        said = (await post(pods, anna, body)).json()
        assert (said["@context"], said["type"]) == ([DRAFT], NOTIFY + WEBSOCKET)


@pytest.mark.duty(7, 119, 134)
async def test_only_who_may_read_the_topic_subscribes(tmp_path: Path) -> None:
    """Nobody gets 401, somebody without Read 403, also where there is nothing; a webhook always has a subscriber."""
    async with notifying(tmp_path) as pods, hook() as receiver:
        anna, bert = await pods.server.person("anna"), await pods.server.person("bert")
        app = pods.server.app_of(anna, "https://app.example/id")
        for path in ("cv/experience", "cv/", "", "nothing/here", "cv/experience.acl"):
            nobody = await post(pods, None, asked(anna.url(path)))
            assert (nobody.status_code, nobody.headers["www-authenticate"][:4]) == (401, "DPoP")
            assert (await post(pods, bert, asked(anna.url(path)))).status_code == 403
            assert (await post(pods, app, asked(anna.url(path)))).status_code == 403
            assert (await post(pods, anna, asked(anna.url(path)))).status_code == 200
        assert (await post(pods, None, asked(anna.url("profile/card")))).status_code == 200
        wanted = asked(anna.url("profile/card"), "WebhookChannel2023", sendTo=receiver.url)
        assert (await post(pods, None, wanted, kind="WebhookChannel2023")).status_code == 401
        assert (await post(pods, bert, wanted, kind="WebhookChannel2023")).status_code == 200
        grant = await pods.server.give(anna, client=app.client, sections=("experience",), actions=("append",))
        app.grant = grant.id
        assert (await post(pods, app, asked(anna.url("cv/experience")))).status_code == 403
        refused = [e.entry for e in await pods.server.ledger.entries(anna.pod.id) if e.entry.outcome == "refused"]
        assert {entry.agent for entry in refused} == {anna.pod.webid, bert.pod.webid}


@pytest.mark.duty(129, 130)
async def test_what_cannot_be_processed_is_refused_with_a_reason(tmp_path: Path) -> None:
    """415 for a media type or profile that is not known, 422 for a context, type, topic or feature, 400 for no JSON."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        await pods.server.person("bert")
        topic = anna.url("cv/")
        table: list[tuple[Any, str, int]] = [
            (asked(topic), "text/plain", 415),
            (asked(topic), "application/json", 415),
            (asked(topic), 'application/ld+json; profile="https://example.org/other"', 415),
            (asked(topic), "", 400),
            ("{", LD_JSON, 400),
            ("[1]", LD_JSON, 422),
            ({"@context": ["https://example.org/context"], "type": WEBSOCKET, "topic": topic}, LD_JSON, 422),
            ({"@context": [CONTEXT, "https://schema.org"], "type": WEBSOCKET, "topic": topic}, LD_JSON, 422),
            ({"type": WEBSOCKET, "topic": topic}, LD_JSON, 422),
            ({"@context": [CONTEXT], "topic": topic}, LD_JSON, 422),
            ({"@context": [CONTEXT], "type": WEBSOCKET}, LD_JSON, 422),
            (asked(topic, "WebhookChannel2023"), LD_JSON, 422),
            (asked(topic, "NoSuchChannel"), LD_JSON, 422),
            (asked(topic, sendTo="https://example.org/"), LD_JSON, 422),
            (asked(topic, colour="red"), LD_JSON, 422),
            (asked(topic, expiration="2030-01-01T00:00:00Z"), LD_JSON, 422),
            ({**asked(topic), "topic": [topic, anna.url("inbox/")]}, LD_JSON, 422),
            (asked("http://localhost:8080/bert/cv/"), LD_JSON, 422),
            (asked("https://elsewhere.example/anna/cv/"), LD_JSON, 422),
            (asked("cv"), LD_JSON, 422),
            (asked(topic + "x#fragment"), LD_JSON, 422),
            (asked(topic + "x?query=1"), LD_JSON, 422),
            (asked(anna.url("a/../b")), LD_JSON, 422),
            (asked(anna.url(".well-known/solid")), LD_JSON, 422),
            (asked(anna.url("x" * 3000)), LD_JSON, 422),
            (asked(topic, endAt="2001-01-01T00:00:00Z"), LD_JSON, 422),
            (asked(topic, endAt="tomorrow"), LD_JSON, 422),
            (asked(topic, startAt="2031-01-01T00:00:00Z", endAt="2030-01-01T00:00:00Z"), LD_JSON, 422),
            (asked(topic, startAt="2998-01-01T00:00:00Z"), LD_JSON, 422),
            (asked(topic, startAt="0000-00-00T00:00:00Z"), LD_JSON, 422),
            (asked(topic, rate="10"), LD_JSON, 422),
            (asked(topic, rate="-PT10S"), LD_JSON, 422),
            (asked(topic, rate="P"), LD_JSON, 422),
            (asked(topic, rate="PT"), LD_JSON, 422),
            (asked(topic, rate="P9999Y"), LD_JSON, 422),
            (asked(topic, rate=["PT1S", "PT2S"]), LD_JSON, 422),
            (asked(topic, accept="image/png"), LD_JSON, 422),
            (asked(topic, state="x" * 5000), LD_JSON, 422),
            ("{" * 200, LD_JSON, 400),
            ('{"@context": ["' + CONTEXT + '"], "x": ' + "[" * 500 + "]" * 500 + "}", LD_JSON, 422),
            ("x" * 20_000, LD_JSON, 413),
        ]  # fmt: skip
        for body, media_type, status in table:
            answer = await post(pods, anna, body, media_type=media_type)
            assert answer.status_code == status, (body, media_type, answer.status_code, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["detail"]
        assert list(pods.notifications.hub.all()) == []


@pytest.mark.duty(134)
async def test_a_webhook_goes_to_a_public_https_address_elsewhere(tmp_path: Path) -> None:
    """Other schemes, ports and users, this server itself, and none at all are refused before anything is sent."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        kind = "WebhookChannel2023"
        bad = [
            "ftp://example.org/x", "http://localhost:8080/anna/inbox/", "https://user@example.org/", "https:///x",
            "https://example.org/a/../b", "https://example.org/#x", "nonsense", "javascript:alert(1)",
            "https://exa mple.org/", "http://LOCALHOST.:8080/anna/inbox/",
        ]  # fmt: skip
        for send_to in bad:
            answer = await post(pods, anna, asked(anna.url("cv/"), kind, sendTo=send_to), kind=kind)
            assert answer.status_code == 422, (send_to, answer.text)
        assert (await post(pods, anna, asked(anna.url("cv/"), kind), kind=kind)).status_code == 422
        pods.notifications.webhooks._allow_loopback = False
        for send_to in (
            "http://example.org/x", "https://example.org:8443/x", "https://127.0.0.1/", "https://10.1.2.3/",
            "https://[::1]/", "https://169.254.169.254/latest/meta-data/", "https://[::ffff:192.168.0.1]/",
        ):  # fmt: skip
            answer = await post(pods, anna, asked(anna.url("cv/"), kind, sendTo=send_to), kind=kind)
            assert answer.status_code == 422, send_to


async def test_channels_are_counted(tmp_path: Path) -> None:
    """An agent, the public, a pod and the server each have so many channels; who ends one has room for another."""
    async with notifying(tmp_path, room=Room(server=6, pod=5, public=1, agent=2)) as pods:
        anna, bert = await pods.server.person("anna"), await pods.server.person("bert")
        card = anna.url("profile/card")
        first = (await post(pods, anna, asked(card))).json()
        statuses = [
            (await post(pods, person, asked(card))).status_code for person in (anna, anna, None, None, bert, bert)
        ]
        assert statuses == [200, 429, 200, 429, 200, 200]
        cleo = await pods.server.person("cleo")
        full = await post(pods, cleo, asked(card))
        assert (full.status_code, full.headers["retry-after"]) == (429, "60")
        assert (await post(pods, cleo, asked(cleo.url()), pod="cleo")).status_code == 200
        assert (await post(pods, cleo, asked(cleo.url()), pod="cleo")).status_code == 429
        assert (await pods.ask(None, "DELETE", first["id"])).status_code == 204
        assert (await pods.ask(None, "DELETE", first["id"])).status_code == 404
        assert (await post(pods, anna, asked(card))).status_code == 200


async def test_strangers_do_not_take_the_whole_server(tmp_path: Path) -> None:
    """The public has half of all channels, and one agent five times its share of a pod, however many pods there are."""
    async with notifying(tmp_path, room=Room(server=4, pod=4, public=4, agent=4)) as pods:
        anna = await pods.server.person("anna")
        card = anna.url("profile/card")
        assert [(await post(pods, None, asked(card))).status_code for _ in range(3)] == [200, 200, 429]
        assert (await post(pods, anna, asked(card))).status_code == 200
    async with notifying(tmp_path, room=Room(server=99, pod=9, public=9, agent=1)) as pods:
        bert = await pods.server.person("bert")
        people = [await pods.server.person(f"person{number}") for number in range(6)]
        statuses = [
            (await post(pods, bert, asked(one.url("profile/card")), pod=one.pod.slug)).status_code for one in people
        ]
        assert statuses == [200] * 5 + [429]


async def test_people_of_elsewhere_do_not_take_the_whole_server(tmp_path: Path) -> None:
    """Who runs a provider has any number of WebIDs: together they have half of all channels, whoever they are."""
    async with notifying(tmp_path, room=Room(server=4, pod=4, public=4, agent=4)) as pods:
        pod = (await pods.server.person("anna")).pod

        def of(agent: str, issuer: str) -> Channel:
            who = Requester(agent=agent, client="x", issuer=issuer)
            wanted = Wanted(pod.storage)
            return Channel(agent, WEBSOCKET, pod, "", who, wanted, time.time() + 60, None)

        hub = pods.notifications.hub
        abroad = [of(f"https://idp{n}.example/#me", f"https://idp{n}.example") for n in range(3)]
        for channel in abroad[:2]:
            hub.add(channel)
        with pytest.raises(TooManyChannels):
            hub.add(abroad[2])
        hub.add(of(pod.webid, BASE))
        hub.end(abroad[0], Reason.ENDED)
        hub.add(abroad[2])


async def test_a_channel_is_known_by_its_whole_address_alone(tmp_path: Path) -> None:
    """The secret works under its own type and pod, and under no other; it cannot be guessed."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        await pods.server.person("bert")
        one = await pods.channel(anna, anna.url("cv/"))
        two = await pods.channel(anna, anna.url("cv/"))
        assert one["id"] != two["id"]
        assert len(one["id"].rpartition("/")[2]) >= 43
        for wrong in (
            one["id"][:-1], one["id"].replace("/anna/", "/bert/"),
            one["id"].replace(WEBSOCKET, "EventSourceChannel2023"), one["id"] + "/x", one["id"] + "/messages/",
        ):  # fmt: skip
            assert (await pods.ask(None, "GET", wrong)).status_code == 404, wrong
            assert (await pods.ask(None, "DELETE", wrong)).status_code in (404, 405), wrong
        http = one["receiveFrom"].replace("ws:", "http:")
        answer = await pods.ask(None, "GET", http)
        assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")


async def test_a_form_that_cannot_be_had_makes_no_channel(tmp_path: Path) -> None:
    """Plain JSON is given to who asks for it; another form is refused before anything is made."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        url = f"{anna.url()}.well-known/notifications/{WEBSOCKET}"
        for accept, status in (("application/json", 200), ("text/html, */*;q=0.1", 200), ("image/png", 406)):
            headers = {"Content-Type": LD_JSON, "Accept": accept}
            answer = await pods.ask(anna, "POST", url, content=json.dumps(asked(anna.url("cv/"))), headers=headers)
            assert answer.status_code == status
            if accept == "application/json":
                assert (answer.headers["content-type"], answer.json()["topic"]) == (accept, anna.url("cv/"))
        assert len(list(pods.notifications.hub.all())) == 2


async def test_forged_and_stale_tokens_are_refused(tmp_path: Path) -> None:
    """A subscription needs a proof for this very address; one for another is refused."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        url = f"{anna.url()}.well-known/notifications/{WEBSOCKET}"
        headers = anna.device.headers("POST", anna.url("other"), anna.token())
        answer = await pods.ask(
            None, "POST", url, content=json.dumps(asked(anna.url("cv/"))), headers={**headers, "Content-Type": LD_JSON}
        )
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_dpop_proof")
