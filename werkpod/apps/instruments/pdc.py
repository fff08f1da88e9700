"""An instrument as a product in the form of the "PDC API voor producten in de SDG", 1.8.3 (schema Product).

Each product has a name of the Uniforme Productnamenlijst (UPL). What has no name of its own there is `re-integratie`,
the name for all that a municipality does to help a person to work (Participatiewet, article 7).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from werkpod.apps.instruments.model import Instrument

UPL = "http://standaarden.overheid.nl/owms/terms/"
_UPL_NAMES = (
    ("loonkostensubsidie", "loonkostensubsidie", "loonkostSub"),
    ("no-risk", "no-riskpolis", "noRiskPolis"),
    ("beschut", "beschut werk", "beschWerk"),
    ("werkplekaanpassing", "werkplekaanpassing", "werkplekaanpassing"),
    ("inburgeringsexamen", "inburgeringsexamen", "inburgeringsexamen"),
    ("jobcoach", "werkbegeleiding werkzoekenden", "werkbegeleiding_werkzoekenden"),
)
"""Word in an instrument's name -> UPL name and the end of its URI (UPL, November 2025); the first that fits counts."""
_DEFAULT_NAME = ("re-integratie", "re-integratie")
_LONGEST_TITLE, _LONGEST_LABEL = 150, 100
_NO_END = "9999-12-31T00:00:00Z"
_UNKNOWN_DATE = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
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


def upl_name(instrument: Instrument) -> tuple[str, str]:
    """The UPL name of an instrument and its URI."""
    words = f"{instrument.name} {instrument.form}".lower()
    label, end = next(((label, end) for word, label, end in _UPL_NAMES if word in words), _DEFAULT_NAME)
    return label, UPL + end


def product_of(instrument: Instrument, *, api_url: str, page_url: str, publisher: Publisher) -> PdcProduct:
    """The product. `api_url`: where products are served, `page_url`: where a person reads of instruments; both without
    a slash at the end."""
    label, uri = upl_name(instrument)
    changed = _moment(instrument.updated)
    return PdcProduct(
        url=f"{api_url}/{instrument.uuid}",
        uuid=instrument.uuid,
        upn_label=label,
        upn_uri=uri,
        versie=1,
        publicatie_datum=changed.date().isoformat() if changed != _UNKNOWN_DATE else None,
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


def _text(instrument: Instrument, page: str, changed: dt.datetime) -> PdcText:
    length = instrument.duration.text("nl") if instrument.duration else ""
    how = f"Dit duurt {length}." if length else ""
    cost = instrument.cost_note or ("" if instrument.cost is None else f"{instrument.cost} euro")
    return PdcText(
        taal="nl",
        titel=instrument.name[:_LONGEST_TITLE],
        tekst="\n\n".join(filter(None, (instrument.summary, instrument.aim, instrument.method, how))),
        links=[PdcLink(label, url) for label, url in instrument.links],
        procedure_beschrijving=instrument.apply,
        vereisten="\n\n".join(filter(None, (instrument.target, instrument.conditions))),
        kosten_en_betaalmethoden=cost,
        procedure_link=PdcLink(instrument.name[:_LONGEST_LABEL], page),
        datum_wijziging=changed.isoformat().replace("+00:00", "Z"),
    )


def _moment(text: str) -> dt.datetime:
    """The moment in a guide's `updated_at`; 1970 when there is none that can be read, for the form asks one."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return _UNKNOWN_DATE
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
