"""Pages of parts that a person may have chosen not to share: said plainly, without asking the pod."""

from __future__ import annotations

from collections.abc import Collection

from starlette.requests import Request
from starlette.responses import Response

from werkpod.apps.kit import CitizenApp, Visit
from werkpod.apps.kit.app import Handler
from werkpod.vocab.sections import SECTIONS
from werkpod.web.pages import language_of


def sharing(app: CitizenApp, sections: Collection[str], handler: Handler) -> Handler:
    """`handler`, where each of `sections` was shared with the app; else the page that says which was not."""

    async def guarded(request: Request, visit: Visit) -> Response:
        closed = [SECTIONS[key].label(language_of(request)) for key in sections if not visit.may(key)]
        if closed:
            onward = request.scope["path"] if request.method == "GET" else app.home
            return app.render(request, "cv_builder/not_shared.html", closed=closed, onward=onward, status=403)
        return await handler(request, visit)

    return guarded
