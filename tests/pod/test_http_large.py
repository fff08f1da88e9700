"""Large files, full pods and answers without a body over HTTP, in one process."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest
from support.podapp import Person, Server, pod_server

from werkpod.pod.usage import ROW
from werkpod.pod.vault import PART_BYTES

MB = 1 << 20
FILM = "video/mp4"
LARGE = random.Random(7).randbytes(3 * MB + 5)
NOTE = '<#a> <https://schema.org/name> "een" .'


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with pod_server(tmp_path) as started:
        yield started


@pytest.fixture
async def anna(server: Server) -> Person:
    return await server.person("anna")


async def pieces(body: bytes, width: int = 90_000) -> AsyncIterator[bytes]:
    for start in range(0, len(body), width):
        yield body[start : start + width]


async def parts(server: Server) -> tuple[int, int]:
    await server.parts.storage.settled()
    ((found, loose),) = await server.parts.pods.fetch(
        "SELECT (SELECT COUNT(*) FROM part), (SELECT COUNT(*) FROM loose)"
    )
    return int(str(found)), int(str(loose))


async def spoil(server: Server, *statements: str) -> None:
    """Change the database behind the server's back."""
    connection = sqlite3.connect(server.parts.folder / "pods.db", timeout=5)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


async def asked(server: Server, person: Person, path: str, receive: Sequence[dict[str, Any]] = ()) -> list[Any]:
    """What a GET sends, message by message; also where the answer breaks off."""
    url = person.url(path)
    signed = person.device.headers("GET", url, person.token())
    sent: list[Any] = []
    coming = iter([{"type": "http.request", "body": b""}, *receive])

    async def received() -> Any:
        message = next(coming, None)
        if message is None:
            await asyncio.Event().wait()
        return message

    async def send(message: Any) -> None:
        sent.append(message)
        await asyncio.sleep(0)

    raw = url.removeprefix("http://localhost:8080").encode()
    scope = {
        "type": "http", "method": "GET", "path": raw.decode(), "raw_path": raw, "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in signed.items()],
    }  # fmt: skip
    await server.app(scope, received, send)
    return sent


@pytest.mark.duty(151)
async def test_a_large_file_comes_back_whole_and_in_parts(server: Server, anna: Person) -> None:
    """Sent with and without a length, by PUT and by POST; every range is the bytes that it names."""
    url = anna.url("film")
    assert (await anna.put(url, LARGE, FILM)).status_code == 201
    unknown = await anna.request("PUT", url, headers={"Content-Type": FILM}, content=pieces(LARGE))
    assert unknown.status_code == 204
    posted = await anna.request("POST", anna.url(), headers={"Content-Type": FILM, "Slug": "reel"}, content=LARGE)
    assert (posted.status_code, posted.headers["location"]) == (201, anna.url("reel"))
    for where in (url, anna.url("reel")):
        whole = await anna.get(where)
        assert whole.content == LARGE
        assert whole.headers["content-length"] == str(len(LARGE))
    for wanted, first, last in (
        ("bytes=0-0", 0, 0), ("bytes=262140-262150", 262140, 262150), ("bytes=-7", len(LARGE) - 7, len(LARGE) - 1),
        ("bytes=3000000-", 3_000_000, len(LARGE) - 1),
    ):  # fmt: skip
        part = await anna.get(url, Range=wanted)
        assert (part.status_code, part.content) == (206, LARGE[first : last + 1])
        assert part.headers["content-range"] == f"bytes {first}-{last}/{len(LARGE)}"
    assert (await anna.get(url, Range=f"bytes={len(LARGE)}-")).status_code == 416


@pytest.mark.duty(150)
async def test_conditions_hold_for_large_files_before_and_after_the_body(server: Server, anna: Person) -> None:
    """A tag that is not the stored one is refused before the body; one that changed meanwhile, after it."""
    url = anna.url("film")
    first = await anna.put(url, LARGE, FILM)
    assert (await anna.put(url, LARGE, FILM, If_None_Match="*")).status_code == 412
    assert (await anna.put(url, LARGE, FILM, If_Match='"other"')).status_code == 412

    async def overtaken() -> AsyncIterator[bytes]:
        async for piece in pieces(LARGE):
            yield piece
        await anna.put(url, b"quick", "text/plain")

    headers = {"Content-Type": FILM, "If-Match": first.headers["etag"]}
    assert (await anna.request("PUT", url, headers=headers, content=overtaken())).status_code == 412
    assert (await anna.get(url)).text == "quick"
    assert await parts(server) == (0, 0)


async def test_what_is_taken_back_while_a_body_comes_in_is_not_written(server: Server, anna: Person) -> None:
    """Decided before the body and again after it: a stop in between holds."""
    ben = await server.person("ben")
    grant = await server.give(anna, client=ben.client, agent=ben.pod.webid, everything=True)

    async def stopped() -> AsyncIterator[bytes]:
        async for piece in pieces(LARGE):
            yield piece
        await server.grants.revoke(anna.pod.id, grant.id, by=anna.pod.id)

    answer = await ben.request("PUT", anna.url("film"), headers={"Content-Type": FILM}, content=stopped())
    assert answer.status_code == 403
    assert (await anna.get(anna.url("film"))).status_code == 404
    assert await parts(server) == (0, 0)


async def test_a_stranger_s_body_is_not_read(server: Server, anna: Person) -> None:
    """401 and 403 come before the first piece is asked for."""
    ben = await server.person("ben")
    read = []

    async def watched() -> AsyncIterator[bytes]:
        read.append(1)
        yield LARGE

    for who, status in ((ben.request, 403), (server.http.request, 401)):
        answer = await who("PUT", anna.url("film"), headers={"Content-Type": FILM}, content=watched())
        assert answer.status_code == status
    assert read == []


async def test_a_full_pod_answers_507_with_figures_for_its_owner_alone(server: Server, anna: Person) -> None:
    """`used` and `allowed` in bytes; somebody else is told that it is full and no more. Deleting makes room."""
    ben = await server.person("ben")
    await server.give(anna, client=ben.client, agent=ben.pod.webid, everything=True)
    storage = server.parts.storage
    used = (await storage.usage.of(anna.pod.id)).bytes
    allowed = used + MB + ROW
    await storage.usage.allow(anna.pod.id, allowed)
    for content in (LARGE, pieces(LARGE)):
        answer = await anna.request("PUT", anna.url("film"), headers={"Content-Type": FILM}, content=content)
        assert answer.status_code == 507
        problem = answer.json()
        assert (problem["code"], problem["used"], problem["allowed"]) == ("over_quota", used, allowed)
    theirs = await ben.put(anna.url("film"), LARGE, FILM)
    assert theirs.status_code == 507
    assert not {"used", "allowed"} & set(theirs.json())
    assert str(used) not in theirs.text
    assert (await anna.put(anna.url("a"), bytes(MB), "text/plain")).status_code == 201
    small = await anna.put(anna.url("b"), NOTE)
    assert (small.status_code, small.json()["allowed"]) == (507, allowed)
    assert (await ben.put(anna.url("b"), NOTE)).json().get("allowed") is None
    assert (await anna.request("DELETE", anna.url("a"))).status_code == 204
    assert (await anna.put(anna.url("b"), NOTE)).status_code == 201


async def test_a_part_that_was_changed_is_never_sent(server: Server, anna: Person) -> None:
    """The answer breaks off before it, short of its Content-Length; in the first part it is a 500 without a body."""
    await anna.put(anna.url("film"), LARGE, FILM)
    await spoil(server, "UPDATE part SET body = zeroblob(length(body)) WHERE number = 2")
    start, *sent = await asked(server, anna, "film")
    assert start["status"] == 200
    assert b"".join(message["body"] for message in sent) == LARGE[: 2 * PART_BYTES]
    assert all(message["more_body"] for message in sent)
    await spoil(server, "UPDATE part SET body = zeroblob(length(body)) WHERE number = 0")
    assert (await anna.get(anna.url("film"))).status_code == 500


async def test_a_long_answer_stops_when_it_is_taken_back(server: Server, anna: Person) -> None:
    """Who may not read any more gets at most some MB further; who went away, nothing more."""
    long = random.Random(8).randbytes(12 * MB)
    await anna.put(anna.url("film"), long, FILM)
    ben = await server.person("ben")
    grant = await server.give(anna, client=ben.client, agent=ben.pod.webid, everything=True)
    url, got = anna.url("film"), 0
    signed = ben.device.headers("GET", url, ben.token())

    async def send(message: Any) -> None:
        nonlocal got
        got += len(message.get("body", b""))
        if message["type"] == "http.response.body" and got == PART_BYTES:
            await server.grants.revoke(anna.pod.id, grant.id, by=anna.pod.id)

    async def receive() -> Any:
        await asyncio.Event().wait()

    raw = url.removeprefix("http://localhost:8080").encode()
    scope = {
        "type": "http", "method": "GET", "path": raw.decode(), "raw_path": raw, "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in signed.items()],
    }  # fmt: skip
    await server.app(scope, receive, send)
    assert PART_BYTES <= got <= 5 * MB
    left = await asked(server, anna, "film", [{"type": "http.disconnect"}])
    assert sum(len(message.get("body", b"")) for message in left) < MB


@pytest.mark.duty(150)
async def test_a_304_and_a_head_read_no_body(server: Server, anna: Person) -> None:
    """Also where every body is destroyed they are answered: tag, date and length are known without it."""
    paths = ("note", "film", "a/", "small.bin")
    await anna.put(anna.url("note"), NOTE)
    await anna.put(anna.url("film"), LARGE, FILM)
    await anna.put(anna.url("a/x"), NOTE)
    await anna.put(anna.url("small.bin"), b"123", "application/octet-stream")
    jsonld = "application/ld+json"
    before = {
        (path, accept): await anna.get(anna.url(path), Accept=accept) for path in paths for accept in ("*/*", jsonld)
    }
    await spoil(server, "UPDATE blob SET wrapped = zeroblob(40)", "DELETE FROM part")
    for (path, accept), seen in before.items():
        url, tag = anna.url(path), seen.headers["etag"]
        again = await anna.get(url, Accept=accept, If_None_Match=tag)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        dated = await anna.get(url, Accept=accept, If_Modified_Since=seen.headers["last-modified"])
        assert dated.status_code == 304
        head = await anna.request("HEAD", url, headers={"Accept": accept})
        assert (head.status_code, head.content) == (200, b"")
        for name in ("etag", "content-type", "last-modified", "link", "wac-allow", "allow", "accept-ranges"):
            assert head.headers.get(name) == seen.headers.get(name)
        if "content-length" in head.headers:
            assert head.headers["content-length"] == seen.headers["content-length"]
    assert (await anna.get(anna.url("note"), If_None_Match='"other"')).status_code == 500


async def test_a_304_is_decided_and_logged_like_any_read(server: Server, anna: Person) -> None:
    """Who may not read does not learn by a tag that nothing changed; who may is in the log."""
    url = anna.url("note")
    await anna.put(url, NOTE)
    tag = (await anna.get(url)).headers["etag"]
    ben = await server.person("ben")
    for method in ("GET", "HEAD"):
        refused = await ben.request(method, url, headers={"If-None-Match": tag})
        assert refused.status_code == 403
        missing = await ben.request(method, anna.url("nothing"), headers={"If-None-Match": tag})
        assert missing.status_code == 403
    before = len(await server.ledger.entries(anna.pod.id, 100))
    assert (await anna.get(url, If_None_Match=tag)).status_code == 304
    assert (await anna.get(url, If_None_Match='"x"')).status_code == 200
    assert (await anna.request("HEAD", url)).status_code == 200
    entries = [line.entry for line in await server.ledger.entries(anna.pod.id, 100)]
    assert len(entries) == before + 3


@pytest.mark.duty(150)
async def test_two_writes_in_a_moment_have_two_tags(server: Server, anna: Person) -> None:
    """A tag is made of the version, not of a clock: as fast as writes can be, also of the same bytes."""
    url = anna.url("note")
    tags = [(await anna.put(url, NOTE)).headers["etag"] for _ in range(20)]
    storage = server.parts.storage
    heads = [(await storage.put(anna.pod.id, "note", NOTE.encode(), "text/turtle")) for _ in range(20)]
    assert len({*tags, *(head.etag for head in heads)}) == 40


async def test_a_body_shorter_than_it_was_said_to_be_is_not_kept(server: Server, anna: Person) -> None:
    """Whatever the server in front of us lets through."""
    for size in (10, 10 * MB):
        headers = {"Content-Type": FILM, "Content-Length": str(size)}
        answer = await anna.request("PUT", anna.url("short"), headers=headers, content=b"123")
        assert (answer.status_code, answer.json()["code"]) == (400, "broken_off")
    wrong = await anna.request("PUT", anna.url("short"), headers={"Content-Type": FILM, "Content-Length": "-1"})
    assert wrong.status_code == 400
    assert isinstance(wrong, httpx2.Response)
    assert (await anna.get(anna.url("short"))).status_code == 404


async def test_what_is_empty_fills_a_pod_too(server: Server, anna: Person) -> None:
    """Documents and containers without a byte, by PUT and POST: as many as there is room for, then 507."""
    usage = server.parts.storage.usage
    used = (await usage.of(anna.pod.id)).bytes
    await usage.allow(anna.pod.id, used + 3 * ROW)
    statuses = []
    for n in range(2):
        statuses.append((await anna.put(anna.url(f"empty{n}"), b"", "text/plain")).status_code)
        statuses.append((await anna.put(anna.url(f"folder{n}/"), b"")).status_code)
        sent = {"Content-Type": "text/plain"}
        statuses.append((await anna.request("POST", anna.url(""), headers=sent, content=b"")).status_code)
    assert statuses == [201, 201, 201, 507, 507, 507]
    assert (await usage.of(anna.pod.id)).bytes == used + 3 * ROW
    assert (await anna.request("DELETE", anna.url("folder0/"))).status_code == 204
    assert (await anna.put(anna.url("folder1/"), b"")).status_code == 201
