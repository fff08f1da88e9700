"""The root key: what all other keys hang under, and the only one that is not in a database.

`RootKeys` is the seam: a file by default, a hardware module later. The file is text, one line a version:

    werkpod root key 1
    1 <43 characters base64url>
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from pathlib import Path
from typing import Protocol

from werkpod.pod.errors import RootKeyRefused
from werkpod.pod.vault.primitives import KEY_BYTES, derive, new_key

_HEADER = "werkpod root key 1"
_MAX_BYTES = 1 << 20


class RootKeys(Protocol):
    """Versioned root keys. The keys themselves never leave; callers get keys derived for one use."""

    @property
    def current(self) -> int:
        """The version under which new slots are made."""
        ...

    def derive(self, version: int, purpose: str, *context: str) -> bytes:
        """A 256-bit key for one use. Raises RootKeyRefused when that version is not there (destroyed)."""
        ...


class FileRootKeys:
    """Root keys in a file that only its owner can read (mode 0600); made with a first key where there is none.

    Raises RootKeyRefused when the file is open to others, damaged, or (with `create` False) not there.
    """

    def __init__(self, path: str | os.PathLike[str], *, create: bool = True) -> None:
        self.path = Path(path)
        if create and not self.path.exists():
            _create(self.path)
        self._keys = _parse(_read(self.path), self.path)
        self._current = max(self._keys)

    @property
    def current(self) -> int:
        """The highest version in the file."""
        return self._current

    def derive(self, version: int, purpose: str, *context: str) -> bytes:
        """A 256-bit key for one use. Raises RootKeyRefused when the file has no such version."""
        key = self._keys.get(version)
        if key is None:
            raise RootKeyRefused(f"{self.path} has no version {version}, only {sorted(self._keys)}")
        return derive(key, "werkpod/root/1", version, purpose, *context)


def _create(path: Path) -> None:
    """Write the first key: whole or not at all, and never over another one.

    It is written to a file of its own (O_EXCL, 0600), synced, and then linked to its name, which fails when another
    process was first; that one's key is used then.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    text = f"{_HEADER}\n1 {base64.urlsafe_b64encode(new_key()).decode().rstrip('=')}\n"
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(draft, path)
            except FileExistsError:
                return
        finally:
            draft.unlink(missing_ok=True)
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        raise RootKeyRefused(f"{path} cannot be made: {error}") from error


def _read(path: Path) -> str:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a named pipe must not make us wait
    except OSError as error:
        raise RootKeyRefused(f"{path} cannot be read: {error}") from error
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise RootKeyRefused(f"{path} is not a regular file")
        if status.st_mode & 0o077:
            raise RootKeyRefused(
                f"{path} has mode {stat.S_IMODE(status.st_mode):04o}, so others can read or change it; "
                "0600 was expected (chmod 600), and a key that others could read should be replaced"
            )
        return os.read(descriptor, _MAX_BYTES).decode("ascii", "replace")
    finally:
        os.close(descriptor)


def _parse(text: str, path: Path) -> dict[int, bytes]:
    lines = text.splitlines()
    if not lines or lines[0] != _HEADER:
        raise RootKeyRefused(f"{path}, line 1: {_HEADER!r} was expected")
    keys: dict[int, bytes] = {}
    for number, line in enumerate(lines[1:], start=2):
        version, _, encoded = line.partition(" ")
        try:
            key = base64.b64decode(encoded + "=", altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not (version.isascii() and version.isdecimal()) or len(key) != KEY_BYTES or int(version) in keys:
            raise RootKeyRefused(
                f"{path}, line {number}: a new version number and 43 base64url characters were expected"
            )
        keys[int(version)] = key
    if not keys:
        raise RootKeyRefused(f"{path} holds no key; a line with version 1 was expected")
    return keys
