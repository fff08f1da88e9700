"""Writing a file at once: a reader sees the old one or the new one, whole; after a crash one of the two is there."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, for their owner alone: the data folder may be among them, and
    the root key comes to lie in there. (`mkdir(mode=, parents=True)` gives the mode to the last one only.)"""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)


def write_whole(target: Path, parts: Iterable[bytes]) -> None:
    """Write `parts` in the place of `target`. Raises OSError when the disk will not have it; `target` is then as it
    was."""
    make_folder(target.parent)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
