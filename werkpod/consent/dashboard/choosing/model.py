"""What can be chosen (`Offer`) and what was (`Chosen`)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from werkpod.consent.grants import GrantRecord
from werkpod.vocab.cv.terms import SCHEMA
from werkpod.vocab.fields import FIELDS

OWN_TEXTS = frozenset(key for key, field in FIELDS.items() if SCHEMA + "description" in field.predicates)
"""The fields in which a person writes what they like, the name of an employer among it."""


FieldKind = Literal["open", "needed", "optional", "closed"]


class Unfinished(Exception):
    """A choice that still has to be made; the text says which, to the person."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry of a section. `key`: "section#fragment"; `label`: what its owner calls it."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class FieldOffer:
    """One field. `key`: as in `vocab.fields`. `kind`: what happens to it where its section is given.

    "open": it goes along unless it is left out; "needed": it goes along; "optional": only when it is ticked;
    "closed": not at all, since nobody asked for it.
    """

    key: str
    label: str
    kind: FieldKind = "open"
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """One section that can be chosen. `needed`: it goes along with any yes. `texts`: own texts that hold something.

    `narrows` False: all of it or nothing (who may write gets a document whole). `reason`: why the receiver asks it.
    """

    key: str
    label: str
    pieces: tuple[Piece, ...] = ()
    fields: tuple[FieldOffer, ...] = ()
    texts: frozenset[str] = frozenset()
    empty: bool = False
    needed: bool = False
    narrows: bool = True
    reason: str = ""

    @property
    def opens(self) -> bool:
        """Whether something of it can be left out."""
        return self.narrows and bool(self.pieces or any(field.kind == "open" for field in self.fields))

    def hidden(self, left_out: Collection[str], ticked: Collection[str]) -> tuple[str, ...]:
        """The fields that a yes to this section does not give, with these left out and these optional ones ticked."""
        return tuple(
            field.key
            for field in self.fields
            if field.kind == "closed"
            or (field.kind == "optional" and field.key not in ticked)
            or (field.kind == "open" and field.key in left_out)
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen, in the words of a grant (`GrantRecord`). Nothing at all: nothing was chosen yet."""

    sections: tuple[str, ...] = ()
    everything: bool = False
    only_entries: tuple[str, ...] = ()
    hidden_entries: tuple[str, ...] = ()
    hidden_fields: tuple[str, ...] = ()
    preset: str = ""

    @classmethod
    def of(cls, record: GrantRecord) -> Chosen:
        """What a grant gives, to begin a changed one with."""
        return cls(
            record.sections, record.everything, record.only_entries, record.hidden_entries, record.hidden_fields,
            record.preset,
        )  # fmt: skip

    def on(self, record: GrantRecord) -> GrantRecord:
        """The grant with this in place of what it gave."""
        return replace(
            record, sections=() if self.everything else self.sections, everything=self.everything,
            only_entries=self.only_entries, hidden_entries=self.hidden_entries, hidden_fields=self.hidden_fields,
            preset=self.preset,
        )  # fmt: skip

    def fixed(self, section: str) -> bool:
        """Whether what is added to the section later stays out."""
        return any(entry.startswith(f"{section}#") for entry in self.only_entries)

    def without(self, entry: str) -> bool:
        """Whether an entry ("section#fragment") is left out."""
        return entry in self.hidden_entries or (self.fixed(entry.partition("#")[0]) and entry not in self.only_entries)

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out of the chosen sections."""
        return bool(self.only_entries or self.hidden_entries or self.hidden_fields)

    def telling(self, offered: Iterable[Offer]) -> tuple[str, ...]:
        """The fields with own text that go along while something else is left out: the text may still name it.

        Only fields that the receiver can do without, and that hold something.
        """
        if not (self.only_entries or self.hidden_entries or set(self.hidden_fields) - OWN_TEXTS):
            return ()
        return tuple(
            field.key
            for offer in offered
            if offer.key in self.sections
            for field in offer.fields
            if field.key in offer.texts and field.key not in self.hidden_fields and field.kind != "needed"
        )
