"""The addresses of askers: what can be asked, by whom, in which words it is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from support.abroad import Abroad, IssuerAbroad
from support.asking import PURPOSE, REQUESTS, Speaker, tool_of, wanted
from support.oauth import BASE
from support.site import Site, Visitor
from support.tokens import Device

from werkpod.consent.asking import AskedTooOften, Asker, Content
from werkpod.consent.asking.reading import read_body
from werkpod.consent.asking.sent import PLACE_A_DAY, STRANGER_A_DAY

LWS = "https://www.w3.org/ns/lws/v1"


def policy(webid: str, **changes: Any) -> dict[str, Any]:
    """An access request of Linked Web Storage for what Noor can."""
    access = {
        "type": ["AccessPolicy"], "action": ["read"], "assignee": webid,
        "target": {"type": "DataResource", "value": [f"{BASE}/noor/cv/competences"]},
        "constraint": [
            {"leftOperand": "purpose", "operator": "eq", "rightOperand": PURPOSE},
            {"leftOperand": "dateTime", "operator": "lteq", "rightOperand": "2030-01-01T00:00:00Z"},
        ], **changes,
    }  # fmt: skip
    return {"@context": [LWS], "type": ["AccessRequest"], "storage": f"{BASE}/noor/", "access": [access]}


async def test_a_request_has_an_address_and_is_in_the_list(site: Site, noor: Visitor, tool: Speaker) -> None:
    """201 with Location; the list and the address say the same; another asker's is not there."""
    answer = await tool.ask(f"{BASE}/noor/")
    assert answer.status_code == 201
    told = answer.json()
    assert answer.headers["location"] == f"{BASE}{REQUESTS}/{told['id']}"
    assert (told["state"], told["to"], told["storage"]) == ("waiting", noor.account.webid, noor.account.storage)
    assert told["expires"] - told["created"] == 30 * 86400
    assert (await tool.send("GET", REQUESTS)).json() == {"requests": [await tool.one(told["id"])]}
    other = await tool_of(site, await site.person("Piet Coach", "coach"))
    assert (await other.send("GET", REQUESTS)).json() == {"requests": []}
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/answer")):
        body = {"text": "Hallo"} if method == "POST" else None
        refused = await other.send(method, f"{REQUESTS}/{told['id']}{path}", body)
        assert refused.status_code == 404, (method, refused.text)
    assert refused.headers["content-type"] == "application/problem+json"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"to": None}, "to"),
    ({"to": "https://elders.example/noor/"}, "to must be an address on this server"),
    ({"sections": []}, "sections"),
    ({"sections": ["inbox"]}, "inbox cannot be asked"),
    ({"sections": ["people"]}, "people cannot be asked"),
    ({"sections": ["alles"]}, "alles"),
    ({"actions": ["read", "write"]}, "actions can be"),
    ({"purpose": None}, "purpose is missing"),
    ({"purpose": "https://example.org/because"}, "purpose"),
    ({"purpose_text": None}, "purpose_text is missing"),
    ({"purpose_text": {"nl": "  "}}, "purpose_text"),
    ({"purpose_text": {"nl": "Ja\u202ecilbup"}}, "invisible"),
    ({"duration": None}, "duration is missing"),
    ({"duration": "forever"}, "duration"),
    ({"locations": [f"{BASE}/sanne/"]}, "locations"),
    ({"client": "https://app.example/id"}, "client can only be"),
    ({"agent": "https://elders.example/me"}, "agent"),
    ({"name": "Gemeente"}, "name"),
]


async def test_what_cannot_be_asked_is_refused_by_name(tool: Speaker) -> None:
    """Problem details that name the member; nothing is kept."""
    for changes, names in WRONG:
        answer = await tool.send("POST", REQUESTS, wanted(**{"to": "noor", **changes}))
        assert answer.status_code == 422, changes
        assert answer.json()["code"] == "bad_access_request"
        assert names in answer.json()["detail"], answer.text
    assert (await tool.send("GET", REQUESTS)).json() == {"requests": []}


async def test_asking_in_the_form_of_linked_web_storage(
    site: Site, noor: Visitor, karin: Visitor, tool: Speaker
) -> None:
    """LWS 1.0, access requests: POST of a policy; what it cannot hold to is refused, and so is another's name."""
    good = policy(karin.account.webid) | {"description": "Voor een gesprek."}
    answer = await tool.send("POST", REQUESTS, good, content_type="application/lws+json")
    assert answer.status_code == 201, answer.text
    access = answer.json()["access"]
    assert (access["sections"], access["purpose"], access["purpose_text"]) == (
        ["competences"], PURPOSE, {"nl": "Voor een gesprek."},
    )  # fmt: skip
    await site.house.asking.settled()
    assert "Voor een gesprek." in await noor.page(f"/regie/vragen/{answer.json()['id']}")
    for wrong in (
        policy(karin.account.webid, action=["delete"]),
        policy(karin.account.webid, action=["read", "modify"]),
        policy(karin.account.webid, constraint=[]),
        policy(karin.account.webid, target={"type": "DataResource", "value": [f"{BASE}/noor/inbox/"]}),
        policy(karin.account.webid) | {"@context": []},
        policy(karin.account.webid) | {"type": ["Offer"]},
    ):
        assert (await tool.send("POST", REQUESTS, wrong)).status_code == 422, wrong


async def test_somebody_from_another_server_asks(site: Site, noor: Visitor) -> None:
    """A token of a Solid-OIDC issuer elsewhere: nobody looked into who it is, and the page says so; a yes counts."""
    with Abroad() as place:
        issuer, device = IssuerAbroad(place), Device()
        bob = issuer.webid("bob")
        stranger = Speaker(site, device, issuer.token(device, bob))
        ask = await stranger.asked("noor")
        page = await noor.page(f"/regie/vragen/{ask}")
        assert "Wij hebben niet gecontroleerd wie dat is." in page
        assert bob in page
        assert f"Iemand van {place.base.removeprefix('http://')}" in page
        gezien = page.split('name="gezien" value="')[1].split('"')[0]
        await noor.post(f"/regie/vragen/{ask}", {"gezien": gezien, "antwoord": "ja"})
        assert (await stranger.one(ask))["state"] == "approved"
        assert (await stranger.send("GET", "/noor/cv/competences")).status_code == 200
        (grant,) = await site.house.grants.list(noor.account.id)
        assert (grant.agent, grant.receiver_kind) == (bob, "app")


async def test_what_a_crash_left_is_brought_later(site: Site, noor: Visitor, tool: Speaker) -> None:
    """The asker's copy is on disk before the answer; the chore brings what did not come, once."""
    asking = site.house.asking
    asking.soon = lambda copy: None  # type: ignore[method-assign]  # the process is killed after the answer
    ask = await tool.asked("noor")
    assert await asking.count_waiting(noor.account) == 0
    clock = site.clock
    asking._clock = lambda: clock() + 60
    for _n in range(2):
        await asking.tidy()
    assert await asking.count_waiting(noor.account) == 1
    assert (await noor.page("/regie/berichten")).count("vraagt iets aan jou.") == 1
    assert (await tool.one(ask))["state"] == "waiting"


async def test_what_is_taken_back_on_the_way_does_not_come(site: Site, noor: Visitor, tool: Speaker) -> None:
    """Withdrawn before it was brought, or while it is: the citizen never has it to answer."""
    asking, left = site.house.asking, []
    asking.soon = left.append  # type: ignore[method-assign, assignment]
    first, second = await tool.asked("noor"), await tool.asked("noor", sections=["wishes"])
    assert (await tool.send("DELETE", f"{REQUESTS}/{first}")).status_code == 204
    clock = site.clock
    asking._clock = lambda: clock() + 60
    await asking.tidy()
    assert [ask.id for ask in await asking.list(noor.account)] == [second]
    await asking._deliver(left[0])  # it was read before it was taken back
    assert [ask.state for ask in await asking.list(noor.account) if ask.id == first] == ["withdrawn"]
    assert await asking.count_waiting(noor.account) == 1


async def test_nothing_readable_is_on_disk(site: Site, noor: Visitor, tool: Speaker) -> None:
    """Of a whole conversation no word, name or address is in the database files."""
    ask = await tool.asked("noor", purpose_text={"nl": "Om Rozenstruiken te snoeien."})
    page = await noor.page(f"/regie/vragen/{ask}")
    gezien = page.split('name="gezien" value="')[1].split('"')[0]
    await noor.post(f"/regie/vragen/{ask}/waarom", {"gezien": gezien, "vraag": "Welke Hortensia?"})
    await tool.send("POST", f"{REQUESTS}/{ask}/answer", {"text": "Die Magnolia."})
    await noor.post(f"/regie/vragen/{ask}", {"gezien": gezien, "antwoord": "nee", "reden": "Geen Tulpen."})
    raw = site.raw()
    for word in (b"Rozenstruiken", b"Hortensia", b"Magnolia", b"Tulpen", b"Karin", b"/noor/", b"Klantsysteem"):
        assert word not in raw, word


async def test_the_list_of_limits_is_for_each_place_elsewhere(site: Site, noor: Visitor) -> None:
    """WebIDs cost nothing: five a day each, and from one server together no more than its share."""
    body = read_body(msgspec.json.encode(wanted("noor")), base_url=BASE, now=site.clock())
    asking, other = site.house.asking, replace(body, to=f"{BASE}/iemand/profile/card#me")
    for person in range(PLACE_A_DAY // STRANGER_A_DAY + 1):
        asker = Asker(f"https://elders.example/{person}#me", "elsewhere")
        for number in range(STRANGER_A_DAY):
            to = replace(body, to=f"{BASE}/iemand{person}-{number}/profile/card#me")
            if person * STRANGER_A_DAY + number < PLACE_A_DAY:
                await asking.ask(asker, to)
            else:
                with pytest.raises(AskedTooOften):
                    await asking.ask(asker, to)
    first = Asker("https://elders.example/0#me", "elsewhere")
    with pytest.raises(AskedTooOften):
        await asking.ask(first, other)
    await asking.ask(Asker("https://anders.example/0#me", "elsewhere"), other)
    assert len(await asking.sent(first)) == STRANGER_A_DAY


def test_letters_that_look_like_others_show() -> None:
    """The host of a stranger's address is told in ASCII."""
    now = 1.0
    content = Content(
        to="", asker="https://\u0434\u0435\u043c\u043e.example/me", kind="elsewhere", name="", client="",
        client_name="", only_client=False, element={}, created=now, expires=now,
    )  # fmt: skip
    assert content.host.isascii()
    assert content.host.startswith("xn--")
