"""The grant management API: a client sees, or ends, a grant that it has (Grant Management for OAuth 2.0, draft 03, 7).

`GET /oauth/grants/{grant_id}` with the scope grant_management_query, DELETE with grant_management_revoke; the token is
bound to a key as all are. It is one of two: the access token of a citizen's authorization in which these scopes were
asked, for the grants of that citizen to that client; or a token that the client got for itself with client_credentials
and private_key_jwt, for every grant to it whose id it knows. The second reads nothing: its audience is this endpoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from starlette.datastructures import Headers

from werkpod.consent.grants import GrantNotFound, GrantRecord
from werkpod.consent.oauth.carrier import Carrier
from werkpod.consent.oauth.client_model import QUERY_GRANT, REVOKE_GRANT
from werkpod.consent.oauth.details import granted_detail
from werkpod.consent.oauth.endpoints import find_access
from werkpod.consent.oauth.grant_management import grant_id_of, split_grant_id
from werkpod.consent.oauth.keys import ALGORITHM
from werkpod.consent.oauth.tokens import GRANTS_PATH
from werkpod.consent.oauth.userinfo import InsufficientScope, presented
from werkpod.pod.authn.dpop import ProofChecker
from werkpod.pod.authn.errors import InvalidProof, InvalidToken
from werkpod.web.errors import NotFound

SCOPE_OF = {"GET": QUERY_GRANT, "HEAD": QUERY_GRANT, "DELETE": REVOKE_GRANT}
_LONGEST = 8 * 1024


async def manage(
    carrier: Carrier, proofs: ProofChecker, headers: Headers, method: str, url: str, grant_id: str
) -> dict[str, Any] | None:
    """What a grant is; None when it was ended. Raises Unauthorized's, InsufficientScope, NotFound.

    Another client's grant, one that is over and one that never was are answered alike.
    """
    token, proof = presented(headers.getlist("authorization"), headers.getlist("dpop"))
    claims = await _claims(carrier, token)
    if proofs.check(proof, method, url, token) != claims["cnf"]["jkt"]:
        raise InvalidProof("The proof was made with another key than the one that the access token is bound to.")
    if SCOPE_OF[method] not in str(claims["scope"]).split():
        raise InsufficientScope(f"This asks for a token with the scope {SCOPE_OF[method]}.")
    found = await _own(carrier, claims, grant_id)
    account = await carrier.parts.accounts.get(found.pod)
    if account is None:
        raise NotFound("There is no such grant to this client.")
    if method == "DELETE":
        await carrier.parts.grants.revoke(found.pod, found.id, by=found.pod, actor=found.client)
        return None
    detail = granted_detail(found, account.storage)
    return {"grant_id": grant_id_of(found), "scopes": [], "claims": [], "authorization_details": [detail]}


async def _own(carrier: Carrier, claims: Mapping[str, Any], grant_id: str) -> GrantRecord:
    """The grant in force of this id that the token may manage. Raises NotFound."""
    parts, gone = split_grant_id(grant_id), NotFound("There is no such grant to this client.")
    if parts is None or claims.get("pod", parts[0]) != parts[0]:
        raise gone
    try:
        found = await carrier.parts.grants.get(*parts)
    except GrantNotFound:
        raise gone from None
    if found.client != claims["client_id"] or not found.active(carrier.parts.clock()):
        raise gone
    return found


async def _claims(carrier: Carrier, token: str) -> dict[str, Any]:
    """The claims of a token for this; `pod`: the only pod that it is good for. Raises InvalidToken."""
    found = await carrier.run(find_access, carrier, token)
    if found is not None and found.active and not found.claims["confined"]:
        return {**found.claims, "pod": found.pod}
    claims = None if found is not None else _own_claims(carrier, token)
    if claims is None:
        raise InvalidToken("The access token is not ours, is over, or was revoked.")
    return claims


def _own_claims(carrier: Carrier, token: str) -> dict[str, Any] | None:
    """The claims of a token that a client got for itself (`management_token`), in force; else None."""
    issuer = carrier.parts.issuer
    if len(token) > _LONGEST:
        return None
    try:
        header = jws.extract_compact(token.encode("ascii")).headers()
        key = carrier.parts.keys.key(str(header.get("kid")))
        if key is None or header.get("typ") != "at+jwt":
            return None
        claims: dict[str, Any] = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
    except (JoseError, ValueError):
        return None
    right = claims.get("aud") == f"{issuer}{GRANTS_PATH}" and claims.get("iss") == issuer
    return claims if right and claims["exp"] > carrier.parts.clock() else None
