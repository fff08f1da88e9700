"""Lines of the log in words: who, what, when; what was shared then; what the citizen did. Never values."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard import wording
from werkpod.consent.dashboard.parts import DashboardParts
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.grants import GrantNotFound, GrantRecord
from werkpod.consent.ledger import LogLine
from werkpod.consent.ledger.folding import COUNTED
from werkpod.consent.ledger.index import Facts
from werkpod.consent.ledger.totals import Sum
from werkpod.pod.access.model import AccessEntry
from werkpod.pod.profile.places import CARD, PREFERENCES, PRIVATE_INDEX
from werkpod.vocab.sections import INBOX, section_of

ZONE = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True, slots=True)
class Then:
    """What was shared at that moment: `what` in words, what was left out of it, what for, and since when."""

    what: str
    left_out: tuple[str, ...]
    some_entries: bool
    purpose: str
    since: float
    until: float | None
    grant: str


@dataclass(frozen=True, slots=True)
class Look:
    """One line of the page: the time of day, who, what they did with which sections.

    `who` is "" for what the citizen did. `refused`: it was not let in; `counted`: it stands for several and more are
    counted with it; `first`: the first time that they looked; `then`: what was shared.
    """

    time: str
    who: str
    what: str
    refused: bool = False
    counted: bool = False
    first: bool = False
    then: Then | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """The lines of one day, newest first."""

    date: dt.date
    looks: tuple[Look, ...]


@dataclass(slots=True)
class _Group:
    """What somebody did in one minute."""

    line: LogLine
    sections: Counter[str] = field(default_factory=Counter)
    times: int = 0
    first: bool = False


class Teller:
    """Puts lines of one citizen's log in words; what it looks up it remembers, for one page."""

    def __init__(self, parts: DashboardParts, account: Account, lang: str, say: Say) -> None:
        self._parts, self._account, self._lang, self._say = parts, account, lang, say
        self._grants: dict[str, GrantRecord | None] = {}
        self._versions: dict[str, Mapping[int, GrantRecord]] = {}
        self._people: dict[str, str] = {}
        self._all: Sequence[GrantRecord] | None = None

    async def days(self, lines: Sequence[LogLine], firsts: Collection[int] = ()) -> tuple[Day, ...]:
        """The lines by day; what somebody did in one minute is one line. `firsts`: the numbers of first looks."""
        days = []
        for date, of_day in groupby(lines, key=lambda line: when(line.entry.at).date()):
            groups: dict[tuple[object, ...], _Group] = {}
            for line in of_day:
                entry = line.entry
                key = (f"{when(entry.at):%H:%M}", await self.name(entry), _deed(entry), entry.grant, entry.version,
                       line.seq if ":" in entry.action else 0)  # fmt: skip
                group = groups.setdefault(key, _Group(line))
                group.sections[self.place(entry.path)] += entry.times
                group.times += entry.times
                group.first = group.first or line.seq in firsts
            days.append(Day(date, tuple([await self._look(group) for group in groups.values()])))
        return tuple(days)

    async def name(self, entry: AccessEntry | Facts | Sum) -> str:
        """Who it was: the name under which it was shared, else one that is known, else the app's host or the WebID.

        Of somebody else the WebID: which app they use is said by who signs them in, and that may be themselves.
        """
        _ = self._say
        grant = await self._grant(entry.grant)
        if grant is not None and grant.receiver_kind == "link":
            return _("Iemand met je link voor %(name)s", name=grant.receiver_name) if grant.receiver_name else _(
                "Iemand met je link"
            )  # fmt: skip
        if grant is not None:
            return wording.called(grant, _)
        if entry.agent is None and entry.client is None:
            return _("Verschillende anderen") if entry.outcome == "refused" else _("Iemand zonder naam")
        for known in await self._known():
            if known.agent == entry.agent and (known.receiver_kind == "coach" or known.client == entry.client):
                return wording.called(known, _)
        mine = entry.agent in (None, self._account.webid)
        host = urlsplit(entry.client or "").netloc if mine else ""
        return host or (await self.person(entry.agent) if entry.agent and not mine else "") or entry.client or (
            entry.agent or _("Iemand zonder naam")
        )  # fmt: skip

    async def person(self, webid: str) -> str:
        """The name of somebody of this server, else the WebID."""
        if webid not in self._people:
            account = await self._parts.accounts.by_webid(webid)
            self._people[webid] = account.name if account is not None else webid
        return self._people[webid]

    async def _doer(self, by: str) -> str:
        """Who acted for the citizen: an app or a tool by the name of its grant, a representative by theirs."""
        named = (wording.called(known, self._say) for known in await self._known() if known.client == by)
        return next(named, "") or await self.person(by)

    def place(self, path: str) -> str:
        """What is at a path, in words."""
        _ = self._say
        section = section_of(path)
        if section is not None:
            return section.label(self._lang)
        if path == CARD:
            return _("je openbare profiel")
        return _("waar je cv staat") if path in (PREFERENCES, PRIVATE_INDEX) else _("iets anders in je pod")

    async def then(self, grant_id: str | None, version: int) -> Then | None:
        """What a version of a grant gave; None where it is not known."""
        if not grant_id or not version:
            return None
        record = await self._version(grant_id, version)
        if record is None:
            return None
        return Then(
            wording.what(record, self._lang, self._say), wording.fields(record, self._lang),
            bool(record.hidden_entries or record.only_entries or record.hidden_predicates), record.purpose_text,
            record.created, record.until, record.id,
        )  # fmt: skip

    async def _look(self, group: _Group) -> Look:
        entry = group.line.entry
        time = f"{when(entry.at):%H:%M}"
        if ":" in entry.action:
            then = await self.then(entry.grant, entry.version)
            return Look(time, "", await self._act(entry, then), then=then)
        _ = self._say
        what = ", ".join(
            f"{label} ({_('%(times)s keer', times=times)})" if times > 1 else label
            for label, times in group.sections.items()
        )
        counted = entry.reason.startswith(COUNTED)
        if counted and not entry.path:
            what = _("van alles (%(times)s keer)", times=group.times)
        refused = entry.outcome == "refused"
        return Look(
            time, await self.name(entry), _sentence(_deed(entry), what, _), refused, counted,
            group.first and not refused, None if refused else await self.then(entry.grant, entry.version),
        )  # fmt: skip

    async def _act(self, entry: AccessEntry, then: Then | None) -> str:
        """What was done, in a sentence; in whose hands, where somebody acted for the citizen."""
        _ = self._say
        grant = await self._grant(entry.grant)
        who = wording.called(grant, _) if grant is not None else await self.name(entry)
        what = then.what if then is not None else ""
        if entry.action == "grant:stopped" and entry.by and entry.by == entry.client:
            return _("%(who)s is zelf gestopt.", who=who)
        by = await self._doer(entry.by) if entry.by and entry.by != self._account.webid else ""
        done = _by_other(entry.action, by, who, what, _) if by else _done(entry.action, who, what, _)
        return done or _("Er veranderde iets in wat je deelt.")

    async def _grant(self, grant_id: str | None) -> GrantRecord | None:
        if not grant_id:
            return None
        if grant_id not in self._grants:
            try:
                self._grants[grant_id] = await self._parts.grants.get(self._account.id, grant_id)
            except GrantNotFound:
                self._grants[grant_id] = None
        return self._grants[grant_id]

    async def _version(self, grant_id: str, version: int) -> GrantRecord | None:
        if grant_id not in self._versions:
            versions = await self._parts.grants.history(self._account.id, grant_id)
            self._versions[grant_id] = {record.version: record for record in versions}
        return self._versions[grant_id].get(version)

    async def _known(self) -> Sequence[GrantRecord]:
        if self._all is None:
            self._all = await self._parts.grants.list(self._account.id)
        return self._all


def when(at: float) -> dt.datetime:
    """A moment as clocks here have it."""
    return dt.datetime.fromtimestamp(at, ZONE)


def _deed(entry: AccessEntry) -> str:
    if entry.outcome == "refused":
        return "refused"
    if entry.action == "append" and entry.path.startswith(INBOX.path):
        return "message"
    return entry.action if entry.action in ("read", "delete", "notify", "subscribe") else "write"


def _sentence(deed: str, what: str, say: Say) -> str:
    _ = say
    return {
        "refused": _("wilde dit zien of veranderen: %(what)s", what=what),
        "read": _("heeft dit gezien: %(what)s", what=what),
        "delete": _("heeft dit weggehaald: %(what)s", what=what),
        "subscribe": _("wil bericht krijgen als dit verandert: %(what)s", what=what),
        "notify": _("kreeg bericht dat dit veranderd is: %(what)s", what=what),
        "message": _("stuurde je een bericht"),
        "write": _("heeft dit aangevuld of veranderd: %(what)s", what=what),
    }[deed]


def _done(action: str, who: str, what: str, say: Say) -> str:
    """What the citizen did, or what happened by itself; "" where it is not known."""
    _ = say
    return {
        "grant:given": _("Je begon te delen met %(who)s: %(what)s.", who=who, what=what),
        "grant:changed": _("Je veranderde wat je deelt met %(who)s. Nu: %(what)s.", who=who, what=what),
        "grant:renewed": _("Je deelt opnieuw of langer met %(who)s: %(what)s.", who=who, what=what),
        "grant:stopped": _("Je stopte met delen met %(who)s.", who=who),
        "grant:expired": _("De tijd was om. %(who)s kan dit niet meer zien: %(what)s.", who=who, what=what),
        "removal:asked": _("Je vroeg %(who)s om je gegevens weg te halen.", who=who),
        "link:opened": _("Iemand opende je link: %(who)s.", who=who),
        "request:received": _("%(who)s vroeg of je iets wilt delen.", who=who),
        "request:approved": _("Je zei ja op de vraag van %(who)s.", who=who),
        "request:refused": _("Je zei nee op de vraag van %(who)s.", who=who),
        "request:questioned": _("Je vroeg %(who)s waarom.", who=who),
        "request:blocked": _("Je wilt geen vragen meer van %(who)s.", who=who),
        "request:reported": _("Je meldde %(who)s bij de organisatie van deze website.", who=who),
        "request:unblocked": _("%(who)s mag je weer iets vragen.", who=who),
        "mandate:given": _("Je vroeg %(who)s om dingen voor je te regelen.", who=who),
        "mandate:accepted": _("%(who)s wil dingen voor je regelen.", who=who),
        "mandate:declined": _("%(who)s wil geen dingen voor je regelen.", who=who),
        "mandate:stopped": _("%(who)s regelt niets meer voor je.", who=who),
        "mandate:used": _("%(who)s ging dingen voor je regelen.", who=who),
    }.get(action, "")


def _by_other(action: str, by: str, who: str, what: str, say: Say) -> str:
    """What somebody did in the citizen's name."""
    _ = say
    return {
        "grant:given": _("Namens jou begon %(by)s te delen met %(who)s: %(what)s.", by=by, who=who, what=what),
        "grant:changed": _(
            "Namens jou veranderde %(by)s wat je deelt met %(who)s. Nu: %(what)s.", by=by, who=who, what=what
        ),
        "grant:renewed": _(
            "Namens jou deelt %(by)s opnieuw of langer met %(who)s: %(what)s.", by=by, who=who, what=what
        ),
        "grant:stopped": _("Namens jou stopte %(by)s met delen met %(who)s.", by=by, who=who),
        "request:approved": _("Namens jou zei %(by)s ja op de vraag van %(who)s.", by=by, who=who),
        "request:refused": _("Namens jou zei %(by)s nee op de vraag van %(who)s.", by=by, who=who),
        "mandate:used": _("%(by)s ging dingen voor je regelen.", by=by),
        "mandate:stopped": _("%(by)s regelt niets meer voor je.", by=by),
    }.get(action) or _("Namens jou deed %(by)s iets met wat je deelt.", by=by)
