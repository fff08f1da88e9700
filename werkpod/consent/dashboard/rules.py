"""Access rules (WAC) in the own pod that let anyone but the owner in: finding them, and taking somebody out of them.

Werkpod itself writes three such rules in every pod (`provision.py`): anybody may read the WebID document and the public
type index, and who signs in may drop a message in the inbox. Every other one was written by a Solid app or a tool of
the citizen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import pyoxigraph as ox

from werkpod.consent.dashboard.own import OwnPod
from werkpod.pod.access.conditions import AccessCondition
from werkpod.pod.access.model import Mode
from werkpod.pod.access.wac import ACL, AUTHENTICATED, FOAF_AGENT, RDF_TYPE, AclDocument, Rule, keeps_control, rules_of
from werkpod.pod.addresses import encode
from werkpod.pod.ldp import graphs
from werkpod.pod.profile.places import CARD, INBOX, PUBLIC_INDEX
from werkpod.web.errors import NotFound, PreconditionFailed

EVERYONE, SIGNED_IN = "iedereen", "ingelogd"
"""Who, where it is no WebID."""
_CLASSES = {EVERYONE: FOAF_AGENT, SIGNED_IN: AUTHENTICATED}
_SUBJECTS = (ACL + "agent", ACL + "agentClass", ACL + "agentGroup")
_NAMED = (ACL + "agent", ACL + "agentGroup")
_MODES = {Mode.READ: "Read", Mode.APPEND: "Append"}
ALWAYS = {
    (CARD, EVERYONE): Mode.READ,
    (PUBLIC_INDEX, EVERYONE): Mode.READ,
    (INBOX, SIGNED_IN): Mode.APPEND,
}
"""The rules that every pod has: Solid-OIDC reads the WebID document and apps the public type index, Linked Data
Notifications writes in the inbox."""
_TRIES = 3

Reach = Literal["it", "both", "below"]
"""Of a container: the list of what is in it alone, all of it, or what is in it without the list."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What one ACL document gives one receiver. `path`: what it belongs to, in the pod; `changed`: of the document.

    `who`: EVERYONE, SIGNED_IN, a WebID or (`group`) the IRI of a group. `always`: one of the rules that every pod
    has, and no more than that. `limits`: the conditions that narrow it, one entry for each rule that lets them in; ()
    where one of those has none. `overlooked`: a rule states a condition that does not count here.
    """

    path: str
    who: str
    modes: Mode
    reach: Reach
    changed: float
    always: bool = False
    group: bool = False
    limits: tuple[tuple[AccessCondition, ...], ...] = ()
    overlooked: bool = False


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
    by: dict[str, list[Rule]] = {}
    for rule in document.rules:
        here, inside = document.holder in rule.access_to, document.holder in rule.default
        if not (here or inside) or any(condition.impossible for condition in rule.conditions):
            continue
        for who in _receivers(rule, owner):
            by.setdefault(who, []).append(rule)
            if here:
                itself[who] = itself.get(who, Mode.NONE) | rule.modes
            if inside:
                below[who] = below.get(who, Mode.NONE) | rule.modes
    found = []
    for who, rules in by.items():
        reach: Reach = "both" if who in itself and who in below else "it" if who in itself else "below"
        modes = itself.get(who, Mode.NONE) | below.get(who, Mode.NONE)
        usual = ALWAYS.get((document.subject, who))
        narrowed = [tuple(one for one in rule.conditions if not one.anyone) for rule in rules]
        found.append(
            Opening(
                document.subject,
                who,
                modes,
                reach,
                document.modified,
                always=usual is not None and modes == usual and reach == "it",
                group=any(who in rule.groups for rule in rules),
                limits=tuple(narrowed) if all(narrowed) else (),
                overlooked=any(rule.overlooked for rule in rules),
            )
        )
    return found


def reaches(opening: Opening, path: str) -> bool:
    """Whether an access rule lets anybody at the resource at `path`, itself or by the folder that it is in."""
    if opening.path == path:
        return opening.reach != "below"
    below = opening.path == "" or opening.path.endswith("/")
    return below and opening.reach != "it" and path.startswith(opening.path)


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
    predicates = (ACL + "agentClass",) if who in _CLASSES else _NAMED
    out = {
        triple
        for triple in triples
        if triple.predicate.value in predicates and triple.object == ox.NamedNode(_CLASSES.get(who, who))
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
    yield from (rule.agents | rule.groups) - {owner}


def _controls(rules: Iterable[Rule], owner: str, holder: str) -> bool:
    return any(owner in rule.agents for rule in rules if keeps_control([rule], holder))


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
