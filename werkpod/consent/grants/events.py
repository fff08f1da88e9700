"""What happens to a grant, told to who writes it down (receipts, the documents in the pod) in the same unit.

A grant is never without its receipt, and no receipt is without its grant: what a witness returns is written with the
new version, or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from werkpod.consent.grants.record import GrantRecord
from werkpod.pod.store.protocol import Statement

Happening = Literal["given", "changed", "renewed", "stopped", "expired"]


@dataclass(frozen=True, slots=True)
class GrantEvent:
    """One happening. `record`: the version that holds from now on; `before`: the one before it, None for a new grant.

    "renewed": given again after it ended (`record.renews`), or the end moved to later and nothing else changed.
    "expired": its time is over; there is no new version. `at`: Unix seconds.
    """

    kind: Happening
    record: GrantRecord
    before: GrantRecord | None
    at: float

    @property
    def by(self) -> str | None:
        """Who did it for the citizen: a representative (WebID) or an app (client id); None: the citizen, or time."""
        return None if self.kind == "expired" else self.record.by


class Witness(Protocol):
    """Who writes happenings down."""

    async def statements(self, event: GrantEvent) -> Sequence[Statement]:
        """Rows of consent.db, all of the event's pod, to write in the unit of the new version. Must not write itself.

        May be asked more than once for one change (a race), each time anew. What it raises stops the change.
        """
        ...

    def written(self, event: GrantEvent) -> None:
        """The unit of this event is on disk. Must not block and must not raise; start a task for what takes longer."""
        ...
