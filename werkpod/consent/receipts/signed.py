"""A receipt as it is signed, kept, downloaded and checked.

There is one signature: a JWS over the very bytes of the JSON-LD document. It is given in two forms. `receipt.jws` has
the document inside (RFC 7515, 7.1). `receipt.jsonld` is the document, readable, with the same signature without its
payload (RFC 7515, appendix F) as the last member, `wpc:proof`; what was signed is the file with that member cut out.
So both files can be checked byte for byte, and each is enough.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from werkpod.consent.proof import ProofRefused, PublicKeys
from werkpod.consent.proof.checking import JWS_LIMIT, detached, unchecked_payload
from werkpod.consent.receipts import reading
from werkpod.consent.receipts.model import Receipt

TYP = "consent-receipt+jws"
"""What is signed (RFC 7515, 4.1.9): nothing else that this server signs can be shown as a receipt."""
CTY = "ld+json"
_MEMBER = b',\n  "wpc:proof": "'
_END = b"\n}\n"
LIMIT = JWS_LIMIT
"""Bytes of a file that is checked."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A receipt that holds: what it says, its bytes, which key signed it and when (Unix seconds)."""

    receipt: Receipt
    document: bytes
    kid: str
    signed: int


def digest(document_: bytes) -> bytes:
    """What the next receipt of the same grant says of this one: SHA-256 of the document."""
    return hashlib.sha256(document_).digest()


def readable(document_: bytes, jws: str) -> bytes:
    """The document with its signature as the last member."""
    return document_.removesuffix(_END) + _MEMBER + detached(jws).encode("ascii") + b'"' + _END


def verify(file: bytes, keys: PublicKeys) -> Verified:
    """What a file says, in either form, when every check holds. Raises ProofRefused that names the check."""
    jws, payload = _taken_apart(file)
    found = keys.check(jws, TYP, payload=payload)
    return Verified(reading.from_bytes(found.payload), found.payload, found.kid, found.at)


def unverified(file: bytes) -> bytes:
    """The document of a file, of which nothing was checked: to see whom to ask. Raises ProofRefused (no such file)."""
    jws, payload = _taken_apart(file)
    return payload if payload is not None else unchecked_payload(jws)


def _taken_apart(file: bytes) -> tuple[str, bytes | None]:
    """The JWS of a file, and the document where that is beside it."""
    if len(file) > LIMIT * 2:
        raise ProofRefused("form", f"A receipt has at most {LIMIT} bytes; this file has {len(file)}.")
    text = file.removeprefix(b"\xef\xbb\xbf").strip()
    if not text.startswith(b"{"):
        return _ascii(text), None
    head, _, tail = file.rpartition(_MEMBER)
    jws, quote, end = tail.partition(b'"')
    if not head or not quote or end != _END:
        raise ProofRefused("form", "This file has no signature at its end; take the file as it was downloaded.")
    return _ascii(jws), head + _END


def _ascii(text: bytes) -> str:
    try:
        return text.decode("ascii")
    except UnicodeDecodeError:
        raise ProofRefused("form", "This is not a signed receipt: there are other characters in it.") from None
