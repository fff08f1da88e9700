"""The consent page against apps that ask too much, forms that give too much, and pages that promise too much."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx2
from support.oauth import BASE, App
from support.site import Site, Visitor

from werkpod.consent.grants import opens
from werkpod.consent.grants.terms import DPV
from werkpod.consent.oauth.details import TYPE
from werkpod.vocab.cv import Competence, Contact, Experience, PartialDate

EXACT = re.compile(r'<pre class="wp-exact"[^>]*>(.*?)</pre>', re.S)
ASKED: dict[str, Any] = {
    "type": TYPE, "sections": ["experience"], "fields": {"experience": ["period"]},
    "optional": ["competences"], "optional_fields": {"experience": ["employer"]},
    "reasons": {"experience": {"nl": "Om te zien wat je deed."}, "experience.employer": {"nl": "Om daar te bellen."}},
    "purpose": DPV + "PersonnelHiring", "purpose_text": {"nl": "We zoeken iemand voor het magazijn."},
    "duration": "P30D", "keep": "P60D", "onward": True,
}  # fmt: skip
STOOD = "experience#e-000000000a experience#e-000000000b competences#e-000000000c"


async def citizen(site: Site) -> Visitor:
    """Anna, with two jobs, a competence and an address."""
    anna = await site.person("Anna de Vries")
    truck = Experience(
        "e-000000000a", "Heftruckchauffeur", None, "Magazijn BV", PartialDate("2019-03"), description="Veel."
    )
    await anna.write("experience", truck, Experience("e-000000000b", "Verkoper", None, "Bakkerij Zomer"))
    learnt = (f"{anna.account.storage}cv/experience#e-000000000a",)
    await anna.write("competences", Competence("e-000000000c", "Veilig rijden", gained_in=learnt))
    await anna.write("contact", Contact(email="anna@post.example"))
    return anna


def details(**changes: Any) -> str:
    """The request, with changes."""
    return json.dumps([{**ASKED, **changes}])


async def say(visitor: Visitor, page: str, answer: str, **fields: Any) -> httpx2.Response:
    """Answer on the consent page at `page`."""
    request_id = parse_qs(urlsplit(page).query)["verzoek"][0]
    return await visitor.post("/oauth/toestemming", {"verzoek": request_id, "antwoord": answer, **fields})


async def told(app: App, answer: httpx2.Response) -> dict[str, Any]:
    """The token response for the code in an answer."""
    code = dict(parse_qsl(urlsplit(answer.headers["location"]).query))["code"]
    found: dict[str, Any] = (await app.redeem(code)).json()
    return found


async def read(app: App, site: Site, url: str, token: str) -> httpx2.Response:
    """GET as the app does."""
    return await site.http.get(url, headers={**app.device.headers("GET", url, token), "Accept": "text/turtle"})


async def test_the_consent_page_is_neither_framed_nor_kept_nor_told_to_others(site: Site) -> None:
    """Checklist 127: also as what a changed tick brings, after a mistake, and on the way out.

    The page itself says "same-origin": nothing goes to another host, and browsers that know no Sec-Fetch-Site still say
    where its form came from. The answer that leaves for the app says "no-referrer".
    """
    anna = await citizen(site)
    page = await anna.asked(site.app(), authorization_details=details())
    fields = {"verzoek": parse_qs(urlsplit(page).query)["verzoek"][0], "laat": "zien"}
    pages = [
        await anna.get(page),
        await anna.post("/oauth/toestemming", fields),
        await anna.post("/oauth/toestemming", fields, HX_Request="true"),
        await anna.get("/oauth/toestemming?verzoek=onbekend"),
    ]
    for answer in pages:
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r'(src|href)="(https?:)?//', answer.text)
        assert " style=" not in answer.text
        assert " onclick=" not in answer.text
    leaving = await say(anna, page, "nee")
    assert leaving.headers["referrer-policy"] == "no-referrer"
    assert leaving.headers["cache-control"] == "no-store"


async def test_a_bent_form_gives_nothing(site: Site) -> None:
    """Checklist 128: a section, field, time, action or basis that was not asked: refused, and nothing is trimmed."""
    anna = await citizen(site)
    page = await anna.asked(site.app(), authorization_details=details())
    for fields in (
        {"onderdeel": "contact"}, {"onderdeel": ["competences", "contact"]}, {"onderdeel": "experience"},
        {"ook": "experience.description"}, {"ook": "experience.period"}, {"ook": "contact.email"}, {"ook": "x"},
        {"weg": "experience.period"}, {"weg": "experience.employer"}, {"weg": "contact#me"}, {"weg": "experience#"},
        {"weg": "experience#a b"}, {"weg": "experience#<x>"}, {"later": "contact"}, {"later": "experience.employer"},
        {"dagen": "365"}, {"tot": "2030-01-01"}, {"bewaren": "until_end"}, {"doel": DPV + "Marketing"},
        {"mag": "veranderen"}, {"alles": "1", "zeker": "ja"}, {"regelen": "ja"}, {"hidden_fields": ""},
        {"onward": "1"}, {"legal_basis": DPV + "Consent"}, {"pod": "x"},
        {"weg": [f"experience#{n}" for n in range(450)]},
    ):  # fmt: skip
        answer = await say(anna, page, "ja", **fields)
        assert answer.status_code == 400, fields
    for number in ("JA", "ja ja", "1", "misschien"):
        assert (await say(anna, page, number)).status_code == 400
    assert await site.house.grants.list(anna.account.id) == []
    assert (await say(anna, page, "ja")).status_code == 303  # the request itself is still good


async def test_what_is_not_ticked_is_in_neither_token_nor_data(site: Site) -> None:
    """Checklist 128, 129: nothing is ticked beforehand; the optional comes only with its tick, and what is left out is
    gone from what the app is told and from what it reads."""
    anna = await citizen(site)
    experience, competences = (f"{anna.account.storage}cv/{name}" for name in ("experience", "competences"))
    for slug, fields, passing in (
        ("kaal", {}, {"employer": False, "competences": False, "shop": True}),
        ("vol", {"ook": "experience.employer", "onderdeel": "competences"},
         {"employer": True, "competences": True, "shop": True}),
        ("min", {"weg": "experience#e-000000000b", "stond": STOOD},
         {"employer": False, "competences": False, "shop": False}),
    ):  # fmt: skip
        app = site.app(slug)
        page = await anna.asked(app, authorization_details=details())
        assert " checked" not in await anna.page(page)
        assert " selected" not in (await anna.page(page)).replace('<option value="" selected>', "")
        found = await told(app, await say(anna, page, "ja", **fields))
        (detail,) = found["authorization_details"]
        assert ("employer" in detail["fields"]["experience"]) is passing["employer"]
        assert ("competences" in detail["sections"]) is passing["competences"]
        body = (await read(app, site, experience, found["access_token"])).text
        assert ("Magazijn BV" in body) is passing["employer"]
        assert ("Verkoper" in body) is passing["shop"]
        assert "2019-03" in body
        assert "Veel." not in body
        status = (await read(app, site, competences, found["access_token"])).status_code
        assert status == (200 if passing["competences"] else 403)


async def test_needed_is_marked_and_no_to_it_is_no(site: Site) -> None:
    """Checklist 129: what the app needs says so; who will not give it says no, and that is one press like yes."""
    anna = await citizen(site)
    page = await anna.asked(site.app(), authorization_details=details())
    text = await anna.page(page)
    assert text.count(">nodig</span>") == 1
    assert 'name="onderdeel" value="experience"' not in text
    assert "Wil je dit helemaal niet delen? Zeg dan nee." in text
    buttons = re.findall(r'<button type="submit" class="([^"]+)" name="antwoord" value="(ja|nee)">', text)
    assert [value for _, value in buttons] == ["ja", "nee"]
    assert len({look for look, _ in buttons}) == 1
    answer = await say(anna, page, "nee", onderdeel="competences", ook="experience.employer")
    assert "error=access_denied" in answer.headers["location"]
    assert await site.house.grants.list(anna.account.id) == []


async def test_the_page_says_everything_that_one_should_know(site: Site) -> None:
    """Checklist 130: name, host, how it is known, sections, fields, purpose, basis, how long, what is kept, whether it
    is passed on, and how to stop."""
    anna = await citizen(site)
    registered = await site.http.post(
        "/oauth/register",
        json={"client_name": "Uw Gemeente", "redirect_uris": ["https://nep.example/terug"],
              "token_endpoint_auth_method": "none", "application_type": "web"},
    )  # fmt: skip
    asked = {"client_id": registered.json()["client_id"], "redirect_uri": "https://nep.example/terug"}
    page = html.unescape(await anna.page(await anna.asked(site.app(), authorization_details=details(), **asked)))
    for words in (
        "Uw Gemeente", "(nep.example)", "niet gecontroleerd", "Je antwoord gaat naar nep.example", "Dit zien: Je werk.",
        "ook: Wat je kunt.", "Wanneer je werkte", "Bij wie je werkte", "Om te zien wat je deed.", "Om daar te bellen.",
        "Dit gaat niet mee: Waar je werkte", "Om te kijken of je past bij werk.", "We zoeken iemand voor het magazijn.",
        "Alleen als jij ja zegt.", "30 dagen vanaf nu", "60 dagen", "geeft wat die leest ook aan anderen",
        "Dat doe je bij Delen, met één druk.",
    ):  # fmt: skip
        assert words in page, words
    ours = await anna.page(await anna.asked(site.app(), authorization_details=details(onward=False, keep="nothing")))
    for words in ("Dit is een dienst van", "(localhost:8080)", "niets bewaren", "niet doorgeven"):
        assert words in ours, words


async def test_the_preview_is_the_response(site: Site) -> None:
    """Checklist 131: every document that the yes opens, byte for byte, with an entry and fields left out; looking is
    no access."""
    anna, app = await citizen(site), site.app()
    page = await anna.asked(app, authorization_details=details())
    form = {"onderdeel": "competences", "weg": ["experience#e-000000000a", "competences.source"], "stond": STOOD}
    shown = [html.unescape(text) for text in EXACT.findall((await say(anna, page, "", laat="zien", **form)).text)]
    assert await site.house.ledger.entries(anna.account.id) == []
    found = await told(app, await say(anna, page, "ja", **form))
    (grant,) = await site.house.grants.list(anna.account.id)
    answers = [
        await read(app, site, anna.account.storage + path, found["access_token"]) for path, _lens in opens(grant)
    ]
    assert [answer.text for answer in answers] == shown
    assert len(shown) == 4
    assert "Heftruck" not in "".join(shown)


async def test_the_same_question_is_asked_again_only_where_it_was_not_answered(site: Site) -> None:
    """Checklist 132: an equal grant in force answers it; more, a stop, another purpose or an app that nobody can tell
    from another do not."""
    anna, app = await citizen(site), site.app()

    async def asks(client: App, **changes: Any) -> bool:
        answer = await anna.get(f"/oauth/authorize?{urlencode(client.query(**changes))}")
        return urlsplit(answer.headers["location"]).path == "/oauth/toestemming"

    await say(
        anna, await anna.asked(app, authorization_details=details()), "ja", weg="experience#e-000000000b", stond=STOOD
    )
    assert not await asks(app, authorization_details=details())
    assert await asks(app, authorization_details=details(sections=["experience", "contact"]))
    assert await asks(app, authorization_details=details(purpose=DPV + "ResearchAndDevelopment"))
    assert await asks(app, authorization_details=details(), prompt="consent")
    assert await asks(site.app("ander"), authorization_details=details())
    (grant,) = await site.house.grants.list(anna.account.id)
    await anna.post("/regie/delen/stop", {"delen": grant.id})
    assert await asks(app, authorization_details=details())
    local = {"client_name": "Programma", "redirect_uris": ["http://localhost/terug"], "application_type": "native",
             "token_endpoint_auth_method": "none"}  # fmt: skip
    made = (await site.http.post("/oauth/register", json=local)).json()
    program = {"client_id": made["client_id"], "redirect_uri": "http://localhost/terug"}
    for _ in range(2):
        page = await anna.asked(app, authorization_details=details(), **program)
        assert (await say(anna, page, "ja")).status_code == 303


async def test_everything_takes_steps_that_are_each_taken(site: Site) -> None:
    """Checklist 128, 129: an app that asks nothing in particular gets nothing by itself; everything is behind a second
    page, a tick, a choice of what it may do, and one more tick to let others in; no is on each page."""
    anna = await citizen(site)
    page = await anna.asked(site.app(), authorization_details=None)
    everything = {"alles": "1", "zeker": "ja", "mag": "veranderen", "dagen": "1"}
    for missing in everything:
        fields = {name: value for name, value in everything.items() if name != missing}
        assert (await say(anna, page, "ja", **fields)).status_code == 400, missing
    for address in (page, f"{page}&alles=1"):
        text = await anna.page(address)
        assert " checked" not in text
        assert 'value="nee"' in text
    assert 'name="regelen"' not in await anna.page(page)
    assert await site.house.grants.list(anna.account.id) == []
    assert (await say(anna, page, "ja", **everything)).status_code == 303
    (grant,) = await site.house.grants.list(anna.account.id)
    assert (grant.everything, grant.actions) == (True, ("read", "append", "write"))
    assert BASE in (grant.client or "")


async def test_what_was_shown_is_what_is_given(site: Site) -> None:
    """Checklist 89, 128: an app that asks for something else in its document while the page is open gets nothing by a
    yes to what was there before."""
    anna, app = await citizen(site), site.app(headers={"Cache-Control": "no-store"})
    little = {
        "sections": ["summary"],
        "actions": ["read"],
        "duration": "P1D",
        "keep": "nothing",
        "purpose": DPV + "ServiceProvision",
    }
    app.document["werkpod:access"] = little
    page = await anna.asked(app, authorization_details=None)
    assert "Wie ben je" not in await anna.page(page)
    for more in (
        {"sections": ["summary", "contact"]}, {"actions": ["read", "write"]}, {"duration": "P3650D"},
        {"keep": "P3650D", "onward": True}, {"purpose": DPV + "Marketing"},
    ):  # fmt: skip
        app.document["werkpod:access"] = {**little, **more}
        answer = await say(anna, page, "ja")
        assert answer.status_code == 400, more
        assert "De app is net veranderd" in answer.text
    app.document["werkpod:access"] = little
    app.document["client_name"] = "Iemand anders"
    assert (await say(anna, page, "ja")).status_code == 400
    assert await site.house.grants.list(anna.account.id) == []
    del app.document["client_name"]
    assert (await say(anna, page, "ja")).status_code == 303


async def test_a_purpose_is_that_of_the_grant(site: Site) -> None:
    """Checklist 82: a request at the pod names no purpose; a token is for one grant, which has one. Who wants to use
    the same for something else is asked about anew, and the log has what each read rested on (record 35)."""
    anna, app = await citizen(site), site.app()
    page = await anna.asked(app, authorization_details=details())
    first = await told(app, await say(anna, page, "ja"))
    other = details(purpose=DPV + "Marketing")
    silent = await anna.get(f"/oauth/authorize?{urlencode(app.query(authorization_details=other, prompt='none'))}")
    assert "error=consent_required" in silent.headers["location"]
    url, meant = f"{anna.account.storage}cv/experience", {"Purpose": DPV + "Marketing", "Accept": "text/turtle"}
    signed = app.device.headers("GET", url, first["access_token"])
    answer = await site.http.get(url, headers={**signed, **meant, "Link": f'<{DPV}Marketing>; rel="purpose"'})
    assert answer.status_code == 200
    purposes = {line.entry.purpose for line in await site.house.ledger.entries(anna.account.id) if line.entry.path}
    assert purposes == {DPV + "PersonnelHiring"}
