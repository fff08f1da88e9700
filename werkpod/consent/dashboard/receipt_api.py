"""Receipts for programs: the receiver's own, and all of them for a citizen's own tool.

`GET /api/consent/v1/receipts` and `GET /api/consent/v1/receipts/{pod}/{id}`, with a DPoP-bound access token. An app of
the citizen sees the receipts of the grant that its token names; somebody else those of what was shared with them,
through the app that it was shared through. Who acts for the citizen is theirs to tell: a receipt of what a
representative did is for the citizen alone. What is not for the asker is not there (404).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from werkpod.consent.dashboard.api import CORS, ROOT
from werkpod.consent.dashboard.parts import DashboardParts
from werkpod.consent.dashboard.receipts import JOSE
from werkpod.consent.grants import GrantNotFound
from werkpod.consent.receipts.document import MEDIA_TYPE
from werkpod.consent.receipts.errors import ReceiptNotFound
from werkpod.consent.receipts.model import Receipt, iso
from werkpod.consent.receipts.receipts import Kept
from werkpod.pod.access.model import Requester
from werkpod.pod.directory import Pod
from werkpod.pod.errors import PodUnavailable
from werkpod.web.errors import Unauthorized, WerkpodError, problem_response

MOST = 100
"""Receipts in one list, the newest."""


class ReceiptApi:
    """The routes under `/api/consent/v1/receipts`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The list and one of them."""
        return [
            Route(f"{ROOT}/receipts", self.index, methods=["GET", "OPTIONS"]),
            Route(f"{ROOT}/receipts/{{pod}}/{{receipt}}", self.one, methods=["GET", "OPTIONS"]),
        ]

    async def index(self, request: Request) -> Response:
        """The newest receipts of a pod that are for the asker; `?pod=`: its name, else the asker's own."""
        return await self._guarded(request, self._listed)

    async def one(self, request: Request) -> Response:
        """One receipt: the readable document, or with `Accept: application/jose` the JWS."""
        return await self._guarded(request, self._found)

    async def _listed(self, request: Request, who: Requester) -> Response:
        name = request.query_params.get("pod", "")[:64]
        pods = self._parts.pods
        pod = await pods.find(name) if name else await pods.by_webid(who.agent or "")
        found = await self._receipts(pod, who) if pod is not None else ()
        return _json({"receipts": [_entry(kept.receipt) for kept in found]})

    async def _found(self, request: Request, who: Requester) -> Response:
        pod = await self._parts.pods.find(request.path_params["pod"][:64])
        try:
            kept = await self._parts.receipts.get(pod.id if pod else "", request.path_params["receipt"][:40])
        except PodUnavailable:
            raise ReceiptNotFound("There is no such receipt for you.") from None
        if pod is None or not await self._may(kept.receipt, pod, who):
            raise ReceiptNotFound("There is no such receipt for you.")
        headers = {"Cache-Control": "no-store", "Vary": "Accept"}
        if JOSE in request.headers.get("accept", ""):
            return Response(kept.jws.encode("ascii"), media_type=JOSE, headers=headers)
        return Response(kept.readable, media_type=MEDIA_TYPE, headers=headers)

    async def _receipts(self, pod: Pod, who: Requester) -> list[Kept]:
        found = await self._parts.receipts.list(pod.id, MOST)
        return [kept for kept in found if await self._may(kept.receipt, pod, who)]

    async def _may(self, receipt: Receipt, pod: Pod, who: Requester) -> bool:
        """Whether a receipt is for who asks; a grant that ended keeps its receipts."""
        party = receipt.receiver
        if who.agent != pod.webid:
            theirs = party.webid is not None and party.webid == who.agent and party.client in (None, who.client)
            return theirs and receipt.by in (None, who.agent, party.client)
        if who.grant is None:
            return False
        try:
            named = await self._parts.grants.get(pod.id, who.grant)
        except GrantNotFound:
            return False
        if not named.active(self._parts.clock()) or named.client != who.client:
            return False
        return named.id == receipt.grant or (named.receiver_kind == "tool" and named.everything)

    async def _guarded(
        self, request: Request, handler: Callable[[Request, Requester], Awaitable[Response]]
    ) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=CORS)
        try:
            response = await handler(request, await self._asker(request))
        except WerkpodError as error:
            response = problem_response(error)
        response.headers.update(CORS)
        return response

    async def _asker(self, request: Request) -> Requester:
        """Who asks, by a token. Raises Unauthorized."""
        url = self._parts.base_url + request.scope.get("raw_path", request.scope["path"].encode()).decode("ascii")
        who = await self._parts.authenticator(request.scope["headers"], request.method, url)
        if who.agent is None or who.confined:
            challenge = {"WWW-Authenticate": f'DPoP realm="{self._parts.base_url}"'}
            raise Unauthorized("Send a DPoP-bound access token of a person.", headers=challenge)
        return who


def _entry(receipt: Receipt) -> dict[str, object]:
    return {
        "id": receipt.id, "receipt": receipt.iri, "grant": receipt.grant, "version": receipt.version,
        "happened": receipt.kind, "at": iso(receipt.at), "number": receipt.place.number,
    }  # fmt: skip


def _json(value: object) -> Response:
    return Response(
        msgspec.json.encode(value), media_type="application/json", headers={"Cache-Control": "no-store"}
    )  # fmt: skip
