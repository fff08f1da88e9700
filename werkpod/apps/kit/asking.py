"""Asking people for access, and how that stands: the service `/api/consent/v1/requests`, and the pages over it.

The same pages serve the coach and the employer; they speak the service with the token of whoever is signed in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from werkpod.apps.kit.app import CitizenApp, Visit
from werkpod.apps.kit.errors import PodUnavailable
from werkpod.apps.kit.notes import read_notes
from werkpod.apps.kit.podclient import PodClient
from werkpod.vocab.sections import CV_SECTIONS, INBOX, SECTIONS
from werkpod.web.forms import read_form

PATH = "/api/consent/v1/requests"
DAYS = (7, 30, 90, 180, 365)
LONGEST_WHY = 500
CONSENT = "https://w3id.org/dpv#Consent"
KEEPS = ("until_end", "nothing")
_KEYS = tuple(section.key for section in CV_SECTIONS)
_ID_MOST = 40
_NEWEST = 5
_T = TypeVar("_T")


class Exchange(msgspec.Struct, frozen=True):
    """A question of the citizen and what was said to it, None: nothing yet."""

    question: str
    answer: str | None = None


class Granted(msgspec.Struct, frozen=True):
    """What was given: less than was asked, it may be. `until`: Unix seconds."""

    sections: tuple[str, ...] = ()
    until: float | None = None


class Asked(msgspec.Struct, frozen=True):
    """A request as its asker sees it. Times are Unix seconds."""

    id: str
    state: str
    to: str
    storage: str
    created: float
    expires: float
    access: dict[str, Any]
    exchanges: tuple[Exchange, ...] = ()
    reason: str | None = None
    granted: Granted | None = None
    in_force: bool = False

    def labels(self, lang: str) -> list[str]:
        """The names of the sections that were asked."""
        wanted = [*self.access.get("sections", ()), *self.access.get("optional", ())]
        return [SECTIONS[key].label(lang) for key in SECTIONS if key in wanted]

    def given(self, lang: str) -> list[str]:
        """The names of the sections that were given."""
        return [SECTIONS[key].label(lang) for key in SECTIONS if self.granted and key in self.granted.sections]

    def why(self, lang: str) -> str:
        """What was said of why."""
        texts = self.access.get("purpose_text") or {}
        return str(texts.get(lang) or next(iter(texts.values()), ""))

    @property
    def called(self) -> str:
        """What the person is called here: their address is all that one knows."""
        return self.storage.rstrip("/").rpartition("/")[2]


class _Listed(msgspec.Struct, frozen=True):
    requests: tuple[Asked, ...]


class Requests:
    """The service, for one session. `issuer`: where it is. Every method raises NotShared and PodUnavailable."""

    def __init__(self, pod: PodClient, issuer: str) -> None:
        self._pod, self._root = pod, f"{issuer}{PATH}"

    async def list(self) -> Sequence[Asked]:
        """The session's own requests, newest first."""
        _, body = await self._pod.ask("GET", self._root)
        return _decoded(body, _Listed).requests

    async def get(self, ask_id: str) -> Asked | None:
        """One of them, or None."""
        status, body = await self._pod.ask("GET", f"{self._root}/{ask_id}")
        return _decoded(body, Asked) if status == 200 else None

    async def send(self, wanted: dict[str, Any]) -> tuple[int, Asked | None]:
        """Ask: status 201 and the request; else another status and nothing."""
        status, body = await self._pod.ask("POST", self._root, wanted)
        return status, _decoded(body, Asked) if status == 201 else None

    async def answer(self, ask_id: str, text: str) -> int:
        """Answer the question; the status."""
        return (await self._pod.ask("POST", f"{self._root}/{ask_id}/answer", {"text": text}))[0]

    async def withdraw(self, ask_id: str) -> int:
        """Take it back; the status."""
        return (await self._pod.ask("DELETE", f"{self._root}/{ask_id}"))[0]


def _decoded(body: bytes, form: type[_T]) -> _T:
    try:
        return msgspec.json.decode(body, type=form)
    except msgspec.MsgspecError as error:
        raise PodUnavailable(f"{PATH} answered with something unexpected: {error}") from None


@dataclass(frozen=True, slots=True)
class Typed:
    """What was filled in."""

    who: str = ""
    sections: tuple[str, ...] = ()
    why: str = ""
    days: str = ""
    keep: str = ""
    ground: str = ""

    def body(self, purpose: str, lang: str) -> dict[str, Any]:
        """The request that it makes."""
        return {
            "to": self.who, "sections": list(self.sections), "actions": ["read"], "purpose": purpose,
            "purpose_text": {lang: self.why}, "duration": f"P{self.days}D", "keep": self.keep,
            "legal_basis": self.ground or CONSENT,
        }  # fmt: skip


Opened = Callable[[Request, Visit, Asked], Awaitable[dict[str, Any]]]
"""What a page shows of what was given, beside the request."""


class AskingPages:
    """The pages at `vragen` of an app. `purpose`: the DPV purpose of what is asked; `opened`: more to show of a yes.

    `grounds`: legal bases (DPV) to choose from; `inbox`: whether the newest messages stand on the list.
    """

    def __init__(
        self,
        app: CitizenApp,
        *,
        purpose: str,
        opened: Opened,
        grounds: Sequence[str] = (CONSENT,),
        inbox: bool = False,
    ) -> None:
        self._app, self._purpose, self._opened = app, purpose, opened
        self._grounds, self._inbox = grounds, inbox
        self._home = f"{app.home}vragen"

    def routes(self) -> list[BaseRoute]:
        """The list, asking, one request, an answer, taking it back."""
        page = self._app.page
        return [
            page("vragen", self.list),
            page("vragen/nieuw", self.new),
            page("vragen/nieuw", self.send, methods=["POST"]),
            page("vragen/{vraag}", self.show),
            page("vragen/{vraag}/antwoord", self.answer, methods=["POST"]),
            page("vragen/{vraag}/terug", self.withdraw, methods=["POST"]),
        ]

    async def list(self, request: Request, visit: Visit) -> Response:
        """All that was asked, and how it stands."""
        found = await self._service(visit).list()
        told = await read_notes(visit.pod, visit.pod.url(INBOX.path)) if self._inbox and visit.may(INBOX.key) else []
        return self._app.render(
            request, "kit/asking_list.html", asked=found, here=self._home, told=told[:_NEWEST],
            done=request.query_params.get("gedaan", ""), back=self._app.home,
        )  # fmt: skip

    async def new(self, request: Request, visit: Visit) -> Response:
        """The form; nothing is chosen."""
        return self._form(request, Typed())

    async def send(self, request: Request, visit: Visit) -> Response:
        """Ask. What is missing is said at the top, and what was typed stays."""
        form = await read_form(request, self._app.base_url)
        typed = Typed(
            who=str(form.get("wie", "")).strip()[:500],
            sections=tuple(key for key in _KEYS if key in form.getlist("onderdeel")),
            why=str(form.get("waarom", "")).strip(),
            days=str(form.get("dagen", "")),
            keep=str(form.get("bewaren", "")),
            ground=str(form.get("grond", "")) if len(self._grounds) > 1 else self._grounds[0],
        )
        if error := self._missing(request, typed):
            return self._form(request, typed, error)
        status, asked = await self._service(visit).send(typed.body(self._purpose, visit.lang))
        if asked is not None:
            return RedirectResponse(f"{self._home}?gedaan=gevraagd", status_code=303)
        return self._form(request, typed, self._refused(request, status))

    async def show(self, request: Request, visit: Visit) -> Response:
        """One request; with a yes, what was given."""
        asked = await self._service(visit).get(_named(request))
        if asked is None:
            return self._gone(request)
        return await self._show(request, visit, asked)

    async def answer(self, request: Request, visit: Visit) -> Response:
        """Answer the question of the person."""
        form = await read_form(request, self._app.base_url)
        text = str(form.get("tekst", "")).strip()
        service = self._service(visit)
        status = await service.answer(_named(request), text) if text and len(text) <= 1000 else 422
        if status == 200:
            return RedirectResponse(f"{self._home}?gedaan=antwoord", status_code=303)
        asked = await service.get(_named(request))
        if asked is None:
            return self._gone(request)
        return await self._show(request, visit, asked, text=text, invalid=status == 422, status=400)

    async def withdraw(self, request: Request, visit: Visit) -> Response:
        """Take a request back."""
        status = await self._service(visit).withdraw(_named(request))
        if status == 204:
            return RedirectResponse(f"{self._home}?gedaan=terug", status_code=303)
        return self._gone(request)

    async def _show(
        self, request: Request, visit: Visit, asked: Asked, *, text: str = "", invalid: bool = False, status: int = 200
    ) -> Response:
        more = await self._opened(request, visit, asked) if asked.state == "approved" and asked.in_force else {}
        values = {"cv": None, "sections": (), "link": "", **more}
        return self._app.render(
            request, "kit/asking_one.html", status=status, asked=asked, here=self._home, text=text, invalid=invalid,
            **values,
        )  # fmt: skip

    def _form(self, request: Request, typed: Typed, error: str = "") -> Response:
        return self._app.render(
            request, "kit/asking_new.html", status=400 if error else 200, typed=typed, error=error, here=self._home,
            options=CV_SECTIONS, days=DAYS, grounds=self._grounds, limit=LONGEST_WHY, consent=CONSENT,
        )  # fmt: skip

    def _missing(self, request: Request, typed: Typed) -> str:
        """What still has to be filled in, in words; "" when nothing."""
        text = self._app.pages.text
        if not typed.who:
            return text(request, "Vul in aan wie de vraag is.")
        if not typed.sections:
            return text(request, "Kies eerst wat er nodig is.")
        if not typed.why or len(typed.why) > LONGEST_WHY:
            return text(request, "Schrijf waarom, in 1 tot %(limit)s tekens.", limit=LONGEST_WHY)
        if typed.days not in [str(days) for days in DAYS]:
            return text(request, "Kies hoe lang het nodig is.")
        if typed.keep not in KEEPS:
            return text(request, "Kies wat er bewaard blijft.")
        if typed.ground not in self._grounds:
            return text(request, "Kies waar de vraag op berust.")
        return ""

    def _refused(self, request: Request, status: int) -> str:
        """Why the service did not take the request, in words."""
        text = self._app.pages.text
        if status == 429:
            return text(request, "Er is te vaak gevraagd. Wacht op antwoord, of probeer het morgen.")
        return text(request, "Deze vraag kan niet. Kijk of het adres klopt.")

    def _gone(self, request: Request) -> Response:
        return self._app.render(request, "kit/asking_gone.html", status=404, here=self._home)

    def _service(self, visit: Visit) -> Requests:
        return Requests(visit.pod, self._app.issuer)


def _named(request: Request) -> str:
    """The id in the path, with nothing in it that would lead elsewhere."""
    named = str(request.path_params["vraag"])[:_ID_MOST]
    return named if named.isalnum() and named.isascii() else "-"
