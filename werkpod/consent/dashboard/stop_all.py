"""Stop alles: one page that asks whether you are sure, then every grant, link, tool and access rule ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard import rules
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import DashboardParts, form_of, lang_of, page
from werkpod.consent.dashboard.sharing import SHARING, current, doors
from werkpod.web.errors import NotFound, WerkpodError

PATH = f"{SHARING}/stop-alles"
RULE = "rule"


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
    """The pages at `/regie/delen/stop-alles`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The question, and the end."""
        return [page(PATH, self.ask), page(PATH, self.stop, methods=["POST"])]

    async def ask(self, request: Request, account: Account) -> Response:
        """What would end."""
        lang, say = lang_of(request), self._parts.say(request)
        rows = await current(self._parts, account, lang)
        opened = [door for door in await doors(self._parts, account, lang, say) if not door.opening.always]
        return self._parts.pages.render(request, "dashboard/stop_all.html", rows=rows, doors=opened, ended=None)

    async def stop(self, request: Request, account: Account) -> Response:
        """End everything, and say what that was. Once more ends what came meanwhile."""
        form = await form_of(self._parts, request)
        form.only()
        shown = {row.grant.id for row in await current(self._parts, account)}
        ended, failed = await self._stop_grants(account, shown)
        own = await OwnPod.of(self._parts, account)
        for opening in await rules.openings(own):
            if opening.always:
                continue
            try:
                await rules.close(own, opening.path, opening.who)
            except NotFound:  # the page of somebody else at the same moment
                continue
            except WerkpodError:
                failed += 1
            else:
                ended.append(RULE)
        done = Ended(Counter(ended), failed)
        return self._parts.pages.render(
            request, "dashboard/stop_all.html", status=503 if failed else 200, rows=(), doors=(), ended=done
        )

    async def _stop_grants(self, account: Account, shown: set[str]) -> tuple[list[str], int]:
        """End every grant that holds now or will; the kinds of those that the list showed, and how many failed."""
        now, ended, failed = self._parts.clock(), list[str](), 0
        tools = {tool.grant: tool.client_id for tool in await self._parts.credentials.list(account)}
        for grant in await self._parts.grants.list(account.id):
            if grant.revoked_at is not None or (grant.until is not None and grant.until <= now):
                continue
            try:
                await self._parts.sharing.stop(account, grant.id)
                if grant.id in tools:
                    await self._parts.credentials.stop(account, tools[grant.id])
            except WerkpodError:
                failed += 1
                continue
            if grant.id in shown:
                ended.append(grant.receiver_kind)
        return ended, failed
