"""The `people` document of a pod: who works with the citizen, with the address of their inbox.

    <https://.../karin/profile/card#me> a wp:Coach ; foaf:name "Karin" ; ldp:inbox <https://.../karin/inbox/> .

What others wrote in it stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from werkpod.consent.dashboard.own import OwnPod
from werkpod.vocab.cv.terms import FOAF, RDF_TYPE, WP
from werkpod.vocab.sections import PEOPLE
from werkpod.web.errors import PreconditionFailed

LDP = "http://www.w3.org/ns/ldp#"
_PREFIXES = {"wp": WP, "foaf": FOAF, "ldp": LDP}
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who works with the citizen."""

    webid: str
    name: str
    inbox: str


async def remember(pod: OwnPod, helper: Helper) -> None:
    """Write down that `helper` works with the citizen."""
    node = ox.NamedNode(helper.webid)
    added = {
        ox.Triple(node, ox.NamedNode(RDF_TYPE), ox.NamedNode(WP + "Coach")),
        ox.Triple(node, ox.NamedNode(FOAF + "name"), ox.Literal(helper.name)),
        ox.Triple(node, ox.NamedNode(LDP + "inbox"), ox.NamedNode(helper.inbox)),
    }
    await _change(pod, helper.webid, added)


async def forget(pod: OwnPod, webid: str) -> None:
    """Take everything about `webid` out of the document."""
    await _change(pod, webid, set())


async def _change(pod: OwnPod, webid: str, added: set[ox.Triple]) -> None:
    """Replace what is said of `webid`; tried again when an app wrote in between."""
    for left in range(_TRIES - 1, -1, -1):
        before = await pod.read(PEOPLE.path)
        kept = _triples(before.body, pod.iri(PEOPLE.path)) if before else set()
        kept = {triple for triple in kept if triple.subject != ox.NamedNode(webid)}
        body = ox.serialize(sorted(kept | added, key=str), format=ox.RdfFormat.TURTLE, prefixes=_PREFIXES) or b""
        try:
            return await pod.put(PEOPLE.path, body, before=before)
        except PreconditionFailed:
            if not left:
                raise


def _triples(body: bytes, iri: str) -> set[ox.Triple]:
    try:
        return {quad.triple for quad in ox.parse(body, ox.RdfFormat.TURTLE, base_iri=iri)}
    except (SyntaxError, ValueError):
        return set()
