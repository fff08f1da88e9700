"""Delen: who can see what now, in one list, and stopping with one press.

The list is the whole truth: what the citizen gave (grants, links, tools) and what access rules in the pod give to
anyone but the owner, those that another Solid app wrote included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard import rules
from werkpod.consent.dashboard.doors import Door, door, receiver, what
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import DashboardParts, form_of, lang_of, page, see_other
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.dashboard.rules import Opening
from werkpod.consent.grants import GrantNotFound, GrantRecord
from werkpod.consent.links import ShareLink
from werkpod.pod.access.model import AccessEntry, Mode, Requester
from werkpod.vocab.sections import SECTIONS

SHARING = "/regie/delen"
_LOOK_BACK = 2000
"""Lines of the log that are looked through for when something was last read."""


@dataclass(frozen=True, slots=True)
class Shared:
    """One line of the list. `host`: of the app; `last_read` Unix seconds; `link`: the link, where it is one."""

    grant: GrantRecord
    host: str
    sections: tuple[str, ...]
    last_read: float | None = None
    link: ShareLink | None = None


def describe(
    grant: GrantRecord, lang: str, links: Mapping[str, ShareLink], read: Mapping[str, float] | None = None
) -> Shared:
    """A grant as the list shows it."""
    return Shared(
        grant,
        urlsplit(grant.client).netloc if grant.client and grant.receiver_kind == "app" else "",
        tuple(SECTIONS[key].label(lang) for key in SECTIONS if key in grant.sections),
        (read or {}).get(grant.id),
        links.get(grant.link or ""),
    )


async def current(parts: DashboardParts, account: Account, lang: str = "nl") -> Sequence[Shared]:
    """What is shared now: active grants, and of links only those that still open. Newest first."""
    links = {link.id: link for link in await parts.links.list(account.id)}
    grants = await parts.grants.list(account.id, active_only=True)
    read = last_reads([line.entry for line in await parts.ledger.entries(account.id, _LOOK_BACK)])
    rows = [describe(grant, lang, links, read) for grant in grants]
    now = parts.clock()
    return [row for row in rows if row.grant.link is None or (row.link is not None and row.link.open(now))]


async def doors(parts: DashboardParts, account: Account, lang: str, say: Say) -> Sequence[Door]:
    """Whom access rules in the pod let in, by path; the rules that every pod has come last."""
    found = await rules.openings(await OwnPod.of(parts, account))
    if all(opening.always for opening in found):
        return [door(opening, {}, (), account.webid, lang, say) for opening in found]
    names = {grant.agent: grant.receiver_name for grant in await parts.grants.list(account.id) if grant.agent}
    entries = [line.entry for line in await parts.ledger.entries(account.id, _LOOK_BACK)]
    return [door(opening, names, entries, account.webid, lang, say) for opening in found]


def last_reads(entries: Sequence[AccessEntry]) -> dict[str, float]:
    """When each grant was last used to read; `entries` newest first."""
    found: dict[str, float] = {}
    for entry in entries:
        if entry.grant and entry.outcome == "allowed" and entry.action == "read":
            found.setdefault(entry.grant, entry.at)
    return found


@dataclass(frozen=True, slots=True)
class Closed:
    """An access rule that is gone. `who` and `what` in words; `usual`: what every pod has stayed; `left`: they get in
    by another rule, or by a grant that is not to one app alone."""

    who: str
    what: str
    usual: bool
    left: bool


class Sharing:
    """The pages at `/regie/delen`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The list, and stopping: what was given, and an access rule."""
        return [
            page(SHARING, self.show),
            page(f"{SHARING}/stop", self.stop, methods=["POST"]),
            page(f"{SHARING}/regel/stop", self.stop_rule, methods=["POST"]),
        ]

    async def show(self, request: Request, account: Account) -> Response:
        """Who can see what now; what was just stopped or begun is said above the list."""
        lang, say = lang_of(request), self._parts.say(request)
        rows = await current(self._parts, account, lang)
        found = await doors(self._parts, account, lang, say)
        active = {row.grant.id for row in rows}
        links = {link.id: link for link in await self._parts.links.list(account.id)}
        ended = [
            describe(grant, lang, links)
            for grant in await self._parts.grants.list(account.id)
            if grant.id not in active
        ]
        stopped = await self._named(account, request.query_params.get("gestopt"))
        begun = await self._named(account, request.query_params.get("gedeeld"))
        return self._parts.pages.render(
            request, "dashboard/sharing.html", rows=rows, ended=ended[:50],
            doors=[found_door for found_door in found if not found_door.opening.always],
            always={found_door.opening.path for found_door in found if found_door.opening.always},
            closed=await self._closed(request, account, [found_door.opening for found_door in found]),
            stopped=stopped if stopped and stopped.revoked_at else None,
            begun=begun if begun and begun.id in active else None,
        )  # fmt: skip

    async def stop(self, request: Request, account: Account) -> Response:
        """One press: over. The next request of whoever it was is refused."""
        form = await form_of(self._parts, request)
        form.only("delen")
        ended = await self._parts.sharing.stop(account, form.text("delen"))
        return see_other(f"{SHARING}?gestopt={ended.id}")

    async def stop_rule(self, request: Request, account: Account) -> Response:
        """One press: whoever it was is out of that access rule. The next request is refused."""
        form = await form_of(self._parts, request)
        form.only("waar", "wie")
        path, who = form.text("waar", 4096), form.text("wie", 2048)
        await rules.close(await OwnPod.of(self._parts, account), path, who)
        return see_other(f"{SHARING}?{urlencode({'regel': path, 'wie': who})}")

    async def _closed(self, request: Request, account: Account, now: Sequence[Opening]) -> Closed | None:
        """What the address says was stopped, told from the rules as they are: never that a rule is gone that is not."""
        path, who = request.query_params.get("regel"), request.query_params.get("wie")
        if path is None or not who or any((o.path, o.who) == (path, who) and not o.always for o in now):
            return None
        own = await OwnPod.of(self._parts, account)
        document = next((d for d in await own.service.acl_documents(own.owner, own.pod) if d.subject == path), None)
        if document is None:
            return None
        asker = Requester(agent={rules.EVERYONE: None, rules.SIGNED_IN: "urn:somebody"}.get(who, who))
        left = await self._parts.service.access(asker, own.pod, path)
        usual, say = (path, who) in rules.ALWAYS, self._parts.say(request)
        gone = Opening(path, who, Mode.READ, "both", document.modified)
        title, _ = receiver(who, {who: who}, say)
        return Closed(title, what(gone, lang_of(request), say), usual, left.modes != Mode.NONE and not usual)

    async def _named(self, account: Account, grant_id: str | None) -> GrantRecord | None:
        if not grant_id:
            return None
        try:
            return await self._parts.grants.get(account.id, grant_id[:40])
        except GrantNotFound:
            return None
