"""The authorization server from outside: requests, pushed requests and redirects (checklist 1-24).

What apps that want more than they may have try beside this is in test_security_tokens, redirects in
test_security_clients; codes, tokens and assertions (25-46) are in test_security_authorization_tokens.
"""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from support.oauth import BASE, App, OAuthServer, answer, claims_of, oauth_server, waiting
from support.tokens import Device

from werkpod.consent.oauth.details import TYPE
from werkpod.consent.oauth.lws_request import LWS_REQUEST
from werkpod.consent.oauth.pushed import PREFIX, SECONDS


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[OAuthServer]:
    """An authorization server."""
    async with oauth_server(tmp_path) as started:
        yield started


def shown_to_the_person(response: httpx2.Response) -> None:
    """An error on our own page: no redirect, no code."""
    assert response.status_code == 400
    assert "location" not in response.headers


async def test_the_server_says_what_it_takes_and_keeps_to_it(tmp_path: Path) -> None:
    """Checklist 1, 2, 3: the metadata, of a server that takes pushed requests only; without one there is no code."""
    async with oauth_server(tmp_path, require_par=True) as server:
        for path in ("oauth-authorization-server", "openid-configuration"):
            headers = {"Host": "evil.test", "X-Forwarded-Host": "evil.test", "Forwarded": "host=evil.test;proto=http"}
            said = (await server.http.get(f"/.well-known/{path}", headers=headers)).json()
            assert said["issuer"] == BASE
            assert "evil.test" not in json.dumps(said)
            assert said["require_pushed_authorization_requests"] is True
            assert said["authorization_response_iss_parameter_supported"] is True
            assert said["code_challenge_methods_supported"] == ["S256"]
            assert not {"implicit", "password"} & set(said["grant_types_supported"])
            assert not any("none" in said[name] for name in said if name.endswith("_alg_values_supported"))
        anna, app = await server.citizen(), server.app()
        shown_to_the_person(await server.ask(app, anna))
        waiting(await server.come_with(app.id, await app.pushed(), anna))


async def test_a_client_that_said_that_it_pushes_is_asked_for_by_nobody_else(server: OAuthServer) -> None:
    """Checklist 3: its document says so; a request in the address is an error page, and the pushed one is answered."""
    anna, app = await server.citizen(), server.app(document={"require_pushed_authorization_requests": True})
    shown_to_the_person(await server.ask(app, anna))
    shown_to_the_person(await server.ask(app, anna, prompt="none"))
    waiting(await server.come_with(app.id, await app.pushed(), anna))


async def test_who_pushes_shows_who_it_is(server: OAuthServer) -> None:
    """Checklist 4: a client that has a key and does not use it is invalid_client, before anything else is looked at."""
    app = server.app()
    for authentication in ({"client_id": app.id}, {}):
        found = await app.push(authentication=authentication, code_challenge=None)
        assert (found.status_code, found.json()["error"]) == (401, "invalid_client")


async def test_pkce_is_asked_for_at_the_push(server: OAuthServer) -> None:
    """Checklist 5, 6, 29: no challenge, plain, or no method: refused there, so no code is ever without a challenge."""
    app = server.app()
    wrong: tuple[dict[str, str | None], ...] = (
        {"code_challenge": None}, {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"}, {"code_challenge_method": None},
    )  # fmt: skip
    for changes in wrong:
        found = await app.push(**changes)
        assert (found.status_code, found.json()["error"]) == (400, "invalid_request"), changes


async def test_the_push_is_a_post_without_a_request_uri(server: OAuthServer) -> None:
    """Checklist 7, 8: other methods are 405; a pushed request cannot point to another."""
    app = server.app()
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        assert (await server.http.request(method, "/oauth/par")).status_code == 405
    found = await app.push(request_uri=await app.pushed())
    assert (found.status_code, found.json()["error"]) == (400, "invalid_request")


async def test_a_pushed_request_is_its_clients_once_and_for_a_while(server: OAuthServer) -> None:
    """Checklist 9, 10, 11: another client, after an answer, after its time: an error page; twice before that: fine."""
    anna, app, other = await server.citizen(), server.app(), server.app("ander")
    uri = await app.pushed()
    shown_to_the_person(await server.come_with(other.id, uri, anna))
    waiting(await server.come_with(app.id, uri, anna))
    request_id, browser = waiting(await server.come_with(app.id, uri, anna))
    back = await server.authorization.refuse(request_id, anna, browser=browser)
    assert answer(back)["error"] == "access_denied"
    shown_to_the_person(await server.come_with(app.id, uri, anna))
    assert 5 <= SECONDS <= 600
    late = await app.pushed()
    server.clock.now += SECONDS
    shown_to_the_person(await server.come_with(app.id, late, anna))


async def test_no_way_back_but_a_registered_one(server: OAuthServer) -> None:
    """Checklist 12, 13, 14: at the push too; what is no https address is not registered in the first place."""
    app = server.app()
    own = app.redirect_uri
    others = (
        own + "/", own + "/x", own.upper(), own.replace("terug", "%74erug"), own + "?x=1", own + "#f",
        own.replace(":8080", ":8081"), own.replace("localhost", "app@evil.test"), "http://app.example/cb",
        "javascript:alert(1)", "data:text/html,x", "com.example.app:/cb", "",
    )  # fmt: skip
    for uri in others:
        found = await app.push(redirect_uri=uri)
        assert (found.status_code, found.json()["error"]) == (400, "invalid_request"), uri
        wrong = await app.push(redirect_uri=uri, response_type="code id_token")
        assert (wrong.status_code, "location" in wrong.headers) == (400, False)
    for uri in (
        "http://app.example/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://a@evil.test/",
        "https://a/#f",
    ):
        found = await server.http.post("/oauth/register", json={"redirect_uris": [uri]})
        assert (found.status_code, found.json()["error"]) == (400, "invalid_redirect_uri"), uri


async def test_every_answer_to_the_app_says_who_gives_it(server: OAuthServer) -> None:
    """Checklist 15, 16: a yes, a no and an error all carry `iss` and `state`; a no is access_denied."""
    anna, app = await server.citizen(), server.app()
    said_yes = await server.say_yes(app, anna)
    request_id, browser = waiting(await server.ask(app, anna, prompt="consent"))
    said_no = answer(await server.authorization.refuse(request_id, anna, browser=browser))
    wrong = answer((await server.ask(app, anna, code_challenge=None)).headers["location"])
    assert said_no["error"] == "access_denied"
    assert "code" not in said_no
    for found in (said_yes, said_no, wrong):
        assert (found["iss"], found["state"]) == (BASE, "a state")


async def test_long_values_come_back_whole_or_are_refused(server: OAuthServer) -> None:
    """Checklist 17: a state of 1,000 and a nonce of 64 characters work; what is longer than we take is a clean 400."""
    anna, app = await server.citizen(), server.app()
    back = await server.say_yes(app, anna, state="s" * 1000, nonce="n" * 64)
    assert back["state"] == "s" * 1000
    assert claims_of((await app.redeem(back["code"])).json()["id_token"])["nonce"] == "n" * 64
    for changes in ({"state": "s" * 2049}, {"nonce": "n" * 513}):
        found = await app.push(**changes)
        assert (found.status_code, found.json()["error"]) == (400, "invalid_request")


async def test_no_parameter_counts_twice(server: OAuthServer) -> None:
    """Checklist 18: at the push, in the address and at the token endpoint."""
    app = server.app()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    twice = urlencode({**app.query(), **app.authentication()}) + "&scope=webid"
    token = urlencode({"grant_type": "authorization_code", **app.authentication()}) + "&grant_type=refresh_token"
    for path, body in (("/oauth/par", twice), ("/oauth/token", token)):
        found = await server.http.post(path, content=body, headers={**form, "DPoP": app.proof()})
        assert (found.status_code, found.json()["error"]) == (400, "invalid_request"), path
    shown_to_the_person(await server.http.get(f"/oauth/authorize?{urlencode(app.query())}&scope=webid"))


async def test_request_objects_are_not_spoken(server: OAuthServer) -> None:
    """Checklist 19, 20: whatever its signature and claims, `request` is request_not_supported, nothing of it counts."""
    anna, app = await server.citizen(), server.app()
    claims = {"iss": app.id, "aud": BASE, "exp": int(server.clock()) + 60, "state": "inside", **app.query()}
    public = OctKey.import_key(json.dumps(app.key.as_dict(private=False)).encode())
    objects = (
        jwt.encode({"alg": "ES256", "kid": "app-1"}, claims, app.key, algorithms=["ES256"]),
        jwt.encode({"alg": "HS256"}, claims, public, algorithms=["HS256"]),
        "eyJhbGciOiJub25lIn0.e30.",
    )
    for made in objects:
        pushed = await app.push(request=made)
        assert (pushed.status_code, pushed.json()["error"]) == (400, "request_not_supported")
        back = answer((await server.ask(app, anna, request=made, state="outside")).headers["location"])
        assert (back["error"], back["state"]) == ("request_not_supported", "outside")
    said = (await server.http.get("/.well-known/oauth-authorization-server")).json()
    assert said["request_parameter_supported"] is False


async def test_nothing_is_fetched_for_a_request_uri(server: OAuthServer) -> None:
    """Checklist 21: only what was pushed here is one; nobody calls at an address, this machine's own included."""
    anna, app = await server.citizen(), server.app()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.setblocking(False)
        port = listener.getsockname()[1]
        for uri in (f"http://127.0.0.1:{port}/r", f"https://127.0.0.1:{port}/r", "http://169.254.169.254/latest"):
            back = answer((await server.ask(app, anna, request_uri=uri)).headers["location"])
            assert (back["error"], back["iss"]) == ("request_uri_not_supported", BASE)
            shown_to_the_person(await server.come_with(app.id, uri, anna))
        shown_to_the_person(await server.come_with(app.id, f"{PREFIX}http://127.0.0.1:{port}/r", anna))
        with pytest.raises(BlockingIOError):
            listener.accept()


async def test_nothing_counts_beside_a_pushed_request(server: OAuthServer) -> None:
    """Checklist 20: what stands in the address next to request_uri is not taken, and fills in nothing either: no state,
    no prompt, no scope, no wish for somebody else's grant."""
    anna, app = await server.citizen(), server.app()
    beside = {"state": "theirs", "prompt": "none", "scope": "x", "grant_id": "x", "redirect_uri": "https://x.test/"}
    uri = await app.pushed(state=None)
    request_id, browser = waiting(await server.come_with(app.id, uri, anna, **beside))
    refused = answer(await server.authorization.refuse(request_id, anna, browser=browser))
    assert refused["error"] == "access_denied"
    assert "state" not in refused
    silent = await app.pushed(state=None, prompt="none")
    asked = answer((await server.come_with(app.id, silent, anna, **beside)).headers["location"])
    assert asked["error"] == "consent_required"
    assert "state" not in asked


def detail(**members: object) -> dict[str, object]:
    """An element of authorization_details."""
    return {"type": TYPE, "sections": ["experience"], "actions": ["read"], **members}


async def test_authorization_details_are_taken_by_the_letter(server: OAuthServer) -> None:
    """Checklist 22: type, members, fields, places of others, wildcards, too many, too much: all refused at the push."""
    anna, bram, app = await server.citizen(), await server.citizen("Bram Bakker"), server.app()
    elements: tuple[object, ...] = (
        [{**detail(), "type": "https://other.example/"}], [detail(evil=1)], [detail(sections=["salary"])],
        [detail(fields={"experience": ["salary"]})], [detail(fields={"contact": ["email"]})], [detail()] * 2, [],
        [detail(entries=["experience#1"])], [detail(actions=["control"])], [detail(purpose_text={"nl": "x" * 501})],
        [detail(locations=["https://a.example/", "https://b.example/"])], [detail(purpose="x" * 20_000)], "x",
        [{"type": LWS_REQUEST, "storage": anna.storage, "access": [{
            "type": ["AccessPolicy"], "action": ["read"], "assignee": anna.webid,
            "target": {"type": "Container", "value": [f"{anna.storage}cv/*"]}}]}],
    )  # fmt: skip
    for element in elements:
        found = await app.push(authorization_details=json.dumps(element))
        assert (found.status_code, found.json()["error"]) == (400, "invalid_authorization_details"), element
    for place in (bram.storage, f"{BASE}/*", "*"):
        uri = await app.pushed(authorization_details=json.dumps([detail(locations=[place])]))
        back = answer((await server.come_with(app.id, uri, anna)).headers["location"])
        assert back["error"] == "invalid_authorization_details"


async def test_a_silent_request_gets_no_code_without_a_yes(server: OAuthServer) -> None:
    """Checklist 23: pushed or not, prompt=none is login_required or consent_required."""
    anna, app = await server.citizen(), server.app()
    for account, error in ((None, "login_required"), (anna, "consent_required")):
        back = answer((await server.come_with(app.id, await app.pushed(prompt="none"), account)).headers["location"])
        assert (back["error"], "code" in back) == (error, False)


async def test_no_level_of_sign_in_is_promised(server: OAuthServer) -> None:
    """Checklist 24: there is no step-up: acr is not in the metadata nor in any token, whatever `acr_values` asks; what
    an app can ask is a fresh sign-in (max_age, prompt=login), and that is not answered by an older one."""
    anna, app = await server.citizen(), server.app()
    said = (await server.http.get("/.well-known/openid-configuration")).json()
    assert "acr_values_supported" not in said
    assert "acr" not in said["claims_supported"]
    back = await server.say_yes(app, anna, acr_values="urn:example:high")
    body = (await app.redeem(back["code"])).json()
    assert "acr" not in claims_of(body["id_token"])
    assert "acr" not in claims_of(body["access_token"])
    session = await server.sessions.start(anna.id)
    server.clock.now += 60
    silent = await server.ask(app, session=session, max_age="30", prompt="none")
    assert answer(silent.headers["location"])["error"] == "login_required"


def proof_at_the_push(app: App, device: Device) -> str:
    """A DPoP proof for the pushed request."""
    return device.proof("POST", f"{BASE}/oauth/par", None, now=app.server.clock())


async def code_of(server: OAuthServer, app: App, uri: str) -> str:
    """A code for a pushed request that a citizen said yes to."""
    anna = await server.citizen(f"Anna {server.clock.now}")
    server.clock.now += 1
    request_id, browser = waiting(await server.come_with(app.id, uri, anna))
    grant = await server.grants.create(server.grant_for(anna, app))
    return answer(await server.authorization.approve(request_id, anna, grant, browser=browser))["code"]


async def test_the_key_of_the_push_is_the_key_of_the_code(server: OAuthServer) -> None:
    """Checklist 32, 33: by dpop_jkt or by a proof; another key gets nothing for the code, and both must agree."""
    app, other = server.app(), Device()
    mine = app.device
    named = await app.pushed(dpop_jkt=mine.thumbprint)
    proven = await app.push(proof=proof_at_the_push(app, mine))
    for uri in (named, proven.json()["request_uri"]):
        code = await code_of(server, app, uri)
        app.device = other
        assert (await app.redeem(code)).json()["error"] == "invalid_grant"
        app.device = mine
        assert (await app.redeem(code)).status_code == 200
    both = await app.push(proof=proof_at_the_push(app, mine), dpop_jkt=other.thumbprint)
    assert (both.status_code, both.json()["error"]) == (400, "invalid_dpop_proof")
    bad = await app.push(proof=app.device.proof("GET", f"{BASE}/oauth/par", None, now=server.clock()))
    assert bad.json()["error"] == "invalid_dpop_proof"
