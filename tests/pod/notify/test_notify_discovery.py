"""Where somebody finds out that changes can be subscribed to: descriptions of storages and of resources."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from support.notifying import CONTEXT, LD_JSON, notifying
from support.podapp import Person

NOTIFY = "http://www.w3.org/ns/solid/notifications#"
TYPES = ["WebSocketChannel2023", "WebhookChannel2023", "StreamingHTTPChannel2023", "EventSourceChannel2023"]


def objects(turtle: bytes, subject: str | None, predicate: str) -> set[str]:
    """What is said in a Turtle document, of this subject (None: of any)."""
    found = set()
    for quad in ox.parse(turtle, ox.RdfFormat.TURTLE, base_iri="http://x.example/"):
        if quad.predicate.value == predicate and (subject is None or quad.subject == ox.NamedNode(subject)):
            assert isinstance(quad.object, ox.NamedNode)
            found.add(quad.object.value)
    return found


def links(person: Person, header: str) -> dict[str, str]:
    """Targets of a Link header by relation."""
    return {part.split('rel="')[1].rstrip('"'): part.split(">")[0].lstrip(" <") for part in header.split(", <")}


@pytest.mark.duty(118, 123, 125)
async def test_the_storage_description_says_where_changes_are_subscribed_to(tmp_path: Path) -> None:
    """Every resource links to it; it is public, and names a service for each channel type with its features."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        found = links(anna, (await anna.request("HEAD", anna.url("cv/experience"))).headers["link"])
        url = found["http://www.w3.org/ns/solid/terms#storageDescription"]
        answer = await pods.ask(None, "GET", url, headers={"Accept": "text/turtle"})
        assert answer.status_code == 200
        services = objects(answer.content, url, NOTIFY + "subscription")
        assert services == {f"{anna.url()}.well-known/notifications/{name}" for name in TYPES}
        assert services == objects(answer.content, anna.url(), NOTIFY + "subscription")
        assert "http://www.w3.org/ns/pim/space#Storage" in objects(answer.content, anna.url(), ox_type())
        for name in TYPES:
            service = f"{anna.url()}.well-known/notifications/{name}"
            assert objects(answer.content, service, NOTIFY + "channelType") == {NOTIFY + name}
            features = objects(answer.content, service, NOTIFY + "feature")
            assert features == {NOTIFY + f for f in ("startAt", "endAt", "rate", "accept", "state")}


def ox_type() -> str:
    """The IRI of rdf:type."""
    return "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


@pytest.mark.duty(124, 125)
async def test_the_storage_description_as_json_is_in_the_notification_data_model(tmp_path: Path) -> None:
    """A reader of plain JSON finds id, subscription, channelType and feature where the protocol has them."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        url = anna.url(".well-known/solid")
        answer = await pods.ask(None, "GET", url, headers={"Accept": LD_JSON})
        assert answer.headers["content-type"] == LD_JSON
        said = answer.json()
        assert (said["@context"], said["id"]) == ([CONTEXT], url)
        assert [service["channelType"] for service in said["subscription"]] == TYPES
        assert set(said["subscription"][0]["feature"]) == {"startAt", "endAt", "rate", "accept", "state"}


@pytest.mark.duty(118, 122, 124, 125, 33, 34)
async def test_the_description_of_a_resource_says_it_too(tmp_path: Path) -> None:
    """The one description that a resource links to names the services, for who may read the resource."""
    async with notifying(tmp_path) as pods:
        anna, bert = await pods.server.person("anna"), await pods.server.person("bert")
        for path in ("cv/experience", "cv/"):
            url = links(anna, (await anna.request("HEAD", anna.url(path))).headers["link"])["describedby"]
            answer = await anna.get(url, Accept="text/turtle")
            assert answer.status_code == 200
            assert len(objects(answer.content, anna.url(path), NOTIFY + "subscription")) == len(TYPES)
            json = (await anna.get(url, Accept=LD_JSON)).content
            triples = {quad.predicate.value for quad in ox.parse(json, ox.RdfFormat.JSON_LD)}
            assert triples == {NOTIFY + "subscription", NOTIFY + "channelType", NOTIFY + "feature"}
            assert (await bert.get(url)).status_code == 403
            assert (await pods.ask(None, "GET", url)).status_code == 401
        assert (await anna.get(anna.url("cv/nothing.meta"))).status_code == 404


@pytest.mark.duty(35, 118)
async def test_a_client_writes_the_rest_of_a_description_and_not_this(tmp_path: Path) -> None:
    """What a client writes is there beside it; services of its own are refused, and never given out."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        await anna.put(anna.url("one"), "<#a> <#b> 1 .")
        url = anna.url("one.meta")
        for body, kind in (
            (f'<{anna.url("one")}> <http://purl.org/dc/terms/title> "Een" .', "text/turtle"),
            (f'{{"@id": "{anna.url("one")}", "http://purl.org/dc/terms/title": "Een"}}', LD_JSON),
        ):
            assert (await anna.put(url, body, kind)).status_code in (201, 204)
            got = await anna.get(url, Accept="text/turtle")
            assert b"Een" in got.content
            assert len(objects(got.content, anna.url("one"), NOTIFY + "subscription")) == len(TYPES)
            again = await anna.put(url, got.content, "text/turtle", If_Match=got.headers["etag"])
            assert again.status_code == 204, again.text
        before = (await anna.get(url)).content
        for evil in ("https://evil.example/", f"{anna.url()}evil"):
            forged = f"<{anna.url('one')}> <{NOTIFY}subscription> <{evil}> ."
            answer = await anna.put(url, forged)
            assert (answer.status_code, answer.json()["code"]) == (409, "server_managed")
        assert (await anna.get(url)).content == before
        assert (await anna.request("DELETE", url)).status_code == 204
        assert len(objects((await anna.get(url)).content, anna.url("one"), NOTIFY + "subscription")) == len(TYPES)


@pytest.mark.duty(119, 126, 127)
async def test_a_service_describes_itself_to_anybody(tmp_path: Path) -> None:
    """GET, HEAD and OPTIONS work without signing in, in JSON-LD and other RDF, also across origins."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        for name in TYPES:
            url = f"{anna.url()}.well-known/notifications/{name}"
            answer = await pods.ask(None, "GET", url, headers={"Accept": LD_JSON, "Origin": "https://app.example"})
            assert answer.status_code == 200
            assert answer.json() == {
                "@context": [CONTEXT], "id": url, "channelType": name,
                "feature": ["accept", "endAt", "rate", "startAt", "state"],
            }  # fmt: skip
            assert answer.headers["access-control-allow-origin"] == "https://app.example"
            assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
            assert answer.headers["accept-post"].startswith(LD_JSON)
            turtle = await pods.ask(None, "GET", url, headers={"Accept": "text/turtle"})
            assert objects(turtle.content, url, NOTIFY + "channelType") == {NOTIFY + name}
            head = await pods.ask(None, "HEAD", url)
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["content-type"] == LD_JSON
            options = await pods.ask(None, "OPTIONS", url)
            assert (options.status_code, options.headers["accept-post"]) == (204, answer.headers["accept-post"])
            for method in ("PUT", "PATCH", "DELETE"):
                assert (await pods.ask(None, method, url)).status_code == 405
        flight = await pods.ask(
            None, "OPTIONS", url,
            headers={"Origin": "https://app.example", "Access-Control-Request-Method": "POST",
                     "Access-Control-Request-Headers": "authorization, dpop, content-type"},
        )  # fmt: skip
        assert flight.headers["access-control-allow-origin"] == "https://app.example"
        assert "POST" in flight.headers["access-control-allow-methods"]
