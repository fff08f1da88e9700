"""A store with very many grants and lines of the access log, for `bench/dashboard.py`: quickly, and as they are kept.

Rows are made by the code that makes them on a running server: the same sealing, the same keyed hashes, the same chain.
Only the way to the file is another: many rows in one transaction, without waiting for the disk, and without witnesses
(receipts, documents in the pod): there is nobody whom a crash would take anything from.
"""

from __future__ import annotations

import itertools
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.server import Server
from werkpod.compose import opened
from werkpod.config import Settings
from werkpod.consent.grants import GrantRecord
from werkpod.consent.grants.received import Receivers
from werkpod.consent.grants.sealed import Sealing
from werkpod.consent.ledger.chain import Head, origin, plain_of
from werkpod.consent.ledger.rows import INSERT, line_after
from werkpod.pod.access.model import AccessEntry
from werkpod.pod.store import Statement
from werkpod.pod.store.sqlite import open_database
from werkpod.pod.vault import FileRootKeys, PodVault, Vault
from werkpod.vocab.sections import CV_SECTIONS
from werkpod.web.ids import ulid

PASSPHRASE = "een lange zin voor de bank"
OTHERS = 200
"""Pods besides the one that is looked at."""
DAY = 86400.0
_BATCH = 5000


class Load(msgspec.Struct, frozen=True):
    """What is in the store: grants and lines of the log, in all and of the citizen who looks; a tenth is in force."""

    grants: int
    lines: int
    own_grants: int
    own_lines: int


class Filled(msgspec.Struct, frozen=True):
    """A store that is ready: on which port its server is, what is in it, a grant in force of the citizen, and the WebID
    of somebody else to whom they give."""

    port: int
    load: Load
    grant: str
    agent: str


@dataclass(frozen=True, slots=True)
class _Files:
    """The databases, open for filling."""

    consent: sqlite3.Connection
    log: sqlite3.Connection


async def fill(server: Server, load: Load) -> Filled:
    """Write it all to the data folder of a server that does not run yet."""
    async with opened(Settings(data=server.data, base_url=server.base)) as house:
        citizen, _ = await house.accounts.sign_up("Bank", PASSPHRASE, slug="bank")
        coach, _ = await house.accounts.sign_up("Coach", PASSPHRASE, slug="coach", role="coach")
    async with AsyncExitStack() as stack:
        keys = open_database(server.data / "keys.db", "werkpod.pod.migrations.keys", secure_delete=True)
        consent = open_database(server.data / "consent.db", "werkpod.consent.migrations")
        stack.push_async_callback(keys.close)
        stack.push_async_callback(consent.close)
        files = _Files(*(stack.enter_context(_quick(server.data / f"{name}.db")) for name in ("consent", "ledger")))
        vault = Vault(keys, FileRootKeys(server.data / "root.key"))
        receivers, sealing = Receivers(consent, vault), Sealing()
        others = [await vault.ensure(ulid()) for _ in range(OTHERS)]
        mine = await vault.open(citizen.id)
        own = [_grant(citizen.id, coach.webid, n) for n in range(load.own_grants)]
        grants = itertools.chain(
            ((mine, record) for record in own),
            ((other, _grant(other.pod, coach.webid, n))
             for n, other in zip(range(load.grants - load.own_grants), itertools.cycle(others), strict=False)),
        )  # fmt: skip
        for some in _batches(grants):
            statements = list[Statement]()
            for pod, record in some:
                statements += [sealing.insert(pod, record), *sealing.hold(pod, record), *await receivers.rows(record)]
            with files.consent:
                for statement in statements:
                    files.consent.execute(statement.sql, statement.params)
        _lines(files.log, mine, own, load.own_lines)
        for other in others:
            _lines(files.log, other, own, (load.lines - load.own_lines) // OTHERS)
    return Filled(server.port, load, own[0].id, str(own[10].agent))


def _quick(path: Path) -> closing[sqlite3.Connection]:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    return closing(connection)


def _lines(log: sqlite3.Connection, vault: PodVault, grants: Sequence[GrantRecord], count: int) -> None:
    """So many lines of the log of one pod, that many receivers wrote in turns over two years."""
    head: Head = origin(vault.pod)
    rows = list[tuple[str, int, bytes, bytes]]()
    for n in range(count):
        row = line_after(head, vault, plain_of(_line(grants[n % len(grants)], n, count)))
        head = Head(row[1], row[3])
        rows.append(row)
        if len(rows) == _BATCH or n + 1 == count:
            with log:
                log.executemany(INSERT, rows)
            rows.clear()


def _grant(pod: str, coach: str, n: int) -> GrantRecord:
    """One of ten is in force: to the coach, or to one of a thousand others; the rest ended a while ago."""
    now, keys = time.time(), [section.key for section in CV_SECTIONS]
    begun = now - 400 * DAY if n % 10 else now - 10 * DAY
    return GrantRecord(
        id=ulid(begun + n / 1000), pod=pod, agent=coach if n % 20 == 0 else f"https://p{n % 1000}.example/card#me",
        client=None, receiver_name="Coach" if n % 20 == 0 else f"Iemand {n % 1000}", receiver_kind="coach",
        created=begun, not_before=begun, until=begun + 90 * DAY, sections=tuple(keys[n % 5 : n % 5 + 3]),
        purpose="https://w3id.org/dpv#ServiceProvision", purpose_text="Om je te helpen met werk.",
    )  # fmt: skip


def _line(grant: GrantRecord, n: int, of: int) -> AccessEntry:
    """A look of the receiver of a grant, spread over two years; one of thirty was refused."""
    section = next(s for s in CV_SECTIONS if s.key == grant.sections[n % len(grant.sections)])
    return AccessEntry(
        at=time.time() - 730 * DAY * (1 - n / of), action="read", path=section.path,
        outcome="allowed" if n % 30 else "refused", agent=grant.agent, client="https://app.example/id",
        grant=grant.id, purpose=grant.purpose, version=1,
    )  # fmt: skip


def _batches(records: Iterable[tuple[PodVault, GrantRecord]]) -> Iterator[list[tuple[PodVault, GrantRecord]]]:
    left = iter(records)
    while batch := list(itertools.islice(left, _BATCH)):
        yield batch
