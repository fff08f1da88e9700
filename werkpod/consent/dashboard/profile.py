"""Je openbare profiel: what everybody may see of a person, shown as it is, and changed."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.parts import DashboardParts, Form, form_of, page, see_other
from werkpod.pod.access.model import PUBLIC
from werkpod.pod.ldp import graphs
from werkpod.pod.ldp.sparql_update import MEDIA_TYPE as SPARQL_UPDATE
from werkpod.pod.profile.card import Said, change, others, said_in, web_address
from werkpod.pod.profile.places import CARD
from werkpod.web.errors import PreconditionFailed

PATH = "/regie/profiel"
LINE, TEXT = 100, 500
"""Characters that a line, and the text, may have."""
_TRIES = 3


class Profile:
    """The pages at `/regie/profiel`."""

    def __init__(self, parts: DashboardParts) -> None:
        self._parts = parts

    def routes(self) -> list[BaseRoute]:
        """The profile, and saving it."""
        return [page(PATH, self.show), page(PATH, self.save, methods=["POST"])]

    async def show(self, request: Request, account: Account) -> Response:
        """The form with what is there, and beside it what somebody sees who is not signed in."""
        return await self._page(request, account, saved="bewaard" in request.query_params)

    async def save(self, request: Request, account: Account) -> Response:
        """Say this from now on; what apps put in the profile stays."""
        form = await form_of(self._parts, request)
        form.only("naam", "rol", "tekst", "website")
        said, errors = _read(form)
        if errors:
            return await self._page(request, account, typed=said, errors=errors)
        pod = await OwnPod.of(self._parts, account)
        for left in range(_TRIES - 1, -1, -1):
            found = await self._parts.service.read(pod.owner, pod.pod, CARD)
            triples = graphs.read(found.body, found.media_type, pod.iri(CARD)).triples
            update = change(triples, account.webid, said)
            try:
                if update:
                    await self._parts.service.patch(
                        pod.owner, pod.pod, CARD, update.encode(), SPARQL_UPDATE, if_match=found.etag
                    )
                break
            except PreconditionFailed:  # an app wrote in it just now: look at what is there
                if not left:
                    raise
        return see_other(f"{PATH}?bewaard=1")

    async def _page(
        self, request: Request, account: Account, *, typed: Said | None = None,
        errors: frozenset[str] = frozenset(), saved: bool = False,
    ) -> Response:  # fmt: skip
        """The page. What others see comes out of the same code as their own request would."""
        pod = await OwnPod.of(self._parts, account)
        seen = await self._parts.service.read(PUBLIC, pod.pod, CARD)
        triples = graphs.read(seen.body, seen.media_type, pod.iri(CARD)).triples
        said = said_in(triples, account.webid)
        return self._parts.pages.render(
            request, "dashboard/profile.html", status=400 if errors else 200, account=account, said=said,
            typed=said if typed is None else typed, errors=errors, saved=saved, others=others(triples, account.webid),
            host=_host(said.homepage), exact=seen.body.decode("utf-8", "replace"), limit=TEXT,
        )  # fmt: skip


def _read(form: Form) -> tuple[Said, frozenset[str]]:
    """What was typed, and the fields in which something is wrong."""
    name, role, site = (" ".join(form.text(field, 1000).split()) for field in ("naam", "rol", "website"))
    note = "\n".join(line.strip() for line in form.text("tekst", 10_000).splitlines()).strip()
    address = web_address(site) if site else ""
    wrong = {
        "naam": len(name) > LINE or not _plain(name),
        "rol": len(role) > LINE or not _plain(role),
        "tekst": len(note) > TEXT or not _plain(note.replace("\n", " ")),
        "website": address is None or len(site) > 200,
    }
    errors = frozenset(field for field, is_wrong in wrong.items() if is_wrong)
    return Said(name, role, note, site if address is None else address), errors


def _host(homepage: str) -> str:
    """The host of a homepage; "" for what is no web address: apps write there too, and a link must not run anything."""
    return urlsplit(homepage).hostname or "" if homepage and web_address(homepage) == homepage else ""


def _plain(text: str) -> bool:
    """Whether there is nothing in it but what people write: no control characters, no invisible turns of direction."""
    return all(character.isprintable() for character in text)
