"""CompetentNL's pages: find an occupation, see what it asks."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from werkpod.apps.reference import LONGEST_TEXT, ReferencePages, search_text
from werkpod.apps.wire import find_occupation
from werkpod.vocab.taxonomy import CompetenceHit, Taxonomy
from werkpod.web.pages import Pages, language_of

MOST_FOUND, MOST_SKILLS, MOST_ASKING = 10, 5, 30
LEAST_LIKE = 0.3
"""What a competence has to score to be shown beside the occupations that a text finds."""


class CompetentNlPages:
    """The pages, over a taxonomy."""

    def __init__(self, taxonomy: Taxonomy, pages: Pages) -> None:
        self._taxonomy, self._pages = taxonomy, ReferencePages(pages, slug="competentnl", name="CompetentNL")

    async def home(self, request: Request) -> Response:
        """Occupations by text."""
        text, lang = search_text(request), language_of(request)
        search = self._taxonomy.search_occupations
        hits = await run_in_threadpool(search, text, lang=lang, limit=MOST_FOUND) if text else []
        skills = await run_in_threadpool(self._skills, text, lang) if text else []
        return self._pages.render(
            request,
            "competentnl/home.html",
            text=text,
            hits=hits,
            skills=skills,
            tongue=lang,
            taxonomy=self._taxonomy,
        )

    async def occupation(self, request: Request) -> Response:
        """What the occupation `beroep` (IRI or code) asks."""
        lang = language_of(request)
        occupation = find_occupation(self._taxonomy, request.query_params.get("beroep", "")[:LONGEST_TEXT])
        if occupation is None:
            return self._pages.render(request, "competentnl/unknown.html", status=404, what="occupation")
        links = self._taxonomy.links(occupation)
        return self._pages.render(
            request, "competentnl/occupation.html", occupation=occupation, tongue=lang, taxonomy=self._taxonomy,
            essential=[link.competence for link in links if link.kind == "essential"],
            important=[link.competence for link in links if link.kind == "important"],
            optional=[link.competence for link in links if link.kind == "optional"],
        )  # fmt: skip

    async def competence(self, request: Request) -> Response:
        """What the competence `iri` is, and which occupations ask it; `alle=ja`: all of them."""
        lang = language_of(request)
        competence = self._taxonomy.competence(request.query_params.get("iri", "")[:LONGEST_TEXT])
        if competence is None:
            return self._pages.render(request, "competentnl/unknown.html", status=404, what="competence")
        asking = await run_in_threadpool(self._taxonomy.asking, competence)
        most = len(asking) if request.query_params.get("alle") == "ja" else MOST_ASKING
        return self._pages.render(
            request, "competentnl/competence.html", competence=competence, tongue=lang, taxonomy=self._taxonomy,
            count=len(asking), more=len(asking) > most,
            essential=[one for one, link in asking[:most] if link.kind == "essential"],
            important=[one for one, link in asking[:most] if link.kind == "important"],
            optional=[one for one, link in asking[:most] if link.kind == "optional"],
        )  # fmt: skip

    def _skills(self, text: str, lang: str) -> list[CompetenceHit]:
        found = self._taxonomy.search_competences(text, lang=lang, limit=MOST_SKILLS)
        return [hit for hit in found if hit.score >= LEAST_LIKE]


def routes(taxonomy: Taxonomy, *, pages: Pages) -> list[BaseRoute]:
    """The pages at `/apps/competentnl/`."""
    service = CompetentNlPages(taxonomy, pages)
    return [
        Route("/apps/competentnl/", service.home, methods=["GET"], name="competentnl:home"),
        Route("/apps/competentnl/beroep", service.occupation, methods=["GET"], name="competentnl:occupation"),
        Route("/apps/competentnl/competentie", service.competence, methods=["GET"], name="competentnl:competence"),
    ]
