"""Signing up, in and out, recovery, and the choice of language."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.parts import (
    SIGN_IN,
    DashboardParts,
    form_of,
    lang_of,
    own_path,
    page,
    see_other,
    viewer_of,
)
from werkpod.consent.errors import (
    NameUnfit,
    PassphraseTooWeak,
    RecoveryRefused,
    SignInRefused,
    SignUpFailed,
    TooManyTries,
)
from werkpod.web.errors import WerkpodError
from werkpod.web.pages import LANGUAGE_COOKIE, LANGUAGES

SIGN_UP, RECOVER, SAVED = "/aanmelden", "/herstel", "/aanmelden/klaar"
_CODE = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3,9}")
_YEAR = 365 * 86400


class Entry:
    """The pages at the door."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """`/aanmelden`, `/inloggen`, `/uitloggen`, `/herstel`, `/taal`."""
        return [
            Route(SIGN_UP, self.ask_sign_up, methods=["GET"]),
            Route(SIGN_UP, self.sign_up, methods=["POST"]),
            page(SAVED, self.saved, methods=["POST"]),
            Route(SIGN_IN, self.ask_sign_in, methods=["GET"]),
            Route(SIGN_IN, self.sign_in, methods=["POST"]),
            Route("/uitloggen", self.sign_out, methods=["POST"]),
            Route("/uitloggen", self.signed_out, methods=["GET"]),
            Route(RECOVER, self.ask_recover, methods=["GET"]),
            Route(RECOVER, self.recover, methods=["POST"]),
            Route("/taal", self.language, methods=["POST"]),
        ]

    # Signing up

    async def ask_sign_up(self, request: Request) -> Response:
        """The form."""
        return self._page(request, "sign_up", onward=own_path(request.query_params.get("verder", "/")))

    async def sign_up(self, request: Request) -> Response:
        """Make the account and show its recovery code, this once."""
        form = await form_of(self._parts, request)
        form.only("naam", "wachtzin", "verder")
        name, onward = form.text("naam"), own_path(form.text("verder", 1000) or "/")
        try:
            account, code = await self._parts.accounts.sign_up(
                name, form.secret("wachtzin"), lang=lang_of(request), address=address_of(request)
            )
        except (NameUnfit, PassphraseTooWeak, SignUpFailed, TooManyTries) as error:
            field = {"name_unfit": "naam", "passphrase_too_weak": "wachtzin"}.get(error.code, "")
            return self._page(request, "sign_up", error=error, field=field, name=name, onward=onward)
        response = recovery_page(self._parts, request, account, code, onward)
        await begin_session(self._parts, request, response, account)
        return response

    async def saved(self, request: Request, account: Account) -> Response:
        """The person says that the code is saved; who does not say so sees it once more."""
        form = await form_of(self._parts, request)
        form.only("bewaard", "code", "verder")
        onward, code = own_path(form.text("verder", 1000) or "/"), form.text("code", 60)
        if form.text("bewaard") != "ja" and _CODE.fullmatch(code):
            return recovery_page(self._parts, request, account, code, onward, missing=True)
        return see_other(onward)

    # Signing in and out

    async def ask_sign_in(self, request: Request) -> Response:
        """The form; who is signed in goes on, but where an app asks that they sign in again."""
        onward = own_path(request.query_params.get("verder", "/"))
        known = viewer_of(request) and request.query_params.get("opnieuw") != "1"
        return see_other(onward) if known else self._page(request, "sign_in", onward=onward)

    async def sign_in(self, request: Request) -> Response:
        """Begin a session, a new one each time."""
        form = await form_of(self._parts, request)
        form.only("naam", "wachtzin", "verder")
        name, onward = form.text("naam"), own_path(form.text("verder", 1000) or "/")
        try:
            account = await self._parts.accounts.verify(name, form.secret("wachtzin"), address=address_of(request))
        except (SignInRefused, TooManyTries) as error:
            return self._page(request, "sign_in", error=error, name=name, onward=onward)
        response = see_other(onward)
        await begin_session(self._parts, request, response, account)
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session, here and in the browser; on a computer that people share the apps' cookies go too."""
        await form_of(self._parts, request)
        await self._parts.sessions.end(self._parts.sessions.secret_of(request))
        response = see_other(f"/uitloggen?taal={lang_of(request)}")
        self._parts.sessions.clear_cookie(response)
        response.headers["Clear-Site-Data"] = '"cookies"'
        return response

    async def signed_out(self, request: Request) -> Response:
        """Say so; and remember the language, whose cookie went with the others."""
        chosen = request.query_params.get("taal", "")
        response = self._page(request, "signed_out")
        return self._remember(response, chosen) if chosen in LANGUAGES else response

    # Recovery

    async def ask_recover(self, request: Request) -> Response:
        """The form."""
        return self._page(request, "recover")

    async def recover(self, request: Request) -> Response:
        """A new passphrase for a recovery code, and the next code."""
        form = await form_of(self._parts, request)
        form.only("naam", "code", "wachtzin")
        name, code = form.text("naam"), form.text("code")
        try:
            account, following = await self._parts.accounts.recover(
                name, code, form.secret("wachtzin"), address=address_of(request)
            )
        except (RecoveryRefused, PassphraseTooWeak, TooManyTries) as error:
            field = "wachtzin" if isinstance(error, PassphraseTooWeak) else ""
            return self._page(request, "recover", error=error, field=field, name=name)
        response = recovery_page(self._parts, request, account, following, "/")
        await begin_session(self._parts, request, response, account)
        return response

    # Language

    async def language(self, request: Request) -> Response:
        """Remember the language, go back to the page."""
        form = await form_of(self._parts, request)
        chosen = form.text("taal")
        response = see_other(own_path(form.text("terug", 1000) or "/"))
        return self._remember(response, chosen) if chosen in LANGUAGES else response

    # Inside

    def _remember(self, response: Response, lang: str) -> Response:
        secure = self._parts.base_url.startswith("https:")
        response.set_cookie(
            LANGUAGE_COOKIE, lang, max_age=_YEAR, path="/", secure=secure, httponly=True, samesite="lax"
        )
        return response

    def _page(
        self, request: Request, template: str, *, error: WerkpodError | None = None, field: str = "", **context: str
    ) -> Response:
        # A wrong passphrase is a form that is not right: 401 would have to name an HTTP scheme (RFC 9110, 15.5.2).
        status = 200 if error is None else 400 if error.status == 401 else error.status
        values = {"name": "", "onward": "/", **context}
        providers = self._parts.outside.providers.all()
        response = self._parts.pages.render(
            request, f"dashboard/{template}.html", status=status, error=error.code if error else "", field=field,
            minutes=_minutes(error), providers=providers, **values,
        )  # fmt: skip
        if isinstance(error, TooManyTries):
            response.headers["Retry-After"] = str(error.retry_after)
        return response


async def begin_session(parts: DashboardParts, request: Request, response: Response, account: Account) -> None:
    """Sign somebody in: a new session, in place of the one that this browser had."""
    old = parts.sessions.secret_of(request)
    parts.sessions.set_cookie(response, await parts.sessions.start(account.id, replaces=old))


def recovery_page(
    parts: DashboardParts, request: Request, account: Account, code: str, onward: str, *, missing: bool = False
) -> Response:
    """The page with the recovery code, which is shown this once; on from there to `onward`."""
    request.state.viewer = account
    return parts.pages.render(
        request, "dashboard/recovery_code.html", status=400 if missing else 200, account=account, code=code,
        onward=onward, missing=missing,
    )  # fmt: skip


def _minutes(error: WerkpodError | None) -> int:
    return -(-error.retry_after // 60) if isinstance(error, TooManyTries) else 0


def address_of(request: Request) -> str:
    """The address that a request comes from, for limits; "" where it is not known."""
    return request.client.host if request.client else ""
