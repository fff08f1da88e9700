"""What a JSON API answers with: the bytes, an ETag, 304 for who has them already, gzip for who takes it."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

JSON = "application/json"
CACHE_SECONDS = 3600
"""How long an answer of reference data may be kept without asking again."""
WORTH_ZIPPING = 1400
"""Bytes from which on gzip saves a packet. What is zipped holds nothing of a person and nothing that a caller sent to
keep secret, so its size gives nothing away."""
_ZIPPED = "-gzip"


@dataclass(frozen=True, slots=True)
class Prepared:
    """An answer that is the same at each call, encoded once: `plain` and `zipped` bytes, and the `tag` of both."""

    plain: bytes
    zipped: bytes
    tag: str

    @classmethod
    def of(cls, answer: Any) -> Prepared:
        """Encode an answer."""
        return cls.of_bytes(msgspec.json.encode(answer))

    @classmethod
    def of_bytes(cls, body: bytes) -> Prepared:
        """What is JSON already."""
        return cls(body, gzip.compress(body, 6, mtime=0), _tag(body))


def json_response(request: Request, answer: Any, *, cached: bool) -> Response:
    """The answer as JSON; `cached`: with an ETag, and 304 when the caller has it already (RFC 9110, 13.1.2). Each
    coding of the bytes has an ETag of its own (8.8.3.3). A page of a list has its neighbours in `Link` (RFC 8288)."""
    if not cached:
        return Response(msgspec.json.encode(answer), media_type=JSON, headers={"Cache-Control": "no-store"})
    body = answer.plain if isinstance(answer, Prepared) else msgspec.json.encode(answer)
    tag = answer.tag if isinstance(answer, Prepared) else _tag(body)
    zipped = len(body) >= WORTH_ZIPPING and _takes_gzip(request.headers.get("accept-encoding", ""))
    headers = {
        "ETag": f'"{tag}{_ZIPPED if zipped else ""}"',
        "Cache-Control": f"public, max-age={CACHE_SECONDS}",
        "Vary": "Accept-Encoding",
    }
    if links := _links(answer):
        headers["Link"] = links
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if known & {f'"{tag}"', f'"{tag}{_ZIPPED}"', "*"}:
        return Response(status_code=304, headers=headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
        body = answer.zipped if isinstance(answer, Prepared) else gzip.compress(body, 5, mtime=0)
    return Response(body, media_type=JSON, headers=headers)


def _tag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:24]


def _links(answer: Any) -> str:
    pages = (("next", getattr(answer, "next", None)), ("prev", getattr(answer, "previous", None)))
    return ", ".join(f'<{url}>; rel="{rel}"' for rel, url in pages if url)


def _takes_gzip(accepted: str) -> bool:
    for each in accepted.lower().split(","):
        name, _, rest = each.partition(";")
        if name.strip() in ("gzip", "*"):
            return rest.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
