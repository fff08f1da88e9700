"""Access tokens (RFC 9068, at+jwt), ID tokens (OpenID Connect Core, Solid-OIDC) and the token response.

Access tokens live five minutes, name the grant that they rest on and the family that they belong to, and are bound to
the client's DPoP key (RFC 9449, 6). The pod checks grant and family at each request, so no list of tokens is kept.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from werkpod.consent.accounts.model import Account
from werkpod.consent.grants import GrantRecord
from werkpod.consent.oauth.details import granted_detail, lws_detail
from werkpod.consent.oauth.grant_management import grant_id_of
from werkpod.consent.oauth.keys import SigningKeys

ACCESS_SECONDS = 300
"""How long an access token lives, whatever grant type it came from."""
GRANTS_PATH = "/oauth/grants"
"""Where a client sees and ends its grants (`grant_api`)."""
AUDIENCE = "solid"
"""The audience that Solid resource servers expect (Solid-OIDC, 8.1)."""


@dataclass(frozen=True, slots=True)
class Issue:
    """What a token response is made of. `family`: `pod.ulid`. `confined`: the token of a share link.

    `beside`: the other grants to this app for this citizen, which the token reads by as well. `lws`: tell the grant in
    the form of Linked Web Storage too.
    """

    account: Account
    client_id: str
    grant: GrantRecord
    family: str
    scope: str
    jkt: str
    refresh_token: str | None = None
    confined: bool = False
    nonce: str = ""
    auth_time: float = 0.0
    beside: tuple[GrantRecord, ...] = ()
    lws: bool = False


def token_response(issue: Issue, keys: SigningKeys, issuer: str, now: float) -> dict[str, Any]:
    """The body of a token response (RFC 6749, 5.1; RFC 9449, 5; RFC 9396, 7), with `webid` and `storage` beside it."""
    claims = _access_claims(issue, issuer, int(now))
    access_token = keys.sign(claims, typ="at+jwt")
    body: dict[str, Any] = {
        "access_token": access_token,
        "token_type": "DPoP",
        "expires_in": claims["exp"] - claims["iat"],
        "scope": issue.scope,
        "authorization_details": [
            granted_detail(grant, issue.account.storage) for grant in (issue.grant, *issue.beside)
        ],
        "grant_id": grant_id_of(issue.grant),
        "storage": issue.account.storage,
    }
    if issue.lws:
        body["authorization_details"].append(lws_detail(issue.grant, issue.account.storage))
    if issue.confined:
        del body["grant_id"]
    else:
        body["webid"] = issue.account.webid
    if issue.refresh_token:
        body["refresh_token"] = issue.refresh_token
    if "openid" in issue.scope.split():
        body["id_token"] = keys.sign(_id_claims(issue, issuer, int(now), access_token), typ="JWT")
    return body


def management_token(keys: SigningKeys, issuer: str, client: str, scope: str, jkt: str, now: float) -> dict[str, Any]:
    """The token response to a client that shows who it is and asks to manage its grants: nothing of any citizen."""
    claims = {
        "iss": issuer, "aud": f"{issuer}{GRANTS_PATH}", "sub": client, "client_id": client, "scope": scope,
        "iat": int(now), "exp": int(now) + ACCESS_SECONDS, "jti": secrets.token_urlsafe(16), "cnf": {"jkt": jkt},
    }  # fmt: skip
    token = keys.sign(claims, typ="at+jwt")
    return {"access_token": token, "token_type": "DPoP", "expires_in": ACCESS_SECONDS, "scope": scope}


def _access_claims(issue: Issue, issuer: str, now: int) -> dict[str, Any]:
    """The claims of an access token; a share link's has no WebID, its subject is the client (RFC 9068, 2.2)."""
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": issue.client_id if issue.confined else issue.account.webid,
        "client_id": issue.client_id,
        "azp": issue.client_id,
        "iat": now,
        "exp": now + ACCESS_SECONDS,
        "jti": secrets.token_urlsafe(16),
        "cnf": {"jkt": issue.jkt},
        "scope": issue.scope,
        "grant": issue.grant.id,
        "family": issue.family,
        "confined": issue.confined,
    }
    if not issue.confined:
        claims["webid"] = issue.account.webid
    if issue.grant.until is not None:
        claims["exp"] = min(claims["exp"], int(issue.grant.until))
    return claims


def _id_claims(issue: Issue, issuer: str, now: int, access_token: str) -> dict[str, Any]:
    """The claims of a DPoP-bound ID token (Solid-OIDC, 8: webid, aud with the client and "solid", cnf.jkt)."""
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    claims: dict[str, Any] = {
        "iss": issuer,
        "sub": issue.account.webid,
        "webid": issue.account.webid,
        "aud": [issue.client_id, AUDIENCE],
        "azp": issue.client_id,
        "iat": now,
        "exp": now + ACCESS_SECONDS,
        "jti": secrets.token_urlsafe(16),
        "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        "cnf": {"jkt": issue.jkt},
    }
    if issue.auth_time:
        claims["auth_time"] = int(issue.auth_time)
    if issue.nonce:
        claims["nonce"] = issue.nonce
    return claims
