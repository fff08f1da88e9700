"""Small packs beside those of taxonomies: a magic line, then one msgpack value, compressed. zlib's own checksum finds
a file that was changed or cut short."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TypeVar

import msgspec

from werkpod.vocab.errors import PackDamaged
from werkpod.vocab.files import write_whole

T = TypeVar("T")
LARGEST = 512 << 20
"""Bytes that a small pack may hold; all crosswalks together have some 10 MB, the history of ESCO too."""


def write_packed(target: Path, magic: bytes, value: object) -> None:
    """Write a value in the place of `target` at once. Raises OSError."""
    write_whole(target, (magic, zlib.compress(msgspec.msgpack.encode(value), 6)))


def read_packed(path: Path, magic: bytes, kind: type[T], mend: str) -> T:
    """The value in a small pack. Raises PackDamaged; `mend` says what to do then."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise PackDamaged(f"{path}: {error.strerror}. {mend}") from error
    if raw[: len(magic)] != magic:
        raise PackDamaged(f"{path}: this is not what belongs here, or another version of Werkpod made it. {mend}")
    try:
        reader = zlib.decompressobj()
        content = reader.decompress(raw[len(magic) :], LARGEST)
        if not reader.eof:
            raise zlib.error("it does not end")
        return msgspec.msgpack.decode(content, type=kind)
    except (zlib.error, msgspec.DecodeError, RecursionError) as error:
        raise PackDamaged(f"{path}: the file was changed or cut short ({error}). {mend}") from error
