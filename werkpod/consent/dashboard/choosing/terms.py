"""How long somebody gets it, and what they may keep afterwards; asked where the receiver did not say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from werkpod.consent.dashboard.choosing.model import Unfinished
from werkpod.consent.dashboard.errors import FormRefused
from werkpod.consent.dashboard.parts import Form
from werkpod.consent.dashboard.readable import Say
from werkpod.consent.grants import GrantRecord

ONCE = "eenmaal"
"""The choice "one time" in the list of how long."""
ONCE_SECONDS = 15 * 60.0
TERM_NAMES = ("dagen", "tot", "bewaren")
KEEPS = ("", "nothing", "until_end")
"""What a citizen can say of keeping (`GrantRecord.keep`)."""
_LONGEST = 3650
_ZONE = ZoneInfo("Europe/Amsterdam")


@dataclass(frozen=True, slots=True)
class Terms:
    """`seconds` from now, whether that is for one sitting, and what may be kept (`GrantRecord.keep`)."""

    seconds: float
    once: bool = False
    keep: str = ""

    def on(self, record: GrantRecord) -> GrantRecord:
        """The grant with these terms, from its own beginning."""
        return replace(record, until=record.not_before + self.seconds, once=self.once, keep=self.keep)


def read_terms(form: Form, days: Collection[int], now: float, say: Say, *, once: bool = False) -> Terms:
    """The terms that the form says; `once`: whether one time was offered.

    The last day counts whole, in Dutch time. Raises Unfinished (nothing or two things chosen, a day that has been) and
    FormRefused (what the page did not offer).
    """
    _ = say
    keep = form.text("bewaren")
    if keep not in KEEPS:
        raise FormRefused(f"bewaren is one of {', '.join(KEEPS[1:])}, or empty.")
    until = form.text("tot")
    if until and form.text("dagen"):
        raise Unfinished(_("Kies een aantal dagen of een datum, niet allebei."))
    if until:
        return Terms(_until(until, now, say), keep=keep)
    if once and form.text("dagen") == ONCE:
        return Terms(ONCE_SECONDS, True, keep)
    count = form.number("dagen", days)
    if count is None:
        raise Unfinished(_("Kies hoe lang dit mag."))
    return Terms(count * 86400.0, keep=keep)


def _until(text: str, now: float, say: Say) -> float:
    _ = say
    try:
        last = dt.date.fromisoformat(text)
        end = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), _ZONE).timestamp()
    except (ValueError, OverflowError):
        raise Unfinished(_("Dit is geen datum. Kies een dag.")) from None
    if end <= now:
        raise Unfinished(_("Deze dag is al voorbij. Kies een latere dag."))
    if end > now + _LONGEST * 86400:
        raise Unfinished(_("Zo lang kan niet. Kies een eerdere dag."))
    return end - now
