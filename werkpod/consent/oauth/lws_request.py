"""The access request of W3C Linked Web Storage (LWS 1.0 core, "Access Requests and Grants"), as authorization details.

    {"type": "https://www.w3.org/ns/lws#AccessRequest", "storage": "https://example.org/anna/",
     "access": [{"type": ["AccessPolicy"], "action": ["read"], "assignee": "https://example.org/anna/profile/card#me",
                 "target": {"type": "DataResource", "value": ["https://example.org/anna/cv/competences"]},
                 "constraint": [
                     {"leftOperand": "purpose", "operator": "eq", "rightOperand": "https://w3id.org/dpv#..."},
                     {"leftOperand": "dateTime", "operator": "lteq", "rightOperand": "2026-12-31T12:00:00Z"}]}]}

RFC 9396 wants `type` to be a string, so it is the IRI that the draft's term AccessRequest stands for; all else is the
draft's. Its profile is ODRL's, which knows no sections or fields: a target is the document of a section, never a
container, and what cannot be held to is refused instead of passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from werkpod.consent.oauth.errors import InvalidAuthorizationDetails
from werkpod.vocab.sections import SECTIONS

LWS_REQUEST = "https://www.w3.org/ns/lws#AccessRequest"
LWS_GRANT = "https://www.w3.org/ns/lws#AccessGrant"
_NAMESPACE = "https://www.w3.org/ns/lws#"
_MEMBERS = ("@context", "type", "storage", "inbox", "access")
_POLICY = ("type", "action", "assignee", "target", "constraint")
_ACTIONS = {"read": "read", "create": "append", "modify": "write"}
LWS_ACTIONS = {ours: theirs for theirs, ours in _ACTIONS.items()}
"""Our actions in the words of Linked Web Storage."""
_TARGETS = ("DataResource", "StorageResource")
_EARLY = 300.0
"""Seconds that a begin may lie ahead: clocks differ, and a grant begins when the citizen says yes."""
_LONGEST = 3650 * 86400.0


@dataclass(frozen=True, slots=True)
class LwsRequest:
    """What is asked, with the members of our own type in `element`. `seconds`: until its end; None: not said.

    `assignee`: who is to get it (URI); `client`: by which app, "" for any.
    """

    element: dict[str, Any] = field(default_factory=dict)
    seconds: float | None = None
    assignee: str = ""
    client: str = ""


def read_lws(element: Mapping[str, Any], now: float) -> LwsRequest:
    """The request in an element. Raises InvalidAuthorizationDetails that names the member. `now`: Unix seconds."""
    _only(element, _MEMBERS, "the access request")
    storage = _uri(element.get("storage"), "storage")
    if not storage.endswith("/"):
        raise InvalidAuthorizationDetails("storage must be the address of a storage, with a slash at its end.")
    policies = element.get("access")
    if not isinstance(policies, list) or len(policies) != 1 or not isinstance(policies[0], dict):
        raise InvalidAuthorizationDetails("access must be an array with one policy: a grant has one purpose and end.")
    policy = policies[0]
    _only(policy, _POLICY, "access")
    kinds = policy.get("type")
    if not isinstance(kinds, list) or not {"AccessPolicy", f"{_NAMESPACE}AccessPolicy"} & {str(k) for k in kinds}:
        raise InvalidAuthorizationDetails("The type of a policy must be an array with AccessPolicy in it.")
    purpose, seconds, client = _constraints(policy.get("constraint", []), now)
    asked: dict[str, Any] = {
        "sections": _targets(policy.get("target"), storage),
        "actions": _actions(policy.get("action")),
        "locations": [storage],
    }
    if purpose:
        asked["purpose"] = purpose
    return LwsRequest(asked, seconds, _uri(policy.get("assignee"), "assignee"), client)


def _actions(value: object) -> list[str]:
    if not isinstance(value, list) or not value:
        raise InvalidAuthorizationDetails("action must be an array with at least one action.")
    for action in value:
        if not isinstance(action, str) or action not in _ACTIONS:
            raise InvalidAuthorizationDetails(
                f"The action {str(action)[:40]} is not given; a section can be given to {', '.join(_ACTIONS)}."
            )
    return list(dict.fromkeys(_ACTIONS[action] for action in value))


def _targets(value: object, storage: str) -> list[str]:
    """The sections of which the target names the documents."""
    kinds = {*_TARGETS, *(_NAMESPACE + kind for kind in _TARGETS)}
    if not isinstance(value, dict) or str(value.get("type")) not in kinds or not isinstance(value.get("value"), list):
        raise InvalidAuthorizationDetails(f"target must have a type ({' or '.join(_TARGETS)}) and an array value.")
    _only(value, ("type", "value"), "target")
    places = {f"{storage}{section.path}": key for key, section in SECTIONS.items() if not section.path.endswith("/")}
    if not value["value"] or len(value["value"]) > len(places):
        raise InvalidAuthorizationDetails(f"target must name 1 to {len(places)} documents.")
    for place in value["value"]:
        if not isinstance(place, str) or place not in places:
            raise InvalidAuthorizationDetails(
                f"The target {str(place)[:120]} is not the document of a section of this storage."
            )
    return list(dict.fromkeys(places[place] for place in value["value"]))


def _constraints(value: object, now: float) -> tuple[str, float | None, str]:
    """Purpose, seconds from now, and client id. All constraints have to hold, so each can be there once."""
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value) or len(value) > 4:
        raise InvalidAuthorizationDetails("constraint must be an array of at most four constraints.")
    found: dict[tuple[str, str], str] = {}
    for one in value:
        _only(one, ("leftOperand", "operator", "rightOperand"), "constraint")
        left, operator, right = (one.get(name) for name in ("leftOperand", "operator", "rightOperand"))
        if (left, operator) not in _KNOWN or not isinstance(right, str) or (left, operator) in found:
            raise InvalidAuthorizationDetails(
                f"The constraint {str(left)[:40]} {str(operator)[:20]} cannot be kept; once each can: "
                + ", ".join(" ".join(pair) for pair in _KNOWN)
            )
        found[str(left), str(operator)] = right
    if (begin := found.get(("dateTime", "gteq"))) and _time(begin) > now + _EARLY:
        raise InvalidAuthorizationDetails("A grant begins when the citizen says yes, not at a later date.")
    seconds = None
    if end := found.get(("dateTime", "lteq")):
        seconds = _time(end) - now
        if not 0 < seconds <= _LONGEST:
            raise InvalidAuthorizationDetails("The end (dateTime lteq) must be in the next ten years.")
    return found.get(("purpose", "eq"), ""), seconds, found.get(("client", "eq"), "")


_KNOWN = (("purpose", "eq"), ("dateTime", "gteq"), ("dateTime", "lteq"), ("client", "eq"))


def _time(text: str) -> float:
    """Unix seconds of an xsd:dateTime with a time zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = datetime.min
    if found.tzinfo is None:
        raise InvalidAuthorizationDetails("A dateTime must be like 2026-12-31T12:00:00Z.")
    return found.timestamp()


def _uri(value: object, name: str) -> str:
    if not isinstance(value, str) or not value.startswith(("https://", "http://")) or len(value) > 500:
        raise InvalidAuthorizationDetails(f"{name} must be an http(s) URI of at most 500 characters.")
    return value


def _only(found: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    if unknown := [name for name in found if name not in known]:
        raise InvalidAuthorizationDetails(
            f"{str(unknown[0])[:40]} in {where} is not known; known are {', '.join(known)}."
        )
