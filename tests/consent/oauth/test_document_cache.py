"""How long client id documents are believed, and what has to be in one."""

from __future__ import annotations

import json

import pytest
from support.oauth import OAuthServer, answer, waiting

from werkpod.consent.oauth.document_cache import DEFAULT, LONGEST, SHORTEST, lifetime
from werkpod.consent.oauth.documents import OIDC_CONTEXT, parse_document
from werkpod.consent.oauth.errors import InvalidClient

ID = "https://app.example/client.jsonld"
DATE = "Mon, 23 Nov 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, DEFAULT),
        ({"cache-control": "public, max-age=120"}, 120),
        ({"cache-control": 'max-age="120"'}, 120),
        ({"cache-control": "max-age=120", "age": "50"}, 70),
        ({"cache-control": "MAX-AGE=120", "expires": "0"}, 120),
        ({"cache-control": "max-age=99999999"}, LONGEST),
        ({"cache-control": "max-age=1"}, SHORTEST),
        ({"cache-control": "no-cache"}, SHORTEST),
        ({"cache-control": "no-cache, max-age=600"}, SHORTEST),
        ({"cache-control": "no-store"}, None),
        ({"cache-control": "max-age=600, no-store"}, None),
        ({"cache-control": "max-age=soon"}, DEFAULT),
        ({"date": DATE, "expires": "Mon, 23 Nov 2026 10:07:00 GMT"}, 420),
        ({"date": DATE, "expires": "0"}, SHORTEST),
        ({"date": DATE, "expires": "Mon, 23 Nov 2020 10:00:00 GMT"}, SHORTEST),
        ({"expires": "Mon, 23 Nov 2026 10:07:00 GMT"}, SHORTEST),
        ({"date": "x", "expires": "y" * 400}, SHORTEST),
    ],
)
def test_headers_say_how_long(headers: dict[str, str], seconds: float | None) -> None:
    """RFC 9111: no-store, no-cache, max-age less Age, Expires less Date; within our bounds."""
    assert lifetime(headers) == seconds


@pytest.mark.duty(95)
async def test_a_document_is_fetched_again_when_its_time_is_over(server: OAuthServer) -> None:
    """Not before; what it says then counts."""
    anna, app = await server.citizen(), server.app(headers={"cache-control": "max-age=100"})
    waiting(await server.ask(app, anna))
    app.document["client_name"] = "Nieuwe naam"
    server.clock.now += 99
    waiting(await server.ask(app, anna))
    assert app.served == [200]
    server.clock.now += 2
    request_id, browser = waiting(await server.ask(app, anna))
    assert app.served == [200, 200]
    assert (await server.authorization.pending(request_id, browser=browser)).client.name == "Nieuwe naam"


async def test_a_document_with_an_etag_is_asked_whether_it_changed(server: OAuthServer) -> None:
    """If-None-Match, and 304 is enough; another ETag brings the new document."""
    anna, app = await server.citizen(), server.app(headers={"cache-control": "max-age=100", "etag": '"1"'})
    for expected in ([200], [200, 304], [200, 304, 304]):
        waiting(await server.ask(app, anna))
        assert app.served == expected
        server.clock.now += 101
    app.headers["etag"], app.document["redirect_uris"] = '"2"', ["https://elders.example/cb"]
    assert (await server.ask(app, anna)).status_code == 400, "the address is not in the new document"
    assert app.served[-1] == 200


async def test_a_document_that_may_not_be_kept_is_fetched_each_time(server: OAuthServer) -> None:
    """no-store, also after a time in which it could be kept."""
    anna, app = await server.citizen(), server.app(headers={"cache-control": "no-store"})
    waiting(await server.ask(app, anna))
    before = len(app.served)
    waiting(await server.ask(app, anna))
    assert len(app.served) == 2 * before


async def test_errors_and_documents_of_no_use_are_not_kept(server: OAuthServer) -> None:
    """A document that is mended works at once, and one that broke is not believed for what it was."""
    anna, app = await server.citizen(), server.app(document={"redirect_uris": ["ftp://x"]})
    assert (await server.ask(app, anna)).status_code == 400
    del app.document["redirect_uris"]
    waiting(await server.ask(app, anna))
    app.document["client_id"] = "https://elders.example/"
    server.clock.now += DEFAULT + 1
    assert (await server.ask(app, anna)).status_code == 400
    assert (await server.ask(app, anna)).status_code == 400


@pytest.mark.duty(95)
@pytest.mark.parametrize(
    ("context", "linked", "fits"),
    [
        (OIDC_CONTEXT, True, True),
        ([OIDC_CONTEXT], True, True),
        (["https://schema.org/", OIDC_CONTEXT, {"x": "y"}], True, True),
        (None, True, False),
        ("https://schema.org/", True, False),
        ({}, True, False),
        ([[OIDC_CONTEXT]], True, False),
        (OIDC_CONTEXT, False, True),
        (None, False, True),
        ("https://schema.org/", False, False),
    ],
)
def test_the_context_is_that_of_solid_oidc(context: object, linked: bool, fits: bool) -> None:
    """Solid-OIDC, 5.1: JSON-LD has its context; plain JSON (draft) needs none, and has no other."""
    document = {"@context": context, "client_id": ID, "redirect_uris": ["https://app.example/cb"]}
    body = json.dumps({name: value for name, value in document.items() if value is not None}).encode()
    if fits:
        assert parse_document(ID, body, allow_loopback=False, linked=linked).id == ID
    else:
        with pytest.raises(InvalidClient, match="context"):
            parse_document(ID, body, allow_loopback=False, linked=linked)


@pytest.mark.duty(94, 95, 96)
async def test_the_document_behind_the_client_id_is_what_a_request_is_held_against(server: OAuthServer) -> None:
    """Fetched over HTTP from the client id; a redirect_uri that is not in it is refused on our page."""
    anna, app = await server.citizen(), server.app()
    waiting(await server.ask(app, anna))
    assert app.served == [200]
    refused = await server.ask(app, anna, redirect_uri=f"{app.redirect_uri}/elders")
    assert (refused.status_code, "location" in refused.headers) == (400, False)


@pytest.mark.duty(94, 97)
@pytest.mark.parametrize("client_id", ["mijn-app", "app-", "app-" + "A" * 22, "urn:x", "http://www.example/app", ""])
async def test_an_id_that_nobody_registered_and_no_document_has_is_refused(server: OAuthServer, client_id: str) -> None:
    """Neither a document's address nor a registration: the person sees our page, nobody is redirected to."""
    anna, app = await server.citizen(), server.app()
    response = await server.ask(app, anna, client_id=client_id or None)
    assert (response.status_code, "location" in response.headers) == (400, False)


@pytest.mark.duty(108)
@pytest.mark.parametrize("changes", [{"code_challenge": None}, {"code_challenge_method": None},
                                     {"code_challenge_method": "plain"}, {"code_challenge": "short"}])  # fmt: skip
async def test_no_code_without_pkce(server: OAuthServer, changes: dict[str, str | None]) -> None:
    """S256 and nothing else, of every client (RFC 7636; RFC 9700, 2.1.1)."""
    anna, app = await server.citizen(), server.app(method="none")
    said = answer((await server.ask(app, anna, **changes)).headers["location"])
    assert said["error"] == "invalid_request"
