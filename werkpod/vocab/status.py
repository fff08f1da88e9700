"""Which taxonomies there are and which is in use: what `werkpod vocab status` tells."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from werkpod.vocab.choice import AUTO, IMPORTED, choose, pack_path
from werkpod.vocab.crosswalk.kept import crosswalks_path, kept
from werkpod.vocab.crosswalk.model import TITLES, About
from werkpod.vocab.errors import PackDamaged, PackMissing
from werkpod.vocab.history import history_path, read_history
from werkpod.vocab.pack import read_meta
from werkpod.vocab.starter import starter_meta
from werkpod.vocab.tables import Meta


class Status(msgspec.Struct, frozen=True):
    """A taxonomy. `labelled`: competences with a label in each language; the others are shown in another. `groups`:
    those that competences come in; `collections`: how many competences each has; `notes`: what the import found absent.
    `path` and `size` (bytes) are those of the pack; None and 0 for the starter, that needs none."""

    id: str
    title: str
    version: str
    languages: tuple[str, ...]
    occupations: int
    competences: int
    links: int
    labelled: dict[str, int]
    groups: int
    collections: dict[str, int]
    created: str
    source: str
    notice: str
    notes: tuple[str, ...]
    path: str | None
    size: int


class Damaged(msgspec.Struct, frozen=True):
    """A taxonomy whose pack cannot be read, and why."""

    id: str
    problem: str
    path: str


class Overview(msgspec.Struct, frozen=True):
    """All taxonomies of a data directory. `in_use`: the id of the one that a server uses, None where it would not
    start; `why` says why either way. `setting`: what `taxonomy` is set to. `crosswalks`: the codes of other
    classifications that are known."""

    in_use: str | None
    why: str
    setting: str
    taxonomies: tuple[Status | Damaged, ...]
    crosswalks: tuple[About, ...] = ()

    @property
    def used(self) -> Status | None:
        """The taxonomy in use, None where there is none."""
        found = (each for each in self.taxonomies if each.id == self.in_use and isinstance(each, Status))
        return next(found, None)


def status_of(meta: Meta, path: Path | None) -> Status:
    """The status of the taxonomy that `meta` describes, at `path`."""
    return Status(
        id=meta.id,
        title=meta.title,
        version=meta.version,
        languages=meta.languages,
        occupations=meta.occupations,
        competences=meta.competences,
        links=meta.links,
        labelled=meta.labelled,
        groups=meta.groups,
        collections=meta.collections,
        created=meta.created,
        source=meta.source,
        notice=meta.notice,
        notes=meta.notes,
        path=str(path) if path else None,
        size=os.path.getsize(path) if path else 0,
    )


def vocab_status(data_dir: Path, setting: str = AUTO) -> Overview:
    """The taxonomies of this data directory: the starter, and what was imported."""
    found: list[Status | Damaged] = [status_of(starter_meta(), None)]
    for name in IMPORTED:
        path = pack_path(data_dir, name)
        if path.exists():
            try:
                found.append(status_of(read_meta(path), path))
            except PackDamaged as error:
                found.append(Damaged(name, str(error), str(path)))
    crosswalks: tuple[About, ...] = ()
    try:
        crosswalks = tuple(each.about for each in kept(crosswalks_path(data_dir)))
        for name in IMPORTED:
            read_history(history_path(pack_path(data_dir, name)))
        choice = choose(data_dir, setting)
    except (PackDamaged, PackMissing) as error:
        return Overview(None, str(error), setting, tuple(found), crosswalks)
    return Overview(choice.id, choice.why, setting, tuple(found), crosswalks)


def as_text(overview: Overview) -> str:
    """The overview for a person who reads it on a terminal."""
    lines = [f"In use: {overview.in_use or 'none, a server does not start'} ({overview.why})."]
    for each in overview.taxonomies:
        lines.append("")
        if isinstance(each, Damaged):
            lines += [f"{each.id}: cannot be read", f"  {each.problem}"]
            continue
        used = ", in use" if each.id == overview.in_use else ""
        lines.append(f"{each.id}: {each.title} {each.version}{used}")
        lines.append(f"  {each.occupations} occupations, {each.competences} competences, {each.links} links")
        of = ", ".join(f"{lang} ({each.labelled.get(lang, 0)} competences)" for lang in each.languages)
        lines.append(f"  languages: {of}")
        if each.groups:
            marked = ", ".join(f"{count} {name}" for name, count in each.collections.items())
            lines.append(f"  {each.groups} groups of competences" + (f"; {marked}" if marked else ""))
        if each.path:
            lines.append(f"  imported {each.created} from {each.source}: {each.path}, {each.size / 1e6:.1f} MB")
        lines += [f"  {line}" for line in (*each.notes, each.notice)]
    if overview.crosswalks:
        lines += ["", "Codes of other classifications:"]
    for about in overview.crosswalks:
        called = f"{TITLES[about.scheme]} {about.version}".strip()
        lines.append(f"  {called}: {about.codes} {about.of}s, {about.links} matches; {about.file}, {about.created}")
    return "\n".join(lines) + "\n"
