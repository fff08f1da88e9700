"""What an editor of the starter taxonomy should look at again: `werkpod vocab lint`.

rare-word       a word in a "gewone woorden" label that few people read often
near-double     two competences with the same or nearly the same label
alone           too many competences that one unit group alone asks: they tell it apart, but match nothing
everywhere      a competence that most unit groups ask: it says nothing about any of them
unused          a competence that no unit group asks
too-few         a unit group with too few competences that few others ask
alike           two unit groups that ask nearly the same
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from werkpod.vocab.starter import COMPETENCE_IRI, starter_tables
from werkpod.vocab.tables import ESSENTIAL
from werkpod.vocab.taxonomy import Competence, Taxonomy

LOWEST_ZIPF = 3.0
"""How often a word of a plain label is used at least, on the Zipf scale (van Heuven and others, 2014): 3 is once in a
million words. A compound counts as its parts, when each of them is that common."""
NEAR = 0.7
"""Labels that share more of their trigrams (Jaccard) say the same."""
MOST_GROUPS = 0.6
"""A competence that more of the unit groups ask says nothing."""
MOST_ALONE = 0.05
"""Of the competences, how many may belong to one unit group."""
OWN, FEW = 3, 0.1
"""Each unit group asks at least `OWN` essential competences that at most this share of the groups ask as essential."""
ALIKE = 0.7
"""Two unit groups that share more of their essential competences (Jaccard) are not told apart."""

_WORD = re.compile(r"[^\W\d_]+")
_LINKS = ("", "s", "en", "e")
_SHORTEST = 3

Frequency = Callable[[str], float]
"""A word in lower case -> its Zipf frequency in Dutch, 0 for an unknown one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at: `rule` as in the docstring of this module, `where` an id or code, `what` in words."""

    rule: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.where}: {self.what}"


def dutch_frequency() -> Frequency:
    """Frequencies from `wordfreq`. Raises ModuleNotFoundError where it is not installed: it is a tool for editors."""
    from wordfreq import zipf_frequency

    return lambda word: float(zipf_frequency(word, "nl"))


def lint(folder: Path | None = None, *, frequency: Frequency | None = None) -> list[Finding]:
    """Everything to look at in the starter in `folder` (the one that ships, by default); words are looked at when
    there are frequencies. Raises ImportFailed for files that contradict each other."""
    taxonomy = Taxonomy(starter_tables(folder))
    every = [link.competence for each in taxonomy.occupations() for link in taxonomy.links(each)]
    used = Counter(every)
    all_ = list(taxonomy.competences())
    words = _rare_words(all_, frequency) if frequency else ()
    return [*words, *_doubles(all_), *_usage(all_, used, taxonomy.occupation_count), *_groups(taxonomy)]


def _id(competence: Competence) -> str:
    return competence.iri.removeprefix(COMPETENCE_IRI)


def _rare_words(competences: Iterable[Competence], frequency: Frequency) -> Iterator[Finding]:
    for each in competences:
        for word in _WORD.findall(each.plain.lower()):
            if not common(word, frequency):
                yield Finding("rare-word", _id(each), f"few people often read {word!r}, in {each.plain!r}")


def common(word: str, frequency: Frequency) -> bool:
    """Whether a word is used often, or is a compound of two words that are ("stofzuiger", "verkeersbord")."""
    if frequency(word) >= LOWEST_ZIPF:
        return True
    for at in range(_SHORTEST, len(word) - _SHORTEST + 1):
        if frequency(word[at:]) >= LOWEST_ZIPF:
            first = (word[:at].removesuffix(link) for link in _LINKS)
            if any(len(part) >= _SHORTEST and frequency(part) >= LOWEST_ZIPF for part in first):
                return True
    return False


def _doubles(competences: Iterable[Competence]) -> Iterator[Finding]:
    forms: Mapping[str, Callable[[Competence], str]] = {
        "nl": lambda each: each.label("nl"), "en": lambda each: each.label("en"), "plain_nl": lambda each: each.plain,
    }  # fmt: skip
    for column, form in forms.items():
        labelled = [(_id(each), form(each), _trigrams(form(each))) for each in competences]
        for (one, label, parts), (other, second, others) in combinations(labelled, 2):
            if min(len(parts), len(others)) <= NEAR * max(len(parts), len(others)):
                continue  # they cannot share so much, and counting what they share takes time
            shared = len(parts & others)
            if shared > NEAR * (len(parts) + len(others) - shared):
                yield Finding("near-double", one, f"{label!r} and {second!r} of {other} ({column}) say the same")


def _trigrams(text: str) -> set[str]:
    padded = f"  {text.casefold()} "
    return {padded[at : at + 3] for at in range(len(padded) - 2)}


def _usage(competences: list[Competence], used: Counter[Competence], groups: int) -> Iterator[Finding]:
    alone = [each for each in competences if used[each] == 1]
    for each in competences:
        if not used[each]:
            yield Finding("unused", _id(each), "no unit group asks it")
        elif used[each] > MOST_GROUPS * groups:
            yield Finding("everywhere", _id(each), f"{used[each]} of {groups} unit groups ask it")
    if len(alone) > MOST_ALONE * len(competences):
        for each in alone:
            yield Finding("alone", _id(each), f"one of {len(alone)} that a single unit group asks")


def _groups(taxonomy: Taxonomy) -> Iterator[Finding]:
    essential = {
        each.code: {link.competence for link in taxonomy.links(each) if link.weight >= ESSENTIAL}
        for each in taxonomy.occupations()
    }
    used = Counter(one for found in essential.values() for one in found)
    for code, found in essential.items():
        own = sum(used[one] <= FEW * len(essential) for one in found)
        if own < OWN:
            yield Finding("too-few", code, f"it asks {own} competences that few others ask; {OWN} are wanted")
    for (one, found), (other, others) in combinations(essential.items(), 2):
        shared = len(found & others)
        if shared > ALIKE * (len(found) + len(others) - shared):
            yield Finding("alike", one, f"it asks nearly what {other} asks")
