"""The starter as a server uses it: built once, then kept as a pack in the data directory and mapped from there.

Building takes seconds, mapping milliseconds, and pages of the file that nobody touches take no memory. A pack that
another version of the starter's files or of this package made is built anew, and so it is with other crosswalks, that
give it more names.
"""

from __future__ import annotations

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
    """The starter's tables: mapped where they were built before, else built and kept. Where the data directory cannot
    be written, they are built each time."""
    path, crosswalks = shipped_path(data_dir), crosswalks_path(data_dir)
    source = fingerprint() + (f" {zlib.crc32(crosswalks.read_bytes()):08x}" if crosswalks.exists() else "")
    try:
        if path.exists() and read_meta(path).source == source:
            return read_pack(path)
    except PackDamaged:
        pass  # it is only what was built before: build it again
    tables = named_by(kept(crosswalks), starter_tables())
    meta = msgspec.structs.replace(tables.meta, source=source)
    try:
        write_pack(dataclasses.replace(tables, meta=meta), path)
    except OSError:
        return tables
    return read_pack(path)


@functools.cache
def fingerprint() -> str:
    """What the built starter depends on, as a hash: the starter's files and the code of `werkpod.vocab`."""
    folder = starter_folder()
    digest = hashlib.sha256()
    for path in sorted((*folder.rglob("*.csv"), *folder.parents[1].rglob("*.py"))):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return f"werkpod {digest.hexdigest()[:16]}"
