"""The grants of the token endpoint, on Authlib's (RFC 6749): code (4.1), refresh (6), tools (4.4), links (4.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from authlib.oauth2.rfc6749 import BaseGrant, TokenEndpointMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from werkpod.consent.errors import LinkGone
from werkpod.consent.grants import GrantRecord
from werkpod.consent.oauth.carrier import Carrier
from werkpod.consent.oauth.client_model import LINK_GRANT, QUERY_GRANT, REVOKE_GRANT, Client
from werkpod.consent.oauth.details import parse_details
from werkpod.consent.oauth.errors import (
    InvalidAuthorizationDetails,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    UnauthorizedClient,
)
from werkpod.consent.oauth.requests import Request
from werkpod.consent.oauth.store import Code, FamilyRecord, Refresh
from werkpod.consent.oauth.tokens import Issue, management_token, token_response
from werkpod.web.ids import ulid

Response = tuple[int, Any, list[tuple[str, str]]]
TOOL_METHODS = ["client_secret_basic", "client_secret_post"]
APP_METHODS = ["none", "private_key_jwt", *TOOL_METHODS]


class S256Challenge(CodeChallenge):
    """PKCE with S256 for every client (RFC 9700, 2.1.1). Authlib's default lets a request without a challenge pass,
    takes a missing method for `plain`, and takes `plain`."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012
    DEFAULT_CODE_CHALLENGE_METHOD = "S256"

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Both parameters must be there."""
        for name in ("code_challenge", "code_challenge_method"):
            if not grant.request.payload.data.get(name):
                raise InvalidRequest(f"{name} is missing: PKCE with S256 is needed.")
        super().validate_code_challenge(grant, redirect_uri)  # type: ignore[no-untyped-call]

    def validate_code_verifier(self, grant: Any, result: Any) -> None:
        """The verifier must be there, whoever the client is."""
        if not grant.request.form.get("code_verifier"):
            raise InvalidGrant("code_verifier is missing.")
        super().validate_code_verifier(grant, result)  # type: ignore[no-untyped-call]


class _Issues:
    """What the grants have in common: the proven key, and the response."""

    request: Request
    server: Carrier
    TOKEN_RESPONSE_HEADER: list[tuple[str, str]]

    def proven_key(self) -> str:
        """The thumbprint of the key in the DPoP proof of this request (RFC 9449, 5)."""
        if self.request.jkt is None:
            raise InvalidRequest("A DPoP proof is needed: tokens are bound to a key.")
        return self.request.jkt

    def narrowed(self, grant: GrantRecord) -> None:
        """Refuse a token request that asks for more than was granted (RFC 9396, 6)."""
        raw = self.request.payload.data.get("authorization_details")
        if raw is None:
            return
        asked = parse_details(raw, self.request.client.access)
        if not (grant.everything or set(asked.sections) <= set(grant.sections)) or not set(asked.actions) <= set(
            grant.actions
        ):
            raise InvalidAuthorizationDetails("More is asked than was granted.")

    def respond(self, issue: Issue) -> Response:
        """The token response. An app that asked again for more has more than one grant, and is told of each."""
        parts = self.server.parts
        if not issue.confined:
            grants = self.server.wait(
                parts.grants.standing, issue.grant.pod, agent=issue.account.webid, client=issue.client_id
            )
            issue = replace(issue, beside=tuple(grant for grant in grants if grant.id != issue.grant.id))
        return 200, token_response(issue, parts.keys, parts.issuer, parts.clock()), self.TOKEN_RESPONSE_HEADER


class CodeTokenGrant(_Issues, AuthorizationCodeGrant):  # type: ignore[misc]
    """Redeeming a code. Authlib saves the token, then deletes the code; here the code is used up first, atomically."""

    TOKEN_ENDPOINT_AUTH_METHODS = APP_METHODS

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """The code, if it is this client's; one that was used takes its family down (RFC 6749, 4.1.2)."""
        store = self.server.parts.store
        found = self.server.wait(store.find_code, code)
        if found is None or found.record.client != client.id:
            return None
        if found.used:
            self.server.wait(store.revoke, found.pod, found.family)
            return None
        if found.expires <= self.server.parts.clock():
            return None
        return found

    def create_token_response(self) -> Response:
        """Use the code up and begin its family; then tokens."""
        code: Code = self.request.authorization_code
        record, jkt = code.record, self.proven_key()
        if record.jkt and record.jkt != jkt:
            raise InvalidGrant("The DPoP key is another than the dpop_jkt of the authorization request.")
        account, grant = self.server.holder(code.pod, record.grant)
        self.narrowed(grant)
        refresh = self.server.wait(
            self.server.parts.store.redeem_code,
            code,
            FamilyRecord(record.client, record.grant, record.scope, jkt, record.auth_time, record.lws),
            until=grant.until,
            refresh="offline_access" in record.scope.split(),
        )
        return self.respond(
            Issue(
                account, record.client, grant, f"{code.pod}.{code.family}", record.scope, jkt,
                refresh_token=refresh, nonce=record.nonce, auth_time=record.auth_time, lws=record.lws,
            )
        )  # fmt: skip


class RefreshGrant(_Issues, RefreshTokenGrant):  # type: ignore[misc]
    """Refreshing, with a new token each time. Authlib does not notice that an old one comes back; the store does."""

    TOKEN_ENDPOINT_AUTH_METHODS = APP_METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Refresh | None:
        """The token if it is in force; one that was used before takes its family down (RFC 9700, 4.14.2)."""
        store, now = self.server.parts.store, self.server.parts.clock()
        found = self.server.wait(store.find_refresh, refresh_token)
        if found is None or found.dead or min(found.expires, found.family_expires) <= now:
            return None
        if found.used:
            self.server.wait(store.revoke, found.pod, found.family)
            return None
        return found

    def create_token_response(self) -> Response:
        """Rotate, then tokens."""
        token: Refresh = self.request.refresh_token
        record, jkt = token.record, self.proven_key()
        if record.jkt != jkt:
            raise InvalidGrant("The DPoP key is another than the one that the tokens are bound to.")
        account, grant = self.server.holder(token.pod, record.grant)
        self.narrowed(grant)
        following = self.server.wait(self.server.parts.store.rotate, token, until=grant.until)
        scope = self.request.payload.scope or record.scope
        family = f"{token.pod}.{token.family}"
        return self.respond(
            Issue(
                account, record.client, grant, family, scope, jkt,
                refresh_token=following, auth_time=record.auth_time, lws=record.lws,
            )
        )  # fmt: skip


class ToolGrant(_Issues, ClientCredentialsGrant):  # type: ignore[misc]
    """Client credentials that a citizen made for a tool of their own: the token names the credential's grant.

    An app gets with them what lets it manage the grants that it has, and nothing of any citizen (`grant_api`). It must
    sign: a secret shows nothing of an app that registered itself.
    """

    TOKEN_ENDPOINT_AUTH_METHODS = ["private_key_jwt", *TOOL_METHODS]  # noqa: RUF012

    def create_token_response(self) -> Response:
        """Tokens without a refresh token (RFC 6749, 4.4.3)."""
        client: Client = self.request.client
        if not client.pod:
            return self._managing(client)
        account, grant = self.server.holder(client.pod, client.grant)
        family = f"{client.pod}.{ulid(self.server.parts.clock())}"
        asked = (self.request.payload.scope or "").split()
        scope = "openid webid" if "openid" in asked else "webid"
        return self.respond(Issue(account, client.id, grant, family, scope, self.proven_key()))

    def _managing(self, client: Client) -> Response:
        parts = self.server.parts
        scope = " ".join(
            name for name in (QUERY_GRANT, REVOKE_GRANT) if name in (self.request.payload.scope or "").split()
        )
        if not scope:
            raise InvalidScope(f"An app gets a token for itself for {QUERY_GRANT} and {REVOKE_GRANT} only.")
        body = management_token(parts.keys, parts.issuer, client.id, scope, self.proven_key(), parts.clock())
        return 200, body, self.TOKEN_RESPONSE_HEADER


class LinkGrant(_Issues, BaseGrant, TokenEndpointMixin):  # type: ignore[misc]
    """A share link for a token that reads what the link shows and nothing else."""

    GRANT_TYPE = LINK_GRANT  # type: ignore[assignment]
    TOKEN_ENDPOINT_AUTH_METHODS = ["private_key_jwt"]  # noqa: RUF012

    def validate_token_request(self) -> None:
        """The client must be one that opens links, and name one."""
        client = self.authenticate_token_endpoint_client()  # type: ignore[no-untyped-call]
        if not client.check_grant_type(LINK_GRANT):
            raise UnauthorizedClient("This client does not open share links.")
        if not self.request.form.get("link"):
            raise InvalidRequest("link is missing: the secret of the share link.")
        self.proven_key()
        self.request.client = client

    def create_token_response(self) -> Response:
        """Count a view, then a token that is confined to the link's grant."""
        links, form = self.server.parts.links, self.request.form
        if links is None:
            raise InvalidGrant("There are no share links here.")
        try:
            pod, grant = self.server.wait(links.open, form["link"], form.get("passcode"))
        except LinkGone:
            raise InvalidGrant("The link opens nothing (any more).") from None
        if grant.client != self.request.client.id:
            raise InvalidGrant("The link is for another app.")
        account, grant = self.server.holder(pod, grant.id)
        family = f"{pod}.{ulid(self.server.parts.clock())}"
        return self.respond(Issue(account, self.request.client.id, grant, family, "", self.proven_key(), confined=True))
