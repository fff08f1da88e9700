"""An app that asks for a part of a section, from its request to what it reads, on the whole site."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.oauth import answer
from support.site import Site, whole_site

from werkpod.consent.oauth.details import TYPE
from werkpod.vocab.cv import Experience, PartialDate


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A site of the test's own."""
    async with whole_site(tmp_path) as started:
        yield started


async def test_a_field_that_was_not_asked_is_not_read(site: Site) -> None:
    """Pushed, asked on the page, given, told in the token response, and left out of what the pod answers."""
    sanne, app = await site.person("Sanne"), site.app()
    await sanne.write("experience", Experience("kok", label="Kok", employer="De Pan", start=PartialDate("2019")))
    details = [{
        "type": TYPE, "sections": ["experience"], "fields": {"experience": ["period"]}, "duration": "P30D",
        "optional_fields": {"experience": ["employer"]}, "keep": "nothing",
        "purpose": "https://w3id.org/dpv#ServiceProvision", "purpose_text": {"nl": "Om te tellen.", "en": "To count."},
    }]  # fmt: skip
    sent = {**app.query(authorization_details=json.dumps(details)), **app.authentication()}
    pushed = (await site.http.post("/oauth/par", data=sent)).json()
    there = await sanne.client.get(
        "/oauth/authorize", params={"client_id": app.id, "request_uri": pushed["request_uri"]}
    )
    page = there.headers["location"]
    assert (await sanne.get(page)).status_code == 200
    answered = await sanne.post("/oauth/toestemming", {"verzoek": page.partition("=")[2], "antwoord": "ja"})
    assert answered.status_code == 303, answered.text
    form = {
        "grant_type": "authorization_code", "code": answer(answered.headers["location"])["code"],
        "redirect_uri": app.redirect_uri, "code_verifier": app.verifier, **app.authentication(),
    }  # fmt: skip
    body = (await site.http.post("/oauth/token", data=form, headers={"DPoP": app.proof()})).json()
    said = body["authorization_details"][0]
    assert (said["fields"], said["keep"]) == ({"experience": ["period"]}, "nothing")
    url = f"{sanne.account.storage}cv/experience"
    headers = {"Accept": "text/turtle", **app.device.headers("GET", url, body["access_token"])}
    read = await site.http.get(url, headers=headers)
    assert read.status_code == 200
    assert "2019" in read.text
    assert "De Pan" not in read.text
