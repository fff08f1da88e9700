"""Which pages there are, ways to come to one, and people who have let an app in."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

from starlette.routing import Route

from support.settled import send
from support.walking import DEMO_PASSPHRASE, Walker
from werkpod.compose import opened
from werkpod.config import Settings
from werkpod.site import build_site
from werkpod.vocab.taxonomy import starter

Way: TypeAlias = Callable[[Any], Walker]
"""How people come to a page: the one who is there, of a town whose people are attributes."""

_MACHINES = re.compile(
    r"^/(api|\.well-known|vocab|static|health|robots\.txt|favicon\.ico)\b|^/oauth/(jwks|authorize|userinfo|grants)\b"
    r"|/client\.jsonld$|/terug$|/bewijs\.\w+$|\.txt$|/bewaren/\{form\}$|/kunnen/zoek$|^/inloggen/met/\{name\}$"
)
"""Addresses for software, and those that save a file, answer with a piece of a page, or lead on; a page of each
of the last stands elsewhere."""
_ALIKE = re.compile(r"^/apps/cv/\w+/(wijzig|weg|kunnen)$")
"""Parts of the CV are changed and taken away on one and the same page."""


def page_routes(folder: Path) -> list[Route]:
    """Every address of the site at which a person gets a page; `folder`: an empty one."""

    async def build() -> list[Route]:
        async with opened(Settings(data=folder)) as house:
            routes = build_site(house, starter()).routes  # type: ignore[attr-defined]
        return [route for route in routes if isinstance(route, Route) and "GET" in (route.methods or ())]

    with ThreadPoolExecutor(1) as thread:  # playwright has an event loop of its own in this one
        return [route for route in thread.submit(asyncio.run, build()).result(60) if not _MACHINES.search(route.path)]


def not_walked(routes: Collection[Route], walked: Collection[str]) -> list[str]:
    """The routes at which nobody was, of the addresses where somebody was."""
    seen = {
        _ALIKE.sub(r"\1", next((route.path for route in routes if route.path_regex.match(path)), "")) for path in walked
    }
    return sorted(route.path for route in routes if _ALIKE.sub(r"\1", route.path) not in seen)


def at(who: str, path: str) -> Way:
    """The way to a page that is an address."""
    return lambda town: getattr(town, who).go(path)


def after(who: str, path: str, *presses: str) -> Way:
    """The way to a page that comes after buttons or links on another."""

    def way(town: Any) -> Walker:
        person: Walker = getattr(town, who).go(path)
        for words in presses:
            either = person.page.get_by_role("button", name=words).or_(person.page.get_by_role("link", name=words))
            either.first.click()
        return person

    return way


def signed_in(person: Walker, name: str) -> Walker:
    """A demo person, with the form of the front door."""
    send(person, "/inloggen", naam=name, wachtzin=DEMO_PASSPHRASE)
    return person


def let_in(person: Walker, home: str) -> Walker:
    """Somebody who has let the app at `home` in, to what it cannot do without."""
    asked = send(person, f"{home}vraag", verder=home)
    request = parse_qs(urlsplit(asked.url).query)["verzoek"][0]
    send(person, "/oauth/toestemming", verzoek=request, antwoord="ja")
    return person
