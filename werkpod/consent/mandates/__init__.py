"""Representation: a citizen lets a trusted person act for them, within limits and for a time."""

from werkpod.consent.mandates.acting import Acting, acting_now
from werkpod.consent.mandates.model import ACTS, KINDS, Act, Kind, Mandate, State

__all__ = ["ACTS", "KINDS", "Act", "Acting", "Kind", "Mandate", "State", "acting_now"]
