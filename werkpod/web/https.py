"""Plain http, where it is open beside https: every address of it only leads to the same one under https.

The web server in front speaks TLS and says in X-Forwarded-Proto how somebody came; that is believed of trusted proxies
alone. It may as well redirect by itself (docs/operations.md).
"""

from __future__ import annotations

from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send


class HttpsOnly:
    """Answers 301 to who came over plain http (Solid Protocol, 2.1.1), and passes everybody else on.

    `base_url`: where to, scheme and host; the Host header names nothing. Nobody keeps the redirect: a cache that did
    would answer it to who comes over https too.
    """

    def __init__(self, app: ASGIApp, *, base_url: str) -> None:
        self._app, self._base = app, base_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["scheme"] != "http" or not _came_by_http(scope):
            await self._app(scope, receive, send)
            return
        raw = scope.get("raw_path") or quote(scope["path"]).encode()
        query = b"?" + scope["query_string"] if scope["query_string"] else b""
        path = raw if raw.startswith(b"/") else b"/"
        headers = [
            (b"location", self._base.encode() + path + query),
            (b"cache-control", b"no-store"),
            (b"content-length", b"0"),
        ]
        await send({"type": "http.response.start", "status": 301, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def _came_by_http(scope: Scope) -> bool:
    """Whether the web server in front says so; a request without its word may have come from its other side, by TLS."""
    said = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
    return bool(said) and said[-1].strip().lower() == b"http"
