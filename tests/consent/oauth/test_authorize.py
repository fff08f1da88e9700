"""The authorization endpoint: what it refuses, whom it tells, and when it asks the citizen."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import httpx2
import pytest
from support.oauth import BASE, App, OAuthServer, answer, waiting

from werkpod.consent.errors import RequestGone
from werkpod.consent.oauth.browser import cookie_name
from werkpod.consent.oauth.details import TYPE
from werkpod.consent.oauth.errors import AuthorizationPageError
from werkpod.consent.oauth.flow import GrantTooWide
from werkpod.consent.oauth.store import TokenStore, WaitingRequest


def refused(response: httpx2.Response, app: App) -> dict[str, str]:
    """The error that went back to the app."""
    assert response.status_code == 302, response.text
    location = response.headers["location"]
    assert location.startswith(app.redirect_uri + "?")
    return answer(location)


def not_redirected(response: httpx2.Response) -> None:
    """The person sees an error and the browser goes nowhere."""
    assert response.status_code == 400
    assert "location" not in response.headers


@pytest.mark.duty(108)
@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": "s256"},
        {"code_challenge": "short"},
    ],
)
async def test_pkce_with_s256_is_needed(server: OAuthServer, changes: dict[str, str | None]) -> None:
    """Without a challenge, without a method, or with another method than S256, there is no code (Authlib: there is)."""
    found = refused(await server.ask(app := server.app(), await server.citizen(), **changes), app)
    assert found["error"] == "invalid_request"
    assert "code" not in found


@pytest.mark.duty(99)
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"prompt": "none"}, "login_required"),
        ({"prompt": "none consent"}, "invalid_request"),
        ({"prompt": "hurry"}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "http://169.254.169.254/latest"}, "request_uri_not_supported"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"dpop_jkt": "not a thumbprint"}, "invalid_request"),
        ({"state": "s" * 2049}, "invalid_request"),
        ({"nonce": "n" * 513}, "invalid_request"),
        ({"authorization_details": "[]"}, "invalid_authorization_details"),
    ],
)
async def test_every_error_to_the_app_says_who_answers(
    server: OAuthServer, changes: dict[str, str | None], error: str
) -> None:
    """An error goes back with its code, the state and `iss` (RFC 9207), never with an authorization code."""
    found = refused(await server.ask(app := server.app(), **changes), app)
    assert found["error"] == error
    assert found["iss"] == BASE
    assert found["state"] == (changes.get("state") or "a state")
    assert "code" not in found


@pytest.mark.duty(96)
@pytest.mark.parametrize(
    "redirect_uri",
    [
        None,
        f"{BASE}/apps/test/terug/",
        f"{BASE}/apps/test/Terug",
        f"{BASE}/apps/test/%74erug",
        f"{BASE}/apps/test/terug?x=1",
        f"{BASE}/apps/test/terug#",
        f"{BASE}/apps/test/terug/../x",
        "http://localhost:8081/apps/test/terug",
        "http://localhost:8080@evil.example/apps/test/terug",
        "https://evil.example/",
        "javascript:alert(1)",
        'https://evil.example/"quote',
    ],
)
async def test_a_redirect_uri_is_compared_character_for_character(
    server: OAuthServer, redirect_uri: str | None
) -> None:
    """Another redirect_uri than the document's is never redirected to, with or without another mistake beside it."""
    app = server.app()
    not_redirected(await server.ask(app, redirect_uri=redirect_uri))
    not_redirected(await server.ask(app, redirect_uri=redirect_uri, response_type="token"))
    not_redirected(await server.ask(app, redirect_uri=redirect_uri, response_type='to"ken'))
    not_redirected(await server.ask(app, redirect_uri=redirect_uri, prompt="none"))


@pytest.mark.parametrize(
    "client_id",
    [None, "unknown", f"{BASE}/apps/nobody/client.jsonld", "http://127.0.0.1:1/x", "javascript:alert(1)", 'a"b', "é"],
)
async def test_an_unknown_client_is_never_redirected_to(server: OAuthServer, client_id: str | None) -> None:
    """A client that cannot be found gets no redirect, however its redirect_uri looks."""
    not_redirected(await server.ask(server.app(), client_id=client_id))


@pytest.mark.parametrize("name", ["scope", "state", "client_id", "redirect_uri", "authorization_details", "nonce", "x"])
async def test_a_parameter_sent_twice_is_refused(server: OAuthServer, name: str) -> None:
    """No parameter may come twice, not even with one value, known or not (RFC 6749, 3.1)."""
    app = server.app()
    query = urlencode({**app.query(), "x": "1"})
    value = quote({**app.query(), "x": "1"}[name])
    not_redirected(await server.http.get(f"/oauth/authorize?{query}&{name}={value}"))


@pytest.mark.parametrize("query", ["%ff=1", "a=%00", "a=1&" * 60, "state=" + "x" * 40_000, "%", "é=é"])
async def test_garbage_is_a_clean_400(server: OAuthServer, query: str) -> None:
    """What are no parameters is answered as a mistake of the client, not as one of ours."""
    not_redirected(await server.http.get(f"/oauth/authorize?{query}"))


async def test_a_quote_in_a_parameter_is_no_server_error(server: OAuthServer) -> None:
    """Authlib raises ValueError where an error would quote such a value; here it is an error like any other."""
    app = server.app()
    assert refused(await server.ask(app, response_type='to"ken'), app)["error"] == "unsupported_response_type"
    not_redirected(await server.ask(app, redirect_uri='http://x/"'))


async def test_a_person_sees_the_error_as_a_page(server: OAuthServer) -> None:
    """A browser gets our own page, in words, with nothing of the request in it."""
    query = urlencode(server.app().query(redirect_uri="https://evil.example/<script>"))
    response = await server.http.get(f"/oauth/authorize?{query}", headers={"Accept": "text/html"})
    assert response.status_code == 400
    assert response.headers["content-type"].startswith("text/html")
    assert "evil.example" not in response.text


async def test_authorize_is_for_get_only(server: OAuthServer) -> None:
    """A POST could be a form of another site; it is not spoken."""
    assert (await server.http.post("/oauth/authorize", data=server.app().query())).status_code == 405


# What waits, and for whom


async def test_nobody_signed_in_leads_to_the_consent_page_and_binds_the_browser(server: OAuthServer) -> None:
    """The request waits under an id that works in the browser where it began, and in no other."""
    app = server.app()
    request_id, browser = waiting(await server.ask(app))
    found = await server.authorization.pending(request_id, browser=browser)
    assert found.client.id == app.id
    assert found.client.host == "localhost:8080"
    assert found.access.sections == ("experience", "competences")
    for other in (None, "x" * 43):
        with pytest.raises(RequestGone):
            await server.authorization.pending(request_id, browser=other)


async def test_a_browser_keeps_its_secret(server: OAuthServer) -> None:
    """A second request of one browser uses the cookie that it has; one that we never made is not taken."""
    app = server.app()
    _, browser = waiting(await server.ask(app))
    header = {"Cookie": f"{cookie_name(BASE)}={browser}"}
    again = await server.http.get(f"/oauth/authorize?{urlencode(app.query())}", headers=header)
    assert "set-cookie" not in again.headers
    forged = {"Cookie": f"{cookie_name(BASE)}=short"}
    assert "set-cookie" in (await server.http.get(f"/oauth/authorize?{urlencode(app.query())}", headers=forged)).headers


async def test_the_cookie_of_the_browser_is_out_of_reach_of_scripts(server: OAuthServer) -> None:
    """HttpOnly, SameSite=Lax, whole site."""
    cookie = (await server.ask(server.app())).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie


async def test_a_request_is_answered_once(server: OAuthServer) -> None:
    """After a yes the same request gives neither another code nor a refusal."""
    anna, app = await server.citizen(), server.app()
    request_id, browser = waiting(await server.ask(app, anna))
    grant = await server.grants.create(server.grant_for(anna, app))
    await server.authorization.approve(request_id, anna, grant, browser=browser)
    with pytest.raises(RequestGone):
        await server.authorization.approve(request_id, anna, grant, browser=browser)
    with pytest.raises(RequestGone):
        await server.authorization.refuse(request_id, anna, browser=browser)


async def test_so_many_requests_wait(server: OAuthServer) -> None:
    """Anybody can begin one without signing in: beyond the room for them the oldest goes, and no other."""
    store = TokenStore(server.consent, server.pods.vault, room=3, clock=server.clock)
    ids = []
    for n in range(5):
        server.clock.now += 1
        ids.append(await store.save_request(WaitingRequest((("n", str(n)),), server.clock()), "browser"))
    assert [await store.waiting(one, "browser") is not None for one in ids] == [False, False, True, True, True]


async def test_a_request_waits_a_day(server: OAuthServer) -> None:
    """Nobody is hurried, and nothing waits for ever."""
    app = server.app()
    request_id, browser = waiting(await server.ask(app))
    server.clock.now += 23 * 3600
    await server.authorization.pending(request_id, browser=browser)
    server.clock.now += 2 * 3600
    with pytest.raises(RequestGone):
        await server.authorization.pending(request_id, browser=browser)


@pytest.mark.parametrize(
    "changes",
    [
        {"sections": ("experience", "contact")},
        {"sections": (), "everything": True},
        {"actions": ("read", "write")},
        {"until": None},
        {"until": 1_795_000_000.0 + 91 * 86400},
        {"client": "https://evil.example/client"},
        {"agent": "https://evil.example/#me"},
    ],
)
async def test_a_grant_wider_than_the_request_gives_no_code(server: OAuthServer, changes: dict[str, object]) -> None:
    """A form that was tampered with cannot give more than was asked, to another, or for longer."""
    anna, app = await server.citizen(), server.app()
    request_id, browser = waiting(await server.ask(app, anna))
    grant = await server.grants.create(server.grant_for(anna, app, **changes))
    with pytest.raises(GrantTooWide):
        await server.authorization.approve(request_id, anna, grant, browser=browser)


async def test_less_than_was_asked_may_be_given(server: OAuthServer) -> None:
    """The citizen leaves a section out; the token response says what was granted."""
    anna, app = await server.citizen(), server.app()
    request_id, browser = waiting(await server.ask(app, anna))
    grant = await server.grants.create(server.grant_for(anna, app, sections=("experience",)))
    code = answer(await server.authorization.approve(request_id, anna, grant, browser=browser))["code"]
    body = (await app.redeem(code)).json()
    assert body["authorization_details"][0]["sections"] == ["experience"]


async def test_another_persons_pod_cannot_be_asked_for(server: OAuthServer) -> None:
    """`locations` of somebody else's pod is refused, whether one is signed in when asking or later."""
    anna, bram, app = await server.citizen(), await server.citizen("Bram Bakker"), server.app()
    details = json.dumps([{"type": TYPE, "sections": ["experience"], "locations": [bram.storage]}])
    early = refused(await server.ask(app, anna, authorization_details=details), app)
    assert early["error"] == "invalid_authorization_details"
    request_id, browser = waiting(await server.ask(app, authorization_details=details))
    grant = server.grant_for(anna, app, sections=("experience",))
    with pytest.raises(GrantTooWide):
        await server.authorization.approve(request_id, anna, grant, browser=browser)


# Straight to the code


async def test_an_equal_grant_in_force_needs_no_second_yes(server: OAuthServer) -> None:
    """The same question again is answered with a code at once; also under prompt=none."""
    anna, app = await server.citizen(), server.app()
    await server.say_yes(app, anna)
    for prompt in (None, "none"):
        found = refused(await server.ask(app, anna, prompt=prompt), app)
        assert "code" in found
        assert found["iss"] == BASE
        assert (await app.redeem(found["code"])).status_code == 200
    assert len(await server.grants.list(anna.id)) == 1


@pytest.mark.parametrize("reason", ["more", "longer ago", "stopped", "prompt", "changed", "somebody else", "purpose"])
async def test_anything_else_is_asked(server: OAuthServer, reason: str) -> None:
    """More sections, a grant that is over or stopped, prompt=consent, another document or person: the page comes."""
    anna, app = await server.citizen(), server.app()
    await server.say_yes(app, anna)
    changes: dict[str, str | None] = {}
    who = anna
    if reason == "more":
        changes["authorization_details"] = json.dumps([{"type": TYPE, "sections": ["experience", "contact"]}])
    elif reason == "longer ago":
        server.clock.now += 91 * 86400
    elif reason == "stopped":
        await server.grants.revoke(anna.id, (await server.grants.list(anna.id))[0].id, by=anna.id)
    elif reason == "prompt":
        changes["prompt"] = "consent"
    elif reason == "changed":
        app.document["client_name"] = "Another name"
        server.clock.now += 301
    elif reason == "purpose":
        purpose = "https://w3id.org/dpv#Marketing"
        details = [{"type": TYPE, "sections": ["experience"], "purpose": purpose}]
        changes["authorization_details"] = json.dumps(details)
    else:
        who = await server.citizen("Bram Bakker")
    waiting(await server.ask(app, who, **changes))
    found = refused(await server.ask(app, who, **{**changes, "prompt": "none"}), app)
    if reason == "prompt":
        assert "code" in found
    else:
        assert found["error"] == "consent_required"


async def test_without_particulars_the_citizen_chooses(server: OAuthServer) -> None:
    """A standard Solid app asks for nothing in particular: nothing is ticked, what is chosen is what it gets."""
    anna, app = await server.citizen(), server.app()
    request_id, browser = waiting(await server.ask(app, anna, authorization_details=None))
    request = await server.authorization.pending(request_id, browser=browser)
    assert request.chooses
    assert request.access.sections == ()
    grant = await server.grants.create(server.grant_for(anna, app, sections=("languages",), until=None))
    code = answer(await server.authorization.approve(request_id, anna, grant, browser=browser))["code"]
    assert (await app.redeem(code)).json()["authorization_details"][0]["sections"] == ["languages"]
    assert "code" in refused(await server.ask(app, anna, authorization_details=None), app)


async def test_a_document_that_changes_while_the_citizen_reads_gives_no_code(server: OAuthServer) -> None:
    """A redirect_uri that is gone by the time of the yes is not redirected to."""
    anna, app = await server.citizen(), server.app()
    request_id, browser = waiting(await server.ask(app, anna))
    app.document["redirect_uris"] = [f"{BASE}/apps/test/elders"]
    server.clock.now += 301
    with pytest.raises(AuthorizationPageError):
        await server.authorization.pending(request_id, browser=browser)


async def test_for_one_sitting_there_is_no_refresh_token(server: OAuthServer) -> None:
    """`duration: once` gives an access token alone, for a quarter of an hour's grant."""
    anna, app = await server.citizen(), server.app()
    details = json.dumps([{"type": TYPE, "sections": ["experience"], "duration": "once"}])
    request_id, browser = waiting(await server.ask(app, anna, authorization_details=details))
    assert (await server.authorization.pending(request_id, browser=browser)).access.seconds == 900
    made = server.grant_for(anna, app, sections=("experience",), until=server.clock() + 900)
    grant = await server.grants.create(made)
    code = answer(await server.authorization.approve(request_id, anna, grant, browser=browser))["code"]
    assert "refresh_token" not in (await app.redeem(code)).json()


async def test_unknown_scopes_are_left_out(server: OAuthServer) -> None:
    """A scope that is not known here is not granted, and the token response says so."""
    anna, app = await server.citizen(), server.app()
    body = await server.tokens(app, anna, scope="openid profile email webid admin")
    assert body["scope"] == "openid webid"
