"""Who looks at a page: `scope["state"]["viewer"]`, an Account or None, and `["acting"]`, for whom they act."""

from __future__ import annotations

from typing import Protocol

from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from werkpod.consent.accounts.model import Account
from werkpod.consent.accounts.sessions import Sessions


class ActingSource(Protocol):
    """Knows for whom a session acts (`Mandates`)."""

    async def acting(self, actor: Account, sealed: bytes) -> object | None:
        """Read from the store at each call; None when it is over."""
        ...


class ViewerMiddleware:
    """Finds the account of a request's session. For page routes; the pod's resources take tokens and no cookies.

    `state["acting"]` is what `mandates` says; `state["acting_over"]` is True where the session was for somebody for
    whom its person may do nothing any more: what was meant for that somebody must not be done to anybody else.
    """

    def __init__(self, app: ASGIApp, *, sessions: Sessions, mandates: ActingSource | None = None) -> None:
        self._app, self._sessions, self._mandates = app, sessions, mandates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set the viewer, then go on."""
        if scope["type"] == "http":
            state = scope.setdefault("state", {})
            viewer, sealed = await self._sessions.signed_in(self._secret(scope))
            state["viewer"] = viewer
            if viewer is not None and sealed is not None:
                acting = await self._mandates.acting(viewer, sealed) if self._mandates else None
                state["acting"], state["acting_over"] = acting, acting is None
        await self._app(scope, receive, send)

    def _secret(self, scope: Scope) -> str | None:
        name = self._sessions.cookie
        for key, value in scope["headers"]:
            if key == b"cookie" and (found := cookie_parser(value.decode("latin-1")).get(name)):
                return found
        return None
