"""The notifications of one server, put together: begun when it serves, ended before it stops."""

from __future__ import annotations

from collections.abc import Callable

import httpx2

from werkpod.pod.authn.authenticate import Authenticator
from werkpod.pod.notify.http import NotifyApp
from werkpod.pod.notify.hub import Hub, Room
from werkpod.pod.notify.kept import KeptChannels
from werkpod.pod.notify.webhooks import Signer, Webhooks
from werkpod.pod.service import PodService
from werkpod.pod.store.protocol import Database
from werkpod.pod.vault import Vault


class Notifications:
    """Hub, webhooks and addresses of one server. `client`: makes the guarded client of webhooks."""

    def __init__(
        self,
        service: PodService,
        database: Database,
        vault: Vault,
        signer: Signer,
        client: Callable[[], httpx2.AsyncClient],
        *,
        room: Room | None = None,
        allow_loopback: bool = False,
    ) -> None:
        self.hub = Hub(service, room=room)
        kept = KeptChannels(database, vault, service.pods)
        self.webhooks = Webhooks(self.hub, kept, signer, client, issuer=service.base_url, allow_loopback=allow_loopback)
        self._service = service

    def app(self, authenticator: Authenticator) -> NotifyApp:
        """The ASGI application."""
        return NotifyApp(self.hub, self._service, authenticator, self.webhooks)

    async def start(self) -> None:
        """Take up the webhooks that are kept from before. Only for the process that serves."""
        await self.webhooks.start()

    async def close(self) -> None:
        """End every connection, and stop sending. Idempotent."""
        await self.hub.close()
        await self.webhooks.close()
