"""The file in which lines of the log wait for the database."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.regie import COACH, MATCHER, Regie, regie

from werkpod.consent.ledger import Ledger, journal
from werkpod.consent.ledger.journal import SIZE, Journal, Line
from werkpod.pod.access.model import AccessEntry
from werkpod.pod.errors import StoreFailure
from werkpod.web.errors import Unavailable

POD = "01M85C58VY886V1VF2R2489K40"
START = 1_795_000_000.0


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Regie]:
    async with regie(tmp_path) as made:
        yield made


def row(number: int, size: int = 100) -> Line:
    """A row of the table `ledger`."""
    return POD, number, bytes([number % 251]) * size, bytes([number % 256]) * 32


def look(number: int) -> AccessEntry:
    """A look of the coach's, so many seconds after the start."""
    return AccessEntry(START + number, "read", "cv/experience", "allowed", agent=COACH, client=MATCHER, grant="G")


def killed(database: Path, script: str) -> Path:
    """Run a script in a process that has a journal `j` and kills itself at the end; its file."""
    whole = f"""
import os, signal, sys
from pathlib import Path
from werkpod.consent.ledger.journal import Journal
def row(number, size=100):
    return {POD!r}, number, bytes([number % 251]) * size, bytes([number % 256]) * 32
j = Journal(Path(sys.argv[1]))
{script}
os.kill(os.getpid(), signal.SIGKILL)
"""
    before = set(database.parent.glob("*.waiting"))
    ended = subprocess.run([sys.executable, "-c", whole, str(database)], capture_output=True, text=True, timeout=60)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    (file,) = set(database.parent.glob("*.waiting")) - before
    return file


def left(database: Path) -> list[list[Line]]:
    """What a new process finds."""
    return list(Journal(database).left())


def test_a_killed_process_leaves_its_lines_and_a_second_start_finds_them_once(tmp_path: Path) -> None:
    """SIGKILL right after the lines were written; the file goes when they were taken over."""
    database = tmp_path / "ledger.db"
    file = killed(database, "for n in range(1, 6): assert j.append(row(n))")
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert left(database) == [[row(n) for n in range(1, 6)]]
    assert left(database) == []
    assert not file.exists()


def test_a_start_that_is_cut_off_while_it_takes_over_leaves_the_file_to_the_next(tmp_path: Path) -> None:
    """The file goes only after the lines were taken: who is killed in between took nothing away."""
    database = tmp_path / "ledger.db"
    killed(database, "for n in range(1, 4): assert j.append(row(n))")
    killed(database, "next(iter(j.left())); j.append(row(9))")  # takes over, writes a line of its own, is killed
    assert sorted(left(database), key=len) == [[row(9)], [row(n) for n in range(1, 4)]]


def test_what_was_brought_to_the_database_is_not_there_again(tmp_path: Path) -> None:
    """After `clear` only the lines since then are left, also where the file holds the ends of older ones."""
    database = tmp_path / "ledger.db"
    killed(database, "for n in range(1, 9): j.append(row(n))\nj.clear(); j.append(row(20)); j.append(row(21, 7))")
    assert left(database) == [[row(20), row(21, 7)]]


@pytest.mark.parametrize("torn", ["cut", "half", "checksum"])
def test_a_line_that_is_not_whole_ends_the_file_and_the_ones_before_stay(tmp_path: Path, torn: str) -> None:
    """A process that was killed while it wrote answered nobody for that line; nothing of it is taken for a line."""
    database = tmp_path / "ledger.db"
    file = killed(database, "for n in range(1, 4): j.append(row(n))")
    frame = journal._FRAME.size + 100
    raw = bytearray(file.read_bytes())
    if torn == "cut":
        raw = raw[: 2 * frame + 40]
    elif torn == "half":
        raw[3 * frame - 50 : 3 * frame] = bytes(50)
    else:
        raw[3 * frame - 1] ^= 1
    file.write_bytes(raw)
    assert left(database) == [[row(1), row(2)]]


def test_a_full_journal_says_so_and_keeps_what_it_has(tmp_path: Path) -> None:
    """There is no room: nothing of the line is written, and after `clear` there is room again."""
    full = Journal(tmp_path / "ledger.db")
    count = 0
    while full.append(row(count + 1, 400)):
        count += 1
    assert count == (SIZE - journal._FRAME.size) // (journal._FRAME.size + 400)
    assert not full.append(row(count + 1, 400))
    assert full._map is not None
    assert journal._lines(full._map[:]) == [row(n + 1, 400) for n in range(count)]
    full.clear()
    assert journal._lines(full._map[:]) == []
    assert full.append(row(1, 400))
    full.close()
    assert not list(tmp_path.glob("*.waiting"))


async def test_a_full_journal_goes_to_the_database_and_no_line_is_lost(parts: Regie) -> None:
    """Lines of which few fit into the file: each is in the log, in order."""
    ledger = Ledger(parts.log, parts.vault, journal=Journal(parts.log.path))
    long = "r" * (SIZE // 3)
    for number in range(7):
        ledger.record(parts.anna.id, AccessEntry(START + number, "read", "cv/x", "allowed", agent=COACH, reason=long))
    assert [line.entry.at - START for line in await ledger.entries(parts.anna.id)] == [6, 5, 4, 3, 2, 1, 0]
    assert (await ledger.verify(parts.anna.id)).broken_at is None
    await ledger.close()


async def test_a_start_beside_a_living_process_leaves_its_lines_to_it(parts: Regie) -> None:
    """Its lock is held: a second process takes nothing over, both write to one log, and the chain is one."""
    one = Ledger(parts.log, parts.vault, journal=Journal(parts.log.path))
    one.record(parts.anna.id, look(0))
    two = Ledger(parts.log, parts.vault, journal=Journal(parts.log.path))
    assert two.recover() == 0
    for number in range(1, 7):
        (one, two)[number % 2].record(parts.anna.id, look(number))
    assert len(await two.entries(parts.anna.id)) >= 3  # a reader brings its own in; the others come within a moment
    await one.close()
    await two.close()
    assert {line.entry.at - START for line in await parts.ledger.entries(parts.anna.id)} == set(range(7))
    verdict = await parts.ledger.verify(parts.anna.id)
    assert (verdict.lines, verdict.broken_at) == (7, None)


async def test_lines_are_taken_over_once_whatever_is_in_the_database_already(parts: Regie) -> None:
    """Killed after the database had them and before the file was cleared; and taken over by a start that was killed
    before the file went: each line is there once."""
    dead = Ledger(parts.log, parts.vault, journal=Journal(parts.log.path))
    for number in range(4):
        dead.record(parts.anna.id, look(number))
    file = dead.database._journal
    assert file is not None
    assert file._map is not None
    kept = file._map[:]
    await dead.close()
    for _ in range(2):
        parts.log.path.with_name(f"{parts.log.path.name}.{POD}.waiting").write_bytes(kept)
        after = Ledger(parts.log, parts.vault, journal=Journal(parts.log.path))
        assert after.recover() == 4
        verdict = await after.verify(parts.anna.id)
        assert (verdict.lines, verdict.broken_at) == (4, None)
        await after.close()


async def test_lines_of_a_pod_that_was_erased_meanwhile_are_dropped(parts: Regie) -> None:
    """Their keys are gone: there is nothing to write, and the start goes on."""
    dead = Ledger(parts.log, parts.vault, journal=Journal(parts.log.path))
    dead.record(parts.anna.id, look(0))
    file = dead.database._journal
    assert file is not None
    assert file._map is not None
    kept = file._map[:]
    await dead.close()
    await parts.vault.erase(parts.anna.id)
    path = parts.log.path.with_name(f"{parts.log.path.name}.{POD}.waiting")
    path.write_bytes(kept)
    Ledger(parts.log, parts.vault, journal=Journal(parts.log.path)).recover()
    assert not path.exists()


async def test_where_no_file_can_be_made_nothing_is_read(parts: Regie, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full when the first line comes: the one that asks is told so before anything is read; when there is
    room again the log goes on."""
    ledger = Ledger(parts.log, parts.vault, journal=Journal(parts.log.path))

    def full(file: int, start: int, size: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "posix_fallocate", full)
        for _ in range(2):
            with pytest.raises(Unavailable) as caught:
                ledger.record(parts.anna.id, look(0))
            assert isinstance(caught.value, StoreFailure)
    assert not list(parts.folder.glob("*.waiting"))
    ledger.record(parts.anna.id, look(1))
    assert [line.entry.at - START for line in await ledger.entries(parts.anna.id)] == [1]
    await ledger.close()
