"""The endpoints of the authorization server. Protocol errors are JSON in English; a person sees the error page only."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from werkpod.consent.accounts.limits import Limiter
from werkpod.consent.oauth import requests
from werkpod.consent.oauth.browser import browser_of, new_browser, remember_browser
from werkpod.consent.oauth.carrier import Answer
from werkpod.consent.oauth.client_model import LINK_GRANT
from werkpod.consent.oauth.clients import is_first_party
from werkpod.consent.oauth.errors import (
    AuthorizationPageError,
    InvalidClientMetadata,
    InvalidDpopProof,
    InvalidRequest,
    ServerError,
    SlowDown,
    WireError,
)
from werkpod.consent.oauth.flow import AUTHORIZE_PATH, Authorization, Redirect
from werkpod.consent.oauth.grant_api import manage
from werkpod.consent.oauth.keys import KEPT
from werkpod.consent.oauth.metadata import metadata, resource_metadata
from werkpod.consent.oauth.par import PAR_PATH, push
from werkpod.consent.oauth.registration import BODY_LIMIT, parse_registration
from werkpod.consent.oauth.tokens import GRANTS_PATH
from werkpod.consent.oauth.userinfo import userinfo
from werkpod.pod.authn.dpop import ProofChecker
from werkpod.pod.authn.errors import InvalidProof, challenge
from werkpod.pod.authn.replay import ReplayCache
from werkpod.web.bodies import media_type, read_at_most
from werkpod.web.errors import BadRequest, NotFound, TooLarge, Unauthorized, Unavailable

ErrorPage = Callable[[Request, AuthorizationPageError], Response]
AuthTime = Callable[[Request], Awaitable[float]]
"""When who is signed in did so, Unix seconds; 0 where nobody is, or it is not known."""
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, DPoP",
    "Access-Control-Expose-Headers": "WWW-Authenticate, DPoP-Nonce, Retry-After",
    "Access-Control-Max-Age": "3600",
}
"""Solid apps run in browsers, on other origins. No cookie counts at these endpoints, so any origin may ask."""


def oauth_routes(
    authorization: Authorization,
    *,
    limiter: Limiter | None = None,
    error_page: ErrorPage | None = None,
    replay: ReplayCache | None = None,
    auth_time: AuthTime | None = None,
) -> list[BaseRoute]:
    """/oauth/* and /.well-known/*, without the consent page. `request.state.viewer` must be set for /oauth/authorize.

    `error_page` shows a person what is wrong with an app's request; without it, the error is raised, for the
    application's own handlers.
    """
    endpoints = _Endpoints(
        authorization, limiter or Limiter(), error_page or _raise, replay or ReplayCache(), auth_time or _unknown
    )
    documents = [
        Route(path, endpoints.metadata, methods=["GET", "OPTIONS"])
        for path in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")
    ]
    return [
        *documents,
        Route("/.well-known/oauth-protected-resource", endpoints.resource, methods=["GET", "OPTIONS"]),
        Route("/.well-known/oauth-protected-resource/{path:path}", endpoints.resource, methods=["GET", "OPTIONS"]),
        Route("/oauth/jwks", endpoints.jwks, methods=["GET", "OPTIONS"]),
        Route("/oauth/register", endpoints.register, methods=["POST", "OPTIONS"]),
        Route(PAR_PATH, endpoints.par, methods=["POST", "OPTIONS"]),
        Route("/oauth/authorize", endpoints.authorize, methods=["GET"]),
        Route("/oauth/token", endpoints.token, methods=["POST", "OPTIONS"]),
        Route("/oauth/userinfo", endpoints.userinfo, methods=["GET", "POST", "OPTIONS"]),
        Route("/oauth/revoke", endpoints.revoke, methods=["POST", "OPTIONS"]),
        Route("/oauth/introspect", endpoints.introspect, methods=["POST", "OPTIONS"]),
        Route(f"{GRANTS_PATH}/{{grant_id}}", endpoints.grant, methods=["GET", "DELETE", "OPTIONS"]),
    ]


async def _unknown(request: Request) -> float:
    return 0.0


def _raise(request: Request, error: AuthorizationPageError) -> Response:
    raise error


class _Endpoints:
    def __init__(
        self,
        authorization: Authorization,
        limiter: Limiter,
        error_page: ErrorPage,
        replay: ReplayCache,
        auth_time: AuthTime,
    ) -> None:
        self._authorization, self._limiter, self._error_page = authorization, limiter, error_page
        self._parts, self._carrier = authorization.parts, authorization.carrier
        self._proofs = ProofChecker(replay, clock=self._parts.clock)
        self._auth_time = auth_time

    async def metadata(self, request: Request) -> Response:
        return _json(
            metadata(self._parts.issuer, require_par=self._parts.require_par), {"Cache-Control": "public, max-age=300"}
        )

    async def jwks(self, request: Request) -> Response:
        await self._parts.keys.fresh()
        return _json(self._parts.keys.jwks(), {"Cache-Control": f"public, max-age={KEPT}"})

    async def resource(self, request: Request) -> Response:
        """RFC 9728, 3: the resource's path comes after the well-known one."""
        path = request.scope["path"].removeprefix("/.well-known/oauth-protected-resource")
        return _json(resource_metadata(self._parts.issuer, path), {"Cache-Control": "public, max-age=300"})

    async def userinfo(self, request: Request) -> Response:
        """OpenID Connect Core, 5.3."""
        return await self._with_token(request, userinfo)

    async def grant(self, request: Request) -> Response:
        """Grant Management for OAuth 2.0, 7: a client sees or ends a grant of its own."""
        return await self._with_token(request, functools.partial(manage, grant_id=request.path_params["grant_id"]))

    async def _with_token(self, request: Request, answer: Callable[..., Awaitable[dict[str, Any] | None]]) -> Response:
        """The answer to who shows an access token and a proof; None is 204."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=CORS)
        issuer, headers = self._parts.issuer, {"Cache-Control": "no-store"}
        try:
            self._require_tls(request)
            found = await answer(self._carrier, self._proofs, request.headers, request.method, self._url(request))
        except Unauthorized as error:
            body = {"error": error.code, "error_description": error.detail}
            return _json(body, {**headers, "WWW-Authenticate": challenge(issuer, issuer, error)}, error.status)
        except NotFound as error:
            return _json({"error": error.code, "error_description": error.detail}, headers, error.status)
        except WireError as error:
            return self._refused(error)
        return _json(found, headers) if found is not None else Response(status_code=204, headers={**CORS, **headers})

    async def authorize(self, request: Request) -> Response:
        """The browser comes from the app; it leaves for the app or for the consent page."""
        issuer = self._parts.issuer
        known = browser_of(request, issuer)
        browser = known or new_browser()
        viewer = getattr(request.state, "viewer", None)
        try:
            found = await self._authorization.begin(
                request.scope["query_string"], viewer, browser=browser, auth_time=await self._auth_time(request)
            )
        except AuthorizationPageError as error:
            return self._error_page(request, error)
        if isinstance(found, Redirect):
            return _redirect(found.url)
        response = _redirect(found.path)
        if known is None:
            remember_browser(response, browser, issuer)
        return response

    async def register(self, request: Request) -> Response:
        """RFC 7591, 3: open to everybody, an initial access token is not needed; counted for each address."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=CORS)
        address = request.client.host if request.client else ""
        try:
            self._require_tls(request)
            if seconds := await self._limiter.wait("registration-address", address):
                raise SlowDown("Too many registrations.", headers={"Retry-After": str(seconds)})
            if media_type(request) != "application/json":
                raise InvalidClientMetadata("The body must be application/json.")
            registration = parse_registration(await _body(request, BODY_LIMIT, InvalidClientMetadata))
            found = await self._parts.clients.registered.register(registration)
        except WireError as error:
            return self._refused(error)
        return _json(found.answer(), {"Cache-Control": "no-store", "Pragma": "no-cache"}, 201)

    async def par(self, request: Request) -> Response:
        """RFC 9126: counted for each address, but for our own apps, which all have the same one."""
        address = request.client.host if request.client else ""

        async def answer(carried: requests.Request) -> Answer:
            known = is_first_party(carried.form.get("client_id", ""), self._parts.issuer)
            if not known and (seconds := await self._limiter.wait("pushed-address", address)):
                raise _slow(seconds)
            return await self._carrier.run(push, self._carrier, carried, f"{self._parts.issuer}{AUTHORIZE_PATH}")

        return await self._endpoint(request, answer, proof=True)

    async def token(self, request: Request) -> Response:
        """The token endpoint: DPoP first, then Authlib."""
        return await self._endpoint(request, self._token, proof=True)

    async def revoke(self, request: Request) -> Response:
        """RFC 7009."""
        return await self._endpoint(request, self._named("revocation"))

    async def introspect(self, request: Request) -> Response:
        """RFC 7662."""
        return await self._endpoint(request, self._named("introspection"))

    def _refused(self, error: WireError) -> Response:
        refused: Answer = self._carrier.handle_error_response(None, error)  # type: ignore[no-untyped-call]
        return _json(refused.body, dict(refused.headers), refused.status)

    def _require_tls(self, request: Request) -> None:
        """Refuse what came to the web server in front of us in the clear (Solid-OIDC, 12.1). Raises InvalidRequest.

        The addresses that we give out are https wherever the base URL is, and it is on every machine but one's own.
        """
        said = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
        if said == "http" and self._parts.issuer.startswith("https:"):
            raise InvalidRequest(f"Tokens and credentials travel over https only: {self._url(request)}.")

    async def _token(self, carried: requests.Request) -> Answer:
        await self._parts.keys.fresh()
        return await self._carrier.run(self._carrier.create_token_response, carried)

    def _named(self, endpoint: str) -> Callable[[requests.Request], Awaitable[Answer]]:
        async def answer(carried: requests.Request) -> Answer:
            return await self._carrier.run(self._carrier.create_endpoint_response, endpoint, carried)

        return answer

    def _carried(self, request: Request, parameters: Mapping[str, str], jkt: str | None) -> requests.Request:
        headers = {"authorization": value} if (value := request.headers.get("authorization")) else {}
        return requests.Request("POST", self._url(request), parameters, headers, jkt=jkt)

    def _url(self, request: Request) -> str:
        """The address of this endpoint: the configured base URL and the route's path, never a Host header."""
        return f"{self._parts.issuer}{request.scope['path']}"

    def _proven(self, request: Request) -> str | None:
        """The thumbprint of the key in the request's one DPoP proof; None without. Raises InvalidDpopProof."""
        proofs = request.headers.getlist("dpop")
        if not proofs:
            return None
        if len(proofs) > 1:
            raise InvalidDpopProof("A request has one DPoP header.")
        try:
            return self._proofs.check(proofs[0], "POST", self._url(request), None)
        except InvalidProof as error:
            raise InvalidDpopProof(error.detail) from None

    async def _endpoint(
        self, request: Request, answer: Callable[[requests.Request], Awaitable[Answer]], *, proof: bool = False
    ) -> Response:
        """Read the form, answer, count failures so that nobody tries secrets out (ASVS 5.0, 6.3.1).

        An address counts where nobody showed who they are: all apps of this server, and all people behind one proxy,
        share one. A client that signs its requests cannot be guessed and is let through; what fails after that counts
        for the client, whoever else is at its address. What does not open with a link does not count here at all:
        a link's secret cannot be guessed, its passcode has tries of its own, and the app that opens links for everybody
        counts the browsers that ask it.
        """
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=CORS)
        address = request.client.host if request.client else ""
        carried: requests.Request | None = None
        try:
            self._require_tls(request)
            parameters = await _form(request)
            full = await self._limiter.full("token-failures", address)
            if full and "client_assertion" not in parameters:
                raise _slow(full)
            carried = self._carried(request, parameters, self._proven(request) if proof else None)
            found = await answer(carried)
            if full and carried.proven_client is None:
                raise _slow(full)
        except WireError as error:
            found = self._carrier.handle_error_response(None, error)  # type: ignore[no-untyped-call]
        except Unavailable as error:
            failed = ServerError(error.detail, headers={"Retry-After": "5"})
            found = self._carrier.handle_error_response(None, failed)  # type: ignore[no-untyped-call]
        if found.status in (400, 401):
            client = carried.proven_client if carried else None
            if client is None:
                await self._limiter.wait("token-failures", address)
            elif carried and carried.payload.grant_type != LINK_GRANT:
                seconds = await self._limiter.wait("token-client-failures", client)
                if seconds:
                    found = self._carrier.handle_error_response(None, _slow(seconds))  # type: ignore[no-untyped-call]
        return _json(found.body, dict(found.headers), found.status)


def _slow(seconds: int) -> SlowDown:
    return SlowDown("Too many tries.", headers={"Retry-After": str(seconds)})


async def _form(request: Request) -> dict[str, str]:
    """The parameters of a form body. Raises InvalidRequest: another media type, too large, or sent twice."""
    if media_type(request) != "application/x-www-form-urlencoded":
        raise InvalidRequest("The body must be application/x-www-form-urlencoded.")
    return requests.read_parameters(await _body(request, requests.MAX_BYTES, InvalidRequest))


async def _body(request: Request, most: int, refuse: Callable[[str], WireError]) -> bytes:
    """The body, of at most so many bytes; else raises what `refuse` makes of a sentence."""
    try:
        return await read_at_most(request, most)
    except (TooLarge, BadRequest) as error:
        raise refuse(str(error)) from None


def _json(body: Any, headers: Mapping[str, str], status: int = 200) -> Response:
    kept = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    return Response(
        msgspec.json.encode(body), status, {**CORS, "X-Content-Type-Options": "nosniff", **kept}, "application/json"
    )


def _redirect(url: str) -> Response:
    """302, as RFC 6749 shows it; nothing of it is kept and no address leaks in a Referer."""
    return RedirectResponse(url, 302, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
