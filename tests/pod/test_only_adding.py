"""Who may only add, and an app with a part of a pod: what they may fill, and what they learn of the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.podapp import MATCHER, Person, Server, pod_server

from werkpod.pod.profile.inbox import SENDER_MOST
from werkpod.pod.writing import APPEND_LIMIT

FILM = "video/mp4"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with pod_server(tmp_path) as started:
        yield started


@pytest.fixture
async def anna(server: Server) -> Person:
    return await server.person("anna")


async def test_who_may_only_add_fills_no_pod_by_put(server: Server, anna: Person) -> None:
    """A PUT that creates is an addition like a POST: of so many bytes, whether its length is told or not."""
    ben = await server.person("ben")
    await server.give(anna, client=ben.client, agent=ben.pod.webid, everything=True, actions=("append",))
    large = bytes(APPEND_LIMIT + 1)

    async def coming() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 60_000):
            yield large[start : start + 60_000]

    for body in (large, coming()):
        answer = await ben.request("PUT", anna.url("cv/film"), headers={"Content-Type": FILM}, content=body)
        assert answer.status_code == 413, answer.text
    assert (await ben.put(anna.url("cv/note"), large[1:], FILM)).status_code == 201
    assert (await anna.put(anna.url("cv/film"), large, FILM)).status_code == 201


async def test_a_put_into_an_inbox_counts_as_a_message(server: Server, anna: Person) -> None:
    """Who may only add leaves so many messages a minute, with whatever method."""
    ben = await server.person("ben")
    await server.give(anna, client=ben.client, agent=ben.pod.webid, everything=True, actions=("append",))
    statuses = [(await ben.put(anna.url(f"inbox/{n}"), "", "text/turtle")).status_code for n in range(SENDER_MOST + 1)]
    assert statuses == [201] * SENDER_MOST + [429]
    assert (await anna.put(anna.url("inbox/mine"), "", "text/turtle")).status_code == 201


async def test_an_app_with_one_section_is_not_told_how_full_a_pod_is(server: Server, anna: Person) -> None:
    """The figures say how much there is elsewhere; the owner's app that may read all of it is told them."""
    grant = await server.give(anna, client=MATCHER, sections=("summary",), receiver_kind="app")
    app = server.app_of(anna, MATCHER, grant.id)
    storage = server.parts.storage
    used = (await storage.usage.of(anna.pod.id)).bytes
    await storage.usage.allow(anna.pod.id, used + 10)
    body = '<#it> <https://schema.org/text> "long enough to pass what is left" .'
    told = await app.put(anna.url("cv/summary"), body)
    assert told.status_code == 507
    assert not {"used", "allowed"} & set(told.json())
    assert str(used) not in told.text
    assert (await anna.put(anna.url("cv/summary"), body)).json()["used"] == used
