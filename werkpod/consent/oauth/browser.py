"""The cookie that binds a waiting request to the browser in which it began.

It is a secret of its own, older than any session: an authorization request may come before its person signs in, and a
new session id at sign-in must not lose it.
"""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from werkpod.consent.oauth.store import REQUEST_SECONDS
from werkpod.web.ids import secret

_SECRET = re.compile(r"[A-Za-z0-9_-]{43}\Z")


def cookie_name(base_url: str) -> str:
    """The cookie's name; `__Host-` where the base URL is https (RFC 6265bis, 4.1.3.2)."""
    return "__Host-werkpod-vraag" if base_url.startswith("https:") else "werkpod-vraag"


def browser_of(request: Request, base_url: str) -> str | None:
    """The browser's secret, or None when it has none."""
    value = request.cookies.get(cookie_name(base_url), "")
    return value if _SECRET.match(value) else None


def new_browser() -> str:
    """A secret for a browser that has none."""
    return secret()


def remember_browser(response: Response, browser: str, base_url: str) -> None:
    """Set the cookie."""
    response.set_cookie(
        cookie_name(base_url),
        browser,
        max_age=int(REQUEST_SECONDS),
        path="/",
        secure=base_url.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
