"""What came in the place of concepts that a new version of a taxonomy no longer has: as the publisher says, or
proposed.

Of proposals only the surest is kept: the same label; links that are much the same, within one unit group for
occupations; or a label that is another name of the other, either way. More than one that fits equally well is no
proposal. Labels are compared within a language. On ESCO with 400 concepts renumbered and half of them relabelled too,
313 got a proposal, by the first two ways, and every one was right; the last says what is near at best.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
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
        found = {each.old: each for each in self._by_names(gone, "label", own_others=False)}
        if self._old is not None:
            left = [past for past in gone if past.iri not in found]
            found |= {each.old: each for each in self._by_links(left, self._old)}
        left = [past for past in gone if past.iri not in found]
        found |= {each.old: each for each in self._by_names(left, "other-name", own_others=False)}
        left = [past for past in left if past.iri not in found]
        return [*found.values(), *self._by_names(left, "other-name", own_others=True)]

    def _by_names(self, gone: Sequence[Past], how: How, *, own_others: bool) -> Iterator[Successor]:
        """By label among labels ("label"), by label among other names, or by its own other names among labels."""
        earlier = _own_names(self._old, self._of) if own_others and self._old is not None else {}
        index = self._first if how == "label" or own_others else self._others
        for past in gone:
            names = earlier.get(past.iri, ()) if own_others else past.labels.items()
            rows = set[int]().union(*(index.get((lang, name.casefold()), set()) for lang, name in names))
            if len(rows) == 1:
                yield Successor(past.iri, self._iris[rows.pop()], how)

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


_Index = dict[tuple[str, str], set[int]]


def _names(tables: Tables, of: str, real: int) -> tuple[_Index, _Index]:
    """(Language, label in small letters) -> rows, and the same for other names."""
    first: _Index = defaultdict(set)
    others: _Index = defaultdict(set)
    labels = tables.occupation_title if of == "occupation" else tables.competence_label
    for lang, every in labels.items():
        for row, label in enumerate(every):
            if label and row < real:
                first[lang, label.casefold()].add(row)
    for lang, names in (tables.occupation_names if of == "occupation" else tables.competence_names).items():
        for row, name in zip(names.index.owners.tolist(), names.labels, strict=True):
            if row < real:
                others[lang, name.casefold()].add(row)
    return first, others


def _own_names(tables: Tables, of: str) -> dict[str, list[tuple[str, str]]]:
    """IRI -> every name of it, with its language."""
    iris = list(tables.occupation_iri if of == "occupation" else tables.competence_iri)
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for lang, names in (tables.occupation_names if of == "occupation" else tables.competence_names).items():
        for row, name in zip(names.index.owners.tolist(), names.labels, strict=True):
            found[iris[row]].append((lang, name))
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
