"""Errors of the consent rooms, for people and for JSON clients. OAuth's own wire errors are in `consent.oauth.errors`.

    WerkpodError
     |- Unauthorized     SignInRefused, RecoveryRefused
     |- Unprocessable    NameUnfit, PassphraseTooWeak
     |- TooManyRequests  TooManyTries
     |- NotFound         AccountUnknown, LinkGone, RequestGone
     `- Unavailable      SignUpFailed

A user name that is taken or unfit is the pod's error (`SlugTaken`, `SlugRefused`): it is the name of a pod.
"""

from __future__ import annotations

from werkpod.web.errors import BadRequest, Conflict, NotFound, TooManyRequests, Unauthorized, Unavailable, Unprocessable


class SignInRefused(Unauthorized):
    """Name or passphrase is wrong; one answer for both, so that nobody can try out who has an account."""

    code, title = "sign_in_refused", "The name or the passphrase is wrong"


class RecoveryRefused(Unauthorized):
    """Name or recovery code is wrong, or the code was used before; one answer for all three."""

    code, title = "recovery_refused", "The name or the recovery code is wrong"


class NameUnfit(Unprocessable):
    """A name that cannot be one: empty, too long, or with control characters in it."""

    code, title = "name_unfit", "This cannot be a name"


class PassphraseTooWeak(Unprocessable):
    """A passphrase that is too easy to guess: at least 12 characters or 4 words, and not the name."""

    code, title = "passphrase_too_weak", "This passphrase is too short"


class TooManyTries(TooManyRequests):
    """Too many tries in a short time; `Retry-After` (seconds) is in the headers and `retry_after` in the problem."""

    code, title = "too_many_tries", "Too many tries, wait a moment"

    def __init__(self, retry_after: int, detail: str = "") -> None:
        detail = detail or f"Too many tries. Try again in {retry_after} seconds."
        super().__init__(detail, headers={"Retry-After": str(retry_after)}, retry_after=retry_after)
        self.retry_after = retry_after


class OutsideRefused(BadRequest):
    """Sign-in through an outside provider that did not end well: refused there, or an answer that does not hold."""

    code, title = "outside_refused", "Signing in through the other provider did not succeed"


class OutsideSilent(Unavailable):
    """The outside provider does not answer."""

    code, title = "outside_silent", "The other provider does not answer"


class IdentityTaken(Conflict):
    """This person of an outside provider signs in to another account already."""

    code, title = "identity_taken", "Another account uses this to sign in"


class AccountUnknown(NotFound):
    """There is no such account."""

    code, title = "account_unknown", "There is no such account"


class LinkGone(NotFound):
    """A share link that opens nothing: unknown, expired, used up, stopped, wrong passcode; one answer for all."""

    code, title = "link_gone", "This link opens nothing (any more)"


class RequestGone(NotFound):
    """An app's request that is not waiting here: answered before, too old, or another person's."""

    code, title = "request_gone", "This request is no longer waiting for an answer"


class SignUpFailed(Unavailable):
    """The pod could not be made; everything that was made of it was taken away again."""

    code, title = "sign_up_failed", "The account could not be made; nothing was kept"
