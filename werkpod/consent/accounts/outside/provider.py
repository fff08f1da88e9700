"""OpenID Connect with an outside provider, through Authlib's client (code flow with PKCE and nonce; Core 1.0, 3.1).

Authlib makes the requests and checks the ID token; what it takes on trust is checked here: that the discovery document
is the issuer's own (Discovery 1.0, 4.3), that the algorithm is an asymmetric one whatever the document says, the `iss`
of the answer (RFC 9207), and that userinfo speaks of the same person (Core, 5.3.2).
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client import BaseApp
from authlib.integrations.base_client.async_app import AsyncOAuth2Mixin
from authlib.integrations.base_client.async_openid import AsyncOpenIDMixin
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, RSAKey

from werkpod.consent.accounts.outside.journey import Journey
from werkpod.consent.accounts.outside.model import OutsideProvider
from werkpod.consent.errors import OutsideRefused, OutsideSilent
from werkpod.web.ids import secret

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "RS384", "RS512", "PS384", "PS512", "EdDSA", "Ed25519")
"""Algorithms of an ID token that are taken: signatures alone, never a secret that both sides know."""
KEEP_SECONDS = 3600.0
"""How long a discovery document and keys are believed; a key that is not among them is looked for at once."""
LEEWAY = 30
"""Seconds that the provider's clock may differ from ours."""
_VALUE_LIMIT = 512


@dataclass(frozen=True, slots=True)
class Person:
    """Who came back: what the provider calls this person for good, and a name, "" where none was told."""

    subject: str
    name: str


class _Kept(httpx2.AsyncBaseTransport):
    """A transport that outlives the clients that Authlib makes for each request."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Nothing: it is somebody else's."""


class _Authlib(AsyncOAuth2Mixin, AsyncOpenIDMixin, BaseApp):
    """Authlib's OpenID client without its web framework part: our sealed cookie keeps the state."""

    client_cls = AsyncOAuth2Client  # type: ignore[assignment]


class Provider:
    """One outside provider. `transport`: guarded (`web.client.GuardedTransport`)."""

    def __init__(
        self,
        configured: OutsideProvider,
        transport: httpx2.AsyncBaseTransport,
        *,
        base_url: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.configured = configured
        self.redirect_uri = f"{base_url}/inloggen/met/{configured.name}/terug"
        self._transport, self._clock = _Kept(transport), clock
        self._known: tuple[float, Any] | None = None

    async def begin(self, *, onward: str, until: float, account: str = "") -> tuple[str, Journey]:
        """Where to send the browser, and what it takes along. Raises OutsideSilent, OutsideRefused."""
        client, said, asked = await self._client(), self.configured, {}
        if said.prompt:
            asked["prompt"] = said.prompt
        if said.acr_values:
            asked["acr_values"] = said.acr_values
        made = await client.create_authorization_url(self.redirect_uri, state=secret(), nonce=secret(), **asked)
        journey = Journey(said.name, made["state"], made["nonce"], made["code_verifier"], onward, until, account)
        return str(made["url"]), journey

    async def finish(self, journey: Journey, answer: Mapping[str, str]) -> Person:
        """Who came back, from the query of the redirect. Raises OutsideRefused (what is not right), OutsideSilent."""
        if not hmac.compare_digest(answer.get("state", "").encode(), journey.state.encode()):
            raise OutsideRefused("The answer does not belong to this browser's request.")
        client = await self._client()
        self._check_issuer(answer, client.server_metadata)
        if "error" in answer or not answer.get("code"):
            raise OutsideRefused(f"The provider answered {answer.get('error', 'without a code')[:80]!r}.")
        try:
            token = await client.fetch_access_token(
                self.redirect_uri, code=answer["code"], code_verifier=journey.verifier, grant_type="authorization_code"
            )
            claims = await client.parse_id_token(
                token,
                journey.nonce,
                claims_options={
                    "iss": {"essential": True, "values": [self.configured.issuer]},
                    "aud": {"essential": True, "values": [self.configured.client_id]},
                },
                leeway=LEEWAY,
            )
            if claims is None:
                raise OutsideRefused("The provider gave no ID token.")
            return self._person(await self._with_userinfo(client, token, dict(claims)))
        except httpx2.TransportError as error:
            raise OutsideSilent(f"{self.configured.host} did not answer: {error}") from error
        except (AuthlibBaseError, JoseError, httpx2.HTTPStatusError, ValueError, KeyError, TypeError) as error:
            raise OutsideRefused(f"The provider's answer does not hold: {type(error).__name__}.") from error

    # Inside

    async def _client(self) -> Any:
        """Authlib's client with the issuer's discovery document, not older than `KEEP_SECONDS`."""
        now = self._clock()
        if self._known is not None and self._known[0] > now:
            return self._known[1]
        client = self._make()
        try:
            found = await client.load_server_metadata()
        except (httpx2.HTTPError, ValueError) as error:
            raise OutsideSilent(f"{self.configured.host} did not give its discovery document.") from error
        if found.get("issuer") != self.configured.issuer:
            raise OutsideRefused(f"The discovery document is that of another issuer than {self.configured.issuer!r}.")
        offered = found.get("id_token_signing_alg_values_supported") or ["RS256"]
        found["id_token_signing_alg_values_supported"] = [name for name in ALGORITHMS if name in offered]
        found.pop("jwks", None)  # the keys come from jwks_uri alone
        self._known = now + KEEP_SECONDS, client
        return client

    def _make(self) -> Any:
        said = self.configured
        proof: Any = said.secret() or None
        methods = []
        if said.client_auth == "private_key_jwt":
            proof, algorithm = _private_key(Path(said.private_key_file))
            headers = {"kid": said.private_key_id} if said.private_key_id else None
            methods.append(PrivateKeyJWT(headers=headers, alg=algorithm))  # type: ignore[no-untyped-call]
        return _Authlib(  # type: ignore[no-untyped-call]
            None,
            said.name,
            client_id=said.client_id,
            client_secret=proof,
            client_auth_methods=methods or None,
            server_metadata_url=said.issuer.rstrip("/") + "/.well-known/openid-configuration",
            client_kwargs={
                "scope": said.scope,
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": said.client_auth,
                "transport": self._transport,
                "trust_env": False,
                "leeway": 0,  # a token that lives a minute (Keycloak's did) would be over at once
                "timeout": 10.0,
            },
        )

    def _check_issuer(self, answer: Mapping[str, str], metadata: Mapping[str, Any]) -> None:
        """RFC 9207, 2.4: an `iss` that came is the issuer's, and one that was announced came."""
        announced = metadata.get("authorization_response_iss_parameter_supported") is True
        if ("iss" in answer or announced) and answer.get("iss") != self.configured.issuer:
            raise OutsideRefused("The answer came from another issuer.")

    async def _with_userinfo(self, client: Any, token: Any, claims: dict[str, Any]) -> dict[str, Any]:
        """The claims of the ID token, with those of userinfo where something that is asked for is not among them."""
        said = self.configured
        wanted = (said.subject, *said.person_name, *said.require)
        if all(name in claims for name in wanted) or not client.server_metadata.get("userinfo_endpoint"):
            return claims
        more = dict(await client.userinfo(token=token))
        if more.get("sub") != claims["sub"]:
            raise OutsideRefused("Userinfo speaks of somebody else than the ID token.")
        return {**more, **claims}

    def _person(self, claims: Mapping[str, Any]) -> Person:
        said = self.configured
        for name, allowed in said.require.items():
            value = claims.get(name)
            if not set(_texts(value)) & set(allowed):
                raise OutsideRefused(f"The claim {name!r} has none of the values that are asked for.")
        subject = claims.get(said.subject)
        if not isinstance(subject, str) or not 0 < len(subject) <= _VALUE_LIMIT:
            raise OutsideRefused(f"The claim {said.subject!r} that names the person is not there.")
        parts = [text for name in said.person_name for text in _texts(claims.get(name))[:1] if text.strip()]
        return Person(subject, " ".join(parts)[:80])


class Providers:
    """All outside providers of this server, in the order in which the operator named them."""

    def __init__(self, providers: Sequence[Provider] = ()) -> None:
        self._providers = {provider.configured.name: provider for provider in providers}

    def get(self, name: str) -> Provider | None:
        """The provider of this name, or None."""
        return self._providers.get(name)

    def all(self) -> list[OutsideProvider]:
        """What people may choose from."""
        return [provider.configured for provider in self._providers.values()]


def _texts(value: object) -> list[str]:
    if isinstance(value, list):
        return [text for text in value if isinstance(text, str)]
    return [value] if isinstance(value, str) else []


def _private_key(file: Path) -> tuple[Key, str]:
    """The key of a PEM file and the algorithm that goes with it. Raises ValueError for another kind of key."""
    loaded = load_pem_private_key(file.read_bytes(), None)
    if isinstance(loaded, RSAPrivateKey):
        return RSAKey.import_key(loaded), "RS256"
    if isinstance(loaded, EllipticCurvePrivateKey) and loaded.curve.name == "secp256r1":
        return ECKey.import_key(loaded), "ES256"
    raise ValueError(f"{file} holds a key that is neither RSA nor P-256")
