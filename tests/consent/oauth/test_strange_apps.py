"""An app that registered itself, seen by the citizen: the page says that nobody checked it; and signing in again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from support.oauth import App
from support.site import PASSPHRASE, Site, Visitor, whole_site

CALLBACK = "https://rekenen.example/terug"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """The whole site."""
    async with whole_site(tmp_path) as made:
        yield made


async def register(site: Site, **more: Any) -> str:
    """A registration as a Solid library makes it; the client id."""
    body = {"client_name": "CV-bouwer", "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none", **more}
    return str((await site.http.post("/oauth/register", json=body)).json()["client_id"])


def query(site: Site, client_id: str, redirect_uri: str = CALLBACK, **changes: str) -> str:
    """A request as a Solid library makes it: nothing in particular is asked."""
    said = App(site).query(  # type: ignore[arg-type]
        client_id=client_id, redirect_uri=redirect_uri, authorization_details=None, **changes
    )
    return f"/oauth/authorize?{urlencode(said)}"


async def consent_page(person: Visitor, address: str) -> str:
    """From the app to the page that asks; its address."""
    response = await person.get(address)
    assert response.status_code == 302, response.text
    return str(response.headers["location"])


@pytest.mark.duty(107)
async def test_the_page_says_that_nobody_checked_who_it_is(site: Site) -> None:
    """The name is what the app says, also that of one of our own services; where the answer goes is a fact."""
    anna = await site.person("Anna Proef")
    page = await anna.page(await consent_page(anna, query(site, await register(site))))
    assert "we weten niet wie dit is" in page
    assert "CV-bouwer</strong> (rekenen.example)" in page
    assert "Je antwoord gaat naar rekenen.example" in page
    assert "Dit is een dienst van" not in page
    english = await site.person("Emma Proef", lang="en")
    english.client.cookies.set("taal", "en")
    page = await english.page(await consent_page(english, query(site, await register(site))))
    assert "we do not know who this is" in page


@pytest.mark.duty(107)
@pytest.mark.parametrize("uri", ["http://127.0.0.1:3000/cb", "nl.rekenen.app:/cb"])
async def test_the_page_says_that_a_program_on_the_device_asks(site: Site, uri: str) -> None:
    """There is no host to name; the form may lead to where the answer goes."""
    anna = await site.person("Anna Proef")
    client_id = await register(site, redirect_uris=[uri], client_name="Hulpje")
    response = await anna.get(await consent_page(anna, query(site, client_id, uri)))
    assert "een programma op dit apparaat" in response.text
    scheme = uri.partition(":")[0]
    expected = "http://127.0.0.1:3000" if scheme == "http" else "nl.rekenen.app:"
    assert f"form-action 'self' {expected}" in response.headers["content-security-policy"]


@pytest.mark.duty(97, 107)
async def test_a_yes_gives_what_was_picked_and_is_listed_with_where_it_went(site: Site) -> None:
    """One section of the choice; in the list the name stands with the host; the same words do not ask again."""
    anna = await site.person("Anna Proef")
    client_id = await register(site)
    page = await consent_page(anna, query(site, client_id))
    request_id = dict(parse_qsl(urlsplit(page).query))["verzoek"]
    said = await anna.post(
        "/oauth/toestemming",
        {"verzoek": request_id, "antwoord": "ja", "onderdeel": "experience", "mag": "lezen", "dagen": "90"},
    )
    assert said.headers["location"].startswith(f"{CALLBACK}?code=")
    assert "CV-bouwer (rekenen.example)" in await anna.page("/regie/delen")
    again = await anna.get(query(site, await register(site)))
    assert again.headers["location"].startswith(f"{CALLBACK}?code=")


@pytest.mark.parametrize("changes", [{"prompt": "login"}, {"max_age": "0"}, {"prompt": "select_account"}])
async def test_an_app_can_ask_that_somebody_signs_in_again(site: Site, changes: dict[str, str]) -> None:
    """Who is signed in gets the sign-in page first, and then the question; a yes without it is not taken."""
    anna = await site.person("Anna Proef")
    page = await consent_page(anna, query(site, await register(site), **changes))
    request_id = dict(parse_qsl(urlsplit(page).query))["verzoek"]
    fields: dict[str, str | list[str]] = {
        "verzoek": request_id, "antwoord": "ja", "onderdeel": "experience", "mag": "lezen", "dagen": "90",
    }  # fmt: skip
    asked = await anna.get(page)
    assert asked.headers["location"].startswith("/inloggen?verder=%2Foauth%2Ftoestemming")
    assert (await anna.post("/oauth/toestemming", fields)).headers["location"] == page
    form = await anna.page(asked.headers["location"])
    assert 'name="wachtzin"' in form
    name: dict[str, str | list[str]] = {"naam": anna.account.slug, "wachtzin": PASSPHRASE, "verder": page}
    signed_in = await anna.post("/inloggen", name)
    assert signed_in.headers["location"] == page
    assert "vraagt iets aan jou" in await anna.page(page)
    assert "code=" in (await anna.post("/oauth/toestemming", fields)).headers["location"]


async def test_a_new_choice_takes_the_place_of_the_last_one(site: Site) -> None:
    """An app that asks at each sign-in: the citizen picks less, and it has less, in one line; elsewhere it stays in."""
    anna = await site.person("Anna Proef")
    client_id = await register(site)
    laptop, phone = App(site, method="none"), App(site, method="none")  # type: ignore[arg-type]

    async def sign_in(device: App, sections: list[str]) -> dict[str, Any]:
        said = device.query(client_id=client_id, redirect_uri=CALLBACK, authorization_details=None, prompt="consent")
        page = await consent_page(anna, f"/oauth/authorize?{urlencode(said)}")
        form: dict[str, str | list[str]] = {"verzoek": dict(parse_qsl(urlsplit(page).query))["verzoek"]}
        form |= {"antwoord": "ja", "onderdeel": sections, "mag": "lezen", "dagen": "90"}
        back = (await anna.post("/oauth/toestemming", form)).headers["location"]
        code = dict(parse_qsl(urlsplit(back).query))["code"]
        body = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
        return await token(device, {**body, "code_verifier": device.verifier})

    async def token(device: App, form: dict[str, str]) -> dict[str, Any]:
        headers = {"DPoP": device.proof()}
        response = await site.http.post("/oauth/token", data={"client_id": client_id, **form}, headers=headers)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    async def reads(device: App, access: str, section: str) -> int:
        url = f"{anna.account.storage}cv/{section}"
        proof = device.device.proof("GET", url, access)
        headers = {"Authorization": f"DPoP {access}", "DPoP": proof, "Accept": "text/turtle"}
        return (await site.http.get(url, headers=headers)).status_code

    first = await sign_in(laptop, ["experience", "competences"])
    second = await sign_in(phone, ["experience"])
    for device, access in ((laptop, first["access_token"]), (phone, second["access_token"])):
        assert [await reads(device, access, name) for name in ("experience", "competences")] == [200, 403]
    refreshed = await token(laptop, {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]})
    assert await reads(laptop, refreshed["access_token"], "experience") == 200
    assert (await anna.page("/regie/delen")).count("CV-bouwer (rekenen.example)</") == 1
    active = await site.house.grants.list(anna.account.id, active_only=True)
    assert [(grant.sections, grant.version) for grant in active if grant.client == client_id] == [(("experience",), 2)]


async def test_who_signs_in_to_an_app_that_is_let_in_already_is_asked_nothing(site: Site) -> None:
    """A page that goes on by itself, to the very address; with prompt=consent, or another person, the question."""
    anna = await site.person("Anna Proef")
    client_id = await register(site)
    page = await consent_page(anna, query(site, client_id))
    form: dict[str, str | list[str]] = {"verzoek": dict(parse_qsl(urlsplit(page).query))["verzoek"]}
    form |= {"antwoord": "ja", "onderdeel": "experience", "mag": "lezen", "dagen": "90"}
    assert (await anna.post("/oauth/toestemming", form)).status_code == 303
    await anna.post("/uitloggen")
    anna.client.cookies.clear()
    sign_in: dict[str, str | list[str]] = {"naam": anna.account.slug, "wachtzin": PASSPHRASE}

    page = await consent_page(anna, query(site, client_id))
    await anna.post("/inloggen", {**sign_in, "verder": page})
    onward = await anna.get(page)
    assert onward.headers["refresh"].startswith(f"0; url={CALLBACK}?code=")
    assert "Je gaat terug naar CV-bouwer" in onward.text
    assert (await anna.get(page)).status_code == 404, "it is answered once"

    page = await consent_page(anna, query(site, client_id, prompt="consent"))
    assert "vraagt iets aan jou" in await anna.page(page)
    bert = await site.person("Bert Proef")
    assert "vraagt iets aan jou" in await bert.page(await consent_page(bert, query(site, client_id)))
