"""The grant: what a citizen gave, to whom, for what, how long (design, "The grant")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from werkpod.consent.grants.errors import InvalidGrant
from werkpod.consent.grants.presets import PRESETS
from werkpod.consent.grants.terms import CONSENT, DPV, LEGAL_BASES, is_dpv, is_keep
from werkpod.pod.access.model import Mode
from werkpod.vocab.fields import FIELDS
from werkpod.vocab.sections import CV_SECTIONS, PEOPLE, SECTIONS

ReceiverKind = Literal["app", "coach", "employer", "link", "tool"]
Action = Literal["read", "append", "write", "control"]

MODES: dict[str, Mode] = {
    "read": Mode.READ, "append": Mode.APPEND, "write": Mode.WRITE | Mode.APPEND, "control": Mode.CONTROL,
}  # fmt: skip
"""What each action means at the pod; WRITE implies APPEND (WAC 1.0, section 4.2). Control: who else may (4.2.4)."""

ONCE_LONGEST = 24 * 3600
"""Seconds that a grant for one sitting lasts at most."""
_LAST_MOMENT = 253_402_300_800.0
"""The year 10000, which no calendar here can write."""
_WITH_ENTRIES = frozenset(section.key for section in (*CV_SECTIONS, PEOPLE))
"""The sections that are one document, of which an entry is a fragment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRecord:
    """One version of one grant. Times are Unix seconds; `until` None: until stopped.

    `agent`: the receiver's WebID (an app of the citizen: the citizen's own), None for a link. `client`: the app's
    client id, None: whatever app the agent uses. `sections`: keys of `SECTIONS`; `everything` instead of sections: the
    whole pod. `hidden_entries`: "section#entry"; `hidden_predicates`: IRIs. `purpose` is a DPV IRI; `purpose_text` is
    the sentence that the citizen read when saying yes. `link`: the share link that it belongs to.

    `only_entries`: "section#entry"; of a section that has any here, these alone, now and later. `hidden_fields`: keys
    of `vocab.fields.FIELDS` that are left out. `once`: for one sitting. `keep`: what the receiver may keep when it is
    over: "" (not said), "nothing", "until_end", or an ISO 8601 duration after the end. `onward`: whether they may pass
    it on. `preset`: the ready-made choice that it came from. `given_by`: the WebID of who gave it for the citizen,
    None: the citizen. `request`: the access request that it answers. `renews`: the ended grant that it comes after.
    `by`: who made this version for the citizen: a representative (WebID) or an app (client id), None: the citizen.
    """

    id: str
    pod: str
    agent: str | None
    client: str | None
    receiver_name: str
    receiver_kind: ReceiverKind
    created: float
    not_before: float
    until: float | None
    version: int = 1
    client_name: str = ""
    sections: tuple[str, ...] = ()
    everything: bool = False
    actions: tuple[Action, ...] = ("read",)
    hidden_entries: tuple[str, ...] = ()
    hidden_predicates: tuple[str, ...] = ()
    purpose: str = ""
    purpose_text: str = ""
    legal_basis: str = CONSENT
    revoked_at: float | None = None
    link: str | None = None
    only_entries: tuple[str, ...] = ()
    hidden_fields: tuple[str, ...] = ()
    once: bool = False
    keep: str = ""
    onward: bool = False
    preset: str = ""
    given_by: str | None = None
    request: str | None = None
    renews: str | None = None
    by: str | None = None

    def active(self, now: float) -> bool:
        """Whether the grant holds at `now`."""
        return self.revoked_at is None and self.not_before <= now and (self.until is None or now < self.until)


def check(record: GrantRecord) -> None:
    """Refuse a record that says nothing, too much, or something unknown. Raises InvalidGrant that names it."""
    if record.everything == bool(record.sections):
        raise InvalidGrant("A grant names sections, or everything: exactly one of the two.")
    for section in record.sections:
        if section not in SECTIONS:
            raise InvalidGrant(f"Section {section!r} is not known; known are {', '.join(SECTIONS)}.")
    for action in record.actions:
        if action not in MODES:
            raise InvalidGrant(f"Action {action!r} is not known; known are {', '.join(MODES)}.")
    if not record.actions:
        raise InvalidGrant("A grant names at least one action: read, append or write.")
    if "control" in record.actions and not (
        record.everything and "write" in record.actions and record.receiver_kind in ("app", "tool")
    ):
        raise InvalidGrant("Control is for an app or a tool of the citizen that may read and write everything.")
    if record.agent is None and record.client is None:
        raise InvalidGrant("A grant names an agent (WebID), a client (app) or both; to share with anyone, make a link.")
    _check_times(record)
    _check_what_is_left_out(record)
    _check_terms(record)


def _check_times(record: GrantRecord) -> None:
    for name in ("created", "not_before", "until", "revoked_at"):
        value = getattr(record, name)
        if value is not None and not 0 <= value < _LAST_MOMENT:
            raise InvalidGrant(f"{name} is in Unix seconds, from 1970 to 9999; this says {value}.")
    if record.until is not None and record.until <= record.not_before:
        raise InvalidGrant("A grant ends after it begins.")
    if record.once and (record.until is None or record.until - record.not_before > ONCE_LONGEST):
        raise InvalidGrant(f"A grant for once ends within {ONCE_LONGEST // 3600} hours of its beginning (until).")


def _check_what_is_left_out(record: GrantRecord) -> None:
    for name in ("only_entries", "hidden_entries"):
        for entry in getattr(record, name):
            section, mark, fragment = entry.partition("#")
            if not mark or not fragment or "#" in fragment:
                raise InvalidGrant(f'{name} are "section#entry"; {entry!r} is not.')
            if section not in record.sections or section not in _WITH_ENTRIES:
                raise InvalidGrant(
                    f"{name}: {entry!r} is in a section that this grant does not share, or has no entries."
                )
    if both := sorted(set(record.only_entries) & set(record.hidden_entries)):
        raise InvalidGrant(f"The entry {both[0]!r} is in only_entries and in hidden_entries; it can be in one.")
    for key in record.hidden_fields:
        if key not in FIELDS:
            raise InvalidGrant(f"The field {key!r} is not known; known are {', '.join(FIELDS)}.")
        if FIELDS[key].section not in record.sections:
            raise InvalidGrant(f"The field {key!r} is in a section that this grant does not share.")
    if leaves_out(record) and set(record.actions) != {"read"}:
        raise InvalidGrant(
            f"Under a field lens no write to that document: {leaves_out(record)} goes with the action read alone, and "
            f"this has {', '.join(record.actions)}."
        )


def leaves_out(record: GrantRecord) -> str:
    """The first field of a record by which it leaves something out of what it shares; "" where it shares all of it."""
    names = ("only_entries", "hidden_entries", "hidden_fields", "hidden_predicates")
    return next((name for name in names if getattr(record, name)), "")


def _check_terms(record: GrantRecord) -> None:
    if record.legal_basis not in LEGAL_BASES:
        raise InvalidGrant(f"legal_basis {record.legal_basis!r} is not known; known are {', '.join(LEGAL_BASES)}.")
    if record.purpose and not is_dpv(record.purpose):
        raise InvalidGrant(f"purpose is the IRI of a DPV purpose ({DPV}...); this says {record.purpose!r}.")
    if not is_keep(record.keep):
        raise InvalidGrant(
            f'keep is "", "nothing", "until_end" or an ISO 8601 duration such as P30D; this says {record.keep!r}.'
        )
    if record.preset and record.preset not in PRESETS:
        raise InvalidGrant(f"preset {record.preset!r} is not known; known are {', '.join(PRESETS)}.")
