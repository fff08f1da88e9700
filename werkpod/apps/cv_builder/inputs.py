"""What a person typed: cleaned, read into values, with an error at the field where it cannot be read.

Errors are Dutch sentences (message ids); a page translates them. What was typed is kept as it was.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from werkpod.vocab.cv import PartialDate

LABEL, TEXT = 300, 5000
"""The longest a name and a text may be, in characters; as the shapes have it."""


def N_(message: str) -> str:
    """Mark a sentence for the catalogue; the page translates it."""
    return message


TOO_LONG = N_("Dit is te lang. Maak het korter.")
NO_YEAR = N_("Schrijf het jaar met vier cijfers, bijvoorbeeld 2019.")
MONTH_WITHOUT_YEAR = N_("Vul ook het jaar in.")


def clean(text: str) -> str:
    """Text without control characters and outer space, line ends as one newline, in Unicode's composed form (NFC)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(c for c in lines if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", kept).strip()


@dataclass(slots=True)
class Typed:
    """A form that was sent. `values`: the fields by name, each with all that was sent under it; `errors`: by field."""

    values: Mapping[str, Sequence[str]]
    errors: dict[str, str] = field(default_factory=dict)

    def raw(self, name: str) -> str:
        """The first value of a field as typed, cleaned; "" when it was not sent."""
        return clean(next(iter(self.values.get(name, ())), ""))

    def every(self, name: str) -> tuple[str, ...]:
        """All values of a field, cleaned, without empty ones."""
        return tuple(value for each in self.values.get(name, ()) if (value := clean(each)))

    def text(self, name: str, *, longest: int = LABEL, needed: str = "") -> str | None:
        """A text; None when empty. `needed` is the error when it may not be empty."""
        value = self.raw(name)
        if len(value) > longest:
            self.errors[name] = TOO_LONG
        if not value and needed:
            self.errors[name] = needed
        return value or None

    def choice(self, name: str, allowed: Container[str], otherwise: str | None = None) -> str | None:
        """One of `allowed`; `otherwise` for anything else."""
        value = self.raw(name)
        return value if value in allowed else otherwise

    def date(self, name: str, old: PartialDate | None = None, *, needed: str = "") -> PartialDate | None:
        """A date from the fields `{name}_maand` and `{name}_jaar`; the day of `old` stays when both are unchanged."""
        month, year = self.raw(f"{name}_maand"), self.raw(f"{name}_jaar")
        if not year:
            if month or needed:
                self.errors[name] = MONTH_WITHOUT_YEAR if month else needed
            return None
        if not (year.isascii() and year.isdigit() and len(year) == 4 and 1900 <= int(year) <= 2100):
            self.errors[name] = NO_YEAR
            return None
        number = int(month) if month.isascii() and month.isdigit() and 1 <= int(month) <= 12 else None
        date = PartialDate.of(int(year), number)
        return old if old is not None and old.startswith(date) and old.month == number else date


def typed_date(name: str, date: PartialDate | None) -> dict[str, Sequence[str]]:
    """The fields of a date as a form shows them."""
    if date is None:
        return {}
    return {f"{name}_jaar": [str(date.year)], f"{name}_maand": [str(date.month)] if date.month else []}
