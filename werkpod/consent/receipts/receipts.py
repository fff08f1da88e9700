"""The receipts of all pods: written in the unit of what they tell of, kept sealed, and standing in the pod.

Each receipt of a grant has the hash of the one before it, so none can be taken out or exchanged without all that came
after; and where the access log of the pod stood, so that a log that lost its last lines does not fit its receipts.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import cast

from werkpod.consent.grants.events import GrantEvent, Happening, Witness
from werkpod.consent.ledger import Head
from werkpod.consent.proof import ProofKeys, PublicKeys
from werkpod.consent.proof.checking import attached, detached
from werkpod.consent.publishing import Publications
from werkpod.consent.receipts import document, reading, signed
from werkpod.consent.receipts.errors import ReceiptNotFound
from werkpod.consent.receipts.model import Place, Receipt, receipt_of
from werkpod.pod.directory import Pod, PodDirectory
from werkpod.pod.errors import IntegrityError, PodUnavailable
from werkpod.pod.store.protocol import Database, Row, Statement
from werkpod.pod.vault import PodVault, Vault
from werkpod.web.ids import ulid

PREFIX = "consent/receipts/"
KINDS: tuple[Happening, ...] = ("given", "changed", "renewed", "stopped", "expired")
EXPIRED = KINDS.index("expired") + 1
_INSERT = (
    "INSERT INTO receipt (pod, grant_id, seq, id, version, kind, at, hash, sealed)"
    " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9"
    " WHERE (SELECT COALESCE(MAX(seq), 0) FROM receipt WHERE pod = ?1 AND grant_id = ?2) = ?3 - 1"
    " AND NOT EXISTS (SELECT 1 FROM receipt WHERE pod = ?1 AND grant_id = ?2 AND version = ?5 AND kind = 5 AND ?6 = 5)"
)
_LAST = "SELECT seq, id, hash FROM receipt WHERE pod = ?1 AND grant_id = ?2 ORDER BY seq DESC LIMIT 1"
_ROW = "SELECT id, grant_id, seq, version, kind, at, hash, sealed FROM receipt WHERE pod = ?1"
_NEWEST = _ROW + " AND id < ?2 ORDER BY id DESC LIMIT ?3"
_OF_GRANT = _ROW + " AND grant_id = ?2 ORDER BY seq"
_EVERY = _ROW + " AND id > ?2 ORDER BY id LIMIT ?3"
_PURPOSE = "receipt"
_AFTER_ALL = "~"  # sorts after every id
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt as it is kept: what it says, its bytes and its signature (a JWS with the document inside)."""

    receipt: Receipt
    document: bytes
    jws: str

    @property
    def readable(self) -> bytes:
        """The document with its signature as the last member, as it stands in the pod and is downloaded."""
        return signed.readable(self.document, self.jws)


class Receipts(Witness):
    """The receipts of all pods. `ledger_head`: where the access log of a pod stands now (`Ledger.head`)."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        *,
        pods: PodDirectory,
        keys: ProofKeys,
        ledger_head: Callable[[str], Awaitable[Head]],
        publications: Publications,
        base_url: str,
        organisation: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._vault, self._pods, self._keys = database, vault, pods, keys
        self._ledger_head, self._publications = ledger_head, publications
        self._base, self._organisation, self._clock = base_url, organisation, clock
        publications.renders(PREFIX, self._render)

    @property
    def keys(self) -> PublicKeys:
        """The published keys, to check receipts with."""
        return self._keys.public

    # Writing

    async def statements(self, event: GrantEvent) -> Sequence[Statement]:
        """The receipt of what happens, for the unit of the new version. Raises PodUnavailable."""
        record = event.record
        pod = await self._pods.by_id(record.pod)
        if pod is None:
            raise PodUnavailable("This pod was erased")
        vault, now = await self._vault.open(record.pod), self._clock()
        rows = await self._database.fetch(_LAST, record.pod, record.id)
        last = cast("tuple[int, str, bytes]", rows[0]) if rows else None
        head = await self._ledger_head(record.pod)
        receipt = receipt_of(
            event,
            id=ulid(now),
            created=now,
            base=self._base,
            organisation=self._organisation,
            pod=pod.slug,
            subject=pod.webid,
            by=event.by,
            place=Place(
                last[0] + 1 if last else 1,
                (last[1], last[2].hex()) if last else None,
                head.seq,
                head.hash.hex(),
            ),
        )
        body = document.to_bytes(receipt)
        jws = self._keys.sign(body, typ=signed.TYP, cty=signed.CTY)
        sealed = vault.seal_record(_PURPOSE, receipt.id, detached(jws).encode() + b"\n" + zlib.compress(body))
        values = (
            record.pod, record.id, receipt.place.number, receipt.id, record.version, KINDS.index(event.kind) + 1,
            event.at, signed.digest(body), sealed,
        )  # fmt: skip
        published = await self._publications.row(record.pod, PREFIX + receipt.id)
        return Statement(_INSERT, values, rows=1), published

    def written(self, event: GrantEvent) -> None:
        """Let the receipt be written in the pod, too."""
        self._publications.soon(event.record.pod)

    # Reading

    async def get(self, pod: str, receipt_id: str) -> Kept:
        """One receipt. Raises ReceiptNotFound, IntegrityError (it is not what was written)."""
        vault = await self._vault.open(pod)
        rows = await self._database.fetch(_ROW + " AND id = ?2", pod, receipt_id)
        if not rows:
            raise ReceiptNotFound(f"There is no receipt {receipt_id} in this pod.")
        return self._open(vault, rows[0])

    async def list(self, pod: str, limit: int = 50, before: str = "") -> Sequence[Kept]:
        """Receipts of a pod, newest first; `before`: those that are older than this id."""
        vault = await self._vault.open(pod)
        rows = await self._database.fetch(_NEWEST, pod, before or _AFTER_ALL, limit)
        return [self._open(vault, row) for row in rows]

    async def of_grant(self, pod: str, grant: str) -> Sequence[Kept]:
        """The receipts of one grant, oldest first."""
        vault = await self._vault.open(pod)
        return [self._open(vault, row) for row in await self._database.fetch(_OF_GRANT, pod, grant)]

    async def heads(self, pod: str) -> Sequence[Head]:
        """Where the access log of a pod stood at each of its receipts, oldest first: it must go on from there.

        Raises IntegrityError: a receipt is not what was written.
        """
        vault, after = await self._vault.open(pod), ""
        found: list[Head] = []
        while rows := await self._database.fetch(_EVERY, pod, after, _AT_ONCE):
            for row in rows:
                place = self._open(vault, row).receipt.place
                found.append(Head(place.ledger_lines, bytes.fromhex(place.ledger_hash)))
            after = cast("str", rows[-1][0])
        return found

    def _open(self, vault: PodVault, row: Row) -> Kept:
        receipt_id, _, _, _, _, _, digest, sealed = cast("tuple[str, str, int, int, int, float, bytes, bytes]", row)
        plain = vault.open_record(_PURPOSE, receipt_id, sealed)
        proof, _, packed = plain.partition(b"\n")
        body = zlib.decompress(packed)
        if signed.digest(body) != digest:
            raise IntegrityError("A receipt does not have the hash that stands beside it")
        return Kept(reading.from_bytes(body), body, attached(proof.decode(), body))

    async def _render(self, pod: Pod, receipt_id: str) -> tuple[bytes, str] | None:
        try:
            kept = await self.get(pod.id, receipt_id)
        except ReceiptNotFound:
            return None
        return kept.readable, document.MEDIA_TYPE
