"""Share links: so long, so often, with a passcode or without, and over when stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.regie import BASE, EMPLOYER, CountingHasher, Regie, regie

from werkpod.consent.links import LinkGone, LinkNotFound, LinkRefused, ShareLink


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Regie]:
    async with regie(tmp_path) as made:
        yield made


def secret(link: ShareLink) -> str:
    """The secret in a link's address."""
    assert link.url is not None
    return link.url.removeprefix(f"{BASE}/k/")


async def test_a_link_opens_its_sections_for_the_employers_app(parts: Regie) -> None:
    """The address holds the secret, and opening it leads to a grant of those sections to that app only."""
    link = await parts.links.create(parts.anna, ["summary", "experience"], days=7, views=3, label="Bakker")
    pod, grant = await parts.links.open(secret(link))
    assert (pod, grant.sections, grant.client, grant.agent) == (
        parts.anna.id, ("summary", "experience"), EMPLOYER, None,
    )  # fmt: skip
    assert (grant.link, grant.until) == (link.id, link.until)
    (listed,) = await parts.links.list(parts.anna.id)
    assert (listed.used, listed.label, listed.url) == (1, "Bakker", None)


async def test_the_last_view_goes_to_one_reader(parts: Regie) -> None:
    """Of many openings at once exactly as many succeed as there were views."""
    link = await parts.links.create(parts.anna, ["summary"], days=7, views=3)
    results = await asyncio.gather(*(parts.links.open(secret(link)) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(r, LinkGone) for r in results) == 5
    assert sum(isinstance(r, tuple) for r in results) == 3


async def test_past_stopped_and_unknown_links_have_one_answer(parts: Regie) -> None:
    """A reader cannot tell why a link opens nothing."""
    past = await parts.links.create(parts.anna, ["summary"], days=1, views=3)
    parts.clock.now += 86400
    stopped = await parts.links.create(parts.anna, ["summary"], days=1, views=3)
    await parts.links.stop(parts.anna.id, stopped.id, by=parts.anna.id)
    revoked = await parts.links.create(parts.anna, ["summary"], days=1, views=3)
    await parts.grants.revoke(parts.anna.id, revoked.grant, by=parts.anna.id)
    erased = await parts.pod()
    orphan = await parts.links.create(erased, ["summary"], days=1, views=3)
    await parts.vault.erase(erased.id)
    answers = set()
    for value in (secret(past), secret(stopped), secret(revoked), secret(orphan), "nonsense"):
        with pytest.raises(LinkGone) as raised:
            await parts.links.open(value)
        answers.add((raised.value.status, raised.value.detail))
    assert len(answers) == 1


async def test_every_link_that_does_not_open_costs_the_same_work(parts: Regie) -> None:
    """Unknown, past, used up, stopped, a wrong code and none: one passcode is looked at, so time tells nothing."""
    assert isinstance(parts.links._hasher, CountingHasher)
    used = await parts.links.create(parts.anna, ["summary"], days=1, views=1)
    await parts.links.open(secret(used))
    stopped = await parts.links.create(parts.anna, ["summary"], days=1, views=1, passcode="bakkerij 12")
    await parts.links.stop(parts.anna.id, stopped.id, by=parts.anna.id)
    coded = await parts.links.create(parts.anna, ["summary"], days=1, views=1, passcode="bakkerij 12")
    locked = await parts.links.create(parts.anna, ["summary"], days=1, views=1, passcode="bakkerij 12")
    for _ in range(10):
        with pytest.raises(LinkGone):
            await parts.links.open(secret(locked), "fout")
    tries = [("x" * 43, None), (secret(used), None), (secret(used), "fout"), (secret(stopped), "bakkerij 12"),
             (secret(coded), "fout"), (secret(coded), None), (secret(locked), "bakkerij 12")]  # fmt: skip
    costs = []
    for value, code in tries:
        before = parts.links._hasher.looked
        with pytest.raises(LinkGone):
            await parts.links.open(value, code)
        costs.append(parts.links._hasher.looked - before)
    assert costs == [1] * len(tries)


async def test_openings_are_in_the_ledger(parts: Regie) -> None:
    """Each opening has a line of its own with the grant, and so has each wrong code; who it was is not known."""
    link = await parts.links.create(parts.anna, ["summary"], days=1, views=3, passcode="bakkerij 12")
    with pytest.raises(LinkGone):
        await parts.links.open(secret(link), "fout")
    await parts.links.open(secret(link), "bakkerij 12")
    lines = [line.entry for line in await parts.ledger.entries(parts.anna.id)]
    assert [(x.action, x.outcome, x.reason, x.grant, x.agent, x.client) for x in lines] == [
        ("link:opened", "allowed", "", link.grant, None, EMPLOYER),
        ("link:opened", "refused", "passcode", link.grant, None, EMPLOYER),
    ]


async def test_the_first_opening_is_told_once(parts: Regie) -> None:
    """The first reader is news, the second is not; first and last opening are known to the maker."""
    told: list[tuple[str, float | None]] = []

    async def hear(pod: str, link: ShareLink) -> None:
        told.append((link.label, link.first_opened))

    parts.links.tell(hear)
    link = await parts.links.create(parts.anna, ["summary"], days=1, views=3, label="Bakker")
    first = parts.clock.now
    await parts.links.open(secret(link))
    parts.clock.now += 60
    await parts.links.open(secret(link))
    assert told == [("Bakker", first)]
    (listed,) = await parts.links.list(parts.anna.id)
    assert (listed.first_opened, listed.last_opened) == (first, first + 60)


async def test_a_link_leaves_out_what_its_maker_left_out(parts: Regie) -> None:
    """Entries and fields that were left out are in the grant that opening leads to."""
    link = await parts.links.create(
        parts.anna, ["experience"], days=1, views=1,
        narrow=lambda record: replace(record, hidden_fields=("experience.employer",), hidden_entries=("experience#a",)),
    )  # fmt: skip
    _, grant = await parts.links.open(secret(link))
    assert (grant.hidden_fields, grant.hidden_entries) == (("experience.employer",), ("experience#a",))


async def test_a_pod_has_only_so_many_links(parts: Regie, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the bound one has to stop a link first; and in one day not more than so many are made."""
    monkeypatch.setattr("werkpod.consent.links.links.AT_ONCE", 2)
    monkeypatch.setattr("werkpod.consent.links.links.A_DAY", 3)
    made = [await parts.links.create(parts.anna, ["summary"], days=1, views=1) for _ in range(2)]
    with pytest.raises(LinkRefused, match="at most 2"):
        await parts.links.create(parts.anna, ["summary"], days=1, views=1)
    await parts.links.stop(parts.anna.id, made[0].id, by=parts.anna.id)
    await parts.links.create(parts.anna, ["summary"], days=1, views=1)
    await parts.links.stop(parts.anna.id, made[1].id, by=parts.anna.id)
    with pytest.raises(LinkRefused, match="in a day"):
        await parts.links.create(parts.anna, ["summary"], days=1, views=1)
    parts.clock.now += 86401
    await parts.links.create(parts.anna, ["summary"], days=1, views=1)


async def test_stopping_a_link_stops_its_grant_and_the_other_way_round(parts: Regie) -> None:
    """One press ends both, wherever it is pressed, and only the maker can."""
    one = await parts.links.create(parts.anna, ["summary"], days=1, views=3)
    two = await parts.links.create(parts.anna, ["summary"], days=1, views=3)
    other = await parts.pod()
    with pytest.raises(LinkNotFound):
        await parts.links.stop(parts.anna.id, one.id, by=other.id)
    ended = await parts.links.stop(parts.anna.id, one.id, by=parts.anna.id)
    assert ended.stopped_at == parts.clock.now
    assert (await parts.grants.get(parts.anna.id, one.grant)).revoked_at == parts.clock.now
    await parts.grants.revoke(parts.anna.id, two.grant, by=parts.anna.id)
    assert [link.open(parts.clock.now) for link in await parts.links.list(parts.anna.id)] == [False, False]


async def test_a_passcode_is_asked_and_cannot_be_tried_for_ever(parts: Regie) -> None:
    """A wrong or missing code opens nothing and costs no view; after ten wrong ones the right one is too late."""
    link = await parts.links.create(parts.anna, ["summary"], days=1, views=3, passcode="bakkerij 12")
    for wrong in (None, "", "bakkerij 13"):
        with pytest.raises(LinkGone):
            await parts.links.open(secret(link), wrong)
    await parts.links.open(secret(link), "bakkerij 12")
    assert [(x.used, x.passcode) for x in await parts.links.list(parts.anna.id)] == [(1, True)]
    for _ in range(10):
        with pytest.raises(LinkGone):
            await parts.links.open(secret(link), "bakkerij 13")
    with pytest.raises(LinkGone):
        await parts.links.open(secret(link), "bakkerij 12")


@pytest.mark.parametrize(
    ("sections", "days", "views", "names"),
    [
        ([], 1, 1, "at least one"),
        (["inbox"], 1, 1, "not inbox"),
        (["summary"], 0, 1, "not 0"),
        (["summary"], 366, 1, "not 366"),
        (["summary"], 1, 0, "not 0"),
        (["summary"], 1, 1001, "not 1001"),
    ],
)
async def test_a_link_that_cannot_be_is_refused_by_name(
    parts: Regie, sections: list[str], days: int, views: int, names: str
) -> None:
    """Too long, too often, nothing, or something that is no part of a CV: said so, nothing made."""
    with pytest.raises(LinkRefused, match=names):
        await parts.links.create(parts.anna, sections, days=days, views=views)
    assert await parts.links.list(parts.anna.id) == []
    assert await parts.grants.list(parts.anna.id) == []


async def test_the_files_do_not_hold_the_secret_the_passcode_or_the_label(parts: Regie) -> None:
    """A dump of the database opens no link."""
    link = await parts.links.create(
        parts.anna, ["summary"], days=1, views=3, passcode="bakkerij 12", label="Bakker Jan"
    )
    raw = parts.raw()
    for literal in (secret(link), "bakkerij", "Bakker Jan", "summary", EMPLOYER):
        assert literal.encode() not in raw, literal
