"""What was sent: read as what it says it is, and held against what some documents keep."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from werkpod.pod.access.wac import keeps_control, rules_of
from werkpod.pod.addresses import Address, Kind, encode
from werkpod.pod.descriptions import require_no_services
from werkpod.pod.directory import Pod
from werkpod.pod.ldp import containers, graphs
from werkpod.pod.ldp.errors import ControlLost, NotTaken, UnknownContext
from werkpod.pod.ldp.graphs import Document, essence, is_rdf
from werkpod.pod.profile.errors import BrokenProfile
from werkpod.pod.profile.guard import Guard
from werkpod.pod.profile.places import KEPT_DOCUMENTS
from werkpod.pod.representations import HEAVY
from werkpod.pod.storage import Staged
from werkpod.web.errors import Conflict, TooLarge

_LDP = "http://www.w3.org/ns/ldp#"
CONTAINER_TYPES = frozenset({_LDP + "Container", _LDP + "BasicContainer"})
ACL_LIMIT = 64 << 10
"""Bytes of access rules: they are read at each request, and kept in memory for many resources."""


class Sent:
    """Reads what was sent, for one server."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def parse(self, pod: Pod, where: Address, body: bytes, media_type: str) -> Document | None:
        """The document that was sent, None where it is not RDF. Raises NotTaken for an auxiliary that is not RDF."""
        if not is_rdf(media_type):
            if where.kind is not Kind.DOCUMENT:
                raise NotTaken(f"This is RDF; send {', '.join(graphs.FORMATS)} instead of {essence(media_type)}.")
            return None
        if where.kind is Kind.ACL and len(body) > ACL_LIMIT:
            raise TooLarge(f"Access rules have at most {ACL_LIMIT} bytes; {len(body)} were sent.")
        url = pod.storage + encode(where.path)
        if len(body) > HEAVY:
            return await asyncio.to_thread(graphs.parse, body, media_type, url)
        return graphs.parse(body, media_type, url)

    async def taken(
        self, pod: Pod, where: Address, body: bytes | Staged, media_type: str
    ) -> tuple[bytes | Staged, Document | None]:
        """What is stored of what was sent, and what it says; None also where nothing depends on that."""
        if isinstance(body, Staged):
            if is_rdf(media_type) or where.kind is not Kind.DOCUMENT:
                raise TooLarge(f"An RDF document here has at most {graphs.RDF_LIMIT} bytes.")
            return body, None
        if where.kind is Kind.DOCUMENT and where.path not in KEPT_DOCUMENTS and is_rdf(media_type):
            url = pod.storage + encode(where.path)
            if len(body) > HEAVY:
                return await asyncio.to_thread(graphs.finished, body, media_type, url), None
            return graphs.finished(body, media_type, url), None
        try:
            return body, await self.parse(pod, where, body, media_type)
        except UnknownContext as error:
            if where.path in KEPT_DOCUMENTS:  # Solid WebID Profile, 3.2: an unrecognised JSON-LD context is 422
                raise BrokenProfile(error.detail) from None
            raise

    async def check(self, pod: Pod, where: Address, document: Document | None) -> None:
        """What some documents keep: the root's ACL Control, descriptions the server's part, a profile its links."""
        if where.kind is Kind.META and (where.subject == "" or where.subject.endswith("/")) and document:
            containers.description(document.triples, (), pod.storage + encode(where.subject))
        if where.kind is Kind.META and document:
            require_no_services(pod, where, document)
        if where.path == ".acl" and not keeps_control(rules_of(document.triples if document else ()), pod.storage):
            raise ControlLost(
                "The access rules of a storage keep an acl:Authorization with acl:mode acl:Control and "
                f"acl:accessTo <{pod.storage}>."
            )
        await self._guard.check(pod, where, document)


def check_link_types(where: Address, link_types: Collection[str]) -> None:
    """Raise Conflict where Link: rel="type" asks for what the address is not; the address decides."""
    if where.container and _LDP + "NonRDFSource" in link_types:
        raise Conflict("An address that ends in a slash is a container, not a file.")
    if not where.container and CONTAINER_TYPES & set(link_types):
        raise Conflict("The address of a container ends in a slash; put it there, or POST to the container above.")
