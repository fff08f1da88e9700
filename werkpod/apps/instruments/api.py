"""Instruments in our own form and as products in the SDG form: `/api/instruments/v1`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from starlette.routing import BaseRoute, Route

from werkpod.apps.documented import serve
from werkpod.apps.errors import UnknownCode
from werkpod.apps.instruments.answers import (
    DevelopsOut,
    InstrumentOut,
    InstrumentsOut,
    LineOut,
    LinesOut,
    instrument_out,
    line_out,
)
from werkpod.apps.instruments.editing import Editing
from werkpod.apps.instruments.editors import Editors
from werkpod.apps.instruments.ggm import Graph
from werkpod.apps.instruments.model import Catalogue, Guide, Instrument
from werkpod.apps.instruments.negotiated import Negotiated
from werkpod.apps.instruments.openproduct import (
    OpenContent,
    OpenProductType,
    OpenProductTypes,
    contents_of,
    product_type_of,
)
from werkpod.apps.instruments.pdc import PdcProduct, PdcProducts, Publisher, product_of
from werkpod.apps.jsonapi import Api, Call, Operation
from werkpod.apps.wire import LangParameter
from werkpod.web.pages import Pages

PAGE_SIZE = 100
"""Products on a page of the SDG form, as the API that it follows has."""


class ListQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the list can be narrowed by."""

    guide: Annotated[Guide, msgspec.Meta(description="eva: for jobseekers, dennis: for employers.")] | None = None
    competence: (
        Annotated[str, msgspec.Meta(max_length=300, description="Only what develops this competence (IRI).")] | None
    ) = None
    lang: LangParameter = "nl"


class LangQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Only the language."""

    lang: LangParameter = "nl"


class PageQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page of the list."""

    page: Annotated[int, msgspec.Meta(ge=1, le=100000, description="The number of the page, from 1.")] = 1


class DecisionIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an editor decides of a competence (IRI): `confirmed` at a level, `refused`, or `forgotten`: what was
    proposed counts again."""

    competence: Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
    verdict: Literal["confirmed", "refused", "forgotten"]
    level: Literal["", "1", "2", "3", "4"] = ""


_LINES = LinesOut(
    "eva-6",
    [
        LineOut(
            "confirmed",
            DevelopsOut(
                "https://w3id.org/werkpod/competence/heftruck-rijden",
                "Heftruck rijden",
                "2",
                "confirmed",
                True,
                False,
                [],
            ),
            "api",
            "2026-02-08T10:00:00Z",
        )
    ],
)
"""What the document shows of the answers that ask a token."""


class InstrumentsApi:
    """The operations, over a catalogue."""

    def __init__(
        self, catalogue: Catalogue, *, base_url: str, publisher: Publisher, editing: Editing | None, editors: Editors
    ) -> None:
        self._catalogue, self._publisher, self._editing, self._editors = catalogue, publisher, editing, editors
        self._products_url = f"{base_url}/api/instruments/v1/pdc/producten"
        self._types_url = f"{base_url}/api/instruments/v1/open-product/producttypen"
        self._page_url = f"{base_url}/apps/gids"

    def list(self, call: Call) -> InstrumentsOut:
        """All instruments, or those of a guide or for a competence."""
        query: ListQuery = call.query
        every = self._catalogue.developing(query.competence) if query.competence else self._catalogue.instruments
        found = [instrument_out(each, query.lang) for each in every if query.guide in (None, each.guide)]
        return InstrumentsOut(len(found), found)

    def one(self, call: Call) -> InstrumentOut:
        """One instrument. Raises UnknownCode."""
        wanted = call.path["id"]
        found = self._catalogue.get(wanted)
        if found is None:
            right = "An id is the guide and a number, as eva-12; /api/instruments/v1/instruments lists them."
            raise UnknownCode(f"There is no instrument {wanted[:80]!r}. {right}", value=wanted[:300])
        return instrument_out(found, call.query.lang)

    def products(self, call: Call) -> PdcProducts:
        """A page of the instruments as products."""
        shown, count, onward, back = self._page(self._products_url, call.query.page)
        return PdcProducts(count, onward, back, [self._product(each) for each in shown])

    def product(self, call: Call) -> PdcProduct:
        """One instrument as a product. Raises UnknownCode."""
        return self._product(self._by_uuid(call))

    def product_types(self, call: Call) -> OpenProductTypes:
        """A page of the instruments as product types."""
        shown, count, onward, back = self._page(self._types_url, call.query.page)
        return OpenProductTypes(count, onward, back, [self._product_type(each) for each in shown])

    def product_type(self, call: Call) -> OpenProductType:
        """One instrument as a product type. Raises UnknownCode."""
        return self._product_type(self._by_uuid(call))

    def contents(self, call: Call) -> Sequence[OpenContent]:
        """The texts of one instrument. Raises UnknownCode."""
        return contents_of(self._by_uuid(call))

    def lines(self, call: Call) -> LinesOut:
        """All that was decided and proposed for an instrument. Raises NotEditor and UnknownCode."""
        editing, _ = self._editor(call)
        return self._lines(editing, editing.instrument(call.path["id"]), call.query.lang)

    def decide(self, call: Call) -> LinesOut:
        """Keep what an editor decides. Raises NotEditor, UnknownCode and BadContent."""
        editing, by = self._editor(call)
        said: DecisionIn = call.body
        editing.decide(editing.instrument(call.path["id"]), said.competence, said.verdict, said.level, by)
        return self._lines(editing, editing.instrument(call.path["id"]), "nl")

    def _lines(self, editing: Editing, instrument: Instrument, lang: str) -> LinesOut:
        return LinesOut(instrument.id, [line_out(each, lang) for each in editing.lines(instrument)])

    def _editor(self, call: Call) -> tuple[Editing, str]:
        """Who asks, and what they edit. Raises NotEditor."""
        by = self._editors.check(call.request.headers.get("authorization", ""))
        if self._editing is None:
            raise UnknownCode("This catalogue has no editors: it cannot be changed.", value="")
        return self._editing, by

    def _page(self, url: str, page: int) -> tuple[Sequence[Instrument], int, str | None, str | None]:
        """The instruments of a page, how many there are in all, and the addresses of the next and previous page."""
        every = self._catalogue.instruments
        last = max(1, -(-len(every) // PAGE_SIZE))
        if page > last:
            raise UnknownCode(f"There is no page {page}; the last one is {last}.", value=str(page))
        shown = every[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        onward = f"{url}?page={page + 1}" if page < last else None
        return shown, len(every), onward, f"{url}?page={page - 1}" if page > 1 else None

    def _by_uuid(self, call: Call) -> Instrument:
        wanted = call.path["uuid"].lower()
        found = next((each for each in self._catalogue.instruments if each.uuid == wanted), None)
        if found is None:
            right = "Give the uuid of a product as /api/instruments/v1/pdc/producten names it."
            raise UnknownCode(f"There is no product {wanted[:80]!r}. {right}", value=wanted[:300])
        return found

    def _product_type(self, instrument: Instrument) -> OpenProductType:
        return product_type_of(instrument, publisher=self._publisher)

    def _product(self, instrument: Instrument) -> PdcProduct:
        return product_of(instrument, api_url=self._products_url, page_url=self._page_url, publisher=self._publisher)


def api(
    catalogue: Catalogue, *, base_url: str, publisher: Publisher, editing: Editing | None = None,
    editors: Editors | None = None,
) -> Api:  # fmt: skip
    """The declared API."""
    service = InstrumentsApi(
        catalogue, base_url=base_url, publisher=publisher, editing=editing,
        editors=editors or Editors("", base_url=base_url),
    )  # fmt: skip
    by_id = {"id": ("The id of an instrument.", "eva-1")}
    by_uuid = {"uuid": ("The uuid of a product.", "e64165e7-429b-5789-b904-fdb9e6d2465e")}
    return Api(
        "instruments",
        "Instrumentengids",
        "Instruments that help people to work, from Dennis and Eva guides: in our own form with the competences that "
        "they develop, as products in the SDG form (PDC API voor producten in de SDG, 1.8.3) and as product types of "
        "Open Product (1.7.0). /instruments and /instruments/{id} are linked data too: ask for text/turtle or "
        "application/ld+json. What is confirmed and what is proposed are told apart in each form.",
        [
            Operation(
                "listInstruments", "GET", "/instruments", "All instruments", service.list, InstrumentsOut,
                query=ListQuery, nl="Alle instrumenten",
            ),
            Operation(
                "getInstrument", "GET", "/instruments/{id}", "One instrument", service.one, InstrumentOut,
                query=LangQuery, path_params=by_id, errors=(404,), nl="Eén instrument",
            ),
            Operation(
                "productenList", "GET", "/pdc/producten", "Instruments as products", service.products, PdcProducts,
                query=PageQuery, errors=(404,), nl="Instrumenten als producten",
            ),
            Operation(
                "productenRetrieve", "GET", "/pdc/producten/{uuid}", "One instrument as a product", service.product,
                PdcProduct, path_params=by_uuid, errors=(404,), nl="Eén instrument als product",
            ),
            Operation(
                "producttypenList", "GET", "/open-product/producttypen", "Instruments as product types",
                service.product_types, OpenProductTypes, query=PageQuery, errors=(404,),
                nl="Instrumenten als producttypen",
            ),
            Operation(
                "producttypenContentList", "GET", "/open-product/producttypen/{uuid}/content", "Its texts",
                service.contents, list[OpenContent], path_params=by_uuid, errors=(404,),
                nl="De teksten van een producttype",
            ),
            Operation(
                "producttypenRetrieve", "GET", "/open-product/producttypen/{uuid}", "One instrument as a product type",
                service.product_type, OpenProductType, path_params=by_uuid, errors=(404,),
                nl="Eén instrument als producttype",
            ),
            Operation(
                "listDecisions", "GET", "/decisions/{id}", "What editors decided, and what is proposed",
                service.lines, LinesOut, query=LangQuery, path_params=by_id, errors=(404,), private=True, shown=_LINES,
                nl="Wat beslist en voorgesteld is",
            ),
            Operation(
                "decide", "POST", "/decisions/{id}", "Confirm, change or refuse a competence of an instrument",
                service.decide, LinesOut, body=DecisionIn, path_params=by_id, errors=(404,), private=True, shown=_LINES,
                nl="Over een competentie beslissen",
                example={"competence": "https://w3id.org/werkpod/competence/heftruck-rijden", "verdict": "confirmed",
                         "level": "2"},
            ),
        ],
    )  # fmt: skip


def _linked(root: str) -> tuple[str, str]:
    """The paths that are linked data too."""
    return f"{root}/instruments", f"{root}/instruments/{{id:path}}"


def routes(
    catalogue: Catalogue, *, base_url: str, publisher: Publisher | None = None, editing: Editing | None = None,
    editors: Editors | None = None, pages: Pages | None = None,
) -> list[BaseRoute]:  # fmt: skip
    """The routes of `/api/instruments/v1`. `publisher`: who answers for the products, an invented town by default;
    `editors`: who may decide what instruments develop, nobody by default; with `pages` there is a page to read."""
    publisher = publisher or Publisher(f"{base_url}/apps/gids/", "Gemeente Voorbeeldstad")
    declared = api(catalogue, base_url=base_url, publisher=publisher, editing=editing, editors=editors)
    graph = Graph(api_url=f"{base_url}{declared.root}/instruments", page_url=f"{base_url}/apps/gids",
                  publisher=publisher)  # fmt: skip
    made = serve(declared, base_url=base_url, pages=pages, app_slug="gids", app_name="Instrumentengids")
    for route in made:
        if isinstance(route, Route) and route.path in _linked(declared.root):
            route.app = Negotiated(route.app, catalogue, graph)
    return made
