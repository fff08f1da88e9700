"""Client authentication: by assertion, by secret, by exactly one way."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey
from support.oauth import BASE, App, OAuthServer
from support.tokens import Device


async def try_assertion(server: OAuthServer, app: App, **changes: Any) -> httpx2.Response:
    """A token request whose only mistake can be the assertion: a good one gets as far as the unknown code."""
    form = {
        "grant_type": "authorization_code",
        "code": "x",
        "redirect_uri": app.redirect_uri,
        "code_verifier": "v" * 43,
    }
    return await app.token(form, **changes)


def passed(response: httpx2.Response) -> bool:
    """Whether client authentication succeeded."""
    error = response.json()["error"]
    assert error in ("invalid_client", "invalid_grant"), response.text
    assert response.status_code == (401 if error == "invalid_client" else 400)
    return bool(error == "invalid_grant")


async def test_a_good_assertion_is_taken(server: OAuthServer) -> None:
    """ES256, issuer as audience: the client is who it says."""
    assert passed(await try_assertion(server, server.app()))


@pytest.mark.parametrize(
    "audience",
    [f"{BASE}/oauth/token", f"{BASE}/", [BASE], [BASE, "https://other.example"], "https://other.example", None],
)
async def test_the_audience_is_the_issuer_as_one_string(server: OAuthServer, audience: object) -> None:
    """The token endpoint's address, a list, another server or nothing is refused (RFC 7523bis)."""
    assert not passed(await try_assertion(server, server.app(), aud=audience))


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({"iat": 8}, True),
        ({"nbf": 8}, True),
        ({"iat": 90}, False),
        ({"nbf": 90}, False),
        ({"exp": -90}, False),
        ({"exp": 3600}, False),
    ],
)
async def test_times_of_an_assertion_count_from_now(server: OAuthServer, changes: dict[str, int], good: bool) -> None:
    """Eight seconds of clock skew pass, ninety do not; nothing expired, nothing that lives an hour."""
    now = int(server.clock())
    shifted = {name: now + value for name, value in changes.items()}
    assert passed(await try_assertion(server, server.app(), **shifted)) is good


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": f"{BASE}/apps/other/client.jsonld"},
        {"iss": f"{BASE}/apps/other/client.jsonld"},
        {"sub": None},
        {"sub": 7},
        {"iss": None},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"jti": None},
        {"jti": "short"},
        {"jti": 12345678},
    ],
)
async def test_an_assertion_is_complete_and_about_its_sender(server: OAuthServer, changes: dict[str, Any]) -> None:
    """Missing or mismatched claims are refused."""
    server.app("other")
    assert not passed(await try_assertion(server, server.app(), **changes))


async def test_an_assertion_is_taken_once(server: OAuthServer) -> None:
    """The same jti a second time is refused; another client may happen to use it."""
    app, other = server.app("a"), server.app("b")
    assert passed(await try_assertion(server, app, jti="the same identifier"))
    assert not passed(await try_assertion(server, app, jti="the same identifier"))
    assert passed(await try_assertion(server, other, jti="the same identifier"))


async def test_only_es256_and_only_the_documents_keys(server: OAuthServer) -> None:
    """Another algorithm, `none`, an HMAC over the public key, a key of the sender's own: all refused."""
    app = server.app()
    rsa, stranger = RSAKey.generate_key(2048), ECKey.generate_key("P-256")
    public = json.dumps(app.client_document()["jwks"]["keys"][0]).encode()
    attempts = [
        app.assertion(header={"alg": "RS256"}, key=rsa),
        app.assertion(header={"alg": "PS256"}, key=rsa),
        app.assertion(header={"alg": "HS256"}, key=OctKey.import_key(public)),
        app.assertion(key=stranger),
        app.assertion(header={"jwk": stranger.as_dict(private=False)}, key=stranger),
        app.assertion(header={"kid": "another"}),
        unsigned(app.assertion(), "none"),
        unsigned(app.assertion(), "ES256"),
        app.assertion()[:-4] + "AAAA",
        "a.b.c",
        "x" * 20_000,
        "",
        "é",
    ]
    for assertion in attempts:
        form = {**app.authentication(), "client_assertion": assertion, "grant_type": "authorization_code"}
        response = await server.http.post("/oauth/token", data=form, headers={"DPoP": app.proof()})
        assert response.json()["error"] == "invalid_client", assertion[:80]


def unsigned(assertion: str, algorithm: str) -> str:
    """The assertion with another `alg` and no signature."""
    head = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": "app-1"}).encode()).rstrip(b"=").decode()
    return f"{head}.{assertion.split('.')[1]}."


async def test_addresses_in_the_header_are_not_fetched(server: OAuthServer) -> None:
    """jku and x5u lead nowhere: the keys come from the client id document alone."""
    stranger = ECKey.generate_key("P-256")
    evil = server.app("evil", key=stranger)
    app = server.app()
    header = {"jku": evil.id, "x5u": evil.id}
    assert not passed(await try_assertion(server, app, header=header, key=stranger))


async def test_one_way_of_authentication_not_two(server: OAuthServer) -> None:
    """Secret and assertion, or header and form, in one request: malformed (RFC 6749, 2.3)."""
    anna, app = await server.citizen(), server.app()
    client_id, secret = await server.credentials.create(anna, "script")
    for form, auth in (
        ({**app.authentication(), "client_secret": "x"}, None),
        ({"client_secret": secret}, (client_id, secret)),
        (app.authentication(), (client_id, secret)),
    ):
        sent = {**form, "grant_type": "client_credentials"}
        response = await server.http.post("/oauth/token", data=sent, auth=auth, headers={"DPoP": app.proof()})
        assert response.json()["error"] == "invalid_request"


async def test_the_client_id_beside_must_be_the_same(server: OAuthServer) -> None:
    """A client_id that differs from the authenticated client's is refused."""
    app, other = server.app("a"), server.app("b")
    form = {**app.authentication(), "client_id": other.id, "grant_type": "authorization_code", "code": "x"}
    response = await server.http.post("/oauth/token", data=form, headers={"DPoP": app.proof()})
    assert response.json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic /////w==", "Basic bm9jb2xvbg==", "Bearer x", "Basic é"]
)
async def test_a_garbled_authorization_header_is_invalid_client(server: OAuthServer, header: str) -> None:
    """What cannot be read is 401 with a challenge, never an error of ours."""
    headers = {"Authorization": header.encode(), "DPoP": Device().proof("POST", f"{BASE}/oauth/token", None).encode()}
    data = {"grant_type": "client_credentials"}
    response = await server.http.post("/oauth/token", data=data, headers={**headers, "DPoP": server.app().proof()})
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
    assert response.headers["www-authenticate"].startswith("Basic")


@pytest.mark.duty(104)
async def test_a_tools_secret_is_needed_and_ends_when_stopped(server: OAuthServer) -> None:
    """A wrong secret, another tool's secret, or a stopped credential is invalid_client."""
    anna = await server.citizen()
    client_id, secret = await server.credentials.create(anna, "één")
    _, second = await server.credentials.create(anna, "twee")
    device = Device()

    async def ask(user: str, password: str) -> int:
        proof = device.proof("POST", f"{BASE}/oauth/token", None, now=server.clock())
        data = {"grant_type": "client_credentials"}
        sent = await server.http.post("/oauth/token", data=data, auth=(user, password), headers={"DPoP": proof})
        return sent.status_code

    assert await ask(client_id, secret) == 200
    other = client_id[:-1] + ("1" if client_id.endswith("0") else "0")
    for user, password in ((client_id, second), (client_id, ""), (other, secret), ("x", secret)):
        assert await ask(user, password) == 401
    await server.credentials.stop(anna, client_id)
    assert await ask(client_id, secret) == 401


@pytest.mark.duty(103, 109)
async def test_a_tool_without_a_proof_gets_nothing(server: OAuthServer) -> None:
    """Client credentials need DPoP as well: no bearer tokens for a whole pod."""
    anna = await server.citizen()
    auth = await server.credentials.create(anna, "script")
    response = await server.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=auth)
    assert response.json()["error"] == "invalid_request"


async def test_a_stopped_grant_ends_a_tool(server: OAuthServer) -> None:
    """Stopping the grant of a credential stops new tokens."""
    anna, app = await server.citizen(), server.app()
    auth = await server.credentials.create(anna, "script")
    await server.grants.revoke(anna.id, (await server.grants.list(anna.id))[0].id, by=anna.id)
    sent = {"data": {"grant_type": "client_credentials"}, "auth": auth, "headers": {"DPoP": app.proof()}}
    response = await server.http.post("/oauth/token", **sent)  # type: ignore[arg-type]
    assert response.json()["error"] == "invalid_grant"


async def test_an_app_cannot_use_a_tools_grant_type_nor_a_tool_an_apps(server: OAuthServer) -> None:
    """client_credentials is for credentials, codes and links are for apps."""
    anna, app = await server.citizen(), server.app(document={"grant_types": ["authorization_code"], "scope": "webid"})
    auth = await server.credentials.create(anna, "script")
    for grant_type in ("authorization_code", "refresh_token", "urn:werkpod:params:oauth:grant-type:share-link"):
        data = {"grant_type": grant_type, "code": "x", "refresh_token": "x", "link": "x"}
        response = await server.http.post("/oauth/token", data=data, auth=auth, headers={"DPoP": app.proof()})
        assert response.json()["error"] in ("unauthorized_client", "invalid_client")
    assert (await app.token({"grant_type": "client_credentials"})).json()["error"] == "unauthorized_client"
    for grant_type in ("refresh_token", "urn:werkpod:params:oauth:grant-type:share-link"):
        response = await app.token({"grant_type": grant_type, "refresh_token": "x", "link": "x"})
        assert response.json()["error"] == "unauthorized_client"


async def test_credentials_are_listed_by_their_label(server: OAuthServer) -> None:
    """The citizen sees what each is called, without its secret; stopped ones are gone from the list."""
    anna, bram = await server.citizen(), await server.citizen("Bram Bakker")
    one, secret = await server.credentials.create(anna, "  Mijn   script ")
    two, _ = await server.credentials.create(anna, "Telefoon")
    found = await server.credentials.list(anna)
    assert {(c.client_id, c.label) for c in found} == {(one, "Mijn script"), (two, "Telefoon")}
    assert secret not in repr(found)
    await server.credentials.stop(bram, one)
    assert len(await server.credentials.list(anna)) == 2
    await server.credentials.stop(anna, one)
    assert [c.client_id for c in await server.credentials.list(anna)] == [two]
