"""The citizen's pages against who would get round them: ended grants, stops, forged forms (checklist 84-87, 133, 139).

The apps here have real tokens, by the consent page, and ask at the pod.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from support.helping import helping
from support.oauth import BASE, App
from support.site import Site, Visitor

from werkpod.consent.grants import GrantRecord
from werkpod.pod.access.model import AccessEntry
from werkpod.vocab.cv import Summary

DAY = 86400.0


async def citizen(site: Site) -> Visitor:
    """Anna, with something about herself."""
    anna = await site.person("Anna")
    await anna.write("summary", Summary(text="Rustig en precies."))
    return anna


async def let_in(visitor: Visitor, app: App) -> dict[str, Any]:
    """Say yes to an app; its tokens."""
    page = await visitor.asked(app, scope="webid offline_access")
    request_id = parse_qs(urlsplit(page).query)["verzoek"][0]
    answer = await visitor.post("/oauth/toestemming", {"verzoek": request_id, "antwoord": "ja"})
    code = dict(parse_qsl(urlsplit(answer.headers["location"]).query))["code"]
    tokens: dict[str, Any] = (await app.redeem(code)).json()
    return tokens


async def reads(site: Site, app: App, visitor: Visitor, token: str, section: str = "competences") -> int:
    """The status that the app gets at the pod."""
    url = f"{visitor.account.storage}cv/{section}"
    headers = {**app.device.headers("GET", url, token), "Accept": "text/turtle"}
    return (await site.http.get(url, headers=headers)).status_code


async def only(site: Site, visitor: Visitor) -> GrantRecord:
    """The one grant in force."""
    (grant,) = await site.house.grants.list(visitor.account.id, active_only=True)
    return grant


async def test_a_grant_that_ended_a_second_ago_opens_nothing(site: Site) -> None:
    """Checklist 84: the token is still good; the time of the grant was over a second before the request."""
    anna, app = await citizen(site), site.app()
    tokens = await let_in(anna, app)
    assert await reads(site, app, anna, tokens["access_token"]) == 200
    grant, now = await only(site, anna), site.clock()
    await site.house.grants.change(replace(grant, not_before=now - 10, created=now - 10, until=now - 1))
    assert await reads(site, app, anna, tokens["access_token"]) == 403
    assert (await app.refresh(tokens["refresh_token"])).status_code == 400


async def test_after_a_stop_neither_token_is_worth_anything(site: Site) -> None:
    """Checklist 85: one press, and the next request with the access token and the next refresh are refused."""
    anna, app = await citizen(site), site.app()
    tokens = await let_in(anna, app)
    assert await reads(site, app, anna, tokens["access_token"]) == 200
    grant = await only(site, anna)
    assert (await anna.post("/regie/delen/stop", {"delen": grant.id})).status_code == 303
    assert await reads(site, app, anna, tokens["access_token"]) == 403
    assert (await app.refresh(tokens["refresh_token"])).status_code == 400


async def test_what_no_token_was_made_for_is_listed_and_stopped(site: Site) -> None:
    """Checklist 86, 139: an app that never came back for its token stands in the list, and one press ends it."""
    anna, now = await citizen(site), site.clock()
    record = GrantRecord(
        id="", pod=anna.account.id, agent=anna.account.webid, client="https://nooit.example/id", created=now,
        receiver_name="Nooit Gekomen", receiver_kind="app", sections=("summary",), not_before=now, until=now + DAY,
    )  # fmt: skip
    grant = await site.house.grants.create(record)
    assert "Nooit Gekomen" in await anna.page("/regie/delen")
    assert (await anna.post("/regie/delen/stop", {"delen": grant.id})).status_code == 303
    assert await site.house.grants.list(anna.account.id, active_only=True) == []


async def test_what_somebody_gave_for_the_citizen_is_listed_and_stopped(site: Site) -> None:
    """Checklist 139: a grant by a delegate is in the list, its page names who gave it, and the citizen ends it."""
    two, omar = await helping(site), await site.person("Omar Haddad", "coach")
    await two.agree()
    await two.begin()
    form: dict[str, str | list[str]] = {"coach": omar.account.webid, "onderdeel": ["summary"], "dagen": "30"}
    assert (await two.karin.post("/regie/delen/coach", two.named(form))).status_code == 303
    grant = await only(site, two.sanne)
    assert "Omar Haddad" in await two.sanne.page("/regie/delen")
    assert "Karin Blom, die voor je regelt" in await two.sanne.page(f"/regie/delen/{grant.id}")
    assert (await two.sanne.post("/regie/delen/stop", {"delen": grant.id})).status_code == 303
    assert await site.house.grants.list(two.sanne.account.id, active_only=True) == []


async def test_stopping_one_leaves_the_other_of_the_same_app(site: Site) -> None:
    """Checklist 87: two grants to one app; the stop of one takes away what it gave and nothing else."""
    anna, app = await citizen(site), site.app()
    tokens = await let_in(anna, app)
    first, now = await only(site, anna), site.clock()
    second = await site.house.grants.create(
        replace(first, id="", sections=("wishes",), created=now, not_before=now, actions=("read",))
    )
    assert await reads(site, app, anna, tokens["access_token"], "wishes") == 200
    await anna.post("/regie/delen/stop", {"delen": second.id})
    assert await reads(site, app, anna, tokens["access_token"], "wishes") == 403
    assert await reads(site, app, anna, tokens["access_token"]) == 200
    assert (await app.refresh(tokens["refresh_token"])).status_code == 200


async def test_narrowing_takes_hold_of_tokens_that_are_out(site: Site) -> None:
    """Checklist 133: modify as well as revoke: the token that was made for more gives what is left, at once."""
    anna, app = await citizen(site), site.app()
    tokens = await let_in(anna, app)
    grant = await only(site, anna)
    left = grant.sections[0]
    gone = next(section for section in grant.sections if section != left)
    yes = {"onderdeel": left, "dagen": "zelfde", "mag": "kijken", "versie": "1", "zeker": "ja"}
    assert (await anna.post(f"/regie/delen/{grant.id}/veranderen", dict(yes))).status_code == 303
    assert await reads(site, app, anna, tokens["access_token"], left) == 200
    assert await reads(site, app, anna, tokens["access_token"], gone) == 403


async def test_every_form_of_the_pages_wants_our_own_origin(site: Site) -> None:
    """Checklist 133: stop, all, of one receiver, a rule, change, again, hints: another site changes nothing."""
    anna = await citizen(site)
    app = site.app()
    await let_in(anna, app)
    grant = await only(site, anna)
    forms: list[tuple[str, dict[str, str | list[str]]]] = [
        ("/regie/delen/stop", {"delen": grant.id}),
        ("/regie/delen/stop-alles", {}),
        ("/regie/delen/stop-van", {"wie": "x"}),
        ("/regie/delen/regel/stop", {"waar": "cv/", "wie": "iedereen"}),
        (f"/regie/delen/{grant.id}/veranderen", {"onderdeel": "summary", "zeker": "ja", "versie": "1"}),
        (f"/regie/delen/{grant.id}/opnieuw", {"dagen": "90"}),
        ("/regie/delen/minder/weg", {"delen": grant.id, "wat": "endless"}),
    ]
    for path, fields in forms:
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "", "Referer": ""}):
            assert (await anna.post(path, fields, **headers)).status_code == 403, (path, headers)
        stranger = site.visitor()
        answer = await stranger.post(path, fields)
        assert (answer.status_code, answer.headers["location"].startswith("/inloggen")) == (303, True), path
    assert await only(site, anna) == grant
    assert (await anna.get(f"{BASE}/regie/delen/stop?delen={grant.id}")).status_code in (404, 405)


async def test_one_press_stops_without_a_question(site: Site) -> None:
    """Checklist 133: stopping one thing takes one form with one field: no question, no passphrase, no reason."""
    anna = await citizen(site)
    await let_in(anna, site.app())
    grant = await only(site, anna)
    page = await anna.page("/regie/delen")
    form = page[page.index('action="/regie/delen/stop"') :].partition("</form>")[0]
    assert form.count("<input") == 1
    assert f'value="{grant.id}"' in form
    assert (await anna.post("/regie/delen/stop", {"delen": grant.id})).status_code == 303
    assert await site.house.grants.list(anna.account.id, active_only=True) == []


async def test_a_table_holds_no_formula_where_semicolons_part_cells(site: Site) -> None:
    """An app that is refused chooses the path of its line; a Dutch spreadsheet takes a semicolon in it for a new cell,
    whatever quotes are around it."""
    anna = await site.person("Anna")
    for path in ('x;=HYPERLINK("https://evil.test","klik")', 'x"; @SUM(1)', "x;-1+1", "x\t=1", 'x;""=1'):
        line = AccessEntry(at=site.clock(), action="read", path=path, outcome="refused", agent="https://evil.test/#me")
        site.house.ledger.record(anna.account.id, line)
    text = (await anna.get("/regie/delen/logboek/bewaren/csv")).content.decode("utf-8-sig")
    assert text.count('"read","refused"') == 5
    assert [row for row in text.splitlines() if re.search(r"[;\t][\s\"]*[=+@-]", row)] == []
