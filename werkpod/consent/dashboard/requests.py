"""Vragen: who asks to see something, how that is known, the very data; and yes, less, no, why, or never again.

The address is `/regie/vragen`. What is approved is what was shown: a request cannot change, and every answer carries
the digest of the one that was on the page.
"""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.asking.errors import AskChanged, AskClosed, AskGone, BadAsk
from werkpod.consent.asking.model import Ask
from werkpod.consent.dashboard import wording
from werkpod.consent.dashboard.asked import Said, answer_record, called, chosen_as_asked, said
from werkpod.consent.dashboard.choosing import (
    NAMES,
    TERM_NAMES,
    Chosen,
    Offer,
    Unfinished,
    draft,
    offers,
    pressed,
    preview,
    read,
    read_terms,
    seen,
)
from werkpod.consent.dashboard.errors import FormRefused
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import DashboardParts, Form, actor_of, form_of, lang_of, page, see_other, within
from werkpod.consent.grants import GrantRecord
from werkpod.consent.oauth.detail_members import kept_seconds
from werkpod.pod.store.protocol import Statement

PATH = "/regie/vragen"
DAYS = (1, 7, 30, 90, 180, 365)
_DAY = 86400.0


class Requests:
    """The pages at `/regie/vragen`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The list, one request, the answers, and whom one does not want to hear of."""
        one = PATH + "/{vraag}"
        return [
            page(PATH, self.list, citizens=True, mandate="answer"),
            page(f"{PATH}/deblokkeer", self.unblock, methods=["POST"], citizens=True),
            page(one, self.show, citizens=True, mandate="answer"),
            page(one, self.answer, methods=["POST"], citizens=True, mandate="answer"),
            page(f"{one}/minder", self.less, citizens=True, mandate="answer"),
            page(f"{one}/minder", self.give_less, methods=["POST"], citizens=True, mandate="answer"),
            page(f"{one}/waarom", self.ask_why, methods=["POST"], citizens=True, mandate="answer"),
            page(f"{one}/blokkeer", self.block, methods=["POST"], citizens=True),
            page(f"{one}/meld", self.report, methods=["POST"], citizens=True),
        ]

    async def list(self, request: Request, account: Account) -> Response:
        """What waits for an answer, what waits for the asker, what was answered, and who is blocked."""
        say = self._parts.say(request)
        asks = await self._parts.asking.list(account)
        rows = [(ask, called(ask.content, say)) for ask in asks]
        return self._parts.pages.render(
            request, "dashboard/requests.html",
            waiting=[row for row in rows if row[0].state == "waiting"],
            questions=[row for row in rows if row[0].state == "question"],
            earlier=[row for row in rows if not row[0].open][:30],
            blocked=[(one, one.name or one.asker) for one in await self._parts.asking.blocked(account)],
            done=request.query_params.get("gedaan", ""),
        )  # fmt: skip

    async def show(self, request: Request, account: Account) -> Response:
        """One request, with all that one has to know to answer it."""
        try:
            ask = await self._parts.asking.get(account, _named(request))
        except AskGone:
            return self._gone(request)
        return await self._page(request, account, ask, Form({}))

    async def answer(self, request: Request, account: Account) -> Response:
        """Ja: exactly what was asked. Nee: nothing, and why where one likes."""
        form = await form_of(self._parts, request)
        form.only("gezien", "antwoord", "reden")
        try:
            ask = await self._shown(request, account, form)
            if form.text("antwoord") == "nee":
                await self._parts.asking.refuse(account, ask, form.text("reden", 500), by=_by(request))
                return see_other(f"{PATH}?gedaan=nee")
            if form.text("antwoord") != "ja":
                raise FormRefused("The field antwoord is ja or nee.")
            await self._give(account, ask, self._record(request, account, ask), _by(request))
        except (AskGone, AskClosed, AskChanged):
            return self._gone(request)
        except BadAsk:
            _ = self._parts.say(request)
            return await self._page(
                request, account, ask, form, error=_("Schrijf gewone tekst. Hier zit iets in wat niet kan.")
            )  # fmt: skip
        return see_other(f"{PATH}?gedaan=ja")

    async def less(self, request: Request, account: Account) -> Response:
        """Choose oneself, of what was asked; nothing is ticked."""
        try:
            ask = await self._parts.asking.get(account, _named(request))
        except AskGone:
            return self._gone(request)
        if not ask.open:
            return self._gone(request)
        return await self._chooser(
            request, account, ask, Form({}), Chosen(), await self._offered(request, account, ask)
        )

    async def give_less(self, request: Request, account: Account) -> Response:
        """Ja to what was chosen, which is never more than was asked. A button of the chooser only shows what it is."""
        form, say = await form_of(self._parts, request), self._parts.say(request)
        _ = say
        form.only("gezien", *NAMES, *TERM_NAMES)
        try:
            ask = await self._shown(request, account, form)
            offered = await self._offered(request, account, ask)
            if (shown := pressed(form, offered, ())) is not None:
                return await self._chooser(request, account, ask, form, shown, offered)
            try:
                chosen = read(form, offered, (), say)
                record = self._narrowed(request, account, ask, form, chosen)
            except Unfinished as missing:
                left = draft(form, offered, ())
                return await self._chooser(request, account, ask, form, left, offered, error=str(missing))
            await self._give(account, ask, record, _by(request))
        except (AskGone, AskClosed, AskChanged):
            return self._gone(request)
        return see_other(f"{PATH}?gedaan=ja")

    async def ask_why(self, request: Request, account: Account) -> Response:
        """Ask the asker something; the request waits."""
        form = await form_of(self._parts, request)
        form.only("gezien", "vraag")
        _ = self._parts.say(request)
        try:
            ask = await self._shown(request, account, form)
            await self._parts.asking.ask_why(account, ask, form.text("vraag", 500), by=_by(request))
        except (AskGone, AskClosed, AskChanged):
            return self._gone(request)
        except BadAsk:
            return await self._page(request, account, ask, form, error=_("Schrijf eerst je vraag."))
        return see_other(f"{PATH}?gedaan=waarom")

    async def block(self, request: Request, account: Account) -> Response:
        """Never hear of this asker again; undone on the list."""
        form = await form_of(self._parts, request)
        form.only("gezien")
        try:
            await self._parts.asking.block(account, await self._shown(request, account, form), by=_by(request))
        except (AskGone, AskClosed, AskChanged):
            return self._gone(request)
        return see_other(f"{PATH}?gedaan=blokkeer")

    async def report(self, request: Request, account: Account) -> Response:
        """Tell the organisation who asked this. The request stays, and can still be answered."""
        form = await form_of(self._parts, request)
        form.only()
        try:
            await self._parts.asking.report(account, await self._parts.asking.get(account, _named(request)))
        except AskGone:
            return self._gone(request)
        return see_other(f"{PATH}?gedaan=meld")

    async def unblock(self, request: Request, account: Account) -> Response:
        """Let somebody ask again."""
        form = await form_of(self._parts, request)
        form.only("wie")
        try:
            await self._parts.asking.unblock(account, form.text("wie", 64))
        except AskGone:
            return see_other(PATH)
        return see_other(f"{PATH}?gedaan=deblokkeer")

    async def _shown(self, request: Request, account: Account, form: Form) -> Ask:
        return await self._parts.asking.shown(account, _named(request), form.text("gezien", 64))

    async def _give(self, account: Account, ask: Ask, record: GrantRecord, by: str | None) -> None:
        """The grant; with a coach, all that goes with sharing with one."""
        coach = await self._parts.accounts.by_webid(ask.content.asker) if ask.content.kind == "coach" else None

        async def give(made: GrantRecord, *beside: Statement) -> GrantRecord:
            if coach is not None:
                return await self._parts.sharing.with_coach(account, coach, made, *beside)
            return await self._parts.grants.create(made, *beside)

        await self._parts.asking.approve(account, ask, record, give, by=by)

    def _record(self, request: Request, account: Account, ask: Ask) -> GrantRecord:
        """The grant of exactly what was asked."""
        record = answer_record(ask, account, lang_of(request), self._parts.say(request), now=self._parts.clock())
        return chosen_as_asked(ask).on(replace(record, given_by=_by(request)))

    def _narrowed(
        self, request: Request, account: Account, ask: Ask, form: Form, chosen: Chosen
    ) -> GrantRecord:  # fmt: skip
        """The grant of what was chosen. Raises Unfinished: no time, or a longer one than was asked."""
        say, access = self._parts.say(request), ask.content.access
        _ = say
        record = self._record(request, account, ask)
        if not access.once:
            terms = read_terms(form, _days(ask), self._parts.clock(), say)
            if terms.seconds > (access.seconds or 0.0):
                raise Unfinished(_("Zo lang is niet gevraagd. Kies een kortere tijd."))
            shorter = kept_seconds(terms.keep) <= kept_seconds(access.keep)
            record = terms.on(record) if shorter else replace(terms.on(record), keep=access.keep)
        return chosen.on(record)

    async def _offered(self, request: Request, account: Account, ask: Ask) -> tuple[Offer, ...]:
        lang, access = lang_of(request), ask.content.access
        return await offers(
            await OwnPod.of(self._parts, account), within(request, access.possible), lang, self._parts.say(request),
            fields=dict.fromkeys(access.left_out, "closed"),
            reasons={key: access.reason(key, lang) for key in access.reasons},
            narrows=access.actions == ("read",),
        )  # fmt: skip

    async def _page(self, request: Request, account: Account, ask: Ask, form: Form, *, error: str = "") -> Response:
        lang, say = lang_of(request), self._parts.say(request)
        record = self._record(request, account, ask)
        inside = within(request, record.sections) == record.sections and not (record.everything and actor_of(request))
        looks = ask.open and "read" in record.actions and inside
        found = await preview(self._parts, account, record, lang, say) if looks else ()
        return self._parts.pages.render(
            request, "dashboard/request.html", status=400 if error else 200, ask=ask, form=form, error=error,
            said=self._said(request, ask), shown=[one for one in found if not one.index],
            left_out=wording.fields(record, lang), here=f"{PATH}/{ask.id}", beyond=ask.open and not inside,
            organisation=self._parts.organisation,
        )  # fmt: skip

    async def _chooser(
        self, request: Request, account: Account, ask: Ask, form: Form, chosen: Chosen, offered: tuple[Offer, ...], *,
        error: str = "",
    ) -> Response:  # fmt: skip
        lang, say, here = lang_of(request), self._parts.say(request), f"{PATH}/{ask.id}"
        record = self._record(request, account, ask)
        looked = await seen(
            self._parts, account, record, chosen, offered, lang, say, who=called(ask.content, say)
        )  # fmt: skip
        if request.headers.get("hx-request") == "true":
            return self._parts.pages.render(request, "choosing/seen.html", seen=looked)
        return self._parts.pages.render(
            request, "dashboard/request_less.html", status=400 if error else 200, ask=ask, form=form, error=error,
            said=self._said(request, ask), offered=offered, chosen=chosen, seen=looked, days=_days(ask), here=here,
        )  # fmt: skip

    def _said(self, request: Request, ask: Ask) -> Said:
        return said(
            ask, lang_of(request), self._parts.say(request), base_url=self._parts.base_url,
            organisation=self._parts.organisation,
        )  # fmt: skip

    def _gone(self, request: Request) -> Response:
        return self._parts.pages.render(request, "dashboard/request_gone.html", status=404)


def _named(request: Request) -> str:
    return str(request.path_params["vraag"])[:40]


def _by(request: Request) -> str | None:
    actor = actor_of(request)
    return actor.webid if actor else None


def _days(ask: Ask) -> tuple[int, ...]:
    """How long one can choose: no longer than was asked."""
    most = int((ask.content.access.seconds or 0.0) // _DAY)
    return tuple(sorted({*(days for days in DAYS if days < most), *([most] if most else [])}))
