"""One thing that is shared: what exactly, what they see, less, longer, once more; the list by receiver and section."""

from __future__ import annotations

import html
import re
from typing import Any

from support.site import Site, Visitor

from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.dashboard.picture import PAGE, receiver_key
from werkpod.consent.grants import GrantRecord, to_access
from werkpod.pod.access.model import Mode, Requester
from werkpod.vocab.cv import Competence, Experience, Identity, PartialDate, Summary

DAY = 86400.0


async def citizen(site: Site) -> Visitor:
    """Anna, with a name, a job and a text."""
    anna = await site.person("Anna de Vries")
    await anna.write("identity", Identity(name="Anna de Vries"))
    await anna.write("summary", Summary(text="Rustig en precies."))
    jobs = [Experience(f"{name.lower()}-1", name, None, "Magazijn BV", PartialDate("2019")) for name in ("Kok", "Ober")]
    await anna.write("experience", *jobs)
    return anna


async def give(site: Site, giver: Visitor, receiver: Visitor | None = None, **changes: Any) -> GrantRecord:
    """Give something: to a coach, or, without one, to an app."""
    now, app = site.clock(), "https://app.example/id"
    fields: dict[str, Any] = {
        "id": "", "pod": giver.account.id, "agent": receiver.account.webid if receiver else giver.account.webid,
        "client": None if receiver else app, "receiver_name": receiver.account.name if receiver else "De app",
        "receiver_kind": "coach" if receiver else "app", "sections": ("summary", "experience"), "created": now,
        "not_before": now, "until": now + 30 * DAY, "purpose_text": "Om je te helpen.",
    }  # fmt: skip
    return await site.house.grants.create(GrantRecord(**{**fields, **changes}))


async def alter(visitor: Visitor, grant: GrantRecord, **fields: str | list[str]) -> tuple[str, dict[str, list[str]]]:
    """Send the form; the page with the difference, and what that sends on a yes."""
    form: dict[str, str | list[str]] = {"onderdeel": list(grant.sections), "dagen": "zelfde", **fields}
    page = await visitor.post(f"/regie/delen/{grant.id}/veranderen", form)
    assert page.status_code == 200, page.text
    kept: dict[str, list[str]] = {}
    for name, value in re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text.split("<footer")[0]
    ):
        kept.setdefault(name, []).append(html.unescape(value))
    return html.unescape(page.text), kept


async def yes(visitor: Visitor, grant: GrantRecord, kept: dict[str, list[str]]) -> int:
    """Say yes to the difference; the status of the answer."""
    return (await visitor.post(f"/regie/delen/{grant.id}/veranderen", dict(kept))).status_code


async def modes(site: Site, giver: Visitor, grant: GrantRecord, path: str) -> Mode:
    """What the receiver of a grant may do, with a token that names it."""
    own = await OwnPod.of(site.house, giver.account)
    who = Requester(agent=grant.agent, client=grant.client or "https://x.example/id", grant=grant.id)
    return (await site.house.service.access(who, own.pod, path)).modes


async def test_the_page_of_a_grant_says_it_all(site: Site) -> None:
    """Sections, what is left out by its name, purpose, ground, terms, who gave it, how often it was read."""
    anna, karin = await citizen(site), await site.person("Karin Coach", "coach")
    helper = await site.person("Henk Helpt")
    grant = await give(
        site, anna, karin, hidden_entries=("experience#kok-1",), hidden_fields=("experience.employer",), keep="P30D",
    )  # fmt: skip
    own = await OwnPod.of(site.house, anna.account)
    coach = Requester(agent=karin.account.webid, client="https://x.example/id")
    body = (await site.house.service.read(coach, own.pod, "cv/experience")).body.decode()
    page = html.unescape(await anna.page(f"/regie/delen/{grant.id}"))
    for text in (
        "Karin Coach", "Je coach", "Over jou", "Je werk", "Dit laat je weg:", "Kok", "Je werk: bij wie je werkte",
        "alleen zien", "Om je te helpen.", "Jij hebt ja gezegd.", "tot 30 dagen nadat", "Dat mag niet.",
        "1 keer gelezen", "Je begon met delen.", "Stop met delen", "/veranderen", "/zien",
    ):  # fmt: skip
        assert text in page, text
    seen = html.unescape(await anna.page(f"/regie/delen/{grant.id}/zien"))
    assert "Kok" not in seen
    assert "Magazijn BV" not in seen
    assert body in seen  # byte for byte what the coach read
    lines = await site.house.ledger.entries(anna.account.id)
    assert [line.entry.action for line in lines if line.entry.path] == ["read"]  # the coach's; the preview is in no log
    assert helper.account.webid not in page
    for path in ("", "/zien", "/veranderen", "/opnieuw"):
        assert (await helper.get(f"/regie/delen/{grant.id}{path}")).status_code == 404


async def test_narrowing_is_told_first_and_counts_at_once(site: Site) -> None:
    """The difference is words until there is a yes; then a token that was out gives no more than what is left."""
    anna = await citizen(site)
    grant = await give(site, anna)
    page, kept = await alter(anna, grant, onderdeel=["summary"], dagen="7")
    assert "De app ziet straks niet meer: Je werk." in page
    assert "De app mag 23 dagen korter kijken: tot" in page
    assert await modes(site, anna, grant, "cv/experience") == Mode.READ
    assert await yes(anna, grant, kept) == 303
    after = await site.house.grants.get(anna.account.id, grant.id)
    assert (after.version, after.sections) == (2, ("summary",))
    assert after.until is not None
    assert abs(after.until - site.clock() - 7 * DAY) < 60
    assert await modes(site, anna, grant, "cv/experience") == Mode.NONE
    assert await modes(site, anna, grant, "cv/summary") == Mode.READ
    assert "Je veranderde wat je deelt." in await anna.page(f"/regie/delen/{grant.id}?klaar=2")


async def test_a_yes_to_what_is_not_so_any_more_changes_nothing(site: Site) -> None:
    """Between the difference and the yes another window changed the grant: the form comes back, as it is now."""
    anna = await citizen(site)
    grant = await give(site, anna)
    _, first = await alter(anna, grant, onderdeel=["summary"])
    _, second = await alter(anna, grant, weg="experience.employer")
    assert await yes(anna, grant, second) == 303
    answer = await anna.post(f"/regie/delen/{grant.id}/veranderen", dict(first))
    assert answer.status_code == 409
    assert "Dit is intussen veranderd." in answer.text
    after = await site.house.grants.get(anna.account.id, grant.id)
    assert (after.version, after.sections, after.hidden_fields) == (2, grant.sections, ("experience.employer",))
    assert (await anna.post(f"/regie/delen/{grant.id}/veranderen", {**first, "versie": ["7"]})).status_code == 400


async def test_a_coach_may_get_more_and_an_app_may_not(site: Site) -> None:
    """Widening is for receivers whom the citizen chose themselves; an app asks. For longer goes for both."""
    anna, karin = await citizen(site), await site.person("Karin Coach", "coach")
    for receiver, widens in ((karin, True), (None, False)):
        grant = await give(site, anna, receiver, sections=("summary",), hidden_fields=("summary.text",))
        wish: dict[str, Any] = {"onderdeel": ["summary"], "dagen": "zelfde"}
        answer = await anna.post(f"/regie/delen/{grant.id}/veranderen", wish)
        assert ("ziet straks ook: Over jou: je eigen tekst." in html.unescape(answer.text)) is widens
        assert ("Meer delen kan hier niet." in answer.text) is not widens
        wish |= {"onderdeel": ["summary", "wishes"]}
        answer = await anna.post(f"/regie/delen/{grant.id}/veranderen", wish)
        assert answer.status_code == (200 if widens else 400)
        page, kept = await alter(anna, grant, dagen="365", weg="summary.text")
        assert "mag 335 dagen langer kijken: tot" in page
        assert await yes(anna, grant, kept) == 303
        assert len(await site.house.grants.history(anna.account.id, grant.id)) == 2


WHOLE = {"everything": True, "sections": ()}
WRITES = {"actions": ("read", "write")}
UNFINISHED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"onderdeel": []}, "Kies eerst wat je wilt delen."),
    (WRITES, {"weg": "experience.employer", "mag": "veranderen"}, "krijgt dat deel helemaal"),
    ({}, {"dagen": "30", "tot": "2099-01-01"}, "niet allebei"),
    ({}, {"dagen": "", "tot": "2001-01-01"}, "al voorbij"),
    ({}, {}, "Er wordt niets anders"),
    (WHOLE, {"alles": "alles", "onderdeel": []}, "Er wordt niets anders"),
    (WHOLE, {"alles": "deel", "onderdeel": ["summary"]}, "niet meer: alles in je pod, behalve Over jou."),
    (WRITES, {"mag": "kijken"}, "mag straks alleen dit: alleen zien."),
]


async def test_what_is_missing_is_said_and_nothing_changes(site: Site) -> None:
    """One sentence on the page, whatever the form says; the grant stays at its first version."""
    anna = await citizen(site)
    for changes, fields, says in UNFINISHED:
        grant = await give(site, anna, **changes)
        wish = {"onderdeel": list(grant.sections), "dagen": "zelfde", **fields}
        answer = await anna.post(f"/regie/delen/{grant.id}/veranderen", wish)
        assert says in html.unescape(answer.text), says
        assert len(await site.house.grants.history(anna.account.id, grant.id)) == 1


async def test_a_form_that_is_not_ours_changes_nothing(site: Site) -> None:
    """Other fields, other values, a moment that has been, a link that would last longer: refused, with a reason."""
    anna = await citizen(site)
    grant = await give(site, anna)
    link = await site.house.links.create(anna.account, ["summary"], days=7, views=3, label="Bakkerij")
    base: dict[str, Any] = {"onderdeel": ["summary", "experience"], "dagen": "zelfde", "zeker": "ja", "versie": "1"}
    for bad in ({"x": "1"}, {"mag": "alles"}, {"einde": "12"}, {"einde": "x"}, {"onderdeel": ["inbox"]}, {"dagen": "9"},
                {"weg": "identity.name"}):  # fmt: skip
        assert (await anna.post(f"/regie/delen/{grant.id}/veranderen", {**base, **bad})).status_code == 400, bad
    longer = {"onderdeel": ["summary"], "dagen": "30", "zeker": "ja", "versie": "1"}
    exactly = {**longer, "einde": str(int(site.clock() + 30 * DAY))}
    for fields in (longer, exactly):
        answer = await anna.post(f"/regie/delen/{link.grant}/veranderen", fields)
        assert (answer.status_code, "Maak een nieuwe link." in answer.text) == (400, True)
    await site.house.grants.revoke(anna.account.id, grant.id, by=anna.account.id)
    assert (await anna.post(f"/regie/delen/{grant.id}/veranderen", base)).status_code == 404
    assert [len(await site.house.grants.history(anna.account.id, id_)) for id_ in (grant.id, link.grant)] == [2, 1]


async def test_what_was_stopped_can_be_given_again_for_a_new_time(site: Site) -> None:
    """A new grant that says which it comes after; pressing twice gives once; the coach is told and is in `people`."""
    anna, karin = await citizen(site), await site.person("Karin Coach", "coach")
    grant = await give(site, anna, karin, hidden_fields=("experience.employer",))
    stopped = await anna.post("/regie/delen/stop", {"delen": grant.id})
    assert f"/regie/delen/{grant.id}/opnieuw" in await anna.page(stopped.headers["location"])
    assert f"/regie/delen/{grant.id}/opnieuw" in await anna.page("/regie/delen/gestopt")
    question = html.unescape(await anna.page(f"/regie/delen/{grant.id}/opnieuw"))
    assert "Rustig en precies." in question
    assert "Magazijn BV" not in question
    assert " selected" not in question.replace('<option value="" selected>', "")  # the time is asked anew
    assert (await anna.post(f"/regie/delen/{grant.id}/opnieuw", {"dagen": ""})).status_code == 400
    assert await site.house.grants.list(anna.account.id, active_only=True) == []
    for _ in range(2):
        assert (await anna.post(f"/regie/delen/{grant.id}/opnieuw", {"dagen": "90"})).status_code == 303
    (again,) = await site.house.grants.list(anna.account.id, active_only=True)
    assert (again.renews, again.sections, again.hidden_fields) == (grant.id, grant.sections, grant.hidden_fields)
    assert again.until is not None
    assert abs(again.until - site.clock() - 90 * DAY) < 60
    assert "deelt een cv met je." in await karin.page("/regie/berichten")
    assert "Je deelde dit opnieuw." in await anna.page(f"/regie/delen/{again.id}")
    link = await site.house.links.create(anna.account, ["summary"], days=7, views=3)
    await site.house.links.stop(anna.account.id, link.id, by=anna.account.id)
    assert (await anna.post(f"/regie/delen/{link.grant}/opnieuw", {"dagen": "90"})).status_code == 404
    assert (await anna.get(f"/regie/delen/{again.id}/opnieuw")).status_code == 404  # it is in force


async def test_the_list_by_receiver_and_by_section(site: Site) -> None:
    """Who sees your work; everything of one coach, access rules too; and all of that coach ends with one yes."""
    anna, karin = await citizen(site), await site.person("Karin Coach", "coach")
    first = await give(site, anna, karin, sections=("summary",))
    await give(site, anna, karin, sections=("wishes",))
    app = await give(site, anna, sections=("experience",), receiver_name="Werkapp")
    acl, at = "http://www.w3.org/ns/auth/acl#", f"<{anna.account.storage}cv/experience>"
    rule = f"<#r> a <{acl}Authorization> ; <{acl}agent> <{karin.account.webid}> ; <{acl}accessTo> {at} ; "
    await anna.put("cv/experience.acl", f"{rule} <{acl}mode> <{acl}Read> .".encode())
    work = await anna.page("/regie/delen?deel=experience")
    assert work.count('action="/regie/delen/stop"') == 1
    assert work.count('action="/regie/delen/regel/stop"') == 1
    assert "Werkapp</h3>" in work
    one = await anna.page(f"/regie/delen?van={receiver_key(first)}")
    assert (one.count('action="/regie/delen/stop"'), one.count('action="/regie/delen/regel/stop"')) == (2, 1)
    assert "Stop alles van Karin Coach" in one
    assert (await anna.page("/regie/delen?van=niemand&deel=x")).count('action="/regie/delen/stop"') == 0
    where = f"/regie/delen/stop-van?wie={receiver_key(first)}"
    assert "Wil je niets meer delen met Karin Coach?" in await anna.page(where)
    assert len(await site.house.grants.list(anna.account.id, active_only=True)) == 3
    done = await anna.post("/regie/delen/stop-van", {"wie": receiver_key(first)})
    for text in ("Het is gestopt", "delen met 2 coaches", "1 regel"):
        assert text in done.text
    assert [grant.id for grant in await site.house.grants.list(anna.account.id, active_only=True)] == [app.id]
    assert (await anna.post("/regie/delen/stop-van", {"wie": ""})).status_code == 404
    assert len(await site.house.grants.list(anna.account.id, active_only=True)) == 1


async def test_a_long_list_is_in_pages(site: Site) -> None:
    """Each line once, newest first, on two pages; what ended too."""
    anna = await citizen(site)
    grants = [await give(site, anna, client=f"https://app{n}.example/id") for n in range(PAGE + 3)]
    first = await anna.page("/regie/delen")
    ids = re.findall(r'name="delen" value="(\w+)"', first)
    older = re.search(r'href="(/regie/delen\?voor=[^"]+)"', first)
    assert older is not None
    ids += re.findall(r'name="delen" value="(\w+)"', await anna.page(html.unescape(older[1])))
    assert ids == [grant.id for grant in reversed(grants)]
    assert "En nog" not in await anna.page("/regie/delen/stop-alles")
    await anna.post("/regie/delen/stop-alles")
    ended = await anna.page("/regie/delen/gestopt")
    older = re.search(r'href="(/regie/delen/gestopt\?voor=[^"]+)"', ended)
    assert older is not None
    assert ended.count("je bent gestopt.") + (await anna.page(older[1])).count("je bent gestopt.") == PAGE + 3


async def test_a_hint_is_shown_until_it_is_put_aside(site: Site) -> None:
    """On the page of hints and on that of the grant; "dit is goed zo" ends it for this grant, nothing else."""
    anna, karin = await citizen(site), await site.person("Karin Coach", "coach")
    grants = [await give(site, anna, karin, until=None) for _ in range(2)]
    page = await anna.page("/regie/delen/minder")
    assert page.count("Er is geen einddatum. Karin Coach mag kijken tot jij stopt.") == 2
    assert "Er is geen einddatum." in await anna.page(f"/regie/delen/{grants[0].id}")
    for _ in range(2):
        aside = {"delen": grants[0].id, "wat": "endless", "terug": "https://evil.example/"}
        answer = await anna.post("/regie/delen/minder/weg", aside)
        assert answer.headers["location"] == "/regie/delen/minder?weg=1"
    assert (await anna.page("/regie/delen/minder")).count("Er is geen einddatum.") == 1
    assert "Er is geen einddatum." not in await anna.page(f"/regie/delen/{grants[0].id}")
    assert (await anna.post("/regie/delen/minder/weg", {"delen": grants[0].id, "wat": "x"})).status_code == 400
    assert (await karin.post("/regie/delen/minder/weg", {"delen": grants[1].id, "wat": "endless"})).status_code == 404


async def test_hints_come_from_what_was_read(site: Site) -> None:
    """A section that was read is not called unread; what was read in the past makes the page say so."""
    anna, karin = await citizen(site), await site.person("Karin Coach", "coach")
    await anna.write("competences", Competence("c1", "Lassen"))
    long_ago = site.clock() - 200 * DAY
    grant = await give(site, anna, karin, created=long_ago, not_before=long_ago)
    assert "Karin Coach heeft al 90 dagen niet gekeken." in await anna.page("/regie/delen/minder")
    own = await OwnPod.of(site.house, anna.account)
    coach = Requester(agent=karin.account.webid, client="https://x.example/id")
    await site.house.service.read(coach, own.pod, "cv/summary")
    page = await anna.page(f"/regie/delen/{grant.id}")
    assert "Karin Coach heeft dit nog nooit gelezen: Je werk." in page
    assert "al 90 dagen" not in page


async def test_the_page_of_an_access_rule_shows_what_they_see(site: Site) -> None:
    """Read as that person reads it: what they see of a section is on the page, and no line of it in the log."""
    anna = await citizen(site)
    bea = "https://bea.example/#me"
    acl = "http://www.w3.org/ns/auth/acl#"
    at = f"<{anna.account.storage}cv/>"
    rule = f"<#r> a <{acl}Authorization> ; <{acl}agent> <{bea}> ; <{acl}default> {at} ; <{acl}mode> <{acl}Read> ."
    await anna.put("cv/.acl", rule.encode())
    page = html.unescape(await anna.page(f"/regie/delen/regel?waar=cv/&wie={bea.replace('#', '%23')}"))
    own = await OwnPod.of(site.house, anna.account)
    for path in ("cv/summary", "cv/experience"):
        body = (await site.house.service.read(Requester(agent=bea), own.pod, path, preview=True)).body.decode()
        assert body in page
    assert await site.house.ledger.entries(anna.account.id) == []
    assert (await anna.get("/regie/delen/regel?waar=cv/&wie=iedereen")).status_code == 404
    assert to_access(await give(site, anna)).active(site.clock())
