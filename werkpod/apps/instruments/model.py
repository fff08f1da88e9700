"""An instrument: something that helps a person to work or develops them (a course, a trial placement, coaching)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Guide = Literal["eva", "dennis"]
"""Eva: instruments for jobseekers; Dennis: for employers."""

_HOURS = {"01": 8.0, "02": 40.0, "03": 173.0, "04": 1.0}
"""Hours of full-time work in a unit of duration (code list TrajectDuurEenheden)."""
_UNITS = {
    "01": ("dag", "dagen", "day", "days"),
    "02": ("week", "weken", "week", "weeks"),
    "03": ("maand", "maanden", "month", "months"),
    "04": ("uur", "uur", "hour", "hours"),
}


@dataclass(frozen=True, slots=True)
class Duration:
    """How long an instrument lasts. `unit`: 01 days, 02 weeks, 03 months, 04 hours (code list TrajectDuurEenheden)."""

    value: int
    unit: str

    def text(self, lang: str) -> str:
        """The duration as people say it: "6 weken"."""
        one, many, one_en, many_en = _UNITS[self.unit]
        words = (one_en, many_en) if lang == "en" else (one, many)
        return f"{self.value} {words[0] if self.value == 1 else words[1]}"

    @property
    def full_time_hours(self) -> float:
        """The duration in hours of full-time work, to compare with."""
        return self.value * _HOURS[self.unit]


@dataclass(frozen=True, slots=True)
class Because:
    """Why a competence is proposed: `words` of the instrument's `field`, which say it through `via`: the competence's
    own name, an occupation that asks it, or an entry of a code list."""

    field: str
    words: tuple[str, ...]
    via: str


@dataclass(frozen=True, slots=True)
class Develops:
    """An instrument develops this competence (IRI, and label by language). `level`: how far, "1" to "4"; `evidence`:
    what says so; `confirmed`: by the catalogue's editor, not only proposed; `stale`: the instrument's text has changed
    since the editor said so; `because`: the evidence of a proposal."""

    competence: str
    labels: Mapping[str, str]
    level: str
    evidence: str
    confirmed: bool
    stale: bool = False
    because: tuple[Because, ...] = ()


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument. `id` is the guide's name and the guide's own id ("eva-12"); texts are Dutch and may be empty.

    `source`: the name of the guide it comes from. `cost`: what it costs in all, in whole euros, whoever pays it, and
    `cost_note` who that is; None when the guide does not tell, as `hours_per_week`. `codes`: its entries in the code
    lists (`codes.NAMES`), the form of delivery first. `owner`: the organisation that manages the entry.
    """

    id: str
    guide: Guide
    uuid: str
    name: str
    summary: str
    aim: str = ""
    method: str = ""
    target: str = ""
    conditions: str = ""
    apply: str = ""
    more: str = ""
    source: str = ""
    provider: str = ""
    owner: str = ""
    form: str = ""
    duration: Duration | None = None
    hours_per_week: int | None = None
    cost: int | None = None
    cost_note: str = ""
    national: bool = False
    regions: tuple[str, ...] = ()
    target_groups: tuple[str, ...] = ()
    characteristics: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    updated: str = ""
    develops: tuple[Develops, ...] = ()

    @property
    def hours(self) -> float:
        """How much time it takes in all, in hours; a month of full-time work when the guide does not tell."""
        if self.duration is None:
            return _HOURS["03"]
        full_time = self.duration.full_time_hours
        if self.hours_per_week is None or self.duration.unit == "04":
            return full_time
        return full_time * min(self.hours_per_week, 40) / 40

    @property
    def digest(self) -> str:
        """What changes when the text changes that competences are read from."""
        said = (self.name, self.aim, self.summary, self.method, self.form, *sorted(self.codes))
        return hashlib.sha256("\0".join(said).encode()).hexdigest()[:16]


class Catalogue:
    """The instruments of all guides, as they are at one moment."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self._by_id = {instrument.id: instrument for instrument in instruments}
        self._by_competence: dict[str, list[Instrument]] = {}
        for instrument in self._by_id.values():
            for developed in instrument.develops:
                self._by_competence.setdefault(developed.competence, []).append(instrument)

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def instruments(self) -> Sequence[Instrument]:
        """All instruments, in the order of the guides."""
        return tuple(self._by_id.values())

    @property
    def competences(self) -> frozenset[str]:
        """The IRIs of the competences that some instrument develops."""
        return frozenset(self._by_competence)

    def get(self, instrument_id: str) -> Instrument | None:
        """The instrument with an id, or None."""
        return self._by_id.get(instrument_id)

    def developing(self, competence: str) -> Sequence[Instrument]:
        """The instruments that develop a competence (IRI)."""
        return tuple(self._by_competence.get(competence, ()))

    @property
    def now(self) -> Catalogue:
        """The catalogue at this moment, which does not change any more: for what asks it more than once."""
        return self


class LiveCatalogue(Catalogue):
    """A catalogue whose content may be swapped while it is read: all readers have the new content from then on."""

    def __init__(self, content: Catalogue) -> None:
        self._content = content

    def swap(self, content: Catalogue) -> None:
        """Read from this content from now on."""
        self._content = content.now

    def __len__(self) -> int:
        return len(self._content)

    @property
    def instruments(self) -> Sequence[Instrument]:
        """All instruments, in the order of the guides."""
        return self._content.instruments

    @property
    def competences(self) -> frozenset[str]:
        """The IRIs of the competences that some instrument develops."""
        return self._content.competences

    def get(self, instrument_id: str) -> Instrument | None:
        """The instrument with an id, or None."""
        return self._content.get(instrument_id)

    def developing(self, competence: str) -> Sequence[Instrument]:
        """The instruments that develop a competence (IRI)."""
        return self._content.developing(competence)

    @property
    def now(self) -> Catalogue:
        """The content at this moment."""
        return self._content
