"""The order that ESCO brings skills in: groups, what is broader than what, and collections. Each of these files may be
absent from a download, which the import tells; files that contradict each other are refused.

    skillGroups_{lang}.csv              conceptType conceptUri preferredLabel
    broaderRelationsSkillPillar_*.csv   conceptType conceptUri broaderType broaderUri
    skillsHierarchy_{lang}.csv          Level {0..3} URI, Level {0..3} preferred term
    {name}SkillsCollection_*.csv        conceptType conceptUri
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from werkpod.vocab.csvfile import Row
from werkpod.vocab.esco.source import BROADER, ISCED_F, Source
from werkpod.vocab.hierarchy import COLLECTIONS, GroupRow, find_cycle
from werkpod.vocab.tables import CompetenceRow

Edges = dict[tuple[str, str], Row]
"""(narrower, broader) -> the row that says so."""


@dataclass(frozen=True, slots=True)
class Order:
    """What `read_order` made: the groups, how many competences each collection has, and what was absent."""

    groups: list[GroupRow]
    collections: dict[str, int]
    notes: tuple[str, ...]


def read_order(source: Source, base: str, competences: list[CompetenceRow]) -> Order:
    """Read groups, hierarchy and collections, and fill in `broader` and `collections` of `competences`.

    `base`: the language whose files are whole. Raises ImportFailed (file, line, column) where files contradict."""
    notes: list[str] = []
    skills = {row.iri: row for row in competences}
    groups, levels = _groups(source, base), Edges()
    alone = not groups  # then the table of the hierarchy is all that names them
    for lang in source.languages:
        levels |= _levels(source, lang, groups, alone)
    edges = _edges(source, skills, groups)
    if not groups:
        notes.append(f"skillGroups_{base}.csv is not there: competences come in no groups.")
    if edges is None:
        notes.append(f"{BROADER}_{base}.csv is not there: no competence is in a group or under another.")
    for edge, row in levels.items():
        if edges is not None and edge not in edges:
            problem = f"{BROADER} does not have this group under {edge[1]}"
            raise row.fail(problem, next(column for column, cell in row.cells.items() if cell == edge[0]))
    _hang(levels if edges is None else edges, skills, groups)
    counts = {}
    for name in COLLECTIONS:
        count = _collect(source, base, name, skills, groups)
        if count is None:
            notes.append(f"{name}SkillsCollection_{base}.csv is not there: no competence is marked as {name}.")
        else:
            counts[name] = count
    return Order(list(groups.values()), counts, tuple(notes))


def _groups(source: Source, base: str) -> dict[str, GroupRow]:
    groups: dict[str, GroupRow] = {}
    files = {lang: source.skill_groups(lang) for lang in (base, *(lang for lang in source.languages if lang != base))}
    whole = next((lang for lang, rows in files.items() if rows is not None), None)
    for lang, rows in files.items():
        seen: dict[str, int] = {}
        for row, iri, label in rows or ():
            if iri in seen:
                raise row.fail(f"{iri} was on line {seen[iri]} already", "conceptUri")
            if lang == whole:
                groups[iri] = GroupRow(iri, {})
            elif iri not in groups:
                raise row.fail(f"skillGroups_{whole}.csv does not have this group", "conceptUri")
            groups[iri].labels[lang] = label
            seen[iri] = row.line
    return groups


def _levels(source: Source, lang: str, groups: dict[str, GroupRow], alone: bool) -> Edges:
    """The edges between groups in the table of the hierarchy; labels that no other file had are taken from it.
    `alone`: it may name groups that are not there yet."""
    found = Edges()
    for row, path in source.hierarchy(lang):
        for level, (iri, label) in enumerate(path):
            if iri not in groups:
                if not alone:
                    raise row.fail(f"skillGroups does not have {iri}", f"Level {level} URI")
                groups[iri] = GroupRow(iri, {})
            groups[iri].labels.setdefault(lang, label)
            if level:
                found.setdefault((iri, path[level - 1][0]), row)
    return found


def _edges(source: Source, skills: Mapping[str, CompetenceRow], groups: Mapping[str, GroupRow]) -> Edges | None:
    """What is broader than what; None without the file. Groups that no file names are passed over."""
    rows = source.broader()
    if rows is None:
        return None
    edges = Edges()
    for row, narrower, broader in rows:
        for iri, kind, column in (
            (narrower, row["conceptType"], "conceptUri"), (broader, row["broaderType"], "broaderUri"),
        ):  # fmt: skip
            known: Mapping[str, object] = groups if kind == "SkillGroup" else skills
            if iri not in known and (groups or known is skills):
                file = "skillGroups" if kind == "SkillGroup" else "skills"
                raise row.fail(f"{iri} is not in the {file} files; is the download whole?", column)
        if narrower in groups and broader in skills:
            raise row.fail("a group cannot be under a skill", "broaderUri")
        if broader in groups or broader in skills:
            edges.setdefault((narrower, broader), row)
    return edges


def _hang(edges: Edges, skills: Mapping[str, CompetenceRow], groups: Mapping[str, GroupRow]) -> None:
    above: dict[str, list[str]] = {}
    for narrower, broader in edges:
        above.setdefault(narrower, []).append(broader)
    if (looped := find_cycle(above)) is not None:
        row = next(row for (narrower, _), row in edges.items() if narrower == looped)
        raise row.fail(f"{looped} is broader than itself, by way of what is said to be broader than it")
    for iri, every in above.items():
        if iri in groups:
            groups[iri].broader = every
        elif iri in skills:
            fields = skills[iri].kind == "knowledge"  # of two groups the one of its own kind says more
            skills[iri].broader = sorted(every, key=lambda up: (up not in groups, up.startswith(ISCED_F) != fields))


def _collect(
    source: Source, base: str, name: str, skills: Mapping[str, CompetenceRow], groups: Mapping[str, GroupRow]
) -> int | None:
    rows = source.collection(name)
    if rows is None:
        return None
    count = 0
    for row, iri in rows:
        if iri in skills and name not in skills[iri].collections:
            skills[iri].collections.append(name)
            count += 1
        elif iri not in skills and iri not in groups:
            raise row.fail(f"skills_{base}.csv does not have this skill", "conceptUri")
    return count
