"""The consent page, `/oauth/toestemming?verzoek=ID`: who asks for what, why, how long, and the very data. Ja or nee.

The preview is `PodService.read` with the grant that "ja" would make: the same code that answers the app afterwards.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.choosing import Chosen, Offer, Unfinished, pressed, seen
from werkpod.consent.dashboard.consent_choice import (
    CHANGE,
    DAYS,
    READ,
    Answer,
    actions_so_far,
    answered,
    begun,
    offered_to,
    only_known,
    presets_for,
    record_for,
    so_far,
)
from werkpod.consent.dashboard.consent_words import Words
from werkpod.consent.dashboard.errors import FormRefused
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import DashboardParts, Form, form_of, lang_of, page, see_other, to_sign_in
from werkpod.consent.dashboard.unfit import unfit
from werkpod.consent.errors import RequestGone
from werkpod.consent.grants import GrantChanged, GrantNotFound, GrantRecord
from werkpod.consent.oauth.browser import browser_of
from werkpod.consent.oauth.errors import AuthorizationPageError
from werkpod.consent.oauth.flow import CONSENT_PATH, AuthorizationRequest

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?|[a-z][a-z0-9.+-]*:")


class Consent:
    """The pages at `/oauth/toestemming`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The question and the answer."""
        return [page(CONSENT_PATH, self.ask), page(CONSENT_PATH, self.answer, methods=["POST"])]

    async def ask(self, request: Request, account: Account) -> Response:
        """Show what is asked."""
        try:
            asked = await self._pending(request, account, request.query_params.get("verzoek", ""))
        except RequestGone:
            return self._gone(request)
        except AuthorizationPageError as error:
            return unfit(self._parts.pages, request, error)
        began = await self._parts.sessions.began(request)
        if began < asked.since:
            return to_sign_in(request, again=True)
        url = await self._parts.authorization.settled(
            asked.id, account, browser=browser_of(request, self._parts.base_url), auth_time=began
        )
        if url is not None:
            return self._onward(request, asked, url)
        offered = await self._offered(request, account, asked)
        everything = asked.chooses and request.query_params.get("alles") == "1"
        chosen = Chosen(everything=True) if everything else begun(asked, offered)
        return await self._page(request, account, asked, offered, chosen)

    async def answer(self, request: Request, account: Account) -> Response:
        """Ja: a grant of exactly what is in the form, and a code. Nee: the app is told so. Nothing else leaves.

        A button of the chooser is no answer: the page comes back with what it would be.
        """
        form = await form_of(self._parts, request)
        browser = browser_of(request, self._parts.base_url)
        try:
            asked = await self._pending(request, account, form.text("verzoek"))
            if form.text("antwoord") == "nee":
                return _leave(await self._parts.authorization.refuse(asked.id, account, browser=browser))
            if await self._parts.sessions.began(request) < asked.since:
                return see_other(f"{CONSENT_PATH}?verzoek={asked.id}")
            offered = await self._offered(request, account, asked)
            if not form.text("antwoord"):
                return await self._look(request, account, asked, offered, form)
            if form.text("antwoord") != "ja":
                raise FormRefused("The field antwoord is ja or nee.")
            say = self._parts.say(request)
            try:
                choice = answered(form, asked, offered, self._parts.clock(), say)
            except Unfinished as missing:
                chosen = so_far(form, asked, offered)
                return await self._page(request, account, asked, offered, chosen, error=str(missing), form=form)
            return _leave(await self._approve(request, account, asked, choice, browser))
        except RequestGone:
            return self._gone(request)
        except AuthorizationPageError as error:
            return unfit(self._parts.pages, request, error)

    async def _look(
        self, request: Request, account: Account, asked: AuthorizationRequest, offered: tuple[Offer, ...], form: Form
    ) -> Response:
        """The page again, as the pressed button would have it."""
        only_known(form, asked)
        chosen = pressed(form, offered, presets_for(asked))
        if chosen is None:
            raise FormRefused("The field antwoord is ja or nee.")
        if asked.chooses and form.text("alles") == "1":
            chosen = Chosen(everything=True)
        return await self._page(request, account, asked, offered, chosen, form=form)

    async def _pending(self, request: Request, account: Account, request_id: str) -> AuthorizationRequest:
        browser = browser_of(request, self._parts.base_url)
        return await self._parts.authorization.pending(request_id[:100], browser=browser, account=account)

    async def _offered(self, request: Request, account: Account, asked: AuthorizationRequest) -> tuple[Offer, ...]:
        own = await OwnPod.of(self._parts, account)
        return await offered_to(own, asked, lang_of(request), self._parts.say(request))

    async def _approve(
        self, request: Request, account: Account, asked: AuthorizationRequest, choice: Answer, browser: str | None
    ) -> str:
        record = asked.placed(choice.on(record_for(account, asked, lang_of(request), self._parts.clock())))
        asked.check(account, record, self._parts.clock())
        before = await self._before(account, asked)
        grants, began = self._parts.grants, await self._parts.sessions.began(request)
        grant = await (self._changed(before[-1], record) if before else grants.create(record))
        try:
            url = await self._parts.authorization.approve(asked.id, account, grant, browser=browser, auth_time=began)
        except BaseException:  # answered twice, or the app changed meanwhile: then this yes leads to nothing
            if before:
                with contextlib.suppress(GrantChanged, GrantNotFound):  # another yes, a stop or a change came after it
                    await grants.change(before[-1], expect=grant.version)
            else:
                await grants.revoke(account.id, grant.id, by=account.id)
            raise
        for older in before[:-1]:
            await grants.revoke(account.id, older.id, by=account.id)
        return url

    async def _changed(self, before: GrantRecord, record: GrantRecord) -> GrantRecord:
        """The next version of the grant that the yes was weighed against. A button that is pressed twice says yes once:
        the second, taken back, must not bring what the first took away. Raises RequestGone."""
        try:
            return await self._parts.grants.change(replace(record, id=before.id), expect=before.version)
        except GrantChanged:
            raise RequestGone("What this app has was changed at this moment.") from None

    async def _before(self, account: Account, asked: AuthorizationRequest) -> Sequence[GrantRecord]:
        """The grants in whose place the yes comes: the one that the app asks about; or what it has already, where the
        citizen chooses what it may have.

        Solid apps ask at each sign-in. Were every yes to be added, the list would grow with each, and who picks less
        than the last time would see nothing of it. The same grant in a new version keeps the app signed in elsewhere.
        """
        if asked.has is not None:
            return (asked.has,)
        if not asked.chooses or asked.action == "create":
            return ()
        return await self._parts.grants.standing(account.id, agent=account.webid, client=asked.client.id)

    async def _page(
        self, request: Request, account: Account, asked: AuthorizationRequest, offered: tuple[Offer, ...],
        chosen: Chosen, *, error: str = "", form: Form | None = None,
    ) -> Response:  # fmt: skip
        lang, say = lang_of(request), self._parts.say(request)
        words = Words(asked, self._ours(asked.client.id), self._parts.organisation, lang, say)
        form = form or Form({})
        record = replace(record_for(account, asked, lang, self._parts.clock()), actions=actions_so_far(form, asked))
        record = asked.placed(chosen.on(record))
        looked = await seen(self._parts, account, record, Chosen.of(record), offered, lang, say, who=words.name)
        if request.headers.get("hx-request") == "true":
            return self._parts.pages.render(request, "choosing/seen.html", seen=looked)
        return self._parts.pages.render(
            request, "dashboard/consent.html", status=400 if error else 200, form_action=_form_action(asked),
            asked=asked, words=words, offered=offered, chosen=chosen, seen=looked, presets=presets_for(asked),
            everything=chosen.everything and asked.chooses, choices=DAYS, read=READ, change=CHANGE, error=error,
            form=form, consent_path=CONSENT_PATH,
        )  # fmt: skip

    def _ours(self, client_id: str) -> bool:
        """Whether this is one of our own services. Pods are on this origin too: a document there is anybody's."""
        return re.fullmatch(re.escape(self._parts.base_url) + r"/apps/[a-z0-9-]+/client\.jsonld", client_id) is not None

    def _onward(self, request: Request, asked: AuthorizationRequest, url: str) -> Response:
        """Back to the app by a page: a redirect here would still belong to the sign-in form, which leads to no app."""
        name = asked.client.label(lang_of(request))
        response = self._parts.pages.render(request, "dashboard/onward.html", name=name, onward=url)
        response.headers["Refresh"] = f"0; url={url}"
        return response

    def _gone(self, request: Request) -> Response:
        return self._parts.pages.render(request, "dashboard/consent_gone.html", status=404)


def _form_action(asked: AuthorizationRequest) -> str:
    """Where the form may lead: here, and by redirect to the app (browsers hold form-action against redirects too)."""
    parts = urlsplit(asked.redirect_uri)
    origin = f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"
    return f"'self' {origin}" if _ORIGIN.fullmatch(origin) else "'self'"


def _leave(url: str) -> Response:
    return RedirectResponse(
        url, status_code=303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    )
