"""What a receiver did itself, by the logs of the citizens who share or shared with it: `GET /api/consent/v1/accesses`.

Whoever the token is of sees its own lines alone: of this agent, through this client. So an organisation can answer for
what it read, and sees nothing of anybody else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.api import ROOT, Api
from werkpod.consent.ledger import Wanted
from werkpod.consent.ledger.looking import section_key
from werkpod.pod.errors import PodUnavailable
from werkpod.web.errors import BadRequest

MOST = 500
"""Lines on a page at most."""
PODS = 50
"""Citizens whose logs are looked in for one page at most; a page may be short, or empty, and still have a `next`."""
_NEWEST = 10**15 - 1
_NEXT = re.compile(r"([0-9A-HJKMNP-TV-Z]{26})\.(\d{1,15})")


class Access(msgspec.Struct, frozen=True):
    """One line. `at`: Unix seconds; `times`: how many refusals it stands for; `grant`: what it rested on."""

    at: float
    storage: str
    webid: str
    action: str
    section: str
    path: str
    outcome: str
    grant: str | None
    version: int
    purpose: str
    times: int


class Accesses(Api):
    """The route for receivers."""

    def routes(self) -> list[BaseRoute]:
        """One address."""
        return [Route(f"{ROOT}/accesses", self._guarded(self.accesses), methods=["GET", "OPTIONS"])]

    async def accesses(self, request: Request) -> Response:
        """A page: citizen by citizen, of each the newest line first. `limit`: 1 to 500; `from`: where `next` of the
        page before says that this one begins. Raises BadRequest, Unauthorized, Forbidden."""
        account, grant = await self._asker(request)
        limit, start = _limit(request), request.query_params.get("from")
        place = _NEXT.fullmatch(start) if start is not None else None
        if start is not None and place is None:
            raise BadRequest(f"from={start[:40]!r} is wrong; give what `next` of the page before says.")
        found: list[Access] = []
        following = None
        givers = await self._givers(account, place[1] if place is not None else "")
        for looked, giver in enumerate(givers):
            if len(found) >= limit or looked >= PODS:
                following = f"{giver}.{_NEWEST}"
                break
            before = int(place[2]) if place is not None and giver == place[1] else _NEWEST
            lines, last = await self._of(giver, account, grant.client, limit - len(found), before)
            found += lines
            if last is not None:
                following = f"{giver}.{last}"
                break
        return _json({"accesses": found, "next": following})

    async def _givers(self, account: Account, start: str) -> Sequence[str]:
        """The next pods that give or gave to the asker, and the asker's own, in one order."""
        some = await self._parts.ledger.givers(account.webid, start, PODS + 1)
        return sorted({*some, account.id} if account.id >= start else some)[: PODS + 1]

    async def _of(
        self, giver: str, account: Account, client: str | None, limit: int, before: int
    ) -> tuple[list[Access], int | None]:
        """Lines of one citizen, and the number of the last where there are more."""
        citizen = account if giver == account.id else await self._parts.accounts.get(giver)
        if citizen is None or client is None:
            return [], None
        who = f"client:{client}" if giver == account.id else f"agent:{account.webid}"
        wanted = Wanted(who=who, client=client, kind=None)
        try:
            lines = await self._parts.ledger.search(
                giver, wanted, owner=citizen.webid, limit=limit + 1, before=before
            )  # fmt: skip
        except PodUnavailable:  # erased meanwhile
            return [], None
        shown = [line for line in lines[:limit] if ":" not in line.entry.action]
        accesses = [
            Access(e.at, citizen.storage, citizen.webid, e.action, section_key(e.path), e.path, e.outcome, e.grant,
                   e.version, e.purpose, e.times)
            for e in (line.entry for line in shown)
        ]  # fmt: skip
        if len(lines) <= limit:
            return accesses, None
        return accesses, lines[limit - 1].seq


def _limit(request: Request) -> int:
    value = request.query_params.get("limit", "100")
    if not value.isascii() or not value.isdigit() or not 1 <= int(value[:6]) <= MOST:
        raise BadRequest(f"limit={value[:20]!r} is wrong; limit is a whole number from 1 to {MOST}.")
    return int(value)


def _json(value: object) -> Response:
    return Response(
        msgspec.json.encode(value), media_type="application/json", headers={"Cache-Control": "no-store"}
    )  # fmt: skip
