"""Who looks at a page: `scope["state"]["viewer"]`, an Account or None."""

from __future__ import annotations

from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from werkpod.consent.accounts.sessions import Sessions


class ViewerMiddleware:
    """Finds the account of a request's session. For page routes; the pod's resources take tokens and no cookies."""

    def __init__(self, app: ASGIApp, *, sessions: Sessions) -> None:
        self._app, self._sessions = app, sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set the viewer, then go on."""
        if scope["type"] == "http":
            state = scope.setdefault("state", {})
            state["viewer"] = await self._sessions.account(self._secret(scope))
        await self._app(scope, receive, send)

    def _secret(self, scope: Scope) -> str | None:
        name = self._sessions.cookie
        for key, value in scope["headers"]:
            if key == b"cookie" and (found := cookie_parser(value.decode("latin-1")).get(name)):
                return found
        return None
