"""Web Access Control: what an ACL document gives whom."""

from __future__ import annotations

import pytest

from werkpod.pod.access.model import Mode
from werkpod.pod.access.wac import EffectiveAcl, keeps_control, rules_of, wac_allow
from werkpod.pod.ldp.graphs import parse

ROOT = "https://pod.example/anna/"
DOC = ROOT + "cv/experience"
BOB = "https://bob.example/card#me"
PREFIX = "@prefix acl: <http://www.w3.org/ns/auth/acl#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .\n"


def acl(turtle: str, resource: str = DOC, holder: str = DOC) -> EffectiveAcl:
    document = parse((PREFIX + turtle).encode(), "text/turtle", holder + ".acl")
    return EffectiveAcl(resource, holder, rules_of(document.triples))


@pytest.mark.duty(90)
def test_an_agent_gets_what_a_rule_names() -> None:
    """acl:agent with acl:accessTo gives the modes to that agent, and to nobody else."""
    found = acl(f"<#r> a acl:Authorization ; acl:accessTo <{DOC}> ; acl:agent <{BOB}> ; acl:mode acl:Read .")
    assert found.modes(BOB) == Mode.READ
    assert found.modes("https://eve.example/#me") == Mode.NONE
    assert found.modes(None) == Mode.NONE


def test_write_implies_append() -> None:
    """acl:Append is a limitation of acl:Write (WAC 5.3)."""
    found = acl(f"<#r> a acl:Authorization ; acl:accessTo <{DOC}> ; acl:agent <{BOB}> ; acl:mode acl:Write .")
    assert found.modes(BOB) == Mode.WRITE | Mode.APPEND


@pytest.mark.duty(90)
def test_the_public_and_the_signed_in() -> None:
    """foaf:Agent is anybody; acl:AuthenticatedAgent anybody who says who they are."""
    public = acl(f"<#r> a acl:Authorization ; acl:accessTo <{DOC}> ; acl:agentClass foaf:Agent ; acl:mode acl:Read .")
    signed = acl(
        f"<#r> a acl:Authorization ; acl:accessTo <{DOC}> ; acl:agentClass acl:AuthenticatedAgent ; acl:mode acl:Read ."
    )
    assert (public.modes(None), public.modes(BOB)) == (Mode.READ, Mode.READ)
    assert (signed.modes(None), signed.modes(BOB)) == (Mode.NONE, Mode.READ)


@pytest.mark.duty(89)
def test_inherited_rules_are_default_rules_alone() -> None:
    """acl:accessTo holds for the resource itself, acl:default only for what is below (WAC 5.1)."""
    turtle = (
        f"<#own> a acl:Authorization ; acl:accessTo <{ROOT}> ; acl:agent <{BOB}> ; acl:mode acl:Control .\n"
        f"<#below> a acl:Authorization ; acl:default <{ROOT}> ; acl:agent <{BOB}> ; acl:mode acl:Read ."
    )
    assert acl(turtle, ROOT, ROOT).modes(BOB) == Mode.CONTROL
    assert acl(turtle, DOC, ROOT).modes(BOB) == Mode.READ


@pytest.mark.duty(89)
@pytest.mark.parametrize(
    "turtle",
    [
        f"<#r> acl:accessTo <{DOC}> ; acl:agent <{BOB}> ; acl:mode acl:Read .",
        f"<#r> a acl:Authorization ; acl:agent <{BOB}> ; acl:mode acl:Read .",
        f"<#r> a acl:Authorization ; acl:accessTo <{DOC}> ; acl:agent <{BOB}> .",
        f"<#r> a acl:Authorization ; acl:accessTo <{DOC}> ; acl:mode acl:Read .",
        f"<#r> a acl:Authorization ; acl:accessTo <{DOC}> ; acl:origin <https://app.example> ; acl:mode acl:Read .",
        f"<#r> a acl:Authorization ; acl:accessTo <{DOC}> ; acl:agent <{BOB}> ; acl:mode acl:Everything .",
        f'<#r> a acl:Authorization ; acl:accessTo "{DOC}" ; acl:agent "{BOB}" ; acl:mode acl:Read .',
    ],
)
def test_what_is_not_an_authorization_gives_nothing(turtle: str) -> None:
    """A rule without its type, object, mode or subject does not apply (WAC 5.2)."""
    assert acl(turtle).modes(BOB) == Mode.NONE


@pytest.mark.duty(90)
def test_origin_narrows_for_browsers() -> None:
    """A rule with acl:origin holds for requests from that origin, and for those that say none."""
    found = acl(
        f"<#r> a acl:Authorization ; acl:accessTo <{DOC}> ; acl:agent <{BOB}> ; acl:origin <https://app.example> ;"
        " acl:mode acl:Read ."
    )
    assert found.modes(BOB, "https://app.example") == Mode.READ
    assert found.modes(BOB, "https://evil.example") == Mode.NONE
    assert found.modes(BOB) == Mode.READ


@pytest.mark.duty(82)
def test_the_root_keeps_control() -> None:
    """Rules without acl:Control on the root container would lock everybody out."""
    lost = acl(f"<#r> a acl:Authorization ; acl:accessTo <{ROOT}> ; acl:agent <{BOB}> ; acl:mode acl:Read .")
    kept = acl(f"<#r> a acl:Authorization ; acl:accessTo <{ROOT}> ; acl:agent <{BOB}> ; acl:mode acl:Control .")
    assert not keeps_control(lost.rules, ROOT)
    assert keeps_control(kept.rules, ROOT)


@pytest.mark.duty(88)
def test_wac_allow_names_modes() -> None:
    """The header lists the modes of the requester and of the public (WAC 6.1)."""
    assert wac_allow(Mode.READ | Mode.WRITE | Mode.APPEND, Mode.READ) == 'user="read write append",public="read"'
    assert wac_allow(Mode.NONE, Mode.NONE) == 'user="",public=""'
