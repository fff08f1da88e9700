"""Representation: a citizen lets a trusted person act for them, within limits and for a time."""

from werkpod.consent.mandates.acting import Acting, acting_now
from werkpod.consent.mandates.errors import BeyondMandate, MandateNotFound, MandateRefused
from werkpod.consent.mandates.mandates import MAX_DAYS, Mandates
from werkpod.consent.mandates.model import ACTS, KINDS, Act, Kind, Mandate, State
from werkpod.consent.mandates.witness import WithinMandate

__all__ = [
    "ACTS",
    "KINDS",
    "MAX_DAYS",
    "Act",
    "Acting",
    "BeyondMandate",
    "Kind",
    "Mandate",
    "MandateNotFound",
    "MandateRefused",
    "Mandates",
    "State",
    "WithinMandate",
    "acting_now",
]
