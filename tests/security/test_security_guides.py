"""Guides of instruments and services of taxonomies as attackers: what they answer stops nothing and hurts nobody.

Which servers are reached at all is tried in tests/web/test_guarded_client and test_reading_guides.
"""

from __future__ import annotations

import gzip
import json
import re
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from pyoxigraph import RdfFormat
from support.guides import RunningGuide, competences, guide

from werkpod.apps.instruments import reading
from werkpod.apps.instruments.answers import instrument_out
from werkpod.apps.instruments.ggm import Graph
from werkpod.apps.instruments.guide_server import starter_items
from werkpod.apps.instruments.keeper import Keeper
from werkpod.apps.instruments.openproduct import product_type_of
from werkpod.apps.instruments.pdc import Publisher, product_of
from werkpod.apps.instruments.reading import LONGEST_LATER

GOOD = {"id": 1, "name": "Cursus", "aim": "Leren werken met een heftruck."}


@pytest.fixture
async def bad(tmp_path: Path) -> AsyncIterator[tuple[RunningGuide, Keeper]]:
    """A guide that may answer anything, and a keeper that reads it and then another one, which is good."""
    async with guide() as bad, guide("dennis", items=starter_items("dennis")[:1]) as good:
        decisions = competences(tmp_path / "instruments" / "decisions.db")
        sources = [bad.source, good.source]
        yield bad, Keeper(sources, tmp_path / "instruments", decisions, reader=bad.reader, allow_loopback=True)


def whole(keeper: Keeper) -> str:
    """All that is made of the catalogue for others."""
    publisher = Publisher("https://gemeente.example/id", "Gemeente")
    every = keeper.catalogue.instruments
    answers = [
        [instrument_out(each, "nl"), product_type_of(each, publisher=publisher),
         product_of(each, api_url="https://a.example", page_url="https://b.example", publisher=publisher)]
        for each in every
    ]  # fmt: skip
    graph = Graph(api_url="https://a.example", page_url="https://b.example", publisher=publisher)
    return msgspec.json.encode(answers).decode() + graph.written(every, RdfFormat.TURTLE).decode()


def answer(
    items: Any = (GOOD,), headers: dict[str, str] | None = None, **more: Any
) -> tuple[int, dict[str, str], bytes]:
    return 200, headers or {}, json.dumps({"data": list(items), **more}).encode()


HOSTILE = (
    (200, {}, b'{"data": [{"id": 1, "name": "x", "links": %b%b}]}' % (b"[" * 900, b"]" * 900)),
    (200, {}, b'{"data": [{"id": 1, "name": "\\ud800"}]}'),
    (200, {}, b'{"data": [{"id": %b, "name": "x"}]}' % (b"9" * 4000)),
    answer(links={"next": "//["}),
    answer(links={"next": "/list\x01"}),
    answer(links={"next": "/" + "x" * 70_000}),
    answer(headers={"Link": '<//[>; rel="next"'}),
    (200, {"Content-Encoding": "gzip"}, gzip.compress(json.dumps({"data": [GOOD]}).encode())),
)
"""Too deep, half a character, a number of thousands of digits, next pages that are no address, a compressed answer."""


async def test_a_hostile_guide_does_not_stop_the_others(bad: tuple[RunningGuide, Keeper]) -> None:
    """Checklist 105, 112, 115: what it did is noted in a sentence, on one line, and the next guide is read."""
    running, keeper = bad
    running.front.always = HOSTILE[0]
    await keeper.run()
    assert [each.guide for each in keeper.catalogue.instruments] == ["dennis"]
    for running.front.always in HOSTILE:
        problem = (await keeper.refresh(running.source)).problem
        assert problem
        assert problem.isprintable()
        assert len(problem) < 600


async def test_numbers_dates_and_links_that_nobody_means_are_left_out(bad: tuple[RunningGuide, Keeper]) -> None:
    """Checklist 122: each form in which instruments are served can be made, and links go to the web only."""
    running, keeper = bad
    links = ["javascript:alert(1)", "data:text/html,x", "https://x.example/{}", "https://x.example/\\", "https://[",
             "https://x.example/\x01", 'https://x.example/"><script>', "https://goed.example/lees?a=b#c"]  # fmt: skip
    item = {
        **GOOD, "name": "<script>alert(1)</script>Cursus", "total_costs": 1e300, "total_duration_unit_key": "01",
        "total_duration_value": 10**18, "intensity_hours_per_week": -5, "updated_at": "0001-01-01T00:00:00+23:59",
        "organisation": {"name": "<b>Gemeente\x00\x1b[31m</b>"}, "links": [{"url": each} for each in links],
    }  # fmt: skip
    running.front.always = answer([item], {"ETag": '"\xe9"'})
    for _ in range(2):
        await keeper.refresh(running.source)
    keeper.load()
    [each] = keeper.catalogue.instruments
    assert (each.name, each.owner) == ("Cursus", "Gemeente[31m")
    assert (each.cost, each.duration, each.hours_per_week) == (None, None, None)
    assert [url for _, url in each.links] == ["https://goed.example/lees?a=b#c"]
    assert not re.search(r"script>|javascript|\x1b|x1b", whole(keeper))


async def test_a_guide_cannot_fill_the_memory_page_by_page(
    bad: tuple[RunningGuide, Keeper], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checklist 105: the bytes of all answers are counted together."""
    running, keeper = bad
    monkeypatch.setattr(reading, "MOST_BYTES", 5000)
    running.front.plan = [answer(next_page_url=f"?page={page}", x="x" * 1000) for page in range(2, 9)]
    await keeper.refresh(running.source)
    assert "5000 bytes together" in keeper.guides()[0].status.problem
    assert len(running.front.asked) == 5


async def test_a_guide_is_not_left_alone_for_years_on_its_word(bad: tuple[RunningGuide, Keeper]) -> None:
    """A Retry-After of 31 years counts as a day."""
    running, keeper = bad
    running.front.always = (503, {"Retry-After": "999999999"}, b"")
    status = await keeper.refresh(running.source)
    assert 0 < status.not_before - status.checked <= LONGEST_LATER


async def test_what_is_kept_of_guides_is_for_the_owner_alone(bad: tuple[RunningGuide, Keeper], tmp_path: Path) -> None:
    """Checklist 151: copies, status and decisions cannot be read by others on the machine; no token is in them."""
    running, keeper = bad
    await keeper.run()
    keeper.competences.decide(
        keeper.catalogue.instruments[0], "https://w3id.org/x", "refused", "", "https://ed.example"
    )
    files = [each for each in (tmp_path / "instruments").rglob("*") if each.is_file()]
    assert len(files) >= 5
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "instruments").stat().st_mode) == 0o700
    assert not any(running.source.token.encode() in each.read_bytes() for each in files)
