"""Hints in words, for the pages: what the log says of a grant, what could be less, and what was put aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard import wording
from werkpod.consent.dashboard.errors import FormRefused
from werkpod.consent.dashboard.hints import Cure, Hint, Kind, Seen, hints
from werkpod.consent.dashboard.parts import DashboardParts, form_of, lang_of, own_path, page, see_other
from werkpod.consent.dashboard.picture import Picture
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.dashboard.sharing import SHARING
from werkpod.consent.grants import GrantRecord
from werkpod.vocab.sections import SECTIONS

PATH = f"{SHARING}/minder"
LOOKED_AT = 200
"""Grants that the page of hints looks at, the newest."""
_KINDS: tuple[Kind, ...] = ("beyond", "unread", "parts_unread", "broader", "endless", "never_wrote")


@dataclass(frozen=True, slots=True)
class Hinted:
    """A hint in words. `grant`: which grant it is about; `text`: what is so; `cure`: what would make it less."""

    kind: Kind
    grant: GrantRecord
    name: str
    text: str
    cure: Cure
    sections: tuple[str, ...]


class Hints:
    """The page "Kan het minder?"."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The hints, and putting one aside."""
        return [page(PATH, self.show), page(f"{PATH}/weg", self.put_aside, methods=["POST"])]

    async def show(self, request: Request, account: Account) -> Response:
        """What could be less, of what is shared now."""
        lang, say = lang_of(request), self._parts.say(request)
        grants = list[GrantRecord]()
        async for grant in Picture(self._parts, account, lang, say).active():
            grants.append(grant)
            if len(grants) == LOOKED_AT:
                break
        seen = await seen_of(self._parts, account, grants)
        found = [
            hint
            for grant in grants
            for hint in await hinted(self._parts, account, grant, seen[grant.id], grants, lang, say)
        ]
        return self._parts.pages.render(
            request, "dashboard/manage_hints.html", hints=found[:50], gone="weg" in request.query_params
        )

    async def put_aside(self, request: Request, account: Account) -> Response:
        """Say nothing of this any more, of this grant."""
        form = await form_of(self._parts, request)
        form.only("delen", "wat", "terug")
        kind = form.text("wat")
        if kind not in _KINDS:
            raise FormRefused(f"wat is one of {', '.join(_KINDS)}, not {kind[:20]!r}.")
        grant = await self._parts.grants.get(account.id, form.text("delen"))
        await self._parts.reminders.put_aside(account.id, grant.id, kind)
        return see_other(own_path(form.text("terug", 200), f"{PATH}?weg=1"))


async def hinted(
    parts: DashboardParts, account: Account, grant: GrantRecord, seen: Seen, others: Sequence[GrantRecord], lang: str,
    say: Say,
) -> list[Hinted]:  # fmt: skip
    """What can be said of a grant and was not put aside."""
    found = hints(grant, seen, others, parts.clock())
    aside = await parts.reminders.aside(account.id, grant.id) if found else frozenset[str]()
    return [in_words(hint, grant, seen, lang, say) for hint in found if hint.kind not in aside]


def in_words(hint: Hint, grant: GrantRecord, seen: Seen, lang: str, say: Say) -> Hinted:
    """A hint as a person reads it."""
    _, name = say, wording.called(grant, say)
    what = ", ".join(SECTIONS[key].label(lang) for key in hint.sections)
    texts = {
        "beyond": _(
            "%(name)s krijgt ook dit: %(what)s. Voor dit doel is dat meestal niet nodig.", name=name, what=what
        ),
        "unread": _("%(name)s heeft al 90 dagen niet gekeken.", name=name),
        "parts_unread": _("%(name)s heeft dit nog nooit gelezen: %(what)s.", name=name, what=what),
        "broader": _("%(name)s krijgt meer dan andere apps met hetzelfde doel: %(what)s.", name=name, what=what),
        "endless": _("Er is geen einddatum. %(name)s mag kijken tot jij stopt.", name=name),
        "never_wrote": _("%(name)s mag iets veranderen, maar deed dat nog nooit.", name=name),
    }
    return Hinted(hint.kind, grant, name, texts[hint.kind], hint.cure, hint.sections)


async def seen_of(parts: DashboardParts, account: Account, grants: Sequence[GrantRecord]) -> Mapping[str, Seen]:
    """What the log says of each of these grants."""
    used = await parts.ledger.looking.used(account.id, {grant.id for grant in grants}) if grants else {}
    return {
        grant.id: Seen(found.last, found.sections, found.wrote) if (found := used.get(grant.id)) else Seen()
        for grant in grants
    }
