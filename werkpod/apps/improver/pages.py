"""Profielverbeteraar's pages: what helps to learn what is missing, and the plan sent to the coach.

The plan needs nothing of a person but the competences that Wensberoeper hands on, so it asks for nothing. Only sending
it asks: for the section that says who helps the citizen.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx2
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from werkpod.apps.improver.planning import Plan, make_plan
from werkpod.apps.improver.reach import Reach
from werkpod.apps.instruments.model import Catalogue, Instrument
from werkpod.apps.kit import AccessRequest, AppCard, CitizenApp, Gone, NotShared, PodRejected, Text, Visit
from werkpod.apps.kit.naming import name_of
from werkpod.apps.kit.notes import Note, PlanStep, note_body
from werkpod.apps.kit.people import Helper, read_people
from werkpod.vocab.taxonomy import Competence, Occupation, Taxonomy
from werkpod.web.forms import read_form
from werkpod.web.pages import Pages, language_of

MOST = 40
"""Competences that one plan is made for; more on one page helps nobody."""
TEXT_LIMIT = 1000
"""Characters of the message that goes along."""

CARD = AppCard(
    slug="verbeteraar",
    name=Text("Profielverbeteraar", "Profielverbeteraar"),
    what=Text(
        "Profielverbeteraar zoekt hulp om te leren wat je nog mist. En stuurt je plan naar je coach, als jij dat wilt.",
        "Profielverbeteraar finds help to learn what you are missing. And sends your plan to your coach, if you want.",
    ),
    access=AccessRequest(
        sections=("people",),
        actions=("read",),
        purpose="https://w3id.org/dpv#ServiceProvision",
        purpose_text=Text("Je plan naar je coach sturen.", "To send your plan to your coach."),
        duration="P90D",
    ),
    reasons={
        "people": Text("Om te weten wie je coach is. Je cv leest het niet.", "To know who your coach is. Not your CV.")
    },
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks a plan for: the competences to learn, and the occupation they are for."""

    missing: tuple[Competence, ...]
    goal: Occupation | None

    @property
    def query(self) -> str:
        """The same question as a query string."""
        fields = [("doel", self.goal.iri)] if self.goal else []
        return urlencode([*fields, *(("mist", competence.iri) for competence in self.missing)])


@dataclass(frozen=True, slots=True)
class Help:
    """An instrument of the plan and the names of the competences that it develops; `maybe`: those that are proposed and
    not confirmed."""

    instrument: Instrument
    covers: tuple[str, ...]
    duration: str
    maybe: tuple[str, ...] = ()
    like: tuple[tuple[str, str], ...] = ()


class Profielverbeteraar:
    """The app: a plan, and sending it."""

    def __init__(self, app: CitizenApp, taxonomy: Taxonomy, catalogue: Catalogue, clock: Callable[[], float]) -> None:
        self._app, self._taxonomy, self._catalogue, self._clock = app, taxonomy, catalogue, clock
        self._reach = Reach(taxonomy, catalogue)

    async def plan(self, request: Request) -> Response:
        """What helps to learn the competences in `mist`."""
        asked = self._asked(request.query_params.getlist("mist"), request.query_params.get("doel"))
        if not asked.missing:
            return self._app.render(request, "improver/empty.html")
        plan, lang = await self._make(asked), language_of(request)
        names = {competence.iri: competence.everyday(lang) for competence in asked.missing}
        steps = [
            Help(
                step.instrument,
                tuple(names[iri] for iri in step.covers if iri not in step.proposed and iri not in step.like),
                step.instrument.duration.text(lang) if step.instrument.duration else "",
                tuple(names[iri] for iri in step.covers if iri in step.proposed and iri not in step.like),
                tuple(
                    (names[iri], name_of(step.like[iri], self._taxonomy, lang))
                    for iri in step.covers if iri in step.like
                ),
            )
            for step in plan.steps
        ]  # fmt: skip
        return self._app.render(
            request, "improver/plan.html", steps=steps, uncovered=[names[iri] for iri in plan.uncovered],
            count=len(names), covered=len({iri for step in plan.steps for iri in step.covers if iri not in step.like}),
            goal=asked.goal.title(lang) if asked.goal else "",
            goal_iri=asked.goal.iri if asked.goal else "", query=asked.query,
        )  # fmt: skip

    async def confirm(self, request: Request, visit: Visit) -> Response:
        """What would be sent, and to whom; or how to share with a coach when none is known."""
        asked = self._asked(request.query_params.getlist("mist"), request.query_params.get("doel"))
        return await self._confirm(request, visit, asked)

    async def send(self, request: Request, visit: Visit) -> Response:
        """Put the plan in the coach's inbox, with the citizen's token."""
        form = await read_form(request, self._app.base_url)
        asked = self._asked([str(iri) for iri in form.getlist("mist")], str(form.get("doel", "")))
        people = await read_people(visit.pod)
        helper = next((person for person in people if person.webid == form.get("naar")), None)
        text = str(form.get("bericht", "")).strip()
        if helper is None or not asked.missing or len(text) > TEXT_LIMIT:
            return await self._confirm(request, visit, asked, people=people, text=text, invalid=True)
        note = await self._note(request, visit, asked, text)
        try:
            await visit.pod.post(helper.inbox, note_body(note, target=helper.webid, now=self._clock()))
        except (Gone, NotShared, PodRejected):
            return await self._confirm(request, visit, asked, people=people, text=text, refused=True)
        return RedirectResponse(f"{self._app.home}gestuurd?{urlencode({'naar': helper.webid})}", status_code=303)

    async def sent(self, request: Request, visit: Visit) -> Response:
        """Say that it was sent, and to whom."""
        people = await read_people(visit.pod)
        helper = next((p for p in people if p.webid == request.query_params.get("naar")), None)
        return self._app.render(request, "improver/sent.html", name=helper.name if helper else "")

    async def _confirm(
        self, request: Request, visit: Visit, asked: Asked, *, people: Sequence[Helper] | None = None, text: str = "",
        invalid: bool = False, refused: bool = False,
    ) -> Response:  # fmt: skip
        if not asked.missing:
            return self._app.render(request, "improver/empty.html")
        found = await read_people(visit.pod) if people is None else people
        return self._app.render(
            request, "improver/confirm.html", status=400 if invalid else 200, people=found, query=asked.query,
            note=await self._note(request, visit, asked, ""), missing=[c.iri for c in asked.missing],
            goal=asked.goal.iri if asked.goal else "", text=text, invalid=invalid, refused=refused, limit=TEXT_LIMIT,
        )  # fmt: skip

    async def _make(self, asked: Asked) -> Plan:
        """The plan; in a thread, because the exact search may take a tenth of a second."""
        return await asyncio.to_thread(self._plan, [c.iri for c in asked.missing])

    def _plan(self, missing: Sequence[str]) -> Plan:
        return make_plan(missing, self._catalogue, reach=self._reach)

    async def _note(self, request: Request, visit: Visit, asked: Asked, text: str) -> Note:
        """The plan as a message, in the reader's language."""
        plan, pages = await self._make(asked), self._app.pages
        names = {competence.iri: competence.everyday(visit.lang) for competence in asked.missing}
        title = pages.text(request, "Mijn plan")
        if asked.goal:
            title = pages.text(request, "Mijn plan: %(job)s", job=asked.goal.title(visit.lang))
        return Note(
            sender=visit.webid, title=title, text=text,
            steps=tuple(
                PlanStep(
                    step.instrument.name, f"{self._app.base_url}/api/instruments/v1/instruments/{step.instrument.id}",
                    tuple(
                        pages.text(request, "%(name)s (lijkt erop)", name=names[iri]) if iri in step.like
                        else pages.text(request, "%(name)s (voorstel)", name=names[iri]) if iri in step.proposed
                        else names[iri] for iri in step.covers
                    ),
                )
                for step in plan.steps
            ),
            uncovered=tuple(names[iri] for iri in plan.uncovered),
        )  # fmt: skip

    def _asked(self, missing: Sequence[str], goal: str | None) -> Asked:
        """The question of an address or form; what the taxonomy does not know is left out."""
        known = [c for iri in dict.fromkeys(missing) if (c := self._taxonomy.competence(iri))]
        return Asked(tuple(known[:MOST]), self._taxonomy.occupation(goal) if goal else None)


def routes(
    *, base_url: str, http: httpx2.AsyncClient, keys: bytes, pages: Pages, taxonomy: Taxonomy, catalogue: Catalogue,
    issuer: str | None = None, clock: Callable[[], float] = time.time,
) -> list[BaseRoute]:  # fmt: skip
    """Profielverbeteraar at `/apps/verbeteraar/`. `keys`: 32 bytes or more that only this app has."""
    app = CitizenApp(CARD, base_url=base_url, http=http, keys=keys, pages=pages, issuer=issuer, clock=clock)
    improver = Profielverbeteraar(app, taxonomy, catalogue, clock)
    return [
        *app.routes(),
        Route(app.home, improver.plan, methods=["GET"]),
        app.page("sturen", improver.confirm),
        app.page("stuur", improver.send, methods=["POST"]),
        app.page("gestuurd", improver.sent),
    ]
