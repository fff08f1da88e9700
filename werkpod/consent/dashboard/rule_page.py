"""One access rule that another Solid app wrote: what it lets whom do, and the very documents that they get."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard import rules
from werkpod.consent.dashboard.own import TURTLE, OwnPod
from werkpod.consent.dashboard.parts import DashboardParts, lang_of, page
from werkpod.consent.dashboard.readable import Say, Shown
from werkpod.consent.dashboard.rules import Opening
from werkpod.consent.dashboard.sharing import SHARING, doors
from werkpod.pod.access.model import Mode, Requester
from werkpod.vocab.sections import SECTIONS
from werkpod.web.errors import Forbidden, NotFound, Unauthorized

PATH = f"{SHARING}/regel"
_SOMEBODY = "urn:werkpod:somebody"
"""Somebody who is signed in somewhere and in no other rule."""
_MOST = 100_000
"""Bytes of a document that is no section that the page shows."""


class RulePage:
    """The page at `/regie/delen/regel`, with `?waar=` (in the pod) and `?wie=`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The page. Not for representatives: it shows what is in the pod."""
        return [page(PATH, self.show)]

    async def show(self, request: Request, account: Account) -> Response:
        """Who, what, under which conditions, and what they see."""
        lang, say, asked = lang_of(request), self._parts.say(request), request.query_params
        own = await OwnPod.of(self._parts, account)
        wanted = (asked.get("waar", "")[:4096], asked.get("wie", "")[:2048])
        found = [o for o in await rules.openings(own) if (o.path, o.who) == wanted and not o.always]
        if not found:
            raise NotFound("There is no such access rule in this pod (any more).")
        (door,) = await doors(self._parts, account, lang, say, found)
        known = not door.opening.group and not door.limits
        return self._parts.pages.render(
            request, "dashboard/manage_rule.html", door=door, known=known,
            shown=await seen_by(own, found[0], lang, say) if known else (), reads=Mode.READ in found[0].modes,
        )  # fmt: skip


async def seen_by(own: OwnPod, opening: Opening, lang: str, say: Say) -> Sequence[Shown]:
    """What somebody whom an access rule lets in gets of it, read as they would read it.

    Of a folder: the sections in it, and of the rest nothing. A rule for a group, or with a condition, is not here: who
    meets it is not known beforehand.
    """
    who = {rules.EVERYONE: None, rules.SIGNED_IN: _SOMEBODY}.get(opening.who, opening.who)
    found = []
    sections = [section for section in SECTIONS.values() if rules.reaches(opening, section.path)]
    for section in sections:
        try:
            answer = await own.service.read(
                Requester(agent=who), own.pod, section.path, accept=TURTLE, grants=(), preview=True
            )
        except (NotFound, Forbidden, Unauthorized):  # another rule, nearer by, keeps them out
            continue
        found.append(own.show(section, answer.body, lang, say))
    if not sections and opening.path and not opening.path.endswith("/"):
        try:
            answer = await own.service.read(
                Requester(agent=who), own.pod, opening.path, accept=None, grants=(), preview=True
            )
        except (NotFound, Forbidden, Unauthorized):
            return ()
        text = answer.body[:_MOST].decode("utf-8", "replace") if answer.media_type.startswith("text/") else ""
        found.append(Shown(opening.path, opening.path, exact=text, readable=False))
    return found
