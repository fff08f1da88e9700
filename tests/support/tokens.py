"""Access tokens and DPoP proofs for tests: a real key, real signatures, any claim can be made wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

from joserfc.jwk import ECKey, Key
from joserfc.jws import JWSRegistry

from werkpod.pod.authn.tokens import OwnKeys


def sign(header: Mapping[str, Any], claims: Mapping[str, Any], key: Key, algorithm: str = "ES256") -> str:
    """A JWS in compact form; members of `header` and `claims` that are None are left out."""
    fields = {"alg": algorithm, **{name: value for name, value in header.items() if value is not None}}
    body = json.dumps({name: value for name, value in claims.items() if value is not None})
    protected, payload = (_encode(part.encode()) for part in (json.dumps(fields), body))
    signature = JWSRegistry.algorithms[algorithm].sign(f"{protected}.{payload}".encode(), key)
    return f"{protected}.{payload}.{_encode(signature)}"


class Issuer:
    """An issuer of access tokens, with one ES256 key."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.key = ECKey.generate_key("P-256", parameters={"kid": "test-1"})

    def keys(self) -> OwnKeys:
        """The key source that a pod on the same base URL has."""
        return OwnKeys(self.base_url, lambda: [self.key], base_url=self.base_url)

    def token(
        self, device: Device, *, webid: str | None, client: str | None, now: float | None = None, **claims: Any
    ) -> str:
        """An access token; `claims` change or (None) leave out what a good one has; `typ`, `kid`: in the header."""
        at = time.time() if now is None else now
        header = {"typ": claims.pop("typ", "at+jwt"), "kid": claims.pop("kid", "test-1")}
        said = {
            "iss": self.base_url, "aud": "solid", "sub": webid, "webid": webid, "client_id": client, "azp": client,
            "iat": int(at), "exp": int(at) + 300, "jti": secrets.token_urlsafe(16), "cnf": {"jkt": device.thumbprint},
        }  # fmt: skip
        return sign(header, {**said, **claims}, self.key)


class Device:
    """A client's own key, with which it makes proofs."""

    def __init__(self, key: Key | None = None, algorithm: str = "ES256") -> None:
        self.key = key or ECKey.generate_key("P-256")
        self.algorithm = algorithm
        self.public = self.key.as_dict(private=False)
        self.public = {k: v for k, v in self.public.items() if k in ("kty", "crv", "x", "y", "n", "e")}
        self.thumbprint = self.key.thumbprint()

    def proof(self, method: str, url: str, token: str | None, *, now: float | None = None, **changes: Any) -> str:
        """A DPoP proof; `changes` to claims, or to the header with `header={...}`; None leaves a member out."""
        header = {"typ": "dpop+jwt", "jwk": self.public, **changes.pop("header", {})}
        claims = {
            "jti": secrets.token_urlsafe(16), "htm": method, "htu": url,
            "iat": int(time.time() if now is None else now),
            "ath": None if token is None else _hash(token),
        }  # fmt: skip
        return sign(header, {**claims, **changes}, changes.pop("sign_with", self.key), self.algorithm)

    def headers(self, method: str, url: str, token: str) -> dict[str, str]:
        """The two headers of an authenticated request."""
        return {"Authorization": f"DPoP {token}", "DPoP": self.proof(method, url, token)}


def _hash(token: str) -> str:
    return _encode(hashlib.sha256(token.encode()).digest())


def _encode(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
