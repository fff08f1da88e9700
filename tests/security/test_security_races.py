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
