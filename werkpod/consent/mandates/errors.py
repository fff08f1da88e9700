"""What can be wrong with a mandate, and with what is done under one."""

from __future__ import annotations

from werkpod.web.errors import Forbidden, NotFound, Unprocessable


class MandateRefused(Unprocessable):
    """A mandate that cannot be given as asked."""

    code, title = "mandate_refused", "This cannot be arranged"


class MandateNotFound(NotFound):
    """No such mandate between these two people, or none that this can be done with any more."""

    code, title = "mandate_not_found", "There is no such mandate"


class BeyondMandate(Forbidden):
    """Something that the mandate does not let its representative do, or a mandate that is over."""

    code, title = "beyond_mandate", "The citizen did not let you do this"
