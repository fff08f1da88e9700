"""Grants: kept sealed, found by who asks, over at once when stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.regie import ANNA, BASE, COACH, EMPLOYER, MATCHER, Regie, regie

from werkpod.consent.grants import GrantNotFound, Grants, InvalidGrant
from werkpod.pod.access.model import ALL, Mode, Requester


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Regie]:
    async with regie(tmp_path) as made:
        yield made


async def test_a_grant_comes_back_as_it_was_given(parts: Regie) -> None:
    """Every field survives sealing, versions start at 1, and the list is newest first."""
    first = await parts.grants.create(parts.record(purpose_text="Om werk te vinden dat past.", hidden_entries=()))
    parts.clock.now += 1
    second = await parts.grants.create(parts.record(agent=COACH, client=None, receiver_kind="coach"))
    assert await parts.grants.get(parts.anna.id, first.id) == first
    assert [r.id for r in await parts.grants.list(parts.anna.id)] == [second.id, first.id]


async def test_a_stop_holds_at_the_next_question_in_every_process(parts: Regie) -> None:
    """No grant that was stopped is given to a requester again, whoever opened the database."""
    elsewhere = Grants(parts.consent, parts.vault, clock=parts.clock)
    grant = await parts.grants.create(parts.record())
    asks = Requester(agent=ANNA, client=MATCHER)
    assert [g.id for g in await elsewhere.grants_for(parts.anna.id, asks)] == [grant.id]
    ended = await parts.grants.revoke(parts.anna.id, grant.id, by=parts.anna.id)
    assert ended.version == 2
    assert await elsewhere.grants_for(parts.anna.id, asks) == []
    named = await elsewhere.grants_for(parts.anna.id, Requester(agent=ANNA, client=MATCHER, grant=grant.id))
    assert [(g.id, g.active(parts.clock.now)) for g in named] == [(grant.id, False)]


async def test_stopping_twice_or_at_once_is_one_stop(parts: Regie) -> None:
    """The moment of the first stop stays, and two stops at the same time make one new version."""
    grant = await parts.grants.create(parts.record())
    results = await asyncio.gather(
        *(parts.grants.revoke(parts.anna.id, grant.id, by=parts.anna.id) for _ in range(3)), return_exceptions=True
    )
    assert {getattr(r, "version", r) for r in results} == {2}
    parts.clock.now += 60
    again = await parts.grants.revoke(parts.anna.id, grant.id, by=parts.anna.id)
    assert again.revoked_at == parts.clock.now - 60
    assert [r.version for r in await parts.grants.history(parts.anna.id, grant.id)] == [1, 2]


async def test_only_the_giver_stops_a_grant(parts: Regie) -> None:
    """Another account is told that there is no such grant, and it holds on."""
    grant, other = await parts.grants.create(parts.record()), await parts.pod()
    with pytest.raises(GrantNotFound):
        await parts.grants.revoke(parts.anna.id, grant.id, by=other.id)
    with pytest.raises(GrantNotFound):
        await parts.grants.revoke(other.id, grant.id, by=other.id)
    assert (await parts.grants.get(parts.anna.id, grant.id)).active(parts.clock.now)


@pytest.mark.parametrize(
    ("asks", "found"),
    [
        (Requester(agent=ANNA, client=MATCHER), {"matcher"}),
        (Requester(agent=ANNA, client=EMPLOYER), set()),
        (Requester(agent=COACH, client=MATCHER), {"coach"}),
        (Requester(agent=COACH), {"coach"}),
        (Requester(agent=f"{BASE}/piet/profile/card#me", client=MATCHER), set()),
        (Requester(client=EMPLOYER), set()),
        (Requester(), set()),
    ],
)
async def test_a_requester_meets_only_the_grants_that_concern_it(
    parts: Regie, asks: Requester, found: set[str]
) -> None:
    """Agent and client both have to fit, a grant without a client fits every client, a link's fits nobody unnamed."""
    await parts.grants.create(parts.record(receiver_name="matcher"))
    await parts.grants.create(parts.record(agent=COACH, client=None, receiver_kind="coach", receiver_name="coach"))
    await parts.links.create(parts.anna, ["summary"], days=7, views=3, label="werkgever")
    names = {r.id: r.receiver_name for r in await parts.grants.list(parts.anna.id)}
    assert {names[g.id] for g in await parts.grants.grants_for(parts.anna.id, asks)} == found


async def test_an_expired_grant_is_not_given_and_an_unknown_pod_has_none(parts: Regie) -> None:
    """Time ends a grant by itself; asking for a pod that is not there raises nothing."""
    await parts.grants.create(parts.record())
    asks = Requester(agent=ANNA, client=MATCHER)
    parts.clock.now += 86400
    assert await parts.grants.grants_for(parts.anna.id, asks) == []
    assert list(await parts.grants.grants_for("01ARZ3NDEKTSV4RRFFQ69G5FAV", asks)) == []
    assert await parts.grants.list(parts.anna.id, active_only=True) == []


async def test_what_a_section_a_field_and_everything_mean_at_the_pod(parts: Regie) -> None:
    """A section is its document, hidden entries are a lens on it; CONTROL comes with a tool, or is chosen apart."""
    shared = parts.record(sections=("experience", "inbox"), hidden_entries=("experience#2019-x",))
    cv, inbox, *way = Grants.to_access(shared).scopes
    assert (cv.path, cv.modes, cv.lens.hidden_entries) == ("cv/experience", Mode.READ, frozenset({"2019-x"}))
    assert (inbox.path, bool(inbox.lens)) == ("inbox/", False)
    assert [(s.path, s.modes, bool(s.lens)) for s in way] == [
        ("settings/prefs.ttl", Mode.READ, True),
        ("settings/privateTypeIndex.ttl", Mode.READ, True),
    ]
    actions = ("read", "append", "write")
    tool = parts.record(sections=(), everything=True, actions=actions, receiver_kind="tool")
    app = parts.record(sections=(), everything=True, actions=actions)
    assert [s.modes for s in Grants.to_access(tool).scopes] == [ALL]
    assert [s.modes for s in Grants.to_access(app).scopes] == [ALL & ~Mode.CONTROL]
    chosen = parts.record(sections=(), everything=True, actions=(*actions, "control"))
    assert [s.modes for s in Grants.to_access(chosen).scopes] == [ALL]


async def test_who_sees_what_somebody_can_do_does_not_see_at_which_job_unless_it_is_shared(parts: Regie) -> None:
    """Links from competences to jobs and schools that are not shared are hidden from readers, not from who writes."""
    for sections, actions, hidden in (
        (("competences",), ("read",), {"experience", "education"}),
        (("competences", "experience"), ("read",), {"education"}),
        (("competences", "experience", "education"), ("read",), set()),
        (("competences",), ("read", "append", "write"), set()),
    ):
        scope = Grants.to_access(parts.record(sections=sections, actions=actions)).scopes[0]
        assert scope.lens.hidden_documents == hidden


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"sections": ()}, "sections, or everything"),
        ({"everything": True}, "exactly one"),
        ({"sections": ("salary",)}, "'salary'"),
        ({"actions": ("delete",)}, "'delete'"),
        ({"actions": ()}, "at least one action"),
        ({"agent": None, "client": None}, "names an agent"),
        ({"until": 1.0}, "ends after it begins"),
    ],
)
async def test_a_grant_that_says_nothing_or_too_much_is_refused(
    parts: Regie, change: dict[str, object], names: str
) -> None:
    """The error names what was wrong, and nothing is kept."""
    with pytest.raises(InvalidGrant, match=names):
        await parts.grants.create(parts.record(**change))
    assert await parts.grants.list(parts.anna.id) == []


async def test_a_receiver_finds_who_shares_with_them(parts: Regie) -> None:
    """A coach sees the active grants of all citizens, not stopped ones, not erased pods, not apps' grants."""
    other = await parts.pod()
    mine = await parts.grants.create(parts.record(agent=COACH, client=None, receiver_kind="coach"))
    theirs = await parts.grants.create(parts.record(pod=other.id, agent=COACH, client=None, receiver_kind="coach"))
    await parts.grants.create(parts.record())
    assert {(pod, g.id) for pod, g in await parts.grants.received(COACH)} == {
        (parts.anna.id, mine.id),
        (other.id, theirs.id),
    }
    await parts.grants.revoke(parts.anna.id, mine.id, by=parts.anna.id)
    await parts.vault.erase(other.id)
    assert await parts.grants.received(COACH) == []
    assert await parts.grants.received(ANNA) == []


async def test_the_files_say_nothing_of_who_shares_what_with_whom(parts: Regie) -> None:
    """No name, address, section, purpose or WebID stands in any database file."""
    await parts.grants.create(parts.record(purpose_text="Om werk te vinden", purpose="https://w3id.org/dpv#X"))
    await parts.grants.create(parts.record(agent=COACH, client=None, receiver_kind="coach", receiver_name="Karin"))
    raw = parts.raw()
    assert parts.anna.id.encode() in raw
    for literal in (ANNA, COACH, MATCHER, "werkpod.example", "Matchberoeper", "Karin", "experience", "Om werk", "dpv#"):
        assert literal.encode() not in raw, literal


async def test_a_change_holds_at_the_next_question_and_keeps_the_id(parts: Regie) -> None:
    """A new version of the same grant: what it gave before is history; two at once are two versions."""
    grant = await parts.grants.create(parts.record())
    elsewhere = Grants(parts.consent, parts.vault, clock=parts.clock)
    asks = Requester(agent=ANNA, client=MATCHER)
    assert len(await elsewhere.grants_for(parts.anna.id, asks)) == 1
    changed = await parts.grants.change(parts.record(id=grant.id, sections=("wishes",)))
    assert (changed.id, changed.version) == (grant.id, 2)
    assert await elsewhere.get(parts.anna.id, grant.id) == changed
    both = (parts.grants.change(parts.record(id=grant.id)), elsewhere.change(parts.record(id=grant.id)))
    assert {made.version for made in await asyncio.gather(*both)} == {3, 4}
    assert [made.version for made in await parts.grants.history(parts.anna.id, grant.id)] == [1, 2, 3, 4]


async def test_only_a_grant_in_force_to_the_same_receiver_can_be_changed(parts: Regie) -> None:
    """One that was stopped stays stopped, and a grant never becomes another app's."""
    grant = await parts.grants.create(parts.record())
    for changes in ({"client": "https://ander.example/app"}, {"agent": COACH}, {"id": "01AAAAAAAAAAAAAAAAAAAAAAAA"}):
        with pytest.raises(GrantNotFound):
            await parts.grants.change(parts.record(**{"id": grant.id, **changes}))
    with pytest.raises(InvalidGrant):
        await parts.grants.change(parts.record(id=grant.id, sections=("niets",)))
    await parts.grants.revoke(parts.anna.id, grant.id, by=parts.anna.id)
    with pytest.raises(GrantNotFound):
        await parts.grants.change(parts.record(id=grant.id))
