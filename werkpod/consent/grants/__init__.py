"""Grants: who may see what of a pod, for what, until when."""

from werkpod.consent.grants.compiling import opens, to_access
from werkpod.consent.grants.errors import GrantChanged, GrantNotFound, InvalidGrant
from werkpod.consent.grants.events import GrantEvent, Happening, Witness
from werkpod.consent.grants.grants import Grants
from werkpod.consent.grants.record import Action, GrantRecord, ReceiverKind

__all__ = [
    "Action",
    "GrantChanged",
    "GrantEvent",
    "GrantNotFound",
    "GrantRecord",
    "Grants",
    "Happening",
    "InvalidGrant",
    "ReceiverKind",
    "Witness",
    "opens",
    "to_access",
]
