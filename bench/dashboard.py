"""How long the citizen's pages take with many grants and a long access log in one store: `python -m bench --pages`.

Most grants and lines belong to pods without an account, as many as it takes; one citizen has a heavy pod and one coach
receives from all. Their pages are asked for over HTTP, one after the other, without anything else going on.
"""

from __future__ import annotations

import asyncio
import itertools
import statistics
import time
from collections.abc import Iterable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx2

from bench.server import Server
from werkpod.compose import opened
from werkpod.config import Settings
from werkpod.consent.grants import GrantRecord, Grants
from werkpod.consent.ledger import Ledger
from werkpod.pod.access.model import AccessEntry
from werkpod.pod.store.sqlite import open_database
from werkpod.pod.vault import FileRootKeys, Vault
from werkpod.vocab.sections import CV_SECTIONS
from werkpod.web.ids import ulid

PASSPHRASE = "een lange zin voor de bank"
OTHERS = 200
"""Pods besides the one that is looked at."""
TIMES = 15
DAY = 86400.0
MARK_MS = 200.0


@dataclass(frozen=True, slots=True)
class Load:
    """What is in the store: grants and lines of the log, in all and of the citizen who looks; a tenth is in force."""

    grants: int
    lines: int
    own_grants: int
    own_lines: int


FULL = Load(grants=100_000, lines=1_000_000, own_grants=2_000, own_lines=200_000)


async def fill(server: Server, load: Load) -> tuple[str, str]:
    """Write it all to the data folder of a server that does not run yet; the id of a grant in force, and its agent."""
    async with opened(Settings(data=server.data, base_url=server.base)) as house:
        citizen, _ = await house.accounts.sign_up("Bank", PASSPHRASE, slug="bank")
        coach, _ = await house.accounts.sign_up("Coach", PASSPHRASE, slug="coach", role="coach")
    async with AsyncExitStack() as stack:
        names = ("keys", "consent", "ledger")
        packages = ("werkpod.pod.migrations.keys", "werkpod.consent.migrations", "werkpod.consent.ledger.migrations")
        keys, consent, log = (
            open_database(server.data / f"{name}.db", package, secure_delete=name == "keys", inline=name == "ledger")
            for name, package in zip(names, packages, strict=True)
        )
        for database in (keys, consent, log):
            stack.push_async_callback(database.close)
        vault = Vault(keys, FileRootKeys(server.data / "root.key"))
        grants, ledger = Grants(consent, vault), Ledger(log, vault)
        others = [ulid() for _ in range(OTHERS)]
        for pod in others:
            await vault.ensure(pod)
        own = [_grant(citizen.id, coach.webid, n) for n in range(load.own_grants)]
        rest = (
            _grant(pod, coach.webid, n)
            for n, pod in zip(range(load.grants - load.own_grants), itertools.cycle(others), strict=False)
        )
        for batch in _batches(itertools.chain(own, rest)):
            await asyncio.gather(*(grants.create(record) for record in batch))
        for n in range(load.own_lines):
            ledger.record(citizen.id, _line(own[n % len(own)], n, load.own_lines))
        for n, pod in zip(range(load.lines - load.own_lines), itertools.cycle(others), strict=False):
            ledger.record(pod, _line(own[n % len(own)], n, load.lines))
        return own[0].id, str(own[1].agent)


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


def _batches(records: Iterable[GrantRecord]) -> Iterator[list[GrantRecord]]:
    left = iter(records)
    while batch := list(itertools.islice(left, 500)):
        yield batch


async def pages(server: Server, load: Load, grant: str, agent: str) -> str:
    """Every page some times; as a table: the first time, the median and the slowest, in milliseconds."""
    sharing, log = "/regie/delen", "/regie/delen/logboek"
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 100 * DAY))
    wanted = {
        "bank": {
            "home": "/",
            "who sees what": sharing,
            "the same, of one section": f"{sharing}?deel=experience",
            "the same, of one receiver": httpx2.URL(sharing, params={"wie": agent}),
            "one grant": f"{sharing}/{grant}",
            "what ended": f"{sharing}/gestopt",
            "who looked": log,
            "who looked, one day": f"{log}?dag={day}",
            "who looked, one section": f"{log}?deel=experience",
            "who looked, one receiver": httpx2.URL(log, params={"wie": agent}),
            "who looked, refusals": f"{log}?geweigerd=1",
            "stop everything (the question)": f"{sharing}/stop-alles",
        },
        "coach": {"home of a coach": "/"},
    }
    lines = [f"{load.grants:,} grants, {load.own_grants:,} of this citizen; {load.lines:,} lines of the log, "
             f"{load.own_lines:,} of this citizen.", "",
             "| page | first ms | median ms | slowest ms | under 200 |", "|---|---:|---:|---:|---|"]  # fmt: skip
    for name, addresses in wanted.items():
        async with httpx2.AsyncClient(base_url=server.base, timeout=120, headers={"Origin": server.base}) as client:
            await client.post("/inloggen", data={"naam": name, "wachtzin": PASSPHRASE})
            for title, address in addresses.items():
                lines.append(await _timed(client, title, str(address)))
    return "\n".join(lines)


async def _timed(client: httpx2.AsyncClient, title: str, address: str) -> str:
    took = []
    for _ in range(TIMES + 1):
        started = time.perf_counter()
        answer = await client.get(address)
        took.append((time.perf_counter() - started) * 1e3)
        if answer.status_code != 200:
            return f"| {title} | {answer.status_code} | | | no |"
    first, *rest = took
    good = "yes" if max(rest) < MARK_MS else "no"
    return f"| {title} | {first:.0f} | {statistics.median(rest):.0f} | {max(rest):.0f} | {good} |"
