"""Berichten: what is in the citizen's inbox, and taking it away."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent import naming
from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.notes import read_notes
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import DashboardParts, form_of, page, see_other
from werkpod.consent.dashboard.readable import Say
from werkpod.vocab.sections import INBOX
from werkpod.web.errors import NotFound

PATH = "/regie/berichten"
_REQUESTS = {"citizen": "/regie/vragen/", "coach": "/apps/coach/vragen/", "employer": "/apps/werkgever/vragen/"}
"""Where a request is, to which a message leads, by the role of who reads."""
_NAME = re.compile(r"[^/\x00-\x1f]{1,200}")


class Messages:
    """The pages at `/regie/berichten`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The messages, and throwing one away."""
        return [page(PATH, self.show), page(f"{PATH}/weg", self.throw_away, methods=["POST"])]

    async def show(self, request: Request, account: Account) -> Response:
        """All messages, newest first, with the sender's name where it is somebody who is known here."""
        found = await read_notes(await OwnPod.of(self._parts, account))
        say, helping = self._parts.say(request), await self._helping(account)
        senders = {note.sender for note in found if note.sender}
        names = {sender: await self._name(account, sender, say) or helping.get(sender, "") for sender in senders}
        if account.role == "citizen" and any(note.request for note in found):
            askers = {ask.content.asker: ask.content.name for ask in await self._parts.asking.list(account)}
            names = {sender: name or askers.get(sender, "") for sender, name in names.items()}
        return self._parts.pages.render(
            request, "dashboard/messages.html", notes=found, names=names, gone="weg" in request.query_params,
            requests=_REQUESTS[account.role],
        )  # fmt: skip

    async def throw_away(self, request: Request, account: Account) -> Response:
        """Take one message out of the inbox."""
        form = await form_of(self._parts, request)
        form.only("bericht")
        name = form.text("bericht")
        if not _NAME.fullmatch(name) or name.endswith((".acl", ".meta")):
            raise NotFound("There is no such message.")
        await (await OwnPod.of(self._parts, account)).delete(INBOX.path + name)
        return see_other(f"{PATH}?weg=1")

    async def _name(self, account: Account, webid: str, say: Say) -> str:
        """The name of somebody with whom there is sharing, in one direction or the other; "" for a stranger."""
        for grant in await self._parts.grants.list(account.id):
            if grant.agent == webid and grant.receiver_kind in ("coach", "employer"):
                return grant.receiver_name
        person = await self._parts.accounts.by_webid(webid)
        if person is None or person.id == account.id:
            return ""
        theirs = await self._parts.grants.of_receiver(person.id, agent=account.webid)
        shared = [grant for grant in theirs if grant.receiver_kind in ("coach", "employer")]
        return naming.giver(person, shared) or (naming.nameless(person, say) if shared else "")

    async def _helping(self, account: Account) -> dict[str, str]:
        """The names of who helps this person, as they call them, and of whom this person helps, by WebID.

        Not of who only asks for help: anybody may, under any name.
        """
        found, now = await self._parts.mandates.for_actor(account), self._parts.clock()
        helped = {citizen.webid: citizen.name for mandate, citizen in found if mandate.active(now)}
        return helped | await self._parts.mandates.names(account.id)
