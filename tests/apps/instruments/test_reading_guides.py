"""A guide is read over HTTP: with its token, in pages, again after a failure, and only what changed."""

from __future__ import annotations

import asyncio
import json
import time
from email.utils import formatdate
from typing import Any

import pytest
from support.guides import TOKEN, RunningGuide, guide, listening
from support.running import free_port

from werkpod.apps.errors import GuideUnreadable
from werkpod.apps.instruments.guide_server import starter_items
from werkpod.apps.instruments.guides import read_items, starter_instruments
from werkpod.apps.instruments.kept import Kept
from werkpod.apps.instruments.reading import TRIES, AskLater, GuideReader, Read, client_for
from werkpod.apps.instruments.sources import GuideSource

EVA = [each for each in starter_instruments() if each.guide == "eva"]


async def read(running: RunningGuide, known: Kept | None = None, **how: Any) -> Read:
    async with client_for(running.source, allow_loopback=True, **how) as http:
        return await running.reader(running.source, http).read(known)


async def refused(running: RunningGuide, **how: Any) -> str:
    with pytest.raises(GuideUnreadable) as caught:
        await read(running, **how)
    assert TOKEN not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("how", "requests"),
    [
        ({}, 1),
        ({"names": "sgr"}, 1),
        ({"page_size": 10}, -(-len(EVA) // 10)),
        ({"page_size": 25, "names": "sgr"}, -(-len(EVA) // 25)),
        ({"brief": True}, 1 + len(EVA)),
    ],
)
async def test_every_form_of_a_guide_gives_the_same_instruments(how: dict[str, Any], requests: int) -> None:
    """All at once or in pages, with the older names or those of the SUWI register, with texts in the list or apart."""
    async with guide(**how) as running:
        found = await read(running)
    assert read_items("eva", found.kept.items, source="eva") == EVA
    assert found.fetched == requests


async def test_the_token_goes_with_each_request_and_nothing_else_does() -> None:
    """A bearer token (RFC 6750, 2.1), and no cookie or user agent of ours beyond the client's."""
    async with guide(page_size=30) as running:
        await read(running)
        assert {headers["authorization"] for _, headers in running.front.asked} == {f"Bearer {TOKEN}"}
        assert not any("cookie" in headers for _, headers in running.front.asked)


async def test_what_did_not_change_is_not_sent_again() -> None:
    """The ETag of the last copy is sent along; a 304 keeps that copy."""
    async with guide() as running:
        first = await read(running)
        second = await read(running, first.kept)
        assert (second.unchanged, second.kept) == (True, first.kept)
        running.server.items = running.server.items[1:]
        third = await read(running, first.kept)
        assert (third.unchanged, len(third.kept.items)) == (False, len(EVA) - 1)


async def test_of_a_list_without_texts_only_what_changed_is_asked_one_by_one() -> None:
    """`updated_at` says which of them to show again."""
    async with guide(brief=True) as running:
        first = await read(running)
        changed = {**running.server.items[3], "updated_at": "2026-11-01T10:00:00Z", "summary": "Anders."}
        running.server.items[3] = changed
        second = await read(running, first.kept)
        assert second.fetched == 2
        assert running.front.asked[-1][0] == f"/api/v1/instrument/show/{changed['id']}"
        assert second.kept.items[3]["summary"] == "Anders."
        assert second.kept.items[:3] == first.kept.items[:3]


async def test_a_guide_that_stumbles_is_asked_again_after_ever_longer_pauses() -> None:
    """500 and 503 pass; each pause is longer than the one before."""
    async with guide() as running:
        running.front.plan = [(500, {}, b""), (503, {}, b"")]
        assert len((await read(running)).kept.items) == len(EVA)
        assert len(running.pauses) == 2
        assert 1 <= running.pauses[0] < running.pauses[1]


async def test_a_guide_that_asks_for_time_gets_it() -> None:
    """Retry-After is kept to, in seconds or as a date (RFC 9110, 10.2.3)."""
    async with guide() as running:
        date = formatdate(time.time() + 30, usegmt=True)
        running.front.plan = [(429, {"Retry-After": "7"}, b""), (503, {"Retry-After": date}, b"")]
        await read(running)
        assert running.pauses[0] == 7
        assert 20 < running.pauses[1] <= 30


async def test_a_guide_that_asks_for_much_time_is_left_alone() -> None:
    """More than a minute is not waited for here: the next refresh comes after it."""
    async with guide() as running:
        running.front.always = (503, {"Retry-After": "3600"}, b"")
        with pytest.raises(AskLater, match="3600") as caught:
            await read(running)
        assert (caught.value.seconds, len(running.front.asked), running.pauses) == (3600, 1, [])


@pytest.mark.parametrize(
    ("answer", "says", "tries"),
    [
        ((500, {}, b"<h1>Whoops</h1>"), "answers 500, 4 times", TRIES),
        ((401, {}, b'{"message":"Unauthenticated."}'), "token is not right", 1),
        ((403, {}, b""), "may not read instruments", 1),
        ((404, {}, b""), "url in the settings", 1),
        ((302, {"Location": "https://elders.example/"}, b""), "answers 302", 1),
        ((200, {}, b"<!doctype html><p>Welkom"), "no guide does", 1),
        ((200, {}, b'{"instruments": []}'), "no guide does", 1),
        ((200, {}, b'{"data": [1, 2]}'), "no guide does", 1),
        ((200, {}, b"[" * 100_000), "no guide does", 1),
    ],
)
async def test_what_cannot_be_used_is_refused_with_a_reason(
    answer: tuple[int, dict[str, str], bytes], says: str, tries: int
) -> None:
    """Errors, a wrong token, a redirect and rubbish: which guide, where, and what was wrong; never the token."""
    async with guide() as running:
        running.front.always = answer
        said = await refused(running)
        assert says in said
        assert "eva" in said
        assert len(running.front.asked) == tries


async def test_a_guide_that_is_down_or_silent_is_told_from_one_that_answers() -> None:
    """Nobody listens, or the answer does not come within the deadline."""
    async with guide() as running:
        nobody = RunningGuide(running.server, running.front, free_port(), "eva", "eva")
        assert "does not answer" in await refused(nobody)
        running.front.hold = asyncio.Event()
        said = await refused(running, deadline=0.05)
        running.front.hold.set()
        assert "does not answer" in said


async def test_the_token_never_goes_to_another_server() -> None:
    """A next page elsewhere is refused before it is asked."""
    async with guide() as running:
        there = json.dumps({"data": [{"id": 1, "name": "x"}], "links": {"next": "https://elders.example/list?page=2"}})
        running.front.always = (200, {}, there.encode())
        assert "another server" in await refused(running)


@pytest.mark.parametrize(
    "more",
    [
        {"links": {"next": "/api/v1/instrument/list"}},
        {"next_page_url": "?page=2", "data": [{"id": 1, "name": "x"}]},
    ],
)
async def test_pages_that_go_round_end(more: dict[str, Any]) -> None:
    """A guide whose next page is one that was read already is no guide to follow."""
    async with guide() as running:
        answer = {"data": [{"id": 1, "name": "x", "aim": "y"}], **more}
        running.front.always = (200, {}, json.dumps(answer).encode())
        assert "go round" in await refused(running)


async def test_pages_are_found_in_each_form_that_lists_have() -> None:
    """`links.next`, `next_page_url`, `meta.last_page` and a Link header (RFC 8288) lead on; the later answer counts."""
    one, two, three, four = ({"id": number, "name": f"n{number}", "aim": "a"} for number in (1, 2, 3, 4))
    pages = [
        ({"data": [one, two], "links": {"next": "?page=2"}}, {}),
        ({"data": [two | {"name": "moved"}], "next_page_url": "?page=3"}, {}),
        ({"data": [three], "meta": {"current_page": 3, "last_page": 4}}, {}),
        ({"data": [four], "links": [{"url": None}]}, {"Link": '</api/v1/instrument/list?page=5>; rel="next"'}),
        ({"data": []}, {}),
    ]
    async with guide() as running:
        running.front.plan = [(200, headers, json.dumps(page).encode()) for page, headers in pages]
        found = await read(running)
    assert [item["name"] for item in found.kept.items] == ["n1", "moved", "n3", "n4"]
    assert found.kept.etag == ""


async def test_the_token_is_read_again_each_time(tmp_path: Any) -> None:
    """A token that is replaced in its file needs no restart; one that is gone is a reason, not a crash."""
    file = tmp_path / "token"
    file.write_text("oud\n")
    async with guide() as running:
        source = GuideSource(name="eva", kind="eva", url=running.source.url, token_file=str(file))
        async with client_for(source, allow_loopback=True) as http:
            reader = GuideReader(source, http)
            with pytest.raises(GuideUnreadable, match="token"):
                await reader.read(None)
            file.write_text(TOKEN + "\n")
            assert len((await reader.read(None)).kept.items) == len(EVA)
            file.unlink()
            with pytest.raises(GuideUnreadable, match="cannot be read"):
                await reader.read(None)


async def test_one_instrument_is_shown_by_its_id() -> None:
    """The local guide answers `show` as the guides do, and 404 for what it does not have."""
    async with guide() as running, client_for(running.source, allow_loopback=True) as http:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        url = running.source.url + "/api/v1/instrument/show/"
        assert (await http.get(url + "6", headers=headers)).json() == {"data": starter_items("eva")[5]}
        assert (await http.get(url + "999", headers=headers)).status_code == 404
        assert (await http.get(url + "6")).status_code == 401


async def test_a_guide_in_a_strange_network_is_not_reached() -> None:
    """Only what the operator named may be on this machine: a guide with a public name that leads here is refused."""

    async def never(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("it was asked")

    async with listening(never) as port:
        source = GuideSource(name="eva", kind="eva", url=f"https://localhost.example.org:{port}", token=TOKEN)
        async with client_for(source, allow_loopback=False) as http:
            with pytest.raises(GuideUnreadable, match="port 443"):
                await GuideReader(source, http, tries=1).read(None)
