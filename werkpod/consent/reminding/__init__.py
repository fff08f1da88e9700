"""Telling a citizen in time that something ends, once; and keeping what they do not want to be told any more."""

from werkpod.consent.reminding.store import SOON, SOONER, Due, Reminders, worth_telling

__all__ = ["SOON", "SOONER", "Due", "Reminders", "worth_telling"]
