"""The words of Solid Notifications, and their JSON-LD: what the bundled contexts mean, documents in and out.

Two addresses of one context are in use: that of the protocol (Solid Notifications Protocol 0.3, "Protocol") and that of
the drafts of the channel types, which servers and clients of the first years have and which has no names for channel
types. Both are known here and neither is ever fetched; who asks in the words of the drafts is answered in them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
import pyoxigraph as ox

from werkpod.pod.ldp.conneg import choose
from werkpod.pod.ldp.graphs import FORMATS, JSON_LD, PREFIXES, Document, parse, serialise
from werkpod.pod.notify.errors import UnknownProfile, Unsubscribable
from werkpod.web.errors import BadRequest

NOTIFY = "http://www.w3.org/ns/solid/notifications#"
DRAFT = "http://www.w3.org/ns/solid/notification#"
"""The namespace as some drafts of channel types spell it; taken for the same in what a client names."""
CONTEXT = "https://www.w3.org/ns/solid/notifications-context/v1"
DRAFT_CONTEXT = "https://www.w3.org/ns/solid/notification/v1"
ACTIVITIES = "https://www.w3.org/ns/activitystreams"

WEBSOCKET, WEBHOOK = "WebSocketChannel2023", "WebhookChannel2023"
STREAMING, EVENTS = "StreamingHTTPChannel2023", "EventSourceChannel2023"
TYPES = (WEBSOCKET, WEBHOOK, STREAMING, EVENTS)
FEATURES = ("accept", "endAt", "rate", "startAt", "state")

_AS = "https://www.w3.org/ns/activitystreams#"
_XSD = PREFIXES["xsd"]


def _iri(name: str) -> dict[str, str]:
    return {"@id": NOTIFY + name, "@type": "@id"}


_TERMS: dict[str, Any] = {
    "@version": 1.1,
    "id": "@id",
    "type": "@type",
    "notify": NOTIFY,
    "xsd": _XSD,
    "topic": _iri("topic"),
    "sendTo": _iri("sendTo"),
    "receiveFrom": _iri("receiveFrom"),
    "sender": _iri("sender"),
    "subscription": _iri("subscription"),
    "channel": _iri("channel"),
    "channelType": {"@id": NOTIFY + "channelType", "@type": "@vocab"},
    "feature": {"@id": NOTIFY + "feature", "@type": "@vocab"},
    "startAt": {"@id": NOTIFY + "startAt", "@type": _XSD + "dateTime"},
    "endAt": {"@id": NOTIFY + "endAt", "@type": _XSD + "dateTime"},
    "rate": {"@id": NOTIFY + "rate", "@type": _XSD + "duration"},
    "accept": NOTIFY + "accept",
    "state": NOTIFY + "state",
    **{name: NOTIFY + name for name in TYPES},
}
_ASKED: dict[str, Any] = {**_TERMS, "@vocab": NOTIFY}
"""As `_TERMS`; a word that it does not have becomes a word of the namespace, so that it is refused, not passed over."""
_ACTIVITY_TERMS: dict[str, Any] = {
    "object": {"@id": _AS + "object", "@type": "@id"},
    "target": {"@id": _AS + "target", "@type": "@id"},
    "published": {"@id": _AS + "published", "@type": _XSD + "dateTime"},
    **{name: _AS + name for name in ("Create", "Update", "Delete", "Add", "Remove")},
}
_BUNDLED: Mapping[str, dict[str, Any]] = {CONTEXT: _TERMS, DRAFT_CONTEXT: _TERMS, ACTIVITIES: _ACTIVITY_TERMS}


_PROFILE = re.compile(r";[ \t]*profile[ \t]*=[ \t]*(?:\"([^\"]*)\"|([^\s;,]*))", re.IGNORECASE)
_PROFILES = frozenset({CONTEXT, DRAFT_CONTEXT, ACTIVITIES, "http://www.w3.org/ns/json-ld#compacted"})
"""Profiles of JSON-LD that what is said here has: its contexts, and the form (JSON-LD 1.1, C)."""


def check_profile(header: str) -> None:
    """Raise UnknownProfile where a Content-Type or Accept has a `profile` parameter that is not known here."""
    for match in _PROFILE.finditer(header[:4096]):
        value = match[1] or match[2] or ""
        if not set(value.split()) <= _PROFILES:
            raise UnknownProfile(f"The profile {value[:200]!r} is not known here; it would be {CONTEXT}.")


def read_subscription(body: bytes, base: str, form: str = JSON_LD) -> tuple[list[ox.Triple], str]:
    """The triples of a document, and the context that it names where it is JSON-LD, else that of the protocol.

    Raises BadRequest, Unsubscribable.
    """
    if form != JSON_LD:
        return list(parse(body, form, base).triples), CONTEXT
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadRequest(f"The body is not JSON: {error}.") from None
    if not isinstance(document, dict):
        raise Unsubscribable("A subscription is one JSON object with @context, type and topic.")
    context, named = _known(document.get("@context"))
    known = {"@context": context, **{k: v for k, v in document.items() if k != "@context"}}
    try:
        return list(parse(msgspec.json.encode(known), JSON_LD, base).triples), named
    except BadRequest as error:
        raise Unsubscribable(f"The body cannot be processed as JSON-LD: {error.detail}") from None


def _known(context: object) -> tuple[list[object], str]:
    """The context with the bundled ones written out, and which of those it names. Raises Unsubscribable."""
    parts = context if isinstance(context, list) else [context]
    if len(parts) > 8:
        raise Unsubscribable("A subscription names at most 8 contexts.")
    found: list[object] = []
    named = CONTEXT
    for part in parts:
        if isinstance(part, str):
            named = part
            if part not in (CONTEXT, DRAFT_CONTEXT):
                raise Unsubscribable(f"The context {part[:200]!r} is not known here; it would be {CONTEXT}.")
            found.append(_ASKED)
        else:
            found.append(part)
    return found, named


def written(document: Mapping[str, Any], media_type: str) -> bytes:
    """A document in the notification data model, in one of the forms that RDF is given in."""
    if media_type in (JSON_LD, JSON):
        return msgspec.json.encode(document)
    context = [_BUNDLED[name] for name in _names(document["@context"])]
    plain = msgspec.json.encode({**document, "@context": context})
    triples = [quad.triple for quad in ox.parse(plain, FORMATS[JSON_LD])]
    return serialise(Document(tuple(triples)), media_type)


def _names(context: object) -> list[str]:
    return [context] if isinstance(context, str) else list(context) if isinstance(context, list | tuple) else []


FORMS = (JSON_LD, *(name for name in FORMATS if name != JSON_LD))
"""The forms of messages and descriptions: JSON-LD first."""


JSON = "application/json"
"""For who reads a description as plain JSON and says so; the same bytes."""


def form_for(accept: str | None, *, plain: bool = False) -> str:
    """The form that an Accept header asks for; `plain`: JSON is one. Raises NotAcceptable."""
    return choose(accept, (*FORMS, JSON) if plain else FORMS)


def service(url: str, channel_type: str) -> dict[str, Any]:
    """A subscription service (Solid Notifications Protocol, "Subscription Service")."""
    return {"id": url, "channelType": channel_type, "feature": list(FEATURES)}
