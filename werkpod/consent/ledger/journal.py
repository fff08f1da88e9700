"""Lines that are written and not in the database yet: one file for each process (record 31).

A commit of SQLite costs some ten calls of the system and a page of 4 KB for each line; that was more than the log may
cost a request. So a line goes to this file first, and with others to the database some milliseconds later. What is
written to a file survives the end of the process, however it ends: who starts next finds the files of the dead (their
lock is free) and takes their lines over.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from werkpod.pod.errors import StoreFailure
from werkpod.web.ids import ulid

Line = tuple[str, int, bytes, bytes]
"""Pod, number, what was sealed, hash: a row of the table `ledger`."""
_FRAME = struct.Struct(">II26sQ32s")
"""CRC-32 and length of what was sealed, pod (a ULID), number, hash; then what was sealed."""
_END = bytes(_FRAME.size)
_SUFFIX = ".waiting"
SIZE = 256 << 10
"""Bytes of the file: some 600 lines."""


class Journal:
    """The file of this process beside `database` (its path), made when the first line comes.

    It is mapped into memory: what is written there is the kernel's at once, without a call (mmap(2), MAP_SHARED).
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._path = database.with_name(f"{database.name}.{ulid()}{_SUFFIX}")
        self._file: int | None = None
        self._map: mmap.mmap | None = None
        self._size = 0

    def append(self, line: Line) -> bool:
        """Write a line; it survives the end of the process when this returns. False: there is no room for it.

        Raises StoreFailure.
        """
        pod, seq, sealed, digest = line
        frame = _FRAME.pack(zlib.crc32(sealed), len(sealed), pod.encode(), seq, digest) + sealed + _END
        end = self._size + len(frame)
        if end > SIZE:
            return False
        if self._map is None:
            self._map = self._made()
        self._map[self._size : end] = frame
        self._size = end - len(_END)
        return True

    def clear(self) -> None:
        """All lines are in the database."""
        if self._map is not None:
            self._map[: len(_END)] = _END
        self._size = 0

    def close(self) -> None:
        """Take the file away, when all lines are in the database. Idempotent."""
        if self._file is not None and self._map is not None:
            self._path.unlink(missing_ok=True)
            self._map.close()
            os.close(self._file)
            self._file = self._map = None

    def _made(self) -> mmap.mmap:
        try:
            file = _locked(self._path, os.O_CREAT | os.O_EXCL)
            try:
                os.posix_fallocate(file, 0, SIZE)  # so that a full disk is said here, and not by a signal later
                mapped = mmap.mmap(file, SIZE)
            except OSError:
                self._path.unlink(missing_ok=True)  # the next line tries again
                os.close(file)
                raise
        except OSError as error:
            raise StoreFailure(f"The access log could not be written: {error}") from error
        self._file = file
        return mapped

    def left(self) -> Iterator[list[Line]]:
        """The lines of each process that ended without closing; its file is taken away when the next is asked for."""
        for path in sorted(self._database.parent.glob(f"{self._database.name}.*{_SUFFIX}")):
            if path == self._path:
                continue
            with contextlib.suppress(BlockingIOError, FileNotFoundError):  # it lives; another was first
                file = _locked(path, 0)
                try:
                    yield _lines(path.read_bytes())
                    path.unlink(missing_ok=True)
                finally:
                    os.close(file)


def _locked(path: Path, how: int) -> int:
    """The open file, under a lock that ends with the process (flock(2)). Raises BlockingIOError, OSError."""
    file = os.open(path, os.O_RDWR | os.O_CLOEXEC | how, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise
    return file


def _lines(raw: bytes) -> list[Line]:
    """The lines of a file, up to the first that is not whole: nobody got an answer for that one."""
    found: list[Line] = []
    place = 0
    while place + _FRAME.size <= len(raw):
        check, length, pod, seq, digest = _FRAME.unpack_from(raw, place)
        sealed = raw[place + _FRAME.size : place + _FRAME.size + length]
        if not length or len(sealed) != length or zlib.crc32(sealed) != check:
            break
        found.append((pod.decode(), seq, sealed, digest))
        place += _FRAME.size + length
    return found
