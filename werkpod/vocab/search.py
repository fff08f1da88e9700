"""How like a text each name is: typing errors, gender forms, plurals and compounds included.

A name is a set of features: its character n-grams (3 and 4, with word borders, as in scikit-learn's `char_wb`; they
forgive typing errors and see into compounds) and its words (`werkpod.vocab.wordclasses`: stems, compounds split, roles
by their class). Features are weighted by IDF and each of the two kinds is brought to length 1, so the score of a name
is a mix of two cosines, between 0 and 1. `werkpod.vocab.names` makes of it which concept is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from werkpod.vocab.features import NAME_GRAMS, Bag, Tokens, Vocabulary, feature, gram_bag
from werkpod.vocab.postings import Postings, post

WORD_SHARE = 0.3
"""How much of the score the words have; the n-grams have the rest."""
LONGEST_QUERY = 200
"""Characters of a query that are looked at; no job title is longer."""


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
        scores = np.float32(1 - WORD_SHARE) * self.postings.cosine(gram_bag(normalised, NAME_GRAMS))
        scores += np.float32(WORD_SHARE) * self.postings.cosine(words)
        if normalised:
            scores[self.exact == feature(normalised)] = 1.0
        found: NDArray[np.float32] = np.minimum(scores, 1.0)
        return found


def build(
    names: Sequence[str], tokens: Tokens, vocabulary: Vocabulary, owners: Sequence[int], scale: Sequence[float]
) -> Index:
    """The index of normalised `names`, with their `tokens`, each of the concept in `owners`, its scores multiplied by
    its `scale`."""
    return Index(
        postings=post([vocabulary.grams(tokens, NAME_GRAMS), vocabulary.words(tokens)], len(names)),
        owners=np.asarray(owners, dtype=np.int32),
        exact=np.array([feature(name) for name in names], dtype=np.uint32),
        scale=np.asarray(scale, dtype=np.float16),
    )
