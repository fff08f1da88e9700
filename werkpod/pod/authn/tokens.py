"""Access tokens: JWTs of type at+jwt (RFC 9068) with the Solid-OIDC claims, bound to a key (RFC 7800, RFC 9449).

Two kinds. Those of our own issuer are what we make them, and nothing else is taken for one. Those of issuers elsewhere
(`issuers.py`) come as other servers make them: some say no typ or JWT, some name more audiences than "solid", and the
client is in client_id or azp. They say who asks, through which app. What our own tokens say besides (`grant`,
`confined`, `family`) means nothing in them.
"""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import Key

from werkpod.pod.authn import signatures
from werkpod.pod.authn.errors import ALGORITHMS, InvalidToken
from werkpod.pod.authn.issuers import ForeignIssuers

AUDIENCE = "solid"
MAX_TOKEN = 8192
LEEWAY = 10
"""Seconds that our own issuer's clock, on another machine, may differ."""
FOREIGN_LEEWAY = 60
"""Seconds that another issuer's clock may differ from ours."""
FOREIGN_AGE = 86_400
"""Seconds that a token of another issuer may be old, whatever it says itself: nobody tells us that it was revoked."""
OWN_AGAIN = 60.0
"""Seconds after which one of our own is looked at again: its key may have been taken away, because it was stolen."""
FOREIGN_AGAIN = 60.0
"""Seconds after which a token of another issuer is looked at again: its key and its WebID may have changed."""
FOREIGN_TYPES = frozenset({"", "jwt", "at+jwt"})
"""Of an issuer elsewhere, also a DPoP-bound ID token: Solid-OIDC makes it for others ("solid" in aud) to take."""
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

    `family`: all tokens of one authorization; revoked as one (`consent.oauth.store`). `again`: when it has to be
    verified anew (Unix seconds).
    """

    webid: str | None
    client: str | None
    jkt: str
    expires: float
    grant: str | None
    confined: bool
    family: str | None = None
    issuer: str | None = None
    again: float = math.inf


class TokenVerifier:
    """Verifies tokens; a token that was verified is known by its SHA-256 for a minute (bounded).

    Nothing of a decision is cached, only that the signature holds: grants are looked at in each request.
    """

    def __init__(
        self, keys: KeySource, *, issuer: str, clock: Callable[[], float], foreign: ForeignIssuers | None = None
    ) -> None:
        self._keys, self._issuer, self._clock, self._foreign = keys, issuer, clock, foreign
        self._known: OrderedDict[bytes, AccessToken] = OrderedDict()

    async def verify(self, token: str) -> AccessToken:
        """What the token says. Raises InvalidToken."""
        if len(token) > MAX_TOKEN or not token.isascii():
            raise InvalidToken("An access token here is a JWT of at most 8 KB.")
        mark = hashlib.sha256(token.encode()).digest()
        known = self._known.get(mark)
        if known is None or known.again <= self._clock():
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
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise InvalidToken(f"The access token's alg is not one of {', '.join(ALGORITHMS)}.")
        if "crit" in header:
            raise InvalidToken("The access token has a crit header; no extension is known here (RFC 7515, 4.1.11).")
        type_, kid = (
            str(header.get("typ") or "").lower().removeprefix("application/"),
            kid if isinstance(kid, str) else None,
        )
        if self._foreign is not None and unverified.iss != self._issuer:
            return await self._verify_foreign(self._foreign, token, algorithm, kid, type_, unverified)
        if type_ != "at+jwt":
            raise InvalidToken("This is not an access token: its typ is not at+jwt (RFC 9068, 2.1).")
        key = await self._keys.key(unverified.iss, kid, unverified.webid)
        if key is None:
            raise InvalidToken("The access token's issuer or key is not known here, or may not speak for this WebID.")
        _require_signature(token, algorithm, key)
        return self._checked(unverified)

    def _checked(self, claims: _Claims) -> AccessToken:
        """A token of our own issuer."""
        audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        if audience != [AUDIENCE]:
            raise InvalidToken(f"The access token's aud is {AUDIENCE!r} and nothing else.")
        self._check_times(claims, LEEWAY)
        client = claims.client_id or claims.azp
        if not claims.cnf.jkt or not (claims.webid or claims.confined):
            raise InvalidToken("The access token names its WebID (webid) and the key it is bound to (cnf.jkt).")
        if claims.confined and not (claims.grant and client):
            raise InvalidToken("A confined access token names its grant and its client.")
        return AccessToken(
            claims.webid, client, claims.cnf.jkt, claims.exp, claims.grant, claims.confined, claims.family, claims.iss,
            again=self._clock() + OWN_AGAIN,
        )  # fmt: skip

    async def _verify_foreign(
        self, foreign: ForeignIssuers, token: str, algorithm: str, kid: str | None, type_: str, claims: _Claims
    ) -> AccessToken:
        """A token of an issuer elsewhere: what can be seen without asking anybody first, then key, signature, WebID."""
        if type_ not in FOREIGN_TYPES:
            raise InvalidToken("The access token's typ is not at+jwt (RFC 9068, 2.1), and not JWT.")
        if AUDIENCE not in ([claims.aud] if isinstance(claims.aud, str) else claims.aud):
            raise InvalidToken(f"The access token's aud is not {AUDIENCE!r}, and does not have it (Solid-OIDC).")
        self._check_times(claims, FOREIGN_LEEWAY)
        now = self._clock()
        if claims.iat < now - FOREIGN_AGE:
            raise InvalidToken("The access token is more than a day old; get a new one.")
        if not claims.cnf.jkt or not claims.webid:
            raise InvalidToken("The access token names its WebID (webid) and the key it is bound to (cnf.jkt).")
        if len(claims.cnf.jkt) != 43:
            raise InvalidToken("The access token's cnf.jkt is not the SHA-256 thumbprint of a key (RFC 7638).")
        foreign.check(claims.iss, claims.webid)
        client = foreign.client(claims.client_id or claims.azp)
        _require_signature(token, algorithm, await foreign.key(claims.iss, kid, algorithm))
        await foreign.require_named(claims.webid, claims.iss)
        return AccessToken(
            claims.webid, client, claims.cnf.jkt, claims.exp, None, False,
            issuer=claims.iss, again=now + FOREIGN_AGAIN,
        )  # fmt: skip

    def _check_times(self, claims: _Claims, leeway: float) -> None:
        now = self._clock()
        if claims.exp <= now or claims.iat > now + leeway or (claims.nbf is not None and claims.nbf > now + leeway):
            raise InvalidToken("The access token has expired, or is not valid yet.")


def _require_signature(token: str, algorithm: str, key: Key) -> None:
    """Raise InvalidToken unless `key` signed the token."""
    try:
        holds = signatures.verify(algorithm, key, *signatures.parts(token))
    except (JoseError, ValueError, TypeError) as error:
        raise InvalidToken(f"The access token's signature cannot be checked: {error}.") from None
    if not holds:
        raise InvalidToken("The access token's signature does not hold.")


def _peek(token: str) -> tuple[dict[str, object], _Claims]:
    """Header and claims before anything is verified."""
    try:
        header, payload, _ = signatures.parts(token)
        return _HEADER.decode(signatures.decode(header)), _CLAIMS.decode(signatures.decode(payload))
    except (ValueError, msgspec.DecodeError, RecursionError) as error:
        raise InvalidToken(f"The access token is not a JWT with the claims of an access token: {error}.") from None
