"""Pods' keys: made, opened and erased. Erasing a citizen is erasing keys."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import Any, cast

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from werkpod.pod.errors import IntegrityError, PodExists, PodUnavailable, RootKeyRefused
from werkpod.pod.store.protocol import Database, Duplicate, ExpectationFailed, Statement
from werkpod.pod.vault.memory import Memory
from werkpod.pod.vault.podvault import PodVault
from werkpod.pod.vault.primitives import new_key, unwrap, wrap
from werkpod.pod.vault.root import RootKeys

SERVER = "0" * 26
"""The server's own pseudo-pod: its keys seal what belongs to no pod. Made at the first start by `ensure`."""

OPERATOR = "operator"
"""The slot whose key is derived from the root key alone."""

_CACHE = 4096  # open vaults kept in memory, about 4 KB each
_HASHES = 16384  # keyed hashes kept, of all pods together, about 300 bytes each
_CIPHERS = 4096  # keys of single versions kept, about 600 bytes each


class Vault:
    """The keys of all pods. `keys` is keys.db; `root` the root keys; `cache` how many pods are kept open.

    An open pod is remembered together with its slot as it was read; in each turn of the event loop the slot is read
    again (one look-up by primary key), so a pod that another process erased is closed here at once.
    """

    def __init__(self, keys: Database, root: RootKeys, *, cache: int = _CACHE) -> None:
        self._keys = keys
        self._cache = cache
        self._root = root
        self._open: OrderedDict[str, tuple[bytes, PodVault]] = OrderedDict()
        self._looked: set[str] = set()
        self._memories: list[Memory[Any]] = []
        self._hashes: Memory[bytes] = self.memory(_HASHES)
        self._ciphers: Memory[AESGCM] = self.memory(_CIPHERS)

    def memory(self, limit: int) -> Memory[Any]:
        """A new memory; what it keeps of a pod is forgotten when the pod's keys are. Keys start with the pod's id."""
        memory: Memory[Any] = Memory(limit)
        self._memories.append(memory)
        return memory

    async def create(self, pod: str) -> PodVault:
        """Make the master key of a new pod, on disk when it returns.

        Raises PodExists when the pod has keys, PodUnavailable when it was erased: it is never made again.
        """
        master, version = new_key(), self._root.current
        slot_key = self._root.derive(version, "slot", pod, OPERATOR)
        insert = Statement(
            "INSERT INTO slot (pod, slot, root_version, wrapped, created)"
            " SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM tombstone WHERE pod = ?1)",
            (pod, OPERATOR, version, wrap(slot_key, master, *_context(pod)), time.time()),
            rows=1,
        )
        try:
            await self._keys.write(insert)
        except Duplicate:
            raise PodExists("This pod has keys already; use another id") from None
        except ExpectationFailed:
            raise PodUnavailable("This pod was erased and is not made again; use another id") from None
        return await self.open(pod)

    async def open(self, pod: str) -> PodVault:
        """The open vault of a pod. Raises PodUnavailable: unknown, erased, or made under another root key.

        The slot is read once in each turn of the event loop. A request opens its pod six times, in one turn and within
        microseconds: for what it reads, and last for the line of the log.
        """
        cached = self._open.get(pod)
        if cached is not None and (pod in self._looked or pod == SERVER):
            return cached[1]
        return await self.look(pod)

    def at_hand(self, pod: str) -> PodVault | None:
        """What `open` gives where the slot was read in this turn already, None where it was not."""
        cached = self._open.get(pod)
        return cached[1] if cached is not None and pod in self._looked else None

    async def look(self, pod: str) -> PodVault:
        """`open`, with the slot as it is now. SERVER is never erased, so its slot is read once."""
        rows = await self._keys.fetch(
            "SELECT wrapped, root_version FROM slot WHERE pod = ?1 AND slot = ?2", pod, OPERATOR
        )
        if not rows:
            self._forget(pod)
            raise PodUnavailable("There are no keys for this pod; it was erased or never made")
        wrapped, version = cast("tuple[bytes, int]", rows[0])
        cached = self._open.get(pod)
        if cached is not None and cached[0] == wrapped:
            self._open.move_to_end(pod)
            self._remember_look(pod)
            return cached[1]
        try:
            master = unwrap(self._root.derive(version, "slot", pod, OPERATOR), wrapped, *_context(pod))
        except (IntegrityError, RootKeyRefused) as error:
            raise PodUnavailable("The keys of this pod do not open with this root key") from error
        if cached is not None:
            self._forget(pod)
        opened = PodVault(pod, master, self._keys, hashes=self._hashes, ciphers=self._ciphers)
        self._open[pod] = wrapped, opened
        if len(self._open) > self._cache:
            self._open.popitem(last=False)
        self._remember_look(pod)
        return opened

    def _remember_look(self, pod: str) -> None:
        if not self._looked:
            asyncio.get_running_loop().call_soon(self._looked.clear)
        self._looked.add(pod)

    async def ensure(self, pod: str) -> PodVault:
        """Open a pod, or make it when it is new (two processes may do so at once). Raises PodUnavailable."""
        rows = await self._keys.fetch("SELECT 1 FROM slot WHERE pod = ?1 AND slot = ?2", pod, OPERATOR)
        if rows:
            return await self.open(pod)
        try:
            return await self.create(pod)
        except PodExists:
            return await self.open(pod)

    async def erase(self, pod: str) -> None:
        """Erase a pod's keys, on disk and here, and leave a tombstone. Idempotent.

        Nothing of the pod can be read after this, in any process; its rows elsewhere are noise to be cleared away.
        """
        await self._keys.write(
            Statement("DELETE FROM slot WHERE pod = ?1", (pod,)),
            Statement("DELETE FROM category_key WHERE pod = ?1", (pod,)),
            Statement("INSERT INTO tombstone (pod, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING", (pod, time.time())),
        )
        self._forget(pod)
        await self._keys.scrub()

    def _forget(self, pod: str) -> None:
        self._looked.discard(pod)
        cached = self._open.pop(pod, None)
        if cached is not None:
            cached[1].close()
        for memory in self._memories:
            memory.forget(pod)


def _context(pod: str) -> tuple[str, str, str]:
    return "werkpod/master-key/1", pod, OPERATOR
