"""Who helps the citizen: the section `people`, where each person has a WebID, a name and an inbox."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from werkpod.apps.kit.errors import Gone
from werkpod.apps.kit.graph import Graph
from werkpod.apps.kit.notes import LDP, SCHEMA, WP
from werkpod.apps.kit.podclient import PodClient
from werkpod.vocab.sections import PEOPLE

FOAF = "http://xmlns.com/foaf/0.1/"


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who helps. `inbox`: where messages to them go."""

    webid: str
    name: str
    inbox: str


async def read_people(pod: PodClient) -> tuple[Helper, ...]:
    """Who helps the session's citizen, by name; nobody when the section is not there. Raises as `PodClient.get`."""
    try:
        document = await pod.get(PEOPLE.path)
    except Gone:
        return ()
    return parse_people(document.body, document.url)


def parse_people(body: bytes, url: str) -> tuple[Helper, ...]:
    """The people in a Turtle document at `url`: every subject with an inbox."""
    graph = Graph(body, url)
    people = []
    for subject in graph.with_property(LDP + "inbox"):
        own = subject.value if isinstance(subject, ox.NamedNode) and not subject.value.startswith(url) else ""
        webid = graph.first(subject, WP + "webid") or own
        name = graph.first(subject, FOAF + "name", SCHEMA + "name")
        people.append(Helper(webid, name, graph.first(subject, LDP + "inbox")))
    return tuple(sorted((p for p in people if p.webid), key=lambda p: (p.name.casefold(), p.webid)))
