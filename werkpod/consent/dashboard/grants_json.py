"""Grants in JSON: as their giver sees them, and as their receiver does. Times are Unix seconds.

What is left out by name (`hidden_entries`) is for the giver alone: the name of an entry says what it is. The receiver
learns which fields are left out, and that something is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from werkpod.consent import naming
from werkpod.consent.accounts.model import Account
from werkpod.consent.dashboard import wording
from werkpod.consent.grants import GrantRecord
from werkpod.web.errors import BadRequest


class Part(msgspec.Struct, frozen=True):
    """One grant as its receiver sees it. `partly`: something of the sections is left out."""

    id: str
    version: int
    sections: tuple[str, ...]
    everything: bool
    actions: tuple[str, ...]
    only_entries: tuple[str, ...]
    hidden_fields: tuple[str, ...]
    partly: bool
    purpose: str
    purpose_text: str
    legal_basis: str
    since: float
    until: float | None
    once: bool
    keep: str
    onward: bool


class Received(msgspec.Struct, frozen=True):
    """Somebody who shares with the asker: all of it together, and what exactly, grant by grant. `until`: of the last
    that ends, None: until stopped. `name`: "" where it is not shared."""

    storage: str
    webid: str
    name: str
    sections: tuple[str, ...]
    actions: tuple[str, ...]
    until: float | None
    grants: tuple[Part, ...]


class Given(msgspec.Struct, frozen=True):
    """A grant as its giver sees it: `GrantRecord`, and whether it is active. `receiver`: what it is called."""

    id: str
    receiver: str
    kind: str
    agent: str | None
    client: str | None
    sections: tuple[str, ...]
    everything: bool
    actions: tuple[str, ...]
    purpose: str
    purpose_text: str
    created: float
    until: float | None
    revoked_at: float | None
    active: bool
    version: int
    not_before: float
    only_entries: tuple[str, ...]
    hidden_entries: tuple[str, ...]
    hidden_fields: tuple[str, ...]
    hidden_predicates: tuple[str, ...]
    legal_basis: str
    once: bool
    keep: str
    onward: bool
    preset: str
    given_by: str | None
    request: str | None
    renews: str | None
    by: str | None
    link: str | None


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a PATCH (JSON Merge Patch, RFC 7396): what is not there stays. `until` null: until stopped."""

    sections: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    only_entries: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    hidden_entries: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    hidden_fields: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    actions: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    until: float | msgspec.UnsetType | None = msgspec.UNSET


_CHANGE = msgspec.json.Decoder(Change)


def read_change(body: bytes) -> Change:
    """The change that a body asks for. Raises BadRequest that says what is wrong with it."""
    try:
        change = _CHANGE.decode(body)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise BadRequest(f"The body is not a change of a grant: {error}.") from error
    if not _set(change):
        raise BadRequest(f"A change names at least one of {', '.join(Change.__struct_fields__)}.")
    return change


def changed(grant: GrantRecord, change: Change) -> GrantRecord:
    """The grant with the change; sections that are named come in the place of everything."""
    values = _set(change)
    if "sections" in values:
        values["everything"] = False
    return replace(grant, **values)


def _set(change: Change) -> dict[str, Any]:
    return {name: value for name in change.__struct_fields__ if (value := getattr(change, name)) is not msgspec.UNSET}


def given(grant: GrantRecord, now: float) -> Given:
    """A grant for its giver."""
    same = {name: getattr(grant, name) for name in Given.__struct_fields__ if hasattr(grant, name) and name != "active"}
    return Given(receiver=grant.receiver_name, kind=grant.receiver_kind, active=grant.active(now), **same)


def part(grant: GrantRecord) -> Part:
    """A grant for its receiver."""
    return Part(
        grant.id, grant.version, grant.sections, grant.everything, grant.actions, grant.only_entries,
        grant.hidden_fields, wording.partly(grant), grant.purpose, grant.purpose_text, grant.legal_basis,
        grant.not_before, grant.until, grant.once, grant.keep, grant.onward,
    )  # fmt: skip


def together(
    known: Mapping[str, Received], giver: str, person: Account, grant: GrantRecord, client: str | None
) -> Received:
    """What somebody shares, with one grant more. The name only where a grant opens it to this client too."""
    before = known.get(giver)
    name = naming.giver(person, [grant] if grant.client in (None, client) else ())
    if before is None:
        return Received(person.storage, person.webid, name, grant.sections, grant.actions, grant.until, (part(grant),))
    until = None if before.until is None or grant.until is None else max(before.until, grant.until)
    sections = tuple(dict.fromkeys((*before.sections, *grant.sections)))
    actions = tuple(dict.fromkeys((*before.actions, *grant.actions)))
    parts = (*before.grants, part(grant))
    return Received(person.storage, person.webid, before.name or name, sections, actions, until, parts)
