"""JSON APIs: operations declared once, from which both the routes and the OpenAPI document come.

Input is decoded strictly by msgspec; errors are problem details (RFC 9457); answers carry `API-Version` (Dutch API
Design Rules, /core/version-header) and, on GET, an ETag. The APIs are stateless, hold no personal data and set no
cookies, so pages of any origin may call them.

An `Endpoint` is one path, `werkpod.apps.answers` makes the response, `werkpod.apps.openapi` the document.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from werkpod.apps.answers import CACHE_SECONDS, JSON, Prepared, json_response
from werkpod.apps.errors import BadContent, BadJson, BadParameter, BodyTooLarge, NotJson, WrongMethod
from werkpod.web.errors import WerkpodError, problem_response

__all__ = ["CACHE_SECONDS", "JSON", "Api", "Call", "Endpoint", "Lang", "NoQuery", "Operation", "decode_query"]

BODY_LIMIT = 1 << 20
"""Bytes of a body that are read: a CV of a lifetime is some tens of kilobytes."""

Lang = Literal["nl", "en"]


class NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An operation without query parameters."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler gets: the path parameters, the decoded query and the decoded body (None where there is none)."""

    path: dict[str, str]
    query: Any
    body: Any
    request: Request


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path.

    `path` as in OpenAPI ("/groups/{code}"), after "/api/{app}/v1"; `path_params` name -> (description, example);
    `query` and `body` are msgspec Structs; `errors` the statuses that it may answer beside 200. `handler` is given a
    `Call` and returns `answer`, or that `Prepared`; it runs in a thread, as searching and ranking take milliseconds.
    `private`: it asks a bearer token, which the handler checks, and its answers are not for caches.

    For the document: `example` is a body; a query has its examples in its fields (`msgspec.Meta(examples=...)`); what
    the handler answers to these is the example of an answer, or `shown`, where it cannot be asked. `path_schemas`
    narrows what a path parameter may be; `nl` is the summary in Dutch.
    """

    id: str
    method: Literal["GET", "POST"]
    path: str
    summary: str
    handler: Callable[[Call], Any]
    answer: Any
    query: type[msgspec.Struct] = NoQuery
    body: type[msgspec.Struct] | None = None
    path_params: dict[str, tuple[str, str]] = field(default_factory=dict)
    path_schemas: dict[str, dict[str, Any]] = field(default_factory=dict)
    example: Any = None
    shown: Any = None
    nl: str = ""
    errors: tuple[int, ...] = ()
    private: bool = False


@dataclass(frozen=True, slots=True)
class Api:
    """A service's API at `/api/{name}/v1`, or at `mount`. `version` in full, as in the `API-Version` header; `nl`: the
    description in Dutch."""

    name: str
    title: str
    description: str
    operations: Sequence[Operation]
    version: str = "1.0.0"
    mount: str = ""
    nl: str = ""

    @property
    def root(self) -> str:
        """The path under which all operations are."""
        return self.mount or f"/api/{self.name}/v1"

    def endpoints(self) -> list[BaseRoute]:
        """A route for each path, in the order of the operations; the first that fits answers."""
        paths = dict.fromkeys(operation.path for operation in self.operations)
        return [
            Route(
                self.root + _starlette(path),
                Endpoint(self, {op.method: op for op in self.operations if op.path == path}),
                name=f"{self.name}:{path}",
            )
            for path in paths
        ]

    def routes(self, document: Callable[[], bytes]) -> list[BaseRoute]:
        """The endpoints, and `openapi.json`, made by `document` at the first request for it."""
        published = Route(f"{self.root}/openapi.json", _Document(self, document), name=f"{self.name}:openapi")
        return [published, *self.endpoints()]


def _starlette(path: str) -> str:
    # an IRI as a path parameter comes in with its slashes decoded, so a parameter takes any character
    return path.replace("}", ":path}")


class Endpoint:
    """One path of an API, as an ASGI application."""

    def __init__(self, api: Api, operations: dict[str, Operation]) -> None:
        self._api, self._operations = api, operations
        self._allow = ", ".join(sorted({"OPTIONS", *operations, *(["HEAD"] if "GET" in operations else [])}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; any WerkpodError becomes a problem."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except WerkpodError as error:
            response = problem_response(error)
        await _send(self._api, response, request, send)

    async def _answer(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            allowed = {"Allow": self._allow, "Access-Control-Allow-Methods": self._allow}
            return Response(status_code=204, headers=allowed | {"Access-Control-Allow-Headers": "Content-Type"})
        operation = self._operations.get("GET" if request.method == "HEAD" else request.method)
        if operation is None:
            raise WrongMethod(
                f"{request.method} is not for this address; use {self._allow}.", headers={"Allow": self._allow}
            )
        query = decode_query(request, operation.query)
        body = await decode_body(request, operation.body) if operation.body else None
        call = Call(dict(request.path_params), query, body, request)
        cached = operation.method == "GET" and not operation.private
        return await to_thread.run_sync(lambda: json_response(request, operation.handler(call), cached=cached))


class _Document:
    """Serves the OpenAPI document (Dutch API Design Rules, /core/publish-openapi)."""

    def __init__(self, api: Api, document: Callable[[], bytes]) -> None:
        self._api, self._make = api, document
        self._made: Prepared | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the document."""
        request = Request(scope, receive)
        if request.method == "OPTIONS":
            response = Response(status_code=204, headers={"Allow": _READ, "Access-Control-Allow-Methods": _READ})
        elif request.method not in ("GET", "HEAD"):
            wrong = WrongMethod(f"{request.method} is not for this address; use {_READ}.", headers={"Allow": _READ})
            response = problem_response(wrong)
        else:
            if self._made is None:
                self._made = await to_thread.run_sync(lambda: Prepared.of_bytes(self._make()))
            response = json_response(request, self._made, cached=True)
        await _send(self._api, response, request, send)


_READ = "GET, HEAD, OPTIONS"


async def _send(api: Api, response: Response, request: Request, send: Send) -> None:
    """Send a response with the headers that each has; what answers HEAD has no body (RFC 9110, 9.3.2)."""
    response.headers["API-Version"] = api.version
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "API-Version, ETag, Link"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.method == "HEAD":
        response.body = b""
    await response(request.scope, request.receive, send)


def decode_query(request: Request, form: type[msgspec.Struct]) -> Any:
    """The query parameters as a `form`. Raises BadParameter: missing, unknown, given twice, wrong, out of bounds."""
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in given:
            raise BadParameter(f"The query parameter {name} is given twice; give it once.", parameter=name)
        given[name] = value
    known = [field.encode_name for field in msgspec.structs.fields(form)]
    for name in given:
        if name not in known:
            right = f"known here: {', '.join(known)}" if known else "there are none here"
            raise BadParameter(f"{name} is not a query parameter of this address; {right}.", parameter=name)
    try:
        decoded = msgspec.convert(given, form, strict=False)
    except msgspec.ValidationError as error:
        raise _bad_parameter(str(error), given, form) from error
    for each in msgspec.structs.fields(form):
        # "null" is read as nothing there; in a query there is no such value, only a parameter that is left out
        if each.encode_name in given and getattr(decoded, each.name) is None:
            raise _bad_parameter(f" - at `$.{each.encode_name}`", given, form)
    return decoded


def _bad_parameter(message: str, given: dict[str, str], form: type[msgspec.Struct]) -> BadParameter:
    problem, _, path = message.partition(" - at `$.")
    name = path.rstrip("`") or problem.partition("missing required field `")[2].rstrip("`")
    wrong = f"{name}={given[name][:80]!r} is wrong" if name in given else f"{name} is missing"
    return BadParameter(f"{wrong}; {name} is {_right(form, name)}.", parameter=name)


def _right(form: type[msgspec.Struct], name: str) -> str:
    """What the member `name` of a form may be, in words."""
    schema = msgspec.json.schema(form)
    rules = schema["$defs"][form.__name__]["properties"].get(name, {})
    rules = next((each for each in rules.get("anyOf", ()) if each.get("type") != "null"), rules)
    if "enum" in rules:
        return " or ".join(map(str, rules["enum"]))
    if "minimum" in rules:
        return f"a whole number from {rules['minimum']} to {rules['maximum']}"
    if "maxLength" in rules:
        return f"text of {rules.get('minLength', 0)} to {rules['maxLength']} characters"
    return str(rules.get("type", "of another form"))


async def decode_body(request: Request, form: type[msgspec.Struct]) -> Any:
    """The body as a `form`. Raises NotJson, BodyTooLarge, BadJson, and BadContent with the path of the member."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != JSON:
        raise NotJson(f"The body is {media_type or 'of no media type'}; send {JSON}.")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > BODY_LIMIT:
            raise BodyTooLarge(f"The body has more than {BODY_LIMIT} bytes.")
        parts.append(part)
    raw = b"".join(parts)
    try:
        return msgspec.json.decode(raw, type=form)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$.")
        name = path.rstrip("`")
        known = {field.encode_name for field in msgspec.structs.fields(form)}
        right = f"; {name} is {_right(form, name)}" if name in known else ""
        raise BadContent(f"{f'{name}: ' if name else ''}{problem}{right}.", member=name) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadJson(f"The body cannot be read as JSON: {error}.") from error
