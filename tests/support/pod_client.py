"""A citizen's own script: client credentials, DPoP, raw HTTP. Built on the client of the benchmark."""

from __future__ import annotations

import asyncio
from typing import Any

from bench.client import Answer, Connection, Key, request, token
from bench.server import Owner
from support.running import RunningServer


class OwnPod:
    """Requests of one citizen's tool to a running server. `made` is what `werkpod credentials create` printed."""

    def __init__(self, server: RunningServer, name: str, made: dict[str, Any]) -> None:
        self.base, self.storage = server.base, f"{server.base}/{name}/"
        owner = Owner(made["webid"], self.storage, made["issuer"], made["client_id"], made["client_secret"])
        self.key = Key()
        self.token = asyncio.run(token(owner, server.base, self.key))

    def prepared(self, method: str, url: str, body: bytes = b"", media_type: str = "", **headers: str) -> bytes:
        """The bytes of a signed request."""
        all_headers = {"Authorization": f"DPoP {self.token}", "DPoP": self.key.proof(method, url, self.token)}
        if media_type:
            all_headers["Content-Type"] = media_type
        all_headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return request(method, url, all_headers, body)

    def raw(self, prepared: bytes) -> Answer:
        """Send prepared bytes over a connection of their own."""

        async def run() -> Answer:
            connection = Connection(self.base)
            try:
                return await connection.send(prepared)
            finally:
                await connection.close()

        return asyncio.run(run())

    def send_to(self, method: str, url: str, body: bytes = b"", media_type: str = "", **headers: str) -> Answer:
        """One signed request to any address of the server."""
        return self.raw(self.prepared(method, url, body, media_type, **headers))

    def send(self, method: str, path: str, body: bytes = b"", media_type: str = "", **headers: str) -> Answer:
        """One signed request to the own pod."""
        return self.send_to(method, self.storage + path, body, media_type, **headers)
