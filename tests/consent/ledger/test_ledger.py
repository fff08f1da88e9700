"""The access log: kept in a chain, sealed, and never without a line."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.regie import ANNA, MATCHER, Regie, regie

from werkpod.consent.ledger import Ledger
from werkpod.pod.access.model import AccessEntry
from werkpod.web.errors import Unavailable


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Regie]:
    async with regie(tmp_path) as made:
        yield made


def line(number: int, outcome: str = "allowed") -> AccessEntry:
    """Entry number `number`."""
    return AccessEntry(1e9 + number, "read", "cv/experience", outcome, agent=ANNA, client=MATCHER, purpose="dpv#X")


async def test_lines_come_back_newest_first_a_page_at_a_time(parts: Regie) -> None:
    """What was recorded is what is read, page after page."""
    for number in range(1, 8):
        parts.ledger.record(parts.anna.id, line(number))
    page = await parts.ledger.entries(parts.anna.id, 3)
    assert [(e.seq, e.entry) for e in page] == [(n, line(n)) for n in (7, 6, 5)]
    assert [e.seq for e in await parts.ledger.entries(parts.anna.id, 3, before=page[-1].seq)] == [4, 3, 2]


async def test_pods_have_chains_of_their_own_and_whole_ones_verify(parts: Regie) -> None:
    """Each pod counts from 1, and what nobody touched holds."""
    other = await parts.pod()
    for number in range(3):
        parts.ledger.record(parts.anna.id, line(number))
        parts.ledger.record(other.id, line(number, "refused"))
    assert [e.seq for e in await parts.ledger.entries(other.id)] == [3, 2, 1]
    assert (await parts.ledger.verify(parts.anna.id)) == (await parts.ledger.verify(other.id))
    assert (await parts.ledger.verify(parts.anna.id)).broken_at is None
    assert (await parts.ledger.verify(parts.anna.id)).lines == 3


async def test_two_processes_that_write_at_the_same_time_make_one_chain(parts: Regie) -> None:
    """A second ledger on the same file, as another process has it, neither fails nor breaks the chain."""
    second = Ledger(parts.log, parts.vault)
    for number in range(6):
        (parts.ledger, second)[number % 2].record(parts.anna.id, line(number))
    verdict = await parts.ledger.verify(parts.anna.id)
    assert (verdict.lines, verdict.broken_at) == (6, None)


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("DELETE FROM ledger WHERE seq = 2", 2),
        ("UPDATE ledger SET sealed = (SELECT sealed FROM ledger WHERE seq = 1) WHERE seq = 3", 3),
        ("UPDATE ledger SET hash = randomblob(32) WHERE seq = 4", 4),
        ("DELETE FROM ledger WHERE seq = 1", 1),
    ],
)
async def test_a_line_that_was_tampered_with_is_found(parts: Regie, tampering: str, broken_at: int) -> None:
    """Taking out, swapping and rewriting break the chain at that line."""
    for number in range(5):
        parts.ledger.record(parts.anna.id, line(number))
    with sqlite3.connect(parts.folder / "ledger.db") as file:
        file.execute(tampering)
    file.close()
    assert (await parts.ledger.verify(parts.anna.id)).broken_at == broken_at


async def test_no_line_no_answer(parts: Regie) -> None:
    """Where the log cannot be written, record raises Unavailable: for an erased pod and for a closed database."""
    gone = await parts.pod()
    await parts.vault.erase(gone.id)
    with pytest.raises(Unavailable):
        parts.ledger.record(gone.id, line(1))
    await parts.log.close()
    with pytest.raises(Unavailable):
        parts.ledger.record(parts.anna.id, line(1))


async def test_the_log_file_says_nothing(parts: Regie) -> None:
    """Neither who, nor what, nor with which app stands in the file."""
    parts.ledger.record(parts.anna.id, line(1))
    raw = parts.raw()
    for literal in (ANNA, MATCHER, "cv/experience", "experience", "allowed", "dpv#X"):
        assert literal.encode() not in raw, literal
