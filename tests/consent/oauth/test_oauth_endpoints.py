"""Metadata, keys, the token endpoint's manners, revocation and introspection."""

from __future__ import annotations

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from support.oauth import BASE, OAuthServer, claims_of, oauth_server

from werkpod.consent.oauth.keys import SigningKeys
from werkpod.pod.store import open_database
from werkpod.pod.vault import FileRootKeys, Vault

METADATA = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")


@pytest.mark.parametrize("path", METADATA)
@pytest.mark.parametrize("name", ["Host", "X-Forwarded-Host", "Forwarded"])
async def test_the_issuer_is_the_configured_one_whatever_the_request_says(
    server: OAuthServer, path: str, name: str
) -> None:
    """No header changes the issuer or an endpoint (CVE-2026-48710)."""
    found = (await server.http.get(path, headers={name: "evil.example"})).json()
    assert found["issuer"] == BASE
    assert "evil" not in str(found)


async def test_the_metadata_promises_what_is_spoken(server: OAuthServer) -> None:
    """S256 only, code only, no `none` algorithm, iss in responses, and every endpoint named answers."""
    found = (await server.http.get(METADATA[0])).json()
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["response_types_supported"] == ["code"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert not {"password", "implicit"} & set(found["grant_types_supported"])
    algorithms = [value for name, values in found.items() if "alg_values" in name for value in values]
    assert algorithms
    assert not {"none", "HS256"} & set(algorithms)
    for name in ("token_endpoint", "revocation_endpoint", "introspection_endpoint"):
        assert (await server.http.post(found[name], data={"x": "1"})).status_code in (400, 401)
    assert (await server.http.get(found["jwks_uri"])).status_code == 200


async def test_the_published_key_verifies_tokens_and_is_public(server: OAuthServer) -> None:
    """/oauth/jwks has the key that signs, without its private part."""
    anna, app = await server.citizen(), server.app()
    token = (await server.tokens(app, anna))["access_token"]
    jwks = (await server.http.get("/oauth/jwks")).json()
    assert all("d" not in key and key["alg"] == "ES256" for key in jwks["keys"])
    verified = jwt.decode(token, KeySet.import_key_set(jwks), algorithms=["ES256"])
    assert verified.header["typ"] == "at+jwt"
    assert verified.claims["webid"] == anna.webid


async def test_the_signing_key_survives_a_restart_and_is_sealed(server: OAuthServer) -> None:
    """A second process finds the same key; the database does not show it."""
    before = server.parts.keys.jwks()
    keys_db = open_database(server.folder / "keys.db", "werkpod.pod.migrations.keys", secure_delete=True)
    consent = open_database(server.folder / "consent.db", "werkpod.consent.migrations")
    try:
        again = await SigningKeys.load(consent, Vault(keys_db, FileRootKeys(server.folder / "root.key")))
    finally:
        await consent.close()
        await keys_db.close()
    assert again.jwks() == before
    secret = again.all()[0].as_dict(private=True)["d"]
    files = b"".join(path.read_bytes() for path in server.folder.iterdir())
    assert str(secret).encode() not in files


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/oauth/introspect"])
async def test_only_form_posts(server: OAuthServer, path: str) -> None:
    """GET is 405; JSON, no type, or a body that is no form is invalid_request."""
    assert (await server.http.get(path)).status_code == 405
    assert (await server.http.put(path)).status_code == 405
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body, headers in ((b"{}", {"Content-Type": "application/json"}), (b"a=1", {}), (b"a=1&a=1", form),
                          (b"a=%ff", form), (b"x" * 40_000, form)):  # fmt: skip
        response = await server.http.post(path, content=body, headers=headers)
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "grant_type", ["password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", 'a"b', "é"]
)
async def test_other_grant_types_are_unsupported(server: OAuthServer, grant_type: str) -> None:
    """Only what the metadata names is spoken."""
    app = server.app()
    response = await app.token({"grant_type": grant_type, "username": "anna", "password": "x"})
    assert (response.status_code, response.json()["error"]) == (400, "unsupported_grant_type")


async def test_parameters_in_the_address_do_not_count(server: OAuthServer) -> None:
    """The token endpoint reads the body only: secrets do not belong in addresses."""
    anna = await server.citizen()
    client_id, secret = await server.credentials.create(anna, "script")
    query = f"grant_type=client_credentials&client_id={client_id}&client_secret={secret}"
    proof = server.app().proof()
    response = await server.http.post(f"/oauth/token?{query}", data={"x": "1"}, headers={"DPoP": proof})
    assert response.status_code == 400


async def test_any_origin_may_ask_and_no_cookie_counts(server: OAuthServer) -> None:
    """A Solid app in a browser can use the endpoints; credentials are never allowed along."""
    preflight = await server.http.options(
        "/oauth/token", headers={"Origin": "https://app.example", "Access-Control-Request-Headers": "dpop"}
    )
    assert preflight.status_code == 204
    for response in (preflight, await server.http.get(METADATA[0]), await server.http.post("/oauth/token")):
        assert response.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in response.headers
    assert "dpop" in preflight.headers["access-control-allow-headers"].lower()


async def test_too_many_failures_are_slowed_down(server: OAuthServer) -> None:
    """After the limit an address at which nobody shows who they are waits; Retry-After says how long."""
    async with oauth_server(_below(server), limits={**_limits(), "token-failures": "3 per 1 minute"}) as strict:
        anna, app = await strict.citizen(), strict.app(method="none")
        first = await strict.tokens(app, anna)
        for _ in range(3):
            first = (await app.refresh(first["refresh_token"])).json()
        for _ in range(3):
            assert (await app.refresh("nonsense")).status_code == 400
        slowed = await app.refresh(first["refresh_token"])
        assert (slowed.status_code, slowed.json()["error"]) == (429, "slow_down")
        assert 1 <= int(slowed.headers["retry-after"]) <= 60


def _below(server: OAuthServer):  # type: ignore[no-untyped-def]
    folder = server.folder / "strict"
    folder.mkdir()
    return folder


def _limits() -> dict[str, str]:
    from werkpod.consent.accounts.limits import LIMITS

    return LIMITS


# Revocation and introspection


async def test_giving_a_token_back_ends_all_that_came_with_it(server: OAuthServer) -> None:
    """Revoking the refresh token, or the access token, ends the family at once."""
    anna, app = await server.citizen(), server.app()
    for name in ("refresh_token", "access_token"):
        body = await server.tokens(app, anna, prompt="consent")
        sent = {**app.authentication(), "token": body[name], "token_type_hint": name}
        assert (await server.http.post("/oauth/revoke", data=sent)).status_code == 200
        assert (await app.refresh(body["refresh_token"])).json()["error"] == "invalid_grant"
        assert await server.parts.store.revoked(claims_of(body["access_token"])["family"])


async def test_a_tools_token_can_be_given_back(server: OAuthServer) -> None:
    """A family that has no refresh token is known as revoked too."""
    anna, app = await server.citizen(), server.app()
    auth = await server.credentials.create(anna, "script")
    grant = {"grant_type": "client_credentials"}
    token = (await server.http.post("/oauth/token", data=grant, auth=auth, headers={"DPoP": app.proof()})).json()
    family = claims_of(token["access_token"])["family"]
    assert not await server.parts.store.revoked(family)
    await server.http.post("/oauth/revoke", data={"token": token["access_token"]}, auth=auth)
    assert await server.parts.store.revoked(family)


async def test_another_clients_token_is_let_be(server: OAuthServer) -> None:
    """Another client's token, or nonsense, is answered 200 without effect (RFC 7009, 2.2)."""
    anna, app, other = await server.citizen(), server.app("a"), server.app("b")
    body = await server.tokens(app, anna)
    for token in (body["refresh_token"], body["access_token"], "nonsense", "x" * 10_000):
        sent = {**other.authentication(), "token": token, "token_type_hint": "whatever"}
        assert (await server.http.post("/oauth/revoke", data=sent)).status_code == 200
    assert (await app.refresh(body["refresh_token"])).status_code == 200


async def test_introspection_tells_a_client_of_its_own_tokens(server: OAuthServer) -> None:
    """Active with its claims; inactive when used, over, stopped, another's or nonsense."""
    anna, app, other = await server.citizen(), server.app("a"), server.app("b")
    body = await server.tokens(app, anna)

    async def ask(who, token: str) -> dict[str, object]:  # type: ignore[no-untyped-def]
        response = await server.http.post("/oauth/introspect", data={**who.authentication(), "token": token})
        assert response.status_code == 200
        found: dict[str, object] = response.json()
        return found

    found = await ask(app, body["access_token"])
    assert (found["active"], found["webid"], found["client_id"]) == (True, anna.webid, app.id)
    assert (await ask(app, body["refresh_token"]))["active"] is True
    for who, token in (
        (other, body["access_token"]),
        (other, body["refresh_token"]),
        (app, "x"),
        (app, body["id_token"]),
    ):
        assert await ask(who, token) == {"active": False}
    fresh = (await app.refresh(body["refresh_token"])).json()
    assert await ask(app, body["refresh_token"]) == {"active": False}
    body = await server.tokens(app, anna, prompt="consent")
    server.clock.now += 300
    assert await ask(app, body["access_token"]) == {"active": False}
    await server.grants.revoke(anna.id, claims_of(body["access_token"])["grant"], by=anna.id)
    assert await ask(app, body["refresh_token"]) == {"active": False}
    assert fresh["access_token"]


async def test_introspection_needs_authentication(server: OAuthServer) -> None:
    """A mere client id is no proof of who asks."""
    anna, app = await server.citizen(), server.app(method="none")
    body = await server.tokens(app, anna)
    response = await server.http.post("/oauth/introspect", data={"client_id": app.id, "token": body["access_token"]})
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


async def test_nothing_readable_is_stored(server: OAuthServer) -> None:
    """After a walk the files hold no name, user name, WebID, client id, label, secret, code or token."""
    anna, app = await server.citizen(), server.app("geheimapp")
    asked = await server.ask(app, anna)
    code = await server.code(app, anna)
    body = (await app.redeem(code)).json()
    client_id, secret = await server.credentials.create(anna, "Mijn toverscript")
    assert asked.status_code == 302
    files = b"".join(path.read_bytes() for path in server.folder.iterdir() if path.is_file())
    assert anna.id.encode() in files  # what is searched is what was written
    for text in (
        "Anna de Vries", "anna de vries", anna.slug, anna.webid, app.id, "geheimapp", "toverscript", secret,
        code.partition(".")[2], body["refresh_token"].partition(".")[2], body["access_token"], "a state",
        client_id, app.redirect_uri,
    ):  # fmt: skip
        assert text.encode() not in files, text
