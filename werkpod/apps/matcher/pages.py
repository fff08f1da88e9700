"""Matchberoeper's pages: which work fits what a person can do already, and why."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import httpx2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.apps.kit import (
    AccessRequest,
    AppCard,
    CitizenApp,
    Profile,
    SkillLine,
    Text,
    Visit,
    profile_of,
    read_shared_cv,
    skill_lines,
)
from werkpod.vocab.taxonomy import Match, Taxonomy
from werkpod.web.pages import Pages

LIMIT = 10
"""Occupations on the page: more is not read."""
FEWEST = 5
"""Suggestions that there are at least, where so many occupations share anything."""
ALIKE = 2
"""Of these, of one unit group."""

CARD = AppCard(
    slug="beroep",
    name=Text("Matchberoeper", "Matchberoeper"),
    what=Text(
        "Matchberoeper kijkt wat je al kunt. En zoekt daar werk bij dat past.",
        "Matchberoeper looks at what you can do already. And finds work that fits.",
    ),
    access=AccessRequest(
        sections=("competences",),
        optional=("experience",),
        actions=("read",),
        purpose="https://w3id.org/dpv#ServiceProvision",
        purpose_text=Text(
            "Beroepen zoeken die passen bij wat je al kunt.", "To find occupations that fit what you can do already."
        ),
        duration="P90D",
    ),
    reasons={
        "experience": Text(
            "Dan zien we ook uit welk werk je het kunt.", "Then we also see from which work you learnt it."
        ),
        "competences": Text("Om te zien wat je kunt.", "To see what you can do."),
    },
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One fitting occupation on the page. `wish`: where Wensberoeper takes it further."""

    title: str
    have: tuple[SkillLine, ...]
    missing: tuple[SkillLine, ...]
    wish: str

    @property
    def total(self) -> int:
        """How many things the occupation asks."""
        return len(self.have) + len(self.missing)


def suggestion(match: Match, profile: Profile, lang: str) -> Suggestion:
    """A match as a person reads it."""
    return Suggestion(
        title=match.occupation.title(lang),
        have=skill_lines(match.have, profile, lang),
        missing=skill_lines(match.missing, profile, lang),
        wish=f"/apps/wens/beroep?beroep={quote(match.occupation.iri, safe='')}",
    )


def varied(matches: Iterable[Match]) -> list[Match]:
    """The matches without a third and next one of the same unit group: ESCO has twenty kinds of shop assistant, and one
    who fits the first fits them all."""
    seen = Counter[str]()
    kept = []
    for match in matches:
        seen[match.occupation.isco] += 1
        if not match.occupation.isco or seen[match.occupation.isco] <= ALIKE:
            kept.append(match)
    return kept


def telling(matches: Sequence[Match]) -> list[Match]:
    """The matches with more than one thing in common; one alone is chance. Where they are fewer than `FEWEST`, the best
    of the others follow."""
    more = [match for match in matches if len(match.have) > 1]
    return more + [match for match in matches if len(match.have) == 1][: max(0, FEWEST - len(more))]


class Matchberoeper:
    """The app: one page, the list of fitting occupations."""

    def __init__(self, app: CitizenApp, taxonomy: Taxonomy) -> None:
        self._app, self._taxonomy = app, taxonomy

    async def home(self, request: Request, visit: Visit) -> Response:
        """The occupations that fit, best first, without the ones that the person has had."""
        sections = [key for key in ("experience", "competences") if visit.may(key)]
        cv = await read_shared_cv(visit.pod, sections)
        profile = profile_of(cv, self._taxonomy, visit.lang)
        # An occupation that shares only what is optional fits on paper; to a person it says "0 of the 10 things".
        ranked = self._taxonomy.rank(profile.weights, exclude=profile.occupations, limit=8 * LIMIT)
        some = varied(match for match in ranked if match.have)
        suggestions = [suggestion(match, profile, visit.lang) for match in telling(some)[:LIMIT]]
        return self._app.render(
            request, "matcher/home.html", suggestions=suggestions, skills=len(profile.skills),
            jobs=[job.title for job in cv.experience if job.title], taxonomy=self._taxonomy,
            work=visit.may("experience"), home=self._app.home,
        )  # fmt: skip


def routes(
    *, base_url: str, http: httpx2.AsyncClient, keys: bytes, pages: Pages, taxonomy: Taxonomy,
    issuer: str | None = None, clock: Callable[[], float] = time.time,
) -> list[BaseRoute]:  # fmt: skip
    """Matchberoeper at `/apps/beroep/`. `keys`: 32 bytes or more that only this app has."""
    app = CitizenApp(CARD, base_url=base_url, http=http, keys=keys, pages=pages, issuer=issuer, clock=clock)
    matchberoeper = Matchberoeper(app, taxonomy)
    return [*app.routes(), app.page("", matchberoeper.home)]
