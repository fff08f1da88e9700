"""Bewijzen: what was shared, when it changed and when it ended, to read, to keep and to show to others."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.parts import DashboardParts, lang_of, page
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.dashboard.receipt_words import Fact, called, sentence, title, told
from werkpod.consent.receipts.document import MEDIA_TYPE
from werkpod.consent.receipts.errors import ReceiptNotFound
from werkpod.consent.receipts.model import Receipt
from werkpod.consent.receipts.pdf import Line, Sheet, to_pdf
from werkpod.consent.receipts.receipts import Kept

RECEIPTS = "/regie/bewijzen"
PAGE = 30
"""Receipts on a page."""
JOSE = "application/jose"
"""A JWS in compact form (RFC 7515, section 9.2.1)."""
_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list."""

    id: str
    title: str
    sentence: str


class ReceiptPages:
    """The pages under `/regie/bewijzen`, for the citizen alone."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """All receipts, those of one grant, one of them, and the files of it."""
        return [
            page(RECEIPTS, self.all, citizens=True),
            page("/regie/delen/{grant}/bewijzen", self.of_grant, citizens=True),
            page(f"{RECEIPTS}/{{receipt}}", self.one, citizens=True),
            *(
                page(f"{RECEIPTS}/{{receipt}}/bewijs.{ending}", self._file(ending, made), citizens=True)
                for ending, made in (("jsonld", self._json_ld), ("jws", self._jws), ("pdf", self._pdf))
            ),
        ]

    async def all(self, request: Request, account: Account) -> Response:
        """Every receipt, newest first; `?voor=`: older than this one."""
        before = request.query_params.get("voor", "")
        before = before if _ID.fullmatch(before) else ""
        found = await self._parts.receipts.list(account.id, PAGE + 1, before)
        older = found[PAGE - 1].receipt.id if len(found) > PAGE else None
        return self._list(request, found[:PAGE], older=older, later=bool(before))

    async def of_grant(self, request: Request, account: Account) -> Response:
        """The receipts of one grant, newest first."""
        found = await self._parts.receipts.of_grant(account.id, request.path_params["grant"][:40])
        if not found:
            raise ReceiptNotFound("There are no receipts of this.")
        return self._list(request, [*reversed(found)], grant=found[-1].receipt.grant)

    async def one(self, request: Request, account: Account) -> Response:
        """One receipt, in plain words, with its files."""
        kept = await self._kept(request, account)
        words = told(kept.receipt, lang_of(request), self._parts.say(request))
        grant = await self._parts.receipts.of_grant(account.id, kept.receipt.grant)
        return self._parts.pages.render(
            request, "receipts/receipt.html", told=words, receipt=kept.receipt, base=self._parts.base_url,
            last=grant[-1].receipt.id == kept.receipt.id, others=len(grant) - 1,
        )  # fmt: skip

    async def _kept(self, request: Request, account: Account) -> Kept:
        receipt_id = request.path_params["receipt"]
        if not _ID.fullmatch(receipt_id):
            raise ReceiptNotFound("There is no such receipt.")
        return await self._parts.receipts.get(account.id, receipt_id)

    def _list(
        self,
        request: Request,
        found: Sequence[Kept],
        *,
        older: str | None = None,
        later: bool = False,
        grant: str = "",
    ) -> Response:
        say, lang = self._parts.say(request), lang_of(request)
        rows = [Row(kept.receipt.id, title(kept.receipt, say), sentence(kept.receipt, lang, say)) for kept in found]
        name = called(found[0].receipt, say) if grant else ""
        return self._parts.pages.render(
            request, "receipts/receipts.html", rows=rows, older=older, later=later, name=name, grant=grant
        )

    def _file(
        self, ending: str, made: Callable[[Request, Kept], Awaitable[tuple[bytes, str]]]
    ) -> Callable[[Request, Account], Awaitable[Response]]:
        async def download(request: Request, account: Account) -> Response:
            kept = await self._kept(request, account)
            body, media_type = await made(request, kept)
            name = f"bewijs-{kept.receipt.id}.{ending}"
            return Response(
                body, media_type=media_type,
                headers={
                    "Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"',
                    "X-Content-Type-Options": "nosniff",
                },
            )  # fmt: skip

        return download

    async def _json_ld(self, request: Request, kept: Kept) -> tuple[bytes, str]:
        return kept.readable, MEDIA_TYPE

    async def _jws(self, request: Request, kept: Kept) -> tuple[bytes, str]:
        return kept.jws.encode("ascii") + b"\n", JOSE

    async def _pdf(self, request: Request, kept: Kept) -> tuple[bytes, str]:
        sheet = sheet_of(kept.receipt, lang_of(request), self._parts.say(request), self._parts.base_url)
        return await anyio.to_thread.run_sync(to_pdf, sheet), "application/pdf"


def sheet_of(receipt: Receipt, lang: str, say: Say, base_url: str) -> Sheet:
    """What stands on the paper of a receipt."""
    _ = say
    words = told(receipt, lang, say)
    return Sheet(
        lang=lang,
        title=words.title,
        sentence=words.sentence,
        facts=_lines(words.facts),
        marks=_lines(words.marks),
        check_title=_("Is dit bewijs echt?"),
        check=_(
            "Bij dit papier hoort een bestand met een handtekening: bewijs-%(id)s.jsonld. Kijk het na op %(address)s.",
            id=receipt.id,
            address=f"{base_url}/bewijs",
        ),
        organisation=receipt.organisation,
        created=receipt.created,
    )


def _lines(facts: Sequence[Fact]) -> tuple[Line, ...]:
    return tuple(Line(fact.label, fact.lines) for fact in facts)
