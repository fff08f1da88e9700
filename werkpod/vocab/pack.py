"""A taxonomy as one file, that is mapped into memory instead of read: it loads in milliseconds, and the pages that
nobody touches take no memory.

    8 bytes   magic: "WPPACK", the version of this format, "\\n"
    8 bytes   length of the header, unsigned, little endian
    header    msgpack: meta, size and CRC-32 of the arrays, and (name, dtype, offset, length) of each
    arrays    each at a multiple of 64 bytes, little endian
"""

from __future__ import annotations

import contextlib
import dataclasses
import mmap
import re
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import numpy as np
from numpy.typing import NDArray

from werkpod.vocab.errors import PackDamaged
from werkpod.vocab.files import write_whole
from werkpod.vocab.tables import Meta, Tables

FORMAT = b"3"
"""The version of the format, one character. It goes up when the arrays or what they mean change: a pack of another
version is not guessed at, it is imported again. 1: two kinds of link; 2: three kinds, the index of names anew, groups
of competences and collections; 3: what words are about, names from elsewhere."""
MAGIC = b"WPPACK" + FORMAT + b"\n"
_ALIGN = 64
_MEND = "Import the taxonomy again (werkpod vocab import)."


class _Entry(msgspec.Struct, frozen=True, array_like=True):
    name: str
    dtype: str
    offset: int
    length: int


class _Header(msgspec.Struct, frozen=True):
    meta: Meta
    size: int
    checksum: int
    arrays: tuple[_Entry, ...]


def write_pack(tables: Tables, target: Path) -> None:
    """Write a pack in the place of `target` at once: a reader sees the old file or the new one, whole, and after a
    crash one of the two is there. Raises OSError when the disk will not have it; `target` is then as it was."""
    write_whole(target, _parts(tables))


def _parts(tables: Tables) -> Iterator[bytes]:
    entries, body, offset, checksum = [], [], 0, 0
    for name, array in _arrays(tables):
        raw = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"), copy=False)).tobytes()
        entries.append(_Entry(name, array.dtype.newbyteorder("<").str, offset, len(array)))
        raw += b"\0" * (-len(raw) % _ALIGN)
        body.append(raw)
        offset, checksum = offset + len(raw), zlib.crc32(raw, checksum)
    header = msgspec.msgpack.encode(_Header(tables.meta, offset, checksum, tuple(entries)))
    start = MAGIC + len(header).to_bytes(8, "little") + header
    yield start + b"\0" * (-len(start) % _ALIGN)
    yield from body


def read_pack(path: Path) -> Tables:
    """The tables of a pack, mapped from the file. Raises PackDamaged when the file is not there, not a pack, cut short
    or changed."""
    header, arrays = _map(path)
    try:
        return _tables(header.meta, arrays)
    except KeyError as error:
        raise PackDamaged(f"{path}: the array {error} is missing. {_MEND}") from error


def read_meta(path: Path) -> Meta:
    """What a pack says of itself, without reading its arrays. Raises PackDamaged."""
    with _opened(path) as mapped:
        return _header(path, memoryview(mapped))[0].meta


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[mmap.mmap]:
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise PackDamaged(f"{path}: {error}. {_MEND}") from error
    yield mapped


def _header(path: Path, view: memoryview) -> tuple[_Header, int]:
    magic = bytes(view[:8])
    if magic[:6] == MAGIC[:6] and magic[7:] == MAGIC[7:] and magic != MAGIC:
        made, needed = magic[6:7].decode("ascii", "replace"), FORMAT.decode()
        raise PackDamaged(
            f"{path}: this pack has format {made}, from another version of Werkpod; this one reads format {needed}. "
            f"{_MEND}"
        )
    if magic != MAGIC:
        raise PackDamaged(f"{path}: this is not a taxonomy pack. {_MEND}")
    length = int.from_bytes(view[8:16], "little")
    try:
        header = msgspec.msgpack.decode(view[16 : 16 + length], type=_Header)
    except (msgspec.DecodeError, RecursionError) as error:
        raise PackDamaged(f"{path}: the header cannot be read ({error}). {_MEND}") from error
    start = 16 + length + (-(16 + length) % _ALIGN)
    if len(view) != start + header.size:
        raise PackDamaged(f"{path}: the file has {len(view)} bytes, {start + header.size} were written. {_MEND}")
    return header, start


def _map(path: Path) -> tuple[_Header, dict[str, NDArray[Any]]]:
    with _opened(path) as mapped:
        view = memoryview(mapped)
        header, start = _header(path, view)
        if zlib.crc32(view[start:]) != header.checksum:
            raise PackDamaged(f"{path}: its checksum is wrong, the file was changed or damaged. {_MEND}")
        if wrong := next((entry.name for entry in header.arrays if not _fits(entry, header.size)), None):
            raise PackDamaged(f"{path}: the header is damaged, at the array {wrong[:80]!r}. {_MEND}")
        if hasattr(mmap, "MADV_DONTNEED"):
            mapped.madvise(mmap.MADV_DONTNEED)  # the checksum went through all of it; what is used comes back by itself
    return header, {
        entry.name: np.frombuffer(view, dtype=entry.dtype, count=entry.length, offset=start + entry.offset)
        for entry in header.arrays
    }


def _fits(entry: _Entry, size: int) -> bool:
    """Whether an array of plain numbers lies within the file as its entry says: the checksum is of the arrays only."""
    if not re.fullmatch(r"[<|][biuf][1248]", entry.dtype):
        return False
    ends = entry.offset + entry.length * np.dtype(entry.dtype).itemsize
    return entry.offset >= 0 and entry.length >= 0 and ends <= size


def _arrays(tables: Tables) -> Iterator[tuple[str, NDArray[Any]]]:
    for field in dataclasses.fields(tables):
        value = getattr(tables, field.name)
        if field.name != "meta":
            yield from _flatten(field.name, value)


def _flatten(name: str, value: Any) -> Iterator[tuple[str, NDArray[Any]]]:
    if isinstance(value, np.ndarray):
        yield name, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flatten(f"{name}/{key}", item)
    else:
        for field in dataclasses.fields(value):
            yield from _flatten(f"{name}.{field.name}", getattr(value, field.name))


def _tables(meta: Meta, arrays: Mapping[str, NDArray[Any]]) -> Tables:
    kinds = get_type_hints(Tables)
    return Tables(meta, **{f.name: _read(kinds[f.name], f.name, arrays) for f in dataclasses.fields(Tables)[1:]})


def _read(kind: Any, name: str, arrays: Mapping[str, NDArray[Any]]) -> Any:
    """The inverse of `_flatten`, by the type that a field has."""
    if get_origin(kind) is np.ndarray:
        return arrays[name]
    if get_origin(kind) is Mapping:
        keys = dict.fromkeys(re.split("[/.]", at[len(name) + 1 :])[0] for at in arrays if at.startswith(name + "/"))
        return {key: _read(get_args(kind)[1], f"{name}/{key}", arrays) for key in keys}
    hints = get_type_hints(kind)
    return kind(**{f.name: _read(hints[f.name], f"{name}.{f.name}", arrays) for f in dataclasses.fields(kind)})
