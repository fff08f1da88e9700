"""Voor wie je iets regelt: accepting to act for somebody, switching to it and back, and what one may then do.

Switching gives the browser a new session secret, and the old one ends. Whoever is back is themselves again in every
window: a form that was shown in another's name does nothing any more (`parts.form_of`).
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.mandates import acts, section_labels
from werkpod.consent.dashboard.parts import ACTING_HOME, SIGN_IN, DashboardParts, acting_of, form_of, page, see_other
from werkpod.consent.dashboard.telling import tell
from werkpod.consent.grants import GrantRecord
from werkpod.consent.mandates import Acting, Mandate
from werkpod.web.failures import N_

PATH = ACTING_HOME
_ANSWERS = {
    "ja": N_("%(name)s wil je helpen. Je kunt dit altijd stoppen."),
    "nee": N_("%(name)s kan je nu niet helpen."),
}
_GIVEN_UP = N_("%(name)s regelt niets meer voor je.")


class ActingPages:
    """The pages of a representative at `/regie/vertegenwoordiging/voor`, for every role."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """For whom, answering, switching to them and back, giving it up."""
        return [
            page(PATH, self.show, own=True),
            page(f"{PATH}/antwoord", self.answer, methods=["POST"], own=True),
            page(f"{PATH}/begin", self.begin, methods=["POST"], own=True),
            page(f"{PATH}/klaar", self.back, methods=["POST"], own=True),
            page(f"{PATH}/stop", self.give_up, methods=["POST"], own=True),
        ]

    async def show(self, request: Request, account: Account) -> Response:
        """For whom one may act; while acting, what one may do and what one gave."""
        acting, now = acting_of(request), self._parts.clock()
        found = await self._parts.mandates.for_actor(account)
        return self._parts.pages.render(
            request, "dashboard/acting.html", mandates=[pair for pair in found if pair[0].active(now)],
            invited=[pair for pair in found if pair[0].waiting(now)], acts=acts(self._parts.say(request)),
            labels=section_labels(request), given=await self._given(acting),
            over=bool(getattr(request.state, "acting_over", False)), refused="niet" in request.query_params,
            beyond="meer" in request.query_params,
            answered=request.query_params.get("antwoord", ""),
        )  # fmt: skip

    async def answer(self, request: Request, account: Account) -> Response:
        """Yes or no; the citizen hears it."""
        form = await form_of(self._parts, request)
        form.only("hulp", "antwoord")
        said = "ja" if form.text("antwoord") == "ja" else "nee"
        mandate = await self._parts.mandates.answer(account, form.text("hulp"), accept=said == "ja")
        await self._tell(account, mandate, _ANSWERS[said])
        return see_other(f"{PATH}?antwoord={said}")

    async def begin(self, request: Request, account: Account) -> Response:
        """From now on for the citizen: in the ledger, under a new session secret."""
        form = await form_of(self._parts, request)
        form.only("hulp")
        _, sealed = await self._parts.mandates.begin(account, form.text("hulp"))
        return await self._switch(request, sealed)

    async def back(self, request: Request, account: Account) -> Response:
        """From now on for oneself."""
        form = await form_of(self._parts, request)
        form.only()
        return await self._switch(request, None)

    async def give_up(self, request: Request, account: Account) -> Response:
        """Act for somebody no longer; the citizen hears it."""
        form = await form_of(self._parts, request)
        form.only("hulp")
        mandate = await self._parts.mandates.give_up(account, form.text("hulp"))
        await self._tell(account, mandate, _GIVEN_UP)
        return await self._switch(request, None)

    async def _switch(self, request: Request, sealed: bytes | None) -> Response:
        """The session under a new secret, for somebody or for oneself."""
        sessions = self._parts.sessions
        value = await sessions.switch(sessions.secret_of(request), sealed)
        if value is None:  # ended in another window at this moment
            return see_other(SIGN_IN)
        response = see_other(PATH)
        sessions.set_cookie(response, value)
        return response

    async def _given(self, acting: Acting | None) -> list[GrantRecord]:
        """What the representative gave in the citizen's name and still holds: theirs to see, whatever else is not."""
        if acting is None:
            return []
        grants = await self._parts.grants.list(acting.citizen.id, active_only=True)
        return [grant for grant in grants if grant.given_by == acting.actor.webid]

    async def _tell(self, account: Account, mandate: Mandate, message: str) -> None:
        citizen = await self._parts.accounts.get(mandate.pod)
        if citizen is not None:
            await tell(self._parts, account, citizen, message, name=mandate.actor_name)
