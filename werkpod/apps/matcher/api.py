"""A CV in, fitting occupations out; nothing is kept: `/api/matcher/v1`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from starlette.routing import BaseRoute

from werkpod.apps.documented import serve
from werkpod.apps.jsonapi import Api, Call, Operation
from werkpod.apps.wire import (
    CompetenceIris,
    CompetenceOut,
    HaveOut,
    Jobs,
    LangParameter,
    OccupationOut,
    competence_out,
    have_out,
    occupation_out,
    read_profile,
)
from werkpod.vocab.profile import Profile
from werkpod.vocab.taxonomy import Match, Taxonomy
from werkpod.web.pages import Pages

MOST_MATCHES = 200


class MatchesIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A work history, and competences beside it."""

    experience: Jobs = []
    competences: CompetenceIris = []
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_MATCHES, description=f"1 to {MOST_MATCHES}.")] = 10
    lang: LangParameter = "nl"


class MatchOut(msgspec.Struct, frozen=True):
    """A fitting occupation. `score` is a cosine, to rank by. `have` and `missing`: its essential competences."""

    occupation: OccupationOut
    score: float
    have: list[HaveOut]
    missing: list[CompetenceOut]


class MatchesOut(msgspec.Struct, frozen=True):
    """Fitting occupations, best first; occupations already done are left out."""

    matches: list[MatchOut]


class MatcherApi:
    """The operation, over a taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy

    def matches(self, call: Call) -> MatchesOut:
        """Rank occupations. Raises UnknownConcept and BadPeriod."""
        asked: MatchesIn = call.body
        profile = read_profile(self._taxonomy, asked.experience, asked.competences)
        found = self._taxonomy.rank(profile.weights, exclude=profile.occupations, limit=asked.limit)
        return MatchesOut([_out(match, profile, asked.lang) for match in found])


def _out(match: Match, profile: Profile, lang: str) -> MatchOut:
    return MatchOut(
        occupation_out(match.occupation, lang),
        round(match.score, 4),
        [have_out(competence, profile, lang) for competence in match.have],
        [competence_out(competence, lang) for competence in match.missing],
    )


def api(taxonomy: Taxonomy) -> Api:
    """The declared API."""
    example = {
        "experience": [{"occupation": "8344", "from": "2015-03", "to": "2020-06"}],
        "competences": [],
        "limit": 10,
        "lang": "nl",
    }
    return Api(
        "matcher",
        "Matchberoeper",
        f"A work history in, occupations with comparable competences out. Nothing is stored. {taxonomy.notice}",
        [
            Operation(
                "findMatches", "POST", "/matches", "Occupations that fit", MatcherApi(taxonomy).matches, MatchesOut,
                body=MatchesIn, example=example, nl="Beroepen die passen",
            )
        ],
        nl="Je werk erin, beroepen die erop lijken eruit. Er wordt niets bewaard.",
    )  # fmt: skip


def routes(taxonomy: Taxonomy, *, base_url: str, pages: Pages | None = None) -> list[BaseRoute]:
    """The routes of `/api/matcher/v1`; with `pages` there is a page that explains them."""
    return serve(api(taxonomy), base_url=base_url, pages=pages, app_slug="beroep", app_name="Matchberoeper")
