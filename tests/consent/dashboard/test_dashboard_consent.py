"""The consent page: who asks, for what, and the very data; exactly that is given, and stopping is the end."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx2
import pytest
from support.oauth import BASE, App
from support.site import Site, Visitor

from werkpod.pod.access.model import Requester
from werkpod.pod.profile.places import PREFERENCES, PRIVATE_INDEX
from werkpod.vocab.cv import Competence, Experience, PartialDate, Summary

EXACT = re.compile(r'<pre class="wp-exact"[^>]*>(.*?)</pre>', re.S)


async def citizen(site: Site) -> Visitor:
    """Anna, with a CV."""
    anna = await site.person("Anna de Vries")
    job = Experience("2019-heftruck", "Heftruckchauffeur", None, "Magazijn BV", PartialDate("2019-03"))
    await anna.write("experience", job)
    await anna.write(
        "competences",
        Competence("rijden", "Heftruck rijden", gained_in=(f"{anna.account.storage}cv/experience#2019-heftruck",)),
    )
    await anna.write("summary", Summary(text="Rustig en precies."))
    return anna


async def say(visitor: Visitor, page: str, answer: str, **fields: Any) -> httpx2.Response:
    """Answer on the consent page at `page`."""
    request_id = parse_qs(urlsplit(page).query)["verzoek"][0]
    return await visitor.post("/oauth/toestemming", {"verzoek": request_id, "antwoord": answer, **fields})


async def tokens(app: App, answer: httpx2.Response) -> dict[str, Any]:
    """The tokens for the code in the answer."""
    code = dict(parse_qsl(urlsplit(answer.headers["location"]).query))["code"]
    response = await app.redeem(code)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def read(app: App, site: Site, url: str, token: str) -> httpx2.Response:
    """GET as the app does."""
    return await site.http.get(url, headers={**app.device.headers("GET", url, token), "Accept": "text/turtle"})


async def test_the_page_says_who_asks_for_what_and_why(site: Site) -> None:
    """Name, host, sections, reason and time are there, and the two answers are equal buttons."""
    anna = await citizen(site)
    access = {"purpose_text": {"nl": "Om werk te zoeken dat past.", "en": "To look for work that fits."}}
    app = site.app(document={"client_name": "Proefapp", "werkpod:access": access})
    page = await anna.page(await anna.asked(app))
    for text in ("Proefapp", "localhost:8080", "Je werk, Wat je kunt", "Om werk te zoeken dat past.", "90 dagen"):
        assert text in page, text
    assert "Heftruckchauffeur" in page
    assert "Rustig en precies" not in page
    buttons = re.findall(r'<button type="submit" class="([^"]+)" name="antwoord" value="(ja|nee)">', page)
    assert [value for _, value in buttons] == ["ja", "nee"]
    assert len({style for style, _ in buttons}) == 1


async def test_what_is_shown_is_what_goes_out(site: Site) -> None:
    """The Turtle on the page is, byte for byte, what the app then reads; other sections stay closed.

    That goes for the two documents too in which a Solid app finds where the sections are.
    """
    anna = await citizen(site)
    app = site.app()
    page = await anna.asked(app)
    shown = [html.unescape(text) for text in EXACT.findall(await anna.page(page))]
    found = await tokens(app, await say(anna, page, "ja"))
    got = []
    for path in ("cv/experience", "cv/competences", PREFERENCES, PRIVATE_INDEX):
        answer = await read(app, site, f"{anna.account.storage}{path}", found["access_token"])
        assert answer.status_code == 200
        got.append(answer.text)
    assert shown == got
    closed = await read(app, site, f"{anna.account.storage}cv/summary", found["access_token"])
    assert closed.status_code == 403


async def test_looking_at_the_page_is_no_access(site: Site) -> None:
    """The preview makes no line in the log and no grant."""
    anna = await citizen(site)
    await anna.page(await anna.asked(site.app()))
    assert await site.house.ledger.entries(anna.account.id) == []
    assert await site.house.grants.list(anna.account.id) == []


async def test_no_means_that_nothing_was_read(site: Site) -> None:
    """After "nee" the app hears access_denied, there is no grant, no line in the log, and the request is over."""
    anna = await citizen(site)
    page = await anna.asked(site.app())
    answer = await say(anna, page, "nee")
    there = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    assert (answer.status_code, there["error"], there["iss"]) == (303, "access_denied", BASE)
    assert await site.house.grants.list(anna.account.id) == []
    assert await site.house.ledger.entries(anna.account.id) == []
    assert (await anna.get(page)).status_code == 404
    assert (await say(anna, page, "ja")).status_code == 404
    assert await site.house.grants.list(anna.account.id) == []


async def test_stopping_ends_everything_that_the_app_holds(site: Site) -> None:
    """After one press the access token and the refresh token are of no use, and the refusal is in the log."""
    anna = await citizen(site)
    app = site.app(document={"client_name": "Proefapp"})
    found = await tokens(app, await say(anna, await anna.asked(app), "ja"))
    url = f"{anna.account.storage}cv/experience"
    assert (await read(app, site, url, found["access_token"])).status_code == 200
    (grant,) = await site.house.grants.list(anna.account.id)
    stopped = await anna.post("/regie/delen/stop", {"delen": grant.id})
    assert stopped.status_code == 303
    page = await anna.page(stopped.headers["location"])
    assert "Je bent gestopt met delen." in page
    assert "Proefapp kan dit vanaf nu niet meer lezen" in page
    assert (await read(app, site, url, found["access_token"])).status_code == 403
    assert (await app.refresh(found["refresh_token"])).status_code == 400
    entries = [line.entry for line in await site.house.ledger.entries(anna.account.id)]
    assert [(e.outcome, e.action, e.path, e.client, e.grant) for e in entries] == [
        ("refused", "read", "cv/experience", app.id, grant.id),
        ("allowed", "grant:stopped", "", app.id, grant.id),
        ("allowed", "read", "cv/experience", app.id, grant.id),
        ("allowed", "grant:given", "", app.id, grant.id),
    ]
    log = await anna.page("/regie/delen/logboek")
    assert log.index("Dat mocht niet") < log.index("heeft dit gezien: Je werk")
    assert "Heftruck" not in log


@pytest.mark.parametrize(
    "fields",
    [
        {"onderdeel": ["experience", "summary"]},
        {"onderdeel": "inbox"},
        {"alles": "1", "zeker": "ja"},
        {"dagen": "365"},
        {"mag": "veranderen"},
        {"acties": "write"},
        {"regelen": "ja"},
        {"bewaren": "until_end"},
        {"doel": "https://w3id.org/dpv#Marketing"},
        {"weg": "summary.text"},
        {"weg": "experience.salary"},
        {"weg": "summary#me"},
        {"later": "summary"},
        {"ook": "experience.employer"},
    ],
)
async def test_a_form_that_gives_more_than_was_asked_is_refused(site: Site, fields: dict[str, Any]) -> None:
    """Fields that the page did not have are not left out quietly: nothing is given."""
    anna = await citizen(site)
    answer = await say(anna, await anna.asked(site.app()), "ja", **fields)
    assert answer.status_code == 400
    assert await site.house.grants.list(anna.account.id) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"onderdeel": "salaris", "mag": "lezen", "dagen": "30"},
        {"onderdeel": "summary", "mag": "alles", "dagen": "30"},
        {"onderdeel": "summary", "mag": "lezen", "dagen": "3650"},
        {"onderdeel": "summary", "mag": "lezen", "dagen": "-1"},
        {"onderdeel": "summary", "mag": "veranderen", "dagen": "30", "regelen": "ja"},
        {"alles": "1", "zeker": "ja", "mag": "veranderen", "dagen": "30", "regelen": "1"},
    ],
)
async def test_a_choice_that_the_page_did_not_offer_is_refused(site: Site, fields: dict[str, Any]) -> None:
    """An unknown section, action or time makes no grant."""
    anna = await citizen(site)
    page = await anna.asked(site.app(), authorization_details=None)
    assert (await say(anna, page, "ja", **fields)).status_code == 400
    assert await site.house.grants.list(anna.account.id) == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "Kies eerst wat deze app mag"),
        ({"onderdeel": "summary", "dagen": "30"}, "alleen mag kijken"),
        ({"onderdeel": "summary", "mag": "lezen", "dagen": ""}, "hoe lang"),
        ({"alles": "1", "mag": "lezen", "dagen": "30"}, "zeker weet"),
        ({"alles": "1", "zeker": "ja", "mag": "lezen", "regelen": "ja", "dagen": "30"}, "die ook mag veranderen"),
    ],
)
async def test_what_is_not_chosen_is_asked(site: Site, fields: dict[str, Any], says: str) -> None:
    """The page comes back with one sentence; what was chosen stays chosen; nothing is given."""
    anna = await citizen(site)
    page = await anna.asked(site.app(), authorization_details=None)
    answer = await say(anna, page, "ja", **fields)
    assert answer.status_code == 400
    assert says in answer.text
    assert ('value="summary" checked' in answer.text) == ("onderdeel" in fields)
    assert await site.house.grants.list(anna.account.id) == []


async def test_an_app_that_asks_nothing_gets_what_is_picked(site: Site) -> None:
    """Nothing is ticked beforehand, every section can be chosen, and the token reads exactly the choice."""
    anna = await citizen(site)
    app = site.app()
    page = await anna.asked(app, authorization_details=None)
    text = await anna.page(page)
    assert " checked" not in text
    assert text.count('name="onderdeel"') == 11
    answer = await say(anna, page, "ja", onderdeel=["summary"], mag="lezen", dagen="30")
    found = await tokens(app, answer)
    assert (await read(app, site, f"{anna.account.storage}cv/summary", found["access_token"])).status_code == 200
    assert (await read(app, site, f"{anna.account.storage}cv/experience", found["access_token"])).status_code == 403
    (grant,) = await site.house.grants.list(anna.account.id)
    assert grant.until is not None
    assert round((grant.until - grant.created) / 86400) == 30


async def test_everything_is_a_second_deliberate_step(site: Site) -> None:
    """Everything has a page of its own, a warning and a tick; even then an app may not change who has access."""
    anna = await citizen(site)
    app = site.app()
    page = await anna.asked(app, authorization_details=None)
    second = await anna.page(f"{page}&alles=1")
    assert "Weet je het zeker?" in second
    assert " checked" not in second
    answer = await say(anna, page, "ja", alles="1", zeker="ja", mag="veranderen", dagen="1")
    found = await tokens(app, answer)
    assert (await read(app, site, f"{anna.account.storage}cv/", found["access_token"])).status_code == 200
    assert (await read(app, site, f"{anna.account.storage}.acl", found["access_token"])).status_code == 403
    assert "alles in je pod" in await anna.page("/regie/delen")


async def test_who_else_may_is_a_third_deliberate_step(site: Site) -> None:
    """With its own tick an app may write access rules; both are in the list and the log, and each is stopped apart."""
    anna, bob = await citizen(site), await site.person("Bob")
    app = site.app()
    page = await anna.asked(app, authorization_details=None)
    assert 'name="regelen"' not in await anna.page(page)
    assert 'name="regelen"' in await anna.page(f"{page}&alles=1")
    choice = {"alles": "1", "zeker": "ja", "mag": "veranderen", "dagen": "1", "regelen": "ja"}
    token = (await tokens(app, await say(anna, page, "ja", **choice)))["access_token"]
    url = f"{anna.account.storage}cv/summary"
    assert (await read(app, site, f"{anna.account.storage}.acl", token)).status_code == 200
    written = "<#{0}> a acl:Authorization ; acl:agent <{1}> ; acl:accessTo <{2}> ; acl:mode acl:Read{3} ."
    rules = "@prefix acl: <http://www.w3.org/ns/auth/acl#> .\n" + "\n".join((
        written.format("anna", anna.account.webid, url, ", acl:Write, acl:Control"),
        written.format("bob", bob.account.webid, url, ""),
    ))  # fmt: skip
    headers = {**app.device.headers("PUT", f"{url}.acl", token), "Content-Type": "text/turtle"}
    assert (await site.http.put(f"{url}.acl", headers=headers, content=rules)).status_code == 201
    shared = await anna.page("/regie/delen")
    assert "zien, veranderen en regelen wie nog meer mag" in shared
    rule = f"/regie/delen/regel?{urlencode({'waar': 'cv/summary', 'wie': bob.account.webid})}"
    assert "Een app of een hulpmiddel van jou heeft dit ingesteld." in await anna.page(rule)
    entries = [line.entry for line in await site.house.ledger.entries(anna.account.id)]
    (grant,) = await site.house.grants.list(anna.account.id)
    assert ("control", "cv/summary.acl", grant.id) in [(e.action, e.path, e.grant) for e in entries]
    await anna.post("/regie/delen/stop", {"delen": grant.id})
    assert (await read(app, site, f"{anna.account.storage}.acl", token)).status_code == 403
    assert (await anna.get(rule)).status_code == 200
    stopped = {"waar": "cv/summary", "wie": bob.account.webid}
    assert (await anna.post("/regie/delen/regel/stop", stopped)).status_code == 303
    assert (await anna.get(rule)).status_code == 404


async def test_a_request_is_for_the_browser_in_which_it_began(site: Site) -> None:
    """Somebody else with the address of the consent page can neither see nor answer it."""
    anna, mallory = await citizen(site), await site.person("Mallory")
    page = await anna.asked(site.app())
    assert (await mallory.get(page)).status_code == 404
    assert (await say(mallory, page, "ja")).status_code == 404
    assert (await anna.get(page)).status_code == 200


async def test_a_yes_counts_once(site: Site) -> None:
    """A second press of the button gives no second grant."""
    anna = await citizen(site)
    page = await anna.asked(site.app())
    assert (await say(anna, page, "ja")).status_code == 303
    assert (await say(anna, page, "ja")).status_code == 404
    assert len(await site.house.grants.list(anna.account.id, active_only=True)) == 1


async def test_the_headers_of_the_page_let_nobody_frame_or_script_it(site: Site) -> None:
    """No frame, no inline code, nothing stored, and the form leads here and to the app only."""
    anna = await citizen(site)
    answer = await anna.get(await anna.asked(site.app()))
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert policy.endswith(f"form-action 'self' {BASE}")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"


async def test_a_name_that_is_code_is_shown_as_text(site: Site) -> None:
    """What an app calls itself is never markup."""
    anna = await citizen(site)
    app = site.app(document={"client_name": "<script>alert(1)</script>"})
    page = await anna.page(await anna.asked(app))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


async def test_a_document_in_a_pod_is_not_a_service_of_ours(site: Site) -> None:
    """A client id document on our origin, but in somebody's pod, is shown as an app that nobody checked."""
    anna, mallory = await citizen(site), await site.person("Mallory")
    app = site.app()
    assert "Dit is een dienst van" in await anna.page(await anna.asked(app))
    url = f"{mallory.account.storage}client.jsonld"
    pod = await site.house.pods.by_id(mallory.account.id)
    assert pod is not None
    owner = Requester(agent=mallory.account.webid, own_pages=True)
    body = json.dumps({**app.client_document(), "client_id": url}).encode()
    await site.house.service.put(owner, pod, "client.jsonld", body, "application/json")
    rule, acl_ = "http://www.w3.org/ns/auth/acl#", "acl:accessTo <client.jsonld> ; acl:mode"
    acl = f"""@prefix acl: <{rule}> .
<#o> a acl:Authorization ; acl:agent <{mallory.account.webid}> ; {acl_} acl:Control, acl:Write, acl:Read .
<#p> a acl:Authorization ; acl:agentClass <http://xmlns.com/foaf/0.1/Agent> ; {acl_} acl:Read ."""
    await site.house.service.put(owner, pod, "client.jsonld.acl", acl.encode(), "text/turtle")
    response = await anna.get(f"/oauth/authorize?{httpx2.QueryParams(app.query(client_id=url))}")
    assert response.status_code == 302, response.text
    page = await anna.page(response.headers["location"])
    assert "Wij hebben niet gekeken of die te vertrouwen is" in page
    assert "Dit is een dienst van" not in page
