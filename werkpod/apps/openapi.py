"""The OpenAPI 3.1 document of an API, from its declared operations."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec

from werkpod.apps.jsonapi import JSON, Api, Operation

_CONTACT = {"name": "Werkpod", "url": "https://w3id.org/werkpod/", "email": "werkpod@example.org"}
_VERSION_HEADER = {
    "API-Version": {"description": "The full version of the API.", "schema": {"type": "string", "examples": ["1.0.0"]}}
}
_ERRORS = {
    400: "A query parameter or the JSON is wrong.",
    401: "The token is missing or wrong.",
    404: "Nothing has this code, IRI or id; the detail says what a valid one looks like.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "The content cannot be worked with: another form, or unknown IRIs and codes, which are named.",
}


def document(api: Api, base_url: str) -> bytes:
    """The document as JSON. `base_url` is the server's origin."""
    types = [each for op in api.operations for each in (op.query, op.body, op.answer) if each is not None]
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    by_type = {id(each): schema for each, schema in zip(types, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for operation in api.operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(api, operation, by_type, components)
    used = {
        name: schema for name, schema in components.items() if name not in {op.query.__name__ for op in api.operations}
    }
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": api.title,
                "description": api.description,
                "version": api.version,
                "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
                "contact": _CONTACT,
            },
            "servers": [{"url": base_url + api.root}],
            "tags": [{"name": api.name, "description": api.title}],
            "paths": paths,
            "components": {"schemas": used | {"Problem": _PROBLEM}} | _schemes(api),
        }
    )


def _schemes(api: Api) -> dict[str, Any]:
    """The bearer token, where an operation asks one."""
    if not any(operation.private for operation in api.operations):
        return {}
    return {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}}


_PROBLEM = {
    "title": "Problem",
    "description": "Problem details (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
    },
}


def _operation(api: Api, operation: Operation, by_type: dict[int, Any], components: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {"schema": by_type[id(operation.answer)]}
    described: dict[str, Any] = {
        "operationId": operation.id,
        "tags": [api.name],
        "summary": operation.summary,
        "description": inspect.getdoc(operation.answer) or operation.summary,
        "responses": {"200": {"description": "The answer.", "headers": _VERSION_HEADER, "content": {JSON: answer}}},
    }
    if operation.private:
        described["security"] = [{"token": []}]
    parameters = [*_path_parameters(operation), *_query_parameters(operation, components)]
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        content: dict[str, Any] = {"schema": by_type[id(operation.body)]}
        if operation.example is not None:
            content["example"] = operation.example
        described["requestBody"] = {"required": True, "content": {JSON: content}}
    more = (*((401,) if operation.private else ()), *((413, 415, 422) if operation.body else ()))
    for status in sorted({400, *operation.errors, *more}):
        problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        described["responses"][str(status)] = {"description": _ERRORS[status], "content": problem}
    return described


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": text,
            "schema": {"type": "string"},
            "example": example,
        }
        for name, (text, example) in operation.path_params.items()
    ]


def _query_parameters(operation: Operation, components: dict[str, Any]) -> list[dict[str, Any]]:
    schema = components.get(operation.query.__name__, {})
    parameters = []
    for name, form in schema.get("properties", {}).items():
        text = form.pop("description", "")
        required = name in schema.get("required", ())
        parameters.append({"name": name, "in": "query", "required": required, "description": text, "schema": form})
    return parameters
