"""What a person or a program sees when something goes wrong: a page in plain words, or problem details."""

from __future__ import annotations

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from werkpod.web.errors import NotFound, WerkpodError, problem_response
from werkpod.web.pages import Pages

_MACHINES = ("/api/", "/.well-known/", "/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/jwks", "/static/")

log = structlog.get_logger("werkpod.web")


def N_(message: str) -> str:
    """Mark a sentence for translation; it is translated where it is shown."""
    return message


_AGAIN = N_("Ga terug en probeer het opnieuw.")
_SAYS: dict[int, tuple[str, str]] = {
    400: (N_("Dit begrijpen wij niet"), _AGAIN),
    401: (N_("Log eerst in"), N_("Voor deze bladzijde moet je ingelogd zijn.")),
    403: (N_("Dit mag niet"), N_("Dit is niet met jou gedeeld, of het formulier kwam niet van Werkpod zelf.")),
    404: (N_("Deze bladzijde is er niet"), N_("Misschien is het adres niet goed overgenomen. Of de bladzijde is weg.")),
    405: (N_("Dit kan hier niet"), _AGAIN),
    409: (N_("Het is net veranderd"), _AGAIN),
    413: (N_("Dit is te groot"), N_("Het bestand of de tekst is te groot. Probeer het met minder.")),
    422: (N_("Hier klopt iets niet"), N_("Kijk na wat je hebt ingevuld en probeer het opnieuw.")),
    429: (N_("Even wachten"), N_("Het is te vaak geprobeerd. Wacht een paar minuten en probeer het dan opnieuw.")),
    507: (N_("Je ruimte is vol"), N_("Er past niets meer bij. Gooi eerst iets weg en probeer het dan opnieuw.")),
    503: (N_("Dit lukt nu niet"), N_("Een onderdeel doet het niet. Er is niets veranderd. Probeer het later opnieuw.")),
}
_OTHERWISE = (N_("Er ging iets mis"), N_("Het ligt niet aan jou. Wij hebben het gezien. Probeer het straks opnieuw."))


def exception_handlers(pages: Pages) -> dict[int | type[Exception], ExceptionHandler]:
    """The handlers of a Starlette application: our errors, Starlette's own, and whatever nobody foresaw."""

    def answer(request: Request, error: WerkpodError) -> Response:
        path = request.url.path
        if path.startswith(_MACHINES) or "text/html" not in request.headers.get("accept", ""):
            return problem_response(error)
        title, text = _SAYS.get(error.status, _OTHERWISE)
        page = pages.render(
            request, "error.html", status=error.status, title=pages.text(request, title), text=pages.text(request, text)
        )
        page.headers.update(error.headers)
        return page

    async def ours(request: Request, error: Exception) -> Response:
        return answer(request, error if isinstance(error, WerkpodError) else WerkpodError())

    async def starlettes(request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            return answer(request, WerkpodError())
        known: WerkpodError = NotFound(f"There is nothing at {request.url.path}.")
        if error.status_code != known.status:
            known = WerkpodError(str(error.detail), headers=dict(error.headers or {}))
            known.status, known.code = error.status_code, f"http_{error.status_code}"
            known.title = str(error.detail)
        return answer(request, known)

    async def unforeseen(request: Request, error: Exception) -> Response:
        log.error("unforeseen", path=request.url.path, exc_info=error)
        return answer(request, WerkpodError())

    return {WerkpodError: ours, HTTPException: starlettes, Exception: unforeseen}
