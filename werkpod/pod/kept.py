"""The part of a pod that the server writes and everybody else can only read: what was given to whom, and the proof."""

from __future__ import annotations

HOME = "consent/"
"""The container of it (design, "Addresses"). Nobody has more than Read here: not the owner, not with everything."""
CONTAINERS = (HOME, HOME + "grants/", HOME + "receipts/")
"""What a new pod begins with of it."""


def kept_by_server(path: str) -> bool:
    """Whether a path is in it, its container included; also with the slash left out, so that nothing else is there."""
    return path.startswith(HOME) or path == HOME[:-1]
