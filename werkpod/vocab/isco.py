"""ISCO-08, the International Standard Classification of Occupations (ILO, 2012): 10 major, 43 sub-major, 130 minor
and 436 unit groups. A code is its parent's code and one digit more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

LEVELS = {1: "major", 2: "sub-major", 3: "minor", 4: "unit"}
"""Number of digits -> name of the level."""
ISCO_IRI = "http://data.europa.eu/esco/isco/C"
"""What an ISCO-08 group's IRI starts with in ESCO; its code follows."""
CODE = re.compile(r"[0-9]{1,4}")


@dataclass(frozen=True, slots=True)
class UnitGroup:
    """A group of ISCO-08. `level` 1 major, 2 sub-major, 3 minor, 4 unit; `parent` a code, None at the top."""

    code: str
    level: int
    title: Mapping[str, str]
    parent: str | None

    @property
    def iri(self) -> str:
        """The IRI that ESCO gives the group."""
        return ISCO_IRI + self.code


class IscoTree:
    """All groups by code. `groups` maps code -> titles by language."""

    def __init__(self, groups: Mapping[str, Mapping[str, str]]) -> None:
        self._groups = {
            code: UnitGroup(code, len(code), dict(titles), code[:-1] or None) for code, titles in sorted(groups.items())
        }
        self._children: dict[str | None, list[UnitGroup]] = {}
        for group in self._groups.values():
            self._children.setdefault(group.parent, []).append(group)

    def __len__(self) -> int:
        return len(self._groups)

    def groups(self) -> tuple[UnitGroup, ...]:
        """Every group, by code: each before those under it."""
        return tuple(self._groups.values())

    def group(self, code: str) -> UnitGroup | None:
        """The group with a code ("5321"), or None."""
        return self._groups.get(code)

    def children(self, code: str | None = None) -> tuple[UnitGroup, ...]:
        """The groups right under a code; the major groups for None."""
        return tuple(self._children.get(code, ()))

    def path(self, code: str) -> tuple[UnitGroup, ...]:
        """The groups above a code, from the major group down, the group itself last; empty for an unknown code."""
        return tuple(self._groups[code[:n]] for n in range(1, len(code) + 1) if code[:n] in self._groups)
