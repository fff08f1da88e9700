"""WebSocketChannel2023 over a real server: who reads is told of what changes, as it happens, and as long as they may."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.notifying import heard, notifying


@pytest.mark.duty(118, 119, 120, 131, 132, 133)
async def test_a_change_is_told_over_a_websocket(tmp_path: Path) -> None:
    """Who subscribes to a document and connects gets a message with its new state when it is written."""
    async with notifying(tmp_path) as pods:
        anna = await pods.server.person("anna")
        await anna.put(anna.url("notes/one"), "<#a> <#b> 1 .")
        channel = await pods.channel(anna, anna.url("notes/one"))
        assert channel["type"] == "WebSocketChannel2023"
        assert channel["topic"] == anna.url("notes/one")
        assert channel["receiveFrom"].startswith(anna.url().replace("http", "ws", 1))
        async with pods.socket(channel["receiveFrom"]) as connection:
            await anna.put(anna.url("notes/one"), "<#a> <#b> 2 .")
            message = await heard(connection)
        state = (await anna.get(anna.url("notes/one"))).headers["etag"]
        assert message["type"] == "Update"
        assert message["object"] == anna.url("notes/one")
        assert message["state"] == state
        assert message["id"].startswith("urn:uuid:")
        assert message["published"].endswith("Z")
        assert message["@context"][0] == "https://www.w3.org/ns/activitystreams"
