"""An instrument as a product type of Open Product, 1.7.0 (Producttypen API, schemas ProductType and
NestedContentElement). Products themselves, which are of a citizen, are not served: nothing of a citizen is here.
"""

from __future__ import annotations

import re
import uuid
from typing import Annotated, Any, Literal

import msgspec

from werkpod.apps.instruments.codes import name_of
from werkpod.apps.instruments.model import Instrument
from werkpod.apps.instruments.pdc import UNKNOWN_DATE, Publisher, moment_of
from werkpod.apps.instruments.telling import confirmed_text, proposed_text
from werkpod.apps.instruments.upl import uniform_name

_DATE = msgspec.Meta(extra_json_schema={"format": "date"})
_DATE_TIME = msgspec.Meta(extra_json_schema={"format": "date-time"})
_UUID = msgspec.Meta(extra_json_schema={"format": "uuid"})
_NAMESPACE = uuid.UUID("0f0b9d1e-6f1c-5d0e-9a44-3f6c0d6b51c2")
_LONGEST_NAME, _LONGEST_URL, _LONGEST_KEYWORD = 255, 200, 100
_MOST_KEYWORDS = 30
_TILES = ("EW", "DW")


class OpenTheme(msgspec.Struct, frozen=True):
    """NestedThema: a tile of the landscape. All of them are under one theme, which is in no list."""

    uuid: Annotated[str, _UUID]
    naam: str
    beschrijving: str
    gepubliceerd: bool
    aanmaak_datum: Annotated[str, _DATE_TIME]
    update_datum: Annotated[str, _DATE_TIME]
    hoofd_thema: Annotated[str, _UUID]


class OpenOrganisation(msgspec.Struct, frozen=True):
    """Organisatie."""

    uuid: Annotated[str, _UUID]
    naam: str
    code: str


class OpenLink(msgspec.Struct, frozen=True):
    """NestedLink."""

    uuid: Annotated[str, _UUID]
    naam: str
    url: str


class OpenCode(msgspec.Struct, frozen=True):
    """NestedExterneCode: what another system calls it."""

    naam: str
    code: str


class OpenParameter(msgspec.Struct, frozen=True):
    """NestedParameter."""

    naam: str
    waarde: str


class OpenProductType(msgspec.Struct, frozen=True):
    """ProductType."""

    uuid: Annotated[str, _UUID]
    code: str
    naam: str
    samenvatting: str
    taal: Literal["nl"]
    uniforme_product_naam: str | None
    doelgroep: Literal["burgers", "bedrijven_en_instellingen"]
    themas: list[OpenTheme]
    locaties: list[None]
    organisaties: list[OpenOrganisation]
    contacten: list[None]
    prijzen: list[None]
    links: list[OpenLink]
    acties: list[None]
    bestanden: list[None]
    externe_codes: list[OpenCode]
    parameters: list[OpenParameter]
    verbruiksobject_schema: None
    dataobject_schema: None
    gepubliceerd: bool
    publicatie_start_datum: Annotated[str | None, _DATE]
    publicatie_eind_datum: Annotated[str | None, _DATE]
    aanmaak_datum: Annotated[str, _DATE_TIME]
    update_datum: Annotated[str, _DATE_TIME]
    toegestane_statussen: list[str]
    keywords: list[str]


class OpenContent(msgspec.Struct, frozen=True):
    """NestedContentElement: a piece of text, and what it is about (`labels`)."""

    uuid: Annotated[str, _UUID]
    taal: Literal["nl"]
    content: str
    aanvullende_informatie: str
    labels: list[str]


class OpenProductTypes(msgspec.Struct, frozen=True):
    """PaginatedProductTypeList."""

    count: int
    next: str | None
    previous: str | None
    results: list[OpenProductType]


def product_type_of(instrument: Instrument, *, publisher: Publisher) -> OpenProductType:
    """The product type. What the guide does not say is left empty; a price is not told, for what an instrument costs in
    all is not what a citizen pays."""
    changed = moment_of(instrument.updated)
    stamp = changed.isoformat().replace("+00:00", "Z")
    tiles = [code for code in instrument.codes if code.startswith(_TILES)]
    owners = dict.fromkeys(filter(None, (publisher.label, instrument.owner, instrument.provider)))
    return OpenProductType(
        uuid=instrument.uuid,
        code=re.sub(r"[^A-Z0-9-]", "-", instrument.id.upper())[:_LONGEST_NAME],
        naam=instrument.name[:_LONGEST_NAME],
        samenvatting=instrument.summary,
        taal="nl",
        uniforme_product_naam=uniform_name(instrument).label,
        doelgroep="burgers" if instrument.guide == "eva" else "bedrijven_en_instellingen",
        themas=[_theme(code, stamp) for code in tiles],
        locaties=[],
        organisaties=[OpenOrganisation(_made(name), name[:_LONGEST_NAME], _slug(name)) for name in owners],
        contacten=[],
        prijzen=[],
        links=[OpenLink(_made(instrument.uuid, url), label[:_LONGEST_NAME], url) for label, url in instrument.links
               if len(url) <= _LONGEST_URL],
        acties=[],
        bestanden=[],
        externe_codes=[OpenCode(instrument.source or instrument.guide, _safe(instrument.id))],
        parameters=[OpenParameter(name, safe) for name, value in _facts(instrument) if (safe := _safe(value))],
        verbruiksobject_schema=None,
        dataobject_schema=None,
        gepubliceerd=True,
        publicatie_start_datum=changed.date().isoformat() if changed != UNKNOWN_DATE else None,
        publicatie_eind_datum=None,
        aanmaak_datum=stamp,
        update_datum=stamp,
        toegestane_statussen=[],
        keywords=_keywords(instrument),
    )  # fmt: skip


def contents_of(instrument: Instrument) -> list[OpenContent]:
    """The texts, each with its label; what it teaches is two of them, one confirmed and one proposed."""
    texts = (
        ("doel", instrument.aim), ("werkwijze", instrument.method), ("doelgroep", instrument.target),
        ("voorwaarden", instrument.conditions), ("aanmelden", instrument.apply), ("kosten", instrument.cost_note),
        ("meer", instrument.more), ("competenties-bevestigd", confirmed_text(instrument)),
        ("competenties-voorgesteld", proposed_text(instrument)),
    )  # fmt: skip
    return [OpenContent(_made(instrument.uuid, label), "nl", text, "", [label]) for label, text in texts if text]


def _theme(code: str, stamp: str) -> OpenTheme:
    return OpenTheme(_made(code), name_of(code), "", True, stamp, stamp, _made("hulp-bij-werk"))


def _facts(instrument: Instrument) -> list[tuple[str, str]]:
    facts: list[tuple[str, Any]] = [
        ("uitvoeringsvorm", instrument.form),
        ("duur", instrument.duration.text("nl") if instrument.duration else ""),
        ("uren-per-week", instrument.hours_per_week),
        ("kosten-in-euro", instrument.cost),
    ]
    return [(name, str(value)) for name, value in facts if value not in ("", None)]


def _keywords(instrument: Instrument) -> list[str]:
    """Words to find it by: what is confirmed that it teaches, and what it works on."""
    labels = [each.labels.get("nl", "") for each in instrument.develops if each.confirmed]
    found = dict.fromkeys(each[:_LONGEST_KEYWORD] for each in (*labels, *instrument.characteristics) if each)
    return list(found)[:_MOST_KEYWORDS]


def _safe(text: str) -> str:
    """Without the characters that the form does not take in codes and parameters."""
    return re.sub(r"[:\[\]]", " ", text).strip()[:_LONGEST_NAME]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_LONGEST_NAME] or "organisatie"


def _made(*parts: str) -> str:
    """A UUID for what has none, the same each time."""
    return str(uuid.uuid5(_NAMESPACE, "\0".join(parts)))
