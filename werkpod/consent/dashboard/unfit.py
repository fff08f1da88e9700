"""The page for a person whom an app sent here with a request that cannot be answered: what is wrong, in plain words."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from werkpod.consent.oauth.errors import AuthorizationPageError
from werkpod.consent.oauth.routes import ErrorPage
from werkpod.web.pages import Pages


def error_page(pages: Pages) -> ErrorPage:
    """What `oauth_routes` shows for such a request. A program, which asks for no HTML, gets the error as it is."""

    def show(request: Request, error: AuthorizationPageError) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            raise error
        return unfit(pages, request, error)

    return show


def unfit(pages: Pages, request: Request, error: AuthorizationPageError) -> Response:
    """The page; the sentence for the app's maker is behind a fold. Who goes back to a request that was answered, or is
    too old, did nothing wrong and nor did the app: that page says so."""
    if error.unfit == "over":
        return pages.render(request, "dashboard/consent_gone.html", status=error.status)
    return pages.render(
        request, "dashboard/request_unfit.html", status=error.status, unfit=error.unfit, detail=error.detail
    )
