"""Proofs of possession: each request is signed with the session's own key (RFC 9449, DPoP)."""

from __future__ import annotations

import base64
import hashlib
import secrets
from urllib.parse import urlsplit, urlunsplit

from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64decode

from werkpod.apps.kit.keys import p256


class ProofKey:
    """The P-256 key that a session's tokens are bound to; `text` is its private number, for the sealed cookie."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._key = p256(int.from_bytes(urlsafe_b64decode(text.encode()), "big"))
        self._public = self._key.as_dict(private=False)
        self.thumbprint = self._key.thumbprint()

    @classmethod
    def generate(cls) -> ProofKey:
        """A new random key."""
        return cls(str(ECKey.generate_key("P-256").as_dict(private=True)["d"]))

    def proof(self, method: str, url: str, *, now: float, token: str | None = None) -> str:
        """The proof for one request (RFC 9449, 4.2); with `token`, bound to that access token by `ath`."""
        parts = urlsplit(url)
        claims: dict[str, str | int] = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
            "iat": int(now),
        }
        if token is not None:
            digest = hashlib.sha256(token.encode("ascii")).digest()
            claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self._public}
        return jwt.encode(header, claims, self._key, algorithms=["ES256"])
