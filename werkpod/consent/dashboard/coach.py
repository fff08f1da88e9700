"""Share with a coach: who, what of which sections, how long; and the very responses that the coach would get."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.choosing import (
    NAMES,
    TERM_NAMES,
    Chosen,
    Offer,
    Unfinished,
    draft,
    offers,
    pressed,
    read,
    read_terms,
    seen,
)
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import (
    DashboardParts,
    Form,
    acting_of,
    actor_of,
    form_of,
    lang_of,
    page,
    see_other,
    within,
)
from werkpod.consent.dashboard.sharing import SHARING
from werkpod.consent.grants import GrantRecord
from werkpod.consent.grants.presets import PRESETS
from werkpod.vocab.sections import CV_SECTIONS

DAYS = (30, 90, 180, 365)
PATH = f"{SHARING}/coach"
PURPOSE = "https://w3id.org/dpv#ServiceProvision"
"""DPV 2 `dpv:ServiceProvision`: what a coach does with it."""
OTHER = "anders"
_FIELDS = ("coach", "webid", *NAMES, *TERM_NAMES)
_READY = (PRESETS["coach"], PRESETS["skills"])
_KEYS = tuple(section.key for section in CV_SECTIONS)


class ShareWithCoach:
    """The pages at `/regie/delen/coach`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The form, and sharing."""
        return [
            page(PATH, self.ask, citizens=True, mandate="share"),
            page(PATH, self.share, methods=["POST"], citizens=True, mandate="share"),
        ]

    async def ask(self, request: Request, account: Account) -> Response:
        """The form; nothing is ticked."""
        return await self._form(request, account, Form({}), Chosen())

    async def share(self, request: Request, account: Account) -> Response:
        """Share, write it down, tell the coach. A button of the chooser only shows what it would be."""
        form = await form_of(self._parts, request)
        form.only(*_FIELDS)
        say = self._parts.say(request)
        _ = say
        offered = await self._offered(request, account)
        if (shown := pressed(form, offered, _READY)) is not None:
            return await self._form(request, account, form, shown, offered=offered)
        try:
            coach = await self._chosen(form)
            if coach is None:
                raise Unfinished(_("Kies met wie je wilt delen. Klopt het adres?"))
            chosen = read(form, offered, _READY, say)
            terms = read_terms(form, {*DAYS, *_days(request)}, self._parts.clock(), say)
        except Unfinished as missing:
            return await self._form(
                request, account, form, draft(form, offered, _READY), offered=offered, error=str(missing)
            )
        record = terms.on(chosen.on(self._record(request, account, coach)))
        grant = await self._parts.sharing.with_coach(account, coach, record)
        return see_other(f"{SHARING}?gedeeld={grant.id}")

    def _record(self, request: Request, account: Account, coach: Account | None) -> GrantRecord:
        """The grant, but for what was chosen. Without a coach: to show what any coach would get."""
        _ = self._parts.say(request)
        now, actor = self._parts.clock(), actor_of(request)
        return GrantRecord(
            id="", pod=account.id, agent=coach.webid if coach else f"{self._parts.base_url}/#coach", client=None,
            receiver_name=coach.name if coach else "", receiver_kind="coach", purpose=PURPOSE,
            purpose_text=_("Om je te helpen met werk."), created=now, not_before=now, until=now + 60,
            given_by=actor.webid if actor else None,
        )  # fmt: skip

    async def _offered(self, request: Request, account: Account) -> tuple[Offer, ...]:
        own = await OwnPod.of(self._parts, account)
        return await offers(own, within(request, _KEYS), lang_of(request), self._parts.say(request))

    async def _chosen(self, form: Form) -> Account | None:
        """The coach that was picked, or the one whose address was typed; None for anybody else."""
        picked = form.text("coach", 500)
        webid = form.text("webid", 500) if picked in ("", OTHER) else picked
        found = await self._parts.accounts.by_webid(webid) if webid else None
        return found if found is not None and found.role == "coach" else None

    async def _form(
        self, request: Request, account: Account, form: Form, chosen: Chosen, *, offered: tuple[Offer, ...] = (),
        error: str = "",
    ) -> Response:  # fmt: skip
        lang, say = lang_of(request), self._parts.say(request)
        coach = await self._chosen(form)
        offered = offered or await self._offered(request, account)
        _ = say
        looked = await seen(
            self._parts, account, self._record(request, account, coach), chosen, offered, lang, say,
            who=coach.name if coach else _("je coach"),
        )  # fmt: skip
        if request.headers.get("hx-request") == "true":
            return self._parts.pages.render(request, "choosing/seen.html", seen=looked)
        coaches = await self._parts.accounts.with_role("coach")
        return self._parts.pages.render(
            request, "dashboard/coach.html", status=400 if error else 200, form=form, error=error, days=_days(request),
            coaches=sorted(coaches, key=lambda coach: coach.name.casefold()), other=OTHER, offered=offered,
            chosen=chosen, presets=_READY, path_here=PATH, seen=looked,
        )  # fmt: skip


def _days(request: Request) -> tuple[int, ...]:
    """How long the page offers; no longer than whoever acts for the citizen may share (more is refused there)."""
    acting = acting_of(request)
    return DAYS if acting is None else tuple(dict.fromkeys(min(days, acting.mandate.max_days) for days in DAYS))
