"""Whoever acts for a citizen: checks 88 and 139 (its second half) of the security checklist."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.routing import Route
from support.asking import digest_on, tool_of
from support.helping import FOR, ROOT, Helping, helping
from support.site import Site, Visitor, whole_site

from werkpod.consent import dashboard
from werkpod.consent.grants import GrantRecord
from werkpod.consent.mandates import Acting, BeyondMandate
from werkpod.pod.store.protocol import ExpectationFailed
from werkpod.site import _dashboard_parts
from werkpod.vocab.cv import Education, Experience
from werkpod.web.pages import Pages

COACH, DAY = "/regie/delen/coach", 86400.0


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A site of the test's own."""
    async with whole_site(tmp_path, allow_loopback=False) as started:
        yield started


@pytest.fixture
async def two(site: Site) -> Helping:
    """Sanne, and Karin who is a coach and may share two sections of hers for at most 90 days."""
    two = await helping(site, "coach")
    await two.agree(mag=["share"])
    await two.begin()
    return two


@pytest.fixture
async def omar(site: Site) -> Visitor:
    """Another coach."""
    return await site.person("Omar Haddad", "coach")


async def share(two: Helping, receiver: Visitor, *sections: str, days: str = "90") -> str:
    """Karin shares in Sanne's name: "given", "beyond" what she may, "over", or "again": the form is shown anew."""
    form = {"coach": receiver.account.webid, "onderdeel": list(sections), "dagen": days}
    answer = await two.karin.post(COACH, two.named(form))
    if answer.status_code == 303:
        return "beyond" if answer.headers["location"] == f"{FOR}?meer=1" else "given"
    return {400: "again", 403: "over"}[answer.status_code]


async def given(two: Helping) -> list[GrantRecord]:
    """What is shared of Sanne's now."""
    return list(await two.site.house.grants.list(two.sanne.account.id, active_only=True))


async def acting(two: Helping) -> Acting:
    """Karin at work, as a request that began a moment ago sees it."""
    house = two.site.house
    mandate = await house.mandates.get(two.sanne.account.id, two.mandate)
    return Acting(mandate, two.sanne.account, two.karin.account)


async def record(two: Helping, receiver: Visitor) -> GrantRecord:
    """A grant within the limits."""
    now = two.site.clock()
    return GrantRecord(
        id="", pod=two.sanne.account.id, agent=receiver.account.webid, client=None, receiver_name="Omar",
        receiver_kind="coach", created=now, not_before=now, until=now + DAY, sections=("summary",),
        given_by=two.karin.account.webid,
    )  # fmt: skip


async def test_what_is_given_says_who_gave_it(two: Helping, omar: Visitor) -> None:
    """Checklist 88, 139: within the limits it is given, the grant names who gave it, and so does a line of the
    ledger."""
    assert await share(two, omar, "summary") == "given"
    (grant,) = await given(two)
    assert (grant.given_by, grant.agent, grant.sections) == (
        two.karin.account.webid, omar.account.webid, ("summary",),
    )  # fmt: skip
    await two.site.house.acts.settled()
    assert ("grant:given", omar.account.webid, two.karin.account.webid) in await two.acts()
    listed = await two.sanne.page("/regie/delen")
    assert "Omar Haddad" in listed
    assert "gegeven namens jou" in listed
    assert "Karin Blom" in await two.sanne.page(f"/regie/delen/{grant.id}")


async def test_beyond_the_limits_nothing_is_given(two: Helping, omar: Visitor) -> None:
    """Checklist 88: another section, too long, nothing at all, and to themselves: refused, and nothing is there
    afterwards."""
    assert await share(two, omar, "summary", "identity") == "again"
    assert await share(two, omar, "summary", days="180") == "beyond"
    assert await share(two, two.karin, "summary") == "beyond"
    assert await share(two, omar) == "again"
    assert await given(two) == []


async def test_the_inside_of_other_sections_stays_closed(two: Helping) -> None:
    """Checklist 88: choosing what to share shows the sections of the mandate, and of the others nothing, not even
    on request."""
    await two.sanne.write("experience", Experience("kok", label="Kok bij De Pan"))
    await two.sanne.write("education", Education("vmbo", label="Koksschool Fictie"))
    page = await two.karin.page(COACH)
    assert "Kok bij De Pan" in page
    assert "Koksschool" not in page
    asked = await two.karin.post(COACH, two.named({"onderdeel": "education", "laat": "zien"}))
    assert (asked.status_code, "Koksschool" in asked.text) == (400, False)


async def test_a_page_that_forgets_the_giver_gives_nothing(two: Helping, omar: Visitor) -> None:
    """Checklist 88: a grant made while somebody acts names them or is not made; nobody is named while nobody acts."""
    grants, within = two.site.house.grants, await record(two, omar)
    with (await acting(two)).at_work():
        with pytest.raises(BeyondMandate):
            await grants.create(replace(within, given_by=None))
        assert (await grants.create(within)).given_by == two.karin.account.webid
    with pytest.raises(BeyondMandate, match="Nobody acts"):
        await grants.create(within)


async def test_they_change_and_stop_only_what_they_may(two: Helping, omar: Visitor) -> None:
    """Checklist 88: what the citizen gave herself is not changed by others, and not stopped by who may not stop."""
    grants = two.site.house.grants
    own = await grants.create(replace(await record(two, omar), given_by=None))
    with (await acting(two)).at_work():
        with pytest.raises(BeyondMandate):
            await grants.change(replace(own, until=own.until and own.until - 60, given_by=two.karin.account.webid))
        with pytest.raises(BeyondMandate):
            await grants.revoke(own.pod, own.id, by=own.pod)
    assert (await grants.get(own.pod, own.id)) == own


async def test_what_the_citizen_does_herself_is_hers(two: Helping, omar: Visitor) -> None:
    """Checklist 139: she shortens and stops what was given for her; the log has that without the name of who gave
    it."""
    grants, karin = two.site.house.grants, two.karin.account.webid
    with (await acting(two)).at_work():
        theirs = await grants.create(await record(two, omar))
    assert theirs.until is not None
    await grants.change(replace(theirs, until=theirs.until - 60))
    await grants.revoke(theirs.pod, theirs.id, by=theirs.pod)
    await two.site.house.acts.settled()
    done = [(what, by) for what, _, by in await two.acts() if what.startswith("grant:")]
    assert done == [("grant:given", karin), ("grant:changed", None), ("grant:stopped", None)]


async def test_a_stop_wins_from_what_is_under_way(two: Helping, omar: Visitor) -> None:
    """Checklist 88: a request that began before the stop gives nothing after it: the mandate and the grant are one
    unit."""
    house, within, at_work = two.site.house, await record(two, omar), await acting(two)
    used = house.mandates.used(at_work.mandate)
    await two.sanne.post(f"{ROOT}/stop", {"hulp": two.mandate})
    with at_work.at_work(), pytest.raises(BeyondMandate):
        await house.grants.create(within)
    with pytest.raises(ExpectationFailed):
        await house.accounts._database.write(used)
    assert await share(two, omar, "summary") == "over"
    assert await given(two) == []


async def test_stop_and_share_at_once(two: Helping, omar: Visitor) -> None:
    """Checklist 88: of many at the same moment each is given or refused as a whole, and after the stop none is."""
    tries = [share(two, omar, "summary") for _ in range(6)]
    stop = two.sanne.post(f"{ROOT}/stop", {"hulp": two.mandate})
    *answers, stopped = await asyncio.gather(*tries, stop)
    assert stopped.status_code == 303
    assert set(answers) <= {"given", "beyond", "over"}
    assert len(await given(two)) == answers.count("given")
    assert await share(two, omar, "summary") == "over"


async def test_no_page_but_those_that_say_so(two: Helping) -> None:
    """Checklist 88: every page and form of a citizen is closed to representatives, except what a mandate is
    declared for.

    Settings, recovery, the CV, messages, receipts, mandates, links and apps are among the closed ones. Pages about
    whoever is signed in stay their own.
    """
    house = two.site.house
    parts = _dashboard_parts(house, Pages(["werkpod.consent"], base_url=house.settings.base_url))
    places = ("/regie/", "/oauth/toestemming")
    routes = [r for r in dashboard.routes(parts) if isinstance(r, Route) and r.path.startswith(places)]
    closed = [r for r in routes if not r.path.startswith((FOR, COACH)) and "{" not in r.path]
    assert {"/regie/instellingen", "/regie/cv", "/oauth/toestemming", f"{ROOT}/nieuw/ja", "/regie/delen/link"} <= {
        r.path for r in closed
    }
    for route in closed:
        if "GET" in (route.methods or ()):
            there = await two.karin.get(route.path)
            assert (there.status_code, there.headers.get("location")) == (303, f"{FOR}?niet=1"), route.path
        else:
            there = await two.karin.post(route.path, two.named({}))
            assert (there.status_code, there.headers.get("location")) == (303, f"{FOR}?meer=1"), route.path


async def test_answering_is_within_the_same_limits(site: Site, omar: Visitor) -> None:
    """Checklist 88: a request for other sections shows nothing of them and gets no yes; neither does one of their
    own."""
    two = await helping(site, "coach")
    await two.agree(mag=["answer"], onderdeel=["summary"])
    await two.begin()
    await two.sanne.write("experience", Experience("kok", label="Kok bij De Pan"))
    omars, karins = await tool_of(site, omar), await tool_of(site, two.karin)
    slug = two.sanne.account.slug
    more = await omars.asked(slug, sections=["summary", "experience"])
    own = await karins.asked(slug, sections=["summary"])
    within = await omars.asked(slug, sections=["summary"], duration="P30D")
    ends = {}
    for ask in (more, own, within):
        page = await two.karin.page(f"/regie/vragen/{ask}")
        assert "De Pan" not in page
        yes = await two.karin.post(f"/regie/vragen/{ask}", two.named({"gezien": digest_on(page), "antwoord": "ja"}))
        ends[ask] = yes.headers["location"]
    assert ends == {more: f"{FOR}?meer=1", own: f"{FOR}?meer=1", within: "/regie/vragen?gedaan=ja"}
    (grant,) = await given(two)
    assert (grant.request, grant.given_by) == (within, two.karin.account.webid)
    assert (await omars.one(more))["state"] == (await karins.one(own))["state"] == "waiting"
    await site.house.acts.settled()
    assert ("request:approved", omar.account.webid, two.karin.account.webid) in await two.acts()


async def test_receipts_and_grants_of_others_are_not_theirs(two: Helping, omar: Visitor) -> None:
    """Checklist 88: without "see" the grants that the citizen gave, their receipts and who looked are closed."""
    own = await two.site.house.grants.create(replace(await record(two, omar), given_by=None))
    for path in (f"/regie/delen/{own.id}", f"/regie/delen/{own.id}/zien", "/regie/delen/logboek", "/regie/delen"):
        assert (await two.karin.get(path)).headers.get("location") == f"{FOR}?niet=1", path
    assert "Omar" not in await two.karin.page(FOR)


async def test_a_mandate_of_others_is_nobodys(two: Helping, site: Site, omar: Visitor) -> None:
    """Checklist 88: who is not named in a mandate cannot accept, use or end it, and it cannot be told from one that
    is not."""
    none = "01J00000000000000000000000"
    for path, more in (("antwoord", {"antwoord": "ja"}), ("begin", {}), ("stop", {})):
        theirs, nobodys = [await omar.post(f"{FOR}/{path}", {"hulp": each, **more}) for each in (two.mandate, none)]
        assert (theirs.status_code, theirs.content) == (nobodys.status_code, nobodys.content) == (404, theirs.content)
    other = await site.person("Fatma Yilmaz")
    assert (await other.post(f"{ROOT}/stop", {"hulp": two.mandate})).status_code == 404


async def test_an_invitation_does_not_tell_who_is_here(two: Helping) -> None:
    """Checklist 147: asking somebody who has no account is answered as asking somebody who has one."""
    answers = [
        await two.sanne.post(f"{ROOT}/nieuw/ja", two.asks(gebruikersnaam=name))
        for name in ("omar-haddad", "niemand-hier")
    ]
    assert {(a.status_code, a.headers["location"], a.content) for a in answers} == {(303, f"{ROOT}?gevraagd=1", b"")}


async def test_nothing_readable_is_kept_of_a_mandate(two: Helping) -> None:
    """Names, addresses and limits are nowhere in the files."""
    raw = two.site.raw()
    for literal in (b"Tante Karin", two.karin.account.webid.encode(), b"mentor"):
        assert literal not in raw
