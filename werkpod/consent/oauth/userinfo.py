"""The userinfo endpoint (OpenID Connect Core, 5.3): who a token is about. It says what the ID token says, no more.

The token is the access token of `openid`, bound to its key: `Authorization: DPoP` and a proof (RFC 9449, 7).
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import Headers

from werkpod.consent.oauth.carrier import Carrier
from werkpod.consent.oauth.endpoints import find_access
from werkpod.pod.authn.dpop import ProofChecker
from werkpod.pod.authn.errors import InvalidProof, InvalidToken, NoCredentials
from werkpod.web.errors import Unauthorized


class InsufficientScope(Unauthorized):
    """A token that was not given for `openid` (RFC 6750, 3.1: 403)."""

    status, code, title = 403, "insufficient_scope", "The token is not for this"


async def userinfo(carrier: Carrier, proofs: ProofChecker, headers: Headers, method: str, url: str) -> dict[str, str]:
    """The claims. Raises NoCredentials, InvalidToken, InvalidProof (401), InsufficientScope (403)."""
    token, proof = presented(headers.getlist("authorization"), headers.getlist("dpop"))
    found = await carrier.run(find_access, carrier, token)
    if found is None or not found.active:
        raise InvalidToken("The access token is not ours, is over, or was revoked.")
    if proofs.check(proof, method, url, token) != found.claims["cnf"]["jkt"]:
        raise InvalidProof("The proof was made with another key than the one that the access token is bound to.")
    if "openid" not in found.claims["scope"].split() or "webid" not in found.claims:
        raise InsufficientScope("This asks for a token with the scope openid.")
    return {"sub": found.claims["sub"], "webid": found.claims["webid"]}


def presented(authorization: Sequence[str], proofs: Sequence[str]) -> tuple[str, str]:
    """The token and the proof of a request's headers. Raises NoCredentials, InvalidToken, InvalidProof."""
    if not authorization:
        raise NoCredentials("Send the access token as 'Authorization: DPoP <token>', with a proof.")
    scheme, _, token = authorization[0].strip().partition(" ")
    if len(authorization) > 1 or scheme.lower() != "dpop":
        raise InvalidToken("The access token is sent once, as 'Authorization: DPoP <token>' (RFC 9449, 7.1).")
    if len(proofs) != 1:
        raise InvalidProof(f"A request has one DPoP header; this one has {len(proofs)}.")
    return token.strip(), proofs[0]
