"""The body of a request: our own form, or a W3C Linked Web Storage access request; to one element of access details.

    {"to": "https://example.org/noor/", "sections": ["competences"], "optional": ["experience"], "actions": ["read"],
     "purpose": "https://w3id.org/dpv#ServiceProvision", "purpose_text": {"nl": "..."}, "duration": "P90D"}

Beside `to` and `client` it has the members of `authorization_details` (`consent/oauth/details.py`); `type` may be left
out. `client`: the app that the access is for alone; it must be the one that asks.

Linked Web Storage 1.0 (draft of June 2026), "Access Requests and Grants": the request as an agent posts it to an access
request endpoint; `description` beside it says why, in words.

Nothing is looked up here: who reads the errors learns nothing of who has a pod.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from werkpod.consent.asking.errors import BadAsk
from werkpod.consent.asking.model import ASKABLE
from werkpod.consent.oauth.details import TYPE, AccessRequest, parse_details
from werkpod.consent.oauth.errors import InvalidAuthorizationDetails
from werkpod.consent.oauth.lws_request import LWS_REQUEST, read_lws
from werkpod.pod.addresses import is_slug

LIMIT = 16 * 1024
"""Bytes that a request may have."""
ACTIONS = ("read", "append")
"""What somebody else can ask: to see, and to add. To change what a citizen wrote is not for others."""
LWS_CONTEXT = "https://www.w3.org/ns/lws/v1"
_LWS_TYPES = {"AccessRequest", LWS_REQUEST}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a body says. `to`: a WebID of this server, whether it exists or not; `client`: "" where any app will do;
    `assignee`: who it says that asks, "" where it does not say."""

    to: str
    element: dict[str, Any]
    client: str = ""
    assignee: str = ""


def read_body(body: bytes, *, base_url: str, now: float) -> Wanted:
    """What a body asks. Raises BadAsk that names the member."""
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise BadAsk("The body is not JSON.") from None
    if not isinstance(said, dict):
        raise BadAsk("The body must be an object with to, sections, purpose, purpose_text and duration.")
    kinds = said.get("type")
    if isinstance(kinds, list) or kinds in _LWS_TYPES:
        return _linked_web_storage(said, base_url, now)
    element = {name: value for name, value in said.items() if name not in ("to", "client")}
    wanted = Wanted(citizen_of(said.get("to"), base_url), {"type": TYPE, **element}, _string(said, "client"))
    if not check_element(wanted.element, wanted.to).purpose_text:
        raise BadAsk("purpose_text is missing: why you ask this, in words for the person (nl, en).")
    return wanted


def _linked_web_storage(said: Mapping[str, Any], base_url: str, now: float) -> Wanted:
    kinds, contexts, why = said.get("type"), said.get("@context"), said.get("description")
    if not _LWS_TYPES & {str(kind) for kind in (kinds if isinstance(kinds, list) else [kinds])}:
        raise BadAsk("type must have AccessRequest in it.")
    if not isinstance(contexts, list) or LWS_CONTEXT not in contexts:
        raise BadAsk(f"@context must be an array with {LWS_CONTEXT} in it.")
    request = {name: value for name, value in said.items() if name != "description"}
    try:
        asked = read_lws({**request, "type": LWS_REQUEST}, now)
    except InvalidAuthorizationDetails as error:
        raise BadAsk(error.description) from None
    element = {"type": TYPE, **asked.element}
    if asked.seconds is not None:
        days, hours = int(asked.seconds // 86400), max(1, int(asked.seconds // 3600))
        element["duration"] = f"P{days}D" if days else f"PT{hours}H"
    if why is not None:
        element["purpose_text"] = {"nl": why} if isinstance(why, str) else why
    to = citizen_of(said.get("storage"), base_url)
    check_element(element, to)
    return Wanted(to, element, asked.client, asked.assignee)


def citizen_of(to: object, base_url: str) -> str:
    """The WebID that `to` means: a WebID or a storage of this server, or the name of a pod. Raises BadAsk."""
    if not isinstance(to, str) or not to.strip() or len(to) > 500:
        raise BadAsk(f"to must be the WebID or the storage of who is asked, such as {base_url}/noor/.")
    named = to.strip()
    slug = named.removeprefix(base_url + "/").removesuffix("profile/card#me").removesuffix("/")
    if not is_slug(slug):
        raise BadAsk(
            f"to must be an address on this server, such as {base_url}/noor/; for others, ask at their server."
        )
    return f"{base_url}/{slug}/profile/card#me"


def access_of(element: Mapping[str, Any]) -> AccessRequest:
    """An element of access details, parsed. Raises InvalidAuthorizationDetails."""
    return parse_details(msgspec.json.encode([element]).decode(), AccessRequest())


def check_element(element: Mapping[str, Any], to: str) -> AccessRequest:
    """What is asked. Raises BadAsk for what an app could ask and somebody else cannot, and for what is missing."""
    try:
        access = access_of(element)
    except InvalidAuthorizationDetails as error:
        raise BadAsk(error.description) from None
    if wrong := [section for section in access.possible if section not in ASKABLE]:
        raise BadAsk(f"The section {wrong[0]} cannot be asked for; those that can are {', '.join(ASKABLE)}.")
    if not access.actions or any(action not in ACTIONS for action in access.actions):
        raise BadAsk(f"actions can be {' and '.join(ACTIONS)}, no more.")
    if not access.purpose:
        raise BadAsk("purpose is missing: the IRI of a DPV purpose, such as https://w3id.org/dpv#ServiceProvision.")
    if access.seconds is None:
        raise BadAsk('duration is missing: how long, such as P90D, or "once".')
    if any(location != to.removesuffix("profile/card#me") for location in access.locations):
        raise BadAsk("locations can only be the storage of who is asked.")
    for text in (*access.purpose_text.values(), *(t for texts in access.reasons.values() for t in texts.values())):
        plain_text(text, "purpose_text")
    return access


def plain_text(text: str, name: str, most: int = 500) -> str:
    """A text for a person, trimmed. Raises BadAsk where it is empty, too long, or has what nobody can see in it."""
    text = text.strip()
    if not text or len(text) > most:
        raise BadAsk(f"{name} must be a text of 1 to {most} characters.")
    if any(unicodedata.category(each) in _UNSEEN and each not in "\n\r\t" for each in text):
        raise BadAsk(f"{name} has control characters or invisible characters in it.")
    return text


_UNSEEN = frozenset({"Cc", "Cf", "Cs"})


def _string(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name, "")
    if not isinstance(value, str) or len(value) > 2048:
        raise BadAsk(f"{name} must be a string of at most 2048 characters.")
    return value
