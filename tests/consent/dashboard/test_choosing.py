"""Choosing down to the entry and the field: what is chosen is what the grant says, what is shown, and what is read."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx2
import pytest
from support.oauth import App
from support.site import Site, Visitor

from werkpod.consent.grants import GrantRecord, opens
from werkpod.consent.oauth.details import TYPE
from werkpod.vocab.cv import Competence, Experience, Identity, PartialDate, Summary

EXACT = re.compile(r'<pre class="wp-exact"[^>]*>(.*?)</pre>', re.S)
STOOD = "experience#e-000000000a experience#e-000000000b competences#e-000000000c competences#e-000000000d "


async def citizen(site: Site) -> Visitor:
    """Anna, with two jobs, what she learnt there, and texts of her own."""
    anna = await site.person("Anna de Vries")
    jobs = f"{anna.account.storage}cv/experience#"
    await anna.write("identity", Identity(name="Anna de Vries"))
    await anna.write("summary", Summary(text="Ik werkte jaren bij Magazijn BV."))
    await anna.write(
        "experience",
        Experience("e-000000000a", "Heftruckchauffeur", None, "Magazijn BV", PartialDate("2019-03"), description="Veel."
        ),
        Experience("e-000000000b", "Verkoper", None, "Bakkerij Zomer", PartialDate("2011"), PartialDate("2015")),
    )  # fmt: skip
    await anna.write(
        "competences",
        Competence("e-000000000c", "Veilig rijden", gained_in=(f"{jobs}truck",)),
        Competence("e-000000000d", "Brood verkopen", gained_in=(f"{jobs}shop",)),
    )
    return anna


def details(**changes: Any) -> str:
    """A request for jobs and competences, with changes."""
    asked = {"type": TYPE, "sections": ["experience", "competences"], "duration": "P30D", **changes}
    return json.dumps([asked])


async def say(visitor: Visitor, page: str, answer: str, **fields: Any) -> httpx2.Response:
    """Answer on the consent page at `page`; "" presses no answer."""
    request_id = parse_qs(urlsplit(page).query)["verzoek"][0]
    return await visitor.post("/oauth/toestemming", {"verzoek": request_id, "antwoord": answer, **fields})


async def token(app: App, answer: httpx2.Response) -> str:
    """The access token for the code in an answer."""
    assert answer.status_code == 303, answer.text
    response = await app.redeem(dict(parse_qsl(urlsplit(answer.headers["location"]).query))["code"])
    assert response.status_code == 200, response.text
    return str(response.json()["access_token"])


async def get(app: App, site: Site, url: str, access: str) -> str:
    """The Turtle that the app reads."""
    response = await site.http.get(url, headers={**app.device.headers("GET", url, access), "Accept": "text/turtle"})
    assert response.status_code == 200, response.text
    return response.text


async def read_all(app: App, site: Site, anna: Visitor, access: str) -> list[str]:
    """Everything that Anna's one grant opens, read over HTTP, in the order of the page."""
    (grant,) = await site.house.grants.list(anna.account.id, active_only=True)
    order = ["cv/summary", "cv/experience", "cv/competences"]
    paths = [path for path, _ in opens(grant)]
    ordered = [path for path in order if path in paths] + [path for path in paths if path not in order]
    return [await get(app, site, anna.account.storage + path, access) for path in ordered]


CHOICES = [
    pytest.param({"weg": ["experience#e-000000000b"]}, ["Bakkerij", "Verkoper", "#e-000000000b"], id="an entry"),
    pytest.param({"weg": ["experience.employer", "experience.period"]}, ["Magazijn", "2019", "2011"], id="two fields"),
    pytest.param(
        {"weg": ["experience#e-000000000b", "experience.employer", "competences.source"], "later": "experience"},
        ["Bakkerij", "Magazijn", "#e-000000000b", "gainedIn"], id="an entry, fields, and what comes later",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("choice", "gone"), CHOICES)
async def test_what_is_shown_is_byte_for_byte_what_goes_out(
    site: Site, choice: dict[str, Any], gone: list[str]
) -> None:
    """Checklist 131: entries and fields that are left out are gone from the page and from each response alike."""
    anna, app = await citizen(site), site.app()
    page = await anna.asked(app, authorization_details=details())
    form = {**choice, "stond": STOOD}
    shown = [html.unescape(text) for text in EXACT.findall((await say(anna, page, "", laat="zien", **form)).text)]
    assert len(shown) == 4
    assert await read_all(app, site, anna, await token(app, await say(anna, page, "ja", **form))) == shown
    for words in gone:
        assert words not in "".join(shown), words


async def test_what_is_added_later_goes_along_unless_that_was_left_out(site: Site) -> None:
    """A job of tomorrow reaches the app that got all but one, and not the app that got only what was there."""
    anna = await citizen(site)
    tokens = {}
    for slug, later in (("open", []), ("vast", ["experience"])):
        app = site.app(slug)
        page = await anna.asked(app, authorization_details=details())
        form = {"weg": ["experience#e-000000000b"], "later": later, "stond": STOOD}
        tokens[slug] = (app, await token(app, await say(anna, page, "ja", **form)))
    new = Experience("e-000000000e", "Planner", None, "Vervoer BV")
    await anna.write(
        "experience", Experience("e-000000000a", "Heftruckchauffeur"), Experience("e-000000000b", "Verkoper"), new
    )
    url = f"{anna.account.storage}cv/experience"
    assert "Planner" in await get(tokens["open"][0], site, url, tokens["open"][1])
    fixed = await get(tokens["vast"][0], site, url, tokens["vast"][1])
    assert "Heftruckchauffeur" in fixed
    assert "Planner" not in fixed
    assert "Verkoper" not in fixed


async def test_what_came_after_the_page_was_shown_is_not_among_these_alone(site: Site) -> None:
    """ "Only what was there" is what stood on the page, not what another app put in before the button was pressed."""
    anna, app = await citizen(site), site.app()
    page = await anna.asked(app, authorization_details=details())
    await anna.write(
        "experience", Experience("e-000000000a", "Heftruckchauffeur"), Experience("e-000000000f", "Erbij gezet")
    )
    await say(anna, page, "ja", later=["experience"], stond=STOOD)
    (grant,) = await site.house.grants.list(anna.account.id)
    assert grant.only_entries == ("experience#e-000000000a",)


async def test_only_these_with_nothing_left_gives_nothing(site: Site) -> None:
    """A list of none would say nothing of the section, and so give all of it: the page says what to do instead."""
    anna = await citizen(site)
    page = await anna.asked(site.app(), authorization_details=details())
    for stood in (STOOD, ""):
        form = {"weg": ["experience#e-000000000a", "experience#e-000000000b"], "later": "experience", "stond": stood}
        answer = await say(anna, page, "ja", **form)
        assert answer.status_code == 400
        assert "Bij Je werk blijft niets over" in answer.text
    assert await site.house.grants.list(anna.account.id) == []


async def test_fields_that_an_app_needs_and_fields_that_it_could_do_with(site: Site) -> None:
    """Checklist 129: an optional field is a box that is off; what was not asked stays out, whatever is ticked."""
    anna, app = await citizen(site), site.app()
    parts = {"fields": {"experience": ["period"]}, "optional_fields": {"experience": ["employer"]}}
    asked = details(**parts, reasons={"experience.employer": {"nl": "Om daar te bellen.", "en": "To call there."}})
    page = await anna.asked(app, authorization_details=asked)
    text = await anna.page(page)
    assert " checked" not in text
    assert 'name="ook" value="experience.employer"' in text
    assert "Om daar te bellen." in text
    assert "Wanneer je werkte" in text.partition("Dit is ervan nodig")[2]
    assert "Magazijn BV" not in text.partition("te zien</h2>")[2]
    for extra in ("experience.description", "experience.period", "contact.email"):
        assert (await say(anna, page, "ja", ook=extra)).status_code == 400
    assert (await say(anna, page, "ja", weg="experience.period")).status_code == 400
    access = await token(app, await say(anna, page, "ja", ook="experience.employer"))
    found = await get(app, site, f"{anna.account.storage}cv/experience", access)
    assert "Magazijn BV" in found
    assert "2019-03" in found
    assert "Veel." not in found


async def test_a_ready_choice_fills_the_form_and_gives_nothing(site: Site) -> None:
    """Pressing one is no yes; the page comes back filled in, with the preview of it, and what is chosen says so."""
    anna, app = await citizen(site), site.app()
    page = await anna.asked(app, authorization_details=None)
    assert " checked" not in await anna.page(page)
    filled = await say(anna, page, "", preset="anonymous")
    assert filled.status_code == 200
    assert await site.house.grants.list(anna.account.id) == []
    names = ("onderdeel", "weg", "later")
    ticked = {name: re.findall(rf'name="{name}" value="([^"]+)" checked', filled.text) for name in names}
    assert "experience" in ticked["onderdeel"]
    assert "identity" not in ticked["onderdeel"]
    assert "experience.employer" in ticked["weg"]
    shown = filled.text.partition("te zien</h2>")[2]
    assert "Verkoper" in shown
    assert "Anna de Vries" not in shown
    assert "Magazijn BV" not in shown
    form = {**ticked, "keuze": "anonymous", "mag": "lezen", "dagen": "30", "stond": STOOD}
    await token(app, await say(anna, page, "ja", **form))
    (grant,) = await site.house.grants.list(anna.account.id)
    assert grant.preset == "anonymous"
    assert set(grant.hidden_fields) == set(ticked["weg"])
    assert (await say(anna, page, "", preset="alles-weg")).status_code in (400, 404)


async def test_a_ready_choice_that_was_changed_is_no_ready_choice(site: Site) -> None:
    """The grant does not say that it is without a name when the name was ticked after all."""
    anna, app = await citizen(site), site.app()
    page = await anna.asked(app, authorization_details=None)
    form = {"onderdeel": ["identity", "competences"], "keuze": "anonymous", "mag": "lezen", "dagen": "30"}
    await token(app, await say(anna, page, "ja", **form))
    (grant,) = await site.house.grants.list(anna.account.id)
    assert grant.preset == ""


async def test_own_text_that_may_name_what_is_left_out_is_pointed_at(site: Site) -> None:
    """Leaving out the employer leaves it in one's own words: the page says so, and one press leaves those out too."""
    anna = await citizen(site)
    page = await anna.asked(site.app(), authorization_details=None)
    form: dict[str, Any] = {"onderdeel": ["experience", "summary"]}
    assert "Kijk je eigen tekst na" not in (await say(anna, page, "", laat="zien", **form)).text
    form["weg"] = ["experience.employer"]
    warned = (await say(anna, page, "", laat="zien", **form)).text
    assert "In je eigen tekst kan nog staan wat je weglaat, zoals waar je werkte: Over jou, Je werk." in warned
    pressed = (await say(anna, page, "", eigen="weg", **form)).text
    assert "Kijk je eigen tekst na" not in pressed
    assert 'value="summary.text" checked' in pressed
    assert "jaren bij Magazijn BV" not in pressed.partition("te zien</h2>")[2]
    assert await site.house.grants.list(anna.account.id) == []


async def test_who_may_write_gets_a_part_whole(site: Site) -> None:
    """Leaving out and letting change do not go together: the person is asked which; an app that writes has no such
    ticks."""
    anna = await citizen(site)
    page = await anna.asked(site.app(), authorization_details=None)
    form = {"onderdeel": "experience", "weg": "experience.employer", "mag": "veranderen", "dagen": "30"}
    answer = await say(anna, page, "ja", **form)
    assert answer.status_code == 400
    assert "Dan kan de app alleen kijken" in answer.text
    writes = await anna.asked(site.app("schrijft"), authorization_details=details(actions=["read", "write"]))
    assert "Iets weglaten" not in await anna.page(writes)
    assert (await say(anna, writes, "ja", weg="experience.employer")).status_code == 400
    assert await site.house.grants.list(anna.account.id) == []


async def test_an_end_that_cannot_be_is_asked_again(site: Site) -> None:
    """A day that has been, that is too far, or two ends at once: one sentence, and nothing is given."""
    anna = await citizen(site)
    page = await anna.asked(site.app(), authorization_details=None)
    for fields, says in (
        ({"dagen": "30", "tot": "2030-01-01"}, "niet allebei"),
        ({"tot": "2020-01-01"}, "al voorbij"),
        ({"tot": "2999-01-01"}, "Zo lang kan niet"),
        ({"tot": "morgen"}, "geen datum"),
        ({}, "hoe lang"),
    ):
        answer = await say(anna, page, "ja", onderdeel="competences", mag="lezen", **fields)
        assert answer.status_code == 400
        assert says in answer.text
    assert await site.house.grants.list(anna.account.id) == []


async def test_what_else_is_agreed_is_in_the_grant(site: Site) -> None:
    """Once, what may be kept, and what it is for, where the citizen says so."""
    anna = await citizen(site)
    for number, (fields, expected) in enumerate((
        ({"dagen": "eenmaal", "bewaren": "nothing"}, (True, "nothing", "")),
        ({"dagen": "30", "doel": "https://w3id.org/dpv#PersonnelHiring"}, (False, "", "https://w3id.org/dpv#PersonnelHiring")),
    )):  # fmt: skip
        app = site.app(f"app{number}")
        page = await anna.asked(app, authorization_details=None)
        await token(app, await say(anna, page, "ja", onderdeel="competences", mag="lezen", **fields))
        grant = next(g for g in await site.house.grants.list(anna.account.id) if g.client == app.id)
        assert (grant.once, grant.keep, grant.purpose) == expected


async def test_a_coach_gets_what_the_preview_showed(site: Site) -> None:
    """The ready choice for a coach fills in everything, shows it, and gives nothing until "Deel dit" is pressed."""
    anna, coach = await citizen(site), await site.person("Carla Coach", role="coach")
    form: dict[str, Any] = {"coach": coach.account.webid}
    assert " checked" not in await anna.page("/regie/delen/coach")
    filled = await anna.post("/regie/delen/coach", {**form, "preset": "coach"})
    assert len(re.findall(r'name="onderdeel" value="\w+" checked', filled.text)) == 9
    assert "Dit krijgt Carla Coach te zien" in filled.text
    assert "Ik werkte jaren bij Magazijn BV." in filled.text
    assert await site.house.grants.list(anna.account.id) == []
    form |= {"onderdeel": ["experience", "competences"], "weg": ["experience#e-000000000b"], "stond": STOOD}
    looked = await anna.post("/regie/delen/coach", {**form, "laat": "zien"}, HX_Request="true")
    shown = [html.unescape(text) for text in EXACT.findall(looked.text)]
    assert "Bakkerij" not in looked.text
    done = await anna.post("/regie/delen/coach", {**form, "dagen": "30"})
    assert done.status_code == 303
    (grant,) = await site.house.grants.list(anna.account.id)
    assert shown == await _as_coach(site, anna, coach, grant)


async def _as_coach(site: Site, anna: Visitor, coach: Visitor, grant: GrantRecord) -> list[str]:
    """What the coach reads, with a token of their own for an app of theirs."""
    app = site.app("coachapp")
    page = await coach.asked(app, authorization_details=None)
    access = await token(app, await say(coach, page, "ja", onderdeel="identity", mag="lezen", dagen="1"))
    return [await get(app, site, anna.account.storage + path, access) for path, _ in opens(grant)]


async def test_a_merge_shows_what_is_new_and_keeps_what_was_left_out(site: Site) -> None:
    """An app that asks for more beside what it has: the page tells the two apart, and one grant comes of it."""
    anna, app = await citizen(site), site.app()
    page = await anna.asked(app, authorization_details=details(sections=["experience"]))
    await token(app, await say(anna, page, "ja", weg=["experience#e-000000000b"], stond=STOOD))
    (had,) = await site.house.grants.list(anna.account.id)
    more = {"grant_management_action": "merge", "grant_id": f"{had.pod}.{had.id}"}
    asked = details(sections=["experience"], optional=["competences"])
    page = await anna.asked(app, authorization_details=asked, prompt="consent", **more)
    text = await anna.page(page)
    assert "De app heeft nu al: Je werk." in text
    assert "Nieuw is: Wat je kunt." in text
    assert 'value="experience#e-000000000b" checked' in text
    form = {"onderdeel": "competences", "weg": ["experience#e-000000000b"], "stond": STOOD}
    shown = [html.unescape(one) for one in EXACT.findall((await say(anna, page, "", laat="zien", **form)).text)]
    access = await token(app, await say(anna, page, "ja", **form))
    (grant,) = await site.house.grants.list(anna.account.id, active_only=True)
    assert (grant.id, grant.version, grant.sections) == (had.id, 2, ("experience", "competences"))
    assert await read_all(app, site, anna, access) == shown
    assert "Bakkerij" not in "".join(shown)


async def test_an_app_that_changed_is_said_to_have_changed(site: Site) -> None:
    """After a new name the next request asks anew, and the page says what is different."""
    anna, app = await citizen(site), site.app("wisselt", document={"client_name": "Proefapp"})
    assert (await say(anna, await anna.asked(app, authorization_details=details()), "ja")).status_code == 303
    app.document["client_name"] = "Heel iets anders"
    site.house.authorization.parts.clients._documents.drop(app.id)
    text = await anna.page(await anna.asked(app, authorization_details=details()))
    assert "Deze app is veranderd" in text
    assert "hoe de app heet" in text


async def test_another_basis_than_consent_is_said_plainly(site: Site) -> None:
    """Where the receiver rests on a task of the government, the page does not pretend that consent is the basis."""
    anna = await citizen(site)
    basis = "https://w3id.org/dpv#OfficialAuthorityOfController"
    text = await anna.page(await anna.asked(site.app(), authorization_details=details(legal_basis=basis)))
    assert "Het is een taak van de overheid." in text
    assert "geen toestemming van je nodig" in text
    assert "Alleen als jij ja zegt. Nee zeggen mag altijd." not in text


async def test_an_entry_whose_name_would_tell_what_is_left_out_is_said_to_stay_behind(site: Site) -> None:
    """Another app called a job after its employer: without the employer it goes nowhere, and the page says so."""
    anna = await site.person("Anna de Vries")
    await anna.write("experience", Experience("magazijn-bv", "Heftruckchauffeur", None, "Magazijn BV"))
    page = await anna.asked(site.app(), authorization_details=details(sections=["experience"]))
    assert "Dit gaat nu ook niet mee" not in await anna.page(page)
    looked = await say(anna, page, "", laat="zien", weg="experience.employer")
    assert "Dit gaat nu ook niet mee" in looked.text
    assert "Heftruckchauffeur, Magazijn BV. Een andere app" in looked.text
