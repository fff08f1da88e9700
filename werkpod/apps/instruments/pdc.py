"""An instrument as a product in the form of the "PDC API voor producten in de SDG", 1.8.3 (schema Product).

Each product has a name of the Uniforme Productnamenlijst. The form knows no competences: the text tells them.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from werkpod.apps.instruments.model import Instrument
from werkpod.apps.instruments.telling import confirmed_text, proposed_text
from werkpod.apps.instruments.upl import uniform_name

_LONGEST_TITLE, _LONGEST_LABEL = 150, 100
_NO_END = "9999-12-31T00:00:00Z"
UNKNOWN_DATE = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_DATE = msgspec.Meta(extra_json_schema={"format": "date"})
_DATE_TIME = msgspec.Meta(extra_json_schema={"format": "date-time"})


@dataclass(frozen=True, slots=True)
class Publisher:
    """The organisation that answers for the products: its OWMS identifier (a URI) and label."""

    identifier: str
    label: str


class PdcLink(msgspec.Struct, frozen=True):
    """LabeledUrl."""

    label: str
    url: str


class PdcText(msgspec.Struct, frozen=True, rename="camel"):
    """LocalizedProduct."""

    taal: Literal["nl"]
    titel: str
    tekst: str
    links: list[PdcLink]
    procedure_beschrijving: str
    vereisten: str
    kosten_en_betaalmethoden: str
    procedure_link: PdcLink
    datum_wijziging: Annotated[str, _DATE_TIME]


class PdcOrganisation(msgspec.Struct, frozen=True, rename="camel"):
    """ProductLokaleOverheid."""

    url: str
    owms_identifier: str
    owms_pref_label: str
    owms_end_date: Annotated[str, _DATE_TIME]


class PdcProduct(msgspec.Struct, frozen=True, rename="camel"):
    """Product."""

    url: str
    uuid: str
    upn_label: str
    upn_uri: str
    versie: int
    publicatie_datum: Annotated[str | None, _DATE]
    product_aanwezig: bool
    product_valt_onder: None
    verantwoordelijke_organisatie: PdcOrganisation
    bevoegde_organisatie: None
    catalogus: None
    locaties: list[None]
    doelgroep: Literal["eu-burger", "eu-bedrijf"]
    vertalingen: list[PdcText]
    beschikbare_talen: list[str]


class PdcProducts(msgspec.Struct, frozen=True):
    """PaginatedProductList."""

    count: int
    next: str | None
    previous: str | None
    results: list[PdcProduct]


def product_of(instrument: Instrument, *, api_url: str, page_url: str, publisher: Publisher) -> PdcProduct:
    """The product. `api_url`: where products are served, `page_url`: where a person reads of instruments; both without
    a slash at the end."""
    name = uniform_name(instrument)
    changed = moment_of(instrument.updated)
    return PdcProduct(
        url=f"{api_url}/{instrument.uuid}",
        uuid=instrument.uuid,
        upn_label=name.label,
        upn_uri=name.uri,
        versie=1,
        publicatie_datum=changed.date().isoformat() if changed != UNKNOWN_DATE else None,
        product_aanwezig=True,
        product_valt_onder=None,
        verantwoordelijke_organisatie=PdcOrganisation(
            publisher.identifier, publisher.identifier, publisher.label, _NO_END
        ),
        bevoegde_organisatie=None,
        catalogus=None,
        locaties=[],
        doelgroep="eu-burger" if instrument.guide == "eva" else "eu-bedrijf",
        vertalingen=[_text(instrument, f"{page_url}/{instrument.id}", changed)],
        beschikbare_talen=["nl"],
    )


def _paragraphs(instrument: Instrument, how: str) -> list[str]:
    """What the text says: a summary that only repeats the aim once, then how, and what it teaches."""
    aim = "" if instrument.aim == instrument.summary else instrument.aim
    taught = (confirmed_text(instrument), proposed_text(instrument))
    return [instrument.summary, aim, instrument.method, how, *taught]


def _text(instrument: Instrument, page: str, changed: dt.datetime) -> PdcText:
    length = instrument.duration.text("nl") if instrument.duration else ""
    how = f"Dit duurt {length}." if length else ""
    cost = instrument.cost_note or ("" if instrument.cost is None else f"{instrument.cost} euro")
    return PdcText(
        taal="nl",
        titel=instrument.name[:_LONGEST_TITLE],
        tekst="\n\n".join(filter(None, _paragraphs(instrument, how))),
        links=[PdcLink(label, url) for label, url in instrument.links],
        procedure_beschrijving=instrument.apply,
        vereisten="\n\n".join(filter(None, (instrument.target, instrument.conditions))),
        kosten_en_betaalmethoden=cost,
        procedure_link=PdcLink(instrument.name[:_LONGEST_LABEL], page),
        datum_wijziging=changed.isoformat().replace("+00:00", "Z"),
    )


def moment_of(text: str) -> dt.datetime:
    """The moment in a guide's `updated_at`; 1970 when there is none that can be read, for the form asks one."""
    try:
        moment = dt.datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return UNKNOWN_DATE
