"""ISCO's pages: find a group by code or words, walk the tree."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from werkpod.apps.isco.finding import GroupHit, finder_of
from werkpod.apps.reference import ReferencePages, search_text
from werkpod.vocab.isco import IscoTree
from werkpod.web.pages import Pages, language_of

MOST_FOUND = 20


class IscoPages:
    """The pages, over a tree."""

    def __init__(self, tree: IscoTree, pages: Pages) -> None:
        self._tree, self._pages = tree, ReferencePages(pages, slug="isco", name="ISCO")

    async def home(self, request: Request) -> Response:
        """The major groups, or the groups that a text or code is found in."""
        text = search_text(request)
        lang = language_of(request)
        found = await run_in_threadpool(self._find, text, lang) if text else []
        return self._pages.render(
            request, "isco/home.html", text=text, found=found, majors=self._tree.children(), tongue=lang
        )

    async def group(self, request: Request) -> Response:
        """One group: its place, and what is under it."""
        code = request.path_params["code"]
        group = self._tree.group(code)
        if group is None:
            return self._pages.render(request, "isco/unknown.html", status=404, code=code[:20])
        everyday = (await run_in_threadpool(finder_of, self._tree)).everyday(code)
        return self._pages.render(
            request, "isco/group.html", group=group, above=self._tree.path(code)[:-1],
            children=self._tree.children(code), tongue=language_of(request), everyday=everyday,
        )  # fmt: skip

    def _find(self, text: str, lang: str) -> list[GroupHit]:
        return finder_of(self._tree).find(text, lang=lang, limit=MOST_FOUND)


def routes(tree: IscoTree, *, pages: Pages) -> list[BaseRoute]:
    """The pages at `/apps/isco/`. `tree` is `Taxonomy.isco`."""
    service = IscoPages(tree, pages)
    return [
        Route("/apps/isco/", service.home, methods=["GET"], name="isco:home"),
        Route("/apps/isco/{code}", service.group, methods=["GET"], name="isco:group"),
    ]
