"""`werkpod` without its access log: for measuring what the log costs, and for nothing else.

`python -m bench.unlogged serve ...` starts a server that writes no line for what is let in or refused.
"""

from __future__ import annotations

from werkpod.cli import main
from werkpod.consent.ledger import Ledger
from werkpod.pod.access.model import AccessEntry


def _nothing(self: Ledger, pod: str, entry: AccessEntry) -> None:
    """In the place of `Ledger.record`."""


if __name__ == "__main__":
    Ledger.record = _nothing  # type: ignore[method-assign]
    main()
