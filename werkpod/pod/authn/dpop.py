"""DPoP proofs (RFC 9449): that who sends an access token has the key that it was made for.

`htu` is compared with the configured base URL and the raw path, never with a Host header (CVE-2026-48710).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import Key

from werkpod.pod.authn import keys, signatures
from werkpod.pod.authn.errors import ALGORITHMS, InvalidProof
from werkpod.pod.authn.replay import WINDOW, ReplayCache

MAX_PROOF = 8192
_KEYS = 4096
_UNRESERVED = re.compile(r"%([0-9A-Fa-f]{2})")
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class _Claims(msgspec.Struct):
    jti: str
    htm: str
    htu: str
    iat: float
    ath: str | None = None
    nbf: float | None = None
    exp: float | None = None


_CLAIMS = msgspec.json.Decoder(_Claims)


@dataclass(slots=True)
class ProofKey:
    """The key of a proof's header, with its thumbprint (RFC 7638) and the algorithm that the header names.

    `names_token`: whether a proof of it had `ath` before.
    """

    key: Key
    thumbprint: str
    algorithm: str
    names_token: bool = False


class ProofChecker:
    """Checks proofs. Keeps the keys that it met (bounded): building one costs more than looking at the claims."""

    def __init__(self, replay: ReplayCache, *, clock: Callable[[], float]) -> None:
        self._replay, self._clock = replay, clock
        self._keys: OrderedDict[str, ProofKey] = OrderedDict()

    def check(self, proof: str, method: str, url: str, access_token: str | None) -> str:
        """The thumbprint of the key that made `proof` for this request and token. Raises InvalidProof (RFC 9449, 4.3).

        `url`: the configured base URL and the raw path. `access_token` None: at a token endpoint, which asks no `ath`.
        An `ath` that is there must be right. One that is not there is let through for a key that never showed one.
        """
        try:
            header, payload, signature = signatures.parts(proof[: MAX_PROOF + 1])
        except ValueError:
            raise InvalidProof("The DPoP header has one JWS in compact form, of at most 8 KB.") from None
        found = self._key(header)
        try:
            if not signatures.verify(found.algorithm, found.key, header, payload, signature):
                raise InvalidProof("The proof's signature does not hold for the jwk in its header.")
            claims = _CLAIMS.decode(signatures.decode(payload))
        except (JoseError, ValueError, TypeError, RecursionError) as error:
            raise InvalidProof(f"The proof cannot be read: {error}.") from None
        self._check_claims(claims, method, url)
        if access_token is not None:
            _check_token(claims, found, access_token)
        if not self._replay.first(found.thumbprint, claims.jti, claims.iat, self._clock()):
            raise InvalidProof("This proof was used before; make a new one, with another jti, for each request.")
        return found.thumbprint

    def _check_claims(self, claims: _Claims, method: str, url: str) -> None:
        now = self._clock()
        if abs(now - claims.iat) > WINDOW:
            raise InvalidProof(f"The proof's iat is more than {WINDOW} seconds from now ({int(now)}).")
        if (claims.nbf or now) > now + WINDOW or (claims.exp or now) < now - WINDOW:
            raise InvalidProof("The proof is not valid yet, or not any more (nbf, exp).")
        if not 1 <= len(claims.jti) <= 512:
            raise InvalidProof("The proof's jti is missing or too long.")
        if claims.htm != method:
            raise InvalidProof(f"The proof's htm is not {method}.")
        if claims.htu != url and normal(claims.htu) != normal(url):
            raise InvalidProof(f"The proof's htu is not {url}.")

    def _key(self, header: str) -> ProofKey:
        known = self._keys.get(header)
        if known is None:
            known = self._keys[header] = _read_header(header)
            if len(self._keys) > _KEYS:
                self._keys.popitem(last=False)
        else:
            self._keys.move_to_end(header)
        return known


def _check_token(claims: _Claims, key: ProofKey, access_token: str) -> None:
    """Raise InvalidProof where the proof is for another token, or names none though its key knows how (decision 19).

    RFC 9449 (4.3, 10) wants `ath`; the libraries that most Solid apps are made with leave it out. Who has no key cannot
    take it out of a proof, and a token goes with proofs of its own key only; but a client that does it right once is
    held to it, so that nobody can bring it back to less.
    """
    if claims.ath is None:
        if key.names_token:
            raise InvalidProof("The proof has no ath, and earlier proofs of this key had one (RFC 9449, 4.2).")
    elif claims.ath != token_hash(access_token):
        raise InvalidProof("The proof's ath is not the hash of the access token that came with it.")
    else:
        key.names_token = True


def _read_header(header: str) -> ProofKey:
    try:
        fields = msgspec.json.decode(signatures.decode(header), type=dict[str, object])
    except (ValueError, msgspec.DecodeError, RecursionError):
        raise InvalidProof("The proof's header is not base64url of JSON.") from None
    algorithm, jwk = fields.get("alg"), fields.get("jwk")
    if fields.get("typ") != "dpop+jwt":
        raise InvalidProof("The proof's typ is not dpop+jwt.")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise InvalidProof(f"The proof's alg is not one of {', '.join(ALGORITHMS)}.")
    if "crit" in fields:
        raise InvalidProof("The proof has a crit header; no extension is known here (RFC 7515, 4.1.11).")
    if not isinstance(jwk, dict):
        raise InvalidProof("The proof has no jwk in its header.")
    if any(name in jwk for name in keys.PRIVATE):
        raise InvalidProof("The proof's jwk has a private key in it; make a new key, this one is known now.")
    if not keys.fits(jwk, algorithm):
        raise InvalidProof(f"The proof's jwk is not a key for {algorithm}.")
    try:
        key = keys.public_key(jwk, algorithm)
        return ProofKey(key, key.thumbprint(), algorithm)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise InvalidProof(f"The proof's jwk is not a key: {error}.") from None


def token_hash(token: str) -> str:
    """The `ath` of a token: base64url of its SHA-256 (RFC 9449, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode("ascii", "replace")).digest()).rstrip(b"=").decode()


def normal(url: str) -> str:
    """A URL without query and fragment, in the normal form of RFC 3986, 6.2.2-3; dot segments are left as they are."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    default = {"http": 80, "https": 443}.get(scheme)
    if parts.username is not None or not host:
        return ""
    path = _UNRESERVED.sub(lambda m: c if (c := chr(int(m[1], 16))) in _PLAIN else m[0].upper(), parts.path or "/")
    return f"{scheme}://{host}{'' if port in (None, default) else f':{port}'}{path}"
