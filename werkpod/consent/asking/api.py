"""`/api/consent/v1/requests`: ask citizens for access, see how that stands, take it back, answer a question.

Also an access request endpoint of W3C Linked Web Storage (draft): POST, GET, GET of one, DELETE. Errors are problem
details (RFC 9457). No cookie counts here, so pages of any origin may ask.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from werkpod.consent.asking.asking import Asking
from werkpod.consent.asking.delivery import REQUESTS
from werkpod.consent.asking.errors import BadAsk, MayNotAsk
from werkpod.consent.asking.model import Asker, Sent
from werkpod.consent.asking.reading import LIMIT, read_body
from werkpod.consent.asking.sent import Copy
from werkpod.consent.asking.who import People, asker_of
from werkpod.consent.grants import GrantNotFound
from werkpod.consent.oauth.details import granted_detail
from werkpod.pod.authn.authenticate import Authenticator
from werkpod.pod.errors import PodUnavailable
from werkpod.web.bodies import media_type, read_at_most
from werkpod.web.errors import UnsupportedMedia, WerkpodError, problem_response

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, DPoP, Content-Type",
    "Access-Control-Expose-Headers": "WWW-Authenticate, Location, Retry-After, API-Version",
    "API-Version": "1.0.0",
    "Access-Control-Max-Age": "3600",
}
_TYPES = ("application/json", "application/ld+json", "application/lws+json")
Handler = Callable[[Request, Asker], Awaitable[Response]]


class Parts(People, Protocol):
    """What the addresses need."""

    @property
    def authenticator(self) -> Authenticator:
        """Reads tokens and proofs."""
        ...

    @property
    def asking(self) -> Asking:
        """All requests."""
        ...

    @property
    def clock(self) -> Callable[[], float]:
        """Unix seconds."""
        ...


class AskingApi:
    """The routes under `/api/consent/v1/requests`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """All of them."""
        one = f"{REQUESTS}/{{ask}}"
        return [
            self._route(REQUESTS, GET=self.list, POST=self.ask),
            self._route(one, GET=self.show, DELETE=self.withdraw),
            self._route(f"{one}/answer", POST=self.answer),
        ]

    async def ask(self, request: Request, asker: Asker) -> Response:
        """Ask; 201 with the address. The same answer whoever is asked, before anybody looks who that is."""
        wanted = read_body(await _json_body(request), base_url=self._parts.base_url, now=self._parts.clock())
        if wanted.assignee and wanted.assignee != asker.webid:
            raise MayNotAsk("assignee is somebody else than the token says; ask in your own name.")
        asking = self._parts.asking
        copy = await asking.ask(asker, wanted)
        answer = _json(await self._told(await asking.sent_one(asker, copy.id)), 201)
        answer.headers["Location"] = f"{self._parts.base_url}{REQUESTS}/{copy.id}"
        answer.background = BackgroundTask(self._bring, copy)
        return answer

    async def _bring(self, copy: Copy) -> None:
        """After the answer went out, bring the request to whom it is for."""
        self._parts.asking.soon(copy)

    async def list(self, request: Request, asker: Asker) -> Response:
        """The asker's own requests, newest first, 200 at most."""
        return _json({"requests": [await self._told(sent) for sent in await self._parts.asking.sent(asker)]})

    async def show(self, request: Request, asker: Asker) -> Response:
        """One of them; 404 for another's."""
        return _json(await self._told(await self._parts.asking.sent_one(asker, _named(request))))

    async def withdraw(self, request: Request, asker: Asker) -> Response:
        """Take one back; 204, also the second time; 409 when it was answered."""
        await self._parts.asking.withdraw(asker, _named(request))
        return Response(status_code=204)

    async def answer(self, request: Request, asker: Asker) -> Response:
        """Answer the question of the citizen: {"text": "..."}."""
        try:
            said = msgspec.json.decode(await _json_body(request))
        except (msgspec.DecodeError, RecursionError):
            raise BadAsk("The body is not JSON.") from None
        if not isinstance(said, dict) or set(said) != {"text"} or not isinstance(said["text"], str):
            raise BadAsk("The body must be an object with text, a string, and nothing else.")
        return _json(await self._told(await self._parts.asking.answer(asker, _named(request), said["text"])))

    async def _told(self, sent: Sent) -> dict[str, Any]:
        """A request as its asker sees it. Times are Unix seconds."""
        content, talk = sent.content, sent.talk
        told: dict[str, Any] = {
            "id": sent.id,
            "state": sent.state,
            "to": content.to,
            "storage": content.to.removesuffix("profile/card#me"),
            "created": int(content.created),
            "expires": int(content.expires),
            "access": content.element,
            "client": content.client if content.only_client else None,
            "exchanges": [
                {"question": e.question, "asked": int(e.asked), "answer": e.answer or None} for e in talk.exchanges
            ],
            "reason": talk.reason or None,
            "ended": int(talk.ended) if talk.ended else None,
            "granted": None,
            "in_force": False,
        }
        if sent.state == "approved" and sent.giver:
            try:
                grant = await self._parts.grants.get(sent.giver, talk.grant)
            except (GrantNotFound, PodUnavailable):
                return told
            told["granted"] = granted_detail(grant, told["storage"])
            told["in_force"] = grant.active(self._parts.clock())
        return told

    def _route(self, path: str, **handlers: Handler) -> BaseRoute:
        async def endpoint(request: Request) -> Response:
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=CORS)
            method = "GET" if request.method == "HEAD" else request.method
            try:
                response = await handlers[method](request, await self._asker(request))
            except WerkpodError as error:
                response = problem_response(error)
            response.headers.update(CORS)
            return response

        return Route(path, endpoint, methods=[*handlers, "OPTIONS"])

    async def _asker(self, request: Request) -> Asker:
        """Who asks; decided before the body is read."""
        url = self._parts.base_url + request.scope.get("raw_path", request.scope["path"].encode()).decode("ascii")
        who = await self._parts.authenticator(request.scope["headers"], request.method, url)
        return await asker_of(self._parts, who, self._parts.clock())


def _named(request: Request) -> str:
    return str(request.path_params["ask"])[:40]


async def _json_body(request: Request) -> bytes:
    """The body, of at most LIMIT bytes. Raises UnsupportedMedia, TooLarge, BadRequest."""
    if media_type(request) not in _TYPES:
        raise UnsupportedMedia(f"The body is {' or '.join(_TYPES)}.")
    return await read_at_most(request, LIMIT)


def _json(value: Any, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(value), status, {"Cache-Control": "no-store"}, media_type="application/json"
    )  # fmt: skip
