"""Drafting entries from leaves: each leaf that a draft takes is accounted for when the draft is kept or given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkpod.vocab.cv.dates import PartialDate
from werkpod.vocab.cv.documents import SectionDocument
from werkpod.vocab.cv.fragments import mint
from werkpod.vocab.cv.model import Entry
from werkpod.vocab.jsonresume.outcome import Placed, Reason, Scalar, Unplaced
from werkpod.vocab.jsonresume.source import Node
from werkpod.vocab.jsonresume.words import PRESENT

LONGEST_LABEL, LONGEST_TEXT = 300, 5000
"""Characters, as the shapes have it."""


@dataclass(slots=True)
class Account:
    """Where every leaf went so far, the entries made of them, and the fragments in use in each section."""

    documents: Mapping[str, SectionDocument]
    placed: dict[str, Placed] = field(default_factory=dict)
    unplaced: dict[str, Unplaced] = field(default_factory=dict)
    entries: dict[str, list[Entry]] = field(default_factory=dict)

    def refuse(self, node: Node, reason: Reason) -> None:
        """Report a leaf."""
        self.unplaced[node.path] = Unplaced(node.path, node.value, reason)

    def existing(self, section: str) -> tuple[Entry, ...]:
        """The entries of a section: in the pod, then those of this import."""
        document = self.documents.get(section)
        return (*(document.entries if document else ()), *self.entries.get(section, ()))

    def fragment(self, section: str) -> str:
        """A new fragment for an entry of a section."""
        document = self.documents.get(section)
        taken = {entry.id for entry in self.existing(section)} | (document.fragments if document else frozenset())
        return mint(taken=taken)


@dataclass(slots=True)
class Draft:
    """An entry in the making: `values` by field name, and the leaves that they were taken from."""

    account: Account
    values: dict[str, Any] = field(default_factory=dict)
    taken: list[tuple[Node, str]] = field(default_factory=list)

    def text(self, name: str, *candidates: Node, longest: int = LONGEST_LABEL) -> str | None:
        """Take the first of the candidates that has text into the field `name`."""
        for node in candidates:
            if (value := self.usable(node, longest)) is not None:
                self.values[name] = value
                self.taken.append((node, name))
                return value
        return None

    def lines(self, name: str, nodes: tuple[Node, ...], form: str = "{}") -> None:
        """Add each node's text as a line of its own to the field `name`, written as `form` says."""
        for node in nodes:
            value = self.usable(node, LONGEST_TEXT)
            if value is None:
                continue
            joined = "\n".join(part for part in (self.values.get(name), form.format(value)) if part)
            if len(joined) > LONGEST_TEXT:
                self.account.refuse(node, Reason.TOO_LONG)
                continue
            self.values[name] = joined
            self.taken.append((node, name))

    def date(self, name: str, node: Node) -> PartialDate | None:
        """Take a date; a time after it is left out. "Present" in the field "end" means that there is none."""
        text = self.usable(node, LONGEST_LABEL)
        if text is None:
            return None
        if name == "end" and text.casefold() in PRESENT:
            self.taken.append((node, name))
            return None
        try:
            value = PartialDate(text.split("T")[0] if len(text) > 10 else text)
        except ValueError:
            self.account.refuse(node, Reason.NOT_A_DATE)
            return None
        start = self.values.get("start")
        if name == "end" and isinstance(start, PartialDate) and value.before(start):
            self.account.refuse(node, Reason.END_BEFORE_START)
            return None
        self.values[name] = value
        self.taken.append((node, name))
        return value

    def usable(self, node: Node, longest: int) -> str | None:
        """The text of a leaf; None, with the reason reported, where it has none that can be kept."""
        value: Scalar | Any = node.value
        if isinstance(value, bool):
            self.account.refuse(node, Reason.NOT_TEXT)
            return None
        if isinstance(value, (int, float)):
            value = str(value)
        if not isinstance(value, str) or not value.strip():
            return None
        if any((c < " " and c not in "\n\r\t") or c == "\x7f" or "\ud800" <= c <= "\udfff" for c in value):
            self.account.refuse(node, Reason.UNREADABLE)
            return None
        text = value.replace("\r\n", "\n").replace("\r", "\n").strip()
        if len(text) > longest:
            self.account.refuse(node, Reason.TOO_LONG)
            return None
        return text

    def keep(self, section: str, entry: Entry) -> None:
        """The draft became `entry`: its leaves are placed."""
        self.account.entries.setdefault(section, []).append(entry)
        for node, name in self.taken:
            self.account.placed[node.path] = Placed(node.path, node.value, section, entry.id, name)

    def give_up(self, reason: Reason) -> None:
        """The draft becomes nothing: its leaves are reported."""
        for node, _ in self.taken:
            self.account.refuse(node, reason)
