"""Passphrases: argon2id (RFC 9106), in threads of their own, a few at a time.

64 MiB and three passes, RFC 9106's second recommended option, cost about a tenth of a second and all of that memory:
two at a time is what a small machine bears, the rest waits its turn.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from werkpod.consent.errors import PassphraseTooWeak

P = ParamSpec("P")
T = TypeVar("T")
AT_ONCE = 2
SHORTEST = 12
"""Characters; four words will do as well."""
LONGEST = 256


def normal(passphrase: str) -> str:
    """The passphrase as it is hashed: Unicode NFKC (NIST SP 800-63B, 3.1.1.2), spaces between words counted once."""
    return " ".join(unicodedata.normalize("NFKC", passphrase).split())


def check_passphrase(passphrase: str, *names: str, by_operator: bool = False) -> None:
    """Refuse what is quickly guessed; from an operator only what is empty or too long. Raises PassphraseTooWeak."""
    text = normal(passphrase)
    if not 1 <= len(text) <= LONGEST:
        raise PassphraseTooWeak(f"A passphrase has 1 to {LONGEST} characters.")
    if by_operator:
        return
    if len(text) < SHORTEST and not (len(text.split()) >= 4 and len(text) >= 8):
        raise PassphraseTooWeak(f"A passphrase has at least {SHORTEST} characters, or four words.")
    if len(set(text.casefold().replace(" ", ""))) < 4:
        raise PassphraseTooWeak("A passphrase needs more different letters than this one.")
    if text.casefold().replace(" ", "") in {normal(name).casefold().replace(" ", "") for name in names}:
        raise PassphraseTooWeak("A passphrase must be something else than the name.")


def is_strong(passphrase: str) -> bool:
    """Whether a person could have chosen it on the sign-up page."""
    try:
        check_passphrase(passphrase)
    except PassphraseTooWeak:
        return False
    return True


class Hasher:
    """Hashes and verifies passphrases without holding up the event loop."""

    def __init__(self, hasher: PasswordHasher | None = None, *, at_once: int = AT_ONCE) -> None:
        self._hasher = hasher or PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._threads = anyio.CapacityLimiter(at_once)
        self._decoy: str | None = None

    async def hash(self, passphrase: str) -> str:
        """The argon2id hash, with a salt of its own."""
        return await self._run(self._hasher.hash, normal(passphrase))

    async def verify(self, hashed: str | None, passphrase: str) -> bool:
        """Whether the passphrase is right. Without a hash (nobody of that name) it takes as long and is False."""
        if hashed is None and self._decoy is None:
            self._decoy = await self._run(self._hasher.hash, "no passphrase at all")
        right = await self._run(self._check, hashed or self._decoy or "", normal(passphrase)[:LONGEST])
        return right and hashed is not None

    def outdated(self, hashed: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(hashed)

    def _check(self, hashed: str, passphrase: str) -> bool:
        try:
            return self._hasher.verify(hashed, passphrase)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await anyio.to_thread.run_sync(functools.partial(call, *args, **kwargs), limiter=self._threads)
