"""A slash too many or too few leads to the page, and never to another host."""

from __future__ import annotations

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from werkpod.web.slashes import SlashRedirect


@pytest.fixture
def client() -> httpx2.AsyncClient:
    """A site with a page that ends in a slash, one that does not, and one with a parameter."""

    async def page(request: object) -> PlainTextResponse:
        return PlainTextResponse("page")

    site = Starlette(routes=[Route("/apps/cv/", page), Route("/over", page), Route("/k/{secret}", page)])
    site.router.default = SlashRedirect(site.router)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(site), base_url="http://localhost")


@pytest.mark.parametrize(
    ("asked", "right"),
    [
        ("/apps/cv", "/apps/cv/"),
        ("/over/?q=a%20b", "/over?q=a%20b"),
        ("/k/geheim%0d%0aX/", "/k/geheim%0D%0AX"),
        ("/k/@evil.test/", "/k/@evil.test"),
    ],
)
async def test_the_other_ending_is_named_as_a_path(client: httpx2.AsyncClient, asked: str, right: str) -> None:
    """The redirect names a path on this server, whatever Host the sender gave."""
    answer = await client.get(asked, headers={"Host": "evil.test"})
    assert (answer.status_code, answer.headers["location"]) == (308, right)


@pytest.mark.parametrize("asked", ["/nothing", "/nothing/", "//evil.test/", "//over/", "/"])
async def test_what_is_no_page_is_not_found(client: httpx2.AsyncClient, asked: str) -> None:
    """No page with the other ending, no redirect; two slashes at the start never begin a Location."""
    answer = await client.get("http://localhost" + asked)
    assert answer.status_code == 404
    assert "location" not in answer.headers
