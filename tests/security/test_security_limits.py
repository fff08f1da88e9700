"""Guessing is slowed down where it is done, and nobody is locked out by what a stranger does (checklist 100, 149)."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from support.oauth import oauth_server
from support.site import Site

from werkpod.consent.accounts.limits import LIMITS
from werkpod.consent.oauth.client_model import LINK_GRANT

FEW = {**LIMITS, "token-failures": "3 per 1 minute", "token-client-failures": "3 per 1 minute"}


async def test_failures_of_nobody_do_not_lock_out_who_signs(tmp_path: Path) -> None:
    """Checklist 149: an address that has no try left still serves the apps at it that sign their requests."""
    async with oauth_server(tmp_path, limits=FEW) as server:
        anna, app, public = await server.citizen(), server.app(), server.app("open", method="none")
        tokens = await server.tokens(app, anna)
        for _n in range(3):
            assert (await public.refresh("nonsense")).status_code == 400
        assert (await public.refresh("nonsense")).status_code == 429
        assert (await app.refresh(tokens["refresh_token"])).status_code == 200
        assert (await app.refresh("nonsense", client_assertion=app.assertion(key=public.key))).status_code == 429


async def test_failures_of_a_client_are_its_own(tmp_path: Path) -> None:
    """Checklist 149: a client that fails too often is slowed down; nobody else is, nor are its successes."""
    async with oauth_server(tmp_path, limits=FEW) as server:
        anna, one, other = await server.citizen(), server.app("een"), server.app("ander")
        good, mine = await server.tokens(other, anna), await server.tokens(one, anna)
        answers = [(await one.refresh("nonsense")).status_code for _n in range(5)]
        assert answers == [400, 400, 400, 429, 429]
        assert (await other.refresh("nonsense")).status_code == 400
        assert (await other.refresh(good["refresh_token"])).status_code == 200
        assert (await one.refresh(mine["refresh_token"])).status_code == 200


async def test_links_that_do_not_open_lock_no_app_out(tmp_path: Path) -> None:
    """Checklist 149: whoever tries links at the employer's page uses up no try of the app, nor of the address."""
    async with oauth_server(tmp_path, limits=FEW) as server:
        anna, app = await server.citizen(), server.app("werkgever")
        link = await server.links.create(anna, ("experience",), days=1, views=1)
        for _n in range(8):
            form = {"grant_type": LINK_GRANT, "link": secrets.token_urlsafe(32)}
            assert (await app.token(form)).status_code == 400
        assert link.url is not None
        opened = await app.token({"grant_type": LINK_GRANT, "link": link.url.rpartition("/")[2]})
        assert opened.status_code == 200


async def test_trying_out_links_is_slowed_down_for_the_browser_alone(site: Site) -> None:
    """Checklist 149: sixty links that do not open, and an address waits at the employer's page; the apps go on."""
    noor = await site.person("Noor")
    link = await site.house.links.create(noor.account, ("experience",), days=1, views=5)
    guesser = site.visitor()
    for _n in range(60):
        assert (await guesser.post(f"/k/{secrets.token_urlsafe(32)}", {"code": ""})).status_code == 404
    assert link.url is not None
    slowed = await guesser.post(link.url, {"code": ""})
    assert (slowed.status_code, int(slowed.headers["retry-after"]) <= 60) == (429, True)
    app = site.app()
    opened = await app.token({"grant_type": "refresh_token", "refresh_token": "nonsense"})
    assert opened.json()["error"] == "invalid_grant"
    assert (await site.house.links.list(noor.account.id))[0].used == 0


@pytest.mark.parametrize("path", ["/inloggen", "/herstel"])
async def test_a_name_that_nobody_has_is_answered_alike(site: Site, path: str) -> None:
    """Checklist 147: page, status and headers are the same for a name that exists and one that does not, limit too."""
    await site.person("Sanne")
    fields = {"wachtzin": "een zin die het niet is", **({"code": "AAAA-BBBB-CCCC-DDDD"} if path == "/herstel" else {})}
    seen: dict[str, list[tuple[int, str, list[str]]]] = {}
    for name in ("sanne", "xaviera"):
        visitor = site.visitor()
        for _n in range(12):
            answer = await visitor.post(path, {"naam": name, **fields})
            seen.setdefault(name, []).append(
                (answer.status_code, answer.text.replace(name, "NAAM"), sorted(answer.headers.keys()))
            )
    assert seen["sanne"] == seen["xaviera"]
    assert seen["sanne"][-1][0] == 429
