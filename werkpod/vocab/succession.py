"""What came in the place of concepts that a new version of a taxonomy no longer has: as the publisher says, or
proposed.

Of proposals only the surest is kept: the same label; a label that is another name of the other, either way; or links
that are much the same, within one unit group for occupations. More than one that fits equally well is no proposal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from werkpod.vocab.csvfile import CsvFile
from werkpod.vocab.history import How, Past, Successor
from werkpod.vocab.tables import Tables

MUCH_THE_SAME = 0.6
"""The share of links in common (Jaccard) from which two concepts are taken for one. Below that they are kin at best."""
FEWEST_LINKS = 4
"""With fewer links than this, what they have in common says nothing."""


def read_replaced(path: Path) -> dict[str, tuple[int, list[str]]]:
    """What a publisher's list says: old IRI -> line, new IRIs. Columns `old` and `new`; several successors are several
    rows, or one cell with spaces. Raises ImportFailed (file, line, column)."""
    found: dict[str, tuple[int, list[str]]] = {}
    for row in CsvFile(path, ("old", "new")):
        old, news = row["old"].strip(), row["new"].split()
        for column, iris in (("old", [old]), ("new", news)):
            for iri in iris:
                if "://" not in iri:
                    raise row.fail(f"{iri[:80]!r} is no IRI", column)
        if old in news:
            raise row.fail("a concept cannot be its own successor", "new")
        found.setdefault(old, (row.line, []))[1].extend(news)
    return found


def proposed(gone: Sequence[Past], old: Tables | None, new: Tables) -> list[Successor]:
    """A successor for each of the concepts that just disappeared, where one is likely. `old`: the version that still
    had them, None where it can no longer be read: then only labels tell."""
    found: list[Successor] = []
    for of in ("occupation", "competence"):
        wanted = [past for past in gone if past.of == of]
        if wanted:
            found += _Proposing(of, old, new).propose(wanted)
    return found


class _Proposing:
    """Proposals for one kind of concept."""

    def __init__(self, of: str, old: Tables | None, new: Tables) -> None:
        self._of, self._old, self._new = of, old, new
        self._iris = list(new.occupation_iri if of == "occupation" else new.competence_iri)
        self._real = new.meta.occupations if of == "occupation" else len(self._iris)
        self._first, self._others = _names(new, of, self._real)

    def propose(self, gone: Sequence[Past]) -> list[Successor]:
        earlier = _own_names(self._old, self._of) if self._old is not None else {}
        found: dict[str, Successor] = {}
        for past in gone:
            labels = [label.casefold() for label in past.labels.values()]
            others = [name.casefold() for name in earlier.get(past.iri, ())]
            tries: tuple[tuple[How, Iterable[str], Mapping[str, set[int]]], ...] = (
                ("label", labels, self._first),
                ("other-name", labels, self._others),
                ("other-name", others, self._first),
            )
            for how, names, index in tries:
                rows = set[int]().union(*(index.get(name, set()) for name in names))
                if len(rows) == 1:
                    found[past.iri] = Successor(past.iri, self._iris[rows.pop()], how)
                    break
        if self._old is not None:
            for successor in self._by_links([past for past in gone if past.iri not in found], self._old):
                found[successor.old] = successor
        return list(found.values())

    def _by_links(self, gone: Sequence[Past], old: Tables) -> list[Successor]:
        if not gone:
            return []
        before, after = _linked(old, self._of), _linked(self._new, self._of)
        places = dict(zip(self._new.occupation_iri, self._new.occupation_isco, strict=True))
        asked: dict[str, set[str]] = defaultdict(set)
        for iri, links in after.items():
            for link in links:
                asked[link].add(iri)
        found = []
        for past in gone:
            mine = before.get(past.iri, set())
            if len(mine) < FEWEST_LINKS:
                continue
            kin = set[str]().union(*(asked.get(link, set()) for link in mine))
            if self._of == "occupation":
                kin = {iri for iri in kin if places.get(iri) == past.isco}
            scores = sorted(((len(mine & after[iri]) / len(mine | after[iri]), iri) for iri in kin), reverse=True)[:2]
            if scores and scores[0][0] >= MUCH_THE_SAME and (len(scores) < 2 or scores[1][0] < scores[0][0]):
                found.append(Successor(past.iri, scores[0][1], "links"))
        return found


def _names(tables: Tables, of: str, real: int) -> tuple[dict[str, set[int]], dict[str, set[int]]]:
    """Label -> rows, and other name -> rows, in small letters."""
    first: dict[str, set[int]] = defaultdict(set)
    others: dict[str, set[int]] = defaultdict(set)
    labels = tables.occupation_title if of == "occupation" else tables.competence_label
    for every in labels.values():
        for row, label in enumerate(every):
            if label and row < real:
                first[label.casefold()].add(row)
    for names in (tables.occupation_names if of == "occupation" else tables.competence_names).values():
        for row, name in zip(names.index.owners.tolist(), names.labels, strict=True):
            if row < real:
                others[name.casefold()].add(row)
    return first, others


def _own_names(tables: Tables, of: str) -> dict[str, list[str]]:
    """IRI -> every name of it."""
    iris = list(tables.occupation_iri if of == "occupation" else tables.competence_iri)
    found: dict[str, list[str]] = defaultdict(list)
    for names in (tables.occupation_names if of == "occupation" else tables.competence_names).values():
        for row, name in zip(names.index.owners.tolist(), names.labels, strict=True):
            found[iris[row]].append(name)
    return found


def _linked(tables: Tables, of: str) -> dict[str, set[str]]:
    """IRI -> IRIs of what it is linked with: what an occupation asks, or which occupations ask a competence."""
    occupations, competences = list(tables.occupation_iri), list(tables.competence_iri)
    found: dict[str, set[str]] = defaultdict(set)
    starts, columns = tables.link_start.tolist(), tables.link_competence.tolist()
    for row in range(tables.meta.occupations):
        for column in columns[starts[row] : starts[row + 1]]:
            if of == "occupation":
                found[occupations[row]].add(competences[column])
            else:
                found[competences[column]].add(occupations[row])
    return found
