"""Apps register themselves (RFC 7591, OpenID Connect Registration 1.0): what they may say, and what they are worth."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest
from support.oauth import App, OAuthServer, answer, claims_of, oauth_server, waiting

from werkpod.consent.accounts.limits import LIMITS
from werkpod.consent.oauth.errors import InvalidClientMetadata, InvalidRedirectUri, ServerError
from werkpod.consent.oauth.registered import SECONDS, RegisteredClients
from werkpod.consent.oauth.registration import Registration, parse_registration

CALLBACK = "https://app.example/terug"
SOLID_APP = {
    "client_name": "Zomaar een app",
    "application_type": "web",
    "redirect_uris": [CALLBACK],
    "subject_type": "public",
    "token_endpoint_auth_method": "client_secret_basic",
    "id_token_signed_response_alg": "ES256",
    "grant_types": ["authorization_code", "refresh_token"],
}
"""What a Solid app in a browser sends today."""


async def register(server: OAuthServer, **changes: Any) -> httpx2.Response:
    """A registration; `changes` replace members or (None) leave them out."""
    body = {name: value for name, value in {**SOLID_APP, **changes}.items() if value is not None}
    return await server.http.post("/oauth/register", json=body)


def parsed(**changes: Any) -> Registration:
    """A registration as the server reads it."""
    return parse_registration(json.dumps({**SOLID_APP, **changes}).encode())


class Registered(App):
    """An app that registered itself."""

    def __init__(self, server: OAuthServer, said: dict[str, Any]) -> None:
        super().__init__(server, method=said["token_endpoint_auth_method"])
        self.said = said

    @property
    def id(self) -> str:
        """The client id that it was given."""
        return str(self.said["client_id"])

    @property
    def redirect_uri(self) -> str:
        """The first address that it registered."""
        return str(self.said["redirect_uris"][0])

    async def token(self, form: dict[str, str], *, proof: str | None = "", **_: Any) -> httpx2.Response:
        """A token request, as the app authenticates."""
        headers = {} if proof is None else {"DPoP": proof or self.proof()}
        secret = self.said.get("client_secret", "")
        if self.method == "client_secret_basic":
            headers["Authorization"] = "Basic " + base64.b64encode(f"{self.id}:{secret}".encode()).decode()
        sent = {"client_id": self.id, **form}
        if self.method == "client_secret_post":
            sent["client_secret"] = secret
        if self.method == "private_key_jwt":
            sent |= self.authentication()
        return await self.server.http.post("/oauth/token", data=sent, headers=headers)


async def app_of(server: OAuthServer, **changes: Any) -> Registered:
    """A registered app."""
    response = await register(server, **changes)
    assert response.status_code == 201, response.text
    return Registered(server, response.json())


@pytest.mark.duty(97, 98, 100, 101)
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "none"])
async def test_a_registered_app_signs_a_citizen_in(server: OAuthServer, method: str) -> None:
    """Register, ask for nothing in particular, be let in by a choice of the citizen, refresh."""
    app, anna = await app_of(server, token_endpoint_auth_method=method), await server.citizen()
    tokens = await server.tokens(app, anna, authorization_details=None)
    assert claims_of(tokens["access_token"])["client_id"] == app.id
    claims = claims_of(tokens["id_token"])
    assert (claims["aud"], claims["azp"], claims["webid"]) == ([app.id, "solid"], app.id, anna.webid)
    refreshed = await app.refresh(tokens["refresh_token"])
    assert refreshed.status_code == 200, refreshed.text


@pytest.mark.duty(97)
async def test_the_answer_says_what_was_registered(server: OAuthServer) -> None:
    """RFC 7591, 3.2.1: id, secret, their times and every member, those that were replaced too; nothing may keep it."""
    response = await register(server, id_token_signed_response_alg="RS256", subject_type="pairwise", software_id="x")
    said = response.json()
    assert said["client_id_issued_at"] == int(server.clock())
    assert said["client_secret_expires_at"] == int(server.clock() + SECONDS)
    assert (said["redirect_uris"], said["client_name"]) == ([CALLBACK], "Zomaar een app")
    assert (said["id_token_signed_response_alg"], said["subject_type"]) == ("ES256", "public")
    assert said["response_types"] == ["code"]
    assert "software_id" not in said
    assert response.headers["cache-control"] == "no-store"


async def test_what_is_left_out_gets_the_defaults_of_the_standard(server: OAuthServer) -> None:
    """client_secret_basic, web, code; and refreshing, which Solid apps want and do not always say."""
    said = (await server.http.post("/oauth/register", json={"redirect_uris": [CALLBACK]})).json()
    assert said["token_endpoint_auth_method"] == "client_secret_basic"
    assert said["application_type"] == "web"
    assert said["grant_types"] == ["authorization_code", "refresh_token"]
    only_code = (await register(server, grant_types=["authorization_code", "implicit"])).json()
    assert only_code["grant_types"] == ["authorization_code"]


async def test_a_public_app_has_no_secret(server: OAuthServer) -> None:
    """token_endpoint_auth_method none: no secret, and nothing but its id at the token endpoint."""
    app, anna = await app_of(server, token_endpoint_auth_method="none"), await server.citizen()
    assert not {"client_secret", "client_secret_expires_at"} & set(app.said)
    app.method, app.said["client_secret"] = "client_secret_post", "verzonnen"
    refused = await app.redeem(await server.code(app, anna, authorization_details=None))
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


async def test_an_app_with_keys_signs_its_assertions(server: OAuthServer) -> None:
    """private_key_jwt with jwks in the registration; another key is refused."""
    key = server.app("sleutels").client_document()["jwks"]
    app = await app_of(server, token_endpoint_auth_method="private_key_jwt", jwks=key)
    app.key = server.apps["sleutels"].key
    anna = await server.citizen()
    assert app.said["token_endpoint_auth_signing_alg"] == "ES256"
    assert (await server.tokens(app, anna, authorization_details=None))["webid"] == anna.webid
    app.key = App(server, "ander").key
    refused = await app.redeem(await server.code(app, anna, authorization_details=None, prompt="consent"))
    assert refused.json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example/terug?a=b",
        "http://localhost:3000/terug",
        "http://localhost/",
        "http://127.0.0.1:8765/cb",
        "http://[::1]:8765/cb",
        "com.example.app:/terug",
        "nl.gemeente.app://terug/x",
    ],
)
def test_addresses_that_an_app_can_register(uri: str) -> None:
    """https; http on the person's own machine (RFC 8252, 7.3); a scheme with a full stop (7.1)."""
    assert parsed(redirect_uris=[uri]).redirect_uris == (uri,)


@pytest.mark.duty(97)
@pytest.mark.parametrize(
    "uris",
    [
        ["http://app.example/terug"],
        ["http://10.0.0.1/terug"],
        ["http://localhost.evil.example/terug"],
        ["http://127.0.0.1.evil.example/"],
        ["https://app.example/terug#deel"],
        ["https://user@app.example/terug"],
        ["https://user:pw@app.example/terug"],
        ["https://app.example/te rug"],
        ["https://app.example/\r\nSet-Cookie: x=y"],
        ["https://"],
        ["https:///terug"],
        ["https://app.example:99999999/"],
        ["https://[::1/"],
        ["/terug"],
        ["javascript:alert(1)"],
        ["data:text/html,x"],
        ["myapp:/terug"],
        ["javascript.x:alert(1)//#"],
        ["com.example.app:"],
        ["https://app.example/" + 500 * "x"],
        [],
        ["https://app.example/terug", 5],
        "https://app.example/terug",
        None,
        [f"https://app.example/{n}" for n in range(11)],
    ],
)
def test_addresses_that_an_app_cannot_register(uris: Any) -> None:
    """Nothing in the clear, nothing that a browser would run, no fragment, no user name, and not very many."""
    with pytest.raises(InvalidRedirectUri):
        parsed(redirect_uris=uris)
    if uris:
        with pytest.raises(InvalidRedirectUri):
            parsed(post_logout_redirect_uris=uris)


async def test_an_address_that_is_refused_has_an_error_of_its_own(server: OAuthServer) -> None:
    """RFC 7591, 3.2.2, for pages of any origin too."""
    response = await register(server, redirect_uris=["http://app.example/terug"])
    assert (response.status_code, response.json()["error"]) == (400, "invalid_redirect_uri")
    assert "redirect_uris" in response.json()["error_description"]
    assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_name": 5},
        {"client_name": "x" * 101},
        {"token_endpoint_auth_method": "client_secret_jwt"},
        {"token_endpoint_auth_method": ["none"]},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://app.example/jwks"},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}},
        {"grant_types": ["implicit"]},
        {"grant_types": "authorization_code"},
        {"response_types": ["token"]},
        {"application_type": "toaster"},
    ],
)
def test_members_that_are_refused(changes: dict[str, Any]) -> None:
    """What is known and malformed, or cannot be given in another form, is named in the error."""
    with pytest.raises(InvalidClientMetadata) as refused:
        parsed(**changes)
    name = "jwks" if "private_key_jwt" in changes.values() else next(iter(changes))
    assert name in str(refused.value.description)


async def test_bodies_that_are_no_registration(server: OAuthServer) -> None:
    """Not JSON, not an object, too large: an error of the protocol, nothing kept."""
    good = b'{"redirect_uris": ["https://app.example/"]'
    for content, media_type in (
        (b"[]", "application/json"),
        (b"{", "application/json"),
        (b"[" * 10_000, "application/json"),
        (good + b"}", "text/plain"),
        (good + b', "x": "' + b"x" * 20_000 + b'"}', "application/json"),
    ):
        response = await server.http.post("/oauth/register", content=content, headers={"Content-Type": media_type})
        assert (response.status_code, response.json()["error"]) == (400, "invalid_client_metadata")
    assert await server.consent.fetch("SELECT count(*) FROM registered_client") == [(0,)]


async def test_the_same_words_are_the_same_app(server: OAuthServer) -> None:
    """An app that registers at each sign-in is one app: one row, one id, and what was shared with it holds."""
    one, two = await app_of(server), await app_of(server)
    assert one.id == two.id
    assert one.said["client_secret"] != two.said["client_secret"]
    assert (await app_of(server, client_name="Iets anders")).id != one.id
    assert await server.consent.fetch("SELECT count(*) FROM registered_client") == [(2,)]
    anna = await server.citizen()
    await server.tokens(one, anna, authorization_details=None)
    straight = answer((await server.ask(two, anna, authorization_details=None)).headers["location"])
    assert (await two.redeem(straight["code"])).status_code == 200


async def test_a_program_on_the_device_is_asked_about_each_time(server: OAuthServer) -> None:
    """Any program can listen at a loopback address or take a scheme: no code without a page (RFC 8252, 8.6)."""
    app, anna = await app_of(server, redirect_uris=["http://127.0.0.1:4711/cb"]), await server.citizen()
    await server.tokens(app, anna, authorization_details=None)
    waiting(await server.ask(app, anna, authorization_details=None))
    silent = await server.ask(app, anna, authorization_details=None, prompt="none")
    assert answer(silent.headers["location"])["error"] == "consent_required"


@pytest.mark.duty(96)
async def test_a_loopback_app_picks_its_port_when_it_starts(server: OAuthServer) -> None:
    """RFC 8252, 7.3: any port, and nothing else that differs."""
    app, anna = await app_of(server, redirect_uris=["http://127.0.0.1:4711/cb"]), await server.citizen()
    waiting(await server.ask(app, anna, redirect_uri="http://127.0.0.1:50123/cb"))
    for other in ("http://127.0.0.1:4711/ander", "http://127.0.0.2:4711/cb", "https://127.0.0.1:4711/cb",
                  "http://127.0.0.1:4711/cb?x=1", "http://127.0.0.1:4711@evil.example/cb"):  # fmt: skip
        assert (await server.ask(app, anna, redirect_uri=other)).status_code == 400


@pytest.mark.duty(96)
async def test_a_web_app_has_its_very_addresses(server: OAuthServer) -> None:
    """An address with another port, path or query is refused on our page, never redirected to."""
    app, anna = await app_of(server), await server.citizen()
    for other in (f"{CALLBACK}/", "https://app.example:8443/terug", f"{CALLBACK}?x", "https://evil.example/terug"):
        response = await server.ask(app, anna, redirect_uri=other)
        assert response.status_code == 400
        assert "location" not in response.headers


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
async def test_a_wrong_secret_is_refused(server: OAuthServer, method: str) -> None:
    """Another app's, one that was changed, one that is over, and none at all."""
    app, anna = await app_of(server, token_endpoint_auth_method=method), await server.citizen()
    other = await app_of(server, client_name="Ander")
    good = app.said["client_secret"]
    ends, random, proof = good.split(".")
    wrong = (
        other.said["client_secret"], f"{int(ends) + 1}.{random}.{proof}", f"{ends}.{random[::-1]}.{proof}", "x", "",
        f"{ends}.{random}.{'A' * 22}", good + "A",
    )  # fmt: skip
    code = await server.code(app, anna, authorization_details=None)
    for secret in wrong:
        app.said["client_secret"] = secret
        refused = await app.redeem(code)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client"), secret
    app.said["client_secret"] = good
    assert (await app.redeem(code)).status_code == 200


async def test_id_and_secret_survive_every_way_of_encoding(server: OAuthServer) -> None:
    """RFC 6749, 2.3.1 asks to form-encode them in the header; some clients do, some do not, some encode all marks."""
    app, anna = await app_of(server), await server.citizen()
    tokens = await server.tokens(app, anna, authorization_details=None)
    whole = "".join(f"%{ord(c):02X}" for c in app.id), "".join(f"%{ord(c):02x}" for c in app.said["client_secret"])
    token = tokens["refresh_token"]
    for name, secret in (whole, (app.id, app.said["client_secret"])):
        pair = base64.b64encode(f"{name}:{secret}".encode()).decode()
        form = {"grant_type": "refresh_token", "refresh_token": token}
        headers = {"Authorization": f"Basic {pair}", "DPoP": app.proof()}
        response = await server.http.post("/oauth/token", data=form, headers=headers)
        assert response.status_code == 200, response.text
        token = response.json()["refresh_token"]


@pytest.mark.duty(107)
async def test_a_registration_ends(server: OAuthServer) -> None:
    """After 90 days app and secret are unknown; registering anew gives the same id."""
    app, anna = await app_of(server), await server.citizen()
    server.clock.now += SECONDS + 1
    refused = await server.ask(app, anna)
    assert (refused.status_code, "location" in refused.headers) == (400, False)
    revived = await app_of(server)
    assert revived.id == app.id
    code = await server.code(revived, anna, authorization_details=None)
    assert (await app.redeem(code)).json()["error"] == "invalid_client", "the old secret is over"
    assert (await revived.redeem(code)).status_code == 200


@pytest.mark.duty(107)
async def test_a_registration_lasts_as_long_as_what_is_shared_with_it(server: OAuthServer) -> None:
    """A public app that a citizen shares with for a year is known for that year, and no longer."""
    app, anna = await app_of(server, token_endpoint_auth_method="none"), await server.citizen()
    asked = await server.ask(app, anna, authorization_details=None)
    request_id, browser = waiting(asked)
    until = server.clock() + 300 * 86400
    grant = await server.grants.create(server.grant_for(anna, app, until=until))
    await server.authorization.approve(request_id, anna, grant, browser=browser)
    server.clock.now = until - 10
    assert await server.parts.clients.get(app.id) is not None
    server.clock.now = until + 10
    assert await server.parts.clients.get(app.id) is None


@pytest.mark.duty(107)
async def test_registrations_are_bounded(server: OAuthServer) -> None:
    """When there is no room the oldest goes that nobody said yes to; what is in use stays, and then no more come."""
    room = RegisteredClients(server.consent, server.pods.vault, room=3, clock=server.clock)

    async def one(name: str) -> str:
        server.clock.now += 1
        said = Registration((CALLBACK,), "none", ("authorization_code",), name=name)
        return (await room.register(said)).client_id

    used, old, newer = await one("gebruikt"), await one("oud"), await one("nieuwer")
    await room.keep(used, server.clock() + 10)
    fourth = await one("vierde")
    assert [await room.get(i) is not None for i in (used, old, newer, fourth)] == [True, False, True, True]
    for client_id in (newer, fourth):
        await room.keep(client_id, None)
    refused = await register_one_more(room)
    assert refused.status_code == 503
    assert await server.consent.fetch("SELECT count(*) FROM registered_client") == [(3,)]


async def register_one_more(room: RegisteredClients) -> ServerError:
    """The error of a registration for which there is no room."""
    with pytest.raises(ServerError) as refused:
        await room.register(Registration((CALLBACK,), "none", ("authorization_code",), name="te veel"))
    return refused.value


async def test_a_flood_of_registrations_is_stopped(tmp_path: Path) -> None:
    """So many from one address; 429 with Retry-After, good or bad."""
    async with oauth_server(tmp_path, limits={**LIMITS, "registration-address": "2 per 1 minute"}) as server:
        assert (await register(server)).status_code == 201
        assert (await register(server, client_name=5)).status_code == 400
        response = await register(server)
        assert (response.status_code, response.json()["error"]) == (429, "slow_down")
        assert int(response.headers["retry-after"]) > 0


async def test_nothing_of_a_registration_can_be_read_in_the_database(server: OAuthServer) -> None:
    """Neither name nor address, neither id nor secret are in the file."""
    app = await app_of(server, client_name="Stiekeme App")
    files = b"".join(path.read_bytes() for path in server.folder.iterdir() if "root.key" not in path.name)
    for word in ("Stiekeme", "app.example", app.id, *app.said["client_secret"].split(".")[1:]):
        assert word.encode() not in files, word


async def test_a_registration_shows_nothing_about_who_asks(server: OAuthServer) -> None:
    """Anybody can have a secret by registering: the failures of such an app count for its address, as a stranger's."""
    async with oauth_server(_folder(server), limits={**LIMITS, "token-failures": "3 per 1 minute"}) as strict:
        app = await app_of(strict)
        answers = [(await app.refresh("x.y")).status_code for _ in range(4)]
    assert answers == [400, 400, 400, 429]


def _folder(server: OAuthServer) -> Path:
    found = server.folder / "streng"
    found.mkdir()
    return found


async def test_browsers_of_every_origin_may_register(server: OAuthServer) -> None:
    """The preflight lets Content-Type, Authorization and DPoP through."""
    response = await server.http.options("/oauth/register", headers={"Origin": "https://app.example"})
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == "*"
    allowed = response.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("content-type", "authorization", "dpop"))
    assert "POST" in response.headers["access-control-allow-methods"]
