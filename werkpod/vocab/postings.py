"""What texts are made of, counted and weighed: an inverted index of hashed features, and cosines from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from werkpod.vocab.features import Bag, Occurrences


@dataclass(frozen=True, slots=True)
class Postings:
    """Features over items. `features` uint32[F] sorted; `starts` int64[F + 1] into the postings; `items` int32[P],
    `weights` float16[P]: (1 + ln tf) x IDF, each item brought to length 1; `idf` float32[F]; `size` int64[1]: the
    number of items."""

    features: NDArray[np.uint32]
    starts: NDArray[np.int64]
    items: NDArray[np.int32]
    weights: NDArray[np.float16]
    idf: NDArray[np.float32]
    size: NDArray[np.int64]

    def cosine(self, bag: Bag) -> NDArray[np.float32]:
        """How like a bag each item is, float32 between 0 and 1."""
        size = int(self.size[0])
        if not bag or not len(self.features):
            return np.zeros(size, dtype=np.float32)
        wanted = np.fromiter(bag, dtype=np.uint32, count=len(bag))
        counts = np.fromiter(bag.values(), dtype=np.float32, count=len(bag))
        at = np.minimum(np.searchsorted(self.features, wanted), len(self.features) - 1)
        known = self.features[at] == wanted
        # a feature that no item has still makes the text longer, or "xyz kok" would equal "kok"
        weights = (1 + np.log(counts)) * np.where(known, self.idf[at], np.float32(np.log(1 + size) + 1))
        norm = float(np.sqrt((weights * weights).sum()))
        if not norm or not known.any():
            return np.zeros(size, dtype=np.float32)
        chosen, weight = at[known], weights[known] / norm
        starts, ends = self.starts[chosen], self.starts[chosen + 1]
        spans = [slice(a, b) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
        items = np.concatenate([self.items[span] for span in spans])
        values = np.concatenate([self.weights[span] for span in spans]) * np.repeat(weight, ends - starts)
        return np.bincount(items, weights=values, minlength=size).astype(np.float32)


def idf(document_counts: NDArray[np.int64], documents: int) -> NDArray[np.float32]:
    """Smoothed inverse document frequency, ln((1 + n) / (1 + df)) + 1 (scikit-learn's TfidfTransformer)."""
    return (np.log((1 + documents) / (1 + document_counts)) + 1).astype(np.float32)


def post(kinds: Sequence[Occurrences], size: int) -> Postings:
    """The postings of `size` items. Kinds of features share none, and in each an item has length 1 by itself."""
    weights = np.concatenate([_weights(kind, size) for kind in kinds])
    items, features = (np.concatenate([kind[i] for kind in kinds]) for i in range(2))
    order = np.lexsort((items, features))
    known, first, counts = np.unique(features[order], return_index=True, return_counts=True)
    return Postings(
        features=known.astype(np.uint32),
        starts=np.append(first, len(features)).astype(np.int64),
        items=items[order].astype(np.int32),
        weights=weights[order].astype(np.float16),
        idf=idf(counts, size),
        size=np.array([size], dtype=np.int64),
    )


def _weights(kind: Occurrences, size: int) -> NDArray[np.float64]:
    _, at, frequencies = np.unique(kind.features, return_inverse=True, return_counts=True)
    weights = (1 + np.log(np.maximum(kind.counts, 1e-9))) * idf(frequencies, size)[at]
    norms = np.sqrt(np.bincount(kind.items, weights=weights * weights, minlength=size))
    found: NDArray[np.float64] = weights / norms[kind.items]
    return found
