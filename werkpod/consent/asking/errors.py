"""What can be wrong with asking for access.

WerkpodError
 |- Unprocessable    BadAsk
 |- Forbidden        MayNotAsk
 |- NotFound         AskGone
 |- Conflict         AskClosed, AskChanged
 `- TooManyRequests  AskedTooOften
"""

from __future__ import annotations

from werkpod.web.errors import Conflict, Forbidden, NotFound, TooManyRequests, Unprocessable


class BadAsk(Unprocessable):
    """A request that says something that cannot be asked; the sentence names the member."""

    code, title = "bad_access_request", "This cannot be asked"


class MayNotAsk(Forbidden):
    """Known, but not somebody who may ask here, or not with this app, or in somebody else's name."""

    code, title = "may_not_ask", "You cannot ask this"


class AskGone(NotFound):
    """No such request; the same for one of somebody else."""

    code, title = "access_request_not_found", "There is no such request"


class AskClosed(Conflict):
    """The request is not in a state in which this can be done: answered, withdrawn, over."""

    code, title = "access_request_closed", "This request was answered, or is over"


class AskChanged(Conflict):
    """The answer is to another request than the one that was shown."""

    code, title = "not_what_was_shown", "This is not the request that was shown"


class AskedTooOften(TooManyRequests):
    """More was asked than one asker, or everybody from one place, may ask."""

    code, title = "asked_too_often", "You have asked too often"

    def __init__(self, detail: str, seconds: int) -> None:
        super().__init__(detail, headers={"Retry-After": str(seconds)}, retry_after=seconds)
