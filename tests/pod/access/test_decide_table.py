"""The table of the access decision, row by row: it is the documentation, and these are its cases."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest

from werkpod.pod.access import decide as module
from werkpod.pod.access.model import ALL, PUBLIC, Access, Grant, Lens, Mode, Requester, Scope
from werkpod.pod.access.wac import NO_RULES, EffectiveAcl, Rule

OWNER, COACH = "https://pod.example/anna/profile/card#me", "https://pod.example/karin/profile/card#me"
APP, OTHER = "https://app.example/id", "https://other.example/id"
READ, APPEND, WRITE, NONE = Mode.READ, Mode.APPEND, Mode.WRITE, Mode.NONE
STORAGE, DOC, LIST, KEPT = "https://pod.example/anna/", "cv/experience", "cv/", "consent/grants/g1"
NOW = 1000.0
LENS = Lens(hidden_entries=frozenset({"a"}))


def grant(
    id_: str = "g1", agent: str | None = OWNER, client: str | None = APP, *scopes: Scope, **more: object
) -> Grant:
    """A grant that is in force, to read the document, but for what is said."""
    return replace(Grant(id_, agent, client, scopes or (Scope(DOC, READ),), 0.0, None), **more)  # type: ignore[arg-type]


def rules(path: str, agents: frozenset[str], modes: Mode = READ, *, public: bool = False) -> EffectiveAcl:
    place = STORAGE + path
    rule = Rule(frozenset({place}), frozenset(), agents, public, False, frozenset(), modes)
    return EffectiveAcl(place, place, (rule,))


def to(agent: str, path: str = DOC, modes: Mode = READ) -> EffectiveAcl:
    """Rules that give one agent a resource."""
    return rules(path, frozenset({agent}), modes)


def open_(path: str = DOC, modes: Mode = READ) -> EffectiveAcl:
    """Rules that give everybody a resource."""
    return rules(path, frozenset(), modes, public=True)


@dataclass(frozen=True)
class Case:
    """A request, and what it may. `lenses`: how many; `veiled`: names of members."""

    row: int
    who: Requester
    grants: tuple[Grant, ...] = ()
    acl: EffectiveAcl = NO_RULES
    path: str = DOC
    modes: Mode = NONE
    lenses: int = 0
    veiled: frozenset[str] = frozenset()


PAGES, MINE, THEIRS = Requester(OWNER, own_pages=True), Requester(OWNER, APP), Requester(COACH, OTHER)
NAMED = Requester(OWNER, APP, "g1")
LINK = Requester(None, APP, "g1", confined=True)
TO_COACH = grant("g1", COACH, None)
EVERYTHING = Scope("", ALL)

CASES = (
    Case(1, PAGES, modes=ALL),
    Case(1, PAGES, path="inbox/x.acl", modes=ALL),
    Case(1, Requester(COACH, own_pages=True), modes=NONE),
    Case(2, MINE, (grant(),), modes=READ),
    Case(2, MINE, (grant(),), path="cv/education"),
    Case(2, MINE, (grant(client=OTHER),)),
    Case(2, MINE, (grant("g1", COACH, APP),)),
    Case(2, MINE, acl=to(OWNER, modes=ALL)),
    Case(2, MINE, acl=open_(), modes=READ),
    Case(2, MINE, (grant("g1", OWNER, APP, Scope(DOC, WRITE)), grant("g2")), modes=READ | WRITE | APPEND),
    Case(2, Requester(OWNER), (grant(),)),
    Case(3, THEIRS, (TO_COACH,), modes=READ),
    Case(3, THEIRS, acl=to(COACH), modes=READ),
    Case(3, THEIRS, (TO_COACH,), to(COACH, modes=APPEND), modes=READ | APPEND),
    Case(3, THEIRS, (grant("g1", COACH, APP),)),
    Case(3, Requester(COACH, APP), (grant("g1", COACH, APP),), modes=READ),
    Case(3, THEIRS, (grant("g1", OWNER, None),)),
    Case(3, THEIRS, (replace(TO_COACH, not_before=NOW + 1),)),
    Case(4, LINK, (grant("g1", None, APP),), modes=READ),
    Case(4, LINK, (grant("g1", None, APP), grant("g2", None, APP, EVERYTHING)), path="cv/education"),
    Case(4, Requester(COACH, APP, "g1", confined=True), (grant("g1", COACH),), to(COACH, modes=ALL), modes=READ),
    Case(4, Requester(COACH, APP, "g1", confined=True), (grant("g1", COACH), grant("g2", COACH, None, EVERYTHING)),
         path="inbox/"),
    Case(4, Requester(None, OTHER, "g1", confined=True), (grant("g1", None, APP),)),
    Case(4, Requester(COACH, APP), (grant("g1", None, APP),)),
    Case(5, NAMED, (grant(revoked=True), grant("g2"))),
    Case(5, NAMED, (grant(until=NOW), grant("g2"))),
    Case(5, NAMED, (grant(not_before=NOW + 1), grant("g2"))),
    Case(5, NAMED, (grant("g2"),)),
    Case(5, NAMED, (grant(revoked=True), grant("g2")), open_(), modes=READ),
    Case(6, PUBLIC, (grant("g1", None, None),)),
    Case(6, PUBLIC, acl=open_(modes=READ | APPEND), modes=READ | APPEND),
    Case(6, PUBLIC, acl=to(COACH)),
    Case(7, PAGES, path=KEPT, modes=READ),
    Case(7, PAGES, path="consent/", modes=READ),
    Case(7, PAGES, path="consent", modes=READ),
    Case(7, MINE, (grant("g2", OWNER, APP, EVERYTHING),), path=KEPT, modes=READ),
    Case(7, MINE, (grant("g2", OWNER, APP, EVERYTHING),), path="consent/new/x", modes=READ),
    Case(7, MINE, (grant("g1", OWNER, APP, Scope(KEPT, ALL)),), path=KEPT, modes=READ),
    Case(7, MINE, (grant(),), path=KEPT),
    Case(7, THEIRS, (grant("g2", COACH, None, EVERYTHING),), path=KEPT),
    Case(7, THEIRS, (grant("g2", COACH, None, Scope("consent/", READ)),), path=KEPT),
    Case(7, THEIRS, (grant("g1", COACH, None, Scope(KEPT, READ)),), path=KEPT, modes=READ),
    Case(7, THEIRS, (grant("g1", COACH, None, Scope(KEPT, READ)),), path="consent/grants/g2"),
    Case(7, THEIRS, acl=to(COACH, KEPT, ALL), path=KEPT),
    Case(7, PUBLIC, acl=open_(KEPT, ALL), path=KEPT),
    Case(8, MINE, (grant("g1", OWNER, APP, Scope(DOC, ALL, LENS)),), modes=READ, lenses=1),
    Case(8, MINE, (grant("g1", OWNER, APP, Scope(DOC, ALL, LENS)), grant("g2")), modes=READ),
    Case(8, THEIRS, (grant("g1", COACH, None, Scope(DOC, READ, LENS)),), to(COACH), modes=READ),
    Case(8, THEIRS, (grant("g1", COACH, None, Scope(DOC, READ, LENS)),), to(COACH, modes=APPEND),
         modes=READ | APPEND, lenses=1),
    Case(8, THEIRS, (grant("g1", COACH, None, Scope(DOC, READ, LENS)),
                     grant("g2", COACH, None, Scope(DOC, READ, Lens(hidden_predicates=frozenset("p"))))),
         modes=READ, lenses=2),
    Case(8, THEIRS, (grant("g1", COACH, None, Scope(DOC, APPEND | WRITE, LENS)),)),
    Case(9, THEIRS, (grant("g1", COACH, None, Scope(DOC, READ, LENS)),), to(COACH, LIST), LIST, READ,
         veiled=frozenset({"experience"})),
    Case(9, THEIRS, (grant("g1", COACH, None, Scope(DOC, READ, LENS)), TO_COACH), to(COACH, LIST), LIST, READ),
    Case(9, THEIRS, (grant("g1", COACH, None, Scope(DOC, READ, LENS)),), to(COACH, ""), "", READ),
    Case(9, THEIRS, (grant("g1", COACH, None, Scope("people", READ, LENS)),), to(COACH, ""), "", READ,
         veiled=frozenset({"people"})),
    Case(9, THEIRS, (grant("g1", COACH, None, Scope(DOC, READ, LENS)),), path=LIST),
)  # fmt: skip


def rows() -> set[int]:
    """The numbers of the rows of the table."""
    return {int(number) for number in re.findall(r"^ *\| *(\d+) \|", module.decide.__doc__ or "", re.MULTILINE)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"row{case.row}")
def test_the_table_of_the_decision(case: Case) -> None:
    """What each row says, with what it does not say beside it."""
    found: Access = module.decide(case.who, OWNER, case.path, case.acl, case.grants, NOW)
    assert (found.modes, len(found.lenses), found.veiled) == (case.modes, case.lenses, case.veiled)


def test_each_row_has_its_cases() -> None:
    """A row that is added to the table without a case is not shown, and fails here."""
    assert len(rows()) >= 9
    assert rows() == {case.row for case in CASES}
