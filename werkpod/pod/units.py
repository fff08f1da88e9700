"""The SQL of resources: what is read, and the units that change it, as statements with their expectations.

Every statement starts from the pod. A unit that loses a race meets another number of rows than it expects, or a
duplicate key, and is rolled back whole; the storage then looks again and builds a new one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from werkpod.pod.store.protocol import Statement
from werkpod.pod.vault import SealedBlob

DOCUMENT, CONTAINER, AUXILIARY = 0, 1, 2
"""Kinds of rows. Auxiliaries (.acl, .meta) are no members of a container; they live and die with their subject."""

CHUNK_BYTES = 256 << 10
"""Blobs over this size are kept as rows of at most this size (design, "Storage")."""

KIND = "SELECT kind FROM resource WHERE pod = ?1 AND id = ?2"
HEAD = "SELECT kind, version, stamp, name, size, modified FROM resource WHERE pod = ?1 AND id = ?2"
GET = """SELECT r.kind, r.version, r.stamp, r.name, r.size, r.modified,
    b.category, b.epoch, b.wrapped, b.previous, b.chunks, b.body
    FROM resource r LEFT JOIN blob b ON b.pod = r.pod AND b.resource = r.id WHERE r.pod = ?1 AND r.id = ?2"""
DIGEST = "SELECT digest, chunks FROM blob WHERE pod = ?1 AND resource = ?2"
CHUNKS = """SELECT body FROM chunk WHERE pod = ?1 AND resource = ?2 AND version = ?3 AND part >= ?4 AND part < ?5
    ORDER BY part"""
MEMBERS = "SELECT id, kind, name, size, modified FROM resource WHERE pod = ?1 AND parent = ?2"
AUXILIARIES = """SELECT id, kind, version, stamp, name, size, modified FROM resource
    WHERE pod = ?1 AND subject IS NOT NULL"""
ANY_MEMBER = "SELECT 1 FROM resource WHERE pod = ?1 AND parent = ?2 LIMIT 1"


@lru_cache(maxsize=64)
def heads(count: int) -> str:
    """The query for `count` rows by their ids: id, then the columns of `HEAD`.

    One query of five costs what one and a half of one do; as a join, because SQLite builds an index for an IN list.
    """
    places = ", ".join(f"(?{place + 2})" for place in range(count))
    return (
        f"WITH wanted (id) AS (VALUES {places})"  # noqa: S608 - nothing but numbered places
        " SELECT r.id, r.kind, r.version, r.stamp, r.name, r.size, r.modified"
        " FROM wanted CROSS JOIN resource r WHERE r.pod = ?1 AND r.id = wanted.id"
    )


class HeadRow(NamedTuple):
    """A row of `HEAD`."""

    kind: int
    version: int
    stamp: bytes
    name: bytes
    size: int
    modified: float


class BlobRow(NamedTuple):
    """The columns that `GET` has beyond `HEAD`, for what has a body."""

    category: bytes
    epoch: int
    wrapped: bytes
    previous: bytes
    chunks: int
    body: bytes | None


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """A row of `resource` as it is to be written. `id`, `parent`, `subject`: 16-byte keyed hashes."""

    pod: str
    id: bytes
    kind: int
    parent: bytes | None
    subject: bytes | None
    version: int
    stamp: bytes
    name: bytes
    size: int
    modified: float


def insert(row: ResourceRow) -> Statement:
    """A new resource. Loses with Duplicate when its address is in use, with or without the slash at the end."""
    return Statement(
        "INSERT INTO resource (pod, id, kind, parent, subject, version, stamp, name, size, modified)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        (
            row.pod,
            row.id,
            row.kind,
            row.parent,
            row.subject,
            row.version,
            row.stamp,
            row.name,
            row.size,
            row.modified,
        ),
        rows=1,
    )


def replace(row: ResourceRow, version: int) -> Statement:
    """The next version of a resource, if `version` is still the one that is stored."""
    return Statement(
        "UPDATE resource SET version = ?4, stamp = ?5, name = ?6, size = ?7, modified = ?8"
        " WHERE pod = ?1 AND id = ?2 AND version = ?3",
        (row.pod, row.id, version, row.version, row.stamp, row.name, row.size, row.modified),
        rows=1,
    )


def members_changed(pod: str, container: bytes, now: float, above: bytes | None) -> Statement:
    """A member came or went: the container has another version and time. Loses when the container is gone.

    `above`: the container that it is in itself. What the listing of that one says of it changed, so that has another
    version too: one version of a container is one listing, byte for byte.
    """
    if above is not None:
        return Statement(
            "UPDATE resource SET version = version + 1,"
            " modified = CASE id WHEN ?2 THEN MAX(modified, ?3) ELSE modified END"
            " WHERE pod = ?1 AND id IN (?2, ?4) AND kind = 1",
            (pod, container, now, above),
            rows=2,
        )
    return Statement(
        "UPDATE resource SET version = version + 1, modified = MAX(modified, ?3)"
        " WHERE pod = ?1 AND id = ?2 AND kind = 1",
        (pod, container, now),
        rows=1,
    )


def member_replaced(pod: str, container: bytes) -> Statement:
    """A member has other content: what a listing says of it changed, the membership did not."""
    return Statement(
        "UPDATE resource SET version = version + 1 WHERE pod = ?1 AND id = ?2 AND kind = 1", (pod, container), rows=1
    )


def hold(pod: str, subject: bytes, kind: int) -> Statement:
    """Hold on to a row for the rest of the unit. Loses when it is gone."""
    return Statement(
        "UPDATE resource SET version = version WHERE pod = ?1 AND id = ?2 AND kind = ?3", (pod, subject, kind), rows=1
    )


def store_blob(
    pod: str, resource: bytes, version: int, blob: SealedBlob, previous: bytes, *, chunked: bool
) -> Iterator[Statement]:
    """Put the blob of a version in the place of the one before; `chunked`: whether that one was in chunks."""
    data = blob.data
    parts = [] if len(data) <= CHUNK_BYTES else range(0, len(data), CHUNK_BYTES)
    if chunked:
        yield Statement("DELETE FROM chunk WHERE pod = ?1 AND resource = ?2", (pod, resource))
    yield Statement(
        "INSERT INTO blob (pod, resource, category, epoch, wrapped, previous, digest, chunks, body)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
        " ON CONFLICT (pod, resource) DO UPDATE SET category = excluded.category, epoch = excluded.epoch,"
        " wrapped = excluded.wrapped, previous = excluded.previous, digest = excluded.digest,"
        " chunks = excluded.chunks, body = excluded.body",
        (
            pod,
            resource,
            blob.category,
            blob.epoch,
            blob.wrapped,
            previous,
            blob.digest,
            len(parts),
            None if parts else data,
        ),
        rows=1,
    )
    for part, start in enumerate(parts):
        yield Statement(
            "INSERT INTO chunk (pod, resource, version, part, body) VALUES (?1, ?2, ?3, ?4, ?5)",
            (pod, resource, version, part, data[start : start + CHUNK_BYTES]),
            rows=1,
        )


_DELETE = "DELETE FROM resource WHERE pod = ?1 AND id = ?2 AND version = ?3"
_DELETE_EMPTY = """DELETE FROM resource WHERE pod = ?1 AND id = ?2 AND version = ?3
    AND NOT EXISTS (SELECT 1 FROM resource AS member WHERE member.pod = ?1 AND member.parent = ?2)"""
_DELETE_REST = (
    "DELETE FROM chunk WHERE pod = ?1 AND resource = ?2",
    "DELETE FROM blob WHERE pod = ?1 AND resource = ?2",
    "DELETE FROM chunk WHERE pod = ?1 AND resource IN (SELECT id FROM resource WHERE pod = ?1 AND subject = ?2)",
    "DELETE FROM blob WHERE pod = ?1 AND resource IN (SELECT id FROM resource WHERE pod = ?1 AND subject = ?2)",
    "DELETE FROM resource WHERE pod = ?1 AND subject = ?2",
)
_ERASE = (
    "DELETE FROM chunk WHERE pod = ?1",
    "DELETE FROM blob WHERE pod = ?1",
    "DELETE FROM resource WHERE pod = ?1",
)


def delete(pod: str, resource: bytes, version: int, kind: int) -> Iterator[Statement]:
    """Delete a resource with its body and its auxiliaries, if `version` is still stored and nothing is in it."""
    yield Statement(_DELETE_EMPTY if kind == CONTAINER else _DELETE, (pod, resource, version), rows=1)
    for sql in _DELETE_REST:
        yield Statement(sql, (pod, resource))


def erase(pod: str) -> Iterator[Statement]:
    """Delete every row of a pod."""
    for sql in _ERASE:
        yield Statement(sql, (pod,))
