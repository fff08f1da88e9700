"""The kit that every app is built on: OAuth client, sealed session, pod client, and the pages around consent.

An app imports from here, from `vocab` and from `web`; never from `pod` or `consent`.
"""

from werkpod.apps.kit.app import AppCard, CitizenApp, Visit
from werkpod.apps.kit.errors import (
    AccessRefused,
    AuthorizationFailed,
    ChangedMeanwhile,
    Gone,
    LinkClosed,
    NotShared,
    PodConflict,
    PodRejected,
    PodUnavailable,
    Stopped,
)
from werkpod.apps.kit.podclient import JSON_LD, TURTLE, Document, PodClient
from werkpod.apps.kit.profile import Profile, Skill, SkillLine, profile_of, read_shared_cv, skill_lines
from werkpod.apps.kit.wire import AccessRequest, Text

__all__ = [
    "JSON_LD",
    "TURTLE",
    "AccessRefused",
    "AccessRequest",
    "AppCard",
    "AuthorizationFailed",
    "ChangedMeanwhile",
    "CitizenApp",
    "Document",
    "Gone",
    "LinkClosed",
    "NotShared",
    "PodClient",
    "PodConflict",
    "PodRejected",
    "PodUnavailable",
    "Profile",
    "Skill",
    "SkillLine",
    "Stopped",
    "Text",
    "Visit",
    "profile_of",
    "read_shared_cv",
    "skill_lines",
]
