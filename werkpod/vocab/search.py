"""Finding a concept by the words people use: typing errors, gender forms, plurals and compounds included.

A label is a set of features: its character n-grams (2 to 4, with word borders, as in scikit-learn's `char_wb`; they
forgive typing errors and see into compounds) and its words (`werkpod.vocab.wordclasses`: stems, compounds split, roles
by their class). Features are weighted by IDF and each of the two kinds is brought to length 1, so the score of a label
is a mix of two cosines, between 0 and 1, times the label's scale (a preferred label goes before another name). A
concept scores as its best label does. A feature is known by a 32-bit hash only; the index is a few flat arrays.
"""

from __future__ import annotations

import functools
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from werkpod.vocab import text
from werkpod.vocab.wordclasses import concepts_of

GRAMS = (2, 3, 4)
"""Lengths of the character n-grams."""
WORD_SHARE = 0.3
"""How much of the score the words have; the n-grams have the rest."""
LOWEST_SCORE = 0.1
"""What is less like the query than this is not an answer."""
LONGEST_QUERY = 200
"""Characters of a query that are looked at; no job title is longer."""


def _hash(feature: str) -> int:
    return zlib.crc32(feature.encode())


def word_grams(word: str) -> list[int]:
    """The character n-grams of a normalised word, with a border on both sides."""
    padded = f" {word} "
    return [_hash(padded[i : i + size]) for size in GRAMS for i in range(max(1, len(padded) - size + 1))]


def word_concepts(word: str) -> list[int]:
    """What a normalised word says: its stem, or the parts of a compound."""
    return [_hash("w:" + concept) for concept in concepts_of(word)]


def gram_features(normalised: str, of_word: Callable[[str], list[int]] = word_grams) -> Counter[int]:
    """The character n-grams of a normalised text and how often each occurs."""
    return Counter(chain.from_iterable(map(of_word, normalised.split())))


def word_features(normalised: str, of_word: Callable[[str], list[int]] = word_concepts) -> Counter[int]:
    """The words of a normalised text and how often each occurs."""
    return Counter(chain.from_iterable(map(of_word, text.words(normalised))))


@dataclass(frozen=True, slots=True)
class Index:
    """Postings of features over labels.

    `features` uint32[F] sorted; `starts` int64[F + 1] into the postings; `labels` int32[P], `weights` float16[P];
    `idf` float32[F]; `owners` int32[L]: the concept of each label; `exact` uint32[L]: hash of the normalised label;
    `scale` float16[L]: what its score is multiplied by.
    """

    features: NDArray[np.uint32]
    starts: NDArray[np.int64]
    labels: NDArray[np.int32]
    weights: NDArray[np.float16]
    idf: NDArray[np.float32]
    owners: NDArray[np.int32]
    exact: NDArray[np.uint32]
    scale: NDArray[np.float16]

    def scores(self, query: str) -> NDArray[np.float32]:
        """The score of every label for a query, float32[L] between 0 and 1."""
        normalised = text.normalise(query[:LONGEST_QUERY])
        scores = np.zeros(len(self.owners), dtype=np.float32)
        for features, share in ((gram_features(normalised), 1 - WORD_SHARE), (word_features(normalised), WORD_SHARE)):
            scores += np.float32(share) * self._cosine(features)
        if normalised:
            scores[self.exact == _hash(normalised)] = 1.0
        return np.minimum(scores, 1.0) * self.scale.astype(np.float32)

    def _cosine(self, features: Counter[int]) -> NDArray[np.float32]:
        size = len(self.owners)
        wanted = np.fromiter(features, dtype=np.uint32, count=len(features))
        counts = np.fromiter(features.values(), dtype=np.float32, count=len(features))
        at = np.minimum(np.searchsorted(self.features, wanted), max(len(self.features) - 1, 0))
        known = self.features[at] == wanted if len(self.features) else np.zeros(len(wanted), dtype=bool)
        # a feature that no label has still makes the query longer, or "xyz kok" would equal "kok"
        unknown_idf = np.float32(np.log((1 + size) / 1) + 1)
        weights = (1 + np.log(counts)) * np.where(known, self.idf[at] if len(self.idf) else 0, unknown_idf)
        norm = float(np.sqrt((weights * weights).sum()))
        if not norm or not known.any():
            return np.zeros(size, dtype=np.float32)
        chosen, weight = at[known], weights[known] / norm
        starts, ends = self.starts[chosen], self.starts[chosen + 1]
        spans = [slice(a, b) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
        labels = np.concatenate([self.labels[span] for span in spans])
        values = np.concatenate([self.weights[span] for span in spans]) * np.repeat(weight, ends - starts)
        return np.bincount(labels, weights=values, minlength=size).astype(np.float32)

    def best(self, query: str, limit: int) -> list[tuple[int, float, int]]:
        """The best concepts as (concept, score, label), best first; each concept once, at its best label."""
        scores = self.scores(query)
        found: dict[int, tuple[int, float, int]] = {}
        for label in _descending(scores, limit * 12):
            if scores[label] < LOWEST_SCORE:
                break
            owner = int(self.owners[label])
            if owner not in found:
                found[owner] = (owner, float(scores[label]), int(label))
                if len(found) == limit:
                    break
        return list(found.values())


def _descending(scores: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Positions of the `count` highest scores, highest first, ties by position."""
    if count >= len(scores):
        return np.argsort(-scores, kind="stable")
    top = np.sort(np.argpartition(-scores, count)[:count])
    return top[np.argsort(-scores[top], kind="stable")]


def build(
    labels: Sequence[str],
    owners: Sequence[int],
    scale: Sequence[float],
    *,
    tick: Callable[[int], None] | None = None,
) -> Index:
    """The index of `labels`, each a name of the concept in `owners` whose scores are multiplied by its `scale`;
    `tick(done)` is called every thousand labels."""
    normalised = [text.normalise(label) for label in labels]
    # the same words come back in thousands of labels; what they give is kept while the index is built, not longer
    grams, words = functools.cache(word_grams), functools.cache(word_concepts)
    kinds = [
        _weighted([gram_features(name, grams) for name in _ticking(normalised, tick)]),
        _weighted([word_features(name, words) for name in normalised]),
    ]
    features, label_of, weights = (np.concatenate([kind[i] for kind in kinds]) for i in range(3))
    order = np.lexsort((label_of, features))
    known, first, counts = np.unique(features[order], return_index=True, return_counts=True)
    return Index(
        features=known.astype(np.uint32),
        starts=np.append(first, len(features)).astype(np.int64),
        labels=label_of[order].astype(np.int32),
        weights=weights[order].astype(np.float16),
        idf=_idf(counts, len(labels)),
        owners=np.asarray(owners, dtype=np.int32),
        exact=np.array([_hash(name) for name in normalised], dtype=np.uint32),
        scale=np.asarray(scale, dtype=np.float16),
    )


def _ticking(items: Sequence[str], tick: Callable[[int], None] | None) -> Iterable[str]:
    for done, item in enumerate(items):
        if tick is not None and done % 1000 == 0:
            tick(done)
        yield item


def _idf(document_counts: NDArray[np.int64], documents: int) -> NDArray[np.float32]:
    """Smoothed inverse document frequency, ln((1 + n) / (1 + df)) + 1 (scikit-learn's TfidfTransformer)."""
    return (np.log((1 + documents) / (1 + document_counts)) + 1).astype(np.float32)


def _weighted(bags: Sequence[Counter[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """(feature, label, weight) of every occurrence: (1 + ln tf) x idf, each label brought to length 1."""
    sizes = np.array([len(bag) for bag in bags], dtype=np.int64)
    total = int(sizes.sum())
    features = np.fromiter((f for bag in bags for f in bag), dtype=np.int64, count=total)
    counts = np.fromiter((c for bag in bags for c in bag.values()), dtype=np.float64, count=total)
    label_of = np.repeat(np.arange(len(bags), dtype=np.int64), sizes)
    _, inverse, frequencies = np.unique(features, return_inverse=True, return_counts=True)
    weights: NDArray[np.float64] = (1 + np.log(counts)) * _idf(frequencies, len(bags))[inverse]
    norms = np.sqrt(np.bincount(label_of, weights=weights * weights, minlength=len(bags)))
    return features, label_of, np.divide(weights, norms[label_of])
