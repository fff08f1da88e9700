"""The OpenAPI 3.1 document of an API, from its declared operations.

Its examples are not written down: they are what the operations answer to the declared examples, with long lists cut
short, so they cannot be out of date.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import msgspec
from starlette.requests import Request

from werkpod.apps.answers import Prepared
from werkpod.apps.jsonapi import JSON, Api, Call, Operation
from werkpod.web.errors import PROBLEM_JSON, WerkpodError

_CONTACT = {"name": "Werkpod", "url": "https://w3id.org/werkpod/", "email": "werkpod@example.org"}
_SHOWN = 2
"""Things of a list that an example shows."""
_HEADERS = {
    "API-Version": {"description": "The full version of the API.", "schema": {"type": "string", "examples": ["1.0.0"]}},
    "ETag": {
        "description": "The version of the answer, for If-None-Match (RFC 9110, 13.1.2).",
        "schema": {"type": "string", "examples": ['"33a64df551425fcc55e4d42a"']},
    },
    "Cache-Control": {
        "description": "How long the answer may be kept without asking again.",
        "schema": {"type": "string", "examples": ["public, max-age=3600"]},
    },
    "Link": {
        "description": "The next and the previous page (RFC 8288); not there where there is none.",
        "schema": {"type": "string", "examples": ['<https://werkpod.example/api?page=2>; rel="next"']},
    },
}
_ERRORS = {
    400: ("bad_parameter", "A query parameter or the JSON is wrong."),
    401: ("not_editor", "The token is missing or wrong."),
    404: ("unknown_code", "Nothing has this code, IRI or id; the detail says what a valid one looks like."),
    413: ("body_too_large", "The body is too large."),
    415: ("not_json", "The body is not application/json."),
    422: (
        "bad_content",
        "The content cannot be worked with: another form, or unknown IRIs and codes, which are named.",
    ),
}
_PROBLEM = {
    "title": "Problem",
    "description": "Problem details (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "What kind of problem, as a URN."},
        "title": {"type": "string", "description": "The kind of problem in words."},
        "status": {"type": "integer", "description": "The status of the answer."},
        "detail": {"type": "string", "description": "The input, what was wrong with it and what would be right."},
        "code": {"type": "string", "description": "The kind of problem, for programs."},
    },
}


def document(api: Api, base_url: str) -> bytes:
    """The document as JSON. `base_url` is the server's origin."""
    types = [each for op in api.operations for each in (op.query, op.body, op.answer) if each is not None]
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    by_type = {id(each): schema for each, schema in zip(types, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for operation in api.operations:
        described = _Described(api, operation, base_url, by_type, components)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described.whole()
    queries = {op.query.__name__ for op in api.operations}
    used = {name: schema for name, schema in components.items() if name not in queries}
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": api.title,
                "description": api.description,
                **({"x-nl": api.nl} if api.nl else {}),
                "version": api.version,
                "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
                "contact": _CONTACT,
            },
            "externalDocs": {"description": "The same, to read.", "url": f"{base_url}{api.root}/docs"},
            "servers": [{"url": base_url + api.root}],
            "security": [],
            "tags": [{"name": api.name, "description": api.title}],
            "paths": paths,
            "components": {"schemas": used | {"Problem": _PROBLEM}, "headers": _HEADERS} | _schemes(api),
        }
    )


def _schemes(api: Api) -> dict[str, Any]:
    """The bearer token, where an operation asks one."""
    if not any(operation.private for operation in api.operations):
        return {}
    return {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}


class _Described:
    """One operation in the words of OpenAPI."""

    def __init__(
        self, api: Api, operation: Operation, base_url: str, by_type: dict[int, Any], components: dict[str, Any]
    ) -> None:
        self._api, self._op, self._base, self._by_type = api, operation, base_url, by_type
        self._parameters = [*_path_parameters(operation), *_query_parameters(operation, components)]

    def whole(self) -> dict[str, Any]:
        """The operation object."""
        op = self._op
        described: dict[str, Any] = {
            "operationId": op.id,
            "tags": [self._api.name],
            "summary": op.summary,
            **({"x-nl": op.nl} if op.nl else {}),
            "description": _what(op.answer) or f"{op.summary}.",
            "responses": self._responses(),
        }
        if op.private:
            described["security"] = [{"token": []}]
        if self._parameters:
            described["parameters"] = self._parameters
        if op.body is not None:
            content: dict[str, Any] = {"schema": self._by_type[id(op.body)]}
            if op.example is not None:
                content["example"] = op.example
            described["requestBody"] = {"required": True, "content": {JSON: content}}
        return described

    def _responses(self) -> dict[str, Any]:
        op = self._op
        answer: dict[str, Any] = {"schema": self._by_type[id(op.answer)]}
        if (example := self._example()) is not None:
            answer["example"] = example
        names = ["API-Version"]
        if op.method == "GET" and not op.private:
            names += ["ETag", "Cache-Control", *(["Link"] if _paged(op.answer) else ())]
        headers = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
        found: dict[str, Any] = {"200": {"description": "The answer.", "headers": headers, "content": {JSON: answer}}}
        if "ETag" in names:
            kept = {name: headers[name] for name in names[:3]}
            found["304"] = {"description": "You have this answer already (If-None-Match).", "headers": kept}
        more = (*((401,) if op.private else ()), *((413, 415, 422) if op.body else ()))
        for status in sorted({400, *op.errors, *more}):
            found[str(status)] = _problem(status)
        return found

    def _example(self) -> Any:
        """What the handler answers to the examples; None where it needs what an example does not have."""
        op = self._op
        if op.shown is not None:
            return _shortened(msgspec.to_builtins(op.shown))
        try:
            answer = op.handler(self._call())
        except WerkpodError:
            return None
        whole = msgspec.json.decode(answer.plain) if isinstance(answer, Prepared) else msgspec.to_builtins(answer)
        return _shortened(whole)

    def _call(self) -> Call:
        op = self._op
        given = {each["name"]: each["example"] for each in self._parameters if "example" in each}
        path = {name: given.pop(name) for name in op.path_params}
        body = msgspec.convert(op.example, op.body) if op.body else None
        scope: dict[str, Any] = {"type": "http", "method": op.method, "path": op.path, "headers": []}
        return Call(path, msgspec.convert(given, op.query), body, Request(scope))


def _what(answer: Any) -> str:
    """What an answer is, from its docstring; empty for a bare list."""
    return (inspect.getdoc(answer) or "") if hasattr(answer, "__struct_fields__") else ""


def _paged(answer: Any) -> bool:
    return {"next", "previous"} <= set(getattr(answer, "__struct_fields__", ()))


def _problem(status: int) -> dict[str, Any]:
    code, meaning = _ERRORS[status]
    example = {
        "type": f"urn:werkpod:problem:{code}",
        "title": meaning.partition(";")[0].partition(":")[0].rstrip("."),
        "status": status,
        "detail": meaning,
        "code": code,
    }
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
    headers = {"API-Version": {"$ref": "#/components/headers/API-Version"}}
    return {"description": meaning, "headers": headers, "content": {PROBLEM_JSON: content}}


def _shortened(value: Any) -> Any:
    """The same with no more than `_SHOWN` things in each list."""
    if isinstance(value, dict):
        return {name: _shortened(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shortened(each) for each in value[:_SHOWN]]
    return value


def _path_parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    for name, (text, example) in operation.path_params.items():
        schema = {"type": "string", "minLength": 1, **operation.path_schemas.get(name, {})}
        yield {
            "name": name, "in": "path", "required": True, "description": text, "schema": schema, "example": example,
        }  # fmt: skip


def _query_parameters(operation: Operation, components: dict[str, Any]) -> Iterator[dict[str, Any]]:
    schema = components.get(operation.query.__name__, {})
    for name, form in schema.get("properties", {}).items():
        form = _in_a_query(form)
        parameter = {
            "name": name, "in": "query", "required": name in schema.get("required", ()),
            "description": form.pop("description", ""), "schema": form,
        }  # fmt: skip
        if examples := form.pop("examples", None):
            parameter["example"] = examples[0]
        yield parameter


def _in_a_query(form: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter. One that may be left out has null in it for msgspec; a query cannot say null."""
    if "anyOf" in form:
        branches = [each for each in form["anyOf"] if each.get("type") != "null"]
        if len(branches) == 1:
            form = {name: value for name, value in form.items() if name != "anyOf"} | branches[0]
    if form.get("default", "") is None:
        form = {name: value for name, value in form.items() if name != "default"}
    if "enum" in form:
        form = {**form, "enum": [each for each in form["enum"] if each is not None]}
    return dict(form)
