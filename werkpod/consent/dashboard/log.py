"""Wie heeft gekeken: the access log as the citizen reads it, by day, reads and refusals. Never values."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.parts import DashboardParts, lang_of, page
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.dashboard.sharing import SHARING
from werkpod.consent.grants import GrantRecord
from werkpod.consent.ledger import LogLine
from werkpod.pod.access.model import AccessEntry
from werkpod.pod.profile.places import CARD, PREFERENCES, PRIVATE_INDEX
from werkpod.vocab.sections import section_of

PAGE = 100
"""Lines on a page."""
_ZONE = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True, slots=True)
class Look:
    """One line: the time of day, who, what they did with which sections; refused or not."""

    time: str
    who: str
    what: str
    refused: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of one day, newest first."""

    date: dt.date
    looks: tuple[Look, ...]


class Log:
    """The page at `/regie/delen/logboek`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The log, `?voor=` for older lines."""
        return [page(f"{SHARING}/logboek", self.show)]

    async def show(self, request: Request, account: Account) -> Response:
        """A page of the log."""
        before = request.query_params.get("voor", "")
        number = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
        lines = await self._parts.ledger.entries(account.id, PAGE, number)
        grants = {grant.id: grant for grant in await self._parts.grants.list(account.id)}
        older = lines[-1].seq if len(lines) == PAGE and lines[-1].seq > 1 else None
        days = by_day(lines, grants, account.webid, lang_of(request), self._parts.say(request))
        return self._parts.pages.render(request, "dashboard/log.html", days=days, older=older, later=number is not None)


def by_day(
    lines: Sequence[LogLine], grants: Mapping[str, GrantRecord], owner: str, lang: str, say: Say
) -> tuple[Day, ...]:
    """The lines by day; what somebody did in one minute is one line, with the sections and how often each.

    `owner`: the WebID of whose pod it is.
    """

    def when(line: LogLine) -> dt.datetime:
        return dt.datetime.fromtimestamp(line.entry.at, _ZONE)

    days = []
    for date, group in groupby(lines, key=lambda line: when(line).date()):
        seen: dict[tuple[str, str, str], Counter[str]] = {}
        for line in group:
            key = (f"{when(line):%H:%M}", _who(line, grants, owner, say), _deed(line.entry))
            seen.setdefault(key, Counter())[_section(line.entry, lang, say)] += 1
        days.append(Day(date, tuple(_look(*key, sections, say) for key, sections in seen.items())))
    return tuple(days)


def _deed(entry: AccessEntry) -> str:
    if entry.outcome == "refused":
        return "refused"
    return entry.action if entry.action in ("read", "delete", "notify", "subscribe") else "write"


def _section(entry: AccessEntry, lang: str, say: Say) -> str:
    _ = say
    section = section_of(entry.path)
    if section is not None:
        return section.label(lang)
    if entry.path == CARD:
        return _("je openbare profiel")
    return _("waar je cv staat") if entry.path in (PREFERENCES, PRIVATE_INDEX) else _("iets anders in je pod")


def _look(time: str, who: str, deed: str, sections: Counter[str], say: Say) -> Look:
    _ = say
    what = ", ".join(
        f"{label} ({_('%(times)s keer', times=times)})" if times > 1 else label for label, times in sections.items()
    )
    sentences = {
        "refused": _("wilde dit zien of veranderen: %(what)s", what=what),
        "read": _("heeft dit gezien: %(what)s", what=what),
        "delete": _("heeft dit weggehaald: %(what)s", what=what),
        "subscribe": _("wil bericht krijgen als dit verandert: %(what)s", what=what),
        "notify": _("kreeg bericht dat dit veranderd is: %(what)s", what=what),
        "write": _("heeft dit aangevuld of veranderd: %(what)s", what=what),
    }
    return Look(time, who, sentences[deed], deed == "refused")


def _who(line: LogLine, grants: Mapping[str, GrantRecord], owner: str, say: Say) -> str:
    """The name under which it was shared, else a name that is known, else the app's host or the WebID.

    Of somebody else the WebID: which app they use is said by who signs them in, and that may be themselves.
    """
    _ = say
    entry = line.entry
    grant = grants.get(entry.grant or "")
    if grant is not None and grant.receiver_kind == "link":
        return _("Iemand met je link voor %(name)s", name=grant.receiver_name) if grant.receiver_name else _(
            "Iemand met je link"
        )  # fmt: skip
    if grant is not None:
        return grant.receiver_name
    for known in grants.values():
        if known.agent == entry.agent and (known.receiver_kind == "coach" or known.client == entry.client):
            return known.receiver_name
    host = urlsplit(entry.client or "").netloc if entry.agent in (None, owner) else ""
    return host or entry.agent or entry.client or _("Iemand zonder naam")
