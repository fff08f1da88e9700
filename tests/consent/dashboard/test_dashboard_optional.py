"""What an app could do without: shown apart, ticked by the citizen or left, and the app is told what it got."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx2
import pytest
from support.oauth import App
from support.site import Site, Visitor

from werkpod.consent.oauth.details import TYPE
from werkpod.pod.profile.places import PREFERENCES, PRIVATE_INDEX
from werkpod.vocab.cv import Competence, Experience, Summary
from werkpod.vocab.sections import SECTIONS

EXACT = re.compile(r'<pre class="wp-exact"[^>]*>(.*?)</pre>', re.S)
WHY = {"nl": "Dan zien we ook waar je het leerde.", "en": "Then we also see where you learnt it."}


def details(**changes: Any) -> str:
    """What these apps ask: competences they need, work and summary they could do without."""
    element = {
        "type": TYPE, "sections": ["competences"], "optional": ["experience", "summary"], "actions": ["read"],
        "duration": "P90D", "reasons": {"experience": WHY}, **changes,
    }  # fmt: skip
    return json.dumps([element])


async def citizen(site: Site) -> Visitor:
    """Anna, with a job, what she learnt there, and a summary."""
    anna = await site.person("Anna de Vries")
    await anna.write("experience", Experience("job-1", "Heftruckchauffeur", None, "Magazijn BV"))
    learnt = (f"{anna.account.storage}cv/experience#job-1",)
    await anna.write("competences", Competence("rijden", "Veilig rijden", gained_in=learnt))
    await anna.write("summary", Summary(text="Rustig en precies."))
    return anna


async def say(visitor: Visitor, page: str, answer: str, **fields: Any) -> httpx2.Response:
    """Answer on the consent page at `page`."""
    request_id = parse_qs(urlsplit(page).query)["verzoek"][0]
    return await visitor.post("/oauth/toestemming", {"verzoek": request_id, "antwoord": answer, **fields})


async def tokens(app: App, answer: httpx2.Response) -> dict[str, Any]:
    """The token response for the code in an answer."""
    response = await app.redeem(dict(parse_qsl(urlsplit(answer.headers["location"]).query))["code"])
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def status(app: App, site: Site, visitor: Visitor, section: str, token: str) -> int:
    """What the pod answers when the app reads a section."""
    url = f"{visitor.account.storage}cv/{section}"
    headers = {**app.device.headers("GET", url, token), "Accept": "text/turtle"}
    return (await site.http.get(url, headers=headers)).status_code


async def test_needed_and_optional_are_apart_and_nothing_is_ticked(site: Site) -> None:
    """What is needed says so and has no box; the others are boxes with the app's reason, none of them ticked."""
    anna = await citizen(site)
    page = await anna.page(await anna.asked(site.app(), authorization_details=details()))
    assert page.count(">nodig</span>") == 1
    assert re.findall(r'name="onderdeel" value="(\w+)"', page) == ["summary", "experience"]
    assert " checked" not in page
    assert WHY["nl"] in page
    assert "De app zegt niet waarom." in page
    assert "En als jij dat wilt ook: Over jou, Je werk." in page


async def test_an_optional_section_is_in_the_preview_once_it_is_ticked(site: Site) -> None:
    """Before that, the page shows what is needed alone: not even the job where something was learnt."""
    anna = await citizen(site)
    page = await anna.asked(site.app(), authorization_details=details())
    shown = (await anna.page(page)).partition("te zien</h2>")[2]
    assert "Veilig rijden" in shown
    assert "Heftruckchauffeur" not in shown
    assert "Magazijn BV" not in shown
    looked = await say(anna, page, "", laat="zien", onderdeel="experience")
    assert looked.status_code == 200
    assert "Heftruckchauffeur" in looked.text.partition("te zien</h2>")[2]
    assert 'value="experience" checked' in looked.text
    assert await site.house.grants.list(anna.account.id) == []


async def test_a_changed_tick_brings_the_preview_alone(site: Site) -> None:
    """What htmx asks for is the preview without a page around it; it gives nothing and writes nothing."""
    anna = await citizen(site)
    page = await anna.asked(site.app(), authorization_details=details())
    fields = {"verzoek": parse_qs(urlsplit(page).query)["verzoek"][0], "laat": "zien", "onderdeel": "experience"}
    answer = await anna.post("/oauth/toestemming", fields, HX_Request="true")
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "Magazijn BV" in answer.text
    assert await site.house.grants.list(anna.account.id) == []


@pytest.mark.parametrize("ticked", [[], ["experience"], ["experience", "summary"]])
async def test_the_app_gets_and_is_told_what_was_ticked(site: Site, ticked: list[str]) -> None:
    """The token response names the needed sections and the ticked ones; those can be read, the others cannot."""
    anna, app = await citizen(site), site.app()
    page = await anna.asked(app, authorization_details=details())
    looked = await say(anna, page, "", laat="zien", onderdeel=ticked)
    shown = [html.unescape(text) for text in EXACT.findall(looked.text)]
    found = await tokens(app, await say(anna, page, "ja", onderdeel=ticked))
    (detail,) = found["authorization_details"]
    assert detail["sections"] == ["competences", *ticked]
    for section in ("competences", "experience", "summary"):
        wanted = 200 if section in ("competences", *ticked) else 403
        assert await status(app, site, anna, section, found["access_token"]) == wanted
    given = [SECTIONS[key].path for key in SECTIONS if key in ("competences", *ticked)]
    got = []
    for path in (*given, PREFERENCES, PRIVATE_INDEX):
        url = anna.account.storage + path
        headers = {**app.device.headers("GET", url, found["access_token"]), "Accept": "text/turtle"}
        got.append((await site.http.get(url, headers=headers)).text)
    assert shown == got


async def test_no_means_no_whatever_is_ticked(site: Site) -> None:
    """With boxes ticked, "nee" gives nothing."""
    anna = await citizen(site)
    page = await anna.asked(site.app(), authorization_details=details())
    answer = await say(anna, page, "nee", onderdeel=["experience"])
    assert "error=access_denied" in answer.headers["location"]
    assert await site.house.grants.list(anna.account.id) == []


@pytest.mark.parametrize("extra", [["contact"], ["experience", "contact"], ["competences"], ["salaris"]])
async def test_a_box_that_was_not_on_the_page_gives_nothing(site: Site, extra: list[str]) -> None:
    """More than needed and optional is refused, not trimmed."""
    anna = await citizen(site)
    page = await anna.asked(site.app(), authorization_details=details())
    assert (await say(anna, page, "ja", onderdeel=extra)).status_code == 400
    assert await site.house.grants.list(anna.account.id) == []


async def test_who_shared_what_is_needed_is_not_asked_again(site: Site) -> None:
    """The short way counts the needed sections only; the app is told of the optional ones that it has."""
    anna, app = await citizen(site), site.app()
    await say(anna, await anna.asked(app, authorization_details=details()), "ja", onderdeel=["summary"])
    again = await anna.get(f"/oauth/authorize?{urlencode(app.query(authorization_details=details()))}")
    assert "code=" in again.headers["location"]
    assert (await tokens(app, again))["authorization_details"][0]["sections"] == ["competences", "summary"]


async def test_an_app_may_ask_again_for_what_was_left_out(site: Site) -> None:
    """With prompt=consent the page comes back; what was given before and what is given now are both told and read."""
    anna, app = await citizen(site), site.app()
    await say(anna, await anna.asked(app, authorization_details=details()), "ja", onderdeel=["summary"])
    more = details(optional=["experience"])
    page = await anna.asked(app, authorization_details=more, prompt="consent")
    found = await tokens(app, await say(anna, page, "ja", onderdeel=["experience"]))
    told = [detail["sections"] for detail in found["authorization_details"]]
    assert told == [["competences", "experience"], ["competences", "summary"]]
    for section in ("competences", "experience", "summary"):
        assert await status(app, site, anna, section, found["access_token"]) == 200
    assert len((await app.refresh(found["refresh_token"])).json()["authorization_details"]) == 2


async def test_of_two_grants_the_one_with_more_of_the_optional_is_taken(site: Site) -> None:
    """The code of the short way stands for the grant that gives most of what the app asks."""
    anna, app = await citizen(site), site.app()
    await say(anna, await anna.asked(app, authorization_details=details()), "ja", onderdeel=["experience"])
    page = await anna.asked(app, authorization_details=details(), prompt="consent")
    await say(anna, page, "ja")
    again = await anna.get(f"/oauth/authorize?{urlencode(app.query(authorization_details=details()))}")
    assert (await tokens(app, again))["authorization_details"][0]["sections"] == ["competences", "experience"]


async def test_without_a_time_the_ticks_stay_while_the_time_is_asked(site: Site) -> None:
    """An app that says no duration: the page comes back for it with the same boxes ticked."""
    anna = await citizen(site)
    page = await anna.asked(site.app(), authorization_details=details(duration=""))
    answer = await say(anna, page, "ja", onderdeel=["experience"], dagen="")
    assert answer.status_code == 400
    assert 'value="experience" checked' in answer.text
    assert 'value="summary" checked' not in answer.text


async def open_app(visitor: Visitor, slug: str, fields: dict[str, str | list[str]], **form: str) -> str:
    """Press on at one of our own apps, and say yes with `fields`; its page afterwards."""
    asked = await visitor.post(f"/apps/{slug}/vraag", dict(form))
    consent = (await visitor.get(asked.headers["location"])).headers["location"]
    request_id = parse_qs(urlsplit(consent).query)["verzoek"][0]
    answer = await visitor.post("/oauth/toestemming", {"verzoek": request_id, "antwoord": "ja", **fields})
    back = await visitor.get(answer.headers["location"])
    return await visitor.page(back.headers["location"])


async def test_matchberoeper_says_what_it_misses_and_asks_for_it_when_told_to(site: Site) -> None:
    """Without the jobs the page says so; one press later the jobs are asked for, and then it knows where from."""
    anna = await citizen(site)
    taxonomy = site.house.taxonomy()
    driver = taxonomy.occupation("8344")
    assert driver is not None
    await anna.write("experience", Experience("job-1", "Heftruckchauffeur", driver.iri, "Magazijn BV"))
    learnt = (f"{anna.account.storage}cv/experience#job-1",)
    some = [link.competence for link in taxonomy.links(driver)][:4]
    await anna.write(
        "competences", *(Competence(f"c{n}", c.label("nl"), c.iri, gained_in=learnt) for n, c in enumerate(some))
    )
    page = await open_app(anna, "beroep", {})
    assert "Je werk heb je niet gedeeld" in page
    assert "Je kunt al" in page
    assert "Geleerd bij" not in page
    entries = [line.entry for line in await site.house.ledger.entries(anna.account.id)]
    assert [(e.action, e.path) for e in entries] == [("read", "cv/competences"), ("grant:given", "")]
    page = await open_app(anna, "beroep", {"onderdeel": "experience"}, meer="1")
    assert "Je werk heb je niet gedeeld" not in page
    assert "Geleerd bij: Heftruckchauffeur" in page


async def test_cv_builder_works_without_the_parts_that_it_can_do_without(site: Site) -> None:
    """A part that was not ticked has a lock; from there one press asks for it alone, and it opens."""
    anna = await citizen(site)
    page = await open_app(anna, "cv", {})
    assert page.count("Dit deel heb je niet gedeeld met CV-bouwer.") == 2
    closed = await anna.get("/apps/cv/wensen")
    assert closed.status_code == 403
    assert 'name="verder" value="/apps/cv/wensen"' in closed.text
    asked = await anna.post("/apps/cv/vraag", {"meer": "1", "verder": "/apps/cv/wensen"})
    asking = (await anna.get(asked.headers["location"])).headers["location"]
    assert urlsplit(asking).path == "/oauth/toestemming"  # it asks, though there is a grant that it could do with
    page = await open_app(anna, "cv", {"onderdeel": "wishes"}, meer="1", verder="/apps/cv/wensen")
    assert "Wat je wilt" in page
    assert (await anna.page("/apps/cv/")).count("Dit deel heb je niet gedeeld met CV-bouwer.") == 1
    consent = await anna.post("/apps/cv/vraag", {"meer": "1"})
    left = await anna.page((await anna.get(consent.headers["location"])).headers["location"])
    assert re.findall(r'name="onderdeel" value="(\w+)"', left) == ["contact"]


async def test_the_first_page_of_an_app_tells_the_two_apart(site: Site) -> None:
    """What an app asks and what it would like are two lists before anybody presses on."""
    anna = await citizen(site)
    page = await anna.page("/apps/beroep/")
    needed, _, rest = page.partition("Wat niet hoeft, maar wel mag")
    assert "Wat je kunt" in needed
    assert "Je werk" in rest
    assert "Dan zien we ook uit welk werk je het kunt." in rest


async def test_when_a_citizen_stops_an_app_its_own_pages_say_so(site: Site) -> None:
    """In the very session that was reading: the next page is the one that says that this is not shared any more."""
    anna = await citizen(site)
    await open_app(anna, "beroep", {})
    (grant,) = await site.house.grants.list(anna.account.id, active_only=True)
    await anna.post("/regie/delen/stop", {"delen": grant.id})
    stopped = await anna.get("/apps/beroep/")
    assert stopped.status_code == 403
    assert "Je deelt dit niet meer met Matchberoeper." in stopped.text
    assert "Veilig rijden" not in stopped.text
    assert "Wat Matchberoeper van je vraagt" in await anna.page("/apps/beroep/")  # the session is gone: it asks anew
    last = (await site.house.ledger.entries(anna.account.id))[0].entry
    assert (last.outcome, last.path) == ("refused", "cv/competences")
