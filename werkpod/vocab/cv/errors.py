"""Errors of the CV model.

Unprocessable (422)
 |- UnreadableSection   a section document is not RDF that can be read
 |- UnknownSection      there is no such section
 |- ForeignEntry        an entry was put in a section that it does not belong to
 `- InvalidEntry        an entry breaks a rule of its shape; `problems` names each
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from werkpod.web.errors import Unprocessable


class UnreadableSection(Unprocessable):
    """A section document could not be parsed; the detail names the document and the place in it."""

    code, title = "unreadable_section", "This part of the CV cannot be read"


class UnknownSection(Unprocessable):
    """A section key that is none of `CV_SECTIONS`."""

    code, title = "unknown_section", "There is no such part of a CV"


class ForeignEntry(Unprocessable):
    """An entry of one section was put in another."""

    code, title = "foreign_entry", "This does not belong in this part of the CV"


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule: the `field` of the entry ("" for the entry as a whole) and what the rule says, in English."""

    field: str
    message: str


class InvalidEntry(Unprocessable):
    """An entry that its shape (`werkpod/vocab/shapes/cv.ttl`) refuses."""

    code, title = "invalid_entry", "This part of the CV is not complete or not right"

    def __init__(self, entry: str, problems: Sequence[Problem]) -> None:
        said = "; ".join(f"{p.field}: {p.message}" if p.field else p.message for p in problems)
        super().__init__(f"{entry}: {said}", problems=[{"field": p.field, "message": p.message} for p in problems])
        self.entry = entry
        self.problems = tuple(problems)
