"""What texts are made of, counted and weighed: an inverted index of hashed features, and cosines from it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bag = Mapping[int, float]
"""Features of a text and how often each occurs, or counts. A feature is known by a 32-bit hash only."""


def feature(text: str) -> int:
    """The hash that a feature is known by."""
    return zlib.crc32(text.encode())


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


def post(kinds: Sequence[Sequence[Bag]]) -> Postings:
    """The postings of items. Each of `kinds` has a bag for every item; kinds share no features, and in each an item has
    length 1 by itself."""
    size = len(kinds[0])
    weighed = [_weighed(bags) for bags in kinds]
    features, items, weights = (np.concatenate([kind[i] for kind in weighed]) for i in range(3))
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


def _weighed(bags: Sequence[Bag]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """(feature, item, weight) of every occurrence."""
    sizes = np.array([len(bag) for bag in bags], dtype=np.int64)
    total = int(sizes.sum())
    features = np.fromiter((f for bag in bags for f in bag), dtype=np.int64, count=total)
    counts = np.fromiter((c for bag in bags for c in bag.values()), dtype=np.float64, count=total)
    item_of = np.repeat(np.arange(len(bags), dtype=np.int64), sizes)
    _, inverse, frequencies = np.unique(features, return_inverse=True, return_counts=True)
    weights: NDArray[np.float64] = (1 + np.log(counts)) * idf(frequencies, len(bags))[inverse]
    norms = np.sqrt(np.bincount(item_of, weights=weights * weights, minlength=len(bags)))
    return features, item_of, np.divide(weights, norms[item_of])
