"""CompetentNL's pages: find an occupation, see what it asks."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from werkpod.apps.reference import LONGEST_TEXT, ReferencePages, search_text
from werkpod.vocab.taxonomy import Taxonomy
from werkpod.web.pages import Pages, language_of

MOST_FOUND = 10


class CompetentNlPages:
    """The pages, over a taxonomy."""

    def __init__(self, taxonomy: Taxonomy, pages: Pages) -> None:
        self._taxonomy, self._pages = taxonomy, ReferencePages(pages, slug="competentnl", name="CompetentNL")

    async def home(self, request: Request) -> Response:
        """Occupations by text."""
        text, lang = search_text(request), language_of(request)
        search = self._taxonomy.search_occupations
        hits = await run_in_threadpool(search, text, lang=lang, limit=MOST_FOUND) if text else []
        return self._pages.render(
            request, "competentnl/home.html", text=text, hits=hits, tongue=lang, taxonomy=self._taxonomy
        )

    async def occupation(self, request: Request) -> Response:
        """What the occupation `beroep` (IRI or code) asks."""
        lang = language_of(request)
        occupation = self._taxonomy.occupation(request.query_params.get("beroep", "")[:LONGEST_TEXT])
        if occupation is None:
            return self._pages.render(request, "competentnl/unknown.html", status=404)
        links = self._taxonomy.links(occupation)
        return self._pages.render(
            request, "competentnl/occupation.html", occupation=occupation, tongue=lang, taxonomy=self._taxonomy,
            essential=[link.competence for link in links if link.kind == "essential"],
            important=[link.competence for link in links if link.kind == "important"],
            optional=[link.competence for link in links if link.kind == "optional"],
        )  # fmt: skip


def routes(taxonomy: Taxonomy, *, pages: Pages) -> list[BaseRoute]:
    """The pages at `/apps/competentnl/`."""
    service = CompetentNlPages(taxonomy, pages)
    return [
        Route("/apps/competentnl/", service.home, methods=["GET"], name="competentnl:home"),
        Route("/apps/competentnl/beroep", service.occupation, methods=["GET"], name="competentnl:occupation"),
    ]
