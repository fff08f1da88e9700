"""What words are made of: n-grams of characters, and what they say.

An n-gram of up to four characters is its own four bytes, as normalised text is ASCII; what a word says is a 32-bit
hash. One word or query is done in Python; the names of a whole taxonomy at once in numpy (`Vocabulary`), which is what
makes an index cheap enough to build when the server starts.
"""

from __future__ import annotations

import functools
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from werkpod.vocab.text import words as words_of
from werkpod.vocab.wordclasses import Analysis

Bag = Mapping[int, float]
"""Features of a text and how often each occurs, or counts."""
NAME_GRAMS, TEXT_GRAMS = (3, 4), (3,)
"""Lengths of the n-grams of names, which forgive typing errors, and of whole texts."""


def feature(text: str) -> int:
    """The hash of a text."""
    return zlib.crc32(text.encode())


@functools.lru_cache(maxsize=4096)
def word_grams(word: str, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """The character n-grams of a normalised word, with a border on both sides."""
    raw = f" {word} ".encode()
    return tuple(int.from_bytes(raw[i : i + size]) for size in sizes for i in range(len(raw) - size + 1))


def gram_bag(normalised: str, sizes: tuple[int, ...]) -> Bag:
    """The n-grams of the words of a normalised text that say something."""
    return Counter(chain.from_iterable(word_grams(word, sizes) for word in words_of(normalised)))


def word_bag(normalised: str, analysis: Analysis) -> Bag:
    """What the words of a normalised text say."""
    return Counter(map(said, analysis.concepts(normalised)))


def said(concept: str) -> int:
    """The feature of what a word says (`werkpod.vocab.wordclasses`)."""
    return feature("w:" + concept)


class Occurrences(NamedTuple):
    """Which items have which features: items int64[n] ascending, features uint32[n], counts float64[n]."""

    items: NDArray[np.int64]
    features: NDArray[np.uint32]
    counts: NDArray[np.float64]


class _Table(NamedTuple):
    """The features of each word: those of word i are `features[starts[i] : starts[i + 1]]`."""

    starts: NDArray[np.int64]
    features: NDArray[np.uint32]


class Tokens(NamedTuple):
    """Words of items: items int64[n], words int64[n] (numbers of a vocabulary), counts float64[n]."""

    items: NDArray[np.int64]
    words: NDArray[np.int64]
    counts: NDArray[np.float64]


class Vocabulary:
    """The words of many texts, each looked at once."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._numbers: dict[str, int] = {}
        self._tables: dict[tuple[int, ...], _Table] = {}

    def tokens(
        self, texts: Sequence[str], tick: Callable[[int], None] | None = None, counts: Sequence[float] | None = None
    ) -> Tokens:
        """The words that say something of normalised `texts`, which count as told, 1 without; `tick(done)` is called
        every thousand texts."""
        numbers, found, sizes = self._numbers, list[int](), list[int]()
        for done, text in enumerate(texts):
            if tick is not None and done % 1000 == 0:
                tick(done)
            words = words_of(text)
            sizes.append(len(words))
            for word in words:
                number = numbers.get(word)
                if number is None:
                    number = numbers[word] = len(numbers)
                found.append(number)
        lengths = np.array(sizes, dtype=np.int64)
        weights = np.ones(len(sizes)) if counts is None else np.array(counts, dtype=np.float64)
        items = np.repeat(np.arange(len(sizes), dtype=np.int64), lengths)
        return Tokens(items, np.array(found, dtype=np.int64), np.repeat(weights, lengths))

    def grams(self, tokens: Tokens, sizes: tuple[int, ...]) -> Occurrences:
        """The n-grams of items."""
        return _gather(tokens, self._table(sizes))

    def words(self, tokens: Tokens) -> Occurrences:
        """What the words of items say."""
        return _gather(tokens, self._table(()))

    def _table(self, sizes: tuple[int, ...]) -> _Table:
        known = self._tables.get(sizes)
        if known is None or len(known.starts) != len(self._numbers) + 1:
            known = self._tables[sizes] = _grams(self._numbers, sizes) if sizes else self._concepts()
        return known

    def _concepts(self) -> _Table:
        found = [[said(concept) for concept in self._analysis.of(word)] for word in self._numbers]
        return _Table(_starts(map(len, found)), np.fromiter(chain.from_iterable(found), dtype=np.uint32))


def merge(*parts: Occurrences) -> Occurrences:
    """The occurrences of all, those of one feature in one item added up."""
    items, features, counts = (np.concatenate([part[i] for part in parts]) for i in range(3))
    keys, at = np.unique((items.astype(np.uint64) << np.uint64(32)) | features, return_inverse=True)
    return Occurrences(
        (keys >> np.uint64(32)).astype(np.int64),
        (keys & np.uint64(0xFFFFFFFF)).astype(np.uint32),
        np.bincount(at, counts, minlength=len(keys)).astype(np.float64),
    )


def _starts(lengths: Iterable[int]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(np.fromiter(lengths, dtype=np.int64))])


def _grams(words: Iterable[str], sizes: tuple[int, ...]) -> _Table:
    """The n-grams of all words, from one run of bytes."""
    padded = [f" {word} " for word in words]
    raw = np.frombuffer("".join(padded).encode(), dtype=np.uint8).astype(np.uint32)
    lengths = np.fromiter(map(len, padded), dtype=np.int64, count=len(padded))
    ends = np.cumsum(lengths)
    owner = np.repeat(np.arange(len(padded)), lengths)
    left = np.repeat(ends, lengths) - np.arange(len(raw))
    owners, features = [], []
    for size in sizes:
        at = np.flatnonzero(left >= size)
        code = np.zeros(len(at), dtype=np.uint32)
        for step in range(size):
            code = (code << np.uint32(8)) | raw[at + step]
        owners.append(owner[at])
        features.append(code)
    order = np.argsort(np.concatenate(owners), kind="stable")
    counts = np.bincount(np.concatenate(owners), minlength=len(padded))
    return _Table(_starts(counts.tolist()), np.concatenate(features)[order])


def _gather(tokens: Tokens, table: _Table) -> Occurrences:
    lengths = table.starts[tokens.words + 1] - table.starts[tokens.words]
    total = int(lengths.sum())
    first = (
        np.repeat(table.starts[tokens.words] - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths) if total else 0
    )
    at = np.arange(total, dtype=np.int64) + first
    return merge(
        Occurrences(
            np.repeat(tokens.items, lengths), table.features[at] if total else np.zeros(0, dtype=np.uint32),
            np.repeat(tokens.counts, lengths),
        )
    )  # fmt: skip
