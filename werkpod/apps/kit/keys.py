"""The keys of one app, all made from one secret that the composition root keeps: nothing else has to be stored.

From 32 random bytes HKDF (RFC 5869) gives a cookie key and a signing key. The private number of the signing key is
made from 48 bytes, so that reducing it modulo the order of the curve leaves no bias (FIPS 186-5, A.2.1).
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from joserfc.jwk import ECKey, OctKey
from joserfc.util import urlsafe_b64encode

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_MINIMUM = 32


def _number(value: int) -> str:
    """A coordinate or private number of P-256 as JWK writes it: 32 bytes, base64url (RFC 7518, 6.2.1.2)."""
    return urlsafe_b64encode(value.to_bytes(32, "big")).decode()


def p256(private: int) -> ECKey:
    """The P-256 key with this private number (1 .. order-1)."""
    numbers = ec.derive_private_key(private, ec.SECP256R1()).private_numbers()
    public = numbers.public_numbers
    return ECKey.import_key(
        {"kty": "EC", "crv": "P-256", "x": _number(public.x), "y": _number(public.y), "d": _number(private)}
    )


class AppKeys:
    """The cookie key and the signing key of an app. Raises ValueError when `secret` has fewer than 32 bytes."""

    def __init__(self, secret: bytes, slug: str) -> None:
        if len(secret) < _MINIMUM:
            raise ValueError(f"the secret of app {slug!r} has {len(secret)} bytes; it needs at least {_MINIMUM}")
        self.cookie = OctKey.import_key(_derive(secret, slug, "cookie", 32))
        number = int.from_bytes(_derive(secret, slug, "signing", 48), "big") % (_P256_ORDER - 1) + 1
        self.signing = p256(number)
        self.key_id = self.signing.thumbprint()

    def public_jwks(self) -> dict[str, list[dict[str, str]]]:
        """The JWK set for the client id document: the public signing key, nothing private (RFC 7517, 5)."""
        public = {name: str(value) for name, value in self.signing.as_dict(private=False).items()}
        return {"keys": [{**public, "kid": self.key_id, "use": "sig", "alg": "ES256"}]}


def _derive(secret: bytes, slug: str, purpose: str, length: int) -> bytes:
    info = f"werkpod app\0{slug}\0{purpose}".encode()
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(secret)
