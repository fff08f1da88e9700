"""The parts under a pod, real ones on real files, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from werkpod.pod.directory import PodDirectory
from werkpod.pod.storage import ResourceStorage
from werkpod.pod.store import SqliteDatabase, open_database
from werkpod.pod.vault import SERVER, FileRootKeys, Vault

BASE = "http://localhost:8080"


@dataclass(frozen=True)
class Parts:
    """Databases, vault, storage and directory of one data folder."""

    folder: Path
    keys: SqliteDatabase
    pods: SqliteDatabase
    vault: Vault
    storage: ResourceStorage
    directory: PodDirectory


@asynccontextmanager
async def open_parts(folder: Path) -> AsyncIterator[Parts]:
    """The parts on the files in `folder`, made where they are missing; closed at the end."""
    keys = open_database(folder / "keys.db", "werkpod.pod.migrations.keys", secure_delete=True)
    pods = open_database(folder / "pods.db", "werkpod.pod.migrations.pods", shrinks=True)
    try:
        vault = Vault(keys, FileRootKeys(folder / "root.key"))
        await vault.ensure(SERVER)
        storage = ResourceStorage(pods, vault)
        yield Parts(folder, keys, pods, vault, storage, PodDirectory(pods, vault, BASE))
        await storage.settled()
    finally:
        await pods.close()
        await keys.close()
