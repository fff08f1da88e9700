"""`werkpod receipt verify`: checks a receipt on any machine, with a file of published keys without any network."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec

from werkpod.consent.proof import ProofRefused, PublicKeys
from werkpod.consent.proof.http import PLACE
from werkpod.consent.receipts import reading, signed
from werkpod.consent.receipts.model import iso
from werkpod.consent.receipts.signed import Verified
from werkpod.web.client import fetch, guarded_client

_FILE_LIMIT = 1 << 20
_KEYS_LIMIT = 256 << 10


def verify_file(path: Path, keys: str | None) -> Verified:
    """What the receipt in a file says, when every check holds.

    `keys`: a file or an address with the published keys; None: they are asked of the server that the receipt says it is
    from, which the caller must name to who reads the outcome. Raises ProofRefused, FetchRefused.
    """
    file = _read(path)
    if keys is not None and not keys.startswith(("https://", "http://")):
        return signed.verify(file, PublicKeys.read(_json(_read(Path(keys)), keys)))
    address = keys or _issuer(file) + PLACE
    return signed.verify(file, PublicKeys.read(_json(asyncio.run(_fetched(address)), address)))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_FILE_LIMIT)
    except OSError as error:
        raise ProofRefused("form", f"{path} cannot be read: {error.strerror}.") from error


def _json(body: bytes, where: str) -> object:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise ProofRefused("key", f"{where} is not JSON; give the list that a server publishes at {PLACE}.") from None


def _issuer(file: bytes) -> str:
    """The server that a file says it is from; nothing of it was checked yet."""
    return reading.from_bytes(signed.unverified(file)).base


async def _fetched(address: str) -> bytes:
    async with guarded_client(None, allow_loopback=True) as client:
        accept = "application/jwk-set+json, application/json"
        return (await fetch(client, address, accept=accept, limit=_KEYS_LIMIT, allow_loopback=True)).body


def said(found: Verified) -> dict[str, object]:
    """What a receipt that holds says, shortly."""
    receipt = found.receipt
    return {
        "issuer": receipt.base,
        "organisation": receipt.organisation,
        "signed": iso(found.signed),
        "key": found.kid,
        "receipt": receipt.id,
        "happened": receipt.kind,
        "at": iso(receipt.at),
        "grant": receipt.grant,
        "version": receipt.version,
        "of": receipt.subject,
        "receiver": receipt.receiver.name,
        "shared": "everything" if receipt.everything else " ".join(part.section for part in receipt.parts),
        "until": "" if receipt.until is None else iso(receipt.until),
        "ledger_lines": receipt.place.ledger_lines,
        "ledger_hash": receipt.place.ledger_hash,
    }
