"""Where each chain stood, signed each hour: whoever kept one of these can show it when the log says something else.

A head is a proof (`consent/proof`): a JWS whose payload is JSON: `iss` (this server), `log` (the WebID of whose log it
is), `lines` (the number of the last line) and `hash` (of that line, hexadecimal). Those of the last `DAYS` days are all
kept, of before that the last of each day.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import msgspec

from werkpod.consent.ledger.chain import Head
from werkpod.consent.ledger.ledger import Ledger
from werkpod.consent.proof import ProofKeys, ProofRefused
from werkpod.pod.directory import PodDirectory
from werkpod.pod.errors import PodUnavailable
from werkpod.pod.store import Statement
from werkpod.pod.vault import PodVault

TYP = "werkpod-ledger-head+jws"
SECONDS = 3600.0
"""How often heads are signed."""
DAYS = 90
"""How long each head is kept; after that one a day."""
_LAST = "SELECT seq, at FROM ledger_heads WHERE pod = ?1 ORDER BY seq DESC LIMIT 1"
_OF_POD = "SELECT seq, at, sealed FROM ledger_heads WHERE pod = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3"
_KEEP = "INSERT INTO ledger_heads (pod, seq, at, sealed) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (pod, seq) DO NOTHING"
_THIN = (
    "DELETE FROM ledger_heads WHERE pod = ?1 AND at < ?2 AND CAST(at / 86400 AS INTEGER) ="
    " (SELECT CAST(later.at / 86400 AS INTEGER) FROM ledger_heads later"
    " WHERE later.pod = ?1 AND later.seq > ledger_heads.seq ORDER BY later.seq LIMIT 1)"
)
_PODS = "SELECT DISTINCT pod FROM ledger_heads WHERE pod > ?1 ORDER BY pod LIMIT ?2"
_END = 1 << 62


class Said(msgspec.Struct, frozen=True):
    """What a signed head says."""

    iss: str
    log: str
    lines: int
    hash: str

    @property
    def head(self) -> Head:
        """The head. Raises ValueError where the hash is none."""
        return Head(self.lines, bytes.fromhex(self.hash))


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A head as it is kept: up to which line, when it was signed (Unix seconds), the JWS."""

    seq: int
    at: float
    signed: str


class SignedHeads:
    """The signed heads of all pods. `issuer`: the base URL."""

    def __init__(
        self,
        ledger: Ledger,
        pods: PodDirectory,
        keys: ProofKeys,
        *,
        issuer: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ledger, self._pods, self._keys, self._issuer, self._clock = ledger, pods, keys, issuer, clock
        self._database, self._vault = ledger.database, ledger.vault

    async def sign_all(self) -> int:
        """Sign the heads that moved (a chore), and let the index catch up; how many were signed."""
        await self._keys.fresh()
        signed, after = 0, ""
        while pods := await self._ledger.pods(after):
            for pod in pods:
                try:
                    signed += await self.sign(pod) is not None
                    await self._ledger.looking.index.catch_up(pod)
                except PodUnavailable:  # erased: what is left of its log is noise
                    continue
                await asyncio.sleep(0)
            after = pods[-1]
        return signed

    async def sign(self, pod: str) -> SignedHead | None:
        """Sign where the chain of a pod stands, None where that is signed already. Raises PodUnavailable."""
        head, last = await self._ledger.head(pod), self._database.fetch_now(_LAST, pod)
        if head.seq == (last[0][0] if last else 0):
            return None
        vault, whose = await self._vault.open(pod), await self._pods.by_id(pod)
        if whose is None:
            return None
        said = Said(self._issuer, whose.webid, head.seq, head.hash.hex())
        made = SignedHead(
            head.seq, self._clock(), self._keys.sign(msgspec.json.encode(said), typ=TYP, cty="application/json")
        )
        sealed = vault.seal_entry(_row(made.seq), made.signed.encode())
        self._database.execute_now(Statement(_KEEP, (pod, made.seq, made.at, sealed)))
        if last and int(float(cast(float, last[0][1])) // 86400) != int(made.at // 86400):
            self._database.execute_now(Statement(_THIN, (pod, made.at - DAYS * 86400)))
        return made

    async def newest(self, pod: str) -> SignedHead | None:
        """The head as it is now, signed; None for a log without a line."""
        return await self.sign(pod) or next(iter(await self.kept(pod, 1)), None)

    async def kept(self, pod: str, limit: int = 100, before: int | None = None) -> Sequence[SignedHead]:
        """The signed heads of a pod, newest first, of lines before `before`. Raises IntegrityError."""
        vault = await self._vault.open(pod)
        rows = await self._database.fetch(_OF_POD, pod, _END if before is None else before, limit)
        return [
            SignedHead(seq, at, vault.open_entry(_row(seq), sealed).decode())
            for seq, at, sealed in cast("Sequence[tuple[int, float, bytes]]", rows)
        ]

    def sign_as(self, payload: bytes, typ: str) -> str:
        """A proof over something else that is made of a log (an export); `payload` is JSON."""
        return self._keys.sign(payload, typ=typ, cty="application/json")

    def check(self, signed: str, webid: str) -> Head:
        """The head in something that this server signed about the log of `webid`. Raises ProofRefused."""
        try:
            said = msgspec.json.decode(self._keys.verify(signed, typ=TYP).payload, type=Said)
            head = said.head
        except (msgspec.DecodeError, ValueError):
            raise ProofRefused("content", "This is no head of an access log.") from None
        if (said.iss, said.log) != (self._issuer, webid):
            raise ProofRefused("content", f"This is a head of the log of {said.log}, not of {webid}.")
        return head

    async def rows(self, pod: str, before: int | None = None) -> Sequence[tuple[int, Callable[[], str]]]:
        """For `verify`: the numbers of signed heads, newest first, and what opens each (raises IntegrityError)."""
        vault = await self._vault.open(pod)
        rows = await self._database.fetch(_OF_POD, pod, _END if before is None else before, 500)
        found = []
        for seq, _, sealed in cast("Sequence[tuple[int, float, bytes]]", rows):
            found.append((seq, functools.partial(_opened, vault, seq, sealed)))
        return found

    async def pods(self, after: str = "", limit: int = 200) -> Sequence[str]:
        """The next pods that have a signed head, by id."""
        return [str(row[0]) for row in await self._database.fetch(_PODS, after, limit)]


def _opened(vault: PodVault, seq: int, sealed: bytes) -> str:
    return vault.open_entry(_row(seq), sealed).decode()


def _row(seq: int) -> str:
    """What a head is sealed for: lines have a bare number."""
    return f"head/{seq}"
