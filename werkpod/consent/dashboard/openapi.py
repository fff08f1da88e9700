"""What `/api/consent/v1` is, as OpenAPI 3.1: made of the very classes that the answers are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from werkpod.consent.dashboard.accesses import Access
from werkpod.consent.dashboard.api import CORS, ROOT, VERSION
from werkpod.consent.dashboard.grants_json import Change, Given, Received
from werkpod.consent.dashboard.parts import DashboardParts
from werkpod.web.apidocs import ApiDocs

PLACE = f"{ROOT}/openapi.json"


class Grants(msgspec.Struct, frozen=True):
    """Grants, newest first; the header `Link` with rel="next" leads on."""

    grants: tuple[Given, ...]


class Versions(msgspec.Struct, frozen=True):
    """Every version of a grant, oldest first."""

    versions: tuple[Given, ...]


class Accesses(msgspec.Struct, frozen=True):
    """Lines of access logs; `next`: what to give as `from` for the next page, null at the end."""

    accesses: tuple[Access, ...]
    next: str | None


class Exchange(msgspec.Struct, frozen=True):
    """A question of the citizen, when it was put (Unix seconds), and what was answered."""

    question: str
    asked: int
    answer: str | None


class AccessRequest(msgspec.Struct, frozen=True):
    """A request as its asker sees it. `access`: what is asked, an element of `authorization_details`; `granted`: what
    was given, as a token response tells it. Times are Unix seconds."""

    id: str
    state: str
    to: str
    storage: str
    created: int
    expires: int
    access: dict[str, Any]
    client: str | None
    exchanges: tuple[Exchange, ...]
    reason: str | None
    ended: int | None
    granted: dict[str, Any] | None
    in_force: bool


class AccessRequests(msgspec.Struct, frozen=True):
    """The asker's own requests, newest first."""

    requests: tuple[AccessRequest, ...]


class Answer(msgspec.Struct, frozen=True):
    """The answer to a question of the citizen."""

    text: str


class Receipt(msgspec.Struct, frozen=True):
    """Where a receipt is (`receipt`), and of which version of which grant. `at`: RFC 3339."""

    id: str
    receipt: str
    grant: str
    version: int
    happened: str
    at: str
    number: int


class Receipts(msgspec.Struct, frozen=True):
    """The newest receipts of a pod that are for the asker."""

    receipts: tuple[Receipt, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One call. `answer`, `body`: what they are made of, None: nothing, or (`body_schema`) said apart.

    `query`: name and meaning; `errors`: status and meaning, besides 401 and 403 which each call has.
    """

    method: str
    path: str
    id: str
    summary: str
    answer: Any = None
    status: int = 200
    body: Any = None
    media_type: str = "application/json"
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    errors: tuple[tuple[int, str], ...] = ()


_NONE = (404, "There is none for you.")
OPERATIONS: tuple[Operation, ...] = (
    Operation("get", "/received", "received", "Who shares with the agent of the token", tuple[Received, ...]),
    Operation("get", "/grants", "grants", "The grants of the citizen, newest first", Grants,
              query=(("before", "The id of a grant: those that are older."),)),
    Operation("get", "/grants/{grant}", "grant", "One grant, with its version as ETag", Given, errors=(_NONE,)),
    Operation("patch", "/grants/{grant}", "changeGrant", "Narrow or shorten a grant", Given, body=Change,
              media_type="application/merge-patch+json", headers=(("If-Match", "The ETag that was seen."),),
              errors=(_NONE, (412, "The grant is at another version."), (422, "A grant cannot say this."),
                      (428, "If-Match is missing."))),
    Operation("delete", "/grants/{grant}", "stopGrant", "Stop a grant; also when it was stopped", status=204,
              errors=(_NONE,)),
    Operation("get", "/grants/{grant}/history", "history", "Every version of a grant", Versions, errors=(_NONE,)),
    Operation("get", "/accesses", "accesses", "What the asker did, from the logs of who shares with them", Accesses,
              query=(("limit", "1 to 500 lines, 100 where it is not said."), ("from", "What next said."))),
    Operation("get", "/requests", "requests", "The requests of the asker", AccessRequests),
    Operation("post", "/requests", "ask", "Ask a citizen for access: an element of authorization_details with to",
              AccessRequest, 201, dict[str, Any],
              errors=((413, "The body is too large."), (422, "This cannot be asked."), (429, "Asked too often."))),
    Operation("get", "/requests/{ask}", "request", "One request", AccessRequest, errors=(_NONE,)),
    Operation("delete", "/requests/{ask}", "withdraw", "Take a request back", status=204,
              errors=(_NONE, (409, "It was answered."))),
    Operation("post", "/requests/{ask}/answer", "answer", "Answer the question of the citizen", AccessRequest,
              body=Answer, errors=(_NONE, (409, "Nothing was asked."))),
    Operation("get", "/receipts", "receipts", "The receipts that are for the asker", Receipts,
              query=(("pod", "The name of the pod; else the asker's own."),)),
    Operation("get", "/receipts/{pod}/{receipt}", "receipt",
              "One receipt: JSON-LD with its signature, or with Accept: application/jose the JWS", dict[str, Any],
              errors=(_NONE,)),
)  # fmt: skip
"""Every call, in the order of the document."""
DUTCH = {
    "received": "Wie met de vrager deelt",
    "grants": "Wat de burger deelt, het nieuwste eerst",
    "grant": "Eén toestemming",
    "changeGrant": "Minder of korter delen",
    "stopGrant": "Stoppen met delen",
    "history": "Elke versie van een toestemming",
    "accesses": "Wat de vrager zelf bekeek",
    "requests": "De eigen vragen",
    "ask": "Een burger om inzage vragen",
    "request": "Eén vraag",
    "withdraw": "Een vraag terugnemen",
    "answer": "De burger antwoorden",
    "receipts": "De bewijzen voor de vrager",
    "receipt": "Eén bewijs",
}
"""What each call is in Dutch, on the page."""


class OpenApi:
    """The routes of the document and of the page that tells the same, open to everybody."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts
        self._body = b""
        self._page: ApiDocs | None = None

    def routes(self) -> list[BaseRoute]:
        """Two addresses."""
        return [Route(PLACE, self.show, methods=["GET"]), Route(f"{ROOT}/docs", self.read, methods=["GET"])]

    async def read(self, request: Request) -> Response:
        """The page."""
        if self._page is None:
            parts = self._parts
            self._page = ApiDocs(lambda: document(parts.base_url), parts.pages, place=f"{ROOT}/docs")
        return await self._page.show(request)

    async def show(self, request: Request) -> Response:
        """The document."""
        self._body = self._body or document(self._parts.base_url)
        headers = {**CORS, "Cache-Control": "public, max-age=300"}
        return Response(self._body, media_type="application/json", headers=headers)


def document(base_url: str) -> bytes:
    """The document in JSON. `base_url`: the server's origin."""
    types = [kind for op in OPERATIONS for kind in (op.answer, op.body) if kind is not None]
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    by_type = {str(kind): schema for kind, schema in zip(types, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _described(operation, by_type)
    scheme = {"type": "http", "scheme": "DPoP", "description": "An access token with a proof of its key (RFC 9449)."}
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Who shares with whom",
                "x-title-nl": "Wie deelt met wie",
                "version": VERSION,
                "description": "Grants, requests, receipts and looks, for receivers and for a citizen's own tools.",
                "x-nl": "Wie deelt wat met wie: voor wie iets mag zien, en voor de eigen hulpmiddelen van een burger.",
                "contact": _CONTACT,
                "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
            },
            "externalDocs": {"description": "The same, to read.", "url": f"{base_url}{ROOT}/docs"},
            "servers": [{"url": base_url + ROOT}],
            "tags": [{"name": "consent", "description": "Who shares with whom"}],
            "security": [{"token": []}],
            "paths": paths,
            "components": {
                "schemas": components | {"Problem": _PROBLEM},
                "headers": {"API-Version": _VERSION_HEADER},
                "securitySchemes": {"token": scheme},
            },
        }
    )


_CONTACT = {"name": "Werkpod", "url": "https://w3id.org/werkpod/", "email": "werkpod@example.org"}
_VERSION_HEADER = {"description": "The full version of the API.", "schema": {"type": "string", "examples": [VERSION]}}
_IN_EACH = {"API-Version": {"$ref": "#/components/headers/API-Version"}}
_PROBLEM = {
    "description": "Problem details (RFC 9457).",
    "type": "object",
    "required": ["title", "status", "detail", "code"],
    "properties": {"title": {"type": "string"}, "status": {"type": "integer"}, "detail": {"type": "string"},
                   "code": {"type": "string"}},
}  # fmt: skip


def _described(operation: Operation, by_type: dict[str, Any]) -> dict[str, Any]:
    responses: dict[str, Any] = {str(operation.status): {"description": "Done.", "headers": _IN_EACH}}
    if operation.answer is not None:
        schema = by_type[str(operation.answer)]
        responses[str(operation.status)] = {
            "description": "The answer.", "headers": _IN_EACH, "content": {"application/json": {"schema": schema}},
        }  # fmt: skip
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    common = (
        (400, "The request cannot be understood."),
        (401, "There is no good token."),
        (403, "This is not for this token."),
    )
    for status, meaning in (*common, *operation.errors):
        responses[str(status)] = {"description": meaning, "headers": _IN_EACH, "content": problem}
    described: dict[str, Any] = {
        "operationId": operation.id, "tags": ["consent"], "summary": operation.summary, "x-nl": DUTCH[operation.id],
        "responses": responses,
    }  # fmt: skip
    if parameters := _parameters(operation):
        described["parameters"] = parameters
    if operation.body is not None:
        content = {operation.media_type: {"schema": by_type[str(operation.body)]}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _parameters(operation: Operation) -> Sequence[dict[str, Any]]:
    text = {"type": "string"}
    named = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    return [
        *({"name": name, "in": "path", "required": True, "schema": text} for name in named),
        *({"name": n, "in": "query", "description": why, "schema": text} for n, why in operation.query),
        *({"name": n, "in": "header", "required": True, "description": why, "schema": text}
          for n, why in operation.headers),
    ]  # fmt: skip
