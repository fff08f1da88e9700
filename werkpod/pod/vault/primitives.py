"""The few cryptographic building blocks, each with its standard. All keys are 256 bits.

| use | algorithm | standard |
|---|---|---|
| bodies and records | AES-256-GCM, 96-bit random nonce | NIST SP 800-38D |
| keys at rest | AES key wrap under a key that carries the context | RFC 3394 |
| deriving | HKDF-Expand, SHA-256; no extract step, the input is uniformly random | RFC 5869, 3.3 |
| look-up columns | HMAC-SHA-256, first 128 bits | RFC 2104 |
| context, associated data | length-prefixed list; never a plain concatenation, in which "ab","c" equals "a","bc" | - |
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
from collections.abc import Callable
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from werkpod.pod.errors import IntegrityError

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
LOOKUP_BYTES = 16

_COPIED = 2048
"""Bytes up to which a copy of a part costs less than a view of it."""

Part = str | bytes | int


def pack(*parts: Part) -> bytes:
    """A list as bytes, one way only: the number of parts, the length of each (4 bytes, big-endian), then the parts.

    Text is UTF-8, a number its decimal digits.
    """
    raw = [part if type(part) is bytes else str(part).encode() for part in parts]
    return _lengths(len(raw))(len(raw), *map(len, raw)) + b"".join(raw)


@lru_cache(maxsize=32)
def _lengths(count: int) -> Callable[..., bytes]:
    return struct.Struct(f">{count + 1}I").pack


def new_key() -> bytes:
    """A new random key."""
    return os.urandom(KEY_BYTES)


def derive(key: bytes, *context: Part) -> bytes:
    """A key for one use under `key`: HKDF-Expand with the packed context as `info`."""
    return HKDFExpand(algorithm=SHA256(), length=KEY_BYTES, info=pack(*context)).derive(key)


def wrap(key: bytes, wrapped: bytes, *context: Part) -> bytes:
    """`wrapped` under `key`, 40 bytes. AES-KW takes no associated data, so the context goes into the wrapping key."""
    return aes_key_wrap(derive(key, *context), wrapped)


def unwrap(key: bytes, wrapped: bytes, *context: Part) -> bytes:
    """The key that was wrapped with the same key and context. Raises IntegrityError for anything else."""
    try:
        return aes_key_unwrap(derive(key, *context), wrapped)
    except (InvalidUnwrap, ValueError) as error:
        raise IntegrityError("A wrapped key does not open; it was changed, or belongs elsewhere") from error


def seal(cipher: AESGCM, plaintext: bytes, associated: bytes) -> bytes:
    """Nonce, ciphertext and tag."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, plaintext, associated)


def unseal(cipher: AESGCM, sealed: bytes | memoryview, associated: bytes) -> bytes:
    """The plaintext. Raises IntegrityError when a bit of it, or of what it is bound to, is another."""
    view = sealed if len(sealed) <= _COPIED else memoryview(sealed)
    try:
        return cipher.decrypt(view[:NONCE_BYTES], view[NONCE_BYTES:], associated)
    except (InvalidTag, ValueError) as error:
        raise IntegrityError("A sealed value does not open; it was changed, or belongs elsewhere") from error


def keyed_hash(key: bytes, *parts: Part) -> bytes:
    """A 16-byte hash that says nothing without the key; equal for equal parts."""
    return hmac.digest(key, pack(*parts), "sha256")[:LOOKUP_BYTES]


def digest(data: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(data).digest()
