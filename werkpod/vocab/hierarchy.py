"""The order that a taxonomy brings its competences in: groups, what is broader than what, and collections that cut
across (digital, green, language and transversal skills, as ESCO has them)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from werkpod.vocab.lists import Lists
from werkpod.vocab.strings import Strings

COLLECTIONS = ("digital", "green", "language", "transversal")
"""Collections of competences; a competence's are bits, by place, in `Hierarchy.collections`."""
_FALLBACK = ("nl", "en")


@dataclass(frozen=True, slots=True)
class CompetenceGroup:
    """A group of competences."""

    iri: str
    labels: Mapping[str, str] = field(hash=False, compare=False)

    def label(self, lang: str) -> str:
        """The label in a language; Dutch, then English, then any, where that language has none."""
        return self.labels.get(self.label_lang(lang), "")

    def label_lang(self, lang: str) -> str:
        """The language that `label(lang)` is really in."""
        return next((each for each in (lang, *_FALLBACK, *self.labels) if self.labels.get(each)), lang)


@dataclass(slots=True)
class GroupRow:
    """A group on its way into `Hierarchy`. `broader`: IRIs of groups."""

    iri: str
    labels: dict[str, str]
    broader: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The arrays. Nodes are the competences, by row, and then the groups; `broader` has the nodes that are directly
    broader than each node. `nearest`: for each competence the row of its nearest group, or -1."""

    group_iri: Strings
    group_label: Mapping[str, Strings]
    nearest: NDArray[np.int32]
    broader: Lists
    collections: NDArray[np.uint8]

    def group(self, row: int) -> CompetenceGroup:
        """The group in a row."""
        labels = {lang: label for lang, every in self.group_label.items() if (label := every[row])}
        return CompetenceGroup(self.group_iri[row], labels)

    def collections_of(self, competence: int) -> tuple[str, ...]:
        """The collections that the competence in a row is in."""
        bits = int(self.collections[competence])
        return tuple(name for place, name in enumerate(COLLECTIONS) if bits >> place & 1)


def build_hierarchy(
    competences: Sequence[str],
    broader: Sequence[Sequence[str]],
    collections: Sequence[Sequence[str]],
    groups: Sequence[GroupRow],
) -> Hierarchy:
    """The hierarchy over competences (IRIs, in the order of their rows), each with the IRIs that are directly broader
    and the collections that it is in. Raises KeyError for an IRI that is none of theirs."""
    nodes = {iri: node for node, iri in enumerate((*competences, *(group.iri for group in groups)))}
    above = [[nodes[iri] for iri in every] for every in (*broader, *(group.broader for group in groups))]
    languages = dict.fromkeys(lang for group in groups for lang in group.labels)
    bits = [sum(1 << COLLECTIONS.index(name) for name in names) for names in collections]
    return Hierarchy(
        group_iri=Strings.of(group.iri for group in groups),
        group_label={lang: Strings.of(group.labels.get(lang, "") for group in groups) for lang in languages},
        nearest=np.array([_nearest(row, above, len(competences)) for row in range(len(competences))], dtype=np.int32),
        broader=Lists.of(above),
        collections=np.array(bits, dtype=np.uint8),
    )


def _nearest(row: int, above: Sequence[Sequence[int]], first_group: int) -> int:
    """The group that is the fewest steps up; of several the first that the source names."""
    waiting, seen = deque(above[row]), {row}
    while waiting:
        node = waiting.popleft()
        if node >= first_group:
            return node - first_group
        if node not in seen:
            seen.add(node)
            waiting.extend(above[node])
    return -1


def find_cycle(above: Mapping[str, Sequence[str]]) -> str | None:
    """An IRI that is broader than itself, or None."""
    state: dict[str, bool] = {}  # False: being looked at, True: done
    for start in above:
        path = [(start, iter(above.get(start, ())))] if start not in state else []
        state.setdefault(start, False)
        while path:
            node, rest = path[-1]
            step = next(rest, None)
            if step is None:
                state[node] = True
                path.pop()
            elif state.get(step) is False:
                return step
            elif step not in state:
                state[step] = False
                path.append((step, iter(above.get(step, ()))))
    return None
