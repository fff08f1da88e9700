"""The vault: what opens, what does not, and what erasing does."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from werkpod.pod.errors import IntegrityError, PodExists, PodUnavailable
from werkpod.pod.store import SqliteDatabase, open_database
from werkpod.pod.vault import LEDGER, SERVER, CategoryKey, FileRootKeys, PodVault, SealedBlob, Vault
from werkpod.pod.vault.blobs import BlobLabel, open_blob, seal_blob
from werkpod.pod.vault.primitives import pack, unseal
from werkpod.web.ids import ulid

KEYS = "werkpod.pod.migrations.keys"
TEXT = b"Vijf jaar heftruckchauffeur bij een groothandel"


@pytest.fixture
async def keys(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    database = open_database(tmp_path / "keys.db", KEYS, secure_delete=True)
    yield database
    await database.close()


@pytest.fixture
def vault(keys: SqliteDatabase, tmp_path: Path) -> Vault:
    return Vault(keys, FileRootKeys(tmp_path / "root.key"))


async def sealed(pod: PodVault, **label: Any) -> tuple[CategoryKey, SealedBlob, dict[str, Any]]:
    key = await pod.category("experience")
    given = {"resource": pod.resource_id("cv/experience"), "version": 3, "media_type": "text/turtle", "previous": b""}
    given |= label
    return key, pod.seal_blob(key, plaintext=TEXT, **given), given


async def test_a_body_comes_back_as_it_was(vault: Vault) -> None:
    """What was sealed opens with the same label, in this process and in the next one."""
    pod = await vault.create(ulid())
    key, blob, label = await sealed(pod)
    assert TEXT not in blob.data
    assert pod.open_blob(key, wrapped=blob.wrapped, data=blob.data, **label) == TEXT
    other = Vault(vault._keys, vault._root)
    again = await other.open(pod.pod)
    assert again.open_blob(
        await again.category_key(blob.category, blob.epoch), wrapped=blob.wrapped, data=blob.data, **label
    ) == TEXT  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"media_type": "text/html"},
        {"version": 4},
        {"previous": b"x" * 32},
        {"resource": b"r" * 16},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_a_relabelled_body_does_not_open(vault: Vault, change: dict[str, Any]) -> None:
    """Another media type, version, previous version or resource than it was sealed with: nothing is handed out."""
    pod = await vault.create(ulid())
    key, blob, label = await sealed(pod)
    with pytest.raises(IntegrityError):
        pod.open_blob(key, wrapped=blob.wrapped, data=blob.data, **(label | change))


async def test_swapped_bodies_do_not_open(vault: Vault) -> None:
    """The body of one resource in the place of another's does not open, with its own wrapped key or the other's."""
    pod = await vault.create(ulid())
    key, one, label = await sealed(pod)
    _, other, _ = await sealed(pod, resource=pod.resource_id("cv/education"))
    for wrapped, data in ((other.wrapped, other.data), (one.wrapped, other.data), (other.wrapped, one.data)):
        with pytest.raises(IntegrityError):
            pod.open_blob(key, wrapped=wrapped, data=data, **label)


async def test_a_body_of_another_pod_or_category_does_not_open(vault: Vault) -> None:
    """Keys of another category, epoch or pod open nothing."""
    pod, stranger = await vault.create(ulid()), await vault.create(ulid())
    key, blob, label = await sealed(pod)
    wrong_keys = [
        await pod.category("contact"),
        await pod.new_epoch("experience"),
        await stranger.category("experience"),
    ]
    for wrong in wrong_keys:
        with pytest.raises(IntegrityError):
            pod.open_blob(wrong, wrapped=blob.wrapped, data=blob.data, **label)
    with pytest.raises(IntegrityError):
        stranger.open_blob(key, wrapped=blob.wrapped, data=blob.data, **label)


def files(folder: Path) -> list[bytes]:
    """The bytes of keys.db and what belongs to it."""
    return [path.read_bytes() for path in folder.glob("keys.db*")]


KEY = CategoryKey(b"c" * 16, 1, b"k" * 32)
LABEL = BlobLabel("P" * 26, b"r" * 16, 1, "text/turtle", b"")
BLOB = seal_blob(KEY, LABEL, TEXT)


@given(place=st.integers(0, len(BLOB.data) + len(BLOB.wrapped) - 1), bit=st.integers(0, 7))
def test_no_bit_can_be_changed(place: int, bit: int) -> None:
    """Any bit changed in a blob or in its wrapped key is noticed."""
    stored = bytearray(BLOB.data + BLOB.wrapped)
    stored[place] ^= 1 << bit
    data, wrapped = bytes(stored[: len(BLOB.data)]), bytes(stored[len(BLOB.data) :])
    with pytest.raises(IntegrityError):
        open_blob(KEY, LABEL, wrapped, data)


@given(cut=st.integers(0, len(BLOB.data) - 1))
def test_a_blob_that_was_cut_short_does_not_open(cut: int) -> None:
    """A part of a blob is not a blob."""
    with pytest.raises(IntegrityError):
        open_blob(KEY, LABEL, BLOB.wrapped, BLOB.data[:cut])


def test_a_blob_is_bound_to_its_pod() -> None:
    """The same blob under the same key in another pod does not open."""
    with pytest.raises(IntegrityError):
        open_blob(KEY, replace(LABEL, pod="Q" * 26), BLOB.wrapped, BLOB.data)


async def test_equal_plaintext_gives_different_bytes(vault: Vault) -> None:
    """Sealing the same twice shares no key, key id, nonce or byte sequence, for bodies and for records."""
    pod = await vault.create(ulid())
    blobs = [(await sealed(pod))[1] for _ in range(50)]
    for part in ("key_id", "wrapped", "data", "digest"):
        assert len({getattr(blob, part) for blob in blobs}) == 50
    assert len({blob.data[21:33] for blob in blobs}) == 50  # nonces
    assert len({pod.seal_record("name", "1", TEXT) for _ in range(50)}) == 50


async def test_a_record_opens_only_where_it_belongs(vault: Vault) -> None:
    """A record is bound to its purpose, its row and its pod."""
    pod, stranger = await vault.create(ulid()), await vault.create(ulid())
    record = pod.seal_record("name", "1", TEXT)
    assert TEXT not in record
    assert pod.open_record("name", "1", record) == TEXT
    attempts = [
        (pod, "title", "1"),
        (pod, "name", "2"),
        (pod, LEDGER, "1"),
        (stranger, "name", "1"),
        (pod, "nam", "e1"),
    ]
    for who, purpose, row in attempts:
        with pytest.raises(IntegrityError):
            who.open_record(purpose, row, record)
    for damaged in (b"", record[:1], record[:-1], b"\x02" + record[1:], record + b"x"):
        with pytest.raises(IntegrityError):
            pod.open_record("name", "1", damaged)


async def test_log_entries_have_a_key_of_their_own(vault: Vault) -> None:
    """A line of the log opens as such and as nothing else, and not under the key of the other records."""
    pod = await vault.create(ulid())
    entry = pod.seal_entry("7", TEXT)
    assert pod.open_entry("7", entry) == pod.open_record(LEDGER, "7", entry) == TEXT
    with pytest.raises(IntegrityError):
        pod.open_record("log", "7", entry)
    label = pack("werkpod/record/1", LEDGER, pod.pod, "7")
    assert unseal(pod._ledger, entry[1:], label) == TEXT
    with pytest.raises(IntegrityError):
        unseal(pod._records, entry[1:], label)


async def test_look_up_hashes_are_steady_and_apart(vault: Vault) -> None:
    """A hash is the same each time and in each process, and another for each pod, purpose and value."""
    pod, stranger = await vault.create(ulid()), await vault.create(ulid())
    assert len(pod.resource_id("cv/experience")) == len(pod.category_id("experience")) == 16
    assert pod.lookup("slug", "anna") == (await Vault(vault._keys, vault._root).open(pod.pod)).lookup("slug", "anna")
    hashes = [who.lookup(*what) for who in (pod, stranger) for what in (("slug", "anna"), ("slu", "ganna"), ("a", "b"))]
    assert len(set(hashes)) == len(hashes)


async def test_a_dump_is_worthless_without_its_root_key(vault: Vault, tmp_path: Path) -> None:
    """With a copy of keys.db and another root key no pod opens, the server's own included, and none is made over it."""
    pods = [SERVER, ulid(), ulid()]
    for pod in pods:
        await (await vault.create(pod)).category("experience")
    await vault._keys.scrub()
    (tmp_path / "dump").mkdir()
    shutil.copy(tmp_path / "keys.db", tmp_path / "dump" / "keys.db")
    stolen = open_database(tmp_path / "dump" / "keys.db", KEYS)
    thief = Vault(stolen, FileRootKeys(tmp_path / "dump" / "root.key"))
    for pod in pods:
        with pytest.raises(PodUnavailable, match="root key"):
            await thief.open(pod)
        with pytest.raises(PodUnavailable):
            await thief.ensure(pod)
        with pytest.raises(PodExists):
            await thief.create(pod)
    await stolen.close()


async def test_a_slot_moved_to_another_pod_does_not_open(vault: Vault, tmp_path: Path) -> None:
    """Whoever can write to keys.db cannot give one pod the keys of another."""
    one, other = ulid(), ulid()
    await vault.create(one)
    await vault.create(other)
    connection = sqlite3.connect(tmp_path / "keys.db")
    connection.execute("UPDATE slot SET wrapped = (SELECT wrapped FROM slot WHERE pod = ?) WHERE pod = ?", (other, one))
    connection.commit()
    connection.close()
    with pytest.raises(PodUnavailable):
        await vault.open(one)


async def test_an_erased_pod_opens_nothing(vault: Vault, keys: SqliteDatabase, tmp_path: Path) -> None:
    """After erasing, the pod opens nowhere, vaults that were open are closed, and it is never made again."""
    identity = ulid()
    pod = await vault.create(identity)
    key, blob, label = await sealed(pod)
    record = pod.seal_record("name", "1", TEXT)
    ((wrapped,),) = await keys.fetch("SELECT wrapped FROM slot WHERE pod = ?1", identity)
    assert isinstance(wrapped, bytes)
    other_process = open_database(tmp_path / "keys.db", KEYS)
    other_vault = Vault(other_process, FileRootKeys(tmp_path / "root.key"))
    held_elsewhere = await other_vault.open(identity)
    assert any(wrapped in content for content in files(tmp_path))
    await vault.erase(identity)
    await vault.erase(identity)
    for attempt in (vault.open, vault.create, vault.ensure, other_vault.open, other_vault.create):
        with pytest.raises(PodUnavailable):
            await attempt(identity)
    for closed in (pod, held_elsewhere):
        with pytest.raises(PodUnavailable):
            closed.open_record("name", "1", record)
        with pytest.raises(PodUnavailable):
            closed.open_blob(key, wrapped=blob.wrapped, data=blob.data, **label)
        with pytest.raises(PodUnavailable):
            await closed.category("experience")
    await other_process.close()
    assert list(await keys.fetch("SELECT * FROM category_key")) == list(await keys.fetch("SELECT * FROM slot")) == []
    assert not any(wrapped in content for content in files(tmp_path))


async def test_no_key_is_made_for_a_pod_that_another_process_erased(vault: Vault, tmp_path: Path) -> None:
    """A vault that is still open when its pod is erased elsewhere cannot start a new category."""
    pod = await vault.create(ulid())
    await pod.category("experience")
    other_process = open_database(tmp_path / "keys.db", KEYS)
    await Vault(other_process, FileRootKeys(tmp_path / "root.key")).erase(pod.pod)
    await other_process.close()
    for name in ("contact", "experience"):
        with pytest.raises(PodUnavailable):
            await pod.category(name)
    with pytest.raises(PodUnavailable):
        await vault.open(pod.pod)


async def test_an_unknown_pod_does_not_open(vault: Vault) -> None:
    """A pod that was never made is unavailable, and looking for it makes nothing."""
    with pytest.raises(PodUnavailable):
        await vault.open(ulid())
    assert list(await vault._keys.fetch("SELECT * FROM slot")) == []


async def test_a_pod_is_made_once(vault: Vault) -> None:
    """Making a pod twice is refused and leaves its keys; `ensure` takes what is there, also when many ask at once."""
    identity = ulid()
    pod = await vault.create(identity)
    record = pod.seal_record("name", "1", TEXT)
    with pytest.raises(PodExists):
        await vault.create(identity)
    assert (await vault.ensure(identity)).open_record("name", "1", record) == TEXT
    vaults = [Vault(vault._keys, vault._root) for _ in range(8)]
    opened = await asyncio.gather(*(each.ensure(SERVER) for each in vaults))
    assert len({each.lookup("slug", "anna") for each in opened}) == 1


async def test_a_new_epoch_is_used_from_then_on(vault: Vault) -> None:
    """After a new epoch new bodies are under its key, in every process, and old ones still open."""
    pod = await vault.create(ulid())
    elsewhere = await Vault(vault._keys, vault._root).open(pod.pod)
    key, blob, label = await sealed(pod)
    assert key.epoch == 1
    assert (await elsewhere.category("experience")).key == key.key
    newer = await elsewhere.new_epoch("experience")
    assert (newer.epoch, (await pod.category("experience")).key) == (2, newer.key)
    assert newer.key != key.key
    old = await pod.category_key(blob.category, blob.epoch)
    assert pod.open_blob(old, wrapped=blob.wrapped, data=blob.data, **label) == TEXT
    with pytest.raises(IntegrityError):
        await pod.category_key(blob.category, 3)


async def test_processes_that_need_a_category_at_once_agree_on_its_key(vault: Vault) -> None:
    """Of several that make the key of a category together, one wins and all use that one."""
    pod = await vault.create(ulid())
    vaults = [await Vault(vault._keys, vault._root).open(pod.pod) for _ in range(8)]
    assert len({key.key for key in await asyncio.gather(*(each.category("wishes") for each in vaults))}) == 1


async def test_pods_that_were_put_out_of_memory_open_again(vault: Vault) -> None:
    """The number of open pods is bounded, and each opens again with the same keys."""
    small = Vault(vault._keys, vault._root, cache=2)
    pods = [ulid() for _ in range(5)]
    first = [(await small.create(pod)).lookup("slug", "anna") for pod in pods]
    assert len(small._open) == 2
    assert [(await small.open(pod)).lookup("slug", "anna") for pod in pods] == first
