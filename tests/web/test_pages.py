"""Pages: languages, dates, headers."""

from __future__ import annotations

import datetime as dt

import pytest
from starlette.requests import Request

from werkpod.web.pages import Pages, day, language_of, month


def request(**headers: str) -> Request:
    """A GET with these headers."""
    raw = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": raw, "state": {}}
    return Request({**scope, "server": ("localhost", 80), "scheme": "http"})


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "nl"),
        ({"accept_language": "en-GB,en;q=0.9"}, "en"),
        ({"accept_language": "fr, nl;q=0.8, en;q=0.5"}, "nl"),
        ({"accept_language": "en", "cookie": "taal=nl"}, "nl"),
        ({"cookie": "taal=xx"}, "nl"),
    ],
)
def test_the_language_is_the_readers_choice_else_the_browsers_else_dutch(
    headers: dict[str, str], expected: str
) -> None:
    """Cookie before Accept-Language before Dutch."""
    assert language_of(request(**headers)) == expected


def test_dates_read_as_people_say_them() -> None:
    """Months by name, Dutch local time, in both languages."""
    assert day("2026-11-23") == "23 november 2026"
    assert day(dt.date(2026, 3, 1), "en") == "1 March 2026"
    assert day(dt.datetime(2026, 7, 1, 12, 5, tzinfo=dt.UTC), with_time=True) == "1 juli 2026 om 14.05 uur"
    assert day(dt.datetime(2026, 1, 31, 23, 30, tzinfo=dt.UTC)) == "1 februari 2026"
    assert day(None) == ""
    assert month("2015-03") == "maart 2015"
    assert month("2015", "en") == "2015"


def test_a_page_escapes_what_people_typed_and_forbids_inline_script() -> None:
    """Text of strangers is text, and the policy allows no inline script or style."""
    pages = Pages([], base_url="http://localhost:8080")
    response = pages.render(request(), "error.html", title="<script>alert(1)</script>", text="x", status=404)
    html = bytes(response.body).decode()
    assert response.status_code == 404
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html
    policy = response.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["cache-control"] == "no-store"


def test_english_pages_are_in_english() -> None:
    """The same template in English, with its language named for screen readers."""
    pages = Pages([], base_url="http://localhost:8080")
    english = bytes(pages.render(request(accept_language="en"), "error.html", title="x", text="y").body).decode()
    assert '<html lang="en"' in english
    assert "Skip to content" in english
    assert "Naar de inhoud" not in english
