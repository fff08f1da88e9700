"""When a concept that a CV names is gone from a new version of the taxonomy: the person is offered what came in its
place, once. What they do not want is kept with the entry, so that it is not offered again."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal, TypeAlias

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from werkpod.apps.cv_builder.forms import typed_form
from werkpod.apps.cv_builder.records import Records
from werkpod.apps.kit import ChangedMeanwhile, CitizenApp, PodConflict, PodRejected, PodUnavailable, Visit
from werkpod.vocab.cv import Competence, Cv, Experience, SectionDocument, Wish
from werkpod.vocab.elsewhere import SUCCESSOR
from werkpod.vocab.taxonomy import Taxonomy

Section = Literal["experience", "competences", "wishes"]
Pointing: TypeAlias = Experience | Competence | Wish
"""An entry that points at a concept of a taxonomy."""
SECTIONS: tuple[Section, ...] = ("experience", "competences", "wishes")
PLACE = "anders"


@dataclass(frozen=True, slots=True)
class Offer:
    """A concept in a CV that is gone (`old`), and what came in its place. `entry`: the fragment of the entry; `said`
    what the CV calls it, `was` what the taxonomy called it; `proposed`: the publisher does not say so, we think so."""

    section: Section
    entry: str
    old: str
    new: str
    said: str
    was: str
    now: str
    proposed: bool

    @property
    def key(self) -> tuple[str, ...]:
        """What an answer says that it is about."""
        return self.section, self.entry, self.old, self.new


def offers(cv: Cv, taxonomy: Taxonomy, lang: str) -> list[Offer]:
    """What can be offered for a CV, in the order of the CV."""
    found: list[Offer] = []
    entries: tuple[tuple[Section, tuple[Pointing, ...]], ...] = (
        ("experience", cv.experience), ("competences", cv.competences), ("wishes", cv.wishes),
    )  # fmt: skip
    for section, every in entries:
        found += [made for entry in every if (made := _offer(section, entry, taxonomy, lang))]
    return found


def concept_of(entry: Pointing) -> str | None:
    """The IRI of the concept that an entry points at."""
    return entry.concept if isinstance(entry, Competence) else entry.occupation


def _offer(section: Section, entry: Pointing, taxonomy: Taxonomy, lang: str) -> Offer | None:
    old = concept_of(entry)
    past = taxonomy.elsewhere.past(old) if old else None
    if old is None or past is None or not past.gone:
        return None
    new = _successor(old, section, taxonomy, lang)
    if new is None or new[0] in entry.declined:
        return None
    was = past.labels.get(lang) or next(iter(past.labels.values()), "")
    return Offer(section, entry.id, old, new[0], entry.title, was, new[1], new[2])


def _successor(old: str, section: Section, taxonomy: Taxonomy, lang: str) -> tuple[str, str, bool] | None:
    """(IRI, name, proposed) of what came in the place of a concept; None where nothing did, or where it is a choice."""
    if section == "competences":
        same = [each for each in taxonomy.equivalents(old) if SUCCESSOR in each.via]
        if len(same) != 1:
            return None
        return same[0].competence.iri, same[0].competence.everyday(lang), same[0].proposed
    resolution = taxonomy.resolve(old)
    ways = [way for way in resolution.ways if way.occupation == resolution.best and SUCCESSOR in way.via]
    return (ways[0].occupation.iri, ways[0].occupation.title(lang), ways[0].proposed) if ways else None


def taken(document: SectionDocument, offer: Offer) -> SectionDocument:
    """The section with the successor in the place of what is gone. The person's own words stay; a competence that was
    called as the taxonomy called it gets its new name."""
    entry = _entry(document, offer)
    if isinstance(entry, Competence):
        named = offer.now if not entry.label or entry.label == offer.was else entry.label
        return document.put(dataclasses.replace(entry, concept=offer.new, label=named, declined=()))
    if entry is not None:
        return document.put(dataclasses.replace(entry, occupation=offer.new, declined=()))
    return document


def kept(document: SectionDocument, offer: Offer) -> SectionDocument:
    """The section with what is gone kept, and the successor not offered again."""
    entry = _entry(document, offer)
    if entry is None:
        return document
    return document.put(dataclasses.replace(entry, declined=(*entry.declined, offer.new)))


def _entry(document: SectionDocument, offer: Offer) -> Pointing | None:
    """The entry, as long as it still points at what is gone."""
    entry = document.entry(offer.entry)
    if isinstance(entry, (Experience, Competence, Wish)) and concept_of(entry) == offer.old:
        return entry
    return None


class SuccessorPages:
    """One page: the next offer, to take or to leave."""

    def __init__(self, app: CitizenApp, taxonomy: Taxonomy) -> None:
        self._app, self._taxonomy = app, taxonomy

    def routes(self) -> list[BaseRoute]:
        """The routes of this page, under the app's home."""
        return [self._app.page(PLACE, self.show), self._app.page(PLACE, self.answer, methods=("POST",))]

    async def show(self, request: Request, visit: Visit) -> Response:
        """The first thing that is called otherwise now; back to the CV when there is none."""
        return await self._show(request, visit)

    async def answer(self, request: Request, visit: Visit) -> Response:
        """Take the successor or keep what is there, and on to the next."""
        typed = await typed_form(request, self._app.base_url)
        asked = tuple(typed.raw(name) for name in ("deel", "id", "oud", "nieuw"))
        offer = next((each for each in await self._offers(visit, "nl") if each.key == asked), None)
        if offer is None or typed.raw("actie") not in ("neem", "houd"):
            return RedirectResponse(f"{self._app.home}{PLACE}", status_code=303)  # it changed meanwhile: look again
        change = taken if typed.raw("actie") == "neem" else kept
        try:
            await Records(visit.pod).change(offer.section, lambda document: change(document, offer))
        except (PodUnavailable, PodConflict, PodRejected, ChangedMeanwhile) as error:
            return await self._show(request, visit, failed=503 if isinstance(error, PodUnavailable) else 409)
        return RedirectResponse(f"{self._app.home}{PLACE}?bewaard=ja", status_code=303)

    async def _offers(self, visit: Visit, lang: str) -> list[Offer]:
        cv = await Records(visit.pod).cv(key for key in SECTIONS if visit.may(key))
        return offers(cv, self._taxonomy, lang)

    async def _show(self, request: Request, visit: Visit, *, failed: int = 0) -> Response:
        every = await self._offers(visit, visit.lang)
        saved = request.query_params.get("bewaard", "")
        if not every:
            return RedirectResponse(f"{self._app.home}{'?bewaard=ja' if saved else ''}", status_code=303)
        return self._app.render(
            request, "cv_builder/successor.html", status=failed or 200, offer=every[0], more=len(every) - 1,
            saved=saved, failed=bool(failed),
        )  # fmt: skip
