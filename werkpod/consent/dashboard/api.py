"""The JSON side: who shares with me, and a citizen's own grants for a citizen's own tool.

`GET /api/consent/v1/received` is for whoever the token's agent is; the two others only for a tool that its citizen gave
everything. Errors are problem details (RFC 9457), in English.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.parts import DashboardParts
from werkpod.consent.grants import GrantNotFound, GrantRecord
from werkpod.web.errors import Forbidden, Unauthorized, WerkpodError, problem_response

ROOT = "/api/consent/v1"
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, DPoP",
    "Access-Control-Expose-Headers": "WWW-Authenticate",
}
"""No cookie counts here, so any origin may ask."""


class Received(msgspec.Struct, frozen=True):
    """Somebody who shares with the asker. `until`: Unix seconds, None: until stopped."""

    storage: str
    webid: str
    name: str
    sections: tuple[str, ...]
    actions: tuple[str, ...]
    until: float | None


class Given(msgspec.Struct, frozen=True):
    """A grant as its giver sees it. Times are Unix seconds."""

    id: str
    receiver: str
    kind: str
    agent: str | None
    client: str | None
    sections: tuple[str, ...]
    everything: bool
    actions: tuple[str, ...]
    purpose: str
    purpose_text: str
    created: float
    until: float | None
    revoked_at: float | None
    active: bool


class Api:
    """The routes under `/api/consent/v1`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The three addresses."""
        return [
            Route(f"{ROOT}/received", self._guarded(self.received), methods=["GET", "OPTIONS"]),
            Route(f"{ROOT}/grants", self._guarded(self.grants), methods=["GET", "OPTIONS"]),
            Route(f"{ROOT}/grants/{{grant}}", self._guarded(self.stop), methods=["DELETE", "OPTIONS"]),
        ]

    async def received(self, request: Request) -> Response:
        """Who shares with the token's agent; one entry a person, what they share taken together."""
        account, _ = await self._asker(request)
        people: dict[str, Received] = {}
        for giver, grant in await self._parts.grants.received(account.webid):
            person = await self._parts.accounts.get(giver)
            if person is not None:
                people[giver] = _together(people.get(giver), person, grant)
        return _json(list(people.values()))

    async def grants(self, request: Request) -> Response:
        """All grants of the token's citizen, ended ones too, newest first."""
        account = await self._tool(request)
        now = self._parts.clock()
        return _json({"grants": [_given(grant, now) for grant in await self._parts.grants.list(account.id)]})

    async def stop(self, request: Request) -> Response:
        """Stop a grant; 204, also when it was stopped before."""
        account = await self._tool(request)
        await self._parts.sharing.stop(account, request.path_params["grant"][:40])
        return Response(status_code=204)

    async def _asker(self, request: Request) -> tuple[Account, GrantRecord]:
        """The token's agent, and the grant that the token names, in force. Raises Unauthorized, Forbidden."""
        url = self._parts.base_url + request.scope.get("raw_path", request.scope["path"].encode()).decode("ascii")
        who = await self._parts.authenticator(request.scope["headers"], request.method, url)
        account = await self._parts.accounts.by_webid(who.agent) if who.agent and not who.confined else None
        if account is None:
            challenge = {"WWW-Authenticate": f'DPoP realm="{self._parts.base_url}"'}
            raise Unauthorized("Send a DPoP-bound access token of an account of this server.", headers=challenge)
        try:
            grant = await self._parts.grants.get(account.id, who.grant or "")
        except GrantNotFound:
            raise Forbidden("The token names no grant of this account.") from None
        if not grant.active(self._parts.clock()) or grant.client != who.client:
            raise Forbidden("The grant that the token names has ended.")
        return account, grant

    async def _tool(self, request: Request) -> Account:
        account, grant = await self._asker(request)
        if grant.receiver_kind != "tool" or not grant.everything:
            raise Forbidden("Only a tool that its citizen gave everything may see and stop grants.")
        return account

    def _guarded(self, handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=CORS)
            try:
                response = await handler(request)
            except WerkpodError as error:
                response = problem_response(error)
            response.headers.update(CORS)
            return response

        return endpoint


def _together(known: Received | None, person: Account, grant: GrantRecord) -> Received:
    if known is None:
        return Received(person.storage, person.webid, person.name, grant.sections, grant.actions, grant.until)
    until = None if known.until is None or grant.until is None else max(known.until, grant.until)
    sections = tuple(dict.fromkeys((*known.sections, *grant.sections)))
    actions = tuple(dict.fromkeys((*known.actions, *grant.actions)))
    return Received(person.storage, person.webid, person.name, sections, actions, until)


def _given(grant: GrantRecord, now: float) -> Given:
    return Given(
        grant.id, grant.receiver_name, grant.receiver_kind, grant.agent, grant.client, grant.sections,
        grant.everything, grant.actions, grant.purpose, grant.purpose_text, grant.created, grant.until,
        grant.revoked_at, grant.active(now),
    )  # fmt: skip


def _json(value: Any) -> Response:
    return Response(
        msgspec.json.encode(value), media_type="application/json", headers={"Cache-Control": "no-store"}
    )  # fmt: skip
