"""Identifiers: ULIDs for rows (sortable by time, no sequence needed) and secrets for what must not be guessed."""

from __future__ import annotations

import hashlib
import secrets
import time

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(at: float | None = None) -> str:
    """A new ULID, 26 characters: 48 bits of milliseconds since 1970, then 80 random bits (ulid/spec)."""
    millis = int((time.time() if at is None else at) * 1000)
    value = (millis << 80) | secrets.randbits(80)
    return "".join(_CROCKFORD[(value >> shift) & 31] for shift in range(125, -1, -5))


def secret() -> str:
    """A new secret of 256 random bits, base64url, 43 characters."""
    return secrets.token_urlsafe(32)


def secret_hash(value: str) -> bytes:
    """SHA-256 of a secret, what is stored instead of it. Plain SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(value.encode()).digest()
