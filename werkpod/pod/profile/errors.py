"""What a request about a profile or an inbox can get wrong.

WerkpodError
 |- ServerManaged    409  (werkpod.pod.ldp) a triple or a document that is kept
 |- Unprocessable
 |   `- BrokenProfile 422  well formed, and no profile
 |- TooManyRequests
 |   `- InboxBusy    429  messages come in too fast
 `- InboxFull        507  there is no room for more messages
"""

from __future__ import annotations

from werkpod.web.errors import TooManyRequests, Unprocessable, WerkpodError


class BrokenProfile(Unprocessable):
    """Semantically erroneous data in a WebID document or in preferences (Solid WebID Profile, 3.2)."""

    code, title = "broken_profile", "This says something that a profile cannot say"


class InboxBusy(TooManyRequests):
    """One sender, or all of them together, send faster than a person reads. Retry-After says when there is room."""

    code, title = "inbox_busy", "Too many messages, wait a moment"

    def __init__(self, detail: str, seconds: int) -> None:
        super().__init__(detail, headers={"Retry-After": str(seconds)})


class InboxFull(WerkpodError):
    """The messages of others are as many as an inbox keeps (RFC 4918, 11.5)."""

    status, code, title = 507, "inbox_full", "This inbox is full"
