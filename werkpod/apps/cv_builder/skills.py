"""What a person can do: ticked for a job or a school, each linked to where it was gained; or said on its own.

A tick's value is the IRI of a competence, or "eigen:" and the person's own words.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from werkpod.apps.cv_builder.forms import NOT_SAVED, typed_form
from werkpod.apps.cv_builder.guard import sharing
from werkpod.apps.cv_builder.inputs import LABEL, N_, TOO_LONG, Typed
from werkpod.apps.cv_builder.parts import SCHOOL, WORK, Part
from werkpod.apps.cv_builder.records import Records
from werkpod.apps.kit import ChangedMeanwhile, CitizenApp, PodConflict, PodRejected, PodUnavailable, Visit
from werkpod.apps.kit.naming import name_of, other_language
from werkpod.vocab.cv import (
    Competence,
    Education,
    Entry,
    Experience,
    SectionDocument,
    entry_iri,
    mint,
)
from werkpod.vocab.taxonomy import Taxonomy

OWN = "eigen:"
HITS = 8
NOTHING = N_("Kruis aan wat je kunt. Of schrijf zelf iets op.")


@dataclass(frozen=True, slots=True)
class Tick:
    """A checkbox: its value, its text, whether it is ticked, whether it was so when the page was made, and the language
    of the text where it is not the reader's."""

    value: str
    text: str
    on: bool = False
    was_on: bool = False
    lang: str = ""


def value_of(competence: Competence) -> str:
    """The tick value of a competence in the CV."""
    return competence.concept or OWN + competence.label


class SkillPages:
    """ "Wat kon je daar?" for a job or a school, and "wat kun je nog meer?" without one."""

    def __init__(self, app: CitizenApp, taxonomy: Taxonomy) -> None:
        self._app, self._taxonomy = app, taxonomy

    def routes(self) -> list[BaseRoute]:
        """The routes of these pages, under the app's home."""
        found: list[BaseRoute] = []
        for place, part in (("werk/kunnen", WORK), ("opleiding/kunnen", SCHOOL), ("kunnen/erbij", None)):
            needed = ("competences", part.section) if part else ("competences",)
            show, save = (sharing(self._app, needed, handler) for handler in (self.show, self.save))
            found += [self._app.page(place, show), self._app.page(place, save, methods=("POST",))]
        return [*found, self._app.page("kunnen/zoek", self.search)]

    async def show(self, request: Request, visit: Visit) -> Response:
        """The competences to tick; nothing is ticked that the person did not tick before."""
        part, entry_id = self._part(request), request.query_params.get("id", "")
        document, source = await self._load(visit, part, entry_id)
        if part is not None and source is None:
            return self._app.render(request, "cv_builder/gone.html", part=part, status=404)
        return self._page(request, visit, document, source, Typed({}), fresh=True)

    async def search(self, request: Request, visit: Visit) -> Response:
        """What a search finds, as checkboxes for htmx to put in the page; what is ticked among them stays."""
        query = request.query_params
        typed = Typed({name: query.getlist(name) for name in ("zoek", "kan", "beroep")})
        occupation = self._taxonomy.occupation(typed.raw("beroep")) if typed.raw("beroep") else None
        listed = {link.competence.iri for link in self._taxonomy.links(occupation)} if occupation else set()
        kept = [Tick(value, self._text(value, {}, visit.lang), True) for value in typed.every("kan")]
        found = self._found(typed, visit.lang, frozenset(listed | {tick.value for tick in kept}))
        return self._app.render(request, "cv_builder/found.html", found=[*kept, *found], typed=typed)

    async def save(self, request: Request, visit: Visit) -> Response:
        """Save the ticks, or search further with the ticks kept."""
        typed = await typed_form(request, self._app.base_url)
        part, entry_id = self._part(request), typed.raw("id")
        document, source = await self._load(visit, part, entry_id)
        if part is not None and source is None:
            return self._app.render(request, "cv_builder/gone.html", part=part, status=404)
        searching = typed.raw("actie") == "zoek"
        own = typed.raw("zoek") if not searching else ""
        ticked = [*typed.every("kan"), *([OWN + own] if own and not self._is_ticked(own, typed, visit.lang) else [])]
        if any(len(value) > LABEL + len(OWN) for value in ticked):
            typed.errors["zoek"] = TOO_LONG
        elif not searching and part is None and not ticked:
            typed.errors["zoek"] = NOTHING
        if searching or typed.errors:
            return self._page(request, visit, document, source, typed, status=422 if typed.errors else 200)
        records = Records(visit.pod)
        iri = self._iri(records.storage, source)
        try:
            await records.change("competences", lambda d: self._changed(d, iri, ticked, typed.every("stond")))
        except (PodUnavailable, PodConflict, PodRejected, ChangedMeanwhile) as error:
            status = 503 if isinstance(error, PodUnavailable) else 409
            return self._page(request, visit, document, source, typed, notice=NOT_SAVED, status=status)
        return RedirectResponse(f"{self._app.home}{part.slug if part else 'kunnen'}?bewaard=ja", status_code=303)

    # -- the change ----------------------------------------------------------------------------------------------------

    def _changed(
        self, document: SectionDocument, iri: str | None, ticked: Iterable[str], before: Iterable[str]
    ) -> SectionDocument:
        """The competences with the ticked ones linked to `iri`. One that lost its tick loses its link; when it was
        gained nowhere else it goes."""
        wanted = tuple(dict.fromkeys(ticked))
        for value in wanted:
            document = self._with(document, iri, value)
        for value in before:
            if iri is None or value in wanted:
                continue
            for entry in self._matching(document, value):
                left = tuple(source for source in entry.gained_in if source != iri)
                if left == entry.gained_in:
                    continue
                fewer = dataclasses.replace(entry, gained_in=left)
                document = document.put(fewer) if left else document.remove(entry.id)
        return document

    def _with(self, document: SectionDocument, iri: str | None, value: str) -> SectionDocument:
        links = (iri,) if iri else ()
        same = self._matching(document, value)
        if same:
            return document.put(dataclasses.replace(same[0], gained_in=(*same[0].gained_in, *links)))
        fragments = document.fragments
        if value.startswith(OWN):
            label = value[len(OWN) :]
            fragment = mint(taken=fragments)
            return document.put(Competence(fragment, label, gained_in=links))
        known = self._taxonomy.competence(value)
        if known is None:
            return document
        label = known.everyday("nl")
        fragment = mint(taken=fragments)
        return document.put(Competence(fragment, label, known.iri, kind=known.kind, gained_in=links))

    @staticmethod
    def _matching(document: SectionDocument, value: str) -> list[Competence]:
        words = value[len(OWN) :].casefold() if value.startswith(OWN) else None
        return [
            entry
            for entry in document.entries
            if isinstance(entry, Competence)
            and (entry.label.casefold() == words if words is not None else entry.concept == value)
        ]

    # -- the page ------------------------------------------------------------------------------------------------------

    def _part(self, request: Request) -> Part | None:
        place = request.url.path.removeprefix(self._app.home).split("/")[0]
        return {"werk": WORK, "opleiding": SCHOOL}.get(place)

    async def _load(
        self, visit: Visit, part: Part | None, entry_id: str
    ) -> tuple[SectionDocument, Experience | Education | None]:
        records = Records(visit.pod)
        documents = await records.documents([part.section, "competences"] if part else ["competences"])
        found: Entry | None = documents[part.section].entry(entry_id) if part else None
        return documents["competences"], found if isinstance(found, (Experience, Education)) else None

    @staticmethod
    def _iri(storage: str, source: Experience | Education | None) -> str | None:
        if source is None:
            return None
        return entry_iri(storage, "experience" if isinstance(source, Experience) else "education", source.id)

    def _ticks(
        self, source: Experience | Education | None, linked: Sequence[Competence], typed: Typed, lang: str, fresh: bool
    ) -> tuple[list[Tick], list[Tick], list[Tick]]:
        """The essential competences of the occupation, its other ones, and what is linked beside those."""
        was_on = {value_of(competence) for competence in linked} if fresh else set(typed.every("stond"))
        on = was_on if fresh else set(typed.every("kan"))
        code = source.occupation if isinstance(source, Experience) else None
        occupation = self._taxonomy.occupation(code) if code else None
        links = self._taxonomy.links(occupation) if occupation else ()
        groups: tuple[list[Tick], list[Tick], list[Tick]] = ([], [], [])
        names, shown = {value_of(competence): competence.label for competence in linked}, set()
        said = self._said_otherwise(was_on | on)
        for link in sorted(links, key=lambda link: bool(other_language(link.competence, lang))):
            own = link.competence.iri
            iri = said.pop(own, own)
            if iri not in shown:
                named = names.get(iri, "") if iri != own else ""
                text, other = named or link.competence.everyday(lang), other_language(link.competence, lang)
                tick = Tick(iri, text, iri in on, iri in was_on, "" if named else other)
                groups[0 if link.kind == "essential" else 1].append(tick)
                shown.add(iri)
        for value in sorted((was_on | on) - shown, key=lambda v: self._text(v, names, lang).casefold()):
            groups[2].append(Tick(value, self._text(value, names, lang), value in on, value in was_on))
        return groups

    def _said_otherwise(self, values: Iterable[str]) -> dict[str, str]:
        """Competence of the taxonomy -> the value of a tick that means the same in another one: it stands for it."""
        return {
            each.competence.iri: value
            for value in sorted(values)
            if not value.startswith(OWN) and self._taxonomy.competence(value) is None
            for each in self._taxonomy.equivalents(value)
        }

    def _text(self, value: str, names: dict[str, str], lang: str) -> str:
        if value.startswith(OWN):
            return value[len(OWN) :]
        known = self._taxonomy.competence(value)
        return known.everyday(lang) if known else names.get(value) or name_of(value, self._taxonomy, lang) or value

    def _found(self, typed: Typed, lang: str, shown: frozenset[str]) -> list[Tick]:
        """The ticks that a search offers: the words themselves first, then what the taxonomy has like them."""
        text = typed.raw("zoek")[:LABEL]
        if not text:
            return []
        hits = [hit.competence for hit in self._taxonomy.search_competences(text, lang=lang, limit=HITS)]
        exact = any(c.everyday(lang).casefold() == text.casefold() for c in hits)
        own = [] if exact else [Tick(OWN + text, text)]
        on = frozenset(typed.every("kan"))
        return [
            *(tick for tick in own if tick.value not in shown),
            *(
                Tick(c.iri, c.everyday(lang), c.iri in on, lang=other_language(c, lang))
                for c in hits
                if c.iri not in shown
            ),
        ]

    def _is_ticked(self, words: str, typed: Typed, lang: str) -> bool:
        """Whether the words in the search field are ticked already, as themselves or as a competence found by them."""
        found = {tick.value for tick in self._found(typed, lang, frozenset())}
        return bool(found & set(typed.every("kan"))) or OWN + words in typed.every("kan")

    def _page(
        self, request: Request, visit: Visit, document: SectionDocument, source: Experience | Education | None,
        typed: Typed, *, fresh: bool = False, notice: str = "", status: int = 200,
    ) -> Response:  # fmt: skip
        iri = self._iri(visit.pod.storage, source)
        every = [entry for entry in document.entries if isinstance(entry, Competence)]
        linked = [entry for entry in every if iri is not None and iri in entry.gained_in]
        essential, others, beside = self._ticks(source, linked, typed, visit.lang, fresh)
        shown = frozenset(tick.value for tick in (*essential, *others, *beside))
        part = self._part(request)
        return self._app.render(
            request, "cv_builder/skills.html", status=status, part=part, source=source, essential=essential,
            others=others, beside=beside, found=self._found(typed, visit.lang, shown), typed=typed, errors=typed.errors,
            notice=notice,
            new=request.query_params.get("nieuw") or typed.raw("nieuw"),
            search_again=f"{self._app.home}werk/zoek?id={quote(source.id, safe='')}" if source else "",
        )  # fmt: skip
