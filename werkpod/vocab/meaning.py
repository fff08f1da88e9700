"""What words have to do with one another, learned from the texts of a taxonomy: latent semantic indexing (Deerwester
et al., 1990). Occupations whose names, descriptions and competences are about the same things lie close together, and
so does a text about those things that shares no word with their names ("schatkist" and "belastingen").

The texts become a matrix of concepts by features (words as in `werkpod.vocab.wordclasses`, and trigrams, which see
through typing errors), its strongest directions are found once, when a taxonomy is imported, and kept as small whole
numbers. Nothing is downloaded: a taxonomy teaches what it says itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from werkpod.vocab.features import TEXT_GRAMS, Bag, Occurrences, Tokens, Vocabulary, gram_bag, merge
from werkpod.vocab.text import normalise

DIRECTIONS = 128
"""Between 96 and 256 the Belgian titles are found equally well."""
_LEAST_TEXTS = 3
"""A feature that fewer texts have says nothing of any other."""
_SPARE, _ROUNDS, _BLOCK, _CHUNK = 16, 2, 256, 4096

Text = Sequence[tuple[str, float]]
"""The parts of a text and how much each counts."""


@dataclass(frozen=True, slots=True)
class Space:
    """The directions. `features` uint32[F] sorted; `idf` float32[F]; `axes` int8[F x K], feature by feature, each row
    times its `scale` float32[F]. F and K may be 0: then nothing is known."""

    features: NDArray[np.uint32]
    idf: NDArray[np.float32]
    axes: NDArray[np.int8]
    scale: NDArray[np.float32]

    def place(self, bag: Bag) -> NDArray[np.float32]:
        """Where a text lies, float32[K]; as long as the share of it that is known, so that letters that happen to be in
        some word lead nowhere."""
        features = np.fromiter(bag, dtype=np.uint32, count=len(bag))
        counts = np.fromiter(bag.values(), dtype=np.float64, count=len(bag))
        if not len(self.features):
            return np.zeros(0, dtype=np.float32)
        at = np.minimum(np.searchsorted(self.features, features), len(self.features) - 1)
        known = self.features[at] == features
        weights = np.log1p(counts) * np.where(known, self.idf[at], self.idf.max())
        share = np.linalg.norm(weights[known]) / max(float(np.linalg.norm(weights)), 1e-9)
        alone = Occurrences(np.zeros(len(bag), dtype=np.int64), features, counts)
        found: NDArray[np.float32] = self.places(alone, 1)[0] * np.float32(share * share)
        return found

    def places(self, texts: Occurrences, size: int) -> NDArray[np.float32]:
        """Where `size` texts lie, float32[size, K], each of length 1 or 0."""
        count = len(self.features)
        axes = self.axes.reshape(count, -1) if count else np.zeros((0, 0), dtype=np.int8)
        found = np.zeros((size, axes.shape[1]), dtype=np.float32)
        rows = _rows(texts, self.features, self.idf, size)
        for row in np.unique(rows.items).tolist():
            at, weights = rows.row(row)
            found[row] = np.einsum("i,ij->j", weights * self.scale[at], axes[at].astype(np.float32))
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
        return found


def no_space() -> Space:
    """The space that knows nothing."""
    empty = np.zeros(0, dtype=np.float32)
    return Space(np.zeros(0, dtype=np.uint32), empty, np.zeros(0, dtype=np.int8), empty)


def read(texts: Sequence[Text], vocabulary: Vocabulary) -> Tokens:
    """The words of texts. A part is looked at once: what occupations ask comes back in hundreds of them."""
    numbers: dict[str, int] = {}
    flat = [
        (item, numbers.setdefault(part, len(numbers)), weight)
        for item, text in enumerate(texts)
        for part, weight in text
    ]
    parts = vocabulary.tokens([normalise(part) for part in numbers])
    lengths = np.bincount(parts.items, minlength=len(numbers)).astype(np.int64)
    starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
    items = np.array([item for item, _, _ in flat], dtype=np.int64)
    part = np.array([number for _, number, _ in flat], dtype=np.int64)
    weights = np.array([weight for _, _, weight in flat], dtype=np.float64)
    long = lengths[part]
    at = np.arange(int(long.sum()), dtype=np.int64) + np.repeat(starts[part] - (np.cumsum(long) - long), long)
    return Tokens(np.repeat(items, long), parts.words[at], np.repeat(weights, long))


def features_of(tokens: Tokens, vocabulary: Vocabulary, size: int) -> Occurrences:
    """What `size` texts are made of: their words and the trigrams of those. Part by part, for the memory it takes."""
    order = np.argsort(tokens.items, kind="stable")
    tokens = Tokens(tokens.items[order], tokens.words[order], tokens.counts[order])
    found = []
    for first in range(0, max(size, 1), _CHUNK):
        start, end = np.searchsorted(tokens.items, [first, first + _CHUNK])
        part = Tokens(tokens.items[start:end], tokens.words[start:end], tokens.counts[start:end])
        found.append(merge(vocabulary.words(part), vocabulary.grams(part, TEXT_GRAMS)))
    return Occurrences(*(np.concatenate([each[i] for each in found]) for i in range(3)))


def query_bag(normalised: str, words: Bag) -> Bag:
    """The features of a query: its `word_bag` and its trigrams."""
    return {**words, **gram_bag(normalised, TEXT_GRAMS)}


def learn(texts: Occurrences, size: int, directions: int = DIRECTIONS) -> Space:
    """The space of `size` texts."""
    every, spread = np.unique(texts.features, return_counts=True)
    features, spread = every[spread >= _LEAST_TEXTS], spread[spread >= _LEAST_TEXTS]
    directions = min(directions, size - 1, len(features))
    if directions < 1:
        return no_space()
    idf = np.log((1 + size) / (1 + spread)).astype(np.float32)
    axes = _directions(_rows(texts, features, idf, size), len(features), directions)
    if not axes.shape[1]:
        return no_space()
    scale = np.maximum(np.abs(axes).max(axis=1), 1e-9) / 127
    return Space(features, idf, np.rint(axes / scale[:, None]).astype(np.int8).ravel(), scale.astype(np.float32))


@dataclass(frozen=True, slots=True)
class _Rows:
    """A sparse matrix by row: items int64[n] ascending, columns int64[n], weights float32[n]; each row of length 1."""

    items: NDArray[np.int64]
    columns: NDArray[np.int64]
    weights: NDArray[np.float32]
    starts: NDArray[np.int64]

    def row(self, row: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        span = slice(self.starts[row], self.starts[row + 1])
        return self.columns[span], self.weights[span]

    def blocks(self, width: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """The matrix, some rows at a time, with the number of the first: it is never whole in memory."""
        size = len(self.starts) - 1
        for first in range(0, size, _BLOCK):
            last = min(first + _BLOCK, size)
            span = slice(self.starts[first], self.starts[last])
            block = np.zeros((last - first, width), dtype=np.float32)
            block[self.items[span] - first, self.columns[span]] = self.weights[span]
            yield first, block


def _rows(texts: Occurrences, features: NDArray[np.uint32], idf: NDArray[np.float32], size: int) -> _Rows:
    """ln(1 + tf) x IDF of the features that are known."""
    at = np.minimum(np.searchsorted(features, texts.features), max(len(features) - 1, 0))
    known = features[at] == texts.features if len(features) else np.zeros(len(at), dtype=bool)
    items, columns = texts.items[known], at[known].astype(np.int64)
    weights = np.log1p(texts.counts[known]) * (idf[columns] if len(idf) else 0)
    norms = np.sqrt(np.bincount(items, weights * weights, minlength=size))
    starts = np.searchsorted(items, np.arange(size + 1))
    return _Rows(items, columns, (weights / np.maximum(norms[items], 1e-9)).astype(np.float32), starts.astype(np.int64))


def _directions(rows: _Rows, width: int, count: int) -> NDArray[np.float32]:
    """The strongest right singular vectors, float32[width, count], by subspace iteration from a fixed start (Halko,
    Martinsson and Tropp, 2011)."""
    size = len(rows.starts) - 1
    basis = np.random.default_rng(0).standard_normal((size, min(count + _SPARE, size))).astype(np.float32)
    for _ in range(_ROUNDS):
        back = _back(rows, width, basis)
        forth = np.concatenate([block @ back for _, block in rows.blocks(width)])
        basis = _turned(forth, forth.shape[1])
    back = _back(rows, width, basis)
    return _turned(back, count)


def _back(rows: _Rows, width: int, basis: NDArray[np.float32]) -> NDArray[np.float32]:
    found = np.zeros((width, basis.shape[1]), dtype=np.float32)
    for first, block in rows.blocks(width):
        found += block.T @ basis[first : first + len(block)]
    return found


def _turned(columns: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Directions of length 1 that span the same, the strongest `count` first; those that hardly exist left out."""
    values, turn = np.linalg.eigh((columns.T @ columns).astype(np.float64))
    lengths = np.sqrt(np.maximum(values[::-1][:count], 0))
    there = lengths > max(lengths.max(initial=0) * 1e-3, 1e-9)
    found: NDArray[np.float32] = columns @ (turn[:, ::-1][:, :count][:, there] / lengths[there]).astype(np.float32)
    return found
