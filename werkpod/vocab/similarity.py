"""How close occupations are to what a person can do.

Ranking is a symmetric cosine. A vector has one place for each competence, with weight x IDF in it: weight 1 for an
essential, 0.75 for an important and 0.5 for an optional competence, IDF = ln(occupations / occupations that have it).
As both vectors carry the IDF, a shared competence counts by its square: what sets an occupation apart decides, what all
work has in common hardly counts. Measured against O*NET's related occupations this beats counting, Jaccard and
one-directional coverage; explanations use coverage ("14 of the 20"), which people can check.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from werkpod.vocab.tables import Tables

_COMMON = 8
"""A competence is common when more than one in so many occupations ask it."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A row of occupations and its score, a cosine between 0 and 1."""

    row: int
    score: float


class Similarity:
    """The vectors of all ranked occupations, stored by competence so that a CV touches only the competences it has.

    Competences that many occupations ask are rows of a matrix besides: CompetentNL's capabilities are asked by nearly
    all, and a product with a matrix goes through them in a tenth of the time."""

    def __init__(self, tables: Tables) -> None:
        self._rows = rows = tables.meta.occupations
        width = len(tables.competence_iri)
        end = int(tables.link_start[rows])
        competence, weight = tables.link_competence[:end], tables.link_weight[:end]
        row = np.repeat(np.arange(rows), np.diff(tables.link_start[: rows + 1]))
        frequency = np.bincount(competence, minlength=width)
        self.idf: NDArray[np.float32] = np.log(max(rows, 1) / np.maximum(frequency, 1)).astype(np.float32)
        value = weight * self.idf[competence]
        norm = np.sqrt(np.bincount(row, weights=value * value, minlength=rows))
        value = value / np.maximum(norm, 1e-9)[row]
        order = np.argsort(competence, kind="stable")
        self._start = np.concatenate([[0], np.cumsum(frequency)]).astype(np.int64)
        self._row = row[order].astype(np.int32)
        self._value = value[order].astype(np.float32)
        common = np.flatnonzero(frequency > max(rows // _COMMON, 1))
        self._common_at = np.full(width, -1, dtype=np.int32)
        self._common_at[common] = np.arange(len(common))
        self._common = np.zeros((len(common), rows), dtype=np.float32)
        for at, column in enumerate(common.tolist()):
            span = slice(self._start[column], self._start[column + 1])
            self._common[at, self._row[span]] = self._value[span]

    def rank(self, weights: Mapping[int, float], *, exclude: Collection[int], limit: int) -> list[Ranked]:
        """The `limit` best rows for a person's competences (column -> weight > 0), best first, ties by row; rows in
        `exclude` and rows that share nothing are left out."""
        if not weights:
            return []
        scores = self._scores(weights)
        scores[[row for row in exclude if row < self._rows]] = 0
        count = min(limit, self._rows)
        top = np.argpartition(-scores, count - 1)[:count]
        top = top[np.lexsort((top, -scores[top]))]
        return [Ranked(int(row), float(scores[row])) for row in top if scores[row] > 0]

    def rows_with(self, column: int) -> list[int]:
        """The rows of the occupations that ask a competence."""
        return sorted(self._row[self._start[column] : self._start[column + 1]].tolist())

    def _scores(self, weights: Mapping[int, float]) -> NDArray[np.float64]:
        columns = np.fromiter(weights, dtype=np.int64, count=len(weights))
        vector = np.fromiter(weights.values(), dtype=np.float64, count=len(weights)) * self.idf[columns]
        vector /= max(float(np.sqrt((vector * vector).sum())), 1e-9)
        common = self._common_at[columns]
        shared = common >= 0
        scores = np.zeros(self._rows)
        if shared.any():
            scores += vector[shared] @ self._common[common[shared]]
        if not shared.all():
            spans = [slice(self._start[c], self._start[c + 1]) for c in columns[~shared]]
            rows = np.concatenate([self._row[span] for span in spans])
            values = np.concatenate([self._value[span] * v for span, v in zip(spans, vector[~shared], strict=True)])
            scores += np.bincount(rows, weights=values, minlength=self._rows)
        return scores


def split(required: Sequence[int], owned: Collection[int]) -> tuple[list[int], list[int]]:
    """(have, missing): the required competences that are owned, and the others, both in the order required."""
    return [c for c in required if c in owned], [c for c in required if c not in owned]
