"""What came of an import: every leaf of the file is either placed or reported, never dropped."""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from werkpod.vocab.cv.documents import SectionDocument
from werkpod.vocab.cv.model import Entry

Scalar: TypeAlias = str | int | float | bool | None
"""A leaf of a JSON document."""


class Reason(enum.Enum):
    """Why a value could not be placed; the value of each is the sentence in Dutch and in English."""

    EMPTY = ("Hier staat niets.", "There is nothing here.")
    NOT_TEXT = ("Dit is geen tekst.", "This is not text.")
    UNREADABLE = ("Hier staan tekens in die niet te lezen zijn.", "This has characters that cannot be read.")
    TOO_LONG = ("Deze tekst is te lang.", "This text is too long.")
    NOT_A_DATE = ("Dit is geen datum die wij kennen.", "This is not a date that we know.")
    END_BEFORE_START = ("Het einde ligt voor het begin.", "The end lies before the start.")
    NOT_AN_EMAIL = ("Dit is geen e-mailadres.", "This is not an e-mail address.")
    UNKNOWN_LEVEL = ("Dit niveau kennen we niet.", "We do not know this level.")
    NO_NAME = ("Er staat niet bij waar dit over gaat.", "It does not say what this is about.")
    ALREADY = ("Dit staat al in je cv.", "This is in your CV already.")
    DIFFERENT = (
        "In je cv staat hier al iets anders. Dat blijft staan.",
        "Your CV says something else here. That stays.",
    )
    PHOTO = ("Een cv in Werkpod heeft geen foto.", "A CV in Werkpod has no photo.")
    ABOUT_FILE = ("Dit gaat over het bestand, niet over jou.", "This is about the file, not about you.")
    INTERESTS = ("Voor hobby's is nog geen plek.", "There is no place for interests yet.")
    REFERENCES = (
        "Dit heeft iemand anders over je gezegd. Daar is nog geen plek voor.",
        "Somebody else said this about you. There is no place for that yet.",
    )
    PUBLICATIONS = (
        "Voor artikelen en boeken is nog geen plek.",
        "There is no place for publications yet.",
    )
    NOT_SHARED = (
        "Dit deel van je cv is niet gedeeld met deze dienst.",
        "This part of your CV is not shared with this service.",
    )
    NO_PLACE = ("Hier is geen plek voor in je cv.", "There is no place for this in your CV.")

    @property
    def nl(self) -> str:
        """The sentence in Dutch."""
        return self.value[0]

    @property
    def en(self) -> str:
        """The sentence in English."""
        return self.value[1]

    def sentence(self, lang: str) -> str:
        """The sentence in a language."""
        return self.en if lang == "en" else self.nl


@dataclass(frozen=True, slots=True)
class Placed:
    """A leaf and where it went. `path` is a JSON Pointer (RFC 6901); `field` is the name in the entry's class."""

    path: str
    value: Scalar
    section: str
    entry: str
    field: str


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A leaf that went nowhere, and why. `path` is a JSON Pointer (RFC 6901)."""

    path: str
    value: Scalar
    reason: Reason

    @property
    def shown(self) -> str:
        """The value as it can be shown to a person."""
        if self.value is None:
            return ""
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return str(self.value).encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True)
class Outcome:
    """An import. `entries`, by section key: new ones, and the single ones (name, contact, summary) filled up."""

    entries: Mapping[str, tuple[Entry, ...]]
    placed: tuple[Placed, ...]
    unplaced: tuple[Unplaced, ...]

    def only(self, sections: Collection[str]) -> Outcome:
        """The import as far as these sections go (keys); what would go elsewhere is reported as not shared."""
        kept = tuple(leaf for leaf in self.placed if leaf.section in sections)
        left = tuple(
            Unplaced(leaf.path, leaf.value, Reason.NOT_SHARED) for leaf in self.placed if leaf.section not in sections
        )
        entries = {key: made for key, made in self.entries.items() if key in sections}
        return Outcome(entries, kept, (*left, *self.unplaced))

    def into(self, document: SectionDocument) -> SectionDocument:
        """The section document with this import's entries for it."""
        for entry in self.entries.get(document.section.key, ()):
            document = document.put(entry)
        return document
