"""SHACL shapes: what a valid entry of a CV is (`cv.ttl`), and the check of one entry against them.

`check` costs a second the first time (pySHACL is imported then) and some tens of milliseconds after: call it in a
thread and never on a read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from werkpod.vocab.cv.documents import SectionDocument
from werkpod.vocab.cv.errors import InvalidEntry, Problem
from werkpod.vocab.cv.mapping import forms_of
from werkpod.vocab.cv.model import Entry

if TYPE_CHECKING:
    from rdflib import Graph


@cache
def _shapes() -> Graph:
    from rdflib import Graph

    return Graph().parse(data=resources.files(__name__).joinpath("cv.ttl").read_text(), format="turtle")


def problems(document: SectionDocument) -> Mapping[str, tuple[Problem, ...]]:
    """What the shapes have against entries of `document`, by fragment; entries that are right are not in it.

    What other apps wrote beside the entries is not judged.
    """
    from pyshacl import validate
    from rdflib import RDF, Graph, Literal
    from rdflib.namespace import SH

    data = Graph().parse(data=document.turtle(), format="turtle")
    conforms, report, _ = validate(data, shacl_graph=_shapes(), inference="none", inplace=True)
    if conforms:
        return {}
    names = {field.predicate: field.name for form in forms_of(document.section.key) for field in form.fields}
    found: dict[str, set[Problem]] = {}
    graph: Any = report
    for result in graph.subjects(RDF.type, SH.ValidationResult):
        focus = str(graph.value(result, SH.focusNode))
        if not focus.startswith(document.iri + "#"):
            continue
        message = graph.value(result, SH.resultMessage)
        field = names.get(str(graph.value(result, SH.resultPath) or ""), "")
        said = str(message) if isinstance(message, Literal) else "not as its shape wants it"
        found.setdefault(focus[len(document.iri) + 1 :], set()).add(Problem(field, said))
    return {name: tuple(sorted(some, key=lambda p: (p.field, p.message))) for name, some in found.items()}


def check(document: SectionDocument, entries: Iterable[Entry]) -> None:
    """Raise InvalidEntry for the first of `entries` that the shapes refuse in `document`."""
    found = problems(document)
    for entry in entries:
        if entry.id in found:
            raise InvalidEntry(f"{document.section.key}#{entry.id}", found[entry.id])
