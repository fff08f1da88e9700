"""What words have to do with one another, learned from the texts of a taxonomy: latent semantic indexing (Deerwester
et al., 1990). Occupations whose names, descriptions and competences are about the same things lie close together, and
so does a text about those things that shares no word with their names ("schatkist" and "belastingen").

The texts become a matrix of concepts by features (words as in `werkpod.vocab.wordclasses`, and trigrams, which see
through typing errors), its strongest directions are found once, when a taxonomy is imported, and kept as small whole
numbers. Nothing is downloaded: a taxonomy teaches what it says itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from werkpod.vocab import text
from werkpod.vocab.postings import Bag, feature
from werkpod.vocab.search import word_grams
from werkpod.vocab.wordclasses import Analysis

DIRECTIONS = 128
"""Between 96 and 256 the Belgian titles are found equally well."""
NAME_COUNTS = 2.0
"""What a word of a concept's own names counts for where it lies."""
_GRAMS = (3,)
_LEAST_TEXTS = 3
"""A feature that fewer texts have says nothing of any other."""
_SPARE, _ROUNDS, _BLOCK = 16, 2, 256
_LONGEST_KEPT = 120
"""Characters of a part of a text that is likely to come back: a name, not a description."""

Text = Sequence[tuple[str, float]]
"""The parts of a text and how much each counts."""


class Read(NamedTuple):
    """A concept's names and text as features: hashes uint32[n] and how much each counts float32[n]; `words`: those of
    the text alone, without trigrams and without what only the names have."""

    features: NDArray[np.uint32]
    counts: NDArray[np.float32]
    words: Bag


@dataclass(frozen=True, slots=True)
class Space:
    """The directions. `features` uint32[F] sorted; `idf` float32[F]; `axes` int8[F x K], feature by feature, each row
    times its `scale` float32[F]. F and K may be 0: then nothing is known."""

    features: NDArray[np.uint32]
    idf: NDArray[np.float32]
    axes: NDArray[np.int8]
    scale: NDArray[np.float32]

    def place(self, bag: Bag) -> NDArray[np.float32]:
        """Where a text lies, float32[K] of length 1, or 0 when nothing of it is known."""
        features = np.fromiter(bag, dtype=np.uint32, count=len(bag))
        counts = np.fromiter(bag.values(), dtype=np.float32, count=len(bag))
        found: NDArray[np.float32] = self.places([Read(features, counts, {})])[0]
        return found

    def places(self, texts: Sequence[Read]) -> NDArray[np.float32]:
        """Where texts lie, float32[N, K], each of length 1 or 0."""
        count = len(self.features)
        axes = self.axes.reshape(count, -1) if count else np.zeros((0, 0), dtype=np.int8)
        found = np.zeros((len(texts), axes.shape[1]), dtype=np.float32)
        for row, each in enumerate(texts):
            at, weights = _weights(each, self.features, self.idf)
            if len(at):
                found[row] = np.einsum("i,ij->j", weights * self.scale[at], axes[at].astype(np.float32))
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
        return found


def no_space() -> Space:
    """The space that knows nothing."""
    empty = np.zeros(0, dtype=np.float32)
    return Space(np.zeros(0, dtype=np.uint32), empty, np.zeros(0, dtype=np.int8), empty)


class Reader:
    """Texts to bags. What a word gives is kept: the same ones come back in thousands of texts."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._numbers: dict[int, int] = {}
        self._words: dict[str, tuple[int, ...]] = {}
        self._parts: dict[str, NDArray[np.int32]] = {}
        self._said: set[int] = set()

    def read(self, concepts: Iterable[tuple[Sequence[str], Text]]) -> list[Read]:
        """The features of concepts, given as names and text: words and the trigrams of those."""
        counted = []
        for names, parts in concepts:
            own, own_counts = self._numbered([(name, NAME_COUNTS) for name in names])
            said, said_counts = self._numbered(parts)
            numbers, at = np.unique(np.concatenate([own, said]), return_inverse=True)
            total = np.bincount(at, np.concatenate([own_counts, said_counts]), minlength=len(numbers))
            of_text = np.bincount(at[len(own) :], said_counts, minlength=len(numbers))
            counted.append((numbers, total, of_text))
        features = np.fromiter(self._numbers, dtype=np.uint32, count=len(self._numbers))
        is_word = np.fromiter((each in self._said for each in self._numbers), dtype=bool, count=len(features))
        found = []
        for numbers, total, of_text in counted:
            mine, words = features[numbers], is_word[numbers] & (of_text > 0)
            said_words = dict(zip(mine[words].tolist(), of_text[words].tolist(), strict=True))
            found.append(Read(mine, total.astype(np.float32), said_words))
        return found

    def _numbered(self, parts: Text) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        numbers = [self._part(part) for part, _ in parts]
        counts = np.array([weight for _, weight in parts], dtype=np.float32)
        every = np.concatenate([np.zeros(0, dtype=np.int32), *numbers])
        return every, np.repeat(counts, [len(each) for each in numbers])

    def _part(self, part: str) -> NDArray[np.int32]:
        known = self._parts.get(part)
        if known is None:
            found = [f for word in text.words(text.normalise(part)) for f in self._word(word)]
            known = np.array(found, dtype=np.int32)
            if len(part) <= _LONGEST_KEPT:
                self._parts[part] = known
        return known

    def _word(self, word: str) -> tuple[int, ...]:
        known = self._words.get(word)
        if known is None:
            said = [feature("w:" + concept) for concept in self._analysis.of(word)]
            self._said.update(said)
            features = (*said, *word_grams.__wrapped__(word, _GRAMS))
            known = self._words[word] = tuple(self._numbers.setdefault(f, len(self._numbers)) for f in features)
        return known


def query_bag(normalised: str, words: Bag) -> Bag:
    """The features of a query: its `word_bag` and its trigrams."""
    return {**words, **Counter(f for word in text.words(normalised) for f in word_grams(word, _GRAMS))}


def learn(texts: Sequence[Read], directions: int = DIRECTIONS) -> Space:
    """The space of these texts."""
    every, spread = np.unique(
        np.concatenate([np.zeros(0, np.uint32), *(r.features for r in texts)]), return_counts=True
    )
    features, spread = every[spread >= _LEAST_TEXTS], spread[spread >= _LEAST_TEXTS]
    directions = min(directions, len(texts) - 1, len(features))
    if directions < 1:
        return no_space()
    idf = np.log((1 + len(texts)) / (1 + spread)).astype(np.float32)
    rows = []
    for each in texts:
        at, weights = _weights(each, features, idf)
        rows.append((at, weights / max(float(np.linalg.norm(weights)), 1e-9)))
    axes = _directions(rows, len(features), directions)
    scale = np.maximum(np.abs(axes).max(axis=1), 1e-9) / 127
    return Space(features, idf, np.rint(axes / scale[:, None]).astype(np.int8).ravel(), scale.astype(np.float32))


def _weights(
    read: Read, features: NDArray[np.uint32], idf: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Which features a text has, and ln(1 + tf) x IDF of each."""
    if not len(features):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    at = np.minimum(np.searchsorted(features, read.features), len(features) - 1)
    known = features[at] == read.features
    at = at[known]
    return at, np.log1p(read.counts[known]) * idf[at]


_Row = tuple[NDArray[np.int64], NDArray[np.float32]]


def _directions(rows: Sequence[_Row], width: int, count: int) -> NDArray[np.float32]:
    """The strongest right singular vectors, float32[width, count], by subspace iteration from a fixed start (Halko,
    Martinsson and Tropp, 2011), over blocks of rows, so that the matrix is never whole in memory."""
    wanted = min(count + _SPARE, len(rows))
    basis = np.random.default_rng(0).standard_normal((len(rows), wanted)).astype(np.float32)
    for _ in range(_ROUNDS):
        back = _back(rows, width, basis)
        basis, _ = np.linalg.qr(np.concatenate([block @ back for _, block in _blocks(rows, width)]))
    back = _back(rows, width, basis)
    values, turn = np.linalg.eigh(back.T @ back)
    lengths = np.sqrt(np.maximum(values[::-1][:count], 0))
    there = lengths > lengths[0] * 1e-4
    found: NDArray[np.float32] = (back @ turn[:, ::-1][:, :count][:, there] / lengths[there]).astype(np.float32)
    return found


def _back(rows: Sequence[_Row], width: int, basis: NDArray[np.float32]) -> NDArray[np.float32]:
    found = np.zeros((width, basis.shape[1]), dtype=np.float32)
    for first, block in _blocks(rows, width):
        found += block.T @ basis[first : first + len(block)]
    return found


def _blocks(rows: Sequence[_Row], width: int) -> Iterator[tuple[int, NDArray[np.float32]]]:
    for first in range(0, len(rows), _BLOCK):
        part = rows[first : first + _BLOCK]
        block = np.zeros((len(part), width), dtype=np.float32)
        for line, (at, weights) in enumerate(part):
            block[line, at] = weights
        yield first, block
