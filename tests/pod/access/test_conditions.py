"""Groups, conditions and origins of access rules: a table of who gets in, and what holds whatever the rules are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from werkpod.pod.access.conditions import ADVERTISED, NEVER, AccessCondition
from werkpod.pod.access.decide import decide
from werkpod.pod.access.model import Mode, Requester
from werkpod.pod.access.wac import EffectiveAcl, Rule, keeps_control, rules_of
from werkpod.pod.addresses import address
from werkpod.pod.ldp.graphs import parse
from werkpod.pod.ldp.headers import links

ROOT = "https://pod.example/anna/"
OWNER = ROOT + "profile/card#me"
DOC = ROOT + "cv/experience"
BOB, EVE = "https://bob.example/card#me", "https://eve.example/card#me"
APP, OTHER = "https://app.example/id", "https://other.example/id"
HOME, AWAY = "https://issuer.example", "https://away.example"
TEAM, APPS, ISSUERS = ROOT + "groups#team", ROOT + "groups#apps", ROOT + "groups#issuers"
MEMBERS = {TEAM: frozenset({BOB}), APPS: frozenset({APP}), ISSUERS: frozenset({HOME})}
PREFIX = (
    "@prefix acl: <http://www.w3.org/ns/auth/acl#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .\n"
    "@prefix ex: <https://example.org/ns#> .\n"
)


def effective(turtle: str) -> EffectiveAcl:
    return EffectiveAcl(
        DOC, DOC, rules_of(parse((PREFIX + turtle).encode(), "text/turtle", DOC + ".acl").triples), MEMBERS
    )


def rule(said: str) -> EffectiveAcl:
    return effective(f"<#r> a acl:Authorization ; acl:accessTo <{DOC}> ; acl:mode acl:Read ; {said} .")


def gets_in(acl: EffectiveAcl, who: Requester) -> bool:
    return Mode.READ in decide(who, OWNER, "cv/experience", acl, (), 1000.0).modes


CLIENT, ISSUER = "a acl:ClientCondition", "a acl:IssuerCondition"
BOB_IF = f"acl:agent <{BOB}> ; acl:condition "
BOB_HERE = Requester(BOB, APP, issuer=HOME)
GROUP_AT_APP = f"acl:agentGroup <{TEAM}> ; acl:origin <https://app.example>"


@pytest.mark.duty(90, 92, 93)
@pytest.mark.parametrize(
    ("said", "who", "expected"),
    [
        (f"acl:agentGroup <{TEAM}>", Requester(BOB, APP), True),
        (f"acl:agentGroup <{TEAM}>", Requester(EVE, APP), False),
        (f"acl:agentGroup <{TEAM}>", Requester(), False),
        (f"acl:agentGroup <{ROOT}groups#unknown>", Requester(BOB, APP), False),
        (f"acl:agentGroup <{ROOT}groups#unknown>, <{TEAM}>", Requester(BOB, APP), True),
        (GROUP_AT_APP, Requester(BOB, origin="https://x.example"), False),
        (GROUP_AT_APP, Requester(BOB, origin="https://app.example"), True),
        (BOB_IF + f"[ {CLIENT} ; acl:client <{APP}> ]", BOB_HERE, True),
        (BOB_IF + f"[ {CLIENT} ; acl:client <{APP}>, <{OTHER}> ]", BOB_HERE, True),
        (BOB_IF + f"[ {CLIENT} ; acl:client <{OTHER}> ]", BOB_HERE, False),
        (BOB_IF + f"[ {CLIENT} ; acl:client <{APP}> ]", Requester(BOB, issuer=HOME), False),
        (BOB_IF + f"[ {CLIENT} ; acl:client <{APP}> ]", Requester(EVE, APP, issuer=HOME), False),
        (BOB_IF + f'[ {CLIENT} ; acl:client "{APP}" ]', BOB_HERE, False),
        (BOB_IF + f"[ {CLIENT} ; acl:clientGroup <{APPS}> ]", BOB_HERE, True),
        (BOB_IF + f"[ {CLIENT} ; acl:clientGroup <{APPS}> ]", Requester(BOB, OTHER), False),
        (BOB_IF + f"[ {CLIENT} ; acl:clientClass foaf:Agent ]", Requester(BOB), True),
        (BOB_IF + f"[ {CLIENT} ; acl:clientClass ex:Trusted ]", BOB_HERE, False),
        (BOB_IF + f"[ {CLIENT} ]", BOB_HERE, False),
        (BOB_IF + f"[ {CLIENT} ; acl:issuer <{HOME}> ]", BOB_HERE, False),
        (BOB_IF + f"[ {ISSUER} ; acl:issuer <{HOME}> ]", BOB_HERE, True),
        (BOB_IF + f"[ {ISSUER} ; acl:issuer <{HOME}/> ]", BOB_HERE, False),
        (BOB_IF + f"[ {ISSUER} ; acl:issuer <{HOME}> ]", Requester(BOB, APP, issuer=AWAY), False),
        (BOB_IF + f"[ {ISSUER} ; acl:issuer <{HOME}> ]", Requester(BOB, APP), False),
        (BOB_IF + f"[ {ISSUER} ; acl:issuerGroup <{ISSUERS}> ]", BOB_HERE, True),
        (BOB_IF + f"[ {ISSUER} ; acl:issuerClass foaf:Agent ]", Requester(BOB), True),
        (BOB_IF + f"[ {CLIENT} ; acl:client <{APP}> ], [ {ISSUER} ; acl:issuer <{HOME}> ]", BOB_HERE, True),
        (BOB_IF + f"[ {CLIENT} ; acl:client <{APP}> ], [ {ISSUER} ; acl:issuer <{AWAY}> ]", BOB_HERE, False),
        (BOB_IF + f"[ {CLIENT} ; acl:client <{APP}> ], [ {CLIENT} ; acl:client <{OTHER}> ]", BOB_HERE, False),
        (BOB_IF + f"[ {CLIENT}, acl:IssuerCondition ; acl:client <{APP}> ; acl:issuer <{HOME}> ]", BOB_HERE, True),
        (BOB_IF + f"[ {CLIENT}, acl:IssuerCondition ; acl:client <{APP}> ]", BOB_HERE, False),
        (BOB_IF + f"<#c> . <#c> {CLIENT} ; acl:client <{APP}>", BOB_HERE, True),
        (BOB_IF + "[ a ex:FullMoon ]", BOB_HERE, True),
        (BOB_IF + f"[ a ex:FullMoon ], [ {CLIENT} ; acl:client <{OTHER}> ]", BOB_HERE, False),
        (BOB_IF + f"[ a ex:FullMoon ; acl:client <{OTHER}> ]", BOB_HERE, True),
        (BOB_IF + f"[ acl:client <{APP}> ]", BOB_HERE, False),
        (BOB_IF + f"[ a acl:Condition ; acl:client <{APP}> ]", BOB_HERE, False),
        (BOB_IF + f"[ a acl:Condition, acl:ClientCondition ; acl:client <{APP}> ]", BOB_HERE, True),
        (BOB_IF + "<https://elsewhere.example/condition>", BOB_HERE, False),
        (BOB_IF + '"during office hours"', BOB_HERE, False),
        (f"acl:condition [ {CLIENT} ; acl:client <{APP}> ]", BOB_HERE, False),
        (f"acl:agentClass foaf:Agent ; acl:condition [ {CLIENT} ; acl:client <{APP}> ]", BOB_HERE, True),
        (f"acl:agentClass foaf:Agent ; acl:condition [ {CLIENT} ; acl:client <{APP}> ]", Requester(), False),
        (f"acl:agentClass foaf:Agent ; acl:condition [ {CLIENT} ; acl:clientClass foaf:Agent ]", Requester(), True),
        (f"acl:agentGroup <{TEAM}> ; acl:condition [ {ISSUER} ; acl:issuer <{HOME}> ]", BOB_HERE, True),
        (f"acl:agentGroup <{TEAM}> ; acl:condition [ {ISSUER} ; acl:issuer <{AWAY}> ]", BOB_HERE, False),
    ],
)  # fmt: skip
def test_who_gets_in(said: str, who: Requester, expected: bool) -> None:
    """One rule each: a group, a condition, several, some that mean nothing."""
    assert gets_in(rule(said), who) is expected


def test_neither_groups_nor_conditions_let_an_app_of_the_owner_in() -> None:
    """No app has root: a rule for a group with the owner, or for one app, is no grant of the owner to that app."""
    app = Requester(OWNER, APP, issuer=HOME)
    group = replace(rule(f"acl:agentGroup <{TEAM}>"), members={TEAM: frozenset({OWNER})})
    assert not gets_in(group, app)
    assert not gets_in(rule(f"acl:agentClass foaf:Agent ; acl:condition [ {CLIENT} ; acl:client <{APP}> ]"), app)


def test_a_confined_token_is_in_no_group() -> None:
    """A share link gives its own grant, and nothing that rules give its agent."""
    assert not gets_in(rule(f"acl:agentGroup <{TEAM}>"), Requester(BOB, APP, "g1", confined=True, issuer=HOME))


@pytest.mark.duty(82)
@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (f"acl:agent <{OWNER}>", True),
        (f"acl:agentGroup <{TEAM}>", False),
        (f"acl:agent <{OWNER}> ; acl:condition [ {CLIENT} ; acl:client <{APP}> ]", False),
        (f"acl:agent <{OWNER}> ; acl:condition [ {CLIENT} ; acl:clientClass foaf:Agent ]", False),
        (f"acl:agent <{OWNER}> ; acl:condition [ a ex:FullMoon ]", False),
        (f"acl:agent <{OWNER}> ; acl:agentGroup <{TEAM}>", True),
    ],
)
def test_control_for_certain_is_that_of_an_agent_without_conditions(said: str, kept: bool) -> None:
    """A group may become empty, an app or an issuer may stop: such a rule alone does not keep Control of a storage."""
    found = rules_of(
        parse(
            f"{PREFIX} <#r> a acl:Authorization ; acl:accessTo <{ROOT}> ; acl:mode acl:Control ; {said} .".encode(),
            "text/turtle",
            ROOT + ".acl",
        ).triples
    )
    assert keeps_control(found, ROOT) is kept


@pytest.mark.duty(91)
def test_access_rules_say_which_conditions_count() -> None:
    """Every document of access rules links to each type of condition, and nothing else does."""
    for path in (".acl", "cv/.acl", "cv/experience.acl"):
        _, value = links(address(path), ROOT, OWNER)
        for type_ in ("ClientCondition", "IssuerCondition"):
            link = f'<http://www.w3.org/ns/auth/acl#{type_}>; rel="http://www.w3.org/ns/auth/acl#condition"'
            assert link.encode() in value
        assert value.count(b"acl#condition") == len(ADVERTISED)
    assert b"acl#condition" not in links(address("cv/experience"), ROOT, OWNER)[1]


_SOME = st.frozensets(st.sampled_from([APP, OTHER, HOME, AWAY]), max_size=2)
_GROUPS = st.frozensets(st.sampled_from([TEAM, APPS, ISSUERS, ROOT + "groups#none"]), max_size=2)
_CONDITIONS = st.just(NEVER) | st.builds(
    AccessCondition, st.sampled_from(["client", "issuer"]), _SOME, _GROUPS, st.booleans()
)
_MODES = st.sampled_from([Mode.READ, Mode.WRITE | Mode.APPEND, Mode.CONTROL, Mode.READ | Mode.APPEND])
_RULES = st.builds(
    Rule,
    st.just(frozenset({DOC})), st.just(frozenset()), st.frozensets(st.sampled_from([BOB, EVE, OWNER]), max_size=2),
    st.booleans(), st.booleans(), st.frozensets(st.sampled_from(["https://app.example"])), _MODES, _GROUPS,
    st.lists(_CONDITIONS, max_size=2).map(tuple),
)  # fmt: skip
_REQUESTERS = st.builds(
    Requester, st.sampled_from([None, BOB, EVE, OWNER]), st.sampled_from([None, APP, OTHER]),
    origin=st.sampled_from([None, "https://app.example", "https://evil.example"]),
    issuer=st.sampled_from([None, HOME, AWAY]),
)  # fmt: skip


def modes(who: Requester, *rules: Rule, members: dict[str, frozenset[str]] = MEMBERS) -> Mode:
    return decide(who, OWNER, "cv/experience", EffectiveAcl(DOC, DOC, rules, members), (), 1000.0).modes


@given(_REQUESTERS, st.lists(_RULES, max_size=3), _RULES)
def test_a_new_rule_takes_nothing_from_anybody(who: Requester, rules: list[Rule], new: Rule) -> None:
    """Rules only give."""
    assert modes(who, *rules) in modes(who, *rules, new)


@given(_REQUESTERS, st.lists(_RULES, min_size=1, max_size=3), _CONDITIONS)
def test_a_new_condition_gives_nothing_to_anybody(
    who: Requester, rules: list[Rule], condition: AccessCondition
) -> None:
    """Conditions only take."""
    narrowed = replace(rules[0], conditions=(*rules[0].conditions, condition))
    assert modes(who, narrowed, *rules[1:]) in modes(who, *rules)


@given(_REQUESTERS, st.lists(_RULES, max_size=3), st.sampled_from([TEAM, APPS]), st.sampled_from([BOB, EVE, APP, HOME]))
def test_a_new_member_takes_nothing_from_anybody(who: Requester, rules: list[Rule], group: str, member: str) -> None:
    """Who joins a group costs nobody anything, and a group that cannot be read gives nobody anything."""
    more = {**MEMBERS, group: MEMBERS[group] | {member}}
    assert modes(who, *rules) in modes(who, *rules, members=more)
    assert modes(who, *rules, members={}) in modes(who, *rules)


@given(st.lists(_RULES, max_size=3))
def test_everybody_has_what_the_public_has(rules: list[Rule]) -> None:
    """Whoever says who they are, through which app and by which issuer, loses nothing by it."""
    assert modes(Requester(), *rules) in modes(Requester(EVE, OTHER, issuer=AWAY), *rules)
