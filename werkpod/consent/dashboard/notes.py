"""Messages: Linked Data Notifications (W3C LDN) in ActivityStreams 2.0 terms, in and out of inboxes.

Anyone who is signed in somewhere may drop a message in an inbox and say that it comes from somebody else; pages show
the sender as known only where the citizen knows that WebID.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from werkpod.consent.dashboard.own import OwnPod
from werkpod.vocab.cv.terms import DCTERMS, RDF_TYPE, SCHEMA, WP, XSD
from werkpod.vocab.sections import INBOX

AS = "https://www.w3.org/ns/activitystreams#"
LDP = "http://www.w3.org/ns/ldp#"
NEWEST = 50
"""Messages that a page shows at most."""


@dataclass(frozen=True, slots=True)
class Step:
    """One instrument of a plan and what it develops."""

    name: str
    develops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A message. `name`: of its document in the inbox; `sender` (a WebID) and `at`: as the message says them."""

    name: str
    sender: str = ""
    title: str = ""
    text: str = ""
    at: dt.datetime | None = None
    steps: tuple[Step, ...] = ()


def share_note(sender: str, target: str, summary: str, now: float) -> bytes:
    """The Turtle of the message that tells `target` that `sender` (both WebIDs) shares something."""
    at = dt.datetime.fromtimestamp(now, dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    note = ox.NamedNode("urn:werkpod:this")
    triples = [
        ox.Triple(note, ox.NamedNode(RDF_TYPE), ox.NamedNode(AS + "Note")),
        ox.Triple(note, ox.NamedNode(AS + "attributedTo"), ox.NamedNode(sender)),
        ox.Triple(note, ox.NamedNode(AS + "to"), ox.NamedNode(target)),
        ox.Triple(note, ox.NamedNode(AS + "summary"), ox.Literal(summary)),
        ox.Triple(note, ox.NamedNode(AS + "published"), ox.Literal(at, datatype=ox.NamedNode(XSD + "dateTime"))),
    ]
    turtle = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes={"as": AS}) or b""
    return turtle.replace(b"<urn:werkpod:this>", b"<>")


async def names(pod: OwnPod) -> Sequence[str]:
    """The names of the documents in the inbox, newest first, `NEWEST` at most."""
    listing = await pod.read(INBOX.path)
    if listing is None:
        return ()
    graph = _Graph(listing.body, pod.iri(INBOX.path))
    root = pod.iri(INBOX.path)
    members = [node for node in graph.values(root, LDP + "contains") if node.startswith(root)]
    members.sort(key=lambda iri: (graph.first(iri, DCTERMS + "modified"), iri), reverse=True)
    found = [iri.removeprefix(root) for iri in members]
    return [name for name in found if name and "/" not in name][:NEWEST]


async def read_notes(pod: OwnPod) -> Sequence[Note]:
    """The messages in the inbox, newest first. What is no message of a known form is there with its name only."""
    found = []
    for name in await names(pod):
        document = await pod.read(INBOX.path + name)
        if document is not None:
            found.append(parse_note(name, document.body, pod.iri(INBOX.path + name)))
    return found


def parse_note(name: str, body: bytes, iri: str) -> Note:
    """The message in a Turtle document."""
    graph = _Graph(body, iri)
    subject = next(iter(graph.typed(AS + "Offer", AS + "Note", AS + "Announce")), None)
    if subject is None:
        return Note(name)
    steps = [
        (graph.first(step, SCHEMA + "position").zfill(4), graph.first(step, SCHEMA + "name"), step)
        for plan in graph.values(subject, AS + "object")
        for step in graph.values(plan, WP + "step")
    ]
    return Note(
        name,
        sender=graph.first(subject, AS + "actor", AS + "attributedTo"),
        title=graph.first(subject, AS + "summary", AS + "name"),
        text=graph.first(subject, AS + "content"),
        at=_time(graph.first(subject, AS + "published")),
        steps=tuple(
            Step(title, tuple(sorted(graph.values(node, WP + "develops")))) for _, title, node in sorted(steps)
        ),
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
