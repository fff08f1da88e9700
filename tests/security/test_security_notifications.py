"""Messages about changes against those who may not know of them (check 98)."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
import websockets
from support.notifying import heard, notifying

WORK = (
    '<#e-000000000a> <http://schema.org/roleName> "Timmerman" ; <https://w3id.org/werkpod/cv#employer> "Torenhoog {}" .'
)
MORE = (
    '<#e-000000000a> <http://schema.org/roleName> "Schilder" ; <https://w3id.org/werkpod/cv#employer> "Torenhoog {}" .'
)


async def test_changes_are_told_to_who_sees_them_and_say_nothing_else(tmp_path: Path) -> None:
    """Checklist 98: what is not shared cannot be subscribed to, grants to others and receipts neither; a message has no
    data, a change of what is left out makes none, and after a stop there is none."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        url = anna.url("cv/experience")
        await anna.put(url, WORK.format(1))
        app = pods.server.app_of(anna, "https://app.example/id")
        grant = await pods.server.give(
            anna, client=app.client, sections=("experience",), actions=("read",), receiver_kind="app",
            hidden_fields=("experience.employer",),
        )  # fmt: skip
        app.grant = grant.id
        for path in (
            "cv/competences", "cv/", "", "consent/", "consent/grants/", "consent/receipts/", "cv/experience.acl",
            f"consent/grants/{'0' * 26}", "nothing/here",
        ):  # fmt: skip
            assert (await pods.subscribe(app, anna.url(path))).status_code == 403, path
        channel = await pods.channel(app, url)
        async with pods.socket(channel["receiveFrom"]) as connection:
            await anna.put(url, WORK.format(2))  # the employer alone
            await pods.settled()
            await anna.put(url, MORE.format(3))
            message = await heard(connection)
            assert message["type"] == "Update"
            assert set(message) <= {"@context", "id", "type", "object", "state", "published"}
            for word in ("Timmerman", "Schilder", "Torenhoog", "employer", "roleName"):
                assert word not in json.dumps(message)
            state = (await app.get(url)).headers["etag"]
            assert message["state"] == state  # so the change before it was told to nobody
            await pods.server.grants.revoke(anna.pod.id, grant.id, by=anna.pod.id)
            await anna.put(url, WORK.format(4))
            async with asyncio.timeout(10):
                with pytest.raises(websockets.ConnectionClosed):
                    await connection.recv()
        assert (await pods.subscribe(app, url)).status_code == 403
