"""Read a CV from a JSON Resume file: show what goes where and what goes nowhere, then save."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from werkpod.apps.cv_builder.forms import typed_form
from werkpod.apps.cv_builder.inputs import N_
from werkpod.apps.cv_builder.records import Records
from werkpod.apps.kit import ChangedMeanwhile, CitizenApp, PodConflict, PodRejected, PodUnavailable, Visit
from werkpod.vocab import jsonresume
from werkpod.vocab.cv import InvalidEntry
from werkpod.vocab.jsonresume import NotAResume, Outcome, Reason, Unplaced
from werkpod.vocab.sections import CV_SECTIONS, Section
from werkpod.web.forms import read_form

FORM_LIMIT = 3 * jsonresume.LARGEST_FILE
"""Bytes of the form: a file in text, in which a character can take three bytes more."""

NOTHING = N_("Kies een bestand of plak de tekst.")
WRONG = {
    "too_large": N_("Dit bestand is te groot."),
    "not_json": N_("Dit is geen JSON-bestand. Kies het bestand dat eindigt op .json."),
    "not_an_object": N_("Dit is geen cv in de vorm van JSON Resume."),
}


@dataclass(frozen=True, slots=True)
class Going:
    """A section and what an import puts in it: name and details of each entry, for a person to read."""

    section: Section
    lines: tuple[tuple[str, str], ...]


def going(outcome: Outcome) -> list[Going]:
    """What goes where, section by section in the order of a CV."""
    found = []
    for section in CV_SECTIONS:
        entries = {entry.id: entry for entry in outcome.entries.get(section.key, ())}
        lines = []
        for entry_id, entry in entries.items():
            leaves = [leaf for leaf in outcome.placed if leaf.section == section.key and leaf.entry == entry_id]
            title = str(getattr(entry, "title", ""))
            said = dict.fromkeys(str(leaf.value).strip() for leaf in leaves)
            lines.append((title, " · ".join(value for value in said if value != title)))
        if lines:
            found.append(Going(section, tuple(lines)))
    return found


def place_name(path: str) -> str:
    """A JSON Pointer as a person can follow it: "/work/0/name" is "work, 1, name"."""
    parts = path.split("/")[1:]
    return ", ".join(str(int(p) + 1) if p.isdigit() else p.replace("~1", "/").replace("~0", "~") for p in parts)


class ImportPages:
    """The pages of the import."""

    def __init__(self, app: CitizenApp) -> None:
        self._app = app

    def routes(self) -> list[BaseRoute]:
        """The routes of these pages, under the app's home."""
        page = self._app.page
        return [
            page("inlezen", self.ask),
            page("inlezen", self.preview, methods=("POST",)),
            page("inlezen/bewaar", self.save, methods=("POST",)),
        ]

    async def ask(self, request: Request, visit: Visit) -> Response:
        """Ask for a file or its text."""
        return self._app.render(request, "cv_builder/import.html", error="", text="")

    async def preview(self, request: Request, visit: Visit) -> Response:
        """What goes where and what goes nowhere; nothing is saved yet."""
        form = await read_form(request, self._app.base_url, limit=FORM_LIMIT)
        try:
            upload, pasted = form.get("bestand"), form.get("tekst")
            text = pasted if isinstance(pasted, str) else ""
            body = await upload.read() if isinstance(upload, UploadFile) else b""
        finally:
            await form.close()
        body = body or text.encode("utf-8", "replace")
        if not body.strip():
            return self._app.render(request, "cv_builder/import.html", error=NOTHING, text=text, status=422)
        try:
            outcome = await self._outcome(visit, body)
        except NotAResume as error:
            return self._app.render(
                request, "cv_builder/import.html", error=WRONG[error.kind], detail=error.detail, text=text, status=422
            )
        return self._preview(request, outcome, body.decode("utf-8-sig"))

    async def save(self, request: Request, visit: Visit) -> Response:
        """Save what was shown, section by section; says which are saved when one cannot be."""
        typed = await typed_form(request, self._app.base_url, limit=FORM_LIMIT)
        text = next(iter(typed.values.get("document", ())), "")
        try:
            outcome = await self._outcome(visit, text.encode("utf-8", "replace"))
        except NotAResume as error:
            return self._app.render(
                request, "cv_builder/import.html", error=WRONG[error.kind], detail=error.detail, text=text, status=422
            )
        records = Records(visit.pod)
        saved: list[Section] = []
        for section in CV_SECTIONS:
            if section.key not in outcome.entries:
                continue
            try:
                await records.change(section.key, outcome.into)
            except (PodUnavailable, PodConflict, PodRejected, ChangedMeanwhile, InvalidEntry):
                left = [s for s in CV_SECTIONS if s.key in outcome.entries and s not in saved]
                return self._app.render(
                    request, "cv_builder/import_half.html", saved=saved, left=left, document=text, status=503
                )
            saved.append(section)
        return self._app.render(request, "cv_builder/import_done.html", saved=saved, unplaced=_shown(outcome.unplaced))

    async def _outcome(self, visit: Visit, body: bytes) -> Outcome:
        """The import of a file beside the CV as it is now, into the sections that are shared. Raises NotAResume."""
        keys = tuple(section.key for section in CV_SECTIONS if visit.may(section.key))
        records = Records(visit.pod)
        jsonresume.read(body)
        documents = await records.documents(keys)
        return jsonresume.import_resume(body, records.storage, documents).only(keys)

    def _preview(self, request: Request, outcome: Outcome, text: str) -> Response:
        return self._app.render(
            request, "cv_builder/import_preview.html", going=going(outcome), unplaced=_shown(outcome.unplaced),
            empty=sum(leaf.reason is Reason.EMPTY for leaf in outcome.unplaced), document=text,
            entries=sum(len(made) for made in outcome.entries.values()),
        )  # fmt: skip


def _shown(unplaced: Iterable[Unplaced]) -> list[tuple[str, str, Reason]]:
    """Place, value and reason of each value that goes nowhere; the empty ones last."""
    every = sorted(unplaced, key=lambda leaf: leaf.reason is Reason.EMPTY)
    return [(place_name(leaf.path), leaf.shown, leaf.reason) for leaf in every]
