"""Is dit bewijs echt: a page for everybody, that checks a receipt and keeps nothing.

It says what the receipt says, and no more: whether something is shared now is for its owner to see.
"""

from __future__ import annotations

from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from werkpod.consent.dashboard.parts import DashboardParts, lang_of, viewer_of
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.dashboard.receipt_words import told
from werkpod.consent.proof import ProofRefused
from werkpod.consent.proof.errors import Check
from werkpod.consent.receipts import signed
from werkpod.web.errors import TooLarge
from werkpod.web.forms import read_form

CHECK = "/bewijs"
_FORM_LIMIT = signed.LIMIT + (4 << 10)
"""Bytes of the form around a file of the largest size."""


class ReceiptCheck:
    """The page at `/bewijs`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The form, and what came out."""
        return [Route(CHECK, self.page, methods=["GET", "POST"])]

    async def page(self, request: Request) -> Response:
        """The form; after a POST the outcome above it."""
        if request.method != "POST":
            return self._show(request)
        _ = say = self._parts.say(request)
        try:
            file = await self._sent(request)
        except TooLarge:
            return self._show(request, missing=_("Dit is te groot. Een bewijs is nooit groter dan 64 kB."))
        if not file.strip():
            return self._show(request, missing=_("Kies een bestand, of plak de tekst van het bewijs."))
        try:
            found = signed.verify(file, self._parts.receipts.keys)
        except ProofRefused as refused:
            return self._show(request, failed=refused.failed, why=why(refused.failed, say))
        viewer = viewer_of(request)
        own = viewer is not None and viewer.webid == found.receipt.subject
        words = told(found.receipt, lang_of(request), say)
        return self._show(request, told=words, receipt=found.receipt, signed=found.signed, kid=found.kid, own=own)

    async def _sent(self, request: Request) -> bytes:
        """The file, else the text. Raises TooLarge, Forbidden (another origin)."""
        form = await read_form(request, self._parts.base_url, limit=_FORM_LIMIT)
        try:
            file = form.get("bestand")
            body = await file.read(_FORM_LIMIT) if isinstance(file, UploadFile) else b""
            text = form.get("tekst")
        finally:
            await form.close()
        return body or _as_written(text if isinstance(text, str) else "")

    def _show(self, request: Request, **outcome: Any) -> Response:
        unsaid: dict[str, Any] = {"told": None, "failed": None, "missing": None}
        return self._parts.pages.render(request, "receipts/check.html", **{**unsaid, **outcome})


def why(failed: Check, say: Say) -> str:
    """Which check a receipt did not pass, in plain words."""
    _ = say
    return {
        "form": _("Dit is geen bewijs met een handtekening, of er ontbreekt een stuk. Neem het hele bestand."),
        "kind": _("Deze handtekening is van ons, maar niet onder een bewijs van delen."),
        "key": _("De handtekening is niet van deze website. Kijk wie het bewijs gaf, en kijk het dáár na."),
        "period": _("De datum van de handtekening kan niet kloppen."),
        "withdrawn": _("De sleutel van deze handtekening is gestolen. Een ander kan dit getekend hebben."),
        "signature": _("De handtekening past niet bij de tekst. Er is iets aan veranderd."),
        "content": _("De handtekening is goed, maar wat er staat is geen bewijs van delen."),
    }[failed]


def _as_written(text: str) -> bytes:
    """Pasted text as the file has it: a browser sends CR LF for each line, and may lose the last one."""
    plain = text.replace("\r\n", "\n")
    return (plain.rstrip("\n") + "\n").encode() if plain.lstrip().startswith("{") else plain.encode()
