"""Public keys from JWKs (RFC 7517), for just the algorithms that proofs and tokens are signed with."""

from __future__ import annotations

from collections.abc import Mapping

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

_FAMILIES: dict[str, tuple[type[ECKey | OKPKey | RSAKey], str, str]] = {
    "ES256": (ECKey, "EC", "P-256"),
    "EdDSA": (OKPKey, "OKP", "Ed25519"),
    "RS256": (RSAKey, "RSA", ""),
    "PS256": (RSAKey, "RSA", ""),
}
PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
"""Members of a JWK that nobody but its owner should have."""
PUBLIC = ("kty", "crv", "x", "y", "n", "e")
_SHORTEST, _LONGEST = 342, 1400
"""Characters of an RSA modulus: 2,048 bits (RFC 7518, 3.3) and 8,192, more than a request is worth checking."""
_EXPONENT = 11
"""Characters of an RSA exponent: 64 bits. With a long one a check takes a hundred times as long; nobody has one."""


def fits(jwk: Mapping[str, object], algorithm: str) -> bool:
    """Whether a JWK is of the kind that `algorithm` signs with, and of a length to trust; not for another use."""
    _, kty, curve = _FAMILIES[algorithm]
    return (
        jwk.get("kty") == kty
        and (not curve or jwk.get("crv") == curve)
        and (kty != "RSA" or (_SHORTEST <= len(str(jwk.get("n"))) <= _LONGEST and len(str(jwk.get("e"))) <= _EXPONENT))
        and jwk.get("use") in (None, "sig")
        and jwk.get("alg") in (None, algorithm)
    )


def public_key(jwk: Mapping[str, object], algorithm: str) -> Key:
    """The key of a JWK that `fits`. Raises ValueError that says what is wrong, also for RSA of under 2,048 bits."""
    family = _FAMILIES[algorithm][0]
    try:
        key = family.import_key({name: str(value) for name, value in jwk.items() if name in PUBLIC})
        weak = isinstance(key, RSAKey) and key.public_key.key_size < 2048
    except (JoseError, TypeError, KeyError) as error:
        raise ValueError(str(error)) from None
    if weak:
        raise ValueError("an RSA key has at least 2048 bits")
    return key
