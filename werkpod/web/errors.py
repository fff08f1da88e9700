"""Errors that a caller may see, and their wire form (RFC 9457, problem details for HTTP APIs).

    WerkpodError            status, code, title; `detail` names the input, what was wrong and what would be right
     |- BadRequest      400
     |- Unauthorized    401
     |- Forbidden       403
     |- NotFound        404
     |- MethodNotAllowed 405
     |- Conflict        409
     |- TooLarge        413
     |- UnsupportedMedia 415
     |- Unprocessable   422
     |- TooManyRequests 429
     `- Unavailable     503

Each package derives its own errors from these in its own `errors.py`; the handler is here, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

PROBLEM_JSON = "application/problem+json"


class WerkpodError(Exception):
    """An error with an HTTP status and a machine code; `str()` is the sentence for people."""

    status: int = 500
    code: str = "internal"
    title: str = "Something went wrong on our side"

    def __init__(self, detail: str = "", *, headers: Mapping[str, str] | None = None, **members: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.headers = dict(headers or {})
        self.members = members


class BadRequest(WerkpodError):
    """The request cannot be understood (RFC 9110, 15.5.1)."""

    status, code, title = 400, "bad_request", "The request cannot be understood"


class Unauthorized(WerkpodError):
    """Credentials are missing or wrong (RFC 9110, 15.5.2)."""

    status, code, title = 401, "unauthorized", "Sign in first"


class Forbidden(WerkpodError):
    """Known, and not allowed (RFC 9110, 15.5.4)."""

    status, code, title = 403, "forbidden", "This is not shared with you"


class NotFound(WerkpodError):
    """Nothing at this address (RFC 9110, 15.5.5)."""

    status, code, title = 404, "not_found", "There is nothing at this address"


class MethodNotAllowed(WerkpodError):
    """The address is right, the method is not (RFC 9110, 15.5.6)."""

    status, code, title = 405, "method_not_allowed", "This cannot be done with this address"


class Conflict(WerkpodError):
    """The request conflicts with what is stored (RFC 9110, 15.5.10)."""

    status, code, title = 409, "conflict", "This conflicts with what is stored"


class PreconditionFailed(WerkpodError):
    """If-Match or If-None-Match did not hold (RFC 9110, 15.5.13)."""

    status, code, title = 412, "precondition_failed", "It was changed in the meantime"


class TooLarge(WerkpodError):
    """The body is over the limit (RFC 9110, 15.5.14)."""

    status, code, title = 413, "too_large", "This is too large"


class UnsupportedMedia(WerkpodError):
    """The media type is not taken here (RFC 9110, 15.5.16)."""

    status, code, title = 415, "unsupported_media_type", "This media type is not taken here"


class Unprocessable(WerkpodError):
    """Well formed, but its content cannot be worked with (RFC 9110, 15.5.21)."""

    status, code, title = 422, "unprocessable", "The content cannot be worked with"


class TooManyRequests(WerkpodError):
    """Slow down; `Retry-After` says how long (RFC 6585, 4)."""

    status, code, title = 429, "too_many_requests", "Too many tries, wait a moment"


class Unavailable(WerkpodError):
    """A part that is needed does not answer; nothing was done (RFC 9110, 15.6.4)."""

    status, code, title = 503, "unavailable", "A part that is needed does not answer"


def problem_body(error: WerkpodError) -> bytes:
    """The JSON of a problem: type, title, status, detail, code and the error's own members (RFC 9457, section 3)."""
    members = {
        "type": f"urn:werkpod:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        **error.members,
    }
    return msgspec.json.encode(members)


def problem_response(error: WerkpodError) -> Response:
    """The HTTP response for an error."""
    return Response(
        problem_body(error),
        status_code=error.status,
        headers={"Cache-Control": "no-store", **error.headers},
        media_type=PROBLEM_JSON,
    )
