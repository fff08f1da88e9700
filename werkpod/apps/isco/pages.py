"""ISCO's pages: find a group by code or words, walk the tree."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from werkpod.apps.reference import ReferencePages, search_text
from werkpod.vocab.isco import CODE, IscoTree, UnitGroup
from werkpod.vocab.text import normalise
from werkpod.web.pages import Pages, language_of

MOST_FOUND = 20


class IscoPages:
    """The pages, over a tree."""

    def __init__(self, tree: IscoTree, pages: Pages) -> None:
        self._tree, self._pages = tree, ReferencePages(pages, slug="isco", name="ISCO")

    async def home(self, request: Request) -> Response:
        """The major groups, or the groups that a text or code is found in."""
        text = search_text(request)
        found = self._search(text) if text else ()
        return self._pages.render(
            request, "isco/home.html", text=text, found=found, majors=self._tree.children(), tongue=language_of(request)
        )

    async def group(self, request: Request) -> Response:
        """One group: its place, and what is under it."""
        code = request.path_params["code"]
        group = self._tree.group(code)
        if group is None:
            return self._pages.render(request, "isco/unknown.html", status=404, code=code[:20])
        return self._pages.render(
            request, "isco/group.html", group=group, above=self._tree.path(code)[:-1],
            children=self._tree.children(code), tongue=language_of(request),
        )  # fmt: skip

    def _search(self, text: str) -> tuple[UnitGroup, ...]:
        if CODE.fullmatch(text):
            group = self._tree.group(text)
            return (group,) if group else ()
        words = normalise(text).split()
        return self._tree.titled(lambda title: all(word in normalise(title) for word in words))[:MOST_FOUND]


def routes(tree: IscoTree, *, pages: Pages) -> list[BaseRoute]:
    """The pages at `/apps/isco/`. `tree` is `Taxonomy.isco`."""
    service = IscoPages(tree, pages)
    return [
        Route("/apps/isco/", service.home, methods=["GET"], name="isco:home"),
        Route("/apps/isco/{code}", service.group, methods=["GET"], name="isco:group"),
    ]
