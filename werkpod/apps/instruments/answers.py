"""Instruments as JSON, in our own form."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import msgspec

from werkpod.apps.instruments.competences import Line
from werkpod.apps.instruments.model import Because, Develops, Guide, Instrument
from werkpod.apps.instruments.upl import uniform_name


class DurationOut(msgspec.Struct, frozen=True):
    """How long. `unit`: 01 days, 02 weeks, 03 months, 04 hours; `text` as people say it."""

    value: int
    unit: str
    text: str


class BecauseOut(msgspec.Struct, frozen=True):
    """Why a competence is proposed: `words` in this `field` of the instrument (name, aim, summary, method; code: an
    entry of a code list). `via`: "name", the competence's own name has them; the code of an ISCO-08 unit group, whose
    title has them and which asks the competence; "like", what they are about is near to it; or the code in the code
    list."""

    field: str
    words: list[str]
    via: str


class DevelopsOut(msgspec.Struct, frozen=True):
    """A competence that the instrument develops. `level`: how far, 1 a little to 4 can teach it. `confirmed`: by the
    catalogue's editor; otherwise it is proposed, for what `because` says. `stale`: the instrument's text has changed
    since the editor decided."""

    iri: str
    label: str
    level: str
    evidence: str
    confirmed: bool
    stale: bool
    because: list[BecauseOut]


class InstrumentOut(msgspec.Struct, frozen=True, rename="camel"):
    """An instrument. Texts are Dutch; `cost` in whole euros whoever pays it (`costNote`), null when it is not told.
    `source`: the guide that it is from; `codes`: its entries in the code lists of the Gegevensregister SUWI;
    `uniformName`: its name in the Uniforme Productnamenlijst, `uniformUri` the URI of that."""

    id: str
    guide: Guide
    source: str
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
    codes: tuple[str, ...]
    uniform_name: str
    uniform_uri: str
    updated: str
    develops: list[DevelopsOut]


class InstrumentsOut(msgspec.Struct, frozen=True):
    """Instruments, in the order of the guides."""

    count: int
    results: list[InstrumentOut]


class LineOut(msgspec.Struct, frozen=True):
    """A competence of an instrument as its editor sees it. `decidedBy`: a WebID, or "api"; empty where nobody decided,
    as `decidedAt`."""

    state: Literal["confirmed", "proposed", "refused"]
    develops: DevelopsOut
    decided_by: Annotated[str, msgspec.Meta(description="A WebID, or api; empty: nobody.")] = msgspec.field(
        name="decidedBy"
    )
    decided_at: str = msgspec.field(name="decidedAt")


class LinesOut(msgspec.Struct, frozen=True):
    """All that was decided and proposed for an instrument, what was refused too."""

    instrument: str
    lines: list[LineOut]


def because_out(each: Because) -> BecauseOut:
    """Evidence as JSON."""
    return BecauseOut(each.field, list(each.words), each.via)


def develops_out(each: Develops, lang: str) -> DevelopsOut:
    """A developed competence as JSON."""
    label = each.labels.get(lang) or each.labels.get("nl", "")
    because = [because_out(one) for one in each.because]
    return DevelopsOut(each.competence, label, each.level, each.evidence, each.confirmed, each.stale, because)


def line_out(line: Line, lang: str) -> LineOut:
    """A line of an editor as JSON."""
    made = line.decision
    at = dt.datetime.fromtimestamp(made.at, dt.UTC).isoformat("T", "seconds") if made else ""
    return LineOut(line.state, develops_out(line.develops, lang), made.by if made else "", at)


def instrument_out(each: Instrument, lang: str) -> InstrumentOut:
    """An instrument as JSON."""
    duration = DurationOut(each.duration.value, each.duration.unit, each.duration.text(lang)) if each.duration else None
    name = uniform_name(each)
    return InstrumentOut(
        id=each.id,
        guide=each.guide,
        source=each.source or each.guide,
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
        codes=each.codes,
        uniform_name=name.label,
        uniform_uri=name.uri,
        updated=each.updated,
        develops=[develops_out(one, lang) for one in each.develops],
    )
