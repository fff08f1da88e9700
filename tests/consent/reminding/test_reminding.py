"""Being told in time that sharing ends: once, in one's own inbox, and with nothing in it but a name and a day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.site import Site, Visitor, whole_site

from werkpod.chores import Chore
from werkpod.consent.grants import GrantRecord
from werkpod.consent.reminding import SOON, SOONER, Due, Reminders, worth_telling

DAY = 86400.0


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A site of the test's own."""
    async with whole_site(tmp_path) as made:
        yield made


def chore(site: Site) -> Chore:
    """The chore that a server does."""
    return next(chore for chore in site.house.chores if chore.name == "reminders")


async def give(site: Site, giver: Visitor, name: str, days: float, **changes: Any) -> GrantRecord:
    """Share with an app, since 100 days, for `days` from now."""
    now = site.clock()
    fields: dict[str, Any] = {
        "id": "", "pod": giver.account.id, "agent": giver.account.webid, "client": f"https://{name}.example/id",
        "receiver_name": name, "receiver_kind": "app", "sections": ("summary",), "created": now - 100 * DAY,
        "not_before": now - 100 * DAY, "until": now + days * DAY,
    }  # fmt: skip
    return await site.house.grants.create(GrantRecord(**{**fields, **changes}))


async def test_each_end_is_told_once_and_says_no_more_than_a_name_and_a_day(site: Site) -> None:
    """Checklist 145: 14 days and 2 days before; a second round tells nothing; of what was stopped nothing is said."""
    anna, bert = await site.person("Anna"), await site.person("Bert", lang="en")
    await give(site, anna, "Veertien", 13.9)
    await give(site, anna, "Twee", 1.9)
    await give(site, anna, "Later", 15)
    stopped = await give(site, anna, "Gestopt", 10)
    await site.house.grants.revoke(anna.account.id, stopped.id, by=anna.account.id)
    await give(site, bert, "Matcher", 13)
    assert [await chore(site).run(), await chore(site).run()] == [3, 0]
    page = await anna.page("/regie/berichten")
    assert "Over 14 dagen stopt het delen met Veertien." in page
    assert "Over 2 dagen stopt het delen met Twee." in page
    assert "Dan hoef je niets te doen." in page
    assert "Van je eigen pod" in page
    for word in ("Later", "Gestopt", "Over jou", "summary", anna.account.webid):
        assert word not in page
    assert "In 13 days sharing with Matcher stops." in await bert.page("/regie/berichten")


async def test_a_new_end_is_told_anew(site: Site) -> None:
    """Who made it longer hears of the new end, when that comes near."""
    anna = await site.person("Anna")
    grant = await give(site, anna, "App", 1)
    assert await chore(site).run() == 1
    await site.house.grants.change(replace(grant, until=site.clock() + 10 * DAY))
    assert [await chore(site).run(), await chore(site).run()] == [1, 0]


async def test_the_home_page_says_what_ends_soon(site: Site) -> None:
    """One line with the way to make it longer; nothing of what ends later."""
    anna = await site.person("Anna")
    assert "stopt het delen met" not in await anna.page("/")
    await give(site, anna, "Later", 15)
    soon = await give(site, anna, "Eerst", 3)
    await give(site, anna, "Daarna", 8)
    page = await anna.page("/")
    assert "Over 3 dagen stopt het delen met Eerst." in page
    assert f"/regie/delen/{soon.id}/veranderen" in page
    assert "Daarna" not in page


async def test_two_processes_tell_it_once(site: Site) -> None:
    """Whoever claims a reminder first has it; the other has nothing to tell."""
    anna = await site.person("Anna")
    await give(site, anna, "App", 1)
    reminders = site.house.reminders
    (due,) = await reminders.due()
    assert (due.pod, due.what, due.window) == (anna.account.id, "ends_2", SOONER)
    assert [await reminders.claim(due), await reminders.claim(due)] == [True, False]
    assert await Reminders(reminders._database).due() == []


@pytest.mark.parametrize(
    ("changes", "worth"),
    [
        ({}, True),
        ({"receiver_kind": "tool"}, False),
        ({"receiver_kind": "link", "agent": None, "link": "l"}, False),
        ({"once": True}, False),
        ({"until": 2.0}, False),
        ({"not_before": 1_000_000.0}, False),
    ],
)
def test_only_what_lasts_is_worth_a_message(changes: dict[str, Any], worth: bool) -> None:
    """Not a link, not one time, not a tool of one's own, not what lasts less than twice the time before its end."""
    fields: dict[str, Any] = {
        "id": "g", "pod": "p", "agent": "https://a.example/#me", "client": "https://b.example/", "receiver_name": "B",
        "receiver_kind": "app", "created": 0.0, "not_before": 0.0, "until": 2 * SOON, "sections": ("summary",),
    }  # fmt: skip
    due = Due("p", "g", 2 * SOON, "ends_14", SOON)
    assert worth_telling(GrantRecord(**{**fields, **changes}), due) is worth
