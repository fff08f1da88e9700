"""Groups of ISCO-08 by what people type: a code, the beginning of one, or words, with typing errors forgiven.

A group is known by its official titles, its everyday name and the everyday job titles in it, in Dutch and English.
How like two texts are is the share of their three-letter pieces that they have in common (Dice), over whole words, so
that one wrong letter costs little and half a compound still counts.
"""

from __future__ import annotations

import functools
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from werkpod.vocab.isco import CODE, IscoTree, UnitGroup
from werkpod.vocab.starter import Called, name_groups
from werkpod.vocab.text import normalise, stem, words

LANGUAGES = ("nl", "en")
LEAST = 0.4
"""What is less like the text than this is not an answer."""
SAME, SAME_WORDS, ALL_WORDS = 1.0, 0.96, 0.6
"""The score of the very name; of the same words in another form; and of a name that has all the words among others, to
which the share that is alike is added."""
OTHER_NAME = 0.97
"""What a name counts for that is only one of the jobs in the group."""

Why = Literal["code", "title", "job-title", "spelling"]


@dataclass(frozen=True, slots=True)
class GroupHit:
    """A group found. `score` 0 to 1; `matched` the code or name that the text is like; `why`: by its code, by the words
    of its title, by those of a job in it, or by a name that is written much alike."""

    group: UnitGroup
    score: float
    matched: str
    why: Why


@dataclass(frozen=True, slots=True)
class _Name:
    code: str
    text: str
    normalised: str
    stems: tuple[str, ...]
    pieces: int
    is_title: bool


class GroupFinder:
    """Finds groups. `called`: unit group -> what it is called, and the jobs in it."""

    def __init__(self, tree: IscoTree, called: Mapping[str, Called]) -> None:
        self._tree, self._called = tree, called
        names = {
            code: {lang: [title, *each.names.get(lang, ())] for lang, title in each.titles.items()}
            for code, each in called.items()
        }
        self._names: dict[str, list[_Name]] = {lang: list(_read(tree, names, lang)) for lang in LANGUAGES}
        self._having: dict[str, dict[str, array[int]]] = {lang: {} for lang in LANGUAGES}
        for lang, every in self._names.items():
            for place, name in enumerate(every):
                for piece in _pieces(name.normalised):
                    self._having[lang].setdefault(piece, array("I")).append(place)

    def everyday(self, code: str) -> Mapping[str, str]:
        """What people call a unit group, by language; empty for a group of a higher level."""
        return self._called[code].titles if code in self._called else {}

    def find(self, text: str, *, lang: str, limit: int) -> list[GroupHit]:
        """The groups that a text means, best first; for a code that group, and then those right under and above it.
        Where the names of `lang` find nothing, those of the other language do."""
        text = text.strip()
        if CODE.fullmatch(text):
            return self._by_code(text)[:limit]
        found = (self._by_words(text, each) for each in dict.fromkeys((lang, *self._names)))
        return next(filter(None, found), [])[:limit]

    def _by_code(self, code: str) -> list[GroupHit]:
        """All groups whose code begins so: the shortest codes first."""
        found = [group for group in self._tree.groups() if group.code.startswith(code)]
        found.sort(key=lambda group: (group.level, group.code))
        return [GroupHit(each, round(len(code) / len(each.code), 4), each.code, "code") for each in found]

    def _by_words(self, text: str, lang: str) -> list[GroupHit]:
        asked = normalise(text)
        pieces = _pieces(asked)
        if not pieces:
            return []
        stems = frozenset(map(stem, words(asked)))
        common: Counter[int] = Counter()
        for piece in pieces:
            common.update(self._having[lang].get(piece, ()))
        best: dict[str, tuple[float, _Name]] = {}
        for place, shared in common.items():
            name = self._names[lang][place]
            score = _score(asked, stems, name, 2 * shared / (len(pieces) + name.pieces))
            if score >= LEAST and score > best.get(name.code, (0.0, None))[0]:
                best[name.code] = score, name
        ranked = sorted(best.items(), key=lambda each: (-each[1][0], -len(each[0]), each[0]))
        return [hit for code, (score, name) in ranked for hit in self._hit(code, score, name, stems)]

    def _hit(self, code: str, score: float, name: _Name, stems: frozenset[str]) -> Iterator[GroupHit]:
        group = self._tree.group(code)
        if group is not None:
            why: Why = ("title" if name.is_title else "job-title") if stems.issubset(name.stems) else "spelling"
            yield GroupHit(group, round(score, 4), name.text, why)


@functools.lru_cache(maxsize=4)
def finder_of(tree: IscoTree) -> GroupFinder:
    """The finder over a tree, with the names that ship with Werkpod. Made once; takes tens of milliseconds."""
    return GroupFinder(tree, name_groups({group.code: group.title for group in tree.groups()}))


def _score(asked: str, stems: frozenset[str], name: _Name, alike: float) -> float:
    if asked == name.normalised:
        score = SAME
    elif not stems.issubset(name.stems):
        score = alike * SAME_WORDS
    elif len(stems) == len(name.stems):
        score = SAME_WORDS
    else:
        score = ALL_WORDS + (SAME_WORDS - ALL_WORDS) * alike
    return score if name.is_title else score * OTHER_NAME


def _read(tree: IscoTree, names: Mapping[str, Mapping[str, Iterable[str]]], lang: str) -> Iterator[_Name]:
    for group in tree.groups():
        official, everyday = group.title.get(lang, ""), list(names.get(group.code, {}).get(lang, ()))
        for text in dict.fromkeys([official, *everyday]):
            if normalised := normalise(text):
                stems = tuple(sorted({sys.intern(stem(word)) for word in words(normalised)}))
                pieces = len(_pieces(normalised))
                yield _Name(group.code, text, normalised, stems, pieces, text in (official, *everyday[:1]))


@functools.lru_cache(maxsize=512)
def _of_word(word: str) -> tuple[str, ...]:
    padded = f" {word} "
    return tuple(sys.intern(padded[at : at + 3]) for at in range(len(padded) - 2))


def _pieces(normalised: str) -> frozenset[str]:
    return frozenset(piece for word in words(normalised) for piece in _of_word(word)) if normalised else frozenset()
