"""A mandate: what somebody whom the citizen trusts may do for them, until when. Its limits are here, nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from werkpod.consent.grants import GrantRecord

Act = Literal["see", "share", "answer", "stop"]
ACTS: tuple[Act, ...] = ("see", "share", "answer", "stop")
"""What a representative may be allowed: see what is shared and who looked; share; answer requests; stop sharing."""
Kind = Literal["mentor", "parent", "jobcoach", "other"]
KINDS: tuple[Kind, ...] = ("mentor", "parent", "jobcoach", "other")
State = Literal["asked", "accepted", "declined", "stopped"]
DAY = 86400.0
_LATE = 300.0
"""Seconds between choosing "90 days" and the grant being made: still 90 days."""
RECEIVERS = ("coach", "employer")
"""To whom a representative may give: people with a name. Not an app or a tool, and no link: whoever makes a link has
its address and so reads with it, and nobody gives to themselves in another's name."""


@dataclass(frozen=True, slots=True)
class Mandate:
    """Who may act for a citizen. `pod`: the citizen's; `actor`: WebID of the representative; times are Unix seconds.

    `sections`: the only ones that they may share; `max_days`: how long what they share may last. `answered`: when the
    invitation was accepted or declined; `ended`, `ended_by`: when and by whom (WebID) it was stopped.
    """

    id: str
    pod: str
    actor: str
    actor_name: str
    kind: Kind
    may: tuple[Act, ...]
    sections: tuple[str, ...]
    max_days: int
    created: float
    until: float
    state: State = "asked"
    answered: float | None = None
    ended: float | None = None
    ended_by: str | None = None

    def active(self, now: float) -> bool:
        """Whether the representative may do anything at `now`."""
        return self.state == "accepted" and now < self.until

    def waiting(self, now: float) -> bool:
        """Whether it is an invitation that can still be accepted at `now`."""
        return self.state == "asked" and now < self.until

    def allows(self, act: Act, record: GrantRecord | None = None, *, now: float) -> bool:
        """Whether the representative may do `act` at `now`, and give `record` where the act gives something.

        "share" and "answer" without a record: whether they may begin. With one, all of it must be within the limits:
        of this pod, given in their name, to a person who is not themselves, sections that are named, to read only, for
        `max_days` at most, not to be passed on. Fails closed: what is not known is not allowed.
        """
        if not self.active(now) or act not in self.may:
            return False
        return record is None or (act in ("share", "answer") and self._within(record, now))

    def _within(self, record: GrantRecord, now: float) -> bool:
        return (
            record.pod == self.pod
            and record.given_by == self.actor
            and record.agent is not None
            and record.agent != self.actor
            and record.receiver_kind in RECEIVERS
            and record.link is None
            and not record.everything
            and bool(record.sections)
            and set(record.sections) <= set(self.sections)
            and record.actions == ("read",)
            and not record.onward
            and record.until is not None
            and record.until <= now + self.max_days * DAY + _LATE
        )
