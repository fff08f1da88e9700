"""Conditional requests, whole: every method, every kind of resource, tags and dates (RFC 9110, 13)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.utils import formatdate
from pathlib import Path

import httpx2
import pytest
from support.podapp import Person, Server, pod_server

TURTLE, SPARQL = "text/turtle", "application/sparql-update"
LONG_AGO, FAR_OFF = formatdate(1_000_000, usegmt=True), formatdate(10_000_000_000, usegmt=True)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with pod_server(tmp_path) as started:
        yield started


@pytest.fixture
async def anna(server: Server) -> Person:
    person = await server.person("anna")
    await person.put(person.url("box/note"), "<#a> <http://e.test/p> 1 .")
    return person


async def write(anna: Person, method: str, path: str, **conditions: str) -> httpx2.Response:
    """A write that would succeed without conditions."""
    kind, body = {"PATCH": (SPARQL, "INSERT DATA { <#x> <http://e.test/p> 2 }")}.get(method, (TURTLE, ""))
    sent = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in conditions.items()}}
    return await anna.request(method, anna.url(path), headers=sent, content=body)


WRITES = [("PUT", "box/note"), ("PATCH", "box/note"), ("DELETE", "box/note"), ("PATCH", "box/"), ("POST", "box/")]


@pytest.mark.duty(150)
@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_a_write_on_another_version_is_412(anna: Person, method: str, path: str) -> None:
    """Each condition that does not hold stops each method, and nothing changes."""
    before = await anna.get(anna.url(path))
    tag = before.headers["etag"]
    for condition in (
        {"If_Match": '"other"'}, {"If_Match": '"other", "another"'}, {"If_Match": f"W/{tag}"}, {"If_Match": "nonsense"},
        {"If_None_Match": "*"}, {"If_None_Match": tag}, {"If_None_Match": f'"x", W/{tag}'},
        {"If_Unmodified_Since": LONG_AGO}, {"If_Match": "*", "If_None_Match": "*"},
    ):  # fmt: skip
        answer = await write(anna, method, path, **condition)
        assert answer.status_code == 412, condition
        assert answer.headers["content-type"] == "application/problem+json"
    assert (await write(anna, method, path, If_None_Match="nonsense")).status_code == 400
    after = await anna.get(anna.url(path))
    assert (after.content, after.headers["etag"]) == (before.content, tag)


@pytest.mark.duty(150)
@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_a_write_on_the_right_version_is_done(anna: Person, method: str, path: str) -> None:
    """Tags before dates; what is no date is no wish (RFC 9110, 13.1.4 and 13.2.2)."""
    for condition in (
        {"If_Match": "*"}, {"If_Match": "{tag}"}, {"If_Match": '"x" , {tag}'}, {"If_None_Match": '"x", "y"'},
        {"If_Unmodified_Since": FAR_OFF}, {"If_Unmodified_Since": "{date}"}, {"If_Unmodified_Since": "yesterday"},
        {"If_Match": "{tag}", "If_Unmodified_Since": LONG_AGO},
    ):  # fmt: skip
        await anna.put(anna.url("box/note"), "<#a> <http://e.test/p> 1 .")
        now = (await anna.get(anna.url(path))).headers
        made = {name: value.format(tag=now["etag"], date=now["last-modified"]) for name, value in condition.items()}
        assert (await write(anna, method, path, **made)).status_code in (201, 204), condition


@pytest.mark.duty(150)
async def test_conditions_on_what_is_not_there(anna: Person) -> None:
    """If-Match never holds, If-None-Match always does; a date says nothing."""
    for method in ("PUT", "PATCH"):
        assert (await write(anna, method, "new", If_Match="*")).status_code == 412
        assert (await write(anna, method, f"{method}1", If_None_Match="*")).status_code == 201
        assert (await write(anna, method, f"{method}2", If_Unmodified_Since=LONG_AGO)).status_code == 201
        assert (await write(anna, "PUT", f"{method}/", If_None_Match="*")).status_code == 201
        assert (await write(anna, "PUT", f"{method}/", If_None_Match="*")).status_code == 412


@pytest.mark.duty(150, 151)
async def test_conditions_on_reads(anna: Person) -> None:
    """If-Match strong, If-None-Match weak, dates where no tag is sent, If-Range by a strong tag alone."""
    await anna.put(anna.url("a.txt"), "0123456789", "text/plain")
    for path in ("box/note", "box/", "a.txt"):
        url = anna.url(path)
        now = (await anna.get(url)).headers
        tag, date = now["etag"], now["last-modified"]
        for conditions, status in (
            ({"If_Match": tag}, 200), ({"If_Match": f'"x",{tag}'}, 200), ({"If_Match": "*"}, 200),
            ({"If_Match": f"W/{tag}"}, 412), ({"If_Match": '"x"'}, 412),
            ({"If_None_Match": tag}, 304), ({"If_None_Match": f"W/{tag}"}, 304), ({"If_None_Match": "*"}, 304),
            ({"If_None_Match": '"x", W/"y"'}, 200), ({"If_None_Match": '"x"', "If_Modified_Since": FAR_OFF}, 200),
            ({"If_Modified_Since": date}, 304), ({"If_Modified_Since": LONG_AGO}, 200),
            ({"If_Modified_Since": "yesterday"}, 200), ({"If_Unmodified_Since": LONG_AGO}, 412),
            ({"If_Unmodified_Since": date}, 200), ({"If_Match": tag, "If_Unmodified_Since": LONG_AGO}, 200),
            ({"If_Match": '"x"', "If_None_Match": tag}, 412),
        ):  # fmt: skip
            assert (await anna.get(url, **conditions)).status_code == status, (path, conditions)
    for condition, status in ((tag, 206), (f"W/{tag}", 200), ('"x"', 200), (date, 200), (FAR_OFF, 200)):
        assert (await anna.get(url, Range="bytes=1-2", If_Range=condition)).status_code == status, condition
    assert (await anna.get(url, Range="bytes=1-2", If_None_Match=tag)).status_code == 304


@pytest.mark.duty(15, 150)
async def test_two_writes_in_a_moment_have_two_tags(anna: Person) -> None:
    """A tag is of a version, not of a time: two writers of one millisecond do not pass for each other."""
    tags = set()
    for number in range(8):
        answer = await anna.put(anna.url("box/note"), f"<#a> <http://e.test/p> {number % 2} .")
        tags.add(answer.headers["etag"])
    assert len(tags) == 8


@pytest.mark.duty(150)
async def test_the_tag_of_a_write_is_that_of_the_next_read(anna: Person) -> None:
    """What PUT and PATCH answer can be sent back with If-Match, and a reader who has it gets 304."""
    for method in ("PUT", "PATCH"):
        tag = (await write(anna, method, "box/note")).headers["etag"]
        assert (await anna.get(anna.url("box/note"), If_None_Match=tag)).status_code == 304
        assert (await write(anna, method, "box/note", If_Match=tag)).status_code == 204
