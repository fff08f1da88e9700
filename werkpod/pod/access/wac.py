"""Web Access Control 1.0: what an ACL document says, and what follows from it for one agent and one resource.

Which document counts (a resource's own, else that of the nearest container above that has one; WAC 5.1) is found by the
service, which knows the storage, and so are the members of groups (`groups`). This module is pure: triples in, modes
out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import pyoxigraph as ox

from werkpod.pod.access.conditions import (
    ACL,
    FOAF_AGENT,
    RDF_TYPE,
    AccessCondition,
    Members,
    conditions_of,
    overlooked,
)
from werkpod.pod.access.model import Mode

__all__ = [
    "ACL", "AUTHENTICATED", "FOAF_AGENT", "NO_RULES", "RDF_TYPE", "AclDocument", "EffectiveAcl", "Rule",
    "keeps_control", "rules_of", "wac_allow",
]  # fmt: skip

AUTHENTICATED = ACL + "AuthenticatedAgent"

MODES = {
    ACL + "Read": Mode.READ,
    ACL + "Append": Mode.APPEND,
    ACL + "Write": Mode.WRITE | Mode.APPEND,
    ACL + "Control": Mode.CONTROL,
}
"""Access modes; acl:Append is a subclass of acl:Write (WAC 4.2), so who may write may append."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One applicable acl:Authorization (WAC 5.2: typed, with at least one object, one mode and one subject).

    `groups`: IRIs of groups whose members it is about; `conditions`: all of them have to hold; `overlooked`: types of
    conditions that it states and that do not count here, because they are not advertised; `look_ups`: all groups whose
    members have to be known to apply it.
    """

    access_to: frozenset[str]
    default: frozenset[str]
    agents: frozenset[str]
    public: bool
    authenticated: bool
    origins: frozenset[str]
    modes: Mode
    groups: frozenset[str] = frozenset()
    conditions: tuple[AccessCondition, ...] = ()
    overlooked: frozenset[str] = frozenset()
    look_ups: frozenset[str] = frozenset()

    def admits(
        self,
        agent: str | None,
        origin: str | None,
        client: str | None = None,
        issuer: str | None = None,
        members: Members | None = None,
    ) -> bool:
        """Whether the rule is about this agent, asking from this origin, through this client, on this issuer's word.

        acl:origin narrows a rule for requests that carry an Origin, and is not looked at otherwise (WAC 5.3); it never
        gives anything by itself, because a client outside a browser can write any Origin it likes.
        """
        if self.origins and origin is not None and origin not in self.origins:
            return False
        known = members or {}
        if not self.public and not (
            agent is not None
            and (
                self.authenticated
                or agent in self.agents
                or (self.groups and any(agent in known.get(group, ()) for group in self.groups))
            )
        ):
            return False
        return not self.conditions or all(one.holds(client, issuer, known) for one in self.conditions)


@dataclass(frozen=True, slots=True)
class EffectiveAcl:
    """The rules that hold for a resource. `holder` is the URL of the resource that the ACL document belongs to.

    `members`: who is in the groups that the rules name, as far as it was looked up.
    """

    resource: str
    holder: str
    rules: tuple[Rule, ...]
    members: Members = field(default_factory=dict, hash=False)

    def modes(
        self, agent: str | None, origin: str | None = None, client: str | None = None, issuer: str | None = None
    ) -> Mode:
        """What these rules let `agent` (None: anybody) do with the resource, through `client`, vouched for by `issuer`.

        Modes only ever add up: a rule more takes nothing away (WAC 5.3).
        """
        own = self.resource == self.holder
        found = Mode.NONE
        for rule in self.rules:
            if self.holder in (rule.access_to if own else rule.default) and rule.admits(
                agent, origin, client, issuer, self.members
            ):
                found |= rule.modes
        return found


@dataclass(frozen=True, slots=True)
class AclDocument:
    """An ACL document of a pod. `subject`: the path that it belongs to; `holder`: its URL; `modified`: Unix seconds."""

    subject: str
    holder: str
    modified: float
    rules: tuple[Rule, ...]


NO_RULES = EffectiveAcl("", "", ())
"""Nothing is allowed to anybody."""


_About = dict[str, dict[str, set[str]]]


def rules_of(triples: Iterable[ox.Triple | ox.Quad]) -> tuple[Rule, ...]:
    """The applicable authorizations among the triples of an ACL document; what is not one is left out, not refused."""
    about: _About = {}
    stated: dict[str, set[str]] = {}
    for triple in triples:
        subject, predicate, value = str(triple.subject), triple.predicate.value, triple.object
        if predicate == ACL + "condition":
            stated.setdefault(subject, set()).add(str(value))
        if isinstance(value, ox.NamedNode):
            about.setdefault(subject, {}).setdefault(predicate, set()).add(value.value)
    found = []
    for subject, said in about.items():
        rule = _rule(said, [about.get(node, {}) for node in sorted(stated.get(subject, ()))])
        if rule is not None:
            found.append(rule)
    return tuple(found)


def _rule(said: dict[str, set[str]], asked: Sequence[dict[str, set[str]]]) -> Rule | None:
    """The rule that a node states; `asked`: what is said of each of its conditions."""
    if ACL + "Authorization" not in said.get(RDF_TYPE, ()):
        return None
    modes = Mode.NONE
    for mode in said.get(ACL + "mode", ()):
        modes |= MODES.get(mode, Mode.NONE)
    classes = said.get(ACL + "agentClass", set())
    groups = frozenset(said.get(ACL + "agentGroup", ()))
    conditions = tuple(condition for one in asked for condition in conditions_of(one))
    rule = Rule(
        access_to=frozenset(said.get(ACL + "accessTo", ())),
        default=frozenset(said.get(ACL + "default", ())),
        agents=frozenset(said.get(ACL + "agent", ())),
        public=FOAF_AGENT in classes,
        authenticated=AUTHENTICATED in classes,
        origins=frozenset(said.get(ACL + "origin", ())),
        modes=modes,
        groups=groups,
        conditions=conditions,
        overlooked=frozenset(type_ for one in asked for type_ in overlooked(one)),
        look_ups=groups.union(*(condition.groups for condition in conditions)),
    )
    if modes and (rule.access_to or rule.default) and (rule.agents or rule.groups or rule.public or rule.authenticated):
        return rule
    return None


def keeps_control(rules: Iterable[Rule], root: str) -> bool:
    """Whether somebody still has Control of the storage whose root container is `root`, come what may (WAC 3.3).

    A group may be or become empty, and an app or an issuer may stop: a rule that needs one of them is nobody's Control
    for certain (WAC editor's draft, security considerations).
    """
    return any(
        Mode.CONTROL in rule.modes
        and root in rule.access_to
        and (rule.agents or rule.authenticated or rule.public)
        and not rule.conditions
        and not rule.overlooked
        for rule in rules
    )


@lru_cache(maxsize=256)
def wac_allow(user: Mode, public: Mode) -> str:
    """The WAC-Allow header (WAC 6.1): what this agent and what anybody may do."""
    return f'user="{_names(user)}",public="{_names(public)}"'


_NAMES = ((Mode.READ, "read"), (Mode.WRITE, "write"), (Mode.APPEND, "append"), (Mode.CONTROL, "control"))


def _names(modes: Mode) -> str:
    return " ".join(name for mode, name in _NAMES if mode in modes)
