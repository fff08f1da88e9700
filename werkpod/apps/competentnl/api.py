"""Occupations and competences by text, what an occupation asks, and who asks a competence: `/api/competentnl/v1`."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from starlette.routing import BaseRoute

from werkpod.apps.competentnl import compat
from werkpod.apps.competentnl.forms import (
    Asking,
    Found,
    FoundCompetence,
    FoundCompetences,
    FoundOccupations,
    GroupRefOut,
    MatchOut,
    PageQuery,
    Required,
    SearchQuery,
    WholeCompetence,
    asking_out,
    group_out,
    other_lang,
    required_out,
)
from werkpod.apps.documented import serve
from werkpod.apps.errors import UnknownCode
from werkpod.apps.jsonapi import Api, Call, Operation
from werkpod.apps.wire import (
    LangQuery,
    competence_or_404,
    competence_out,
    occupation_or_404,
    occupation_out,
    shown_concepts,
)
from werkpod.vocab.taxonomy import Taxonomy
from werkpod.web.pages import Pages


class CompetentNlApi:
    """The operations, over a taxonomy."""

    def __init__(self, taxonomy: Taxonomy, *, base_url: str) -> None:
        self._taxonomy, self._base = taxonomy, base_url

    def occupations(self, call: Call) -> FoundOccupations:
        """Occupations by what people call them."""
        query: SearchQuery = call.query
        hits = self._taxonomy.search_occupations(query.q, lang=query.lang, limit=query.limit)
        return FoundOccupations(
            [
                Found(o.iri, o.code, o.isco, o.title(query.lang), round(hit.score, 4), hit.matched, hit.why, hit.source)
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
            [required_out(link, lang) for link in links if link.kind == kind]
            for kind in ("essential", "important", "optional")
        )
        return Required(occupation_out(occupation, lang), essential, important, optional)

    def competences(self, call: Call) -> FoundCompetences:
        """Competences by free text."""
        query: SearchQuery = call.query
        hits = self._taxonomy.search_competences(query.q, lang=query.lang, limit=query.limit)
        return FoundCompetences(
            [
                FoundCompetence(
                    one.iri, one.label(query.lang), round(hit.score, 4), hit.matched, hit.why,
                    other_lang(one.label_lang(query.lang), query.lang),
                )
                for hit in hits
                for one in [hit.competence]
            ]
        )  # fmt: skip

    def competence(self, call: Call) -> WholeCompetence:
        """One competence. Raises UnknownCode."""
        lang, one = call.query.lang, competence_or_404(self._taxonomy, call.path["iri"])
        broader = [
            GroupRefOut(each.iri, each.label(lang), other_lang(each.label_lang(lang), lang))
            for each in self._taxonomy.broader(one)
        ]
        return WholeCompetence(
            iri=one.iri,
            label=one.label(lang),
            labels=dict(one.labels),
            type=one.kind,
            broader=broader,
            matches=[MatchOut(each.relation, each.iri) for each in self._taxonomy.matches(one)],
            occupation_count=len(self._taxonomy.occupations_with(one)),
            lang=other_lang(one.label_lang(lang), lang),
            plain=one.plain,
            group=group_out(one, lang),
            collections=one.collections,
        )

    def asking(self, call: Call) -> Asking:
        """A page of the occupations that ask a competence. Raises UnknownCode."""
        query: PageQuery = call.query
        one = competence_or_404(self._taxonomy, call.path["iri"])
        every = self._taxonomy.asking(one)
        last = max(1, -(-len(every) // query.page_size))
        if query.page > last:
            raise UnknownCode(f"There is no page {query.page}; the last one is {last}.", value=str(query.page))
        start = (query.page - 1) * query.page_size

        def address(page: int) -> str | None:
            words = {"lang": query.lang, "page": page, "pageSize": query.page_size}
            place = f"{self._base}/api/competentnl/v1/competences/{quote(one.iri, safe='')}/occupations"
            return f"{place}?{urlencode(words)}" if 1 <= page <= last else None

        shown = [asking_out(*each, query.lang) for each in every[start : start + query.page_size]]
        competence = competence_out(one, query.lang)
        return Asking(competence, len(every), address(query.page + 1), address(query.page - 1), shown)


def api(taxonomy: Taxonomy, *, base_url: str) -> Api:
    """The declared API."""
    service = CompetentNlApi(taxonomy, base_url=base_url)
    occupation, competence = shown_concepts(taxonomy)
    code = {"code": ("A code of the taxonomy, an ISCO-08 unit group code, or a URL-encoded IRI.", occupation)}
    iri = {"iri": ("The URL-encoded IRI of a competence.", competence)}
    return Api(
        "competentnl",
        "CompetentNL",
        f"Occupations by the words people use, and the competences that they ask. Taxonomy: {taxonomy.title} "
        f"{taxonomy.version}. {taxonomy.notice}",
        [
            Operation(
                "searchOccupations", "GET", "/occupations", "Occupations by text", service.occupations,
                FoundOccupations, query=SearchQuery, nl="Beroepen zoeken",
            ),
            Operation(
                "getCompetencesOfOccupation", "GET", "/occupations/{code}/competences", "What an occupation asks",
                service.required, Required, query=LangQuery, path_params=code, errors=(404,),
                nl="Wat een beroep vraagt",
            ),
            Operation(
                "searchCompetences", "GET", "/competences", "Competences by text", service.competences,
                FoundCompetences, query=SearchQuery, nl="Competenties zoeken",
            ),
            Operation(
                "getOccupationsWithCompetence", "GET", "/competences/{iri}/occupations",
                "Occupations that ask a competence", service.asking, Asking, query=PageQuery, path_params=iri,
                errors=(404,), nl="Beroepen die een competentie vragen",
            ),
            Operation(
                "getCompetence", "GET", "/competences/{iri}", "One competence", service.competence, WholeCompetence,
                query=LangQuery, path_params=iri, errors=(404,), nl="Eén competentie",
            ),
        ],
        nl="Beroepen bij de woorden die mensen gebruiken, en wat je voor een beroep moet kunnen.",
    )  # fmt: skip


def routes(taxonomy: Taxonomy, *, base_url: str, pages: Pages | None = None) -> list[BaseRoute]:
    """The routes of `/api/competentnl/v1` and those of the pilot; with `pages` there is a page that explains them."""
    declared = api(taxonomy, base_url=base_url)
    return [
        *compat.routes(taxonomy),
        *serve(declared, base_url=base_url, pages=pages, app_slug="competentnl", app_name="CompetentNL"),
    ]
