"""The members of an element of `authorization_details`, each looked at: nothing unknown is passed over in silence.

RFC 9396, section 5: an unknown type or field, a value of another form, or one that cannot be given is refused. What the
members mean is told in `details`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from werkpod.consent.grants.terms import DPV, LEGAL_BASES, is_dpv
from werkpod.consent.oauth.errors import InvalidAuthorizationDetails
from werkpod.vocab.fields import FIELDS
from werkpod.vocab.sections import SECTIONS

ACTIONS = ("read", "append", "write")
MEMBERS = (
    "type", "sections", "optional", "fields", "optional_fields", "actions", "purpose", "purpose_text", "legal_basis",
    "reasons", "duration", "once", "keep", "onward", "locations",
)  # fmt: skip
KEEPS = ("nothing", "until_end")
"""What an app may keep when it is over, in a word; else a duration after the end."""
LONGEST_REASON = 200
ONCE_SECONDS = 15 * 60.0
"""How long a grant for "once" lasts: one sitting."""
_DAY = 86400.0
_LONGEST_DAYS = 3650
_DURATION = re.compile(r"P(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,3})W)?(?:(\d{1,4})D)?(?:T(\d{1,3})H)?\Z")
_UNIT_DAYS = (365, 30, 7, 1)


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
    if not 0 < seconds <= _LONGEST_DAYS * _DAY:
        raise InvalidAuthorizationDetails("duration must be more than nothing and at most ten years.")
    return seconds


def kept_seconds(keep: str) -> float:
    """How long after the end something may be kept; infinite where that is not said. Raises like `seconds_of`."""
    if not keep:
        return float("inf")
    return 0.0 if keep in KEEPS else seconds_of(keep) or 0.0


def checked(element: Mapping[str, Any]) -> dict[str, Any]:
    """The element, after every member was looked at. Raises InvalidAuthorizationDetails that names the member."""
    for name in element:
        if name not in MEMBERS:
            raise InvalidAuthorizationDetails(
                f"The field {str(name)[:40]} is not known; known are {', '.join(MEMBERS)}."
            )
    needed, optional = _sections(element, "sections"), _sections(element, "optional")
    if both := [section for section in optional if section in needed]:
        raise InvalidAuthorizationDetails(f"The section {both[0]} is in sections and in optional; it can be in one.")
    for action in _strings(element, "actions", 3):
        if action not in ACTIONS:
            raise InvalidAuthorizationDetails(f"The action {action[:40]} is not known; known are {', '.join(ACTIONS)}.")
    _strings(element, "locations", 1)
    _check_fields(element, {*needed, *optional})
    _check_terms(element)
    _check_texts(element)
    return dict(element)


def _check_fields(element: Mapping[str, Any], asked: set[str]) -> None:
    """`fields` and `optional_fields`: names of fields, for each section that is asked in part."""
    chosen: dict[str, set[str]] = {}
    for member in ("fields", "optional_fields"):
        value = element.get(member, {})
        if not isinstance(value, dict):
            raise InvalidAuthorizationDetails(f"{member} must be an object with sections as names.")
        for section, names in value.items():
            if section not in asked:
                raise InvalidAuthorizationDetails(f"{member} names the section {section[:40]}, which is not asked.")
            known = [key.partition(".")[2] for key, field in FIELDS.items() if field.section == section]
            if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
                raise InvalidAuthorizationDetails(f"{member}.{section} must be an array of names of fields.")
            for name in names:
                if name not in known:
                    raise InvalidAuthorizationDetails(
                        f"The field {name[:40]} in {member} is not known; {section} has {', '.join(known) or 'none'}."
                    )
                if member == "optional_fields" and name in chosen.get(section, ()):
                    raise InvalidAuthorizationDetails(f"The field {section}.{name} is needed and optional; choose one.")
            chosen.setdefault(section, set()).update(names)
    if chosen and set(element.get("actions") or ("read",)) != {"read"}:
        raise InvalidAuthorizationDetails("Sections of which some fields are asked can only be read: actions is read.")


def _check_terms(element: Mapping[str, Any]) -> None:
    """Purpose, basis, how long, and what happens afterwards."""
    for name in ("purpose", "duration", "legal_basis", "keep"):
        if not isinstance(element.get(name, ""), str) or len(element.get(name, "")) > 200:
            raise InvalidAuthorizationDetails(f"{name} must be a string of at most 200 characters.")
    if element.get("purpose") and not is_dpv(element["purpose"]):
        raise InvalidAuthorizationDetails(f"purpose must be the IRI of a DPV purpose ({DPV}...).")
    if element.get("legal_basis") and element["legal_basis"] not in LEGAL_BASES:
        raise InvalidAuthorizationDetails(f"legal_basis must be one of {', '.join(LEGAL_BASES)}.")
    for name in ("once", "onward"):
        if not isinstance(element.get(name, False), bool):
            raise InvalidAuthorizationDetails(f"{name} must be true or false.")
    duration = element.get("duration", "")
    seconds_of(duration)
    if element.get("once") and duration not in ("", "once"):
        raise InvalidAuthorizationDetails("once and a duration cannot go together.")
    if (keep := element.get("keep", "")) not in ("", *KEEPS):
        try:
            seconds_of(keep if keep != "once" else "-")
        except InvalidAuthorizationDetails:
            raise InvalidAuthorizationDetails(
                f"keep must be {', '.join(KEEPS)} or how long after the end, as an ISO 8601 duration such as P30D."
            ) from None


def _check_texts(element: Mapping[str, Any]) -> None:
    if not _is_text(element.get("purpose_text", {}), 500):
        raise InvalidAuthorizationDetails("purpose_text must be an object with nl and en, each at most 500 characters.")
    reasons = element.get("reasons", {})
    if not isinstance(reasons, dict) or not all(
        (key in SECTIONS or key in FIELDS) and _is_text(text, LONGEST_REASON) for key, text in reasons.items()
    ):
        raise InvalidAuthorizationDetails(
            "reasons must be an object with sections, or section.field, as names, and for each an object with nl and "
            f"en, each at most {LONGEST_REASON} characters."
        )


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


def _strings(element: Mapping[str, Any], name: str, most: int) -> list[str]:
    value = element.get(name, [])
    if not isinstance(value, list) or len(value) > most or not all(isinstance(item, str) for item in value):
        raise InvalidAuthorizationDetails(f"{name} must be an array of at most {most} strings.")
    return value
