"""Documents of other servers: fetched once, remembered as long as they say, and bounded whoever asks for them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from support.abroad import Abroad, tls

from werkpod.pod.elsewhere import (
    BURST,
    FAILED,
    NEW_AT_ONCE,
    NEW_AT_ONE_HOST,
    PER_SECOND,
    Elsewhere,
    Remembered,
    TooBusy,
)
from werkpod.web.client import Fetched, FetchRefused, guarded_client

OWN = "http://localhost:8080"


def text(found: Fetched) -> str:
    if found.body == b"useless":
        raise FetchRefused("This is of no use.")
    return found.body.decode()


class Reader:
    """Something remembered of another place, with a clock of its own."""

    def __init__(self, place: Abroad) -> None:
        self.place, self.now = place, 1000.0
        self.http = guarded_client(allow_loopback=True, tls=tls())
        self.elsewhere = Elsewhere(self.http, own=OWN, allow_loopback=True, clock=lambda: self.now)
        self.texts = self.reader()

    def reader(self, count: int = 5) -> Remembered[str]:
        return Remembered(
            self.elsewhere, text, accept="text/plain", limit=100_000, count=count, shortest=10, usual=100, longest=1000
        )

    async def get(self, path: str) -> str:
        return await self.texts.get(self.place.base + path)


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    with Abroad() as place:
        found = Reader(place)
        yield found
        await found.http.aclose()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 100),
        ("max-age=500", 500),
        ("private, Max-Age=20", 20),
        ("max-age=1", 10),
        ("max-age=999999999", 1000),
        ("max-age=99999999999999999999", 100),
        ("max-age=-5", 100),
        ("max-age", 100),
        ("no-store", 10),
        ("max-age=500, no-cache", 10),
    ],
)
async def test_a_document_is_kept_as_long_as_it_says_within_bounds(reader: Reader, header: str, seconds: int) -> None:
    """RFC 9111, 5.2.2; not shorter and not longer than we like."""
    reader.place.publish("/a", "one", headers={"Cache-Control": header})
    assert await reader.get("/a") == "one"
    reader.place.publish("/a", "two", headers={"Cache-Control": header})
    reader.now += seconds - 1
    assert await reader.get("/a") == "one"
    reader.now += 1
    assert await reader.get("/a") == "two"


async def test_many_who_want_the_same_ask_once(reader: Reader) -> None:
    """One request is under way for an address; the others wait for its answer."""
    reader.place.publish("/a", "one")
    assert await asyncio.gather(*(reader.get("/a") for _ in range(50))) == ["one"] * 50
    assert reader.place.asked == {"/a": 1}


async def test_who_gives_up_takes_nobody_along(reader: Reader) -> None:
    """A reader that goes away while it waits leaves the next one to ask for itself."""
    answer = threading.Event()
    reader.place.publish("/a", "one", when=answer)
    first = asyncio.create_task(reader.get("/a"))
    assert await asyncio.to_thread(reader.place.reached.wait, 10)
    second = asyncio.create_task(reader.get("/a"))
    first.cancel()
    answer.set()
    assert await second == "one"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_failure_is_remembered_for_a_while_and_said_again(reader: Reader) -> None:
    """The reason is the same each time, and nobody is asked."""
    reader.place.publish("/a", "useless")
    for _ in range(3):
        with pytest.raises(FetchRefused, match="of no use"):
            await reader.get("/a")
    assert reader.place.asked == {"/a": 1}
    assert reader.texts.settled(reader.place.base + "/a")
    reader.place.publish("/a", "one")
    reader.now += FAILED
    assert not reader.texts.settled(reader.place.base + "/a")
    assert await reader.get("/a") == "one"


async def test_what_is_known_is_gone_when_its_time_is_over_and_it_cannot_be_had(reader: Reader) -> None:
    """Nothing is answered with an old copy."""
    reader.place.publish("/a", "one")
    await reader.get("/a")
    reader.place.publish("/a", "", status=503)
    reader.now += 100
    with pytest.raises(FetchRefused):
        await reader.get("/a")


async def test_a_second_look_that_fails_takes_nothing_away(reader: Reader) -> None:
    """Who asks for something newer gets what is known where there is nothing newer, and cannot make us ask at will."""
    url = reader.place.publish("/a", "one", headers={"Cache-Control": "max-age=1000"})
    await reader.texts.get(url)
    assert await reader.texts.get(url, newer_than=30) == "one"
    reader.place.publish("/a", "", status=503)
    reader.now += 30
    assert [await reader.texts.get(url, newer_than=30) for _ in range(3)] == ["one"] * 3
    assert reader.place.asked["/a"] == 2


async def test_so_many_addresses_are_kept(reader: Reader) -> None:
    """Those that were asked for last; failures are kept apart, and push nothing out."""
    for n in range(5):
        reader.place.publish(f"/{n}", str(n))
        await reader.get(f"/{n}")
    await reader.get("/0")
    for n in range(20):
        with pytest.raises(FetchRefused):
            await reader.get(f"/missing{n}")
    reader.place.publish("/5", "5")
    await reader.get("/5")
    asked = reader.place.asked.copy()
    for n in (0, 2, 3, 4, 5):
        await reader.get(f"/{n}")
    assert reader.place.asked == asked
    await reader.get("/1")
    assert reader.place.asked["/1"] == 2
    assert not reader.texts.settled(reader.place.base + "/missing0")


async def test_a_host_is_asked_for_so_many_new_addresses(reader: Reader) -> None:
    """Then for one each second; that it is too busy is not remembered, and another party has its own measure."""
    texts = reader.reader(count=1000)
    for n in range(BURST):
        await texts.get(reader.place.publish(f"/{n}", "x"))
    more = reader.place.publish("/more", "more")
    for _ in range(2):
        with pytest.raises(TooBusy):
            await texts.get(more)
    assert "/more" not in reader.place.asked
    assert await texts.get(reader.place.publish("/other", "x"), party="https://issuer.example") == "x"
    reader.now += 1 / PER_SECOND
    assert await texts.get(more) == "more"


async def test_what_was_of_use_is_asked_for_again_in_any_crowd(reader: Reader) -> None:
    """Strangers who make us ask a host for nonsense keep nobody from what is known there."""
    texts = reader.reader(count=1000)
    known = reader.place.publish("/known", "x", headers={"Cache-Control": "max-age=20"})
    await texts.get(known)
    for n in range(BURST):
        with pytest.raises(FetchRefused):
            await texts.get(f"{reader.place.base}/nonsense{n}")
    reader.now += 20
    for n in range(100, 100 + BURST):
        with pytest.raises(FetchRefused):
            await texts.get(f"{reader.place.base}/nonsense{n}")
    assert await texts.get(known) == "x"
    assert reader.place.asked["/known"] == 2


async def test_slow_hosts_hold_up_no_more_than_so_many_at_once(reader: Reader) -> None:
    """One that does not answer has a few requests under way and no queue."""
    answer = threading.Event()
    urls = [reader.place.publish(f"/{n}", "x", when=answer) for n in range(NEW_AT_ONE_HOST + 3)]
    tasks = [asyncio.create_task(reader.texts.get(url)) for url in urls]
    done, waiting = await asyncio.wait(tasks, timeout=5, return_when=asyncio.FIRST_COMPLETED)
    while len(done) < 3:
        found, waiting = await asyncio.wait(waiting, timeout=5, return_when=asyncio.FIRST_COMPLETED)
        done |= found
    assert {type(task.exception()) for task in done} == {TooBusy}
    answer.set()
    assert await asyncio.gather(*waiting) == ["x"] * NEW_AT_ONE_HOST
    assert NEW_AT_ONE_HOST < NEW_AT_ONCE


@pytest.mark.parametrize(
    "url",
    [OWN, f"{OWN}/anna/x", "HTTP://LOCALHOST:8080/anna/", "http://localhost.:8080/x", "http://u@localhost:8080/x"],
)
async def test_our_own_addresses_are_never_fetched(reader: Reader, url: str) -> None:
    """However they are spelled."""
    assert reader.elsewhere.is_own(url)
    with pytest.raises(FetchRefused):
        await reader.texts.get(url)


async def test_a_large_document_is_read_beside_the_others(reader: Reader) -> None:
    """One that takes a while is read in a thread, with the same outcome."""
    reader.place.publish("/a", "x" * 90_000)
    assert len(await reader.get("/a")) == 90_000
    reader.place.publish("/b", "x" * 100_001)
    with pytest.raises(FetchRefused, match="larger than"):
        await reader.get("/b")


async def test_who_takes_too_long_is_left_alone(reader: Reader) -> None:
    """A reader with little patience does not wait for the last byte, nor again for a while."""
    answer = threading.Event()
    url = reader.place.publish("/a", "one", when=answer)
    texts = Remembered(
        reader.elsewhere, text, accept="text/plain", limit=100, count=5, shortest=1, usual=1, longest=1, patience=0.05
    )
    for _ in range(2):
        with pytest.raises(FetchRefused, match="in time"):
            await texts.get(url)
    answer.set()
    assert reader.place.asked["/a"] == 1
