"""Revocation (RFC 7009) and introspection (RFC 7662), on Authlib's endpoints. A client's own tokens only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from joserfc import jws, jwt
from joserfc.errors import JoseError

from werkpod.consent.oauth.carrier import Carrier
from werkpod.consent.oauth.client_model import Client
from werkpod.consent.oauth.details import granted_detail
from werkpod.consent.oauth.errors import InvalidGrant, InvalidRequest
from werkpod.consent.oauth.grant_management import grant_id_of
from werkpod.consent.oauth.keys import ALGORITHM
from werkpod.consent.oauth.requests import Request
from werkpod.consent.oauth.token_grants import APP_METHODS, TOOL_METHODS

_LONGEST = 8 * 1024


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was found: whose it is, its family, and what introspection says of it."""

    client: str
    pod: str
    family: str
    active: bool
    claims: dict[str, Any]

    def check_client(self, client: Client) -> bool:
        """Whether it was given to this client."""
        return self.client == client.id

    def is_expired(self) -> bool:
        """Whether it is over, for whatever reason."""
        return not self.active

    def is_revoked(self) -> bool:
        """Told by `is_expired`."""
        return False


def find_token(server: Carrier, text: str) -> Token | None:
    """The refresh token or access token behind a string; None for all else."""
    if len(text) > _LONGEST:
        return None
    return _refresh(server, text) or find_access(server, text)


def _refresh(server: Carrier, text: str) -> Token | None:
    found = server.wait(server.parts.store.find_refresh, text)
    if found is None:
        return None
    expires = min(found.expires, found.family_expires)
    active = not found.dead and not found.used and expires > server.parts.clock()
    claims = {"client_id": found.record.client, "scope": found.record.scope, "exp": int(expires)}
    granted = _granted(server, found.pod, found.record.grant) if active else None
    return Token(found.record.client, found.pod, found.family, granted is not None, {**claims, **(granted or {})})


def find_access(server: Carrier, text: str) -> Token | None:
    """The access token of ours behind a string, in force or not; None for all else."""
    if len(text) > _LONGEST:
        return None
    try:
        header = jws.extract_compact(text.encode("ascii")).headers()
        key = server.parts.keys.key(str(header.get("kid")))
        if key is None or header.get("typ") != "at+jwt":
            return None
        claims = jwt.decode(text, key, algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError):
        return None
    if not isinstance(claims.get("family"), str):  # what webhooks are signed with: for nobody here (pod.notify)
        return None
    pod, _, family = claims["family"].partition(".")
    active = claims["exp"] > server.parts.clock() and not server.wait(server.parts.store.revoked, claims["family"])
    granted = _granted(server, pod, claims["grant"]) if active else None
    said = {**claims, "token_type": "DPoP", **(granted or {})}
    return Token(claims["client_id"], pod, family, granted is not None, said)


def _granted(server: Carrier, pod: str, grant_id: str) -> dict[str, Any] | None:
    """What a token gives at this moment (RFC 9396, 9.2), by the grant as it is now; None when that is over."""
    try:
        account, grant = server.holder(pod, grant_id)
    except InvalidGrant:
        return None
    return {"authorization_details": [granted_detail(grant, account.storage)], "grant_id": grant_id_of(grant)}


class _Own:
    """What the two endpoints have in common."""

    server: Carrier
    CLIENT_AUTH_METHODS = APP_METHODS

    def check_params(self, request: Request, client: Client) -> None:
        """There must be a token; an unknown hint is no reason to refuse (RFC 7009, 2.1)."""
        if not request.form.get("token"):
            raise InvalidRequest("token is missing.")

    def query_token(self, token_string: str, token_type_hint: str | None) -> Token | None:
        """The token; the hint is not needed."""
        return find_token(self.server, token_string)


class Revocation(_Own, RevocationEndpoint):
    """Ends the family of a token. Another client's token, or none at all, is answered just the same (RFC 7009, 2.2)."""

    def authenticate_token(self, request: Request, client: Client) -> Token | None:
        """The token, if it is the client's own."""
        self.check_params(request, client)
        found = self.query_token(request.form["token"], None)
        return found if found and found.check_client(client) else None

    def revoke_token(self, token: Token, request: Request) -> None:
        """End the family."""
        self.server.wait(self.server.parts.store.revoke, token.pod, token.family)


class Introspection(_Own, IntrospectionEndpoint):
    """Says whether a token of the asking client is in force. It must show who it is: a client id is no proof."""

    CLIENT_AUTH_METHODS = ["private_key_jwt", *TOOL_METHODS]  # noqa: RUF012

    def check_permission(self, token: Token, client: Client, request: Request) -> bool:
        """Its own tokens only."""
        return token.check_client(client)

    def introspect_token(self, token: Token) -> dict[str, Any]:
        """The claims (RFC 7662, 2.2)."""
        return dict(token.claims)
