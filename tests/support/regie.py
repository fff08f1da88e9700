"""The real parts under grants, the access log and share links, on files of a test."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher

from werkpod.consent.accounts.passphrases import Hasher
from werkpod.consent.grants import GrantRecord, Grants
from werkpod.consent.ledger import Acts, Ledger
from werkpod.consent.links import ShareLinks
from werkpod.pod.store import SqliteDatabase, open_database
from werkpod.pod.vault import SERVER, FileRootKeys, Vault
from werkpod.web.ids import ulid

BASE = "https://werkpod.example"
EMPLOYER = f"{BASE}/apps/werkgever/client.jsonld"
ANNA = f"{BASE}/anna/profile/card#me"
COACH = f"{BASE}/karin/profile/card#me"
MATCHER = f"{BASE}/apps/beroep/client.jsonld"


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: float = 1_795_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class CountingHasher(Hasher):
    """Argon2id, light, that counts how often a passcode is looked at: that is what costs time."""

    def __init__(self) -> None:
        super().__init__(PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
        self.looked = 0

    async def verify(self, hashed: str | None, passphrase: str) -> bool:
        self.looked += 1
        return await super().verify(hashed, passphrase)


@dataclass(frozen=True)
class Giver:
    """Somebody with a pod."""

    id: str


@dataclass
class Regie:
    """The parts, and the pod of one citizen in `anna`."""

    folder: Path
    clock: Clock
    vault: Vault
    consent: SqliteDatabase
    log: SqliteDatabase
    grants: Grants
    ledger: Ledger
    links: ShareLinks
    anna: Giver

    async def pod(self) -> Giver:
        """One more pod."""
        giver = Giver(ulid())
        await self.vault.create(giver.id)
        return giver

    def record(self, **changes: object) -> GrantRecord:
        """A grant of Anna's to the occupation matcher, but for `changes`."""
        fields: dict[str, object] = {
            "id": "", "pod": self.anna.id, "agent": ANNA, "client": MATCHER, "receiver_name": "Matchberoeper",
            "receiver_kind": "app", "created": self.clock.now, "not_before": self.clock.now,
            "until": self.clock.now + 86400, "sections": ("experience", "competences"),
        }  # fmt: skip
        return GrantRecord(**{**fields, **changes})  # type: ignore[arg-type]

    def raw(self) -> bytes:
        """Every byte of the database files, WAL included."""
        return b"".join(path.read_bytes() for path in sorted(self.folder.iterdir()) if path.is_file())


@contextlib.asynccontextmanager
async def regie(folder: Path) -> AsyncIterator[Regie]:
    """The parts on fresh databases in `folder`."""
    root = FileRootKeys(folder / "root.key")
    keys = open_database(folder / "keys.db", "werkpod.pod.migrations.keys", secure_delete=True)
    consent = open_database(folder / "consent.db", "werkpod.consent.migrations")
    log = open_database(folder / "ledger.db", "werkpod.consent.ledger.migrations", durable=False)
    vault, clock = Vault(keys, root), Clock()
    await vault.ensure(SERVER)
    grants = Grants(consent, vault, clock=clock)
    ledger = Ledger(log, vault)
    links = ShareLinks(
        consent,
        vault,
        grants,
        Acts(consent, vault, ledger),
        base_url=BASE,
        employer_client=EMPLOYER,
        hasher=CountingHasher(),
        clock=clock,
    )
    anna = Giver(ulid())
    await vault.create(anna.id)
    try:
        yield Regie(folder, clock, vault, consent, log, grants, ledger, links, anna)
    finally:
        for database in (consent, log, keys):
            await database.close()
