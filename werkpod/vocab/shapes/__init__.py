"""SHACL shapes: what a valid entry of a CV is (`cv.ttl`), and the check of one entry against them.

`check` costs a second the first time (pySHACL is imported then) and some tens of milliseconds after: call it in a
thread and never on a read.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from werkpod.vocab.cv.documents import SectionDocument
from werkpod.vocab.cv.errors import InvalidEntry, Problem
from werkpod.vocab.cv.mapping import FORM_OF
from werkpod.vocab.cv.model import Entry

if TYPE_CHECKING:
    from rdflib import Graph


@cache
def _shapes() -> Graph:
    from rdflib import Graph

    return Graph().parse(data=resources.files(__name__).joinpath("cv.ttl").read_text(), format="turtle")


def problems(document: SectionDocument, entry: Entry) -> tuple[Problem, ...]:
    """What the shapes have against `entry` in `document`; what other apps wrote beside it is not judged."""
    from pyshacl import validate
    from rdflib import RDF, Graph, Literal, URIRef
    from rdflib.namespace import SH

    data = Graph().parse(data=document.turtle(), format="turtle")
    conforms, report, _ = validate(data, shacl_graph=_shapes(), inference="none", inplace=True)
    if conforms:
        return ()
    names = {field.predicate: field.name for field in FORM_OF[type(entry)].fields}
    focus = URIRef(f"{document.iri}#{entry.id}")
    found: set[tuple[str, str]] = set()
    graph: Any = report
    for result in graph.subjects(RDF.type, SH.ValidationResult):
        if graph.value(result, SH.focusNode) != focus:
            continue
        message = graph.value(result, SH.resultMessage)
        field = names.get(str(graph.value(result, SH.resultPath) or ""), "")
        found.add((field, str(message) if isinstance(message, Literal) else "not as its shape wants it"))
    return tuple(Problem(field, message) for field, message in sorted(found))


def check(document: SectionDocument, entry: Entry) -> None:
    """Raise InvalidEntry when the shapes refuse `entry` in `document`."""
    if found := problems(document, entry):
        raise InvalidEntry(f"{document.section.key}#{entry.id}", found)
