"""Werk vinden: the doors to the services, in the order in which they help; and the pages about Werkpod itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.parts import DashboardParts, page


class Work:
    """The page at `/regie/werk`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The doors."""
        return [page("/regie/werk", self.show, citizens=True)]

    async def show(self, request: Request, account: Account) -> Response:
        """From what you did to what you can learn."""
        return self._parts.pages.render(request, "dashboard/work.html")


class About:
    """The pages that anyone may read."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """`/over`, `/privacy`, `/toegankelijkheid`."""
        return [
            Route(f"/{name}", self._page(f"dashboard/{template}.html"), methods=["GET"])
            for name, template in (("over", "about"), ("privacy", "privacy"), ("toegankelijkheid", "accessibility"))
        ]

    def _page(self, template: str) -> Callable[[Request], Awaitable[Response]]:
        async def show(request: Request) -> Response:
            return self._parts.pages.render(request, template, organisation=self._parts.organisation)

        return show
