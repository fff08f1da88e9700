"""The crosswalks that were imported, in one small pack beside those of taxonomies. They name concepts by IRI, so they
work with whichever taxonomy is in use, one that is imported later too."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np

from werkpod.vocab.crosswalk.model import About, Crosswalk
from werkpod.vocab.matches import Matches
from werkpod.vocab.packed import read_packed, write_packed
from werkpod.vocab.strings import Strings

MAGIC = b"WPCROSS1\n"
MEND = "Remove the crosswalks (werkpod vocab remove crosswalk), and import them again."


class _Kept(msgspec.Struct, frozen=True):
    about: About
    codes: list[str]
    aliases: list[str]
    labels: dict[str, list[str]]
    starts: list[int]
    relation: bytes
    target: list[int]
    targets: list[str]
    places: dict[str, str]


def crosswalks_path(data_dir: Path) -> Path:
    """Where the crosswalks lie."""
    return Path(data_dir) / "vocab" / "crosswalks.pack"


def keep(crosswalks: Iterable[Crosswalk], path: Path) -> None:
    """Write the crosswalks in the place of those at `path`, all at once. Raises OSError."""
    write_packed(path, MAGIC, [_kept(each) for each in crosswalks])


def kept(path: Path) -> tuple[Crosswalk, ...]:
    """The crosswalks at `path`; none when there is no file. Raises PackDamaged."""
    if not path.exists():
        return ()
    return tuple(map(_crosswalk, read_packed(path, MAGIC, list[_Kept], MEND)))


def _kept(each: Crosswalk) -> _Kept:
    targets = sorted(set(each.matches.iri))
    row_of = {iri: row for row, iri in enumerate(targets)}
    return _Kept(
        each.about, list(each.codes), list(each.aliases), {lang: list(every) for lang, every in each.labels.items()},
        each.matches.starts.tolist(), each.matches.relation.tobytes(), [row_of[iri] for iri in each.matches.iri],
        targets, dict(zip(each.place_iri, each.place_code, strict=True)),
    )  # fmt: skip


def _crosswalk(each: _Kept) -> Crosswalk:
    return Crosswalk(
        each.about,
        Strings.of(each.codes),
        Strings.of(each.aliases),
        {lang: Strings.of(every) for lang, every in each.labels.items()},
        Matches(
            np.array(each.starts, dtype=np.int64),
            np.frombuffer(each.relation, dtype=np.uint8),
            Strings.of(each.targets[row] for row in each.target),
        ),
        Strings.of(each.places),
        Strings.of(each.places.values()),
    )
