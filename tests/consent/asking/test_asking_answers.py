"""A request from the question to the answer: what the citizen sees and says, and what the asker is told."""

from __future__ import annotations

import pytest
from support.asking import REQUESTS, Speaker, digest_on, tool_of
from support.oauth import BASE
from support.site import Site, Visitor

from werkpod.pod.access.model import AccessEntry
from werkpod.vocab.cv import Experience


async def acts(site: Site, person: Visitor) -> list[AccessEntry]:
    """What the citizen's log says of requests and grants, oldest first."""
    lines = await site.house.ledger.entries(person.account.id, 200)
    return [line.entry for line in reversed(lines) if ":" in line.entry.action]


async def test_yes_gives_what_was_asked_and_no_more(site: Site, noor: Visitor, karin: Visitor, tool: Speaker) -> None:
    """From the question on the first page to the read: the page shows who, why and the data; just that is read."""
    ask = await tool.asked("noor", keep="until_end")
    home = await noor.page("/")
    assert "Er is 1 vraag." in home
    assert "/regie/vragen" in home
    assert "Karin Coach vraagt iets" in await noor.page("/regie/vragen")
    page = await noor.page(f"/regie/vragen/{ask}")
    assert "De organisatie heeft dit account gemaakt." in page
    assert "Om samen werk te zoeken." in page
    assert "Koken voor veel mensen" in page
    assert "90 dagen" in page
    assert "Gevraagd met Klantsysteem." in page
    assert karin.account.webid in page
    assert "De Verzonnen Pan" not in page
    answer = await noor.post(f"/regie/vragen/{ask}", {"gezien": digest_on(page), "antwoord": "ja"})
    assert answer.headers["location"] == "/regie/vragen?gedaan=ja"
    (grant,) = await site.house.grants.list(noor.account.id)
    assert (grant.agent, grant.client, grant.receiver_kind) == (karin.account.webid, None, "coach")
    assert (grant.sections, grant.actions, grant.request, grant.keep) == (("competences",), ("read",), ask, "until_end")
    assert grant.until == pytest.approx(site.clock() + 90 * 86400, abs=60)
    told = await tool.one(ask)
    assert (told["state"], told["in_force"]) == ("approved", True)
    assert told["granted"]["grant"] == grant.id
    assert told["granted"]["sections"] == ["competences"]
    read = await tool.send("GET", "/noor/cv/competences", accept="text/turtle")
    assert read.status_code == 200
    assert "Koken" in read.text
    assert (await tool.send("GET", "/noor/cv/experience")).status_code == 403
    assert "Er is 1 vraag" not in await noor.page("/")
    happened = await acts(site, noor)
    assert [each.action for each in happened] == ["request:received", "grant:given", "request:approved"]
    assert {each.agent for each in happened} == {karin.account.webid}
    assert happened[-1].grant == grant.id


async def test_the_preview_is_what_the_asker_gets(site: Site, noor: Visitor, tool: Speaker) -> None:
    """With fields left out by the request itself: what the page shows exactly is what goes out, byte for byte."""
    ask = await tool.asked("noor", sections=["experience"], fields={"experience": ["period"]})
    page = await noor.page(f"/regie/vragen/{ask}")
    shown = page.split('<pre class="wp-exact"')[1].split(">", 1)[1].split("</pre>")[0]
    assert "Kok" in shown
    assert "Verzonnen Pan" not in shown
    await noor.post(f"/regie/vragen/{ask}", {"gezien": digest_on(page), "antwoord": "ja"})
    read = await tool.send("GET", "/noor/cv/experience", accept="text/turtle")
    assert read.text.replace('"', "&#34;").replace("<", "&lt;").replace(">", "&gt;").strip() == shown.strip()


async def test_no_gives_nothing_and_needs_no_reason(site: Site, noor: Visitor, karin: Visitor, tool: Speaker) -> None:
    """One press for no, as for yes; the asker is told, with the reason where there is one, by the pod's name only."""
    first, second = await tool.asked("noor"), await tool.asked("noor", sections=["wishes"])
    for ask, reason in ((first, ""), (second, "Dat vind ik privé.")):
        page = await noor.page(f"/regie/vragen/{ask}")
        fields: dict[str, str | list[str]] = {"gezien": digest_on(page), "antwoord": "nee", "reden": reason}
        assert (await noor.post(f"/regie/vragen/{ask}", fields)).status_code == 303
    assert await site.house.grants.list(noor.account.id) == []
    assert [(await tool.one(ask))["reason"] for ask in (first, second)] == [None, "Dat vind ik privé."]
    assert (await tool.one(first))["state"] == "refused"
    inbox = await karin.page("/regie/berichten")
    assert "Iemand (noor) zegt nee op je vraag." in inbox
    assert f"/apps/coach/vragen/{first}" in inbox
    assert [each.action for each in await acts(site, noor)][-1] == "request:refused"


async def test_less_is_the_citizens_choice(site: Site, noor: Visitor, tool: Speaker) -> None:
    """Of two sections that were asked one is given, without the employer, for a shorter time: the asker sees what."""
    ask = await tool.asked("noor", sections=["competences", "experience"])
    page = await noor.page(f"/regie/vragen/{ask}/minder")
    assert "checked" not in page
    form: dict[str, str | list[str]] = {
        "gezien": digest_on(page), "onderdeel": ["experience"], "weg": ["experience.employer"], "dagen": "30",
    }  # fmt: skip
    looked = await noor.post(f"/regie/vragen/{ask}/minder", {**form, "laat": "zien"})
    assert "Verzonnen Pan" not in looked.text.split('id="voorbeeld"')[1]
    assert (await tool.one(ask))["state"] == "waiting"
    assert (await noor.post(f"/regie/vragen/{ask}/minder", form)).status_code == 303
    (grant,) = await site.house.grants.list(noor.account.id)
    assert (grant.sections, grant.hidden_fields) == (("experience",), ("experience.employer",))
    assert grant.until == pytest.approx(site.clock() + 30 * 86400, abs=60)
    granted = (await tool.one(ask))["granted"]
    assert granted["sections"] == ["experience"]
    assert "employer" not in granted["fields"]["experience"]
    assert "Verzonnen Pan" not in (await tool.send("GET", "/noor/cv/experience", accept="text/turtle")).text


async def test_nobody_can_choose_more_than_was_asked(site: Site, noor: Visitor, tool: Speaker) -> None:
    """A section that was not asked, fields that were not, a longer time: the form is refused and nothing is given."""
    ask = await tool.asked("noor", sections=["experience"], fields={"experience": ["period"]}, duration="P30D")
    gezien = digest_on(await noor.page(f"/regie/vragen/{ask}/minder"))
    good: dict[str, str | list[str]] = {"gezien": gezien, "onderdeel": ["experience"], "dagen": "30"}
    for wrong in ({"onderdeel": ["contact"]}, {"dagen": "90"}, {"dagen": "", "tot": "2035-01-01"}, {"alles": "1"}):
        answer = await noor.post(f"/regie/vragen/{ask}/minder", {**good, **wrong})  # type: ignore[dict-item]
        assert answer.status_code in (400, 422), wrong
    assert await site.house.grants.list(noor.account.id) == []
    assert (await noor.post(f"/regie/vragen/{ask}/minder", good)).status_code == 303
    (grant,) = await site.house.grants.list(noor.account.id)
    assert "experience.employer" in grant.hidden_fields


async def test_a_question_in_return(site: Site, noor: Visitor, karin: Visitor, tool: Speaker) -> None:
    """The citizen asks why, the asker answers, the citizen reads it by the request, and still decides."""
    ask = await tool.asked("noor")
    page = await noor.page(f"/regie/vragen/{ask}")
    asked = await noor.post(f"/regie/vragen/{ask}/waarom", {"gezien": digest_on(page), "vraag": "Waarom dit?"})
    assert asked.headers["location"] == "/regie/vragen?gedaan=waarom"
    told = await tool.one(ask)
    assert (told["state"], told["exchanges"][0]["question"]) == ("question", "Waarom dit?")
    assert "Iemand (noor) heeft een vraag over je verzoek." in await karin.page("/regie/berichten")
    assert "Er is 1 vraag" not in await noor.page("/")
    for text, status in (("", 422), ("x" * 1001, 422), ("Omdat er een plek vrij is.", 200), ("Nog iets.", 409)):
        answered = await tool.send("POST", f"{REQUESTS}/{ask}/answer", {"text": text})
        assert answered.status_code == status, (text[:9], answered.text)
    page = await noor.page(f"/regie/vragen/{ask}")
    assert "Omdat er een plek vrij is." in page
    assert "Karin Coach geeft antwoord op je vraag." in await noor.page("/regie/berichten")
    await noor.post(f"/regie/vragen/{ask}", {"gezien": digest_on(page), "antwoord": "ja"})
    assert (await tool.one(ask))["state"] == "approved"


async def test_who_is_blocked_is_not_heard_and_not_told(site: Site, noor: Visitor, tool: Speaker) -> None:
    """All that waits goes out of sight, nothing new comes, the asker sees it wait; it can be undone."""
    first, second = await tool.asked("noor"), await tool.asked("noor", sections=["wishes"])
    page = await noor.page(f"/regie/vragen/{first}")
    done = await noor.post(f"/regie/vragen/{first}/blokkeer", {"gezien": digest_on(page)})
    listed = await noor.page(done.headers["location"])
    assert "vraagt iets" not in listed
    assert "Karin Coach" in listed.split("Van wie je niets wilt horen")[1]
    third = await tool.asked("noor", sections=["languages"])
    assert "vraagt iets" not in await noor.page("/regie/vragen")
    assert {(await tool.one(ask))["state"] for ask in (first, second, third)} == {"waiting"}
    assert (await noor.get(f"/regie/vragen/{first}")).status_code == 404
    assert [each.action for each in await acts(site, noor)][-1] == "request:blocked"
    mark = listed.split('name="wie" value="')[1].split('"')[0]
    await noor.post("/regie/vragen/deblokkeer", {"wie": mark})
    assert "vraagt iets" not in await noor.page("/regie/vragen")
    assert (await tool.send("DELETE", f"{REQUESTS}/{third}")).status_code == 204
    fourth = await tool.asked("noor", sections=["languages"])
    assert f"/regie/vragen/{fourth}" in await noor.page("/regie/vragen")


async def test_a_request_taken_back_cannot_be_answered(site: Site, noor: Visitor, tool: Speaker) -> None:
    """Withdrawn is withdrawn, also for a page that was open; an answered one cannot be withdrawn."""
    ask = await tool.asked("noor")
    gezien = digest_on(await noor.page(f"/regie/vragen/{ask}"))
    for _n in range(2):
        assert (await tool.send("DELETE", f"{REQUESTS}/{ask}")).status_code == 204
    assert (await noor.post(f"/regie/vragen/{ask}", {"gezien": gezien, "antwoord": "ja"})).status_code == 404
    assert await site.house.grants.list(noor.account.id) == []
    assert (await tool.one(ask))["state"] == "withdrawn"
    other = await tool.asked("noor")
    page = await noor.page(f"/regie/vragen/{other}")
    await noor.post(f"/regie/vragen/{other}", {"gezien": digest_on(page), "antwoord": "ja"})
    assert (await tool.send("DELETE", f"{REQUESTS}/{other}")).status_code == 409


async def test_a_request_that_nobody_answers_is_over_after_a_month(site: Site, noor: Visitor, tool: Speaker) -> None:
    """It cannot be approved any more, and is told as over on both sides."""
    ask = await tool.asked("noor")
    gezien = digest_on(await noor.page(f"/regie/vragen/{ask}"))
    site.house.asking._clock = lambda: site.clock() + 31 * 86400
    assert (await noor.post(f"/regie/vragen/{ask}", {"gezien": gezien, "antwoord": "ja"})).status_code == 404
    assert (await tool.one(ask))["state"] == "expired"
    assert "De tijd is voorbij." in await noor.page("/regie/vragen")


async def test_an_employer_asks_too_and_only_through_one_app(site: Site, noor: Visitor) -> None:
    """The grant of an employer is one of an employer; where it was asked for one app alone, no other reads with it."""
    bakker = await site.person("Bakkerij Demo", "employer")
    tool, other = await tool_of(site, bakker), await tool_of(site, bakker, "Iets anders")
    listed = await site.house.credentials.list(bakker.account)
    client = next(one.client_id for one in listed if one.label == "Klantsysteem")
    ask = await tool.asked("noor", client=client, duration="once")
    page = await noor.page(f"/regie/vragen/{ask}")
    assert "Alleen daarmee kan het bekeken worden." in page
    assert "Een werkgever." in page
    await noor.post(f"/regie/vragen/{ask}", {"gezien": digest_on(page), "antwoord": "ja"})
    (grant,) = await site.house.grants.list(noor.account.id)
    assert (grant.receiver_kind, grant.client, grant.once) == ("employer", client, True)
    assert (await tool.send("GET", "/noor/cv/competences")).status_code == 200
    assert (await other.send("GET", "/noor/cv/competences")).status_code == 403
    assert "Iemand (noor) zegt ja op je vraag." in await bakker.page("/regie/berichten")


async def test_a_lens_holds_for_what_is_added_later(site: Site, noor: Visitor, tool: Speaker) -> None:
    """Only fields that were asked go out, of entries from after the answer too."""
    ask = await tool.asked("noor", sections=["experience"], fields={"experience": []})
    page = await noor.page(f"/regie/vragen/{ask}")
    await noor.post(f"/regie/vragen/{ask}", {"gezien": digest_on(page), "antwoord": "ja"})
    await noor.write("experience", Experience("chef", label="Chef", employer="Hotel Nergens"))
    read = (await tool.send("GET", "/noor/cv/experience", accept="text/turtle")).text
    assert "Chef" in read
    assert "Nergens" not in read


async def test_the_message_in_the_inbox_is_a_notification_of_the_asker(
    site: Site, noor: Visitor, karin: Visitor, tool: Speaker
) -> None:
    """W3C LDN: the request is told in the inbox, by the asker, and leads to the request; what is asked is not in it."""
    ask = await tool.asked("noor")
    page = await noor.page("/regie/berichten")
    assert "Karin Coach vraagt iets aan jou." in page
    assert "Van Karin Coach" in page
    assert f'href="/regie/vragen/{ask}"' in page
    own = await tool_of(site, noor)
    listing = (await own.send("GET", "/noor/inbox/", accept="text/turtle")).text
    assert karin.account.webid in listing
    name = listing.split("ldp:contains <")[1].split(">")[0]
    note = (await own.send("GET", name.removeprefix(BASE), accept="text/turtle")).text
    assert f"{BASE}{REQUESTS}/{ask}" in note
    assert "lws#AccessRequest" in note
    assert "samen werk" not in note
