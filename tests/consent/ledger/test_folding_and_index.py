"""Refusals without end, the journal, acts through a crash, and questions to a long log."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.regie import ANNA, COACH, MATCHER, Regie, regie

from werkpod.consent.grants import Grants
from werkpod.consent.ledger import Acts, Ledger, Wanted
from werkpod.consent.ledger.folding import COUNTED
from werkpod.consent.ledger.index import SIZE
from werkpod.consent.ledger.journal import Journal
from werkpod.pod.access.model import AccessEntry
from werkpod.pod.store import Statement

START = 1_795_000_000.0


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Regie]:
    async with regie(tmp_path) as made:
        yield made


def line(number: float, outcome: str = "allowed", **more: object) -> AccessEntry:
    """A line of the coach's, so many seconds after the start."""
    fields: dict[str, object] = {
        "at": START + number, "action": "read", "path": "cv/experience", "outcome": outcome, "agent": COACH,
        "client": MATCHER, "grant": "G", "version": 1,
    }  # fmt: skip
    return AccessEntry(**{**fields, **more})  # type: ignore[arg-type]


async def all_lines(ledger: Ledger, pod: str) -> list[AccessEntry]:
    """The log, oldest line first."""
    return [found.entry for found in reversed(await ledger.entries(pod, 10_000))]


# Folding


async def test_refusals_of_one_asker_fold_and_none_is_lost(parts: Regie) -> None:
    """Twenty lines, then one, ten, a hundred, a thousand together; what is left is written when the hour is over."""
    for number in range(2500):
        parts.ledger.record(parts.anna.id, line(number, "refused"))
    lines = await all_lines(parts.ledger, parts.anna.id)
    assert [entry.times for entry in lines] == [1] * 21 + [10, 100, 1000]
    assert [entry.reason.startswith(COUNTED) for entry in lines] == [False] * 20 + [True] * 4
    parts.ledger._clock = lambda: START + 3700
    await parts.ledger.settle()
    lines = await all_lines(parts.ledger, parts.anna.id)
    assert sum(entry.times for entry in lines) == 2500


async def test_being_let_in_ends_the_count_and_is_never_folded(parts: Regie) -> None:
    """What was counted stands in the log before the look that was let in; looks have a line each."""
    for number in range(25):
        parts.ledger.record(parts.anna.id, line(number, "refused"))
    for number in range(30):
        parts.ledger.record(parts.anna.id, line(30 + number))
    lines = await all_lines(parts.ledger, parts.anna.id)
    assert [(entry.outcome, entry.times) for entry in lines[20:23]] == [("refused", 1), ("refused", 4), ("allowed", 1)]
    assert sum(entry.outcome == "allowed" for entry in lines) == 30


async def test_many_askers_together_cannot_fill_a_log_either(parts: Regie) -> None:
    """Who comes under a new name each time is counted with all others after two hundred lines."""
    for number in range(1000):
        parts.ledger.record(parts.anna.id, line(number, "refused", agent=f"https://x.example/{number}#me"))
    await parts.ledger.close()
    lines = await all_lines(parts.ledger, parts.anna.id)
    assert len(lines) < 210
    assert sum(entry.times for entry in lines) == 1000
    assert lines[-1].agent is None


async def test_one_citizens_log_does_not_fold_for_what_happens_in_anothers(parts: Regie) -> None:
    """Counting is by pod."""
    other = await parts.pod()
    for number in range(30):
        parts.ledger.record(parts.anna.id, line(number, "refused"))
    parts.ledger.record(other.id, line(31, "refused"))
    assert [entry.times for entry in await all_lines(parts.ledger, other.id)] == [1]


# The journal


async def test_lines_in_the_journal_are_read_at_once_and_survive_a_kill(parts: Regie) -> None:
    """A reader has them brought in; what a killed process left is taken over by the next, and the chain holds."""
    killed = Ledger(parts.log, parts.vault, journal=Journal(parts.log.path))
    for number in range(3):
        killed.record(parts.anna.id, line(number))
    assert len(await killed.entries(parts.anna.id)) == 3
    killed.record(parts.anna.id, line(3))
    killed.record(parts.anna.id, line(4))
    journal = killed.database._journal
    assert journal is not None
    assert journal._file is not None
    timer = killed.database._timer
    assert timer is not None
    timer.cancel()
    nxt = Ledger(parts.log, parts.vault, journal=Journal(parts.log.path))
    assert nxt.recover() == 0  # it lives: its lock is held
    assert journal._map is not None
    journal._map.close()
    os.close(journal._file)  # what a kill does to the lock
    assert nxt.recover() == 2
    assert [entry.at for entry in await all_lines(nxt, parts.anna.id)] == [START + n for n in range(5)]
    assert (await nxt.verify(parts.anna.id)).broken_at is None
    assert nxt.recover() == 0
    await nxt.close()
    assert not list(parts.folder.glob("*.waiting"))


async def test_lines_that_another_process_overtook_get_the_next_numbers(parts: Regie) -> None:
    """Two processes with journals of their own write to one log: nothing is lost, the chain is one."""
    one = Ledger(parts.log, parts.vault, journal=Journal(parts.log.path))
    two = Ledger(parts.log, parts.vault, journal=Journal(parts.log.path))
    for number in range(8):
        (one, two)[number % 2].record(parts.anna.id, line(number))
    await one.close()
    await two.close()
    lines = await all_lines(parts.ledger, parts.anna.id)
    assert sorted(entry.at for entry in lines) == [START + n for n in range(8)]
    assert (await parts.ledger.verify(parts.anna.id)).lines == 8


async def test_strict_mode_waits_for_the_disk_at_each_line(tmp_path: Path) -> None:
    """With ledger_sync=full the connection that writes lines syncs at each commit, and there is no journal."""
    from werkpod.compose import opened
    from werkpod.config import Settings

    async with opened(Settings(data=tmp_path, ledger_sync="full")) as house:
        rows = house.ledger.database
        connection = rows._database._now
        assert connection is not None
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL: SQLite syncs the WAL at each commit
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert rows._journal is None


# Acts


async def test_an_act_is_in_the_log_once_whatever_a_crash_did(parts: Regie) -> None:
    """Killed before the line, or after it and before its row was deleted: the chore finds it and writes it once."""
    acts = Acts(parts.consent, parts.vault, parts.ledger)
    parts.grants.tell(acts)
    lost = parts.ledger.record
    parts.ledger.record = lambda pod, entry: None  # type: ignore[method-assign]
    grant = await parts.grants.create(parts.record())
    parts.ledger.record = lost  # type: ignore[method-assign]
    await acts.settled()
    entry = AccessEntry(
        START, "grant:given", "", "allowed", grant=grant.id, version=1, agent=ANNA, client=MATCHER,
        purpose=grant.purpose,
    )  # fmt: skip
    import msgspec

    for row in ("lost", "again"):
        vault = await parts.vault.open(parts.anna.id)
        sealed = vault.seal_record("act", row, msgspec.msgpack.encode(entry))
        sql = "INSERT INTO acts (pod, id, sealed) VALUES (?1, ?2, ?3)"
        await parts.consent.write(Statement(sql, (parts.anna.id, row, sealed)))
        for _ in range(2):  # the first time somebody may be at work on it
            await acts.catch_up()
        assert [e.action for e in await all_lines(parts.ledger, parts.anna.id)] == ["grant:given"]
    assert await parts.consent.fetch("SELECT * FROM acts") == []


async def test_who_acts_for_a_citizen_is_named(parts: Regie) -> None:
    """Given and stopped by a representative: both lines say so."""
    grants = Grants(parts.consent, parts.vault, clock=parts.clock, acting=lambda: COACH)
    grants.tell(Acts(parts.consent, parts.vault, parts.ledger))
    grant = await grants.create(parts.record())
    await grants.revoke(parts.anna.id, grant.id, by=parts.anna.id)
    lines = await all_lines(parts.ledger, parts.anna.id)
    assert [(e.action, e.by, e.version) for e in lines] == [("grant:given", COACH, 1), ("grant:stopped", COACH, 2)]


# The index


async def filled(parts: Regie, count: int) -> None:
    """Lines of three sections, every tenth refused."""
    for number in range(count):
        path = ("cv/experience", "cv/contact", "cv/summary")[number % 3]
        parts.ledger.record(parts.anna.id, line(number * 400, "refused" if number % 10 == 9 else "allowed", path=path))


async def test_questions_have_the_same_answers_with_and_without_an_index(parts: Regie) -> None:
    """Each question over whole parts and the lines after them is answered as by reading every line."""
    await filled(parts, 2 * SIZE + 100)
    lines = list(reversed(await parts.ledger.entries(parts.anna.id, 10_000)))
    for wanted, fits in (
        (Wanted(section="contact"), lambda e: e.path == "cv/contact"),
        (Wanted(kind="refused"), lambda e: e.outcome == "refused"),
        (Wanted(who=f"agent:{COACH}", kind="looks"), lambda e: e.outcome == "allowed"),
        (Wanted(since=START + 4000, until=START + 90_000), lambda e: START + 4000 <= e.at < START + 90_000),
        (Wanted(kind="acts"), lambda e: False),
    ):
        found = await parts.ledger.search(parts.anna.id, wanted, owner=ANNA, limit=10_000)
        assert [one.seq for one in reversed(found)] == [one.seq for one in lines if fits(one.entry)]
    reads = [one.entry for one in lines if one.entry.outcome == "allowed"]
    assert await parts.ledger.last_reads(parts.anna.id, ["G", "other"]) == {"G": (reads[-1].at, len(reads))}
    sections = await parts.ledger.sections_read(parts.anna.id, "G")
    assert sum(count for _, count in sections.values()) == len(reads)
    assert set(sections) == {"experience", "contact", "summary"}


async def test_the_index_is_made_again_where_it_is_gone_or_spoilt_and_says_nothing(parts: Regie) -> None:
    """It may be deleted at any time; its file holds neither who nor what."""
    await filled(parts, 2 * SIZE)
    before = await parts.ledger.receivers(parts.anna.id, ANNA)
    assert [row[0] for row in await parts.log.fetch("SELECT part FROM ledger_index ORDER BY part")] == [0, 1]
    for sql in ("DELETE FROM ledger_index", "UPDATE ledger_index SET sealed = randomblob(900)"):
        parts.log.execute_now(Statement(sql))
        fresh = Ledger(parts.log, parts.vault)
        assert await fresh.receivers(parts.anna.id, ANNA) == before
    raw = parts.raw()
    for literal in (COACH, MATCHER, "cv/contact", "refused"):
        assert literal.encode() not in raw, literal


async def test_sums_are_kept_and_read_again_by_the_next_process(parts: Regie) -> None:
    """After enough lines the sums of a log are a sealed row; who starts next answers from it the same, day and all."""
    await filled(parts, 17 * SIZE + 30)
    await parts.ledger.keep_up()
    assert await parts.log.fetch("SELECT part FROM ledger_index WHERE part < 0") == [(-1,)]
    fresh = Ledger(parts.log, parts.vault)
    for wanted in (
        Wanted(section="contact"), Wanted(kind="refused"), Wanted(who=f"agent:{COACH}"), Wanted(client=MATCHER),
        Wanted(section="contact", since=START + 100_000, until=START + 300_000), Wanted(who="agent:nobody"),
        Wanted(since=START + 100_000, until=START + 300_000),
    ):  # fmt: skip
        for before in (None, 17 * SIZE, 700):
            found = await fresh.search(parts.anna.id, wanted, owner=ANNA, limit=120, before=before)
            assert found == await parts.ledger.search(parts.anna.id, wanted, owner=ANNA, limit=120, before=before)
            assert bool(found) is (wanted.who != "agent:nobody")
    assert await fresh.receivers(parts.anna.id, ANNA) == await parts.ledger.receivers(parts.anna.id, ANNA)
    assert await fresh.last_reads(parts.anna.id, ["G"]) == await parts.ledger.last_reads(parts.anna.id, ["G"])
    parts.log.execute_now(Statement("UPDATE ledger_index SET sealed = randomblob(900) WHERE part < 0"))
    again = Ledger(parts.log, parts.vault)
    assert await again.receivers(parts.anna.id, ANNA) == await parts.ledger.receivers(parts.anna.id, ANNA)


async def test_pages_go_on_where_the_one_before_ended(parts: Regie) -> None:
    """`before` is a number of a line, whatever is asked for."""
    await filled(parts, SIZE + 50)
    wanted, seen, before = Wanted(section="summary"), [], None
    while found := await parts.ledger.search(parts.anna.id, wanted, limit=60, before=before):
        seen += [one.seq for one in found]
        before = found[-1].seq
    assert seen == sorted({*seen}, reverse=True)
    assert len(seen) == len([n for n in range(SIZE + 50) if n % 3 == 2])


async def test_an_index_in_memory_goes_with_the_keys(parts: Regie) -> None:
    """After an erasure nothing of the log is answered from memory."""
    from werkpod.pod.errors import PodUnavailable

    await filled(parts, SIZE)
    await parts.ledger.receivers(parts.anna.id, ANNA)
    await parts.vault.erase(parts.anna.id)
    with pytest.raises(PodUnavailable):
        await parts.ledger.receivers(parts.anna.id, ANNA)
