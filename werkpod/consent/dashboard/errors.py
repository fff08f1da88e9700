"""What can be wrong with a form of the citizen's pages."""

from __future__ import annotations

from werkpod.web.errors import BadRequest, Forbidden


class FormRefused(BadRequest):
    """A form with a field or a value that our page does not have."""

    code, title = "form_refused", "This form is not ours"


class NotYourRoom(Forbidden):
    """A page for another role."""

    code, title = "not_your_room", "This page is for another kind of account"
