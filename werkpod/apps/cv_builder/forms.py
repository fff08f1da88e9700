"""Lists and forms of the parts of a CV: look, add, change, take away."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from werkpod.apps.cv_builder.guard import sharing
from werkpod.apps.cv_builder.inputs import N_, Typed
from werkpod.apps.cv_builder.parts import Part
from werkpod.apps.cv_builder.records import Records
from werkpod.apps.kit import ChangedMeanwhile, CitizenApp, PodConflict, PodRejected, PodUnavailable, Visit
from werkpod.apps.kit.app import Handler
from werkpod.vocab.cv import ME, Competence, Entry, InvalidEntry, SectionDocument, entry_iri, mint
from werkpod.vocab.cv.languages import LANGUAGE_CODES, language_name
from werkpod.vocab.taxonomy import Hit, Taxonomy
from werkpod.web.forms import read_form

HITS = 10
WORTH_SHOWING = 0.3
"""A result with a score below this share of the best one's has nothing to do with what was typed."""
NOT_SAVED = N_("Het is nog niet bewaard. Dat ligt niet aan jou. Wat je typte staat er nog. Probeer het zo opnieuw.")
MEANWHILE = N_("Dit is net ergens anders veranderd. Kijk of het zo klopt en bewaar het dan nog een keer.")
NOT_RIGHT = N_("Dit klopt nog niet. Kijk het nog eens na.")


class Meanwhile(Exception):
    """The entry is not what the form began with."""


def stamp(entry: Entry | None) -> str:
    """What an entry says, in short: to see that it is still what a form began with. "" for none."""
    return hashlib.sha256(repr(entry).encode()).hexdigest()[:16] if entry is not None else ""


async def typed_form(request: Request, base_url: str, *, limit: int = 1 << 20) -> Typed:
    """The fields of a form that our own page sent. Raises Forbidden and TooLarge as `read_form` does."""
    form = await read_form(request, base_url, limit=limit)
    values: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            values.setdefault(name, []).append(value)
    return Typed(values)


class PartPages:
    """The pages of one part."""

    def __init__(self, app: CitizenApp, taxonomy: Taxonomy, part: Part) -> None:
        self._app, self._taxonomy, self._part = app, taxonomy, part
        self._place = f"{app.home}{part.slug}"
        self._searches = part.slug in ("werk", "wensen")

    def routes(self) -> list[BaseRoute]:
        """The routes of this part, under the app's home."""
        slug = self._part.slug

        def page(path: str, handler: Handler, methods: Sequence[str] = ("GET",)) -> BaseRoute:
            return self._app.page(path, sharing(self._app, (self._part.section,), handler), methods=methods)

        if self._part.single:
            return [page(slug, self.form), page(slug, self.save, methods=("POST",))]
        found: list[BaseRoute] = [
            page(slug, self.listing),
            page(f"{slug}/nieuw", self.form),
            page(f"{slug}/wijzig", self.form),
            page(f"{slug}/bewaar", self.save, methods=("POST",)),
            page(f"{slug}/weg", self.ask_removal),
            page(f"{slug}/weg", self.remove, methods=("POST",)),
        ]
        return [*found, page(f"{slug}/zoek", self.search)] if self._searches else found

    async def listing(self, request: Request, visit: Visit) -> Response:
        """The entries of this part, each with a way to change it."""
        keys = {self._part.section, "competences"} if self._part.slug in ("werk", "opleiding") else {self._part.section}
        cv = await Records(visit.pod).cv(key for key in sorted(keys) if visit.may(key))
        entries = getattr(cv, self._part.section)
        return self._app.render(
            request, "cv_builder/list.html", part=self._part, entries=entries, cv=cv,
            saved=request.query_params.get("bewaard", ""), searches=self._searches,
        )  # fmt: skip

    async def search(self, request: Request, visit: Visit) -> Response:
        """Find an occupation by what people call it; only the results when htmx asks."""
        typed = Typed({"q": [request.query_params.get("q", "")]})
        text, entry_id = typed.raw("q")[:200], request.query_params.get("id", "")
        hits = self._taxonomy.search_occupations(text, lang=visit.lang, limit=HITS) if text else []
        hits = [hit for hit in hits if hit.score >= WORTH_SHOWING * hits[0].score]
        target = f"wijzig?id={quote(entry_id, safe='')}&" if entry_id else "nieuw?"
        results = [
            {
                "title": hit.occupation.title(visit.lang),
                "found": hit,
                "href": f"{self._place}/{target}beroep={quote(hit.occupation.iri, safe='')}"
                + ("" if entry_id else f"&naam={quote(_own_name(hit, visit.lang), safe='')}"),
            }
            for hit in hits
        ]
        own = f"{self._place}/{target}naam={quote(text, safe='')}" if text and not entry_id else ""
        partial = request.headers.get("hx-request") == "true"
        return self._app.render(
            request, f"cv_builder/{'results' if partial else 'search'}.html",
            part=self._part, text=text, results=results, own=own, entry_id=entry_id,
        )  # fmt: skip

    async def form(self, request: Request, visit: Visit) -> Response:
        """The form of an entry; empty for a new one, with what the search found filled in."""
        document = (await Records(visit.pod).load(self._part.section)).document
        entry = self._entry(document, request.query_params.get("id", ""))
        if entry is None and request.query_params.get("id"):
            return self._gone(request)
        fields = dict(self._part.show(entry)) if entry is not None else {}
        fields.update({n: [request.query_params[n]] for n in ("naam", "beroep") if n in request.query_params})
        return self._form(request, visit, fields, entry)

    async def save(self, request: Request, visit: Visit) -> Response:
        """Save an entry, or show the form again with what was typed and what is wrong with it."""
        typed = await typed_form(request, self._app.base_url)
        try:
            return await self._save(request, visit, typed)
        except (PodUnavailable, PodConflict, PodRejected, ChangedMeanwhile) as error:
            status = 503 if isinstance(error, PodUnavailable) else 409
            return self._form(request, visit, typed.values, None, notice=NOT_SAVED, status=status)

    async def _save(self, request: Request, visit: Visit, typed: Typed) -> Response:
        records, entry_id = Records(visit.pod), typed.raw("id")
        old = self._entry((await records.load(self._part.section)).document, entry_id)
        if old is None and entry_id and not self._part.single:
            return self._gone(request)
        values = self._part.read(typed, old, visit.lang)
        if "occupation" in values:
            values["occupation"] = self._occupation(values["occupation"], old)
        if typed.errors:
            return self._form(request, visit, typed.values, old, errors=typed.errors, status=422)
        began = typed.raw("versie")
        made: list[Entry] = []

        def change(document: SectionDocument) -> SectionDocument:
            current = self._entry(document, entry_id)
            if stamp(current) != began:
                raise Meanwhile
            made[:] = [self._made(document, current, values)]
            return document.put(made[0])

        try:
            await records.change(self._part.section, change)
        except Meanwhile:
            return self._form(request, visit, typed.values, old, notice=MEANWHILE, status=409)
        except InvalidEntry as error:
            errors = {problem.field: NOT_RIGHT for problem in error.problems}
            return self._form(request, visit, typed.values, old, errors=errors, notice=NOT_RIGHT, status=422)
        return self._onward(made[0], new=old is None)

    async def ask_removal(self, request: Request, visit: Visit) -> Response:
        """Ask whether an entry should go."""
        document = (await Records(visit.pod).load(self._part.section)).document
        entry = self._entry(document, request.query_params.get("id", ""))
        if entry is None:
            return self._gone(request)
        return self._app.render(request, "cv_builder/remove.html", part=self._part, entry=entry)

    async def remove(self, request: Request, visit: Visit) -> Response:
        """Take an entry away. What was learnt there stays, without the link, unless the person wants it gone too."""
        typed = await typed_form(request, self._app.base_url)
        entry_id, records = typed.raw("id"), Records(visit.pod)
        iri = entry_iri(records.storage, self._part.section, entry_id)
        # The links go first: when the second write fails, the entry is still there and can be taken away again.
        try:
            if self._part.slug in ("werk", "opleiding") and visit.may("competences"):
                await records.change("competences", lambda d: unlinked(d, iri, also=typed.raw("ook") == "ja"))
            await records.change(self._part.section, lambda document: document.remove(entry_id))
        except (PodUnavailable, PodConflict, PodRejected, ChangedMeanwhile) as error:
            document = Typed({"id": [entry_id]})
            return self._app.render(
                request, "cv_builder/not_removed.html", part=self._part, entry_id=document.raw("id"),
                status=503 if isinstance(error, PodUnavailable) else 409,
            )  # fmt: skip
        return RedirectResponse(f"{self._place}?bewaard=weg", status_code=303)

    # -- pieces --------------------------------------------------------------------------------------------------------

    def _entry(self, document: SectionDocument, entry_id: str) -> Entry | None:
        own = (e for e in document.entries if type(e) is self._part.cls and (self._part.single or e.id == entry_id))
        return next(own, None)

    def _made(self, document: SectionDocument, current: Entry | None, values: Mapping[str, Any]) -> Entry:
        """The entry to write: the current one changed, one that says the same already (sent twice), or a new one."""
        if current is not None:
            return dataclasses.replace(current, **values)
        new = self._part.cls(id=ME, **values)
        for other in document.entries:
            if dataclasses.replace(other, id=ME) == new:
                return other
        if self._part.single:
            return new
        taken = document.fragments | {entry.id for entry in document.entries}
        return dataclasses.replace(new, id=mint(taken=taken))

    def _occupation(self, iri: str | None, old: Entry | None) -> str | None:
        """The occupation that a form names, when the taxonomy has it or the entry had it already."""
        if not iri or iri == getattr(old, "occupation", None):
            return iri
        found = self._taxonomy.occupation(iri)
        return found.iri if found else None

    def _onward(self, entry: Entry, *, new: bool) -> Response:
        if self._part.single:
            return RedirectResponse(f"{self._app.home}?bewaard=ja", status_code=303)
        if self._part.slug == "werk" and new:
            return RedirectResponse(f"{self._place}/kunnen?id={quote(entry.id, safe='')}&nieuw=ja", status_code=303)
        return RedirectResponse(f"{self._place}?bewaard=ja", status_code=303)

    def _gone(self, request: Request) -> Response:
        return self._app.render(request, "cv_builder/gone.html", part=self._part, status=404)

    def _form(
        self, request: Request, visit: Visit, fields: Mapping[str, Sequence[str]], entry: Entry | None, *,
        errors: Mapping[str, str] | None = None, notice: str = "", status: int = 200,
    ) -> Response:  # fmt: skip
        first = {name: values[0] for name, values in fields.items() if values}
        occupation = self._taxonomy.occupation(first.get("beroep", "")) if first.get("beroep") else None
        entry_id = entry.id if entry is not None else first.get("id", "")
        began = stamp(entry) if entry is not None else first.get("versie", "")
        languages = sorted((language_name(code, visit.lang), code) for code in LANGUAGE_CODES)
        return self._app.render(
            request, "cv_builder/form.html", part=self._part, f=first, errors=errors or {}, notice=notice,
            entry_id=entry_id, began=began, occupation=occupation.title(visit.lang) if occupation else "",
            languages=languages if self._part.slug == "talen" else [], searches=self._searches, status=status,
        )  # fmt: skip


def unlinked(document: SectionDocument, iri: str, *, also: bool) -> SectionDocument:
    """The competences without their link to `iri`; those gained only there go too with `also`."""
    for entry in document.entries:
        if isinstance(entry, Competence) and iri in entry.gained_in:
            left = tuple(source for source in entry.gained_in if source != iri)
            gone = also and not left
            document = document.remove(entry.id) if gone else document.put(dataclasses.replace(entry, gained_in=left))
    return document


def _own_name(hit: Hit, lang: str) -> str:
    """What the job is called in the CV: as it was found, or by its title when it was found by what goes with it."""
    name = hit.occupation.title(lang) if hit.why in ("about", "code") else hit.matched
    return name[:1].upper() + name[1:]
