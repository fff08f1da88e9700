"""A small RDF document, looked through: enough for messages, profiles and the list of people who help."""

from __future__ import annotations

from typing import TypeAlias

import pyoxigraph as ox

Node: TypeAlias = ox.NamedNode | ox.BlankNode

_TYPE = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")


class Graph:
    """The triples of a Turtle document; none when it is not Turtle. Looked through, not indexed: messages are small."""

    def __init__(self, body: bytes, url: str) -> None:
        try:
            self._triples = [quad.triple for quad in ox.parse(body, ox.RdfFormat.TURTLE, base_iri=url)]
        except (SyntaxError, ValueError):
            self._triples = []

    def typed(self, kind: str) -> list[Node]:
        """The subjects of a class, in a steady order."""
        found = {t.subject for t in self._triples if t.predicate == _TYPE and t.object == ox.NamedNode(kind)}
        return sorted((s for s in found if isinstance(s, (ox.NamedNode, ox.BlankNode))), key=str)

    def with_property(self, predicate: str) -> list[Node]:
        """The subjects that have a property, in a steady order."""
        found = {t.subject for t in self._triples if t.predicate.value == predicate}
        return sorted((s for s in found if isinstance(s, (ox.NamedNode, ox.BlankNode))), key=str)

    def objects(self, subject: Node | None, *predicates: str) -> list[Node]:
        """The nodes that a subject points at."""
        found = [t.object for t in self._triples if t.subject == subject and t.predicate.value in predicates]
        return [node for node in found if isinstance(node, (ox.NamedNode, ox.BlankNode))]

    def values(self, subject: Node | None, *predicates: str) -> list[str]:
        """The literals and IRIs of some properties, as text."""
        found = [t.object for t in self._triples if t.subject == subject and t.predicate.value in predicates]
        return [term.value for term in found if isinstance(term, (ox.Literal, ox.NamedNode))]

    def first(self, subject: Node | None, *predicates: str) -> str:
        """One of those values, "" when there is none."""
        return min(self.values(subject, *predicates), default="")
