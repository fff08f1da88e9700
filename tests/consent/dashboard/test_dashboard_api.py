"""The JSON beside the pages: who shares with me, and a tool that sees and stops grants."""

from __future__ import annotations

from typing import Any

import pytest
from support.credentials import tool_of
from support.oauth import BASE
from support.site import Site, Visitor

from werkpod.consent.dashboard.api import MOST
from werkpod.consent.grants import GrantRecord


async def share(site: Site, giver: Visitor, coach: Visitor, *sections: str) -> GrantRecord:
    """Share sections with a coach."""
    now = site.clock()
    record = GrantRecord(
        id="", pod=giver.account.id, agent=coach.account.webid, client=None, receiver_name=coach.account.name,
        receiver_kind="coach", created=now, not_before=now, until=now + 86400, sections=sections,
    )  # fmt: skip
    return await site.house.grants.create(record)


async def test_a_coach_sees_who_shares_what(site: Site) -> None:
    """One entry a person, with all that is shared taken together; gone as soon as it is stopped."""
    anna, bert, karin = await site.person("Anna"), await site.person("Bert"), await site.person("Karin", "coach")
    first = await share(site, anna, karin, "summary")
    await share(site, anna, karin, "experience")
    await share(site, bert, karin, "wishes", "identity")
    tool = await tool_of(site, karin)
    people: list[dict[str, Any]] = (await tool.ask("GET", "/api/consent/v1/received")).json()
    assert {(p["name"], p["webid"], p["storage"], tuple(sorted(p["sections"]))) for p in people} == {
        ("", anna.account.webid, anna.account.storage, ("experience", "summary")),  # her name is not shared
        ("Bert", bert.account.webid, bert.account.storage, ("identity", "wishes")),
    }
    assert {tuple(p["actions"]) for p in people} == {("read",)}
    await site.house.grants.revoke(anna.account.id, first.id, by=anna.account.id)
    after = (await tool.ask("GET", "/api/consent/v1/received")).json()
    assert {p["name"]: p["sections"] for p in after} == {"": ["experience"], "Bert": ["wishes", "identity"]}


async def test_a_tool_sees_and_stops_the_grants_of_its_citizen(site: Site) -> None:
    """The list has everything, ended ones too; DELETE ends one at once, twice is as good as once."""
    anna, karin = await site.person("Anna"), await site.person("Karin", "coach")
    grant = await share(site, anna, karin, "summary")
    tool = await tool_of(site, anna)
    listed = (await tool.ask("GET", "/api/consent/v1/grants")).json()["grants"]
    assert {(g["kind"], g["receiver"], g["active"], g["everything"]) for g in listed} == {
        ("tool", "Mijn script", True, True),
        ("coach", "Karin", True, False),
    }
    for _ in range(2):
        assert (await tool.ask("DELETE", f"/api/consent/v1/grants/{grant.id}")).status_code == 204
    ended = await site.house.grants.get(anna.account.id, grant.id)
    assert not ended.active(site.clock())
    assert ended.by == tool.id
    assert (await tool.ask("DELETE", "/api/consent/v1/grants/01ARZ3NDEKTSV4RRFFQ69G5FAV")).status_code == 404


async def test_a_tool_that_was_stopped_is_refused_with_the_token_it_holds(site: Site) -> None:
    """On the settings page one press ends a tool: here, at the pod and at the token endpoint."""
    anna = await site.person("Anna")
    tool = await tool_of(site, anna)
    assert (await tool.ask("GET", "/api/consent/v1/grants")).status_code == 200
    assert (await tool.ask("GET", "/anna/cv/summary")).status_code == 200
    stopped = await anna.post("/regie/instellingen/hulpmiddel/stop", {"hulpmiddel": tool.id})
    assert "Het hulpmiddel kan niets meer." in await anna.page(stopped.headers["location"])
    assert (await tool.ask("GET", "/api/consent/v1/grants")).status_code == 403
    assert (await tool.ask("GET", "/anna/cv/summary")).status_code == 403
    with pytest.raises(AssertionError, match="invalid"):
        await tool.sign_in()


@pytest.mark.parametrize(
    "fields", [{"naam": "Mijn script"}, {"naam": "", "zeker": "ja"}, {"naam": "x" * 61, "zeker": "ja"}]
)
async def test_a_tool_is_made_only_with_a_name_and_a_deliberate_tick(site: Site, fields: dict[str, str]) -> None:
    """Access to everything is a choice that has to be made."""
    anna = await site.person("Anna")
    assert (await anna.post("/regie/instellingen/hulpmiddel", dict(fields))).status_code == 400
    assert await site.house.grants.list(anna.account.id) == []


async def test_an_app_cannot_see_or_stop_grants(site: Site) -> None:
    """What an app was given says nothing of what others were given."""
    anna = await site.person("Anna")
    app = site.app()
    page = await anna.asked(app)
    answer = await anna.post("/oauth/toestemming", {"verzoek": page.partition("verzoek=")[2], "antwoord": "ja"})
    code = answer.headers["location"].partition("code=")[2].partition("&")[0]
    tokens = (await app.redeem(code)).json()
    (grant,) = await site.house.grants.list(anna.account.id)
    for method, path in (("GET", "/api/consent/v1/grants"), ("DELETE", f"/api/consent/v1/grants/{grant.id}")):
        headers = app.device.headers(method, f"{BASE}{path}", tokens["access_token"])
        assert (await site.http.request(method, path, headers=headers)).status_code == 403
    headers = app.device.headers("GET", f"{BASE}/api/consent/v1/received", tokens["access_token"])
    assert (await site.http.get("/api/consent/v1/received", headers=headers)).json() == []
    await site.house.grants.revoke(anna.account.id, grant.id, by=anna.account.id)
    headers = app.device.headers("GET", f"{BASE}/api/consent/v1/received", tokens["access_token"])
    assert (await site.http.get("/api/consent/v1/received", headers=headers)).status_code == 403


@pytest.mark.parametrize("path", ["/api/consent/v1/received", "/api/consent/v1/grants"])
async def test_without_a_token_or_with_a_cookie_only_there_is_nothing(site: Site, path: str) -> None:
    """A session in a browser is no token: problem details, and how to ask."""
    anna = await site.person("Anna")
    answer = await anna.get(path)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("DPoP")
    assert answer.json()["status"] == 401


async def test_browsers_of_any_origin_may_ask(site: Site) -> None:
    """A preflight is answered, and refusals can be read across origins."""
    answer = await site.http.options("/api/consent/v1/received", headers={"Origin": "https://app.example"})
    assert answer.status_code == 204
    assert "DPoP" in answer.headers["access-control-allow-headers"]
    refused = await site.http.get("/api/consent/v1/received")
    assert refused.headers["access-control-allow-origin"] == "*"


async def test_the_receiver_learns_what_exactly_and_not_the_names_of_what_is_left_out(site: Site) -> None:
    """Fields that are left out are named, entries are not: the name of a job says what it was."""
    anna, karin = await site.person("Anna"), await site.person("Karin", "coach")
    now = site.clock()
    record = GrantRecord(
        id="", pod=anna.account.id, agent=karin.account.webid, client=None, receiver_name="Karin",
        receiver_kind="coach", created=now, not_before=now, until=now + 86400, sections=("experience",),
        hidden_fields=("experience.employer",), hidden_entries=("experience#geheim-werk",), keep="P30D",
    )  # fmt: skip
    grant = await site.house.grants.create(record)
    answer = await (await tool_of(site, karin)).ask("GET", "/api/consent/v1/received")
    ((part,),) = (person["grants"] for person in answer.json())
    assert (part["id"], part["version"], part["partly"], part["keep"]) == (grant.id, 1, True, "P30D")
    assert part["hidden_fields"] == ["experience.employer"]
    assert "geheim-werk" not in answer.text
    given = (await (await tool_of(site, anna)).ask("GET", f"/api/consent/v1/grants/{grant.id}")).json()
    assert given["hidden_entries"] == ["experience#geheim-werk"]


async def test_a_tool_narrows_and_shortens_at_the_version_that_it_saw(site: Site) -> None:
    """A merge patch with If-Match makes the next version; the history has both; nothing is widened or extended."""
    anna, karin = await site.person("Anna"), await site.person("Karin", "coach")
    grant = await share(site, anna, karin, "summary", "experience")
    tool, one = await tool_of(site, anna), f"/api/consent/v1/grants/{grant.id}"
    seen = await tool.ask("GET", one)
    assert (seen.status_code, seen.headers["etag"], seen.json()["version"]) == (200, '"1"', 1)
    assert (await tool.ask("PATCH", one, {"sections": ["summary"]})).status_code == 428
    change = {"sections": ["summary"], "hidden_fields": ["summary.text"], "until": grant.created + 3600}
    done = await tool.ask("PATCH", one, change, If_Match='"1"')
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    assert (done.json()["sections"], done.json()["hidden_fields"]) == (["summary"], ["summary.text"])
    assert (await tool.ask("PATCH", one, {"until": None}, If_Match='"1"')).status_code == 412
    more: list[dict[str, Any]] = [
        {"sections": ["summary", "wishes"]}, {"hidden_fields": []}, {"until": None}, {"actions": ["read", "write"]},
        {"until": grant.created + 86400 * 9},
    ]  # fmt: skip
    for change in more:
        assert (await tool.ask("PATCH", one, change, If_Match='"2"')).status_code == 403, change
    wrong: list[tuple[Any, int]] = [
        ({}, 400), ({"agent": "x"}, 400), ([], 400), (b"{", 400), ({"sections": "summary"}, 400),
        ({"sections": []}, 422), ({"hidden_fields": ["summary.text", "x.y"]}, 422), ({"until": 1}, 422),
        (b'"' + b"x" * 70_000 + b'"', 413),
    ]  # fmt: skip
    for body, status in wrong:
        answer = await tool.ask("PATCH", one, body, If_Match='"2"')
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), body
    assert (await tool.ask("PATCH", one, {"until": None}, If_Match='"2"', Content_Type="text/plain")).status_code == 415
    history = (await tool.ask("GET", f"{one}/history")).json()["versions"]
    assert [(version["version"], version["sections"]) for version in history] == [
        (1, ["summary", "experience"]), (2, ["summary"]),
    ]  # fmt: skip
    assert (await tool.ask("GET", "/api/consent/v1/grants/01ARZ3NDEKTSV4RRFFQ69G5FAV/history")).status_code == 404


async def test_many_grants_come_in_pages(site: Site) -> None:
    """A Link header leads on, until there is no more; each grant once."""
    anna, karin = await site.person("Anna"), await site.person("Karin", "coach")
    ids = [(await share(site, anna, karin, "summary")).id for _ in range(MOST + 2)]
    tool, found, path = await tool_of(site, anna), list[str](), "/api/consent/v1/grants"
    while path:
        answer = await tool.ask("GET", path)
        found += [grant["id"] for grant in answer.json()["grants"] if grant["kind"] == "coach"]
        path = answer.headers.get("link", "").partition(">")[0].removeprefix(f"<{BASE}")
    assert found == ids[::-1]
