"""What holds for all grants and all documents: grants only add, lenses only leave out, the preview is the response."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.podapp import MATCHER, Person, Server, pod_server

from werkpod.consent.grants import GrantRecord, to_access
from werkpod.pod.access.decide import decide
from werkpod.pod.access.lens import canonical, through
from werkpod.pod.access.model import Access, Grant, Mode, Requester
from werkpod.pod.access.wac import NO_RULES
from werkpod.pod.ldp.graphs import parse
from werkpod.vocab.fields import FIELDS
from werkpod.vocab.sections import SECTIONS

WP, SCHEMA = "https://w3id.org/werkpod/cv#", "http://schema.org/"
OWNER, STORAGE, NOW = "https://pod.example/anna/profile/card#me", "https://pod.example/anna/", 1000.0
PATHS = {key: SECTIONS[key].path for key in ("experience", "competences")}
FRAGMENTS = ("e-0000000001", "e-0000000002", "2019-kok", "kok", "deel")

_nodes = st.sampled_from([f"<#{name}>" for name in FRAGMENTS] + ["<>", "_:a", "_:b", "_:c"])
_links = st.sampled_from(["<experience#e-0000000001>", "<experience#2019-kok>", "<education#e-0000000003>"])
_values = st.sampled_from(['"kok"', '"2019"', '"De Linde"', '"x"@nl', f"<{WP}Experience>", f"<{WP}Competence>"])
_terms = st.sampled_from(
    [f"<{SCHEMA}{name}>" for name in ("roleName", "name", "startDate", "description", "location")]
    + [f"<{WP}{name}>" for name in ("employer", "gainedIn", "level")]
    + ["a", "a", "<https://x.example/boss>"]
)
_graphs = st.lists(st.tuples(_nodes, _terms, _nodes | _values | _links), max_size=14).map(
    lambda triples: "\n".join(" ".join(triple) + " ." for triple in triples if triple[1] != "a" or "<" in triple[2])
)
_entries = st.lists(st.sampled_from([f"experience#{name}" for name in FRAGMENTS[:4]]), max_size=2, unique=True)
_hidden = [key for key, field in FIELDS.items() if field.section in PATHS]


def _record(sections: set[str], fields: list[str], only: list[str], gone: list[str]) -> GrantRecord:
    work = "experience" in sections
    return GrantRecord(
        id="", pod="p", agent=OWNER, client=MATCHER, receiver_name="App", receiver_kind="app", created=1.0,
        not_before=1.0, until=None, sections=tuple(sorted(sections)),
        hidden_fields=tuple(key for key in fields if FIELDS[key].section in sections),
        only_entries=tuple(only) if work else (),
        hidden_entries=tuple(entry for entry in gone if entry not in only) if work else (),
    )  # fmt: skip


_records = st.builds(
    _record, st.sets(st.sampled_from(sorted(PATHS)), min_size=1),
    st.lists(st.sampled_from(_hidden), max_size=3, unique=True), _entries, _entries,
)  # fmt: skip


def seen(access: Access, body: str, path: str) -> set[ox.Triple]:
    """What somebody reads of a document."""
    if Mode.READ not in access.modes:
        return set()
    triples = parse(body.encode(), "text/turtle", STORAGE + path).triples
    return set(through(access.lenses, triples, STORAGE + path))


def looked(grants: list[Grant], body: str, path: str, agent: str = OWNER) -> set[ox.Triple]:
    """What an app reads under grants."""
    return seen(decide(Requester(agent, MATCHER), OWNER, path, NO_RULES, grants, NOW), body, path)


_documents = st.tuples(_graphs, st.sampled_from(sorted(PATHS.values())))
_grants = st.lists(_records, min_size=1, max_size=3).map(
    lambda records: [replace(to_access(record), id=f"g{number}") for number, record in enumerate(records)]
)


@settings(max_examples=60)
@given(_documents, _grants)
def test_a_grant_more_takes_no_triple_away_and_one_less_adds_none(
    document: tuple[str, str], grants: list[Grant]
) -> None:
    """For the receiver the union only grows; for anybody else nothing changes."""
    body, path = document
    assert looked(grants[:-1], body, path) <= looked(grants, body, path)
    assert looked(grants, body, path, "https://eve.example/#me") == set()


@settings(max_examples=60)
@given(_documents, _grants)
def test_what_passes_is_a_part_of_the_document(document: tuple[str, str], grants: list[Grant]) -> None:
    """A lens's output is a subgraph; put in order it is the same graph, and order and names say nothing more."""
    body, path = document
    triples = parse(body.encode(), "text/turtle", STORAGE + path).triples
    passing = looked(grants, body, path)
    assert passing <= set(triples)
    ordered = canonical(passing)
    assert same(ordered, passing)
    assert canonical(reversed(ordered)) == ordered or len({t for t in ordered if "_:" in str(t)}) > 1


def same(one: list[ox.Triple], other: set[ox.Triple]) -> bool:
    """Whether two graphs are the same but for the names of their blank nodes."""
    found = []
    for triples in (one, other):
        dataset = ox.Dataset(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        found.append({str(quad) for quad in dataset})
    return found[0] == found[1]


class House:
    """A running pod server with Anna in it, for many examples."""

    def __init__(self, loop: asyncio.AbstractEventLoop, server: Server, anna: Person) -> None:
        self.loop, self.server, self.anna = loop, server, anna

    async def compare(self, body: str, path: str, record: GrantRecord, accept: str) -> None:
        """Preview before the grant is given, then the response to its receiver."""
        pod, anna, server = self.anna.pod, self.anna, self.server
        assert (await anna.put(anna.url(path), body)).status_code == 204
        record = replace(record, pod=pod.id, agent=pod.webid)
        candidate = to_access(replace(record, id="candidate"))
        asker = Requester(pod.webid, MATCHER, "candidate")
        shown = await server.service.read(asker, pod, path, accept=accept, grants=[candidate], preview=True)
        given_ = await server.grants.create(record)
        got = await server.app_of(anna, MATCHER, given_.id).get(anna.url(path), Accept=accept)
        assert (got.content, got.headers["etag"], got.headers["content-type"]) == (
            shown.body, shown.etag, shown.media_type,
        )  # fmt: skip
        head = await server.app_of(anna, MATCHER, given_.id).request("HEAD", anna.url(path), headers={"Accept": accept})
        assert (head.headers.get("content-length"), head.content) == (str(len(shown.body)), b"")
        await server.grants.revoke(pod.id, given_.id, by=pod.id)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    loop, stack = asyncio.new_event_loop(), AsyncExitStack()
    server = loop.run_until_complete(stack.enter_async_context(pod_server(tmp_path_factory.mktemp("house"))))
    yield House(loop, server, loop.run_until_complete(server.person("anna")))
    loop.run_until_complete(stack.aclose())
    loop.close()


@settings(max_examples=20)
@given(_graphs, _records, st.sampled_from(["text/turtle", "application/ld+json", "application/n-triples"]))
def test_the_preview_is_the_response_byte_for_byte(house: House, body: str, record: GrantRecord, accept: str) -> None:
    """Checklist 131: what the citizen is shown before saying yes is what the receiver gets over HTTP after it."""
    house.loop.run_until_complete(house.compare(body, PATHS[record.sections[0]], record, accept))
