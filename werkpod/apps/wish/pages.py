"""Wensberoeper's pages: pick the work you wish for, see what counts already and what is still to learn."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote

import httpx2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.apps.kit import AccessRequest, AppCard, CitizenApp, Text, Visit, profile_of, read_shared_cv, skill_lines
from werkpod.vocab.taxonomy import Hit, Occupation, Taxonomy
from werkpod.web.pages import Pages

HITS = 10
TEXT_LIMIT = 200
"""Characters of a search text that are looked at."""

CARD = AppCard(
    slug="wens",
    name=Text("Wensberoeper", "Wensberoeper"),
    what=Text(
        "Weet je wat je wilt worden? Wensberoeper laat zien wat je al kunt en wat je nog kunt leren.",
        "Do you know what you want to be? Wensberoeper shows what you can do already and what you can still learn.",
    ),
    access=AccessRequest(
        sections=("experience", "competences", "wishes"),
        actions=("read",),
        purpose="https://w3id.org/dpv#ServiceProvision",
        purpose_text=Text(
            "Laten zien wat je nog kunt leren voor het werk dat je wilt.",
            "To show what you can still learn for the work that you want.",
        ),
        duration="P90D",
    ),
    reasons={
        "experience": Text("Om te zien welk werk je hebt gedaan.", "To see which work you have done."),
        "competences": Text("Om te zien wat je al kunt.", "To see what you can do already."),
        "wishes": Text("Om te zien welk werk je graag wilt.", "To see which work you would like."),
    },
)


@dataclass(frozen=True, slots=True)
class Choice:
    """An occupation to pick. `found`: why the search found it, when it did."""

    title: str
    link: str
    found: Hit | None = None


def choice(occupation: Occupation, lang: str, found: Hit | None = None) -> Choice:
    """An occupation as a choice."""
    link = f"/apps/wens/beroep?beroep={quote(occupation.iri, safe='')}"
    return Choice(occupation.title(lang), link, found)


class Wensberoeper:
    """The app: pick a wish, see the gap."""

    def __init__(self, app: CitizenApp, taxonomy: Taxonomy) -> None:
        self._app, self._taxonomy = app, taxonomy

    async def home(self, request: Request, visit: Visit) -> Response:
        """Search for an occupation (`q`); the wishes in the CV are offered too."""
        text = request.query_params.get("q", "")[:TEXT_LIMIT].strip()
        hits = self._taxonomy.search_occupations(text, lang=visit.lang, limit=HITS) if text else []
        cv = await read_shared_cv(visit.pod, ["wishes"] if visit.may("wishes") else [])
        known = [(w, self._taxonomy.occupation(w.occupation)) for w in cv.wishes if w.occupation]
        return self._app.render(
            request, "wish/home.html", text=text, hits=[choice(h.occupation, visit.lang, h) for h in hits],
            wishes=[replace(choice(found, visit.lang), title=wish.title) for wish, found in known if found],
        )  # fmt: skip

    async def gap(self, request: Request, visit: Visit) -> Response:
        """What the occupation `beroep` (IRI or code) asks, against what the person can do."""
        occupation = self._taxonomy.occupation(request.query_params.get("beroep", ""))
        if occupation is None:
            return self._app.render(request, "wish/unknown.html", status=404)
        cv = await read_shared_cv(visit.pod, [key for key in ("experience", "competences") if visit.may(key)])
        profile = profile_of(cv, self._taxonomy, visit.lang)
        gap = self._taxonomy.gap(occupation, profile.skills.keys())
        return self._app.render(
            request, "wish/gap.html", title=occupation.title(visit.lang), iri=occupation.iri,
            have=skill_lines(gap.have, profile, visit.lang), useful=skill_lines(gap.useful, profile, visit.lang),
            # what the reader can read comes first
            missing=sorted(skill_lines(gap.missing, profile, visit.lang), key=lambda line: bool(line.lang)),
            taxonomy=self._taxonomy,
        )  # fmt: skip


def routes(
    *, base_url: str, http: httpx2.AsyncClient, keys: bytes, pages: Pages, taxonomy: Taxonomy,
    issuer: str | None = None, clock: Callable[[], float] = time.time,
) -> list[BaseRoute]:  # fmt: skip
    """Wensberoeper at `/apps/wens/`. `keys`: 32 bytes or more that only this app has."""
    app = CitizenApp(CARD, base_url=base_url, http=http, keys=keys, pages=pages, issuer=issuer, clock=clock)
    wensberoeper = Wensberoeper(app, taxonomy)
    return [*app.routes(), app.page("", wensberoeper.home), app.page("beroep", wensberoeper.gap)]
