"""What the server says of itself: RFC 8414, RFC 9728, OpenID Connect Discovery, Solid-OIDC section 9, RFC 9449, 5.1."""

from __future__ import annotations

from typing import Any

from werkpod.consent.oauth import details
from werkpod.consent.oauth.assertion import ALGORITHMS as ASSERTION_ALGORITHMS
from werkpod.consent.oauth.client_model import LINK_GRANT, SCOPES
from werkpod.consent.oauth.grant_management import GRANT_ACTIONS
from werkpod.consent.oauth.keys import ALGORITHM
from werkpod.consent.oauth.par import PAR_PATH
from werkpod.consent.oauth.prompts import PROMPTS
from werkpod.consent.oauth.tokens import GRANTS_PATH
from werkpod.pod.authn.errors import ALGORITHMS as PROOF_ALGORITHMS

CLAIMS = ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "azp", "at_hash", "webid", "cnf"]
"""What an ID token can say."""


def metadata(issuer: str, *, require_par: bool = False) -> dict[str, Any]:
    """The metadata document; `issuer` is the configured base URL byte for byte, whatever Host a request names."""
    methods = ["none", "private_key_jwt", "client_secret_basic", "client_secret_post"]
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "registration_endpoint": f"{issuer}/oauth/register",
        "userinfo_endpoint": f"{issuer}/oauth/userinfo",
        "end_session_endpoint": f"{issuer}/oauth/logout",
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
        "authorization_details_types_supported": list(details.TYPES),
        "pushed_authorization_request_endpoint": f"{issuer}{PAR_PATH}",
        "require_pushed_authorization_requests": require_par,
        "grant_management_endpoint": f"{issuer}{GRANTS_PATH}",
        "grant_management_actions_supported": ["query", "revoke", *GRANT_ACTIONS],
        "grant_management_action_required": False,
        "authorization_response_iss_parameter_supported": True,
        "client_id_metadata_document_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "claims_parameter_supported": False,
        "prompt_values_supported": list(PROMPTS),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "claim_types_supported": ["normal"],
        "claims_supported": CLAIMS,
        "ui_locales_supported": ["nl", "en"],
        "solid_oidc_supported": "https://solidproject.org/TR/solid-oidc",
    }


def resource_metadata(issuer: str, path: str) -> dict[str, Any]:
    """What a protected resource says of itself (RFC 9728, 2): all of this server takes our tokens, bound to a key.

    `path`: that of the resource, "" for the server as a whole. Whether there is anything at it is not said.
    """
    return {
        "resource": f"{issuer}{path}",
        "authorization_servers": [issuer],
        "scopes_supported": ["webid"],
        "bearer_methods_supported": [],
        "dpop_signing_alg_values_supported": list(PROOF_ALGORITHMS),
        "dpop_bound_access_tokens_required": True,
        "authorization_details_types_supported": list(details.TYPES),
    }
