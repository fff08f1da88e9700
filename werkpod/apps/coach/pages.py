"""The coach's pages: who shares with me, what they share, the plans they sent, and a suggestion back."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import quote

import httpx2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from werkpod.apps.coach.asking import asking_pages
from werkpod.apps.coach.received import Received, received
from werkpod.apps.kit import AccessRequest, AppCard, CitizenApp, Gone, NotShared, Text, Visit, read_shared_cv
from werkpod.apps.kit.notes import Note, inbox_of, note_body, read_notes
from werkpod.vocab.sections import INBOX
from werkpod.web.forms import read_form
from werkpod.web.pages import Pages

TEXT_LIMIT = 2000
"""Characters of a suggestion."""

CARD = AppCard(
    slug="coach",
    name=Text("Coach", "Coach"),
    what=Text(
        "Hier zie je wie zijn cv met jou deelt, en welke plannen mensen sturen. Je vraagt hier ook om mee te kijken.",
        "Here you see who shares a CV with you. And which plans people send you. Here you also ask to look along.",
    ),
    access=AccessRequest(
        sections=("inbox",),
        actions=("read",),
        purpose="https://w3id.org/dpv#ServiceProvision",
        purpose_text=Text("De plannen laten zien die mensen jou sturen.", "To show the plans that people send you."),
        duration="P365D",
    ),
    reasons={"inbox": Text("Om de plannen te laten zien die mensen jou sturen.", "To show the plans people send you.")},
)


class Coach:
    """The app: a list of people, and a page for each of them."""

    def __init__(self, app: CitizenApp, clock: Callable[[], float]) -> None:
        self._app, self._clock = app, clock

    async def home(self, request: Request, visit: Visit) -> Response:
        """Everyone who shares with this coach, and how many plans they sent."""
        people = await received(visit.pod, self._app.issuer)
        notes = await self._notes(visit)
        return self._app.render(
            request, "coach/home.html", webid=visit.webid,
            people=[
                (person, person.labels(visit.lang), sum(n.is_plan and n.sender == person.webid for n in notes),
                 f"/apps/coach/mens?wie={quote(person.webid, safe='')}")
                for person in people
            ],
        )  # fmt: skip

    async def person(self, request: Request, visit: Visit) -> Response:
        """What one person shares, the plans they sent, and a form for a suggestion."""
        person = await self._one(visit, request.query_params.get("wie", ""))
        if person is None:
            return self._app.render(request, "coach/stopped.html", status=404)
        return await self._show(request, visit, person, sent="gestuurd" in request.query_params)

    async def suggest(self, request: Request, visit: Visit) -> Response:
        """Send a suggestion to the inbox of someone who shares with this coach."""
        form = await read_form(request, self._app.base_url)
        person = await self._one(visit, str(form.get("wie", "")))
        if person is None:
            return self._app.render(request, "coach/stopped.html", status=404)
        text = str(form.get("tekst", "")).strip()
        if not text or len(text) > TEXT_LIMIT:
            return await self._show(request, visit, person, text=text, invalid=True)
        inbox = await inbox_of(visit.pod, person.webid) or person.storage + INBOX.path
        title = self._app.pages.text(request, "Een tip van je coach")
        note = Note(sender=visit.webid, title=title, text=text)
        try:
            await visit.pod.post(inbox, note_body(note, target=person.webid, now=self._clock()))
        except (Gone, NotShared):
            return await self._show(request, visit, person, text=text, refused=True)
        return RedirectResponse(f"/apps/coach/mens?wie={quote(person.webid, safe='')}&gestuurd=1", status_code=303)

    async def _show(
        self, request: Request, visit: Visit, person: Received, *, text: str = "", sent: bool = False,
        invalid: bool = False, refused: bool = False,
    ) -> Response:  # fmt: skip
        try:
            cv = await read_shared_cv(visit.pod, person.sections, storage=person.storage)
        except NotShared:
            return self._app.render(request, "coach/stopped.html", status=404)
        plans = [note for note in await self._notes(visit) if note.sender == person.webid]
        return self._app.render(
            request, "coach/person.html", status=400 if invalid else 200, person=person, cv=cv, plans=plans,
            sections=person.sections, text=text, sent=sent, invalid=invalid, refused=refused, limit=TEXT_LIMIT,
        )  # fmt: skip

    async def _one(self, visit: Visit, webid: str) -> Received | None:
        """The person with this WebID, when they share with the coach now."""
        return next((p for p in await received(visit.pod, self._app.issuer) if p.webid == webid), None)

    async def _notes(self, visit: Visit) -> list[Note]:
        """The messages in the coach's own inbox; none when that was not granted to this app."""
        return await read_notes(visit.pod, visit.pod.url(INBOX.path)) if visit.may("inbox") else []


def routes(
    *, base_url: str, http: httpx2.AsyncClient, keys: bytes, pages: Pages,
    issuer: str | None = None, clock: Callable[[], float] = time.time,
) -> list[BaseRoute]:  # fmt: skip
    """The coach's app at `/apps/coach/`. `keys`: 32 bytes or more that only this app has."""
    app = CitizenApp(CARD, base_url=base_url, http=http, keys=keys, pages=pages, issuer=issuer, clock=clock)
    coach = Coach(app, clock)
    return [
        *app.routes(),
        app.page("", coach.home),
        app.page("mens", coach.person),
        app.page("tip", coach.suggest, methods=["POST"]),
        *asking_pages(app).routes(),
    ]
