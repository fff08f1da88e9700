"""Signing in through an outside provider, and adding or taking away such a way in."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from werkpod.consent.accounts.model import Account
from werkpod.consent.accounts.outside import Journey, Newcomer, OutsideProvider, Provider
from werkpod.consent.dashboard.entry import address_of, begin_session, recovery_page
from werkpod.consent.dashboard.parts import DashboardParts, form_of, lang_of, own_path, page, see_other, viewer_of
from werkpod.consent.errors import (
    IdentityTaken,
    NameUnfit,
    OutsideRefused,
    OutsideSilent,
    SignUpFailed,
    TooManyTries,
)
from werkpod.web.errors import Forbidden, NotFound, WerkpodError

DOOR = "/inloggen/met"
SETTINGS = "/regie/instellingen"


class NotKnownHere(Forbidden):
    """A provider whose new people do not get an account by themselves."""

    code, title = "not_known_here", "There is no account for this person"


class JourneyGone(OutsideRefused):
    """Came back without what went along: too late, from another browser, or twice."""

    code, title = "journey_gone", "This took too long, or began in another browser"


class OutsidePages:
    """`/inloggen/met/{name}` and below, and the part of the settings that goes with it."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """Away, back, a newcomer's account; a way in added and taken away."""
        return [
            Route(DOOR + "/{name}", self.leave, methods=["GET"]),
            Route(DOOR + "/{name}/terug", self.come_back, methods=["GET"]),
            Route(DOOR + "/{name}/nieuw", self.newcomer, methods=["POST"]),
            page(f"{SETTINGS}/inlogwijze", self.add, methods=["POST"]),
            page(f"{SETTINGS}/inlogwijze/stop", self.remove, methods=["POST"]),
        ]

    async def leave(self, request: Request) -> Response:
        """To the provider; who is signed in goes on."""
        provider = self._provider(request.path_params["name"])
        onward = own_path(request.query_params.get("verder", "/"))
        if viewer_of(request):
            return see_other(onward)
        try:
            url, journey = await provider.begin(onward=onward, until=self._parts.outside.satchel.until())
        except (OutsideRefused, OutsideSilent) as error:
            return self._failed(request, provider, error)
        response = RedirectResponse(url, status_code=303, headers={"Cache-Control": "no-store"})
        await self._parts.outside.satchel.pack(response, journey)
        return response

    async def come_back(self, request: Request) -> Response:
        """From the provider: in, or to the page for newcomers, or what did not go well."""
        provider = self._provider(request.path_params["name"])
        try:
            response = await self._arrive(request, provider)
        except WerkpodError as error:
            response = self._failed(request, provider, error)
            self._parts.outside.satchel.empty(response)
        return response

    async def _arrive(self, request: Request, provider: Provider) -> Response:
        journey = await self._parts.outside.satchel.unpack(request, Journey)
        if journey is None or journey.provider != provider.configured.name:
            raise JourneyGone("Nothing of this sign-in is known in this browser (any more).")
        person = await provider.finish(journey, dict(request.query_params))
        if journey.account:
            return await self._link(request, provider, journey, person.subject)
        known = await self._parts.outside.identities.find(provider.configured, person.subject)
        if known is None:
            if not provider.configured.create:
                raise NotKnownHere("Only people who are known here come in this way.")
            response = self._newcomer_page(request, provider, name=person.name)
            until = self._parts.outside.satchel.until()
            await self._parts.outside.satchel.pack(
                response, Newcomer(provider.configured.name, person.subject, person.name, journey.onward, until)
            )
            return response
        account = await self._parts.accounts.get(known)
        if account is None:
            raise NotKnownHere("The account of this person is gone.")
        response = see_other(journey.onward)
        self._parts.outside.satchel.empty(response)
        await begin_session(self._parts, request, response, account)
        return response

    async def _link(self, request: Request, provider: Provider, journey: Journey, subject: str) -> Response:
        account = viewer_of(request)
        if account is None or account.id != journey.account:
            raise JourneyGone("Who began this is not signed in here any more.")
        await self._parts.outside.identities.link(account, provider.configured, subject)
        response = see_other(f"{SETTINGS}?toegevoegd=1")
        self._parts.outside.satchel.empty(response)
        return response

    async def newcomer(self, request: Request) -> Response:
        """An account for who came back and has none; its recovery code is shown, this once."""
        form = await form_of(self._parts, request)
        form.only("naam")
        provider = self._provider(request.path_params["name"])
        here = await self._parts.outside.satchel.unpack(request, Newcomer)
        if here is None or here.provider != provider.configured.name:
            return self._failed(request, provider, JourneyGone("This took too long, or began in another browser."))
        name = form.text("naam")
        try:
            if await self._parts.outside.identities.find(provider.configured, here.subject):  # the form was sent twice
                raise JourneyGone("This person has an account by now.")
            account, code = await self._parts.accounts.sign_up_outside(
                name, role=provider.configured.role, lang=lang_of(request), address=address_of(request)
            )
            await self._parts.outside.identities.link(account, provider.configured, here.subject)
        except (NameUnfit, SignUpFailed, TooManyTries) as error:
            return self._newcomer_page(request, provider, name=name, error=error)
        except (JourneyGone, IdentityTaken) as error:
            return self._failed(request, provider, error)
        response = recovery_page(self._parts, request, account, code, here.onward)
        self._parts.outside.satchel.empty(response)
        await begin_session(self._parts, request, response, account)
        return response

    # In the settings

    async def add(self, request: Request, account: Account) -> Response:
        """A page with the way to the provider: a link, because a browser holds a form to this site."""
        form = await form_of(self._parts, request)
        form.only("bij")
        provider = self._provider(form.text("bij"))
        try:
            until = self._parts.outside.satchel.until()
            url, journey = await provider.begin(onward=SETTINGS, until=until, account=account.id)
        except (OutsideRefused, OutsideSilent) as error:
            return self._failed(request, provider, error)
        response = self._parts.pages.render(
            request, "dashboard/outside_add.html", label=provider.configured.label, url=url
        )
        await self._parts.outside.satchel.pack(response, journey)
        return response

    async def remove(self, request: Request, account: Account) -> Response:
        """This way in is closed; sessions that came in by it stay."""
        form = await form_of(self._parts, request)
        form.only("sleutel")
        gone = await self._parts.outside.identities.unlink(account, form.text("sleutel"))
        return see_other(f"{SETTINGS}?weg=1" if gone else SETTINGS)

    # Inside

    def _provider(self, name: str) -> Provider:
        provider = self._parts.outside.providers.get(name)
        if provider is None:
            raise NotFound(f"There is no way to sign in that is called {name[:40]!r}.")
        return provider

    def _newcomer_page(
        self, request: Request, provider: Provider, *, name: str, error: WerkpodError | None = None
    ) -> Response:
        said: OutsideProvider = provider.configured
        return self._parts.pages.render(
            request, "dashboard/outside_new.html", status=error.status if error else 200, label=said.label,
            action=f"{DOOR}/{said.name}/nieuw", name=name, error=error.code if error else "",
            minutes=-(-error.retry_after // 60) if isinstance(error, TooManyTries) else 0,
        )  # fmt: skip

    def _failed(self, request: Request, provider: Provider, error: WerkpodError) -> Response:
        said = provider.configured
        return self._parts.pages.render(
            request, "dashboard/outside_failed.html", status=error.status, label=said.label, reason=error.code,
            again=SETTINGS if viewer_of(request) else f"{DOOR}/{said.name}",
        )  # fmt: skip
