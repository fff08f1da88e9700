"""Reads what the Eva and Dennis guides answer on `GET /api/v1/instrument/list`: `{"data": [Instrument, ...]}`.

Members that are not used are not looked at; an instrument has to have an id or uuid, and a name. Withdrawn
(`deleted_at`) and unpublished (`publish` false, or outside its dates) instruments are left out. Numbers may come as
text, texts as HTML, members under their older or their later names (`sgr`).
"""

from __future__ import annotations

import dataclasses
import functools
import re
import uuid
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import msgspec

from werkpod.apps.errors import GuideUnreadable
from werkpod.apps.instruments.codes import UNITS, code_of, name_of
from werkpod.apps.instruments.model import Catalogue, Develops, Duration, Guide, Instrument
from werkpod.apps.instruments.sgr import older
from werkpod.apps.instruments.wording import plain
from werkpod.vocab.csvfile import CsvFile
from werkpod.vocab.starter import COMPETENCE_IRI, starter_labels

GUIDES: tuple[Guide, ...] = ("eva", "dennis")
_NAMESPACE = uuid.UUID("6f1f6f0e-6c0a-5c37-9d3e-8c1d6f6b7a11")
_UNIT_KEYS = {"dag": "01", "week": "02", "maand": "03", "uur": "04", "day": "01", "month": "03", "hour": "04"}
_LONGEST, _MOST_EUROS = 10_000, 10_000_000
"""What a duration, in its unit, and a cost are at most; a larger number is a mistake, and told as nothing."""
_FORM, _CHARACTERISTIC, _TARGET = ("UV",), ("KK",), ("DD", "ED")
CONFIRMED = "confirmed"
"""What the evidence column says of a competence that the catalogue's editor confirmed."""


class _Named(msgspec.Struct, frozen=True):
    name: str | None = None
    description: str | None = None
    code: str | None = None

    def text(self, prefixes: tuple[str, ...] = ()) -> str:
        """The name; of an entry that is given by its code alone, the name in the code list."""
        return plain(self.name) or plain(self.description) or name_of(self.coded(prefixes))

    def coded(self, prefixes: tuple[str, ...]) -> str:
        return code_of(self.code, self.name or self.description, prefixes)


class _Link(msgspec.Struct, frozen=True):
    label: str | None = None
    url: str | None = None


class _Instrument(msgspec.Struct, frozen=True):
    """The members that are read, as the guides' OpenAPI documents name them; `sgr.older` brings others to these."""

    name: str
    id: Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)] | None = None
    uuid: str | None = None
    publish: bool | None = None
    publish_from: str | None = None
    publish_to: str | None = None
    deleted_at: str | None = None
    updated_at: str | None = None
    aim: str | None = None
    summary: str | None = None
    method: str | None = None
    distinctive_approach: str | None = None
    target_group_description: str | None = None
    participation_conditions: str | None = None
    additional_information: str | None = None
    application_instructions: str | None = None
    intensity_hours_per_week: int | None = None
    total_duration_value: int | None = None
    total_duration_unit: str | None = None
    total_duration_unit_key: str | None = None
    total_costs: float | str | None = None
    total_costs_whole_number: int | None = None
    costs_description: str | None = None
    is_national: bool | None = None
    organisation: _Named | None = None
    provider: _Named | None = None
    implementation: _Named | None = None
    target_groups: tuple[_Named, ...] | None = None
    client_characteristics: tuple[_Named, ...] | None = None
    tiles: tuple[_Named, ...] | None = None
    group_forms: tuple[_Named, ...] | None = None
    sectors: tuple[_Named, ...] | None = None
    available_regions: tuple[_Named, ...] | None = None
    available_townships: tuple[_Named, ...] | None = None
    available_areas: tuple[_Named, ...] | None = None
    links: tuple[_Link, ...] | None = None


class _Answer(msgspec.Struct, frozen=True):
    data: tuple[dict[str, Any], ...]


def read_guide(guide: Guide, raw: bytes, *, source: str) -> list[Instrument]:
    """The published instruments of a guide's answer, without competences. `source` is what an error names. Raises
    GuideUnreadable with the path of the member that is not as the guide's API says."""
    try:
        answer = msgspec.json.decode(raw, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise GuideUnreadable(f"{source}: {error}.") from error
    return read_items(guide, answer.data, source=source)


def read_items(
    guide: Guide, items: Sequence[Mapping[str, Any]], *, source: str, name: str = "", today: str = ""
) -> list[Instrument]:
    """The instruments among `items` that are published on `today` (ISO date; "" looks at no dates).

    `name`: what the source is called, the first part of each id; the kind of guide by default. Raises GuideUnreadable.
    """
    found: dict[str, Instrument] = {}
    for place, item in enumerate(items):
        try:
            each = msgspec.convert(older(item), _Instrument, strict=False)
        except RecursionError as error:
            raise GuideUnreadable(f"{source}: it is nested too deeply.") from error
        except msgspec.ValidationError as error:
            where = str(error).replace("`$", f"`$.data[{place}]")
            raise GuideUnreadable(f"{source}: {where}.") from error
        if each.id is None and not each.uuid:
            raise GuideUnreadable(f"{source}: `$.data[{place}]` has no id and no uuid.")
        if each.publish is False or each.deleted_at or not _within(each, today):
            continue
        instrument = _instrument(guide, each, name or guide)
        if instrument.id in found:
            raise GuideUnreadable(f"{source}: two instruments have the id {_own(each)}.")
        found[instrument.id] = instrument
    return list(found.values())


def _within(each: _Instrument, today: str) -> bool:
    """Whether a day is within the days on which an instrument is shown; the first ten characters of a moment are a
    day."""
    starts, ends = (each.publish_from or "")[:10], (each.publish_to or "")[:10]
    return not today or ((not starts or starts <= today) and (not ends or today <= ends))


def _own(each: _Instrument) -> str:
    return str(each.id) if each.id is not None else _uuid(each.uuid, each.uuid or "")


def _instrument(guide: Guide, each: _Instrument, name: str) -> Instrument:
    own = f"{name}-{_own(each)}"
    form, given = each.implementation or _Named(), each.links or ()
    areas = (*(each.available_regions or ()), *(each.available_townships or ())) or each.available_areas
    return Instrument(
        id=own,
        guide=guide,
        source=name,
        uuid=_uuid(each.uuid, own),
        name=plain(each.name),
        summary=plain(each.summary) or plain(each.aim),
        aim=plain(each.aim),
        method="\n".join(filter(None, (plain(each.method), plain(each.distinctive_approach)))),
        target=plain(each.target_group_description),
        conditions=plain(each.participation_conditions),
        apply=plain(each.application_instructions),
        more=plain(each.additional_information),
        provider=(each.provider or each.organisation or _Named()).text(),
        owner=(each.organisation or _Named()).text(),
        form=form.text(_FORM),
        duration=_duration(each),
        hours_per_week=_within_reason(each.intensity_hours_per_week, 168),
        cost=_cost(each),
        cost_note=plain(each.costs_description),
        national=bool(each.is_national),
        regions=_texts(areas, ()),
        target_groups=_texts(each.target_groups, _TARGET),
        characteristics=_texts(each.client_characteristics, _CHARACTERISTIC),
        sectors=_texts(each.sectors, ()),
        codes=(
            *filter(None, (form.coded(_FORM),)),
            *_coded(each.client_characteristics, _CHARACTERISTIC),
            *_coded(each.target_groups, _TARGET),
            *_coded(each.tiles, ("EW",) if guide == "eva" else ("DW",)),
            *_coded(each.group_forms, ("GV",)),
        ),
        links=tuple((plain(link.label) or str(link.url), str(link.url)) for link in given if _web(link.url)),
        updated=plain(each.updated_at)[:40],
    )


def _uuid(given: str | None, own: str) -> str:
    try:
        return str(uuid.UUID(given or ""))
    except ValueError:
        return str(uuid.uuid5(_NAMESPACE, own))


def _web(url: str | None) -> bool:
    """Whether a link may be shown: on the web, with nothing in it that no address has (RFC 3987, 2.2)."""
    return url is not None and re.fullmatch(r"https?://[^\s\x00-\x20\x7f-\xa0<>\"{}|\\^`\[\]]{1,2000}", url) is not None


def _within_reason(value: int | None, most: int) -> int | None:
    """A number that people mean; None for one that is none, is negative, or that nobody means."""
    return value if value is not None and 0 < value <= most else None


def _texts(named: tuple[_Named, ...] | None, prefixes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text for each in named or () if (text := each.text(prefixes)))


def _coded(named: tuple[_Named, ...] | None, prefixes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code for each in named or () if (code := each.coded(prefixes)))


def _cost(each: _Instrument) -> int | None:
    """Whole euros. Guides write amounts as "1450.00"."""
    found = each.total_costs_whole_number
    if found is None and each.total_costs not in (None, ""):
        try:
            found = round(float(str(each.total_costs).replace(",", ".")))
        except (ValueError, OverflowError):
            return None
    return found if found == 0 else _within_reason(found, _MOST_EUROS)


def _duration(each: _Instrument) -> Duration | None:
    if _within_reason(each.total_duration_value, _LONGEST) is None or each.total_duration_value is None:
        return None
    if each.total_duration_unit_key in UNITS:
        return Duration(each.total_duration_value, each.total_duration_unit_key)
    # the guides' own words for the units: "Dag(en)", "We(e)k(en)", "Maand(en)", "Uur", and English keys
    word = (each.total_duration_unit_key or each.total_duration_unit or "").lower().replace("(", "").replace(")", "")
    word = word.replace("weeken", "week")
    unit = next((code for name, code in _UNIT_KEYS.items() if word.startswith(name)), None)
    return Duration(each.total_duration_value, unit) if unit else None


def starter_folder() -> Path:
    """Where the invented catalogue that ships with Werkpod lies."""
    return Path(str(resources.files("werkpod.apps.instruments"))) / "data"


def starter_instruments(folder: Path | None = None) -> list[Instrument]:
    """The instruments of the invented catalogue, without competences. Raises GuideUnreadable when its files are not
    right."""
    return list(_shipped()) if folder is None else _read_folder(folder)


@functools.cache
def _shipped() -> tuple[Instrument, ...]:
    return tuple(_read_folder(starter_folder()))


def _read_folder(folder: Path) -> list[Instrument]:
    found: list[Instrument] = []
    for guide in GUIDES:
        path = folder / f"{guide}.json"
        if path.exists():
            found += read_guide(guide, path.read_bytes(), source=str(path))
    return found


@functools.cache
def starter_develops() -> Mapping[str, tuple[Develops, ...]]:
    """What the instruments of the invented catalogue develop, by their ids; read once."""
    return confirmed_competences(_shipped(), starter_folder() / "instrument_competences.csv")


def starter_catalogue(folder: Path | None = None) -> Catalogue:
    """The invented catalogue, with competences. Raises GuideUnreadable and ImportFailed when files are not right."""
    folder = folder or starter_folder()
    instruments = starter_instruments(folder)
    developed = confirmed_competences(instruments, folder / "instrument_competences.csv")
    return Catalogue(dataclasses.replace(each, develops=developed.get(each.id, ())) for each in instruments)


def confirmed_competences(instruments: Sequence[Instrument], path: Path) -> dict[str, tuple[Develops, ...]]:
    """What instruments develop, by their ids: rows (instrument_id, competence, level, evidence) of a file. An
    instrument is named by its id with or without the guide, or by its UUID; a competence by its IRI or its id in the
    starter taxonomy. Raises ImportFailed."""
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
    return {name: tuple(lines.values()) for name, lines in developed.items()}
