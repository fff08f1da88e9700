"""Vraag om verwijderen, en Klacht: what a citizen can do about somebody who looked.

The letter is drawn up from the log and asks for erasure (GDPR, article 17). It goes nowhere by itself: the citizen
copies it, mails it, or, where the receiver has an inbox here, presses "stuur".
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.log import LOG, receiver_of
from werkpod.consent.dashboard.looks import Teller, when
from werkpod.consent.dashboard.parts import DashboardParts, form_of, lang_of, page, see_other
from werkpod.consent.ledger import Receiver
from werkpod.consent.posting import message
from werkpod.pod.access.model import AccessEntry, Requester
from werkpod.vocab.sections import INBOX, SECTIONS
from werkpod.web.errors import NotFound
from werkpod.web.pages import day

LETTER = 6000
"""Characters that a letter may have."""
_PERIODS = 40  # sections that a letter names


@dataclass(frozen=True, slots=True)
class Letter:
    """A drawn up letter: to whom it is (`name`), its subject, its text."""

    name: str
    subject: str
    text: str

    @property
    def mail(self) -> str:
        """The address that opens it in a mail program (RFC 6068); to whom is for the citizen to fill in."""
        return f"mailto:?subject={quote(self.subject)}&body={quote(self.text.replace(chr(10), chr(13) + chr(10)))}"


class Removal:
    """The pages at `/regie/delen/logboek/verwijderen` and `.../klacht`; `?wie=` a receiver as the log names them."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The letter, the letter as a file, sending it, and where to complain."""
        return [
            page(f"{LOG}/verwijderen", self.show),
            page(f"{LOG}/verwijderen.txt", self.file),
            page(f"{LOG}/verwijderen", self.send, methods=["POST"]),
            page(f"{LOG}/klacht", self.complain),
        ]

    async def show(self, request: Request, account: Account) -> Response:
        """The letter, to read, change, copy, mail or send."""
        receiver = await self._receiver(account, request.query_params.get("wie", ""))
        letter = await self._letter(request, account, receiver)
        inbox = await self._inbox(account, receiver)
        return self._parts.pages.render(
            request, "dashboard/log_removal.html", letter=letter, who=request.query_params.get("wie", ""),
            inbox=inbox is not None, sent="verstuurd" in request.query_params,
        )  # fmt: skip

    async def file(self, request: Request, account: Account) -> Response:
        """The letter as a text file."""
        receiver = await self._receiver(account, request.query_params.get("wie", ""))
        letter = await self._letter(request, account, receiver)
        headers = {
            "Content-Disposition": 'attachment; filename="verzoek-om-verwijderen.txt"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(f"{letter.subject}\n\n{letter.text}", media_type="text/plain", headers=headers)

    async def send(self, request: Request, account: Account) -> Response:
        """Put the letter, as the citizen left it, in the receiver's inbox. Raises NotFound where they have none here,
        Forbidden where it is full."""
        form = await form_of(self._parts, request)
        form.only("wie", "brief")
        who, text = form.text("wie", 40), form.text("brief", LETTER)
        receiver = await self._receiver(account, who)
        to = await self._inbox(account, receiver)
        pod = None if to is None else await self._parts.pods.by_id(to.id)
        if to is None or pod is None or not text:
            raise NotFound("This receiver has no inbox here, or the letter is empty.")
        letter = await self._letter(request, account, receiver)
        body = message(account.webid, to.webid, letter.subject, self._parts.clock(), text)
        sender = Requester(agent=account.webid, client=self._parts.base_url)
        await self._parts.service.post(sender, pod, INBOX.path, body, "text/turtle")
        entry = AccessEntry(self._parts.clock(), "removal:asked", "", "allowed", agent=to.webid)
        self._parts.ledger.record(account.id, entry)
        return see_other(f"{LOG}/verwijderen?wie={quote(who)}&verstuurd=1")

    async def complain(self, request: Request, account: Account) -> Response:
        """Where to complain."""
        receiver = await self._receiver(account, request.query_params.get("wie", ""))
        name = await self._teller(request, account).name(receiver.entry)
        return self._parts.pages.render(
            request, "dashboard/log_complaint.html", name=name, who=request.query_params.get("wie", ""),
            organisation=self._parts.organisation,
        )  # fmt: skip

    def _teller(self, request: Request, account: Account) -> Teller:
        return Teller(self._parts, account, lang_of(request), self._parts.say(request))

    async def _receiver(self, account: Account, who: str) -> Receiver:
        receiver = await receiver_of(self._parts, account, who[:40])
        if receiver is None:
            raise NotFound("Nobody in this log goes by that key.")
        return receiver

    async def _inbox(self, account: Account, receiver: Receiver) -> Account | None:
        """The account here of a receiver who is a person or an organisation."""
        kind, _, webid = receiver.key.partition(":")
        found = await self._parts.accounts.by_webid(webid) if kind == "agent" else None
        return None if found is None or found.id == account.id else found

    async def _letter(self, request: Request, account: Account, receiver: Receiver) -> Letter:
        _, lang = self._parts.say(request), lang_of(request)
        name = await self._teller(request, account).name(receiver.entry)
        read = await self._parts.ledger.read_by(account.id, receiver.key, account.webid)
        lines = [
            "- " + _(
                "%(what)s: %(times)s keer, van %(first)s tot en met %(last)s",
                what=SECTIONS[key].label(lang) if key in SECTIONS else _("iets anders in mijn pod"),
                times=count, first=day(when(first).date(), lang), last=day(when(last).date(), lang),
            )
            for key, (first, last, count) in list(read.items())[:_PERIODS]
        ]  # fmt: skip
        seen = [_("In mijn logboek staat dat u dit hebt gelezen:"), *lines] if lines else [
            _("In mijn logboek staat dat u mijn gegevens kunt hebben.")
        ]  # fmt: skip
        text = "\n".join([
            _("Beste %(name)s,", name=name), "",
            _("Ik heb gegevens over mijn werk met u gedeeld, via %(place)s.", place=self._parts.base_url),
            _("Ik wil dat u deze gegevens verwijdert. Dat vraag ik op grond van artikel 17 van de privacywet (AVG)."),
            _("Had ik u toestemming gegeven? Die trek ik hiermee in."), "",
            *seen, "",
            _("Verwijder ook de kopieën. Hebt u de gegevens aan anderen gegeven? Laat hun dan weten dat ik dit vraag "
              "(artikel 19 van de AVG)."),
            _("Laat mij binnen een maand weten wat u hebt gedaan. Mag u iets niet verwijderen? Vertel mij dan wat, "
              "en waarom (artikel 12 van de AVG)."), "",
            _("Met vriendelijke groet,"), account.name, account.webid,
        ])  # fmt: skip
        return Letter(name, _("Verzoek om mijn gegevens te verwijderen"), text)
