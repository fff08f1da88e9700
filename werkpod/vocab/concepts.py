"""What a taxonomy speaks of: occupations, competences, links between them, and what a search or comparison found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from werkpod.vocab.hierarchy import CompetenceGroup
from werkpod.vocab.tables import LinkKind
from werkpod.vocab.why import Why

Kind = Literal["skill", "knowledge", "attitude"]
_FALLBACK = ("nl", "en")


def _label(labels: Mapping[str, str], lang: str) -> tuple[str, str]:
    for each in (lang, *_FALLBACK, *labels):
        if labels.get(each):
            return labels[each], each
    return "", lang


@dataclass(frozen=True, slots=True)
class Occupation:
    """An occupation. `code` is the taxonomy's own ("2654.1.7" in ESCO), `isco` the code of its unit group;
    `is_group`: a unit group that stands for the occupations in it."""

    iri: str
    code: str
    isco: str
    labels: Mapping[str, str] = field(hash=False, compare=False)
    is_group: bool = field(default=False, compare=False)

    def title(self, lang: str) -> str:
        """The title in a language; Dutch, then English, where that language has none."""
        return _label(self.labels, lang)[0]


@dataclass(frozen=True, slots=True)
class Competence:
    """A competence. `plain` is the name in everyday Dutch ("Mensen helpen met wassen"), empty where there is none;
    `group` the nearest group that it is in; `collections` which of `werkpod.vocab.hierarchy.COLLECTIONS` have it."""

    iri: str
    labels: Mapping[str, str] = field(hash=False, compare=False)
    kind: Kind = field(compare=False)
    group: CompetenceGroup | None = field(default=None, compare=False)
    plain: str = field(default="", compare=False)
    collections: tuple[str, ...] = field(default=(), compare=False)

    def label(self, lang: str) -> str:
        """The label in a language; Dutch, then English, where that language has none."""
        return _label(self.labels, lang)[0]

    def label_lang(self, lang: str) -> str:
        """The language that `label(lang)` is really in, to mark a fallback with."""
        return _label(self.labels, lang)[1]

    def everyday(self, lang: str) -> str:
        """What to show a citizen: the everyday name in Dutch where there is one, the label otherwise."""
        return self.plain if lang == "nl" and self.plain else self.label(lang)


@dataclass(frozen=True, slots=True)
class Link:
    """An occupation asks this competence. `weight` 1 for essential, 0.75 for important, 0.5 for optional."""

    competence: Competence
    kind: LinkKind
    weight: float


@dataclass(frozen=True, slots=True)
class Hit:
    """An occupation found by text. `score` 0 to 1, to rank by; `matched` the name that the text is like, and `why` in
    which way (`werkpod.vocab.why`); `source`: the classification that the name is from, empty for this one."""

    occupation: Occupation
    score: float
    matched: str
    why: Why = "title"
    source: str = ""


@dataclass(frozen=True, slots=True)
class CompetenceHit:
    """A competence found by text. `score` 0 to 1, to rank by; `matched` the name that the text is like, and `why` in
    which way (`werkpod.vocab.why`); `source`: the classification that the name is from, empty for this one."""

    competence: Competence
    score: float
    matched: str
    why: Why = "title"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """What an occupation asks (its essential competences), split: `have` the person has, `missing` not yet. The most
    distinctive come first. `useful` are important and optional ones that the person has beside."""

    have: tuple[Competence, ...]
    missing: tuple[Competence, ...]
    useful: tuple[Competence, ...] = ()

    @property
    def coverage(self) -> float:
        """The share of the essential competences that the person has, 0 to 1."""
        required = len(self.have) + len(self.missing)
        return len(self.have) / required if required else 0.0


@dataclass(frozen=True, slots=True)
class Match:
    """A fitting occupation. `score` is a cosine (0 to 1), to rank by and not to show; have and missing as in `Gap`."""

    occupation: Occupation
    score: float
    have: tuple[Competence, ...]
    missing: tuple[Competence, ...]
