"""What a receipt says. Never values, and no names of entries: the receiver may read it too, and what was kept from the
receiver does not stand in it (record 32)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from werkpod.consent.grants import GrantRecord
from werkpod.consent.grants.events import GrantEvent, Happening

Known = Literal["own_app", "client_document", "self_registered", "own_tool", "account_here", "webid_elsewhere", "link"]
"""How a receiver is known: an app of this server; an app by a document at an address of its own; an app that said
itself who it is; the citizen's own tool; somebody with an account here; a WebID elsewhere; whoever has the link."""

ChangeOf = Literal[
    "sections", "fields", "predicates", "actions", "purpose", "basis", "begin", "end", "once", "keep", "onward"
]


@dataclass(frozen=True, slots=True)
class Party:
    """Who receives. `kind` as in the grant; `webid`, `client` (its id) where there is one; `host`: of the client's
    document, or of the WebID; `known`: how that is known."""

    name: str
    kind: str
    webid: str | None
    client: str | None
    host: str
    known: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One section. `left_out`: keys of `vocab.fields.FIELDS` that the receiver does not get."""

    section: str
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What is another than in the version before, as it was and as it is: keys, times, or DPV terms, with spaces
    between them."""

    of: ChangeOf
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where the receipt stands: among the receipts of its grant, and in time beside the access log of the pod.

    `number`: from 1; `before`: the receipt before it and its SHA-256, in hex. `ledger_lines`, `ledger_hash`: how many
    lines the access log had, and the hash of the last one, in hex.
    """

    number: int
    before: tuple[str, str] | None
    ledger_lines: int
    ledger_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A receipt. Times are whole Unix seconds. `at`: when it happened; `created`: when this was written.

    `base`: the origin of the server that issues it; `pod`: the name of the pod in addresses; `by`: who did this for
    the citizen: a representative (WebID) or an app (client id); None: the citizen. `parts` is empty where the whole
    pod is shared (`everything`).
    `hidden_predicates`: IRIs of what is left out of all of it. The other members are those of the grant's version.
    """

    id: str
    kind: Happening
    at: int
    created: int
    base: str
    organisation: str
    pod: str
    subject: str
    grant: str
    version: int
    receiver: Party
    by: str | None
    everything: bool
    parts: tuple[Part, ...]
    hidden_predicates: tuple[str, ...]
    actions: tuple[str, ...]
    purpose: str
    purpose_text: str
    legal_basis: str
    begins: int
    until: int | None
    once: bool
    keep: str
    onward: bool
    renews: str | None
    request: str | None
    changes: tuple[Change, ...]
    place: Place

    @property
    def by_app(self) -> bool:
        """Whether an app did this itself. A client id has no fragment, and a WebID of this server has."""
        return self.by is not None and "#" not in self.by

    @property
    def iri(self) -> str:
        """Where the receipt is in the pod."""
        return f"{self.base}/{self.pod}/consent/receipts/{self.id}"

    @property
    def grant_iri(self) -> str:
        """Where the grant is in the pod."""
        return f"{self.base}/{self.pod}/consent/grants/{self.grant}"


def receipt_of(
    event: GrantEvent,
    *,
    id: str,
    created: float,
    base: str,
    organisation: str,
    pod: str,
    subject: str,
    by: str | None,
    place: Place,
) -> Receipt:
    """The receipt of something that happened to a grant."""
    record = event.record
    return Receipt(
        id=id,
        kind=event.kind,
        at=int(event.at),
        created=int(created),
        base=base,
        organisation=organisation,
        pod=pod,
        subject=subject,
        grant=record.id,
        version=record.version,
        receiver=party_of(record, base=base, subject=subject),
        by=by,
        everything=record.everything,
        parts=_parts(record),
        hidden_predicates=record.hidden_predicates,
        actions=tuple(record.actions),
        purpose=record.purpose,
        purpose_text=record.purpose_text,
        legal_basis=record.legal_basis,
        begins=int(record.not_before),
        until=None if record.until is None else int(record.until),
        once=record.once,
        keep=record.keep,
        onward=record.onward,
        renews=record.renews,
        request=record.request,
        changes=changes(event.before, record) if event.kind in ("changed", "renewed") and event.before else (),
        place=place,
    )


def party_of(record: GrantRecord, *, base: str, subject: str) -> Party:
    """Who a grant is to, and how that is known."""
    known: list[Known] = []
    webid = record.agent if record.agent != subject else None
    host = ""
    if record.receiver_kind == "link" or record.link is not None:
        return Party(record.receiver_name, "link", None, None, "", ("link",))
    if record.receiver_kind == "tool":
        return Party(record.receiver_name, "tool", None, record.client, "", ("own_tool",))
    if webid is not None:
        known.append("account_here" if webid.startswith(base + "/") else "webid_elsewhere")
        host = urlsplit(webid).netloc
    if record.client is not None:
        own = re.fullmatch(re.escape(base) + r"/apps/[a-z0-9-]+/client\.jsonld", record.client)
        linked = urlsplit(record.client)
        document = linked.scheme in ("http", "https") and bool(linked.netloc)
        known.append("own_app" if own else "client_document" if document else "self_registered")
        host = linked.netloc if document else host
    return Party(record.receiver_name, record.receiver_kind, webid, record.client, host, tuple(known))


def changes(before: GrantRecord, after: GrantRecord) -> tuple[Change, ...]:
    """What is another in `after`. Which entries were chosen is not told: see the top of this module."""
    pairs: tuple[tuple[ChangeOf, str, str], ...] = (
        ("sections", _sections(before), _sections(after)),
        ("fields", " ".join(before.hidden_fields), " ".join(after.hidden_fields)),
        ("predicates", " ".join(before.hidden_predicates), " ".join(after.hidden_predicates)),
        ("actions", " ".join(before.actions), " ".join(after.actions)),
        ("purpose", before.purpose, after.purpose),
        ("basis", before.legal_basis, after.legal_basis),
        ("begin", iso(before.not_before), iso(after.not_before)),
        ("end", "" if before.until is None else iso(before.until), "" if after.until is None else iso(after.until)),
        ("once", _flag(before.once), _flag(after.once)),
        ("keep", before.keep, after.keep),
        ("onward", _flag(before.onward), _flag(after.onward)),
    )
    return tuple(Change(of, old, new) for of, old, new in pairs if old != new)


def iso(at: float) -> str:
    """Unix seconds as ISO 8601 in UTC, whole seconds."""
    return dt.datetime.fromtimestamp(int(at), dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(text: str) -> int:
    """What `iso` wrote, as Unix seconds. Raises ValueError."""
    return int(dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=dt.UTC).timestamp())


def _parts(record: GrantRecord) -> tuple[Part, ...]:
    return tuple(
        Part(key, tuple(field for field in record.hidden_fields if field.partition(".")[0] == key))
        for key in record.sections
    )


def _sections(record: GrantRecord) -> str:
    return "everything" if record.everything else " ".join(record.sections)


def _flag(value: bool) -> str:
    return "yes" if value else "no"
