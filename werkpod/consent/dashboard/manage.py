"""One thing that is shared, whole: `/regie/delen/{grant}`, and the very responses that its receiver gets.

The list says in a line what is shared; this page says what exactly, since when, why, and what can be done about it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard import choosing, wording
from werkpod.consent.dashboard.hinting import LOOKED_AT, Hinted, hinted, seen_of
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import DashboardParts, actor_of, lang_of, page
from werkpod.consent.dashboard.picture import Picture, Row, receiver_key
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.dashboard.sharing import SHARING
from werkpod.consent.grants import GrantRecord
from werkpod.vocab.sections import SECTIONS


@dataclass(frozen=True, slots=True)
class Detail:
    """A grant in words, all of it. `left_out` and `only`: entries and fields; `given_by`: a name, "": the citizen."""

    row: Row
    host: str
    sections: tuple[str, ...]
    left_out: tuple[str, ...]
    only: tuple[str, ...]
    other_predicates: int
    may: str
    basis: str
    keep: str
    given_by: str
    active: bool


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a grant: when it came and what happened ("given", "longer", "changed", "stopped").

    `by`: the name of who did that for the citizen, "": the citizen; `itself`: it was the app that the grant is to.
    """

    number: int
    happened: str
    until: float | None
    by: str = ""
    itself: bool = False


class Manage:
    """The page of a grant, and the preview of it. Comes after the other pages under `/regie/delen/`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """What exactly is shared, and what they see. A representative sees that it is shared, not the CV itself."""
        return [
            page(f"{SHARING}/{{grant}}", self.show, mandate="see"),
            page(f"{SHARING}/{{grant}}/zien", self.preview),
        ]

    async def show(self, request: Request, account: Account) -> Response:
        """What exactly, since when, until when, why, and who looked."""
        parts, lang, say = self._parts, lang_of(request), self._parts.say(request)
        record = await parts.grants.get(account.id, asked(request))
        picture = Picture(parts, account, lang, say)
        (row,) = await picture.rows([record])
        theirs = await parts.grants.of_receiver(account.id, agent=record.agent, client=record.client)
        history = await parts.grants.history(account.id, record.id)
        done = versions(history, await doers(parts, account, history, say))
        active, hints = await self._active(record, picture), list[Hinted]()
        if active and actor_of(request) is None:
            others = await parts.grants.list(account.id, active_only=True, limit=LOOKED_AT)
            seen = await seen_of(parts, account, [record])
            hints = await hinted(parts, account, record, seen[record.id], others, lang, say)
        return parts.pages.render(
            request, "dashboard/manage.html", detail=await detail(parts, account, row, active, lang, say),
            grant=record, versions=done, hints=hints,
            also=sum(record.link is None and grant.id != record.id for grant in theirs), receiver=receiver_key(record),
            may_alter=active and may_alter(record), again=not active and may_again(record),
            own=actor_of(request) is None, reads="read" in record.actions,
            changed=request.query_params.get("klaar") == str(record.version),
        )  # fmt: skip

    async def preview(self, request: Request, account: Account) -> Response:
        """The very documents that the receiver gets now; of what ended, what they would get again."""
        parts, lang, say = self._parts, lang_of(request), self._parts.say(request)
        record = await parts.grants.get(account.id, asked(request))
        active = record.active(parts.clock())
        shown = await choosing.preview(parts, account, revived(record, parts.clock()), lang, say)
        name = wording.called(record, say)
        return parts.pages.render(
            request, "dashboard/manage_preview.html", grant=record, name=name, active=active,
            it=choosing.Seen(name, tuple(shown), reads="read" in record.actions),
        )  # fmt: skip

    async def _active(self, record: GrantRecord, picture: Picture) -> bool:
        if not record.active(self._parts.clock()):
            return False
        link = await picture.link(record)
        return record.link is None or (link is not None and link.open(self._parts.clock()))


def asked(request: Request) -> str:
    """The grant that an address names, as far as it can be one."""
    return str(request.path_params["grant"])[:40]


def may_alter(record: GrantRecord) -> bool:
    """Whether what is in force can be made less or longer: a tool is made anew, and one time is over soon."""
    return record.receiver_kind != "tool" and not record.once


def may_again(record: GrantRecord) -> bool:
    """Whether what ended can be given again as it was: a link is made anew, and so is access for a tool;
    what was for one time was for one time."""
    return record.receiver_kind in ("coach", "employer", "app") and not record.once


def revived(record: GrantRecord, now: float) -> GrantRecord:
    """The grant as if it held now, to look at."""
    if record.active(now):
        return record
    return replace(record, revoked_at=None, until=None, not_before=min(now, record.not_before))


async def detail(
    parts: DashboardParts, account: Account, row: Row, active: bool, lang: str, say: Say
) -> Detail:  # fmt: skip
    """A grant in words."""
    grant = row.grant
    names = await titles(parts, account, (grant,), lang, say)
    hidden = [key for key in grant.hidden_entries if grant.everything or key.partition("#")[0] in grant.sections]
    by = await parts.accounts.by_webid(grant.given_by) if grant.given_by else None
    return Detail(
        row, wording.host(grant), wording.sections(grant, lang),
        (*wording.entries(hidden, names, lang), *wording.fields(grant, lang)),
        wording.entries(grant.only_entries, names, lang), len(grant.hidden_predicates), wording.may(grant, say),
        wording.basis(grant, say), wording.keep(grant.keep, say),
        (by.name if by else grant.given_by) or "", active,
    )  # fmt: skip


async def titles(
    parts: DashboardParts, account: Account, grants: Sequence[GrantRecord], lang: str, say: Say
) -> Mapping[str, str]:
    """What the owner calls the entries that these grants name, by "section#entry"; the CV is read only where needed."""
    keys = {key.partition("#")[0] for grant in grants for key in (*grant.hidden_entries, *grant.only_entries)}
    if not keys:
        return {}
    own = await OwnPod.of(parts, account)
    offered = await choosing.offers(own, [key for key in SECTIONS if key in keys], lang, say)
    return {piece.key: piece.label for offer in offered for piece in offer.pieces}


async def doers(parts: DashboardParts, account: Account, history: Sequence[GrantRecord], say: Say) -> Mapping[str, str]:
    """What those are called who did something to a grant for the citizen: representatives, and apps."""
    found = {}
    for by in {record.by for record in history if record.by}:
        person = await parts.accounts.by_webid(by)
        app = () if person else await parts.grants.of_receiver(account.id, client=by, active_only=False)
        found[by] = person.name if person else wording.called(app[0], say) if app else by
    return found


def versions(history: Sequence[GrantRecord], names: Mapping[str, str]) -> tuple[Version, ...]:
    """What happened to a grant, newest first; `names`: of who did it for the citizen."""
    found = []
    for before, record in zip((None, *history), history, strict=False):
        happened = "changed"
        if before is None:
            happened = "renewed" if record.renews else "given"
        elif record.revoked_at is not None:
            happened = "stopped"
        elif replace(before, version=record.version, until=record.until, by=record.by) == record:
            later = record.until is None or (before.until is not None and record.until > before.until)
            happened = "longer" if later else "shorter"
        by = names.get(record.by or "", "")
        found.append(Version(record.version, happened, record.until, by, bool(by) and record.by == record.client))
    return tuple(reversed(found))
