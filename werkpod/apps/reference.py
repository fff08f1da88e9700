"""What the pages of the reference services share: no session, no data of a person, a search text in the address."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from werkpod.web.pages import Pages

LONGEST_TEXT = 200
"""Characters of a search text that are looked at."""


def search_text(request: Request) -> str:
    """The text in `q`, without spaces around it."""
    return request.query_params.get("q", "")[:LONGEST_TEXT].strip()


class ReferencePages:
    """Renders the pages of one service. `slug` is its place (`/apps/{slug}/`), `name` what it is called."""

    def __init__(self, pages: Pages, *, slug: str, name: str) -> None:
        self._pages, self._slug, self._name = pages, slug, name

    def render(self, request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
        """A page in the service's own name and colour."""
        return self._pages.render(request, template, status=status, app_name=self._name, app_slug=self._slug, **context)
