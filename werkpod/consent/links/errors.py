"""What can be wrong when a share link is made; one that does not open is `consent.errors.LinkGone`."""

from __future__ import annotations

from werkpod.web.errors import NotFound, Unprocessable


class LinkRefused(Unprocessable):
    """A link that cannot be made as asked."""

    code, title = "link_refused", "This link cannot be made"


class LinkNotFound(NotFound):
    """No such link in this pod."""

    code, title = "link_not_found", "There is no such link"
