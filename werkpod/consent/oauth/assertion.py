"""Client authentication by a signed assertion, `private_key_jwt` (RFC 7523, 2.2 and 3; RFC 7523bis for the audience).

Authlib's own class takes every algorithm of the key's type, every audience in a list and keys of any kind; here: ES256,
the issuer's name as one string, keys from the client id document and from nowhere else, each assertion once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from werkpod.consent.oauth.client_model import Client
from werkpod.consent.oauth.errors import InvalidClient

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["ES256"]
MAX_BYTES = 8 * 1024
SKEW = 60.0
"""Seconds that two clocks may differ."""
LONGEST = 600.0
"""Seconds that an assertion may live."""


def claimed_client(assertion: str) -> str:
    """The client id that an assertion claims, before anything of it is verified. Raises InvalidClient."""
    _, claims = _extract(assertion)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise InvalidClient("The client assertion has no sub.")
    return subject


def verify_assertion(assertion: str, client: Client, *, issuer: str, clock: Callable[[], float]) -> tuple[str, float]:
    """Check an assertion of `client`; its jti, and the time after which it is worthless. Raises InvalidClient.

    The caller still has to make sure that the jti was not seen before.
    """
    header, claims = _extract(assertion)
    if header.get("alg") not in ALGORITHMS:
        raise InvalidClient("The client assertion must be signed with ES256.")
    if "crit" in header:
        raise InvalidClient("The client assertion has a crit header, which is not understood here.")
    _verify_signature(assertion, header, client)
    if claims.get("iss") != client.id or claims.get("sub") != client.id:
        raise InvalidClient("iss and sub of the client assertion must be the client id.")
    if claims.get("aud") != issuer:
        raise InvalidClient("aud of the client assertion must be the issuer, as one string.")
    now = clock()
    expires, issued, not_before = (_time(claims, name) for name in ("exp", "iat", "nbf"))
    if expires is None or expires <= now - SKEW:
        raise InvalidClient("The client assertion is over, or has no exp.")
    if expires > now + LONGEST + SKEW:
        raise InvalidClient(f"The client assertion must not live longer than {LONGEST:.0f} seconds.")
    if any(at is not None and at > now + SKEW for at in (issued, not_before)):
        raise InvalidClient("The client assertion is of a time to come (iat or nbf).")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 8 <= len(jti) <= 200:
        raise InvalidClient("The client assertion needs a jti of 8 to 200 characters.")
    return jti, expires + SKEW


def _extract(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(assertion) > MAX_BYTES:
        raise InvalidClient(f"The client assertion has more than {MAX_BYTES} bytes.")
    try:
        parts = jws.extract_compact(assertion.encode("ascii"))
        claims = msgspec.json.decode(parts.payload)
    except (JoseError, ValueError, RecursionError):
        raise InvalidClient("The client assertion is not a signed JWT.") from None
    if not isinstance(claims, dict):
        raise InvalidClient("The client assertion is not a signed JWT.")
    return parts.headers(), claims


def _verify_signature(assertion: str, header: dict[str, Any], client: Client) -> None:
    """Try the client's own keys; `jwk`, `jku` and `x5u` of the header are never looked at (RFC 8725, 3.10)."""
    for jwk in client.keys:
        if "kid" in header and "kid" in jwk and header["kid"] != jwk["kid"]:
            continue
        key = ECKey.import_key(cast(Any, {name: jwk[name] for name in ("kty", "crv", "x", "y")}))
        try:
            jws.deserialize_compact(assertion, key, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            continue
        return
    raise InvalidClient("The client assertion is not signed with a key of the client id document.")


def _time(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidClient(f"{name} of the client assertion must be a number.")
    return float(value)
