"""Static files over HTTP."""

from __future__ import annotations

import gzip

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from werkpod.web.static import StaticFiles


@pytest.fixture
def client() -> httpx2.AsyncClient:
    """A client of an app that serves the project's static files."""
    files = StaticFiles()
    app = Starlette(routes=[Route("/static/{path:path}", files)])
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost")


async def test_a_stylesheet_comes_compressed_and_is_cached_by_version(client: httpx2.AsyncClient) -> None:
    """With the current version in its address a file may be kept for a year."""
    version = StaticFiles().version
    answer = await client.get(f"/static/werkpod.css?v={version}", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert ".wp-page" in answer.text
    plain = await client.get("/static/werkpod.css", headers={"Accept-Encoding": "identity"})
    assert plain.content == answer.content
    assert len(gzip.compress(plain.content)) < len(plain.content)


async def test_a_file_that_the_browser_has_is_not_sent_again(client: httpx2.AsyncClient) -> None:
    """If-None-Match with the file's ETag gives 304 without a body."""
    etag = (await client.get("/static/werkpod.css")).headers["etag"]
    again = await client.get("/static/werkpod.css", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["nothing.css", "../web/pages.py", "..%2f..%2fpyproject.toml", "%2e%2e/__init__.py", ""]
)
async def test_nothing_outside_the_folder_is_served(client: httpx2.AsyncClient, path: str) -> None:
    """Only files that were in the folder at start have an address."""
    assert (await client.get(f"/static/{path}")).status_code == 404
