"""Access rules (WAC) in the own pod that let anyone but the owner in: finding them, and taking somebody out of them.

Werkpod itself writes two such rules in every pod (`provision.py`): anybody may read the WebID document, and who signs
in may drop a message in the inbox. Every other one was written by a Solid app or a tool of the citizen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import pyoxigraph as ox

from werkpod.consent.dashboard.own import OwnPod
from werkpod.pod.access.model import Mode
from werkpod.pod.access.wac import ACL, AUTHENTICATED, FOAF_AGENT, RDF_TYPE, AclDocument, Rule, rules_of
from werkpod.pod.addresses import encode
from werkpod.pod.ldp import graphs
from werkpod.web.errors import NotFound, PreconditionFailed

EVERYONE, SIGNED_IN = "iedereen", "ingelogd"
"""Who, where it is no WebID."""
_CLASSES = {EVERYONE: FOAF_AGENT, SIGNED_IN: AUTHENTICATED}
_SUBJECTS = (ACL + "agent", ACL + "agentClass", ACL + "agentGroup")
_MODES = {Mode.READ: "Read", Mode.APPEND: "Append"}
ALWAYS = {("profile/card", EVERYONE): Mode.READ, ("inbox/", SIGNED_IN): Mode.APPEND}
"""The rules that every pod has: Solid-OIDC reads the WebID document, Linked Data Notifications writes in the inbox."""
_TRIES = 3

Reach = Literal["it", "both", "below"]
"""Of a container: the list of what is in it alone, all of it, or what is in it without the list."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What one ACL document gives one receiver. `path`: what it belongs to, in the pod; `changed`: of the document.

    `who`: EVERYONE, SIGNED_IN or a WebID. `always`: one of the two rules that every pod has, and no more than that.
    """

    path: str
    who: str
    modes: Mode
    reach: Reach
    changed: float
    always: bool = False


async def openings(own: OwnPod) -> Sequence[Opening]:
    """Everybody but the owner whom an access rule lets in, by path; the rules that every pod has come last."""
    found = [
        opening
        for document in await own.service.acl_documents(own.owner, own.pod)
        for opening in openings_of(document, own.pod.webid)
    ]
    return sorted(found, key=lambda opening: (opening.always, opening.path, opening.who))


def openings_of(document: AclDocument, owner: str) -> Sequence[Opening]:
    """Whom but `owner` an ACL document lets in. Rules about other resources than its own have no effect (WAC 5.1)."""
    itself: dict[str, Mode] = {}
    below: dict[str, Mode] = {}
    for rule in document.rules:
        for who in _receivers(rule, owner):
            if document.holder in rule.access_to:
                itself[who] = itself.get(who, Mode.NONE) | rule.modes
            if document.holder in rule.default:
                below[who] = below.get(who, Mode.NONE) | rule.modes
    found = []
    for who in itself | below:
        reach: Reach = "both" if who in itself and who in below else "it" if who in itself else "below"
        modes = itself.get(who, Mode.NONE) | below.get(who, Mode.NONE)
        usual = ALWAYS.get((document.subject, who))
        always = usual is not None and modes == usual and reach == "it"
        found.append(Opening(document.subject, who, modes, reach, document.modified, always))
    return found


async def close(own: OwnPod, path: str, who: str) -> Opening:
    """Take `who` out of the access rules of `path`; what every pod has stays. Returns what ended.

    The owner keeps Control, written down as a rule where there was none. Raises NotFound where no rule lets `who` in,
    and PreconditionFailed where the rules changed each time that they were to be written.
    """
    for left in range(_TRIES - 1, -1, -1):
        ended = next((o for o in await openings(own) if (o.path, o.who) == (path, who) and not o.always), None)
        before = await own.read(f"{path}.acl") if ended else None
        if ended is None or before is None:
            raise NotFound("There is no such access rule in this pod (any more).")
        document = graphs.parse(before.body, before.media_type, own.pod.storage + encode(f"{path}.acl"))
        kept = graphs.Document(tuple(without(document.triples, own, path, who)))
        try:
            await own.put(f"{path}.acl", graphs.serialise(kept, graphs.TURTLE), before=before)
        except PreconditionFailed:
            if not left:
                raise
            continue
        return ended
    raise NotFound("There is no such access rule in this pod (any more).")


def without(triples: Collection[ox.Triple], own: OwnPod, path: str, who: str) -> list[ox.Triple]:
    """The rules of `path` without `who`; an authorization that is then about nobody goes whole (WAC 5.2)."""
    predicate = ACL + ("agentClass" if who in _CLASSES else "agent")
    out = {
        triple
        for triple in triples
        if triple.predicate.value == predicate and triple.object == ox.NamedNode(_CLASSES.get(who, who))
    }
    kept = set(triples) - out
    spoken_for = {triple.subject for triple in kept if triple.predicate.value in _SUBJECTS}
    nobody = {triple.subject for triple in out} - spoken_for
    kept = {triple for triple in kept if triple.subject not in nobody}
    holder = own.pod.storage + encode(path)
    if usual := ALWAYS.get((path, who)):
        kept |= _authorization(own, path, holder, "agentClass", _CLASSES[who], [_MODES[usual]], default=False)
    if not _controls(rules_of(kept), own.pod.webid, holder):
        default = path == "" or path.endswith("/")
        kept |= _authorization(own, path, holder, "agent", own.pod.webid, ["Read", "Write", "Control"], default=default)
    return sorted(kept, key=str)


def _receivers(rule: Rule, owner: str) -> Iterable[str]:
    if rule.public:
        yield EVERYONE
    if rule.authenticated:
        yield SIGNED_IN
    yield from rule.agents - {owner}


def _controls(rules: Iterable[Rule], owner: str, holder: str) -> bool:
    return any(owner in rule.agents and Mode.CONTROL in rule.modes and holder in rule.access_to for rule in rules)


def _authorization(
    own: OwnPod, path: str, holder: str, predicate: str, receiver: str, modes: Iterable[str], *, default: bool
) -> set[ox.Triple]:
    """One acl:Authorization under a name of its own."""
    name = "owner" if predicate == "agent" else "always"
    rule = ox.NamedNode(f"{own.pod.storage}{encode(path)}.acl#werkpod-{name}")
    said = [(RDF_TYPE, ACL + "Authorization"), (ACL + "accessTo", holder), (ACL + predicate, receiver)]
    said += [(ACL + "default", holder)] if default else []
    said += [(ACL + "mode", ACL + mode) for mode in modes]
    return {ox.Triple(rule, ox.NamedNode(p), ox.NamedNode(o)) for p, o in said}
