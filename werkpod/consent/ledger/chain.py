"""The form of a line and of the chain (record 30).

    plain(n) = 01 || 16 random bytes || msgpack of the entry        sealed under the pod's ledger key, bound to n
    hash(n)  = SHA-256(hash(n-1) || plain(n))                       hash(0) = SHA-256 of a fixed text and the pod

The chain is over what the lines say, not over how they are sealed. So an export that holds plain(n) can be checked
against a signed head by anybody, without a key; and the random bytes keep a hash from telling what the line says.
Lines of before that form (a bare msgpack map) are chained by SHA-256(hash(n-1) || sealed(n)).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, cast

import msgspec

from werkpod.pod.access.model import AccessEntry
from werkpod.pod.errors import IntegrityError
from werkpod.pod.store.protocol import Row
from werkpod.pod.vault import PodVault

FORM = b"\x01"
SALT_BYTES = 16
_START = len(FORM) + SALT_BYTES
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(AccessEntry).decode


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a pod's log: its number, from 1, and what it says."""

    seq: int
    entry: AccessEntry


class Head(NamedTuple):
    """Where a chain stands: the number of the last line (0: none) and its hash, 32 bytes."""

    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class ChainLine:
    """A line as the chain has it. `plain`: what was sealed, None where it does not open."""

    seq: int
    plain: bytes | None
    sealed: bytes
    hash: bytes


def origin(pod: str) -> Head:
    """The head of a chain without a line."""
    return Head(0, hashlib.sha256(b"werkpod/ledger/1" + pod.encode()).digest())


def plain_of(entry: AccessEntry) -> bytes:
    """What is sealed of an entry; another each time."""
    return FORM + os.urandom(SALT_BYTES) + _encode(entry)


def entry_of(plain: bytes) -> AccessEntry:
    """The entry in an opened line. Raises IntegrityError for what is none."""
    try:
        return _decode(plain[_START:] if plain[:1] == FORM else plain)
    except msgspec.DecodeError as error:
        raise IntegrityError("A line of the access log cannot be read") from error


def next_hash(before: bytes, plain: bytes, sealed: bytes) -> bytes:
    """The hash of a line after the one whose hash is `before`."""
    return hashlib.sha256(before + (plain if plain[:1] == FORM else sealed)).digest()


def opened(vault: PodVault, rows: Iterable[Row]) -> list[LogLine]:
    """The lines of some rows (seq, sealed, ...). Raises IntegrityError for one that does not open."""
    found = []
    for row in rows:
        seq, sealed = cast("tuple[int, bytes]", row[:2])
        found.append(LogLine(seq, entry_of(vault.open_entry(str(seq), sealed))))
    return found


def chained(vault: PodVault, rows: Iterable[Row]) -> list[ChainLine]:
    """The lines of some rows (seq, sealed, hash), those that do not open too."""
    found = []
    for row in rows:
        seq, sealed, digest = cast("tuple[int, bytes, bytes]", row)
        try:
            plain: bytes | None = vault.open_entry(str(seq), sealed)
        except IntegrityError:
            plain = None
        found.append(ChainLine(seq, plain, sealed, digest))
    return found


def readable(vault: PodVault, rows: Iterable[Row]) -> list[LogLine]:
    """`opened`, without the lines that do not open: what was tampered with is `verify`'s to tell."""
    found = []
    for row in rows:
        try:
            found += opened(vault, (row,))
        except IntegrityError:
            continue
    return found
