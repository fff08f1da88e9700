"""Mijn cv: the citizen reads their own CV, section by section."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import DashboardParts, lang_of, page


class MyCv:
    """The page at `/regie/cv`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The CV."""
        return [page("/regie/cv", self.show, citizens=True)]

    async def show(self, request: Request, account: Account) -> Response:
        """Every section; a button to the CV-bouwer, which writes."""
        pod = await OwnPod.of(self._parts, account)
        sections = await pod.sections(lang_of(request), self._parts.say(request))
        return self._parts.pages.render(
            request, "dashboard/cv.html", sections=sections, empty=all(section.empty for section in sections)
        )
