"""What is asked of the service, in SPARQL 1.1: whole descriptions of a number of subjects, as triples.

Each answer also counts what should be in it, since a service may cut an answer off without a word: `SUBJECTS` of
`PAGE` says how many subjects there are, `TRIPLES` of each subject how many triples it has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from werkpod.vocab.competentnl.terms import CNLO, SKOSXL

PAGE = "urn:werkpod:page"
SUBJECTS = "urn:werkpod:subjects"
TRIPLES = "urn:werkpod:triples"
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]+")


def is_iri(text: str) -> bool:
    """Whether a text may stand between < and > in a query (SPARQL 1.1, IRIREF)."""
    return bool(_IRI.fullmatch(text))


def count_occupations() -> str:
    """How many occupations there are."""
    return (
        f"CONSTRUCT {{ <{PAGE}> <{SUBJECTS}> ?n }} WHERE {{ "
        f"SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE {{ ?s a <{CNLO}Occupation> }} }}"
    )


def occupations(after: str, size: int) -> str:
    """The next `size` occupations, by IRI, after the one with the IRI `after` ("" for the first). That goes on well
    where a page broke off, also when occupations were added or removed in between, as an OFFSET does not."""
    return _described(
        f'SELECT DISTINCT ?s WHERE {{ ?s a <{CNLO}Occupation> . FILTER(isIRI(?s) && STR(?s) > "{after}") }} '
        f"ORDER BY STR(?s) LIMIT {size}"
    )


def concepts(iris: Sequence[str]) -> str:
    """The concepts with these IRIs."""
    values = " ".join(f"<{iri}>" for iri in iris)
    return _described(f"SELECT ?s WHERE {{ VALUES ?s {{ {values} }} }}")


def _described(subjects: str) -> str:
    return f"""CONSTRUCT {{
  ?s ?p ?o . ?label <{SKOSXL}literalForm> ?form . ?s <{TRIPLES}> ?triples . <{PAGE}> <{SUBJECTS}> ?subjects
}} WHERE {{
  {{ {{ {subjects} }} ?s ?p ?o }}
  UNION {{ {{ {subjects} }} ?s ?has ?label . ?label <{SKOSXL}literalForm> ?form }}
  UNION {{ SELECT ?s (COUNT(*) AS ?triples) WHERE {{ SELECT DISTINCT ?s ?p ?o WHERE {{ {{ {subjects} }} ?s ?p ?o }} }}
    GROUP BY ?s }}
  UNION {{ SELECT (COUNT(DISTINCT ?s) AS ?subjects) WHERE {{ {{ {subjects} }} ?s ?p ?o }} }}
}}"""
