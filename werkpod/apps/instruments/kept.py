"""The last good copy of each guide, and how reading it went, in files beside the databases.

    {folder}/{name}.json           what the guide answered, as it answered
    {folder}/{name}.status.json    when it was asked last, and what was wrong

A file is replaced in one step (written beside it, flushed to disk, renamed), so a crash leaves the old or the new one.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from werkpod.vocab.files import make_folder


class Kept(msgspec.Struct, frozen=True):
    """What a guide answered. `fetched`: Unix seconds; `items`: its instruments, members as it names them."""

    url: str
    fetched: float
    etag: str
    items: list[dict[str, Any]]


class Status(msgspec.Struct, frozen=True):
    """How the last reading of a guide went. Times are Unix seconds; 0: never.

    `problem`: what was wrong, "" when it went well; `left_out`: instruments that could not be read, each with what was
    wrong with it; `not_before`: the guide asked to be left alone until then.
    """

    checked: float = 0.0
    good: float = 0.0
    problem: str = ""
    instruments: int = 0
    left_out: tuple[str, ...] = ()
    not_before: float = 0.0
    failures: int = 0


_File = TypeVar("_File", Kept, Status)


class KeptGuides:
    """The files of all guides in a folder, which is made when something is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def copy(self, name: str) -> Kept | None:
        """The last good copy; None when there is none. A damaged file is none: the next refresh writes it anew."""
        return self._read(self._folder / f"{name}.json", Kept)

    def status(self, name: str) -> Status:
        """How the last reading went."""
        return self._read(self._folder / f"{name}.status.json", Status) or Status()

    def keep(self, name: str, copy: Kept) -> None:
        """Replace the last good copy. Raises OSError."""
        self._write(self._folder / f"{name}.json", copy)

    def note(self, name: str, status: Status) -> None:
        """Replace how the last reading went. Raises OSError."""
        self._write(self._folder / f"{name}.status.json", status)

    def stamp(self, name: str) -> int:
        """Something that changes when another copy is kept, by whichever process."""
        try:
            return (self._folder / f"{name}.json").stat().st_mtime_ns
        except OSError:
            return 0

    def _read(self, path: Path, form: type[_File]) -> _File | None:
        try:
            return msgspec.json.decode(path.read_bytes(), type=form)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    def _write(self, path: Path, content: Kept | Status) -> None:
        make_folder(self._folder)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
                file.write(msgspec.json.encode(content))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                draft.unlink()
