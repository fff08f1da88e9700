"""The access decision: its table, and what must hold whatever the grants are."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from werkpod.pod.access.decide import decide
from werkpod.pod.access.model import ALL, PUBLIC, Access, Grant, Lens, Mode, Requester, Scope
from werkpod.pod.access.wac import NO_RULES, EffectiveAcl, Rule

OWNER, COACH = "https://pod.example/anna/profile/card#me", "https://pod.example/karin/profile/card#me"
APP, OTHER = "https://app.example/id", "https://other.example/id"
DOC = "https://pod.example/anna/cv/experience"
PATH = "cv/experience"
READ = Mode.READ
NOW = 1000.0


def grant(id_: str = "g1", *, agent: str | None = OWNER, client: str | None = APP, **changes: object) -> Grant:
    made = Grant(id_, agent, client, (Scope(PATH, READ),), 0.0, None)
    return replace(made, **changes)  # type: ignore[arg-type]


def rules(agents: set[str] = frozenset(), modes: Mode = READ, *, public: bool = False) -> EffectiveAcl:  # type: ignore[assignment]
    rule = Rule(frozenset({DOC}), frozenset(), frozenset(agents), public, False, frozenset(), modes)
    return EffectiveAcl(DOC, DOC, (rule,))


def ask(requester: Requester, *grants: Grant, acl: EffectiveAcl = NO_RULES, path: str = PATH) -> Access:
    return decide(requester, OWNER, path, acl, grants, NOW)


def test_the_owner_in_werkpods_pages_may_do_all() -> None:
    """Own pages need no grant and no rule."""
    assert ask(Requester(OWNER, own_pages=True)).modes == ALL


def test_own_pages_of_one_are_not_the_owner_of_another() -> None:
    """Being signed in to Werkpod gives nothing in somebody else's pod."""
    assert ask(Requester(COACH, own_pages=True)).modes == Mode.NONE


def test_an_app_of_the_owner_gets_its_grants() -> None:
    """Not more than the grant says, not elsewhere, and no other app."""
    assert ask(Requester(OWNER, APP), grant()).modes == READ
    assert ask(Requester(OWNER, APP), grant(), path="cv/education").modes == Mode.NONE
    assert ask(Requester(OWNER, OTHER), grant()).modes == Mode.NONE
    assert ask(Requester(OWNER), grant()).modes == Mode.NONE


def test_no_app_has_root() -> None:
    """A WAC rule that names the owner gives the owner's apps nothing."""
    assert ask(Requester(OWNER, APP), acl=rules({OWNER}, ALL)).modes == Mode.NONE


def test_a_named_grant_that_ended_leaves_the_public() -> None:
    """A token whose grant is revoked, over, not begun or unknown gets what anybody gets, whatever else is granted."""
    other = grant("g2")
    named = Requester(OWNER, APP, "g1")
    for ended in (grant(revoked=True), grant(until=NOW), grant(not_before=NOW + 1), grant("g3")):
        assert ask(named, ended, other).modes == Mode.NONE
        assert ask(named, ended, other, acl=rules(public=True)).modes == READ
    assert ask(named, grant(), other).modes == READ


def test_somebody_else_gets_rules_and_grants() -> None:
    """WAC and grants add up for a coach, through any app unless the grant names one."""
    coach = Requester(COACH, OTHER)
    assert ask(coach, acl=rules({COACH})).modes == READ
    assert ask(coach, grant(agent=COACH, client=None)).modes == READ
    assert ask(coach, grant(agent=COACH, client=APP)).modes == Mode.NONE
    assert ask(coach, grant(agent=OWNER, client=None)).modes == Mode.NONE


def test_a_share_link_counts_for_the_token_that_names_it() -> None:
    """A grant to no agent in particular is used through its client, by a token that names it."""
    link = grant(agent=None)
    assert ask(Requester(None, APP, "g1", confined=True), link).modes == READ
    assert ask(Requester(None, OTHER, "g1", confined=True), link).modes == Mode.NONE
    assert ask(Requester(COACH, APP), link).modes == Mode.NONE
    assert ask(Requester(None, APP, "g1", confined=True), replace(link, client=None)).modes == Mode.NONE


def test_a_confined_token_gets_its_grant_alone() -> None:
    """Neither the other grants nor the rules for the agent behind it are added."""
    confined = Requester(COACH, APP, "g1", confined=True)
    wide = grant("g2", agent=COACH, client=None, scopes=(Scope("", ALL),))
    assert ask(confined, grant(agent=COACH), wide, acl=rules({COACH}, ALL)).modes == READ


def test_nobody_gets_what_is_public() -> None:
    """The public has no grants."""
    assert ask(PUBLIC, grant(agent=None, client=None)).modes == Mode.NONE
    assert ask(PUBLIC, acl=rules(public=True)).modes == READ


def test_a_lens_takes_writing_away() -> None:
    """Who sees a document through a lens cannot write it."""
    lensed = grant(scopes=(Scope(PATH, ALL, Lens(hidden_entries=frozenset({"a"}))),))
    found = ask(Requester(OWNER, APP), lensed)
    assert (found.modes, len(found.lenses)) == (READ, 1)
    assert ask(Requester(OWNER, APP), lensed, grant("g2")).lenses == ()


def test_the_decision_names_its_grant_and_purpose() -> None:
    """The log can say under which grant and for which purpose something was read."""
    found = ask(Requester(OWNER, APP, "g1"), grant("g0"), grant(purpose="https://w3id.org/dpv#ServiceProvision"))
    assert (found.grant, found.purpose) == ("g1", "https://w3id.org/dpv#ServiceProvision")


_AGENTS, _CLIENTS = st.sampled_from([None, OWNER, COACH]), st.sampled_from([None, APP, OTHER])


def _any(flags: tuple[bool, ...]) -> Mode:
    found = Mode.NONE
    for flag, mode in zip(flags, (READ, Mode.APPEND, Mode.WRITE, Mode.CONTROL), strict=True):
        found |= mode if flag else Mode.NONE
    return found


_MODES = st.tuples(*[st.booleans()] * 4).map(_any)
_LENSES = st.builds(Lens, st.frozensets(st.sampled_from("ab")), st.frozensets(st.sampled_from("pq")))
_SCOPES = st.builds(Scope, st.sampled_from(["", "cv/", PATH, "cv/education", "inbox/"]), _MODES, _LENSES)
_TIMES = st.sampled_from([0.0, NOW - 1, NOW, NOW + 1])
_GRANTS = st.builds(
    Grant, st.sampled_from(["g1", "g2", "g3", "g4"]), _AGENTS, _CLIENTS, st.lists(_SCOPES, max_size=3).map(tuple),
    _TIMES, st.none() | _TIMES, st.booleans(),
)  # fmt: skip
_REQUESTERS = st.builds(
    Requester, _AGENTS, _CLIENTS, st.sampled_from([None, "g1", "g2"]), st.just(False), st.booleans()
)
_ACLS = st.sampled_from([NO_RULES, rules(public=True), rules({COACH}), rules({OWNER}, ALL)])


def _unique(grants: list[Grant]) -> list[Grant]:
    return list({one.id: one for one in grants}.values())


@given(_REQUESTERS, st.lists(_GRANTS, max_size=4).map(_unique), _GRANTS, _ACLS)
def test_a_new_grant_takes_nothing_from_anybody(
    who: Requester, grants: list[Grant], new: Grant, acl: EffectiveAcl
) -> None:
    """Adding a grant never removes a mode, and never adds a lens to what was seen whole."""
    before = [one for one in grants if one.id != new.id]
    was, is_ = ask(who, *before, acl=acl), ask(who, *before, new, acl=acl)
    assert was.modes in is_.modes
    if READ in was.modes and not was.lenses:
        assert not is_.lenses
    assert set(was.lenses) <= set(is_.lenses) or not is_.lenses


@given(_REQUESTERS, st.lists(_GRANTS, min_size=1, max_size=4).map(_unique), _ACLS)
def test_ending_a_grant_gives_nothing_to_anybody(who: Requester, grants: list[Grant], acl: EffectiveAcl) -> None:
    """Revoking, or removing, a grant never adds a mode."""
    was = ask(who, *grants, acl=acl)
    assert ask(who, replace(grants[0], revoked=True), *grants[1:], acl=acl).modes in was.modes
    assert ask(who, *grants[1:], acl=acl).modes in was.modes


@given(_REQUESTERS, st.lists(_GRANTS, max_size=4).map(_unique), _ACLS)
def test_everybody_gets_at_least_what_the_public_gets(who: Requester, grants: list[Grant], acl: EffectiveAcl) -> None:
    """Saying who you are never costs anything."""
    assert ask(PUBLIC, acl=acl).modes in ask(who, *grants, acl=acl).modes


@given(st.lists(_GRANTS, max_size=4).map(_unique), _ACLS)
def test_grants_to_one_are_nothing_to_another(grants: list[Grant], acl: EffectiveAcl) -> None:
    """Somebody whom no grant names gets what the rules give, and no grant to others changes that."""
    eve = Requester("https://eve.example/#me", "https://eve.example/app")
    assert ask(eve, *grants, acl=acl) == ask(eve, acl=acl)


@given(st.lists(_GRANTS, max_size=4).map(_unique))
def test_an_inactive_grant_is_as_good_as_none(grants: list[Grant]) -> None:
    """What is revoked, over or not yet begun changes no decision."""
    who = Requester(OWNER, APP)
    assert ask(who, *grants) == ask(who, *(one for one in grants if one.active(NOW)))
