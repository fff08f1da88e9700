"""What whoever can write to the database, but has no keys, gets out of the storage: errors, never another answer."""

from __future__ import annotations

import sqlite3

import pytest
from support.pods import Parts

from werkpod.pod.errors import IntegrityError
from werkpod.pod.storage import ResourceStorage

TURTLE = "text/turtle"


TAMPERING = {
    "bodies swapped": "CREATE TEMP TABLE b AS SELECT * FROM blob; UPDATE blob SET (wrapped, previous, digest, body) ="
    " (SELECT wrapped, previous, digest, body FROM b WHERE b.resource <> blob.resource);",
    "names swapped": "CREATE TEMP TABLE r AS SELECT * FROM resource WHERE kind = 0; UPDATE resource SET name ="
    " (SELECT name FROM r WHERE r.id <> resource.id) WHERE kind = 0;",
    "document made a container": "UPDATE resource SET kind = 1",
    "version changed": "UPDATE resource SET version = version + 1 WHERE kind = 0",
    "previous changed": "UPDATE blob SET previous = zeroblob(32)",
    "category changed": "UPDATE blob SET category = zeroblob(16)",
    "epoch changed": "UPDATE blob SET epoch = 2",
    "body cut": "UPDATE blob SET body = substr(body, 1, length(body) - 1)",
    "body emptied": "UPDATE blob SET body = x''",
    "body removed": "DELETE FROM blob",
}


@pytest.mark.parametrize("change", TAMPERING)
async def test_what_was_changed_behind_our_back_is_not_handed_out(
    storage: ResourceStorage, parts: Parts, pod: str, change: str
) -> None:
    """Whoever can write to the database but has no keys gets an error out of it, never another answer."""
    await storage.put(pod, "cv/experience", b"one", TURTLE)
    await storage.put(pod, "cv/education", b"two", "text/plain")
    connection = sqlite3.connect(parts.folder / "pods.db", timeout=5)
    connection.executescript(TAMPERING[change])
    connection.commit()
    connection.close()
    for path in ("cv/experience", "cv/education"):
        with pytest.raises(IntegrityError):
            await storage.get(pod, path)


async def test_an_older_name_does_not_relabel_a_newer_body(storage: ResourceStorage, parts: Parts, pod: str) -> None:
    """A media type from an earlier version, put back in the database, is noticed."""
    await storage.put(pod, "page", b"<script>", "text/html")
    (row,) = await parts.pods.fetch("SELECT name FROM resource WHERE kind = 0")
    await storage.put(pod, "page", b"<script>", "text/plain")
    connection = sqlite3.connect(parts.folder / "pods.db", timeout=5)
    connection.execute("UPDATE resource SET name = ? WHERE kind = 0", row)
    connection.commit()
    connection.close()
    with pytest.raises(IntegrityError):
        await storage.get(pod, "page")


async def test_a_member_moved_to_another_container_is_noticed(storage: ResourceStorage, parts: Parts, pod: str) -> None:
    """A row that is listed under a container that it does not belong to is an error, not a member."""
    await storage.put(pod, "a/x", b"1", TURTLE)
    await storage.put(pod, "b/y", b"1", TURTLE)
    vault = await parts.vault.open(pod)
    connection = sqlite3.connect(parts.folder / "pods.db", timeout=5)
    connection.execute(
        "UPDATE resource SET parent = ? WHERE id = ?", (vault.resource_id("b"), vault.resource_id("a/x"))
    )
    connection.commit()
    connection.close()
    with pytest.raises(IntegrityError):
        await storage.children(pod, "b/")
