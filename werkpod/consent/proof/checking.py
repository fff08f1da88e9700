"""Checking a signed proof with published keys alone: for the server, the verify page and the offline command.

A proof is a JWS in compact form (RFC 7515, 7.1), ES256, with `typ` (what it is), `kid` and `iat` (when it was signed,
Unix seconds) in its protected header. A key says when it signs: `nbf`, `exp` once it has a successor, and `revoked`
where it was stolen (the members of OpenID Federation 1.0, "Federation Historical Keys").
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from joserfc.registry import HeaderParameter

from werkpod.consent.proof.errors import ProofRefused

ALGORITHM = "ES256"
JWS_LIMIT = 64 << 10
"""Bytes that a proof may have."""
_MOST_KEYS = 1000  # a new one each year


@dataclass(frozen=True, slots=True)
class Checked:
    """A proof that holds: its payload, byte for byte; the key; when it was signed (Unix seconds)."""

    payload: bytes
    kid: str
    at: int


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A published key. Times in Unix seconds; `exp` None: it still signs; `revoked`: from when nobody may trust it."""

    key: ECKey
    nbf: int
    exp: int | None = None
    revoked: int | None = None

    def published(self) -> dict[str, Any]:
        """The key as it stands in the list (RFC 7517, section 4)."""
        members: dict[str, Any] = {**self.key.as_dict(private=False, use="sig", alg=ALGORITHM), "nbf": self.nbf}
        if self.exp is not None:
            members["exp"] = self.exp
        if self.revoked is not None:
            members["revoked"] = {"revoked_at": self.revoked, "reason": "keyCompromise"}
        return members


class PublicKeys:
    """Keys by their id, and what is checked with them."""

    def __init__(self, keys: Iterable[PublicKey]) -> None:
        self._keys = {str(each.key.kid): each for each in keys}

    @classmethod
    def read(cls, document: object) -> PublicKeys:
        """The keys of a JWKS as `/.well-known/werkpod-proof-keys` has it. Raises ProofRefused: that is not one."""
        listed = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(listed, list) or not listed or len(listed) > _MOST_KEYS:
            raise ProofRefused("key", "The list of keys is not a JWKS: a JSON object with a list `keys`.")
        return cls(_public(each) for each in listed)

    def get(self, kid: str) -> PublicKey | None:
        """The key with this id."""
        return self._keys.get(kid)

    def check(self, signed: str, typ: str, *, payload: bytes | None = None) -> Checked:
        """What was signed, when every check holds. `payload`: where the JWS is detached (RFC 7515, appendix F).

        One changed byte anywhere fails. Raises ProofRefused that names the check.
        """
        header = _header_of(signed)
        if header.get("typ") != typ:
            raise ProofRefused("kind", f"This was signed as {str(header.get('typ'))[:80]!r}, not as {typ!r}.")
        kid, at = header.get("kid"), header.get("iat")
        if not isinstance(kid, str) or not isinstance(at, int) or isinstance(at, bool):
            raise ProofRefused("form", "The protected header has no `kid` and `iat`.")
        known = self.get(kid)
        if known is None:
            raise ProofRefused("key", f"The key {kid[:80]!r} is not in the list of this server.")
        try:
            found = jws.deserialize_compact(signed, known.key, [ALGORITHM], registry=_REGISTRY, payload=payload)
        except (JoseError, ValueError, TypeError):
            raise ProofRefused("signature", "The signature does not fit what was signed.") from None
        if known.revoked is not None:
            raise ProofRefused("withdrawn", f"The key {kid} was withdrawn: somebody else may have signed with it.")
        if at < known.nbf or (known.exp is not None and at > known.exp):
            raise ProofRefused("period", f"It says that it was signed when the key {kid} did not sign.")
        return Checked(bytes(found.payload or b""), kid, at)


class _Registry(jws.JWSRegistry):
    max_payload_length = JWS_LIMIT


_REGISTRY = _Registry(
    {"iat": HeaderParameter("When it was signed", "int")}, algorithms=[ALGORITHM]
)  # what else is in a header is refused


def sign(payload: bytes, key: ECKey, *, typ: str, cty: str | None, at: int) -> str:
    """A proof over `payload`; `cty`: what the payload is (RFC 7515, 4.1.10)."""
    header: dict[str, Any] = {"alg": ALGORITHM, "typ": typ, "kid": key.kid, "iat": at}
    if cty is not None:
        header["cty"] = cty
    return jws.serialize_compact(header, payload, key, algorithms=[ALGORITHM], registry=_REGISTRY)


def detached(signed: str) -> str:
    """A proof without its payload (RFC 7515, appendix F)."""
    header, _, signature = signed.split(".")
    return f"{header}..{signature}"


def attached(signed: str, payload: bytes) -> str:
    """A proof with the payload in it again."""
    header, _, signature = signed.split(".")
    return f"{header}.{base64.urlsafe_b64encode(payload).rstrip(b'=').decode()}.{signature}"


def unchecked_payload(signed: str) -> bytes:
    """The payload of a proof that nobody checked. Raises ProofRefused: it is not one."""
    _header_of(signed)
    part = signed.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _header_of(signed: str) -> Mapping[str, Any]:
    """The protected header, of a JWS that is written in the one way that there is. Raises ProofRefused.

    The last character of base64url can have bits that stand for nothing; left alone, another signature would pass for
    the same (RFC 4648, section 3.5: a decoder may refuse them).
    """
    parts = signed.split(".")
    if len(signed) > JWS_LIMIT * 2 or len(parts) != 3:
        raise ProofRefused("form", "This is not a signed proof: a JWS has three parts with dots between them.")
    try:
        for part in parts:
            if base64.urlsafe_b64encode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))).rstrip(b"=") != (
                part.encode("ascii")
            ):
                raise ValueError(part)
        header = msgspec.json.decode(base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
    except (ValueError, binascii.Error, msgspec.DecodeError, RecursionError):
        raise ProofRefused("form", "This is not a signed proof: its parts are not base64url.") from None
    if not isinstance(header, dict):
        raise ProofRefused("form", "The protected header is not a JSON object.")
    return header


def _public(listed: object) -> PublicKey:
    try:
        if not isinstance(listed, dict) or (listed.get("kty"), listed.get("crv")) != ("EC", "P-256"):
            raise ValueError
        nbf, exp, revoked = listed["nbf"], listed.get("exp"), listed.get("revoked")
        at = None if revoked is None else int(revoked["revoked_at"])
        key = ECKey.import_key({name: listed[name] for name in ("kty", "crv", "x", "y")})
        key.ensure_kid()  # the thumbprint (RFC 7638): the list cannot give a key the name of another
        return PublicKey(key, int(nbf), None if exp is None else int(exp), at)
    except (JoseError, ValueError, TypeError, KeyError):
        raise ProofRefused("key", "The list has a key that cannot be read: a public P-256 key with `nbf`.") from None
