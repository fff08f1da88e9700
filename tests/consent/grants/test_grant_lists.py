"""Many grants: pages of them, those of one receiver, stopping all, giving again, and two at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from support.regie import ANNA, COACH, MATCHER, Regie, regie

from werkpod.consent.grants import GrantChanged, GrantEvent, GrantNotFound, GrantRecord, Grants, InvalidGrant
from werkpod.pod.access.model import Requester
from werkpod.pod.store.protocol import Statement

OTHER = "https://ander.example/app"


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Regie]:
    async with regie(tmp_path) as built:
        yield built


async def given(parts: Regie, count: int, **changes: object) -> list[GrantRecord]:
    """So many grants, one a second, oldest first."""
    made = []
    for _ in range(count):
        made.append(await parts.grants.create(parts.record(**changes)))
        parts.clock.now += 1
    return made


def ids(records: Sequence[GrantRecord]) -> list[str]:
    """Their ids."""
    return [record.id for record in records]


async def test_grants_come_in_pages_newest_first(parts: Regie) -> None:
    """Each is on one page; what ended, what is in force and all are told apart, and counted."""
    made = await given(parts, 7)
    for record in made[1:6:2]:
        await parts.grants.revoke(parts.anna.id, record.id, by=parts.anna.id)
    expired = await parts.grants.create(parts.record(until=parts.clock.now + 5))
    parts.clock.now += 1
    later = await parts.grants.create(parts.record(not_before=parts.clock.now + 50, until=None))
    parts.clock.now += 10
    newest, pod = [later.id, expired.id, *reversed(ids(made))], parts.anna.id
    found: list[str] = []
    while page := await parts.grants.list(pod, limit=4, before=found[-1] if found else None):
        assert len(page) <= 4
        found += ids(page)
    assert found == newest == ids(await parts.grants.list(pod))
    active = ids(await parts.grants.list(pod, active_only=True))
    ended = ids(await parts.grants.list(pod, ended_only=True))
    assert active == [id_ for id_ in newest if id_ in ids(made[0::2])]
    assert ended == [id_ for id_ in newest if id_ in ids([expired, *made[1:6:2]])]
    assert ids(await parts.grants.list(pod, active_only=True, limit=2, before=active[0])) == active[1:3]
    assert ids(await parts.grants.list(pod, ended_only=True, limit=1)) == ended[:1]
    assert [await parts.grants.count(pod), await parts.grants.count(pod, ended_only=True)] == [9, 4]
    assert await parts.grants.count(pod, active_only=True) == 5
    assert await parts.grants.list(pod, limit=0) == []


async def test_what_one_receiver_has_is_found_and_stopped_alone(parts: Regie) -> None:
    """Of an agent, of a client, of both; stopping all of one leaves the others, stopping all leaves none."""
    pod, grants = parts.anna.id, parts.grants
    mine = await given(parts, 2)
    other = await given(parts, 1, client=OTHER)
    coach = await given(parts, 2, agent=COACH, client=None, receiver_kind="coach")
    assert ids(await grants.of_receiver(pod, agent=COACH)) == ids(coach[::-1])
    assert ids(await grants.of_receiver(pod, client=MATCHER)) == ids(mine[::-1])
    assert ids(await grants.of_receiver(pod, agent=ANNA, client=OTHER)) == ids(other)
    stopped = await grants.revoke_all(pod, by=pod, agent=COACH)
    assert ids(stopped) == ids(coach[::-1])
    assert all(record.revoked_at for record in stopped)
    assert await grants.of_receiver(pod, agent=COACH) == []
    assert ids(await grants.of_receiver(pod, agent=COACH, active_only=False)) == ids(coach[::-1])
    with pytest.raises(GrantNotFound):
        await grants.revoke_all(pod, by="somebody")
    assert len(await grants.revoke_all(pod, by=pod)) == 3
    assert await grants.list(pod, active_only=True) == []


async def test_what_ended_can_be_given_again_once(parts: Regie) -> None:
    """A new grant with the same terms that names the old one; twice at once gives one; what is in force is changed."""
    pod, grants = parts.anna.id, parts.grants
    (old,) = await given(parts, 1, hidden_fields=("experience.period",), preset="anonymous", request="q1")
    with pytest.raises(InvalidGrant):
        await grants.renew(pod, old.id, until=None)
    await grants.revoke(pod, old.id, by=pod)
    until = parts.clock.now + 1000
    one, two = await asyncio.gather(
        grants.renew(pod, old.id, until=until, given_by="https://x.example/#p"), grants.renew(pod, old.id, until=until)
    )
    assert one == two
    assert (one.renews, one.version, one.until, one.revoked_at, one.request) == (old.id, 1, until, None, None)
    assert (one.hidden_fields, one.preset, one.given_by) == (old.hidden_fields, "anonymous", "https://x.example/#p")
    assert one.id != old.id
    link = await grants.create(parts.record(agent=None, receiver_kind="link", link="L1"))
    await grants.revoke(pod, link.id, by=pod)
    with pytest.raises(InvalidGrant):
        await grants.renew(pod, link.id, until=None)
    with pytest.raises(GrantNotFound):
        await grants.renew(pod, "01AAAAAAAAAAAAAAAAAAAAAAAA", until=None)


async def test_a_change_counts_only_from_the_version_that_was_shown(parts: Regie) -> None:
    """Somebody else changed it meanwhile: refused, and nothing is another."""
    (grant,) = await given(parts, 1)
    changed = await parts.grants.change(replace(grant, sections=("wishes",)), expect=1)
    with pytest.raises(GrantChanged):
        await parts.grants.change(replace(grant, sections=("summary",)), expect=1)
    assert await parts.grants.get(parts.anna.id, grant.id) == changed


async def test_a_stop_wins_from_changes_at_the_same_time(parts: Regie) -> None:
    """However they race, in two processes: after the stop nothing is given, and no change brings it back."""
    elsewhere = Grants(parts.consent, parts.vault, clock=parts.clock)
    for _ in range(5):
        (grant,) = await given(parts, 1)
        results = await asyncio.gather(
            *(who.change(replace(grant, sections=("wishes",))) for who in (parts.grants, elsewhere) * 3),
            elsewhere.revoke(parts.anna.id, grant.id, by=parts.anna.id),
            parts.grants.revoke(parts.anna.id, grant.id, by=parts.anna.id),
            return_exceptions=True,
        )
        assert all(isinstance(result, GrantRecord | GrantNotFound) for result in results)
        history = await parts.grants.history(parts.anna.id, grant.id)
        assert [record.version for record in history] == list(range(1, len(history) + 1))
        assert [record.revoked_at is not None for record in history] == [False] * (len(history) - 1) + [True]
        assert await parts.grants.grants_for(parts.anna.id, Requester(ANNA, MATCHER)) == []


async def test_a_coach_gets_who_shares_in_pages_and_without_what_ended(parts: Regie) -> None:
    """Each giver is on one page; what was stopped, is over or belongs to an erased pod is not; a longer one stays."""
    made: list[tuple[str, GrantRecord]] = []
    for _ in range(6):
        giver = await parts.pod()
        grant = await parts.grants.create(
            parts.record(pod=giver.id, agent=COACH, client=None, receiver_kind="coach", until=parts.clock.now + 100)
        )
        made.insert(0, (giver.id, grant))
        parts.clock.now += 1
    stopped, over, longer, shorter = (grant for _, grant in made[1:5])
    await parts.grants.revoke(stopped.pod, stopped.id, by=stopped.pod)
    for grant in made:
        if grant[1] not in (over, stopped):
            await parts.grants.change(replace(grant[1], until=parts.clock.now + 1000))
    await parts.grants.change(replace(shorter, until=parts.clock.now + 50))
    parts.clock.now += 200
    wanted = [(pod, grant.id) for pod, grant in made if grant not in (stopped, over, shorter)]
    assert (longer.pod, longer.id) in wanted
    assert [(pod, grant.id) for pod, grant in await parts.grants.received(COACH)] == wanted
    first = await parts.grants.received(COACH, limit=2)
    rest = await parts.grants.received(COACH, limit=2, before=first[-1][1].id)
    assert [(pod, grant.id) for pod, grant in (*first, *rest)] == wanted
    assert await parts.grants.received_count(COACH) == 3
    await parts.vault.erase(wanted[0][0])
    assert [(pod, grant.id) for pod, grant in await parts.grants.received(COACH)] == wanted[1:]


async def test_nothing_happens_to_a_grant_that_a_witness_does_not_write_down(parts: Regie) -> None:
    """What it writes is in the unit of the version, or there is no version."""

    class Clerk:
        refuses = False

        async def statements(self, event: GrantEvent) -> Sequence[Statement]:
            if self.refuses:
                raise InvalidGrant("no paper left")
            values = (event.record.pod, event.kind.encode(), event.record.id, b"x")
            return [Statement("INSERT INTO publication (pod, place, turn, sealed) VALUES (?1, ?2, ?3, ?4)", values)]

        def written(self, event: GrantEvent) -> None:
            written.append(event.kind)

    written: list[str] = []
    clerk = Clerk()
    parts.grants.tell(clerk)
    (grant,) = await given(parts, 1)
    longer = await parts.grants.change(replace(grant, until=parts.clock.now + 1e6))
    await parts.grants.change(replace(longer, sections=("wishes",)))
    clerk.refuses = True
    with pytest.raises(InvalidGrant):
        await parts.grants.revoke(parts.anna.id, grant.id, by=parts.anna.id)
    assert (await parts.grants.get(parts.anna.id, grant.id)).active(parts.clock.now)
    clerk.refuses = False
    await parts.grants.revoke(parts.anna.id, grant.id, by=parts.anna.id)
    kinds = [kind for (kind,) in await parts.consent.fetch("SELECT place FROM publication")]
    assert written == ["given", "renewed", "changed", "stopped"]
    assert {bytes(kind).decode() for kind in kinds} == set(written)  # type: ignore[arg-type]
