"""Competences to acquire in, the fewest instruments that develop them out; nothing is kept: `/api/improver/v1`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec
from starlette.routing import BaseRoute

from werkpod.apps.documented import serve
from werkpod.apps.improver.planning import Plan, make_plan
from werkpod.apps.improver.reach import Reach
from werkpod.apps.instruments.answers import InstrumentOut, instrument_out
from werkpod.apps.instruments.model import Catalogue
from werkpod.apps.jsonapi import Api, Call, Operation
from werkpod.apps.wire import CompetenceOut, LangParameter, competence_out, unknown_concepts
from werkpod.vocab.starter import starter_labels
from werkpod.vocab.taxonomy import Taxonomy
from werkpod.web.pages import Pages

MOST_MISSING = 300


class PlansIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The competences to acquire, as IRIs."""

    missing: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=1, max_length=300)]], msgspec.Meta(max_length=MOST_MISSING)
    ]
    lang: LangParameter = "nl"


class LikeOut(msgspec.Struct, frozen=True):
    """What is missing (`asked`, an IRI), and what the instrument develops: something that is like it, no more."""

    asked: str
    develops: CompetenceOut


class StepOut(msgspec.Struct, frozen=True):
    """An instrument of the plan and what it covers of what is missing. `proposed`: the IRIs of those of them that the
    catalogue's editor has not confirmed; `like`: those that it does not develop itself."""

    instrument: InstrumentOut
    covers: list[CompetenceOut]
    proposed: list[str]
    like: list[LikeOut]


class PlanOut(msgspec.Struct, frozen=True):
    """The plan, the instrument that covers most first. `uncovered`: what no instrument develops. `optimal`: no set of
    instruments covers as much for less time, money and instruments; false when the search stopped before it knew."""

    plan: list[StepOut]
    uncovered: list[CompetenceOut]
    optimal: bool


class ImproverApi:
    """The operation, over a catalogue and a taxonomy."""

    def __init__(self, taxonomy: Taxonomy, catalogue: Catalogue, labels: Mapping[str, Mapping[str, str]]) -> None:
        self._taxonomy, self._catalogue, self._labels = taxonomy, catalogue, labels
        self._reach = Reach(taxonomy, catalogue)

    def plans(self, call: Call) -> PlanOut:
        """Make a plan. Raises UnknownConcept."""
        asked: PlansIn = call.body
        unknown = [
            (f"missing[{place}]", iri)
            for place, iri in enumerate(asked.missing)
            if iri not in self._labels and self._taxonomy.competence(iri) is None
        ]
        if unknown:
            raise unknown_concepts(self._taxonomy, unknown)
        return self._out(make_plan(asked.missing, self._catalogue, reach=self._reach), asked.lang)

    def _out(self, plan: Plan, lang: str) -> PlanOut:
        steps = [
            StepOut(
                instrument_out(step.instrument, lang),
                [self._competence(iri, lang) for iri in step.covers],
                [iri for iri in step.covers if iri in step.proposed],
                [LikeOut(iri, self._competence(step.like[iri], lang)) for iri in step.covers if iri in step.like],
            )
            for step in plan.steps
        ]
        return PlanOut(steps, [self._competence(iri, lang) for iri in plan.uncovered], plan.optimal)

    def _competence(self, iri: str, lang: str) -> CompetenceOut:
        found = self._taxonomy.competence(iri)
        return competence_out(found, lang) if found else CompetenceOut(iri, self._labels[iri][lang])


def api(taxonomy: Taxonomy, catalogue: Catalogue) -> Api:
    """The declared API. Competences of the starter are known beside those of the taxonomy in use, as the instruments of
    the catalogue are linked to them."""
    service = ImproverApi(taxonomy, catalogue, starter_labels())
    example = {"missing": sorted(catalogue.competences)[:2]}
    return Api(
        "improver",
        "Profielverbeteraar",
        f"Competences to acquire in, instruments that develop them out. Nothing is stored. {taxonomy.notice}",
        [
            Operation(
                "makePlan", "POST", "/plans", "Instruments for what is missing", service.plans, PlanOut, body=PlansIn,
                example=example, nl="Hulp bij wat je mist",
            )
        ],
        nl="Wat je nog mist erin, hulp om het te leren eruit. Er wordt niets bewaard.",
    )  # fmt: skip


def routes(taxonomy: Taxonomy, catalogue: Catalogue, *, base_url: str, pages: Pages | None = None) -> list[BaseRoute]:
    """The routes of `/api/improver/v1`; with `pages` there is a page that explains them."""
    return serve(
        api(taxonomy, catalogue), base_url=base_url, pages=pages, app_slug="verbeteraar", app_name="Profielverbeteraar"
    )
