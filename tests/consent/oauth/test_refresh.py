"""Refresh tokens: rotated, bound to client and key, dead with their family, their grant and their time."""

from __future__ import annotations

import asyncio
import json

import pytest
from support.oauth import OAuthServer, answer, waiting
from support.tokens import Device

from werkpod.consent.oauth.details import TYPE
from werkpod.consent.oauth.errors import InvalidGrant
from werkpod.consent.oauth.store import FAMILY_SECONDS, REFRESH_SECONDS, FamilyRecord


async def test_an_old_refresh_token_ends_the_family(server: OAuthServer) -> None:
    """Reuse of a rotated token is refused and ends its successors and the access tokens (Authlib does not notice)."""
    anna, app = await server.citizen(), server.app()
    first = await server.tokens(app, anna)
    second = (await app.refresh(first["refresh_token"])).json()
    assert (await app.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await app.refresh(second["refresh_token"])).json()["error"] == "invalid_grant"
    asked = await server.http.post("/oauth/introspect", data={**app.authentication(), "token": second["access_token"]})
    assert asked.json() == {"active": False}


async def test_of_twenty_at_once_exactly_one_is_refreshed(server: OAuthServer) -> None:
    """Parallel use of one refresh token is reuse: one answer with tokens, then the family is dead."""
    anna, app = await server.citizen(), server.app()
    first = await server.tokens(app, anna)
    answers = await asyncio.gather(*(app.refresh(first["refresh_token"]) for _ in range(20)))
    won = [r.json() for r in answers if r.status_code == 200]
    assert len(won) == 1
    assert (await app.refresh(won[0]["refresh_token"])).json()["error"] == "invalid_grant"


async def test_another_family_of_the_same_app_lives_on(server: OAuthServer) -> None:
    """What happens to one authorization does not touch the next."""
    anna, app = await server.citizen(), server.app()
    one, two = await server.tokens(app, anna), await server.tokens(app, anna, prompt="consent")
    await app.refresh(one["refresh_token"])
    await app.refresh(one["refresh_token"])
    assert (await app.refresh(two["refresh_token"])).status_code == 200


@pytest.mark.parametrize("method", ["private_key_jwt", "none"])
async def test_a_refresh_token_is_its_clients_own(server: OAuthServer, method: str) -> None:
    """Another client cannot use it, and its having tried does not spoil it."""
    anna, app, other = await server.citizen(), server.app("a", method=method), server.app("b", method=method)
    other.device = app.device
    first = await server.tokens(app, anna)
    assert (await other.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await app.refresh(first["refresh_token"])).status_code == 200


async def test_a_refresh_token_is_bound_to_its_key(server: OAuthServer) -> None:
    """Without a proof, or with another key, there are no tokens; the token stays good for the right key."""
    anna, app = await server.citizen(), server.app()
    first = await server.tokens(app, anna)
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    assert (await app.token(form, proof=None)).json()["error"] == "invalid_request"
    right, app.device = app.device, Device()
    assert (await app.token(form)).json()["error"] == "invalid_grant"
    app.device = right
    assert (await app.token(form)).status_code == 200


async def test_a_confidential_client_must_authenticate(server: OAuthServer) -> None:
    """The client id alone is not enough for a client that has keys."""
    anna, app = await server.citizen(), server.app()
    first = await server.tokens(app, anna)
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "client_id": app.id}
    response = await server.http.post("/oauth/token", data=form, headers={"DPoP": app.proof()})
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


async def test_a_refresh_cannot_widen(server: OAuthServer) -> None:
    """More scope or more sections than granted is refused; less is fine."""
    anna, app = await server.citizen(), server.app()
    first = await server.tokens(app, anna, scope="webid offline_access")
    wide = await app.refresh(first["refresh_token"], scope="webid openid offline_access")
    assert wide.json()["error"] == "invalid_scope"
    details = json.dumps([{"type": TYPE, "sections": ["contact"]}])
    more = await app.refresh(first["refresh_token"], authorization_details=details)
    assert more.json()["error"] == "invalid_authorization_details"
    assert (await app.refresh(first["refresh_token"], scope="webid")).json()["scope"] == "webid"


async def test_after_the_grant_is_stopped_or_over_nothing_is_refreshed(server: OAuthServer) -> None:
    """The citizen's stop holds for refresh tokens at once; so does the grant's end."""
    anna, app = await server.citizen(), server.app()
    first = await server.tokens(app, anna)
    await server.grants.revoke(anna.id, (await server.grants.list(anna.id))[0].id, by=anna.id)
    assert (await app.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"
    second = await server.tokens(app, anna)
    for _ in range(4):
        second = (await app.refresh(second["refresh_token"])).json()
        server.clock.now += 20 * 86400
    server.clock.now += 11 * 86400
    assert (await app.refresh(second["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_refresh_token_that_lies_unused_dies(server: OAuthServer) -> None:
    """Thirty days without use and it is over."""
    anna, app = await server.citizen(), server.app()
    first = await server.tokens(app, anna)
    server.clock.now += REFRESH_SECONDS
    assert (await app.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"


async def test_no_family_lives_for_ever(server: OAuthServer) -> None:
    """Steady use does not carry a family past its absolute end."""
    anna, app = await server.citizen(), server.app()
    asked = await server.ask(app, anna, authorization_details=None)
    request_id, browser = waiting(asked)
    grant = await server.grants.create(server.grant_for(anna, app, until=None))
    code = answer(await server.authorization.approve(request_id, anna, grant, browser=browser))["code"]
    tokens = (await app.redeem(code)).json()
    began = server.clock()
    while server.clock() - began < FAMILY_SECONDS - 25 * 86400:
        server.clock.now += 25 * 86400
        tokens = (await app.refresh(tokens["refresh_token"])).json()
    server.clock.now = began + FAMILY_SECONDS
    assert (await app.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_after_the_pod_is_erased_nothing_is_refreshed(server: OAuthServer) -> None:
    """Tokens die with the keys of the pod."""
    anna, app = await server.citizen(), server.app()
    first = await server.tokens(app, anna)
    await server.pods.vault.erase(anna.id)
    assert (await app.refresh(first["refresh_token"])).json()["error"] == "invalid_grant"


async def test_who_comes_second_in_a_race_ends_the_family(server: OAuthServer) -> None:
    """Two that both found code or token unused: the store lets one through, and the other's try ends the family."""
    anna, app = await server.citizen(), server.app()
    store = server.parts.store
    first = await server.tokens(app, anna)
    one, two = [await store.find_refresh(first["refresh_token"]) for _ in range(2)]
    assert one is not None
    assert two is not None
    await store.rotate(one, until=None)
    with pytest.raises(InvalidGrant):
        await store.rotate(two, until=None)
    assert await store.revoked(f"{one.pod}.{one.family}")
    text = await server.code(app, anna, prompt="consent")
    left, right = [await store.find_code(text) for _ in range(2)]
    assert left is not None
    assert right is not None
    family = FamilyRecord(app.id, left.record.grant, "webid", "jkt")
    await store.redeem_code(left, family, until=None, refresh=True)
    assert not await store.revoked(f"{left.pod}.{left.family}")
    with pytest.raises(InvalidGrant):
        await store.redeem_code(right, family, until=None, refresh=True)
    assert await store.revoked(f"{left.pod}.{left.family}")
