"""What can go wrong between an app and the pod or the authorization server, as an app sees it.

WerkpodError
 |- AccessRefused        403  the citizen said no; nothing was read
 |- AuthorizationFailed  400  the authorization did not come to an end, for another reason
 |- Stopped              403  was shared, is not any more
 |- LinkClosed           404  a share link that does not open: unknown, over, used up, stopped or a wrong passcode
 |- NotShared            403  the pod says no to this one address
 |- Gone                 404  nothing at this address in the pod
 |- ChangedMeanwhile     412  If-Match or If-None-Match did not hold
 |- PodConflict          409  the pod refuses the change as it is
 |- PodRejected          422  the pod cannot work with what was sent
 `- PodUnavailable       503  the pod or the authorization server does not answer as it should
"""

from __future__ import annotations

from werkpod.web.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    PreconditionFailed,
    Unavailable,
    Unprocessable,
)


class AccessRefused(Forbidden):
    """The citizen said no on the consent page (`access_denied`, RFC 6749, 4.1.2.1)."""

    code, title = "access_refused", "The citizen did not give access"


class AuthorizationFailed(BadRequest):
    """The authorization did not end well: another browser, another issuer, an expired request, an error code.

    `reason` is the machine word: an error code of the authorization server or one of ours.
    """

    code, title = "authorization_failed", "The authorization did not come to an end"

    def __init__(self, detail: str, *, reason: str) -> None:
        super().__init__(detail, reason=reason)
        self.reason = reason


class Stopped(Forbidden):
    """The citizen stopped sharing, or the time is over; no token of this session works any more."""

    code, title = "stopped", "This is not shared any more"


class LinkClosed(NotFound):
    """A share link does not open. One answer for every cause, so that nothing can be learned from it."""

    code, title = "link_closed", "This link does not open"


class NotShared(Forbidden):
    """The pod refuses this address to this token (401 or 403)."""

    code, title = "not_shared", "This is not shared with this app"


class Gone(NotFound):
    """The pod has nothing at this address (404 or 410)."""

    code, title = "not_in_pod", "There is nothing at this address in the pod"


class ChangedMeanwhile(PreconditionFailed):
    """Someone else changed the document since it was read (412); read it again, then write."""

    code = "changed_meanwhile"


class PodConflict(Conflict):
    """The pod refuses the change as it is (409)."""

    code = "pod_conflict"


class PodRejected(Unprocessable):
    """The pod does not take what was sent (other 4xx); `detail` carries its own words."""

    code, title = "pod_rejected", "The pod does not take this"


class PodUnavailable(Unavailable):
    """The pod or the authorization server does not answer, or not as it should; try again later."""

    code = "pod_unavailable"
