"""Recovery codes: 140 random bits that a person can copy from paper, in Crockford's base 32 (no I, L, O and U)."""

from __future__ import annotations

import hashlib
import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("ILO", "110")
GROUPS, SIZE = 7, 4


def new_code() -> str:
    """A new code: seven groups of four, `7K2M-...`."""
    letters = [secrets.choice(_ALPHABET) for _ in range(GROUPS * SIZE)]
    return "-".join("".join(letters[i : i + SIZE]) for i in range(0, GROUPS * SIZE, SIZE))


def code_hash(code: str) -> bytes:
    """What is stored of a code. However it is typed: small letters, other separators, I and L for 1, O for 0.

    SHA-256 without a salt is enough for 140 random bits.
    """
    plain = "".join(c for c in code.upper() if c.isalnum()).translate(_READ_AS)
    return hashlib.sha256(b"werkpod recovery code\x00" + plain.encode()).digest()
