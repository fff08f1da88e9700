"""The pushed authorization request endpoint: RFC 9126.

The client shows who it is as at the token endpoint; every check of an authorization request is done here, before any
person sees anything; a DPoP proof, or `dpop_jkt`, binds the code to the key (RFC 9449, 10.1).
"""

from __future__ import annotations

from authlib.oauth2.base import OAuth2Error

from werkpod.consent.oauth.carrier import Answer, Carrier
from werkpod.consent.oauth.errors import InvalidDpopProof, InvalidRequest
from werkpod.consent.oauth.pushed import SECONDS
from werkpod.consent.oauth.requests import Request
from werkpod.consent.oauth.token_grants import APP_METHODS

PAR_PATH = "/oauth/par"
_CREDENTIALS = ("client_secret", "client_assertion", "client_assertion_type")


def push(server: Carrier, request: Request, authorize_url: str) -> Answer:
    """The answer to a pushed request (201, or an error as JSON). To be called in a thread of the carrier."""
    try:
        client = server.authenticate_client(request, APP_METHODS, "par")
        parameters = {name: value for name, value in request.form.items() if name not in _CREDENTIALS}
        if "request_uri" in parameters:  # RFC 9126, 2.1
            raise InvalidRequest("A pushed request must not have a request_uri.")
        if "client_id" not in parameters:  # RFC 9126, 2.1: as required as in any authorization request
            raise InvalidRequest("client_id is missing.")
        if request.jkt is not None and parameters.setdefault("dpop_jkt", request.jkt) != request.jkt:
            raise InvalidDpopProof("dpop_jkt is of another key than the one that made the DPoP proof.")
        server.get_consent_grant(Request("GET", authorize_url, parameters, {}, pushed=True))  # type: ignore[no-untyped-call]
    except OAuth2Error as error:
        # Nobody's browser is here: the client is told, and the error goes to no redirect_uri.
        error.redirect_uri = error.state = None
        return server.handle_error_response(request, error)  # type: ignore[no-untyped-call,no-any-return]
    uri = server.wait(server.parts.store.pushed.save, client.id, parameters)
    headers = [("Content-Type", "application/json"), ("Cache-Control", "no-cache, no-store")]
    return Answer(201, {"request_uri": uri, "expires_in": SECONDS}, headers)
