"""Where a compound breaks, learned from the names themselves: a word whose two halves are both used as words elsewhere
in the same names is made of those two ("binnenvaartschipper": "binnenvaart" and "schipper").

Nothing is listed by hand, so it knows the words of whatever taxonomy was imported. Dutch puts an s, e, en or n between
the parts; English words rarely break and pass through unharmed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from werkpod.vocab.strings import Strings

_LINKS = ("", "s", "e", "en", "n")
_SHORTEST_FIRST, _SHORTEST_LAST, _SHORTEST_WHOLE = 3, 4, 7
_LONGEST_WHOLE = 40
"""No Dutch word in a job title is longer; what is, is not looked into."""
_LEAST_USED = 2
_LEAST_USED_SHORT = 5
"""A word of three letters is a part only when it is used this often: "bus" is, "ver" is not."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The words of names, and uint16 in how many names each is. The splitter goes by those that are used often enough,
    the speller (`werkpod.vocab.spelling`) by all."""

    words: Strings
    counts: NDArray[np.uint16]


def learn(normalised: Iterable[str]) -> Parts:
    """The words that these normalised names show."""
    counts = Counter(word for name in normalised for word in set(name.split()))
    found = sorted((word, count) for word, count in counts.items() if word.isalpha() and len(word) >= _SHORTEST_FIRST)
    return Parts(
        Strings.of(word for word, _ in found),
        np.array([min(count, 65_535) for _, count in found], dtype=np.uint16),
    )


class Splitter:
    """Breaks words by what was learned."""

    def __init__(self, parts: Parts | None = None) -> None:
        self._logs: Mapping[str, float] = (
            {
                word: math.log1p(count)
                for word, count in zip(parts.words, parts.counts.tolist(), strict=True)
                if count >= (_LEAST_USED if len(word) > _SHORTEST_FIRST else _LEAST_USED_SHORT)
            }
            if parts is not None
            else {}
        )

    def split(self, word: str) -> tuple[str, ...]:
        """The parts of a normalised word, without what links them; the word alone where it does not break."""
        if not _SHORTEST_WHOLE <= len(word) <= _LONGEST_WHOLE:
            return (word,)
        best, break_ = 0.0, None
        for at in range(_SHORTEST_FIRST, len(word) - _SHORTEST_LAST + 1):
            last = self._logs.get(word[at:])
            if last is None:
                continue
            for link in _LINKS:
                first = word[: at - len(link)]
                used = self._logs.get(first) if word.startswith(link, at - len(link)) else None
                if used is None:
                    continue
                # both halves used often, and neither much shorter than the other
                score = used * last * math.sqrt(len(first) * (len(word) - at))
                if score > best:
                    best, break_ = score, (first, word[at:])
        return (word,) if break_ is None else (*self.split(break_[0]), *self.split(break_[1]))
