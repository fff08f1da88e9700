"""A grant as an access grant of W3C Linked Web Storage (LWS 1.0 core, "Access Requests and Grants"), in RDF.

The document is the grant: what it says of itself, and for each section one policy of the draft's ODRL profile with its
assignee, actions, target and constraints. What the draft has no term for is said in the Data Privacy Vocabulary (DPV 2)
and PROV-O, and where those have none in our own words (record 24 has the table).

What only its owner may see of it is said with the predicates of `FOR_THE_OWNER`: which entries are left out would tell
the receiver of the entries that are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import count

import pyoxigraph as ox

from werkpod.consent.grants.record import GrantRecord
from werkpod.pod.addresses import encode
from werkpod.pod.directory import Pod
from werkpod.pod.kept import HOME
from werkpod.pod.ldp.graphs import TURTLE, Document, serialise
from werkpod.vocab.sections import SECTIONS

PREFIX = HOME + "grants/"
"""Where the documents of grants are in a pod."""

LWS = "https://www.w3.org/ns/lws#"
ODRL = "http://www.w3.org/ns/odrl/2/"
DPV = "https://w3id.org/dpv#"
PROV = "http://www.w3.org/ns/prov#"
DCTERMS = "http://purl.org/dc/terms/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SCHEMA = "http://schema.org/"
WP = "https://w3id.org/werkpod/consent#"
XSD = "http://www.w3.org/2001/XMLSchema#"
FOAF_AGENT = "http://xmlns.com/foaf/0.1/Agent"
PREFIXES = {"lws": LWS, "odrl": ODRL, "dpv": DPV, "prov": PROV, "wpc": WP}

FOR_THE_OWNER = frozenset({WP + "hiddenEntry", WP + "onlyEntry", WP + "givenBy"})
"""Predicates that the receiver does not see: entries by their names, and who gave it for the citizen."""

_ACTIONS = {"read": (ODRL + "read",), "append": (LWS + "create",), "write": (ODRL + "modify", ODRL + "delete")}
"""Our actions in the draft's words ("Actions"); control has none there."""

Term = ox.NamedNode | ox.BlankNode | ox.Literal


def path_of(grant_id: str) -> str:
    """Where the document of a grant is in the pod that gives it."""
    return PREFIX + grant_id


def written_down(record: GrantRecord, pod: Pod, now: float) -> bytes:
    """The document of a grant, as Turtle. `now`: Unix seconds, for whether its time is over."""
    triples = tuple(_Writing(record, pod, now).triples())
    return serialise(Document(triples), TURTLE, PREFIXES)


class _Writing:
    """One document in the making."""

    def __init__(self, record: GrantRecord, pod: Pod, now: float) -> None:
        self._record, self._pod, self._now = record, pod, now
        self._this = ox.NamedNode(pod.storage + encode(path_of(record.id)))
        self._numbers = count()

    def triples(self) -> Iterator[ox.Triple]:
        record, this = self._record, self._this
        yield _triple(this, RDF + "type", _iri(LWS + "AccessGrant"))
        yield _triple(this, LWS + "storage", _iri(self._pod.storage))
        yield _triple(this, DCTERMS + "conformsTo", _iri(LWS + "AccessProfile"))
        yield _triple(this, DCTERMS + "identifier", ox.Literal(record.id))
        yield _triple(this, DCTERMS + "created", _time(record.created))
        yield _triple(this, SCHEMA + "version", _integer(record.version))
        yield _triple(this, SCHEMA + "name", ox.Literal(record.receiver_name))
        yield from self._terms()
        yield from self._past()
        for policy in self._policies():
            yield from policy

    def _terms(self) -> Iterator[ox.Triple]:
        """What it is for, what it rests on, and what the receiver may do with what they read."""
        record, this = self._record, self._this
        yield _triple(this, DPV + "hasDataSubject", _iri(self._pod.webid))
        yield _triple(this, DPV + "hasLegalBasis", _iri(record.legal_basis))
        if record.purpose:
            yield _triple(this, DPV + "hasPurpose", _iri(record.purpose))
        if record.purpose_text:
            yield _triple(this, DCTERMS + "description", ox.Literal(record.purpose_text))
        if record.keep:
            yield _triple(this, WP + "keep", ox.Literal(record.keep))
        if record.preset:
            yield _triple(this, WP + "preset", ox.Literal(record.preset))
        yield _triple(this, WP + "once", _boolean(record.once))
        yield _triple(this, WP + "onward", _boolean(record.onward))

    def _past(self) -> Iterator[ox.Triple]:
        """Where it comes from, and whether it is over."""
        record, this = self._record, self._this
        if record.version > 1:
            before = _iri(f"{this.value}#version-{record.version - 1}")
            yield _triple(this, PROV + "wasRevisionOf", before)
            yield _triple(before, SCHEMA + "version", _integer(record.version - 1))
        if record.renews:
            yield _triple(this, PROV + "wasDerivedFrom", _iri(self._pod.storage + encode(path_of(record.renews))))
        if record.request:
            yield _triple(this, WP + "answers", ox.Literal(record.request))
        if record.given_by:
            yield _triple(this, WP + "givenBy", _iri(record.given_by))
        over = record.until is not None and record.until <= self._now
        if record.revoked_at is not None or over:
            at = record.revoked_at if record.revoked_at is not None else record.until
            yield _triple(this, PROV + "invalidatedAtTime", _time(at or 0.0))
            yield _triple(this, WP + "status", _iri(WP + ("Stopped" if record.revoked_at is not None else "Expired")))
        else:
            yield _triple(this, WP + "status", _iri(WP + "Given"))

    def _policies(self) -> Iterator[Sequence[ox.Triple]]:
        if self._record.everything:
            yield list(self._policy(self._pod.storage, "StorageResource", ""))
            return
        for key in self._record.sections:
            path = SECTIONS[key].path
            yield list(
                self._policy(self._pod.storage + path, "Container" if path.endswith("/") else "DataResource", key)
            )

    def _policy(self, target: str, kind: str, section: str) -> Iterator[ox.Triple]:
        record, policy, what = self._record, self._blank(), self._blank()
        yield _triple(self._this, LWS + "access", policy)
        yield _triple(policy, RDF + "type", _iri(LWS + "AccessPolicy"))
        yield _triple(policy, ODRL + "assigner", _iri(self._pod.webid))
        yield _triple(policy, ODRL + "assignee", _iri(record.agent or FOAF_AGENT))
        for action in record.actions:
            for iri in _ACTIONS.get(action, (WP + action,)):
                yield _triple(policy, ODRL + "action", _iri(iri))
        yield _triple(policy, ODRL + "target", what)
        yield _triple(what, RDF + "type", _iri(LWS + kind))
        yield _triple(what, RDF + "value", _iri(target))
        for left, operator, right in self._constraints():
            constraint = self._blank()
            yield _triple(policy, ODRL + "constraint", constraint)
            yield _triple(constraint, ODRL + "leftOperand", _iri(left))
            yield _triple(constraint, ODRL + "operator", _iri(ODRL + operator))
            yield _triple(constraint, ODRL + "rightOperand", right)
        for predicate, value in self._left_out(target, section):
            yield _triple(policy, WP + predicate, value)

    def _constraints(self) -> Iterator[tuple[str, str, Term]]:
        """Client, purpose and time, as the draft has them ("Constraints")."""
        record = self._record
        if record.client is not None:
            yield LWS + "client", "eq", _client(record.client)
        if record.purpose:
            yield ODRL + "purpose", "eq", _iri(record.purpose)
        yield ODRL + "dateTime", "gteq", _time(record.not_before)
        if record.until is not None:
            yield ODRL + "dateTime", "lteq", _time(record.until)

    def _left_out(self, target: str, section: str) -> Iterator[tuple[str, Term]]:
        """What of a section passes, or does not. The draft has no word for parts of a resource."""
        record = self._record
        for field in record.hidden_fields:
            if field.partition(".")[0] == section:
                yield "hiddenField", ox.Literal(field)
        for predicate in record.hidden_predicates:
            yield "hiddenPredicate", ox.Literal(predicate)
        for name, entries in (("hiddenEntry", record.hidden_entries), ("onlyEntry", record.only_entries)):
            for entry in entries:
                key, _, fragment = entry.partition("#")
                if key == section:
                    yield name, ox.Literal(f"{target}#{fragment}")

    def _blank(self) -> ox.BlankNode:
        return ox.BlankNode(f"p{next(self._numbers)}")


def _triple(subject: ox.NamedNode | ox.BlankNode, predicate: str, value: Term) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), value)


def _iri(value: str) -> ox.NamedNode:
    return ox.NamedNode(value)


def _client(value: str) -> Term:
    """A client id: an IRI for an app with a document, a name for another."""
    return ox.NamedNode(value) if value.startswith(("https://", "http://")) else ox.Literal(value)


def _time(at: float) -> ox.Literal:
    moment = datetime.fromtimestamp(int(at), UTC).isoformat().replace("+00:00", "Z")
    return ox.Literal(moment, datatype=ox.NamedNode(XSD + "dateTime"))


def _integer(value: int) -> ox.Literal:
    return ox.Literal(str(value), datatype=ox.NamedNode(XSD + "integer"))


def _boolean(value: bool) -> ox.Literal:
    return ox.Literal("true" if value else "false", datatype=ox.NamedNode(XSD + "boolean"))
