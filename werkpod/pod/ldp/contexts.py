"""JSON-LD contexts that are known here, so that documents which name them are read without the network.

The tables are Werkpod's own, made from what the vocabularies say of their terms; they are not copies of the files at
those addresses. They give the same triples for the terms that they have. A term of ActivityStreams that the table does
not have is left out of the triples, as it is with the context of that name (JSON-LD 1.1, 4.1.2: "@vocab": "_:").

A context stays known once it was: documents that name it are stored as they were sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, TypeAlias

import msgspec

from werkpod.pod.ldp.errors import UnknownContext

Json: TypeAlias = Any
MOST = 16
"""Contexts that one document may name; each is written out in its place before it is read."""
_DEEP = 64

_AS = "https://www.w3.org/ns/activitystreams"
_OIDC = "https://www.w3.org/ns/solid/oidc-context.jsonld"
_NOTIFICATIONS = "https://www.w3.org/ns/solid/notifications-context/v1"
_LDP = "http://www.w3.org/ns/ldp"

_SAME = {
    f"{_AS}.jsonld": _AS, f"{_AS}#": _AS, _AS.replace("https", "http", 1): _AS,
    "https://www.w3.org/ns/solid/notification/v1": _NOTIFICATIONS,
    "https://www.w3.org/ns/solid/oidc-context": _OIDC,
    f"{_LDP}#": _LDP, f"{_LDP}.jsonld": _LDP,
    "https://www.w3.org/ns/ldp": _LDP, "https://www.w3.org/ns/ldp.jsonld": _LDP,
}  # fmt: skip
"""Other addresses under which the same contexts are named."""

_IDS = {"id": "@id", "type": "@type"}
_XSD = {"xsd": "http://www.w3.org/2001/XMLSchema#"}


def _typed(prefix: str, kind: str, names: str) -> dict[str, Json]:
    """Terms of one kind: "" plain, "@id" for links, else a datatype."""
    return {name: {"@id": f"{prefix}:{name}", "@type": kind} if kind else f"{prefix}:{name}" for name in names.split()}


def _activity_streams() -> dict[str, Json]:
    """ActivityStreams 2.0 Vocabulary and ActivityPub: their classes and properties."""
    languages = {
        f"{name}Map": {"@id": f"as:{name}", "@container": "@language"} for name in ("content", "name", "summary")
    }
    return {
        "@vocab": "_:", **_IDS, **_XSD, "as": f"{_AS}#", "ldp": f"{_LDP}#", "vcard": "http://www.w3.org/2006/vcard/ns#",
        **_typed("as", "", (
            "Accept Activity IntransitiveActivity Add Announce Application Arrive Article Audio Block Collection"
            " CollectionPage Relationship Create Delete Dislike Document Event Follow Flag Group Ignore Image Invite"
            " Join Leave Like Link Mention Note Object Offer OrderedCollection OrderedCollectionPage Organization Page"
            " Person Place Profile Question Reject Remove Service TentativeAccept TentativeReject Tombstone Travel"
            " Undo Update Video View Listen Read Move IsFollowing IsFollowedBy IsContact IsMember"
            " units content name summary hreflang mediaType rel preferredUsername"
        )),
        **languages,
        **_typed("as", "@id", (
            "subject relationship actor attributedTo attachment bcc bto cc context current first generator icon image"
            " inReplyTo items instrument last location next object oneOf anyOf origin prev preview replies result"
            " audience partOf tag target url to href describes formerType upstreamDuplicates downstreamDuplicates"
            " outbox following followers streams endpoints uploadMedia proxyUrl liked oauthAuthorizationEndpoint"
            " oauthTokenEndpoint provideClientKey signClientKey sharedInbox Public source likes shares alsoKnownAs"
        )),
        "orderedItems": {"@id": "as:items", "@type": "@id", "@container": "@list"},
        "inbox": {"@id": "ldp:inbox", "@type": "@id"},
        **_typed("as", "xsd:dateTime", "closed endTime published startTime updated deleted"),
        **_typed("as", "xsd:float", "accuracy altitude latitude longitude radius"),
        **_typed("as", "xsd:nonNegativeInteger", "height startIndex totalItems width"),
        **_typed("as", "xsd:duration", "duration"),
    }  # fmt: skip


def _oidc() -> dict[str, Json]:
    """Client ID Documents (Solid-OIDC, 5.1)."""
    return {
        **_XSD, "oidc": "http://www.w3.org/ns/solid/oidc#", "client_id": {"@id": "@id", "@type": "@id"},
        **_typed("oidc", "@id", "client_uri logo_uri policy_uri tos_uri jwks_uri initiate_login_uri"),
        **{
            name: {"@id": f"oidc:{name}", "@type": "@id", "@container": "@set"}
            for name in ("redirect_uris", "post_logout_redirect_uris", "request_uris")
        },
        **{
            name: {"@id": f"oidc:{name}", "@container": "@set"}
            for name in ("grant_types", "response_types", "contacts")
        },
        **_typed("oidc", "", (
            "client_name scope application_type token_endpoint_auth_method id_token_signed_response_alg subject_type"
        )),
        **_typed("oidc", "xsd:integer", "default_max_age"),
        **_typed("oidc", "xsd:boolean", "require_auth_time"),
    }  # fmt: skip


def _notifications() -> dict[str, Json]:
    """Subscriptions and channels (Solid Notifications Protocol, 7)."""
    return {
        **_IDS, **_XSD, "notify": "http://www.w3.org/ns/solid/notifications#",
        **_typed("notify", "", (
            "WebSocketChannel2023 WebhookChannel2023 StreamingHTTPChannel2023 EventSourceChannel2023 LDNChannel2023"
            " accept state"
        )),
        **_typed("notify", "@id", "channel receiveFrom sender sendTo source subscription topic"),
        **_typed("notify", "@vocab", "channelType feature"),
        **_typed("notify", "xsd:dateTime", "startAt endAt"),
        **_typed("notify", "xsd:duration", "rate"),
    }  # fmt: skip


def _ldp() -> dict[str, Json]:
    """Linked Data Platform: what listings and inboxes say."""
    return {
        **_IDS, "ldp": f"{_LDP}#",
        **_typed("ldp", "", (
            "Resource RDFSource NonRDFSource Container BasicContainer DirectContainer IndirectContainer"
        )),
        **_typed("ldp", "@id", (
            "contains member membershipResource hasMemberRelation isMemberOfRelation insertedContentRelation inbox"
            " constrainedBy"
        )),
    }  # fmt: skip


@cache
def known() -> Mapping[str, Mapping[str, Json]]:
    """The contexts, by each of their addresses."""
    found = {_AS: _activity_streams(), _OIDC: _oidc(), _NOTIFICATIONS: _notifications(), _LDP: _ldp()}
    return {**found, **{other: found[name] for other, name in _SAME.items()}}


def written_out(body: bytes) -> bytes:
    """A JSON-LD document with the contexts that it names written out in their place.

    Raises UnknownContext that names the first one that is not known here, or says that there are too many.
    """
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return body
    return msgspec.json.encode(_Writer().node(document, _DEEP))


class _Writer:
    """One document; counts the contexts in it."""

    def __init__(self) -> None:
        self._count = 0

    def node(self, value: Json, left: int) -> Json:
        """A value in which every "@context" is written out."""
        if left == 0 or not isinstance(value, (dict, list)):
            return value
        if isinstance(value, list):
            return [self.node(item, left - 1) for item in value]
        return {
            name: self.context(item, left - 1) if name == "@context" else self.node(item, left - 1)
            for name, item in value.items()
        }

    def context(self, value: Json, left: int) -> Json:
        """The value of an "@context": names become what they stand for; what is written out already stays."""
        if isinstance(value, str):
            return self._named(value)
        if isinstance(value, list):
            return [self.context(item, left) for item in value]
        return self.node(value, left)

    def _named(self, name: str) -> Json:
        self._count += 1
        found = known().get(name)
        if found is None or self._count > MOST:
            raise UnknownContext(
                f"The context {name[:200]!r} is not known here, and contexts are not fetched. Write it out in the"
                f" document, or name at most {MOST} of: {', '.join(sorted(known()))}."
            )
        return found
