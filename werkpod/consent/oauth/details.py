"""What an app asks: `authorization_details` (RFC 9396) of our own type, with defaults from the client document.

    {"type": "https://w3id.org/werkpod/access", "sections": ["competences"], "optional": ["experience"],
     "fields": {"competences": []}, "optional_fields": {"experience": ["employer", "period"]}, "actions": ["read"],
     "reasons": {"experience": {"nl": "...", "en": "..."}, "experience.employer": {"nl": "...", "en": "..."}},
     "purpose": "https://w3id.org/dpv#ServiceProvision", "purpose_text": {"nl": "...", "en": "..."},
     "legal_basis": "https://w3id.org/dpv#Consent", "duration": "P90D" or "once", "keep": "nothing", "onward": false,
     "locations": ["https://example.org/anna/"]}

`sections` are needed: who will not share one of them says no. `optional` are beyond those: the citizen ticks the ones
to share, and the app does without the others. `reasons` says for each section, or field, why.

A section in neither `fields` nor `optional_fields` is asked whole. Of one that is in either, only those fields (and
what the section is about, which has no field) are asked: the others are left out, whatever the citizen says.

`keep`: what the app keeps when it is over: "nothing", "until_end" (nothing longer than it may look), or how long after
the end. `onward`: whether it passes on what it reads.

One element a request: a grant has one purpose and one duration. The access request of W3C Linked Web Storage is taken
as well (`lws_request`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from werkpod.consent.grants import GrantRecord
from werkpod.consent.grants.terms import CONSENT
from werkpod.consent.oauth.detail_members import ACTIONS, checked, seconds_of
from werkpod.consent.oauth.errors import InvalidAuthorizationDetails
from werkpod.consent.oauth.lws_request import LWS_ACTIONS, LWS_GRANT, LWS_REQUEST, read_lws
from werkpod.vocab.fields import FIELDS
from werkpod.vocab.sections import SECTIONS

TYPE = "https://w3id.org/werkpod/access"
TYPES = (TYPE, LWS_REQUEST)
"""The types of `authorization_details` that are spoken here."""
DOCUMENT_MEMBER = "werkpod:access"
MAX_BYTES = 16 * 1024
__all__ = ["DOCUMENT_MEMBER", "TYPE", "TYPES", "AccessRequest", "granted_detail", "parse_details", "seconds_of"]


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What is asked. `sections` are needed; empty: the citizen chooses. `optional`: others that the citizen may add.

    `fields`, `optional_fields`: keys of `vocab.fields.FIELDS` by section, for the sections of which a part is asked.
    `reasons`: why, by section or field and language. `duration` as sent, `seconds` what it means; None: the app did not
    say. `keep`: as in `GrantRecord`. `assignee`, `client`: whom and which app a request of Linked Web Storage names;
    `lws`: it was one.
    """

    sections: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    actions: tuple[str, ...] = ("read",)
    purpose: str = ""
    purpose_text: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    duration: str = ""
    seconds: float | None = None
    locations: tuple[str, ...] = ()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    optional_fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    legal_basis: str = CONSENT
    keep: str = ""
    onward: bool = False
    lws: bool = False
    assignee: str = ""
    client: str = ""

    @property
    def once(self) -> bool:
        """Whether the access is for one sitting: no refresh token goes with it."""
        return self.duration == "once"

    @property
    def possible(self) -> tuple[str, ...]:
        """Every section that a yes can give: the needed ones and the optional ones."""
        return (*self.sections, *self.optional)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The fields (keys) of the asked sections that were not asked: a yes does not give them."""
        asked = {key for names in (*self.fields.values(), *self.optional_fields.values()) for key in names}
        partly = {*self.fields, *self.optional_fields}
        return tuple(key for key, known in FIELDS.items() if known.section in partly and key not in asked)

    def must_hide(self, sections: Iterable[str], ticked: Iterable[str] = ()) -> tuple[str, ...]:
        """The `hidden_fields` of a yes that gives these sections, with these optional fields: the others are hidden."""
        given, chosen = set(sections), set(ticked)
        could = {key for keys in self.optional_fields.values() for key in keys} - chosen
        hidden = {*self.left_out, *could}
        return tuple(key for key, known in FIELDS.items() if key in hidden and known.section in given)

    def text(self, lang: str) -> str:
        """Why, in a language; in the other one when the app did not say."""
        return _in(lang, self.purpose_text)

    def reason(self, section: str, lang: str) -> str:
        """Why this section, or this field (its key); "" when the app did not say."""
        return _in(lang, self.reasons.get(section, {}))


def parse_details(raw: str | None, defaults: AccessRequest, *, now: float = 0.0) -> AccessRequest:
    """The request parameter as an AccessRequest. Without it the client document says what is asked, if it does.

    What an element leaves out comes from `defaults`, but for its sections and their fields. `now`: Unix seconds, from
    which an end is counted that is named as a date.

    Raises InvalidAuthorizationDetails that names the field (RFC 9396, section 5: unknown types and fields are refused).
    """
    if raw is None:
        return defaults
    if len(raw.encode()) > MAX_BYTES:
        raise InvalidAuthorizationDetails(f"authorization_details has more than {MAX_BYTES} bytes.")
    try:
        elements = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        raise InvalidAuthorizationDetails("authorization_details is not JSON.") from None
    if not isinstance(elements, list) or len(elements) != 1 or not isinstance(elements[0], dict):
        raise InvalidAuthorizationDetails("authorization_details must be an array with one object.")
    element = elements[0]
    if element.get("type") == LWS_REQUEST:
        asked = read_lws(element, now)
        return _with_defaults(
            checked(asked.element), defaults, seconds=asked.seconds, lws=True, assignee=asked.assignee,
            client=asked.client,
        )  # fmt: skip
    if element.get("type") != TYPE:
        raise InvalidAuthorizationDetails(f"The type must be {' or '.join(TYPES)}.")
    if not element.get("sections"):
        raise InvalidAuthorizationDetails("sections is missing or empty.")
    return _with_defaults(checked(element), defaults)


def document_defaults(member: object) -> AccessRequest:
    """What `werkpod:access` of a client document asks. Raises InvalidAuthorizationDetails like a request."""
    if member is None:
        return AccessRequest()
    if not isinstance(member, dict):
        raise InvalidAuthorizationDetails(f"{DOCUMENT_MEMBER} must be an object.")
    return _with_defaults(checked(member), AccessRequest())


def granted_detail(grant: GrantRecord, storage: str) -> dict[str, Any]:
    """What was given, for the token response (RFC 9396, section 7) and introspection: may be less than was asked.

    `fields`: what passes of a section of which something is left out. Which entries are left out is not told: that
    would tell that there are any (record 26).
    """
    sections = list(SECTIONS) if grant.everything else list(grant.sections)
    hidden = set(grant.hidden_fields)
    partly = [key for key in sections if any(FIELDS[name].section == key for name in hidden if name in FIELDS)]
    element: dict[str, Any] = {
        "type": TYPE,
        "sections": sections,
        "actions": list(grant.actions),
        "purpose": grant.purpose,
        "legal_basis": grant.legal_basis,
        "once": grant.once,
        "onward": grant.onward,
        "locations": [storage],
        "grant": grant.id,
        "version": grant.version,
    }
    if partly:
        element["fields"] = {section: _passing(section, hidden) for section in partly}
    if grant.everything:
        element["everything"] = True
    if grant.until is not None:
        element["until"] = int(grant.until)
    if grant.keep:
        element["keep"] = grant.keep
    return element


def lws_detail(grant: GrantRecord, storage: str) -> dict[str, Any]:
    """The same in the form of Linked Web Storage, for an app that asked so. It has no words for fields: our own
    element, which is always there, says what is left out."""
    places = [SECTIONS[key].path for key in (SECTIONS if grant.everything else grant.sections)]
    constraint = [{"leftOperand": "client", "operator": "eq", "rightOperand": grant.client}]
    if grant.purpose:
        constraint.append({"leftOperand": "purpose", "operator": "eq", "rightOperand": grant.purpose})
    if grant.until is not None:
        end = datetime.fromtimestamp(int(grant.until), UTC).isoformat().replace("+00:00", "Z")
        constraint.append({"leftOperand": "dateTime", "operator": "lteq", "rightOperand": end})
    policy = {
        "type": ["AccessPolicy"],
        "action": [LWS_ACTIONS[action] for action in grant.actions if action in LWS_ACTIONS],
        "assignee": grant.agent,
        "target": {"type": "DataResource", "value": [f"{storage}{path}" for path in places]},
        "constraint": constraint,
    }
    return {"type": LWS_GRANT, "storage": storage, "access": [policy], "grant": grant.id}


def _passing(section: str, hidden: set[str]) -> list[str]:
    return [key.partition(".")[2] for key, known in FIELDS.items() if known.section == section and key not in hidden]


def _in(lang: str, texts: Mapping[str, str]) -> str:
    return texts.get(lang) or next(iter(texts.values()), "")


def _with_defaults(
    element: Mapping[str, Any],
    defaults: AccessRequest,
    *,
    seconds: float | None = None,
    lws: bool = False,
    assignee: str = "",
    client: str = "",
) -> AccessRequest:
    duration = "once" if element.get("once") else element.get("duration") or defaults.duration
    if seconds is not None:
        duration = ""
    actions = tuple(a for a in ACTIONS if a in (element.get("actions") or defaults.actions))
    fields, optional_fields = (_keys(element.get(name, {})) for name in ("fields", "optional_fields"))
    if (fields or optional_fields) and actions != ("read",):
        raise InvalidAuthorizationDetails("Sections of which some fields are asked can only be read: actions is read.")
    return AccessRequest(
        sections=tuple(dict.fromkeys(element.get("sections", ()))),
        optional=tuple(dict.fromkeys(element.get("optional", ()))),
        actions=actions,
        purpose=element.get("purpose") or defaults.purpose,
        purpose_text=element.get("purpose_text") or defaults.purpose_text,
        reasons={**defaults.reasons, **element.get("reasons", {})},
        duration=duration,
        seconds=seconds_of(duration) if seconds is None else seconds,
        locations=tuple(element.get("locations", ())),
        fields=fields,
        optional_fields=optional_fields,
        legal_basis=element.get("legal_basis") or defaults.legal_basis,
        keep=element.get("keep") or defaults.keep,
        onward=element.get("onward", defaults.onward),
        lws=lws,
        assignee=assignee,
        client=client,
    )


def _keys(names: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """Names of fields by section, as keys of `FIELDS`."""
    return {section: tuple(dict.fromkeys(f"{section}.{name}" for name in found)) for section, found in names.items()}
