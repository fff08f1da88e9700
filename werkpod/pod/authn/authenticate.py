"""From the headers of a request to who asks."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable

from werkpod.pod.access.model import Requester
from werkpod.pod.authn.dpop import ProofChecker
from werkpod.pod.authn.errors import InvalidProof, InvalidToken, challenge
from werkpod.pod.authn.issuers import ForeignIssuers
from werkpod.pod.authn.replay import ReplayCache
from werkpod.pod.authn.tokens import KeySource, TokenVerifier
from werkpod.web.errors import Unauthorized


class Authenticator:
    """Reads `Authorization` and `DPoP`. One for a server: it holds the cache of proofs that were used.

    `revoked` says of a token's family whether it was revoked; asked at each request, never remembered. `foreign`: what
    is known of issuers elsewhere; without it, only tokens of our own `issuer` are taken.
    """

    def __init__(
        self,
        keys: KeySource,
        *,
        issuer: str,
        realm: str | None = None,
        replay: ReplayCache | None = None,
        clock: Callable[[], float] = time.time,
        revoked: Callable[[str], Awaitable[bool]] | None = None,
        foreign: ForeignIssuers | None = None,
    ) -> None:
        self.issuer, self.realm = issuer, realm or issuer
        self._tokens = TokenVerifier(keys, issuer=issuer, clock=clock, foreign=foreign)
        self._revoked = revoked
        self._proofs = ProofChecker(replay or ReplayCache(), clock=clock)

    def challenge(self, error: Unauthorized) -> str:
        """The WWW-Authenticate header that goes with an error."""
        return challenge(self.issuer, self.realm, error)

    async def __call__(self, headers: Iterable[tuple[bytes, bytes]], method: str, url: str) -> Requester:
        """Who asks. `headers`: raw, names in lower case (ASGI); `url`: the configured base URL and the raw path.

        Without an Authorization header it is the public, whatever else was sent. Raises InvalidToken and InvalidProof,
        with their WWW-Authenticate header.
        """
        authorization: list[bytes] = []
        proofs: list[bytes] = []
        origin: str | None = None
        for name, value in headers:
            if name == b"authorization":
                authorization.append(value)
            elif name == b"dpop":
                proofs.append(value)
            elif name == b"origin":
                origin = value.decode("latin-1")
        try:
            return await self._requester(authorization, proofs, method, url, origin)
        except Unauthorized as error:
            error.headers.setdefault("WWW-Authenticate", self.challenge(error))
            raise

    async def _requester(
        self, authorization: list[bytes], proofs: list[bytes], method: str, url: str, origin: str | None
    ) -> Requester:
        if not authorization:
            if proofs:
                raise InvalidToken("A DPoP proof came without an access token.")
            return Requester(origin=origin)
        if len(authorization) > 1:
            raise InvalidToken("There is more than one Authorization header.")
        scheme, _, token = authorization[0].decode("latin-1").strip().partition(" ")
        token = token.strip()
        if scheme.lower() != "dpop":
            raise InvalidToken("Access tokens are sent as 'Authorization: DPoP <token>' with a proof (RFC 9449, 7.1).")
        if len(proofs) != 1:
            raise InvalidProof(f"A request has one DPoP header; this one has {len(proofs)}.")
        said = await self._tokens.verify(token)
        thumbprint = self._proofs.check(proofs[0].decode("latin-1"), method, url, token)
        if thumbprint != said.jkt:
            raise InvalidProof("The proof was made with another key than the one that the access token is bound to.")
        if said.family is not None and self._revoked is not None and await self._revoked(said.family):
            raise InvalidToken("The access token was revoked, with all that came out of the same authorization.")
        return Requester(said.webid, said.client, said.grant, confined=said.confined, origin=origin, issuer=said.issuer)
