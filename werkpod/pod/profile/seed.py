"""What the documents of a profile begin with (Solid WebID Profile, 3 and 4; Type Indexes; Solid-OIDC, 4; LDN, 3.1).

The card is public and says no more than what sign-in and Solid apps need: not even a name, which the owner can add.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import pyoxigraph as ox

from werkpod.pod.addresses import encode
from werkpod.pod.directory import Pod
from werkpod.pod.profile import places as p
from werkpod.vocab.cv.mapping import FORMS
from werkpod.vocab.sections import CV_SECTIONS

PUBLIC = p.AGENT
AUTHENTICATED = p.ACL + "AuthenticatedAgent"
OWNER_MODES = ("Read", "Write", "Control")


def card(pod: Pod, issuer: str) -> list[ox.Triple]:
    """The WebID document. `issuer`: the URL of the OpenID Provider."""
    document = pod.webid.partition("#")[0]
    return [
        triple(document, p.TYPE, p.PROFILE_DOCUMENT),
        triple(document, p.PRIMARY_TOPIC, pod.webid),
        triple(document, p.MAKER, pod.webid),
        triple(pod.webid, p.TYPE, p.AGENT),
        triple(pod.webid, p.OIDC_ISSUER, issuer),
        triple(pod.webid, p.STORAGE, pod.storage),
        triple(pod.webid, p.LDP_INBOX, pod.storage + p.INBOX),
        *links(pod).values(),
    ]


def links(pod: Pod) -> Mapping[str, ox.Triple]:
    """The links of a card to the documents under `settings/`, by predicate."""
    return {
        p.PREFERENCES_FILE: triple(pod.webid, p.PREFERENCES_FILE, pod.storage + p.PREFERENCES),
        p.PUBLIC_TYPE_INDEX: triple(pod.webid, p.PUBLIC_TYPE_INDEX, pod.storage + p.PUBLIC_INDEX),
    }


def preferences(pod: Pod) -> list[ox.Triple]:
    """The preferences, for their owner alone: so far where the private type index is."""
    return [triple(pod.storage + p.PREFERENCES, p.TYPE, p.CONFIGURATION), private_link(pod)]


def private_link(pod: Pod) -> ox.Triple:
    """The link from the preferences to the private type index."""
    return triple(pod.webid, p.PRIVATE_TYPE_INDEX, pod.storage + p.PRIVATE_INDEX)


def type_index(url: str, *, public: bool) -> list[ox.Triple]:
    """A type index without registrations."""
    return [triple(url, p.TYPE, p.TYPE_INDEX), triple(url, p.TYPE, p.LISTED if public else p.UNLISTED)]


def entries_of(section: str) -> Sequence[tuple[str, str]]:
    """The registrations of a section of the CV: name of the fragment in a type index, and class (an IRI)."""
    return [
        (f"cv-{section}-{form.rdf_type.rpartition('#')[2].rpartition('/')[2]}", form.rdf_type)
        for form in FORMS
        if form.section == section
    ]


def registrations(pod: Pod, index: str, sections: Collection[str]) -> dict[str, list[ox.Triple]]:
    """By subject, the registrations of sections (keys) in the type index with the URL `index`."""
    found = {}
    for section in CV_SECTIONS:
        for name, rdf_class in entries_of(section.key) if section.key in sections else ():
            entry = f"{index}#{name}"
            found[entry] = [
                triple(entry, p.TYPE, p.REGISTRATION),
                triple(entry, p.FOR_CLASS, rdf_class),
                triple(entry, p.INSTANCE, pod.storage + encode(section.path)),
            ]
    return found


def owner_rule(pod: Pod, subject: str, *, default: bool = False) -> list[ox.Triple]:
    """The rule that gives the owner a resource. `default`: and everything below it."""
    return rule(pod, subject, "owner", OWNER_MODES, agent=pod.webid, default=default)


def public_rules(pod: Pod, subject: str) -> list[ox.Triple]:
    """The rules of a document that anybody may read."""
    return [*owner_rule(pod, subject), *rule(pod, subject, "public", ("Read",), agent_class=PUBLIC)]


def rule(
    pod: Pod, subject: str, name: str, modes: Iterable[str], *,
    agent: str | None = None, agent_class: str | None = None, default: bool = False,
) -> list[ox.Triple]:  # fmt: skip
    """One acl:Authorization in the ACL of `subject`; `default`: it holds for everything below as well (WAC 4.2)."""
    this, target = f"{pod.storage}{subject}.acl#{name}", pod.storage + subject
    triples = [triple(this, p.TYPE, p.ACL + "Authorization"), triple(this, p.ACL + "accessTo", target)]
    if default:
        triples.append(triple(this, p.ACL + "default", target))
    if agent is not None:
        triples.append(triple(this, p.ACL + "agent", agent))
    if agent_class is not None:
        triples.append(triple(this, p.ACL + "agentClass", agent_class))
    return triples + [triple(this, p.ACL + "mode", p.ACL + mode) for mode in modes]


def triple(subject: str, predicate: str, object_: str) -> ox.Triple:
    """A triple of three IRIs."""
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(object_))
