"""Iemand die je helpt: the citizen asks somebody to act for them, within limits, and stops it with one press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.accounts.names import clean_name, slug_stem
from werkpod.consent.dashboard.parts import ACTING_HOME, DashboardParts, Form, form_of, lang_of, page, see_other
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.dashboard.telling import tell
from werkpod.consent.errors import NameUnfit
from werkpod.consent.mandates import ACTS, KINDS, Act, Mandate, MandateRefused
from werkpod.pod.addresses import is_slug
from werkpod.vocab.sections import CV_SECTIONS
from werkpod.web.failures import N_

PATH = ACTING_HOME.rpartition("/")[0]
DAYS = (30, 90, 180, 365)
"""How long a mandate lasts, and what is shared under one."""
OTHER = "anders"
_KEYS = frozenset(section.key for section in CV_SECTIONS)
_FIELDS = ("coach", "gebruikersnaam", "naam", "soort", "mag", "onderdeel", "hooguit", "dagen", "terug")
_INVITED = N_("%(name)s vraagt of je wilt helpen. Log in bij Werkpod en kijk bij Voor wie je iets regelt.")
_STOPPED = N_("Je regelt niets meer voor %(name)s. %(name)s is daarmee gestopt.")


class Wrong(Exception):
    """What the citizen still has to say, in a sentence for them."""


def kinds(say: Say) -> Mapping[str, str]:
    """What a representative is to the citizen, in words."""
    _ = say
    return {"mentor": _("mijn mentor"), "parent": _("mijn ouder of verzorger"), "jobcoach": _("mijn jobcoach"),
            "other": _("iemand anders die ik vertrouw")}  # fmt: skip


def acts(say: Say) -> Mapping[Act, str]:
    """What a representative may do, in words."""
    _ = say
    return {
        "see": _("zien met wie er gedeeld wordt en wie er keek"),
        "share": _("iets van het cv delen met een coach of werkgever"),
        "answer": _("antwoord geven als iemand om het cv vraagt"),
        "stop": _("stoppen met delen"),
    }


class MandatePages:
    """The citizen's pages at `/regie/vertegenwoordiging`: for nobody else, whoever acts for the citizen included."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """Who helps, asking somebody in two steps, stopping."""
        return [
            page(PATH, self.show, citizens=True),
            page(f"{PATH}/nieuw", self.ask, citizens=True),
            page(f"{PATH}/nieuw", self.look_again, methods=["POST"], citizens=True),
            page(f"{PATH}/nieuw/ja", self.invite, methods=["POST"], citizens=True),
            page(f"{PATH}/stop", self.stop, methods=["POST"], citizens=True),
        ]

    async def show(self, request: Request, account: Account) -> Response:
        """Who helps now, who was asked, who did."""
        found, now, say = await self._parts.mandates.of(account.id), self._parts.clock(), self._parts.say(request)
        return self._parts.pages.render(
            request, "dashboard/mandates.html", kinds=kinds(say), acts=acts(say), labels=section_labels(request),
            helping=[mandate for mandate in found if mandate.active(now)],
            waiting=[mandate for mandate in found if mandate.waiting(now)],
            past=[mandate for mandate in found if not mandate.active(now) and not mandate.waiting(now)],
            asked="gevraagd" in request.query_params, stopped="gestopt" in request.query_params,
        )  # fmt: skip

    async def ask(self, request: Request, account: Account) -> Response:
        """The form; nothing is ticked."""
        return await self._form(request, account, Form({}))

    async def look_again(self, request: Request, account: Account) -> Response:
        """The second step: all of it once more in plain words, before anything is asked."""
        form = await form_of(self._parts, request)
        form.only(*_FIELDS)
        if form.text("terug"):
            return await self._form(request, account, form)
        say = self._parts.say(request)
        try:
            mandate = self._read(form, account, say, await self._coaches())
        except Wrong as wrong:
            return await self._form(request, account, form, str(wrong))
        return self._parts.pages.render(
            request, "dashboard/mandate_check.html", mandate=mandate, form=form, fields=_FIELDS, acts=acts(say),
            labels=section_labels(request),
        )  # fmt: skip

    async def invite(self, request: Request, account: Account) -> Response:
        """Ask. Whether there is somebody of that name does not show: the message leaves after the answer."""
        form = await form_of(self._parts, request)
        form.only(*_FIELDS)
        say = self._parts.say(request)
        _ = say
        try:
            mandate = await self._parts.mandates.invite(self._read(form, account, say, await self._coaches()))
        except Wrong as wrong:
            return await self._form(request, account, form, str(wrong))
        except MandateRefused:
            text = _("Dit kan nu niet. Je kunt niet te veel mensen tegelijk vragen. Stop eerst bij iemand.")
            return await self._form(request, account, form, text)
        response = see_other(f"{PATH}?gevraagd=1")
        response.background = BackgroundTask(self._tell, account, mandate.actor, _INVITED)
        return response

    async def stop(self, request: Request, account: Account) -> Response:
        """One press: over. Their next page shows nothing of the citizen any more."""
        form = await form_of(self._parts, request)
        form.only("hulp")
        mandate = await self._parts.mandates.stop(account.id, form.text("hulp"), by=account.webid)
        response = see_other(f"{PATH}?gestopt=1")
        if mandate.answered is not None:
            response.background = BackgroundTask(self._tell, account, mandate.actor, _STOPPED)
        return response

    async def _tell(self, account: Account, webid: str, message: str) -> None:
        receiver = await self._parts.accounts.by_webid(webid)
        if receiver is not None:
            await tell(self._parts, account, receiver, message, name=account.name)

    async def _coaches(self) -> Sequence[Account]:
        return sorted(await self._parts.accounts.with_role("coach"), key=lambda coach: coach.name.casefold())

    async def _form(self, request: Request, account: Account, form: Form, error: str = "") -> Response:
        say = self._parts.say(request)
        return self._parts.pages.render(
            request, "dashboard/mandate_new.html", status=400 if error else 200, form=form, error=error, other=OTHER,
            coaches=await self._coaches(), kinds=kinds(say), acts=acts(say), labels=section_labels(request), days=DAYS,
        )  # fmt: skip

    def _read(self, form: Form, account: Account, say: Say, coaches: Sequence[Account]) -> Mandate:
        """The mandate that the form asks for. Raises Wrong, FormRefused."""
        _ = say
        actor, name = self._whom(form, say, coaches)
        if actor == account.webid:
            raise Wrong(_("Dit ben je zelf. Kies iemand anders."))
        kind = next((kind for kind in KINDS if kind == form.text("soort")), None)
        if kind is None:
            raise Wrong(_("Kies wie dit voor jou is."))
        # Who may stop sharing sees what is shared: the page says so.
        may = tuple(act for act in ACTS if act in form.all("mag") or (act == "see" and "stop" in form.all("mag")))
        if not may or set(form.all("mag")) - set(ACTS):
            raise Wrong(_("Kies wat deze persoon mag doen."))
        sections, most, days = form.all("onderdeel"), form.number("hooguit", DAYS), form.number("dagen", DAYS)
        if {"share", "answer"} & set(may):
            if not sections or set(sections) - _KEYS:
                raise Wrong(_("Kies welke delen van je cv deze persoon mag delen."))
            if most is None:
                raise Wrong(_("Kies hoe lang deze persoon iets mag delen."))
        else:
            sections, most = (), most or DAYS[0]
        if days is None:
            raise Wrong(_("Kies hoe lang deze persoon je helpt."))
        now = self._parts.clock()
        return Mandate("", account.id, actor, name, kind, may, sections, most, now, now + days * 86400)

    def _whom(self, form: Form, say: Say, coaches: Sequence[Account]) -> tuple[str, str]:
        """WebID and name of whoever is asked. Raises Wrong."""
        _ = say
        picked = form.text("coach", 500)
        for coach in coaches:
            if picked == coach.webid:
                return coach.webid, coach.name
        typed = form.text("gebruikersnaam", 500)
        if picked not in ("", OTHER) or not typed:
            raise Wrong(_("Kies wie je helpt, of vul de gebruikersnaam in."))
        slug = typed.removeprefix(f"{self._parts.base_url}/").removesuffix("/profile/card#me")
        if not is_slug(slug) and typed.isascii() and any(letter.isalnum() for letter in typed):
            slug = slug_stem(typed)
        if not is_slug(slug):
            raise Wrong(_("Zo ziet een gebruikersnaam er niet uit. Vraag de persoon wat de naam is."))
        try:
            name = clean_name(form.text("naam", 80))
        except NameUnfit:
            raise Wrong(_("Vul in hoe je deze persoon noemt.")) from None
        return f"{self._parts.base_url}/{slug}/profile/card#me", name


def section_labels(request: Request) -> Mapping[str, str]:
    """The sections of a CV by key, in the reader's language."""
    return {section.key: section.label(lang_of(request)) for section in CV_SECTIONS}
