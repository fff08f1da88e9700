"""`werkpod verify`: every chain walked, and held against what was signed about it and what receipts say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from werkpod.consent.ledger.chain import Head
from werkpod.consent.ledger.heads import SignedHeads
from werkpod.consent.ledger.ledger import Ledger
from werkpod.consent.ledger.verifying import Verdict, walk
from werkpod.consent.proof import ProofRefused
from werkpod.pod.directory import PodDirectory
from werkpod.pod.errors import IntegrityError, PodUnavailable

Noted = Callable[[str], Awaitable[Sequence[Head]]]
"""Where the chain of a pod stood, by other witnesses (receipts)."""


class Progress(Protocol):
    """Told how far it is (`vocab.progress`)."""

    def stage(self, name: str, total: int) -> None:
        """A part of the work starts."""
        ...

    def at(self, done: int) -> None:
        """So many steps of it are done."""
        ...

    def finish(self) -> None:
        """All is done."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in one log. `name`: of the pod; `heads`: how many signed heads do not hold."""

    name: str
    verdict: Verdict
    heads: int = 0

    @property
    def whole(self) -> bool:
        """Whether all holds."""
        return self.verdict.broken_at is None and not self.heads


class Audit:
    """Verifies the logs of a server."""

    def __init__(self, ledger: Ledger, heads: SignedHeads, pods: PodDirectory, noted: Noted) -> None:
        self._ledger, self._heads, self._pods, self._noted = ledger, heads, pods, noted

    async def all(self, progress: Progress) -> AsyncIterator[Finding]:
        """Every log, one after the other; those of erased pods are noise and left out."""
        pods = [pod async for pod in self._with_logs()]
        ends = [(await self._ledger.head(pod)).seq for pod in pods]
        progress.stage("Access logs", sum(ends))
        done = 0
        for pod, end in zip(pods, ends, strict=True):
            try:
                yield await self.one(pod, lambda lines, before=done: progress.at(before + lines))  # type: ignore[misc]
            except PodUnavailable:
                continue
            finally:
                done += end
        progress.finish()

    async def one(self, pod: str, progress: Callable[[int], None] | None = None, also: Sequence[Head] = ()) -> Finding:
        """One log. `also`: heads that somebody kept elsewhere. Raises PodUnavailable."""
        vault, whose = await self._ledger.vault.open(pod), await self._pods.by_id(pod)
        if whose is None:
            raise PodUnavailable("This pod is not here any more")
        known, bad = await self._signed(pod, whose.webid)
        verdict = await walk(
            self._ledger.database, vault, [*known, *await self._noted(pod), *also], progress=progress
        )  # fmt: skip
        return Finding(whose.slug, verdict, bad)

    async def _signed(self, pod: str, webid: str) -> tuple[list[Head], int]:
        """The signed heads that hold, and how many do not."""
        found: list[Head] = []
        bad, before = 0, None
        while some := await self._heads.rows(pod, before):
            for _seq, signed in some:
                try:
                    found.append(self._heads.check(signed(), webid))
                except (ProofRefused, IntegrityError):
                    bad += 1
            before = some[-1][0]
        return found, bad

    async def _with_logs(self) -> AsyncIterator[str]:
        """The pods that have lines, and those that have none any more and had."""
        seen: set[str] = set()
        for source in (self._ledger.pods, self._heads.pods):
            after = ""
            while some := await source(after):
                for pod in some:
                    if pod not in seen:
                        seen.add(pod)
                        yield pod
                after = some[-1]
