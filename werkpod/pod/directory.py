"""Which pods there are: from the name in an address, or from a WebID, to a pod and back.

A name is kept as a keyed hash under the server's own key and, readable, only under the pod's key, so that a name goes
when its pod goes. The hash stays: a WebID is never given to somebody else, because others' access rules may name it.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import cast

import msgspec

from werkpod.pod.addresses import is_slug
from werkpod.pod.errors import PodExists, PodUnavailable, SlugRefused, SlugTaken
from werkpod.pod.store.protocol import Database, Duplicate, Statement
from werkpod.pod.vault import SERVER, Vault

_CACHE = 4096  # pods remembered, under 1 KB each
_PODS_AT_ONCE = 200  # rows opened before other requests get their turn


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod. `id`: ULID; `slug`: its name in addresses; `webid` and `storage`: absolute, from the base URL."""

    id: str
    slug: str
    webid: str
    storage: str


class _Record(msgspec.Struct, frozen=True):
    """The sealed part of a row."""

    slug: str


class PodDirectory:
    """The pods of this server. `base_url`: origin without a slash at the end.

    A name that was found is remembered: it stays with its pod for as long as that has keys, and whether it has them the
    vault asks at each look-up. So a pod that another process erased is not found any more, and one that it made is.
    """

    def __init__(self, database: Database, vault: Vault, base_url: str) -> None:
        self._database = database
        self._vault = vault
        self._base = base_url
        self._opened: OrderedDict[str, tuple[bytes, Pod]] = OrderedDict()
        self._named: OrderedDict[str, Pod] = OrderedDict()

    async def create(self, slug: str, *, pod_id: str) -> Pod:
        """Make the pod's keys (unless it has them) and its name; on disk when it returns.

        Raises SlugRefused (not a usable name), SlugTaken, PodUnavailable (this id was erased).
        """
        if not is_slug(slug):
            raise SlugRefused(
                f"'{slug[:60]}' cannot be the name of a pod: 3 to 40 of a-z, 0-9 and -, not at the ends a -, "
                "and not a name that Werkpod itself uses"
            )
        name = await self._name(slug)
        if await self._row_by_name(name):
            raise SlugTaken(f"'{slug}' is taken; choose another name")
        try:
            vault, made = await self._vault.create(pod_id), True
        except PodExists:
            vault, made = await self._vault.open(pod_id), False
        sealed = vault.seal_record("directory", pod_id, msgspec.json.encode(_Record(slug)))
        try:
            await self._database.write(
                Statement(
                    "INSERT INTO directory (pod, name, id, sealed, created) VALUES (?1, ?2, ?3, ?4, ?5)",
                    (SERVER, name, pod_id, sealed, time.time()),
                    rows=1,
                )
            )
        except Duplicate:
            if made:
                await self._vault.erase(pod_id)
            raise SlugTaken(f"'{slug}' is taken, or the pod has a name already; choose another name") from None
        return self._pod(pod_id, slug)

    async def find(self, slug: str) -> Pod | None:
        """The pod with this name, or None (also for one that was erased)."""
        if (known := self._named.get(slug)) is not None:
            try:
                await self._vault.open(known.id)
            except PodUnavailable:
                self._named.pop(slug, None)
                return None
            self._named.move_to_end(slug)
            return known
        if not is_slug(slug):
            return None
        row = await self._row_by_name(await self._name(slug))
        found = None if row is None else await self._open(*row)
        if found is not None:
            self._named[slug] = found
            if len(self._named) > _CACHE:
                self._named.popitem(last=False)
        return found

    async def by_id(self, pod_id: str) -> Pod | None:
        """The pod with this id, or None."""
        rows = await self._database.fetch(
            "SELECT id, sealed FROM directory WHERE pod = ?1 AND id = ?2 AND sealed IS NOT NULL", SERVER, pod_id
        )
        return await self._open(*cast("tuple[str, bytes]", rows[0])) if rows else None

    async def by_webid(self, webid: str) -> Pod | None:
        """The pod whose owner has this WebID, compared byte for byte, or None."""
        if not webid.startswith(self._base + "/"):
            return None
        pod = await self.find(webid[len(self._base) + 1 :].partition("/")[0])
        return pod if pod is not None and pod.webid == webid else None

    async def all(self) -> list[Pod]:
        """All pods, oldest first; those whose keys are gone are left out."""
        rows = await self._database.fetch(
            "SELECT id, sealed FROM directory WHERE pod = ?1 AND sealed IS NOT NULL ORDER BY id", SERVER
        )
        pods = []
        for place, row in enumerate(rows, start=1):
            pod = await self._open(*cast("tuple[str, bytes]", row))
            if pod is not None:
                pods.append(pod)
            if place % _PODS_AT_ONCE == 0:
                await asyncio.sleep(0)
        return pods

    async def remove(self, pod_id: str) -> None:
        """Take an erased pod out of the directory; its name is not given out again. Idempotent."""
        _, pod = self._opened.pop(pod_id, (b"", None))
        if pod is not None:
            self._named.pop(pod.slug, None)
        await self._database.write(
            Statement("UPDATE directory SET sealed = NULL WHERE pod = ?1 AND id = ?2", (SERVER, pod_id))
        )

    async def _name(self, slug: str) -> bytes:
        return (await self._vault.open(SERVER)).lookup("slug", slug)

    async def _row_by_name(self, name: bytes) -> tuple[str, bytes | None] | None:
        rows = await self._database.fetch("SELECT id, sealed FROM directory WHERE pod = ?1 AND name = ?2", SERVER, name)
        return cast("tuple[str, bytes | None]", rows[0]) if rows else None

    async def _open(self, pod_id: str, sealed: bytes | None) -> Pod | None:
        if sealed is None:
            return None
        try:
            vault = await self._vault.open(pod_id)  # also for what is remembered: the pod may be erased meanwhile
        except PodUnavailable:
            self._opened.pop(pod_id, None)
            return None
        remembered = self._opened.get(pod_id)
        if remembered is not None and remembered[0] == sealed:
            self._opened.move_to_end(pod_id)
            return remembered[1]
        record = msgspec.json.decode(vault.open_record("directory", pod_id, sealed), type=_Record)
        pod = self._pod(pod_id, record.slug)
        self._opened[pod_id] = sealed, pod
        if len(self._opened) > _CACHE:
            self._opened.popitem(last=False)
        return pod

    def _pod(self, pod_id: str, slug: str) -> Pod:
        return Pod(pod_id, slug, f"{self._base}/{slug}/profile/card#me", f"{self._base}/{slug}/")
