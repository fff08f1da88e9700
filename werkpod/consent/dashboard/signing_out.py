"""`/oauth/logout`: an app asks to sign somebody out (`consent.oauth.logout`). Who did not ask for it is asked first."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from werkpod.consent.dashboard.parts import DashboardParts, form_of, lang_of, see_other, viewer_of
from werkpod.consent.oauth.errors import WireError
from werkpod.consent.oauth.logout import LOGOUT_PATH, PARAMETERS, SignOut, read_sign_out
from werkpod.consent.oauth.requests import MAX_BYTES, read_parameters
from werkpod.consent.oauth.routes import CORS
from werkpod.web.errors import TooLarge

CONFIRM_PATH = "/oauth/uitloggen"


class SigningOut:
    """The pages of signing out from an app."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The app's question, and the person's answer."""
        return [
            Route(LOGOUT_PATH, self.ask, methods=["GET"]),
            Route(LOGOUT_PATH, self.by_form, methods=["POST"]),
            Route(LOGOUT_PATH, self.preflight, methods=["OPTIONS"]),
            Route(CONFIRM_PATH, self.confirm, methods=["POST"]),
        ]

    async def preflight(self, request: Request) -> Response:
        """A page of another origin may ask; without a cookie it ends nothing."""
        return Response(status_code=204, headers=CORS)

    async def by_form(self, request: Request) -> Response:
        """The same question as a form (section 2). One from elsewhere comes without our cookie: it is asked anew."""
        length = request.headers.get("content-length", "")
        if not length.isdigit() or int(length) > MAX_BYTES:
            raise TooLarge(f"A form here has at most {MAX_BYTES} bytes and says its length.")
        try:
            said = read_parameters(await request.body())
        except WireError:
            said = {}
        kept = {name: value for name, value in said.items() if name in PARAMETERS}
        return see_other(f"{LOGOUT_PATH}?{urlencode(kept)}" if kept else LOGOUT_PATH)

    async def ask(self, request: Request) -> Response:
        """Sign out at once for an app that shows whom it means, else ask."""
        try:
            said = read_parameters(request.scope["query_string"])
        except WireError:
            said = {}
        viewer = viewer_of(request)
        asked = await read_sign_out(said, self._parts.authorization.parts, viewer)
        if asked.sure:
            return await self._end(request, asked)
        if viewer is None:
            return self._page(request, "signed_out_from_app", asked)
        return self._page(request, "sign_out_from_app", asked, said)

    async def confirm(self, request: Request) -> Response:
        """The person says yes."""
        form = await form_of(self._parts, request)
        form.only(*PARAMETERS)
        said = {name: value for name in PARAMETERS if (value := form.text(name, 8192))}
        asked = await read_sign_out(said, self._parts.authorization.parts, viewer_of(request))
        return await self._end(request, asked)

    async def _end(self, request: Request, asked: SignOut) -> Response:
        """End the session, here and in the browser, as `Entry.sign_out` does; then to the app, or to our own page.

        Where nobody is signed in nothing is taken from the browser either: to an image on somebody else's page it sends
        no cookie, and would let go of those that it has.
        """
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        response = RedirectResponse(asked.back or f"/uitloggen?taal={lang_of(request)}", 303, headers)
        if viewer_of(request) is not None:
            await self._parts.sessions.end(self._parts.sessions.secret_of(request))
            response.headers["Clear-Site-Data"] = '"cookies"'
            self._parts.sessions.clear_cookie(response)
        return response

    def _page(self, request: Request, template: str, asked: SignOut, said: Mapping[str, str] | None = None) -> Response:
        lang, client = lang_of(request), asked.client
        return self._parts.pages.render(
            request, f"dashboard/{template}.html", form_action=_form_action(asked.back), back=asked.back,
            name=client.label(lang) if client else "", host=client.host if client else "", confirm_path=CONFIRM_PATH,
            fields={name: value for name, value in (said or {}).items() if name in PARAMETERS},
        )  # fmt: skip


def _form_action(back: str) -> str:
    """Where the form may lead: here, and by redirect to the app."""
    parts = urlsplit(back)
    return f"'self' {parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else "'self'"
