"""Share links: nothing is told to whoever has no link, and nothing counts but a press of the button (check 147)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.oauth import BASE, QUICK
from support.site import Site, Visitor, whole_site

from werkpod.consent.accounts.passphrases import Hasher
from werkpod.vocab.cv import Experience, Identity, PartialDate

LINK = "/regie/delen/link"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A site of the test's own."""
    async with whole_site(tmp_path, allow_loopback=False) as started:
        started.house.links._hasher = Hasher(QUICK)  # argon2id all the same: the work, not the weight
        yield started


@pytest.fixture
async def noor(site: Site) -> Visitor:
    """A citizen with a name and work."""
    noor = await site.person("Noor Zandstra")
    await noor.write("identity", Identity(name="Noor Zandstra"))
    await noor.write(
        "experience", Experience("kok", label="Kok bij De Pan", employer="Pakhuis Fictie", start=PartialDate("2015"))
    )
    return noor


async def made(noor: Visitor, *, views: int = 3, passcode: str | None = None, **fields: str) -> str:
    """The path of a link that Noor makes."""
    links = noor.site.house.links
    link = await links.create(
        noor.account, ("identity", "experience"), days=7, views=views, passcode=passcode, **fields
    )  # type: ignore[arg-type]
    assert link.url is not None
    return link.url.removeprefix(BASE)


async def opened(visitor: Visitor, path: str, code: str = "") -> str:
    """Press the button; the page that follows."""
    there = await visitor.post(path, {"code": code})
    return (await visitor.get(there.headers["location"])).text if there.status_code == 303 else there.text


async def used(noor: Visitor) -> list[int]:
    """How often each of Noor's links was used, newest first."""
    return [link.used for link in await noor.site.house.links.list(noor.account.id)]


async def test_previews_use_no_view_and_learn_nothing(site: Site, noor: Visitor) -> None:
    """Checklist 147: GET and HEAD, as chat programs and scanners send them, count nothing, write nothing, and say
    nothing of it.

    The page is the same, byte for byte but for its own address, for a link that opens and for one that never was.
    """
    path, bot = await made(noor, views=1), site.visitor()
    never = "/k/" + "x" * 43
    pages = []
    for each in (path, never):
        for agent in ("WhatsApp/2.24", "Slackbot-LinkExpanding 1.0", "facebookexternalhit/1.1"):
            got = await bot.client.get(each, headers={"User-Agent": agent})
            head = await bot.client.head(each, headers={"User-Agent": agent})
            assert (got.status_code, head.status_code, head.content) == (200, 200, b"")
            assert got.headers["x-robots-tag"] == "noindex, nofollow, noarchive"
            assert got.headers["referrer-policy"] == "same-origin"
            assert got.headers["cache-control"] == "no-store"
            assert "set-cookie" not in got.headers
        pages.append(got.text.replace(each, "PATH"))
    assert pages[0] == pages[1]
    assert all(word not in pages[0] for word in ("og:", "twitter:", "Noor", "Kok", "description"))
    assert await used(noor) == [0]
    assert [x.entry.action for x in await site.house.ledger.entries(noor.account.id) if "link" in x.entry.action] == []


async def test_every_reason_has_one_answer(site: Site, noor: Visitor) -> None:
    """Checklist 147: unknown, malformed, used up, stopped, wrong code, no code and locked: one page, one status,
    same headers."""
    full, stopped, coded = await made(noor, views=1), await made(noor), await made(noor, passcode="wortel 42")
    locked = await made(noor, passcode="wortel 42")
    await opened(site.visitor(), full)
    link = next(x for x in await site.house.links.list(noor.account.id) if not x.passcode and x.used == 0)
    await noor.post(f"{LINK}/stop", {"link": link.id})
    for _ in range(10):
        await opened(site.visitor(), locked, "fout")
    tries = [("/k/" + "x" * 43, ""), ("/k/kort", ""), (full, ""), (stopped, ""), (coded, "fout"), (coded, ""),
             (locked, "wortel 42")]  # fmt: skip
    answers = [(path, await site.visitor().post(path, {"code": code})) for path, code in tries]
    assert {answer.status_code for _, answer in answers} == {404}
    assert len({answer.text.replace(path, "PATH") for path, answer in answers}) == 1
    assert len({tuple(sorted((k, v) for k, v in a.headers.items() if k != "content-length")) for _, a in answers}) == 1


async def test_guessing_is_slowed_down(site: Site, noor: Visitor) -> None:
    """Checklist 147, 149: after sixty misses in a minute an address has to wait, also with a link that opens."""
    path, guesser = await made(noor), site.visitor()
    for place in range(60):
        assert (await guesser.post(f"/k/kort{place}")).status_code == 404
    refused = await guesser.post(path)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert await used(noor) == [0]


async def test_the_last_view_has_one_reader_who_may_read_on(site: Site, noor: Visitor) -> None:
    """Of many at once one has the last view; that one may reload, without using another."""
    path = await made(noor, views=1)
    people = [site.visitor() for _ in range(6)]
    pages = await asyncio.gather(*(opened(each, path) for each in people))
    assert ["Kok bij De Pan" in page for page in pages].count(True) == 1
    reader = people[["Kok bij De Pan" in page for page in pages].index(True)]
    for _ in range(3):
        assert "Kok bij De Pan" in await reader.page(f"{path}/cv")
    assert await used(noor) == [1]


async def test_the_first_opening_is_told_with_nothing_of_the_reader(site: Site, noor: Visitor) -> None:
    """Checklist 145: a message says which link and when, once; neither it nor the log has an address or a browser
    in it."""
    path, reader = await made(noor, label="Bakkerij"), site.visitor()
    reader.client.headers["User-Agent"] = "Lezer/7.3 (Uniek)"
    for _ in range(2):
        await opened(reader, path)
    messages = await noor.page("/regie/berichten")
    assert messages.count("Je link voor Bakkerij is voor het eerst geopend op") == 1
    assert "Van je eigen pod" in messages
    lines = [x.entry for x in await site.house.ledger.entries(noor.account.id) if x.entry.action == "link:opened"]
    assert [(x.outcome, x.agent) for x in lines] == [("allowed", None)] * 2
    for text in (messages, repr(lines)):
        assert "Lezer" not in text
        assert "127.0.0.1" not in text


async def test_a_link_leaves_out_what_was_left_out(site: Site, noor: Visitor) -> None:
    """What its maker left out is in no byte of what the reader gets; and the page showed exactly that before."""
    form: dict[str, str | list[str]] = {
        "onderdeel": ["experience"], "weg": ["experience.employer", "experience.period"], "dagen": "7", "keren": "3",
        "stond": "experience#kok", "keuze": "",
    }  # fmt: skip
    before = (await noor.post(LINK, {**form, "laat": "zien"})).text
    assert "Kok bij De Pan" in before
    assert "Pakhuis Fictie" not in before.split("Dit krijgt", 1)[1]
    page = (await noor.post(LINK, form)).text
    path = page.split('id="link">', 1)[1].split("<", 1)[0].removeprefix(BASE)
    cv = await opened(site.visitor(), path)
    assert "Kok bij De Pan" in cv
    assert all(word not in cv for word in ("Pakhuis Fictie", "2015", "Noor"))


async def test_the_address_is_shown_once(site: Site, noor: Visitor) -> None:
    """The page that makes a link has it, with its picture; no later page, and no file of the server, has it again."""
    form: dict[str, str | list[str]] = {"onderdeel": "experience", "dagen": "7", "keren": "3"}
    page = (await noor.post(LINK, form)).text
    secret = page.split('id="link">', 1)[1].split("<", 1)[0].rpartition("/")[2]
    assert 'href="data:image/png;base64,' in page
    assert "<svg" in page
    for path in (LINK, "/regie/delen", "/regie/delen/logboek", "/regie/berichten"):
        assert secret not in await noor.page(path)
    assert secret.encode() not in site.raw()


async def test_only_its_maker_stops_a_link(site: Site, noor: Visitor) -> None:
    """Checklist 147: the link of somebody else is answered as one that never was."""
    await made(noor)
    (link,) = await site.house.links.list(noor.account.id)
    other = await site.person("Fatma Yilmaz")
    theirs = await other.post(f"{LINK}/stop", {"link": link.id})
    never = await other.post(f"{LINK}/stop", {"link": "01J00000000000000000000000"})
    assert (theirs.status_code, theirs.text) == (never.status_code, never.text) == (404, theirs.text)
    assert [x.stopped_at for x in await site.house.links.list(noor.account.id)] == [None]
