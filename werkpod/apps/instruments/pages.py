"""Instrumentengids' pages: what help there is, and what it develops."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
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
        found = await run_in_threadpool(self._find, text, guide)
        return self._pages.render(
            request, "instruments/home.html", text=text, found=found, guide=guide, tongue=language_of(request)
        )

    def _find(self, text: str, guide: str) -> list[Instrument]:
        """Those that say each word, first those that say all of them in the name."""
        asked = normalise(text).split()
        catalogue, texts = self._searched()
        found = [
            each
            for each in catalogue.instruments
            if each.guide == guide and all(_says(texts[each.id], word) for word in asked)
        ]
        return sorted(found, key=lambda each: not all(_says(_words(each.name), word) for word in asked))

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
    return _words(" ".join((each.name, each.summary, each.form, each.target, *labels)))


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(normalise(text).split()))


def _says(words: list[str], asked: str) -> bool:
    """Whether a word is another form of the one asked, begins with it, or has it after four letters or more: "taal" is
    in "taalles" and "moedertaal", not in "betaal"."""
    single = next((asked[: -len(e)] for e in ("en", "s") if asked.endswith(e) and len(asked) > 5), asked)
    same = stem(asked)
    return any(word.startswith(single) or word.find(single) >= _LEAST_BEFORE or stem(word) == same for word in words)


def routes(catalogue: Catalogue, *, pages: Pages) -> list[BaseRoute]:
    """The pages at `/apps/gids/`."""
    service = InstrumentPages(catalogue, pages)
    return [
        Route("/apps/gids/", service.home, methods=["GET"], name="gids:home"),
        Route("/apps/gids/{id}", service.instrument, methods=["GET"], name="gids:instrument"),
    ]
