"""Messages from one person to another: Linked Data Notifications (W3C LDN) in ActivityStreams 2.0 terms, for an inbox.

Whoever sends one is an agent like any other at the receiver's pod, and these pages are the client.
"""

from __future__ import annotations

import contextlib
import datetime as dt

import pyoxigraph as ox

from werkpod.consent.accounts.model import Account
from werkpod.consent.oauth.lws_request import LWS_REQUEST
from werkpod.pod.access.model import Requester
from werkpod.pod.directory import PodDirectory
from werkpod.pod.service import PodService
from werkpod.vocab.cv.terms import RDF_TYPE, XSD
from werkpod.vocab.sections import INBOX
from werkpod.web.errors import WerkpodError

AS = "https://www.w3.org/ns/activitystreams#"


def message(sender: str, target: str, summary: str, now: float, text: str = "", *, request: str = "") -> bytes:
    """The Turtle of a message from `sender` to `target` (WebIDs). `text`: and more.

    `request`: the address of the request for access that it is about (Linked Web Storage 1.0, draft, "Notifications");
    what was asked is not in it, and stays where it cannot be changed.
    """
    at = dt.datetime.fromtimestamp(now, dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    note = ox.NamedNode("urn:werkpod:this")
    triples = [
        ox.Triple(note, ox.NamedNode(RDF_TYPE), ox.NamedNode(AS + "Note")),
        ox.Triple(note, ox.NamedNode(AS + "attributedTo"), ox.NamedNode(sender)),
        ox.Triple(note, ox.NamedNode(AS + "to"), ox.NamedNode(target)),
        ox.Triple(note, ox.NamedNode(AS + "summary"), ox.Literal(summary)),
        ox.Triple(note, ox.NamedNode(AS + "published"), ox.Literal(at, datatype=ox.NamedNode(XSD + "dateTime"))),
    ]
    if text:
        triples.append(ox.Triple(note, ox.NamedNode(AS + "content"), ox.Literal(text)))
    if request:
        about = ox.NamedNode(request)
        triples.append(ox.Triple(note, ox.NamedNode(AS + "context"), about))
        triples.append(ox.Triple(about, ox.NamedNode(RDF_TYPE), ox.NamedNode(LWS_REQUEST)))
    turtle = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes={"as": AS}) or b""
    return turtle.replace(b"<urn:werkpod:this>", b"<>")


async def drop(
    service: PodService, pods: PodDirectory, sender: str, receiver: Account, body: bytes, *, client: str
) -> None:
    """Leave a message in the inbox of `receiver`. What it is about is done: an inbox that takes none changes nothing.

    `sender`: a WebID; `client`: the origin of these pages.
    """
    pod = await pods.by_id(receiver.id)
    if pod is None:
        return
    with contextlib.suppress(WerkpodError):
        await service.post(Requester(agent=sender, client=client), pod, INBOX.path, body, "text/turtle")
