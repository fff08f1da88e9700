"""Grant Management for OAuth 2.0 (OpenID Foundation, FAPI working group, draft 03): which grant a request is about.

`grant_management_action` create: a grant of its own, whatever there is; merge: what is given comes beside what a grant
gives; replace: in its place. Both make a new version of the grant that `grant_id` names, so its tokens give what the
new version says. A request without an action is answered by what there is, as ever.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from werkpod.consent.grants import GrantNotFound, GrantRecord
from werkpod.consent.oauth.carrier import Carrier
from werkpod.consent.oauth.client_model import Client
from werkpod.consent.oauth.details import AccessRequest
from werkpod.consent.oauth.errors import InvalidAuthorizationDetails, InvalidGrantId, InvalidRequest
from werkpod.vocab.fields import FIELDS, fields_of

GRANT_ACTIONS = ("create", "merge", "replace")
_GRANT_ID = re.compile(r"([0-9A-HJKMNP-TV-Z]{26})\.([0-9A-HJKMNP-TV-Z]{26})\Z")


@dataclass(frozen=True, slots=True)
class Gains:
    """What a merge would add to a grant: keys of sections, and of fields of sections that it gives in part."""

    sections: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


def grant_id_of(grant: GrantRecord) -> str:
    """What a client calls a grant: the pod's id and the grant's."""
    return f"{grant.pod}.{grant.id}"


def split_grant_id(value: str) -> tuple[str, str] | None:
    """(pod, grant) of a `grant_id`; None for what does not look like one."""
    match = _GRANT_ID.match(value)
    return (match[1], match[2]) if match else None


def managed(server: Carrier, client: Client, data: Mapping[str, str], access: AccessRequest) -> GrantRecord | None:
    """The grant that a request is about, None where it names none. To be called in a thread of the carrier.

    Raises InvalidRequest: parameters that do not go together; InvalidGrantId: not this client's, not in force, or none
    at all: it is not told which; InvalidAuthorizationDetails: a merge that would make one grant mean two things.
    """
    action, named = data.get("grant_management_action", ""), data.get("grant_id", "")
    if not action:
        if named:
            raise InvalidRequest("grant_id goes with a grant_management_action, merge or replace.")
        return None
    if action not in GRANT_ACTIONS:
        raise InvalidRequest(f"grant_management_action must be one of {', '.join(GRANT_ACTIONS)}.")
    if (action == "create") == bool(named):
        raise InvalidRequest("grant_id goes with merge and replace, and not with create.")
    if action == "create":
        return None
    parts = split_grant_id(named)
    try:
        found = server.wait(server.parts.grants.get, *parts) if parts else None
    except GrantNotFound:
        found = None
    if found is None or found.client != client.id or not found.active(server.parts.clock()):
        raise InvalidGrantId("There is no such grant to this client, or it is over.")
    if action == "merge":
        _check_merge(found, access)
    return found


def gains_of(has: GrantRecord, access: AccessRequest) -> Gains:
    """What of a request a grant does not give yet."""
    if has.everything:
        return Gains()
    partly, hidden = {*access.fields, *access.optional_fields}, set(has.hidden_fields)
    asked = {key for names in (*access.fields.values(), *access.optional_fields.values()) for key in names}
    asked |= {field.key for key in access.possible if key not in partly for field in fields_of(key)}
    return Gains(
        tuple(key for key in access.possible if key not in has.sections),
        tuple(key for key in FIELDS if key in asked & hidden and FIELDS[key].section in has.sections),
    )


def merged(has: GrantRecord, record: GrantRecord) -> GrantRecord:
    """What a grant becomes when a yes comes beside it: sections and fields of both, the later end.

    Of a section in both, the entries are those of the new yes, which the citizen saw whole; so are the terms. The page
    shows the whole before it counts.
    """
    if has.everything:
        return replace(has, until=_later(has, record))
    only_old = [key for key in has.sections if key not in record.sections]
    both = set(has.sections) & set(record.sections)
    hidden = {
        key
        for key in {*has.hidden_fields, *record.hidden_fields}
        if key not in FIELDS
        or FIELDS[key].section not in both
        or (key in has.hidden_fields and key in record.hidden_fields)
    }
    return replace(
        record,
        id=has.id,
        sections=(*has.sections, *(key for key in record.sections if key not in has.sections)),
        hidden_fields=tuple(sorted(hidden)),
        hidden_predicates=tuple(sorted({*has.hidden_predicates, *record.hidden_predicates})),
        hidden_entries=(*_of(has.hidden_entries, only_old), *record.hidden_entries),
        only_entries=(*_of(has.only_entries, only_old), *record.only_entries),
        until=_later(has, record),
    )


def _later(has: GrantRecord, record: GrantRecord) -> float | None:
    return None if has.until is None or record.until is None else max(has.until, record.until)


def _of(entries: tuple[str, ...], sections: list[str]) -> tuple[str, ...]:
    return tuple(entry for entry in entries if entry.partition("#")[0] in sections)


def _check_merge(has: GrantRecord, access: AccessRequest) -> None:
    """A grant has one purpose, one basis and one set of actions: more of the same can be merged, nothing else."""
    if not access.sections:
        raise InvalidAuthorizationDetails("merge needs authorization_details: what comes beside the grant.")
    same = access.purpose == has.purpose and access.legal_basis == has.legal_basis
    if not same or set(access.actions) != set(has.actions):
        raise InvalidAuthorizationDetails(
            "merge is for the purpose, legal basis and actions that the grant has; ask for others with create."
        )
    if has.once or access.once:
        raise InvalidAuthorizationDetails("A grant for one sitting cannot be merged; ask for another with create.")
