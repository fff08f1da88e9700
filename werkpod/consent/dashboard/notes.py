"""Messages: Linked Data Notifications (W3C LDN) in ActivityStreams 2.0 terms, as they lie in inboxes.

Anyone who is signed in somewhere may drop a message in an inbox and say in it that it comes from somebody else. So who
sent it is never read from the message: it is what the server wrote beside it (dcterms:creator in the listing).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.posting import AS
from werkpod.vocab.cv.terms import DCTERMS, RDF_TYPE, SCHEMA, WP
from werkpod.vocab.sections import INBOX

LDP = "http://www.w3.org/ns/ldp#"
SIZE = "http://www.w3.org/ns/posix/stat#size"
NEWEST = 50
"""Messages that a page shows at most."""
_REQUEST = re.compile(r"/api/consent/v1/requests/([0-9A-Z]{26})\Z")
LARGEST = 64 << 10
"""Bytes of a message that a page opens; a long plan has a few thousand. Strangers fill an inbox, and pages wait."""


@dataclass(frozen=True, slots=True)
class Step:
    """One instrument of a plan and what it develops."""

    name: str
    develops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A message. `name`: of its document in the inbox; `sender`: the WebID that the server knows it from, "" for none.

    `at`: as the message says it. `request`: the id of the request for access that it is about, "" for none.
    """

    name: str
    sender: str = ""
    title: str = ""
    text: str = ""
    at: dt.datetime | None = None
    steps: tuple[Step, ...] = ()
    request: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A document in the inbox: its name, who the server knows that it is from ("" for nobody), and its size."""

    name: str
    sender: str
    size: int


async def members(pod: OwnPod) -> Sequence[Member]:
    """The documents in the inbox, newest first, `NEWEST` at most."""
    listing = await pod.read(INBOX.path)
    if listing is None:
        return ()
    graph = _Graph(listing.body, pod.iri(INBOX.path))
    root = pod.iri(INBOX.path)
    iris = [node for node in graph.values(root, LDP + "contains") if "/" not in node.removeprefix(root)]
    iris.sort(key=lambda iri: (graph.first(iri, DCTERMS + "modified"), iri), reverse=True)
    return [
        Member(iri.removeprefix(root), graph.first(iri, DCTERMS + "creator"), int(graph.first(iri, SIZE) or 0))
        for iri in iris[:NEWEST]
    ]


async def names(pod: OwnPod) -> Sequence[str]:
    """The names of those documents."""
    return [member.name for member in await members(pod)]


async def read_notes(pod: OwnPod) -> Sequence[Note]:
    """The messages in the inbox, newest first. What is no message of a known form is there with its name only."""
    found = []
    for member in await members(pod):
        if member.size > LARGEST:
            found.append(Note(member.name, member.sender))
            continue
        document = await pod.read(INBOX.path + member.name)
        if document is not None:
            found.append(parse_note(member.name, document.body, pod.iri(INBOX.path + member.name), member.sender))
    return found


def parse_note(name: str, body: bytes, iri: str, sender: str = "") -> Note:
    """The message in a Turtle document, from `sender`, whoever the document says that it is from."""
    graph = _Graph(body, iri)
    subject = next(iter(graph.typed(AS + "Offer", AS + "Note", AS + "Announce")), None)
    if subject is None:
        return Note(name, sender)
    steps = [
        (graph.first(step, SCHEMA + "position").zfill(4), graph.first(step, SCHEMA + "name"), step)
        for plan in graph.values(subject, AS + "object")
        for step in graph.values(plan, WP + "step")
    ]
    return Note(
        name,
        sender=sender,
        title=graph.first(subject, AS + "summary", AS + "name"),
        text=graph.first(subject, AS + "content"),
        at=_time(graph.first(subject, AS + "published")),
        steps=tuple(
            Step(title, tuple(sorted(graph.values(node, WP + "develops")))) for _, title, node in sorted(steps)
        ),
        request=_request(graph.values(subject, AS + "context")),
    )


class _Graph:
    """The triples of a document; none when it is not Turtle. Nodes are named by their text, blank ones with "_:"."""

    def __init__(self, body: bytes, iri: str) -> None:
        try:
            quads = list(ox.parse(body, ox.RdfFormat.TURTLE, base_iri=iri))
        except (SyntaxError, ValueError):
            quads = []
        self._triples = [(_text(q.subject), q.predicate.value, _text(q.object)) for q in quads]

    def typed(self, *kinds: str) -> list[str]:
        """The subjects of these classes."""
        return sorted({s for s, p, o in self._triples if p == RDF_TYPE and o in kinds})

    def values(self, subject: str, *predicates: str) -> list[str]:
        """The values of some properties, as text."""
        return [o for s, p, o in self._triples if s == subject and p in predicates]

    def first(self, subject: str, *predicates: str) -> str:
        """One of those values, "" when there is none."""
        return min(self.values(subject, *predicates), default="")


def _request(about: Sequence[str]) -> str:
    """The id of a request in the address that a message is about."""
    return next((found[1] for address in about if (found := _REQUEST.search(address))), "")


def _text(term: object) -> str:
    if isinstance(term, ox.BlankNode):
        return f"_:{term.value}"
    return term.value if isinstance(term, (ox.NamedNode, ox.Literal)) else ""


def _time(value: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
