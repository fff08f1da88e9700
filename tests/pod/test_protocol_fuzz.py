"""Random requests to pods by who may do all, some and nothing: no fault, no word too much, every answer whole.

`pytest --hypothesis-profile=explore tests/pod/test_protocol_fuzz.py` looks for more.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.podapp import MATCHER, Person, pod_server

from werkpod.pod.ldp import graphs

SECRET = b"Zeer geheim"
BASE = "http://localhost:8080"
LDP = "http://www.w3.org/ns/ldp#"
MORE = settings(
    max_examples=max(700, settings.default.max_examples if settings.default else 0),
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE", "PROPFIND", "FLY"]

names = st.sampled_from(
    ["a", "b", "box", "note.ttl", "p.png", "cv", "experience", "profile", "card", "inbox", ".acl", ".meta", "a.acl",
     "a.meta",
     ".well-known", "solid", "..", ".", "", "%2e%2e", "%2F", "%00", "%", "%FF", "a b", "é", "x" * 260, "a;b",
     "a.acl.acl",
     "settings", "prefs.ttl", "publicTypeIndex.ttl"]
) | st.text(alphabet=st.characters(max_codepoint=0x3FF), max_size=6)  # fmt: skip
paths = st.builds(lambda parts, end: "/".join(parts) + end, st.lists(names, max_size=4), st.sampled_from(["", "/"]))
known = st.sampled_from(
    ["", "cv/", "cv/experience", "cv/experience.acl", "cv/experience.meta", ".acl", ".meta", "box/", "box/a",
     "box/.acl",
     "profile/card", "inbox/", ".well-known/solid", "p.png", "box/p.png", "new/deep/er", "box"]
)  # fmt: skip
types = st.sampled_from(
    ["text/turtle", "text/turtle; charset=utf-8", "application/ld+json", "application/n-triples", "text/n3",
     "image/png",
     "application/sparql-update", "text/plain", "application/rdf+xml", "nonsense", "text/html", ""]
)  # fmt: skip
bodies = st.sampled_from(
    [
        b"", b"<#a> <http://e.test/p> 1 .", b"<#a> <http://e.test/p> 1", b"<a> <b>", b"\xff\xfe", b"{}", b"[]",
        b'{"@id":1}',
        b'{"@context":"https://www.w3.org/ns/activitystreams","type":"Note"}',
        b'{"@graph":[{"@id":"_:a","http://e.test/p":[]}]}',
        b"INSERT DATA { <#a> <http://e.test/p> 2 }", b"DELETE WHERE { ?s ?p ?o }", b"DELETE DATA { <#a> <b> 1 }",
        b"{" * 99,
        b"INSERT { ?s <b> 1 } WHERE { ?s ?p ?o . ?x ?y ?z }", b"PREFIX a: <b> INSERT DATA { a:b a:c a:d }",
        b"?x ?y ?z .",
        b"@prefix solid: <http://www.w3.org/ns/solid/terms#>. <> a solid:InsertDeletePatch; solid:inserts { <#a> <b> 1 "
        b"}.",
        b"@prefix solid: <http://www.w3.org/ns/solid/terms#>. <> a solid:InsertDeletePatch; solid:where { ?a ?b ?c }; "
        b"solid:deletes { ?a ?b ?c }.",
        b"<> <http://www.w3.org/ns/ldp#contains> <x> .", b"<a> <b> <<( <a> <b> <c> )>> .",
        b"@base <x:> . <a> <b> '\\ud800' .",
        b"<> a <http://www.w3.org/ns/pim/space#Storage> ; <http://www.w3.org/ns/posix/stat#size> 1 .", b"\x89PNG\r\n",
    ]
) | st.binary(max_size=80)  # fmt: skip
values = st.sampled_from(
    ["*", '"x"', 'W/"x"', "nonsense", "", "Sat, 01 Jan 2022 00:00:00 GMT", "bytes=0-", "bytes=-0", "bytes=9-1",
     "bytes=0-0,2-3",
     "text/turtle", "application/ld+json;q=0", "*/*;q=0", "image/*", ";;", "gzip", "identity", "https://app.example",
     "null",
     "javascript:1", "bytes 0-1/2", "return=minimal", "a.ttl", "../x", "%00", ".acl",
     f'<{LDP}BasicContainer>; rel="type"',
     f'<{LDP}NonRDFSource>; rel="type"', '<x>; rel="acl"', "<<<>", "PUT", "accept, x-y", "true", "\xe9", "9" * 30]
)  # fmt: skip
headers = st.dictionaries(
    st.sampled_from(
        ["accept", "if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "range",
         "slug", "link",
         "origin", "content-encoding", "content-range", "prefer", "access-control-request-method", "x-forwarded-host",
         "access-control-request-headers", "access-control-request-private-network", "accept-encoding", "te"]
    ),
    values, max_size=4,
)  # fmt: skip


class Street:
    """Pods with somebody who may do all, an app that may see a part, another person, and nobody."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.stack = contextlib.AsyncExitStack()
        self.loop.run_until_complete(self._move_in(folder))

    async def _move_in(self, folder: Path) -> None:
        self.server = await self.stack.enter_async_context(pod_server(folder))
        self.anna = await self.server.person("anna")
        bob = await self.server.person("bob")
        grant = await self.server.give(
            self.anna, client=MATCHER, sections=("experience",), actions=("read",),
            hidden_predicates=("http://e.test/secret",),
        )  # fmt: skip
        self.askers: dict[str, Person | None] = {
            "owner": self.anna, "app": self.server.app_of(self.anna, MATCHER, grant.id), "bob": bob, "nobody": None,
        }  # fmt: skip
        await self.hide()

    async def hide(self) -> None:
        """Put the secret where only its owner may read it, and beside what the app may see."""
        triple = b'<#e1> <http://e.test/secret> "' + SECRET + b'" ; <http://e.test/open> 1 .'
        assert (await self.anna.put(self.anna.url("cv/experience"), triple)).status_code in (201, 204)

    def close(self) -> None:
        """Close all."""
        self.loop.run_until_complete(self.stack.aclose())
        self.loop.close()

    async def ask(self, who: str, method: str, raw: str, sent: dict[str, str], body: bytes) -> Answer:
        """One request, as a server hands it to the application."""
        person = self.askers[who]
        signed = person.device.headers(method, BASE + raw, person.token()) if person else {}
        given = {**sent, **{name.lower(): value for name, value in signed.items()}}
        given.setdefault("content-length", str(len(body)))
        scope: dict[str, Any] = {
            "type": "http", "http_version": "1.1", "scheme": "http", "method": method, "query_string": b"",
            "path": unquote(raw), "raw_path": raw.encode(), "root_path": "", "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8080),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
        }  # fmt: skip
        waiting = [{"type": "http.request", "body": body, "more_body": False}]
        answer = Answer(method)

        async def receive() -> dict[str, Any]:
            return waiting.pop() if waiting else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = [(n.decode(), v.decode("latin-1")) for n, v in message["headers"]]
            else:
                answer.body += message.get("body", b"")

        await self.server.app(scope, receive, send)
        return answer


class Answer:
    """What was answered."""

    def __init__(self, method: str) -> None:
        self.method, self.status, self.body = method, 0, b""
        self.headers: list[tuple[str, str]] = []

    def get(self, name: str) -> str | None:
        """A header, or None."""
        return next((value for key, value in self.headers if key == name), None)


def quoted(path: str) -> str:
    """A path as a client sends it: what is not printable ASCII percent-encoded, the rest left as it is."""
    return "".join(
        c if " " < c < "\x7f" and c not in "?#" else "".join(f"%{b:02X}" for b in c.encode("utf-8", "replace"))
        for c in path
    )


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """The pods."""
    started = Street(tmp_path_factory.mktemp("street"))
    yield started
    started.close()


def check(answer: Answer, asked: dict[str, str]) -> None:
    """What holds for every answer."""
    status, kind = answer.status, answer.get("content-type")
    assert 200 <= status < 500, (status, answer.body[:300])
    for name, value in answer.headers:
        assert name == name.lower()
        assert not {"\r", "\n"} & set(name + value)
    once = ["content-type", "content-length", "etag", "location", "allow", "access-control-allow-origin"]
    assert all(sum(name == key for name, _ in answer.headers) <= 1 for key in once)
    if answer.method == "HEAD" or status in (204, 304):
        assert answer.body == b""
    elif answer.body:
        assert kind
        assert answer.get("content-length") == str(len(answer.body))
    if status >= 400 or status == 301:
        assert kind == "application/problem+json"
        assert answer.get("cache-control") == "no-store"
        if answer.method != "HEAD":
            problem = json.loads(answer.body)
            assert problem["status"] == status
            assert problem["type"].startswith("urn:werkpod:problem:")
            assert problem["title"]
            assert problem["detail"]
    if status == 401:
        assert (answer.get("www-authenticate") or "").startswith("DPoP ")
    if status == 405:
        assert answer.method not in (answer.get("allow") or "").split(", ")
    if status in (200, 206, 304):
        assert answer.get("etag")
        assert "rel=" in (answer.get("link") or "")
        assert answer.get("wac-allow")
    if status in (201, 301):
        assert (answer.get("location") or "").startswith(BASE + "/anna/")
    if status == 206:
        assert answer.get("content-range")
    origin = asked.get("origin")
    echoed = answer.get("access-control-allow-origin")
    assert echoed == (origin if origin in ("https://app.example", "null") else None)


@pytest.mark.duty(1, 7, 8, 16, 67)
@MORE
@given(
    st.sampled_from(["owner", "app", "bob", "nobody"]), st.sampled_from(METHODS), known | paths, types, headers, bodies
)
def test_whatever_is_asked(
    street: Street, who: str, method: str, path: str, kind: str, sent: dict[str, str], body: bytes
) -> None:
    """No 5xx; each answer has a type, a length and the headers of its kind; nothing for who may not have it."""
    given_ = {**sent, **({"content-type": kind} if kind else {})}
    answer = street.loop.run_until_complete(street.ask(who, method, "/anna/" + quoted(path), given_, body))
    check(answer, sent)
    if who == "owner":
        if method in ("PUT", "PATCH", "DELETE", "POST"):
            street.loop.run_until_complete(street.hide())
        if answer.status == 201:
            made = (answer.get("location") or "").removeprefix(BASE)
            assert street.loop.run_until_complete(street.ask("owner", "HEAD", made, {}, b"")).status == 200
        return
    assert SECRET not in answer.body
    if method in ("PUT", "PATCH", "DELETE") and who != "owner":
        assert answer.status >= 400
    if who == "nobody" and path in ("cv/experience", "cv/", "", ".acl", "cv/experience.acl", "box/a"):
        assert answer.status in (400, 401, 405, 415) or method == "OPTIONS"


@pytest.mark.duty(27, 41)
def test_what_is_left_can_be_read(street: Street) -> None:
    """After all of that every listing is valid Turtle, and every member of it is there in every form that it has."""

    async def walk(url: str) -> None:
        listing = await street.anna.get(url)
        assert listing.status_code == 200
        for triple in graphs.parse(listing.content, "text/turtle", url).triples:
            if triple.predicate.value != LDP + "contains":
                continue
            member = str(triple.object.value)  # type: ignore[union-attr]
            if member.endswith("/"):
                await walk(member)
                continue
            for accept in ("*/*", "text/turtle, */*;q=0.1", "application/ld+json, */*;q=0.1"):
                assert (await street.anna.get(member, Accept=accept)).status_code == 200

    street.loop.run_until_complete(walk(street.anna.url()))
