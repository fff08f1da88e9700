"""Importing crosswalks, all of the files or none; and what they lead to in a taxonomy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from werkpod.vocab.choice import IMPORTED, pack_path
from werkpod.vocab.crosswalk.kept import crosswalks_path, keep, kept
from werkpod.vocab.crosswalk.model import TITLES, About, Crosswalk
from werkpod.vocab.crosswalk.naming import named_by
from werkpod.vocab.crosswalk.source import read_crosswalks
from werkpod.vocab.errors import ImportFailed, PackDamaged, PackMissing
from werkpod.vocab.pack import read_pack, write_pack
from werkpod.vocab.progress import NoProgress, Progress

if TYPE_CHECKING:
    from werkpod.vocab.taxonomy import Taxonomy


class Led(msgspec.Struct, frozen=True):
    """Where the codes of a crosswalk lead in the taxonomy in use: to one concept, to several that are equally close, or
    nowhere."""

    about: About
    one: int
    several: int
    nowhere: int


def import_crosswalks(
    data_dir: Path, files: Sequence[Path], progress: Progress | None = None, *, names: bool = True
) -> list[About]:
    """Read the files and keep what they say, in the place of what earlier files of the same kind said. The names in
    them find the concepts of every taxonomy from then on, unless `names` is false. Raises ImportFailed (file, line,
    column), PackDamaged and OSError; what was kept is then as it was."""
    progress = progress or NoProgress()
    new: dict[str, list[Crosswalk]] = {}
    for file in files:
        found = [_named(each, names) for each in read_crosswalks(file, progress)]
        kind = found[0].about.kind
        if kind in new:
            before = new[kind][0].about.file
            raise ImportFailed(file, f"this is a file of the same kind as {before}; give one of the two")
        new[kind] = found
    there = [each for each in kept(crosswalks_path(data_dir)) if each.about.kind not in new]
    put(data_dir, [*there, *(each for found in new.values() for each in found)], progress)
    return [each.about for found in new.values() for each in found]


def _named(crosswalk: Crosswalk, names: bool) -> Crosswalk:
    return replace(crosswalk, about=msgspec.structs.replace(crosswalk.about, names=names))


def remove_crosswalks(data_dir: Path, progress: Progress | None = None) -> None:
    """Remove all crosswalks, and the names that they gave. Raises PackMissing where there are none, and OSError."""
    path = crosswalks_path(data_dir)
    if not path.exists():
        raise PackMissing(f"There are no crosswalks to remove: there is no {path}.")
    put(data_dir, (), progress or NoProgress())
    path.unlink()


def put(data_dir: Path, crosswalks: Iterable[Crosswalk], progress: Progress) -> None:
    """Keep these crosswalks and no others, and give the taxonomies their names."""
    every = tuple(crosswalks)
    packs = [pack_path(data_dir, name) for name in IMPORTED if pack_path(data_dir, name).exists()]
    progress.stage("names to search by", len(packs))
    tables = []
    for done, path in enumerate(packs):
        try:
            tables.append((path, named_by(every, read_pack(path), anew=True)))
        except PackDamaged:  # it has to be imported again, and gets the names then
            continue
        progress.at(done)
    progress.stage("writing", 1)
    keep(every, crosswalks_path(data_dir))
    for path, named in tables:
        write_pack(named, path)
    progress.finish()


def led(taxonomy: Taxonomy) -> list[Led]:
    """Where every code of every crosswalk leads in a taxonomy. Takes a second for all of them."""
    found = []
    for each in taxonomy.elsewhere.crosswalks:
        one = several = 0
        for row in range(len(each.codes)):
            if each.about.of == "occupation":
                resolution = taxonomy.resolve(each.node(row))
                one += resolution.best is not None
                several += resolution.best is None and bool(resolution.ways)
            else:
                ways = taxonomy.near(each.node(row))
                one += bool(ways)
        found.append(Led(each.about, one, several, len(each.codes) - one - several))
    return found


def as_text(found: Iterable[Led]) -> list[str]:
    """The crosswalks for a person who reads of them on a terminal."""
    lines = []
    for each in found:
        about = each.about
        version = f" {about.version}" if about.version else ""
        lines.append(
            f"{TITLES[about.scheme]}{version} ({about.file}, imported {about.created}): {about.codes} {about.of}s"
        )
        leads = f"  {each.one} lead to one {about.of} of the taxonomy in use"
        if about.of == "competence":
            leads = f"  {each.one} lead to a competence of the taxonomy in use"
        several = f", {each.several} to several that are equally close" if each.several else ""
        lines.append(f"{leads}{several}, {each.nowhere} to none" + ("" if about.names else "; not to search by"))
    return lines
