"""Web Access Control 1.0: what an ACL document says, and what follows from it for one agent and one resource.

Which document counts (a resource's own, else that of the nearest container above that has one; WAC 5.1) is found by the
service, which knows the storage. This module is pure: bytes in, modes out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import pyoxigraph as ox

from werkpod.pod.access.model import Mode

ACL = "http://www.w3.org/ns/auth/acl#"
FOAF_AGENT = "http://xmlns.com/foaf/0.1/Agent"
AUTHENTICATED = ACL + "AuthenticatedAgent"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

MODES = {
    ACL + "Read": Mode.READ,
    ACL + "Append": Mode.APPEND,
    ACL + "Write": Mode.WRITE | Mode.APPEND,
    ACL + "Control": Mode.CONTROL,
}
"""Access modes; acl:Append is a subclass of acl:Write (WAC 4.2), so who may write may append."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One applicable acl:Authorization (WAC 5.2: typed, with at least one object, one mode and one subject)."""

    access_to: frozenset[str]
    default: frozenset[str]
    agents: frozenset[str]
    public: bool
    authenticated: bool
    origins: frozenset[str]
    modes: Mode

    def admits(self, agent: str | None, origin: str | None) -> bool:
        """Whether the rule is about this agent, asking from this origin.

        acl:origin narrows a rule for requests that carry an Origin, and is not looked at otherwise (WAC 5.3); it never
        gives anything by itself, because a client outside a browser can write any Origin it likes.
        """
        if self.origins and origin is not None and origin not in self.origins:
            return False
        return self.public or (agent is not None and (self.authenticated or agent in self.agents))


@dataclass(frozen=True, slots=True)
class EffectiveAcl:
    """The rules that hold for a resource. `holder` is the URL of the resource that the ACL document belongs to."""

    resource: str
    holder: str
    rules: tuple[Rule, ...]

    def modes(self, agent: str | None, origin: str | None = None) -> Mode:
        """What these rules let `agent` (None: anybody) do with the resource."""
        own = self.resource == self.holder
        found = Mode.NONE
        for rule in self.rules:
            if self.holder in (rule.access_to if own else rule.default) and rule.admits(agent, origin):
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


def rules_of(triples: Iterable[ox.Triple | ox.Quad]) -> tuple[Rule, ...]:
    """The applicable authorizations among the triples of an ACL document; what is not one is left out, not refused."""
    about: dict[str, dict[str, set[str]]] = {}
    for triple in triples:
        if isinstance(triple.object, ox.NamedNode):
            about.setdefault(str(triple.subject), {}).setdefault(triple.predicate.value, set()).add(triple.object.value)
    return tuple(rule for said in about.values() if (rule := _rule(said)) is not None)


def _rule(said: dict[str, set[str]]) -> Rule | None:
    if ACL + "Authorization" not in said.get(RDF_TYPE, ()):
        return None
    modes = Mode.NONE
    for mode in said.get(ACL + "mode", ()):
        modes |= MODES.get(mode, Mode.NONE)
    classes = said.get(ACL + "agentClass", set())
    rule = Rule(
        access_to=frozenset(said.get(ACL + "accessTo", ())),
        default=frozenset(said.get(ACL + "default", ())),
        agents=frozenset(said.get(ACL + "agent", ())),
        public=FOAF_AGENT in classes,
        authenticated=AUTHENTICATED in classes,
        origins=frozenset(said.get(ACL + "origin", ())),
        modes=modes,
    )
    if modes and (rule.access_to or rule.default) and (rule.agents or rule.public or rule.authenticated):
        return rule
    return None


def keeps_control(rules: Iterable[Rule], root: str) -> bool:
    """Whether somebody still has Control of the storage whose root container is `root` (WAC 3.2)."""
    return any(Mode.CONTROL in rule.modes and root in rule.access_to for rule in rules)


@lru_cache(maxsize=256)
def wac_allow(user: Mode, public: Mode) -> str:
    """The WAC-Allow header (WAC 6.1): what this agent and what anybody may do."""
    return f'user="{_names(user)}",public="{_names(public)}"'


_NAMES = ((Mode.READ, "read"), (Mode.WRITE, "write"), (Mode.APPEND, "append"), (Mode.CONTROL, "control"))


def _names(modes: Mode) -> str:
    return " ".join(name for mode, name in _NAMES if mode in modes)
