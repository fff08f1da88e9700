"""Grants: who may see what of a pod, for what, until when."""

from werkpod.consent.grants.errors import GrantNotFound, InvalidGrant
from werkpod.consent.grants.events import GrantEvent, Happening, Witness
from werkpod.consent.grants.grants import Grants
from werkpod.consent.grants.record import Action, GrantRecord, ReceiverKind, to_access

__all__ = [
    "Action",
    "GrantEvent",
    "GrantNotFound",
    "GrantRecord",
    "Grants",
    "Happening",
    "InvalidGrant",
    "ReceiverKind",
    "Witness",
    "to_access",
]
