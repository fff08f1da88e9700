"""Credentials that do not hold.

WerkpodError
 `- Unauthorized
     |- NoCredentials  401  nothing was sent, and this is not public
     |- InvalidToken   401  the access token does not hold (RFC 6750, 3.1)
     `- InvalidProof   401  the DPoP proof does not hold (RFC 9449, 7.1)
"""

from __future__ import annotations

from werkpod.web.errors import Unauthorized


class NoCredentials(Unauthorized):
    """Nothing was sent, and this is not public."""

    code, title = "unauthorized", "Sign in first"


class InvalidToken(Unauthorized):
    """The access token is expired, forged, for somebody else, or not used in the way it was made for."""

    code, title = "invalid_token", "The access token does not hold"


class InvalidProof(Unauthorized):
    """The DPoP proof is missing, malformed, stale, used before, or for another request."""

    code, title = "invalid_dpop_proof", "The DPoP proof does not hold"


def challenge(issuer: str, realm: str, error: Unauthorized) -> str:
    """The WWW-Authenticate header for an error (RFC 9449, 7.1; as_uri: Solid-OIDC, 9)."""
    said = f'DPoP realm="{realm}", as_uri="{issuer}", algs="{ALGORITHMS_TEXT}"'
    return said if error.code == "unauthorized" else f'{said}, error="{error.code}"'


ALGORITHMS = ("ES256", "EdDSA", "RS256", "PS256")
"""What proofs and tokens may be signed with: asymmetric only. Ed25519 goes by its JOSE name of RFC 8037."""

ALGORITHMS_TEXT = " ".join(ALGORITHMS)
