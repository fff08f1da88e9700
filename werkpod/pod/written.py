"""What came of a write."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What a write did. `etag` that of the version now stored, None for a container."""

    path: str
    created: bool
    etag: str | None
