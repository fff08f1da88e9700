"""What a request about resources can get wrong.

WerkpodError
 |- BadRequest
 |   |- InvalidRdf         400  the body is not what its media type says
 |   |   `- UnknownContext 400  JSON-LD that names a context which is not known here
 |   `- MissingContentType 400  a body without a Content-Type
 |- UnsupportedMedia
 |   `- NotTaken           415  a media type that this resource does not take
 |- Unprocessable
 |   `- InvalidPatch       422  not a patch that can be carried out
 |- Conflict
 |   |- PatchConflict      409  the patch does not fit what is stored
 |   |- ServerManaged      409  triples that only the server writes
 |   `- ControlLost        409  nobody would have Control any more
 |- PreconditionFailed     412  (werkpod.web)
 |- NotAcceptable          406  no representation that the Accept header takes
 `- RangeNotSatisfiable    416  the range lies outside the body
"""

from __future__ import annotations

from werkpod.web.errors import BadRequest, Conflict, Unprocessable, UnsupportedMedia, WerkpodError


class InvalidRdf(BadRequest):
    """The body is not what its media type says it is."""

    code, title = "invalid_rdf", "This is not valid RDF"


class UnknownContext(InvalidRdf):
    """A JSON-LD document names a context that is not known here; none are fetched."""

    code, title = "unknown_context", "This JSON-LD context is not known here"


class MissingContentType(BadRequest):
    """PUT, POST and PATCH say what they send (Solid Protocol, 2.1)."""

    code, title = "missing_content_type", "The Content-Type is missing"


class NotTaken(UnsupportedMedia):
    """A media type that this resource does not take."""

    code, title = "media_type_not_taken", "This media type is not taken here"


class InvalidPatch(Unprocessable):
    """Not a patch, or not one that can be carried out (Solid Protocol, 5.3.1)."""

    code, title = "invalid_patch", "This patch cannot be carried out"


class PatchConflict(Conflict):
    """The patch is right, and what is stored is not what it expects (Solid Protocol, 5.3.1)."""

    code, title = "patch_conflict", "The patch does not fit what is stored"


class ServerManaged(Conflict):
    """Containment, the metadata of what is contained, and where a person is known are kept by the server."""

    code, title = "server_managed", "Only the server writes this"


class ControlLost(Conflict):
    """The access rules of a storage always let somebody change them (WAC 3.2)."""

    code, title = "control_lost", "Nobody could change the access rules any more"


class NotAcceptable(WerkpodError):
    """There is no representation that the Accept header takes (RFC 9110, 15.5.7)."""

    status, code, title = 406, "not_acceptable", "There is no such form of this resource"


class RangeNotSatisfiable(WerkpodError):
    """The range lies outside the body (RFC 9110, 15.5.17)."""

    status, code, title = 416, "range_not_satisfiable", "This range lies outside the resource"
