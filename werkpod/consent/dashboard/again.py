"""Wat je niet meer deelt, and giving it again: as it was, for a time that is asked anew.

What is given again is a new grant that says which one it comes after (`renews`); the old one stays as it ended.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard import choosing, wording
from werkpod.consent.dashboard.choosing import Unfinished
from werkpod.consent.dashboard.manage import asked, may_again, revived
from werkpod.consent.dashboard.parts import DashboardParts, Form, form_of, lang_of, page, see_other
from werkpod.consent.dashboard.picture import PAGE, Picture
from werkpod.consent.dashboard.sharing import SHARING
from werkpod.consent.grants import GrantNotFound, GrantRecord

DAYS = (7, 30, 90, 180, 365)
ENDED = f"{SHARING}/gestopt"


class Again:
    """The pages at `/regie/delen/gestopt` and `/regie/delen/{grant}/opnieuw`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The list of what ended; the question; the answer."""
        path = f"{SHARING}/{{grant}}/opnieuw"
        return [
            page(ENDED, self.ended, mandate="see"),
            page(path, self.ask),
            page(path, self.give, methods=["POST"]),
        ]

    async def ended(self, request: Request, account: Account) -> Response:
        """What is not shared any more, newest first, in pages."""
        lang, say = lang_of(request), self._parts.say(request)
        picture = Picture(self._parts, account, lang, say)
        found = await self._ended(account, picture, request.query_params.get("voor", "")[:40] or None)
        rows = [await picture.row(grant) for grant in found[:PAGE]]
        return self._parts.pages.render(
            request, "dashboard/manage_ended.html", rows=rows, older=found[PAGE - 1].id if len(found) > PAGE else "",
            again={grant.id for grant in found if may_again(grant)},
        )  # fmt: skip

    async def ask(self, request: Request, account: Account) -> Response:
        """What will be shared now, and the question for how long."""
        record = await self._ended_grant(account, asked(request))
        if (standing := await self._given_again(account, record)) is not None:
            return see_other(f"{SHARING}/{standing.id}")
        return await self._question(request, account, record, Form({}))

    async def give(self, request: Request, account: Account) -> Response:
        """Give it again. A second press leads to what the first one gave."""
        form, say = await form_of(self._parts, request), self._parts.say(request)
        form.only("dagen", "tot", "bewaren")
        record = await self._ended_grant(account, asked(request))
        if (standing := await self._given_again(account, record)) is not None:
            return see_other(f"{SHARING}/{standing.id}")
        now = self._parts.clock()
        try:
            terms = choosing.read_terms(form, DAYS, now, say)
        except Unfinished as missing:
            return await self._question(request, account, record, form, str(missing))
        given = await self._give(account, record, now + terms.seconds)
        return see_other(f"{SHARING}/{given.id}?klaar={given.version}")

    async def _give(self, account: Account, record: GrantRecord, until: float) -> GrantRecord:
        """Raises GrantNotFound where the receiver is not here any more."""
        if record.receiver_kind != "coach":
            return await self._parts.grants.renew(account.id, record.id, until=until)
        coach = await self._parts.accounts.by_webid(record.agent or "")
        if coach is None or coach.role != "coach":
            raise GrantNotFound("This coach is not here any more.")
        return await self._parts.sharing.again(account, coach, record.id, until=until)

    async def _ended_grant(self, account: Account, grant_id: str) -> GrantRecord:
        record = await self._parts.grants.get(account.id, grant_id)
        if not may_again(record) or record.active(self._parts.clock()):
            raise GrantNotFound("There is no grant here that ended and can be given again.")
        return record

    async def _given_again(self, account: Account, record: GrantRecord) -> GrantRecord | None:
        """The grant in force that came in the place of this one, if there is one."""
        found = await self._parts.grants.of_receiver(account.id, agent=record.agent, client=record.client)
        return next((grant for grant in found if grant.renews == record.id), None)

    async def _ended(self, account: Account, picture: Picture, before: str | None) -> Sequence[GrantRecord]:
        """The newest of what ended, one more than a page."""
        over = await self._parts.grants.list(account.id, ended_only=True, limit=PAGE + 1, before=before)
        found = [*over, *await picture.used_up(before)]
        return sorted(found, key=lambda grant: grant.id, reverse=True)[: PAGE + 1]

    async def _question(
        self, request: Request, account: Account, record: GrantRecord, form: Form, error: str = ""
    ) -> Response:
        lang, say = lang_of(request), self._parts.say(request)
        shown = await choosing.preview(self._parts, account, revived(record, self._parts.clock()), lang, say)
        name = wording.called(record, say)
        return self._parts.pages.render(
            request, "dashboard/manage_again.html", status=400 if error else 200, grant=record, form=form, error=error,
            days=DAYS, name=name, may=wording.may(record, say), what=wording.what(record, lang, say),
            it=choosing.Seen(name, tuple(shown), reads="read" in record.actions),
        )  # fmt: skip
