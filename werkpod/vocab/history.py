"""What earlier versions of an imported taxonomy had: so that a CV that points at a concept which is gone keeps a name
for it, and finds what came in its place.

It lies beside the taxonomy's pack and not in it: a pack is thrown away when its format changes or the taxonomy is
removed, and people's CVs are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from werkpod.vocab.packed import read_packed, write_packed
from werkpod.vocab.tables import Tables

MAGIC = b"WPHIST1\n"
MEND = "Put back the file from a backup, or delete it: what is gone from the taxonomy is then no longer known."
How = Literal["stated", "label", "other-name", "links"]
"""How it is known what came in a concept's place: the publisher says it; or it is proposed: the same label, a label
that is another name of the other, or that both ask or are asked by much the same."""


class Past(msgspec.Struct, frozen=True):
    """A concept of a taxonomy. `of`: "occupation" or "competence"; `last`: the last version that had it; `gone`: the
    version that no longer had it, empty while it is there. `isco`: the unit group of an occupation."""

    iri: str
    of: Literal["occupation", "competence"]
    labels: dict[str, str]
    isco: str = ""
    last: str = ""
    gone: str = ""


class Successor(msgspec.Struct, frozen=True):
    """What came in the place of a concept that is gone, and how that is known."""

    old: str
    new: str
    how: How

    @property
    def proposed(self) -> bool:
        """Whether it is not the publisher's own word."""
        return self.how != "stated"


class History(msgspec.Struct, frozen=True):
    """Every concept that an imported version had, and what came in the place of those that are gone."""

    taxonomy: str
    concepts: tuple[Past, ...] = ()
    successors: tuple[Successor, ...] = ()

    @property
    def gone(self) -> tuple[Past, ...]:
        """The concepts that are no longer there."""
        return tuple(concept for concept in self.concepts if concept.gone)


def history_path(pack: Path) -> Path:
    """Where the history of the taxonomy in a pack lies."""
    return pack.with_suffix(".history")


def read_history(path: Path) -> History | None:
    """The history at `path`; None when there is none. Raises PackDamaged."""
    return read_packed(path, MAGIC, History, MEND) if path.exists() else None


def write_history(history: History, path: Path) -> None:
    """Write a history in the place of the one at `path`. Raises OSError."""
    write_packed(path, MAGIC, history)


def past_of(tables: Tables) -> list[Past]:
    """The concepts of a taxonomy; unit groups that only stand for occupations are always there and are left out."""
    version = tables.meta.version
    titles = {lang: list(every) for lang, every in tables.occupation_title.items()}
    labels = {lang: list(every) for lang, every in tables.competence_label.items()}
    isco = list(tables.occupation_isco)
    occupations = [
        Past(iri, "occupation", _of_row(titles, row), isco[row], version)
        for row, iri in enumerate(tables.occupation_iri)
        if row < tables.meta.occupations
    ]
    competences = [
        Past(iri, "competence", _of_row(labels, row), "", version) for row, iri in enumerate(tables.competence_iri)
    ]
    return [*occupations, *competences]


def brought_up(before: Iterable[Past], now: Sequence[Past], version: str) -> tuple[Past, ...]:
    """All that is known with a new version: what it has is there, what it lacks is gone, since this version unless it
    was gone already."""
    known = {concept.iri: concept for concept in now}
    gone = (
        concept if concept.gone else msgspec.structs.replace(concept, gone=version)
        for concept in before
        if concept.iri not in known
    )
    return (*known.values(), *gone)


def still_hold(successors: Iterable[Successor], concepts: Iterable[Past]) -> list[Successor]:
    """The successors of concepts that are still gone; a concept that came back needs none."""
    gone = {concept.iri for concept in concepts if concept.gone}
    return [each for each in successors if each.old in gone]


def _of_row(columns: Mapping[str, Sequence[str]], row: int) -> dict[str, str]:
    return {lang: label for lang, every in columns.items() if (label := every[row])}
