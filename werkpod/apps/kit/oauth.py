"""The OAuth client of an app: authorization code with PKCE, DPoP and private_key_jwt, and what must be checked.

RFC 6749 (code), 9126 (PAR), 7636 (PKCE, S256), 9449 (DPoP), 7523 (client authentication by a signed assertion), 9396
(authorization_details), 9207 (`iss` in the answer), 9700 (best current practice). The same code works with an
authorization server in the same process and with one across the network: all HTTP goes through the given client.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import httpx2
import msgspec
from joserfc import jwt

from werkpod.apps.kit.dpop import ProofKey
from werkpod.apps.kit.errors import AccessRefused, AuthorizationFailed, LinkClosed, PodUnavailable, Stopped
from werkpod.apps.kit.keys import AppKeys
from werkpod.apps.kit.session import Session, Transaction
from werkpod.apps.kit.wire import (
    DEFAULT_SCOPE,
    AccessRequest,
    ErrorAnswer,
    Metadata,
    PushAnswer,
    TokenAnswer,
    decode_error,
    decode_json,
)

SHARE_LINK_GRANT = "urn:werkpod:params:oauth:grant-type:share-link"
"""The extension grant (RFC 6749, 4.5) that turns a share link into a token."""

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_SECONDS = 60
_REMEMBER_SECONDS = 60.0
_REMEMBER_COUNT = 1024


class OAuthClient:
    """One app at one authorization server. `issuer` is compared byte for byte with what the server says of itself.

    `http` must keep no cookies (`werkpod.web.client.guarded_client` keeps none): one client serves every person.
    """

    def __init__(
        self, http: httpx2.AsyncClient, *, issuer: str, client_id: str, redirect_uri: str, keys: AppKeys,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.issuer, self.client_id, self.redirect_uri = issuer, client_id, redirect_uri
        self._http, self._keys, self._clock = http, keys, clock
        self._metadata: Metadata | None = None
        self._renewals: OrderedDict[bytes, tuple[float, asyncio.Task[Session]]] = OrderedDict()

    async def metadata(self) -> Metadata:
        """The server's addresses, asked once. Raises PodUnavailable when they cannot be had or name another issuer."""
        if self._metadata is None:
            response = await self._send("GET", f"{self.issuer}/.well-known/openid-configuration")
            if response.status_code != 200:
                raise PodUnavailable(f"{response.url} answered {response.status_code} instead of 200")
            found: Metadata = decode_json(response, Metadata)
            # RFC 8414, 3.3: the issuer in the document must be identical to the one that was asked.
            if found.issuer != self.issuer:
                raise PodUnavailable(f"{response.url} says that its issuer is {found.issuer!r}, not {self.issuer!r}")
            self._metadata = found
        return self._metadata

    async def begin(
        self, access: AccessRequest | None, *, onward: bytes = b"", again: bool = False
    ) -> tuple[str, Transaction]:
        """The address to send the browser to, and the transaction to keep in its cookie until it comes back.

        `onward` is handed back in the transaction, for the app to go on where the person was. Without `access` the
        citizen chooses what to give. `again`: ask, also when what is needed was given before (OIDC Core, 3.1.2.1).
        """
        proof = ProofKey.generate()
        transaction = Transaction(
            started=self._clock(), state=secrets.token_urlsafe(24), verifier=secrets.token_urlsafe(48),
            proof=proof.text, onward=onward,
        )  # fmt: skip
        challenge = hashlib.sha256(transaction.verifier.encode("ascii")).digest()
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": DEFAULT_SCOPE,
            "state": transaction.state,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
            "dpop_jkt": proof.thumbprint,
        }
        if again:
            query["prompt"] = "consent"
        if access is not None:
            query["authorization_details"] = msgspec.json.encode([access.detail()]).decode()
        return await self._pushed(query), transaction

    async def _pushed(self, query: Mapping[str, str]) -> str:
        """The address for the browser, with the request pushed first: RFC 9126. What is asked is then in no browser's
        history and nobody's to change on the way. A server that takes no pushed requests gets it in the address.
        """
        server = await self.metadata()
        endpoint = server.pushed_authorization_request_endpoint
        if not endpoint:
            return f"{server.authorization_endpoint}?{urlencode(query)}"
        response = await self._send("POST", endpoint, data={**query, **self._authentication()})
        if response.status_code != 201:
            error = decode_error(response)
            raise PodUnavailable(f"{endpoint} refused the request: {error.error} {error.error_description}")
        pushed: PushAnswer = decode_json(response, PushAnswer)
        short = {"client_id": self.client_id, "request_uri": pushed.request_uri}
        return f"{server.authorization_endpoint}?{urlencode(short)}"

    async def finish(self, transaction: Transaction | None, answer: Mapping[str, str]) -> Session:
        """The session that follows from the answer at the redirect address.

        Raises AccessRefused when the citizen said no and AuthorizationFailed for anything else than a good answer.
        The order is that of RFC 9207, 2.4 and RFC 9700, 4.7: state and issuer first, error or code after.
        """
        if transaction is None:
            raise AuthorizationFailed(
                "no authorization was begun in this browser, or over 10 minutes ago", reason="no_transaction"
            )
        if not hmac.compare_digest(answer.get("state", "").encode(), transaction.state.encode()):
            raise AuthorizationFailed(
                "`state` is not the one that this browser was sent off with", reason="wrong_state"
            )
        if answer.get("iss") != self.issuer:
            raise AuthorizationFailed(f"`iss` is {answer.get('iss')!r}, not {self.issuer!r}", reason="wrong_issuer")
        if "error" in answer:
            if answer["error"] == "access_denied":
                raise AccessRefused("the citizen said no on the consent page")
            raise AuthorizationFailed(answer.get("error_description") or answer["error"], reason=answer["error"])
        if not answer.get("code"):
            raise AuthorizationFailed("the answer has neither `code` nor `error`", reason="no_code")
        proof = ProofKey(transaction.proof)
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": self.redirect_uri,
            "code_verifier": transaction.verifier,
        }
        token = await self._token(form, proof)
        if isinstance(token, ErrorAnswer):
            raise AuthorizationFailed(token.error_description or token.error, reason=token.error)
        return self._session(token, proof)

    async def open_link(self, link: str, passcode: str = "") -> Session:
        """The session of an opened share link; one view is counted. Raises LinkClosed, the same for every cause."""
        proof = ProofKey.generate()
        form = {"grant_type": SHARE_LINK_GRANT, "link": link}
        if passcode:
            form["passcode"] = passcode
        token = await self._token(form, proof)
        if isinstance(token, ErrorAnswer):
            if token.error in ("invalid_grant", "invalid_request", "access_denied"):
                raise LinkClosed("the link does not open: unknown, over, used up, stopped, or another passcode")
            raise PodUnavailable(f"the token endpoint refused the app itself: {token.error} {token.error_description}")
        return self._session(token, proof)

    async def renew(self, session: Session) -> Session:
        """The session with fresh tokens; requests at the same time, or just after, get the same answer.

        A refresh token works once, and a second use counts as theft (RFC 9700, 4.14.2); a browser sends several
        requests with one cookie. So each refresh token is used by one request, and the others wait for its answer,
        which is remembered for a minute. Raises Stopped when the server does not renew any more.
        """
        if not session.refresh_token:
            raise Stopped("the access token is over and there is no refresh token")
        now = self._clock()
        while self._renewals and (
            len(self._renewals) > _REMEMBER_COUNT or next(iter(self._renewals.values()))[0] < now - _REMEMBER_SECONDS
        ):
            self._renewals.popitem(last=False)
        name = hashlib.sha256(session.refresh_token.encode()).digest()
        if name not in self._renewals:
            self._renewals[name] = (now, asyncio.create_task(self._renew(session)))
        task = self._renewals[name][1]
        try:
            # Shielded: a browser that goes away must not cancel the renewal that others wait for.
            return await asyncio.shield(task)
        except PodUnavailable:
            self._renewals.pop(name, None)
            raise

    async def end(self, session: Session) -> None:
        """Give the tokens back (RFC 7009). The grant stays: the citizen stops sharing on the dashboard."""
        endpoint = (await self.metadata()).revocation_endpoint
        if endpoint and session.refresh_token:
            form = {"token": session.refresh_token, "token_type_hint": "refresh_token", **self._authentication()}
            await self._send("POST", endpoint, data=form)

    async def _renew(self, session: Session) -> Session:
        proof = ProofKey(session.proof)
        token = await self._token({"grant_type": "refresh_token", "refresh_token": session.refresh_token}, proof)
        if isinstance(token, ErrorAnswer):
            if token.error == "invalid_grant":
                raise Stopped("the authorization server does not renew this session: sharing was stopped or is over")
            raise PodUnavailable(f"the token endpoint answered {token.error}: {token.error_description}")
        fresh = self._session(token, proof)
        return msgspec.structs.replace(
            fresh,
            started=session.started,
            refresh_token=fresh.refresh_token or session.refresh_token,
            webid=fresh.webid or session.webid,
            storage=fresh.storage or session.storage,
            sections=fresh.sections or session.sections,
            actions=fresh.actions or session.actions,
        )

    async def _token(self, form: Mapping[str, str], proof: ProofKey) -> TokenAnswer | ErrorAnswer:
        """One request at the token endpoint: the tokens, or the OAuth error of a 400 or 401."""
        endpoint = (await self.metadata()).token_endpoint
        headers = {"DPoP": proof.proof("POST", endpoint, now=self._clock())}
        response = await self._send("POST", endpoint, data={**form, **self._authentication()}, headers=headers)
        if response.status_code in (400, 401, 403, 404):
            return decode_error(response)
        if response.status_code != 200:
            raise PodUnavailable(f"{endpoint} answered {response.status_code} instead of 200")
        answer: TokenAnswer = decode_json(response, TokenAnswer)
        # RFC 9449, 5: a token that is not bound to the key could be used by anyone who finds it.
        if answer.token_type.lower() != "dpop":
            raise PodUnavailable(f"{endpoint} gave a {answer.token_type!r} token; only DPoP-bound tokens are used here")
        return answer

    def _authentication(self) -> dict[str, str]:
        """Client authentication by a signed assertion (RFC 7523, 2.2; audience is the issuer, RFC 7523bis)."""
        now = int(self._clock())
        claims = {
            "iss": self.client_id, "sub": self.client_id, "aud": self.issuer, "jti": secrets.token_urlsafe(16),
            "iat": now, "exp": now + _ASSERTION_SECONDS,
        }  # fmt: skip
        header = {"alg": "ES256", "kid": self._keys.key_id}
        assertion = jwt.encode(header, claims, self._keys.signing, algorithms=["ES256"])
        return {"client_id": self.client_id, "client_assertion_type": _ASSERTION, "client_assertion": assertion}

    async def _send(
        self, method: str, url: str, *, data: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        try:
            return await self._http.request(method, url, data=data, headers=headers, follow_redirects=False)
        except httpx2.RequestError as error:
            raise PodUnavailable(f"{url} cannot be reached: {type(error).__name__}") from error

    def _session(self, token: TokenAnswer, proof: ProofKey) -> Session:
        now = self._clock()
        return Session(
            started=now, proof=proof.text, access_token=token.access_token, expires=now + token.expires_in,
            refresh_token=token.refresh_token, webid=token.webid, storage=token.storage,
            sections=token.sections, actions=token.actions,
        )  # fmt: skip
