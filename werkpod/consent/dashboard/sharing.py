"""Delen: who can see what now, in one list, and stopping with one press.

The list is the whole truth: what the citizen gave (grants, links, tools) and what access rules in the pod give to
anyone but the owner, those that another Solid app wrote included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard import rules, wording
from werkpod.consent.dashboard.doors import Door, door, receiver, what
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import DashboardParts, form_of, lang_of, page, see_other
from werkpod.consent.dashboard.picture import Picture, agent_key
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.dashboard.rules import Opening
from werkpod.consent.grants import GrantNotFound, GrantRecord
from werkpod.pod.access.model import Mode, Requester
from werkpod.vocab.sections import SECTIONS

SHARING = "/regie/delen"


async def doors(
    parts: DashboardParts, account: Account, lang: str, say: Say, found: Sequence[Opening] | None = None
) -> Sequence[Door]:
    """Whom access rules in the pod let in, by path; the rules that every pod has come last. `found`: of these."""
    if found is None:
        found = await rules.openings(await OwnPod.of(parts, account))
    if all(opening.always for opening in found):
        return [door(opening, {}, (), account.webid, lang, say) for opening in found]
    names = await _names(parts, account, {opening.who for opening in found})
    reads = await parts.ledger.looking.newest_reads(account.id)
    shown = [door(opening, names, reads, account.webid, lang, say) for opening in found]
    # Who did not come by lately: when they last read anything, whatever it rested on.
    agents = {each.opening.who for each in shown if each.last_read is None and each.who == each.opening.who}
    read = await parts.ledger.agent_reads(account.id, agents) if agents else {}
    return [replace(each, last_read=read[each.who][0]) if each.who in read else each for each in shown]


async def _names(parts: DashboardParts, account: Account, whom: Iterable[str]) -> Mapping[str, str]:
    """What those are called with whom something is or was shared, by WebID."""
    found = {}
    for webid in whom:
        known = await parts.grants.of_receiver(account.id, agent=webid, active_only=False)
        if known:
            found[webid] = known[0].receiver_name
    return found


@dataclass(frozen=True, slots=True)
class Closed:
    """An access rule that is gone. `who` and `what` in words; `usual`: what every pod has stayed; `left`: they get in
    by another rule, or by a grant that is not to one app alone."""

    who: str
    what: str
    usual: bool
    left: bool


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the list is asked for. `receiver`: its key; `section`: a key of SECTIONS; `before`: a grant."""

    receiver: str = ""
    section: str = ""
    before: str | None = None

    @classmethod
    def of(cls, request: Request) -> Filter:
        """The filter that an address names; what is no section, or too long to be anything, asks for nothing."""
        asked = request.query_params
        section, before = asked.get("deel", ""), asked.get("voor", "")[:40]
        return cls(asked.get("van", "")[:64], section if section in SECTIONS else "", before or None)

    def passes(self, opening: Opening) -> bool:
        """Whether an access rule is among what is asked for; they are all on the first page."""
        if self.before is not None or (self.receiver and agent_key(opening.who) != self.receiver):
            return False
        return not self.section or rules.reaches(opening, SECTIONS[self.section].path)

    def older(self, before: str) -> str:
        """The address of the next page."""
        asked = {"van": self.receiver, "deel": self.section, "voor": before}
        return f"{SHARING}?{urlencode({name: value for name, value in asked.items() if value})}"


class Sharing:
    """The pages at `/regie/delen`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The list, and stopping: what was given, and an access rule."""
        return [
            page(SHARING, self.show, mandate="see"),
            page(f"{SHARING}/stop", self.stop, methods=["POST"], mandate="stop"),
            page(f"{SHARING}/regel/stop", self.stop_rule, methods=["POST"], mandate="stop"),
        ]

    async def show(self, request: Request, account: Account) -> Response:
        """Who can see what now; what was just stopped or begun is said above the list."""
        lang, say, asked = lang_of(request), self._parts.say(request), Filter.of(request)
        picture = Picture(self._parts, account, lang, say)
        part = await picture.part(receiver=asked.receiver, section=asked.section, before=asked.before)
        opened = await rules.openings(await OwnPod.of(self._parts, account))
        every = await doors(self._parts, account, lang, say, [o for o in opened if not o.always])
        shown = [each for each in every if asked.passes(each.opening)]
        receivers = await picture.receivers()
        for each in every:
            receivers.setdefault(agent_key(each.opening.who), each.title)
        stopped = await self._named(account, request.query_params.get("gestopt"))
        begun = await self._named(account, request.query_params.get("gedeeld"))
        now = self._parts.clock()
        return self._parts.pages.render(
            request, "dashboard/sharing.html", part=part, doors=shown, asked=asked,
            always={opening.path for opening in opened if opening.always},
            closed=await self._closed(request, account, opened), receivers=receivers,
            sections=[(key, section.label(lang)) for key, section in SECTIONS.items()],
            older=asked.older(part.older) if part.older else "",
            stopped=stopped if stopped and stopped.revoked_at else None,
            stopped_name=wording.called(stopped, say) if stopped else "",
            begun=begun if begun and begun.active(now) else None,
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
