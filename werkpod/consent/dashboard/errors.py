"""What can be wrong with a form of the citizen's pages."""

from __future__ import annotations

from werkpod.web.errors import BadRequest, Conflict, Forbidden, WerkpodError


class FormRefused(BadRequest):
    """A form with a field or a value that our page does not have."""

    code, title = "form_refused", "This form is not ours"


class NotYourRoom(Forbidden):
    """A page for another role."""

    code, title = "not_your_room", "This page is for another kind of account"


class ActedForAnother(Conflict):
    """A form that was shown in one name and sent in another."""

    code, title = "acted_for_another", "This form was for somebody else"


class PreconditionRequired(WerkpodError):
    """A change without saying of which version (RFC 6585, section 3)."""

    status, code, title = 428, "precondition_required", "Say which version this changes"
