"""The authorization endpoint's half of the code grant (RFC 6749, 4.1.1-2) with what we ask besides."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from werkpod.consent.accounts.model import Account
from werkpod.consent.grants import GrantRecord
from werkpod.consent.oauth.client_model import Client
from werkpod.consent.oauth.details import AccessRequest, parse_details
from werkpod.consent.oauth.errors import (
    InvalidAuthorizationDetails,
    InvalidRequest,
    MustPush,
    RequestNotSupported,
    RequestUriNotSupported,
    WireError,
    WrongRedirectUri,
)
from werkpod.consent.oauth.grant_management import managed
from werkpod.consent.oauth.prompts import check_prompts
from werkpod.consent.oauth.requests import Request
from werkpod.consent.oauth.store import CodeRecord, new_secret
from werkpod.consent.oauth.token_grants import CodeTokenGrant

_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_LONGEST = {"state": 2048, "nonce": 512, "scope": 500}


@dataclass(frozen=True, slots=True)
class Approval:
    """A citizen's yes: whose pod, which grant, and when they signed in (0: not known)."""

    account: Account
    grant: GrantRecord
    auth_time: float = 0.0


class CodeGrant(CodeTokenGrant):
    """Authorization code with PKCE. `access` is what is asked, `has` the grant that it is about, after
    `validate_authorization_request`."""

    access: AccessRequest
    has: GrantRecord | None

    @staticmethod
    def validate_authorization_redirect_uri(request: Request, client: Client) -> str:  # type: ignore[override]
        """The redirect_uri: there, and exactly one that the client named. Authlib's error would quote it back."""
        redirect_uri = request.payload.redirect_uri
        if not redirect_uri:
            raise WrongRedirectUri("redirect_uri is missing.")
        if not client.check_redirect_uri(redirect_uri):
            raise WrongRedirectUri("redirect_uri is not one of the client id document's, character for character.")
        return str(redirect_uri)

    def validate_authorization_request(self) -> str:
        """The redirect_uri of a valid request. Errors carry it from the moment that it is known to be the client's."""
        redirect_uri: str = super().validate_authorization_request()  # type: ignore[no-untyped-call]
        parts, client, data = self.server.parts, self.request.client, self.request.payload.data
        if not self.request.pushed and (client.pushes or parts.require_par):
            raise MustPush("This request must be pushed first (pushed_authorization_request_endpoint, RFC 9126).")
        try:
            self._check_parameters(data)
            self.access = parse_details(data.get("authorization_details"), client.access, now=parts.clock())
            if self.access.client not in ("", client.id):
                raise InvalidAuthorizationDetails("The constraint client names another client than the one that asks.")
            self.has = managed(self.server, client, data, self.access)
        except WireError as error:
            error.redirect_uri = redirect_uri
            raise
        return redirect_uri

    def _check_parameters(self, data: dict[str, str]) -> None:
        if "request" in data:
            raise RequestNotSupported("Request objects are not spoken here.")
        if "request_uri" in data:
            raise RequestUriNotSupported("request_uri must be one that was pushed to this server; nothing is fetched.")
        if data.get("response_mode", "query") != "query":
            raise InvalidRequest("response_mode must be query.")
        check_prompts(data)
        if not _THUMBPRINT.match(data.get("dpop_jkt", "A" * 43)):
            raise InvalidRequest("dpop_jkt must be a SHA-256 thumbprint, base64url.")
        for name, most in _LONGEST.items():
            if len(data.get(name, "")) > most:
                raise InvalidRequest(f"{name} has more than {most} characters.")

    def generate_authorization_code(self) -> str:
        """A new code of the pod of the one who said yes."""
        return new_secret(self.request.user.account.id)

    def save_authorization_code(self, code: str, request: Any) -> None:
        """Keep what the code stands for."""
        approval: Approval = request.user
        data = request.payload.data
        # For one sitting there is nothing to refresh.
        scope = [s for s in request.scope.split() if s != "offline_access" or not self.access.once]
        record = CodeRecord(
            client=request.client.id,
            grant=approval.grant.id,
            redirect_uri=request.payload.redirect_uri,
            scope=" ".join(scope),
            challenge=data["code_challenge"],
            jkt=data.get("dpop_jkt", ""),
            nonce=data.get("nonce", ""),
            auth_time=approval.auth_time,
            lws=self.access.lws,
        )
        self.server.wait(self.server.parts.store.save_code, approval.account.id, code, record)
