"""Instruments in our own form and as products in the SDG form: `/api/instruments/v1`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from starlette.routing import BaseRoute

from werkpod.apps.errors import UnknownCode
from werkpod.apps.instruments.model import Catalogue, Develops, Guide, Instrument
from werkpod.apps.instruments.pdc import PdcProduct, PdcProducts, Publisher, product_of
from werkpod.apps.jsonapi import Api, Call, Operation
from werkpod.apps.openapi import document
from werkpod.apps.wire import LangParameter

PAGE_SIZE = 100
"""Products on a page of the SDG form, as the API that it follows has."""


class DurationOut(msgspec.Struct, frozen=True):
    """How long. `unit`: 01 days, 02 weeks, 03 months, 04 hours; `text` as people say it."""

    value: int
    unit: str
    text: str


class DevelopsOut(msgspec.Struct, frozen=True):
    """A competence that the instrument develops. `confirmed`: by the catalogue's editor; otherwise it is proposed."""

    iri: str
    label: str
    level: str
    evidence: str
    confirmed: bool


class InstrumentOut(msgspec.Struct, frozen=True, rename="camel"):
    """An instrument. Texts are Dutch; `cost` in whole euros whoever pays it (`costNote`), null when it is not told."""

    id: str
    guide: Guide
    uuid: str
    name: str
    summary: str
    aim: str
    method: str
    target: str
    conditions: str
    apply: str
    provider: str
    form: str
    duration: DurationOut | None
    hours_per_week: int | None
    cost: int | None
    cost_note: str
    national: bool
    regions: tuple[str, ...]
    target_groups: tuple[str, ...]
    characteristics: tuple[str, ...]
    develops: list[DevelopsOut]


class InstrumentsOut(msgspec.Struct, frozen=True):
    """Instruments, in the order of the guides."""

    count: int
    results: list[InstrumentOut]


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


def develops_out(each: Develops, lang: str) -> DevelopsOut:
    """A developed competence as JSON."""
    label = each.labels.get(lang) or each.labels.get("nl", "")
    return DevelopsOut(each.competence, label, each.level, each.evidence, each.confirmed)


def instrument_out(each: Instrument, lang: str) -> InstrumentOut:
    """An instrument as JSON."""
    duration = DurationOut(each.duration.value, each.duration.unit, each.duration.text(lang)) if each.duration else None
    return InstrumentOut(
        id=each.id,
        guide=each.guide,
        uuid=each.uuid,
        name=each.name,
        summary=each.summary,
        aim=each.aim,
        method=each.method,
        target=each.target,
        conditions=each.conditions,
        apply=each.apply,
        provider=each.provider,
        form=each.form,
        duration=duration,
        hours_per_week=each.hours_per_week,
        cost=each.cost,
        cost_note=each.cost_note,
        national=each.national,
        regions=each.regions,
        target_groups=each.target_groups,
        characteristics=each.characteristics,
        develops=[develops_out(one, lang) for one in each.develops],
    )


class InstrumentsApi:
    """The operations, over a catalogue."""

    def __init__(self, catalogue: Catalogue, *, base_url: str, publisher: Publisher) -> None:
        self._catalogue, self._publisher = catalogue, publisher
        self._products_url = f"{base_url}/api/instruments/v1/pdc/producten"
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
        every, page = self._catalogue.instruments, call.query.page
        last = max(1, -(-len(every) // PAGE_SIZE))
        if page > last:
            raise UnknownCode(f"There is no page {page}; the last one is {last}.", value=str(page))
        shown = every[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        return PdcProducts(
            len(every),
            f"{self._products_url}?page={page + 1}" if page < last else None,
            f"{self._products_url}?page={page - 1}" if page > 1 else None,
            [self._product(each) for each in shown],
        )

    def product(self, call: Call) -> PdcProduct:
        """One instrument as a product. Raises UnknownCode."""
        wanted = call.path["uuid"].lower()
        found = next((each for each in self._catalogue.instruments if each.uuid == wanted), None)
        if found is None:
            right = "Give the uuid of a product as /api/instruments/v1/pdc/producten names it."
            raise UnknownCode(f"There is no product {wanted[:80]!r}. {right}", value=wanted[:300])
        return self._product(found)

    def _product(self, instrument: Instrument) -> PdcProduct:
        return product_of(instrument, api_url=self._products_url, page_url=self._page_url, publisher=self._publisher)


def api(catalogue: Catalogue, *, base_url: str, publisher: Publisher) -> Api:
    """The declared API."""
    service = InstrumentsApi(catalogue, base_url=base_url, publisher=publisher)
    by_id = {"id": ("The id of an instrument.", "eva-1")}
    by_uuid = {"uuid": ("The uuid of a product.", "3b0f9a0e-6f6c-5c8b-9d61-0a5b0f8f6c11")}
    return Api(
        "instruments",
        "Instrumentengids",
        "Instruments that help people to work, from Dennis and Eva guides: in our own form with the competences that "
        "they develop, and as products in the SDG form (PDC API voor producten in de SDG, 1.8.3).",
        [
            Operation(
                "listInstruments", "GET", "/instruments", "All instruments", service.list, InstrumentsOut,
                query=ListQuery,
            ),
            Operation(
                "getInstrument", "GET", "/instruments/{id}", "One instrument", service.one, InstrumentOut,
                query=LangQuery, path_params=by_id, errors=(404,),
            ),
            Operation(
                "productenList", "GET", "/pdc/producten", "Instruments as products", service.products, PdcProducts,
                query=PageQuery, errors=(404,),
            ),
            Operation(
                "productenRetrieve", "GET", "/pdc/producten/{uuid}", "One instrument as a product", service.product,
                PdcProduct, path_params=by_uuid, errors=(404,),
            ),
        ],
    )  # fmt: skip


def routes(catalogue: Catalogue, *, base_url: str, publisher: Publisher | None = None) -> list[BaseRoute]:
    """The routes of `/api/instruments/v1`. `publisher`: who answers for the products, an invented town by default."""
    publisher = publisher or Publisher(f"{base_url}/apps/gids/", "Gemeente Voorbeeldstad")
    declared = api(catalogue, base_url=base_url, publisher=publisher)
    return declared.routes(lambda: document(declared, base_url))
