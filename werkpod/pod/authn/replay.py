"""Proofs that were used: each may come once (RFC 9449, 11.1)."""

from __future__ import annotations

import hashlib

WINDOW = 60
"""Seconds that a proof's `iat` may lie before or after now."""


class ReplayCache:
    """What was used within the window. Bounded by time and by nothing else: flooding it cannot push a proof out.

    Proofs are kept by the minute of their `iat`; a minute is forgotten when no proof of it can hold any more. Some 100
    bytes a proof, for at most three minutes. One process; several processes that serve one issuer need a shared one.
    """

    def __init__(self) -> None:
        self._minutes: dict[int, set[bytes]] = {}

    def first(self, key: str, jti: str, iat: float, now: float) -> bool:
        """Whether this proof, of the key with thumbprint `key`, comes for the first time; it is remembered."""
        for minute in [minute for minute in self._minutes if (minute + 1) * WINDOW + WINDOW < now]:
            del self._minutes[minute]
        used = self._minutes.setdefault(int(iat // WINDOW), set())
        mark = hashlib.sha256(f"{key} {jti}".encode()).digest()[:16]
        if mark in used:
            return False
        used.add(mark)
        return True
