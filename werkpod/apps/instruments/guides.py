"""Reads what the Eva and Dennis guides answer on `GET /api/v1/instrument/list`: `{"data": [Instrument, ...]}`.

Members that are not used are not looked at; an instrument has to have an id and a name. Withdrawn (`deleted_at`) and
unpublished (`publish` false) instruments are left out.
"""

from __future__ import annotations

import dataclasses
import uuid
from importlib import resources
from pathlib import Path

import msgspec

from werkpod.apps.errors import GuideUnreadable
from werkpod.apps.instruments.model import Catalogue, Develops, Duration, Guide, Instrument
from werkpod.vocab.csvfile import CsvFile
from werkpod.vocab.starter import COMPETENCE_IRI, starter_labels

GUIDES: tuple[Guide, ...] = ("eva", "dennis")
_NAMESPACE = uuid.UUID("6f1f6f0e-6c0a-5c37-9d3e-8c1d6f6b7a11")
_UNIT_KEYS = {"dag": "01", "week": "02", "maand": "03", "uur": "04", "day": "01", "month": "03", "hour": "04"}
CONFIRMED = "confirmed"
"""What the evidence column says of a competence that the catalogue's editor confirmed."""


class _Named(msgspec.Struct, frozen=True):
    name: str | None = None
    description: str | None = None

    @property
    def text(self) -> str:
        return self.name or self.description or ""


class _Link(msgspec.Struct, frozen=True):
    label: str | None = None
    url: str | None = None


class _Instrument(msgspec.Struct, frozen=True):
    """The members that are read, as the guides' OpenAPI documents name them."""

    id: int
    name: str
    uuid: str | None = None
    publish: bool | None = None
    deleted_at: str | None = None
    updated_at: str | None = None
    aim: str | None = None
    summary: str | None = None
    method: str | None = None
    target_group_description: str | None = None
    participation_conditions: str | None = None
    additional_information: str | None = None
    application_instructions: str | None = None
    intensity_hours_per_week: int | None = None
    total_duration_value: int | None = None
    total_duration_unit: str | None = None
    total_duration_unit_key: str | None = None
    total_costs_whole_number: int | None = None
    costs_description: str | None = None
    is_national: bool | None = None
    organisation: _Named | None = None
    provider: _Named | None = None
    implementation: _Named | None = None
    target_groups: tuple[_Named, ...] | None = None
    client_characteristics: tuple[_Named, ...] | None = None
    sectors: tuple[_Named, ...] | None = None
    available_regions: tuple[_Named, ...] | None = None
    available_townships: tuple[_Named, ...] | None = None
    links: tuple[_Link, ...] | None = None


class _Answer(msgspec.Struct, frozen=True):
    data: tuple[_Instrument, ...]


def read_guide(guide: Guide, raw: bytes, *, source: str) -> list[Instrument]:
    """The published instruments of a guide's answer, without competences. `source` is what an error names. Raises
    GuideUnreadable with the path of the member that is not as the guide's API says."""
    try:
        answer = msgspec.json.decode(raw, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise GuideUnreadable(f"{source}: {error}.") from error
    found = [_instrument(guide, each) for each in answer.data if each.publish is not False and not each.deleted_at]
    seen: set[str] = set()
    for instrument in found:
        if instrument.id in seen:
            raise GuideUnreadable(f"{source}: two instruments have the id {instrument.id.partition('-')[2]}.")
        seen.add(instrument.id)
    return found


def _instrument(guide: Guide, each: _Instrument) -> Instrument:
    own = f"{guide}-{each.id}"
    return Instrument(
        id=own,
        guide=guide,
        uuid=_uuid(each.uuid, own),
        name=each.name,
        summary=each.summary or each.aim or "",
        aim=each.aim or "",
        method=each.method or "",
        target=each.target_group_description or "",
        conditions=each.participation_conditions or "",
        apply=each.application_instructions or "",
        more=each.additional_information or "",
        provider=(each.provider or each.organisation or _Named()).text,
        form=(each.implementation or _Named()).text,
        duration=_duration(each),
        hours_per_week=each.intensity_hours_per_week,
        cost=each.total_costs_whole_number,
        cost_note=each.costs_description or "",
        national=bool(each.is_national),
        regions=_texts((*(each.available_regions or ()), *(each.available_townships or ()))),
        target_groups=_texts(each.target_groups),
        characteristics=_texts(each.client_characteristics),
        sectors=_texts(each.sectors),
        links=tuple((link.label or link.url, link.url) for link in each.links or () if _web(link.url) and link.url),
        updated=each.updated_at or "",
    )


def _uuid(given: str | None, own: str) -> str:
    try:
        return str(uuid.UUID(given or ""))
    except ValueError:
        return str(uuid.uuid5(_NAMESPACE, own))


def _web(url: str | None) -> bool:
    return bool(url) and str(url).startswith(("https://", "http://"))


def _texts(named: tuple[_Named, ...] | None) -> tuple[str, ...]:
    return tuple(each.text for each in named or () if each.text)


def _duration(each: _Instrument) -> Duration | None:
    if not each.total_duration_value or each.total_duration_value < 0:
        return None
    if each.total_duration_unit_key in ("01", "02", "03", "04"):
        return Duration(each.total_duration_value, each.total_duration_unit_key)
    # the guides' own words for the units: "Dag(en)", "We(e)k(en)", "Maand(en)", "Uur", and English keys
    word = (each.total_duration_unit_key or each.total_duration_unit or "").lower().replace("(", "").replace(")", "")
    word = word.replace("weeken", "week")
    unit = next((code for name, code in _UNIT_KEYS.items() if word.startswith(name)), None)
    return Duration(each.total_duration_value, unit) if unit else None


def starter_catalogue(folder: Path | None = None) -> Catalogue:
    """The invented catalogue that ships with Werkpod. Raises GuideUnreadable and ImportFailed when its files are not
    right."""
    folder = folder or Path(str(resources.files("werkpod.apps.instruments"))) / "data"
    found: list[Instrument] = []
    for guide in GUIDES:
        path = folder / f"{guide}.json"
        if path.exists():
            found += read_guide(guide, path.read_bytes(), source=str(path))
    return Catalogue(_with_competences(found, folder / "instrument_competences.csv"))


def _with_competences(instruments: list[Instrument], path: Path) -> list[Instrument]:
    """The instruments with what they develop: rows (instrument_id, competence, level, evidence). An instrument is named
    by its id with or without the guide, or by its UUID; a competence by its IRI or its id in the starter taxonomy."""
    names: dict[str, list[str]] = {}
    for instrument in instruments:
        for name in (instrument.id, instrument.id.partition("-")[2], instrument.uuid):
            names.setdefault(name, []).append(instrument.id)
    developed: dict[str, dict[str, Develops]] = {}
    labels = starter_labels()
    for row in CsvFile(path, ("instrument_id", "competence", "level", "evidence")):
        meant = names.get(row["instrument_id"], [])
        if len(meant) != 1:
            problem = "is in no guide" if not meant else f"can be {' or '.join(meant)}"
            raise row.fail(f"the instrument {row['instrument_id']!r} {problem}", "instrument_id")
        iri = row["competence"] if "://" in row["competence"] else COMPETENCE_IRI + row["competence"]
        if iri not in labels:
            raise row.fail(f"{row['competence']!r} is not a competence of the starter taxonomy", "competence")
        confirmed = row["evidence"].lower().startswith(CONFIRMED)
        line = Develops(iri, labels[iri], row["level"], row["evidence"], confirmed)
        developed.setdefault(meant[0], {})[iri] = line
    return [dataclasses.replace(each, develops=tuple(developed.get(each.id, {}).values())) for each in instruments]
