"""Documents that the server writes in a pod: when they stand there, and that nobody else writes them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.podapp import Person, Server, pod_server

from werkpod.consent.publishing import Publications
from werkpod.pod.directory import Pod
from werkpod.pod.store import SqliteDatabase, open_database
from werkpod.pod.usage import Usage

PREFIX = "consent/receipts/"
_PLACES = (
    "receipts/r1",
    "receipts/r2",
    "mine",
    "receipts/r1.acl",
    ".acl",
    "grants/.acl",
    "receipts/r1.meta",
    "new/",
    ".meta",
)


@dataclass
class Office:
    """Publications on the pods of a server, and what is to be written: by pod and id."""

    server: Server
    database: SqliteDatabase
    publications: Publications
    texts: dict[tuple[str, str], bytes | None] = field(default_factory=dict)

    async def render(self, pod: Pod, id_: str) -> tuple[bytes, str] | None:
        text = self.texts.get((pod.id, id_))
        return None if text is None else (text, "text/plain")

    async def say(self, person: Person, id_: str, text: bytes | None) -> None:
        """What an event would do: the state and the row in one unit."""
        row = await self.publications.row(person.pod.id, PREFIX + id_)
        self.texts[(person.pod.id, id_)] = text
        await self.database.write(row)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    database = open_database(tmp_path / "outbox.db", "werkpod.consent.migrations")
    async with pod_server(tmp_path) as server:
        parts = server.parts
        made = Office(
            server,
            database,
            Publications(database, parts.vault, parts.directory, parts.storage, server.service.changes),
        )
        made.publications.renders(PREFIX, made.render)
        yield made
        await made.publications.settled()
    await database.close()


async def test_a_document_stands_after_its_row_and_goes_when_there_is_to_be_none(office: Office) -> None:
    """What the row was written for is drawn up, replaced and taken away; the row goes when it stands."""
    anna = await office.server.person("anna")
    for text, status in ((b"first", 200), (b"second", 200), (None, 404), (None, 404)):
        await office.say(anna, "r1", text)
        office.publications.soon(anna.pod.id)
        await office.publications.settled()
        answer = await anna.get(anna.url(PREFIX + "r1"))
        assert (answer.status_code, answer.content if text else None) == (status, text)
    assert await office.database.fetch("SELECT 1 FROM publication") == []


async def test_what_a_crash_left_is_written_by_the_chore(office: Office) -> None:
    """Rows without anybody who wrote them out are found; the names in them are not readable in the file."""
    anna, bert = await office.server.person("anna"), await office.server.person("bert")
    await office.say(anna, "r1", b"one")
    await office.say(bert, "r2", b"two")
    rows = await office.database.fetch("SELECT place, sealed FROM publication")
    assert len(rows) == 2
    assert not any(b"receipts" in value for row in rows for value in row)  # type: ignore[operator]
    await office.publications.drain_all()
    assert (await bert.get(bert.url(PREFIX + "r2"))).content == b"two"
    assert (await anna.get(anna.url("consent/receipts/"))).text.count("r1") > 0


async def test_a_draft_does_not_replace_a_later_one(office: Office, tmp_path: Path) -> None:
    """One process drew up a document, another then wrote what came after: that stays."""
    anna = await office.server.person("anna")
    drawn, go_on = asyncio.Event(), asyncio.Event()

    async def slow(pod: Pod, id_: str) -> tuple[bytes, str] | None:
        found = await office.render(pod, id_)
        if not drawn.is_set():
            drawn.set()
            await go_on.wait()
        return found

    parts = office.server.parts
    other = Publications(office.database, parts.vault, parts.directory, parts.storage, office.server.service.changes)
    other.renders(PREFIX, slow)
    await office.say(anna, "r1", b"old")
    late = asyncio.create_task(other.drain(anna.pod.id))
    await drawn.wait()
    await office.say(anna, "r1", b"new")
    await office.publications.drain(anna.pod.id)
    go_on.set()
    await late
    assert (await anna.get(anna.url(PREFIX + "r1"))).content == b"new"
    assert await office.database.fetch("SELECT 1 FROM publication") == []


async def test_an_erased_pod_leaves_no_rows(office: Office) -> None:
    """What was still to be written in a pod that is gone is forgotten."""
    anna = await office.server.person("anna")
    await office.say(anna, "r1", b"one")
    await office.server.parts.vault.erase(anna.pod.id)
    await office.publications.drain_all()
    assert await office.database.fetch("SELECT 1 FROM publication") == []


async def test_a_full_pod_still_gets_its_proof(office: Office) -> None:
    """What the server writes is not refused for want of room."""
    anna = await office.server.person("anna")
    office.server.parts.storage.usage = Usage(office.server.parts.pods, quota=1)
    assert (await anna.put(anna.url("notes"), "")).status_code == 507
    await office.say(anna, "r1", b"x" * 5000)
    await office.publications.drain(anna.pod.id)
    assert len((await anna.get(anna.url(PREFIX + "r1"))).content) == 5000


async def test_nobody_else_writes_there(office: Office) -> None:
    """Not an app with everything and control: no document, no container, no rules, no description, no deletion."""
    anna = await office.server.person("anna")
    await office.say(anna, "r1", b"one")
    await office.publications.drain(anna.pod.id)
    for name in [
        "receipts/r1",
        "receipts/r2",
        "mine",
        "receipts/r1.acl",
        ".acl",
        "grants/.acl",
        "receipts/r1.meta",
        "new/",
        ".meta",
    ]:
        path = f"consent/{name}"
        assert (await anna.put(anna.url(path), "")).status_code == 403, path
        assert (await anna.request("DELETE", anna.url(path))).status_code == 403, path
        patch = {"content-type": "application/sparql-update"}
        answer = await anna.request("PATCH", anna.url(path), headers=patch, content="INSERT DATA { <#a> <#b> <#c> }")
        assert answer.status_code == 403, path
    posted = await anna.request("POST", anna.url("consent/"), headers={"content-type": "text/turtle"}, content="")
    assert posted.status_code == 403
    read = await anna.get(anna.url("consent/receipts/r1"))
    assert (read.status_code, read.headers["wac-allow"]) == (200, 'user="read",public=""')


async def test_rules_above_open_nothing_there(office: Office) -> None:
    """Access rules of the whole pod do not say who may read what was shared with whom."""
    anna, eve = await office.server.person("anna"), await office.server.person("eve")
    await office.say(anna, "r1", b"one")
    await office.publications.drain(anna.pod.id)
    rule = (
        "@prefix acl: <http://www.w3.org/ns/auth/acl#>. <#o> a acl:Authorization; acl:agent <{0}profile/card#me>;"
        " acl:accessTo <{0}>; acl:default <{0}>; acl:mode acl:Read, acl:Write, acl:Control."
        " <#p> a acl:Authorization; acl:agentClass <http://xmlns.com/foaf/0.1/Agent>;"
        " acl:accessTo <{0}>; acl:default <{0}>; acl:mode acl:Read."
    ).format(anna.url())
    assert (await anna.put(anna.url(".acl"), rule)).status_code == 204
    assert (await eve.get(anna.url("cv/experience"))).status_code == 200
    for path in ("consent/", "consent/receipts/", "consent/receipts/r1"):
        assert (await eve.get(anna.url(path))).status_code == 403, path
        assert (await office.server.http.get(anna.url(path))).status_code == 401, path
