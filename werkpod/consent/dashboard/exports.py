"""Bewaar het logboek: the whole log as a file, complete and signed, and where it stood before.

A file ends with a proof (a JWS, `consent/proof`) over all bytes before it and over the head of the chain; it is made
line by line, in little memory, up to the line that was last when it began.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.export_forms import FORMS, About, Form
from werkpod.consent.dashboard.log import LOG
from werkpod.consent.dashboard.looks import Teller
from werkpod.consent.dashboard.parts import DashboardParts, lang_of, page
from werkpod.consent.ledger import Head
from werkpod.consent.ledger.chain import ChainLine, entry_of, origin
from werkpod.web.errors import NotFound

TYP = "werkpod-ledger-export+jws"
_NAMES = {"csv": "logboek.csv", "json": "logboek.json", "logboek-dataverwerkingen": "logboek-dataverwerkingen.json"}
_AT_ONCE = 500


class ExportSaid(msgspec.Struct, frozen=True):
    """What the proof of a file says: whose log, in which form, how many lines, the hash of the last, and the SHA-256
    of all bytes before the proof."""

    iss: str
    log: str
    form: str
    lines: int
    hash: str
    sha256: str


class Exports:
    """The pages at `/regie/delen/logboek/bewaren`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The choice of a form, the files, and the signed heads."""
        return [
            page(f"{LOG}/bewaren", self.show),
            page(f"{LOG}/bewaren/handtekeningen.txt", self.heads),
            page(f"{LOG}/bewaren/{{form}}", self.file),
        ]

    async def show(self, request: Request, account: Account) -> Response:
        """Which form."""
        head = await self._parts.ledger.head(account.id)
        return self._parts.pages.render(request, "dashboard/log_export.html", lines=head.seq)

    async def file(self, request: Request, account: Account) -> Response:
        """The whole log in one form. Raises NotFound for a form that is not there."""
        form = FORMS.get(request.path_params["form"])
        if form is None:
            raise NotFound(f"There is no form of that name; there are {', '.join(FORMS)}.")
        teller = Teller(self._parts, account, lang_of(request), self._parts.say(request))
        head = await self._parts.ledger.head(account.id)
        headers = {
            "Content-Disposition": f'attachment; filename="{_NAMES[form.name]}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        body = self._body(account, form, head, teller)
        return StreamingResponse(body, media_type=form.media_type, headers=headers)

    async def heads(self, request: Request, account: Account) -> Response:
        """Where the log stood, signed: a JWS a line, newest first."""
        await self._parts.heads.sign(account.id)

        async def body() -> AsyncIterator[bytes]:
            before = None
            while some := await self._parts.heads.kept(account.id, _AT_ONCE, before):
                yield "".join(f"{head.signed}\n" for head in some).encode()
                before = some[-1].seq

        headers = {
            "Content-Disposition": 'attachment; filename="logboek-handtekeningen.txt"', "Cache-Control": "no-store",
        }  # fmt: skip
        return StreamingResponse(body(), media_type="text/plain", headers=headers)

    async def _body(self, account: Account, form: Form, head: Head, teller: Teller) -> AsyncIterator[bytes]:
        parts = self._parts
        about = About(
            account.webid, account.storage, parts.base_url, await parts.ledger.pseudonym(account.id), parts.clock(),
            origin(account.id).hash,
        )  # fmt: skip
        digest, after, first = hashlib.sha256(), 0, True
        chunk = form.begin(about)
        while True:
            digest.update(chunk)
            yield chunk
            lines = await parts.ledger.chain(account.id, after, head.seq, _AT_ONCE)
            if not lines:
                break
            after = lines[-1].seq
            made = [form.line(about, line, await _who(teller, line)) for line in lines]
            chunk = (b"" if first else form.between) + form.between.join(made)
            first = False
        said = ExportSaid(parts.base_url, account.webid, form.name, head.seq, head.hash.hex(), digest.hexdigest())
        signed = parts.heads.sign_as(msgspec.json.encode(said), TYP)
        yield form.seal(signed)


async def _who(teller: Teller, line: ChainLine) -> str:
    """Who it was; for an act the other side of it."""
    if line.plain is None:
        return ""
    entry = entry_of(line.plain)
    return await teller.name(entry) if entry.agent or entry.client or entry.grant else ""
