"""A stop against reads and writes that are under way at the pod: once it is told, nothing that it took away happens.

No test here waits for a time: what is under way is held where it is, by hand, until the stop has returned.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from support.podapp import MATCHER, Person, Server, pod_server

from werkpod.consent.grants import GrantRecord
from werkpod.pod.errors import Fenced

PATH = "cv/summary"
NOTE = '<#it> <http://schema.org/description> "{}" .'
PATCH = (
    "@prefix solid: <http://www.w3.org/ns/solid/terms#> .\n"
    "_:p a solid:InsertDeletePatch ; solid:inserts { <#it> <http://schema.org/headline> 'later' . } ."
)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A pod server."""
    async with pod_server(tmp_path) as running:
        yield running


@pytest.fixture
async def anna(server: Server) -> Person:
    """Anna, with a summary."""
    person = await server.person("anna")
    assert (await person.put(person.url(PATH), NOTE.format("first"))).status_code in (201, 204)
    return person


async def let_in(anna: Person, *actions: str, sections: tuple[str, ...] = ("summary",)) -> tuple[Person, GrantRecord]:
    """An app with a grant."""
    grant = await anna.server.give(anna, client=MATCHER, receiver_kind="app", sections=sections, actions=actions)
    return anna.server.app_of(anna, MATCHER, grant.id), grant


async def stop(anna: Person, grant: GrantRecord) -> None:
    """Stop a grant."""
    await anna.server.grants.revoke(anna.pod.id, grant.id, by=anna.pod.id)


async def looks_at(app: Person, path: str, told: asyncio.Event) -> list[tuple[bool, int]]:
    """Read until well after something was told: whether each look began after it, and its status."""
    found: list[tuple[bool, int]] = []
    while sum(late for late, _ in found) < 3:
        late = told.is_set()
        found.append((late, (await app.get(app.url(path))).status_code))
        await asyncio.sleep(0)  # a read waits for nothing here, and would let nobody else have a turn
    return found


async def test_no_read_succeeds_after_a_stop_and_every_one_before_is_in_the_log(server: Server, anna: Person) -> None:
    """Checklist 85, 140: five readers, before and after the stop was told; as many lines as looks."""
    app, grant = await let_in(anna, "read")
    told = asyncio.Event()

    async def stopping() -> None:
        await stop(anna, grant)
        told.set()

    *found, _ = await asyncio.gather(*(looks_at(app, PATH, told) for _ in range(5)), stopping())
    looks = [one for some in found for one in some]
    assert {status for late, status in looks if late} == {403}
    lines = [line.entry for line in await server.ledger.entries(anna.pod.id) if line.entry.grant == grant.id]
    reads = [line for line in lines if (line.action, line.outcome) == ("read", "allowed")]
    assert len(reads) == sum(status == 200 for _, status in looks)


async def test_what_was_narrowed_away_is_not_read_any_more(anna: Person) -> None:
    """Checklist 85, 133: readers of two sections while one of them is taken out: after it was told, only the other."""
    app, grant = await let_in(anna, "read", sections=("summary", "contact"))
    assert (await anna.put(anna.url("cv/contact"), NOTE.format("tel"))).status_code in (201, 204)
    told = asyncio.Event()

    async def narrowing() -> None:
        await anna.server.grants.change(replace(grant, sections=("contact",)), expect=grant.version)
        told.set()

    *found, _ = await asyncio.gather(*(looks_at(app, path, told) for path in (PATH, PATH, "cv/contact")), narrowing())
    assert {status for late, status in [*found[0], *found[1]] if late} == {403}
    assert {status for _, status in found[2]} == {200}
    assert (await app.get(anna.url(PATH))).status_code == 403


class Held:
    """Holds the first write to the storage just before it is carried out; what `meanwhile` does comes in between."""

    def __init__(self, server: Server, meanwhile: Callable[[], Awaitable[Any]]) -> None:
        self._storage, self._meanwhile, self.done = server.parts.storage, meanwhile, False

    def __enter__(self) -> Held:
        storage = self._storage
        self._put, self._delete = storage.put, storage.delete

        async def put(*args: Any, **more: Any) -> Any:
            await self._between()
            return await self._put(*args, **more)

        async def delete(*args: Any, **more: Any) -> None:
            await self._between()
            await self._delete(*args, **more)

        storage.put, storage.delete = put, delete  # type: ignore[method-assign]
        return self

    async def _between(self) -> None:
        if not self.done:
            self.done = True
            await self._meanwhile()

    def __exit__(self, *_: object) -> None:
        self._storage.put, self._storage.delete = self._put, self._delete  # type: ignore[method-assign]


async def sent(app: Person, method: str, path: str) -> httpx2.Response:
    """A write of an app."""
    url, kind = app.url(path), "text/n3" if method == "PATCH" else "text/turtle"
    body = PATCH if method == "PATCH" else NOTE.format("later")
    return await app.request(method, url, headers={"Content-Type": kind}, content=body)


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", PATH), ("PUT", "cv/wishes"), ("PATCH", PATH), ("DELETE", PATH), ("POST", "cv/"), ("PUT", "cv/made/one")],
)
async def test_a_write_that_was_decided_before_a_stop_does_not_come_after_it(
    server: Server, anna: Person, method: str, path: str
) -> None:
    """Checklist 85: each way to write is held between its decision and the disk; the stop comes in between, and is
    told; then nothing is written, and the app reads that it may not (record 35)."""
    grant = await server.give(anna, client=MATCHER, receiver_kind="tool", everything=True)
    app, before = server.app_of(anna, MATCHER, grant.id), (await anna.get(anna.url(PATH))).text
    listed = (await anna.get(anna.url("cv/"))).text
    with Held(server, lambda: stop(anna, grant)):
        answer = await sent(app, method, path)
    assert answer.status_code == 403
    assert (await anna.get(anna.url(PATH))).text == before
    assert (await anna.get(anna.url("cv/"))).text == listed


async def test_a_write_that_was_decided_before_its_grant_was_narrowed_does_not_come_after_it(
    server: Server, anna: Person
) -> None:
    """Checklist 85, 133: from writing to reading alone; and what stays allowed is decided anew and carried out."""
    app, grant = await let_in(anna, "read", "append", "write")
    with Held(server, lambda: server.grants.change(replace(grant, actions=("read",)))):
        assert (await sent(app, "PUT", PATH)).status_code == 403
    assert "first" in (await anna.get(anna.url(PATH))).text
    other, second = await let_in(anna, "read", "append", "write")
    with Held(server, lambda: server.grants.change(replace(second, sections=("summary", "contact")))) as held:
        assert (await sent(other, "PUT", PATH)).status_code in (200, 204, 205)
    assert held.done
    assert "later" in (await anna.get(anna.url(PATH))).text


async def test_a_write_that_rests_on_a_rule_does_not_come_after_the_rule_went(server: Server, anna: Person) -> None:
    """Checklist 85: the same for access rules of other Solid apps, which the citizen takes back."""
    bert, url = await server.person("bert"), anna.url("shared")
    assert (await anna.put(url, NOTE.format("first"))).status_code == 201
    rules = (
        "@prefix acl: <http://www.w3.org/ns/auth/acl#> .\n"
        f"<#owner> a acl:Authorization ; acl:accessTo <{url}> ; acl:agent <{anna.pod.webid}> ;"
        " acl:mode acl:Read, acl:Write, acl:Control .\n"
        f"<#bert> a acl:Authorization ; acl:accessTo <{url}> ; acl:agent <{bert.pod.webid}> ; acl:mode acl:Write ."
    )
    assert (await anna.put(url + ".acl", rules)).status_code == 201
    bert.grant = None

    async def write() -> int:
        sent_ = {"Content-Type": "text/turtle"}
        return (await bert.request("PUT", url, headers=sent_, content=NOTE.format("later"))).status_code

    async def take_back() -> None:
        assert (await anna.request("DELETE", url + ".acl")).status_code in (200, 204, 205)

    with Held(server, take_back):
        assert await write() == 403
    assert "first" in (await anna.get(url)).text


async def test_writes_that_are_fenced_time_and_again_end(server: Server, anna: Person) -> None:
    """Somebody who stops something all the time holds a write up and makes nothing of it half done."""
    app, _ = await let_in(anna, "read", "append", "write")
    storage = server.parts.storage
    put = storage.put

    async def moved(*args: Any, **more: Any) -> Any:
        await storage.move_on(anna.pod.id)
        return await put(*args, **more)

    storage.put = moved  # type: ignore[method-assign]
    assert (await sent(app, "PUT", PATH)).status_code == Fenced.status == 503
    storage.put = put  # type: ignore[method-assign]
    assert "first" in (await anna.get(anna.url(PATH))).text
