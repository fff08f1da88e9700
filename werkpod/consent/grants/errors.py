"""What can be wrong with a grant."""

from __future__ import annotations

from werkpod.web.errors import Conflict, NotFound, Unprocessable


class InvalidGrant(Unprocessable):
    """The grant says something that cannot be given."""

    code, title = "invalid_grant_record", "This cannot be shared"


class GrantNotFound(NotFound):
    """No such grant in this pod."""

    code, title = "grant_not_found", "There is no such grant"


class GrantChanged(Conflict):
    """The grant is another than the one that was shown: somebody changed it meanwhile."""

    code, title = "grant_changed", "This was changed in the meantime"
