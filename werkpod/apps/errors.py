"""What can go wrong in the services' JSON APIs; each error names the input, what was wrong and what would be right.

WerkpodError
 |- BadParameter       400  a query parameter is missing, unknown or out of bounds
 |- BadJson            400  the body is not JSON
 |- BodyTooLarge       413  the body is over the limit
 |- NotJson            415  the body is of another media type
 |- BadContent         422  the JSON has another form than the one that is asked for
 |- UnknownCode        404  nothing has this code, IRI or id
 |- WrongMethod        405  the address is right, the method is not
 |- NotEditor          401  only an editor of the catalogue may do this
 |- GuideUnreadable    503  a Dennis or Eva guide cannot be read
 `- DecisionsUnavailable 503  what editors decided cannot be read or kept
"""

from __future__ import annotations

from werkpod.web.errors import (
    BadRequest,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    Unauthorized,
    Unavailable,
    Unprocessable,
    UnsupportedMedia,
)


class BadParameter(BadRequest):
    """A query parameter is missing, unknown or out of bounds."""

    code, title = "bad_parameter", "A query parameter is wrong"


class BadJson(BadRequest):
    """The body is not JSON (RFC 8259)."""

    code, title = "bad_json", "The body is not JSON"


class BodyTooLarge(TooLarge):
    """The body has more bytes than are read."""

    code, title = "body_too_large", "The body is too large"


class NotJson(UnsupportedMedia):
    """The body is of another media type than application/json."""

    code, title = "not_json", "The body has to be application/json"


class BadContent(Unprocessable):
    """The JSON has another form than the one that is asked for; `detail` holds the path of the member."""

    code, title = "bad_content", "The JSON does not have the form that is asked for"


class UnknownCode(NotFound):
    """Nothing has this code, IRI or id; `detail` says what a valid one looks like."""

    code, title = "unknown_code", "Nothing has this code"


class WrongMethod(MethodNotAllowed):
    """The address is right, the method is not; `Allow` names the ones that are (RFC 9110, 15.5.6)."""

    code, title = "wrong_method", "This cannot be done with this address"


class GuideUnreadable(Unavailable):
    """A Dennis or Eva guide is not what its API says it is; the file and the place in it are named."""

    code, title = "guide_unreadable", "The guide of instruments cannot be read"


class DecisionsUnavailable(Unavailable):
    """What the editors of the catalogue decided cannot be read or kept; nothing was changed."""

    code, title = "decisions_unavailable", "What editors decided cannot be read or kept"


class NotEditor(Unauthorized):
    """Only an editor of the catalogue may do this (RFC 6750, 3)."""

    code, title = "not_editor", "Only an editor of the catalogue may do this"
