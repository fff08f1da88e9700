"""What an app asks for: `authorization_details` (RFC 9396) of our own type, with defaults from the client document.

    {"type": "https://w3id.org/werkpod/access", "sections": ["competences"], "optional": ["experience"],
     "actions": ["read"], "reasons": {"experience": {"nl": "...", "en": "..."}},
     "purpose": "https://w3id.org/dpv#ServiceProvision", "purpose_text": {"nl": "...", "en": "..."},
     "duration": "P90D" or "once", "locations": ["https://example.org/anna/"]}

`sections` are needed: who will not share one of them says no. `optional` are beyond those: the citizen ticks the ones
to share, and the app does without the others. `reasons` says for each section why.

One element a request: a grant has one purpose and one duration.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from werkpod.consent.grants import GrantRecord
from werkpod.consent.oauth.errors import InvalidAuthorizationDetails
from werkpod.vocab.sections import SECTIONS

TYPE = "https://w3id.org/werkpod/access"
DOCUMENT_MEMBER = "werkpod:access"
ACTIONS = ("read", "append", "write")
FIELDS = ("type", "sections", "optional", "actions", "purpose", "purpose_text", "reasons", "duration", "locations")
LONGEST_REASON = 200
MAX_BYTES = 16 * 1024
ONCE_SECONDS = 15 * 60.0
"""How long a grant for "once" lasts: one sitting."""
_DAY = 86400.0
_DURATION = re.compile(r"P(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,3})W)?(?:(\d{1,4})D)?(?:T(\d{1,3})H)?\Z")
_UNIT_DAYS = (365, 30, 7, 1)


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What is asked. `sections` are needed; empty: the citizen chooses. `optional`: others that the citizen may add.

    `reasons`: why, by section and language. `duration` as sent, `seconds` what it means; None: the app did not say.
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

    @property
    def once(self) -> bool:
        """Whether the access is for one sitting: no refresh token goes with it."""
        return self.duration == "once"

    @property
    def possible(self) -> tuple[str, ...]:
        """Every section that a yes can give: the needed ones and the optional ones."""
        return (*self.sections, *self.optional)

    def text(self, lang: str) -> str:
        """Why, in a language; in the other one when the app did not say."""
        return _in(lang, self.purpose_text)

    def reason(self, section: str, lang: str) -> str:
        """Why this section; "" when the app did not say."""
        return _in(lang, self.reasons.get(section, {}))


def parse_details(raw: str | None, defaults: AccessRequest) -> AccessRequest:
    """The request parameter as an AccessRequest; what it leaves out comes from `defaults`, but for the sections.

    Raises InvalidAuthorizationDetails that names the field (RFC 9396, section 5: unknown types and fields are refused).
    """
    if raw is None:
        return _with_defaults({}, defaults)
    if len(raw.encode()) > MAX_BYTES:
        raise InvalidAuthorizationDetails(f"authorization_details has more than {MAX_BYTES} bytes.")
    try:
        elements = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        raise InvalidAuthorizationDetails("authorization_details is not JSON.") from None
    if not isinstance(elements, list) or len(elements) != 1 or not isinstance(elements[0], dict):
        raise InvalidAuthorizationDetails("authorization_details must be an array with one object.")
    element = elements[0]
    if element.get("type") != TYPE:
        raise InvalidAuthorizationDetails(f"The type must be {TYPE}.")
    if not element.get("sections"):
        raise InvalidAuthorizationDetails("sections is missing or empty.")
    return _with_defaults(_checked(element), defaults)


def document_defaults(member: object) -> AccessRequest:
    """The defaults in `werkpod:access` of a client document. Raises InvalidAuthorizationDetails like a request."""
    if member is None:
        return AccessRequest()
    if not isinstance(member, dict):
        raise InvalidAuthorizationDetails(f"{DOCUMENT_MEMBER} must be an object.")
    return _with_defaults(_checked(member), AccessRequest())


def granted_detail(grant: GrantRecord, storage: str) -> dict[str, Any]:
    """What was given, for the token response (RFC 9396, section 7): may be less than was asked, never more."""
    element: dict[str, Any] = {
        "type": TYPE,
        "sections": list(SECTIONS) if grant.everything else list(grant.sections),
        "actions": list(grant.actions),
        "purpose": grant.purpose,
        "locations": [storage],
        "grant": grant.id,
    }
    if grant.everything:
        element["everything"] = True
    if grant.until is not None:
        element["until"] = int(grant.until)
    return element


def seconds_of(duration: str) -> float | None:
    """The seconds of an ISO 8601 duration ("P90D", "P1Y", "PT2H") or of "once"; None for "". A month is 30 days.

    Raises InvalidAuthorizationDetails for another form, for nothing at all and for more than ten years.
    """
    if not duration:
        return None
    if duration == "once":
        return ONCE_SECONDS
    match = _DURATION.match(duration)
    if match is None:
        raise InvalidAuthorizationDetails('duration must be "once" or an ISO 8601 duration such as P90D.')
    *days, hours = (int(group or 0) for group in match.groups())
    seconds = sum(count * unit for count, unit in zip(days, _UNIT_DAYS, strict=True)) * _DAY + hours * 3600.0
    if not 0 < seconds <= 3650 * _DAY:
        raise InvalidAuthorizationDetails("duration must be more than nothing and at most ten years.")
    return seconds


def _checked(element: Mapping[str, Any]) -> dict[str, Any]:
    """The element with every field looked at."""
    for name in element:
        if name not in FIELDS:
            raise InvalidAuthorizationDetails(
                f"The field {str(name)[:40]} is not known; known are {', '.join(FIELDS)}."
            )
    needed, optional = _sections(element, "sections"), _sections(element, "optional")
    if both := [section for section in optional if section in needed]:
        raise InvalidAuthorizationDetails(f"The section {both[0]} is in sections and in optional; it can be in one.")
    for action in _strings(element, "actions", 3):
        if action not in ACTIONS:
            raise InvalidAuthorizationDetails(f"The action {action[:40]} is not known; known are {', '.join(ACTIONS)}.")
    _strings(element, "locations", 1)
    for name in ("purpose", "duration"):
        if not isinstance(element.get(name, ""), str) or len(element.get(name, "")) > 200:
            raise InvalidAuthorizationDetails(f"{name} must be a string of at most 200 characters.")
    if element.get("purpose") and not element["purpose"].startswith(("https://w3id.org/dpv#", "https://w3id.org/dpv/")):
        raise InvalidAuthorizationDetails("purpose must be the IRI of a DPV purpose (https://w3id.org/dpv#...).")
    seconds_of(element.get("duration", ""))
    if not _is_text(element.get("purpose_text", {}), 500):
        raise InvalidAuthorizationDetails("purpose_text must be an object with nl and en, each at most 500 characters.")
    reasons = element.get("reasons", {})
    if not isinstance(reasons, dict) or not all(
        key in SECTIONS and _is_text(text, LONGEST_REASON) for key, text in reasons.items()
    ):
        raise InvalidAuthorizationDetails(
            "reasons must be an object with sections as names, and for each an object with nl and en, each at most "
            f"{LONGEST_REASON} characters."
        )
    return dict(element)


def _sections(element: Mapping[str, Any], name: str) -> list[str]:
    found = _strings(element, name, 20)
    for section in found:
        if section not in SECTIONS:
            raise InvalidAuthorizationDetails(
                f"The section {section[:40]} in {name} is not known; known are {', '.join(SECTIONS)}."
            )
    return found


def _is_text(texts: object, most: int) -> bool:
    return isinstance(texts, dict) and all(
        lang in ("nl", "en") and isinstance(text, str) and len(text) <= most for lang, text in texts.items()
    )


def _in(lang: str, texts: Mapping[str, str]) -> str:
    return texts.get(lang) or next(iter(texts.values()), "")


def _strings(element: Mapping[str, Any], name: str, most: int) -> list[str]:
    value = element.get(name, [])
    if not isinstance(value, list) or len(value) > most or not all(isinstance(item, str) for item in value):
        raise InvalidAuthorizationDetails(f"{name} must be an array of at most {most} strings.")
    return value


def _with_defaults(element: Mapping[str, Any], defaults: AccessRequest) -> AccessRequest:
    duration = element.get("duration") or defaults.duration
    return AccessRequest(
        sections=tuple(dict.fromkeys(element.get("sections", ()))),
        optional=tuple(dict.fromkeys(element.get("optional", ()))),
        actions=tuple(a for a in ACTIONS if a in (element.get("actions") or defaults.actions)),
        purpose=element.get("purpose") or defaults.purpose,
        purpose_text=element.get("purpose_text") or defaults.purpose_text,
        reasons={**defaults.reasons, **element.get("reasons", {})},
        duration=duration,
        seconds=seconds_of(duration),
        locations=tuple(element.get("locations", ())),
    )
