"""Descriptions that the server writes: of a storage, and its part in those of resources.

Both say where somebody can subscribe to changes (Solid Notifications Protocol, "Discovery"). A client writes what else
it likes in the description of a resource; the words of notifications it does not, because who follows them sends tokens
there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import pyoxigraph as ox

from werkpod.pod.access.model import Access, Mode
from werkpod.pod.addresses import Address, encode
from werkpod.pod.directory import Pod
from werkpod.pod.ldp import graphs
from werkpod.pod.ldp.conditional import body_etag
from werkpod.pod.ldp.conneg import choose
from werkpod.pod.ldp.errors import ServerManaged
from werkpod.pod.ldp.graphs import PREFIXES, TURTLE, Document
from werkpod.pod.notify import words
from werkpod.pod.notify.channels import service_url
from werkpod.pod.representations import Representation
from werkpod.pod.stored import Head, Stored

_LWS = "https://www.w3.org/ns/lws#"
_FORMS = (TURTLE, *(form for form in words.FORMS if form != TURTLE))


def storage_description(
    pod: Pod, where: Address, accept: str | None, beside: Mapping[str, str] = MappingProxyType({})
) -> Representation:
    """The storage description resource (Solid Protocol, 4.1): public, made on the spot. Raises NotAcceptable.

    `beside`: other services for the storage, as Linked Web Storage has them (W3C draft, "Discovery"): type, endpoint.
    """
    form = choose(accept, _FORMS)
    services = [words.service(service_url(pod, name), name) for name in words.TYPES]
    document: dict[str, Any] = {
        "@context": [words.CONTEXT],
        "id": pod.storage + encode(where.path),
        "subscription": services,
        PREFIXES["foaf"] + "primaryTopic": {
            "id": pod.storage,
            "type": PREFIXES["pim"] + "Storage",
            "subscription": [service["id"] for service in services],
            **({_LWS + "service": [_beside(*one) for one in beside.items()]} if beside else {}),
        },
    }
    body = words.written(document, form)
    access = Access(Mode.READ, Mode.READ)
    return Representation(where.path, form, body, body_etag(body), None, False, access, len(body), True)


def _beside(kind: str, endpoint: str) -> dict[str, Any]:
    profile = {"id": _LWS + "AccessProfile"}
    return {
        "type": _LWS + kind, _LWS + "serviceEndpoint": {"id": endpoint}, "http://purl.org/dc/terms/conformsTo": profile
    }  # fmt: skip


def _services(pod: Pod, subject: str) -> list[ox.Triple]:
    """What the server says in the description of a resource."""
    found = []
    for name in words.TYPES:
        service = ox.NamedNode(service_url(pod, name))
        found.append(ox.Triple(ox.NamedNode(subject), ox.NamedNode(words.NOTIFY + "subscription"), service))
        found += _said(service, "channelType", [name])
        found += _said(service, "feature", words.FEATURES)
    return found


def _said(service: ox.NamedNode, predicate: str, names: Iterable[str]) -> list[ox.Triple]:
    about = ox.NamedNode(words.NOTIFY + predicate)
    return [ox.Triple(service, about, ox.NamedNode(words.NOTIFY + name)) for name in names]


def resource_description(pod: Pod, where: Address, stored: Stored | None, subject: Head) -> Stored:
    """The description of a resource: what a client wrote, if anything, and the server's part."""
    ours = _services(pod, pod.storage + encode(where.subject))
    if stored is None:
        body = graphs.serialise(Document(tuple(ours)), TURTLE)
        return Stored(where.path, TURTLE, 1, body_etag(body), subject.modified, len(body), False, body)
    theirs = graphs.read(stored.body, stored.media_type, pod.storage + encode(where.path))
    kept = [triple for triple in theirs.triples if not _is_ours_to_say(triple)]
    body = graphs.serialise(Document((*kept, *ours), theirs.named), graphs.essence(stored.media_type))
    return Stored(
        stored.path, stored.media_type, stored.version, stored.etag, stored.modified, len(body), False, body
    )  # fmt: skip


def _is_ours_to_say(triple: ox.Triple) -> bool:
    return triple.predicate.value.startswith((words.NOTIFY, words.DRAFT))


def require_no_services(pod: Pod, where: Address, document: Document) -> None:
    """Raise ServerManaged where a description says of notifications what the server does not say."""
    ours = set(_services(pod, pod.storage + encode(where.subject)))
    for triple in document.triples:
        if _is_ours_to_say(triple) and triple not in ours:
            raise ServerManaged(f"Only the server says where changes are subscribed to ({triple.predicate.value}).")
