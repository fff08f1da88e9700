"""JSON Web Signatures in compact form (RFC 7515), with joserfc's algorithms called directly.

A request has its header read, and checked more strictly, before its signature is; doing that once halves what is left
beside the arithmetic of the signature.
"""

from __future__ import annotations

import binascii

from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

_STANDARD = str.maketrans("-_", "+/")


def decode(part: str) -> bytes:
    """The bytes of a base64url part without padding. Raises ValueError for anything else (RFC 7515, 2)."""
    if "+" in part or "/" in part or "=" in part:
        raise ValueError("not base64url")
    return binascii.a2b_base64(part.translate(_STANDARD) + "=" * (-len(part) % 4), strict_mode=True)


def parts(token: str) -> tuple[str, str, str]:
    """Header, payload and signature, still encoded. Raises ValueError where there are not just three."""
    header, payload, signature = token.split(".")
    if not (header and payload and signature):
        raise ValueError("a part is empty")
    return header, payload, signature


def verify(algorithm: str, key: Key, header: str, payload: str, signature: str) -> bool:
    """Whether `key` made the signature with `algorithm`, which the caller has chosen. Raises ValueError, JoseError."""
    message = f"{header}.{payload}".encode("ascii")
    return JWSRegistry.algorithms[algorithm].verify(message, decode(signature), key)
