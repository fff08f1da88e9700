"""How one value is written as an RDF term and read back.

Reading is forgiving: other Solid apps write these documents too. A term that a codec does not understand reads as None;
it then stays in the document untouched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from werkpod.vocab.cv.dates import PartialDate
from werkpod.vocab.cv.terms import WP, XSD

Term = NamedNode | BlankNode | Literal | Triple
"""What can stand as the object of a triple (RDF 1.2 has triples there too)."""

_DATES = {XSD + name for name in ("gYear", "gYearMonth", "date")}
_INTEGERS = {XSD + name for name in ("integer", "int", "short", "byte", "nonNegativeInteger", "positiveInteger")}


class Codec(Protocol):
    """One way to write a value."""

    def encode(self, value: Any) -> NamedNode | Literal:
        """The term for a value of the field's type. Raises ValueError when the value cannot be written."""
        ...

    def decode(self, term: Term) -> Any:
        """The value of a term, or None when it is none of this codec's."""
        ...


def is_web_address(text: str) -> bool:
    """Whether `text` is an absolute http(s) IRI that RDF can hold (RFC 3987)."""
    if not text.startswith(("http://", "https://")) or len(text.split("://", 1)[1]) == 0:
        return False
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Text:
    """Plain text; text with a language tag is read too."""

    def encode(self, value: str) -> Literal:
        """A string literal."""
        return Literal(value)

    def decode(self, term: Term) -> str | None:
        """The text of a string or a language-tagged string that is not empty."""
        if isinstance(term, Literal) and (term.language or term.datatype.value == XSD + "string"):
            return term.value or None
        return None


@dataclass(frozen=True, slots=True)
class Iri:
    """The IRI of a thing: a concept of a taxonomy, an entry."""

    def encode(self, value: str) -> NamedNode:
        """A named node. Raises ValueError when it is no IRI."""
        return NamedNode(value)

    def decode(self, term: Term) -> str | None:
        """The IRI of a named node."""
        return term.value if isinstance(term, NamedNode) else None


@dataclass(frozen=True, slots=True)
class WebAddress:
    """A web address: an IRI where it is one, else the text as it was typed ("www.linde.example")."""

    def encode(self, value: str) -> NamedNode | Literal:
        """A named node for an http(s) IRI, a string literal for anything else."""
        return NamedNode(value) if is_web_address(value) else Literal(value)

    def decode(self, term: Term) -> str | None:
        """The address of either form."""
        return term.value or None if isinstance(term, (NamedNode, Literal)) else None


@dataclass(frozen=True, slots=True)
class Date:
    """A date as known: xsd:gYear, xsd:gYearMonth or xsd:date."""

    def encode(self, value: PartialDate) -> Literal:
        """A typed literal of the form that the date has."""
        return Literal(str(value), datatype=NamedNode(XSD + value.datatype))

    def decode(self, term: Term) -> PartialDate | None:
        """The date of a literal of one of the three types."""
        if not isinstance(term, Literal) or term.datatype.value not in _DATES:
            return None
        try:
            date = PartialDate(term.value)
        except ValueError:
            return None
        return date if XSD + date.datatype == term.datatype.value else None


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number from `low` to `high`."""

    low: int
    high: int

    def encode(self, value: int) -> Literal:
        """An xsd:integer."""
        return Literal(str(value), datatype=NamedNode(XSD + "integer"))

    def decode(self, term: Term) -> int | None:
        """The number, when it is one and within bounds."""
        if not isinstance(term, Literal) or term.datatype.value not in _INTEGERS:
            return None
        digits = term.value.removeprefix("+")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
            return None
        return int(digits) if self.low <= int(digits) <= self.high else None


@dataclass(frozen=True, slots=True)
class Boolean:
    """Yes or no."""

    def encode(self, value: bool) -> Literal:
        """An xsd:boolean."""
        return Literal("true" if value else "false", datatype=NamedNode(XSD + "boolean"))

    def decode(self, term: Term) -> bool | None:
        """The value of an xsd:boolean in either of its forms."""
        if not isinstance(term, Literal) or term.datatype.value != XSD + "boolean":
            return None
        return {"true": True, "1": True, "false": False, "0": False}.get(term.value)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed list, each written as an IRI of our ontology."""

    names: Mapping[str, str]
    _back: Mapping[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_back", {WP + local: name for name, local in self.names.items()})

    def encode(self, value: str) -> NamedNode:
        """The IRI for a name. Raises ValueError for a name that is not on the list."""
        if value not in self.names:
            raise ValueError(f"{value!r} is none of {', '.join(self.names)}")
        return NamedNode(WP + self.names[value])

    def decode(self, term: Term) -> str | None:
        """The name for an IRI on the list."""
        return self._back.get(term.value) if isinstance(term, NamedNode) else None
