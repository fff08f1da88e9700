"""Which taxonomy is in use: what `werkpod vocab status` tells."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from werkpod.vocab.pack import read_meta
from werkpod.vocab.starter import starter_tables
from werkpod.vocab.tables import Meta
from werkpod.vocab.taxonomy import PACK_PATH


class Status(msgspec.Struct, frozen=True):
    """A taxonomy in use. `labelled`: competences with a label in each language; the others are shown in another.
    `path` and `size` (bytes) are those of the pack; None and 0 for the starter, that needs none."""

    id: str
    title: str
    version: str
    languages: tuple[str, ...]
    occupations: int
    competences: int
    links: int
    labelled: dict[str, int]
    created: str
    source: str
    notice: str
    path: str | None
    size: int


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
        created=meta.created,
        source=meta.source,
        notice=meta.notice,
        path=str(path) if path else None,
        size=os.path.getsize(path) if path else 0,
    )


def vocab_status(data_dir: Path) -> Status:
    """The taxonomy that a server on this data directory uses. Raises PackDamaged."""
    path = Path(data_dir) / PACK_PATH
    return status_of(read_meta(path), path) if path.exists() else status_of(starter_tables().meta, None)
