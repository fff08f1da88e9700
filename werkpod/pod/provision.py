"""What a new pod begins with: a WebID document, access rules, an inbox, and for a citizen the sections of a CV.

Written through the storage, before anybody can ask for anything. The WebID document is public and says no more than
what sign-in and Solid apps need: not even a name, which the owner can add (Solid-OIDC, 4; Solid WebID Profile).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import pyoxigraph as ox

from werkpod.pod.directory import Pod
from werkpod.pod.ldp.graphs import PREFIXES, TURTLE, Document, serialise
from werkpod.pod.storage import ANY, ResourceStorage
from werkpod.vocab.sections import CV_SECTIONS

Role = Literal["citizen", "coach", "employer"]

_TYPE = PREFIXES["rdf"] + "type"
_ACL, _FOAF, _SOLID, _PIM, _LDP = (PREFIXES[name] for name in ("acl", "foaf", "solid", "pim", "ldp"))
PUBLIC = _FOAF + "Agent"
AUTHENTICATED = _ACL + "AuthenticatedAgent"


async def provision(storage: ResourceStorage, pod: Pod, *, name: str, role: Role, issuer: str) -> None:
    """Write what a pod begins with; what is there is written again, CV sections excepted. `issuer`: the OP's URL.

    `name` is asked so that a later form of the profile can carry it; it is not made public.
    """
    owner = [("Read", "Write", "Control")]
    await _put(storage, pod, ".acl", [*_rule(pod, ".acl", "owner", "", owner[0], agent=pod.webid, default=True)])
    await _put(storage, pod, "profile/card", profile(pod, issuer))
    await _put(storage, pod, "profile/card.acl", [
        *_rule(pod, "profile/card.acl", "owner", "profile/card", owner[0], agent=pod.webid),
        *_rule(pod, "profile/card.acl", "public", "profile/card", ("Read",), agent_class=PUBLIC),
    ])  # fmt: skip
    await storage.put(pod.id, "inbox/", b"", TURTLE)
    await _put(storage, pod, "inbox/.acl", [
        *_rule(pod, "inbox/.acl", "owner", "inbox/", owner[0], agent=pod.webid, default=True),
        *_rule(pod, "inbox/.acl", "senders", "inbox/", ("Append",), agent_class=AUTHENTICATED),
    ])  # fmt: skip
    await storage.put(pod.id, "consent/", b"", TURTLE)
    empty = [section.path for section in CV_SECTIONS] if role == "citizen" else []
    for path in (*empty, "people"):
        if await storage.head(pod.id, path) is None:
            await storage.put(pod.id, path, b"", TURTLE, expected=ANY)


def profile(pod: Pod, issuer: str) -> list[ox.Triple]:
    """The WebID document's triples (Solid-OIDC, 4: solid:oidcIssuer; Solid Protocol, 4.1: pim:storage; LDN, 4)."""
    document = pod.webid.partition("#")[0]
    return [
        _triple(document, _TYPE, _FOAF + "PersonalProfileDocument"),
        _triple(document, _FOAF + "primaryTopic", pod.webid),
        _triple(document, _FOAF + "maker", pod.webid),
        _triple(pod.webid, _TYPE, _FOAF + "Agent"),
        _triple(pod.webid, _SOLID + "oidcIssuer", issuer),
        _triple(pod.webid, _PIM + "storage", pod.storage),
        _triple(pod.webid, _LDP + "inbox", pod.storage + "inbox/"),
    ]


def _rule(
    pod: Pod, acl: str, name: str, path: str, modes: Sequence[str], *,
    agent: str | None = None, agent_class: str | None = None, default: bool = False,
) -> list[ox.Triple]:  # fmt: skip
    """One acl:Authorization; `default`: it holds for everything below as well (WAC 4)."""
    rule, target = f"{pod.storage}{acl}#{name}", pod.storage + path
    triples = [_triple(rule, _TYPE, _ACL + "Authorization"), _triple(rule, _ACL + "accessTo", target)]
    if default:
        triples.append(_triple(rule, _ACL + "default", target))
    if agent is not None:
        triples.append(_triple(rule, _ACL + "agent", agent))
    if agent_class is not None:
        triples.append(_triple(rule, _ACL + "agentClass", agent_class))
    return triples + [_triple(rule, _ACL + "mode", _ACL + mode) for mode in modes]


def _triple(subject: str, predicate: str, object_: str) -> ox.Triple:
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(object_))


async def _put(storage: ResourceStorage, pod: Pod, path: str, triples: Sequence[ox.Triple]) -> None:
    await storage.put(pod.id, path, serialise(Document(tuple(triples)), TURTLE), TURTLE)
