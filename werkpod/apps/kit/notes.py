"""Messages between people: Linked Data Notifications (W3C LDN) that say something in ActivityStreams 2.0 terms.

A plan is an `as:Offer` with a `wp:Plan` as its object, a suggestion an `as:Note`. The context is written out in each
message, because pods fetch no contexts. Anyone who is signed in may drop a message in an inbox and say that it is from
somebody else: who sent it is what the pod says of it in its listing (dcterms:creator), never what the message says.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass
from typing import Any

import msgspec
import pyoxigraph as ox

from werkpod.apps.kit.errors import Gone, NotShared, PodRejected
from werkpod.apps.kit.graph import Graph
from werkpod.apps.kit.podclient import TURTLE, PodClient

AS = "https://www.w3.org/ns/activitystreams#"
WP = "https://w3id.org/werkpod/cv#"
SCHEMA = "http://schema.org/"
LDP = "http://www.w3.org/ns/ldp#"
DCTERMS = "http://purl.org/dc/terms/"
_CONTEXT = {"as": AS, "wp": WP, "schema": SCHEMA, "xsd": "http://www.w3.org/2001/XMLSchema#"}
SIZE = "http://www.w3.org/ns/posix/stat#size"
_NEWEST = 30
"""Messages of an inbox that are read at most, the newest."""
_LARGEST = 64 << 10
"""Bytes of a message that is read; a long plan has a few thousand."""


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One instrument of a plan and the names of the competences that it develops."""

    name: str
    iri: str = ""
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A message. `sender`: a WebID, for a message that was received the one that its pod vouches for, "" for none;
    `published`: ISO 8601, "" when it does not say.

    `steps` and `uncovered` are filled for a plan.
    """

    sender: str
    title: str
    text: str = ""
    published: str = ""
    steps: tuple[PlanStep, ...] = ()
    uncovered: tuple[str, ...] = ()
    url: str = ""

    @property
    def is_plan(self) -> bool:
        """Whether it is a plan."""
        return bool(self.steps or self.uncovered)


def note_body(note: Note, *, target: str, now: float) -> bytes:
    """The JSON-LD of a message to `target` (a WebID), sent at `now` (Unix seconds)."""
    published = dt.datetime.fromtimestamp(now, dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    body: dict[str, Any] = {
        "@context": _CONTEXT,
        "@id": "",
        "@type": "as:Offer" if note.is_plan else "as:Note",
        "as:actor" if note.is_plan else "as:attributedTo": {"@id": note.sender},
        "as:to": {"@id": target},
        "as:summary": note.title,
        "as:published": {"@value": published, "@type": "xsd:dateTime"},
    }
    if note.text:
        body["as:content"] = note.text
    if note.is_plan:
        body["as:object"] = {
            "@type": "wp:Plan",
            "wp:step": [
                {
                    "@type": "wp:Step", "schema:name": step.name, "schema:position": place,
                    **({"wp:instrument": {"@id": step.iri}} if step.iri else {}), "wp:develops": list(step.covers),
                }
                for place, step in enumerate(note.steps, 1)
            ],
            "wp:uncovered": list(note.uncovered),
        }  # fmt: skip
    return msgspec.json.encode(body)


async def inbox_of(pod: PodClient, webid: str) -> str:
    """The inbox that a WebID document names (LDN, 3.1.1), "" when it names none or cannot be read."""
    document = await pod.find(webid.partition("#")[0])
    if document is None:
        return ""
    return Graph(document.body, document.url).first(ox.NamedNode(webid), LDP + "inbox")


async def read_notes(pod: PodClient, inbox: str) -> list[Note]:
    """The messages of an inbox, newest first; what is no message of these forms is left out."""
    listing = await pod.get(inbox)
    graph = Graph(listing.body, listing.url)
    members = graph.values(ox.NamedNode(listing.url), LDP + "contains")
    members.sort(key=lambda url: (graph.first(ox.NamedNode(url), DCTERMS + "modified"), url), reverse=True)
    small = [url for url in members[:_NEWEST] if int(graph.first(ox.NamedNode(url), SIZE) or 0) <= _LARGEST]
    senders = [graph.first(ox.NamedNode(url), DCTERMS + "creator") for url in small]
    notes = await asyncio.gather(*(_note(pod, url, sender) for url, sender in zip(small, senders, strict=True)))
    return [note for note in notes if note is not None]


async def _note(pod: PodClient, url: str, sender: str) -> Note | None:
    """The message at a URL, from `sender`, or None when there is none (any more)."""
    try:
        document = await pod.get(url)
    except (Gone, NotShared, PodRejected):
        return None
    return parse_note(document.body, document.url, sender) if document.media_type == TURTLE else None


def parse_note(body: bytes, url: str, sender: str = "") -> Note | None:
    """The message in a Turtle document at `url`, from `sender`, or None when it holds none."""
    graph = Graph(body, url)
    subject = next(iter(graph.typed(AS + "Offer") + graph.typed(AS + "Note")), None)
    if subject is None:
        return None
    plan = next(iter(graph.objects(subject, AS + "object")), None)
    steps = graph.objects(plan, WP + "step")
    steps.sort(key=lambda step: graph.first(step, SCHEMA + "position").zfill(4))
    return Note(
        sender=sender,
        title=graph.first(subject, AS + "summary", AS + "name"),
        text=graph.first(subject, AS + "content"),
        published=graph.first(subject, AS + "published"),
        steps=tuple(
            PlanStep(
                graph.first(step, SCHEMA + "name"),
                graph.first(step, WP + "instrument"),
                tuple(sorted(graph.values(step, WP + "develops"))),
            )
            for step in steps
        ),
        uncovered=tuple(sorted(graph.values(plan, WP + "uncovered"))),
        url=url,
    )
