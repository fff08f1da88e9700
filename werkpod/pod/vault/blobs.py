"""The sealed form of one version of a body: `WPB1 | algorithm | key id | nonce | ciphertext and tag`.

Each version has a random key of its own, so a nonce cannot meet the same key twice. The associated data is a
length-prefixed list of purpose, pod, resource, version, media type, key id and the hash of the version before; a blob
that was swapped, replayed or relabelled does not open.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from werkpod.pod.errors import IntegrityError
from werkpod.pod.vault.primitives import digest, new_key, pack, seal, unseal, unwrap, wrap

_MAGIC = b"WPB1"
_AES_256_GCM = b"\x01"
_PREFIX = len(_MAGIC) + 1
KEY_ID_BYTES = 16
_PURPOSE = "werkpod/blob/1"
_WRAPPING = "werkpod/resource-key/1"


@dataclass(frozen=True, slots=True)
class BlobLabel:
    """What a blob is bound to. `resource`: its 16-byte id; `previous`: SHA-256 of the blob before, or empty."""

    pod: str
    resource: bytes
    version: int
    media_type: str
    previous: bytes


@dataclass(frozen=True, slots=True)
class CategoryKey:
    """A category's key of one epoch. `category`: 16-byte keyed hash of its name."""

    category: bytes
    epoch: int
    key: bytes


@dataclass(frozen=True, slots=True)
class SealedBlob:
    """What is stored of a version. `wrapped`: its key under the category key; `digest`: SHA-256 of `data`."""

    category: bytes
    epoch: int
    key_id: bytes
    wrapped: bytes
    data: bytes
    digest: bytes


def seal_blob(key: CategoryKey, label: BlobLabel, plaintext: bytes) -> SealedBlob:
    """Seal one version under a new key. CPU only; for megabytes call it from a thread."""
    return seal_with_cipher(key, label, plaintext)[0]


def seal_with_cipher(key: CategoryKey, label: BlobLabel, plaintext: bytes) -> tuple[SealedBlob, AESGCM]:
    """`seal_blob`, with what opens it again."""
    new_id, resource_key = os.urandom(KEY_ID_BYTES), new_key()
    wrapped = wrap(key.key, resource_key, _WRAPPING, label.pod, label.resource, label.version, new_id)
    cipher = AESGCM(resource_key)
    data = b"".join((_MAGIC, _AES_256_GCM, new_id, seal(cipher, plaintext, _associated(label, new_id))))
    return SealedBlob(key.category, key.epoch, new_id, wrapped, data, digest(data)), cipher


def open_blob(key: CategoryKey, label: BlobLabel, wrapped: bytes, data: bytes) -> bytes:
    """The plaintext of one version. Raises IntegrityError when anything in `label`, the key or the data is another."""
    return open_with(cipher_of(key, label, wrapped, data), label, data)


def cipher_of(key: CategoryKey, label: BlobLabel, wrapped: bytes, data: bytes) -> AESGCM:
    """The unwrapped key of one version. Raises IntegrityError."""
    context = (label.pod, label.resource, label.version, key_id(data))
    return AESGCM(unwrap(key.key, wrapped, _WRAPPING, *context))


def open_with(cipher: AESGCM, label: BlobLabel, data: bytes) -> bytes:
    """The plaintext of one version whose key is unwrapped already. Raises IntegrityError."""
    sealed = memoryview(data)[_PREFIX + KEY_ID_BYTES :]
    return unseal(cipher, sealed, _associated(label, key_id(data)))


def key_id(data: bytes) -> bytes:
    """The id of the key that a blob was sealed with. Raises IntegrityError for what is no blob of ours."""
    if data[:_PREFIX] != _MAGIC + _AES_256_GCM:
        raise IntegrityError("A blob does not start as ours do; its form or algorithm is not known")
    return data[_PREFIX : _PREFIX + KEY_ID_BYTES]


def _associated(label: BlobLabel, key_id: bytes) -> bytes:
    return pack(_PURPOSE, label.pod, label.resource, label.version, label.media_type, key_id, label.previous)
