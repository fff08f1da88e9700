"""Where it could be less: what somebody gets beyond what it is for, or does not use. Pure functions.

Each hint is a fact and the one action that cures it. It looks at the citizen's own grants and log, at nobody else's. It
never says that something is wrong: who reads it decides, or puts it aside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from werkpod.consent.grants import GrantRecord
from werkpod.vocab.sections import CV_SECTIONS, SECTIONS

Kind = Literal["beyond", "unread", "parts_unread", "broader", "endless", "never_wrote"]
Cure = Literal["narrow", "stop", "shorten", "read_only"]
QUIET = 90 * 86400.0
"""Seconds without a look after which something is said of it."""
SIMILAR = 2
"""Others with the same purpose that there must be before one is called broader than they are."""

_DPV = "https://w3id.org/dpv#"
_CV = frozenset(section.key for section in CV_SECTIONS)
_WORK = frozenset({"experience", "education", "competences", "languages", "certificates"})
USUAL: Mapping[str, frozenset[str]] = {
    # Choosing somebody for a job: who it is and what they did. Not what they would rather do, nor who helps them.
    _DPV + "PersonnelHiring": _WORK | {"identity", "contact", "summary"},
    # Help with work: the whole CV. Not the messages of others, nor who else helps.
    _DPV + "ServiceProvision": _CV,
    # Research asks what people did and can, not who they are.
    **{
        _DPV + name: _WORK
        for name in ("AcademicResearch", "ScientificResearch", "NonCommercialResearch", "CommercialResearch",
                     "ResearchAndDevelopment")
    },
    _DPV + "IdentityVerification": frozenset({"identity"}),
    _DPV + "CommunicationManagement": frozenset({"identity", "contact"}),
    # Advertising needs nothing of a CV.
    **{_DPV + name: frozenset[str]() for name in ("Marketing", "DirectMarketing", "Advertising")},
}  # fmt: skip
"""Sections that a purpose (DPV 2) usually needs. Of a purpose that is not here nothing is said. Ours: see record 29."""
_OWN_TOOLS = _DPV + "PersonalPurpose"


@dataclass(frozen=True, slots=True)
class Seen:
    """What the log says of one grant. `last`: Unix seconds, None: never read. `sections`: those read; `wrote`: ever."""

    last: float | None = None
    sections: frozenset[str] = frozenset()
    wrote: bool = False


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing that could be less. `sections`: which it is about; `cure`: what would make it so."""

    kind: Kind
    cure: Cure
    sections: tuple[str, ...] = field(default=())


def hints(grant: GrantRecord, seen: Seen, others: Sequence[GrantRecord], now: float) -> tuple[Hint, ...]:
    """What can be said of an active grant, the most useful first. `others`: the citizen's other active grants."""
    if grant.purpose == _OWN_TOOLS or grant.receiver_kind == "tool":
        return ()  # a tool of one's own has what its owner wants it to have
    found: list[Hint] = []
    if unread := _unread(grant, seen, now):
        found.append(unread)
    if beyond := _beyond(grant):
        found.append(Hint("beyond", "narrow", beyond))
    if broader := _broader(grant, others, beyond):
        found.append(Hint("broader", "narrow", broader))
    if not unread and (parts := _parts_unread(grant, seen, now)):
        found.append(Hint("parts_unread", "narrow", parts))
    if grant.until is None:
        found.append(Hint("endless", "shorten"))
    if _never_wrote(grant, seen, now):
        found.append(Hint("never_wrote", "read_only"))
    return tuple(found)


def given(grant: GrantRecord) -> frozenset[str]:
    """The sections that a grant gives."""
    return frozenset(SECTIONS) if grant.everything else frozenset(grant.sections)


def _unread(grant: GrantRecord, seen: Seen, now: float) -> Hint | None:
    if "read" not in grant.actions:
        return None
    return Hint("unread", "stop") if (seen.last or grant.created) < now - QUIET else None


def _beyond(grant: GrantRecord) -> tuple[str, ...]:
    usual = USUAL.get(grant.purpose)
    return () if usual is None else _ordered(given(grant) - usual)


def _broader(grant: GrantRecord, others: Sequence[GrantRecord], beyond: Sequence[str]) -> tuple[str, ...]:
    """Sections that none of the others with the same purpose has; those that were called beyond it already are not."""
    same = [o for o in others if o.client != grant.client and _alike(o, grant)]
    if not grant.purpose or grant.receiver_kind != "app" or len({o.client for o in same}) < SIMILAR:
        return ()
    theirs = frozenset[str]().union(*(given(other) for other in same if other.receiver_kind == "app"))
    return _ordered(given(grant) - theirs - set(beyond)) if theirs else ()


def _alike(one: GrantRecord, other: GrantRecord) -> bool:
    """Whether two do the same sort of thing: to the same purpose, and both only read, or both write."""
    return one.purpose == other.purpose and set(one.actions) == set(other.actions)


def _parts_unread(grant: GrantRecord, seen: Seen, now: float) -> tuple[str, ...]:
    """Sections that were never read, of a grant that is used and is old enough to tell."""
    if grant.everything or seen.last is None or grant.created > now - QUIET:
        return ()
    return _ordered(given(grant) - seen.sections) if "read" in grant.actions else ()


def _never_wrote(grant: GrantRecord, seen: Seen, now: float) -> bool:
    writes = {"append", "write", "control"} & set(grant.actions)
    return bool(writes) and "read" in grant.actions and not seen.wrote and grant.created < now - QUIET


def _ordered(keys: frozenset[str]) -> tuple[str, ...]:
    return tuple(key for key in SECTIONS if key in keys)
