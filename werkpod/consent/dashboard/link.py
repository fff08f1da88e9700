"""Share by link: choose what, how long, how often; the address is shown once, with its QR code to print or save."""

from __future__ import annotations

import base64
import io

import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.choosing import NAMES, Chosen, Offer, Unfinished, draft, offers, pressed, read, seen
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import DashboardParts, Form, form_of, lang_of, page, see_other
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.dashboard.sharing import SHARING
from werkpod.consent.grants import GrantRecord
from werkpod.consent.grants.presets import PRESETS
from werkpod.consent.links import LinkRefused
from werkpod.consent.links.links import AT_ONCE, PURPOSE
from werkpod.vocab.sections import CV_SECTIONS

DAYS = (1, 7, 14, 30, 90)
VIEWS = (1, 3, 5, 10, 25)
PATH = f"{SHARING}/link"
_FIELDS = ("dagen", "keren", "naam", "code", *NAMES)
_READY = (PRESETS["anonymous"], PRESETS["skills"])
_KEYS = tuple(section.key for section in CV_SECTIONS)


def qr_svg(url: str) -> Markup:
    """The QR code of an address as inline SVG without styles; error correction M, a quiet zone of 4 (ISO/IEC 18004)."""
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=4, scale=1, svgclass=None, lineclass=None,
        light="#fff",
    )  # fmt: skip
    return Markup(out.getvalue().decode())


def qr_png(url: str) -> str:
    """The same code as a picture to save, in a `data:` address: the link is nowhere to be fetched from again."""
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind="png", border=4, scale=12)
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"


class Link:
    """The pages at `/regie/delen/link`. Making one is not for representatives: who makes a link can read with it."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The form, making, stopping."""
        return [
            page(PATH, self.ask, citizens=True),
            page(PATH, self.make, methods=["POST"], citizens=True),
            page(f"{PATH}/stop", self.stop, methods=["POST"], citizens=True, mandate="stop"),
        ]

    async def ask(self, request: Request, account: Account) -> Response:
        """The form, and the links that there are."""
        return await self._form(request, account, Form({}), Chosen())

    async def make(self, request: Request, account: Account) -> Response:
        """Make the link and show its address, this once. A button of the chooser only shows what it would be."""
        form = await form_of(self._parts, request)
        form.only(*_FIELDS)
        say = self._parts.say(request)
        _ = say
        offered = await self._offered(request, account)
        if (shown := pressed(form, offered, _READY)) is not None:
            return await self._form(request, account, form, shown, offered=offered)
        try:
            chosen = read(form, offered, _READY, say)
            days, views, passcode = _limits(form, say)
        except Unfinished as missing:
            begun = draft(form, offered, _READY)
            return await self._form(request, account, form, begun, offered=offered, error=str(missing))
        try:
            link = await self._parts.links.create(
                account, chosen.sections, days=days, views=views, passcode=passcode or None, narrow=chosen.on,
                label=form.text("naam", 80), purpose_text=_("Om je cv te bekijken."),
            )  # fmt: skip
        except LinkRefused:
            text = _("Je hebt te veel links die nog werken. Stop er eerst een paar.")
            return await self._form(request, account, form, chosen, offered=offered, error=text)
        labels = [offer.label for offer in offered if offer.key in chosen.sections]
        url = link.url or ""
        return self._parts.pages.render(
            request, "dashboard/link_made.html", link=link, labels=labels, narrowed=chosen.narrowed, qr=qr_svg(url),
            png=qr_png(url), days=days,
        )  # fmt: skip

    async def stop(self, request: Request, account: Account) -> Response:
        """The link opens nothing any more."""
        form = await form_of(self._parts, request)
        form.only("link")
        link = await self._parts.links.stop(account.id, form.text("link"), by=account.id)
        return see_other(f"{SHARING}?gestopt={link.grant}")

    async def _offered(self, request: Request, account: Account) -> tuple[Offer, ...]:
        own = await OwnPod.of(self._parts, account)
        return await offers(own, _KEYS, lang_of(request), self._parts.say(request))

    def _record(self, account: Account, form: Form) -> GrantRecord:
        """The grant of the link, but for what is chosen: to show what whoever has the link would get."""
        now = self._parts.clock()
        return GrantRecord(
            id="", pod=account.id, agent=None, client=self._parts.links.employer_client, receiver_kind="link",
            receiver_name=form.text("naam", 80), purpose=PURPOSE, created=now, not_before=now, until=now + 60,
        )  # fmt: skip

    async def _form(
        self, request: Request, account: Account, form: Form, chosen: Chosen, *, offered: tuple[Offer, ...] = (),
        error: str = "",
    ) -> Response:  # fmt: skip
        lang, say, now = lang_of(request), self._parts.say(request), self._parts.clock()
        offered = offered or await self._offered(request, account)
        _ = say
        looked = await seen(
            self._parts, account, self._record(account, form), chosen, offered, lang, say,
            who=_("wie de link heeft"),
        )  # fmt: skip
        if request.headers.get("hx-request") == "true":
            return self._parts.pages.render(request, "choosing/seen.html", seen=looked)
        return self._parts.pages.render(
            request, "dashboard/link.html", status=400 if error else 200, form=form, error=error, offered=offered,
            chosen=chosen, presets=_READY, path_here=PATH, seen=looked, days=DAYS, views=VIEWS, now=now, most=AT_ONCE,
            links=[link for link in await self._parts.links.list(account.id) if link.open(now)],
        )  # fmt: skip


def _limits(form: Form, say: Say) -> tuple[int, int, str]:
    """Days, views and passcode ("" for none). Raises Unfinished, FormRefused."""
    _ = say
    days, views, passcode = form.number("dagen", DAYS), form.number("keren", VIEWS), form.text("code", 64)
    if days is None or views is None:
        raise Unfinished(_("Kies hoe lang en hoe vaak de link werkt."))
    if passcode and len(passcode) < 4:
        raise Unfinished(_("Een code heeft minstens 4 tekens."))
    return days, views, passcode
