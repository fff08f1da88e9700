"""Which concepts of other classifications the concepts of a taxonomy are said to match (SKOS Reference, section 10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from werkpod.vocab.strings import Strings

Relation = Literal["exactMatch", "closeMatch", "broadMatch", "narrowMatch"]
"""SKOS mapping relations, the closest first. `broadMatch`: the other concept is the broader one."""
RELATIONS: tuple[Relation, ...] = get_args(Relation)


@dataclass(frozen=True, slots=True)
class ConceptMatch:
    """A concept elsewhere (`iri`) that a concept of the taxonomy matches in this way."""

    relation: Relation
    iri: str


@dataclass(frozen=True, slots=True)
class Matches:
    """The matches of many concepts. Those of row i: `relation[starts[i]:starts[i + 1]]` (places in `RELATIONS`) and
    the same span of `iri`, the closest first."""

    starts: NDArray[np.int64]
    relation: NDArray[np.uint8]
    iri: Strings

    @classmethod
    def of(cls, rows: Sequence[Sequence[ConceptMatch]]) -> Matches:
        """The matches of every row."""
        ordered = [sorted(set(row), key=lambda match: (RELATIONS.index(match.relation), match.iri)) for row in rows]
        starts = np.zeros(len(ordered) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in ordered], out=starts[1:])
        relations = [RELATIONS.index(match.relation) for row in ordered for match in row]
        return cls(
            starts, np.array(relations, dtype=np.uint8), Strings.of(match.iri for row in ordered for match in row)
        )

    def __getitem__(self, row: int) -> tuple[ConceptMatch, ...]:
        span = range(int(self.starts[row]), int(self.starts[row + 1]))
        return tuple(ConceptMatch(RELATIONS[self.relation[at]], self.iri[at]) for at in span)

    def inverse(self) -> dict[str, list[int]]:
        """IRI elsewhere -> the rows that match it, the closest first."""
        rows = np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts)).tolist()
        found: dict[str, list[int]] = {}
        for _, row, iri in sorted(zip(self.relation.tolist(), rows, self.iri, strict=True)):
            found.setdefault(iri, []).append(row)
        return found
