"""What a write of a resource is to consist of: rows, sealed bodies and the statements that put them there."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from typing import NamedTuple, cast

from werkpod.pod import units
from werkpod.pod.addresses import Address, address, ancestors, parent
from werkpod.pod.errors import NoSubject, SlashConflict
from werkpod.pod.opened import Name, OpenPod, is_container, kind_of
from werkpod.pod.store.protocol import Database, Statement
from werkpod.pod.stored import Head, Stored, category_of
from werkpod.pod.streams import Staged
from werkpod.pod.units import AUXILIARY, CONTAINER, DOCUMENT, Before, HeadRow, ResourceRow
from werkpod.pod.vault import SealedBlob, SealedStream

CONTAINER_TYPE = "text/turtle"


class Draft(NamedTuple):
    """A write: what is stored after it, its unit, the stream to clear away after that, and how many rows it makes."""

    head: Head
    unit: list[Statement]
    old: bytes | None
    made: int


class Drafts:
    """Builds the units of writes, from what is stored when it looks. Nothing is written here."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database, self._clock = database, clock

    async def put(
        self,
        opened: OpenPod,
        where: Address,
        body: bytes | Staged,
        name: Name,
        current: Head | None,
        seen: Mapping[str, Head],
    ) -> Draft:
        """What to write, and what is then stored."""
        pod, path, media_type, kind = opened.vault.pod, where.path, name.media_type, kind_of(where)
        row = opened.id(path)
        now = self._clock() if current is None else max(self._clock(), current.modified)
        version = _first_version() if current is None else current.version + 1
        sealed, before = None, Before()
        size = body.size if isinstance(body, Staged) else len(body)
        if kind != CONTAINER:
            if current is not None:
                before = await self._before(pod, row, current)
            sealed = await self._seal(opened, where, row, version, media_type, before.digest, body)
        draft = self._row(opened, where, version, _stamp(sealed), name, size, now)
        if current is None:
            above, missing = await self._above(opened, where, now, seen)
            unit, made = [*above, units.insert(draft)], missing + 1
        else:
            unit, made = [units.replace(draft, current.version)], 0
            if draft.parent is not None:
                unit.append(units.member_replaced(pod, draft.parent))
        if sealed is not None:
            unit += units.store_body(pod, row, sealed, before, now)
        head = Head(
            path, media_type, version, opened.etag(row, version, draft.stamp), now, size, kind == CONTAINER
        )  # fmt: skip
        opened.remember(row, HeadRow(kind, version, draft.stamp, draft.name, size, now), name, head)
        return Draft(head, unit, before.stream, made)

    async def _above(
        self, opened: OpenPod, where: Address, now: float, seen: Mapping[str, Head]
    ) -> tuple[list[Statement], int]:
        """The statements that make sure of what a new resource hangs under: its containers, or its subject.

        Containers that are missing are made, so many. Raises SlashConflict when one of them is a document, NoSubject.
        """
        pod = opened.vault.pod
        if where.auxiliary and not is_container(where.subject):
            subject = opened.id(where.subject)
            if where.subject not in seen and await self._kind_at(pod, subject) != DOCUMENT:
                raise NoSubject(f"'{where.subject}' does not exist, so '{where.path}' cannot be made; write it first")
            return [units.hold(pod, subject, DOCUMENT)], 0
        missing: list[Statement] = []
        for container in ancestors(where.path):
            there = CONTAINER if container in seen else await self._kind_at(pod, opened.id(container))
            if there is None:
                missing.insert(0, units.insert(self._new_container(opened, container, now)))
            elif there != CONTAINER:
                raise SlashConflict(f"'{container[:-1]}' is a document, so nothing can be made under '{container}'")
            elif where.auxiliary and not missing:
                return [units.hold(pod, opened.id(container), CONTAINER)], 0
            else:
                return [self.members_changed(opened, container, now), *missing], len(missing)
        return missing, len(missing)

    def members_changed(self, opened: OpenPod, container: str, now: float) -> Statement:
        """A member of a container comes or goes."""
        above = parent(container)
        over = None if above is None else opened.id(above)
        return units.members_changed(opened.vault.pod, opened.id(container), now, over)

    def _new_container(self, opened: OpenPod, path: str, now: float) -> ResourceRow:
        name = Name(path, CONTAINER_TYPE)
        return self._row(opened, address(path), _first_version(), b"", name, 0, now)

    def _row(
        self, opened: OpenPod, where: Address, version: int, stamp: bytes, name: Name, size: int, now: float
    ) -> ResourceRow:
        kind, above, row = kind_of(where), parent(where.path), opened.id(where.path)
        return ResourceRow(
            pod=opened.vault.pod,
            id=row,
            kind=kind,
            parent=None if above is None or kind == AUXILIARY else opened.id(above),
            subject=opened.id(where.subject) if kind == AUXILIARY else None,
            version=version,
            stamp=stamp or os.urandom(16),
            name=opened.seal_name(row, name),
            size=size,
            modified=now,
        )

    async def _seal(
        self,
        opened: OpenPod,
        where: Address,
        row: bytes,
        version: int,
        media_type: str,
        previous: bytes,
        body: bytes | Staged,
    ) -> SealedBlob | SealedStream:
        key = await opened.vault.category(category_of(where))
        if isinstance(body, Staged):
            return opened.vault.finish_stream(
                key, body.sealer, resource=row, version=version, media_type=media_type, previous=previous
            )
        return opened.vault.seal_blob(
            key, resource=row, version=version, media_type=media_type, previous=previous, plaintext=body
        )

    async def _before(self, pod: str, row: bytes, current: Head) -> Before:
        """The body that is stored, or was when `current` was read: the unit loses where it is another by now."""
        if isinstance(current, Stored) and current.sealed:
            return Before(current.sealed)
        rows = await self._database.fetch(units.DIGEST, pod, row)
        return Before(*rows[0]) if rows else Before()  # type: ignore[arg-type]

    async def _kind_at(self, pod: str, row: bytes) -> int | None:
        rows = await self._database.fetch(units.KIND, pod, row)
        return cast("int", rows[0][0]) if rows else None


def _first_version() -> int:
    """A resource that was deleted and made anew is not taken for the old one, by a compare-and-swap or by a blob."""
    return secrets.randbits(48) + 1


def _stamp(sealed: SealedBlob | SealedStream | None) -> bytes:
    if sealed is None:
        return b""
    return sealed.stream if isinstance(sealed, SealedStream) else sealed.key_id
