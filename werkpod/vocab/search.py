"""How like a text each name is: typing errors, gender forms, plurals and compounds included.

A name is a set of features: its character n-grams (3 and 4, with word borders, as in scikit-learn's `char_wb`; they
forgive typing errors and see into compounds) and its words (`werkpod.vocab.wordclasses`: stems, compounds split, roles
by their class). Features are weighted by IDF and each of the two kinds is brought to length 1, so the score of a name
is a mix of two cosines, between 0 and 1. `werkpod.vocab.names` makes of it which concept is meant.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from werkpod.vocab.postings import Bag, Postings, feature, post
from werkpod.vocab.wordclasses import Analysis

GRAMS = (3, 4)
"""Lengths of the character n-grams."""
WORD_SHARE = 0.3
"""How much of the score the words have; the n-grams have the rest."""
LONGEST_QUERY = 200
"""Characters of a query that are looked at; no job title is longer."""


@functools.lru_cache(maxsize=4096)
def word_grams(word: str, sizes: tuple[int, ...] = GRAMS) -> tuple[int, ...]:
    """The character n-grams of a normalised word, with a border on both sides."""
    padded = f" {word} "
    return tuple(feature(padded[i : i + size]) for size in sizes for i in range(max(1, len(padded) - size + 1)))


def gram_bag(normalised: str, of_word: Callable[[str], Iterable[int]] = word_grams) -> Bag:
    """The character n-grams of a normalised text and how often each occurs."""
    return Counter(chain.from_iterable(map(of_word, normalised.split())))


def word_bag(normalised: str, analysis: Analysis) -> Bag:
    """The words of a normalised text and how often each occurs."""
    return Counter(feature("w:" + concept) for concept in analysis.concepts(normalised))


@dataclass(frozen=True, slots=True)
class Index:
    """Names and what they are made of. `owners` int32[L]: the concept of each name; `exact` uint32[L]: hash of the
    normalised name; `scale` float16[L]: what its score is multiplied by."""

    postings: Postings
    owners: NDArray[np.int32]
    exact: NDArray[np.uint32]
    scale: NDArray[np.float16]

    def scores(self, normalised: str, words: Bag) -> NDArray[np.float32]:
        """How like a normalised text each name is, float32[L] between 0 and 1; the very name is 1. `words`: its
        `word_bag`."""
        scores = np.float32(1 - WORD_SHARE) * self.postings.cosine(gram_bag(normalised))
        scores += np.float32(WORD_SHARE) * self.postings.cosine(words)
        if normalised:
            scores[self.exact == feature(normalised)] = 1.0
        found: NDArray[np.float32] = np.minimum(scores, 1.0)
        return found


def build(
    names: Sequence[str],
    owners: Sequence[int],
    scale: Sequence[float],
    analysis: Analysis,
    *,
    tick: Callable[[int], None] | None = None,
) -> Index:
    """The index of normalised `names`, each of the concept in `owners`, its scores multiplied by its `scale`;
    `tick(done)` is called every thousand names."""
    # the same words come back in thousands of names; what they give is kept while the index is built, not longer
    grams = functools.cache(word_grams.__wrapped__)
    kinds = [
        [gram_bag(name, grams) for name in _ticking(names, tick)],
        [word_bag(name, analysis) for name in names],
    ]
    return Index(
        postings=post(kinds),
        owners=np.asarray(owners, dtype=np.int32),
        exact=np.array([feature(name) for name in names], dtype=np.uint32),
        scale=np.asarray(scale, dtype=np.float16),
    )


def _ticking(items: Sequence[str], tick: Callable[[int], None] | None) -> Iterable[str]:
    for done, item in enumerate(items):
        if tick is not None and done % 1000 == 0:
            tick(done)
        yield item
