"""Stop alles, or all of one receiver: one page that asks whether you are sure, then it ends.

Only where much goes at once is there a question first; one thing is stopped with one press (`sharing.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard import rules
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import DashboardParts, form_of, lang_of, page
from werkpod.consent.dashboard.picture import Picture, agent_key, receiver_key
from werkpod.consent.dashboard.rules import Opening
from werkpod.consent.dashboard.sharing import SHARING, doors
from werkpod.consent.grants import GrantRecord
from werkpod.web.errors import NotFound, WerkpodError

PATH = f"{SHARING}/stop-alles"
OF_ONE = f"{SHARING}/stop-van"
RULE = "rule"
SHOWN = 50
"""Lines of what would end that the question shows; of more than that it says how many."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What was done: how many of each kind (of a grant's receiver, or RULE) ended, and how many could not be ended."""

    counts: Mapping[str, int]
    failed: int = 0

    @property
    def total(self) -> int:
        """Everything that ended."""
        return sum(self.counts.values())


class StopAll:
    """The pages at `/regie/delen/stop-alles` and `/regie/delen/stop-van`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The questions, and the ends."""
        return [
            page(PATH, self.ask, mandate="stop"),
            page(PATH, self.stop, methods=["POST"], mandate="stop"),
            page(OF_ONE, self.ask_one, mandate="stop"),
            page(OF_ONE, self.stop_one, methods=["POST"], mandate="stop"),
        ]

    async def ask(self, request: Request, account: Account) -> Response:
        """What would end."""
        return await self._question(request, account, "")

    async def ask_one(self, request: Request, account: Account) -> Response:
        """What of one receiver would end."""
        return await self._question(request, account, _asked(request.query_params.get("wie", "")))

    async def stop(self, request: Request, account: Account) -> Response:
        """End everything, and say what that was. Once more ends what came meanwhile."""
        form = await form_of(self._parts, request)
        form.only()
        return await self._stop(request, account, "")

    async def stop_one(self, request: Request, account: Account) -> Response:
        """End everything of one receiver, and say what that was."""
        form = await form_of(self._parts, request)
        form.only("wie")
        return await self._stop(request, account, _asked(form.text("wie")))

    async def _question(self, request: Request, account: Account, receiver: str) -> Response:
        lang, say = lang_of(request), self._parts.say(request)
        picture = Picture(self._parts, account, lang, say)
        grants = [grant async for grant in picture.active() if not receiver or receiver_key(grant) == receiver]
        opened = _of(await rules.openings(await OwnPod.of(self._parts, account)), receiver)
        rows = await picture.rows(grants[:SHOWN])
        shown = await doors(self._parts, account, lang, say, opened[: SHOWN - len(rows)])
        name = rows[0].name if rows else shown[0].title if shown else ""
        return self._parts.pages.render(
            request, "dashboard/stop_all.html", rows=rows, doors=shown, ended=None, receiver=receiver, name=name,
            more=len(grants) + len(opened) - len(rows) - len(shown),
        )  # fmt: skip

    async def _stop(self, request: Request, account: Account, receiver: str) -> Response:
        picture = Picture(self._parts, account, lang_of(request), self._parts.say(request))
        shown = {grant.id async for grant in picture.active()}
        ended, failed, name = await self._stop_grants(account, shown, receiver)
        own = await OwnPod.of(self._parts, account)
        for opening in _of(await rules.openings(own), receiver):
            try:
                await rules.close(own, opening.path, opening.who)
            except NotFound:  # the page of somebody else at the same moment
                continue
            except WerkpodError:
                failed += 1
            else:
                ended.append(RULE)
        return self._parts.pages.render(
            request, "dashboard/stop_all.html", status=503 if failed else 200, rows=(), doors=(), receiver=receiver,
            name=name, more=0, ended=Ended(Counter(ended), failed),
        )  # fmt: skip

    async def _stop_grants(self, account: Account, shown: set[str], receiver: str) -> tuple[list[str], int, str]:
        """End every grant that holds now or will, of one receiver where it is named; the kinds of those that the list
        showed, how many failed, and what the receiver is called."""
        now, ended, failed, name = self._parts.clock(), list[str](), 0, ""
        tools = {tool.grant: tool.client_id for tool in await self._parts.credentials.list(account)}
        for grant in await self._parts.grants.list(account.id):
            if grant.revoked_at is not None or (grant.until is not None and grant.until <= now):
                continue
            if receiver and receiver_key(grant) != receiver:
                continue
            name = name or grant.receiver_name
            try:
                await self._end(account, grant, tools)
            except WerkpodError:
                failed += 1
                continue
            if grant.id in shown:
                ended.append(grant.receiver_kind)
        return ended, failed, name

    async def _end(self, account: Account, grant: GrantRecord, tools: Mapping[str, str]) -> None:
        await self._parts.sharing.stop(account, grant.id)
        if grant.id in tools:
            await self._parts.credentials.stop(account, tools[grant.id])


def _of(opened: Sequence[Opening], receiver: str) -> Sequence[Opening]:
    """The access rules that can be stopped, those of one receiver where it is named."""
    return [o for o in opened if not o.always and (not receiver or agent_key(o.who) == receiver)]


def _asked(receiver: str) -> str:
    """The key of a receiver in an address or form. Raises NotFound where there is none: that is not "everybody"."""
    if not receiver or len(receiver) > 64:
        raise NotFound("There is no such receiver.")
    return receiver
