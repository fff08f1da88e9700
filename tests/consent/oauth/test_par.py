"""Pushed authorization requests: RFC 9126, and RFC 9449 section 10.1."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from support.oauth import BASE, OAuthServer, answer, oauth_server, waiting
from support.tokens import Device

from werkpod.consent.errors import RequestGone
from werkpod.consent.oauth.pushed import PREFIX, SECONDS


async def test_a_pushed_request_is_answered_like_any_other(server: OAuthServer) -> None:
    """The address in the browser has nothing in it but the client and a random name; the whole way works."""
    anna, app = await server.citizen(), server.app()
    pushed = await app.push()
    assert pushed.status_code == 201
    assert pushed.headers["cache-control"] == "no-cache, no-store"
    body = pushed.json()
    assert body["expires_in"] == SECONDS
    assert body["request_uri"].startswith(PREFIX)
    request_id, browser = waiting(await server.come_with(app.id, body["request_uri"], anna))
    grant = await server.grants.create(server.grant_for(anna, app))
    back = answer(await server.authorization.approve(request_id, anna, grant, browser=browser))
    assert (back["state"], back["iss"]) == ("a state", BASE)
    assert (await app.redeem(back["code"])).status_code == 200


async def test_only_what_was_pushed_counts(server: OAuthServer) -> None:
    """Parameters beside the request_uri change nothing (RFC 9126, 4): what was checked is what is asked."""
    anna, app = await server.citizen(), server.app()
    uri = await app.pushed()
    found = await server.come_with(
        app.id, uri, anna, scope="webid", redirect_uri="https://evil.example/", state="another", prompt="none"
    )
    request_id, browser = waiting(found)
    asked = await server.authorization.pending(request_id, browser=browser)
    assert (asked.redirect_uri, asked.scope) == (app.redirect_uri, ("openid", "webid", "offline_access"))
    back = answer(await server.authorization.refuse(request_id, anna, browser=browser))
    assert (back["error"], back["state"]) == ("access_denied", "a state")


async def test_it_works_twice_before_it_is_answered_and_not_after(server: OAuthServer) -> None:
    """A reload shows the question again; of both questions one can be answered, and then the address is worthless."""
    anna, app = await server.citizen(), server.app()
    uri = await app.pushed()
    first = waiting(await server.come_with(app.id, uri, anna))
    second = waiting(await server.come_with(app.id, uri, anna))
    grant = await server.grants.create(server.grant_for(anna, app))
    await server.authorization.approve(second[0], anna, grant, browser=second[1])
    with pytest.raises(RequestGone):
        await server.authorization.approve(first[0], anna, grant, browser=first[1])
    again = await server.come_with(app.id, uri, anna)
    assert (again.status_code, "location" in again.headers) == (400, False)


async def test_a_pushed_request_straight_to_the_code_is_used_up_by_it(server: OAuthServer) -> None:
    """Where the same was allowed before, of ten at once one gets the code; under prompt=none a no uses it up too."""
    anna, app = await server.citizen(), server.app()
    await server.say_yes(app, anna)
    uri = await app.pushed()
    found = await asyncio.gather(*(server.come_with(app.id, uri, anna) for _ in range(10)))
    assert sorted(one.status_code for one in found) == [302] + [400] * 9
    silent = await app.pushed(prompt="none")
    assert answer((await server.come_with(app.id, silent)).headers["location"])["error"] == "login_required"
    assert (await server.come_with(app.id, silent, anna)).status_code == 400


async def test_a_pushed_request_ends(server: OAuthServer) -> None:
    """After its time, for another client, cut short or never given out: one page, which does not say which."""
    anna, app, other = await server.citizen(), server.app(), server.app("ander")
    uri = await app.pushed()
    said = set()
    for client, address in ((other.id, uri), (app.id, uri[:-1]), (app.id, f"{PREFIX}x"), (f"{BASE}/apps/niet", uri)):
        found = await server.come_with(client, address, anna)
        assert (found.status_code, "location" in found.headers) == (400, False)
        said.add(found.json()["detail"])
    server.clock.now += SECONDS
    late = await server.come_with(app.id, uri, anna)
    assert late.status_code == 400
    assert said == {late.json()["detail"]}


async def test_a_question_on_the_screen_outlives_the_pushed_request(server: OAuthServer) -> None:
    """Nobody is hurried: who reads for hours can still say yes."""
    anna, app = await server.citizen(), server.app()
    request_id, browser = waiting(await server.come_with(app.id, await app.pushed(), anna))
    server.clock.now += 20 * 3600
    grant = await server.grants.create(server.grant_for(anna, app))
    assert "code=" in await server.authorization.approve(request_id, anna, grant, browser=browser)


WRONG: list[tuple[dict[str, str | None], str]] = [
    ({"code_challenge": None}, "invalid_request"),
    ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
    ({"redirect_uri": None}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"authorization_details": "[]"}, "invalid_authorization_details"),
    ({"dpop_jkt": "x"}, "invalid_request"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"request": "x"}, "request_not_supported"),
    ({"request_uri": f"{PREFIX}x"}, "invalid_request"),
    ({"grant_management_action": "delete"}, "invalid_request"),
]


async def test_what_is_wrong_is_told_to_the_client_at_once(server: OAuthServer) -> None:
    """All checks of an authorization request are done when it is pushed; the error is JSON and goes to nobody else."""
    app = server.app()
    for changes, error in WRONG:
        found = await app.push(**changes)
        assert (found.status_code, found.json()["error"]) == (400, error), changes
        assert "location" not in found.headers
        assert "state" not in found.json()


async def test_the_client_shows_who_it_is(server: OAuthServer) -> None:
    """As at the token endpoint; a client_id that is missing, or another's, is refused."""
    app, other, public = server.app(), server.app("ander"), server.app("open", method="none")
    assert (await app.push(authentication={})).status_code == 401
    others = {name: value for name, value in other.authentication().items() if name != "client_id"}
    assert (await app.push(authentication=others)).status_code == 401
    sent = {**app.query(), **app.authentication()}
    del sent["client_id"]
    missing = await server.http.post("/oauth/par", data=sent)
    assert (missing.status_code, missing.json()["error"]) == (400, "invalid_request")
    assert (await public.push()).status_code == 201
    tool = await server.credentials.create(await server.citizen(), "script")
    assert (await server.http.post("/oauth/par", data=app.query(client_id=tool[0]), auth=tool)).status_code == 400


async def test_a_client_that_pushes_is_held_to_it(server: OAuthServer) -> None:
    """RFC 9126, 6: what others put into a browser in its name is not answered, in document and registration alike."""
    said: dict[str, Any] = {"require_pushed_authorization_requests": True}
    anna, app = await server.citizen(), server.app(document=said)
    plain = await server.ask(app, anna)
    assert (plain.status_code, "location" in plain.headers) == (400, False)
    waiting(await server.come_with(app.id, await app.pushed(), anna))
    body = {"redirect_uris": ["https://app.example/cb"], "token_endpoint_auth_method": "none", **said}
    registered = (await server.http.post("/oauth/register", json=body)).json()
    assert registered["require_pushed_authorization_requests"] is True
    strange = {"client_id": registered["client_id"], "redirect_uri": "https://app.example/cb"}
    assert (await server.ask(app, anna, authorization_details=None, **strange)).status_code == 400
    app.document["require_pushed_authorization_requests"] = "yes"
    server.clock.now += 301
    assert (await app.push()).status_code == 401


async def test_a_server_can_take_pushed_requests_only(tmp_path: Path) -> None:
    """`require_par`: the metadata says so, and nobody comes in without."""
    async with oauth_server(tmp_path, require_par=True) as server:
        anna, app = await server.citizen(), server.app()
        found = (await server.http.get("/.well-known/oauth-authorization-server")).json()
        assert found["require_pushed_authorization_requests"] is True
        assert found["pushed_authorization_request_endpoint"] == f"{BASE}/oauth/par"
        assert (await server.ask(app, anna)).status_code == 400
        waiting(await server.come_with(app.id, await app.pushed(), anna))


async def test_a_proof_at_the_push_binds_the_code(server: OAuthServer) -> None:
    """RFC 9449, 10.1: the key of the proof is the key of the code; a dpop_jkt of another key is refused."""
    anna, app = await server.citizen(), server.app()

    def proof(device: Device) -> str:
        return device.proof("POST", f"{BASE}/oauth/par", None, now=server.clock())

    other = await app.push(proof=proof(app.device), dpop_jkt=Device().thumbprint)
    assert other.json()["error"] == "invalid_dpop_proof"
    pushed = await app.push(proof=proof(app.device))
    request_id, browser = waiting(await server.come_with(app.id, pushed.json()["request_uri"], anna))
    grant = await server.grants.create(server.grant_for(anna, app))
    back = answer(await server.authorization.approve(request_id, anna, grant, browser=browser))
    mine, app.device = app.device, Device()
    assert (await app.redeem(back["code"])).json()["error"] == "invalid_grant"
    app.device = mine
    assert (await app.redeem(back["code"])).status_code == 200


async def test_there_is_room_for_so_many_and_not_more(tmp_path: Path) -> None:
    """Requests are counted for each address, what is over is swept away, nothing pushed is readable on disk."""
    async with oauth_server(tmp_path, limits={"pushed-address": "2 per 1 minute", "token-failures": "9 per 1 minute",
                                              "client-document": "9 per 1 minute"}) as server:  # fmt: skip
        app = server.app()
        for _ in range(3):
            await app.pushed()  # one of our own: not counted
        rows = await server.consent.fetch("SELECT sealed FROM pushed_request")
        assert len(rows) == 3
        assert not any(b"redirect" in bytes(row[0]) for row in rows)  # type: ignore[arg-type]
        server.clock.now += 2 * 86400
        await app.pushed()
        assert len(await server.consent.fetch("SELECT sealed FROM pushed_request")) == 1
        strange = {"client_id": "app-AAAAAAAAAAAAAAAAAAAAAA"}
        found = [(await server.http.post("/oauth/par", data=strange)).status_code for _ in range(3)]
        assert found == [401, 401, 429]
