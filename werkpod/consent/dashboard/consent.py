"""The consent page, `/oauth/toestemming?verzoek=ID`: who asks for what, why, how long, and the very data. Ja or nee.

The preview is `PodService.read` with the grant that "ja" would make: the same code that answers the app afterwards.
What comes back in the form is held against what was asked: more than that is refused, never trimmed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.errors import FormRefused
from werkpod.consent.dashboard.own import TURTLE, OwnPod
from werkpod.consent.dashboard.parts import DashboardParts, Form, form_of, lang_of, page, see_other, to_sign_in
from werkpod.consent.dashboard.readable import Say, Shown
from werkpod.consent.dashboard.unfit import unfit
from werkpod.consent.errors import RequestGone
from werkpod.consent.grants import Action, GrantRecord, to_access
from werkpod.consent.oauth.browser import browser_of
from werkpod.consent.oauth.errors import AuthorizationPageError
from werkpod.consent.oauth.flow import CONSENT_PATH, AuthorizationRequest
from werkpod.pod.access.model import Requester
from werkpod.vocab.sections import SECTIONS
from werkpod.web.errors import NotFound

DAYS = (1, 30, 90, 365)
"""How long a citizen can choose when the app did not say."""
READ, CHANGE = "lezen", "veranderen"
CONTROL = "regelen"
"""The field of the tick that lets an app with everything also say who else may (record 22)."""
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?|[a-z][a-z0-9.+-]*:")
_ALWAYS = ("verzoek", "antwoord")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a form says: sections or everything, actions, and seconds from now."""

    sections: tuple[str, ...]
    actions: tuple[Action, ...]
    seconds: float
    everything: bool = False


class Unfinished(Exception):
    """A choice that still has to be made; the text says which, to the person."""


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
        return await self._page(request, account, asked, everything=request.query_params.get("alles") == "1")

    async def answer(self, request: Request, account: Account) -> Response:
        """Ja: a grant of exactly what is in the form, and a code. Nee: the app is told so. Nothing else leaves."""
        form = await form_of(self._parts, request)
        browser = browser_of(request, self._parts.base_url)
        try:
            asked = await self._pending(request, account, form.text("verzoek"))
            if form.text("antwoord") == "nee":
                return _leave(await self._parts.authorization.refuse(asked.id, account, browser=browser))
            if form.text("antwoord") != "ja":
                raise FormRefused("The field antwoord is ja or nee.")
            if await self._parts.sessions.began(request) < asked.since:
                return see_other(f"{CONSENT_PATH}?verzoek={asked.id}")
            choice = self._choice(form, asked, self._parts.say(request))
            return _leave(await self._approve(request, account, asked, choice, browser))
        except Unfinished as missing:
            return await self._page(
                request, account, asked, everything=form.text("alles") == "1", error=str(missing), form=form
            )
        except RequestGone:
            return self._gone(request)
        except AuthorizationPageError as error:
            return unfit(self._parts.pages, request, error)

    async def _pending(self, request: Request, account: Account, request_id: str) -> AuthorizationRequest:
        browser = browser_of(request, self._parts.base_url)
        return await self._parts.authorization.pending(request_id[:100], browser=browser, account=account)

    async def _approve(
        self, request: Request, account: Account, asked: AuthorizationRequest, choice: Choice, browser: str | None
    ) -> str:
        record = asked.placed(self._record(account, asked, choice, lang_of(request)))
        asked.check(account, record, self._parts.clock())
        before = await self._before(account, asked)
        grants, began = self._parts.grants, await self._parts.sessions.began(request)
        grant = await (grants.change(replace(record, id=before[-1].id)) if before else grants.create(record))
        try:
            url = await self._parts.authorization.approve(asked.id, account, grant, browser=browser, auth_time=began)
        except BaseException:  # answered twice, or the app changed meanwhile: then this yes leads to nothing
            await (grants.change(before[-1]) if before else grants.revoke(account.id, grant.id, by=account.id))
            raise
        for older in before[:-1]:
            await grants.revoke(account.id, older.id, by=account.id)
        return url

    async def _before(self, account: Account, asked: AuthorizationRequest) -> Sequence[GrantRecord]:
        """What the app has already, where the citizen chooses what it may have: the choice comes in its place.

        Solid apps ask at each sign-in. Were every yes to be added, the list would grow with each, and who picks less
        than the last time would see nothing of it. The same grant in a new version keeps the app signed in elsewhere.
        """
        if asked.has is not None:
            return (asked.has,)
        if not asked.chooses or asked.action == "create":
            return ()
        return await self._parts.grants.standing(account.id, agent=account.webid, client=asked.client.id)

    def _choice(self, form: Form, asked: AuthorizationRequest, say: Say) -> Choice:
        """What was chosen. Raises FormRefused for what the page did not offer, Unfinished for what is missing."""
        _ = say
        seconds = asked.access.seconds
        timed = () if seconds is not None else ("dagen",)
        if not asked.chooses:
            form.only(*_ALWAYS, *timed, *(("onderdeel",) if asked.access.optional else ()))
            if more := [key for key in form.all("onderdeel") if key not in asked.access.optional]:
                raise FormRefused(f"The app did not ask whether it may have {more[0][:40]!r}.")
            sections = (*asked.access.sections, *form.all("onderdeel"))
            return Choice(sections, _actions(asked.access.actions), self._seconds(form, seconds, say))
        form.only(*_ALWAYS, *timed, "onderdeel", "mag", "alles", "zeker", CONTROL)
        allowed = {"": None, READ: ("read",), CHANGE: ("read", "append", "write")}
        if form.text("mag") not in allowed:
            raise FormRefused(f"mag is {READ} or {CHANGE}.")
        actions = allowed[form.text("mag")]
        everything = form.text("alles") == "1"
        if everything and form.text("zeker") != "ja":
            raise Unfinished(_("Zet een vinkje als je zeker weet dat deze app alles mag."))
        if not everything and not form.all("onderdeel"):
            raise Unfinished(_("Kies eerst wat deze app mag. Of zeg nee."))
        if unknown := [key for key in form.all("onderdeel") if key not in SECTIONS]:
            raise FormRefused(f"There is no section {unknown[0][:40]!r}.")
        if actions is None:
            raise Unfinished(_("Kies of de app alleen mag kijken, of ook mag veranderen."))
        if form.text(CONTROL) not in ("", "ja") or (form.text(CONTROL) and not everything):
            raise FormRefused(f"{CONTROL} is ja, and goes with alles.")
        if form.text(CONTROL):
            if form.text("mag") != CHANGE:
                raise Unfinished(_("Regelen wie wat mag, kan alleen een app die ook mag veranderen."))
            actions = (*actions, "control")
        sections = () if everything else form.all("onderdeel")
        return Choice(sections, _actions(actions), self._seconds(form, seconds, say), everything)

    def _seconds(self, form: Form, asked: float | None, say: Say) -> float:
        _ = say
        if asked is not None:
            return asked
        days = form.number("dagen", DAYS)
        if days is None:
            raise Unfinished(_("Kies hoe lang de app dit mag."))
        return days * 86400.0

    def _record(self, account: Account, asked: AuthorizationRequest, choice: Choice, lang: str) -> GrantRecord:
        now = self._parts.clock()
        return GrantRecord(
            id="", pod=account.id, agent=account.webid, client=asked.client.id, client_name=asked.client.name,
            receiver_name=_called(asked, lang), receiver_kind="app", sections=choice.sections,
            everything=choice.everything, actions=choice.actions, purpose=asked.access.purpose,
            purpose_text=asked.access.text(lang), created=now, not_before=now, until=now + choice.seconds,
            hidden_fields=asked.access.must_hide(choice.sections), legal_basis=asked.access.legal_basis,
            keep=asked.access.keep, onward=asked.access.onward, once=asked.access.once,
        )  # fmt: skip

    async def preview(self, account: Account, asked: AuthorizationRequest, lang: str, say: Say) -> Sequence[Shown]:
        """Every section that is asked (or can be chosen), with the very Turtle that the app would get."""
        keys = asked.access.possible or tuple(SECTIONS)
        choice = Choice(keys, ("read",) if asked.chooses else _actions(asked.access.actions), 60.0)
        candidate = to_access(self._record(account, asked, choice, lang))
        own = await OwnPod.of(self._parts, account)
        app = Requester(agent=account.webid, client=asked.client.id, grant=candidate.id)
        bodies: dict[str, bytes] = {}
        for key in SECTIONS:
            if key in keys and "read" in choice.actions:
                try:
                    answer = await self._parts.service.read(
                        app, own.pod, SECTIONS[key].path, accept=TURTLE, grants=[candidate], preview=True
                    )
                except NotFound:
                    continue
                bodies[key] = answer.body
        # What a job is called is known from the section with the jobs: with a section that the app may not get, the
        # page would say more of what is needed than the app sees.
        needed = own.names({key: body for key, body in bodies.items() if key not in asked.access.optional})
        names = own.names(bodies)
        return [
            own.show(SECTIONS[key], bodies.get(key, b""), lang, say, names if key in asked.access.optional else needed)
            for key in SECTIONS
            if key in keys
        ]

    async def _page(
        self, request: Request, account: Account, asked: AuthorizationRequest, *, everything: bool = False,
        error: str = "", form: Form | None = None,
    ) -> Response:  # fmt: skip
        lang, say = lang_of(request), self._parts.say(request)
        actions, shown = set(asked.access.actions), await self.preview(account, asked, lang, say)
        return self._parts.pages.render(
            request, "dashboard/consent.html", status=400 if error else 200, form_action=_form_action(asked),
            asked=asked, name=asked.client.label(lang), host=asked.host, why=asked.access.text(lang),
            ours=self._ours(asked.client.id), organisation=self._parts.organisation,
            shown=[section for section in shown if section.key not in asked.access.optional],
            optional=[section for section in shown if section.key in asked.access.optional],
            reasons={key: asked.access.reason(key, lang) for key in asked.access.possible}, reads="read" in actions,
            adds=bool(actions & {"append", "write"}), changes="write" in actions, days=_days(asked.access.seconds),
            once=asked.access.once, choices=DAYS, read=READ, change=CHANGE, everything=everything and asked.chooses,
            error=error, form=form or Form({}), consent_path=CONSENT_PATH,
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


def _called(asked: AuthorizationRequest, lang: str) -> str:
    """What the list of who sees what calls an app; one that only says itself who it is, with where it answers."""
    name = asked.client.label(lang)
    return f"{name} ({asked.host})" if asked.client.registered and asked.host else name


def _actions(actions: Sequence[str]) -> tuple[Action, ...]:
    known: tuple[Action, ...] = ("read", "append", "write", "control")
    return tuple(action for action in known if action in actions)


def _days(seconds: float | None) -> int:
    return round(seconds / 86400) if seconds is not None else 0


def _form_action(asked: AuthorizationRequest) -> str:
    """Where the form may lead: here, and by redirect to the app (browsers hold form-action against redirects too)."""
    parts = urlsplit(asked.redirect_uri)
    origin = f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"
    return f"'self' {origin}" if _ORIGIN.fullmatch(origin) else "'self'"


def _leave(url: str) -> Response:
    return RedirectResponse(
        url, status_code=303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    )
