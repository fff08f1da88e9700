"""The OpenAPI document of `/api/consent/v1` says what is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from starlette.routing import Route
from support.oauth import BASE
from support.site import Site

from werkpod.consent.dashboard.api import ROOT
from werkpod.consent.dashboard.openapi import OPERATIONS, document


def _routes(app: Any) -> Iterator[Route]:
    """Every route of an application, whatever stands in front of it."""
    while not hasattr(app, "routes"):
        app = getattr(app, "_site", None) or app.app
    yield from (route for route in app.routes if isinstance(route, Route))


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (ref for key, ref in value.items() if key == "$ref")
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


async def test_every_call_is_described(site: Site) -> None:
    """Each address and method under the root is in the document, and nothing else is."""
    there = {
        (method.lower(), route.path.removeprefix(ROOT))
        for route in _routes(site.front)
        for method in route.methods or ()
        if route.path.startswith(ROOT + "/") and method not in ("HEAD", "OPTIONS")
    }
    there -= {("get", "/openapi.json"), ("get", "/docs")}
    assert {(op.method, op.path) for op in OPERATIONS} == there


async def test_the_page_tells_every_call(site: Site) -> None:
    """The same document, to read, open to everybody, in Werkpod's own name."""
    page = await site.http.get(f"{ROOT}/docs", headers={"Accept-Language": "nl"})
    assert page.status_code == 200
    assert all(f'id="{op.id}"' in page.text for op in OPERATIONS)
    assert "met token" in page.text
    assert "Wie deelt wat met wie" in page.text
    answer = await site.http.get(f"{ROOT}/received")
    assert (answer.status_code, answer.headers["api-version"]) == (401, "1.0.0")


async def test_the_document_is_open_and_whole(site: Site) -> None:
    """Anybody may have it, from any origin; each reference leads somewhere and each id is one call's."""
    answer = await site.http.get(f"{ROOT}/openapi.json", headers={"Origin": "https://elsewhere.example"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
    found = answer.json()
    assert found == json.loads(document(BASE))
    assert found["openapi"].startswith("3.1")
    for reference in _references(found):
        part, name = reference.removeprefix("#/components/").split("/")
        assert name in found["components"][part], reference
    ids = [op.id for op in OPERATIONS]
    assert len(ids) == len(set(ids))
    assert msgspec.json.decode(answer.content)["servers"] == [{"url": BASE + ROOT}]
