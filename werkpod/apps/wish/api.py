"""A wish and a CV in, what is still to acquire out; nothing is kept: `/api/wish/v1`."""

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
    find_occupation,
    have_out,
    occupation_out,
    read_profile,
    unknown_concepts,
)
from werkpod.vocab.taxonomy import Taxonomy
from werkpod.web.pages import Pages


class GapsIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The occupation wished for (IRI or code), the work history and competences beside it."""

    wish: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
    experience: Jobs = []
    competences: CompetenceIris = []
    lang: LangParameter = "nl"


class GapsOut(msgspec.Struct, frozen=True):
    """What the wish asks, split; `useful` are optional competences that the person has. The most distinctive first."""

    occupation: OccupationOut
    have: list[HaveOut]
    missing: list[CompetenceOut]
    useful: list[HaveOut]


class WishApi:
    """The operation, over a taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy

    def gaps(self, call: Call) -> GapsOut:
        """What is missing for a wish. Raises UnknownConcept and BadPeriod."""
        asked: GapsIn = call.body
        wish = find_occupation(self._taxonomy, asked.wish)
        if wish is None:
            raise unknown_concepts(self._taxonomy, [("wish", asked.wish)])
        profile = read_profile(self._taxonomy, asked.experience, asked.competences)
        gap = self._taxonomy.gap(wish, profile.owned)
        return GapsOut(
            occupation_out(wish, asked.lang),
            [have_out(competence, profile, asked.lang) for competence in gap.have],
            [competence_out(competence, asked.lang) for competence in gap.missing],
            [have_out(competence, profile, asked.lang) for competence in gap.useful],
        )


def api(taxonomy: Taxonomy) -> Api:
    """The declared API."""
    example = {
        "wish": "8344",
        "experience": [{"occupation": "9333", "from": "2018-01", "to": None}],
        "competences": [],
    }
    return Api(
        "wish",
        "Wensberoeper",
        f"A wish and a work history in, the competences still to acquire out. Nothing is stored. {taxonomy.notice}",
        [
            Operation(
                "findGaps", "POST", "/gaps", "What is still to acquire", WishApi(taxonomy).gaps, GapsOut, body=GapsIn,
                example=example, nl="Wat je nog mist",
            )
        ],
        nl="Een wens en je werk erin, wat je nog mist eruit. Er wordt niets bewaard.",
    )  # fmt: skip


def routes(taxonomy: Taxonomy, *, base_url: str, pages: Pages | None = None) -> list[BaseRoute]:
    """The routes of `/api/wish/v1`; with `pages` there is a page that explains them."""
    return serve(api(taxonomy), base_url=base_url, pages=pages, app_slug="wens", app_name="Wensberoeper")
