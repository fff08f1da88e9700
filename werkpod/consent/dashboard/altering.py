"""Shorten, narrow, extend: a form, then the difference in words, and only then does it count.

The second page carries the version of the grant that the difference was shown for. A yes to it makes the next version
of that one, or, where the grant changed meanwhile, nothing: then the form comes back with how it is now.

A coach or an employer may get more, since the citizen chose what they get in the first place. An app gets no more than
it has: one that needs more asks, in its own words of the day (record 29).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard import choosing, wording
from werkpod.consent.dashboard.choosing import Chosen, Offer, Unfinished
from werkpod.consent.dashboard.difference import DAY, Step, compare, wider
from werkpod.consent.dashboard.errors import FormRefused
from werkpod.consent.dashboard.manage import asked, may_alter, titles
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import DashboardParts, Form, form_of, lang_of, page, see_other
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.dashboard.sharing import SHARING
from werkpod.consent.grants import GrantChanged, GrantNotFound, GrantRecord
from werkpod.vocab.sections import CV_SECTIONS, SECTIONS

DAYS = (1, 7, 30, 90, 180, 365)
"""How long from now, to choose from."""
LONGEST = 3650 * DAY
WIDENS = ("coach", "employer")
"""Receivers to whom the citizen may give more than they have."""
SAME, LOOK, CHANGE, ALL = "zelfde", "kijken", "veranderen", "alles"
_OWN = ("dagen", "tot", "bewaren", "mag", "alles", "versie", "einde", "zeker")


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form says so far: the grant as it would become, and what the chooser shows."""

    record: GrantRecord
    chosen: Chosen


class Altering:
    """The pages at `/regie/delen/{grant}/veranderen`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The form; the difference; the change."""
        path = f"{SHARING}/{{grant}}/veranderen"
        return [page(path, self.ask), page(path, self.answer, methods=["POST"])]

    async def ask(self, request: Request, account: Account) -> Response:
        """The form, as the grant is now."""
        record = await self._alterable(account, asked(request))
        return await self._form(request, account, record, Chosen.of(record), Form({}))

    async def answer(self, request: Request, account: Account) -> Response:
        """A press in the chooser shows the form again; an answer shows the difference; a yes to that counts."""
        form, lang, say = await form_of(self._parts, request), lang_of(request), self._parts.say(request)
        form.only(*choosing.NAMES, *_OWN)
        record = await self._alterable(account, asked(request))
        offered = await self._offers(account, record, lang, say)
        if (shown := choosing.pressed(form, offered, ())) is not None:
            return await self._form(request, account, record, shown, form)
        try:
            after = self._read(form, record, offered, say)
            names = await titles(self._parts, account, (record, after), lang, say)
            steps = compare(record, after, names, lang, say)
            self._within(record, steps, say)
        except Unfinished as missing:
            return await self._form(request, account, record, self._draft(form, record, offered), form, str(missing))
        if form.text("zeker") != "ja":
            return self._difference(request, record, after, steps, form)
        if not steps:
            return see_other(f"{SHARING}/{record.id}")
        version = form.number("versie", range(1, record.version + 1))
        try:
            changed = await self._parts.grants.change(after, expect=version or 0)
        except GrantChanged:
            _, record = say, await self._alterable(account, record.id)
            error = _("Dit is intussen veranderd. Kijk wat er nu gedeeld wordt, en kies opnieuw.")
            return await self._form(request, account, record, Chosen.of(record), Form({}), error, status=409)
        return see_other(f"{SHARING}/{changed.id}?klaar={changed.version}")

    async def _alterable(self, account: Account, grant_id: str) -> GrantRecord:
        """A grant that can be altered. Raises GrantNotFound."""
        record = await self._parts.grants.get(account.id, grant_id)
        if not record.active(self._parts.clock()) or not may_alter(record):
            raise GrantNotFound("There is no grant here in force that can be changed.")
        return record

    async def _offers(self, account: Account, record: GrantRecord, lang: str, say: Say) -> Sequence[Offer]:
        """The sections to choose from: those that it has, and the rest of the CV for whom may get more."""
        keys = [key for key in SECTIONS if record.everything or key in record.sections]
        if record.receiver_kind in WIDENS:
            cv = {section.key for section in CV_SECTIONS}
            keys = [key for key in SECTIONS if key in cv or key in record.sections]
        return await choosing.offers(await OwnPod.of(self._parts, account), keys, lang, say)

    def _read(self, form: Form, record: GrantRecord, offered: Sequence[Offer], say: Say) -> GrantRecord:
        """The grant as the form would have it. Raises Unfinished, FormRefused."""
        _ = say
        if record.everything and form.text("alles") == ALL:
            after = record
        else:
            after = choosing.read(form, offered, (), say).on(record)
            if after.hidden_fields == record.hidden_fields and after.sections == record.sections:
                after = replace(after, preset=record.preset)
        after = replace(after, until=self._until(form, record, say))
        if form.text("mag") not in ("", LOOK, CHANGE):
            raise FormRefused(f"mag is {LOOK} or {CHANGE}.")
        if form.text("mag") == LOOK:
            after = replace(after, actions=("read",))
        if after.actions != ("read",) and wording.partly(after):
            raise Unfinished(
                _('Wie iets mag veranderen, krijgt dat deel helemaal. Kies "alleen zien", of laat niets weg.')
            )
        return after

    def _until(self, form: Form, record: GrantRecord, say: Say) -> float | None:
        """The new end. The page with the difference carries it to the second: a yes gives what was shown."""
        _ = say
        until = self._end(form, record, say)
        if record.link is not None and (until or LONGEST) > (record.until or 0.0):
            raise Unfinished(_("Een link kan niet langer. Maak een nieuwe link."))
        return until

    def _end(self, form: Form, record: GrantRecord, say: Say) -> float | None:
        now, exact = self._parts.clock(), form.text("einde", 20)
        if exact:
            if not exact.isascii() or not exact.isdigit() or not now < int(exact) <= now + LONGEST:
                raise FormRefused("einde is a moment in the coming ten years, in Unix seconds.")
            return float(exact)
        if form.text("dagen") in ("", SAME) and not form.text("tot"):
            return record.until
        fields = {name: list(values) for name, values in form.fields.items()}
        if form.text("dagen") == SAME:
            fields["dagen"] = []
        return float(int(now + choosing.read_terms(Form(fields), DAYS, now, say).seconds))

    def _within(self, record: GrantRecord, steps: Sequence[Step], say: Say) -> None:
        _ = say
        if record.receiver_kind not in WIDENS and wider(steps):
            raise Unfinished(_("Meer delen kan hier niet. De app kan het je zelf vragen."))

    def _draft(self, form: Form, record: GrantRecord, offered: Sequence[Offer]) -> Chosen:
        if record.everything and form.text("alles") == ALL:
            return Chosen.of(record)
        return choosing.draft(form, offered)

    async def _form(
        self, request: Request, account: Account, record: GrantRecord, chosen: Chosen, form: Form, error: str = "",
        *, status: int = 0,
    ) -> Response:  # fmt: skip
        lang, say = lang_of(request), self._parts.say(request)
        return self._parts.pages.render(
            request, "dashboard/manage_alter.html", status=status or (400 if error else 200), grant=record, form=form,
            offered=await self._offers(account, record, lang, say), chosen=chosen, error=error, days=DAYS,
            name=wording.called(record, say), until=wording.until(record, lang, say), who=wording.who(record, say),
            widens=record.receiver_kind in WIDENS, writes=record.actions != ("read",),
            everything=record.everything and (not form.fields or form.text("alles") == ALL),
        )  # fmt: skip

    def _difference(
        self, request: Request, record: GrantRecord, after: GrantRecord, steps: Sequence[Step], form: Form
    ) -> Response:
        """What would change; the same form goes along, hidden, with the version and the very end."""
        kept = [(name, value) for name in (*choosing.NAMES, "mag", "alles") for value in form.all(name)]
        if after.until is not None and after.until != record.until:
            kept.append(("einde", str(int(after.until))))
        return self._parts.pages.render(
            request, "dashboard/manage_difference.html", grant=record, steps=steps, kept=kept,
            name=wording.called(record, self._parts.say(request)), version=record.version,
        )  # fmt: skip
