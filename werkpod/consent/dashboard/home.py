"""The front page: what Werkpod is, or how things stand and the next useful step."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard import notes, rules, wording
from werkpod.consent.dashboard.difference import DAY
from werkpod.consent.dashboard.log import first_looks
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import DashboardParts, lang_of, viewer_of
from werkpod.consent.dashboard.picture import Picture, agent_key, receiver_key
from werkpod.consent.grants import GrantRecord
from werkpod.consent.reminding import SOON, Due, worth_telling


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one useful thing to do now: a sentence, what the button says, where it leads."""

    text: str
    button: str
    href: str


class Home:
    """The page at `/`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """`/`."""
        return [Route("/", self.show, methods=["GET"])]

    async def show(self, request: Request) -> Response:
        """The page for whoever is here."""
        account = viewer_of(request)
        if account is None:
            return self._parts.pages.render(
                request, "dashboard/welcome.html", organisation=self._parts.organisation
            )  # fmt: skip
        pod = await OwnPod.of(self._parts, account)
        messages = len(await notes.names(pod))
        if account.role != "citizen":
            people = len(await self._parts.grants.givers(account.webid))
            return self._parts.pages.render(
                request, "dashboard/home_professional.html", account=account, people=people, messages=messages,
                app="/apps/coach/" if account.role == "coach" else "/apps/werkgever/",
            )  # fmt: skip
        return await self._citizen(request, account, pod, messages)

    async def _citizen(self, request: Request, account: Account, pod: OwnPod, messages: int) -> Response:
        picture = Picture(self._parts, account, lang_of(request), self._parts.say(request))
        sharing, ending = set[str](), list[GrantRecord]()
        async for grant in picture.active():
            sharing.add(receiver_key(grant))
            ending += [grant] if self._ends_soon(grant) else []
        opened = [opening for opening in await rules.openings(pod) if not opening.always]
        everyone = any(opening.who in (rules.EVERYONE, rules.SIGNED_IN) for opening in opened)
        public = (rules.EVERYONE, rules.SIGNED_IN)
        sharing |= {agent_key(opening.who) for opening in opened if opening.who not in public}
        cv = await pod.cv()
        requests = await self._parts.asking.count_waiting(account)
        step = self._next(
            request, has_work=bool(cv and cv.experience), sharing=bool(sharing or opened), messages=messages,
            requests=requests,
        )  # fmt: skip
        return self._parts.pages.render(
            request,
            "dashboard/home.html",
            account=account,
            receivers=len(sharing),
            everyone=everyone,
            messages=messages,
            requests=requests,
            step=step,
            ending=self._ending(request, ending),
            newcomers=await first_looks(self._parts, account, lang_of(request), self._parts.say(request)),
        )

    def _ends_soon(self, grant: GrantRecord) -> bool:
        until = grant.until
        due = Due(grant.pod, grant.id, until or 0.0, "ends_14", SOON)
        return until is not None and until <= self._parts.clock() + SOON and worth_telling(grant, due)

    def _ending(self, request: Request, grants: list[GrantRecord]) -> NextStep | None:
        """What ends first of what ends soon."""
        first = min(grants, key=lambda grant: grant.until or 0.0, default=None)
        if first is None:
            return None
        _ = say = self._parts.say(request)
        days = wording.in_days(max(1, round(((first.until or 0.0) - self._parts.clock()) / DAY)), say)
        text = _("Over %(days)s stopt het delen met %(name)s.", days=days, name=wording.called(first, say))
        return NextStep(text, _("Wil je langer delen?"), f"/regie/delen/{first.id}/veranderen")

    def _next(
        self, request: Request, *, has_work: bool, sharing: bool, messages: int, requests: int
    ) -> NextStep:  # fmt: skip
        _ = self._parts.say(request)
        if requests:
            return NextStep(_("Iemand vraagt om iets van je te zien."), _("Bekijk de vraag"), "/regie/vragen")
        if not has_work:
            return NextStep(
                _("Je cv is nog leeg. Begin met een baan die je hebt gehad."), _("Vul je werk in"), "/apps/cv/"
            )
        if messages:
            return NextStep(_("Er is een bericht voor je."), _("Lees je berichten"), "/regie/berichten")
        if not sharing:
            return NextStep(_("Je cv is begonnen. Kijk welk werk bij je past."), _("Zoek werk"), "/apps/beroep/")
        return NextStep(_("Kijk of je cv nog klopt."), _("Bekijk mijn cv"), "/regie/cv")
