"""The catalogue is kept: refreshed from its guides, with the last good copy where one fails, one for all readers."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.guides import RunningGuide, competences, guide

from werkpod.apps.errors import DecisionsUnavailable
from werkpod.apps.improver.planning import make_plan
from werkpod.apps.instruments.decisions import Decisions
from werkpod.apps.instruments.guide_server import starter_items
from werkpod.apps.instruments.guides import starter_catalogue
from werkpod.apps.instruments.keeper import Keeper
from werkpod.apps.instruments.model import Catalogue
from werkpod.apps.instruments.reading import GuideReader
from werkpod.config import SettingError, load
from werkpod.vocab.starter import COMPETENCE_IRI


class Clock:
    """The time, which a test may move."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


def keeper(folder: Path, *running: RunningGuide, clock: Clock | None = None) -> Keeper:
    return Keeper(
        [each.source for each in running], folder, competences(folder / "decisions.db"), allow_loopback=True,
        clock=clock or Clock(), reader=running[0].reader if running else GuideReader,
    )  # fmt: skip


def stranger(number: int = 6) -> list[dict[str, Any]]:
    """An instrument of a guide that nobody here knows: one of the starter's under another UUID."""
    item = dict(starter_items("eva")[number - 1])
    return [{**item, "uuid": "11111111-2222-4333-8444-555555555555"}]


async def test_a_refresh_reaches_who_reads_the_catalogue_already(tmp_path: Path) -> None:
    """Whoever holds the catalogue has the new instruments, and an answer that was begun ends with the old ones."""
    async with guide() as running:
        kept = keeper(tmp_path, running)
        reader, before = kept.catalogue, kept.catalogue.now
        await kept.run()
        assert len(reader) == len(starter_items("eva"))
        assert len(before) == 0
        assert reader.get("eva-6") is not None
        assert reader.developing(COMPETENCE_IRI + "heftruck-rijden")
        assert make_plan([COMPETENCE_IRI + "heftruck-rijden"], reader).steps


async def test_without_guides_the_starter_catalogue_is_kept(tmp_path: Path) -> None:
    """Nothing is fetched or written."""
    kept = keeper(tmp_path / "none")
    await kept.run()
    shipped = starter_catalogue()
    assert [(each.id, each.develops) for each in kept.catalogue.instruments] == [
        (each.id, each.develops) for each in shipped.instruments
    ]
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((500, {}, b""), "500"),
        ((401, {}, b""), "token"),
        ((200, {}, b"rubbish"), "no guide"),
        ((200, {}, b'{"data": []}'), "no instruments any more"),
        ((200, {}, b'{"data": [{"id": 1}, {"id": 2, "name": "Taalcursus", "aim": "x"}]}'), "1 of 2"),
        ((200, {}, b'{"data": [{"id": 1, "name": "a"}, {"id": 1, "name": "b", "aim": "x"}]}'), ""),
    ],
)
async def test_the_last_good_copy_stays_where_a_guide_fails(
    tmp_path: Path, answer: tuple[int, dict[str, str], bytes], says: str
) -> None:
    """Down, refused, rubbish, emptied or half unreadable: the catalogue is as it was, and the status says why."""
    async with guide() as running:
        kept = keeper(tmp_path, running)
        await kept.run()
        before, copy = len(kept.catalogue), (tmp_path / "eva.json").read_bytes()
        running.front.always = answer
        status = await kept.refresh(running.source)
        if says:
            assert says in status.problem
            assert status.good == Clock().now
            assert (tmp_path / "eva.json").read_bytes() == copy
        await kept.catch_up()
        assert len(kept.catalogue) == (before if says else 1)
        assert len(keeper_again(tmp_path, running).catalogue) == len(kept.catalogue)


def keeper_again(folder: Path, running: RunningGuide) -> Keeper:
    """Another process on the same files."""
    other = keeper(folder, running)
    other.load()
    return other


async def test_a_few_unreadable_instruments_do_not_keep_the_others_out(tmp_path: Path) -> None:
    """They are left out and named; with more than a tenth of them the answer is rubbish."""
    async with guide(items=[*starter_items("eva"), {"id": 900, "aim": "geen naam"}]) as running:
        kept = keeper(tmp_path, running)
        status = await kept.refresh(running.source)
        await kept.catch_up()
        assert status.problem == ""
        [left_out] = status.left_out
        assert "name" in left_out
        assert len(kept.catalogue) == len(starter_items("eva"))


async def test_guides_are_read_when_they_are_due(tmp_path: Path) -> None:
    """As often as the settings say; one that fails sooner at first, then ever less often; never before it asked."""
    clock = Clock()
    async with guide() as running:
        kept = keeper(tmp_path, running, clock=clock)
        await kept.run()
        await kept.run()
        assert len(running.front.asked) == 1
        clock.now += 3600
        running.front.always = (404, {}, b"")
        await kept.run()
        clock.now += 61
        await kept.run()
        clock.now += 61
        await kept.run()
        assert len(running.front.asked) == 3
        clock.now += 61
        running.front.always = (503, {"Retry-After": "86400"}, b"")
        await kept.run()
        clock.now += 7200
        await kept.run()
        assert len(running.front.asked) == 4
        clock.now += 86400
        running.front.always = None
        await kept.run()
        assert len(running.front.asked) == 5
        assert kept.guides()[0].status.problem == ""


async def test_what_another_process_keeps_or_decides_is_seen(tmp_path: Path) -> None:
    """A refresh from the command line and a decision elsewhere reach a running server at its next look."""
    async with guide(items=stranger()) as running:
        server, command = keeper(tmp_path, running), keeper(tmp_path, running)
        server.load()
        await command.refresh(running.source)
        await server.catch_up()
        instrument = server.catalogue.get("eva-6")
        assert instrument is not None
        assert {each.confirmed for each in instrument.develops} == {False}
        command.competences.decide(instrument, COMPETENCE_IRI + "heftruck-rijden", "confirmed", "3", "api")
        await server.catch_up()
        [first, *_] = server.catalogue.instruments[0].develops
        assert (first.competence, first.level, first.confirmed) == (COMPETENCE_IRI + "heftruck-rijden", "3", True)


async def test_several_guides_keep_their_instruments_apart(tmp_path: Path) -> None:
    """Two guides may use the same numbers: the name of the guide is part of an id."""
    async with guide("eva", name="eva-noord") as north, guide("dennis", name="dennis") as other:
        kept = keeper(tmp_path, north, other)
        await kept.run()
        found = {each.id: (each.guide, each.source) for each in kept.catalogue.instruments}
        assert found["eva-noord-1"] == ("eva", "eva-noord")
        assert found["dennis-1"] == ("dennis", "dennis")


async def test_instruments_outside_their_dates_are_not_shown(tmp_path: Path) -> None:
    """`publish_from` and `publish_to` count by the day, also when the guide is not read again."""
    items = [
        {"id": 1, "name": "Nu", "publish_to": "2026-09-21"},
        {"id": 2, "name": "Straks", "publish_from": "2026-09-22"},
    ]
    clock = Clock()  # 2026-09-21
    async with guide(items=items) as running:
        kept = keeper(tmp_path, running, clock=clock)
        await kept.run()
        assert [each.name for each in kept.catalogue.instruments] == ["Nu"]
        clock.now += 86400
        await kept.catch_up()
        assert [each.name for each in kept.catalogue.instruments] == ["Straks"]


async def test_a_damaged_copy_is_no_copy(tmp_path: Path) -> None:
    """It is read as none, and the next refresh writes it anew."""
    async with guide() as running:
        (tmp_path / "eva.json").write_bytes(b'{"url": "x", "items"')
        kept = keeper(tmp_path, running)
        kept.load()
        assert len(kept.catalogue) == 0
        await kept.run()
        assert len(json.loads((tmp_path / "eva.json").read_bytes())["items"]) == len(starter_items("eva"))
        assert sorted(os.listdir(tmp_path)) == ["eva.json", "eva.status.json"]


async def test_decisions_survive_a_refresh_and_are_marked_when_the_text_changes(tmp_path: Path) -> None:
    """Confirmed stays confirmed but stale; refused comes back as a proposal; what was forgotten is proposed again."""
    async with guide(items=stranger()) as running:
        kept = keeper(tmp_path, running)
        await kept.run()
        instrument = kept.catalogue.instruments[0]
        proposed = [each.competence for each in instrument.develops]
        yes, no, more = proposed[0], proposed[1], COMPETENCE_IRI + "engels-spreken"
        for competence, verdict, level in ((yes, "confirmed", "2"), (no, "refused", ""), (more, "confirmed", "1")):
            kept.competences.decide(instrument, competence, verdict, level, "api")  # type: ignore[arg-type]
        await kept.catch_up()
        said = {each.competence: (each.confirmed, each.stale) for each in kept.catalogue.instruments[0].develops}
        assert said.pop(yes) == said.pop(more) == (True, False)
        assert no not in said
        assert set(said.values()) == {(False, False)}

        running.server.items[0] = {**running.server.items[0], "method": "Nu ook met een video."}
        await kept.refresh(running.source)
        await kept.catch_up()
        changed = kept.catalogue.instruments[0]
        said = {each.competence: (each.confirmed, each.stale) for each in changed.develops}
        assert said[yes] == said[more] == (True, True)
        assert said[no] == (False, True)

        kept.competences.forget(changed, yes)
        kept.competences.forget(changed, more)
        await kept.catch_up()
        said = {each.competence: (each.confirmed, each.stale) for each in kept.catalogue.instruments[0].develops}
        assert said[yes] == (False, False)
        assert more not in said


async def test_a_copy_of_the_starter_in_a_guide_has_its_confirmed_competences(tmp_path: Path) -> None:
    """They are known by UUID, and stale where the guide changed the text."""
    items = starter_items("eva")[5:7]
    items[1] = {**items[1], "aim": "Iets anders."}
    async with guide(items=items) as running:
        kept = keeper(tmp_path, running)
        await kept.run()
        same, changed = kept.catalogue.instruments
        assert {(each.confirmed, each.stale) for each in same.develops} == {(True, False)}
        assert {(each.confirmed, each.stale) for each in changed.develops} == {(True, True)}


def test_decisions_that_cannot_be_kept_are_an_error(tmp_path: Path) -> None:
    """A file that is no database is said to be unusable, and nothing is lost of it."""
    path = tmp_path / "decisions.db"
    path.write_bytes(b"this is no database, whatever its name says" * 100)
    instrument = starter_catalogue().instruments[0]
    with pytest.raises(DecisionsUnavailable, match="cannot be kept or read"):
        Decisions(path).decide(instrument, COMPETENCE_IRI + "lassen", "confirmed", "2", "api")
    assert path.read_bytes().startswith(b"this is no database")


def test_only_what_is_confirmed_counts_where_something_is(tmp_path: Path) -> None:
    """A plan takes a proposal only for what no instrument is confirmed to develop, and says which it is."""
    shipped = starter_catalogue().instruments
    forklift = next(each for each in shipped if each.id == "eva-6")
    guess = replace(
        forklift, id="eva-99", cost=0, develops=tuple(replace(d, confirmed=False) for d in forklift.develops)
    )
    asked = [each.competence for each in forklift.develops]
    both = make_plan(asked, Catalogue([forklift, guess]))
    assert [(step.instrument.id, step.proposed) for step in both.steps] == [("eva-6", frozenset())]
    alone = make_plan(asked, Catalogue([guess]))
    assert [(step.instrument.id, step.proposed) for step in alone.steps] == [("eva-99", frozenset(asked))]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "Eva Noord"}, "no name"),
        ({"url": "http://eva.example"}, "only https"),
        ({"url": "eva.example"}, "url"),
        ({"token": ""}, "token or token_file"),
        ({"token": "met spatie"}, "token is empty or has"),
        ({"token": "", "token_file": "/nergens/token"}, "/nergens/token"),
        ({"refresh_minutes": 0}, "refresh_minutes"),
    ],
)
def test_a_guide_in_the_settings_that_is_not_right_is_named(change: dict[str, Any], says: str) -> None:
    """Which guide, which key, and what would be right; never the token."""
    said = {"name": "eva", "kind": "eva", "url": "https://eva.example", "token": "heel-geheim-token", **change}
    with pytest.raises(SettingError) as caught:
        load({"guides": [said]}, {})
    assert says in str(caught.value)
    assert "heel-geheim" not in str(caught.value)


def test_two_guides_cannot_have_one_name() -> None:
    """The name is in the ids of the instruments."""
    good = {"name": "eva", "kind": "eva", "url": "https://eva.example", "token": "t"}
    assert load({"guides": [good]}, {}).guides[0].host == "eva.example"
    with pytest.raises(SettingError, match="there twice"):
        load({"guides": [good, good]}, {})
