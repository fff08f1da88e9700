"""Share by link: choose sections, how long, how often; the address is shown once, with its QR code."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import DashboardParts, Form, form_of, lang_of, page, see_other
from werkpod.consent.dashboard.sharing import SHARING
from werkpod.vocab.sections import CV_SECTIONS

DAYS = (1, 7, 14, 30, 90)
VIEWS = (1, 3, 5, 10, 25)
PATH = f"{SHARING}/link"
_FIELDS = ("onderdeel", "dagen", "keren", "naam", "code")


def qr_svg(url: str) -> Markup:
    """The QR code of an address as inline SVG without styles; error correction M, a quiet zone of 4 (ISO/IEC 18004)."""
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=4, scale=1, svgclass=None, lineclass=None,
        light="#fff",
    )  # fmt: skip
    return Markup(out.getvalue().decode())


class Link:
    """The pages at `/regie/delen/link`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The form, making, stopping."""
        return [
            page(PATH, self.ask, citizens=True),
            page(PATH, self.make, methods=["POST"], citizens=True),
            page(f"{PATH}/stop", self.stop, methods=["POST"], citizens=True),
        ]

    async def ask(self, request: Request, account: Account) -> Response:
        """The form, and the links that there are."""
        return await self._form(request, account, Form({}))

    async def make(self, request: Request, account: Account) -> Response:
        """Make the link and show its address, this once."""
        form = await form_of(self._parts, request)
        form.only(*_FIELDS)
        days, views = form.number("dagen", DAYS), form.number("keren", VIEWS)
        _ = self._parts.say(request)
        if not form.all("onderdeel"):
            return await self._form(request, account, form, _("Kies eerst wat je wilt laten zien."))
        if days is None or views is None:
            return await self._form(request, account, form, _("Kies hoe lang en hoe vaak de link werkt."))
        passcode = form.text("code", 64)
        if passcode and len(passcode) < 4:
            return await self._form(request, account, form, _("Een code heeft minstens 4 tekens."))
        link = await self._parts.links.create(
            account, form.all("onderdeel"), days=days, views=views, passcode=passcode or None,
            label=form.text("naam", 80), purpose_text=_("Om je cv te bekijken."),
        )  # fmt: skip
        labels = [section.label(lang_of(request)) for section in CV_SECTIONS if section.key in form.all("onderdeel")]
        return self._parts.pages.render(
            request, "dashboard/link_made.html", link=link, labels=labels, qr=qr_svg(link.url or ""), days=days
        )

    async def stop(self, request: Request, account: Account) -> Response:
        """The link opens nothing any more."""
        form = await form_of(self._parts, request)
        form.only("link")
        link = await self._parts.links.stop(account.id, form.text("link"), by=account.id)
        return see_other(f"{SHARING}?gestopt={link.grant}")

    async def _form(self, request: Request, account: Account, form: Form, error: str = "") -> Response:
        pod = await OwnPod.of(self._parts, account)
        sections = await pod.sections(lang_of(request), self._parts.say(request))
        now = self._parts.clock()
        return self._parts.pages.render(
            request, "dashboard/link.html", status=400 if error else 200, sections=sections, form=form, error=error,
            days=DAYS, views=VIEWS, now=now, links=[x for x in await self._parts.links.list(account.id) if x.open(now)],
        )  # fmt: skip
