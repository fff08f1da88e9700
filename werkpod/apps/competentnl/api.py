"""Occupations by text, and what an occupation asks: `/api/competentnl/v1`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from starlette.routing import BaseRoute

from werkpod.apps.errors import UnknownCode
from werkpod.apps.jsonapi import Api, Call, Operation
from werkpod.apps.openapi import document
from werkpod.apps.wire import (
    CompetenceOut,
    LangParameter,
    OccupationOut,
    competence_out,
    occupation_or_404,
    occupation_out,
)
from werkpod.vocab.taxonomy import Taxonomy

MOST_RESULTS = 100


class SearchQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of a search."""

    q: Annotated[str, msgspec.Meta(min_length=1, max_length=200, description="What people call the job or the skill.")]
    lang: LangParameter = "nl"
    limit: Annotated[
        int, msgspec.Meta(ge=1, le=MOST_RESULTS, description=f"How many results at most, 1 to {MOST_RESULTS}.")
    ] = 10


class LangQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Only the language."""

    lang: LangParameter = "nl"


class Found(msgspec.Struct, frozen=True):
    """An occupation found. `score` 0 to 1; `matched`: the name of the occupation that the text is like."""

    iri: str
    code: str
    isco: str
    title: str
    score: float
    matched: str


class FoundOccupations(msgspec.Struct, frozen=True):
    """Occupations, best first."""

    results: list[Found]


class FoundCompetence(msgspec.Struct, frozen=True):
    """A competence found. `score` 0 to 1."""

    iri: str
    label: str
    score: float


class FoundCompetences(msgspec.Struct, frozen=True):
    """Competences, best first."""

    results: list[FoundCompetence]


class Required(msgspec.Struct, frozen=True):
    """What an occupation asks, the most distinctive first. `important` is empty in a taxonomy that tells only essential
    and optional apart (ESCO, the starter)."""

    occupation: OccupationOut
    essential: list[CompetenceOut]
    important: list[CompetenceOut]
    optional: list[CompetenceOut]


class Asking(msgspec.Struct, frozen=True):
    """The occupations that ask a competence."""

    competence: CompetenceOut
    occupations: list[OccupationOut]


class CompetentNlApi:
    """The operations, over a taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy

    def occupations(self, call: Call) -> FoundOccupations:
        """Occupations by what people call them."""
        query: SearchQuery = call.query
        hits = self._taxonomy.search_occupations(query.q, lang=query.lang, limit=query.limit)
        return FoundOccupations(
            [
                Found(o.iri, o.code, o.isco, o.title(query.lang), round(hit.score, 4), hit.matched)
                for hit in hits
                for o in [hit.occupation]
            ]
        )

    def required(self, call: Call) -> Required:
        """What an occupation asks. Raises UnknownCode."""
        lang = call.query.lang
        occupation = occupation_or_404(self._taxonomy, call.path["code"])
        links = self._taxonomy.links(occupation)
        essential, important, optional = (
            [competence_out(link.competence, lang) for link in links if link.kind == kind]
            for kind in ("essential", "important", "optional")
        )
        return Required(occupation_out(occupation, lang), essential, important, optional)

    def competences(self, call: Call) -> FoundCompetences:
        """Competences by free text."""
        query: SearchQuery = call.query
        hits = self._taxonomy.search_competences(query.q, lang=query.lang, limit=query.limit)
        return FoundCompetences(
            [FoundCompetence(h.competence.iri, h.competence.label(query.lang), round(h.score, 4)) for h in hits]
        )

    def asking(self, call: Call) -> Asking:
        """The occupations that ask a competence. Raises UnknownCode."""
        lang, iri = call.query.lang, call.path["iri"]
        competence = self._taxonomy.competence(iri)
        if competence is None:
            where = "as the members of /occupations/{code}/competences and /competences?q= name them"
            raise UnknownCode(
                f"{iri[:120]!r} is no competence of {self._taxonomy.title}; give an IRI, {where}.", value=iri[:300]
            )
        found = [occupation_out(each, lang) for each in self._taxonomy.occupations_with(competence)]
        return Asking(competence_out(competence, lang), found)


def api(taxonomy: Taxonomy) -> Api:
    """The declared API."""
    service = CompetentNlApi(taxonomy)
    code = {"code": ("A code of the taxonomy, an ISCO-08 unit group code, or a URL-encoded IRI.", "8344")}
    iri = {
        "iri": (
            "The URL-encoded IRI of a competence.",
            "https%3A%2F%2Fw3id.org%2Fwerkpod%2Fcompetence%2Fheftruck-rijden",
        )
    }
    return Api(
        "competentnl",
        "CompetentNL",
        f"Occupations by the words people use, and the competences that they ask. Taxonomy: {taxonomy.title} "
        f"{taxonomy.version}. {taxonomy.notice}",
        [
            Operation(
                "searchOccupations", "GET", "/occupations", "Occupations by text", service.occupations,
                FoundOccupations, query=SearchQuery,
            ),
            Operation(
                "getCompetencesOfOccupation", "GET", "/occupations/{code}/competences", "What an occupation asks",
                service.required, Required, query=LangQuery, path_params=code, errors=(404,),
            ),
            Operation(
                "searchCompetences", "GET", "/competences", "Competences by text", service.competences,
                FoundCompetences, query=SearchQuery,
            ),
            Operation(
                "getOccupationsWithCompetence", "GET", "/competences/{iri}/occupations",
                "Occupations that ask a competence",
                service.asking, Asking, query=LangQuery, path_params=iri, errors=(404,),
            ),
        ],
    )  # fmt: skip


def routes(taxonomy: Taxonomy, *, base_url: str) -> list[BaseRoute]:
    """The routes of `/api/competentnl/v1`."""
    declared = api(taxonomy)
    return declared.routes(lambda: document(declared, base_url))
