"""Every odd address has one answer, whichever method it comes with (docs/solid.md has the same table)."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.podapp import Person, Server, pod_server

REFUSED, LONG, NOBODY, NAME = 400, 414, 404, 201
"""400 and 414: no resource can have it. 404: no pod has it. 201: it is a name like any other."""

ODD = {
    "/anna//a": REFUSED, "/anna/a//b": REFUSED, "/anna/a//": REFUSED, "//anna/a": REFUSED,
    "/anna/a%2Fb": REFUSED, "/anna/a%2fb": REFUSED, "/anna%2Fa": REFUSED,
    "/anna/a%5Cb": REFUSED, "/anna/a\\b": REFUSED, "/anna/a%252Fb": REFUSED,
    "/anna/../bob/a": REFUSED, "/anna/./a": REFUSED, "/anna/a/..": REFUSED, "/anna/%2e%2e/bob/a": REFUSED,
    "/anna/.%2E/a": REFUSED, "/anna/%252e%252e/a": REFUSED, "/anna/..;x/a": REFUSED, "/../anna/a": REFUSED,
    "/anna/%00": REFUSED, "/anna/a%0Ab": REFUSED, "/anna/a%7F": REFUSED, "/anna/a%C2%85": REFUSED,
    "/anna/a%E2%80%8Bb": REFUSED, "/anna/a%E2%80%AEb": REFUSED, "/anna/%EF%BB%BFa": REFUSED,
    "/anna/%": REFUSED, "/anna/a%2": REFUSED, "/anna/a%zz": REFUSED, "/anna/%FF": REFUSED, "/anna/%C0%AE": REFUSED,
    "/anna/%ED%A0%80": REFUSED, "/anna/a.acl.acl": REFUSED, "/anna/a.meta.acl": REFUSED, "/anna/a.acl.meta": REFUSED,
    "/anna/a.acl/": REFUSED, "/anna/a.acl/b": REFUSED, "/anna/a.meta/b": REFUSED,
    "/anna/" + "x" * 256: LONG, "/anna/" + "%C3%A9" * 128: LONG, "/anna/" + "x/" * 520: LONG,
    "/API/a": NOBODY, "/Anna/a": NOBODY, "/ANNA/a": NOBODY, "/Regie/a": NOBODY, "/Static/a": NOBODY,
    "/anna./a": NOBODY, "/anna%20/a": NOBODY, "/%61nna%21/a": NOBODY, "/.well-known%00/a": REFUSED,
    "/anna/.well-known/other": NOBODY,
    "/anna/a;v=1": NAME, "/anna/a.": NAME, "/anna/...": NAME, "/anna/.a": NAME, "/anna/a%20b": NAME,
    "/anna/%25": NAME, "/anna/caf%C3%A9": NAME, "/anna/cafe%CC%81": NAME, "/anna/a%EF%BC%8Fb": NAME,
    "/anna/%E2%80%A4%E2%80%A4": NAME, "/anna/a%3Fb": NAME, "/anna/a%23b": NAME, "/anna/a.ACL": NAME,
    "/anna/" + "x" * 255: NAME, "/anna/a:b@c!$&'()*+,=~": NAME, "/anna/CON": NAME, "/anna/a/b.": NAME,
}  # fmt: skip


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with pod_server(tmp_path) as started:
        await started.person("bob")
        yield started


@pytest.fixture
async def anna(server: Server) -> Person:
    return await server.person("anna")


async def ask(
    person: Person, method: str, raw: str, *, signed: bool = True, query: bytes = b""
) -> tuple[int, bytes, dict[str, str]]:
    """A request with these very bytes in its request line, as a server hands it to the application."""
    url = "http://localhost:8080" + raw
    headers = {"content-type": "text/turtle", **(person.device.headers(method, url, person.token()) if signed else {})}
    scope: dict[str, Any] = {
        "type": "http", "http_version": "1.1", "scheme": "http", "method": method, "query_string": query,
        "path": raw, "raw_path": raw.encode("latin-1"), "root_path": "", "client": ("127.0.0.1", 1),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "server": ("127.0.0.1", 8080),
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await person.server.app(scope, receive, send)
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]), answered


@pytest.mark.duty(1, 16)
async def test_no_resource_has_such_an_address(anna: Person) -> None:
    """It is refused before anybody is asked who they are, whatever the method."""
    for raw, expected in ODD.items():
        if expected == NAME:
            continue
        for method in ("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"):
            for signed in (True, False):
                status, body, headers = await ask(anna, method, raw, signed=signed)
                assert status == expected, (method, raw)
                assert (body == b"") == (method == "HEAD")
                assert headers["content-type"] == "application/problem+json"


@pytest.mark.duty(1)
async def test_an_odd_name_is_a_name(anna: Person) -> None:
    """What is odd and means nothing else names one resource, which is listed, read and deleted by that name."""
    for raw in (raw for raw, expected in ODD.items() if expected == NAME):
        status, _, headers = await ask(anna, "PUT", raw)
        assert status == 201, raw
        made = headers["location"]
        assert (await ask(anna, "GET", made.removeprefix("http://localhost:8080")))[0] == 200, raw
        assert f"<{made}>" in (await anna.get(made[: made.rindex("/") + 1])).text
        assert [(await ask(anna, method, raw))[0] for method in ("GET", "DELETE", "GET")] == [200, 204, 404], raw


@pytest.mark.duty(1)
async def test_names_that_look_alike_are_two_names(anna: Person) -> None:
    """A name is its bytes: "é" in one character and in two are two resources, and so are look-alikes of a slash."""
    one, two = "/anna/caf%C3%A9", "/anna/cafe%CC%81"
    assert unicodedata.normalize("NFC", "cafe\u0301") == "caf\u00e9"
    assert (await ask(anna, "PUT", one))[0] == 201
    assert (await ask(anna, "GET", two))[0] == 404
    assert (await ask(anna, "PUT", two))[0] == 201
    assert (await ask(anna, "PUT", "/anna/a%EF%BC%8Fb"))[0] == 201
    assert (await ask(anna, "GET", "/anna/a/b"))[0] == 404


@pytest.mark.duty(1)
async def test_spellings_of_one_name_are_one_resource(anna: Person) -> None:
    """What needs no encoding and the case of hexadecimal digits make no difference (RFC 3986, 6.2.2)."""
    assert (await ask(anna, "PUT", "/anna/caf%c3%a9-%61"))[0] == 201
    for spelling in ("/anna/caf%C3%A9-a", "/ann%61/caf%C3%A9%2Da"):
        assert (await ask(anna, "GET", spelling))[0] == 200
    assert anna.url("caf%C3%A9-a") in (await anna.get(anna.url())).text


@pytest.mark.duty(1, 16)
async def test_a_query_is_passed_over_by_reads_and_refused_by_writes(anna: Person) -> None:
    """Nobody writes "a" by asking for "a?b"; who reads it gets what they would get without."""
    await anna.put(anna.url("a"), "<#a> <http://e.test/p> 1 .")
    assert (await ask(anna, "GET", "/anna/a", query=b"v=1"))[0] == 200
    assert (await ask(anna, "HEAD", "/anna/", query=b"v=1"))[0] == 200
    for method in ("PUT", "POST", "PATCH", "DELETE"):
        assert (await ask(anna, method, "/anna/a", query=b"v=1"))[0] == 400
    assert "e.test" in (await anna.get(anna.url("a"))).text


SLUGS = {
    "notes.ttl": "notes.ttl", "a b": "a-b", "a/b": "a-b", "../../bob/x": "bob-x", "%2e%2e%2fx": "x", "..": None,
    "%00": None, "a\\b": "a-b", "x.acl": "x-acl", ".meta": "meta", "x.acl.meta": "x.acl-meta", "x.acl.acl": "x.acl-acl",
    "caf%C3%A9": "caf%C3%A9", "cafe%CC%81": "caf%C3%A9", "a%E2%80%8Bb": "a-b", "a;b": "a-b", "a?b#c": "a-b-c",
    "y" * 500: "y" * 80, "box/": "box", "%": None, "%FF": None, "": None, ".hidden": "hidden",
}  # fmt: skip
"""What is wished for, and what comes of it: a name, or (None) one of our own."""


@pytest.mark.duty(38, 39, 149)
async def test_what_a_slug_comes_to(anna: Person) -> None:
    """One safe name straight in the container, in one normal form."""
    for slug, name in SLUGS.items():
        await anna.put(anna.url("box/"), "")
        sent = {"Content-Type": "text/turtle", "Slug": slug}
        answer = await anna.request("POST", anna.url("box/"), headers=sent, content="")
        assert answer.status_code == 201
        made = answer.headers["location"]
        assert "/" not in made.removeprefix(anna.url("box/"))
        assert name is None or made == anna.url("box/" + name), slug
        assert (await anna.get(made)).status_code == 200
        assert (await anna.request("DELETE", made)).status_code == 204
