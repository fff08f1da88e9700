"""A page to read for an API, made of its OpenAPI 3.1 document: no script, in our own look, in Dutch and English.

The document's own texts are English, as those of programs are; `x-nl` beside a summary or description, and
`x-title-nl`, are the same in Dutch. The page shows what the document says and nothing else, so it cannot be out of
date.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from werkpod.web.pages import Pages

_SCHEMA = "#/components/schemas/"
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value is: a JSON type or the name of a form, in a list or not, or null; `bounds` as in JSON Schema."""

    name: str
    is_form: bool
    in_list: bool
    may_be_null: bool
    choices: tuple[str, ...]
    bounds: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a form, or a parameter. `where`: path, query, header; empty for a member."""

    name: str
    kind: Kind
    required: bool
    text: str
    where: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A schema with a name."""

    name: str
    text: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A status and what it means; `kind` and `example` of its JSON, where it has that."""

    status: str
    text: str
    kind: Kind | None
    example: str


@dataclass(frozen=True, slots=True)
class Call:
    """An operation: how it is called, what it takes, what comes back."""

    id: str
    method: str
    path: str
    summary: Mapping[str, str]
    text: str
    parameters: tuple[Member, ...]
    body: Kind | None
    curl: str
    outcomes: tuple[Outcome, ...]
    with_token: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A whole document, ready for the page."""

    title: Mapping[str, str]
    version: str
    text: Mapping[str, str]
    base: str
    calls: tuple[Call, ...]
    forms: tuple[Form, ...]


class ApiDocs:
    """The page of one document. `make` gives its bytes; `place` is where the page is; with `app_slug` it is in the
    name and colour of that app, without in Werkpod's own."""

    def __init__(
        self, make: Callable[[], bytes], pages: Pages, *, place: str, app_slug: str = "", app_name: str = ""
    ) -> None:
        self._make, self._pages, self._place = make, pages, place
        self._slug, self._name = app_slug, app_name
        self._reading: Reading | None = None

    def route(self) -> BaseRoute:
        """The route of the page."""
        return Route(self._place, self.show, methods=["GET"], name=f"docs:{self._place}")

    async def show(self, request: Request) -> Response:
        """The page."""
        if self._reading is None:
            self._reading = await run_in_threadpool(lambda: read(json.loads(self._make())))
        layout = "app.html" if self._slug else "base.html"
        return self._pages.render(
            request, "apidocs.html", layout=layout, app_slug=self._slug, app_name=self._name, api=self._reading
        )


def read(document: Mapping[str, Any]) -> Reading:
    """What a document says."""
    info = document["info"]
    return Reading(
        {"en": info["title"], "nl": info.get("x-title-nl", "")},
        info["version"],
        {"en": info["description"], "nl": info.get("x-nl", "")},
        document["servers"][0]["url"],
        tuple(_calls(document)),
        tuple(_form(name, schema) for name, schema in sorted(document["components"]["schemas"].items())),
    )


def _calls(document: Mapping[str, Any]) -> Iterator[Call]:
    private = bool(document.get("security"))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parameters = tuple(map(_parameter, operation.get("parameters", ())))
            contents: dict[str, dict[str, Any]] = operation.get("requestBody", {}).get("content", {})
            media_type, sent = next(iter(contents.items()), ("", {}))
            yield Call(
                operation["operationId"],
                method.upper(),
                path,
                {"en": operation["summary"], "nl": operation.get("x-nl", "")},
                operation.get("description", ""),
                parameters,
                _kind(sent["schema"]) if sent else None,
                _curl(document["servers"][0]["url"], method.upper(), path, parameters, media_type, sent),
                tuple(_outcome(status, answer) for status, answer in operation["responses"].items()),
                bool(operation.get("security", private)),
            )


def _outcome(status: str, answer: Mapping[str, Any]) -> Outcome:
    content = next(iter(answer.get("content", {}).values()), None)
    kind = _kind(content["schema"]) if content else None
    example = _pretty(content["example"]) if content and "example" in content and status.startswith("2") else ""
    return Outcome(status, answer["description"], kind, example)


def _parameter(said: Mapping[str, Any]) -> Member:
    example = str(said.get("example", ""))
    text = said.get("description", "")
    return Member(said["name"], _kind(said["schema"]), said.get("required", False), text, said["in"], example)


def _form(name: str, schema: Mapping[str, Any]) -> Form:
    required = schema.get("required", ())
    members = (
        Member(each, _kind(kind), each in required, kind.get("description", ""))
        for each, kind in schema.get("properties", {}).items()
    )
    return Form(name, schema.get("description", ""), tuple(members))


def _kind(schema: Mapping[str, Any]) -> Kind:
    branches = [schema, *schema.get("anyOf", ())] if "anyOf" in schema else [schema]
    may_be_null = any(each.get("type") == "null" for each in branches) or None in schema.get("enum", ())
    one = next((each for each in branches if each.get("type") != "null" and "anyOf" not in each), schema)
    in_list = one.get("type") == "array"
    held = one.get("items") or {} if in_list else one
    bounds = {name: one[name] for name in _BOUNDS if name in one and one[name] not in (None, "", [], {})}
    form = str(held.get("$ref", "")).removeprefix(_SCHEMA)
    choices = tuple(str(each) for each in held.get("enum", ()) if each is not None)
    kind = held.get("type", "string" if choices else "")
    name = form or (" / ".join(kind) if isinstance(kind, list) else kind)
    return Kind(name, bool(form), in_list, may_be_null, choices, bounds | _default(schema))


_BOUNDS = ("minLength", "maxLength", "minimum", "maximum", "maxItems", "format", "pattern")


def _default(schema: Mapping[str, Any]) -> dict[str, Any]:
    default = schema.get("default")
    return {"default": default} if isinstance(default, (str, int, float)) and default != "" else {}


def _curl(
    base: str, method: str, path: str, parameters: tuple[Member, ...], media_type: str, sent: Mapping[str, Any]
) -> str:
    """The command that does the example."""
    query = {}
    for each in parameters:
        if each.where == "path":
            path = path.replace("{" + each.name + "}", quote(each.example, safe="") or "{" + each.name + "}")
        elif each.where == "query" and each.example:
            query[each.name] = each.example
    words = ["curl", *([] if method in ("GET", "POST") else ["-X", method])]
    words.append(base + path + (f"?{urlencode(query)}" if query else ""))
    command = shlex.join(words)
    if sent:
        command += f" \\\n  -H {shlex.quote(f'Content-Type: {media_type}')}"
        if "example" in sent:
            command += f" \\\n  -d {shlex.quote(json.dumps(sent['example'], ensure_ascii=False))}"
    return command


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
