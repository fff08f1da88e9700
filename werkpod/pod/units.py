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
from werkpod.pod.vault import SealedBlob, SealedStream

DOCUMENT, CONTAINER, AUXILIARY = 0, 1, 2
"""Kinds of rows. Auxiliaries (.acl, .meta) are no members of a container; they live and die with their subject."""

KIND = "SELECT kind FROM resource WHERE pod = ?1 AND id = ?2"
HEAD = "SELECT kind, version, stamp, name, size, modified FROM resource WHERE pod = ?1 AND id = ?2"
GET = """SELECT r.kind, r.version, r.stamp, r.name, r.size, r.modified,
    b.category, b.epoch, b.wrapped, b.previous, b.chunks, b.body, b.stream, b.digest
    FROM resource r LEFT JOIN blob b ON b.pod = r.pod AND b.resource = r.id WHERE r.pod = ?1 AND r.id = ?2"""
DIGEST = "SELECT digest, chunks, stream FROM blob WHERE pod = ?1 AND resource = ?2"
CHUNKS = """SELECT body FROM chunk WHERE pod = ?1 AND resource = ?2 AND version = ?3 AND part >= ?4 AND part < ?5
    ORDER BY part"""
PART = "SELECT body FROM part WHERE pod = ?1 AND stream = ?2 AND number = ?3"
LAST_PART = "SELECT MAX(number) FROM part WHERE pod = ?1 AND stream = ?2"
LOOSE = "SELECT pod, stream FROM loose"
IS_LOOSE = "SELECT 1 FROM loose WHERE pod = ?1 AND stream = ?2"
MEMBERS = """SELECT touched, id, kind, name, size, modified FROM resource
    WHERE pod = ?1 AND parent = ?2 AND (touched, id) > (?3, ?4) ORDER BY touched, id LIMIT ?5"""
MEMBER_IDS = """SELECT touched, id FROM resource
    WHERE pod = ?1 AND parent = ?2 AND (touched, id) > (?3, ?4) ORDER BY touched, id LIMIT ?5"""
CHANGED_MEMBERS = """SELECT c.kind, c.version, c.stamp, c.name, c.size, c.modified,
    (SELECT COUNT(*) FROM resource m WHERE m.pod = ?1 AND m.parent = ?2), r.id, r.kind, r.name, r.size, r.modified
    FROM resource c LEFT JOIN resource r ON r.pod = ?1 AND r.parent = ?2 AND r.touched > ?3
    WHERE c.pod = ?1 AND c.id = ?2"""
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
    """The columns that `GET` has beyond `HEAD`, for what has a body.

    The sealed body is in `body`; where `stream` is set, in so many parts as `chunks` says, and `body` is their head.
    Without `stream` and with `chunks` it is an older form: one sealed body, cut up in rows of `chunk`.
    """

    category: bytes
    epoch: int
    wrapped: bytes
    previous: bytes
    chunks: int
    body: bytes | None
    stream: bytes | None
    digest: bytes


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
    """A new resource. Loses with Duplicate when its address is in use, with or without the slash at the end.

    `touched`, here and below: the version that the container has after the unit, which here it has already. One more
    would do no harm: who knows that version reads the row once more.
    """
    return Statement(
        "INSERT INTO resource (pod, id, kind, parent, subject, version, stamp, name, size, modified, touched)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
        " COALESCE((SELECT c.version FROM resource c WHERE c.pod = ?1 AND c.id = ?4), 0))",
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
        "UPDATE resource SET version = ?4, stamp = ?5, name = ?6, size = ?7, modified = ?8,"
        " touched = COALESCE((SELECT c.version + 1 FROM resource c WHERE c.pod = ?1 AND c.id = ?9), 0)"
        " WHERE pod = ?1 AND id = ?2 AND version = ?3",
        (row.pod, row.id, version, row.version, row.stamp, row.name, row.size, row.modified, row.parent),
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
            " modified = CASE id WHEN ?2 THEN MAX(modified, ?3) ELSE modified END,"
            " touched = CASE id WHEN ?2 THEN (SELECT c.version + 1 FROM resource c WHERE c.pod = ?1 AND c.id = ?4)"
            " ELSE touched END"
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


FENCE = "SELECT turn FROM fence WHERE pod = ?1"
_MOVE_ON = "INSERT INTO fence (pod, turn) VALUES (?1, 1) ON CONFLICT (pod) DO UPDATE SET turn = fence.turn + 1"
_STILL = "SELECT 1 WHERE COALESCE((SELECT turn FROM fence WHERE pod = ?1), 0) = ?2"


def move_on(pod: str) -> Statement:
    """From now on who writes in this pod has to be decided about anew: somebody may do less than before."""
    return Statement(_MOVE_ON, (pod,), rows=1)


def still(pod: str, turn: int) -> Statement:
    """Loses where that happened since `turn` was read."""
    return Statement(_STILL, (pod, turn), rows=1)


def hold(pod: str, subject: bytes, kind: int) -> Statement:
    """Hold on to a row for the rest of the unit. Loses when it is gone."""
    return Statement(
        "UPDATE resource SET version = version WHERE pod = ?1 AND id = ?2 AND kind = ?3", (pod, subject, kind), rows=1
    )


@dataclass(frozen=True, slots=True)
class Before:
    """The body that a new one takes the place of. `digest` empty: there is none."""

    digest: bytes = b""
    chunks: int = 0
    stream: bytes | None = None


def store_body(
    pod: str, resource: bytes, body: SealedBlob | SealedStream, before: Before, now: float
) -> Iterator[Statement]:
    """Put the body of a version in the place of the one before. Parts that came in are its own from then on.

    Loses where those parts were cleared away meanwhile.
    """
    if before.stream is not None:
        yield Statement(_LET_GO, (pod, before.stream, now))
    elif before.chunks:
        yield Statement("DELETE FROM chunk WHERE pod = ?1 AND resource = ?2", (pod, resource))
    stream, chunks, data = None, 0, b""
    if isinstance(body, SealedStream):
        stream, chunks, data = body.stream, body.parts, body.head
        yield Statement("DELETE FROM loose WHERE pod = ?1 AND stream = ?2", (pod, stream), rows=1)
    else:
        data = body.data
    yield Statement(
        "INSERT INTO blob (pod, resource, category, epoch, wrapped, previous, digest, chunks, body, stream)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
        " ON CONFLICT (pod, resource) DO UPDATE SET category = excluded.category, epoch = excluded.epoch,"
        " wrapped = excluded.wrapped, previous = excluded.previous, digest = excluded.digest,"
        " chunks = excluded.chunks, body = excluded.body, stream = excluded.stream",
        (
            pod,
            resource,
            body.category,
            body.epoch,
            body.wrapped,
            before.digest,
            body.digest,
            chunks,
            data,
            stream,
        ),
        rows=1,
    )


_LET_GO = "INSERT INTO loose (pod, stream, since) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING"


def expect_parts(pod: str, stream: bytes, now: float) -> Statement:
    """Say that parts are coming in which are not the body of anything yet."""
    return Statement(_LET_GO, (pod, stream, now), rows=1)


def store_part(pod: str, stream: bytes, number: int, sealed: bytes) -> Statement:
    """One part that came in. Loses where the stream was cleared away meanwhile."""
    return Statement(
        "INSERT INTO part (pod, stream, number, body) SELECT ?1, ?2, ?3, ?4"
        " WHERE EXISTS (SELECT 1 FROM loose WHERE pod = ?1 AND stream = ?2)",
        (pod, stream, number, sealed),
        rows=1,
    )


def clear_parts(pod: str, stream: bytes, below: int) -> Statement:
    """Take away the parts of a loose stream with numbers under `below`."""
    return Statement(
        "DELETE FROM part WHERE pod = ?1 AND stream = ?2 AND number < ?3"
        " AND EXISTS (SELECT 1 FROM loose WHERE pod = ?1 AND stream = ?2)",
        (pod, stream, below),
    )


def forget_stream(pod: str, stream: bytes) -> Statement:
    """The last of clearing a stream away."""
    return Statement("DELETE FROM loose WHERE pod = ?1 AND stream = ?2", (pod, stream))


_DELETE = "DELETE FROM resource WHERE pod = ?1 AND id = ?2 AND version = ?3"
_DELETE_EMPTY = """DELETE FROM resource WHERE pod = ?1 AND id = ?2 AND version = ?3
    AND NOT EXISTS (SELECT 1 FROM resource AS member WHERE member.pod = ?1 AND member.parent = ?2)"""
_LET_GO_DELETED = """INSERT INTO loose (pod, stream, since) SELECT pod, stream, ?3 FROM blob
    WHERE pod = ?1 AND stream IS NOT NULL AND (resource = ?2
        OR resource IN (SELECT id FROM resource WHERE pod = ?1 AND subject = ?2))
    ON CONFLICT DO NOTHING RETURNING stream"""
_DELETE_REST = (
    "DELETE FROM chunk WHERE pod = ?1 AND resource = ?2",
    "DELETE FROM blob WHERE pod = ?1 AND resource = ?2",
    "DELETE FROM chunk WHERE pod = ?1 AND resource IN (SELECT id FROM resource WHERE pod = ?1 AND subject = ?2)",
    "DELETE FROM blob WHERE pod = ?1 AND resource IN (SELECT id FROM resource WHERE pod = ?1 AND subject = ?2)",
    "DELETE FROM resource WHERE pod = ?1 AND subject = ?2",
)
_ERASE = (
    "INSERT INTO loose (pod, stream, since) SELECT pod, stream, 0 FROM blob WHERE pod = ?1 AND stream IS NOT NULL"
    " ON CONFLICT DO NOTHING",
    "DELETE FROM usage WHERE pod = ?1",
    "DELETE FROM channel WHERE pod = ?1",
    "DELETE FROM fence WHERE pod = ?1",
    "DELETE FROM chunk WHERE pod = ?1",
    "DELETE FROM blob WHERE pod = ?1",
    "DELETE FROM resource WHERE pod = ?1",
)


def delete(pod: str, resource: bytes, version: int, kind: int, now: float) -> Iterator[Statement]:
    """Delete a resource with its body and its auxiliaries, if `version` is still stored and nothing is in it.

    The first statement returns the streams whose parts are to be cleared away.
    """
    yield Statement(_LET_GO_DELETED, (pod, resource, now))
    yield Statement(_DELETE_EMPTY if kind == CONTAINER else _DELETE, (pod, resource, version), rows=1)
    for sql in _DELETE_REST:
        yield Statement(sql, (pod, resource))


def erase(pod: str) -> Iterator[Statement]:
    """Delete every row of a pod."""
    for sql in _ERASE:
        yield Statement(sql, (pod,))
