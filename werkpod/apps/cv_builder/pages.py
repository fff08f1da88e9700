"""CV-bouwer: make a CV step by step, from the work a person has done to what they can do."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.apps.cv_builder.card import CARD
from werkpod.apps.cv_builder.competences import CompetencePages
from werkpod.apps.cv_builder.forms import PartPages
from werkpod.apps.cv_builder.importing import ImportPages
from werkpod.apps.cv_builder.inputs import N_
from werkpod.apps.cv_builder.parts import PARTS
from werkpod.apps.cv_builder.records import Records
from werkpod.apps.cv_builder.skills import SkillPages
from werkpod.apps.cv_builder.successors import SuccessorPages, offers
from werkpod.apps.kit import CitizenApp, Visit
from werkpod.vocab.cv import Cv, Experience
from werkpod.vocab.sections import CV_SECTIONS
from werkpod.vocab.taxonomy import Taxonomy
from werkpod.web.pages import Pages


@dataclass(frozen=True, slots=True)
class Step:
    """A step towards a CV. `count`: how much there is; `shared`: whether the app may see this part."""

    place: str
    title: str
    text: str
    count: int
    shared: bool


_STEPS = (
    ("identity", "naam", N_("Je naam"), N_("Hoe heet je?")),
    ("contact", "contact", N_("Hoe je te bereiken bent"), N_("Je e-mailadres, telefoonnummer en woonplaats.")),
    ("experience", "werk", N_("Je werk"), N_("Wat heb je gedaan? Ook vrijwilligerswerk telt.")),
    ("competences", "kunnen", N_("Wat je kunt"), N_("Wat je op je werk of ergens anders leerde.")),
    ("education", "opleiding", N_("Je opleiding"), N_("Scholen en cursussen, ook zonder diploma.")),
    ("languages", "talen", N_("Je talen"), N_("Welke talen spreek je?")),
    ("certificates", "diplomas", N_("Je diploma's en certificaten"), N_("Bijvoorbeeld je rijbewijs of VCA.")),
    ("summary", "over", N_("Over jou"), N_("Een paar zinnen over jezelf.")),
    ("wishes", "wensen", N_("Wat je wilt"), N_("Welk werk zou je graag doen?")),
)


def steps(cv: Cv, may: Callable[[str], bool]) -> list[Step]:
    """The steps, each with how much of it is there."""
    counts = {
        "identity": int(cv.identity is not None),
        "contact": int(cv.contact is not None or bool(cv.profiles)),
        "summary": int(cv.summary is not None),
        **{key: len(getattr(cv, key)) for key in _LISTS},
    }
    return [Step(place, title, text, counts[key], may(key)) for key, place, title, text in _STEPS]


_LISTS = ("experience", "competences", "education", "languages", "certificates", "wishes")


class CvBuilder:
    """The start page."""

    def __init__(self, app: CitizenApp, taxonomy: Taxonomy) -> None:
        self._app, self._taxonomy = app, taxonomy

    async def home(self, request: Request, visit: Visit) -> Response:
        """The steps, how far the person is, and the next useful thing to do."""
        cv = await Records(visit.pod).cv(section.key for section in CV_SECTIONS if visit.may(section.key))
        every = steps(cv, visit.may)
        todo = next((step for step in every if step.shared and not step.count), None)
        untold: Experience | None = None
        if visit.may("competences"):
            untold = next((job for job in cv.experience if not cv.gained(job)), None)
        return self._app.render(
            request, "cv_builder/home.html", steps=every, todo=todo, untold=untold,
            renamed=len(offers(cv, self._taxonomy, visit.lang)),
            done=sum(step.count > 0 for step in every), saved=request.query_params.get("bewaard", ""),
        )  # fmt: skip


def routes(
    *, base_url: str, http: httpx2.AsyncClient, keys: bytes, pages: Pages, taxonomy: Taxonomy,
    issuer: str | None = None, clock: Callable[[], float] = time.time,
) -> list[BaseRoute]:  # fmt: skip
    """CV-bouwer at `/apps/cv/`. `keys`: 32 bytes or more that only this app has."""
    app = CitizenApp(CARD, base_url=base_url, http=http, keys=keys, pages=pages, issuer=issuer, clock=clock)
    parts = [route for part in PARTS for route in PartPages(app, taxonomy, part).routes()]
    return [
        *app.routes(),
        app.page("", CvBuilder(app, taxonomy).home),
        *parts,
        *SkillPages(app, taxonomy).routes(),
        *CompetencePages(app, taxonomy).routes(),
        *SuccessorPages(app, taxonomy).routes(),
        *ImportPages(app).routes(),
    ]
