"""Share with a coach: who, which sections, how long."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import DashboardParts, Form, form_of, lang_of, page, see_other
from werkpod.consent.dashboard.sharing import SHARING
from werkpod.consent.grants import GrantRecord
from werkpod.vocab.sections import CV_SECTIONS

DAYS = (30, 90, 180, 365)
PATH = f"{SHARING}/coach"
PURPOSE = "https://w3id.org/dpv#ServiceProvision"
"""DPV 2 `dpv:ServiceProvision`: what a coach does with it."""
OTHER = "anders"
_FIELDS = ("coach", "webid", "onderdeel", "dagen")
_KEYS = frozenset(section.key for section in CV_SECTIONS)


class ShareWithCoach:
    """The pages at `/regie/delen/coach`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The form, and sharing."""
        return [
            page(PATH, self.ask, citizens=True),
            page(PATH, self.share, methods=["POST"], citizens=True),
        ]

    async def ask(self, request: Request, account: Account) -> Response:
        """The form; nothing is ticked."""
        return await self._form(request, account, Form({}))

    async def share(self, request: Request, account: Account) -> Response:
        """Share, write it down, tell the coach."""
        form = await form_of(self._parts, request)
        form.only(*_FIELDS)
        _ = self._parts.say(request)
        sections, days = form.all("onderdeel"), form.number("dagen", DAYS)
        coach = await self._chosen(form)
        if coach is None:
            return await self._form(request, account, form, _("Kies met wie je wilt delen. Klopt het adres?"))
        if not sections or not _KEYS.issuperset(sections):
            return await self._form(request, account, form, _("Kies eerst wat je wilt laten zien."))
        if days is None:
            return await self._form(request, account, form, _("Kies hoe lang je deelt."))
        now = self._parts.clock()
        record = GrantRecord(
            id="", pod=account.id, agent=coach.webid, client=None, receiver_name=coach.name, receiver_kind="coach",
            sections=sections, purpose=PURPOSE, purpose_text=_("Om je te helpen met werk."), created=now,
            not_before=now, until=now + days * 86400,
        )  # fmt: skip
        grant = await self._parts.sharing.with_coach(account, coach, record)
        return see_other(f"{SHARING}?gedeeld={grant.id}")

    async def _chosen(self, form: Form) -> Account | None:
        """The coach that was picked, or the one whose address was typed; None for anybody else."""
        picked = form.text("coach", 500)
        webid = form.text("webid", 500) if picked in ("", OTHER) else picked
        found = await self._parts.accounts.by_webid(webid) if webid else None
        return found if found is not None and found.role == "coach" else None

    async def _form(self, request: Request, account: Account, form: Form, error: str = "") -> Response:
        pod = await OwnPod.of(self._parts, account)
        coaches = await self._parts.accounts.with_role("coach")
        return self._parts.pages.render(
            request, "dashboard/coach.html", status=400 if error else 200, form=form, error=error, days=DAYS,
            coaches=sorted(coaches, key=lambda coach: coach.name.casefold()), other=OTHER,
            sections=await pod.sections(lang_of(request), self._parts.say(request)),
        )  # fmt: skip
