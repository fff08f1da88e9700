"""Grant Management for OAuth 2.0: asking for more, for something else, seeing and ending a grant."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from support.oauth import BASE, App, OAuthServer, answer, claims_of, waiting

from werkpod.consent.accounts import Account
from werkpod.consent.grants import GrantRecord
from werkpod.consent.oauth.details import TYPE
from werkpod.consent.oauth.flow import GrantTooWide


def asking(*sections: str, **members: Any) -> str:
    """authorization_details for sections."""
    return json.dumps([{"type": TYPE, "sections": list(sections), "actions": ["read"], "duration": "P90D", **members}])


async def yes(
    server: OAuthServer, app: App, account: Account, asked: httpx2.Response, **changes: Any
) -> tuple[dict[str, Any], GrantRecord]:
    """Say yes as the consent page does, with a record that has `changes`; the token response and the grant."""
    request_id, browser = waiting(asked)
    request = await server.authorization.pending(request_id, browser=browser, account=account)
    fields: dict[str, Any] = {"sections": request.access.possible, "purpose": request.access.purpose, **changes}
    record = request.placed(server.grant_for(account, app, **fields))
    request.check(account, record, server.clock())
    grant = await (server.grants.change(record) if record.id else server.grants.create(record))
    url = await server.authorization.approve(request_id, account, grant, browser=browser)
    response = await app.redeem(answer(url)["code"])
    assert response.status_code == 200, response.text
    return response.json(), grant


async def test_merge_adds_to_a_grant(server: OAuthServer) -> None:
    """The same grant in a new version gives both; older tokens give it too; the page is told what is new."""
    anna, app = await server.citizen(), server.app()
    asked = await server.ask(app, anna, authorization_details=asking("experience", fields={"experience": ["period"]}))
    hidden = ("experience.employer", "experience.place", "experience.kind", "experience.description")
    first, grant = await yes(server, app, anna, asked, hidden_fields=hidden)
    assert first["grant_id"] == f"{anna.id}.{grant.id}"
    assert first["authorization_details"][0]["fields"] == {"experience": ["period"]}
    more = {"grant_id": first["grant_id"], "grant_management_action": "merge"}
    details = asking("experience", "languages", fields={"experience": ["employer"]})
    asked = await server.ask(app, anna, authorization_details=details, **more)
    request_id, browser = waiting(asked)
    request = await server.authorization.pending(request_id, browser=browser)
    assert request.gains.sections == ("languages",)
    assert request.gains.fields == ("experience.employer",)
    hides = request.access.must_hide(request.access.possible)
    second, merged = await yes(server, app, anna, asked, hidden_fields=hides)
    assert (second["grant_id"], merged.id, merged.version) == (first["grant_id"], grant.id, 2)
    said = second["authorization_details"]
    assert len(said) == 1
    assert said[0]["sections"] == ["experience", "languages"]
    assert said[0]["fields"] == {"experience": ["employer", "period"]}
    assert said[0]["version"] == 2
    old = (await app.refresh(first["refresh_token"])).json()
    assert old["authorization_details"] == said
    straight = answer((await server.ask(app, anna, authorization_details=details, **more)).headers["location"])
    assert "code" in straight


async def test_replace_puts_another_grant_in_its_place(server: OAuthServer) -> None:
    """The same id, what was there is gone, and older tokens give what the new version says."""
    anna, app = await server.citizen(), server.app()
    first, grant = await yes(server, app, anna, await server.ask(app, anna))
    more = {"grant_id": first["grant_id"], "grant_management_action": "replace"}
    asked = await server.ask(app, anna, authorization_details=asking("languages"), **more)
    second, replaced = await yes(server, app, anna, asked)
    assert (replaced.id, replaced.version, replaced.sections) == (grant.id, 2, ("languages",))
    assert [one["sections"] for one in second["authorization_details"]] == [["languages"]]
    assert (await app.refresh(first["refresh_token"])).json()["authorization_details"][0]["sections"] == ["languages"]


async def test_create_makes_a_grant_of_its_own(server: OAuthServer) -> None:
    """The person is asked, whatever there is; the app has two grants and is told of both."""
    anna, app = await server.citizen(), server.app()
    first, _ = await yes(server, app, anna, await server.ask(app, anna))
    second, _ = await yes(server, app, anna, await server.ask(app, anna, grant_management_action="create"))
    assert first["grant_id"] != second["grant_id"]
    assert len(second["authorization_details"]) == 2


WRITING = asking("contact", actions=["read", "write"])
MARKETING = asking("contact", purpose="https://w3id.org/dpv#Marketing")
WRONG: list[tuple[dict[str, str | None], str]] = [
    ({"grant_management_action": "update"}, "invalid_request"),
    ({"grant_management_action": "merge"}, "invalid_request"),
    ({"grant_management_action": "replace"}, "invalid_request"),
    ({"grant_management_action": "create", "grant_id": "mine"}, "invalid_request"),
    ({"grant_id": "mine"}, "invalid_request"),
    ({"grant_management_action": "merge", "grant_id": "mine", "authorization_details": None},
     "invalid_authorization_details"),
    ({"grant_management_action": "merge", "grant_id": "mine", "authorization_details": WRITING},
     "invalid_authorization_details"),
    ({"grant_management_action": "merge", "grant_id": "mine", "authorization_details": MARKETING},
     "invalid_authorization_details"),
    ({"grant_management_action": "replace", "grant_id": "x"}, "invalid_grant_id"),
    ({"grant_management_action": "replace", "grant_id": "others app"}, "invalid_grant_id"),
    ({"grant_management_action": "merge", "grant_id": "others pod"}, "invalid_grant_id"),
    ({"grant_management_action": "replace", "grant_id": "over"}, "invalid_grant_id"),
]  # fmt: skip


async def test_parameters_that_do_not_go_together(server: OAuthServer) -> None:
    """Told to the app, with iss; nobody is told whether another's grant exists."""
    anna, bram, app, other = await server.citizen(), await server.citizen("Bram Bakker"), server.app(), server.app("b")
    over, grant = await yes(server, app, anna, await server.ask(app, anna))
    await server.grants.revoke(anna.id, grant.id, by=anna.id)
    ids: dict[str | None, str] = {
        "mine": (await yes(server, app, anna, await server.ask(app, anna)))[0]["grant_id"],
        "over": over["grant_id"],
        "others app": (await yes(server, other, anna, await server.ask(other, anna)))[0]["grant_id"],
        "others pod": (await yes(server, app, bram, await server.ask(app, bram)))[0]["grant_id"],
    }
    for changes, error in WRONG:
        named = changes.get("grant_id")
        asked = await server.ask(app, anna, **{**changes, "grant_id": ids.get(named, named)})
        said = answer(asked.headers["location"])
        assert (said["error"], said["iss"]) == (error, BASE), changes


async def test_somebody_else_who_signs_in_is_not_asked_about_anothers_grant(server: OAuthServer) -> None:
    """Where nobody was signed in when the app asked: after the sign-in the app is told, and the question is gone."""
    anna, bram, app = await server.citizen(), await server.citizen("Bram Bakker"), server.app()
    mine, _ = await yes(server, app, anna, await server.ask(app, anna))
    more = {"grant_id": mine["grant_id"], "grant_management_action": "replace"}
    server.http.cookies.clear()
    request_id, browser = waiting(await server.ask(app, **more))
    request = await server.authorization.pending(request_id, browser=browser)
    with pytest.raises(GrantTooWide):
        request.check(bram, request.placed(server.grant_for(bram, app)), server.clock())
    url = await server.authorization.settled(request_id, bram, browser=browser, auth_time=server.clock())
    assert url is not None
    assert answer(url)["error"] == "invalid_grant_id"


async def test_a_form_cannot_merge_more_than_was_asked(server: OAuthServer) -> None:
    """Beside what the app has, only what it asks now; and only in the grant that it named."""
    anna, app = await server.citizen(), server.app()
    mine, _ = await yes(server, app, anna, await server.ask(app, anna))
    more = {"grant_id": mine["grant_id"], "grant_management_action": "merge"}
    request_id, browser = waiting(await server.ask(app, anna, authorization_details=asking("languages"), **more))
    request = await server.authorization.pending(request_id, browser=browser)
    good = request.placed(server.grant_for(anna, app, sections=("languages",)))
    request.check(anna, good, server.clock())
    for wrong in (
        replace(good, sections=(*good.sections, "contact")),
        replace(good, id="01ARZ3NDEKTSV4RRFFQ69G5FAV"),
        replace(good, actions=("read", "write")),
        replace(good, until=good.not_before + 91 * 86400),
    ):
        with pytest.raises(GrantTooWide):
            request.check(anna, wrong, server.clock())


# The API


async def manage(app: App, method: str, grant_id: str, token: str, device: Any = None) -> httpx2.Response:
    """A request at the grant management endpoint."""
    url = f"{BASE}/oauth/grants/{grant_id}"
    proof = (device or app.device).proof(method, url, token, now=app.server.clock())
    return await app.server.http.request(method, url, headers={"Authorization": f"DPoP {token}", "DPoP": proof})


SCOPE = "openid webid offline_access grant_management_query grant_management_revoke"


async def test_a_client_sees_and_ends_its_grant_with_the_citizens_token(server: OAuthServer) -> None:
    """GET says what the grant gives, DELETE ends it and all tokens; afterwards it is not there."""
    anna, app = await server.citizen(), server.app()
    body, _ = await yes(server, app, anna, await server.ask(app, anna, scope=SCOPE))
    found = await manage(app, "GET", body["grant_id"], body["access_token"])
    assert found.status_code == 200
    assert found.json()["authorization_details"] == body["authorization_details"]
    assert found.json()["grant_id"] == body["grant_id"]
    ended = await manage(app, "DELETE", body["grant_id"], body["access_token"])
    assert (ended.status_code, ended.content) == (204, b"")
    assert (await app.refresh(body["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await manage(app, "GET", body["grant_id"], body["access_token"])).status_code == 401
    assert [grant.by for grant in await server.grants.list(anna.id)] == [app.id]  # not: the citizen


async def test_a_client_that_signs_manages_its_grants_by_itself(server: OAuthServer) -> None:
    """client_credentials with private_key_jwt: a token for this endpoint alone, that says nothing of any citizen."""
    scopes = ["authorization_code", "refresh_token", "client_credentials"]
    anna, app, other = await server.citizen(), server.app(document={"grant_types": scopes}), server.app("b")
    body, _ = await yes(server, app, anna, await server.ask(app, anna))
    others, _ = await yes(server, other, anna, await server.ask(other, anna))
    scope = "grant_management_query grant_management_revoke webid"
    got = (await app.token({"grant_type": "client_credentials", "scope": scope})).json()
    assert got["scope"] == "grant_management_query grant_management_revoke"
    claims = claims_of(got["access_token"])
    assert (claims["aud"], claims["sub"]) == (f"{BASE}/oauth/grants", app.id)
    assert not {"webid", "grant", "family"} & set(claims)
    assert (await manage(app, "GET", body["grant_id"], got["access_token"])).status_code == 200
    for named in (others["grant_id"], "x", f"{anna.id}.{anna.id}"):
        assert (await manage(app, "GET", named, got["access_token"])).status_code == 404
    assert (await manage(app, "DELETE", body["grant_id"], got["access_token"])).status_code == 204
    assert (await manage(app, "DELETE", body["grant_id"], got["access_token"])).status_code == 404
    server.clock.now += 301
    assert (await manage(app, "GET", others["grant_id"], got["access_token"])).status_code == 401


async def test_who_may_not_manage(server: OAuthServer) -> None:
    """Without the scope, with another key or citizen's token, without one; who does not sign gets none for itself."""
    anna, app, public = await server.citizen(), server.app(), server.app("open", method="none")
    plain, _ = await yes(server, app, anna, await server.ask(app, anna))
    refused = await manage(app, "GET", plain["grant_id"], plain["access_token"])
    assert (refused.status_code, refused.json()["error"]) == (403, "insufficient_scope")
    seeing, _ = await yes(
        server, app, anna, await server.ask(app, anna, scope="webid grant_management_query", prompt="consent")
    )
    assert (await manage(app, "DELETE", seeing["grant_id"], seeing["access_token"])).status_code == 403
    assert (await manage(app, "GET", seeing["grant_id"], seeing["access_token"], public.device)).status_code == 401
    bram = await server.citizen("Bram Bakker")
    others, _ = await yes(server, app, bram, await server.ask(app, bram))
    assert (await manage(app, "GET", others["grant_id"], seeing["access_token"])).status_code == 404
    assert (await manage(app, "GET", plain["grant_id"], seeing["access_token"])).status_code == 200
    assert (await server.http.get(f"/oauth/grants/{plain['grant_id']}")).status_code == 401
    assert (await server.http.post(f"/oauth/grants/{plain['grant_id']}")).status_code == 405
    form = {"grant_type": "client_credentials", "scope": "grant_management_query"}
    assert (await public.token(form)).json()["error"] == "invalid_client"
    assert (await app.token(form)).json()["error"] == "unauthorized_client"
    app.document["grant_types"] = ["authorization_code", "client_credentials"]
    server.clock.now += 301
    assert (await app.token({**form, "scope": "webid"})).json()["error"] == "invalid_scope"
    assert (await app.token(form, proof=None)).json()["error"] == "invalid_request"


async def test_introspection_tells_what_is_given_now(server: OAuthServer) -> None:
    """The granted details and the grant's id, narrowed by the citizen since; nothing of a token that is over."""
    anna, app = await server.citizen(), server.app()
    body, grant = await yes(server, app, anna, await server.ask(app, anna))
    await server.grants.change(replace(grant, sections=("experience",), keep="nothing"))
    for token in (body["access_token"], body["refresh_token"]):
        sent = {**app.authentication(), "token": token}
        said = (await server.http.post("/oauth/introspect", data=sent)).json()
        assert said["grant_id"] == body["grant_id"]
        assert said["authorization_details"][0]["sections"] == ["experience"]
        assert (said["authorization_details"][0]["keep"], said["authorization_details"][0]["version"]) == ("nothing", 2)
    refreshed = (await app.refresh(body["refresh_token"])).json()
    assert refreshed["authorization_details"][0]["sections"] == ["experience"]


async def test_a_client_that_changed_is_asked_about_again_and_in_what(server: OAuthServer) -> None:
    """Name, addresses, keys, logo, contacts, scope, access and terms: the page can say which of them."""
    anna, app = await server.citizen(), server.app()
    await server.say_yes(app, anna)
    assert "code" in answer((await server.ask(app, anna)).headers["location"])
    app.document |= {"client_name": "Anders", "logo_uri": "https://app.example/logo.png", "contacts": ["x@app.example"]}
    server.clock.now += 301
    request_id, browser = waiting(await server.ask(app, anna))
    asked = await server.authorization.pending(request_id, browser=browser, account=anna)
    assert asked.changed == ("name", "logo", "contacts")
    assert (await server.authorization.pending(request_id, browser=browser)).changed == ()
    await server.say_yes(app, anna)
    assert "code" in answer((await server.ask(app, anna)).headers["location"])
    rows = await server.consent.fetch("SELECT sealed FROM consented_client")
    assert rows
    assert not any(b"contacts" in bytes(row[0]) for row in rows)  # type: ignore[arg-type]
