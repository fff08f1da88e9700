"""One pod, opened: rows of the database on one side, names and tags on the other."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import cast

import msgspec

from werkpod.pod.addresses import Address
from werkpod.pod.errors import IntegrityError
from werkpod.pod.store.protocol import Row
from werkpod.pod.stored import Child, Head
from werkpod.pod.units import AUXILIARY, CONTAINER, DOCUMENT, HeadRow
from werkpod.pod.vault import PodVault
from werkpod.pod.vault.memory import Memory


class Name(msgspec.Struct, frozen=True, array_like=True):
    """The sealed part of a row. `creator`: the WebID of who made or changed it, "" where nobody is named."""

    path: str
    media_type: str
    creator: str = ""


_NAME = msgspec.msgpack.Decoder(Name)


@dataclass(frozen=True, slots=True)
class OpenPod:
    """One pod, opened for one call."""

    vault: PodVault
    heads: Memory[Head]
    names: Memory[Name]
    rows: Memory[tuple[bytes, ...]]

    def id(self, path: str) -> bytes:
        """The row of a path; the slash at the end makes no difference, so that both cannot exist."""
        return self.vault.resource_id(path[:-1] if path.endswith("/") else path)

    def ids(self, paths: tuple[str, ...]) -> tuple[bytes, ...]:
        """The rows of several paths; remembered together, because the same ones are asked for at each write."""
        key = (self.vault.pod, paths)
        return self.rows.get(key) or self.rows.put(key, tuple([self.id(path) for path in paths]), cost=len(paths))

    def seal_name(self, row: bytes, name: Name) -> bytes:
        """The sealed form of a name, bound to its row."""
        return self.vault.seal_record("resource", row.hex(), msgspec.msgpack.encode(name))

    def open_name(self, row: bytes, sealed: bytes) -> Name:
        """The name in a row, remembered by its sealed form. Raises IntegrityError."""
        key = (self.vault.pod, row, sealed)
        return self.names.get(key) or self.names.put(key, self._open_name(row, sealed))

    def _open_name(self, row: bytes, sealed: bytes) -> Name:
        return _NAME.decode(self.vault.open_record("resource", row.hex(), sealed))

    def head(self, row: bytes, found: HeadRow) -> Head:
        """What a row says. Remembered by the whole row, so a row that was changed is opened again."""
        key = (self.vault.pod, row, found)
        known = self.heads.get(key)
        if known is not None:
            return known
        name = self.open_name(row, found.name)
        if (found.kind == CONTAINER) != is_container(name.path):
            raise IntegrityError("A resource is stored as another kind than its address says")
        head = Head(
            name.path, name.media_type, found.version, self.etag(row, found.version, found.stamp), found.modified,
            found.size, found.kind == CONTAINER,
        )  # fmt: skip
        return self.heads.put(key, head)

    def remember(self, row: bytes, written: HeadRow, name: Name, head: Head) -> None:
        """Keep what a row says that is about to be written, so that it need not be opened by who reads it next."""
        self.names.put((self.vault.pod, row, written.name), name)
        self.heads.put((self.vault.pod, row, written), head)

    def etag(self, row: bytes, version: int, stamp: bytes) -> str:
        """A keyed hash of the version (RFC 9110, 8.8.3), which says nothing of the number of changes."""
        tag = self.vault.tag("etag", row, version, stamp)
        return f'"{base64.urlsafe_b64encode(tag).decode().rstrip("=")}"'

    def child(self, container: str, row: Row) -> Child:
        """What a row (id, kind, name, size, modified) says of a member. Raises IntegrityError."""
        identity, kind, sealed, size, modified = cast("tuple[bytes, int, bytes, int, float]", row)
        name = self._open_name(identity, sealed)
        if not name.path.startswith(container) or "/" in name.path[len(container) : -1] or name.path == container:
            raise IntegrityError("A resource is listed in a container that it does not belong to")
        return Child(name.path, name.media_type, modified, size, kind == CONTAINER, name.creator)


def kind_of(where: Address) -> int:
    """The kind of the row of an address."""
    if where.auxiliary:
        return AUXILIARY
    return CONTAINER if where.container else DOCUMENT


def is_container(path: str) -> bool:
    """Whether a path is that of a container."""
    return path == "" or path.endswith("/")
