"""The examples of a Markdown document, and the comparison of what it shows with what a program gives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: what it holds (`sh`, `python`, `json`, `http`, `text`), its text, its line in the document."""

    kind: str
    text: str
    line: int

    @property
    def commands(self) -> list[str]:
        """The commands of a shell block: a line each, with what an open quote or a backslash makes part of it."""
        found: list[str] = []
        unfinished = ""
        for line in self.text.splitlines():
            unfinished += line
            if unfinished.endswith("\\"):
                unfinished = unfinished[:-1]
            elif unfinished.count("'") % 2:
                unfinished += "\n"
            elif unfinished.strip():
                found.append(unfinished)
                unfinished = ""
            else:
                unfinished = ""
        assert not unfinished, f"line {self.line}: the last command does not end"
        return found


def blocks(document: Path) -> list[Block]:
    """The fenced blocks of a document, in order."""
    text = document.read_text("utf-8")
    return [
        Block(match["kind"], match["text"], text.count("\n", 0, match.start()) + 1) for match in _FENCE.finditer(text)
    ]


def other_shape(shown: Any, given: Any, where: str = "$") -> list[str]:
    """Every way in which `given` has another shape than `shown`: members, types, lists of the same kind of things.

    Values may differ. A list that is shown with something in it has something in it, and each thing in it has the shape
    of one that is shown; a shown list may be shorter. What is null on one side may be anything on the other.
    """
    if shown is None or given is None:
        return []
    if _kind(shown) != _kind(given):
        return [f"{where}: shown as {_kind(shown)}, is {_kind(given)}"]
    if isinstance(shown, dict):
        found = [f"{where}.{name}: shown, not given" for name in shown if name not in given]
        found += [f"{where}.{name}: given, not shown" for name in given if name not in shown]
        return found + [each for n in shown if n in given for each in other_shape(shown[n], given[n], f"{where}.{n}")]
    if isinstance(shown, list) and shown:
        if not given:
            return [f"{where}: shown with things in it, is empty"]
        return [
            each
            for place, item in enumerate(given)
            for each in min((other_shape(one, item, f"{where}[{place}]") for one in shown), key=len)
        ]
    return []


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return {str: "string", list: "list", dict: "object"}[type(value)]
