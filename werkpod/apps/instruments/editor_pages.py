"""The pages of the catalogue's editors at `/apps/gids/redactie`: what there is to look at, and deciding.

An editor signs in as in any app, by WebID; which WebIDs are editors is in the settings. The app reads the editor's own
name and nothing else of anybody.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

import httpx2
from anyio import to_thread
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from werkpod.apps.errors import BadContent, UnknownCode
from werkpod.apps.instruments.competences import LEVELS, Line
from werkpod.apps.instruments.editing import Editing, Verdict
from werkpod.apps.instruments.editors import Editors
from werkpod.apps.instruments.model import Because, Instrument
from werkpod.apps.kit import AccessRequest, AppCard, CitizenApp, Text, Visit
from werkpod.apps.reference import search_text
from werkpod.vocab.isco import IscoTree
from werkpod.vocab.taxonomy import Competence
from werkpod.vocab.text import normalise
from werkpod.web.forms import read_form
from werkpod.web.pages import Pages

MOST_SHOWN = 50
"""Instruments on one page."""
_CHOICE = "keuze:"
"""What the name of a form field starts with that decides on a competence; its IRI follows."""
_REFUSED, _OPEN = "nee", "open"

CARD = AppCard(
    slug="gids",
    name=Text("Instrumentengids", "Instrumentengids"),
    what=Text(
        "Hier kijken redacteuren na wat mensen van hulp leren. Voor alle anderen is de gids open zonder inloggen.",
        "Here editors check what people learn from help. For everybody else the guide is open without signing in.",
    ),
    access=AccessRequest(
        sections=("identity",),
        actions=("read",),
        purpose="https://w3id.org/dpv#ServiceProvision",
        purpose_text=Text("Weten welke redacteur iets besluit.", "To know which editor decides something."),
        duration="P365D",
    ),
    reasons={"identity": Text("Om te weten welke redacteur je bent.", "To know which editor you are.")},
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A competence on the form. `now`: what is decided ("1" to "4", "nee"), or "open"; `suggested`: the level of a
    proposal; `because`: sentences."""

    iri: str
    label: str
    state: str
    now: str
    suggested: str
    stale: bool
    because: tuple[str, ...]


class EditorPages:
    """The app: a list, and a form for each instrument."""

    def __init__(self, app: CitizenApp, editing: Editing, editors: Editors, isco: IscoTree) -> None:
        self._app, self._editing, self._editors, self._isco = app, editing, editors, isco

    async def home(self, request: Request, visit: Visit) -> Response:
        """What there is to look at; all instruments that a text is found in."""
        if visit.webid not in self._editors:
            return self._refuse(request)
        text = search_text(request)
        if text:
            wanted = normalise(text).split()
            every = self._editing.catalogue.instruments
            found = [(each, *_count(each)) for each in every if all(one in normalise(each.name) for one in wanted)]
        else:
            found = self._editing.to_look_at()
        return self._app.render(
            request, "instruments/editor_home.html", found=found[:MOST_SHOWN], more=max(0, len(found) - MOST_SHOWN),
            text=text,
        )  # fmt: skip

    async def instrument(self, request: Request, visit: Visit) -> Response:
        """The form of one instrument."""
        return await self._show(request, visit)

    async def decide(self, request: Request, visit: Visit) -> Response:
        """Keep what was chosen; nothing where the text changed while the editor read it, or another editor decided: the
        form, that shows how it was, would undo that."""
        form = await read_form(request, self._app.base_url)
        if visit.webid not in self._editors:
            return self._refuse(request)
        try:
            instrument = self._editing.instrument(request.path_params["id"])
        except UnknownCode:
            return self._app.render(request, "instruments/unknown.html", status=404)
        if form.get("tekst") != instrument.digest:
            return await self._show(request, visit, problem="changed", status=409)
        lines = await to_thread.run_sync(self._editing.lines, instrument)
        if form.get("stand", "") != _stand(lines):
            return await self._show(request, visit, problem="decided", status=409)
        before = {each.develops.competence: _now(each.state, each.develops.level) for each in lines}
        said = _decisions(form, before)
        try:
            await to_thread.run_sync(self._editing.decide_all, instrument, said, visit.webid)
        except BadContent:
            return await self._show(request, visit, problem="wrong", status=400)
        onward = urlencode({"bewaard": len(said)})
        return RedirectResponse(f"{self._app.home}redactie/{instrument.id}?{onward}", status_code=303)

    async def _show(self, request: Request, visit: Visit, *, problem: str = "", status: int = 200) -> Response:
        if visit.webid not in self._editors:
            return self._refuse(request)
        try:
            instrument = self._editing.instrument(request.path_params["id"])
        except UnknownCode:
            return self._app.render(request, "instruments/unknown.html", status=404)
        text, saved = search_text(request), request.query_params.get("bewaard", "")[:4]
        lines = await to_thread.run_sync(self._editing.lines, instrument)
        choices = [
            Choice(
                each.develops.competence, self._name(each.develops.labels, visit.lang), each.state,
                _now(each.state, each.develops.level), each.develops.level, each.stale,
                tuple(self._because(request, one, visit.lang) for one in each.develops.because),
            )
            for each in lines
        ]  # fmt: skip
        known = {each.iri for each in choices}
        found = await to_thread.run_sync(self._editing.find, text, visit.lang) if text else ()
        others = [_other(each, visit.lang) for each in found if each.iri not in known]
        return self._app.render(
            request, "instruments/editor_instrument.html", status=status, each=instrument, choices=choices,
            others=others, text=text, problem=problem, levels=LEVELS, field=_CHOICE, tongue=visit.lang,
            saved=int(saved) if saved.isascii() and saved.isdigit() else None, stand=_stand(lines),
        )  # fmt: skip

    def _refuse(self, request: Request) -> Response:
        return self._app.render(request, "instruments/no_editor.html", status=403)

    def _name(self, labels: object, lang: str) -> str:
        found = cast(dict[str, str], labels)
        return found.get(lang) or found.get("nl", "")

    def _because(self, request: Request, why: Because, lang: str) -> str:
        """A piece of evidence as a sentence."""
        say = self._app.pages.text
        words = ", ".join(f"“{word}”" for word in why.words)
        if why.field == "code":
            return say(request, "De gids zegt: %(words)s.", words=words)
        where = {
            "name": say(request, "In de naam staat %(words)s.", words=words),
            "aim": say(request, "In het doel staat %(words)s.", words=words),
            "summary": say(request, "In de samenvatting staat %(words)s.", words=words),
            "method": say(request, "In de werkwijze staat %(words)s.", words=words),
        }[why.field]
        if why.via == "like":
            return where + " " + say(request, "Dat lijkt hierop.")
        group = self._isco.group(why.via) if why.via.isdigit() else None
        if group is None:
            return where
        title = group.title.get(lang) or group.title.get("nl", "")
        return where + " " + say(request, "Dat hoort bij het werk “%(job)s” (%(code)s).", job=title, code=why.via)


def _other(each: Competence, lang: str) -> Choice:
    return Choice(each.iri, each.label(lang), "found", _OPEN, "", False, ())


def _now(state: str, level: str) -> str:
    return {"confirmed": level, "refused": _REFUSED}.get(state, _OPEN)


def _stand(lines: Sequence[Line]) -> str:
    """What changes when somebody decides; "" where nobody did."""
    said = [(each.develops.competence, each.decision.by, each.decision.at) for each in lines if each.decision]
    return hashlib.sha256(repr(sorted(said)).encode()).hexdigest()[:16] if said else ""


def _count(each: Instrument) -> tuple[int, int]:
    """How much is proposed, and how much was confirmed on another text."""
    stale = sum(one.stale and one.confirmed for one in each.develops)
    return sum(not one.confirmed for one in each.develops), stale


def _decisions(form: FormData, before: dict[str, str]) -> list[tuple[str, Verdict, str]]:
    """What the form decides that was not so before: competence, verdict and level. `opnieuw` in the form: what is still
    as it was is decided again, on the text as it is now."""
    again = set(form.getlist("opnieuw"))
    found: list[tuple[str, Verdict, str]] = []
    for name, value in form.multi_items():
        if not name.startswith(_CHOICE) or not isinstance(value, str):
            continue
        iri = name.removeprefix(_CHOICE)
        if value == before.get(iri, _OPEN) and iri not in again:
            continue
        verdict: Verdict = "refused" if value == _REFUSED else "forgotten" if value == _OPEN else "confirmed"
        found.append((iri, verdict, value if verdict == "confirmed" else ""))
    return found


def routes(
    *, base_url: str, http: httpx2.AsyncClient, keys: bytes, pages: Pages, editing: Editing, editors: Editors,
    isco: IscoTree, issuer: str | None = None, clock: Callable[[], float] = time.time,
) -> list[BaseRoute]:  # fmt: skip
    """The editors' pages. `keys`: 32 bytes or more that only this app has."""
    app = CitizenApp(CARD, base_url=base_url, http=http, keys=keys, pages=pages, issuer=issuer, clock=clock)
    service = EditorPages(app, editing, editors, isco)
    return [
        *app.routes(),
        app.page("redactie", service.home),
        app.page("redactie/{id}", service.instrument),
        app.page("redactie/{id}", service.decide, methods=["POST"]),
    ]
