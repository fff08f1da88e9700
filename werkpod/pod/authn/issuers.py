"""Issuers elsewhere: which keys they sign with, and whether a WebID names them (Solid-OIDC, "ID Token validation").

Anybody can be an issuer. What makes one count is that the WebID that a token is for names it: the document at that
WebID says `solid:oidcIssuer`, the issuer's discovery document says the same name and where its keys are. All three
names are compared as they are written, byte for byte, as other servers do.

Keys come first and the WebID after the signature, so that who cannot sign for an issuer makes us read nobody's WebID.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import pyoxigraph as ox
from joserfc.jwk import Key

from werkpod.pod.authn import keys
from werkpod.pod.authn.errors import InvalidToken
from werkpod.pod.elsewhere import Elsewhere, Remembered, TooBusy
from werkpod.pod.ldp import graphs
from werkpod.web.client import Fetched, FetchRefused
from werkpod.web.errors import Unavailable

OIDC_ISSUER = graphs.PREFIXES["solid"] + "oidcIssuer"
DISCOVERY = "/.well-known/openid-configuration"
KEYS_AGAIN = 30.0
"""Seconds between two looks at an issuer's keys for one that is not among them."""
_WEBID_LIMIT = 256 << 10
_JSON_LIMIT = 64 << 10
_MOST_KEYS = 32
_KEPT = 8 << 10
"""Characters that are kept of a WebID document."""
LONGEST = 512
"""Characters of a WebID, an issuer or a client that a token elsewhere may name: they are kept, and stand in logs."""
_ISSUERS, _WEBIDS = 256, 4096

_Jwk = Mapping[str, object]
_Named = Mapping[str, frozenset[str]]


class _Metadata(msgspec.Struct):
    issuer: str
    jwks_uri: str


class _KeySet(msgspec.Struct):
    keys: list[dict[str, object]]


_METADATA = msgspec.json.Decoder(_Metadata)
_KEY_SET = msgspec.json.Decoder(_KeySet)


class ForeignIssuers:
    """Issuers that are not ours. Our own base URL is never one of them, nor are WebIDs under it theirs to speak for."""

    def __init__(self, elsewhere: Elsewhere) -> None:
        self._elsewhere = elsewhere
        self._metadata = Remembered(
            elsewhere, _metadata, accept="application/json", limit=_JSON_LIMIT, count=_ISSUERS,
            shortest=60.0, usual=600.0, longest=3600.0,
        )  # fmt: skip
        self._keys = Remembered(
            elsewhere, _key_set, accept="application/jwk-set+json, application/json", limit=_JSON_LIMIT, count=_ISSUERS,
            shortest=60.0, usual=600.0, longest=3600.0,
        )  # fmt: skip
        self._webids = Remembered(
            elsewhere, _issuers_named, accept="text/turtle, application/ld+json;q=0.9, application/n-triples;q=0.8",
            limit=_WEBID_LIMIT, count=_WEBIDS, shortest=60.0, usual=300.0, longest=600.0,
        )  # fmt: skip

    def check(self, issuer: str, webid: str) -> None:
        """Raise InvalidToken where one cannot be an issuer elsewhere, or the other a WebID that it speaks for."""
        for name, value in (("iss", issuer), ("webid", webid)):
            if len(value) > LONGEST:
                raise InvalidToken(f"The access token's {name} has more than {LONGEST} characters.")
            try:
                self._elsewhere.check(value)
            except FetchRefused as error:
                raise InvalidToken(f"The access token's {name} cannot be used: {error.detail}") from None
        if "?" in issuer or "#" in issuer:
            raise InvalidToken("The access token's iss is a URL without query and fragment (OpenID Connect Core, 2).")

    async def key(self, issuer: str, kid: str | None, algorithm: str) -> Key:
        """The key of an issuer for a token. Raises InvalidToken where the issuer or the key cannot be had, Unavailable.

        A `kid` that is not among the keys makes us look again, not more often than each KEYS_AGAIN seconds.
        """
        try:
            metadata = await self._metadata.get(issuer.rstrip("/") + DISCOVERY)
            if metadata.issuer != issuer:
                raise InvalidToken("The access token's iss is not the issuer that its discovery document names.")
            known = await self._keys.get(metadata.jwks_uri, party=issuer)
            found = _choose(known, kid, algorithm)
            if found is None:
                known = await self._keys.get(metadata.jwks_uri, party=issuer, newer_than=KEYS_AGAIN)
                found = _choose(known, kid, algorithm)
        except TooBusy as error:
            raise Unavailable(error.detail) from None
        except FetchRefused as error:
            raise InvalidToken(f"The keys of the access token's issuer could not be read: {error.detail}") from None
        if found is None:
            raise InvalidToken("The access token's key is not among the keys of its issuer.")
        try:
            return keys.public_key(found, algorithm)
        except ValueError as error:
            raise InvalidToken(f"The key of the access token's issuer is not one to trust: {error}.") from None

    def client(self, named: str | None) -> str | None:
        """The app that a token names; none where it is one of ours, which nobody elsewhere can vouch for.

        Raises InvalidToken for a name that is too long.
        """
        if named is not None and len(named) > LONGEST:
            raise InvalidToken(f"The access token's client has more than {LONGEST} characters.")
        return None if named is None or self._elsewhere.is_own(named) else named

    async def require_named(self, webid: str, issuer: str) -> None:
        """Raise InvalidToken unless the document of `webid` names `issuer` (Solid-OIDC: oidc-issuer-discovery).

        Raises Unavailable where that cannot be looked up now.
        """
        document = webid.partition("#")[0]
        try:
            named = await self._webids.get(document, party=issuer)
        except TooBusy as error:
            raise Unavailable(error.detail) from None
        except FetchRefused as error:
            raise InvalidToken(f"The access token's WebID could not be read: {error.detail}") from None
        if issuer not in named.get(webid, ()):
            raise InvalidToken("The access token's WebID does not name its issuer as solid:oidcIssuer.")


def _metadata(found: Fetched) -> _Metadata:
    """What is needed of a discovery document (OpenID Connect Discovery, 3)."""
    try:
        said = _METADATA.decode(found.body)
    except (msgspec.DecodeError, RecursionError):
        raise FetchRefused("The discovery document is not JSON with issuer and jwks_uri.") from None
    if max(len(said.issuer), len(said.jwks_uri)) > LONGEST:
        raise FetchRefused(f"The discovery document names addresses of more than {LONGEST} characters.")
    return said


def _key_set(found: Fetched) -> Sequence[_Jwk]:
    """The keys of a JWK set (RFC 7517, 5), without what is not needed of them."""
    try:
        said = _KEY_SET.decode(found.body)
    except (msgspec.DecodeError, RecursionError):
        raise FetchRefused("The keys are not a JWK set.") from None
    wanted = (*keys.PUBLIC, "kid", "alg", "use")
    return [{name: jwk[name] for name in wanted if name in jwk} for jwk in said.keys[:_MOST_KEYS]]


def _choose(found: Sequence[_Jwk], kid: str | None, algorithm: str) -> _Jwk | None:
    """The key that a token names; without a `kid`, the only one that its algorithm can be of."""
    fitting = [jwk for jwk in found if keys.fits(jwk, algorithm) and kid in (None, jwk.get("kid"))]
    return fitting[0] if fitting and (kid is not None or len(fitting) == 1) else None


def _issuers_named(found: Fetched) -> _Named:
    """The issuers that a WebID document names, by WebID; of WebIDs of that document only."""
    named: dict[str, set[str]] = {}
    kept = 0
    for triple in graphs.parse(found.body, found.media_type, found.url).triples:
        if triple.predicate.value != OIDC_ISSUER or not isinstance(triple.subject, ox.NamedNode):
            continue
        webid = triple.subject.value
        if isinstance(triple.object, ox.NamedNode) and webid.partition("#")[0] == found.url:
            kept += len(webid) + len(triple.object.value)
            if kept > _KEPT:
                break
            named.setdefault(webid, set()).add(triple.object.value)
    return {webid: frozenset(issuers) for webid, issuers in named.items()}
