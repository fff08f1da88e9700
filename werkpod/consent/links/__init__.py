"""Share links, for receivers without an account."""

from werkpod.consent.errors import LinkGone
from werkpod.consent.links.errors import LinkNotFound, LinkRefused
from werkpod.consent.links.links import ShareLink, ShareLinks

__all__ = ["LinkGone", "LinkNotFound", "LinkRefused", "ShareLink", "ShareLinks"]
