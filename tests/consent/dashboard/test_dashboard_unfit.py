"""Somebody whom an app sends here with an unfit request reads what is wrong, in their own words; nothing is shared."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from support.oauth import BASE
from support.site import Site


@pytest.mark.parametrize(
    ("changes", "says", "detail"),
    [
        ({"client_id": None}, "We weten niet van welke app", "client_id"),
        ({"client_id": f"{BASE}/apps/nobody/client.jsonld"}, "We weten niet van welke app", "client"),
        ({"redirect_uri": "https://evil.example/"}, "Deze vraag is niet te vertrouwen", "redirect_uri"),
        ({"redirect_uri": None}, "Deze vraag is niet te vertrouwen", "redirect_uri is missing"),
    ],
)
async def test_the_page_names_what_is_wrong_in_plain_words(
    site: Site, changes: dict[str, str | None], says: str, detail: str
) -> None:
    """Heading and reason in Dutch, the sentence for the maker behind a fold, and no way to the app."""
    anna, app = await site.person("Anna"), site.app()
    answer = await anna.get(f"/oauth/authorize?{urlencode(app.query(**changes))}")
    assert answer.status_code == 400
    assert "location" not in answer.headers
    plain, _, folded = answer.text.partition("<details>")
    assert f"<h1>{says}" in plain
    assert "Er is niets gedeeld." in plain
    assert detail in folded
    assert "evil.example" not in answer.text


async def test_a_request_that_cannot_be_read_is_no_fault_of_the_person(site: Site) -> None:
    """A parameter sent twice: the page says that the app asks what nobody understands."""
    answer = await site.visitor().get(f"/oauth/authorize?{urlencode(site.app().query())}&state=x")
    assert answer.status_code == 400
    assert "De app stelt een vraag die we niet begrijpen" in answer.text
    assert "Dat ligt niet aan jou." in answer.text
    assert "sent more than once" in answer.text


async def test_it_speaks_english_too(site: Site) -> None:
    """For a reader of English the page is English."""
    answer = await site.visitor(lang="en").get(f"/oauth/authorize?{urlencode(site.app().query(client_id=None))}")
    assert "We do not know which app this question is from" in answer.text
    assert "Er is" not in answer.text


async def test_a_program_gets_the_error_as_data(site: Site) -> None:
    """Who asks for no HTML gets problem details."""
    url = f"/oauth/authorize?{urlencode(site.app().query(client_id=None))}"
    answer = await site.http.get(url, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "authorization_request_refused"


async def test_an_app_that_changes_while_its_question_waits_is_told_apart(site: Site) -> None:
    """The consent page of a request that is not valid any more says that the app changed; yes gives nothing."""
    anna, app = await site.person("Anna"), site.app()
    page = await anna.asked(app)
    app.document["redirect_uris"] = ["https://elsewhere.example/terug"]
    site.house.authorization.parts.clients._documents.drop(app.id)
    answer = await anna.get(page)
    assert answer.status_code == 400
    assert "De app is net veranderd" in answer.text
    yes = await anna.post("/oauth/toestemming", {"verzoek": page.rpartition("=")[2], "antwoord": "ja"})
    assert "De app is net veranderd" in yes.text
    assert await site.house.grants.list(anna.account.id) == []


async def test_going_back_to_a_pushed_request_is_nobodys_fault(site: Site) -> None:
    """Who opens an address of an app again, too late or after the answer, reads that the question is over."""
    anna, app = await site.person("Anna"), site.app()
    asked = {"client_id": app.id, "request_uri": "urn:ietf:params:oauth:request_uri:AAAA"}
    answer = await anna.get(f"/oauth/authorize?{urlencode(asked)}")
    assert answer.status_code == 400
    assert "<h1>Deze vraag is voorbij" in answer.text
    assert "location" not in answer.headers
