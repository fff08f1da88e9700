"""The JSON side: who shares with me, and a citizen's own grants for a citizen's own tool.

`GET /api/consent/v1/received` is for whoever the token's agent is; the others only for a tool that its citizen gave
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
from werkpod.consent.dashboard.difference import compare
from werkpod.consent.dashboard.errors import PreconditionRequired
from werkpod.consent.dashboard.grants_json import Received, changed, given, read_change, together
from werkpod.consent.dashboard.parts import DashboardParts
from werkpod.consent.grants import GrantNotFound, GrantRecord
from werkpod.web.bodies import media_type, read_at_most
from werkpod.web.errors import (
    Forbidden,
    PreconditionFailed,
    Unauthorized,
    UnsupportedMedia,
    WerkpodError,
    problem_response,
)

ROOT = "/api/consent/v1"
VERSION = "1.0.0"
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, DPoP, Content-Type, If-Match",
    "Access-Control-Expose-Headers": "WWW-Authenticate, ETag, Link, API-Version",
    "API-Version": VERSION,
}
"""No cookie counts here, so any origin may ask. The version is in every answer too (Dutch API Design Rules,
/core/version-header)."""
MOST = 50
"""Grants in one answer; `Link: <...>; rel="next"` (RFC 8288) leads to the rest."""
_BODY = 64 << 10
"""Bytes of a change at most."""
_MERGE_PATCH = ("application/merge-patch+json", "application/json")


class Api:
    """The routes under `/api/consent/v1`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The addresses."""
        one = f"{ROOT}/grants/{{grant}}"
        return [
            Route(f"{ROOT}/received", self._guarded(self.received), methods=["GET", "OPTIONS"]),
            Route(f"{ROOT}/grants", self._guarded(self.grants), methods=["GET", "OPTIONS"]),
            Route(f"{one}/history", self._guarded(self.history), methods=["GET", "OPTIONS"]),
            Route(one, self._guarded(self.one), methods=["GET", "PATCH", "DELETE", "OPTIONS"]),
        ]

    async def received(self, request: Request) -> Response:
        """Who shares with the token's agent; one entry a person, what they share taken together."""
        account, mine = await self._asker(request)
        people: dict[str, Received] = {}
        for giver, grant in await self._parts.grants.received(account.webid):
            person = await self._parts.accounts.get(giver)
            if person is not None:
                people[giver] = together(people, giver, person, grant, mine.client)
        return _json(list(people.values()))

    async def grants(self, request: Request) -> Response:
        """The grants of the token's citizen, ended ones too, newest first; `before`: a grant, the older ones."""
        account, _ = await self._tool(request)
        before = request.query_params.get("before", "")[:40] or None
        found = await self._parts.grants.list(account.id, limit=MOST + 1, before=before)
        response = _json({"grants": [given(grant, self._parts.clock()) for grant in found[:MOST]]})
        if len(found) > MOST:
            older = f"{self._parts.base_url}{ROOT}/grants?before={found[MOST - 1].id}"
            response.headers["Link"] = f'<{older}>; rel="next"'
        return response

    async def history(self, request: Request) -> Response:
        """Every version of a grant, oldest first."""
        account, _ = await self._tool(request)
        versions = await self._parts.grants.history(account.id, _grant(request))
        if not versions:
            raise GrantNotFound("There is no such grant in this pod.")
        return _json({"versions": [given(grant, self._parts.clock()) for grant in versions]})

    async def one(self, request: Request) -> Response:
        """One grant: as it is, changed, or stopped (204, also when it was stopped before)."""
        account, tool = await self._tool(request)
        if request.method == "DELETE":
            await self._parts.sharing.stop(account, _grant(request), actor=tool)
            return Response(status_code=204)
        grant = await self._parts.grants.get(account.id, _grant(request))
        if request.method == "PATCH":
            grant = await self._change(request, grant, tool)
        response = _json(given(grant, self._parts.clock()))
        response.headers["ETag"] = _tag(grant)
        return response

    async def _change(self, request: Request, grant: GrantRecord, tool: str) -> GrantRecord:
        """Narrow or shorten a grant, at the version that the caller saw (If-Match). Never more: a tool asks nobody."""
        if media_type(request) not in _MERGE_PATCH:
            raise UnsupportedMedia("Send the change as application/merge-patch+json (RFC 7396).")
        match = request.headers.get("if-match")
        if match is None:
            raise PreconditionRequired("Send If-Match with the ETag of the version that you change (RFC 6585).")
        if match != _tag(grant):
            raise PreconditionFailed(f"The grant is at version {grant.version} now; its ETag is {_tag(grant)}.")
        after = changed(grant, read_change(await read_at_most(request, _BODY)))
        steps = compare(grant, after, {}, "en", _plain)
        if any(step.more for step in steps) or "control" in set(after.actions) - set(grant.actions):
            raise Forbidden("A tool may narrow and shorten a grant, not widen or extend it: that is for the citizen.")
        if after == grant:
            return grant
        return await self._parts.grants.change(after, expect=grant.version, actor=tool)

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

    async def _tool(self, request: Request) -> tuple[Account, str]:
        """The citizen whose tool asks, and the client id of the tool. Raises Unauthorized, Forbidden."""
        account, grant = await self._asker(request)
        if grant.receiver_kind != "tool" or not grant.everything or grant.client is None:
            raise Forbidden("Only a tool that its citizen gave everything may see and stop grants.")
        return account, grant.client

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


def _grant(request: Request) -> str:
    return str(request.path_params["grant"])[:40]


def _tag(grant: GrantRecord) -> str:
    return f'"{grant.version}"'


def _plain(text: str, **values: Any) -> str:
    return text % values if values else text


def _json(value: Any) -> Response:
    return Response(
        msgspec.json.encode(value), media_type="application/json", headers={"Cache-Control": "no-store"}
    )  # fmt: skip
