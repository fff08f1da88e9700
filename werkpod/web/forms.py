"""Forms: only from our own pages, only so large.

A browser says where a form was sent from: `Origin` on every POST, `Sec-Fetch-Site` beside it. With SameSite cookies
these two are the defence against cross-site request forgery that OWASP's cheat sheet names "Fetch Metadata" and
"verifying origin"; no hidden token is needed, so a page stays valid as long as its session.
"""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request

from werkpod.web.errors import Forbidden, TooLarge

FORM_LIMIT = 1 << 20
"""Bytes that a form may have, uploads apart."""


def require_same_origin(request: Request, base_url: str) -> None:
    """Refuse a form that another site sent; one that says nothing of its origin is refused too. Raises Forbidden."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        raise Forbidden(f"This form was sent from elsewhere (Sec-Fetch-Site: {site}); open the page on {base_url}.")
    if origin == base_url or (site == "same-origin" and origin in (None, "null")):
        return
    raise Forbidden(f"This form was not sent from {base_url} (Origin: {origin or 'none'}); open the page there.")


async def read_form(request: Request, base_url: str, *, limit: int = FORM_LIMIT) -> FormData:
    """The fields of a form that our own page sent. Raises Forbidden (another origin), TooLarge (over `limit` bytes)."""
    require_same_origin(request, base_url)
    length = request.headers.get("content-length")
    if length is None or not length.isdigit() or int(length) > limit:
        raise TooLarge(f"A form here has at most {limit} bytes and says its length.")
    return await request.form(max_files=1, max_fields=500, max_part_size=limit)
