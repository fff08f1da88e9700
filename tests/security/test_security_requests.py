"""Asking for access does not open anything by itself, and tells nobody who is here (checklist 100, 145-147, 149)."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import replace
from typing import Any

import pytest
from support.asking import REQUESTS, Speaker, digest_on, tool_of, wanted
from support.oauth import BASE
from support.site import Site, Visitor
from support.tokens import Device

from werkpod.consent.asking.errors import MayNotAsk
from werkpod.consent.asking.model import Asker
from werkpod.consent.asking.reading import read_body
from werkpod.consent.asking.sent import AT_ONE_A_MONTH, OWN_A_DAY, WAITING_AT_ONE
from werkpod.consent.asking.store import WAITING_MOST
from werkpod.consent.asking.who import asker_of
from werkpod.consent.dashboard.notes import read_notes
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.grants import GrantRecord
from werkpod.pod.access.model import Requester
from werkpod.site import _dashboard_parts
from werkpod.web.errors import Unauthorized
from werkpod.web.pages import Pages


@pytest.fixture
async def noor(site: Site) -> Visitor:
    """A citizen."""
    return await site.person("Noor")


@pytest.fixture
async def tool(site: Site) -> Speaker:
    """A coach's tool."""
    return await tool_of(site, await site.person("Karin Coach", "coach"))


async def test_nobody_asks_without_a_token_of_their_own(site: Site, noor: Visitor, tool: Speaker) -> None:
    """Checklist 100: no token, a cookie alone, another's key, a citizen's tool and an app of a coach's: refused."""
    body = wanted("noor")
    for client in (site.http, noor.client):
        assert (await client.post(REQUESTS, json=body)).status_code == 401
    stolen = Speaker(site, Device(), tool.token)
    assert (await stolen.send("POST", REQUESTS, body)).status_code == 401
    citizen = await tool_of(site, noor)
    refused = await citizen.send("POST", REQUESTS, body)
    assert (refused.status_code, refused.json()["code"]) == (403, "may_not_ask")
    assert all(grant.receiver_kind == "tool" for grant in await site.house.grants.list(noor.account.id))


async def test_an_app_that_a_coach_let_in_does_not_speak_for_the_coach(site: Site, noor: Visitor) -> None:
    """Somebody else's app with a section of the coach's pod asks nobody anything in the coach's name."""
    coach, now = (await site.person("Piet Coach", "coach")).account, site.clock()
    record = GrantRecord(
        id="", pod=coach.id, agent=coach.webid, client="https://app.example/id", receiver_name="App", created=now,
        receiver_kind="app", not_before=now, until=now + 60, sections=("inbox",),
    )  # fmt: skip
    grant = await site.house.grants.create(record)
    parts = _dashboard_parts(site.house, Pages([], base_url=BASE))
    who = Requester(coach.webid, "https://app.example/id", grant.id, issuer=BASE)
    with pytest.raises(MayNotAsk):
        await asker_of(parts, who, now)
    with pytest.raises(MayNotAsk):
        await asker_of(parts, replace(who, client="https://other.example/id"), now)
    for unknown in (Requester(), replace(who, agent=f"{BASE}/niemand/profile/card#me"), replace(who, confined=True)):
        with pytest.raises(Unauthorized):
            await asker_of(parts, unknown, now)


async def test_nobody_asks_in_the_name_of_another(site: Site, noor: Visitor, tool: Speaker) -> None:
    """Checklist 100: an `assignee` that is not the token's is refused; who asks is the token's agent, as is shown."""
    other = (await site.person("Piet Coach", "coach")).account.webid
    body: dict[str, Any] = {
        "@context": ["https://www.w3.org/ns/lws/v1"], "type": ["AccessRequest"], "storage": f"{BASE}/noor/",
        "access": [{
            "type": ["AccessPolicy"], "action": ["read"], "assignee": other,
            "target": {"type": "DataResource", "value": [f"{BASE}/noor/cv/experience"]},
            "constraint": [
                {"leftOperand": "purpose", "operator": "eq", "rightOperand": "https://w3id.org/dpv#ServiceProvision"},
                {"leftOperand": "dateTime", "operator": "lteq", "rightOperand": "2030-01-01T00:00:00Z"},
            ],
        }],
    }  # fmt: skip
    refused = await tool.send("POST", REQUESTS, body)
    assert (refused.status_code, refused.json()["code"]) == (403, "may_not_ask")
    for member in ("asker", "assignee", "agent", "webid", "client_name"):
        assert (await tool.send("POST", REQUESTS, wanted("noor", **{member: other}))).status_code == 422
    await site.house.asking.settled()
    assert await site.house.asking.count_waiting(noor.account) == 0


async def test_a_thousand_requests_are_not_taken(site: Site, noor: Visitor, tool: Speaker) -> None:
    """Checklist 100, 146, 149: so many a day, so many that wait at one citizen, all at once too; then 429."""
    answers = await asyncio.gather(*(tool.send("POST", REQUESTS, wanted("noor")) for _n in range(20)))
    assert sorted(a.status_code for a in answers) == [201] * WAITING_AT_ONE + [429] * (20 - WAITING_AT_ONE)
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["code"] == "asked_too_often"
    assert int(refused.headers["retry-after"]) > 0
    statuses = [(await tool.send("POST", REQUESTS, wanted(f"iemand{n}"))).status_code for n in range(OWN_A_DAY)]
    assert statuses == [201] * (OWN_A_DAY - WAITING_AT_ONE) + [429] * WAITING_AT_ONE
    await site.house.asking.settled()
    assert await site.house.asking.count_waiting(noor.account) == WAITING_AT_ONE


async def test_taking_back_does_not_make_room_for_ever(tool: Speaker, noor: Visitor) -> None:
    """Checklist 146: whoever withdraws and asks again is one who nags; six in a month to one person is the most."""
    for _n in range(AT_ONE_A_MONTH):
        assert (await tool.send("DELETE", f"{REQUESTS}/{await tool.asked('noor')}")).status_code == 204
    assert (await tool.ask("noor")).status_code == 429


async def test_many_askers_do_not_bury_one_citizen(site: Site, noor: Visitor) -> None:
    """Checklist 146: forty wait at one citizen at most, whoever asks; what is more comes when there is room."""
    asking = site.house.asking
    body = read_body(
        b'{"to": "noor", "sections": ["wishes"], "purpose": "https://w3id.org/dpv#ServiceProvision",'
        b' "purpose_text": {"nl": "Hallo"}, "duration": "P1D"}',
        base_url=BASE, now=time.time(),
    )  # fmt: skip
    for number in range(WAITING_MOST + 2):
        asker = Asker(f"https://place{number}.example/me", "elsewhere")
        asking.soon(await asking.ask(asker, body))
    await asking.settled()
    assert await asking.count_waiting(noor.account) == WAITING_MOST
    first = (await asking.list(noor.account))[0]
    await asking.refuse(noor.account, first)
    clock = asking._clock
    asking._clock = lambda: clock() + 60
    await asking.tidy()
    assert await asking.count_waiting(noor.account) == WAITING_MOST


async def test_a_block_holds_whatever_is_tried(site: Site, noor: Visitor, tool: Speaker) -> None:
    """Checklist 146: who is blocked comes back by no other tool, app or address of the citizen; others still come."""
    ask = await tool.asked("noor")
    page = await noor.page(f"/regie/vragen/{ask}")
    await noor.post(f"/regie/vragen/{ask}/blokkeer", {"gezien": digest_on(page)})
    karin = (await site.house.accounts.with_role("coach"))[0]
    other = await tool_of(site, site.visitor(karin), "Ander systeem")
    for to in ("noor", f"{BASE}/noor/", noor.account.webid):
        await other.ask(to, sections=["wishes"])
    assert await site.house.asking.list(noor.account) == []
    assert "vraagt iets" not in await noor.page("/regie/vragen")
    told = await noor.page("/regie/berichten")
    assert told.count("vraagt iets aan jou.") == 1  # of before the block
    piet = await tool_of(site, await site.person("Piet Coach", "coach"))
    await piet.asked("noor")
    assert await site.house.asking.count_waiting(noor.account) == 1


async def test_a_message_says_nothing_of_what_is_asked(site: Site, noor: Visitor, tool: Speaker) -> None:
    """Checklist 145: messages about a request, on both sides, have no data, no words of either, and no name of hers."""
    ask = await tool.asked("noor", purpose_text={"nl": "Om Rozenstruiken te snoeien."}, sections=["contact"])
    page = await noor.page(f"/regie/vragen/{ask}")
    await noor.post(f"/regie/vragen/{ask}/waarom", {"gezien": digest_on(page), "vraag": "Welke Hortensia?"})
    await noor.post(f"/regie/vragen/{ask}", {"gezien": digest_on(page), "antwoord": "nee", "reden": "Geen Tulpen."})
    karin = (await site.house.accounts.with_role("coach"))[0]
    for person in (noor.account, karin):
        own = await OwnPod.of(_dashboard_parts(site.house, Pages([], base_url=BASE)), person)
        notes = await read_notes(own)
        assert notes
        for note in notes:
            said = f"{note.title} {note.text}"
            assert not any(word in said for word in ("Rozen", "Hortensia", "Tulpen", "bereiken", "Noor"))


async def test_a_large_body_is_not_read(site: Site, tool: Speaker) -> None:
    """Checklist 100: a megabyte is refused at 16 KB, and nobody's body is read before it is clear who they are."""
    large = wanted("noor", purpose_text={"nl": "x" * (1 << 20)})
    assert (await tool.send("POST", REQUESTS, large)).status_code == 413
    assert (await site.http.post(REQUESTS, json=large)).status_code == 401
    assert (await tool.send("POST", REQUESTS, b"[" * 8000)).status_code == 422
    assert (await tool.send("POST", REQUESTS, b"a=b", content_type="text/plain")).status_code == 415


async def test_the_answer_is_the_same_whoever_is_asked(site: Site, noor: Visitor, tool: Speaker) -> None:
    """Checklist 147: who is here, nobody, a coach, who blocked the asker: the same status, members and state."""
    blocker = await site.person("Bert")
    ask = await tool.asked("bert")
    page = await blocker.page(f"/regie/vragen/{ask}")
    await blocker.post(f"/regie/vragen/{ask}/blokkeer", {"gezien": digest_on(page)})
    await site.person("Piet Coach", "coach")
    seen = []
    for name in ("noor", "niemand", "piet-coach", "bert"):
        answer = await tool.ask(name)
        told = answer.json()
        again = await tool.one(told["id"])
        for each in (told, again):
            for own in ("id", "to", "storage", "created", "expires"):
                each.pop(own)
        seen.append((answer.status_code, sorted(answer.headers), told, again))
    assert all(each == seen[0] for each in seen), seen


async def test_asking_takes_as_long_whoever_is_asked(site: Site, noor: Visitor, tool: Speaker) -> None:
    """Checklist 147: before the answer nobody looks whether there is such a person; only afterwards.

    What is looked up before is counted, instead of the time, which a busy machine makes of it what it likes.
    """
    looked: list[str] = []
    found = site.house.accounts.by_webid

    async def by_webid(webid: str) -> Any:
        looked.append(webid)
        return await found(webid)

    site.house.accounts.by_webid = by_webid  # type: ignore[method-assign]
    site.house.asking.soon = lambda copy: None  # type: ignore[method-assign]
    counts = []
    for name in ("noor", "niemand"):
        looked.clear()
        assert (await tool.send("POST", REQUESTS, wanted(name))).status_code == 201
        assert not any(f"/{name}/" in webid for webid in looked)
        counts.append(len(looked))
    assert statistics.pstdev(counts) == 0


async def test_what_was_shown_is_what_is_approved(site: Site, noor: Visitor, tool: Speaker) -> None:
    """An answer with another request's digest, or none, gives nothing; nothing changes a request once it was sent."""
    small, large = await tool.asked("noor", sections=["wishes"]), await tool.asked("noor", sections=["contact"])
    gezien = digest_on(await noor.page(f"/regie/vragen/{small}"))
    for digest in (gezien, "", "0" * 64, "\u00e9"):
        answer = await noor.post(f"/regie/vragen/{large}", {"gezien": digest, "antwoord": "ja"})
        assert answer.status_code == 404
    for method in ("PUT", "PATCH", "POST"):
        changed = await tool.send(method, f"{REQUESTS}/{small}", wanted("noor", sections=["contact"]))
        assert changed.status_code == 405
    assert await site.house.grants.list(noor.account.id) == []


async def test_twenty_yeses_at_once_make_one_grant(site: Site, noor: Visitor, tool: Speaker) -> None:
    """An answer and its grant are one unit: of many at once, yes and no mixed, exactly one counts."""
    ask = await tool.asked("noor")
    gezien = digest_on(await noor.page(f"/regie/vragen/{ask}"))
    answers = await asyncio.gather(
        *(
            noor.post(f"/regie/vragen/{ask}", {"gezien": gezien, "antwoord": "nee" if n % 2 else "ja"})
            for n in range(20)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [303] + [404] * 19
    grants = await site.house.grants.list(noor.account.id)
    assert len(grants) == (1 if (await tool.one(ask))["state"] == "approved" else 0)


async def test_a_request_is_no_access(site: Site, noor: Visitor, tool: Speaker) -> None:
    """Before the yes nothing can be read, whatever was asked; after a stop nothing can again."""
    ask = await tool.asked("noor", sections=["wishes"], duration="P365D")
    assert (await tool.send("GET", "/noor/cv/wishes")).status_code == 403
    page = await noor.page(f"/regie/vragen/{ask}")
    await noor.post(f"/regie/vragen/{ask}", {"gezien": digest_on(page), "antwoord": "ja"})
    assert (await tool.send("GET", "/noor/cv/wishes")).status_code == 200
    (grant,) = await site.house.grants.list(noor.account.id)
    await site.house.grants.revoke(noor.account.id, grant.id, by=noor.account.id)
    assert (await tool.send("GET", "/noor/cv/wishes")).status_code == 403
    told = await tool.one(ask)
    assert (told["state"], told["in_force"]) == ("approved", False)


async def test_pages_of_another_and_forms_from_elsewhere(site: Site, noor: Visitor, tool: Speaker) -> None:
    """Nobody sees or answers another's requests; a form of another site does nothing."""
    ask = await tool.asked("noor")
    other = await site.person("Bert")
    gezien = digest_on(await noor.page(f"/regie/vragen/{ask}"))
    assert (await other.get(f"/regie/vragen/{ask}")).status_code == 404
    assert (await other.post(f"/regie/vragen/{ask}", {"gezien": gezien, "antwoord": "ja"})).status_code == 404
    for path in ("", "/minder", "/waarom", "/blokkeer"):
        answer = await noor.post(f"/regie/vragen/{ask}{path}", {"gezien": gezien}, Origin="https://elders.example")
        assert answer.status_code == 403
    assert (await tool.one(ask))["state"] == "waiting"


async def test_what_an_asker_writes_is_text(site: Site, noor: Visitor, tool: Speaker) -> None:
    """Markup in why and in an answer is shown as it was typed, on every page."""
    nasty = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    ask = await tool.asked("noor", purpose_text={"nl": nasty}, reasons={"competences": {"nl": nasty}})
    page = await noor.page(f"/regie/vragen/{ask}")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;" in page
    await noor.post(f"/regie/vragen/{ask}/waarom", {"gezien": digest_on(page), "vraag": "Waarom?"})
    await tool.send("POST", f"{REQUESTS}/{ask}/answer", {"text": nasty})
    for path in ("/regie/vragen", f"/regie/vragen/{ask}", f"/regie/vragen/{ask}/minder", "/regie/berichten", "/"):
        assert "<script>alert" not in await noor.page(path)
