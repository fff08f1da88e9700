"""The list of everything the person can do: how well, where it was learnt, and take away."""

from __future__ import annotations

import dataclasses

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from werkpod.apps.cv_builder.forms import NOT_SAVED, typed_form
from werkpod.apps.cv_builder.guard import sharing
from werkpod.apps.cv_builder.inputs import N_
from werkpod.apps.cv_builder.records import Records
from werkpod.apps.kit import ChangedMeanwhile, CitizenApp, PodConflict, PodRejected, PodUnavailable, Visit
from werkpod.apps.kit.naming import same_here, with_names
from werkpod.vocab.cv import Competence, Cv, Education, Experience, SectionDocument
from werkpod.vocab.taxonomy import Taxonomy

LEVELS = (
    ("1", N_("Een beetje")),
    ("2", N_("Met hulp")),
    ("3", N_("Goed, ik kan het zelf")),
    ("4", N_("Heel goed, ik kan het anderen leren")),
)
"""The levels of a competence, as a person says them."""

_SECTIONS = ("competences", "experience", "education")


class CompetencePages:
    """The pages of the competences, apart from ticking them."""

    def __init__(self, app: CitizenApp, taxonomy: Taxonomy) -> None:
        self._app, self._taxonomy = app, taxonomy
        self._place = f"{app.home}kunnen"

    def routes(self) -> list[BaseRoute]:
        """The routes of these pages, under the app's home."""
        listing, form, save = (
            sharing(self._app, ("competences",), handler) for handler in (self.listing, self.form, self.save)
        )
        return [
            self._app.page("kunnen", listing),
            self._app.page("kunnen/wijzig", form),
            self._app.page("kunnen/wijzig", save, methods=("POST",)),
        ]

    async def _cv(self, visit: Visit) -> Cv:
        cv = await Records(visit.pod).cv(key for key in _SECTIONS if visit.may(key))
        return with_names(cv, self._taxonomy, visit.lang)

    async def listing(self, request: Request, visit: Visit) -> Response:
        """Every competence, by the job or school that it comes from."""
        cv = await self._cv(visit)
        sources: tuple[Experience | Education, ...] = (*cv.experience, *cv.education)
        groups = [(source, cv.gained(source)) for source in sources]
        loose = [competence for competence in cv.competences if not cv.sources(competence)]
        return self._app.render(
            request, "cv_builder/competences.html", groups=[g for g in groups if g[1]], loose=loose, cv=cv,
            levels=dict(LEVELS), saved=request.query_params.get("bewaard", ""),
        )  # fmt: skip

    async def form(self, request: Request, visit: Visit) -> Response:
        """How well the person does one thing."""
        return await self._form(request, visit, request.query_params.get("id", ""))

    async def save(self, request: Request, visit: Visit) -> Response:
        """Save how well, or take it away."""
        typed = await typed_form(request, self._app.base_url)
        entry_id, gone = typed.raw("id"), typed.raw("actie") == "weg"
        level = typed.choice("niveau", dict(LEVELS))

        def change(document: SectionDocument) -> SectionDocument:
            entry = document.entry(entry_id)
            if gone or not isinstance(entry, Competence):
                return document.remove(entry_id) if isinstance(entry, Competence) else document
            return document.put(dataclasses.replace(entry, level=int(level) if level else None))

        try:
            await Records(visit.pod).change("competences", change)
        except (PodUnavailable, PodConflict, PodRejected, ChangedMeanwhile) as error:
            status = 503 if isinstance(error, PodUnavailable) else 409
            return self._app.render(
                request, "cv_builder/not_removed.html", part=None, entry_id=entry_id, notice=NOT_SAVED, status=status
            )
        return RedirectResponse(f"{self._place}?bewaard={'weg' if gone else 'ja'}", status_code=303)

    async def _form(self, request: Request, visit: Visit, entry_id: str) -> Response:
        cv = await self._cv(visit)
        found = next((c for c in cv.competences if c.id == entry_id), None)
        if found is None:
            return self._app.render(request, "cv_builder/gone.html", part=None, status=404)
        return self._app.render(
            request, "cv_builder/competence.html", competence=found, sources=cv.sources(found), levels=LEVELS,
            same=same_here(found, self._taxonomy, visit.lang),
        )  # fmt: skip
