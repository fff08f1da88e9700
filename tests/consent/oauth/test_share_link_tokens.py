"""Share links at the token endpoint: for the app that they were made for, as often as they say."""

from __future__ import annotations

import asyncio

from support.oauth import OAuthServer

from werkpod.consent.oauth.client_model import LINK_GRANT


async def test_a_link_is_for_the_employers_app(server: OAuthServer) -> None:
    """Another app gets nothing for the secret of a link."""
    anna, other = await server.citizen(), server.app("other")
    server.app("werkgever")
    link = await server.links.create(anna, ["experience"], days=7, views=5, label="Bakker")
    response = await other.token({"grant_type": LINK_GRANT, "link": link.url.rpartition("/")[2]})
    assert response.json()["error"] == "invalid_grant"


async def test_a_public_client_opens_no_links(server: OAuthServer) -> None:
    """The app that opens links shows who it is."""
    anna, app = await server.citizen(), server.app("werkgever", method="none")
    link = await server.links.create(anna, ["experience"], days=7, views=5, label="Bakker")
    response = await app.token({"grant_type": LINK_GRANT, "link": link.url.rpartition("/")[2]})
    assert response.json()["error"] == "invalid_client"


async def test_views_are_counted_when_many_come_at_once(server: OAuthServer) -> None:
    """Of ten at once, a link with three views lets three in."""
    anna, app = await server.citizen(), server.app("werkgever")
    link = await server.links.create(anna, ["experience"], days=7, views=3, label="Bakker")
    form = {"grant_type": LINK_GRANT, "link": link.url.rpartition("/")[2]}
    answers = await asyncio.gather(*(app.token(form) for _ in range(10)))
    assert [r.status_code for r in answers].count(200) == 3


async def test_a_passcode_is_needed_where_one_was_set(server: OAuthServer) -> None:
    """Without it, or with a wrong one, the answer is that of a link that is gone."""
    anna, app = await server.citizen(), server.app("werkgever")
    link = await server.links.create(anna, ["experience"], days=7, views=5, passcode="zonnebloem", label="Bakker")
    form = {"grant_type": LINK_GRANT, "link": link.url.rpartition("/")[2]}
    for wrong in ({}, {"passcode": "madelief"}):
        response = await app.token({**form, **wrong})
        assert response.json()["error"] == "invalid_grant"
    assert (await app.token({**form, "passcode": "zonnebloem"})).status_code == 200


async def test_a_request_without_proof_uses_no_view(server: OAuthServer) -> None:
    """What could not succeed is not counted as a view."""
    anna, app = await server.citizen(), server.app("werkgever")
    link = await server.links.create(anna, ["experience"], days=7, views=1, label="Bakker")
    form = {"grant_type": LINK_GRANT, "link": link.url.rpartition("/")[2]}
    assert (await app.token(form, proof=None)).json()["error"] == "invalid_request"
    assert (await app.token({"grant_type": LINK_GRANT})).json()["error"] == "invalid_request"
    assert (await app.token(form)).status_code == 200
