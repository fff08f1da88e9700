"""Messages about requests: Linked Data Notifications in ActivityStreams 2.0 terms, for the inbox of a pod.

Linked Web Storage 1.0 (draft), "Notifications": who is asked is told of a request, who asked of what became of it. The
message has no more in it than who and that; what is asked is on the page, where it cannot be changed.
"""

from __future__ import annotations

import datetime as dt

import pyoxigraph as ox

from werkpod.consent.oauth.lws_request import LWS_REQUEST
from werkpod.vocab.cv.terms import RDF_TYPE, XSD

AS = "https://www.w3.org/ns/activitystreams#"


def notice(*, sender: str, target: str, summary: str, about: str, now: float, text: str = "") -> bytes:
    """The Turtle of a message from `sender` to `target` (WebIDs) about the request with the address `about`."""
    at = dt.datetime.fromtimestamp(now, dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    note, request = ox.NamedNode("urn:werkpod:this"), ox.NamedNode(about)
    triples = [
        ox.Triple(note, ox.NamedNode(RDF_TYPE), ox.NamedNode(AS + "Note")),
        ox.Triple(note, ox.NamedNode(AS + "attributedTo"), ox.NamedNode(sender)),
        ox.Triple(note, ox.NamedNode(AS + "to"), ox.NamedNode(target)),
        ox.Triple(note, ox.NamedNode(AS + "summary"), ox.Literal(summary)),
        ox.Triple(note, ox.NamedNode(AS + "published"), ox.Literal(at, datatype=ox.NamedNode(XSD + "dateTime"))),
        ox.Triple(note, ox.NamedNode(AS + "context"), request),
        ox.Triple(request, ox.NamedNode(RDF_TYPE), ox.NamedNode(LWS_REQUEST)),
    ]
    if text:
        triples.append(ox.Triple(note, ox.NamedNode(AS + "content"), ox.Literal(text)))
    turtle = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes={"as": AS}) or b""
    return turtle.replace(b"<urn:werkpod:this>", b"<>")
