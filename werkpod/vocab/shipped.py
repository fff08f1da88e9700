"""The starter as a server uses it: built at the first start, then kept as a pack in the data directory and mapped.

Reading it takes a tenth of a second, and what finds its concepts two; mapping takes milliseconds, and pages of the file
that nobody touches take no memory. A pack that other files of the starter, other code or other crosswalks (that give it
more names) made is not used.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import zlib
from pathlib import Path

import msgspec

from werkpod.vocab.crosswalk.kept import crosswalks_path, kept
from werkpod.vocab.crosswalk.naming import named_by
from werkpod.vocab.errors import PackDamaged
from werkpod.vocab.pack import read_meta, read_pack, write_pack
from werkpod.vocab.starter import starter_folder, starter_tables
from werkpod.vocab.tables import Tables


def shipped_path(data_dir: Path) -> Path:
    """Where the built starter lies."""
    return Path(data_dir) / "vocab" / "starter.pack"


def shipped_tables(data_dir: Path) -> Tables:
    """The starter's tables with the names of crosswalks: mapped where they were kept, else built."""
    if is_kept(data_dir):
        try:
            return read_pack(shipped_path(data_dir))
        except PackDamaged:
            pass  # it is only what was built before
    return named_by(kept(crosswalks_path(data_dir)), starter_tables())


def is_kept(data_dir: Path) -> bool:
    """Whether the pack is there, of this version, and with the names of the crosswalks that are there."""
    path = shipped_path(data_dir)
    try:
        return path.exists() and read_meta(path).source == _source(data_dir)
    except PackDamaged:
        return False


def keep(data_dir: Path, tables: Tables) -> None:
    """Keep the starter's tables for the next start, with what finds concepts in every language; takes up to two
    seconds. Where the data directory cannot be written they are built each time."""
    meta = msgspec.structs.replace(tables.meta, source=_source(data_dir))
    with contextlib.suppress(OSError):
        write_pack(dataclasses.replace(tables, meta=meta), shipped_path(data_dir))


def _source(data_dir: Path) -> str:
    crosswalks = crosswalks_path(data_dir)
    return fingerprint() + (f" {zlib.crc32(crosswalks.read_bytes()):08x}" if crosswalks.exists() else "")


@functools.cache
def fingerprint() -> str:
    """What the built starter depends on, as a hash: the starter's files and the code of `werkpod.vocab`."""
    folder = starter_folder()
    digest = hashlib.sha256()
    for path in sorted((*folder.rglob("*.csv"), *folder.parents[1].rglob("*.py"))):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"werkpod {digest.hexdigest()[:16]}"
