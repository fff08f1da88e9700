"""Which concept people mean: names, what the concepts are about, and what stands together, weighed against each other.

The score of a concept is the sum of

    1     its best own name (`werkpod.vocab.search`; another name than the preferred one counts a little less)
    0.2   the mean of its own names: of two that share a name, the one that is called nothing else goes first
    0.4   the words of its text (description, what it asks, its unit group, its names in other languages), as a cosine
    0.4   its place among texts (`werkpod.vocab.meaning`)
    0.1   the best name in its unit group
    0.3   its best name from another classification

divided by what can be had. The shares were chosen by hand on the Belgian half of the job titles, in tenths.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from werkpod.vocab import meaning, search
from werkpod.vocab.compounds import Parts, learn
from werkpod.vocab.features import Bag, Occurrences, Tokens, Vocabulary, word_bag
from werkpod.vocab.meaning import Space
from werkpod.vocab.postings import Postings, post
from werkpod.vocab.spelling import Speller
from werkpod.vocab.strings import Strings
from werkpod.vocab.text import normalise
from werkpod.vocab.why import Why, why
from werkpod.vocab.wordclasses import Analysis

OTHER_NAME_SCALE = 0.94
"""What the score of a name counts for that is not the preferred one: of two occupations that are both called this, the
one that is called nothing else goes first."""
MEAN_SHARE, TEXT_SHARE, PLACE_SHARE, KIN_SHARE, EXTRA_SHARE = 0.2, 0.4, 0.4, 0.1, 0.3
ALL_SHARES = 1 + MEAN_SHARE + TEXT_SHARE + PLACE_SHARE + KIN_SHARE
NAME_COUNTS = 2.0
"""What a word of a concept's own names counts for what it is about."""
LOWEST_SCORE = 0.1
"""What is less like the query than this is not an answer."""


class ExtraName(NamedTuple):
    """A name that another classification has for a concept. `source`: which one, as "uwv-boc"."""

    iri: str
    lang: str
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What a taxonomy teaches of a language: the parts of its compounds, and what its words are about."""

    parts: Parts
    space: Space


@dataclass(frozen=True, slots=True)
class Extras:
    """Names from elsewhere. `source` uint8[L]: a row of `sources`."""

    labels: Strings
    source: NDArray[np.uint8]
    sources: Strings
    index: search.Index


@dataclass(frozen=True, slots=True)
class Names:
    """Every name of every concept in one language, and what finds them. `kin` int32[C]: concepts with the same number
    stand together, those with -1 alone; `places` int8[C x K], each row times its `place_scale` float32[C]."""

    labels: Strings
    index: search.Index
    texts: Postings
    places: NDArray[np.int8]
    place_scale: NDArray[np.float32]
    kin: NDArray[np.int32]
    extras: Extras

    def of(self, concept: int) -> tuple[str, ...]:
        """Every name of a concept of the taxonomy itself, the preferred one first."""
        start, end = self.index.owners.searchsorted([concept, concept + 1]).tolist()
        return tuple(self.labels[place] for place in range(start, end))


@dataclass(frozen=True, slots=True)
class Named:
    """A concept on its way into `Names`. `text`: what it is about beside its names, part by part
    with what each counts; `kin`: the unit
    group; `scale`: what its scores are multiplied by."""

    label: str
    others: Sequence[str]
    text: meaning.Text = ()
    kin: str = ""
    scale: float = 1.0

    @property
    def names(self) -> list[str]:
        """Every name once, the preferred one first."""
        return [name for name in dict.fromkeys((self.label, *self.others)) if name.strip()]


def build_every(
    occupations: Sequence[Named], competences: Sequence[Named], *, tick: Callable[[int], None] | None = None
) -> tuple[Lexicon, Names, Names]:
    """What finds occupations and competences in a language: the lexicon, which the names of both and the texts of
    occupations teach, and the names of each. `tick(names done)` is called while they are read."""
    normalised = [
        [normalise(name) for each in concepts for name in each.names] for concepts in (occupations, competences)
    ]
    parts = learn(name for each in normalised for name in each)
    vocabulary = Vocabulary(Analysis(parts))
    read = [
        _read(concepts, names, vocabulary, tick)
        for concepts, names in zip((occupations, competences), normalised, strict=True)
    ]
    features = meaning.features_of(read[0].every, vocabulary, len(occupations))
    lexicon = Lexicon(parts, meaning.learn(features, len(occupations)))
    found = _build(occupations, normalised[0], read[0], features, lexicon, vocabulary)
    features = meaning.features_of(read[1].every, vocabulary, len(competences))
    return lexicon, found, _build(competences, normalised[1], read[1], features, lexicon, vocabulary)


class _Read(NamedTuple):
    """The words of names, the concept of each name, what the texts say, and all words of concepts."""

    tokens: Tokens
    owners: NDArray[np.int64]
    text: Tokens
    every: Tokens


def _read(
    concepts: Sequence[Named], names: Sequence[str], vocabulary: Vocabulary, tick: Callable[[int], None] | None
) -> _Read:
    tokens = vocabulary.tokens(names, tick)
    owners = np.array([owner for owner, each in enumerate(concepts) for _ in each.names], dtype=np.int64)
    text = meaning.read([each.text for each in concepts], vocabulary)
    every = Tokens(
        np.concatenate([owners[tokens.items], text.items]),
        np.concatenate([tokens.words, text.words]),
        np.concatenate([tokens.counts * NAME_COUNTS, text.counts]),
    )
    return _Read(tokens, owners, text, every)


def _build(
    concepts: Sequence[Named],
    names: Sequence[str],
    read: _Read,
    features: Occurrences,
    lexicon: Lexicon,
    vocabulary: Vocabulary,
) -> Names:
    scale = [each.scale * (1 if name == each.label else OTHER_NAME_SCALE) for each in concepts for name in each.names]
    places = lexicon.space.places(features, len(concepts))
    place_scale = np.maximum(np.abs(places).max(axis=1, initial=0), 1e-9) / 127
    kins = {kin: number for number, kin in enumerate(sorted({each.kin for each in concepts} - {""}))}
    return Names(
        labels=Strings.of(name for each in concepts for name in each.names),
        index=search.build(names, read.tokens, vocabulary, read.owners.tolist(), scale),
        texts=post([vocabulary.words(read.text)], len(concepts)),
        places=np.rint(places / place_scale[:, None]).astype(np.int8).ravel(),
        place_scale=place_scale.astype(np.float32),
        kin=np.array([kins.get(each.kin, -1) for each in concepts], dtype=np.int32),
        extras=build_extras([], Analysis()),
    )


def build_extras(names: Sequence[tuple[int, str, str]], analysis: Analysis) -> Extras:
    """Names from elsewhere: (concept, name, source)."""
    names = sorted(dict.fromkeys(names))
    sources = sorted({source for _, _, source in names})
    vocabulary, normalised = Vocabulary(analysis), [normalise(name) for _, name, _ in names]
    return Extras(
        labels=Strings.of(name for _, name, _ in names),
        source=np.array([sources.index(source) for _, _, source in names], dtype=np.uint8),
        sources=Strings.of(sources),
        index=search.build(
            normalised, vocabulary.tokens(normalised), vocabulary, [owner for owner, _, _ in names], [1.0] * len(names)
        ),
    )


def add_extras(
    names: Mapping[str, Names],
    lexicon: Mapping[str, Lexicon],
    rows: Mapping[str, int],
    extra: Sequence[ExtraName],
    sources: Collection[str] = (),
) -> dict[str, Names]:
    """`names` by language, with these names from elsewhere in the place of those of the same sources and of `sources`.
    `rows`: IRI to concept."""
    replaced = {each.source for each in extra} | set(sources)
    added: dict[str, Names] = {}
    for lang, own in names.items():
        there = own.extras
        kept = [
            (owner, name, source)
            for owner, name, at in zip(there.index.owners.tolist(), there.labels, there.source.tolist(), strict=True)
            if (source := there.sources[at]) not in replaced
        ]
        new = [(rows[e.iri], e.name.strip(), e.source) for e in extra if e.lang == lang and e.iri in rows]
        extras = build_extras([*kept, *(each for each in new if each[1])], Analysis(lexicon[lang].parts))
        added[lang] = replace(own, extras=extras)
    return added


@dataclass(frozen=True, slots=True)
class Found:
    """A concept found. `row` is its own, `matched` the name that the query is like, `why` in which way; `source`: the
    classification that the name is from, empty for the taxonomy itself."""

    row: int
    score: float
    matched: str
    why: Why
    source: str = ""


EXACT = 0.999
"""From this score of a name on the text is that very name."""


class Finder:
    """Finds concepts by text over `Names`."""

    def __init__(self, names: Names, lexicon: Lexicon) -> None:
        self._names, self._space, self._analysis = names, lexicon.space, Analysis(lexicon.parts)
        self._speller = Speller(lexicon.parts)
        self._size = len(names.kin)
        self._own = _Groups(names.index.owners, self._size)
        self._extra = _Groups(names.extras.index.owners, self._size)
        self._kin = names.kin
        self._heaviest = np.zeros(self._size, dtype=np.float32)
        np.maximum.at(self._heaviest, names.index.owners, names.index.scale.astype(np.float32))

    def find(self, query: str, limit: int) -> list[Found]:
        """The concepts that a query means, best first."""
        typed = normalise(query[: search.LONGEST_QUERY])
        normalised = " ".join(map(self._speller.mend, typed.split()))
        words = word_bag(normalised, self._analysis)
        names = self._names
        own = names.index.scores(normalised, words)
        scaled = own * names.index.scale.astype(np.float32)
        best = self._own.best(scaled)
        rest: NDArray[np.float32] = MEAN_SHARE * self._own.mean(own) + TEXT_SHARE * names.texts.cosine(words)
        rest += PLACE_SHARE * self._placed(meaning.query_bag(normalised, words))
        rest += KIN_SHARE * self._among_kin(self._own.best(own))
        extra = np.zeros(0, dtype=np.float32)
        if len(names.extras.labels):
            extra = names.extras.index.scores(normalised, words)
            rest += EXTRA_SHARE * self._extra.best(extra)
        total: NDArray[np.float32] = ((best + rest * self._heaviest) / np.float32(ALL_SHARES)).astype(np.float32)
        self._lift_named(total, self._own.best(own))
        rows = _descending(total, limit)
        return [
            self._found(typed, normalised, int(row), float(total[row]), own, extra)
            for row in rows
            if total[row] >= LOWEST_SCORE
        ]

    def _lift_named(self, total: NDArray[np.float32], best: NDArray[np.float32]) -> None:
        """What counts for less (a unit group beside the occupations in it) but has the very name, where nothing else
        has it, comes right after the best of the others: "bejaardenverzorger" is no keeper of horses."""
        named = best >= EXACT
        if not named.any() or (self._heaviest[named] >= 1).any():
            return
        others = np.where(named, 0, total)
        if len(others) > 1:
            first, second = np.sort(np.partition(others, -2)[-2:])[::-1]
            total[named] = np.maximum(total[named], (first + second) / 2)

    def _placed(self, bag: Bag) -> NDArray[np.float32]:
        if not len(self._names.places):
            return np.zeros(self._size, dtype=np.float32)
        places = self._names.places.reshape(self._size, -1).astype(np.float32)
        # not by BLAS, whose threads cost more than they save on so little
        found: NDArray[np.float32] = np.einsum("ij,j->i", places, self._space.place(bag)) * self._names.place_scale
        return np.maximum(found, 0, out=found)

    def _among_kin(self, best: NDArray[np.float32]) -> NDArray[np.float32]:
        if not self._size:
            return best
        among = np.zeros(int(self._kin.max(initial=-1)) + 2, dtype=np.float32)
        np.maximum.at(among, self._kin, best)
        among[-1] = 0
        return among[self._kin]

    def _found(
        self, typed: str, mended: str, row: int, score: float, own: NDArray[np.float32], extra: NDArray[np.float32]
    ) -> Found:
        names, at = self._names, self._own.best_at(own, row)
        name, like, source = "", 0.0, ""
        exact: Why = "other-name"
        if at is not None:
            name, like = names.labels[at], float(own[at])
            exact = "title" if at == self._own.first[row] else exact
        there = self._extra.best_at(extra, row) if len(extra) else None
        if there is not None and extra[there] > like:
            name, like, exact = names.extras.labels[there], float(extra[there]), "mapped-name"
            source = names.extras.sources[int(names.extras.source[there])]
        found = why(mended, normalise(name), like, self._analysis, exact)
        return Found(row, min(score, 1.0), name, found if typed == mended or found == "about" else "spelling", source)


class _Groups:
    """Names by their concept; the names of one concept stand together."""

    def __init__(self, owners: NDArray[np.int32], size: int) -> None:
        self.first = np.searchsorted(owners, np.arange(size + 1))
        self._counts = np.diff(self.first)
        self._there = np.flatnonzero(self._counts)
        self._starts = self.first[self._there]
        self._size = size

    def best(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        found = np.zeros(self._size, dtype=np.float32)
        if len(self._there):
            found[self._there] = np.maximum.reduceat(scores, self._starts)
        return found

    def mean(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        found = np.zeros(self._size, dtype=np.float32)
        if len(self._there):
            found[self._there] = np.add.reduceat(scores, self._starts) / self._counts[self._there]
        return found

    def best_at(self, scores: NDArray[np.float32], row: int) -> int | None:
        first, end = int(self.first[row]), int(self.first[row + 1])
        return None if first == end else first + int(np.argmax(scores[first:end]))


def _descending(scores: NDArray[np.float32], count: int) -> NDArray[np.int64]:
    """Positions of the `count` highest scores, highest first, ties by position."""
    if count >= len(scores):
        return np.argsort(-scores, kind="stable")
    top = np.sort(np.argpartition(-scores, count)[:count])
    return top[np.argsort(-scores[top], kind="stable")]
