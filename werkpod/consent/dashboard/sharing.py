"""Delen: who can see what now, in one list, and stopping with one press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.parts import DashboardParts, form_of, lang_of, page, see_other
from werkpod.consent.grants import GrantNotFound, GrantRecord
from werkpod.consent.links import ShareLink
from werkpod.pod.access.model import AccessEntry
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


def last_reads(entries: Sequence[AccessEntry]) -> dict[str, float]:
    """When each grant was last used to read; `entries` newest first."""
    found: dict[str, float] = {}
    for entry in entries:
        if entry.grant and entry.outcome == "allowed" and entry.action == "read":
            found.setdefault(entry.grant, entry.at)
    return found


class Sharing:
    """The pages at `/regie/delen`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The list, and stopping."""
        return [
            page(SHARING, self.show),
            page(f"{SHARING}/stop", self.stop, methods=["POST"]),
        ]

    async def show(self, request: Request, account: Account) -> Response:
        """Who can see what now; what was just stopped or begun is said above the list."""
        lang = lang_of(request)
        rows = await current(self._parts, account, lang)
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
            stopped=stopped if stopped and stopped.revoked_at else None,
            begun=begun if begun and begun.id in active else None,
        )  # fmt: skip

    async def stop(self, request: Request, account: Account) -> Response:
        """One press: over. The next request of whoever it was is refused."""
        form = await form_of(self._parts, request)
        form.only("delen")
        ended = await self._parts.sharing.stop(account, form.text("delen"))
        return see_other(f"{SHARING}?gestopt={ended.id}")

    async def _named(self, account: Account, grant_id: str | None) -> GrantRecord | None:
        if not grant_id:
            return None
        try:
            return await self._parts.grants.get(account.id, grant_id[:40])
        except GrantNotFound:
            return None
