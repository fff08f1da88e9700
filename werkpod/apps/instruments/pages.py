"""Instrumentengids' pages: what help there is, and what it develops."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from werkpod.apps.instruments.model import Catalogue, Instrument
from werkpod.apps.reference import ReferencePages, search_text
from werkpod.vocab.text import normalise, stem
from werkpod.web.pages import Pages, language_of

_LEAST_BEFORE = 4
"""Letters before the part of a compound: fewer are a prefix ("be-taal") or chance ("me-taal")."""


class InstrumentPages:
    """The pages, over a catalogue."""

    def __init__(self, catalogue: Catalogue, pages: Pages) -> None:
        self._catalogue, self._pages = catalogue, ReferencePages(pages, slug="gids", name="Instrumentengids")
        self._read: tuple[Catalogue | None, dict[str, list[str]]] = None, {}

    async def home(self, request: Request) -> Response:
        """All instruments for jobseekers, or those that a text is found in; for employers with `voor=werkgever`."""
        text = search_text(request)
        guide = "dennis" if request.query_params.get("voor") == "werkgever" else "eva"
        stems = [stem(word) for word in normalise(text).split()]
        catalogue, texts = self._searched()
        found = [
            each
            for each in catalogue.instruments
            if each.guide == guide and all(_says(texts[each.id], part) for part in stems)
        ]
        found.sort(key=lambda each: not all(_says(_stems(each.name), part) for part in stems))
        return self._pages.render(
            request, "instruments/home.html", text=text, found=found, guide=guide, tongue=language_of(request)
        )

    def _searched(self) -> tuple[Catalogue, dict[str, list[str]]]:
        """The catalogue at this moment, and the words of each instrument that is searched in: made once a catalogue."""
        now = self._catalogue.now
        made, texts = self._read
        if made is not now:
            texts = {each.id: _searchable(each) for each in now.instruments}
            self._read = now, texts
        return now, texts

    async def instrument(self, request: Request) -> Response:
        """One instrument."""
        found = self._catalogue.get(request.path_params["id"])
        if found is None:
            return self._pages.render(request, "instruments/unknown.html", status=404)
        return self._pages.render(request, "instruments/instrument.html", each=found, tongue=language_of(request))


def _searchable(each: Instrument) -> list[str]:
    labels = (label for developed in each.develops for label in developed.labels.values())
    return _stems(" ".join((each.name, each.summary, each.form, each.target, *labels)))


def _stems(text: str) -> list[str]:
    return list(dict.fromkeys(stem(word) for word in normalise(text).split()))


def _says(stems: list[str], part: str) -> bool:
    """Whether a word begins with the part, or has it after four letters or more: "taal" is in "taalles" and
    "moedertaal", not in "betaal"."""
    return any(word.startswith(part) or word.find(part) >= _LEAST_BEFORE for word in stems)


def routes(catalogue: Catalogue, *, pages: Pages) -> list[BaseRoute]:
    """The pages at `/apps/gids/`."""
    service = InstrumentPages(catalogue, pages)
    return [
        Route("/apps/gids/", service.home, methods=["GET"], name="gids:home"),
        Route("/apps/gids/{id}", service.instrument, methods=["GET"], name="gids:instrument"),
    ]
