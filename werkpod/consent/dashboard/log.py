"""Wie heeft gekeken: the access log as the citizen reads it, by day: looks, refusals, and what was done with what is
shared. Never values.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.looks import ZONE, Teller
from werkpod.consent.dashboard.parts import DashboardParts, actor_of, lang_of, page
from werkpod.consent.dashboard.picture import key_of
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.dashboard.sharing import SHARING
from werkpod.consent.ledger import Receiver, Wanted
from werkpod.consent.ledger.looking import Kind
from werkpod.vocab.sections import SECTIONS

LOG = f"{SHARING}/logboek"
PAGE = 100
"""Lines on a page."""
RECEIVERS = 50
"""Receivers that the page offers to choose from, who looked last first."""
NEW_DAYS = 30
"""How long the home page tells that somebody looked for the first time, where the citizen does not open the log."""
BEHIND = 8
"""Parts of the index that the front page waits for; where more are still to be made (an import) it tells later."""
KINDS: dict[str, Kind] = {"gekeken": "looks", "geweigerd": "refused", "jij": "acts"}


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader wants to see: `who` a key of a receiver, `section` a key, `day`, `kind` a key of `KINDS`."""

    who: str = ""
    section: str = ""
    day: dt.date | None = None
    kind: str = ""

    @classmethod
    def of(cls, request: Request) -> Choice:
        """The choice in an address; what is not understood is not chosen."""
        query = request.query_params
        section, kind = query.get("deel", ""), query.get("soort", "")
        try:
            day = dt.date.fromisoformat(query.get("dag", ""))
        except ValueError:
            day = None
        return cls(
            query.get("wie", "")[:40], section if section in SECTIONS else "", day, kind if kind in KINDS else ""
        )

    def query(self, **more: str) -> str:
        """The choice as the query of an address."""
        fields = {"wie": self.who, "deel": self.section, "dag": str(self.day or ""), "soort": self.kind, **more}
        return urlencode({name: value for name, value in fields.items() if value})

    def __bool__(self) -> bool:
        return bool(self.who or self.section or self.day or self.kind)

    def wanted(self, who: str | None) -> Wanted:
        """The choice as the log takes it; a day is one of the clocks here."""
        since = until = None
        if self.day is not None:
            start = dt.datetime.combine(self.day, dt.time(), ZONE)
            since = start.timestamp()
            until = dt.datetime.combine(self.day + dt.timedelta(days=1), dt.time(), ZONE).timestamp()
        return Wanted(since, until, who, self.section or None, KINDS.get(self.kind))


class Log:
    """The page at `/regie/delen/logboek`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The log; `?voor=` for older lines, and what is in `Choice`."""
        return [page(LOG, self.show, mandate="see")]

    async def show(self, request: Request, account: Account) -> Response:
        """A page of the log. Having seen its newest lines, the citizen is not told again who looked first."""
        choice = Choice.of(request)
        before = request.query_params.get("voor", "")
        number = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
        receivers = await self._parts.ledger.receivers(account.id, account.webid)
        chosen = next((one for one in receivers if token(one.key) == choice.who), None)
        unknown = bool(choice.who) and chosen is None
        wanted = choice.wanted(chosen.key if chosen else None)
        lines = [] if unknown else await self._parts.ledger.search(
            account.id, wanted, owner=account.webid, limit=PAGE + 1, before=number
        )  # fmt: skip
        teller = Teller(self._parts, account, lang_of(request), self._parts.say(request))
        firsts = {one.first_seq for one in receivers if one.first_seq is not None}
        days = await teller.days(lines[:PAGE], firsts)
        if number is None and not choice and actor_of(request) is None:
            await self._parts.ledger.notice(account.id)
        older = choice.query(voor=str(lines[PAGE - 1].seq)) if len(lines) > PAGE else ""
        return self._parts.pages.render(
            request, "dashboard/log.html", days=days, choice=choice, older=older, later=number is not None,
            newest=choice.query(), people=await self._people(receivers, choice, teller), own=actor_of(request) is None,
            chosen=await teller.name(chosen.entry) if chosen else "", sections=list(SECTIONS.values()),
        )  # fmt: skip

    async def _people(self, receivers: Sequence[Receiver], choice: Choice, teller: Teller) -> list[tuple[str, str]]:
        """(key, name) of who looked last, and of who is chosen."""
        some = [one for place, one in enumerate(receivers) if place < RECEIVERS or token(one.key) == choice.who]
        return [(token(one.key), await teller.name(one.entry)) for one in some]


def token(key: str) -> str:
    """What stands for a receiver of the log in an address, the same as in the other pages (`picture.key_of`)."""
    kind, _, value = key.partition(":")
    return key_of("link" if kind == "grant" else kind, value)


async def receiver_of(parts: DashboardParts, account: Account, who: str) -> Receiver | None:
    """The receiver for whom `who` stands in an address; None: there is none in the log."""
    found = await parts.ledger.receivers(account.id, account.webid)
    return next((one for one in found if token(one.key) == who), None)


async def first_looks(parts: DashboardParts, account: Account, lang: str, say: Say) -> Sequence[str]:
    """Who looked for the first time since the citizen last saw the log, for the home page: names, nothing more.

    Not the citizen's own use of the apps of this server: they are there to be used.
    """
    seen, since = await parts.ledger.noticed(account.id), parts.clock() - NEW_DAYS * 86400
    head = await parts.ledger.head(account.id)
    if head.seq <= seen or await parts.ledger.looking.index.behind(account.id) > BEHIND:
        return ()
    new = [
        one
        for one in await parts.ledger.receivers(account.id, account.webid)
        if one.first_seq is not None
        and one.first_seq > seen
        and cast(float, one.first) >= since
        and not one.key.startswith(f"client:{parts.base_url}/apps/")
    ]
    teller = Teller(parts, account, lang, say)
    return list(dict.fromkeys([await teller.name(one.entry) for one in new[:5]]))
