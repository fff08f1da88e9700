"""Each grant as a document in the pod: what it says, who may read it, and that it follows what happens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from support.podapp import MATCHER, Person, Server, pod_server

from werkpod.consent.grants import GrantRecord
from werkpod.consent.grants.documents import GrantDocuments
from werkpod.consent.grants.writing_down import DCTERMS, DPV, LWS, ODRL, PROV, RDF, SCHEMA, WP, path_of
from werkpod.consent.publishing import Publications
from werkpod.pod.ldp.graphs import parse

DAY = 86400.0


@dataclass
class Office:
    """A pod server on which grants are written down."""

    server: Server
    publications: Publications
    documents: GrantDocuments

    async def graph(self, reader: Person, record: GrantRecord, giver: Person, accept: str = "text/turtle") -> Graph:
        """The document of a grant as somebody reads it."""
        await self.publications.settled()
        answer = await reader.get(giver.url(path_of(record.id)), Accept=accept)
        assert answer.status_code == 200, answer.text
        url = giver.url(path_of(record.id))
        return Graph(parse(answer.content, accept, url).triples, ox.NamedNode(url))


@dataclass
class Graph:
    """Triples about one grant."""

    triples: tuple[ox.Triple, ...]
    this: ox.NamedNode

    def of(self, node: object, predicate: str) -> list[ox.NamedNode | ox.BlankNode | ox.Literal]:
        """The values of a predicate."""
        return [t.object for t in self.triples if t.subject == node and t.predicate.value == predicate]  # type: ignore[misc]

    def said(self, predicate: str, node: object = None) -> set[str]:
        """The same, as text."""
        return {value.value for value in self.of(node or self.this, predicate)}

    def constraints(self, policy: object) -> set[tuple[str, str, str]]:
        """Left operand, operator and right operand of each."""
        return {
            (
                *self.said(ODRL + "leftOperand", c),
                *self.said(ODRL + "operator", c),
                *self.said(ODRL + "rightOperand", c),
            )
            for c in self.of(policy, ODRL + "constraint")
        }  # type: ignore[misc]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with pod_server(tmp_path) as server:
        parts = server.parts
        # The outbox is in the database of the grants: their rows are one unit.
        publications = Publications(
            server.grants._database, parts.vault, parts.directory, parts.storage, server.service.changes
        )
        documents = GrantDocuments(server.grants, publications)
        server.grants.tell(documents)
        yield Office(server, publications, documents)
        await publications.settled()


async def test_a_grant_is_an_access_grant_of_linked_web_storage(office: Office) -> None:
    """Type, storage, and for each section a policy with assignee, actions, target and constraints, in every form."""
    anna, karin = await office.server.person("anna"), await office.server.person("karin")
    purpose = "https://w3id.org/dpv#ServiceProvision"
    grant = await office.server.give(
        anna, client=MATCHER, agent=karin.pod.webid, receiver_kind="coach", sections=("experience", "inbox"),
        actions=("read",), hidden_fields=("experience.period",), purpose=purpose, purpose_text="Om te helpen",
        not_before=DAY, until=DAY * 365000, keep="P30D", legal_basis=DPV + "Contract", onward=True,
    )  # fmt: skip
    for accept in ("text/turtle", "application/ld+json", "application/n-triples"):
        graph = await office.graph(anna, grant, anna, accept)
        assert graph.said(RDF + "type") == {LWS + "AccessGrant"}
        assert graph.said(LWS + "storage") == {anna.pod.storage}
        assert graph.said(DCTERMS + "identifier") == {grant.id}
        assert graph.said(DPV + "hasLegalBasis") == {DPV + "Contract"}
        assert (graph.said(DPV + "hasPurpose"), graph.said(DCTERMS + "description")) == ({purpose}, {"Om te helpen"})
        assert (graph.said(WP + "keep"), graph.said(WP + "onward"), graph.said(WP + "once")) == (
            {"P30D"}, {"true"}, {"false"},
        )  # fmt: skip
        assert (graph.said(SCHEMA + "version"), graph.said(WP + "status")) == ({"1"}, {WP + "Given"})
        policies = graph.of(graph.this, LWS + "access")
        assert len(policies) == 2
        targets = {}
        for policy in policies:
            assert graph.said(RDF + "type", policy) == {LWS + "AccessPolicy"}
            assert graph.said(ODRL + "assignee", policy) == {karin.pod.webid}
            assert graph.said(ODRL + "assigner", policy) == {anna.pod.webid}
            assert graph.said(ODRL + "action", policy) == {ODRL + "read"}
            assert graph.constraints(policy) == {
                (LWS + "client", ODRL + "eq", MATCHER), (ODRL + "purpose", ODRL + "eq", purpose),
                (ODRL + "dateTime", ODRL + "gteq", "1970-01-02T00:00:00Z"),
                (ODRL + "dateTime", ODRL + "lteq", "2969-05-03T00:00:00Z"),
            }  # fmt: skip
            (target,) = graph.of(policy, ODRL + "target")
            (value,) = graph.said(RDF + "value", target)
            targets[value] = graph.said(RDF + "type", target), graph.said(WP + "hiddenField", policy)
        assert targets == {
            anna.url("cv/experience"): ({LWS + "DataResource"}, {"experience.period"}),
            anna.url("inbox/"): ({LWS + "Container"}, set()),
        }


async def test_it_follows_the_grant_and_says_that_it_ended(office: Office) -> None:
    """A change is a revision with the next number; a stop is said with its moment; the owner goes on reading it."""
    anna, karin = await office.server.person("anna"), await office.server.person("karin")
    grants, pod = office.server.grants, anna.pod.id
    grant = await office.server.give(
        anna, client=None, agent=karin.pod.webid, receiver_kind="coach", sections=("experience",), actions=("read",)
    )
    changed = await grants.change(replace(grant, sections=("wishes", "summary")))
    graph = await office.graph(anna, changed, anna)
    assert (graph.said(SCHEMA + "version"), graph.said(PROV + "wasRevisionOf")) == (
        {"2"}, {anna.url(path_of(grant.id)) + "#version-1"},
    )  # fmt: skip
    assert len(graph.of(graph.this, LWS + "access")) == 2
    ended = await grants.revoke(pod, grant.id, by=pod)
    graph = await office.graph(anna, ended, anna)
    assert (graph.said(WP + "status"), graph.said(SCHEMA + "version")) == ({WP + "Stopped"}, {"3"})
    assert len(graph.said(PROV + "invalidatedAtTime")) == 1
    assert (await karin.get(anna.url(path_of(grant.id)))).status_code == 403
    again = await grants.renew(pod, grant.id, until=None)
    graph = await office.graph(anna, again, anna)
    assert graph.said(PROV + "wasDerivedFrom") == {anna.url(path_of(grant.id))}
    listing = (await anna.get(anna.url("consent/grants/"))).text
    assert grant.id in listing
    assert again.id in listing


async def test_a_receiver_reads_their_own_and_nothing_of_what_was_left_out(office: Office) -> None:
    """Not the entries by name, not who gave it, not the listing, not another's; an app of the owner the same."""
    anna, karin = await office.server.person("anna"), await office.server.person("karin")
    eve = await office.server.person("eve")
    karin.grant = eve.grant = None
    fields = {
        "sections": ("experience",), "actions": ("read",), "hidden_entries": ("experience#2019-geheim",),
        "given_by": "https://pod.example/maria#me",
    }  # fmt: skip
    coach = await office.server.give(anna, client=None, agent=karin.pod.webid, receiver_kind="coach", **fields)
    app = await office.server.give(anna, client=MATCHER, receiver_kind="app", **fields)
    link = await office.server.give(
        anna, client=MATCHER, agent=None, receiver_kind="link", link="L", sections=("summary",), actions=("read",)
    )
    assert "2019-geheim" in str((await office.graph(anna, coach, anna)).triples)
    for reader, grant in ((karin, coach), (office.server.app_of(anna, MATCHER, app.id), app)):
        graph = await office.graph(reader, grant, anna)
        assert len(graph.of(graph.this, LWS + "access")) == 1
        text = str(graph.triples)
        assert "geheim" not in text
        assert "maria" not in text
        for path in ("consent/", "consent/grants/", path_of(link.id), path_of(coach.id if grant is app else app.id)):
            assert (await reader.get(anna.url(path))).status_code == 403, path
    assert (await eve.get(anna.url(path_of(coach.id)))).status_code == 403
    assert (await office.server.http.get(anna.url(path_of(coach.id)))).status_code == 401


async def test_one_that_is_everything_and_one_that_is_over_say_so(office: Office) -> None:
    """The whole storage as the target, with every action; a grant whose time passed is told as over when looked at."""
    anna = await office.server.person("anna")
    await office.server.grants.change(await office.server.grants.get(anna.pod.id, str(anna.grant)))
    graph = await office.graph(anna, await office.server.grants.get(anna.pod.id, str(anna.grant)), anna)
    (policy,) = graph.of(graph.this, LWS + "access")
    assert graph.said(ODRL + "action", policy) == {ODRL + "read", LWS + "create", ODRL + "modify", ODRL + "delete"}
    (target,) = graph.of(policy, ODRL + "target")
    assert graph.said(RDF + "value", target) == {anna.pod.storage}
    over = await office.server.give(
        anna, client=MATCHER, receiver_kind="app", sections=("summary",), actions=("read",), until=DAY
    )
    graph = await office.graph(anna, over, anna)
    assert graph.said(WP + "status") == {WP + "Expired"}
    assert graph.said(PROV + "invalidatedAtTime") == {"1970-01-02T00:00:00Z"}


async def test_a_pod_from_before_gets_its_grants_written_down(office: Office) -> None:
    """Grants that were given when nothing was written down stand in the pod after the first round, and only then."""
    anna = await office.server.person("anna")
    storage, pods = office.server.parts.storage, office.server.parts.directory
    await office.publications.settled()
    await storage.delete(anna.pod.id, path_of(str(anna.grant)))
    for container in ("consent/receipts/", "consent/grants/"):
        await storage.delete(anna.pod.id, container)
    assert await office.documents.sweep(pods, storage) == 1
    graph = await office.graph(anna, await office.server.grants.get(anna.pod.id, str(anna.grant)), anna)
    assert graph.said(WP + "status") == {WP + "Given"}
    assert (await anna.get(anna.url("consent/receipts/"))).status_code == 200
    assert await office.documents.sweep(pods, storage) == 0
