"""What a write may not do to a profile, whoever writes: an app with a token or the owner in Werkpod's own pages.

A change of some triples would take the person away from their pod, or give their name to somebody else (with another
solid:oidcIssuer anybody can sign in as them). Those are kept: 409 (Solid WebID Profile, 3.2). What is no profile at all
is refused: 422. Only what a write adds is looked at for that, so that what was there before does not stand in its way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from werkpod.pod.access.model import Mode
from werkpod.pod.access.wac import EffectiveAcl, rules_of
from werkpod.pod.addresses import Address, encode
from werkpod.pod.directory import Pod
from werkpod.pod.ldp import graphs
from werkpod.pod.ldp.errors import NotTaken, ServerManaged
from werkpod.pod.ldp.graphs import Document, is_rdf
from werkpod.pod.profile import places as p
from werkpod.pod.profile.errors import BrokenProfile
from werkpod.pod.storage import ResourceStorage, Stored

KEPT: Mapping[str, frozenset[str]] = {
    p.CARD: frozenset({p.OIDC_ISSUER, p.STORAGE, p.LDP_INBOX, p.PREFERENCES_FILE, p.PUBLIC_TYPE_INDEX}),
    p.PREFERENCES: frozenset({p.PRIVATE_TYPE_INDEX}),
}
"""By document, the predicates whose triples about the owner are kept; solid:oidcIssuer whomever it is about."""

LINKS = frozenset({
    *KEPT[p.CARD], p.PRIVATE_TYPE_INDEX, p.SEE_ALSO, p.SAME_AS, p.PRIMARY_TOPIC, p.MAKER, p.TYPE,
    p.FOAF + "homepage", p.FOAF + "isPrimaryTopicOf",
})  # fmt: skip
"""Predicates that lead somewhere: their object is an IRI, in the card and in the preferences."""

ONCE = frozenset({p.PREFERENCES_FILE, p.LDP_INBOX, p.PUBLIC_TYPE_INDEX, p.PRIVATE_TYPE_INDEX})
"""Predicates that the owner has at most once in a document: apps take one value, and not all the same one."""

_HEAVY = 64 << 10  # bytes of what is stored from which it is read in a thread


class Guard:
    """Checks what is written to the documents of a profile."""

    def __init__(self, storage: ResourceStorage) -> None:
        self._storage = storage

    async def check(self, pod: Pod, where: Address, document: Document | None) -> None:
        """Raise where `document` (None: no RDF) cannot take the place of what is stored at `where`.

        Raises ServerManaged (409) for what is kept, BrokenProfile (422), NotTaken (415) for what is no RDF.
        """
        if where.path == p.CARD + ".acl":
            _require_public(pod, document)
        if where.path not in p.KEPT_DOCUMENTS:
            return
        if document is None:
            raise NotTaken(f"{pod.storage}{where.path} is a part of a profile; send {', '.join(graphs.FORMATS)}.")
        if where.path not in KEPT:
            return
        stored = await self._storage.get(pod.id, where.path)
        old = await _triples(stored, pod.storage + encode(where.path)) if stored else ()
        if stored is not None:
            require_kept(pod, where.path, old, document.triples)
        require_sound(pod, where.path, old, document.triples)

    def check_deletion(self, pod: Pod, where: Address) -> None:
        """Raise ServerManaged for a document that is there as long as the pod, and for the rules of the card."""
        if where.path in p.KEPT_DOCUMENTS:
            raise ServerManaged(
                f"{pod.storage}{where.path} is a part of the profile of {pod.webid} and stays as long as the pod; "
                "what you put in it can be taken out."
            )
        if where.path == p.CARD + ".acl":
            raise ServerManaged(
                "The WebID document stays readable for everybody; change these rules, do not delete them."
            )


async def _triples(stored: Stored, url: str) -> tuple[ox.Triple, ...]:
    if not is_rdf(stored.media_type):
        return ()
    if len(stored.body) > _HEAVY:
        return (await asyncio.to_thread(graphs.read, stored.body, stored.media_type, url)).triples
    return graphs.read(stored.body, stored.media_type, url).triples


def require_kept(pod: Pod, path: str, old: Iterable[ox.Triple], new: Iterable[ox.Triple]) -> None:
    """Raise ServerManaged that names a kept triple that `new` lacks, or one that it has and `old` has not."""
    before, after = (_kept(pod, path, triples) for triples in (old, new))
    lost, added = before - after, after - before
    if lost or added:
        named = min(lost or added, key=str)
        raise ServerManaged(
            f"This triple is kept by the server, and the request {'leaves it out' if lost else 'adds it'}: {named} .",
            kept=sorted(f"{triple} ." for triple in before),
        )


def _kept(pod: Pod, path: str, triples: Iterable[ox.Triple]) -> set[ox.Triple]:
    owner, kept = ox.NamedNode(pod.webid), KEPT[path]
    return {
        t for t in triples
        if t.predicate.value in kept and (t.subject == owner or t.predicate.value == p.OIDC_ISSUER)
    }  # fmt: skip


def require_sound(pod: Pod, path: str, old: Iterable[ox.Triple], new: Iterable[ox.Triple]) -> None:
    """Raise BrokenProfile for what `new` adds and a profile cannot say.

    | what                                                        | why                                          |
    |-------------------------------------------------------------|----------------------------------------------|
    | a link of `LINKS` to something that is no IRI               | nobody can follow it                         |
    | a second link of `ONCE` about the owner                     | apps would each take another one             |
    | foaf:primaryTopic of the document is not the owner          | the document would be about somebody else    |
    """
    known, after = set(old), set(new)
    owner, this = ox.NamedNode(pod.webid), ox.NamedNode(pod.storage + path)
    for triple in sorted(after - known, key=str):
        predicate = triple.predicate.value
        if predicate in LINKS and not isinstance(triple.object, ox.NamedNode):
            raise BrokenProfile(f"The object of <{predicate}> is an IRI; this says {triple} .")
        if predicate in ONCE and triple.subject == owner:
            others = [t for t in after if t.subject == owner and t.predicate == triple.predicate and t != triple]
            if others:
                raise BrokenProfile(f"<{predicate}> is said once of {owner}; this says {triple} and {others[0]} .")
        if predicate == p.PRIMARY_TOPIC and triple.subject == this and triple.object != owner and path == p.CARD:
            raise BrokenProfile(f"The primary topic of this document is {owner}; this says {triple.object}.")


def _require_public(pod: Pod, document: Document | None) -> None:
    """Raise ServerManaged where nobody could read the card without signing in (Solid-OIDC, 4; WebID 1.0, 4)."""
    card = pod.storage + p.CARD
    acl = EffectiveAcl(card, card, rules_of(document.triples if document else ()))
    if Mode.READ not in acl.modes(None):
        raise ServerManaged(
            f"The WebID document is readable for everybody: keep an acl:Authorization with acl:accessTo <{card}>, "
            "acl:agentClass foaf:Agent and acl:mode acl:Read."
        )
