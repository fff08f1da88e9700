"""Telling a citizen in time that something ends, once; and keeping what they do not want to be told any more."""

from werkpod.consent.reminding.store import SOON, SOONER, Due, Reminders

__all__ = ["SOON", "SOONER", "Due", "Reminders"]
