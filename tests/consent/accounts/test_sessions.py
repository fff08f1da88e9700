"""Sessions and the viewer of a page."""

from __future__ import annotations

import httpx2
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from support.oauth import OAuthServer

from werkpod.consent.accounts import Sessions, ViewerMiddleware


async def test_a_session_knows_its_account_until_it_ends(server: OAuthServer) -> None:
    """Start, use, end; after the end the secret is worth nothing."""
    anna = await server.citizen()
    secret = await server.sessions.start(anna.id)
    assert await server.sessions.account(secret) == anna
    await server.sessions.end(secret)
    assert await server.sessions.account(secret) is None


@pytest.mark.parametrize("secret", [None, "", "x", "0" * 26 + "." + "x" * 43, "é" * 70, "0" * 26 + ".", "' OR 1=1"])
async def test_what_is_no_secret_is_nobody(server: OAuthServer, secret: str | None) -> None:
    """Garbage in the cookie is no session and no error."""
    assert await server.sessions.account(secret) is None
    await server.sessions.end(secret)


async def test_a_new_session_at_each_sign_in(server: OAuthServer) -> None:
    """Secrets differ, and the one that a sign-in replaces is over (session fixation)."""
    anna = await server.citizen()
    first = await server.sessions.start(anna.id)
    second = await server.sessions.start(anna.id, replaces=first)
    third = await server.sessions.start(anna.id)
    assert len({first, second, third}) == 3
    assert await server.sessions.account(first) is None
    assert await server.sessions.account(second) == anna
    await server.sessions.end_all(anna.id)
    assert await server.sessions.account(third) is None


async def test_a_session_ends_when_idle_and_after_a_month(server: OAuthServer) -> None:
    """Twelve hours without use, or thirty days with."""
    anna = await server.citizen()
    idle = await server.sessions.start(anna.id)
    server.clock.now += 12 * 3600 - 1
    assert await server.sessions.account(idle) == anna
    server.clock.now += 12 * 3600 - 1
    assert await server.sessions.account(idle) == anna
    server.clock.now += 12 * 3600
    assert await server.sessions.account(idle) is None
    used = await server.sessions.start(anna.id)
    for _ in range(3 * 30 - 1):
        server.clock.now += 8 * 3600
        assert await server.sessions.account(used) == anna
    server.clock.now += 8 * 3600
    assert await server.sessions.account(used) is None


async def test_reading_a_page_is_not_a_write_each_time(server: OAuthServer) -> None:
    """`seen` moves at most each five minutes."""
    anna = await server.citizen()
    secret = await server.sessions.start(anna.id)

    async def seen() -> object:
        return (await server.consent.fetch("SELECT seen FROM session"))[0][0]

    before = await seen()
    server.clock.now += 299
    await server.sessions.account(secret)
    assert await seen() == before
    server.clock.now += 1
    await server.sessions.account(secret)
    assert await seen() == before + 300  # type: ignore[operator]


async def test_a_session_of_an_erased_pod_is_nobody(server: OAuthServer) -> None:
    """When the keys are gone, so is who was signed in."""
    anna = await server.citizen()
    secret = await server.sessions.start(anna.id)
    await server.pods.vault.erase(anna.id)
    assert await server.sessions.account(secret) is None


@pytest.mark.parametrize(
    ("base", "name", "secure"), [("https://a.example", "__Host-werkpod", True), ("http://localhost", "werkpod", False)]
)
async def test_the_cookie_is_as_closed_as_the_base_allows(
    server: OAuthServer, base: str, name: str, secure: bool
) -> None:
    """HttpOnly, SameSite=Lax, Path=/, no Domain; over https also Secure with the __Host- prefix."""
    sessions = Sessions(server.consent, server.accounts, base_url=base)
    response = Response()
    sessions.set_cookie(response, "secret")
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(f"{name}=secret;")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert ("Secure" in cookie) is secure
    cleared = Response()
    sessions.clear_cookie(cleared)
    assert "Max-Age=0" in cleared.headers["set-cookie"]


async def test_the_viewer_is_who_the_cookie_says(server: OAuthServer) -> None:
    """The middleware sets Account or None for each request, and passes other scopes on."""
    anna = await server.citizen()
    seen: list[object] = []

    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope.get("state", {}).get("viewer", "unset"))
        await Response("ok")(scope, receive, send)

    app = ViewerMiddleware(page, sessions=server.sessions)
    secret = await server.sessions.start(anna.id)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost") as http:
        for cookie in (f"werkpod={secret}", f"taal=nl; werkpod={secret}; x=y", "werkpod=nonsense", "werkpod=", ""):
            await http.get("/", headers={"Cookie": cookie} if cookie else {})
    assert seen == [anna, anna, None, None, None]
