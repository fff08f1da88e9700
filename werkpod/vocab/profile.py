"""What a work history says of a person's competences, and with which weight they count in ranking.

A competence that is named, or that an occupation done asks of everyone (essential), is one the person has. What an
occupation done asks beside (important, optional) counts for less, as the person may have it. Longer and later work
counts for more, to a half more at most: 3 years count in full, and what lies back halves every 10 years. These two
figures are a choice, not a measurement; they change the order of close matches only.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from werkpod.vocab.taxonomy import Competence, Occupation, Taxonomy
from werkpod.web.errors import Unprocessable

FULL_MONTHS = 36
HALF_LIFE_YEARS = 10
MOST_EXTRA = 0.5
_DATE = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?")


class BadPeriod(Unprocessable):
    """A date is no date, or the end lies before the start."""

    code, title = "bad_period", "A period is wrong"


@dataclass(frozen=True, slots=True)
class Job:
    """Work done. `start` and `end` are months counted from the year 0; None: not told (start), until now (end)."""

    occupation: Occupation
    start: int | None = None
    end: int | None = None

    @classmethod
    def of(cls, occupation: Occupation, start: str | None, end: str | None, *, where: str = "job") -> Job:
        """A job with dates as text: a year, a month or a day. Raises BadPeriod; `where` names the job in it."""
        first, last = _month(start, f"{where}.from", 1), _month(end, f"{where}.to", 12)
        if first is not None and last is not None and last < first:
            raise BadPeriod(f"{where}: to ({end}) lies before from ({start}).")
        return cls(occupation, first, last)

    def weight(self, now: int) -> float:
        """How much the job counts at the month `now`: 1 when nothing is told of its dates, at most 1.5."""
        if self.start is None:
            return 1.0
        end = min(now if self.end is None else self.end, now)
        lasted = min(max(end - self.start + 1, 0) / FULL_MONTHS, 1.0)
        return float(1.0 + MOST_EXTRA * lasted * 0.5 ** ((now - end) / (12 * HALF_LIFE_YEARS)))


@dataclass(frozen=True, slots=True)
class Profile:
    """`weights` for `Taxonomy.rank`, `owned` the IRIs of the competences the person has, `sources` competence IRI ->
    the IRIs of the occupations done that ask it, `occupations` the IRIs of the occupations done."""

    weights: Mapping[str, float]
    owned: frozenset[str]
    sources: Mapping[str, tuple[str, ...]]
    occupations: frozenset[str]


def profile_of(
    taxonomy: Taxonomy, jobs: Sequence[Job], competences: Iterable[Competence], *, today: dt.date | None = None
) -> Profile:
    """The profile of a work history and the competences that the person names beside it."""
    today = today or dt.datetime.now(dt.UTC).date()
    now = today.year * 12 + today.month
    weights: dict[str, float] = {competence.iri: 1.0 for competence in competences}
    owned = set(weights)
    sources: dict[str, list[str]] = {}
    for job in jobs:
        factor = job.weight(now)
        for link in taxonomy.links(job.occupation):
            iri = link.competence.iri
            weights[iri] = max(weights.get(iri, 0.0), link.weight * factor)
            if link.kind == "essential" or iri in owned:
                owned.add(iri)
                found = sources.setdefault(iri, [])
                if job.occupation.iri not in found:
                    found.append(job.occupation.iri)
    return Profile(
        weights,
        frozenset(owned),
        {iri: tuple(found) for iri, found in sources.items()},
        frozenset(job.occupation.iri for job in jobs),
    )


def _month(text: str | None, where: str, missing: int) -> int | None:
    if text is None:
        return None
    found = _DATE.fullmatch(text)
    if not found:
        raise BadPeriod(f"{where} is {text!r}; write a year, a month or a day, as 2015, 2015-03 or 2015-03-09.")
    return int(found[1]) * 12 + int(found[2] or missing)
