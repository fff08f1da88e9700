"""Forms are taken from our own pages only."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from werkpod.web.errors import Forbidden, TooLarge
from werkpod.web.forms import read_form, require_same_origin

BASE = "https://werkpod.example"


def request(body: bytes = b"", **headers: str) -> Request:
    """A POST with these headers."""
    raw = [(k.replace("_", "-").lower().encode(), v.encode()) for k, v in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": raw}

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request(scope, receive)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": BASE},
        {"origin": BASE, "sec_fetch_site": "same-origin"},
        {"origin": "null", "sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "same-origin"},
    ],
)
def test_our_own_forms_are_taken(headers: dict[str, str]) -> None:
    """A form that the browser says comes from our origin passes."""
    require_same_origin(request(**headers), BASE)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": BASE + ".evil.example"},
        {"origin": BASE, "sec_fetch_site": "cross-site"},
        {"origin": BASE, "sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
    ],
)
def test_forms_from_elsewhere_are_refused(headers: dict[str, str]) -> None:
    """A form from another site, or one that says nothing of its origin, is refused."""
    with pytest.raises(Forbidden):
        require_same_origin(request(**headers), BASE)


async def test_a_form_over_the_limit_is_refused_before_it_is_read() -> None:
    """The declared length decides before a byte of the body is read."""
    with pytest.raises(TooLarge):
        await read_form(request(origin=BASE, content_length="2000"), BASE, limit=1000)


async def test_a_form_is_read() -> None:
    """Fields of our own form arrive."""
    form = await read_form(
        request(b"naam=Sanne", origin=BASE, content_length="10", content_type="application/x-www-form-urlencoded"), BASE
    )
    assert form["naam"] == "Sanne"
