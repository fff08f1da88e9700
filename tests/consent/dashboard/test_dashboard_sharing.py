"""Sharing by link and with a coach, the list of who sees what, the log, and messages."""

from __future__ import annotations

import re

import pytest
import segno
from support.site import Site, Visitor

from werkpod.apps.kit.notes import Note, note_body, parse_note
from werkpod.apps.kit.people import parse_people
from werkpod.consent.dashboard.link import qr_svg
from werkpod.consent.dashboard.notes import members
from werkpod.consent.dashboard.own import OwnPod
from werkpod.consent.links import LinkGone
from werkpod.pod.access.model import AccessEntry, Requester
from werkpod.vocab.cv import Experience, Identity, PartialDate, Summary

URL = re.compile(r'id="link">(http://localhost:8080/k/([A-Za-z0-9_-]{43}))<')


async def citizen(site: Site) -> Visitor:
    """Anna, with something in her CV."""
    anna = await site.person("Anna de Vries")
    await anna.write("identity", Identity(name="Anna de Vries"))
    await anna.write("summary", Summary(text="Rustig en precies."))
    job = Experience("2019-heftruck", "Heftruckchauffeur", None, "Magazijn BV", PartialDate("2019-03"))
    await anna.write("experience", job)
    return anna


async def people(site: Site, visitor: Visitor) -> list[tuple[str, str, str]]:
    """The people document of somebody's pod, read as the apps read it."""
    document = await (await OwnPod.of(site.house, visitor.account)).read("people")
    assert document is not None
    found = parse_people(document.body, f"{visitor.account.storage}people")
    return [(person.webid, person.name, person.inbox) for person in found]


async def make_link(visitor: Visitor, **changes: str | list[str]) -> tuple[str, str]:
    """Make a link by the form: its page and its secret."""
    fields: dict[str, str | list[str]] = {
        "onderdeel": ["summary", "experience"], "dagen": "7", "keren": "3", "naam": "Bakkerij", "code": "", **changes,
    }  # fmt: skip
    page = await visitor.post("/regie/delen/link", fields)
    assert page.status_code == 200, page.text
    found = URL.search(page.text)
    assert found is not None
    return page.text, found[2]


async def test_a_link_is_shown_once_with_its_qr_code(site: Site) -> None:
    """The page has the address and an SVG without styles; afterwards the address is nowhere any more."""
    anna = await citizen(site)
    page, secret = await make_link(anna)
    svg = re.search(r"<svg[^>]*>.*?</svg>", page[page.index("wp-qr") :], re.S)
    assert svg is not None
    assert "style" not in svg[0]
    for path in ("/regie/delen", "/regie/delen/link"):
        text = await anna.page(path)
        assert secret not in text
        assert "Bakkerij" in text
    _, grant = await site.house.links.open(secret)
    assert grant.sections == ("summary", "experience")


async def test_the_qr_code_says_the_address(site: Site) -> None:
    """The modules of the SVG are those of the link's QR code, dark where it is dark."""
    address = "http://localhost:8080/k/" + "a" * 43
    path = re.search(r'stroke="#000" d="([^"]+)"', qr_svg(address))
    assert path is not None
    dark, x, y = set(), 0.0, 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", path[1]):
        values = [float(n) for n in numbers.split()]
        if command == "h":
            dark |= {(int(x) + i, int(y)) for i in range(int(values[0]))}
            x += values[0]
        else:
            x, y = (x + values[0], y + values[1]) if command == "m" else (values[0], values[1])
    matrix = segno.make(address, error="m", micro=False).matrix
    assert dark == {(c + 4, r + 4) for r, row in enumerate(matrix) for c, module in enumerate(row) if module}


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"onderdeel": []}, 400, "Kies eerst wat je wilt delen."),
        ({"dagen": ""}, 400, "hoe lang en hoe vaak"),
        ({"keren": ""}, 400, "hoe lang en hoe vaak"),
        ({"code": "123"}, 400, "minstens 4 tekens"),
        ({"dagen": "3650"}, 400, ""),
        ({"keren": "1000000"}, 400, ""),
        ({"onderdeel": ["inbox"]}, 400, ""),
        ({"extra": "x"}, 400, ""),
    ],
)
async def test_no_link_comes_of_a_form_that_is_not_right(
    site: Site, changes: dict[str, str | list[str]], status: int, says: str
) -> None:
    """What is missing is said on the page, what the page did not offer is refused; no link either way."""
    anna = await citizen(site)
    fields: dict[str, str | list[str]] = {"onderdeel": ["summary"], "dagen": "7", "keren": "3", **changes}
    page = await anna.post("/regie/delen/link", fields)
    assert page.status_code == status
    assert says in page.text
    assert await site.house.links.list(anna.account.id) == []


async def test_nothing_is_ticked_beforehand(site: Site) -> None:
    """Neither for a link nor for a coach is any section chosen for the citizen."""
    anna = await citizen(site)
    await site.person("Karin", "coach")
    for path in ("/regie/delen/link", "/regie/delen/coach"):
        text = await anna.page(path)
        assert text.count('name="onderdeel"') == 9
        assert " checked" not in text


@pytest.mark.parametrize("path", ["/regie/delen/stop", "/regie/delen/link/stop"])
async def test_a_stopped_link_opens_nothing(site: Site, path: str) -> None:
    """From the list of what is shared or from the list of links: one press ends both link and grant."""
    anna = await citizen(site)
    _, secret = await make_link(anna)
    (link,) = await site.house.links.list(anna.account.id)
    fields = {"delen": link.grant} if path == "/regie/delen/stop" else {"link": link.id}
    stopped = await anna.post(path, dict(fields))
    assert "Je bent gestopt met delen." in await anna.page(stopped.headers["location"])
    with pytest.raises(LinkGone):
        await site.house.links.open(secret)
    assert "Niemand. Alleen jij kunt je gegevens zien." in await anna.page("/regie/delen")


async def test_a_link_that_is_used_up_is_not_listed_as_shared(site: Site) -> None:
    """The list says what can be seen now, not what could be seen once."""
    anna = await citizen(site)
    _, secret = await make_link(anna, keren="1")
    assert "0 van de 1 keer" in await anna.page("/regie/delen")
    await site.house.links.open(secret)
    text = await anna.page("/regie/delen")
    assert "Niemand. Alleen jij kunt je gegevens zien." in text
    assert "de link is op" in await anna.page("/regie/delen/gestopt")


async def test_a_link_goes_all_the_way_to_the_employers_page(site: Site) -> None:
    """Behind the link are the chosen sections and no others, and the citizen sees that somebody looked."""
    anna = await citizen(site)
    _, secret = await make_link(anna, onderdeel=["experience"])
    employer = site.visitor()
    assert "Heftruckchauffeur" not in await employer.page(f"/k/{secret}")
    opened = await employer.post(f"/k/{secret}", {})
    cv = await employer.page(opened.headers["location"])
    assert "Heftruckchauffeur" in cv
    assert "Rustig en precies" not in cv
    log = await anna.page("/regie/delen/logboek")
    assert "Iemand met je link voor Bakkerij" in log
    assert "heeft dit gezien: Je werk" in log


async def test_a_coach_gets_what_was_chosen_a_place_in_people_and_a_message(site: Site) -> None:
    """The grant is to the coach's WebID, `people` has name and inbox for other services, the inbox has a message."""
    anna, karin = await citizen(site), await site.person("Karin Coach", "coach")
    form = await anna.page("/regie/delen/coach")
    assert karin.account.webid in form
    done = await anna.post(
        "/regie/delen/coach", {"coach": karin.account.webid, "onderdeel": ["summary", "wishes"], "dagen": "90"}
    )
    assert "Je deelt nu met Karin Coach." in await anna.page(done.headers["location"])
    (grant,) = await site.house.grants.list(anna.account.id)
    assert (grant.agent, grant.client, grant.sections) == (karin.account.webid, None, ("summary", "wishes"))
    assert await people(site, anna) == [(karin.account.webid, "Karin Coach", f"{karin.account.storage}inbox/")]
    assert f"Iemand ({anna.account.slug}) deelt een cv met je." in await karin.page("/regie/berichten")
    assert "1 mens deelt nu iets met jou." in await karin.page("/")


async def test_the_message_to_a_coach_is_one_that_apps_can_read(site: Site) -> None:
    """The coach's app finds sender, words and time in it."""
    anna, karin = await citizen(site), await site.person("Karin Coach", "coach", lang="en")
    await anna.post("/regie/delen/coach", {"coach": karin.account.webid, "onderdeel": "summary", "dagen": "30"})
    own = await OwnPod.of(site.house, karin.account)
    (member,) = await members(own)
    document = await own.read(f"inbox/{member.name}")
    assert document is not None
    note = parse_note(document.body, f"{karin.account.storage}inbox/{member.name}", member.sender)
    assert note is not None
    assert (note.sender, note.title) == (anna.account.webid, f"Someone ({anna.account.slug}) shares a CV with you.")
    assert note.published


async def test_a_coach_goes_from_people_when_nothing_is_shared_any_more(site: Site) -> None:
    """The first of two stops leaves the coach there, the last takes the coach away; what others wrote stays."""
    anna, karin = await citizen(site), await site.person("Karin Coach", "coach")
    await anna.put("people", b'<https://x.example/#me> <http://xmlns.com/foaf/0.1/name> "Oom Piet" .')
    for section in ("summary", "experience"):
        await anna.post("/regie/delen/coach", {"coach": karin.account.webid, "onderdeel": section, "dagen": "30"})
    grants = await site.house.grants.list(anna.account.id)
    await anna.post("/regie/delen/stop", {"delen": grants[0].id})
    assert [webid for webid, *_ in await people(site, anna)] == [karin.account.webid]
    await anna.post("/regie/delen/stop", {"delen": grants[1].id})
    assert await people(site, anna) == []
    document = await (await OwnPod.of(site.house, anna.account)).read("people")
    assert document is not None
    assert b"Oom Piet" in document.body


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"onderdeel": "summary", "dagen": "30"}, "Kies met wie"),
        ({"coach": "https://elders.example/karin#me", "onderdeel": "summary", "dagen": "30"}, "Kies met wie"),
        ({"coach": "anders", "webid": "SELF", "onderdeel": "summary", "dagen": "30"}, "Kies met wie"),
        ({"coach": "COACH", "dagen": "30"}, "Kies eerst wat"),
        ({"coach": "COACH", "onderdeel": "summary"}, "hoe lang"),
    ],
)
async def test_sharing_with_a_coach_says_what_is_missing(site: Site, fields: dict[str, str], says: str) -> None:
    """Nobody known, nothing chosen, no end: one sentence on the page and nothing shared."""
    anna, karin = await citizen(site), await site.person("Karin Coach", "coach")
    places = {"COACH": karin.account.webid, "SELF": anna.account.webid}
    page = await anna.post("/regie/delen/coach", {k: places.get(v, v) for k, v in fields.items()})
    assert page.status_code == 400
    assert says in page.text
    assert await site.house.grants.list(anna.account.id) == []


async def test_a_coach_by_address(site: Site) -> None:
    """A WebID that was typed works as one that was picked."""
    anna, karin = await citizen(site), await site.person("Karin Coach", "coach")
    done = await anna.post(
        "/regie/delen/coach",
        {"coach": "anders", "webid": f" {karin.account.webid} ", "onderdeel": "summary", "dagen": "30"},
    )
    assert done.status_code == 303


async def test_nobody_stops_what_another_shares(site: Site) -> None:
    """Another's grant or link is as unknown as one that never was."""
    anna, bert = await citizen(site), await site.person("Bert")
    await make_link(anna)
    (link,) = await site.house.links.list(anna.account.id)
    for path, fields in (
        ("/regie/delen/stop", {"delen": link.grant}),
        ("/regie/delen/stop", {"delen": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}),
        ("/regie/delen/link/stop", {"link": link.id}),
    ):
        assert (await bert.post(path, dict(fields))).status_code == 404
    assert link.id in {x.id for x in await site.house.links.list(anna.account.id) if x.open(site.clock())}
    assert link.grant not in await bert.page(f"/regie/delen?gestopt={link.grant}")


async def test_somebody_elsewhere_cannot_look_by_the_name_of_an_app(site: Site) -> None:
    """Their own provider says which app they use; the log names who it was."""
    anna = await citizen(site)
    entry = AccessEntry(
        1_795_000_000.0, "read", "profile/card", "allowed",
        agent="https://mallory.example/#me", client="https://gemeente.example/app",
    )  # fmt: skip
    site.house.ledger.record(anna.account.id, entry)
    log = await anna.page("/regie/delen/logboek")
    assert "https://mallory.example/#me" in log
    assert "gemeente.example" not in log


async def test_the_log_is_by_day_in_pages_and_counts_repetition(site: Site) -> None:
    """Newest first; the same look in the same minute is one line; older lines are behind a button."""
    anna = await citizen(site)
    app = f"{site.house.settings.base_url}/apps/x/client.jsonld"
    for number in range(250):
        entry = AccessEntry(
            1_795_000_000.0 + number * 3600, "read" if number % 2 else "write", "cv/experience", "allowed", client=app
        )
        site.house.ledger.record(anna.account.id, entry)
    last = AccessEntry(1_796_000_000.0, "read", "notes/x", "refused", agent="https://x.example/#me")
    site.house.ledger.record(anna.account.id, last)
    site.house.ledger.record(anna.account.id, last)
    first = await anna.page("/regie/delen/logboek")
    assert "(2 keer)" in first
    assert "iets anders in je pod" in first
    assert "https://x.example/#me" in first
    assert first.count("<li><span") == 99
    assert "localhost:8080" in first
    second = await anna.page("/regie/delen/logboek?voor=153")
    third = await anna.page("/regie/delen/logboek?voor=53")
    assert (second.count("<li><span"), third.count("<li><span")) == (100, 52)
    assert "Eerder" in second
    assert "Eerder" not in third
    assert (await anna.get("/regie/delen/logboek?voor=x")).status_code == 200


async def test_messages_are_shown_with_the_sender_only_where_the_sender_is_known(site: Site) -> None:
    """A coach with whom one shares has a name; for a stranger the address is shown, as a stranger's."""
    anna, karin = await citizen(site), await site.person("Karin Coach", "coach")
    mallory = await site.person("Mallory")
    await anna.post("/regie/delen/coach", {"coach": karin.account.webid, "onderdeel": "summary", "dagen": "30"})
    pod = await site.house.pods.by_id(anna.account.id)
    assert pod is not None
    for sender in (karin, mallory):
        note = Note(sender=sender.account.webid, title="Een tip", text="Regel een.\n<b>Regel twee.</b>")
        body = note_body(note, target=anna.account.webid, now=1_795_000_000.0)
        agent = Requester(agent=sender.account.webid, client="https://x.example/")
        await site.house.service.post(agent, pod, "inbox/", body, "application/ld+json")
    text = await anna.page("/regie/berichten")
    assert "Van Karin Coach" in text
    assert f"Van iemand die je niet kent: {mallory.account.webid}" in text
    assert "&lt;b&gt;Regel twee." in text
    assert "Er zijn 2 berichten." in await anna.page("/")
    for name in re.findall(r'name="bericht" value="([^"]+)"', text):
        assert (await anna.post("/regie/berichten/weg", {"bericht": name})).status_code == 303
    assert "Er zijn geen berichten." in await anna.page("/regie/berichten")


@pytest.mark.parametrize("name", ["../cv/summary", ".acl", "", "x/y", "%2e%2e/x", "bestaat-niet"])
async def test_only_a_message_can_be_thrown_away(site: Site, name: str) -> None:
    """No name of a message leads out of the inbox or to its rules."""
    anna = await citizen(site)
    answer = await anna.post("/regie/berichten/weg", {"bericht": name})
    assert answer.status_code in (400, 404)
    own = await OwnPod.of(site.house, anna.account)
    assert await own.read("cv/summary") is not None
    assert await own.read("inbox/.acl") is not None
