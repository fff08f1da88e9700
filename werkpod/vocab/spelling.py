"""Mending typing errors: a word that no name has becomes the word of a name that is one slip away.

A slip is a letter too many, too few, another one, or two that changed places (optimal string alignment; two slips in a
long word). Words of names are the only dictionary, so what is mended to can be found.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from werkpod.vocab.compounds import Parts, Splitter
from werkpod.vocab.text import stem

_SHORTEST, _LONG, _LONGEST = 5, 10, 40
"""Letters of a word that is looked at; of one that may have two slips; and of one that is no word."""
_LETTERS = 27


class Speller:
    """Mends words by the words of names."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._splitter = parts, Splitter(parts)
        self.mend = functools.lru_cache(maxsize=4096)(self._mend)

    def _mend(self, word: str) -> str:
        """The word, or the most used one of those that are the fewest slips away."""
        if not _SHORTEST <= len(word) <= _LONGEST or not word.isalpha() or word in self._known:
            return word
        if len(self._splitter.split(word)) > 1:
            return word
        most = 2 if len(word) >= _LONG else 1
        apart = np.abs(self._letters - _letters([word])).sum(axis=1)  # a slip changes the count of two letters at most
        best = (most + 1, 0, word)
        for at in np.flatnonzero(apart <= 2 * most).tolist():
            other = self._words[at]
            if abs(len(other) - len(word)) <= most and (slips := _slips(word, other)) <= most:
                best = min(best, (slips, -int(self._parts.counts[at]), other))
        return word if stem(best[2]) == stem(word) else best[2]

    @functools.cached_property
    def _words(self) -> list[str]:
        return list(self._parts.words)

    @functools.cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self._words)

    @functools.cached_property
    def _letters(self) -> NDArray[np.int8]:
        return _letters(self._words)


def _letters(words: list[str]) -> NDArray[np.int8]:
    """How often each letter is in each word, int8[N, 27]."""
    found = np.zeros((len(words), _LETTERS), dtype=np.int8)
    raw = np.frombuffer("".join(words).encode(), dtype=np.uint8)
    rows = np.repeat(np.arange(len(words)), [len(word) for word in words])
    np.add.at(found, (rows, np.clip(raw.astype(np.int64) - 97, 0, _LETTERS - 1)), 1)
    return found


def _slips(one: str, other: str) -> int:
    """Optimal string alignment distance."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, before, row = before, row, [i]
        for j, there in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != there))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == there:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
