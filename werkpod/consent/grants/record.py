"""The grant: what a citizen gave, to whom, for what, how long (design, "The grant")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from werkpod.consent.grants.errors import InvalidGrant
from werkpod.pod.access.model import ALL, Grant, Lens, Mode, Scope
from werkpod.pod.profile import places
from werkpod.pod.profile.seed import entries_of
from werkpod.vocab.sections import SECTIONS

ReceiverKind = Literal["app", "coach", "employer", "link", "tool"]
Action = Literal["read", "append", "write", "control"]

MODES: dict[str, Mode] = {
    "read": Mode.READ, "append": Mode.APPEND, "write": Mode.WRITE | Mode.APPEND, "control": Mode.CONTROL,
}  # fmt: skip
"""What each action means at the pod; WRITE implies APPEND (WAC 1.0, section 4.2). Control: who else may (4.2.4)."""

CONSENT = "https://w3id.org/dpv#Consent"
"""The legal basis of everything that a citizen shares (DPV 2, `dpv:Consent`)."""


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
    if record.until is not None and record.until <= record.not_before:
        raise InvalidGrant("A grant ends after it begins.")


def modes_of(record: GrantRecord) -> Mode:
    """The modes of a grant. The citizen's own tool with everything may also say who else may (CONTROL); an app where
    the citizen chose that apart, since an access rule that it writes outlives the stop of the app (record 22)."""
    if record.everything and record.receiver_kind == "tool" and "write" in record.actions:
        return ALL
    modes = Mode.NONE
    for action in record.actions:
        modes |= MODES[action]
    return modes


def to_access(record: GrantRecord) -> Grant:
    """The grant as the access decision sees it. A section is its document alone: no listing of containers."""
    modes = modes_of(record)
    hidden_predicates = frozenset(record.hidden_predicates)
    if record.everything:
        scopes: tuple[Scope, ...] = (Scope("", modes, Lens(frozenset(), hidden_predicates)),)
    else:
        scopes = tuple(
            Scope(
                SECTIONS[key].path,
                modes,
                Lens(_entries_of(key, record.hidden_entries), hidden_predicates, _unshared_sources(key, record)),
            )
            for key in record.sections
        ) + _findable(record)
    return Grant(
        id=record.id,
        agent=record.agent,
        client=record.client,
        scopes=scopes,
        not_before=record.not_before,
        until=record.until,
        revoked=record.revoked_at is not None,
        purpose=record.purpose,
        version=record.version,
    )


def _findable(record: GrantRecord) -> tuple[Scope, ...]:
    """The way to what an app was given, as Solid apps look for it: from the preferences to the private type index, and
    in that one its own sections. Of both documents nothing else passes (record 17).
    """
    entries = {name for key in record.sections for name, _ in entries_of(key)}
    if not entries or "read" not in record.actions or record.receiver_kind not in ("app", "tool"):
        return ()
    link = Lens(only_predicates=frozenset({places.PRIVATE_TYPE_INDEX}))
    own = Lens(
        only_entries=frozenset(entries),
        only_predicates=frozenset({places.TYPE, places.FOR_CLASS, places.INSTANCE}),
    )
    return Scope(places.PREFERENCES, Mode.READ, link), Scope(places.PRIVATE_INDEX, Mode.READ, own)


def _unshared_sources(key: str, record: GrantRecord) -> frozenset[str]:
    """The sections that a competence comes from and that the receiver does not get: the name of a job says what it was.

    Who may write the section gets it whole, so that saving it loses nothing.
    """
    if key != "competences" or record.actions != ("read",):
        return frozenset()
    return frozenset({"experience", "education"} - set(record.sections))


def _entries_of(section: str, hidden: tuple[str, ...]) -> frozenset[str]:
    prefix = f"{section}#"
    return frozenset(entry.removeprefix(prefix) for entry in hidden if entry.startswith(prefix))
