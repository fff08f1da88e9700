"""Access tokens: JWTs of type at+jwt (RFC 9068) with the Solid-OIDC claims, bound to a key (RFC 7800, RFC 9449).

Who issued a token is looked up by its `iss`: now only our own issuer is known. Other Solid-OIDC issuers come in through
the same seam, a `KeySource` that answers for them, with the check that the WebID names its issuer (Solid-OIDC, 8.1).
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import Key

from werkpod.pod.authn import signatures
from werkpod.pod.authn.errors import ALGORITHMS, InvalidToken

AUDIENCE = "solid"
MAX_TOKEN = 8192
LEEWAY = 10
"""Seconds that another issuer's clock may differ from ours."""
_CACHED = 8192


class KeySource(Protocol):
    """Where the keys of issuers come from."""

    async def key(self, issuer: str, kid: str | None, webid: str | None) -> Key | None:
        """The public key `kid` of an issuer that may speak for `webid`; None for another issuer or another key.

        Must not be slow for what was asked before, and must not raise for what it does not know.
        """
        ...


class OwnKeys(KeySource):
    """The keys of our own issuer, which speaks for WebIDs under `base_url` and for no others."""

    def __init__(self, issuer: str, keys: Callable[[], list[Key]], *, base_url: str) -> None:
        self._issuer, self._keys, self._prefix = issuer, keys, base_url + "/"

    async def key(self, issuer: str, kid: str | None, webid: str | None) -> Key | None:
        """The key with this `kid`, or the only one there is."""
        if issuer != self._issuer or not (webid is None or webid.startswith(self._prefix)):
            return None
        keys = self._keys()
        if kid is None:
            return keys[0] if len(keys) == 1 else None
        return next((key for key in keys if key.kid == kid), None)


class _Confirmation(msgspec.Struct):
    jkt: str


class _Claims(msgspec.Struct):
    iss: str
    aud: str | list[str]
    exp: float
    iat: float
    cnf: _Confirmation
    webid: str | None = None
    sub: str | None = None
    client_id: str | None = None
    azp: str | None = None
    nbf: float | None = None
    grant: str | None = None
    confined: bool = False
    family: str | None = None


_CLAIMS = msgspec.json.Decoder(_Claims)
_HEADER = msgspec.json.Decoder(dict[str, object])


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a verified token says. `jkt`: the thumbprint of the key that it is bound to; `expires`: Unix seconds.

    `family`: all tokens of one authorization; revoked as one (`consent.oauth.store`).
    """

    webid: str | None
    client: str | None
    jkt: str
    expires: float
    grant: str | None
    confined: bool
    family: str | None = None


class TokenVerifier:
    """Verifies tokens; a token that was verified is known by its SHA-256 until it expires (bounded).

    Nothing of a decision is cached, only that the signature holds: grants are looked at in each request.
    """

    def __init__(self, keys: KeySource, *, clock: Callable[[], float]) -> None:
        self._keys, self._clock = keys, clock
        self._known: OrderedDict[bytes, AccessToken] = OrderedDict()

    async def verify(self, token: str) -> AccessToken:
        """What the token says. Raises InvalidToken."""
        if len(token) > MAX_TOKEN or not token.isascii():
            raise InvalidToken("An access token here is a JWT of at most 8 KB.")
        mark = hashlib.sha256(token.encode()).digest()
        known = self._known.get(mark)
        if known is None:
            known = self._known[mark] = await self._verify(token)
            if len(self._known) > _CACHED:
                self._known.popitem(last=False)
        if known.expires <= self._clock():
            self._known.pop(mark, None)
            raise InvalidToken("The access token has expired; get a new one with the refresh token.")
        return known

    async def _verify(self, token: str) -> AccessToken:
        header, unverified = _peek(token)  # the very bytes whose signature is checked below
        algorithm, kid = header.get("alg"), header.get("kid")
        if str(header.get("typ", "")).lower().removeprefix("application/") != "at+jwt":
            raise InvalidToken("This is not an access token: its typ is not at+jwt (RFC 9068, 2.1).")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise InvalidToken(f"The access token's alg is not one of {', '.join(ALGORITHMS)}.")
        if "crit" in header:
            raise InvalidToken("The access token has a crit header; no extension is known here (RFC 7515, 4.1.11).")
        key = await self._keys.key(unverified.iss, kid if isinstance(kid, str) else None, unverified.webid)
        if key is None:
            raise InvalidToken("The access token's issuer or key is not known here, or may not speak for this WebID.")
        try:
            holds = signatures.verify(algorithm, key, *signatures.parts(token))
        except (JoseError, ValueError, TypeError) as error:
            raise InvalidToken(f"The access token's signature cannot be checked: {error}.") from None
        if not holds:
            raise InvalidToken("The access token's signature does not hold.")
        return self._checked(unverified)

    def _checked(self, claims: _Claims) -> AccessToken:
        audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        if audience != [AUDIENCE]:
            raise InvalidToken(f"The access token's aud is {AUDIENCE!r} and nothing else.")
        now = self._clock()
        if claims.exp <= now or claims.iat > now + LEEWAY or (claims.nbf is not None and claims.nbf > now + LEEWAY):
            raise InvalidToken("The access token has expired, or is not valid yet.")
        client = claims.client_id or claims.azp
        if not claims.cnf.jkt or not (claims.webid or claims.confined):
            raise InvalidToken("The access token names its WebID (webid) and the key it is bound to (cnf.jkt).")
        if claims.confined and not (claims.grant and client):
            raise InvalidToken("A confined access token names its grant and its client.")
        return AccessToken(
            claims.webid, client, claims.cnf.jkt, claims.exp, claims.grant, claims.confined, claims.family
        )


def _peek(token: str) -> tuple[dict[str, object], _Claims]:
    """Header and claims before anything is verified."""
    try:
        header, payload, _ = signatures.parts(token)
        return _HEADER.decode(signatures.decode(header)), _CLAIMS.decode(signatures.decode(payload))
    except (ValueError, msgspec.DecodeError, RecursionError) as error:
        raise InvalidToken(f"The access token is not a JWT with the claims of an access token: {error}.") from None
