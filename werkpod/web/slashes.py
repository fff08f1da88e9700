"""A page that was asked for with a slash too many or too few: a redirect to the right path, on this same server.

Starlette's own redirect makes an absolute URL of the Host header, which the sender chooses (open redirect); this one
names a path and nothing else.
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import RedirectResponse
from starlette.routing import Match, Router
from starlette.types import ASGIApp, Receive, Scope, Send


class SlashRedirect:
    """The default of a router: redirect where a page with the other ending exists (308), else what it was before."""

    def __init__(self, router: Router) -> None:
        router.redirect_slashes = False
        self._router = router
        self._otherwise: ASGIApp = router.default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that no route took."""
        path: str = scope["path"]
        other = path.rstrip("/") if path.endswith("/") else path + "/"
        if not self._is_page(scope, other):
            await self._otherwise(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        target = quote(other, safe="/:@!$&'()*+,;=-._~") + (f"?{query}" if query else "")
        await RedirectResponse(target, status_code=308)(scope, receive, send)

    def _is_page(self, scope: Scope, path: str) -> bool:
        """Whether a route takes this path; one that begins with two slashes would name another host."""
        if scope["type"] != "http" or len(path) < 2 or path.startswith("//"):
            return False
        asked = {**scope, "path": path}
        return any(route.matches(asked)[0] is not Match.NONE for route in self._router.routes)
