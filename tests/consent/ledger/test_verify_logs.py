"""`werkpod verify` on a real database file: taken out, changed, moved, put in, cut off, written anew."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from support.oauth import BASE, QUICK

from werkpod.compose import House, opened
from werkpod.config import Settings
from werkpod.consent.accounts.passphrases import Hasher
from werkpod.consent.ledger import Audit, Head
from werkpod.consent.ledger.audit import Finding
from werkpod.pod.access.model import AccessEntry
from werkpod.vocab.progress import NoProgress

LINES = 12
pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Logged:
    """A house, the pod of somebody with twelve lines in the log, and its file."""

    house: House
    folder: Path
    pod: str

    def change(self, *sql: str) -> None:
        """Change ledger.db behind the server's back; `?1` is the pod."""
        self.house.ledger.database.settle()
        with sqlite3.connect(self.folder / "ledger.db") as file:
            for statement in sql:
                file.execute(statement, (self.pod,))
        file.close()

    async def found(self) -> Finding:
        """What the audit finds."""
        house = self.house
        return await Audit(house.ledger, house.heads, house.pods, house.receipts.heads).one(self.pod)

    async def person(self) -> Logged:
        """The same with another pod, as it is before anything is tampered with."""
        account, _ = await self.house.accounts.sign_up(f"Bea {next(_numbers)}", "vier rustige blauwe fietsen")
        for number in range(LINES):
            self.house.ledger.record(account.id, entry(number))
        return Logged(self.house, self.folder, account.id)


_numbers = iter(range(1000))


def entry(number: int) -> AccessEntry:
    """Line number `number`."""
    return AccessEntry(1e9 + number, "read", "cv/experience", "allowed", agent="https://x.example/#me")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Logged]:
    folder = tmp_path_factory.mktemp("verify")
    async with opened(Settings(data=folder, base_url=BASE)) as house:
        house.accounts._hasher = Hasher(QUICK)
        account, _ = await house.accounts.sign_up("Anna Voorbeeld", "vier rustige blauwe fietsen")
        yield Logged(house, folder, account.id)


TAMPERINGS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "taken out": (("DELETE FROM ledger WHERE pod = ?1 AND seq = 5",), 5, "missing"),
    "taken out and closed up": (
        (
            "DELETE FROM ledger WHERE pod = ?1 AND seq = 5",
            "UPDATE ledger SET seq = -seq WHERE pod = ?1 AND seq > 5",
            "UPDATE ledger SET seq = -seq - 1 WHERE pod = ?1 AND seq < 0",
        ),
        5,
        "moved",
    ),
    "changed": (("UPDATE ledger SET sealed = randomblob(200) WHERE pod = ?1 AND seq = 7",), 7, "changed"),
    "its hash changed": (("UPDATE ledger SET hash = randomblob(32) WHERE pod = ?1 AND seq = 7",), 7, "changed"),
    "swapped": (
        (
            "UPDATE ledger SET seq = -3 WHERE pod = ?1 AND seq = 3",
            "UPDATE ledger SET seq = 3 WHERE pod = ?1 AND seq = 9",
            "UPDATE ledger SET seq = 9 WHERE pod = ?1 AND seq = -3",
        ),
        3,
        "moved",
    ),
    "put in": (
        (
            "UPDATE ledger SET seq = -seq WHERE pod = ?1 AND seq >= 4",
            "UPDATE ledger SET seq = 1 - seq WHERE pod = ?1 AND seq < 0",
            "INSERT INTO ledger SELECT pod, 4, sealed, hash FROM ledger WHERE pod = ?1 AND seq = 2",
        ),
        4,
        "moved",
    ),
    "put in at the end": (
        ("INSERT INTO ledger SELECT pod, 13, randomblob(200), hash FROM ledger WHERE pod = ?1 AND seq = 12",),
        13,
        "changed",
    ),
}


@pytest.mark.parametrize("how", TAMPERINGS)
async def test_tampering_is_found_at_its_line(town: Logged, how: str) -> None:
    """Whatever is done to the file without the keys is found, with the number of the line. Check 170."""
    sql, line, wrong = TAMPERINGS[how]
    log = await town.person()
    assert (await log.found()).whole
    log.change(*sql)
    verdict = (await log.found()).verdict
    assert (verdict.broken_at, verdict.wrong) == (line, wrong)


async def test_lines_cut_off_at_the_end_are_found_by_a_signed_head(town: Logged) -> None:
    """Without a head that was signed nobody could know; with one the first line that is gone is named. Check 170."""
    log = await town.person()
    assert await town.house.heads.sign(log.pod) is not None
    log.change("DELETE FROM ledger WHERE pod = ?1 AND seq > 8")
    assert (await log.found()).verdict.broken_at == 9
    assert (await log.found()).verdict.wrong == "cut off"
    log.change("DELETE FROM ledger WHERE pod = ?1 AND seq > 0")
    assert (await log.found()).verdict.broken_at == 1


async def test_lines_cut_off_with_their_signed_heads_are_found_by_a_receipt_or_a_kept_head(town: Logged) -> None:
    """Who takes the heads out as well still has to reckon with receipts, and with what the citizen kept."""
    log = await town.person()
    signed = await town.house.heads.sign(log.pod)
    assert signed is not None
    account = await town.house.accounts.get(log.pod)
    assert account is not None
    kept = town.house.heads.check(signed.signed, account.webid)
    log.change("DELETE FROM ledger WHERE pod = ?1 AND seq > 8", "DELETE FROM ledger_heads WHERE pod = ?1")
    assert (await log.found()).whole
    house = town.house
    audit = Audit(house.ledger, house.heads, house.pods, house.receipts.heads)
    assert (await audit.one(log.pod, also=[kept])).verdict.wrong == "cut off"

    async def receipts(pod: str) -> list[Head]:
        return [kept]

    assert (await Audit(house.ledger, house.heads, house.pods, receipts).one(log.pod)).verdict.broken_at == 9


async def test_a_log_written_anew_with_the_keys_does_not_fit_its_heads(town: Logged) -> None:
    """Somebody with all keys can make a chain that holds in itself; the signed head says that it is another."""
    log = await town.person()
    await town.house.heads.sign(log.pod)
    log.change("DELETE FROM ledger WHERE pod = ?1")
    town.house.ledger.database._heads.clear()
    for number in range(LINES):
        town.house.ledger.record(log.pod, entry(number))
    verdict = (await log.found()).verdict
    assert (verdict.broken_at, verdict.wrong) == (LINES, "rewritten")


async def test_a_signed_head_that_was_tampered_with_is_counted(town: Logged) -> None:
    """A head that does not open is told of, and the rest still counts."""
    log = await town.person()
    await town.house.heads.sign(log.pod)
    log.change("UPDATE ledger_heads SET sealed = randomblob(300) WHERE pod = ?1")
    found = await log.found()
    assert (found.heads, found.whole, found.verdict.broken_at) == (1, False, None)


async def test_lines_of_before_the_present_form_still_verify(town: Logged) -> None:
    """A chain that begins with lines chained by what was sealed goes on in the new form."""
    import hashlib

    import msgspec

    from werkpod.consent.ledger.chain import origin
    from werkpod.pod.store import Statement

    account, _ = await town.house.accounts.sign_up("Oud Voorbeeld", "vier rustige blauwe fietsen")
    vault = await town.house.ledger.vault.open(account.id)
    digest = origin(account.id).hash
    for seq in (1, 2):
        sealed = vault.seal_entry(str(seq), msgspec.msgpack.encode(entry(seq)))
        digest = hashlib.sha256(digest + sealed).digest()
        sql = "INSERT INTO ledger (pod, seq, sealed, hash) VALUES (?1, ?2, ?3, ?4)"
        town.house.ledger.database.execute_now(Statement(sql, (account.id, seq, sealed, digest)))
    town.house.ledger.record(account.id, entry(3))
    verdict = await town.house.ledger.verify(account.id)
    assert (verdict.lines, verdict.broken_at) == (3, None)
    assert [line.entry.at for line in await town.house.ledger.entries(account.id)] == [1e9 + n for n in (3, 2, 1)]


def _command(folder: Path, *words: str) -> tuple[int, Any]:
    command = [sys.executable, "-m", "werkpod", "verify", "--data", str(folder), "--base-url", BASE, "--json", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout)


async def test_the_command_names_the_pod_and_the_line(town: Logged, tmp_path: Path) -> None:
    """Exit code 1 and the line where something is wrong, also by heads from a file; and each log is walked."""
    log = await town.person()
    account = await town.house.accounts.get(log.pod)
    signed = await town.house.heads.sign(log.pod)
    assert account is not None
    assert signed is not None
    file = tmp_path / "heads.txt"
    file.write_text(signed.signed + "\n")
    log.change("DELETE FROM ledger WHERE pod = ?1 AND seq = 12", "DELETE FROM ledger_heads WHERE pod = ?1")
    code, said = _command(town.folder, "--pod", account.slug, "--heads", str(file))
    assert (code, said["lines"]) == (1, LINES - 1)
    wrong = {"name": account.slug, "line": LINES, "wrong": "cut off", "heads_that_do_not_hold": 0}
    assert said["broken"] == [wrong]
    house = town.house
    audit = Audit(house.ledger, house.heads, house.pods, house.receipts.heads)
    found = {finding.name: finding async for finding in audit.all(NoProgress())}
    assert found[account.slug].whole  # nobody else knows of the line that is gone
    assert len(found) > 1
