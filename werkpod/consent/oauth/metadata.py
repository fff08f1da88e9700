"""What the server says of itself: RFC 8414, OpenID Connect Discovery, Solid-OIDC section 9 and RFC 9449, 5.1."""

from __future__ import annotations

from typing import Any

from werkpod.consent.oauth import details
from werkpod.consent.oauth.assertion import ALGORITHMS as ASSERTION_ALGORITHMS
from werkpod.consent.oauth.client_model import LINK_GRANT, SCOPES
from werkpod.consent.oauth.keys import ALGORITHM
from werkpod.pod.authn.errors import ALGORITHMS as PROOF_ALGORITHMS


def metadata(issuer: str) -> dict[str, Any]:
    """The metadata document; `issuer` is the configured base URL byte for byte, whatever Host a request names."""
    methods = ["none", "private_key_jwt", "client_secret_basic", "client_secret_post"]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "registration_endpoint": f"{issuer}/oauth/register",
        "jwks_uri": f"{issuer}/oauth/jwks",
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", LINK_GRANT],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "introspection_endpoint_auth_methods_supported": methods[1:],
        "introspection_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "dpop_signing_alg_values_supported": list(PROOF_ALGORITHMS),
        "authorization_details_types_supported": [details.TYPE],
        "authorization_response_iss_parameter_supported": True,
        "client_id_metadata_document_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "claims_parameter_supported": False,
        "prompt_values_supported": ["none", "consent"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "nonce", "azp", "webid"],
        "ui_locales_supported": ["nl", "en"],
        "solid_oidc_supported": "https://solidproject.org/TR/solid-oidc",
    }
