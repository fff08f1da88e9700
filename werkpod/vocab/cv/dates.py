"""Dates as far as a person knows them: a year, a month, or a day."""

from __future__ import annotations

import datetime as dt
import re

_FORM = re.compile(r"([12][0-9]{3})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


class PartialDate(str):
    """A date of the form YYYY, YYYY-MM or YYYY-MM-DD; as a `str` it is that form, so it prints and sorts as one.

    Raises ValueError for anything else and for days that do not exist. The years run from 1000 to 2999, as the
    pattern of JSON Resume has it.
    """

    __slots__ = ()

    def __new__(cls, value: str) -> PartialDate:
        """The date that `value` writes."""
        match = _FORM.fullmatch(value)
        if match is None:
            raise ValueError(f"{value!r} is not a date: write a year (2019), a month (2019-03) or a day (2019-03-01)")
        year, month, day = match.groups()
        try:
            dt.date(int(year), int(month or 1), int(day or 1))
        except ValueError:
            raise ValueError(f"{value!r} is not a date: there is no such month or day") from None
        return super().__new__(cls, value)

    @classmethod
    def of(cls, year: int, month: int | None = None) -> PartialDate:
        """The date of a year, or of a month (1-12) in it."""
        return cls(f"{year:04d}-{month:02d}" if month is not None else f"{year:04d}")

    @property
    def year(self) -> int:
        """The year."""
        return int(self[:4])

    @property
    def month(self) -> int | None:
        """The month, 1-12, or None when only the year is known."""
        return int(self[5:7]) if len(self) > 4 else None

    @property
    def datatype(self) -> str:
        """The XSD type of this form: "gYear", "gYearMonth" or "date" (XML Schema 1.1 part 2, 3.3)."""
        return {4: "gYear", 7: "gYearMonth"}.get(len(self), "date")

    def before(self, other: PartialDate) -> bool:
        """Whether this date surely lies before `other`: compared as far as both are known."""
        known = min(len(self), len(other))
        return self[:known] < other[:known]
