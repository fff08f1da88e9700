"""The open vault of one pod: its keys in memory, and what is done with them."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import cast

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from werkpod.pod.errors import IntegrityError, PodUnavailable
from werkpod.pod.store.protocol import Database, Duplicate, ExpectationFailed, Statement
from werkpod.pod.vault.blobs import (
    BlobLabel,
    CategoryKey,
    SealedBlob,
    cipher_of,
    key_id,
    open_blob,
    open_with,
    seal_with_cipher,
)
from werkpod.pod.vault.memory import Memory
from werkpod.pod.vault.primitives import derive, keyed_hash, new_key, pack, seal, unseal, unwrap, wrap
from werkpod.pod.vault.streams import SealedStream, StreamOpener, StreamSealer

LEDGER = "ledger"
"""The purpose whose records are under the ledger key, so that the log can be erased, or kept, apart from the rest."""

_RECORD_FORM = b"\x01"
_REMEMBERED_BYTES = 256 << 10  # bodies up to this size have their key remembered; larger ones may be opened in a thread
_LABELS = 32  # beginnings of labels kept for each pod
_CATEGORY_CACHE = 64  # category keys kept unwrapped for each pod; a CV has nine


class PodVault:
    """Seals and opens for one pod. The synchronous methods cost microseconds and touch no database.

    `hashes` and `ciphers`: what is remembered of the pods of one `Vault`, by pod.

    After the pod is erased in this process every method raises PodUnavailable.
    """

    def __init__(
        self, pod: str, master: bytes, keys: Database, *, hashes: Memory[bytes], ciphers: Memory[AESGCM]
    ) -> None:
        self.pod = pod
        self._keys = keys
        self._hashes, self._ciphers = hashes, ciphers
        self._master = master
        self._names = derive(master, "werkpod/names/1", pod)
        self._records = AESGCM(derive(master, "werkpod/records/1", pod))
        self._ledger = AESGCM(derive(master, "werkpod/ledger/1", pod))
        self._categories: OrderedDict[tuple[bytes, int], CategoryKey] = OrderedDict()
        self._labels: dict[tuple[str, int], bytes] = {}
        self._closed = False

    # Names

    def resource_id(self, path: str) -> bytes:
        """The 16-byte keyed hash by which a resource is found."""
        return self.lookup("resource", path)

    def category_id(self, category: str) -> bytes:
        """The 16-byte keyed hash of an encryption category."""
        return self.lookup("category", category)

    def tag(self, purpose: str, *parts: bytes | int) -> bytes:
        """A 16-byte keyed hash of what is not asked for again by the same value; not remembered."""
        self.check()
        return keyed_hash(self._names, purpose, *parts)

    def lookup(self, purpose: str, value: str) -> bytes:
        """A 16-byte keyed hash for a column that is searched by equality."""
        self.check()
        key = (self.pod, purpose, value)
        return self._hashes.get(key) or self._hashes.put(key, keyed_hash(self._names, purpose, value))

    # Records

    def seal_record(self, purpose: str, record_id: str, plaintext: bytes) -> bytes:
        """Seal a small value, bound to its purpose, this pod and its row: AES-256-GCM, 29 bytes longer."""
        self.check()
        return _RECORD_FORM + seal(self._cipher(purpose), plaintext, self._record_label(purpose, record_id))

    def open_record(self, purpose: str, record_id: str, sealed: bytes) -> bytes:
        """The plaintext of a record. Raises IntegrityError when it was sealed for another purpose, pod or row."""
        self.check()
        if sealed[:1] != _RECORD_FORM:
            raise IntegrityError("A sealed record does not start as ours do")
        return unseal(self._cipher(purpose), sealed[1:], self._record_label(purpose, record_id))

    def seal_entry(self, record_id: str, plaintext: bytes) -> bytes:
        """Seal a line of the access log, under the ledger key."""
        return self.seal_record(LEDGER, record_id, plaintext)

    def open_entry(self, record_id: str, sealed: bytes) -> bytes:
        """The plaintext of a line of the access log. Raises IntegrityError."""
        return self.open_record(LEDGER, record_id, sealed)

    # Bodies

    async def category(self, name: str) -> CategoryKey:
        """The key under which new versions of a category are written; made at first use.

        Raises PodUnavailable when the pod has been erased meanwhile.
        """
        self.check()
        category = self.category_id(name)
        rows = await self._keys.fetch(
            "SELECT MAX(epoch) FROM category_key WHERE pod = ?1 AND category = ?2", self.pod, category
        )
        epoch = rows[0][0]
        if not isinstance(epoch, int):
            return await self._new_epoch(category, 1)
        return await self.category_key(category, epoch)

    async def new_epoch(self, name: str) -> CategoryKey:
        """Start a new epoch of a category (on a revocation): what is written from now on is under a new key."""
        current = await self.category(name)
        return await self._new_epoch(current.category, current.epoch + 1)

    async def category_key(self, category: bytes, epoch: int) -> CategoryKey:
        """The key of a category's epoch, by its id. Raises IntegrityError when there is none or it does not open."""
        self.check()
        cached = self._categories.get((category, epoch))
        if cached is not None:
            self._categories.move_to_end((category, epoch))
            return cached
        rows = await self._keys.fetch(
            "SELECT wrapped FROM category_key WHERE pod = ?1 AND category = ?2 AND epoch = ?3",
            self.pod,
            category,
            epoch,
        )
        if not rows:
            raise IntegrityError("A key that is needed is not there")
        wrapped = cast("bytes", rows[0][0])
        return self._remember(
            CategoryKey(category, epoch, unwrap(self._master, wrapped, *self._context(category, epoch)))
        )

    def seal_blob(
        self, key: CategoryKey, *, resource: bytes, version: int, media_type: str, previous: bytes, plaintext: bytes
    ) -> SealedBlob:
        """Seal one version of a body under a key of its own, which is remembered for who reads it next."""
        self.check()
        label = BlobLabel(self.pod, resource, version, media_type, previous)
        sealed, cipher = seal_with_cipher(key, label, plaintext)
        if len(sealed.data) <= _REMEMBERED_BYTES:
            self._ciphers.put((self.pod, key.key, sealed.wrapped, resource, version, sealed.key_id), cipher)
        return sealed

    def open_blob(
        self,
        key: CategoryKey,
        *,
        resource: bytes,
        version: int,
        media_type: str,
        previous: bytes,
        wrapped: bytes,
        data: bytes,
    ) -> bytes:
        """The plaintext of one version of a body. Raises IntegrityError when anything about it is another."""
        self.check()
        label = BlobLabel(self.pod, resource, version, media_type, previous)
        if len(data) > _REMEMBERED_BYTES:
            return open_blob(key, label, wrapped, data)
        # The key of this version, by all that unwrapping depends on; unwrapping costs more than 2 KB of AES-GCM.
        known = (self.pod, key.key, wrapped, resource, version, key_id(data))
        cipher = self._ciphers.get(known) or self._ciphers.put(known, cipher_of(key, label, wrapped, data))
        return open_with(cipher, label, data)

    def finish_stream(
        self, key: CategoryKey, sealer: StreamSealer, *, resource: bytes, version: int, media_type: str, previous: bytes
    ) -> SealedStream:
        """Make a body that was sealed part by part one version of a resource."""
        self.check()
        return sealer.finish(key, BlobLabel(self.pod, resource, version, media_type, previous))

    def open_stream(
        self,
        key: CategoryKey,
        *,
        resource: bytes,
        version: int,
        media_type: str,
        previous: bytes,
        wrapped: bytes,
        stream: bytes,
        head: bytes,
        size: int,
    ) -> StreamOpener:
        """What opens the parts of one version. Raises IntegrityError when anything about it is another."""
        self.check()
        label = BlobLabel(self.pod, resource, version, media_type, previous)
        return StreamOpener(key, label, stream=stream, head=head, size=size, wrapped=wrapped)

    def close(self) -> None:
        """Forget the keys. Python cannot promise that no copy stays in memory."""
        self._closed = True
        self._master = self._names = b""
        self._categories.clear()

    # Inside

    async def _new_epoch(self, category: bytes, epoch: int) -> CategoryKey:
        key = new_key()
        insert = Statement(
            "INSERT INTO category_key (pod, category, epoch, wrapped, created)"
            " SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM slot WHERE pod = ?1)",
            (self.pod, category, epoch, wrap(self._master, key, *self._context(category, epoch)), time.time()),
            rows=1,
        )
        try:
            await self._keys.write(insert)
        except Duplicate:  # another writer was first; its key counts
            return await self.category_key(category, epoch)
        except ExpectationFailed:
            raise PodUnavailable("This pod was erased") from None
        return self._remember(CategoryKey(category, epoch, key))

    def _remember(self, key: CategoryKey) -> CategoryKey:
        self._categories[key.category, key.epoch] = key
        if len(self._categories) > _CATEGORY_CACHE:
            self._categories.popitem(last=False)
        return key

    def _context(self, category: bytes, epoch: int) -> tuple[str, str, bytes, int]:
        return "werkpod/category-key/1", self.pod, category, epoch

    def _cipher(self, purpose: str) -> AESGCM:
        return self._ledger if purpose == LEDGER else self._records

    def _record_label(self, purpose: str, record_id: str) -> bytes:
        """Purpose, pod and row as `pack` has them; all but the row is the same each time for rows as long."""
        row = record_id.encode()
        start = self._labels.get((purpose, len(row)))
        if start is None:
            start = pack("werkpod/record/1", purpose, self.pod, row)[: -len(row) or None]
            if len(self._labels) < _LABELS:
                self._labels[purpose, len(row)] = start
        return start + row

    def check(self) -> None:
        """Raise PodUnavailable where the pod was erased in this process."""
        if self._closed:
            raise PodUnavailable("This pod was erased")
