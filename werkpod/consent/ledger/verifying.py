"""Walking a chain from its first line to its last: what holds, and what was done to what does not.

| what was done | how it shows |
|---|---|
| a line taken out | its number is missing |
| changed | it does not open, or opens and its hash does not follow |
| moved | it does not open under its number, and does under another near by |
| put in | the same, or it opens under no number at all |
| cut off at the end | the chain ends before a head that was signed, or noted in a receipt |
| written anew from somewhere, with the keys | the hash at a noted head is another |
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, cast

from werkpod.consent.ledger.chain import Head, entry_of, next_hash, origin
from werkpod.consent.ledger.rows import Rows
from werkpod.pod.errors import IntegrityError
from werkpod.pod.vault import PodVault

Wrong = Literal["missing", "changed", "moved", "cut off", "rewritten"]
_CHAIN = "SELECT seq, sealed, hash FROM ledger WHERE pod = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"
_AT_ONCE = 500
_NEAR = 500
"""How far from its number a line that does not open is looked for."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome: how many lines hold, the number of the first that does not (None: all hold), and what is wrong.

    "cut off": `broken_at` is the first line that is gone; "rewritten": the line at which a noted head has another hash,
    so something at or before it was changed by somebody with the keys.
    """

    lines: int
    broken_at: int | None = None
    wrong: Wrong | None = None


async def walk(
    database: Rows, vault: PodVault, heads: Iterable[Head] = (), progress: Callable[[int], None] | None = None
) -> Verdict:
    """Verify the chain of a pod, 500 lines at a time; others are served in between. `heads`: where it is known to have
    stood. `progress` is told how many lines were walked."""
    noted = {head.seq: head.hash for head in heads if head.seq > 0}
    seq, digest = 0, origin(vault.pod).hash
    while rows := await database.fetch(_CHAIN, vault.pod, seq, _AT_ONCE):
        for row in rows:
            number, sealed, kept = cast("tuple[int, bytes, bytes]", row)
            if number != seq + 1:
                return Verdict(seq, seq + 1, "missing")
            try:
                plain = vault.open_entry(str(number), sealed)
                entry_of(plain)
            except IntegrityError:
                return Verdict(seq, number, "moved" if _opens_near(vault, number, sealed) else "changed")
            digest = next_hash(digest, plain, sealed)
            if kept != digest:
                return Verdict(seq, number, "changed")
            if noted.get(number, digest) != digest:
                return Verdict(seq, number, "rewritten")
            seq = number
        if progress is not None:
            progress(seq)
        await asyncio.sleep(0)
    last = max(noted, default=0)
    return Verdict(seq, seq + 1, "cut off") if last > seq else Verdict(seq)


def _opens_near(vault: PodVault, number: int, sealed: bytes) -> bool:
    for other in range(max(1, number - _NEAR), number + _NEAR + 1):
        try:
            vault.open_entry(str(other), sealed)
        except IntegrityError:
            continue
        return other != number
    return False
