"""Parsers under attack: what strangers send is read in linear time, or refused by its size (checklist section 6).

No test here is timed by itself: each runs in a process of its own that the system ends after seconds of CPU, where the
fault that it guards against took minutes.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

CPU_SECONDS = 5
_RUN = """
import resource
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
from werkpod.pod.ldp import conneg, graphs, n3patch, patching, sparql_update
from werkpod.web.errors import WerkpodError
try:
    {work}
except WerkpodError as error:
    print(error.status, error.code)
else:
    print("read")
"""
TURTLE, JSON_LD = "text/turtle", "application/ld+json"


def answer(work: str) -> str:
    """What comes of `work` within the CPU time; fails where it does not end."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN.format(seconds=CPU_SECONDS, work=work)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, (done.returncode, done.stderr[-500:])
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("b'\"' + b'\\\\\\\"' * 1000000 + b'[' * 40", JSON_LD),
        ("b'\"' + b'\\\\\\\"' * 1000000 + b'[' * 40", TURTLE),
        ("b\"'\" + b\"\\\\'\" * 1000000 + b'[' * 40", TURTLE),
        ("b'\"\"\"' + b'\\\\\"\"\"' * 500000 + b'[' * 40", TURTLE),
        ("b'<a' * 1000000 + b'[' * 40", TURTLE),
    ],
)
def test_a_string_that_never_ends_is_looked_at_once(body: str, kind: str) -> None:
    """Checklist 115, 117: two MB of quotes without an end are refused in linear time, and not in quadratic."""
    assert answer(f"graphs.parse({body}, {kind!r}, 'http://x.test/')") == "400 invalid_rdf"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("b'{\"@id\":\"#a\",\"http://x.test/p\":' * 3000 + b'1' + b'}' * 3000", JSON_LD),
        ("b'[' * 20000 + b']' * 20000", JSON_LD),
        ("b'<a> <b> ' + b'[ <c> ' * 20000 + b'1' + b']' * 20000 + b'.'", TURTLE),
        ("b'<a> <b> ' + b'(' * 20000 + b')' * 20000 + b'.'", TURTLE),
    ],
)
def test_deep_nesting_is_refused(body: str, kind: str) -> None:
    """Checklist 115, 117: what is nested thousands deep is refused before a parser goes down into it."""
    assert answer(f"graphs.parse({body}, {kind!r}, 'http://x.test/')") == "400 invalid_rdf"


def test_long_lists_are_refused() -> None:
    """Checklist 116: a list of 300,000 items is over the limit of triples."""
    assert answer("graphs.parse(b'<a> <b> (' + b'1 ' * 300000 + b').', 'text/turtle', 'http://x.test/')").startswith(
        "413"
    )


@pytest.mark.parametrize("media_type", ["application/rdf+xml", "Application/RDF+XML; charset=utf-8"])
def test_rdf_xml_is_refused_by_its_name(media_type: str) -> None:
    """Checklist 113: RDF/XML, whose entities can grow without end, is not taken, however the type is written."""
    assert answer(f"conneg.content_type({media_type!r})").startswith("415")


@pytest.mark.parametrize("context", ["http://127.0.0.1:9/ctx", "https://x.test/ctx", "file:///etc/passwd"])
def test_remote_contexts_are_not_fetched(context: str) -> None:
    """Checklist 114: a JSON-LD context is known, written out in the document or refused."""
    body = f'{{"@context": "{context}", "@id": "#a", "b": 1}}'
    assert answer(f"graphs.parse({body.encode()!r}, {JSON_LD!r}, 'http://x.test/')") == "400 unknown_context"


@pytest.mark.parametrize(
    "header", ["' ' * 4000 + 'a'", "'a' * 4096", "'a/b;' + chr(34) * 4000", "'a/b ' * 1000", "'/' * 4096"]
)
def test_an_accept_header_is_read_in_linear_time(header: str) -> None:
    """Checklist 75: anybody may send an Accept of 4 KB, so reading two hundred of those takes no second each."""
    assert answer(f"[conneg.choose({header} + str(n), ('text/turtle', '*/*')) for n in range(200)]") in (
        "read",
        "406 not_acceptable",
    )


@pytest.mark.parametrize(
    "body",
    [
        "b'INSERT DATA{<a> <b> 1};' * 11000",
        "b'PREFIX a: <http://x.test/> ' * 9000 + b'INSERT DATA{<a> <b> 1}'",
        "b'PREFIX a:<x:>INSERT DATA{};' * 9000",
        "b'INSERT DATA{<a> <b> 1};' * 100000",
    ],
)
def test_updates_of_many_operations_are_refused(body: str) -> None:
    """Checklist 119: an update has a bounded number of operations and declarations (45,000 took 12 s)."""
    assert answer(f"sparql_update.parse({body}, 'http://x.test/')").startswith("422")


@pytest.mark.parametrize(
    "update",
    [
        "SERVICE <http://127.0.0.1:9/> { ?s ?p ?o }",
        "LOAD <http://127.0.0.1:9/>",
        "INSERT { ?s ?p ?o } WHERE { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "INSERT { ?s ?p ?o } USING <http://127.0.0.1:9/> WHERE { ?s ?p ?o }",
        "CLEAR ALL",
        "DROP GRAPH <http://x.test/>",
        "INSERT DATA { GRAPH <http://x.test/> { <a> <b> <c> } }",
    ],
)
def test_sparql_that_reaches_out_is_refused(update: str) -> None:
    """Checklist 118: SERVICE, LOAD, USING and graphs are refused; nothing of a patch reaches a SPARQL engine."""
    assert answer(f"sparql_update.parse({update.encode()!r}, 'http://x.test/')")[:3] in ("400", "422")


def test_a_cartesian_product_ends() -> None:
    """Checklist 119: conditions that match in millions of ways are given up."""
    work = (
        "patching.apply(sparql_update.parse(b'DELETE {?a ?b ?c} WHERE {?a ?b ?c. ?d ?e ?f . ?g ?h ?i}', 'http://x.test/'),"
        " graphs.parse(b''.join(b'<a%d> <b> <c%d> .' % (n, n) for n in range(3000)), 'text/turtle', 'http://x.test/').triples)"
    )
    assert answer(work) == "422 invalid_patch"
