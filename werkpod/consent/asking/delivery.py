"""Telling people of requests, in the inboxes of their pods. An inbox that takes nothing is no reason not to ask."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from werkpod.consent import naming, posting
from werkpod.consent.accounts.accounts import Accounts
from werkpod.consent.accounts.model import Account
from werkpod.consent.asking.model import Ask, Content
from werkpod.pod.directory import PodDirectory
from werkpod.pod.service import PodService
from werkpod.web.pages import Pages

REQUESTS = "/api/consent/v1/requests"


class Delivery:
    """Drops messages. Who sends one is an agent like any other at the receiver's pod; these pages are the client."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        pods: PodDirectory,
        service: PodService,
        pages: Pages,
        base_url: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._accounts, self._pods, self._service, self._pages = accounts, pods, service, pages
        self._base_url, self._clock = base_url, clock

    async def tell_citizen(self, pod_id: str, ask_id: str, content: Content, *, answered: bool = False) -> None:
        """Tell a citizen that somebody asks, or answered a question. What they asked is not in it."""
        citizen = await self._accounts.get(pod_id)
        if citizen is None:
            return
        gettext = self._pages.gettext(citizen.lang)
        who = naming.asker(content.name, content.host, gettext)
        if answered:
            text = gettext("%(name)s geeft antwoord op je vraag.", name=who)
        else:
            text = gettext("%(name)s vraagt iets aan jou.", name=who)
        await self._drop(content.asker, citizen, text, ask_id)

    async def tell_asker(self, citizen: Account, ask: Ask, what: Literal["approved", "refused", "question"]) -> None:
        """Tell an asker with a pod here what a citizen said; who is from elsewhere asks how it stands."""
        asker = await self._accounts.by_webid(ask.content.asker)
        if asker is None:
            return
        gettext = self._pages.gettext(asker.lang)
        name = naming.nameless(citizen, gettext)  # who guesses addresses would learn whose they are by a no
        if what == "approved":
            text = gettext("%(name)s zegt ja op je vraag.", name=name)
        elif what == "refused":
            text = gettext("%(name)s zegt nee op je vraag.", name=name)
        else:
            text = gettext("%(name)s heeft een vraag over je verzoek.", name=name)
        await self._drop(citizen.webid, asker, text, ask.id)

    async def _drop(self, sender: str, receiver: Account, text: str, ask_id: str) -> None:
        about = f"{self._base_url}{REQUESTS}/{ask_id}"
        body = posting.message(sender, receiver.webid, text, self._clock(), request=about)
        await posting.drop(self._service, self._pods, sender, receiver, body, client=self._base_url)
