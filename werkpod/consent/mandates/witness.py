"""The limits of a mandate at the one place where a grant begins and ends: what is beyond them is not written.

The pages offer a representative only what they may do; this is what holds when a page is wrong, or the form was not
the page's. The row that it adds makes the grant and "the mandate holds" one unit: a stop in between wins.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from werkpod.consent.grants import GrantEvent
from werkpod.consent.mandates.acting import Acting, acting_now
from werkpod.consent.mandates.errors import BeyondMandate, MandateNotFound
from werkpod.consent.mandates.mandates import Mandates, refuse_beyond
from werkpod.consent.mandates.model import Act, Mandate
from werkpod.pod.store.protocol import Statement


class WithinMandate:
    """A `Witness` of the grants."""

    def __init__(self, mandates: Mandates, *, clock: Callable[[], float] = time.time) -> None:
        self._mandates, self._clock = mandates, clock

    async def statements(self, event: GrantEvent) -> Sequence[Statement]:
        """The use of the mandate, where a representative is at work. Raises BeyondMandate."""
        acting = acting_now()
        if event.kind == "expired":
            return ()
        if acting is None:
            if event.before is None and event.record.given_by is not None:
                raise BeyondMandate("Nobody acts for the citizen here; a grant cannot say that somebody gave it.")
            return ()
        mandate = await self._now(acting)
        act: Act = "stop" if event.kind == "stopped" else "answer" if event.record.request else "share"
        allowed = (
            event.record.pod == mandate.pod
            if act == "stop"
            else event.before is None or event.before.given_by == acting.actor.webid
        )
        record = None if act == "stop" else event.record
        if not allowed or not mandate.allows(act, record, now=self._clock()):
            raise refuse_beyond(mandate)
        return (self._mandates.used(mandate),)

    def written(self, event: GrantEvent) -> None:
        """Nothing more to do."""

    async def _now(self, acting: Acting) -> Mandate:
        """The mandate as it is at this moment. Raises BeyondMandate when it is gone."""
        try:
            return await self._mandates.get(acting.mandate.pod, acting.mandate.id)
        except MandateNotFound as gone:
            raise BeyondMandate("The mandate is over.") from gone
