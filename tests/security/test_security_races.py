"""Two things at once: a yes pressed twice, a stop while somebody reads or writes. Whoever is told "stopped" is safe.

Others stand where their parts are: a code redeemed twenty times and a refresh token used twice at once in
`test_security_authorization_tokens.py` (checks 26 and 40), the last view of a link in `test_security_links.py`, a
mandate that ends while its representative is at work in `test_security_mandates.py`.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from support.asking import digest_on, tool_of
from support.oauth import App
from support.site import Site, Visitor

from werkpod.vocab.cv import Summary


async def citizen(site: Site) -> Visitor:
    """Anna, with something about herself."""
    anna = await site.person("Anna de Vries")
    await anna.write("summary", Summary(text="Rustig en precies."))
    return anna


def form_of(page: str, **fields: Any) -> dict[str, Any]:
    """A yes to the request of a consent page."""
    return {"verzoek": parse_qs(urlsplit(page).query)["verzoek"][0], "antwoord": "ja", **fields}


def went_through(answers: list[httpx2.Response]) -> int:
    """How many answers lead back to the app with a code."""
    return sum("code=" in answer.headers.get("location", "") for answer in answers)


async def let_in(visitor: Visitor, app: App, **fields: Any) -> None:
    """Say yes to an app that asks nothing in particular."""
    page = await visitor.asked(app, authorization_details=None)
    answer = await visitor.post("/oauth/toestemming", form_of(page, **fields))
    assert went_through([answer]) == 1, answer.text


async def test_a_yes_pressed_twice_is_one_yes(site: Site) -> None:
    """Checklist 10: a pushed request that is answered eight times at once gives one code and one grant."""
    anna, app = await citizen(site), site.app()
    uri = await app.pushed(authorization_details=None)
    asked = await anna.get(f"/oauth/authorize?client_id={app.id}&request_uri={uri}")
    form = form_of(asked.headers["location"], onderdeel="summary", mag="lezen", dagen="30")
    answers = await asyncio.gather(*(anna.post("/oauth/toestemming", form) for _ in range(8)))
    assert went_through(list(answers)) == 1
    assert len(await site.house.grants.list(anna.account.id, active_only=True)) == 1


async def test_less_pressed_twice_is_less(site: Site) -> None:
    """Checklist 26, 133: of several at once that give an app less than it had, those that come too late take nothing of
    it back."""
    anna, app = await citizen(site), site.app()
    await let_in(anna, app, onderdeel=["summary", "contact"], mag="lezen", dagen="30")
    page = await anna.asked(app, authorization_details=None, prompt="consent")
    form = form_of(page, onderdeel="summary", mag="lezen", dagen="30")
    answers = await asyncio.gather(*(anna.post("/oauth/toestemming", form) for _ in range(8)))
    assert went_through(list(answers)) == 1
    (grant,) = await site.house.grants.list(anna.account.id, active_only=True)
    assert grant.sections == ("summary",)


async def test_a_request_approved_many_times_at_once_gives_once(site: Site) -> None:
    """Checklist 100: eight presses on the yes to one request for access, and a no among them: one answer counts."""
    noor, karin = await site.person("Noor"), await site.person("Karin", "coach")
    ask = await (await tool_of(site, karin)).asked("noor")
    page = f"/regie/vragen/{ask}"
    seen = digest_on(await noor.page(page))
    answers = await asyncio.gather(
        *(noor.post(page, {"gezien": seen, "antwoord": "ja"}) for _ in range(8)),
        noor.post(page, {"gezien": seen, "antwoord": "nee"}),
    )
    assert sorted(answer.status_code for answer in answers) == [303] + 8 * [404]
    given = await site.house.grants.list(noor.account.id)
    assert len(given) == (1 if answers[-1].status_code == 404 else 0)
    for other in answers:
        assert other.status_code == 404 or other.headers["location"].startswith("/regie/vragen?gedaan=")


async def test_stop_all_against_what_is_given_at_that_moment(site: Site) -> None:
    """Checklist 85, 133: what was there before "stop alles" has ended when it answers, whole; what is given meanwhile
    is there whole or not at all, and pressing once more ends it."""
    anna, karin = await citizen(site), await site.person("Karin", "coach")
    for slug in ("een", "twee", "drie"):
        await let_in(anna, site.app(slug), onderdeel="summary", mag="lezen", dagen="30")
    before = {grant.id for grant in await site.house.grants.list(anna.account.id, active_only=True)}
    assert len(before) == 3
    share = {"coach": karin.account.webid, "onderdeel": "summary", "dagen": "30"}
    shared, stopped, late = await asyncio.gather(
        anna.post("/regie/delen/coach", share), anna.post("/regie/delen/stop-alles"),
        anna.post("/regie/delen/coach", share),
    )  # fmt: skip
    assert (shared.status_code, stopped.status_code, late.status_code) == (303, 200, 303)
    left = await site.house.grants.list(anna.account.id, active_only=True)
    assert not before & {grant.id for grant in left}
    assert all(grant.agent == karin.account.webid for grant in left)
    await anna.post("/regie/delen/stop-alles")
    assert await site.house.grants.list(anna.account.id, active_only=True) == []
