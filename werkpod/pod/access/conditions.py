"""Access conditions: what an Authorization asks besides its subject (WAC editor's draft, 4.4 and 5.3.2).

Two types are known, and advertised with every document of access rules: which app somebody may use
(acl:ClientCondition), and who may vouch for them (acl:IssuerCondition). All that are known have to hold. One of a type
that is not advertised is not looked at, as the draft demands; one that says no type, or asks for nothing, never holds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

ACL = "http://www.w3.org/ns/auth/acl#"
FOAF_AGENT = "http://xmlns.com/foaf/0.1/Agent"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

About = Literal["client", "issuer", "nothing"]

ADVERTISED: Mapping[str, About] = {ACL + "ClientCondition": "client", ACL + "IssuerCondition": "issuer"}
"""The types that count here, by what they look at; each is a Link of an ACL document (WAC editor's draft, 3.2)."""

RELATION = ACL + "condition"
"""The relation of those links, and the predicate from an Authorization to its conditions."""

Members = Mapping[str, frozenset[str]]
"""Who is in a group, by the group's IRI; one that could not be looked up is left out, and has no members."""

NOBODY: Members = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AccessCondition:
    """What one condition admits: those `named`, the members of `groups`, `anyone` (foaf:Agent).

    `about` "nothing": a condition that nobody meets, because it says no type.
    """

    about: About
    named: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    anyone: bool = False

    @property
    def impossible(self) -> bool:
        """Whether nobody can meet it."""
        return self.about == "nothing" or not (self.anyone or self.named or self.groups)

    def holds(self, client: str | None, issuer: str | None, members: Members) -> bool:
        """Whether it holds for a request through `client`, vouched for by `issuer`. IRIs are compared byte for byte."""
        if self.about == "nothing":
            return False
        value = client if self.about == "client" else issuer
        return self.anyone or (
            value is not None and (value in self.named or any(value in members.get(group, ()) for group in self.groups))
        )


NEVER = AccessCondition("nothing")


def conditions_of(said: Mapping[str, Collection[str]]) -> tuple[AccessCondition, ...]:
    """The conditions that one node of an ACL document states, from its predicates to IRIs; () for unknown types only.

    A node may be of both types, and then asks for both. Its own document says what it is: the node of another document
    has no type here.
    """
    types = _types(said)
    if not types:
        return (NEVER,)
    return tuple(
        AccessCondition(
            about,
            frozenset(said.get(f"{ACL}{about}", ())),
            frozenset(said.get(f"{ACL}{about}Group", ())),
            FOAF_AGENT in said.get(f"{ACL}{about}Class", ()),
        )
        for type_, about in ADVERTISED.items()
        if type_ in types
    )


def overlooked(said: Mapping[str, Collection[str]]) -> frozenset[str]:
    """The types of one node that are not advertised: as conditions they do not count (WAC editor's draft, 5.3.2)."""
    return _types(said) - ADVERTISED.keys()


def _types(said: Mapping[str, Collection[str]]) -> frozenset[str]:
    """What a condition says that it is; that it is a condition at all says nothing."""
    return frozenset(said.get(RDF_TYPE, ())) - {ACL + "Condition"}
