"""Ontology and shapes on the web."""

from __future__ import annotations

import httpx2
import pytest
from pyoxigraph import RdfFormat, parse
from starlette.applications import Starlette

from werkpod.vocab import publish


def _client() -> httpx2.AsyncClient:
    app = Starlette(routes=publish.routes())
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost:8080")


@pytest.mark.parametrize("path", ["/vocab/cv", "/vocab/consent", "/vocab/shapes"])
@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", publish.TURTLE), ("text/turtle", publish.TURTLE), ("application/ld+json", publish.JSON_LD),
        ("text/turtle;q=0.5, application/ld+json", publish.JSON_LD), ("application/json", publish.JSON_LD),
        ("application/ld+json;q=0.2, text/turtle;q=0.9", publish.TURTLE), ("text/turtle;q=zz", publish.TURTLE),
    ],
)  # fmt: skip
async def test_a_vocabulary_comes_in_the_form_that_is_asked(path: str, accept: str, media_type: str) -> None:
    """Turtle by default, JSON-LD where it is preferred, readable from any origin."""
    async with _client() as client:
        response = await client.get(path, headers={"Accept": accept})
    assert response.headers["content-type"].startswith(media_type)
    assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/vocab/cv", "/vocab/consent", "/vocab/shapes"])
async def test_both_forms_say_the_same(path: str) -> None:
    """As many triples in JSON-LD as in Turtle."""
    async with _client() as client:
        turtle = (await client.get(path + ".ttl")).content
        json_ld = (await client.get(path + ".jsonld")).content
    assert len(list(parse(turtle, RdfFormat.TURTLE))) == len(list(parse(json_ld, RdfFormat.JSON_LD))) > 50
