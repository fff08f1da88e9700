"""OAuth's errors as they go over the wire (RFC 6749, 4.1.2.1 and 5.2), on Authlib's base class.

    WireError                         error, description, status
     |- InvalidRequest                400  RFC 6749
     |   |- WrongRedirectUri
     |   `- MustPush                   RFC 9126, 6
     |- InvalidClient                 401  RFC 6749
     |- InvalidGrant                  400  RFC 6749
     |- InvalidScope                  400  RFC 6749
     |- UnauthorizedClient            400  RFC 6749
     |- UnsupportedGrantType          400  RFC 6749
     |- UnsupportedResponseType       400  RFC 6749
     |- AccessDenied                  400  RFC 6749
     |- InvalidRedirectUri, InvalidClientMetadata   400  RFC 7591, 3.2.2
     |- InvalidAuthorizationDetails   400  RFC 9396, 5
     |- InvalidGrantId                400  Grant Management for OAuth 2.0
     |- InvalidDpopProof              400  RFC 9449, 5
     |- LoginRequired, ConsentRequired, RequestNotSupported, RequestUriNotSupported   400  OIDC Core, 3.1.2.6
     |- SlowDown                      429
     `- ServerError                   503

`AuthorizationPageError` is the error that is shown to the person, on our page, because the address to send it to is not
known to be the client's.
"""

from __future__ import annotations

import re
from typing import Literal

from authlib.oauth2.base import OAuth2Error

from werkpod.web.errors import BadRequest

_FORBIDDEN = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")


class WireError(OAuth2Error):
    """An OAuth error. `description` may quote what was sent: characters that RFC 6749, 5.2 forbids become "?"."""

    error = "invalid_request"
    status_code = 400

    def __init__(
        self, description: str = "", *, redirect_uri: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(description=_FORBIDDEN.sub("?", description)[:300] or None, redirect_uri=redirect_uri)  # type: ignore[no-untyped-call]
        self.extra_headers = headers or {}

    def get_headers(self) -> list[tuple[str, str]]:
        """Authlib's headers for an error (JSON, not stored) and this error's own."""
        return [*super().get_headers(), *self.extra_headers.items()]  # type: ignore[no-untyped-call]


class InvalidRequest(WireError):
    """A parameter is missing, repeated or malformed."""


class InvalidClient(WireError):
    """The client is unknown or did not show who it is."""

    error, status_code = "invalid_client", 401


class InvalidGrant(WireError):
    """The code, refresh token or link is unknown, used, expired, stopped or another client's."""

    error = "invalid_grant"


class InvalidScope(WireError):
    """More is asked than was given."""

    error = "invalid_scope"


class UnauthorizedClient(WireError):
    """This client may not use this grant type."""

    error = "unauthorized_client"


class UnsupportedGrantType(WireError):
    """A grant type that is not spoken here."""

    error = "unsupported_grant_type"


class UnsupportedResponseType(WireError):
    """Another response type than "code"."""

    error = "unsupported_response_type"


class AccessDenied(WireError):
    """The citizen said no."""

    error = "access_denied"


class InvalidRedirectUri(WireError):
    """A registration with a redirect_uri that nobody can be sent to safely."""

    error = "invalid_redirect_uri"


class InvalidClientMetadata(WireError):
    """A registration with a member that is malformed, or that asks for what there is not."""

    error = "invalid_client_metadata"


class InvalidAuthorizationDetails(WireError):
    """`authorization_details` with an unknown type, field or value (RFC 9396, section 5)."""

    error = "invalid_authorization_details"


class InvalidGrantId(WireError):
    """`grant_id` names no grant in force to this client by this citizen (Grant Management for OAuth 2.0)."""

    error = "invalid_grant_id"


class InvalidDpopProof(WireError):
    """The DPoP proof is missing parts, stale, replayed or of another key (RFC 9449, section 5)."""

    error = "invalid_dpop_proof"


class LoginRequired(WireError):
    """`prompt=none`, and nobody is signed in."""

    error = "login_required"


class ConsentRequired(WireError):
    """`prompt=none`, and the citizen has not said yes to this."""

    error = "consent_required"


class RequestNotSupported(WireError):
    """Request objects (RFC 9101) are not spoken here."""

    error = "request_not_supported"


class RequestUriNotSupported(WireError):
    """`request_uri` is not spoken here; nothing is fetched."""

    error = "request_uri_not_supported"


class ServerError(WireError):
    """A part of ours that is needed does not answer; for once the fault is not the client's."""

    error, status_code = "temporarily_unavailable", 503


class SlowDown(WireError):
    """Too many failed tries from one address; `Retry-After` says how long to wait (RFC 6585, section 4)."""

    error, status_code = "slow_down", 429


Unfit = Literal["unknown_app", "wrong_address", "changed", "over", "unclear"]
"""What makes a request one that cannot be answered: we do not know the app, it wants the answer sent to an address that
is not its own, it changed while its question waited, its pushed request was answered or is too old, or what it sent is
malformed."""


class WrongRedirectUri(InvalidRequest):
    """The redirect_uri is missing, or is not the client's."""


class MustPush(InvalidRequest):
    """This client, or every client here, has to push its requests (RFC 9126, 5 and 6)."""


class AuthorizationPageError(BadRequest):
    """A request to authorize that cannot even be answered to the client; the person sees it. Never a redirect."""

    code, title = "authorization_request_refused", "This app asks in a way that cannot be answered"

    def __init__(self, detail: str, *, unfit: Unfit = "unclear") -> None:
        super().__init__(detail)
        self.unfit = unfit
