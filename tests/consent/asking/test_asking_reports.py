"""Reporting somebody who asks; and where the description of a storage says that one can ask."""

from __future__ import annotations

import pyoxigraph as ox
from support.asking import Speaker
from support.site import Site, Visitor

from werkpod.web.errors import Unavailable

LWS = "https://www.w3.org/ns/lws#"


async def test_who_asks_is_reported_without_anything_of_who_reports(site: Site, noor: Visitor, tool: Speaker) -> None:
    """146: the organisation sees who asked what, how often, and how many citizens say so; twice by one counts once."""
    other = await site.person("Bram")
    ask, same = await tool.asked("noor"), await tool.asked("bram")
    page = await noor.page(f"/regie/vragen/{ask}")
    assert "Jouw naam en je cv gaan niet mee." in page
    for _ in range(2):
        done = await noor.post(f"/regie/vragen/{ask}/meld", {})
        assert "Je melding is bewaard voor de organisatie." in await noor.page(done.headers["location"])
    assert "gezien" in await noor.page(f"/regie/vragen/{ask}")  # it can still be answered
    await other.post(f"/regie/vragen/{same}/meld", {})
    ((found, asked),) = await site.house.asking.reported()
    assert (found.kind, found.name, found.citizens, asked) == ("coach", "Karin Coach", 2, 2)
    assert found.sections
    assert (found.first % 86400, found.last % 86400) == (0, 0)
    assert "noor" not in repr(found).lower()
    assert "Je meldde Karin Coach bij de organisatie" in await noor.page("/regie/delen/logboek")
    assert (await tool.one(ask))["state"] == "waiting"
    assert (await other.post(f"/regie/vragen/{ask}/meld", {})).status_code == 404


async def test_an_answer_is_in_the_log_after_a_crash_between_the_two(
    site: Site, noor: Visitor, tool: Speaker
) -> None:  # fmt: skip
    """Where the line could not be written at once, the answer stands, and the chore writes the line, once."""
    ask = await tool.asked("noor")
    page = await noor.page(f"/regie/vragen/{ask}")
    digest = page.split('name="gezien" value="')[1].split('"')[0]
    write = site.house.ledger.record

    def broken(pod: str, entry: object) -> None:
        raise Unavailable("The log cannot be written.")

    site.house.ledger.record = broken  # type: ignore[method-assign]
    assert (await noor.post(f"/regie/vragen/{ask}", {"gezien": digest, "antwoord": "nee"})).status_code == 303
    site.house.ledger.record = write  # type: ignore[method-assign]
    assert (await tool.one(ask))["state"] == "refused"
    for _ in range(3):
        await site.house.acts.catch_up()
    lines = [line.entry.action for line in await site.house.ledger.entries(noor.account.id)]
    assert lines.count("request:refused") == 1


async def test_the_storage_says_where_one_can_ask(site: Site, noor: Visitor) -> None:
    """Linked Web Storage, "Discovery": an AccessRequestService with its endpoint, in the description of the storage."""
    answer = await site.http.get(f"{noor.account.storage}.well-known/solid", headers={"Accept": "text/turtle"})
    graph = ox.Store()
    graph.load(answer.content, ox.RdfFormat.TURTLE, base_iri=str(answer.url))
    (kind,) = graph.quads_for_pattern(None, None, ox.NamedNode(f"{LWS}AccessRequestService"))
    (named,) = graph.quads_for_pattern(kind.subject, ox.NamedNode(f"{LWS}serviceEndpoint"), None)
    assert named.object.value.endswith("/api/consent/v1/requests")
    (storage,) = graph.quads_for_pattern(None, ox.NamedNode(f"{LWS}service"), kind.subject)
    assert storage.subject.value == noor.account.storage
